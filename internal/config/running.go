package config

import (
	"log/slog"
	"strings"
	"time"
)

// limitsOff reads LIMITS. Without limits a public site would be open to
// anybody's script, so it works on this machine alone.
func (r *reading) limitsOff(local bool) bool {
	switch strings.ToLower(r.Limits) {
	case "", "on":
		return false
	case "off":
		if !local {
			r.complain("LIMITS", "may be off only while PUBLIC_URL is on this machine, such as http://localhost:8080; set it to on, or unset it")
		}
		return true
	}
	r.complain("LIMITS", "%q is neither on nor off", r.Limits)
	return false
}

// farthestShift bounds the clock: beyond it dates stop making sense.
const farthestShift = 20 * 365 * 24 * time.Hour

// clockShift reads KINTSUGI_CLOCK, under the same condition as LIMITS.
func (r *reading) clockShift(local bool) time.Duration {
	if r.Clock == "" {
		return 0
	}
	shift, err := time.ParseDuration(r.Clock)
	if err != nil || shift.Abs() > farthestShift {
		r.complain("KINTSUGI_CLOCK", "%q is no shift of the clock; write hours, minutes or seconds with a sign, such as +36h or -90m", r.Clock)
		return 0
	}
	if !local {
		r.complain("KINTSUGI_CLOCK", "may shift the clock only while PUBLIC_URL is on this machine, such as http://localhost:8080; unset it")
	}
	return shift
}

func (r *reading) logLevel() slog.Level {
	switch strings.ToLower(r.LogLevel) {
	case "debug":
		return slog.LevelDebug
	case "", "info":
		return slog.LevelInfo
	case "warn", "warning":
		return slog.LevelWarn
	case "error":
		return slog.LevelError
	}
	r.complain("LOG_LEVEL", "%q is none of debug, info, warn, error", r.LogLevel)
	return slog.LevelInfo
}

func (r *reading) logJSON() bool {
	switch strings.ToLower(r.LogFormat) {
	case "json":
		return true
	case "", "text":
		return false
	}
	r.complain("LOG_FORMAT", "%q is neither text nor json", r.LogFormat)
	return false
}

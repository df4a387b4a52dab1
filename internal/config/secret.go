package config

import "log/slog"

// Secret is a value that is never printed. Only Reveal gives it away.
type Secret string

// Reveal gives the value itself, to the one who needs it.
func (s Secret) Reveal() string { return string(s) }

// String tells only whether there is one.
func (s Secret) String() string {
	if s == "" {
		return "(unset)"
	}
	return "(set)"
}

// GoString is String for %#v.
func (s Secret) GoString() string { return s.String() }

// LogValue is String for the log.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is String for whoever writes the struct out as text or JSON.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

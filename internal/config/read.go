package config

import (
	"fmt"
	"strings"

	"github.com/caarlos0/env/v11"
)

// Read reads an environment of "NAME=value" lines, such as os.Environ gives,
// for a server. The error is Complaints: everything that is wrong.
func Read(environ []string) (Config, error) { return read(environ, true) }

// ReadForTool reads it for a command that does its work and stops. Such a
// command serves nobody, so it asks neither for the address people use nor for
// a keyset beside an external database; what is given is checked all the same.
func ReadForTool(environ []string) (Config, error) { return read(environ, false) }

func read(environ []string, serving bool) (Config, error) {
	given := env.ToMap(environ)
	var w words
	if err := env.ParseWithOptions(&w, env.Options{Environment: given}); err != nil {
		return Config{}, fmt.Errorf("read environment: %w", err)
	}
	w.trim()
	r := &reading{words: w, given: given, serving: serving}
	c := Config{
		DatabaseURL:    r.databaseURL(),
		Data:           r.data(),
		Listen:         r.listen(),
		AdminListen:    r.adminListen(),
		SMTPURL:        r.smtpURL(),
		MailFrom:       r.mailFrom(),
		Keyset:         r.keyset(),
		KeysetFile:     r.KeysetFile,
		ErasedList:     r.erasedList(),
		Stripe:         r.stripe(),
		TrustedProxies: r.trustedProxies(),
		LogLevel:       r.logLevel(),
		LogJSON:        r.logJSON(),
	}
	var local bool
	c.PublicURL, local = r.publicURL()
	c.LimitsOff = r.limitsOff(local)
	c.ClockShift = r.clockShift(local)
	if len(r.complaints) > 0 {
		return Config{}, r.complaints
	}
	return c, nil
}

// reading is one pass over the environment and what it has to complain about.
type reading struct {
	words
	given      map[string]string
	serving    bool
	complaints Complaints
}

// complain notes what is wrong with a variable. Say must not repeat a secret.
func (r *reading) complain(name, say string, args ...any) {
	r.complaints = append(r.complaints, Complaint{Name: name, Say: fmt.Sprintf(say, args...)})
}

// trim takes the blanks off both ends, which editors and shells leave there.
func (w *words) trim() {
	for _, v := range []*string{
		&w.DatabaseURL, &w.Data, &w.Listen, &w.AdminListen, &w.PublicURL, &w.SMTPURL, &w.MailFrom,
		&w.Keyset, &w.KeysetFile, &w.ErasedList, &w.StripeSecretKey, &w.StripeWebhookSecret, &w.StripeAPIBase,
		&w.TrustedProxies, &w.Limits, &w.Clock, &w.LogLevel, &w.LogFormat,
	} {
		*v = strings.TrimSpace(*v)
	}
}

// Complaint is one thing that is wrong with a variable, and what would be
// right.
type Complaint struct {
	Name string
	Say  string
}

// Complaints are all that is wrong, one line each.
type Complaints []Complaint

// Error gives one line a complaint: the variable, then what would be right.
func (c Complaints) Error() string {
	lines := make([]string, len(c))
	for i, one := range c {
		lines[i] = one.Name + ": " + one.Say
	}
	return strings.Join(lines, "\n")
}

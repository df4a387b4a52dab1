// Package config turns the environment into one checked struct. It reports
// everything that is wrong at once, each complaint naming its variable and
// what would be right, so that a person mends a start in one go. It opens
// nothing and connects to nothing.
//
// A variable that is set but blank counts as unset, because that is what
// compose files and unit files make of an empty default. The exception is
// Stripe: a blank secret there is refused, since a payment that nobody can
// verify must not look like one that was never set up.
package config

import (
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"time"

	"github.com/caarlos0/env/v11"
)

// Config is what the environment says, checked.
type Config struct {
	DatabaseURL    Secret         // empty: the program runs its own PostgreSQL in Data
	Data           string         // folder of the embedded database and of generated keys
	Listen         string         // address to serve people on
	AdminListen    string         // address for metrics and profiling; empty: off
	PublicURL      Origin         // the address people use; zero until Bound when it follows a port not yet known
	SMTPURL        Secret         // empty: letters wait in the outbox
	MailFrom       string         // empty: the practice's own address
	Keyset         Secret         // the keyset's text; empty: one is kept in Data
	KeysetFile     string         // the file that it came from; empty where it came from none
	ErasedList     string         // full path of the list of what was erased; empty only for a tool that has no place for it
	Stripe         Stripe         // zero: payments are not set up
	TrustedProxies []netip.Prefix // peers whose X-Forwarded-For is believed
	LimitsOff      bool           // no request limits and no fill time, for load tests
	ClockShift     time.Duration  // how far the program's clock is ahead of the machine's
	LogLevel       slog.Level
	LogJSON        bool
}

// Stripe is how payments reach us.
type Stripe struct {
	SecretKey      Secret
	WebhookSecrets []Secret // several while one is being rolled
	APIBase        string   // another address for Stripe's API; test keys only
}

// Set reports whether payments are set up.
func (s Stripe) Set() bool { return s.SecretKey != "" }

// CheckoutOrigin is the origin of the pages on which people pay; empty while
// payments are not set up.
func (s Stripe) CheckoutOrigin() string {
	if !s.Set() {
		return ""
	}
	if u, err := url.Parse(s.APIBase); err == nil && u.Host != "" {
		return u.Scheme + "://" + u.Host
	}
	return "https://checkout.stripe.com"
}

// Bound completes the configuration once the listener is open: where PUBLIC_URL
// follows the port, and the port was the system's to choose, it is known only
// now.
func (c Config) Bound(addr net.Addr) Config {
	if c.PublicURL.IsZero() {
		if _, port, err := net.SplitHostPort(addr.String()); err == nil {
			c.PublicURL = localOrigin(port)
		}
	}
	return c
}

// words are the variables as they stand in the environment.
type words struct {
	DatabaseURL         string `env:"DATABASE_URL"`
	Data                string `env:"KINTSUGI_DATA"`
	Listen              string `env:"LISTEN"`
	AdminListen         string `env:"ADMIN_LISTEN"`
	PublicURL           string `env:"PUBLIC_URL"`
	SMTPURL             string `env:"SMTP_URL"`
	MailFrom            string `env:"MAIL_FROM"`
	Keyset              string `env:"KINTSUGI_KEYSET"`
	KeysetFile          string `env:"KINTSUGI_KEYSET_FILE"`
	ErasedList          string `env:"KINTSUGI_ERASED_LIST"`
	StripeSecretKey     string `env:"STRIPE_SECRET_KEY"`
	StripeWebhookSecret string `env:"STRIPE_WEBHOOK_SECRET"`
	StripeAPIBase       string `env:"STRIPE_API_BASE"`
	TrustedProxies      string `env:"TRUSTED_PROXIES"`
	Limits              string `env:"LIMITS"`
	Clock               string `env:"KINTSUGI_CLOCK"`
	LogLevel            string `env:"LOG_LEVEL"`
	LogFormat           string `env:"LOG_FORMAT"`
}

// Names lists every variable that is read here, for the test that holds the
// files in deploy to it.
func Names() []string {
	params, err := env.GetFieldParams(&words{})
	if err != nil {
		panic(err) // words is a plain struct
	}
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = p.Key
	}
	return names
}

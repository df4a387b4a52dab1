package config

import (
	"net/mail"
	"net/url"
	"strings"
)

// smtpURL checks what can be known without asking the mail server. The mail
// room reads the parts.
func (r *reading) smtpURL() Secret {
	if r.SMTPURL == "" {
		return ""
	}
	u, err := url.Parse(r.SMTPURL)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" ||
		u.Port() != "" && !isPort(u.Port(), 1) ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		// The address may hold a password, so it is not repeated.
		r.complain("SMTP_URL", "this is not the address of a mail server; write smtp://USER:PASSWORD@HOST:587 (STARTTLS) or smtps://USER:PASSWORD@HOST:465, with special characters of the password as %%XX")
		return ""
	}
	if u.User != nil {
		password, _ := u.User.Password()
		if u.User.Username() == "" || password == "" {
			r.complain("SMTP_URL", "has half of a sign-in; write both user and password before the @, or neither")
		}
	}
	return Secret(r.SMTPURL)
}

func (r *reading) mailFrom() string {
	if r.MailFrom == "" {
		return ""
	}
	a, err := mail.ParseAddress(r.MailFrom)
	if err != nil || !strings.Contains(a.Address, "@") || strings.ContainsFunc(a.Address, isControl) || strings.ContainsFunc(a.Name, isControl) {
		r.complain("MAIL_FROM", "%q is no mail address; write one, such as hello@example.org, perhaps with a name: Common Ground <hello@example.org>", r.MailFrom)
	}
	return r.MailFrom
}

func isControl(c rune) bool { return c < ' ' || c == 0x7f }

// stripe takes both secrets or neither. A blank one is refused: it would let
// anybody sign an event.
func (r *reading) stripe() Stripe {
	var s Stripe
	blank := false
	for _, name := range []string{"STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_API_BASE"} {
		if value, set := r.given[name]; set && strings.TrimSpace(value) == "" {
			r.complain(name, "is blank; give it its value or take it out of the environment altogether")
			blank = true
		}
	}
	key, hook := r.StripeSecretKey, r.StripeWebhookSecret
	switch {
	case blank:
		return s
	case key == "" && hook == "":
		if r.StripeAPIBase != "" {
			r.complain("STRIPE_API_BASE", "is set without STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET; set those too, or unset this")
		}
		return s
	case hook == "" && !r.serving: // a command may ask Stripe for the endpoint whose secret this is
	case hook == "":
		r.complain("STRIPE_WEBHOOK_SECRET", "is missing beside STRIPE_SECRET_KEY; copy the signing secret (whsec_…) of the webhook endpoint, or unset both")
	case key == "":
		r.complain("STRIPE_SECRET_KEY", "is missing beside STRIPE_WEBHOOK_SECRET; copy the secret key (sk_…) of the account, or unset both")
	}
	if key != "" && !startsWithAny(key, "sk_test_", "sk_live_", "rk_test_", "rk_live_") {
		r.complain("STRIPE_SECRET_KEY", "is no secret key; it begins with sk_live_ or, for trying things out, sk_test_")
	}
	s.SecretKey = Secret(key)
	s.WebhookSecrets = r.webhookSecrets()
	s.APIBase = r.stripeAPIBase(key)
	return s
}

func (r *reading) webhookSecrets() []Secret {
	if r.StripeWebhookSecret == "" {
		return nil
	}
	var secrets []Secret
	for one := range strings.SplitSeq(r.StripeWebhookSecret, ",") {
		one = strings.TrimSpace(one)
		switch {
		case one == "":
			r.complain("STRIPE_WEBHOOK_SECRET", "has a blank between its commas; write the secrets with one comma between them")
			return nil
		case startsWithAny(one, "sk_", "rk_", "pk_"):
			r.complain("STRIPE_WEBHOOK_SECRET", "is an API key; copy the signing secret (whsec_…) of the webhook endpoint")
			return nil
		}
		secrets = append(secrets, Secret(one))
	}
	return secrets
}

func (r *reading) stripeAPIBase(key string) string {
	if r.StripeAPIBase == "" {
		return ""
	}
	if key != "" && !strings.HasPrefix(key, "sk_test_") {
		r.complain("STRIPE_API_BASE", "is honoured only with a test key (sk_test_…); unset it")
		return ""
	}
	o, err := ParseOrigin(r.StripeAPIBase)
	if err != nil {
		r.complain("STRIPE_API_BASE", "%q is no address of an API; %s", r.StripeAPIBase, err)
	}
	return o.String()
}

func startsWithAny(text string, beginnings ...string) bool {
	for _, b := range beginnings {
		if strings.HasPrefix(text, b) {
			return true
		}
	}
	return false
}

package payment

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"kintsugi/internal/civil"

	"github.com/stripe/stripe-go/v76"
)

// Finding is one thing that was looked at in how payments are set up.
type Finding struct {
	State string // good, note, wrong
	Say   string
}

// The states of a finding.
const (
	Good  = "good"
	Note  = "note" // worth knowing, and may be meant
	Wrong = "wrong"
)

// worstSkew is how far Stripe's clock may be from ours before its signatures are
// in danger of being taken for old ones.
const worstSkew = 2 * time.Minute

// Examine looks at how payments are set up: keys, mode, endpoint, events, clock.
// It asks Stripe and changes nothing.
func (s *Service) Examine(ctx context.Context) ([]Finding, error) {
	x := &findings{}
	if !s.Ready() {
		x.add(Note, "payments are not set up: packages are shown, and buying says so")
		return x.list, nil
	}
	account, err := s.stripe().Accounts.Get()
	switch {
	case stripeSaid(err) != nil && stripeSaid(err).HTTPStatusCode == http.StatusUnauthorized:
		x.add(Wrong, "Stripe does not know this STRIPE_SECRET_KEY: copy the secret key of the account again")
		return x.list, nil
	case isRefused(err):
		x.add(Note, "this key may not look at the account, so its settings cannot be checked from here")
	case err != nil:
		x.add(Wrong, "Stripe does not answer (%s): see whether this machine reaches api.stripe.com", wordless("look at account", err))
		return x.list, nil
	default:
		s.account(x, account)
	}
	s.mode(x)
	if err := s.endpoint(ctx, x); err != nil {
		return nil, err
	}
	if err := s.heard(ctx, x); err != nil {
		return nil, err
	}
	x.add(Note, "Stripe can mail receipts by itself, and no hold here stops those: leave \"Successful payments\" and \"Refunds\" off in Stripe under Settings, Customer emails")
	return x.list, nil
}

type findings struct{ list []Finding }

func (x *findings) add(state, say string, args ...any) {
	x.list = append(x.list, Finding{state, fmt.Sprintf(say, args...)})
}

func (s *Service) account(x *findings, a *stripe.Account) {
	if a.ChargesEnabled {
		x.add(Good, "Stripe knows the key, and the account may take payments")
	} else {
		x.add(Wrong, "the account may not take payments yet: finish its registration at Stripe")
	}
	if a.LastResponse != nil {
		if theirs, err := http.ParseTime(a.LastResponse.Header.Get("Date")); err == nil {
			if skew := s.wall().Sub(theirs).Round(time.Second); skew.Abs() > worstSkew {
				x.add(Wrong, "this machine's clock is %s away from Stripe's, so its events will be taken for old ones: set it by network time", skew.Abs())
			} else {
				x.add(Good, "this machine's clock agrees with Stripe's")
			}
		}
	}
	if a.Settings != nil && a.Settings.Payments != nil && a.Settings.Payments.StatementDescriptor != "" {
		x.add(Note, "card statements begin with %q: it should be a discreet name; change it at Stripe under Settings, Public details", a.Settings.Payments.StatementDescriptor)
	}
}

func (s *Service) mode(x *findings) {
	local := strings.Contains(s.Site, "://localhost") || strings.Contains(s.Site, "://127.") || strings.Contains(s.Site, "://[::1]")
	switch {
	case s.Stripe.APIBase != "":
		x.add(Note, "STRIPE_API_BASE leads to %s instead of Stripe; no money moves", s.Stripe.APIBase)
	case s.live() && local:
		x.add(Wrong, "the key is for real money, and PUBLIC_URL is on this machine: use a test key to try things out")
	case s.live():
		x.add(Good, "the key is for real money")
	default:
		x.add(Note, "the key is a test key: no money moves")
	}
}

func (s *Service) endpoint(ctx context.Context, x *findings) error {
	there, err := s.endpoints(ctx)
	if err != nil {
		x.add(Note, "the endpoints at Stripe cannot be listed with this key (%s)", err)
		return nil
	}
	if len(there) == 0 {
		x.add(Wrong, "there is no webhook endpoint for %s: kintsugi stripe endpoint makes one", s.Site+webhookPath)
		return nil
	}
	for _, e := range there {
		switch missing := lacks(e); {
		case e.Status != "enabled":
			x.add(Wrong, "the webhook endpoint %s is switched off at Stripe", e.ID)
		case e.APIVersion == "":
			x.add(Note, "the webhook endpoint %s speaks whatever version of the API the account has, not %s: its events are heard all the same", e.ID, stripe.APIVersion)
		case e.APIVersion != stripe.APIVersion:
			x.add(Note, "the webhook endpoint %s speaks version %s of the API, not %s: its events are heard all the same", e.ID, e.APIVersion, stripe.APIVersion)
		case len(missing) > 0:
			x.add(Wrong, "the webhook endpoint %s leaves out %s: add them at Stripe", e.ID, strings.Join(missing, ", "))
		default:
			x.add(Good, "the webhook endpoint is there, in the right version, for every event that matters")
		}
	}
	return nil
}

// lacks lists the events that an endpoint is not for and should be.
func lacks(e *stripe.WebhookEndpoint) (missing []string) {
	if slices.Contains(e.EnabledEvents, "*") {
		return nil
	}
	for _, kind := range watched() {
		if !slices.Contains(e.EnabledEvents, kind) {
			missing = append(missing, kind)
		}
	}
	return missing
}

// heard says what came lately, from what is written down here.
func (s *Service) heard(ctx context.Context, x *findings) error {
	var row struct {
		Last     time.Time `db:"last"`
		Compared time.Time `db:"compared"`
		Version  string    `db:"odd_version"`
		OddAt    time.Time `db:"odd_at"`
		Receipts time.Time `db:"receipts"`
		Reviews  int       `db:"reviews"`
	}
	err := s.DB.Get(ctx, &row, `
		select coalesce((select max(seen_at) from stripe_event), timestamptz '0001-01-01 00:00:00Z') as last,
			coalesce(compared_at, timestamptz '0001-01-01 00:00:00Z') as compared, odd_version,
			coalesce(odd_version_at, timestamptz '0001-01-01 00:00:00Z') as odd_at,
			coalesce(receipts_at, timestamptz '0001-01-01 00:00:00Z') as receipts,
			(select count(*) from payment_review where settled_at is null) as reviews
		from stripe_watch`)
	if err != nil {
		return fmt.Errorf("look at events: %w", err)
	}
	ago := func(t time.Time) string {
		if d := s.Now().Sub(t); d >= time.Minute {
			return civil.Duration(d) + " ago"
		}
		return "just now"
	}
	if row.Last.Year() > 1 {
		x.add(Good, "the last event came %s", ago(row.Last))
	} else {
		x.add(Note, "no event has come yet")
	}
	switch {
	case row.Compared.Year() == 1:
		x.add(Note, "nothing has been compared with Stripe yet; the server does it every hour")
	case s.Now().Sub(row.Compared) > 3*time.Hour:
		x.add(Wrong, "the last comparison with Stripe was %s; see whether the server runs, or run kintsugi reconcile", ago(row.Compared))
	default:
		x.add(Good, "the last comparison with Stripe was %s", ago(row.Compared))
	}
	if row.OddAt.Year() > 1 && s.Now().Sub(row.OddAt) < keptBodies {
		x.add(Note, "events came in version %q of the API, not %s; they were heard all the same", row.Version, stripe.APIVersion)
	}
	if row.Receipts.Year() > 1 && s.Now().Sub(row.Receipts) < keptBodies {
		x.add(Wrong, "Stripe mailed a receipt by itself %s: switch that off at Stripe under Settings, Customer emails; a partner may read it", ago(row.Receipts))
	}
	switch {
	case row.Reviews == 1:
		x.add(Wrong, "a payment waits for somebody to decide; kintsugi reconcile lists it")
	case row.Reviews > 1:
		x.add(Wrong, "%d payments wait for somebody to decide; kintsugi reconcile lists them", row.Reviews)
	}
	return nil
}

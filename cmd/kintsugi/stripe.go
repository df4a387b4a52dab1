package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"kintsugi/internal/config"
	"kintsugi/internal/job"
	"kintsugi/internal/payment"
	"kintsugi/internal/pg"
)

// The chores about money, as jobs.
const (
	compareStripe = "compare-with-stripe"
	forgetEvents  = "forget-stripe-events"
)

// stripeRunner compares with Stripe every hour and does what follows from
// payments, in a runner of its own, since it waits for Stripe.
func stripeRunner(h *house) *job.Runner {
	handlers := map[string]job.Handler{
		compareStripe: plainly(h.compare),
		forgetEvents:  plainly(h.payment.Forget),
	}
	h.payment.Register(handlers)
	return &job.Runner{
		DB: h.db, Now: h.clock.Now, Log: h.log, Workers: 2, Handlers: handlers,
		Recurring: []job.Recurring{job.Every(compareStripe, time.Hour), job.Every(forgetEvents, 24*time.Hour)},
	}
}

// compare is the hourly look. Where payments are not set up there is nothing to
// compare.
func (h *house) compare(ctx context.Context) error {
	if !h.payment.Ready() {
		return nil
	}
	report, err := h.payment.Reconcile(ctx)
	if len(report.Mended) > 0 || len(report.Needs) > 0 {
		h.log.Warn("compared with Stripe", "mended", len(report.Mended), "needs_a_person", len(report.Needs))
	}
	return err
}

// reconcile compares with Stripe now.
func reconcile(ctx context.Context, p process) error {
	if _, err := parse(noFlags("reconcile"), p.args); err != nil {
		return err
	}
	return withPayment(ctx, p, func(s *payment.Service) error {
		report, err := s.Reconcile(ctx)
		if err != nil {
			return err
		}
		report.Print(p.out)
		switch n := len(report.Needs); n {
		case 0:
			return nil
		case 1:
			return errors.New("one thing needs a person; it is listed above")
		default:
			return fmt.Errorf("%d things need a person; they are listed above", n)
		}
	})
}

// withPayment opens the room that speaks Stripe on a database that is up to
// date.
func withPayment(ctx context.Context, p process, work func(s *payment.Service) error) error {
	return withStore(ctx, p, false, func(s *store, cfg config.Config) error {
		if !cfg.Stripe.Set() {
			return config.Complaints{{Name: "STRIPE_SECRET_KEY", Say: "is not set, so there is nothing to compare; set it and STRIPE_WEBHOOK_SECRET"}}
		}
		db, err := s.openReady(ctx)
		if err != nil {
			return err
		}
		defer db.Close()
		keys, _, err := findKeyset(ctx, cfg, db)
		if err != nil {
			return err
		}
		clock := pg.NewClock(ctx, db, cfg.ClockShift)
		return work(&payment.Service{DB: db, Keys: keys, Stripe: cfg.Stripe, Site: cfg.PublicURL.String(), Now: clock.Now, Wall: time.Now, Log: toolLog(p, cfg)})
	})
}

// stripeCommand sets things up at Stripe.
func stripeCommand(ctx context.Context, p process) error {
	if len(p.args) == 0 {
		return misuse{"say what to do: endpoint"}
	}
	what := p.args[0]
	p.args = p.args[1:]
	switch what {
	case "endpoint":
		return makeEndpoint(ctx, p)
	case "-h", "-help", "--help":
		return flag.ErrHelp
	}
	return misuse{fmt.Sprintf("there is no stripe %q; say endpoint", what)}
}

// makeEndpoint makes the webhook endpoint. It needs no database, and no signing
// secret: that is what it prints.
func makeEndpoint(ctx context.Context, p process) error {
	if _, err := parse(noFlags("stripe endpoint"), p.args); err != nil {
		return err
	}
	cfg, err := config.ReadForTool(p.environ)
	if err != nil {
		return err
	}
	switch {
	case !cfg.Stripe.Set():
		return config.Complaints{{Name: "STRIPE_SECRET_KEY", Say: "is needed to speak to Stripe; copy the secret key (sk_…) of the account"}}
	case cfg.PublicURL.IsZero():
		return config.Complaints{{Name: "PUBLIC_URL", Say: "is needed: it is the address that Stripe sends events to, such as https://talk.example.org"}}
	}
	s := &payment.Service{Stripe: cfg.Stripe, Site: cfg.PublicURL.String(), Now: time.Now, Wall: time.Now, Log: toolLog(p, cfg)}
	secret, err := s.MakeEndpoint(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(p.out, secret)
	fmt.Fprintln(p.err, "This is told once. Give it to every server as STRIPE_WEBHOOK_SECRET and start them again.")
	return nil
}

// payments looks at how payments are set up, and asks Stripe.
func (e *examination) payments(ctx context.Context, cfg config.Config, db *pg.DB) {
	if !cfg.Stripe.Set() {
		return
	}
	clock := pg.NewClock(ctx, db, cfg.ClockShift)
	s := &payment.Service{DB: db, Stripe: cfg.Stripe, Site: cfg.PublicURL.String(), Now: clock.Now, Wall: time.Now}
	talk, cancel := context.WithTimeout(ctx, mailPatience)
	defer cancel()
	found, err := s.Examine(talk)
	if e.failed("stripe", err) {
		return
	}
	for _, f := range found {
		switch f.State {
		case payment.Good:
			e.good("stripe", "%s", f.Say)
		case payment.Wrong:
			e.wrong("stripe", "%s", f.Say)
		default:
			e.note("stripe", "%s", f.Say)
		}
	}
}

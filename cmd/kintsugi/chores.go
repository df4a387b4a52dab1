package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/mail"
	"time"

	"kintsugi/internal/availability"
	"kintsugi/internal/booking"
	"kintsugi/internal/config"
	"kintsugi/internal/credit"
	"kintsugi/internal/fault"
	"kintsugi/internal/job"
	letters "kintsugi/internal/mail"
	"kintsugi/internal/once"
	"kintsugi/internal/outbound"
	"kintsugi/internal/pg"
	"kintsugi/internal/reception"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/hook"
)

// letterRunner sends letters, in a runner of its own, so that a mail server
// that is slow delays nothing else.
func letterRunner(h *house, key []byte) (*job.Runner, error) {
	sender, err := newSender(h.cfg)
	if err != nil {
		return nil, err
	}
	if sender == nil {
		h.log.Warn("SMTP_URL is not set: letters wait in the outbox until it is")
	}
	composers := h.booking.Composers()
	maps.Copy(composers, h.login.Composers())
	maps.Copy(composers, h.engagement.Composers())
	maps.Copy(composers, h.intake.Composers())
	maps.Copy(composers, h.payment.Composers())
	postman := &letters.Postman{
		DB: h.db, Sender: sender, Composers: composers, Key: key, Now: h.clock.Now, Log: h.log, OnBounce: h.booking.Unreached,
	}
	handlers := map[string]job.Handler{}
	recurring := append(postman.Register(handlers), h.login.Register(handlers)...)
	return &job.Runner{DB: h.db, Now: h.clock.Now, Log: h.log, Handlers: handlers, Recurring: recurring}, nil
}

// newSender is the way to the mail server, nil where none is set.
func newSender(cfg config.Config) (*letters.Sender, error) {
	if cfg.SMTPURL == "" {
		return nil, nil
	}
	to, err := letters.ParseSMTPURL(cfg.SMTPURL.Reveal())
	if err != nil {
		return nil, err
	}
	s := &letters.Sender{Config: to}
	if cfg.MailFrom != "" {
		from, err := mail.ParseAddress(cfg.MailFrom)
		if err != nil {
			return nil, config.Complaints{{Name: "MAIL_FROM", Say: "is no mail address; write one, such as hello@example.org"}}
		}
		s.MailFrom = from.Address
	}
	return s, nil
}

// The chores of the house, as jobs.
const (
	expireRequests = "expire-requests"
	forgetOld      = "forget-old-enquiries"
	forgetKeys     = "forget-operations"
	sweepLimits    = "sweep-limits"
	closeDoors     = "close-doors"
	expireSessions = "expire-sessions"
)

// calendarRunner reads outside calendars, in a runner of its own, since it waits
// for other people's servers.
func calendarRunner(h *house) *job.Runner {
	reader := &availability.Refresher{
		DB: h.db, Fetch: outbound.New(outbound.Options{Own: []string{h.cfg.PublicURL.Hostname()}}),
		Own: booking.OwnUIDs, Now: h.clock.Now, Log: h.log,
	}
	handlers := map[string]job.Handler{}
	recurring := reader.Register(handlers)
	return &job.Runner{DB: h.db, Now: h.clock.Now, Log: h.log, Workers: 8, Handlers: handlers, Recurring: recurring}
}

// choreRunner does what comes round again.
func choreRunner(h *house) *job.Runner {
	day := 24 * time.Hour
	front := &reception.Reception{DB: h.db, Keys: h.booking.Keys, Booking: h.booking, Engagement: h.engagement, Now: h.clock.Now}
	return &job.Runner{
		DB: h.db, Now: h.clock.Now, Log: h.log, Workers: 2,
		Handlers: map[string]job.Handler{
			expireRequests: plainly(h.booking.ExpireDue),
			forgetOld:      plainly(h.forgetOld),
			forgetKeys: plainly(func(ctx context.Context) error {
				return h.db.InTx(ctx, func(tx *pg.Tx) error { return once.Forget(ctx, tx, h.clock.Now()) })
			}),
			closeDoors:     plainly(front.CloseDoors),
			expireSessions: plainly(h.expireSessions),
			sweepLimits: plainly(func(ctx context.Context) error {
				return h.db.InTx(ctx, func(tx *pg.Tx) error {
					_, err := guard.Sweep(ctx, tx)
					return err
				})
			}),
		},
		Recurring: []job.Recurring{
			job.Every(expireRequests, time.Minute), job.Every(forgetOld, day),
			job.Every(forgetKeys, day), job.Every(sweepLimits, time.Hour), job.Every(closeDoors, day), job.Every(expireSessions, 5*time.Minute),
		},
	}
}

// forgetOld deletes old enquiries. Before a practice is set up there are none.
func (h *house) forgetOld(ctx context.Context) error {
	err := h.booking.ForgetOld(ctx)
	if fault.Is(err, "not-set-up") {
		return nil
	}
	return err
}

// expireSessions writes off paid sessions whose last day is over. Before a
// practice is set up there are none.
func (h *house) expireSessions(ctx context.Context) error {
	err := credit.Expire(ctx, h.db, h.clock.Now())
	if fault.Is(err, "not-set-up") {
		return nil
	}
	return err
}

// plainly makes a handler of a chore that takes no arguments.
func plainly(do func(context.Context) error) job.Handler {
	return func(ctx context.Context, _ json.RawMessage) error { return do(ctx) }
}

// counts are the numbers for those who watch.
func counts(h *house) *hook.Metrics {
	m := hook.NewMetrics()
	m.Pool(h.db.Stats)
	m.Add(hook.Count{Name: "jobs", Help: "Jobs by state: due, later, dead.", Label: "state",
		Read: func(ctx context.Context) (map[string]float64, error) {
			b, err := job.Queue(ctx, h.db, h.clock.Now())
			return map[string]float64{"due": float64(b.Due), "later": float64(b.Later), "dead": float64(b.Dead)}, err
		}})
	m.Add(hook.Count{Name: "letters", Help: "Letters that wait to leave, and that could not be delivered (up to 1000).", Label: "state",
		Read: func(ctx context.Context) (map[string]float64, error) {
			waiting, _, err := letters.Waiting(ctx, h.db, h.clock.Now())
			if err != nil {
				return nil, err
			}
			failed, err := letters.Failures(ctx, h.db, 1000)
			if err != nil {
				return nil, fmt.Errorf("count letters: %w", err)
			}
			return map[string]float64{"waiting": float64(waiting), "failed": float64(len(failed))}, nil
		}})
	return m
}

package booking_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"kintsugi/internal/availability"
	"kintsugi/internal/booking"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
	"kintsugi/internal/seal"
	"kintsugi/internal/slot"
	"kintsugi/internal/vault"
)

// monday is 7 December 2026, 08:00 in London, an ordinary week.
var monday = time.Date(2026, 12, 7, 8, 0, 0, 0, time.UTC)

// house is a small practice on a private database, with a clock that a test can turn.
type house struct {
	*booking.Service
	t   testing.TB
	ctx context.Context
	now time.Time
}

func newHouse(t testing.TB, change ...func(*practice.Type)) *house {
	t.Helper()
	h := &house{t: t, ctx: context.Background(), now: monday}
	db := pgtest.New(t)
	keys, err := seal.NewKeyset()
	h.must(err)
	links, err := vault.LinkKey(h.ctx, db, keys, h.now)
	h.must(err)
	h.Service = &booking.Service{DB: db, Keys: keys, Links: links, Now: func() time.Time { return h.now }, Site: "https://book.example.org"}
	call := practice.Type{Slug: "call", Name: "Free meet & greet", DurationMinutes: 30, Place: practice.Video,
		AfterMinutes: 10, HorizonDays: 60, Public: true, OncePerPerson: true, Lane: practice.Individual}
	for _, f := range change {
		f(&call)
	}
	h.must(db.InTx(h.ctx, func(tx *pg.Tx) error {
		if err := practice.Save(h.ctx, tx, practice.Practice{Basics: practice.Basics{
			Name: "Common Ground Coaching", DiscreetName: "Common Ground", Timezone: "Europe/London",
			Currency: "GBP", Email: "hello@example.org", CancelMinutes: 1440}, KeptDays: 180}, h.now); err != nil {
			return err
		}
		var ids []people.ID
		for i, slug := range []string{"mara", "noor"} {
			id, err := people.SaveCoach(h.ctx, tx, people.Coach{Slug: slug, Name: slug + " of the house", Email: slug + "@example.org",
				Role: people.Member, Timezone: "Europe/London", MeetingURL: "https://meet.example.org/" + slug, Position: i, Active: true}, h.now)
			if err != nil {
				return err
			}
			ids = append(ids, id)
			week := practice.Week{}
			for d := time.Monday; d <= time.Friday; d++ {
				week[d] = []slot.Window{{From: 9 * 60, To: 17 * 60}}
			}
			if err := availability.Save(h.ctx, tx, availability.Stored{CoachID: id, Weekly: week}); err != nil {
				return err
			}
		}
		id, err := practice.SaveType(h.ctx, tx, call)
		if err != nil {
			return err
		}
		if err := practice.SaveHolders(h.ctx, tx, id, ids[:1]); err != nil {
			return err
		}
		both := call
		both.Slug, both.OncePerPerson = "either", false
		if id, err = practice.SaveType(h.ctx, tx, both); err != nil {
			return err
		}
		return practice.SaveHolders(h.ctx, tx, id, ids)
	}))
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// at is an hour on the Tuesday, a day ahead.
func at(hour, minute int) time.Time { return time.Date(2026, 12, 8, hour, minute, 0, 0, time.UTC) }

func ask(who string, start time.Time) booking.Request {
	return booking.Request{Type: "call", Start: start, Timezone: "Europe/Berlin", Name: "Person " + who,
		Email: who + "@example.com", SafeToEmail: true}
}

func keyed(r booking.Request, op string) booking.Request {
	r.Key = once.Key{Scope: "form", Text: op}
	return r
}

func (h *house) book(who string, start time.Time) booking.Booking {
	h.t.Helper()
	b, err := h.Book(h.ctx, ask(who, start))
	h.must(err)
	return b
}

func (h *house) link(b booking.Booking) string      { return h.LinkFor(b, booking.ByPerson) }
func (h *house) coachLink(b booking.Booking) string { return h.LinkFor(b, booking.ByCoach) }

// letters lists what waits in the outbox for one booking, in order.
func (h *house) letters(b booking.Booking) []string {
	h.t.Helper()
	var kinds []string
	h.must(h.DB.Select(h.ctx, &kinds, `select kind || '/' || change from letter where about = $1`, b.ID))
	slices.Sort(kinds)
	return kinds
}

func (h *house) count(query string, args ...any) int {
	h.t.Helper()
	var n int
	h.must(h.DB.Get(h.ctx, &n, query, args...))
	return n
}

func (h *house) offered(typeSlug string, from, to time.Time) []string {
	h.t.Helper()
	o, err := h.Offer(h.ctx, booking.OfferQuery{Type: typeSlug, From: from, To: to})
	h.must(err)
	var out []string
	for _, s := range o.Slots {
		out = append(out, fmt.Sprint(s.Start.Format("15:04"), s.Coaches))
	}
	return out
}

func peopleCoach(h *house) (people.Coach, error) { return people.FindCoach(h.ctx, h.DB, "mara") }

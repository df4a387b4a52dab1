package reception_test

import (
	"context"
	"testing"
	"time"

	"kintsugi/internal/availability"
	"kintsugi/internal/booking"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
	"kintsugi/internal/reception"
	"kintsugi/internal/seal"
	"kintsugi/internal/slot"
	"kintsugi/internal/vault"
)

// monday is 7 December 2026, 08:00 in London, an ordinary week.
var monday = time.Date(2026, 12, 7, 8, 0, 0, 0, time.UTC)

// at is an hour on the Tuesday, a day ahead.
func at(hour, minute int) time.Time { return time.Date(2026, 12, 8, hour, minute, 0, 0, time.UTC) }

// house is a practice with an owner, a coach and an assistant, with a clock
// that a test can turn.
type house struct {
	*reception.Reception
	t                testing.TB
	ctx              context.Context
	now              time.Time
	mara, noor, asta booking.Viewer // owner, coach, assistant
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, ctx: context.Background(), now: monday}
	db := pgtest.New(t)
	keys, err := seal.NewKeyset()
	h.must(err)
	links, err := vault.LinkKey(h.ctx, db, keys, h.now)
	h.must(err)
	clock := func() time.Time { return h.now }
	h.Reception = &reception.Reception{DB: db, Keys: keys, Now: clock,
		Booking:    &booking.Service{DB: db, Keys: keys, Links: links, Now: clock, Site: "https://book.example.org"},
		Engagement: &engagement.Service{Keys: keys, Links: links, Site: "https://book.example.org"}}
	h.must(db.InTx(h.ctx, func(tx *pg.Tx) error {
		if err := practice.Save(h.ctx, tx, practice.Practice{Basics: practice.Basics{
			Name: "Common Ground Coaching", DiscreetName: "Common Ground", Timezone: "Europe/London",
			Currency: "GBP", Email: "hello@example.org", CancelMinutes: 1440}, KeptDays: 180}, h.now); err != nil {
			return err
		}
		for i, c := range []struct {
			slug string
			role people.Role
			into *booking.Viewer
		}{{"mara", people.Owner, &h.mara}, {"noor", people.Member, &h.noor}, {"asta", people.Assistant, &h.asta}} {
			id, err := people.SaveCoach(h.ctx, tx, people.Coach{Slug: c.slug, Name: c.slug + " of the house", Email: c.slug + "@example.org",
				Role: c.role, Timezone: "Europe/London", MeetingURL: "https://meet.example.org/" + c.slug, Position: i, Active: true}, h.now)
			if err != nil {
				return err
			}
			*c.into = booking.Viewer{ID: id, Role: c.role}
			if c.role == people.Assistant {
				continue
			}
			week := practice.Week{}
			for d := time.Monday; d <= time.Friday; d++ {
				week[d] = []slot.Window{{From: 9 * 60, To: 17 * 60}}
			}
			if err := availability.Save(h.ctx, tx, availability.Stored{CoachID: id, Weekly: week}); err != nil {
				return err
			}
			typeID, err := practice.SaveType(h.ctx, tx, practice.Type{Slug: "call-" + c.slug, Name: "Free meet & greet", DurationMinutes: 30,
				Place: practice.Video, HorizonDays: 60, Public: true, Lane: practice.Individual})
			if err != nil {
				return err
			}
			if err := practice.SaveHolders(h.ctx, tx, typeID, []people.ID{id}); err != nil {
				return err
			}
		}
		return nil
	}))
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// refused fails unless err is of this kind.
func (h *house) refused(err error, kind fault.Kind) {
	h.t.Helper()
	if err == nil || fault.KindOf(err) != kind {
		h.t.Errorf("%v (%v), want %v", err, fault.KindOf(err), kind)
	}
}

const secret = "CANARY he reads my letters"

// book has somebody write to a coach, with words that only that coach reads.
func (h *house) book(coach, who string, start time.Time) booking.Booking {
	h.t.Helper()
	b, err := h.Booking.Book(h.ctx, booking.Request{Type: "call-" + coach, Start: start, Timezone: "Europe/London",
		Name: "Person " + who, Email: who + "@example.com", SafeToEmail: true, Message: secret, PartnerName: "CANARY partner"})
	h.must(err)
	return b
}

func (h *house) names(v booking.Viewer, l reception.Look) []string {
	h.t.Helper()
	list, err := reception.People(h.ctx, h.DB, v, l, h.now)
	h.must(err)
	var names []string
	for _, e := range list.People {
		names = append(names, e.Name)
	}
	return names
}

func (h *house) find(v booking.Viewer, id people.ID) reception.Card {
	h.t.Helper()
	card, err := h.Find(h.ctx, h.DB, v, id)
	h.must(err)
	return card
}

func (h *house) count(query string, args ...any) int {
	h.t.Helper()
	var n int
	h.must(h.DB.Get(h.ctx, &n, query, args...))
	return n
}

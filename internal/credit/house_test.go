package credit_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kintsugi/internal/audit"
	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
	"kintsugi/internal/seal"
	"kintsugi/internal/token"
)

// monday is 7 December 2026, 08:00 in London.
var monday = time.Date(2026, 12, 7, 8, 0, 0, 0, time.UTC)

var (
	system = audit.Actor{Kind: audit.System}
	joint  = practice.Slugs{"couple-session"}
	solo   = practice.Slugs{"solo-session"}
)

// house is a practice in which Sam and Alex work with Mara, and Noor with others.
type house struct {
	t          testing.TB
	ctx        context.Context
	db         *pg.DB
	now        time.Time
	work       *engagement.Service
	mara, noor people.Coach
	sam, alex  people.ID
	id         engagement.ID
	grants     int
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, ctx: context.Background(), db: pgtest.New(t), now: monday}
	keys, err := seal.NewKeyset()
	h.must(err)
	h.work = &engagement.Service{Keys: keys, Links: token.Key(strings.Repeat("k", 32))}
	h.in(func(tx *pg.Tx) error {
		if err := practice.Save(h.ctx, tx, practice.Practice{Basics: practice.Basics{Name: "Common Ground", DiscreetName: "Common Ground",
			Timezone: "Europe/London", Currency: "GBP", Email: "hello@example.org", CancelMinutes: 1440, RestDays: practice.DefaultRestDays}, KeptDays: 180}, h.now); err != nil {
			return err
		}
		for i, c := range []*people.Coach{&h.mara, &h.noor} {
			*c = people.Coach{Slug: []string{"mara", "noor"}[i], Name: []string{"Mara", "Noor"}[i], Email: []string{"mara", "noor"}[i] + "@example.org",
				Role: people.Member, Timezone: "Europe/London", Position: i, Active: true}
			id, err := people.SaveCoach(h.ctx, tx, *c, h.now)
			if err != nil {
				return err
			}
			c.ID = id
			for j, slug := range []string{"couple-session", "solo-session"} {
				if i == 1 {
					slug = "noor-" + slug
				}
				t, err := practice.SaveType(h.ctx, tx, practice.Type{Slug: slug, Name: "Name of " + slug, DurationMinutes: 60, Place: practice.Video,
					HorizonDays: 90, Credits: 1, Lane: []string{practice.Joint, practice.Individual}[j], Position: 2*i + j})
				if err != nil {
					return err
				}
				if err := practice.SaveHolders(h.ctx, tx, t, []people.ID{id}); err != nil {
					return err
				}
			}
		}
		h.sam, h.alex = h.person(tx, "sam"), h.person(tx, "alex")
		return nil
	})
	h.id = h.start(h.sam, h.alex)
	return h
}

func (h *house) person(tx *pg.Tx, name string) people.ID {
	h.t.Helper()
	id, _, err := people.FindOrCreate(h.ctx, tx, name+"@example.com", name, "Europe/London", true, h.now)
	h.must(err)
	return id
}

func (h *house) start(clients ...people.ID) (id engagement.ID) {
	h.t.Helper()
	h.in(func(tx *pg.Tx) (err error) {
		var invited []engagement.Invitee
		for _, p := range clients {
			invited = append(invited, engagement.Invitee{Person: p, Word: "harbour " + string(p)})
		}
		id, err = h.work.Start(h.ctx, tx, h.mara.ID, invited, engagement.ReadyPolicy(engagement.Confidential, "Mara"), h.now)
		return err
	})
	for _, p := range clients {
		h.accept(id, p)
	}
	return id
}

func (h *house) accept(id engagement.ID, who people.ID) {
	h.t.Helper()
	h.in(func(tx *pg.Tx) error {
		refused, err := h.work.Accept(h.ctx, tx, who, id, "harbour "+string(who), h.now)
		if refused != nil {
			return refused
		}
		return err
	})
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) in(f func(tx *pg.Tx) error) { h.t.Helper(); h.must(h.db.InTx(h.ctx, f)) }

func (h *house) try(f func(tx *pg.Tx) error) error { return h.db.InTx(h.ctx, f) }

func (h *house) both() credit.Holder { return credit.Holder{Engagement: h.id} }

func own(who people.ID) credit.Holder { return credit.Holder{Person: who} }

// grant puts n sessions into a wallet, valid for so many days.
func (h *house) grant(to credit.Holder, n, days int, source string) credit.Lot {
	h.t.Helper()
	h.grants++
	types := solo
	if to.Joint() {
		types = joint
	}
	var lot credit.Lot
	h.in(func(tx *pg.Tx) (err error) {
		lot, err = credit.Grant(h.ctx, tx, credit.GrantOf{Holder: to, Sessions: n, Types: types, ValidDays: days, Source: source,
			Key: fmt.Sprint(source, " ", h.grants), By: system}, h.now)
		return err
	})
	return lot
}

func newBooking() credit.BookingID { return credit.BookingID(uuid.NewString()) }

// spend uses one session for an hour some days ahead.
func (h *house) spend(from credit.Holder, b credit.BookingID, start time.Time) error {
	typ := solo[0]
	if from.Joint() {
		typ = joint[0]
	}
	return h.try(func(tx *pg.Tx) error {
		return credit.Spend(h.ctx, tx, credit.SpendOf{Holder: from, Type: typ, StartsAt: start, Credits: 1, Booking: b,
			By: audit.Actor{Kind: audit.Person, ID: string(h.sam)}}, h.now)
	})
}

func (h *house) back(b credit.BookingID) (n int) {
	h.t.Helper()
	h.in(func(tx *pg.Tx) (err error) {
		n, err = credit.GiveBack(h.ctx, tx, b, "", system, h.now)
		return err
	})
	return n
}

// left sums up what a client is shown.
func (h *house) left(who people.ID) (n int) {
	h.t.Helper()
	lots, err := credit.OfClient(h.ctx, h.db, who, true)
	h.must(err)
	for _, l := range lots {
		n += l.Left(h.now)
	}
	return n
}

// sound checks what holds after every history: the balance is the sum of the
// movements, and nothing is below zero.
func (h *house) sound() error {
	var wrong []string
	if err := h.db.Select(h.ctx, &wrong, `
		select l.id || ' shows ' || l.remaining || ' and moved ' || coalesce(sum(m.amount), 0)
		from credit_lot l
		left join credit_movement m on m.lot_id = l.id
		group by l.id
		having l.remaining <> coalesce(sum(m.amount), 0) or l.remaining < 0
		order by l.id`); err != nil {
		return err
	}
	if len(wrong) > 0 {
		return errors.New(strings.Join(wrong, "; "))
	}
	return nil
}

func (h *house) refused(err error, kind fault.Kind) {
	h.t.Helper()
	if fault.KindOf(err) != kind {
		h.t.Errorf("%v, want %v", err, kind)
	}
}

func (h *house) day(n int) time.Time { return h.now.AddDate(0, 0, n) }

package credit_test

import (
	"testing"

	"kintsugi/internal/audit"
	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

// Six sessions for two were bought, four were left, and one of the two went. They
// lay there until they ended, and nobody had thought of them.
func TestSessionsForTwoWaitForADecisionOnceTheyAreNotTwo(t *testing.T) {
	h := newHouse(t)
	h.grant(h.both(), 4, 90, "order")
	h.grant(h.both(), 2, 3, "gift") // over before it matters
	h.grant(own(h.sam), 5, 0, "own")
	is := func(about string, want int) {
		t.Helper()
		found, err := credit.UndecidedOf(h.ctx, h.db, h.mara, h.now)
		h.must(err)
		here, waits, err := credit.UndecidedIn(h.ctx, h.db, h.id, h.now)
		h.must(err)
		if n := len(found); n != min(want, 1) || waits != (want > 0) || here.Left != want {
			t.Fatalf("%s: %+v, %+v", about, found, here)
		}
		if want > 0 && (found[0].Names != "alex and sam" || len(found[0].From) == 0 || found[0].From[0] != "order") {
			t.Errorf("%s: %+v", about, found[0])
		}
		for _, other := range []people.Coach{h.noor, {ID: h.mara.ID, Role: people.Assistant}} {
			if seen, err := credit.UndecidedOf(h.ctx, h.db, other, h.now); err != nil || len(seen) > 0 {
				t.Errorf("%s: %s finds %+v, %v", about, other.Role, seen, err)
			}
		}
	}
	leaveAsIs := func(c people.Coach) error {
		return h.try(func(tx *pg.Tx) error { return credit.LeaveAsIs(h.ctx, tx, c, h.id, h.now) })
	}
	later := func() { h.now = h.now.AddDate(0, 0, 4) }
	is("both are in it", 0)
	later()
	h.in(func(tx *pg.Tx) error { return h.work.Leave(h.ctx, tx, h.alex, h.id, h.now) })
	is("one has left", 4)
	h.refused(leaveAsIs(h.noor), fault.NotFound)
	h.refused(leaveAsIs(people.Coach{ID: h.noor.ID, Role: people.Owner}), fault.NotFound)
	h.refused(leaveAsIs(people.Coach{ID: h.mara.ID, Role: people.Assistant}), fault.NotFound)
	is("others said that they stay", 4)
	for range 2 {
		h.must(leaveAsIs(h.mara))
	}
	is("they stay as they are", 0)
	lines, err := audit.About(h.ctx, h.db, string(h.id))
	h.must(err)
	noted := 0
	for _, l := range lines {
		if l.Act == "sessions left as they are" {
			noted++
		}
	}
	if noted != 1 {
		t.Errorf("it is on record %d times", noted)
	}
	later()
	is("four days later", 0)
	h.grant(h.both(), 1, 0, "order")
	is("one more came back", 5)
	h.in(func(tx *pg.Tx) error {
		return h.work.Invite(h.ctx, tx, h.mara.ID, h.id, engagement.Invitee{Person: h.alex, Word: "harbour " + string(h.alex)}, h.now)
	})
	is("one is invited again", 5)
	h.accept(h.id, h.alex)
	is("they are two again", 0)
	later()
	h.in(func(tx *pg.Tx) error { return h.work.End(h.ctx, tx, h.mara.ID, h.id, h.now) })
	is("the work has ended", 5)
	later()
	h.must(leaveAsIs(h.mara))
	later()
	h.in(func(tx *pg.Tx) error { return h.work.Reopen(h.ctx, tx, h.mara.ID, h.id, h.now) })
	is("it goes on", 0)
	later()
	h.in(func(tx *pg.Tx) error { return h.work.End(h.ctx, tx, h.mara.ID, h.id, h.now) })
	is("it has ended once more", 5)
}

// Of two who are not two any more, their coach was told that nothing was arranged
// and that a word may help.
func TestSessionsThatWaitForADecisionDoNotRest(t *testing.T) {
	h := newHouse(t)
	h.grant(h.both(), 4, 0, "order")
	rests := func() int {
		t.Helper()
		found, err := credit.RestingOf(h.ctx, h.db, h.mara, h.now)
		h.must(err)
		return len(found)
	}
	h.now = h.now.AddDate(0, 0, practice.DefaultRestDays)
	if rests() != 1 {
		t.Error("those of two who are in it do not rest")
	}
	h.in(func(tx *pg.Tx) error { return h.work.Leave(h.ctx, tx, h.alex, h.id, h.now) })
	if rests() != 0 {
		t.Error("those of one who is left alone rest")
	}
}

// A practice that sees its clients once a month was told of all of them after three
// weeks, and one that would rather not say it could not.
func TestThePracticeSaysAfterHowLongSessionsRest(t *testing.T) {
	h := newHouse(t)
	h.grant(h.both(), 4, 0, "order")
	for _, c := range []struct{ says, passed, rest int }{{21, 20, 0}, {21, 21, 1}, {40, 39, 0}, {40, 40, 1}, {0, 300, 0}, {1, 1, 1}} {
		h.in(func(tx *pg.Tx) error {
			own, err := practice.Own(h.ctx, tx)
			if err != nil {
				return err
			}
			own.RestDays = c.says
			return practice.Save(h.ctx, tx, own, h.now)
		})
		later := h.day(c.passed)
		found, err := credit.RestingOf(h.ctx, h.db, h.mara, later)
		h.must(err)
		lots, err := credit.OfClient(h.ctx, h.db, h.sam, true)
		h.must(err)
		if own := credit.Rest(lots, later); len(found) != c.rest || len(own) != c.rest {
			t.Errorf("after %d days, where it says %d: %d for the coach, %d for the client", c.passed, c.says, len(found), len(own))
		}
	}
}

func TestSessionsThatWentAlongWithTheWorkWaitForNothing(t *testing.T) {
	h := newHouse(t)
	h.grant(h.both(), 4, 0, "order")
	h.in(func(tx *pg.Tx) error {
		next, err := h.work.HandOver(h.ctx, tx, h.mara, h.id, h.noor, h.now)
		if err != nil {
			return err
		}
		return credit.Follow(h.ctx, tx, h.id, next)
	})
	for _, c := range []people.Coach{h.mara, h.noor} {
		if found, err := credit.UndecidedOf(h.ctx, h.db, c, h.now); err != nil || len(found) > 0 {
			t.Errorf("%s: %+v, %v", c.Name, found, err)
		}
	}
}

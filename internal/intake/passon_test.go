package intake_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/engagement"
	"kintsugi/internal/intake"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// handOver gives the work to the other coach; all have accepted and signed.
func (c *couple) handOver() (before engagement.ID) {
	c.t.Helper()
	before = c.work
	c.in("", func(tx *pg.Tx) (err error) {
		c.work, err = c.s.Engagement.HandOver(c.ctx, tx, c.mara, before, c.noor, c.now)
		return err
	})
	c.accept(c.work, c.a, c.b)
	c.in("", func(tx *pg.Tx) error {
		versions, err := engagement.Policies(c.ctx, tx, c.work)
		if err != nil {
			return err
		}
		for _, who := range []people.ID{c.a, c.b} {
			if err := c.s.Engagement.Sign(c.ctx, tx, who, c.work, versions[0].ID, "A Name", c.now); err != nil {
				return err
			}
		}
		return nil
	})
	return before
}

func (c *couple) onwards(who people.ID, id intake.ID) (list []intake.Onward, err error) {
	err = c.try(who, func(tx *pg.Tx) (err error) {
		list, err = intake.Onwards(c.ctx, tx, who, id)
		return err
	})
	return list, err
}

func (c *couple) passOn(who people.ID, id intake.ID, to engagement.LaneID) (passed intake.ID, err error) {
	err = c.try(who, func(tx *pg.Tx) (err error) {
		passed, err = c.s.PassOn(c.ctx, tx, who, id, to, once.Key{}, c.now)
		return err
	})
	return passed, err
}

// only gives the one place to which a sheet can be passed on.
func (c *couple) only(who people.ID, id intake.ID) intake.Onward {
	c.t.Helper()
	list, err := c.onwards(who, id)
	if err != nil || len(list) != 1 {
		c.t.Fatalf("%v, %+v", err, list)
	}
	return list[0]
}

func TestWhatAClientSentIsPassedOnByThemAloneAndOnce(t *testing.T) {
	for _, form := range []string{"before", "safety"} {
		t.Run(form, func(t *testing.T) {
			c := newCouple(t)
			id := c.send(form, c.a)[c.a]
			c.mustHandIn(c.a, id, "goal", "A house.", "agree", "yes", "sign", "Alex Stone")
			c.now = c.now.Add(time.Hour)
			c.mustHandIn(c.a, id, "goal", "A garden.", "sign", "Alex Stone")
			if list, err := c.onwards(c.a, id); err != nil || len(list) != 0 {
				t.Fatalf("nobody took over: %v, %+v", err, list)
			}
			own, err := c.read(c.a, id)
			if err != nil {
				t.Fatal(err)
			}
			c.now = c.now.Add(24 * time.Hour)
			c.handOver()
			on := c.only(c.a, id)
			if on.Who != "This can be read by you and Noor (your coach), and by nobody else." || on.Coach() != "Noor" {
				t.Errorf("named: %q, %q", on.Who, on.Coach())
			}
			seenByB, seenByMara := c.sees(c.b), c.sees(c.mara.ID)
			for _, who := range []people.ID{c.b, c.c, c.mara.ID, c.noor.ID} {
				_, err := c.passOn(who, id, on.Lane.ID)
				want(t, "another passes on", err, engagement.ErrNothing)
			}
			_, err = c.passOn(c.a, id, own.Lane.ID)
			want(t, "into the same", err, intake.ErrNotOnward)
			records := c.count(`select count(*) from audit where act = 'form answers passed on'`)
			passed, err := c.passOn(c.a, id, on.Lane.ID)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := c.passOn(c.a, id, on.Lane.ID); err != nil || again != passed {
				t.Errorf("twice: %v, %s", err, again)
			}
			if n := c.count(`select count(*) from sheet where passed_from = $1`, id); n != 1 {
				t.Errorf("%d copies", n)
			}
			if n := c.count(`select count(*) from audit where act = 'form answers passed on' and actor = $1 and about = $2`, c.a, on.Lane.ID); n != records+1 {
				t.Errorf("%d times on record", n)
			}
			if now := c.only(c.a, id); now.Done != passed {
				t.Errorf("%+v", now)
			}
			f, err := c.read(c.noor.ID, passed)
			if err != nil || len(f.Versions) != 2 || f.PassedAt.IsZero() || !f.SentAt.Equal(own.SentAt) {
				t.Fatalf("%v, %+v", err, f)
			}
			for i, v := range f.Versions {
				was := own.Versions[i]
				if v.Version != was.Version || !v.SentAt.Equal(was.SentAt) || v.Answers["goal"][0] != was.Answers["goal"][0] || len(v.Signatures) != len(was.Signatures) {
					t.Errorf("%+v, was %+v", v, was)
				}
				for n, g := range v.Signatures {
					if o := was.Signatures[n]; g.Hash != o.Hash || g.Text != o.Text || g.Name != o.Name || g.Form != o.Form || !g.SignedAt.Equal(o.SignedAt) ||
						!g.TakenBackAt.Equal(o.TakenBackAt) || !g.Whole {
						t.Errorf("%+v, was %+v", g, o)
					}
				}
			}
			if still, err := c.read(c.a, id); err != nil || len(still.Versions) != 2 {
				t.Errorf("what stays: %v", err)
			}
			// The partner finds what they found, the coach before no more than before.
			if got := c.sees(c.b); !slices.Equal(got, seenByB) {
				t.Errorf("the partner sees %q", got)
			}
			if got := c.sees(c.mara.ID); !slices.Equal(got, seenByMara) {
				t.Errorf("the coach before sees %q", got)
			}
			for _, who := range []people.ID{c.b, c.c, c.mara.ID} {
				_, err := c.read(who, passed)
				want(t, "read by another", err, engagement.ErrNothing)
			}
			if got := c.sees(c.noor.ID); len(got) != 1 {
				t.Errorf("the coach sees %q", got)
			}
		})
	}
}

func TestOfAFormForBothEachPassesOnTheirOwnAnswersAlone(t *testing.T) {
	c := newCouple(t)
	joint := c.send("together")
	c.mustHandIn(c.a, joint[c.a], "goal", "A first thought.")
	c.now = c.now.Add(time.Hour)
	c.mustHandIn(c.a, joint[c.a], "goal", "A house.")
	c.now = c.now.Add(time.Hour)
	c.mustHandIn(c.b, joint[c.b], "goal", "A garden.")
	c.handOver()
	on := c.only(c.a, joint[c.a])
	if !strings.Contains(on.Who, "Noor (your coach)") || !strings.Contains(on.Who, "Sam") {
		t.Errorf("named: %q", on.Who)
	}
	if _, err := c.passOn(c.a, joint[c.b], on.Lane.ID); err != engagement.ErrNothing {
		t.Errorf("the other's: %v", err)
	}
	passed, err := c.passOn(c.a, joint[c.a], on.Lane.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.sees(c.noor.ID); len(got) != 1 || got[0] != "Alex: What we both want, submitted" {
		t.Errorf("the coach sees %q", got)
	}
	// The other reads there what they read here, and not what was before.
	f, err := c.read(c.b, passed)
	if err != nil || len(f.Versions) != 1 || f.Versions[0].Answers["goal"][0] != "A house." {
		t.Errorf("%v, %+v", err, f.Versions)
	}
}

func TestWhatTheOtherHasNotReadIsNotShownToThemByPassingItOn(t *testing.T) {
	c := newCouple(t)
	joint := c.send("together")
	c.mustHandIn(c.a, joint[c.a], "goal", "A house.")
	c.handOver()
	on := c.only(c.a, joint[c.a])
	if on.Who != "This can be read by you and Noor (your coach), and by nobody else." {
		t.Errorf("named: %q", on.Who)
	}
	before := c.sees(c.b)
	passed, err := c.passOn(c.a, joint[c.a], on.Lane.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.read(c.b, passed)
	want(t, "the other reads", err, engagement.ErrNothing)
	if got := c.sees(c.b); !slices.Equal(got, before) {
		t.Errorf("the other sees %q", got)
	}
	if n := c.count(`select count(*) from audit where act = 'form answers passed on' and about = $1`, passed); n != 1 {
		t.Error("the record stands where the other reads it")
	}
	if _, err := c.handIn(c.a, passed, "goal", "A castle."); err != nil {
		t.Error(err)
	}
	_, err = c.read(c.b, passed)
	want(t, "the other reads a change", err, engagement.ErrNothing)
	if _, err := c.read(c.noor.ID, passed); err != nil {
		t.Error(err)
	}
}

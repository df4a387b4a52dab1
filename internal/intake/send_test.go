package intake_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/intake"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
)

func TestEachClientIsAskedOnASheetThatThePartnerNeverFinds(t *testing.T) {
	c := newCouple(t)
	sheets := c.send("before", c.a, c.b)
	if len(sheets) != 2 {
		t.Fatalf("%d sheets", len(sheets))
	}
	c.mustHandIn(c.a, sheets[c.a], "goal", "To be heard.")
	if got := strings.Join(c.sees(c.a), "; "); got != "Alex: Before we start, submitted" {
		t.Errorf("who answered sees %q", got)
	}
	if got := strings.Join(c.sees(c.b), "; "); got != "Sam: Before we start, open" {
		t.Errorf("the partner sees %q", got)
	}
	got := c.sees(c.mara.ID)
	slices.Sort(got)
	if strings.Join(got, "; ") != "Alex: Before we start, submitted; Sam: Before we start, open" {
		t.Errorf("the coach sees %q", got)
	}
	for name, other := range map[string]people.ID{"the partner": c.b, "another coach": c.noor.ID, "a stranger": c.c} {
		_, err := c.read(other, sheets[c.a])
		want(t, name+" reads", err, engagement.ErrNothing)
		_, err = c.save(other, sheets[c.a], intake.Seen{Sent: 1}, says("goal", "x"))
		want(t, name+" writes", err, engagement.ErrNothing)
	}
	_, err := c.read(c.b, "c0ffee00-0000-4000-8000-000000000000")
	want(t, "a made-up one", err, engagement.ErrNothing)
	_, err = c.save(c.mara.ID, sheets[c.b], intake.Seen{}, says("goal", "x"))
	want(t, "the coach writes for a client", err, engagement.ErrNothing)
}

// What is read by both must not tell, before both have answered, that one of
// them has: it would press the other.
func TestAFormForBothIsReadByBothOnceBothHaveAnsweredAndNotBefore(t *testing.T) {
	c := newCouple(t)
	sheets := c.send("together")
	if len(sheets) != 2 {
		t.Fatalf("%d sheets", len(sheets))
	}
	before := c.everything(c.b)
	c.mustHandIn(c.a, sheets[c.a], "goal", "A house of our own.")
	if _, err := c.read(c.mara.ID, sheets[c.a]); err != nil {
		t.Errorf("the coach reads at once: %v", err)
	}
	c.mustHandIn(c.a, sheets[c.a], "goal", "A house of our own, with a garden.")
	if after := c.everything(c.b); after != before {
		t.Errorf("before the partner has answered they can see that something happened:\n%s\nbefore:\n%s", after, before)
	}
	_, err := c.read(c.b, sheets[c.a])
	want(t, "the partner reads", err, engagement.ErrNothing)

	c.mustHandIn(c.b, sheets[c.b], "goal", "Less noise.")
	for reader, sheet := range map[people.ID]intake.ID{c.a: sheets[c.b], c.b: sheets[c.a]} {
		f, err := c.read(reader, sheet)
		if err != nil || len(f.Versions) == 0 || f.Versions[0].Answers.Text("goal") == "" {
			t.Errorf("once both have answered: %v", err)
		}
	}
	if n := c.count(`select count(*) from letter where kind = 'form-shared' and recipient = $1`, c.a); n != 1 {
		t.Errorf("who answered first is told %d times", n)
	}
	if n := c.count(`select count(*) from audit where act = 'form answers read' and actor = $1`, c.b); n != 1 {
		t.Errorf("the partner's look is on record %d times", n)
	}
}

// everything is what the database gives to somebody who reads, in whatever table
// of this room, with the clause left out, and what is on record of the lanes
// that they read.
func (c *couple) everything(who people.ID) string {
	c.t.Helper()
	var all strings.Builder
	c.in(who, func(tx *pg.Tx) error {
		for _, query := range []string{
			`select coalesce(string_agg(s::text, E'\n' order by s.id), '') from sheet s`,
			`select coalesce(string_agg(s::text, E'\n' order by s.id), '') from sheet_draft s`,
			`select coalesce(string_agg(s::text, E'\n' order by s.id), '') from sheet_answer s`,
			`select coalesce(string_agg(s::text, E'\n' order by s.id), '') from sheet_signature s`,
			`select coalesce(string_agg(a::text, E'\n' order by a.id), '') from audit a join lane_reader r on r.lane_id = a.about and r.person_id = kintsugi_viewer()`,
			`select coalesce(string_agg(a::text, E'\n' order by a.id), '') from letter a where a.recipient = kintsugi_viewer()`,
		} {
			var text string
			if err := tx.Get(c.ctx, &text, query); err != nil {
				return err
			}
			all.WriteString(text + "\n")
		}
		return nil
	})
	return all.String()
}

func TestAFormThatWaitsToBeAnsweredIsNotSentAgain(t *testing.T) {
	c := newCouple(t)
	first := c.send("before", c.a)
	try := func(form string, to ...people.ID) error {
		return c.try(c.mara.ID, func(tx *pg.Tx) error {
			_, err := c.s.Send(c.ctx, tx, c.mara.ID, c.work, intake.Sending{Form: form, To: to}, c.now)
			return err
		})
	}
	if err := try("before", c.a); fault.KindOf(err) != fault.Invalid {
		t.Errorf("sent again: %v", err)
	}
	c.mustHandIn(c.a, first[c.a], "goal", "To be heard.")
	if err := try("before", c.a); err != nil {
		t.Errorf("after it was answered: %v", err)
	}
	for _, bad := range []struct {
		about, form string
		to          []people.ID
	}{
		{"to somebody else's client", "before", []people.ID{c.c}},
		{"to nobody", "before", nil},
		{"to one twice", "before", []people.ID{c.b, c.b}},
		{"to no id", "before", []people.ID{"x"}},
		{"of no form", "nothing", []people.ID{c.b}},
	} {
		if err := try(bad.form, bad.to...); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", bad.about, err)
		}
	}
	for _, other := range []people.ID{c.noor.ID, c.a, c.c} {
		err := c.try(other, func(tx *pg.Tx) error {
			_, err := c.s.Send(c.ctx, tx, other, c.work, intake.Sending{Form: "later", To: []people.ID{c.b}}, c.now)
			return err
		})
		want(t, "sent by somebody else", err, engagement.ErrNothing)
	}
}

func TestTwoWhoSendTheSameFormAtOnceSendItOnce(t *testing.T) {
	c := newCouple(t)
	pools := []*pg.DB{c.db, pgtest.New(t)}
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			_ = pools[i%2].InTxAs(c.ctx, string(c.mara.ID), func(tx *pg.Tx) error {
				_, err := c.s.Send(c.ctx, tx, c.mara.ID, c.work, intake.Sending{Form: "together"}, c.now)
				return err
			})
		})
	}
	wait.Wait()
	if n := c.count(`select count(*) from sheet`); n != 2 {
		t.Errorf("%d sheets", n)
	}
}

func TestTheFirstBookingInALaneSendsWhatIsSentThenAndNoOtherDoes(t *testing.T) {
	c := newCouple(t)
	book := func(db *pg.DB, person people.ID, kind engagement.LaneKind) error {
		return db.InTx(c.ctx, func(tx *pg.Tx) error {
			return c.s.SendOn(c.ctx, tx, practice.FirstBooking, person, c.work, kind, c.now)
		})
	}
	pools := []*pg.DB{c.db, pgtest.New(t)}
	var wait sync.WaitGroup
	for i := range 6 {
		wait.Go(func() {
			if err := book(pools[i%2], c.a, engagement.IndividualLane); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	got := c.sees(c.mara.ID)
	slices.Sort(got)
	if strings.Join(got, "; ") != "Alex: Before we start, open; Alex: How safe you are, open" {
		t.Errorf("after an hour of one's own: %q", got)
	}
	if len(c.sees(c.b)) != 0 {
		t.Errorf("the partner sees %q", c.sees(c.b))
	}
	for _, person := range []people.ID{c.a, c.b} {
		if err := book(c.db, person, engagement.JointLane); err != nil {
			t.Fatal(err)
		}
	}
	got = c.sees(c.mara.ID)
	slices.Sort(got)
	if strings.Join(got, "; ") != "Alex: Before we start, open; Alex: How safe you are, open; Alex: What we both want, open; "+
		"Sam: How safe you are, open; Sam: What we both want, open" {
		t.Errorf("after an hour for both: %q", got)
	}
	if err := book(c.db, c.c, engagement.IndividualLane); err != nil {
		t.Errorf("somebody who is no client here: %v", err)
	}
	// Whoever reads in the transaction reads as themselves afterwards.
	c.in(c.b, func(tx *pg.Tx) error {
		if err := c.s.SendOn(c.ctx, tx, practice.FirstPurchase, c.a, c.work, engagement.IndividualLane, c.now); err != nil {
			return err
		}
		var who string
		err := tx.Get(c.ctx, &who, `select kintsugi_viewer()::text`)
		if who != string(c.b) {
			t.Errorf("reads as somebody else afterwards")
		}
		return err
	})
}

func TestAFormAboutSafetyOpensAtOnceAndAnIndividualOneOnceAllHaveSigned(t *testing.T) {
	c := newPractice(t)
	c.work = c.start(c.a, c.b)
	c.accept(c.work, c.a, c.b)
	c.sign(c.a)
	safety, own := c.send("safety", c.a)[c.a], c.send("before", c.a)[c.a]
	_, err := c.handIn(c.a, own, "goal", "To be heard.")
	want(t, "before both have signed", err, engagement.ErrLaneWaits)
	c.mustHandIn(c.a, safety, "goal", "I sleep at my sister's.")
	if f, err := c.read(c.mara.ID, safety); err != nil || f.Versions[0].Policy != "" {
		t.Errorf("the coach reads it: %v", err)
	}
	c.sign(c.b)
	c.mustHandIn(c.a, own, "goal", "To be heard.")
}

func TestWhatWasNotAnsweredCanBeTakenBackAndItsWriterKeepsWhatTheyTyped(t *testing.T) {
	c := newCouple(t)
	sheets := c.send("before", c.a, c.b)
	if _, err := c.save(c.a, sheets[c.a], intake.Seen{}, says("goal", "Half a")); err != nil {
		t.Fatal(err)
	}
	c.mustHandIn(c.b, sheets[c.b], "goal", "Less noise.")
	back := func(coach people.ID, id intake.ID) error {
		return c.try(coach, func(tx *pg.Tx) error { return c.s.Withdraw(c.ctx, tx, coach, c.work, id, c.now) })
	}
	want(t, "another coach", back(c.noor.ID, sheets[c.a]), engagement.ErrNothing)
	want(t, "the client", back(c.a, sheets[c.a]), engagement.ErrNothing)
	if err := back(c.mara.ID, sheets[c.b]); !isConflict(err) {
		t.Errorf("after it was answered: %v", err)
	}
	for range 2 {
		want(t, "taken back", back(c.mara.ID, sheets[c.a]), nil)
	}
	if _, err := c.handIn(c.a, sheets[c.a], "goal", "x"); err != intake.ErrTakenBack {
		t.Errorf("answered afterwards: %v", err)
	}
	if w := c.write(c.a, sheets[c.a]); w.Draft.Answers.Text("goal") != "Half a" {
		t.Errorf("what was typed is gone: %v", w.Draft.Answers)
	}
}

// A partner who had answered learned from the other's being taken back that they
// had not, and the other way round.
func TestOfAFormForBothWhatIsTakenBackIsNeverShared(t *testing.T) {
	c := newCouple(t)
	sheets := c.send("together")
	c.mustHandIn(c.a, sheets[c.a], "goal", "A house.")
	before := c.everything(c.a)
	c.in(c.mara.ID, func(tx *pg.Tx) error { return c.s.Withdraw(c.ctx, tx, c.mara.ID, c.work, sheets[c.b], c.now) })
	if after := c.everything(c.a); after != before {
		t.Errorf("who had answered sees a difference:\n%s\nbefore:\n%s", after, before)
	}
	_, err := c.read(c.b, sheets[c.a])
	want(t, "the partner reads what was answered alone", err, engagement.ErrNothing)
	if got := strings.Join(c.sees(c.b), ""); got != "Sam: What we both want, withdrawn" {
		t.Errorf("the partner sees %q", got)
	}
}

func TestWhoIsAloneIsNotSentAFormForTwo(t *testing.T) {
	c := newPractice(t)
	c.work = c.start(c.a)
	c.accept(c.work, c.a)
	err := c.try(c.mara.ID, func(tx *pg.Tx) error {
		_, err := c.s.Send(c.ctx, tx, c.mara.ID, c.work, intake.Sending{Form: "together"}, c.now)
		return err
	})
	if fault.KindOf(err) != fault.Invalid {
		t.Errorf("%v", err)
	}
}

func TestADayByWhichToAnswerIsADayToCome(t *testing.T) {
	c := newCouple(t)
	for _, bad := range []string{"tomorrow", "2026-11-01", "2030-01-01", "2026-02-30", "\x00"} {
		err := c.try(c.mara.ID, func(tx *pg.Tx) error {
			_, err := c.s.Send(c.ctx, tx, c.mara.ID, c.work, intake.Sending{Form: "before", To: []people.ID{c.a}, DueOn: bad}, c.now)
			return err
		})
		if f := fault.As(err); f == nil || len(f.Fields) != 1 || f.Fields[0].Name != "due_on" {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

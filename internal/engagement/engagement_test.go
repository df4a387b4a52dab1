package engagement_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/token"
)

// office is a practice with two coaches and three people who could be clients.
type office struct {
	*archive
	s          *engagement.Service
	mara, noor people.Coach
	a, b, c    people.ID
	now        time.Time
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{archive: newArchive(t), now: at}
	o.s = &engagement.Service{Keys: o.keys, Links: token.Key(strings.Repeat("k", 32))}
	o.in(func(tx *pg.Tx) error {
		for i, slug := range []string{"mara", "noor"} {
			if _, err := people.SaveCoach(o.ctx, tx, people.Coach{Slug: slug, Name: strings.ToUpper(slug[:1]) + slug[1:], Email: slug + "@example.org",
				Role: people.Member, Timezone: "Europe/London", Position: i, Active: true}, at); err != nil {
				return err
			}
		}
		return nil
	})
	o.mara, o.noor = o.coach("mara"), o.coach("noor")
	o.a, o.b, o.c = o.person(1), o.person(2), o.person(3)
	return o
}

func (o *office) coach(slug string) people.Coach {
	o.t.Helper()
	c, err := people.FindCoach(o.ctx, o.db, slug)
	if err != nil {
		o.t.Fatal(err)
	}
	return c
}

// wordOf is the word that a coach tells somebody.
func wordOf(person people.ID) string { return "harbour " + string(person) }

func (o *office) start(clients ...people.ID) (id engagement.ID) {
	o.t.Helper()
	var invited []engagement.Invitee
	for _, c := range clients {
		invited = append(invited, engagement.Invitee{Person: c, Word: wordOf(c)})
	}
	o.in(func(tx *pg.Tx) (err error) {
		id, err = o.s.Start(o.ctx, tx, o.mara.ID, invited, engagement.ReadyPolicy(engagement.Confidential, "Mara"), o.now)
		return err
	})
	return id
}

func (o *office) accept(id engagement.ID, who ...people.ID) {
	o.t.Helper()
	for _, person := range who {
		if refused, err := o.tryAccept(id, person, strings.ToUpper(wordOf(person))); refused != nil || err != nil {
			o.t.Fatalf("accept: %v, %v", refused, err)
		}
	}
}

func (o *office) tryAccept(id engagement.ID, who people.ID, word string) (refused *fault.Error, err error) {
	err = o.db.InTx(o.ctx, func(tx *pg.Tx) (err error) {
		refused, err = o.s.Accept(o.ctx, tx, who, id, word, o.now)
		return err
	})
	return refused, err
}

func (o *office) sign(id engagement.ID, who ...people.ID) {
	o.t.Helper()
	for _, person := range who {
		o.in(func(tx *pg.Tx) error {
			versions, err := engagement.Policies(o.ctx, tx, id)
			if err != nil {
				return err
			}
			return o.s.Sign(o.ctx, tx, person, id, versions[0].ID, "A Name", o.now)
		})
	}
}

// lanes are the kinds that somebody may read, those that wait in brackets and
// those that are closed crossed out.
func (o *office) lanes(id engagement.ID, viewer people.ID) string {
	o.t.Helper()
	found, err := engagement.Lanes(o.ctx, o.db, viewer, id)
	if err != nil {
		o.t.Fatal(err)
	}
	var said []string
	for _, l := range found {
		text := string(l.Kind)
		switch {
		case !l.ClosedAt.IsZero():
			text = "-" + text + "-"
		case l.Waits():
			text = "(" + text + ")"
		}
		said = append(said, text)
	}
	slices.Sort(said)
	return strings.Join(said, " ")
}

func (o *office) wants(id engagement.ID, viewer people.ID, lanes string) {
	o.t.Helper()
	if got := o.lanes(id, viewer); got != lanes {
		o.t.Errorf("lanes %q, want %q", got, lanes)
	}
}

func TestEachClientHasTheirOwnLanesAndTheCoachAllButThePersonalOne(t *testing.T) {
	o := newOffice(t)
	id := o.start(o.a, o.b)
	o.wants(id, o.mara.ID, "coach")
	o.wants(id, o.a, "")
	o.accept(id, o.a)
	o.wants(id, o.a, "(individual) safety")
	o.wants(id, o.b, "")
	o.accept(id, o.b)
	o.wants(id, o.a, "(individual) joint safety")
	o.wants(id, o.b, "(individual) joint safety")
	o.sign(id, o.a)
	o.wants(id, o.a, "(individual) joint safety")
	o.sign(id, o.b)
	o.wants(id, o.a, "individual joint safety")
	o.wants(id, o.b, "individual joint safety")
	o.wants(id, o.mara.ID, "coach individual individual joint safety safety")
	for _, stranger := range []people.ID{o.c, o.noor.ID} {
		o.wants(id, stranger, "")
	}
	mine, _ := engagement.Lanes(o.ctx, o.db, o.a, id)
	for _, l := range mine {
		if l.Kind == engagement.JointLane {
			continue
		}
		if _, err := engagement.FindLane(o.ctx, o.db, o.b, l.ID); err != engagement.ErrNothing {
			t.Errorf("the partner finds the %s lane: %v", l.Kind, err)
		}
		keys, err := o.s.Read(o.ctx, o.db, o.b, l.ID)
		if err != nil || len(keys) != 0 {
			t.Errorf("the partner has the key of the %s lane: %v", l.Kind, err)
		}
	}
}

// The partner reads the same inbox, so whoever opens the letter is not enough.
func TestAnInvitationIsAcceptedWithTheWordAloneAndFiveWrongOnesAreTheEnd(t *testing.T) {
	o := newOffice(t)
	id := o.start(o.a)
	for range 5 {
		if refused, err := o.tryAccept(id, o.a, "guess"); refused != engagement.ErrWord || err != nil {
			t.Fatalf("%v, %v", refused, err)
		}
	}
	if refused, _ := o.tryAccept(id, o.a, wordOf(o.a)); refused != engagement.ErrNoWords {
		t.Fatalf("the right word after five wrong ones: %v", refused)
	}
	if _, err := o.tryAccept(id, o.b, wordOf(o.b)); err != engagement.ErrNothing {
		t.Errorf("somebody else with the word: %v", err)
	}
	o.in(func(tx *pg.Tx) error {
		return o.s.Invite(o.ctx, tx, o.mara.ID, id, engagement.Invitee{Person: o.a, Word: "second word"}, o.now)
	})
	if refused, err := o.tryAccept(id, o.a, "SECOND word"); refused != nil || err != nil {
		t.Errorf("a new word: %v, %v", refused, err)
	}
	o.now = o.now.Add(15 * 24 * time.Hour)
	late := o.start(o.b)
	o.now = o.now.Add(14 * 24 * time.Hour)
	if _, err := o.tryAccept(late, o.b, wordOf(o.b)); err != engagement.ErrTooLate {
		t.Errorf("after two weeks: %v", err)
	}
}

func TestTwoPeopleWithOneAddressAreRefusedWithTheWayRound(t *testing.T) {
	o := newOffice(t)
	err := o.db.InTx(o.ctx, func(tx *pg.Tx) error {
		_, err := o.s.Start(o.ctx, tx, o.mara.ID, []engagement.Invitee{{o.a, "word one"}, {o.a, "word two"}}, engagement.ReadyPolicy(engagement.NoSecrets, "Mara"), at)
		return err
	})
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.SayOf(err), "two addresses") {
		t.Errorf("%v", err)
	}
}

// A partner who came later found what the other had written before in the lane
// that both were given.
func TestWhoJoinsLaterReadsNothingFromBefore(t *testing.T) {
	o := newOffice(t)
	id := o.start(o.a)
	o.accept(id, o.a)
	o.sign(id, o.a)
	o.wants(id, o.a, "individual safety")
	before, _ := engagement.Lanes(o.ctx, o.db, o.a, id)
	o.in(func(tx *pg.Tx) error {
		return o.s.Invite(o.ctx, tx, o.mara.ID, id, engagement.Invitee{Person: o.b, Word: wordOf(o.b)}, o.now)
	})
	o.accept(id, o.b)
	o.sign(id, o.b)
	o.wants(id, o.b, "individual joint safety")
	for _, l := range before {
		if _, err := engagement.FindLane(o.ctx, o.db, o.b, l.ID); err != engagement.ErrNothing {
			t.Errorf("reads the %s lane from before", l.Kind)
		}
	}
}

func TestTheDatabaseLetsNobodyBeAddedToALane(t *testing.T) {
	o := newOffice(t)
	id := o.start(o.a, o.b)
	o.accept(id, o.a, o.b)
	mine, _ := engagement.Lanes(o.ctx, o.db, o.a, id)
	for _, l := range mine {
		err := o.db.InTx(o.ctx, func(tx *pg.Tx) error {
			_, err := tx.Exec(o.ctx, `insert into lane_member (lane_id, person_id, part, since) values ($1, $2, 'client', now())`, l.ID, o.c)
			return err
		})
		if !pg.Violates(err, "lane_member_only_shrinks") {
			t.Errorf("added to the %s lane: %v", l.Kind, err)
		}
	}
	o.in(func(tx *pg.Tx) error { return o.s.Leave(o.ctx, tx, o.b, id, o.now) })
	for _, change := range []string{
		`update lane_member set person_id = '` + string(o.c) + `' where person_id = '` + string(o.a) + `'`,
		`update lane_member set part = 'coach' where person_id = '` + string(o.a) + `'`,
	} {
		err := o.db.InTx(o.ctx, func(tx *pg.Tx) error {
			_, err := tx.Exec(o.ctx, change)
			return err
		})
		if !pg.Violates(err, "lane_member_only_shrinks") {
			t.Errorf("%s: %v", change, err)
		}
	}
}

func TestLeavingClosesTheJointLaneAtOnceAndTakesNothingFromAnybody(t *testing.T) {
	o := newOffice(t)
	id := o.start(o.a, o.b)
	o.accept(id, o.a, o.b)
	o.sign(id, o.a, o.b)
	o.in(func(tx *pg.Tx) error { return o.s.Leave(o.ctx, tx, o.a, id, o.now) })
	o.wants(id, o.a, "-individual- -joint- -safety-")
	o.wants(id, o.b, "-joint- individual safety")
	mine, _ := engagement.Lanes(o.ctx, o.db, o.b, id)
	for _, l := range mine {
		if l.Kind != engagement.JointLane {
			continue
		}
		err := o.db.InTx(o.ctx, func(tx *pg.Tx) error {
			_, _, err := o.s.Write(o.ctx, tx, o.mara.ID, l.ID)
			return err
		})
		if err != engagement.ErrLaneClosed {
			t.Errorf("writing in the joint lane: %v", err)
		}
	}
	// Coming back is a new beginning.
	o.in(func(tx *pg.Tx) error {
		return o.s.Invite(o.ctx, tx, o.mara.ID, id, engagement.Invitee{Person: o.a, Word: wordOf(o.a)}, o.now)
	})
	o.accept(id, o.a)
	o.wants(id, o.a, "-individual- -joint- -safety- individual joint safety")
}

func TestAnIndividualLaneTakesNothingBeforeEverybodyHasSigned(t *testing.T) {
	o := newOffice(t)
	id := o.start(o.a, o.b)
	o.accept(id, o.a, o.b)
	o.sign(id, o.a)
	mine, _ := engagement.Lanes(o.ctx, o.db, o.a, id)
	for _, l := range mine {
		err := o.db.InTx(o.ctx, func(tx *pg.Tx) error {
			_, _, err := o.s.Write(o.ctx, tx, o.a, l.ID)
			return err
		})
		if l.Kind == engagement.IndividualLane && err != engagement.ErrLaneWaits || l.Kind != engagement.IndividualLane && err != nil {
			t.Errorf("%s: %v", l.Kind, err)
		}
	}
}

func TestANewPolicyHoldsOnceAllHaveSignedItAndTheOldOneUntilThen(t *testing.T) {
	o := newOffice(t)
	id := o.start(o.a, o.b)
	o.accept(id, o.a, o.b)
	o.sign(id, o.a, o.b)
	o.in(func(tx *pg.Tx) error {
		return o.s.Propose(o.ctx, tx, o.mara.ID, id, engagement.ReadyPolicy(engagement.NoSecrets, "Mara"), o.now)
	})
	kind := func() engagement.PolicyKind {
		versions, err := engagement.Policies(o.ctx, o.db, id)
		if err != nil {
			t.Fatal(err)
		}
		held, _ := engagement.InForce(versions)
		return held.Kind
	}
	if kind() != engagement.Confidential {
		t.Errorf("holds before anybody has signed: %s", kind())
	}
	o.sign(id, o.a)
	o.wants(id, o.a, "individual joint safety")
	if kind() != engagement.Confidential {
		t.Errorf("holds after one has signed: %s", kind())
	}
	o.sign(id, o.b)
	if kind() != engagement.NoSecrets {
		t.Errorf("holds after both have signed: %s", kind())
	}
}

func TestATextThatWasChangedByAByteIsNoLongerSigned(t *testing.T) {
	o := newOffice(t)
	id := o.start(o.a)
	o.accept(id, o.a)
	o.sign(id, o.a)
	err := o.db.InTx(o.ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(o.ctx, `update secrets_policy set body = body || '.'`)
		return err
	})
	if err == nil {
		t.Error("the program can rewrite a policy")
	}
	owner := pgtest.Owner(t)
	if err := owner.InTx(o.ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(o.ctx, `update secrets_policy set body = body || '.'`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	versions, err := engagement.Policies(o.ctx, o.db, id)
	if err != nil || versions[0].SignedBy(o.a) {
		t.Errorf("a changed text still counts as signed: %v", err)
	}
}

func TestACoachWhoTakesOverReadsNothingFromBeforeAndTheOneBeforeNothingMore(t *testing.T) {
	o := newOffice(t)
	id := o.start(o.a, o.b)
	o.accept(id, o.a, o.b)
	o.sign(id, o.a, o.b)
	var next engagement.ID
	o.in(func(tx *pg.Tx) (err error) {
		next, err = o.s.HandOver(o.ctx, tx, o.mara, id, o.noor, o.now)
		return err
	})
	o.wants(id, o.mara.ID, "")
	o.wants(id, o.noor.ID, "")
	o.wants(next, o.noor.ID, "coach")
	o.wants(id, o.a, "-individual- -joint- -safety-")
	if refused, err := o.tryAccept(next, o.a, ""); refused != nil || err != nil {
		t.Fatalf("a client who is known is asked for a word: %v, %v", refused, err)
	}
	o.wants(next, o.a, "(individual) safety")
	if _, err := engagement.Find(o.ctx, o.db, o.mara, next); !errors.Is(err, engagement.ErrNothing) {
		t.Errorf("the coach before finds what goes on: %v", err)
	}
}

// A coach was suspended while their page stood open.
func TestASuspendedCoachReadsNothingFromTheNextStatementOn(t *testing.T) {
	o := newOffice(t)
	id := o.start(o.a)
	o.accept(id, o.a)
	o.wants(id, o.mara.ID, "(individual) coach safety")
	o.in(func(tx *pg.Tx) error {
		_, err := tx.Exec(o.ctx, `update coach set active = false where person_id = $1`, o.mara.ID)
		return err
	})
	o.wants(id, o.mara.ID, "")
	o.wants(id, o.a, "(individual) safety")
}

func TestAnEndClosesEverythingButTheCoachsOwnLaneAndReopeningGivesNewOnes(t *testing.T) {
	o := newOffice(t)
	id := o.start(o.a, o.b)
	o.accept(id, o.a, o.b)
	o.sign(id, o.a, o.b)
	o.in(func(tx *pg.Tx) error { return o.s.End(o.ctx, tx, o.mara.ID, id, o.now) })
	o.wants(id, o.a, "-individual- -joint- -safety-")
	o.wants(id, o.mara.ID, "-individual- -individual- -joint- -safety- -safety- coach")
	o.in(func(tx *pg.Tx) error { return o.s.Reopen(o.ctx, tx, o.mara.ID, id, o.now) })
	o.wants(id, o.a, "-individual- -joint- -safety- individual joint safety")
}

func TestWhatAClientHasForThemselvesHasOneReader(t *testing.T) {
	o := newOffice(t)
	id := o.start(o.a, o.b)
	o.accept(id, o.a, o.b)
	var first, again engagement.LaneID
	o.in(func(tx *pg.Tx) (err error) {
		first, err = o.s.Personal(o.ctx, tx, o.a, o.now)
		return err
	})
	o.in(func(tx *pg.Tx) (err error) {
		again, err = o.s.Personal(o.ctx, tx, o.a, o.now)
		return err
	})
	if first != again {
		t.Error("two personal lanes")
	}
	for _, other := range []people.ID{o.b, o.mara.ID, o.noor.ID} {
		if _, err := engagement.FindLane(o.ctx, o.db, other, first); err != engagement.ErrNothing {
			t.Errorf("somebody else finds it: %v", err)
		}
	}
}

func TestAThirdPersonAndAStrangersEngagementAreRefused(t *testing.T) {
	o := newOffice(t)
	id := o.start(o.a, o.b)
	try := func(coach people.ID, who people.ID) error {
		return o.db.InTx(o.ctx, func(tx *pg.Tx) error {
			return o.s.Invite(o.ctx, tx, coach, id, engagement.Invitee{Person: who, Word: wordOf(who)}, o.now)
		})
	}
	if err := try(o.mara.ID, o.c); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a third person: %v", err)
	}
	if err := try(o.noor.ID, o.c); !errors.Is(err, engagement.ErrNothing) {
		t.Errorf("another coach: %v", err)
	}
	o.in(func(tx *pg.Tx) error { return o.s.Withdraw(o.ctx, tx, o.mara.ID, id, o.b, o.now) })
	if err := try(o.mara.ID, o.c); err != nil {
		t.Errorf("after one was withdrawn: %v", err)
	}
	if _, err := engagement.FindForClient(context.Background(), o.db, o.b, id); err != engagement.ErrNothing {
		t.Errorf("who was withdrawn still finds it: %v", err)
	}
}

func TestWhoMayReadIsSaidByName(t *testing.T) {
	o := newOffice(t)
	id := o.start(o.a, o.b)
	o.accept(id, o.a, o.b)
	mine, _ := engagement.Lanes(o.ctx, o.db, o.a, id)
	for _, l := range mine {
		want := "This can be read by you and Mara (your coach), and by nobody else."
		if l.Kind == engagement.JointLane {
			want = "This can be read by you, Mara (your coach) and Person, and by nobody else."
		}
		if got := l.Who(o.a); got != want {
			t.Errorf("%s: %q", l.Kind, got)
		}
	}
}

// Somebody clicked twice: the second answer came from a session that had typed
// another word, and what follows from the word was given to it.
func TestTheWordIsAskedForAgainOfWhoHasAccepted(t *testing.T) {
	o := newOffice(t)
	id := o.start(o.a)
	o.accept(id, o.a)
	if refused, err := o.tryAccept(id, o.a, "guess"); refused != engagement.ErrWord || err != nil {
		t.Errorf("a wrong word after the right one: %v, %v", refused, err)
	}
	o.accept(id, o.a)
	for range 4 {
		_, _ = o.tryAccept(id, o.a, "guess")
	}
	if refused, _ := o.tryAccept(id, o.a, wordOf(o.a)); refused != engagement.ErrNoWords {
		t.Errorf("after five wrong ones: %v", refused)
	}
	o.in(func(tx *pg.Tx) error {
		return o.s.Reword(o.ctx, tx, o.mara.ID, id, engagement.Invitee{Person: o.a, Word: "garden door"}, o.now)
	})
	if refused, err := o.tryAccept(id, o.a, "Garden door"); refused != nil || err != nil {
		t.Errorf("the coach’s new word: %v, %v", refused, err)
	}
	o.wants(id, o.a, "(individual) safety") // and nothing is there twice
}

// The same word was said to both in one call: each could have answered for the
// other.
func TestEachClientHasAWordOfTheirOwn(t *testing.T) {
	o := newOffice(t)
	start := func(first, second string) (id engagement.ID, err error) {
		err = o.db.InTx(o.ctx, func(tx *pg.Tx) (err error) {
			id, err = o.s.Start(o.ctx, tx, o.mara.ID, []engagement.Invitee{{o.a, first}, {o.b, second}}, engagement.ReadyPolicy(engagement.NoSecrets, "Mara"), at)
			return err
		})
		return id, err
	}
	if _, err := start("Olive tree", "olive-tree"); fault.KindOf(err) != fault.Invalid || fault.As(err).Fields[0].Name != "word_2" {
		t.Errorf("%v", err)
	}
	id, err := start("olive tree", "apple tree")
	if err != nil {
		t.Fatal(err)
	}
	for _, again := range []func(tx *pg.Tx) error{
		func(tx *pg.Tx) error {
			return o.s.Invite(o.ctx, tx, o.mara.ID, id, engagement.Invitee{Person: o.b, Word: "OLIVE TREE"}, o.now)
		},
		func(tx *pg.Tx) error {
			return o.s.Reword(o.ctx, tx, o.mara.ID, id, engagement.Invitee{Person: o.b, Word: "olive tree"}, o.now)
		},
	} {
		if err := o.db.InTx(o.ctx, again); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%v", err)
		}
	}
}

func TestOneInboxAndOnePersonAreNotTwoClients(t *testing.T) {
	o := newOffice(t)
	try := func() error {
		return o.db.InTx(o.ctx, func(tx *pg.Tx) error {
			_, err := o.s.Start(o.ctx, tx, o.mara.ID, []engagement.Invitee{{o.a, "word one"}, {o.b, "word two"}}, engagement.ReadyPolicy(engagement.NoSecrets, "Mara"), at)
			return err
		})
	}
	o.in(func(tx *pg.Tx) error {
		_, err := tx.Exec(o.ctx, `update person set email = case id when $1 then 'pat@example.org' else 'pat+us@example.org' end where id in ($1, $2)`, o.a, o.b)
		return err
	})
	if err := try(); fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.SayOf(err), "two addresses") {
		t.Errorf("a tag makes another inbox: %v", err)
	}
	o.in(func(tx *pg.Tx) error {
		_, err := tx.Exec(o.ctx, `update person set email = 'other@example.org', merged_into = $1 where id = $2`, o.a, o.b)
		return err
	})
	if err := try(); fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.SayOf(err), "one person") {
		t.Errorf("joined records are two clients: %v", err)
	}
}

// Somebody who had left was asked back, said no, and could not find what was
// theirs any more.
func TestSayingNoToComingBackTakesNothingAway(t *testing.T) {
	o := newOffice(t)
	id := o.start(o.a)
	o.accept(id, o.a)
	o.in(func(tx *pg.Tx) error { return o.s.Leave(o.ctx, tx, o.a, id, o.now) })
	for _, ending := range []func(tx *pg.Tx) error{
		func(tx *pg.Tx) error { return o.s.Decline(o.ctx, tx, o.a, id, o.now) },
		func(tx *pg.Tx) error { return o.s.Withdraw(o.ctx, tx, o.mara.ID, id, o.a, o.now) },
		func(tx *pg.Tx) error { return o.s.End(o.ctx, tx, o.mara.ID, id, o.now) },
	} {
		o.in(func(tx *pg.Tx) error {
			return o.s.Invite(o.ctx, tx, o.mara.ID, id, engagement.Invitee{Person: o.a, Word: "harbour"}, o.now)
		})
		o.in(ending)
		e, err := engagement.FindForClient(o.ctx, o.db, o.a, id)
		if err != nil || e.Clients[0].Place != engagement.Left {
			t.Fatalf("%v, %+v", err, e.Clients)
		}
	}
}

func TestWhoGoesOnAloneIsToldOnlyOfWhatWasShared(t *testing.T) {
	o := newOffice(t)
	parted := func(person people.ID, want bool) {
		t.Helper()
		found, err := engagement.Parted(o.ctx, o.db, person)
		if err != nil || (len(found) == 1) != want {
			t.Errorf("%v, %v, want %v", found, err, want)
		}
	}
	early := o.start(o.a, o.b)
	o.accept(early, o.b)
	o.in(func(tx *pg.Tx) error { return o.s.Leave(o.ctx, tx, o.b, early, o.now) })
	o.accept(early, o.a) // nothing was ever shared
	parted(o.a, false)
	id := o.start(o.a, o.b)
	o.accept(id, o.a, o.b)
	parted(o.a, false)
	o.in(func(tx *pg.Tx) error { return o.s.Leave(o.ctx, tx, o.b, id, o.now) })
	parted(o.a, true)
	parted(o.b, false)
	o.in(func(tx *pg.Tx) error {
		return o.s.Invite(o.ctx, tx, o.mara.ID, id, engagement.Invitee{Person: o.b, Word: wordOf(o.b)}, o.now)
	})
	parted(o.a, true)
	o.accept(id, o.b)
	parted(o.a, false)
}

func TestWhoHasNotSignedIsKnownForManyAtOnce(t *testing.T) {
	o := newOffice(t)
	one, two := o.start(o.a, o.b), o.start(o.c)
	o.accept(one, o.a, o.b)
	o.accept(two, o.c)
	o.sign(one, o.b)
	unsigned, err := engagement.Unsigned(o.ctx, o.db, one, two)
	if err != nil || len(unsigned) != 2 || !slices.Equal(unsigned[one], []people.ID{o.a}) || !slices.Equal(unsigned[two], []people.ID{o.c}) {
		t.Errorf("%v, %v", unsigned, err)
	}
	o.in(func(tx *pg.Tx) error {
		return o.s.Propose(o.ctx, tx, o.mara.ID, one, engagement.ReadyPolicy(engagement.NoSecrets, "Mara"), o.now)
	})
	if unsigned, err = engagement.Unsigned(o.ctx, o.db, one); err != nil || len(unsigned[one]) != 2 {
		t.Errorf("a new text: %v, %v", unsigned, err)
	}
}

func TestAReaderWhoCouldReadBeforeIsNamed(t *testing.T) {
	o := newOffice(t)
	id := o.start(o.a)
	o.accept(id, o.a)
	o.now = o.now.Add(time.Hour)
	o.in(func(tx *pg.Tx) error {
		_, err := o.s.HandOver(o.ctx, tx, o.mara, id, o.noor, o.now)
		return err
	})
	mine, err := engagement.Lanes(o.ctx, o.db, o.a, id)
	if err != nil || len(mine) != 2 {
		t.Fatal(mine, err)
	}
	for _, l := range mine {
		if len(l.Readers) != 1 || len(l.Past) != 1 || l.Past[0].Name != "Mara" || !l.Past[0].Since.Equal(at) || !l.Past[0].Until.Equal(o.now) {
			t.Errorf("%+v", l)
		}
	}
}

func TestASuggestedWordIsTwoPlainWords(t *testing.T) {
	seen := map[string]bool{}
	for range 50 {
		word := engagement.SuggestWord()
		if parts := strings.Fields(word); len(parts) != 2 || len(word) < 7 {
			t.Errorf("%q", word)
		}
		seen[word] = true
	}
	if len(seen) < 45 {
		t.Errorf("only %d of 50 differ", len(seen))
	}
}

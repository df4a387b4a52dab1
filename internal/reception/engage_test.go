package reception_test

import (
	"sync"
	"testing"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/login"
	"kintsugi/internal/office"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/reception"
)

var sayYes = people.Contact{MayEmail: people.Yes, MayCall: people.No, MayLeave: people.No}

func (h *house) coachOf(v booking.Viewer) people.Coach {
	h.t.Helper()
	c, err := people.FindCoachByID(h.ctx, h.DB, v.ID)
	h.must(err)
	return c
}

// engaged has a coach begin with somebody who had a call, and with a second
// person whom nobody knew.
func (h *house) engaged(v booking.Viewer, coach string) (id engagement.ID, a, b people.ID) {
	h.t.Helper()
	a = h.book(coach, "ana", at(9, 0)).PersonID
	id, err := h.start(v, reception.Invitee{Person: a, Word: "olive tree"}, reception.Invitee{Name: "Ben Moss", Email: "ben@example.net", Safe: people.Yes, Word: "apple cart"})
	h.must(err)
	person, err := people.FindByEmail(h.ctx, h.DB, "ben@example.net")
	h.must(err)
	return id, a, person.ID
}

func (h *house) start(v booking.Viewer, clients ...reception.Invitee) (engagement.ID, error) {
	policy := engagement.ReadyPolicy(engagement.Confidential, "Mara")
	return h.StartEngagement(h.ctx, h.coachOf(v), clients, policy, once.Key{})
}

// session signs a client in with nothing but a code.
func (h *house) session(person people.ID) (id login.SessionID) {
	h.t.Helper()
	h.must(h.DB.InTx(h.ctx, func(tx *pg.Tx) error {
		if _, err := login.SignInAs(h.ctx, tx, person, "A browser", h.now); err != nil {
			return err
		}
		return tx.Get(h.ctx, &id, `update session set proven_at = null, fresh_at = null where person_id = $1 and proven_at is not null returning id`, person)
	}))
	return id
}

func (h *house) vouched(id login.SessionID) bool {
	h.t.Helper()
	return h.count(`select count(*) from session where id = $1 and vouched_at is not null`, string(id)) == 1
}

func (h *house) accept(person people.ID, id engagement.ID, word string) error {
	return h.AcceptInvitation(h.ctx, person, h.session(person), id, word, sayYes)
}

func (h *house) stands(v booking.Viewer, person people.ID, want office.Stage) {
	h.t.Helper()
	if got := h.find(v, person).Stage; got != want {
		h.t.Errorf("stands as %q, want %q", got, want)
	}
}

func (h *house) letters(kind string, to people.ID) int {
	return h.count(`select count(*) from letter where kind = $1 and recipient = $2`, kind, to)
}

func TestACallBecomesWorkWithTwoPeopleWhoAnswerAlone(t *testing.T) {
	h := newHouse(t)
	id, a, b := h.engaged(h.noor, "noor")
	h.stands(h.noor, a, office.Invited)
	h.stands(h.noor, b, office.Invited)
	for _, who := range []people.ID{a, b} {
		if n := h.letters("engagement-invited", who); n != 1 {
			t.Errorf("%d letters", n)
		}
	}
	h.must(h.accept(a, id, "Olive Tree"))
	h.stands(h.noor, a, office.Client)
	h.stands(h.noor, b, office.Invited)
	h.must(h.accept(b, id, "apple cart"))
	h.stands(h.noor, b, office.Client)
	h.must(h.LeaveEngagement(h.ctx, a, id))
	h.stands(h.noor, a, office.Ended)
	h.stands(h.noor, b, office.Client)
	if card := h.find(h.noor, a); card.Standing.Reason != "other" {
		t.Errorf("ended because %q", card.Standing.Reason)
	}
	h.must(h.TurnEngagement(h.ctx, h.coachOf(h.noor), id, reception.EndIt, "finished"))
	h.stands(h.noor, b, office.Ended)
	h.must(h.TurnEngagement(h.ctx, h.coachOf(h.noor), id, reception.ReopenIt, ""))
	h.stands(h.noor, b, office.Client)
	h.stands(h.noor, a, office.Ended)
}

// The partner may be standing there: what somebody says of their inbox
// themselves is theirs, and the desk can see that it is.
func TestHowAClientIsReachedIsTheirOwnWord(t *testing.T) {
	h := newHouse(t)
	id, a, _ := h.engaged(h.noor, "noor")
	h.must(h.accept(a, id, "olive tree"))
	h.must(h.accept(a, id, "olive tree")) // a second click
	person, err := people.Find(h.ctx, h.DB, a)
	h.must(err)
	history, err := people.ContactHistory(h.ctx, h.DB, person)
	h.must(err)
	if len(history) != 2 || history[0].ChangedBy != a || history[0].MayCall != people.No {
		t.Errorf("%+v", history)
	}
	if n := h.count(`select count(*) from audit where act = 'contact safety changed' and actor_kind = 'person' and actor = $1 and about = $1`, a); n != 1 {
		t.Errorf("%d lines of it", n)
	}
}

// Whoever held the inbox sent the invitation again after it was accepted, with
// any word at all, and could then set up the second proof.
func TestOnlyASessionThatTypedTheWordMaySetUpAProof(t *testing.T) {
	h := newHouse(t)
	id, a, _ := h.engaged(h.noor, "noor")
	own := h.session(a)
	h.must(h.AcceptInvitation(h.ctx, a, own, id, "olive tree", sayYes))
	if !h.vouched(own) {
		t.Error("the word was typed and counts for nothing")
	}
	other := h.session(a)
	h.refused(h.AcceptInvitation(h.ctx, a, other, id, "guess", sayYes), fault.Invalid)
	if h.vouched(other) {
		t.Error("a session that does not know the word may set up a proof")
	}
	// A coach who takes over asks for no word, so nothing follows from a yes.
	next, err := h.HandEngagement(h.ctx, h.coachOf(h.noor), id, h.mara.ID, once.Key{})
	h.must(err)
	h.must(h.AcceptInvitation(h.ctx, a, other, next, "", sayYes))
	if h.vouched(other) {
		t.Error("an invitation without a word vouches for a session")
	}
	h.refused(h.RecallWord(h.ctx, a, other, "guess"), fault.Invalid)
	h.must(h.RecallWord(h.ctx, a, other, "olive tree"))
	if !h.vouched(other) {
		t.Error("the word of before counts for nothing")
	}
}

func TestAWrongWordIsCountedAlsoThroughTheStory(t *testing.T) {
	h := newHouse(t)
	id, a, _ := h.engaged(h.noor, "noor")
	for range 5 {
		h.refused(h.accept(a, id, "guess"), fault.Invalid)
	}
	h.refused(h.accept(a, id, "olive tree"), fault.Conflict)
	h.must(h.GiveWord(h.ctx, h.coachOf(h.noor), id, a, "third door", once.Key{}))
	h.must(h.accept(a, id, "third door"))
	h.refused(h.GiveWord(h.ctx, h.coachOf(h.mara), id, a, "fourth door", once.Key{}), fault.NotFound)
}

func TestAnEngagementIsStartedOnceHoweverOftenItIsSent(t *testing.T) {
	h := newHouse(t)
	a := h.book("noor", "ana", at(9, 0)).PersonID
	noor := h.coachOf(h.noor)
	key := once.Key{Scope: "desk engagement", Text: "one", Fingerprint: []byte("x")}
	var all sync.WaitGroup
	ids := make([]engagement.ID, 4)
	for i := range ids {
		all.Go(func() {
			var err error
			ids[i], err = h.StartEngagement(h.ctx, noor, []reception.Invitee{{Person: a, Word: "olive tree"}}, engagement.ReadyPolicyAlone("Noor"), key)
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, id := range ids {
		if id != ids[0] || id == "" {
			t.Errorf("%v", ids)
		}
	}
	if n := h.letters("engagement-invited", a); n != 1 {
		t.Errorf("%d letters", n)
	}
}

func TestWhoCannotBeInvitedIsSaidAtTheField(t *testing.T) {
	h := newHouse(t)
	a := h.book("noor", "ana", at(9, 0)).PersonID
	others := h.book("mara", "cleo", at(9, 0)).PersonID
	spam := h.book("noor", "spam", at(11, 0)).PersonID
	_, err := h.MarkSpam(h.ctx, h.noor, spam)
	h.must(err)
	first := reception.Invitee{Person: a, Word: "olive tree"}
	for field, second := range map[string]reception.Invitee{
		"name_2":  {Name: "  ", Email: "x@example.org", Safe: people.Yes, Word: "apple cart"},
		"email_2": {Name: "Ben", Email: "nowhere", Safe: people.Yes, Word: "apple cart"},
		"safe_2":  {Name: "Ben", Email: "ben@example.org", Word: "apple cart"},
		"word_2":  {Name: "Ben", Email: "ben@example.org", Safe: people.Yes, Word: "x"},
		"clients": {Name: "Ana again", Email: "ana@example.com", Safe: people.Yes, Word: "apple cart"},
	} {
		_, err := h.start(h.noor, first, second)
		if said := fault.As(err); said == nil || len(said.Fields) != 1 || said.Fields[0].Name != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	for _, second := range []reception.Invitee{{Person: spam, Word: "apple cart"}, {Name: "Spam", Email: "spam@example.com", Safe: people.Yes, Word: "apple cart"},
		{Name: "Mara", Email: "mara@example.org", Safe: people.Yes, Word: "apple cart"}} {
		_, err := h.start(h.noor, first, second)
		if said := fault.As(err); said == nil || len(said.Fields) != 1 || said.Fields[0].Name != "email_2" {
			t.Errorf("%+v: %v", second, err)
		}
	}
	_, err = h.start(h.noor, first, reception.Invitee{Person: others, Word: "apple cart"})
	h.refused(err, fault.NotFound)
	if n := h.count(`select count(*) from engagement`); n != 0 {
		t.Errorf("%d begun all the same", n)
	}
}

func TestTheRecordThatIsInvitedIsTheOneWhoseAddressWasChosen(t *testing.T) {
	h := newHouse(t)
	one, two := h.book("noor", "ana", at(9, 0)).PersonID, h.book("noor", "a.berg", at(11, 0)).PersonID
	h.must(h.Join(h.ctx, h.noor, one, two))
	id, err := h.start(h.noor, reception.Invitee{Person: two, Word: "olive tree"})
	h.must(err)
	if h.letters("engagement-invited", one) != 0 || h.letters("engagement-invited", two) != 1 {
		t.Error("the letter went to the other address")
	}
	h.stands(h.noor, one, office.Invited)
	h.must(h.accept(two, id, "olive tree"))
	h.stands(h.noor, one, office.Client)
	h.refused(h.accept(one, id, "olive tree"), fault.NotFound)
	_, err = h.start(h.noor, reception.Invitee{Person: one, Word: "olive tree"}, reception.Invitee{Person: two, Word: "apple cart"})
	if fault.KindOf(err) != fault.Invalid {
		t.Errorf("one person is invited as two: %v", err)
	}
}

// A new address that the coach was told is not safe: no letter goes there, and
// the person stands as invited all the same.
func TestNoLetterGoesWhereMailIsNotSafe(t *testing.T) {
	h := newHouse(t)
	a := h.book("noor", "ana", at(9, 0)).PersonID
	_, err := h.start(h.noor, reception.Invitee{Person: a, Word: "olive tree"}, reception.Invitee{Name: "Ben", Email: "ben@example.org", Safe: people.No, Word: "apple cart"})
	h.must(err)
	ben, err := people.FindByEmail(h.ctx, h.DB, "ben@example.org")
	h.must(err)
	if held, _, err := people.MailHeld(h.ctx, h.DB, ben.ID); err != nil || !held {
		t.Errorf("held: %v, %v", held, err)
	}
	h.stands(h.noor, ben.ID, office.Invited)
}

func TestASecondPersonIsInvitedOnceTheFirstKnows(t *testing.T) {
	h := newHouse(t)
	a := h.book("noor", "ana", at(9, 0)).PersonID
	noor := h.coachOf(h.noor)
	id, err := h.start(h.noor, reception.Invitee{Person: a, Word: "olive tree"})
	h.must(err)
	h.must(h.accept(a, id, "olive tree"))
	who := reception.Joining{Who: reception.Invitee{Name: "Ben", Email: "ben@example.org", Safe: people.Yes, Word: "apple cart"}, Policy: engagement.ReadyPolicy(engagement.Discretion, "Noor")}
	err = h.InviteToEngagement(h.ctx, noor, id, who, once.Key{})
	if said := fault.As(err); said == nil || len(said.Fields) != 1 || said.Fields[0].Name != "told" {
		t.Fatalf("%v", err)
	}
	who.Told = true
	h.refused(h.InviteToEngagement(h.ctx, h.coachOf(h.mara), id, who, once.Key{}), fault.NotFound)
	h.must(h.InviteToEngagement(h.ctx, noor, id, who, once.Key{}))
	versions, err := engagement.Policies(h.ctx, h.DB, id)
	if err != nil || len(versions) != 2 || versions[0].Kind != engagement.Discretion {
		t.Errorf("%v, %v", versions, err)
	}
}

// Somebody opened two tabs, said yes in one while the coach took the invitation
// back; both clients pressed at the same moment.
func TestAnswersThatRaceEndInOneState(t *testing.T) {
	h := newHouse(t)
	for range 6 {
		var id engagement.ID
		a := h.book("noor", "ana", at(9, 0)).PersonID
		b := h.book("noor", "ben", at(10, 0)).PersonID
		id, err := h.start(h.noor, reception.Invitee{Person: a, Word: "olive tree"}, reception.Invitee{Person: b, Word: "apple cart"})
		h.must(err)
		first, second := h.session(a), h.session(b)
		noor := h.coachOf(h.noor)
		var all sync.WaitGroup
		var withdrawn error
		all.Go(func() {
			if err := h.AcceptInvitation(h.ctx, a, first, id, "olive tree", sayYes); err != nil {
				t.Error(err)
			}
		})
		all.Go(func() {
			err := h.AcceptInvitation(h.ctx, b, second, id, "apple cart", sayYes)
			if err != nil && fault.KindOf(err) != fault.NotFound {
				t.Error(err)
			}
		})
		all.Go(func() { withdrawn = h.WithdrawInvitation(h.ctx, noor, id, b) })
		all.Wait()
		e, err := engagement.Find(h.ctx, h.DB, noor, id)
		h.must(err)
		own, _ := e.Client(b)
		joint := h.count(`select count(*) from lane where engagement_id = $1 and kind = 'joint' and closed_at is null`, string(id))
		switch {
		case own.Place == engagement.Accepted && joint == 1 && fault.KindOf(withdrawn) == fault.Conflict:
		case own.Place == engagement.Withdrawn && joint == 0 && withdrawn == nil:
		default:
			t.Errorf("b stands as %s with %d joint lanes, taking back said %v", own.Place, joint, withdrawn)
		}
		h.now = h.now.Add(time.Hour)
		h.must(h.DB.InTx(h.ctx, func(tx *pg.Tx) error { _, err := tx.Exec(h.ctx, `update booking set status = 'cancelled'`); return err }))
	}
}

func TestAfterAMonthWithNothingNobodySignsIn(t *testing.T) {
	h := newHouse(t)
	noor := h.coachOf(h.noor)
	id, a, b := h.engaged(h.noor, "noor")
	h.must(h.accept(a, id, "olive tree"))
	h.must(h.LeaveEngagement(h.ctx, a, id))
	h.must(h.DeclineInvitation(h.ctx, b, id))
	h.stands(h.noor, b, office.Enquiry)
	barred := func() int { return h.count(`select count(*) from client_account where barred_at is not null`) }
	h.must(h.CloseDoors(h.ctx))
	if barred() != 0 {
		t.Error("somebody who has just said no cannot read so")
	}
	h.now = h.now.AddDate(0, 0, 31)
	h.must(h.CloseDoors(h.ctx))
	if n := h.count(`select count(*) from client_account where barred_at is not null and person_id = $1`, b); n != 1 || barred() != 1 {
		t.Errorf("%d barred, %d of them who said no; who has left reads on", barred(), n)
	}
	h.must(h.InviteToEngagement(h.ctx, noor, id, reception.Joining{Who: reception.Invitee{Person: b, Word: "third door"}, Told: true}, once.Key{}))
	if barred() != 0 {
		t.Error("whoever is invited again stays out")
	}
}

func TestACoachWhoTakesOverSeesTheClientsAtTheDesk(t *testing.T) {
	h := newHouse(t)
	id, a, b := h.engaged(h.noor, "noor")
	h.must(h.accept(a, id, "olive tree"))
	h.must(h.accept(b, id, "apple cart"))
	key := once.Key{Scope: "desk engagement", Text: "hand", Fingerprint: []byte("x")}
	next, err := h.HandEngagement(h.ctx, h.coachOf(h.mara), id, h.mara.ID, key)
	h.must(err)
	if again, err := h.HandEngagement(h.ctx, h.coachOf(h.mara), id, h.mara.ID, key); err != nil || again != next {
		t.Errorf("sent again: %v, %v", again, err)
	}
	h.stands(h.mara, a, office.Invited)
	h.stands(h.mara, b, office.Invited)
	_, err = h.HandEngagement(h.ctx, h.coachOf(h.noor), next, h.noor.ID, once.Key{})
	h.refused(err, fault.NotFound)
	_, err = h.HandEngagement(h.ctx, h.coachOf(h.mara), id, "nobody", once.Key{})
	h.refused(err, fault.Invalid)
}

package reception_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/mail"
	"kintsugi/internal/office"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/reception"
)

func TestACoachSeesOnlyTheirOwnPeopleAndOthersDoNotExistForThem(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.book("mara", "ana", at(9, 0)), h.book("noor", "ben", at(9, 0))
	for _, c := range []struct {
		who  string
		v    booking.Viewer
		want []string
	}{{"owner", h.mara, []string{"Person ana", "Person ben"}}, {"coach", h.noor, []string{"Person ben"}}, {"assistant", h.asta, []string{"Person ana", "Person ben"}}} {
		got := h.names(c.v, reception.Look{})
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.who, got, c.want)
		}
		found := h.names(c.v, reception.Look{Typed: "ana"})
		if slices.Contains(found, "Person ana") != slices.Contains(c.want, "Person ana") {
			t.Errorf("%s finds %v", c.who, found)
		}
	}
	_, mine := h.Find(h.ctx, h.DB, h.noor, ben.PersonID)
	h.must(mine)
	_, theirs := h.Find(h.ctx, h.DB, h.noor, ana.PersonID)
	_, nobody := h.Find(h.ctx, h.DB, h.noor, "00000000-0000-4000-8000-000000000000")
	_, odd := h.Find(h.ctx, h.DB, h.noor, "' or true --")
	for _, err := range []error{theirs, odd} {
		if fault.KindOf(err) != fault.NotFound || fault.SayOf(err) != fault.SayOf(nobody) {
			t.Errorf("%v, but of nobody %v", err, nobody)
		}
	}
	for what, err := range map[string]error{
		"place":   h.Place(h.ctx, h.noor, ana.PersonID, office.Standing{Stage: office.Client}),
		"note":    h.SaveNote(h.ctx, h.noor, ana.PersonID, 0, "x"),
		"contact": h.SetContact(h.ctx, h.noor, ana.PersonID, 0, people.Contact{MayEmail: people.No, MayCall: people.Unknown, MayLeave: people.Unknown}),
		"join":    h.Join(h.ctx, h.noor, ben.PersonID, ana.PersonID),
		"erase":   h.Erase(h.ctx, h.noor, ana.PersonID),
		"hand":    h.HandTo(h.ctx, h.noor, ben.PersonID, h.mara.ID),
	} {
		if fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := h.MarkSpam(h.ctx, h.noor, ana.PersonID)
	h.refused(err, fault.NotFound)
	_, err = h.Export(h.ctx, h.noor, ana.PersonID)
	h.refused(err, fault.NotFound)
	if n := h.count(`select count(*) from audit where actor = $1`, h.noor.ID); n != 0 {
		t.Errorf("%d lines of acts that did not happen", n)
	}
}

func TestWhoeverIsHandedOverIsSeenByTheirNewCoach(t *testing.T) {
	h := newHouse(t)
	ana := h.book("mara", "ana", at(9, 0))
	h.must(h.HandTo(h.ctx, h.mara, ana.PersonID, h.noor.ID))
	h.must(h.HandTo(h.ctx, h.mara, ana.PersonID, h.noor.ID))
	card := h.find(h.noor, ana.PersonID)
	if len(card.Bookings) != 0 || len(card.Letters) != 0 || card.Stage != office.Enquiry {
		t.Errorf("hours with another coach came along: %+v", card)
	}
	h.refused(h.HandTo(h.ctx, h.mara, ana.PersonID, h.asta.ID), fault.NotFound)
}

func TestPeopleAreFoundByEveryPartOfNameAndAddress(t *testing.T) {
	h := newHouse(t)
	h.must(h.DB.InTx(h.ctx, func(tx *pg.Tx) error {
		for email, name := range map[string]string{"zoe.o-neil@example.org": "Zoë O’Neil", "anna@пример.test": "Анна Каренина",
			"evil@example.com": `Robert'); drop table person;-- {{.}} %s`, "long@example.com": strings.Repeat("𝅘𝅥𝅰", 200), "star@example.com": "★"} {
			if _, _, err := people.FindOrCreate(h.ctx, tx, email, name, "", true, h.now); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	}))
	for typed, want := range map[string]string{
		"zoe": "Zoë O’Neil", "ZOË": "Zoë O’Neil", "neil zo": "Zoë O’Neil", "o'neil": "Zoë O’Neil", "o-neil@example": "Zoë O’Neil", "анна": "Анна Каренина", "карен": "Анна Каренина",
		"drop table person": `Robert'); drop table person;-- {{.}} %s`,
	} {
		if got := h.names(h.mara, reception.Look{Typed: typed}); !slices.Equal(got, []string{want}) {
			t.Errorf("%q finds %q", typed, got)
		}
	}
	for _, typed := range []string{"nobody", "'", "%", "()&|!:*<->", "\\", "\x00", "\xff\xfe", "mara", strings.Repeat("q ", 5000), "zoe nobody"} {
		if got := h.names(h.mara, reception.Look{Typed: typed}); len(got) != 0 {
			t.Errorf("%q finds %q", typed, got)
		}
	}
}

func TestTheListGoesOnWhereThePageBeforeEnded(t *testing.T) {
	h := newHouse(t)
	h.must(h.DB.InTx(h.ctx, func(tx *pg.Tx) error {
		for i := range 65 {
			_, _, err := people.FindOrCreate(h.ctx, tx, fmt.Sprintf("p%d@example.org", i), fmt.Sprintf("P %d", i), "", true, h.now.Add(time.Duration(i/10)*time.Second))
			if err != nil {
				return err
			}
		}
		return nil
	}))
	seen, mark, pages := map[people.ID]bool{}, "", 0
	for {
		l, err := reception.People(h.ctx, h.DB, h.asta, reception.Look{Before: mark}, h.now)
		h.must(err)
		for _, e := range l.People {
			if seen[e.ID] {
				t.Fatalf("%s twice", e.Name)
			}
			seen[e.ID] = true
		}
		if pages++; l.Next == "" {
			break
		}
		mark = l.Next
	}
	if len(seen) != 65 || pages != 3 {
		t.Errorf("%d people on %d pages", len(seen), pages)
	}
	for _, mark := range []string{"x", "_", "2026-01-01T00:00:00Z_x", "'_'"} {
		_, err := reception.People(h.ctx, h.DB, h.asta, reception.Look{Before: mark}, h.now)
		h.refused(err, fault.NotFound)
	}
}

func TestWhereSomebodyStandsFollowsFromTheirCallsUntilItIsSetByHand(t *testing.T) {
	h := newHouse(t)
	b := h.book("noor", "ana", at(9, 0))
	stage := func() office.Stage { t.Helper(); return h.find(h.noor, b.PersonID).Stage }
	place := func(s office.Standing) { t.Helper(); h.must(h.Place(h.ctx, h.noor, b.PersonID, s)) }
	if got := stage(); got != office.CallBooked {
		t.Error(got)
	}
	h.now = at(9, 31)
	if got := stage(); got != office.CallHeld {
		t.Error(got)
	}
	place(office.Standing{Stage: office.Invited, NextStep: "Send the offer", NextOn: "2026-12-10", Source: "search"})
	if got := stage(); got != office.Invited {
		t.Error(got)
	}
	h.refused(h.Place(h.ctx, h.noor, b.PersonID, office.Standing{Stage: office.Ended}), fault.Invalid)
	h.refused(h.Place(h.ctx, h.noor, b.PersonID, office.Standing{Stage: office.CallHeld}), fault.Invalid)
	h.refused(h.Place(h.ctx, h.noor, b.PersonID, office.Standing{NextStep: "no day"}), fault.Invalid)
	h.refused(h.Place(h.ctx, h.noor, b.PersonID, office.Standing{NextOn: "10/12/2026"}), fault.Invalid)
	h.refused(h.Place(h.ctx, h.noor, b.PersonID, office.Standing{Source: "he told me"}), fault.Invalid)
	place(office.Standing{Stage: office.Ended, Reason: "not_now"})
	if got := stage(); got != office.Ended {
		t.Error(got)
	}
	h.now = at(9, 40)
	h.book("noor", "ana", at(15, 0))
	if got := stage(); got != office.CallBooked {
		t.Errorf("somebody who came back stands at %s", got)
	}
	if got := h.names(h.noor, reception.Look{Stage: office.CallBooked}); !slices.Equal(got, []string{"Person ana"}) {
		t.Error(got)
	}
	if got := h.names(h.noor, reception.Look{Stage: office.Client}); got != nil {
		t.Error(got)
	}
	if n := h.count(`select count(*) from audit where act = 'standing changed' and detail::text like '%offer%'`); n != 0 {
		t.Error("the next step's words are in the audit")
	}
}

func TestAClientIsNotForgottenAsAnOldEnquiry(t *testing.T) {
	h := newHouse(t)
	b := h.book("noor", "ana", at(9, 0))
	h.must(h.Place(h.ctx, h.noor, b.PersonID, office.Standing{Stage: office.Client}))
	h.now = h.now.AddDate(2, 0, 0)
	h.must(h.Booking.ForgetOld(h.ctx))
	h.find(h.noor, b.PersonID)
	h.must(h.Place(h.ctx, h.noor, b.PersonID, office.Standing{Stage: office.Ended, Reason: "finished"}))
	h.must(h.Booking.ForgetOld(h.ctx))
	_, err := h.Find(h.ctx, h.DB, h.noor, b.PersonID)
	h.refused(err, fault.NotFound)
}

func TestACallHeldWithoutANextStepIsBroughtToMind(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.book("noor", "ana", at(9, 0)), h.book("mara", "ben", at(9, 0))
	nudges := func(v booking.Viewer) (names []string) {
		t.Helper()
		list, err := reception.Nudges(h.ctx, h.DB, v, h.now, 10)
		h.must(err)
		for _, n := range list {
			names = append(names, fmt.Sprint(n.Name, " ", n.Due))
		}
		slices.Sort(names)
		return names
	}
	if got := nudges(h.mara); got != nil {
		t.Errorf("before the calls: %v", got)
	}
	h.now = at(10, 0)
	if got := nudges(h.mara); !slices.Equal(got, []string{"Person ana false", "Person ben false"}) {
		t.Error(got)
	}
	if got := nudges(h.noor); !slices.Equal(got, []string{"Person ana false"}) {
		t.Error(got)
	}
	h.must(h.Place(h.ctx, h.noor, ana.PersonID, office.Standing{NextStep: "Write", NextOn: "2026-12-10"}))
	h.must(h.Place(h.ctx, h.mara, ben.PersonID, office.Standing{Stage: office.Ended, Reason: "not_a_fit"}))
	if got := nudges(h.mara); got != nil {
		t.Errorf("with a next step: %v", got)
	}
	h.now = h.now.AddDate(0, 0, 2)
	if got := nudges(h.noor); !slices.Equal(got, []string{"Person ana true"}) {
		t.Errorf("on the day of the step: %v", got)
	}
}

func TestWhoBoughtSessionsAndIsNotInvitedIsBroughtToMind(t *testing.T) {
	h := newHouse(t)
	ana := h.book("noor", "ana", at(9, 0)).PersonID
	nudged := func(v booking.Viewer) (waiting []int) {
		t.Helper()
		list, err := reception.Nudges(h.ctx, h.DB, v, h.now, 10)
		h.must(err)
		for _, n := range list {
			waiting = append(waiting, n.Waiting)
		}
		return waiting
	}
	buy := func(key string, sessions int) {
		t.Helper()
		h.must(h.DB.InTx(h.ctx, func(tx *pg.Tx) error {
			_, err := credit.Grant(h.ctx, tx, credit.GrantOf{Holder: credit.Holder{Person: ana}, Sessions: sessions, Types: practice.Slugs{"call"}, ValidDays: 90,
				Source: "order", Key: key, Reason: "sessions", By: audit.Actor{Kind: audit.System}}, h.now)
			return err
		}))
	}
	if got := nudged(h.mara); got != nil {
		t.Errorf("before anything was bought: %v", got)
	}
	buy("one", 3)
	buy("two", 1)
	for name, v := range map[string]booking.Viewer{"the owner": h.mara, "who looks after them": h.noor} {
		if got := nudged(v); !slices.Equal(got, []int{4}) {
			t.Errorf("%s finds %v", name, got)
		}
	}
	h.must(h.Place(h.ctx, h.noor, ana, office.Standing{NextStep: "Write", NextOn: "2026-12-10"}))
	if got := nudged(h.mara); got != nil {
		t.Errorf("with a next step: %v", got)
	}
	h.must(h.Place(h.ctx, h.noor, ana, office.Standing{}))
	if got := nudged(h.mara); !slices.Equal(got, []int{4}) {
		t.Errorf("without the step again: %v", got)
	}
	_, err := h.StartEngagement(h.ctx, h.coachOf(h.noor), []reception.Invitee{{Person: ana, Word: "olive tree"}}, engagement.ReadyPolicyAlone("Noor"), once.Key{})
	h.must(err)
	if got := nudged(h.mara); got != nil {
		t.Errorf("once invited: %v", got)
	}
}

func TestANoToMailHoldsEveryLetterWhateverIsTypedLater(t *testing.T) {
	h := newHouse(t)
	b := h.book("noor", "ana", at(9, 0))
	no := people.Contact{MayEmail: people.No, MayCall: people.Yes, MayLeave: people.No}
	h.must(h.SetContact(h.ctx, h.noor, b.PersonID, 0, no))
	h.refused(h.SetContact(h.ctx, h.noor, b.PersonID, 0, no), fault.Conflict)
	h.refused(h.SetContact(h.ctx, h.noor, b.PersonID, 1, people.Contact{MayEmail: "maybe"}), fault.Invalid)
	h.refused(h.SetContact(h.ctx, h.noor, b.PersonID, 1, people.Contact{MayEmail: people.Yes, MayCall: people.No, MayLeave: people.Yes}), fault.Invalid)
	again := h.book("noor", "ana", at(10, 0)) // says that mail is safe
	var held int
	for kind, compose := range h.Booking.Composers() {
		_, err := compose(h.ctx, h.DB, mail.Queued{Kind: kind, About: string(again.ID), Change: again.Change, Recipient: string(b.PersonID), Now: h.now})
		if err != nil && strings.Contains(err.Error(), "held") {
			held++
		}
		if err == nil && !strings.HasSuffix(kind, "-coach") {
			t.Errorf("%s would be sent", kind)
		}
	}
	if held == 0 {
		t.Error("nothing was held")
	}
	h.must(h.SetContact(h.ctx, h.mara, b.PersonID, 1, people.Contact{MayEmail: people.Yes, MayCall: people.Unknown, MayLeave: people.Unknown}))
	c := h.find(h.noor, b.PersonID).Records[0].Contact
	if len(c) != 3 || c[0].By != "mara of the house" || c[0].MayEmail != people.Yes || c[1].MayEmail != people.No || c[2].Version != 0 {
		t.Errorf("%+v", c)
	}
	if n := h.count(`select count(*) from audit where act = 'contact safety changed'`); n != 2 {
		t.Errorf("%d audit lines", n)
	}
}

func TestTheOfficeNoteKeepsItsVersionsAndLosesNoWord(t *testing.T) {
	h := newHouse(t)
	b := h.book("noor", "ana", at(9, 0))
	id := b.PersonID
	h.must(h.SaveNote(h.ctx, h.noor, id, 0, "SEALED pays by transfer"))
	h.must(h.SaveNote(h.ctx, h.asta, id, 0, "SEALED pays by transfer"))
	h.refused(h.SaveNote(h.ctx, h.asta, id, 0, "mornings only"), fault.Conflict)
	h.must(h.SaveNote(h.ctx, h.asta, id, 1, "SEALED mornings only"))
	h.refused(h.SaveNote(h.ctx, h.asta, id, 2, strings.Repeat("x", 4001)), fault.Invalid)
	notes := h.find(h.noor, id).Notes[id]
	if len(notes) != 2 || notes[0].Text != "SEALED mornings only" || notes[0].By != "asta of the house" || notes[1].Text != "SEALED pays by transfer" {
		t.Errorf("%+v", notes)
	}
	h.must(h.Place(h.ctx, h.noor, id, office.Standing{NextStep: "SEALED ring them", NextOn: "2026-12-10"}))
	if dump := dump(h); strings.Contains(dump, "SEALED") || strings.Contains(dump, "CANARY") {
		t.Error("the database shows what was written")
	}
	if s := h.find(h.asta, id).Standing; s.NextStep != "SEALED ring them" || s.NextOn != "2026-12-10" {
		t.Errorf("%+v", s)
	}
}

// dump is every row of every table, as text.
func dump(h *house) string {
	var tables []string
	h.must(h.DB.Select(h.ctx, &tables, `select tablename from pg_tables where schemaname = 'public' and tablename <> 'goose_db_version' order by 1`))
	var all strings.Builder
	for _, table := range tables {
		var rows []string
		h.must(h.DB.Select(context.Background(), &rows, `select row_to_json(x)::text from `+table+` x`))
		all.WriteString(strings.Join(rows, "\n"))
	}
	return all.String()
}

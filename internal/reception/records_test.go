package reception_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/fault"
	"kintsugi/internal/office"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/reception"
)

// A letter to the inbox that only one of the records knows must never begin to
// go to the other: the other may be the family's.
func TestJoinedRecordsAreOnePersonHereAndStayApartOutside(t *testing.T) {
	h := newHouse(t)
	one, two := h.book("noor", "ana", at(9, 0)), h.book("noor", "ana.new", at(10, 0))
	oldLink := h.Booking.LinkFor(two, booking.ByPerson)
	letters := h.count(`select count(*) from letter`)
	h.must(h.SaveNote(h.ctx, h.noor, two.PersonID, 0, "kept with the other record"))
	h.must(h.Join(h.ctx, h.noor, one.PersonID, two.PersonID))
	if n := h.count(`select count(*) from letter`); n != letters {
		t.Error("joining wrote a letter")
	}
	card := h.find(h.noor, two.PersonID)
	if card.ID() != one.PersonID || len(card.Records) != 2 || len(card.Bookings) != 2 || card.Notes[two.PersonID][0].Text == "" {
		t.Errorf("%+v", card)
	}
	for _, typed := range []string{"", "ana", "ana.new@example.com"} {
		if got := h.names(h.noor, reception.Look{Typed: typed}); !slices.Equal(got, []string{"Person ana"}) {
			t.Errorf("%q lists %v", typed, got)
		}
	}
	b, side, err := h.Booking.ByLink(h.ctx, oldLink)
	if err != nil || side != booking.ByPerson || b.Email != "ana.new@example.com" {
		t.Errorf("the old link opens %+v for %s, %v", b.Email, side, err)
	}
	if _, w, err := h.Booking.ReadWordsFor(h.ctx, h.noor, two.ID); err != nil || w.Message != secret {
		t.Errorf("the words: %v", err)
	}
	h.must(h.Part(h.ctx, h.noor, two.PersonID))
	if got := h.names(h.noor, reception.Look{}); len(got) != 2 {
		t.Error(got)
	}
	h.refused(h.Part(h.ctx, h.noor, two.PersonID), fault.Conflict)
}

// The owner joined records of two coaches' people once; neither coach learns
// the address that they did not know.
func TestJoiningShowsACoachNothingOfRecordsThatAreNotTheirs(t *testing.T) {
	h := newHouse(t)
	one, two := h.book("mara", "ana", at(9, 0)), h.book("noor", "ana.new", at(10, 0))
	h.must(h.Join(h.ctx, h.mara, one.PersonID, two.PersonID))
	if got := h.names(h.noor, reception.Look{}); !slices.Equal(got, []string{"Person ana.new"}) {
		t.Error(got)
	}
	card := h.find(h.noor, two.PersonID)
	if len(card.Records) != 1 || card.ID() != two.PersonID || len(card.Bookings) != 1 {
		t.Errorf("%+v", card.Records)
	}
	_, err := h.Find(h.ctx, h.DB, h.noor, one.PersonID)
	h.refused(err, fault.NotFound)
	if got := h.names(h.noor, reception.Look{Typed: "ana@"}); !slices.Equal(got, []string{"Person ana.new"}) {
		t.Error(got)
	}
	if got := h.find(h.mara, two.PersonID); len(got.Records) != 2 {
		t.Errorf("the owner sees %d records", len(got.Records))
	}
	h.refused(h.Erase(h.ctx, h.noor, two.PersonID), fault.Conflict)
}

func TestWhoWorksHereIsNeverJoinedMarkedOrErased(t *testing.T) {
	h := newHouse(t)
	b := h.book("mara", "ana", at(9, 0))
	h.refused(h.Join(h.ctx, h.mara, b.PersonID, b.PersonID), fault.Invalid)
	h.refused(h.Join(h.ctx, h.mara, b.PersonID, h.noor.ID), fault.NotFound)
	h.refused(h.DB.InTx(h.ctx, func(tx *pg.Tx) error { return people.Join(h.ctx, tx, b.PersonID, h.noor.ID) }), fault.Invalid)
	_, err := h.MarkSpam(h.ctx, h.mara, h.noor.ID)
	h.refused(err, fault.NotFound)
	h.refused(h.Erase(h.ctx, h.mara, h.noor.ID), fault.NotFound)
}

func TestSpamFreesItsHoursAndTellsNobodyButTheCoach(t *testing.T) {
	h := newHouse(t)
	b := h.book("noor", "junk", at(9, 0))
	before := h.count(`select count(*) from letter where recipient = $1`, b.PersonID)
	freed, err := h.MarkSpam(h.ctx, h.noor, b.PersonID)
	if err != nil || freed != 1 {
		t.Fatal(freed, err)
	}
	if n := h.count(`select count(*) from letter where recipient = $1`, b.PersonID); n != before {
		t.Error("a letter to them was queued")
	}
	if n := h.count(`select count(*) from letter where about = $1 and kind = 'call-cancelled-coach'`, b.ID); n != 1 {
		t.Error("the coach's calendar keeps the entry")
	}
	held, _, err := people.MailHeld(h.ctx, h.DB, b.PersonID)
	if err != nil || !held {
		t.Error("letters still go there", err)
	}
	if got := h.names(h.noor, reception.Look{}); got != nil {
		t.Error(got)
	}
	if got := h.names(h.noor, reception.Look{Spam: true}); len(got) != 1 {
		t.Error(got)
	}
	h.book("mara", "junk", at(9, 0)) // the public answer is the same as for anybody
	again, err := h.MarkSpam(h.ctx, h.noor, b.PersonID)
	if err != nil || again != 0 {
		t.Error(again, err)
	}
	h.must(h.UnmarkSpam(h.ctx, h.noor, b.PersonID))
	if got := h.names(h.noor, reception.Look{}); len(got) != 1 {
		t.Error(got)
	}
}

func TestErasingLeavesNothingThatNamesThemAndNoKey(t *testing.T) {
	h := newHouse(t)
	b, other := h.book("noor", "gonequick", at(9, 0)), h.book("noor", "gonequick.two", at(10, 0))
	h.must(h.Join(h.ctx, h.noor, b.PersonID, other.PersonID))
	h.must(h.SaveNote(h.ctx, h.noor, b.PersonID, 0, "pays late"))
	h.refused(h.Erase(h.ctx, h.noor, b.PersonID), fault.Conflict)
	h.refused(h.Erase(h.ctx, h.asta, b.PersonID), fault.NotFound)
	h.now = at(12, 0)
	h.must(h.Place(h.ctx, h.noor, b.PersonID, office.Standing{Stage: office.Client}))
	h.refused(h.Erase(h.ctx, h.noor, b.PersonID), fault.Conflict)
	h.must(h.Place(h.ctx, h.noor, b.PersonID, office.Standing{Stage: office.Ended, Reason: "finished"}))
	h.must(h.Erase(h.ctx, h.noor, b.PersonID))
	if text := dump(h); strings.Contains(text, "gonequick") {
		t.Error("they are still named somewhere")
	}
	for _, table := range []string{"lane", "lane_key", "office_note", "office_standing", "booking"} {
		if n := h.count(`select count(*) from ` + table); n != 0 {
			t.Errorf("%d rows left in %s", n, table)
		}
	}
	if n := h.count(`select count(*) from letter where recipient = $1 or about = $2`, b.PersonID, b.ID); n != 0 {
		t.Errorf("%d letters left", n)
	}
	if n := h.count(`select count(*) from audit where act = 'person erased' and about is null`); n != 1 {
		t.Errorf("%d lines", n)
	}
	trail, err := reception.ReadTrail(h.ctx, h.DB, h.mara, reception.Search{From: monday.AddDate(-1, 0, 0), To: monday.AddDate(1, 0, 0)})
	h.must(err)
	for _, l := range trail.Lines {
		if strings.Contains(l.ByName+l.Whom, "gonequick") {
			t.Errorf("%+v", l)
		}
	}
}

func TestAnExportHoldsTheWordsOfOnesOwnCallsAndEveryLookIsOnRecord(t *testing.T) {
	h := newHouse(t)
	mine, theirs := h.book("noor", "ana", at(9, 0)), h.book("mara", "ana", at(9, 0))
	h.must(h.SaveNote(h.ctx, h.noor, mine.PersonID, 0, "pays by transfer"))
	export, err := h.Export(h.ctx, h.mara, mine.PersonID)
	h.must(err)
	if len(export.Calls) != 2 || export.Withheld != 1 || len(export.Records) != 1 || export.Notes[0].Text != "pays by transfer" || len(export.Letters) == 0 {
		t.Errorf("%+v", export)
	}
	for _, c := range export.Calls {
		if c.ID == string(mine.ID) && (c.Message != "" || !c.Withheld) || c.ID == string(theirs.ID) && (c.Message != secret || c.PartnerName == "" || c.Withheld) {
			t.Errorf("%+v", c)
		}
	}
	if n := h.count(`select count(*) from audit where act = 'enquiry read' and actor = $1`, h.mara.ID); n != 1 {
		t.Errorf("%d looks on record", n)
	}
	again, err := h.Export(h.ctx, h.noor, mine.PersonID)
	h.must(err)
	if len(again.Calls) != 1 || again.Calls[0].Message != secret || len(again.Looks) != 0 {
		t.Errorf("a coach's export: %+v", again)
	}
	_, err = h.Export(h.ctx, h.asta, mine.PersonID)
	h.refused(err, fault.NotFound)

	// Of a call of another's it is not told whether anything was written, or read.
	h.must(h.DB.InTx(h.ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(h.ctx, `update booking set lane_id = null, words = null where id = $1`, mine.ID)
		return err
	}))
	silent, err := h.Export(h.ctx, h.mara, mine.PersonID)
	h.must(err)
	if silent.Withheld != export.Withheld || len(silent.Looks) != 1 || silent.Looks[0].By != "mara of the house" {
		t.Errorf("it is told that somebody wrote to another coach: %d withheld, looks %+v", silent.Withheld, silent.Looks)
	}
}

func TestTheTrailShowsACoachOnlyTheirBookingsAndNoPrivateWord(t *testing.T) {
	h := newHouse(t)
	ana := h.book("noor", "ana", at(9, 0))
	ben := h.book("mara", "ben", at(9, 0))
	_, _, err := h.Booking.ReadWordsFor(h.ctx, h.mara, ben.ID)
	h.must(err)
	// Noor's look would tell the owner that Ana wrote to her.
	_, _, err = h.Booking.ReadWordsFor(h.ctx, h.noor, ana.ID)
	h.must(err)
	h.must(h.SaveNote(h.ctx, h.mara, ben.PersonID, 0, "CANARY"))
	span := reception.Search{From: monday.Add(-time.Hour), To: monday.Add(time.Hour)}
	owner, err := reception.ReadTrail(h.ctx, h.DB, h.mara, span)
	h.must(err)
	coach, err := reception.ReadTrail(h.ctx, h.DB, h.noor, span)
	h.must(err)
	if len(owner.Lines) != 4 || len(coach.Lines) != 2 || coach.Lines[0].Act != "enquiry read" || coach.Lines[1].Whom != "Person ana" || coach.Lines[1].StartAt == nil {
		t.Errorf("owner %d lines, coach %+v", len(owner.Lines), coach.Lines)
	}
	for _, l := range owner.Lines {
		if strings.Contains(l.Raw, "CANARY") {
			t.Error(l)
		}
	}
	_, err = reception.ReadTrail(h.ctx, h.DB, h.asta, span)
	h.refused(err, fault.NotFound)
	for _, c := range []struct {
		act    string
		person people.ID
		want   int
	}{{"booking made", "", 2}, {"", ben.PersonID, 3}, {"", h.mara.ID, 2}, {"enquiry read", ben.PersonID, 1}, {"nothing", "", 0}, {"", "no id", 0}} {
		s := span
		s.Act, s.Person = c.act, c.person
		got, err := reception.ReadTrail(h.ctx, h.DB, h.mara, s)
		h.must(err)
		if len(got.Lines) != c.want {
			t.Errorf("%q of %q: %d lines, want %d", c.act, c.person, len(got.Lines), c.want)
		}
	}
	// The list to choose from told a coach which acts there were that are not theirs.
	h.must(h.DB.InTx(h.ctx, func(tx *pg.Tx) error {
		for _, act := range []string{"order paid", "note shared"} {
			if err := audit.Record(h.ctx, tx, audit.Entry{At: h.now, Actor: audit.Actor{Kind: audit.System}, Act: act, About: uuid.NewString()}); err != nil {
				return err
			}
		}
		return nil
	}))
	for v, want := range map[booking.Viewer][]string{
		h.mara: {"booking made", "enquiry read", "office note saved", "order paid"},
		h.noor: {"booking made", "enquiry read"},
	} {
		acts, err := reception.Acts(h.ctx, h.DB, v)
		if err != nil || !slices.Equal(acts, want) {
			t.Errorf("%s: %v, %v", v.Role, acts, err)
		}
	}
}

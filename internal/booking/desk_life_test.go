package booking_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/fault"
	"kintsugi/internal/mail"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

// Somebody had told us that their partner reads their mail, and a year later
// the coach booked the next call for them with the box ticked.
func TestMailThatWasNotSafeStaysNotSafeWhenTheCoachBooks(t *testing.T) {
	h := newHouse(t)
	r := ask("ana", at(10, 0))
	r.SafeToEmail = false
	_, err := h.Book(h.ctx, r)
	h.must(err)
	r.Start, r.SafeToEmail, r.Coach = at(14, 0), true, "mara"
	b, err := h.BookFor(h.ctx, h.mara(), r, nil)
	h.must(err)
	if got := h.letters(b); b.SafeToEmail || !slices.Equal(got, []string{"call-confirmed-coach/0"}) {
		t.Errorf("letters %v", got)
	}
}

func TestHowACallWentIsSaidAfterItsStartAndTakenBackForADay(t *testing.T) {
	h := newHouse(t)
	b := h.book("ana", at(10, 0))
	h.now = b.Start.Add(-time.Second)
	if _, err := h.Complete(h.ctx, h.mara(), b.ID); !fault.Is(err, booking.BookingClosed) {
		t.Errorf("before it began: %v", err)
	}
	h.now = b.End
	if due, _ := h.Unmarked(h.ctx, h.mara(), []people.ID{b.CoachID}); len(due) != 1 {
		t.Errorf("%d calls to be marked", len(due))
	}
	before := len(h.letters(b))
	for range 2 {
		if got, err := h.NoShow(h.ctx, h.mara(), b.ID); err != nil || got.Status != booking.NoShow {
			t.Errorf("%s, %v", got.Status, err)
		}
	}
	if got, err := h.Complete(h.ctx, h.mara(), b.ID); err != nil || got.Status != booking.Completed {
		t.Errorf("%s, %v", got.Status, err)
	}
	if got, err := h.Unmark(h.ctx, h.mara(), b.ID); err != nil || got.Status != booking.Confirmed {
		t.Errorf("%s, %v", got.Status, err)
	}
	_, err := h.Complete(h.ctx, h.mara(), b.ID)
	h.must(err)
	h.now = h.now.Add(24 * time.Hour)
	if _, err := h.Unmark(h.ctx, h.mara(), b.ID); !fault.Is(err, booking.BookingClosed) {
		t.Errorf("a day later: %v", err)
	}
	if len(h.letters(b)) != before {
		t.Error("somebody was written to")
	}
}

func TestBlockedTimeIsNotOfferedUntilItIsOpenedAgain(t *testing.T) {
	h := newHouse(t)
	mara, noor := h.mara(), h.as("noor", people.Member)
	b, err := h.BlockTime(h.ctx, mara, booking.Block{CoachID: mara.ID, Start: at(10, 0), End: at(12, 0), Label: " Dentist\x00 "}, once.Key{})
	h.must(err)
	if got := h.offered("call", at(9, 0), at(13, 0)); !slices.Equal(got, []string{"09:00[mara]", "12:00[mara]", "12:30[mara]"}) {
		t.Errorf("offered %v", got)
	}
	if _, err := h.Book(h.ctx, ask("ana", at(10, 30))); !fault.Is(err, booking.SlotTaken) {
		t.Errorf("booked in it: %v", err)
	}
	for _, v := range []booking.Viewer{mara, h.assistant()} {
		taken, err := h.Occupied(h.ctx, v, []people.ID{mara.ID}, at(0, 0), at(23, 0))
		h.must(err)
		if want := map[bool]string{true: "Dentist"}[v.ID == mara.ID]; len(taken) != 1 || taken[0].Label != want || taken[0].Outside {
			t.Errorf("%s: %+v", v.Role, taken)
		}
	}
	if taken, err := h.Occupied(h.ctx, noor, []people.ID{mara.ID}, at(0, 0), at(23, 0)); err != nil || len(taken) != 0 {
		t.Errorf("noor: %+v, %v", taken, err)
	}
	if err := h.Unblock(h.ctx, noor, b.ID); err != booking.ErrNoBlock {
		t.Errorf("noor opened it: %v", err)
	}
	if _, err := h.BlockTime(h.ctx, noor, booking.Block{CoachID: mara.ID, Start: at(10, 0), End: at(12, 0)}, once.Key{}); err != booking.ErrNoCoach {
		t.Errorf("noor blocked it: %v", err)
	}
	h.must(h.Unblock(h.ctx, mara, b.ID))
	if got := h.offered("call", at(9, 0), at(13, 0)); len(got) != 8 {
		t.Errorf("offered %v", got)
	}
	for _, wrong := range []booking.Block{
		{CoachID: mara.ID, Start: at(12, 0), End: at(12, 0)}, {CoachID: mara.ID, Start: monday.Add(-2 * time.Hour), End: monday},
		{CoachID: mara.ID, Start: at(12, 0), End: at(12, 0).AddDate(2, 0, 0)}, {CoachID: mara.ID, Start: at(12, 0), End: at(13, 0), Label: strings.Repeat("x", 81)},
	} {
		if _, err := h.BlockTime(h.ctx, mara, wrong, once.Key{}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}

func TestTheCoachsWordsStandOnThePageAndNeverInTheLetter(t *testing.T) {
	h := newHouse(t)
	b := h.book("ana", at(10, 0))
	_, err := h.MoveFor(h.ctx, h.mara(), booking.Move{ID: b.ID, Start: at(14, 0), Words: "CANARY-finch"})
	h.must(err)
	moved, _, err := h.ByLink(h.ctx, h.link(b))
	h.must(err)
	note, err := h.Note(h.ctx, h.DB, moved)
	if err != nil || note != "CANARY-finch" {
		t.Errorf("%q, %v", note, err)
	}
	letter := h.written(moved, "call-moved")
	if !strings.Contains(letter, "a few words for you") || strings.Contains(letter, "CANARY") {
		t.Errorf("the letter says %s", letter)
	}
	if strings.Contains(h.written(moved, "call-moved-coach"), "a few words") {
		t.Error("the coach is told of their own words")
	}
	if n := h.count(`select count(*) from booking where position('CANARY' in encode(note, 'escape')) > 0`); n != 0 {
		t.Error("the words are not sealed")
	}
	// The words were about that move. After the next one they are not shown any more.
	h.must(second(h.Reschedule(h.ctx, h.link(b), at(15, 0), keyed(booking.Request{}, "").Key)))
	if later, _, _ := h.ByLink(h.ctx, h.link(b)); later.HasNote {
		t.Error("old words are shown about the new hour")
	}
	_, err = h.CancelFor(h.ctx, h.mara(), b.ID, strings.Repeat("x", 1001))
	if fault.KindOf(err) != fault.Invalid {
		t.Errorf("too long: %v", err)
	}
	gone, err := h.CancelFor(h.ctx, h.mara(), b.ID, "CANARY-wren")
	h.must(err)
	if gone.Status != booking.Cancelled || gone.EndedBy != booking.ByCoach || !strings.Contains(h.written(gone, "call-cancelled"), "a few words for you") {
		t.Errorf("%+v", gone)
	}
}

// written composes a letter about a booking as it would leave now.
func (h *house) written(b booking.Booking, kind string) string {
	h.t.Helper()
	now, err := booking.Find(h.ctx, h.DB, b.ID)
	h.must(err)
	letter, err := h.Composers()[kind](h.ctx, h.DB, mail.Queued{Kind: kind, About: string(b.ID), Change: now.Change, Recipient: string(now.PersonID), Now: h.now})
	h.must(err)
	raw, err := json.Marshal(letter.Letter)
	h.must(err)
	return string(raw)
}

func second[A, B any](_ A, _ B, err error) error { return err }

func TestEachListOfTheDayHoldsWhatBelongsInIt(t *testing.T) {
	h := newHouse(t, withApproval)
	b := h.book("ana", at(10, 0).AddDate(0, 0, 7))
	mara := h.mara()
	ids := []people.ID{mara.ID}
	if got, err := h.Requests(h.ctx, mara, ids); err != nil || len(got) != 1 {
		t.Errorf("requests %+v, %v", got, err)
	}
	_, err := h.AcceptFor(h.ctx, mara, b.ID)
	h.must(err)
	if got, err := h.News(h.ctx, mara, ids, monday); err != nil || len(got) != 1 {
		t.Errorf("news %+v, %v", got, err)
	}
	if got, err := h.News(h.ctx, mara, ids, monday.Add(time.Second)); err != nil || len(got) != 0 {
		t.Errorf("later %+v, %v", got, err)
	}
	h.must(h.DB.InTx(h.ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(h.ctx, `update letter set status = 'bounced' where about = $1 and kind = 'call-accepted'`, b.ID)
		return err
	}))
	if got, err := h.Unarrived(h.ctx, mara, ids); err != nil || len(got) != 1 {
		t.Errorf("undelivered %+v, %v", got, err)
	}
	if got, err := h.Unarrived(h.ctx, h.as("noor", people.Member), ids); err != nil || len(got) != 0 {
		t.Errorf("noor sees %+v, %v", got, err)
	}
}

func TestACallOfAKindThatIsOfferedNoMoreCanStillBeMoved(t *testing.T) {
	h := newHouse(t)
	b := h.book("ana", at(10, 0))
	h.must(h.DB.InTx(h.ctx, func(tx *pg.Tx) error {
		call, err := practice.FindType(h.ctx, tx, "call")
		if err != nil {
			return err
		}
		call.Withdrawn = true
		_, err = practice.SaveType(h.ctx, tx, call)
		return err
	}))
	if _, _, err := h.Reschedule(h.ctx, h.link(b), at(14, 0), once.Key{}); err != nil {
		t.Errorf("by the person: %v", err)
	}
	if moved, err := h.MoveFor(h.ctx, h.mara(), booking.Move{ID: b.ID, Start: at(15, 0)}); err != nil || moved.Change != 2 {
		t.Errorf("by the coach: %+v, %v", moved, err)
	}
}

// C02: a coach who had been suspended opened what people wrote to her with the
// links of letters she still had.
func TestTheLettersOfACoachWhoLeftOpenNothing(t *testing.T) {
	h := newHouse(t)
	b := h.book("Ana", at(10, 0))
	h.must(h.DB.InTx(h.ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(h.ctx, `update coach set active = false where person_id = $1`, b.CoachID)
		return err
	}))
	if _, _, err := h.ByLink(h.ctx, h.coachLink(b)); err != booking.ErrNoBooking {
		t.Errorf("the link: %v", err)
	}
	if _, _, err := h.ReadWords(h.ctx, h.coachLink(b)); err != booking.ErrNoBooking {
		t.Errorf("the words: %v", err)
	}
	if _, _, err := h.Cancel(h.ctx, h.coachLink(b), ""); err != booking.ErrNoBooking {
		t.Errorf("cancelling: %v", err)
	}
	_, feed, _ := strings.Cut(h.FeedURL(b, booking.ByCoach), "/feeds/")
	if _, err := h.Feed(h.ctx, strings.TrimSuffix(feed, ".ics")); err != booking.ErrNoBooking {
		t.Errorf("the calendar: %v", err)
	}
	if _, side, err := h.ByLink(h.ctx, h.link(b)); err != nil || side != booking.ByPerson {
		t.Errorf("the person's own link: %v", err)
	}
	_, _, err := h.Cancel(h.ctx, h.link(b), "")
	h.must(err)
	var queued []mail.Queued
	h.must(h.DB.Select(h.ctx, &queued, `select id, kind, about, change, recipient, stranger, not_before, made_at from letter where recipient = $1`, b.CoachID))
	if len(queued) == 0 {
		t.Error("nothing was to be told")
	}
	for _, q := range queued {
		q.Now = h.now
		if _, err := h.Composers()[q.Kind](h.ctx, h.DB, q); err == nil {
			t.Errorf("%s is still sent to them", q.Kind)
		}
	}
}

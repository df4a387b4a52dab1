package booking_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

func TestMovingThreeTimesCountsThreeChangesUnderOneUID(t *testing.T) {
	h := newHouse(t)
	b := h.book("ana", at(10, 0))
	for i, hour := range []int{11, 12, 10} {
		moved, _, err := h.Reschedule(h.ctx, h.link(b), at(hour, 0), once.Key{})
		h.must(err)
		if moved.Change != i+1 || moved.CalendarUID != b.CalendarUID || !moved.Start.Equal(at(hour, 0)) {
			t.Errorf("move %d: %+v", i+1, moved)
		}
	}
	// Where it already is: nothing happens, nothing is sent.
	same, _, err := h.Reschedule(h.ctx, h.link(b), at(10, 0), once.Key{})
	h.must(err)
	if same.Change != 3 {
		t.Errorf("moving nowhere counted as change %d", same.Change)
	}
	if got := h.letters(b); len(got) != 4+3*4 {
		t.Errorf("letters %v", got)
	}
}

func TestABookingDoesNotStandInItsOwnWayAndOthersDo(t *testing.T) {
	h := newHouse(t, func(c *practice.Type) { c.StepMinutes = 15 })
	b := h.book("ana", at(10, 0))
	h.book("ben", at(12, 0))
	if _, _, err := h.Reschedule(h.ctx, h.link(b), at(10, 15), once.Key{}); err != nil {
		t.Errorf("moving by a quarter of an hour: %v", err)
	}
	if _, _, err := h.Reschedule(h.ctx, h.link(b), at(12, 15), once.Key{}); !fault.Is(err, booking.SlotTaken) {
		t.Errorf("moved onto somebody else's: %v", err)
	}
}

func TestACallCanBeMovedAfterItsTypeWasWithdrawn(t *testing.T) {
	h := newHouse(t)
	b := h.book("ana", at(10, 0))
	h.must(h.DB.InTx(h.ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(h.ctx, `update appointment_type set withdrawn = true`)
		return err
	}))
	if _, _, err := h.Reschedule(h.ctx, h.link(b), at(11, 0), once.Key{}); err != nil {
		t.Error(err)
	}
	if _, err := h.Book(h.ctx, ask("ben", at(14, 0))); err != booking.ErrNoType {
		t.Errorf("booked what is withdrawn: %v", err)
	}
}

func TestCancellingAgainChangesNothing(t *testing.T) {
	h := newHouse(t)
	b := h.book("ana", at(10, 0))
	for range 3 {
		got, _, err := h.Cancel(h.ctx, h.link(b), "CANARY-otter")
		h.must(err)
		if got.Status != booking.Cancelled || got.Change != 1 || got.EndedBy != booking.ByPerson {
			t.Errorf("%+v", got)
		}
	}
	if _, _, err := h.Reschedule(h.ctx, h.link(b), at(11, 0), once.Key{}); !fault.Is(err, booking.BookingClosed) {
		t.Errorf("moved what is cancelled: %v", err)
	}
	if got := h.offered("call", at(10, 0), at(10, 30)); len(got) != 1 {
		t.Error("the hour is not free again")
	}
	lines, err := audit.About(h.ctx, h.DB, string(b.ID))
	h.must(err)
	if len(lines) != 2 || lines[1].Act != "booking cancelled" || lines[1].ActorKind != audit.Person {
		t.Errorf("audit %+v", lines)
	}
}

func TestWhatIsOverIsClosed(t *testing.T) {
	h := newHouse(t)
	b := h.book("ana", at(10, 0))
	link := h.link(b)
	h.now = at(10, 0)
	if _, _, err := h.Cancel(h.ctx, link, ""); !fault.Is(err, booking.BookingClosed) {
		t.Errorf("cancelled a call that has begun: %v", err)
	}
	h.now = b.End.AddDate(0, 0, 90)
	if _, _, err := h.ByLink(h.ctx, link); err != nil {
		t.Errorf("90 days after: %v", err)
	}
	h.now = h.now.Add(time.Second)
	if _, _, err := h.ByLink(h.ctx, link); err != booking.ErrNoBooking {
		t.Errorf("later: %v", err)
	}
}

func TestALinkOpensOneBookingForOneSide(t *testing.T) {
	h := newHouse(t)
	a, b := h.book("ana", at(10, 0)), h.book("ben", at(12, 0))
	if h.link(a) == h.coachLink(a) || h.link(a) == h.link(b) {
		t.Fatal("two links are the same")
	}
	if _, side, err := h.ByLink(h.ctx, h.coachLink(a)); err != nil || side != booking.ByCoach {
		t.Errorf("coach's link: %v, %v", side, err)
	}
	// The person's code behind the coach's ids, and the other way round.
	forged := h.coachLink(a)[:43] + h.link(a)[43:]
	for _, text := range []string{forged, string(a.ID), a.CalendarUID, "", "x", strings.Repeat("A", 70)} {
		if _, _, err := h.ByLink(h.ctx, text); err != booking.ErrNoBooking {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, _, err := h.ReadWords(h.ctx, h.link(a)); err != booking.ErrNoBooking {
		t.Errorf("the person reads the coach's page: %v", err)
	}
	h.must(h.DB.InTx(h.ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(h.ctx, `update booking set generation = 2 where id = $1`, a.ID)
		return err
	}))
	if _, _, err := h.ByLink(h.ctx, h.link(a)); err != booking.ErrNoBooking {
		t.Errorf("a revoked link: %v", err)
	}
}

func withApproval(c *practice.Type) { c.ApprovalMinutes = 48 * 60 }

func TestARequestTakesTheHourUntilItIsAnswered(t *testing.T) {
	h := newHouse(t, withApproval)
	b := h.book("ana", at(10, 0).AddDate(0, 0, 7))
	if b.Status != booking.Pending || !b.ExpiresAt.Equal(monday.Add(48*time.Hour)) {
		t.Fatalf("%+v", b)
	}
	if _, err := h.Book(h.ctx, ask("ben", b.Start)); !fault.Is(err, booking.SlotTaken) {
		t.Errorf("asked for the same hour: %v", err)
	}
	if got := h.letters(b); !slices.Equal(got, []string{"call-requested-coach/0", "call-requested/0"}) {
		t.Errorf("letters %v", got)
	}
	var wg sync.WaitGroup
	var won, told int
	var mu sync.Mutex
	for i := range 8 {
		wg.Go(func() {
			act := h.Accept
			if i%2 == 1 {
				act = h.Decline
			}
			_, err := act(h.ctx, h.coachLink(b))
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if fault.Is(err, booking.BookingClosed) {
				told++
			} else {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won != 4 || told != 4 {
		t.Errorf("one outcome for all: %d agreed, %d were told", won, told)
	}
	if _, err := h.Accept(h.ctx, h.link(b)); err != booking.ErrNoBooking {
		t.Errorf("the person accepted their own request: %v", err)
	}
}

func TestARequestThatNobodyAnswersRunsOut(t *testing.T) {
	h := newHouse(t, withApproval)
	b := h.book("ana", at(10, 0).AddDate(0, 0, 7))
	h.now = b.ExpiresAt
	// Before any job has run the hour is free again, and the one who takes it writes the old request off.
	if got := h.offered("call", b.Start, b.End); len(got) != 1 {
		t.Fatal("the hour is not free again")
	}
	if _, err := h.Accept(h.ctx, h.coachLink(b)); !fault.Is(err, booking.BookingClosed) {
		t.Errorf("accepted too late: %v", err)
	}
	h.book("ben", b.Start)
	old, err := booking.Find(h.ctx, h.DB, b.ID)
	h.must(err)
	if old.Status != booking.Expired {
		t.Errorf("it is %s", old.Status)
	}
	c := h.book("cem", b.Start.Add(2*time.Hour))
	h.now = h.now.AddDate(0, 0, 3)
	h.must(h.ExpireDue(h.ctx))
	if got, _ := booking.Find(h.ctx, h.DB, c.ID); got.Status != booking.Expired {
		t.Errorf("it is %s", got.Status)
	}
}

func TestOldEnquiriesAreDeletedWithTheirKey(t *testing.T) {
	h := newHouse(t)
	r := ask("ana", at(10, 0))
	r.Message = "CANARY-heron"
	b, err := h.Book(h.ctx, r)
	h.must(err)
	h.now = b.End.AddDate(0, 0, 179)
	h.must(h.ForgetOld(h.ctx))
	if h.count(`select count(*) from booking`) != 1 {
		t.Fatal("deleted too early")
	}
	h.now = b.End.AddDate(0, 0, 181)
	h.must(h.ForgetOld(h.ctx))
	for _, table := range []string{"booking", "lane", "lane_key", "letter"} {
		if n := h.count(`select count(*) from ` + table); n != 0 {
			t.Errorf("%d rows left in %s", n, table)
		}
	}
	if n := h.count(`select count(*) from person where email = 'ana@example.com'`); n != 0 {
		t.Error("the person is still known")
	}
}

package booking_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/practice"
)

// Two visitors pressed the button in the same second, and both had been shown
// the hour as free. Other schedulers gave it to both.
func TestTwentyVisitorsAndOneHourMakeOneBooking(t *testing.T) {
	h := newHouse(t)
	var wins, losses int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			_, err := h.Book(h.ctx, ask(fmt.Sprint("v", i), at(10, 0)))
			mu.Lock()
			defer mu.Unlock()
			var refused *booking.Refused
			switch {
			case err == nil:
				wins++
			case errors.As(err, &refused) && fault.Is(err, booking.SlotTaken) && len(refused.Alternatives) == 3:
				losses++
			default:
				t.Errorf("neither booked nor politely refused: %v", err)
			}
		})
	}
	wg.Wait()
	if wins != 1 || losses != 19 {
		t.Errorf("%d won, %d were told; want 1 and 19", wins, losses)
	}
	if n := h.count(`select count(*) from booking`); n != 1 {
		t.Errorf("%d bookings stand", n)
	}
	if n := h.count(`select count(*) from person where email like 'v%'`); n != 1 {
		t.Errorf("%d persons stand: a loser left a trace", n)
	}
}

func TestOverlappingHoursOfOneCoachMakeOneBooking(t *testing.T) {
	h := newHouse(t, func(c *practice.Type) { c.StepMinutes = 15 })
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			r := ask(fmt.Sprint("v", i), at(10, i%3*15))
			r.Type = []string{"call", "either"}[i%2]
			r.Coach = "mara"
			_, err := h.Book(h.ctx, r)
			if err != nil && fault.KindOf(err) != fault.Conflict {
				t.Errorf("neither booked nor politely refused: %v", err)
			}
		})
	}
	wg.Wait()
	if n := h.count(`select count(*) from booking`); n != 1 {
		t.Errorf("%d bookings stand where one fits", n)
	}
}

func TestWhatIsOfferedCanBeBookedAndTheBufferIsKept(t *testing.T) {
	h := newHouse(t)
	h.book("ana", at(10, 0))
	got := h.offered("call", at(9, 0), at(11, 30))
	// 30 minutes and 10 after: 09:30 would end without its own buffer, 10:30 would begin inside Ana's.
	if want := []string{"09:00[mara]", "11:00[mara]"}; !slices.Equal(got, want) {
		t.Errorf("offered %v, want %v", got, want)
	}
	if _, err := h.Book(h.ctx, ask("ben", at(10, 30))); !fault.Is(err, booking.SlotTaken) {
		t.Errorf("booked inside the buffer: %v", err)
	}
	for reason, start := range map[string]time.Time{
		"off the grid": at(11, 10), "in the past": at(9, 0).AddDate(0, 0, -4), "beyond the horizon": at(9, 0).AddDate(0, 0, 70)} {
		if _, err := h.Book(h.ctx, ask("ben", start)); !fault.Is(err, booking.SlotUnavailable) {
			t.Errorf("%s: %v", reason, err)
		}
	}
}

// The visitor pressed twice, the answer to the first was lost, the phone sent
// the form again after coming out of the tunnel.
func TestTheSameFormSentAgainEndsInTheSameBooking(t *testing.T) {
	h := newHouse(t)
	first, err := h.Book(h.ctx, keyed(ask("ana", at(10, 0)), "op-1"))
	h.must(err)
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			again, err := h.Book(h.ctx, keyed(ask("ana", at(10, 0)), "op-1"))
			if err != nil || again.ID != first.ID {
				t.Errorf("again: %v, %v", again.ID, err)
			}
		})
	}
	wg.Wait()
	if got := h.letters(first); len(got) != 4 {
		t.Errorf("letters %v", got)
	}
	if _, err := h.Book(h.ctx, keyed(ask("ana", at(12, 0)), "op-1")); !fault.Is(err, once.Mismatch) {
		t.Errorf("the key with another body: %v", err)
	}
}

func TestTheSameFormSentTwiceAtOnceMakesOneBooking(t *testing.T) {
	h := newHouse(t)
	ids := make([]booking.ID, 10)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			r := keyed(ask("ana", at(10, 0)), "op-1")
			r.Type = "either" // two coaches are free, so the hour itself would not stop the copy
			b, err := h.Book(h.ctx, r)
			if err != nil {
				t.Error(err)
			}
			ids[i] = b.ID
		})
	}
	wg.Wait()
	if len(slices.Compact(ids)) != 1 {
		t.Errorf("several bookings: %v", ids)
	}
}

func TestWithoutANamedCoachTheLeastBusyOneTakesIt(t *testing.T) {
	h := newHouse(t)
	var got []string
	for i, hour := range []int{9, 10, 11, 12} {
		r := ask(fmt.Sprint("v", i), at(hour, 0))
		r.Type = "either"
		b, err := h.Book(h.ctx, r)
		h.must(err)
		got = append(got, b.CoachSlug)
	}
	if want := []string{"mara", "noor", "mara", "noor"}; !slices.Equal(got, want) {
		t.Errorf("went to %v, want %v", got, want)
	}
	if got, want := h.offered("either", at(9, 0), at(9, 30)), []string{"09:00[noor]"}; !slices.Equal(got, want) {
		t.Errorf("offered %v, want %v", got, want)
	}
}

// A stranger who types an address must not learn from the answer whether that
// address has been here before. The coach and the address itself are told.
func TestASecondFreeCallIsAnsweredAlikeAndMarkedForTheCoach(t *testing.T) {
	h := newHouse(t)
	first := h.book("ana", at(10, 0))
	r := ask("ana", at(12, 0))
	r.Email = " ANA@example.com "
	second, err := h.Book(h.ctx, r)
	h.must(err)
	if second.Status != first.Status || second.Repeated || first.Repeated {
		t.Error("the answer to the second one differs")
	}
	stored, err := booking.Find(h.ctx, h.DB, second.ID)
	h.must(err)
	if !stored.Repeated {
		t.Error("the coach is not told")
	}
}

func TestEveryMistakeIsNamedAtOnceAndNothingIsWritten(t *testing.T) {
	h := newHouse(t, func(c *practice.Type) { c.Place = practice.Phone })
	_, err := h.Book(h.ctx, booking.Request{Type: "call", Timezone: "Mars/Olympus", Email: "a@b@c", PartnerEmail: "x", Phone: "call me"})
	var fields []string
	for _, f := range fault.As(err).Fields {
		fields = append(fields, f.Name)
	}
	if want := []string{"start", "timezone", "name", "email", "partner_email", "phone"}; !slices.Equal(fields, want) {
		t.Errorf("complained about %v, want %v", fields, want)
	}
	if n := h.count(`select count(*) from booking`); n != 0 {
		t.Error("something was written")
	}
}

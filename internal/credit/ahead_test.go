package credit_test

import (
	"fmt"
	"strings"
	"testing"

	"kintsugi/internal/credit"
	"kintsugi/internal/pg"
)

// What is booked for an hour to come was shown as used, and a refund was weighed as
// if it were gone.
func TestWhatIsBookedAheadIsNotUsed(t *testing.T) {
	h := newHouse(t)
	h.grant(h.both(), 6, 0, "order")
	h.grant(own(h.sam), 2, 0, "other")
	over, soon, moved, late, back := newBooking(), newBooking(), newBooking(), newBooking(), newBooking()
	for b, day := range map[credit.BookingID]int{over: 1, soon: 9, moved: 2, late: 8, back: 7} {
		h.must(h.spend(h.both(), b, h.day(day)))
	}
	h.must(h.spend(own(h.sam), newBooking(), h.day(9)))
	h.in(func(tx *pg.Tx) error {
		if err := credit.Move(h.ctx, tx, credit.MoveOf{Booking: moved, Type: joint[0], StartsAt: h.day(12), By: system}, h.now); err != nil {
			return err
		}
		return credit.Forfeit(h.ctx, tx, late, credit.Late, system, h.now)
	})
	h.back(back)
	names := map[credit.BookingID]string{soon: "soon", moved: "moved"}
	ahead := func() string {
		t.Helper()
		found, err := credit.AheadOf(h.ctx, h.db, "order", h.now)
		h.must(err)
		var lines []string
		for _, a := range found {
			lines = append(lines, fmt.Sprint(names[a.Booking], " ", a.StartsAt.Format("2 Jan"), ", ", a.TypeName, ", ", a.Sessions))
		}
		return strings.Join(lines, "; ")
	}
	say := func(b credit.BookingID, day int) string {
		return fmt.Sprint(names[b], " ", h.day(day).Format("2 Jan"), ", Name of ", joint[0], ", 1")
	}
	both, one := say(soon, 9)+"; "+say(moved, 12), say(moved, 12)
	h.now = h.day(1) // the first has begun
	if got := ahead(); got != both {
		t.Errorf("%q, want %q", got, both)
	}
	h.in(func(tx *pg.Tx) error { return credit.Forfeit(h.ctx, tx, soon, credit.Late, system, h.now) })
	if got := ahead(); got != one {
		t.Errorf("it was called off too late: %q", got)
	}
	h.in(func(tx *pg.Tx) error { return credit.TakeBackForfeit(h.ctx, tx, soon, system, h.now) })
	if got := ahead(); got != both {
		t.Errorf("that was an error: %q", got)
	}
}

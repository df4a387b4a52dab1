package desk

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/civil"
	"kintsugi/internal/credit"
	"kintsugi/internal/people"
)

// addUse says what a call uses of its clients' sessions, or what became of
// those, and whether its coach can give them back.
func (d *Desk) addUse(c *gin.Context, m *oneBookingPage, b booking.Booking, loc *time.Location) error {
	m.Back.ID = "reason"
	if b.Credits == 0 {
		return nil
	}
	if b.Status == booking.Pending || b.Status == booking.Confirmed {
		m.Use = "It uses " + booking.Sessions(b.Credits) + " of theirs."
		m.Free = "They can move or cancel it freely until " + civil.When(b.FreeUntil, loc, d.Now()) + "; later it counts as used. When you cancel it, it returns to them."
		return nil
	}
	id, who := credit.BookingID(b.ID), d.Who(c)
	all, err := credit.Standings(c.Request.Context(), d.DB, []credit.BookingID{id})
	if err != nil {
		return err
	}
	m.Use = b.StandingSay(all[id])
	m.MayGiveBack = all[id].Credits > 0 && b.CoachID == who.ID && who.Role != people.Assistant
	return nil
}

// giveBack returns the sessions of a call by its coach's word: POST
// /desk/bookings/ID/give-back.
func (d *Desk) giveBack(c *gin.Context) error {
	err := d.Booking.ReturnCredits(c.Request.Context(), d.viewer(c), booking.ID(c.Param("id")), c.PostForm("reason"))
	if err == nil {
		return doneAt(c, "/desk/bookings/"+c.Param("id"), "given-back")
	}
	return d.actOn(c, "", "", func(context.Context, booking.Viewer, booking.ID) (booking.Booking, error) {
		return booking.Booking{}, err
	})
}

func sessionWord(n int) string {
	if n == 1 {
		return "session"
	}
	return "sessions"
}

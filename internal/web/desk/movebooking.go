package desk

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/practice"
	"kintsugi/internal/slot"
	"kintsugi/internal/web/page"
)

type movingPage struct {
	Action string
	Typed  string // words to the person
	Pick   freeTimes
}

// addMove turns a booking's page into the one where another hour is chosen.
// After a refusal it says why, and offers the nearest times.
func (d *Desk) addMove(c *gin.Context, m *oneBookingPage, b booking.Booking, refusal error) error {
	ctx, loc := c.Request.Context(), practice.Zone(b.CoachZone)
	pick, err := d.readFreeTimes(c, m.Here, url.Values{"do": {"move"}}, loc, func(from, to time.Time) ([]slot.Slot, error) {
		offer, err := d.Booking.OfferMove(ctx, b, from, to)
		return offer.Slots, err
	})
	if err != nil {
		return err
	}
	pick.refuse(refusal, m.Problems, loc, d.Now())
	m.Moving = &movingPage{Action: m.Here + "/move", Typed: c.PostForm("words"), Pick: pick}
	return nil
}

// refuse puts into the choice why an hour could not be had.
func (t *freeTimes) refuse(refusal error, problems page.Problems, loc *time.Location, now time.Time) {
	t.Problem = problems.Of("start")
	var refused *booking.Refused
	if errors.As(refusal, &refused) {
		t.suggest(refused.Alternatives, loc, now)
	}
	var against *booking.AgainstRules
	if errors.As(refusal, &against) {
		t.Agreed = booking.JoinRules(against.Rules)
		for _, r := range against.Rules {
			t.Against = append(t.Against, r.Say())
		}
	}
}

// moveBooking moves a booking: POST /desk/bookings/ID/move.
func (d *Desk) moveBooking(c *gin.Context) error {
	b, err := d.bookingOf(c)
	if err != nil {
		return err
	}
	start, problems := readStart(c, practice.Zone(b.CoachZone))
	if problems != nil {
		return d.refuseMove(c, b, problems, &fault.Error{Kind: fault.Invalid, Say: problems[0].Say})
	}
	moved, err := d.Booking.MoveFor(c.Request.Context(), d.viewer(c), booking.Move{
		ID: b.ID, Start: start, Words: d.wordsTyped(c), Against: booking.ReadRules(c.PostForm("against")), Key: d.opKey(c, "move"),
	})
	if err == nil || fault.Is(err, once.Mismatch) {
		c.Redirect(http.StatusSeeOther, d.backTo(c, quietly("moved", moved)))
		return nil
	}
	kind := fault.KindOf(err)
	if kind != fault.Invalid && kind != fault.Conflict {
		return err
	}
	if problems = page.ProblemsOf(err); len(problems) == 0 {
		problems = page.Problems{{Name: "start", Say: fault.SayOf(err)}}
	}
	return d.refuseMove(c, b, problems, err)
}

func (d *Desk) refuseMove(c *gin.Context, b booking.Booking, problems page.Problems, refusal error) error {
	m, err := d.oneBookingModel(c, b)
	if err != nil {
		return err
	}
	m.Problems = problems
	if m.MayMove {
		if err := d.addMove(c, &m, b, refusal); err != nil {
			return err
		}
	}
	return d.drawOneBooking(c, page.Status(fault.KindOf(refusal)), m)
}

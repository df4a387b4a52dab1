package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/fault"
	"kintsugi/internal/slot"
	"kintsugi/internal/web/page"
)

// longestRange is how many days one request may ask for.
const longestRange = 62

// slots lists what can be booked: GET /api/v1/slots.
func (a *API) slots(c *gin.Context) error {
	loc, err := booking.Zone(c.Query("timezone"))
	var bad []fault.Field
	if err != nil {
		bad = append(bad, fault.Field{Name: "timezone", Say: fault.SayOf(err)})
	}
	from, fromErr := slot.ParseDate(c.Query("from"))
	if fromErr != nil {
		bad = append(bad, fault.Field{Name: "from", Say: "Give the first date, like 2026-12-01."})
	}
	to, toErr := slot.ParseDate(c.Query("to"))
	if toErr != nil {
		bad = append(bad, fault.Field{Name: "to", Say: "Give the date after the last one, like 2026-12-08."})
	}
	if fromErr == nil && toErr == nil {
		switch {
		case !from.Before(to):
			bad = append(bad, fault.Field{Name: "to", Say: "The range ends before it begins; `to` is the date after the last one."})
		case from.AddDays(longestRange).Before(to):
			bad = append(bad, fault.Field{Name: "to", Say: "Ask for at most 62 days at once."})
		}
	}
	if len(bad) > 0 {
		return &fault.Error{Kind: fault.Invalid, Slug: "invalid", Say: "The query cannot be used.", Fields: bad}
	}
	offered, err := a.Booking.Offer(c.Request.Context(), booking.OfferQuery{
		Type: c.Query("type"), Coach: c.Query("coach"), From: from.Start(loc), To: to.Start(loc),
	})
	if err != nil {
		return err
	}
	const oneSlot = len(`{"start":"2026-12-01T10:00:00+01:00","end":"2026-12-01T10:30:00+01:00","coaches":["a-name"]},`)
	room := make([]byte, 0, 256+oneSlot*len(offered.Slots))
	body := slot.Answer{Type: offered.Type.Slug, Timezone: c.Query("timezone"), Zone: loc, Slots: offered.Slots}.AppendJSON(room)
	page.Send(c, http.StatusOK, jsonType, body)
	return nil
}

package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/fault"
	"kintsugi/internal/slot"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
)

const jsonType = "application/json; charset=utf-8"

// answer writes v as JSON.
func answer(c *gin.Context, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	page.Send(c, status, jsonType, body)
	return nil
}

// refuse writes the problem for an error.
func (a *API) refuse(c *gin.Context, err error) {
	var refused *booking.Refused
	var bad unread
	switch {
	case errors.As(err, &refused) && refused.Fault.Slug == booking.SlotTaken:
		a.taken(c, refused)
	case errors.As(err, &bad):
		guard.Problem(a.Log, c, bad.status, bad.error)
	default:
		guard.Problem(a.Log, c, page.Status(fault.KindOf(err)), err)
	}
}

// taken is the problem that comes with other times.
func (a *API) taken(c *gin.Context, r *booking.Refused) {
	page.Log(a.Log, c, http.StatusConflict, r)
	alternatives := make([]slotJSON, len(r.Alternatives))
	for i, s := range r.Alternatives {
		alternatives[i] = slotOf(s, time.UTC)
		if loc, ok := c.Get(zoneKey); ok {
			alternatives[i] = slotOf(s, loc.(*time.Location))
		}
	}
	body, err := json.Marshal(struct {
		Type         string     `json:"type"`
		Title        string     `json:"title"`
		Status       int        `json:"status"`
		Detail       string     `json:"detail"`
		Alternatives []slotJSON `json:"alternatives"`
	}{"/problems/" + r.Fault.Slug, "This time is taken", http.StatusConflict, r.Fault.Say, alternatives})
	if err != nil {
		guard.Problem(a.Log, c, http.StatusInternalServerError, err)
		return
	}
	page.Send(c, http.StatusConflict, "application/problem+json", body)
}

// zoneKey is where a handler leaves the zone in which alternatives are written.
const zoneKey = "api.zone"

// slotJSON is one start that can be booked.
type slotJSON struct {
	Start   string   `json:"start"`
	End     string   `json:"end"`
	Coaches []string `json:"coaches"`
}

func slotOf(s slot.Slot, loc *time.Location) slotJSON {
	return slotJSON{s.Start.In(loc).Format(time.RFC3339), s.End.In(loc).Format(time.RFC3339), s.Coaches}
}

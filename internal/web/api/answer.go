package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
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

// unread is a body that cannot be read as what the interface takes. It is 400,
// as opposed to a value that was read and cannot be used.
type unread struct{ error }

// refuse writes the problem for an error.
func (a *API) refuse(c *gin.Context, err error) {
	var refused *booking.Refused
	var bad unread
	switch {
	case errors.As(err, &refused) && refused.Fault.Slug == booking.SlotTaken:
		a.taken(c, refused)
	case errors.As(err, &bad):
		guard.Problem(a.Log, c, http.StatusBadRequest, bad.error)
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

// read takes the JSON body into v: exactly one object, no unknown field.
func read(c *gin.Context, v any) error {
	kind, _, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil || kind != "application/json" {
		return unread{fault.New(fault.Invalid, "Send a JSON object with Content-Type: application/json.")}
	}
	in := json.NewDecoder(c.Request.Body)
	in.DisallowUnknownFields()
	if err := in.Decode(v); err != nil {
		return unread{fault.Wrap(fault.Invalid, sayUnread(err), err)}
	}
	if _, err := in.Token(); err != io.EOF {
		return unread{fault.New(fault.Invalid, "Send one JSON object and nothing after it.")}
	}
	return nil
}

// sayUnread says what is wrong with a body without repeating its values.
func sayUnread(err error) string {
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF):
		return "The body is empty; send a JSON object."
	case errors.As(err, &wrong) && wrong.Field != "":
		return fmt.Sprintf("The field %q is of the wrong type; it takes a %s.", wrong.Field, wrong.Type)
	case errors.As(err, &wrong):
		return "Send a JSON object."
	}
	const unknown = "json: unknown field "
	if text := err.Error(); len(text) > len(unknown) && len(text) < 120 && text[:len(unknown)] == unknown {
		return "There is no field named " + text[len(unknown):] + "."
	}
	return "The body is not valid JSON."
}

package api

import (
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/web/guard"
)

// bookingJSON is a booking as programs see it.
type bookingJSON struct {
	ID         booking.ID     `json:"id"`
	Status     booking.Status `json:"status"`
	Type       string         `json:"type"`
	Start      string         `json:"start"`
	End        string         `json:"end"`
	Timezone   string         `json:"timezone"`
	Coach      coachJSON      `json:"coach"`
	MeetingURL string         `json:"meeting_url"`
	ManageURL  string         `json:"manage_url"`
	ICSURL     string         `json:"ics_url"`
}

type coachJSON struct {
	Slug string `json:"slug"`
	Name string `json:"name"`
}

func (a *API) view(b booking.Booking, side booking.Party) bookingJSON {
	loc, err := booking.Zone(b.Timezone)
	if err != nil {
		loc = time.UTC
	}
	page := a.Booking.URLFor(b, side)
	status := b.Status
	if b.Due(a.Booking.Now()) {
		status = booking.Expired
	}
	return bookingJSON{
		ID: b.ID, Status: status, Type: b.TypeSlug, Timezone: b.Timezone,
		Start: b.Start.In(loc).Format(time.RFC3339), End: b.End.In(loc).Format(time.RFC3339),
		Coach: coachJSON{b.CoachSlug, b.CoachName}, MeetingURL: b.JoinURL(),
		ManageURL: page, ICSURL: page + "/invite.ics",
	}
}

// book promises an hour: POST /api/v1/bookings.
func (a *API) book(c *gin.Context) error {
	var in booking.Request
	var start, safe string
	err := read(c, fields{
		"type": &in.Type, "start": &start, "timezone": &in.Timezone, "coach": &in.Coach,
		"name": &in.Name, "email": &in.Email, "phone": &in.Phone, "message": &in.Message,
		"partner_name": &in.PartnerName, "partner_email": &in.PartnerEmail, "safe_to_email": &safe,
	})
	if err != nil {
		return err
	}
	if in.Key, err = idempotencyKey(c, "api book"); err != nil {
		return err
	}
	if in.Start, err = parseStart(start); err != nil {
		return err
	}
	if in.SafeToEmail, err = parseSafe(safe); err != nil {
		return err
	}
	if loc, err := booking.Zone(in.Timezone); err == nil {
		c.Set(zoneKey, loc)
	}
	ctx, source := c.Request.Context(), guard.Source(c)
	if err := a.Guard.Peek(ctx, guard.BookingsMade(), source); err != nil {
		return err
	}
	asked := a.Booking.Now()
	b, err := a.Booking.Book(ctx, in)
	if err != nil {
		return err
	}
	if !b.MadeAt.Before(asked) { // else a retry got the answer of an earlier request
		// The booking stands, whether or not its count could be written down.
		_ = a.Guard.Allow(ctx, guard.BookingsMade(), source)
	}
	out := a.view(b, booking.ByPerson)
	c.Header("Location", out.ManageURL)
	return answer(c, http.StatusCreated, out)
}

// show reads a booking: GET /api/v1/bookings/TOKEN.
func (a *API) show(c *gin.Context) error {
	b, side, err := a.Booking.ByLink(c.Request.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, a.view(b, side))
}

// reschedule moves a booking: POST /api/v1/bookings/TOKEN/reschedule.
func (a *API) reschedule(c *gin.Context) error {
	var text string
	if err := read(c, fields{"start": &text}); err != nil {
		return err
	}
	key, err := idempotencyKey(c, "api reschedule")
	if err != nil {
		return err
	}
	start, err := parseStart(text)
	if err != nil {
		return err
	}
	if start.IsZero() {
		return fault.InvalidField("start", "Give the new time as RFC 3339, like 2026-12-08T14:00:00Z.")
	}
	b, side, err := a.Booking.Reschedule(c.Request.Context(), c.Param("token"), start, key)
	if loc, zoneErr := booking.Zone(b.Timezone); zoneErr == nil {
		c.Set(zoneKey, loc)
	}
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, a.view(b, side))
}

// cancel calls a booking off: POST /api/v1/bookings/TOKEN/cancel.
func (a *API) cancel(c *gin.Context) error {
	var reason string
	if err := readOptional(c, fields{"reason": &reason}); err != nil {
		return err
	}
	b, side, err := a.Booking.Cancel(c.Request.Context(), c.Param("token"), reason)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, a.view(b, side))
}

// parseStart reads an instant. An empty one is left for the room to complain
// about together with everything else.
func parseStart(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	start, err := time.Parse(time.RFC3339, text)
	// Parse also takes 9:00 for 09:00, and a comma among the seconds.
	strict := err == nil && text[len("2026-12-08T14")] == ':' && !strings.Contains(text, ",")
	if !strict || start.Year() < 1970 || start.Year() > 9000 {
		return time.Time{}, fault.InvalidField("start", "Give the time as RFC 3339, like 2026-12-08T14:00:00Z.")
	}
	return start, nil
}

// parseSafe reads whether mail is safe for the person; yes unless said otherwise.
func parseSafe(text string) (bool, error) {
	switch text {
	case "", "yes":
		return true, nil
	case "no":
		return false, nil
	}
	return false, fault.InvalidField("safe_to_email", `Say "yes" or "no".`)
}

// idempotencyKey reads the header that makes a retry harmless.
func idempotencyKey(c *gin.Context, scope string) (once.Key, error) {
	text := c.GetHeader("Idempotency-Key")
	if text != "" && !guard.UsableOp(text) {
		return once.Key{}, badRequest("An Idempotency-Key has 1 to 200 printable characters.")
	}
	return once.Key{Scope: scope, Text: text}, nil
}

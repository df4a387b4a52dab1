package desk

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/audit"
	"kintsugi/internal/availability"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/web/page"
)

var calendarsView = page.Define[calendarsPage]("desk-hours-calendars.html")

// calendarsPage is what is read from outside and what can be subscribed to.
type calendarsPage struct {
	hoursHead
	Problems page.Problems
	Fields   []deskField
	Feed     string // only for the coach whose feed it is
	FeedOp   string
	FeedAct  string
}

// coachCalendars shows them: GET /desk/hours/COACH/calendars. The addresses of
// calendars are keys to them, so an assistant does not see them, and a feed's
// address is shown to its coach alone.
func (d *Desk) coachCalendars(c *gin.Context) error {
	coach, err := d.coachInView(c)
	if err != nil {
		return err
	}
	stored, err := availability.Of(c.Request.Context(), d.DB, coach.ID)
	if err != nil {
		return err
	}
	return d.drawCalendars(c, http.StatusOK, coach, stored.BusyCalendars, nil)
}

func (d *Desk) drawCalendars(c *gin.Context, status int, coach people.Coach, addresses []string, problems page.Problems) error {
	head, frame, err := d.headOf(c, coach, "/calendars")
	if err != nil {
		return err
	}
	frame.Title = "Calendars"
	model := calendarsPage{hoursHead: head, Problems: problems}
	for i, address := range append(append([]string{}, addresses...), "", "") {
		field := deskField{Name: calendarField(i), Label: "Address of a calendar", Kind: "url", Value: address, Optional: address == ""}
		model.Fields = append(model.Fields, field)
	}
	model.Fields = withProblems(model.Fields, problems)
	if head.Own {
		model.Feed, model.FeedOp, model.FeedAct = d.Booking.CoachFeedURL(coach), d.Guard.NewOp(d.Now()), "/desk/hours/"+coach.Slug+"/feed"
	}
	return calendarsView.Render(c, status, frame, model)
}

func calendarField(i int) string { return "calendar-" + string(rune('a'+min(i, 25))) }

// mostCalendars is how many addresses are read from the form.
const mostCalendars = 24

// saveCalendars takes the addresses: POST /desk/hours/COACH/calendars.
func (d *Desk) saveCalendars(c *gin.Context) error {
	coach, err := d.coachInView(c)
	if err != nil {
		return err
	}
	addresses := []string{}
	for i := range mostCalendars {
		address := strings.TrimSpace(c.PostForm(calendarField(i)))
		if rest, ok := strings.CutPrefix(address, "webcal://"); ok {
			address = "https://" + rest // what calendar programs give out to subscribe
		}
		if address != "" {
			addresses = append(addresses, address)
		}
	}
	err = d.setUp(c, doing{Act: "outside calendars changed", About: string(coach.ID), Part: func(*pg.Tx) (any, error) {
		return coachPart(coach.Slug, "busy_calendars", addresses), nil
	}})
	if err == nil {
		return doneAt(c, "/desk/hours/"+coach.Slug+"/calendars", "kept")
	}
	problems, err := mended(err, calendarField(0), func(path string) string {
		for i := range addresses {
			if path == fmt.Sprintf("busy_calendars[%d]", i) {
				return calendarField(i)
			}
		}
		return ""
	})
	if err != nil {
		return err
	}
	return d.drawCalendars(c, statusMend, coach, addresses, problems)
}

// renewFeed revokes every address of the reader's own feed and makes a new one:
// POST /desk/hours/COACH/feed.
func (d *Desk) renewFeed(c *gin.Context) error {
	coach, err := d.coachInView(c)
	if err != nil {
		return err
	}
	if coach.ID != d.Who(c).ID {
		return errNoCoach()
	}
	ctx, now, key := c.Request.Context(), d.Now(), opKey(c, "renew feed")
	err = d.DB.InTx(ctx, func(tx *pg.Tx) error {
		generation, err := people.RenewFeed(ctx, tx, coach.ID)
		if err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Entry{At: now, Actor: d.actor(c), Act: "calendar feed renewed", About: string(coach.ID),
			Detail: map[string]int{"was": generation - 1, "is": generation}}); err != nil {
			return err
		}
		return once.Settle(ctx, tx, key, true, now)
	})
	if err != nil && !once.IsRepeat(err) {
		return err
	}
	return doneAt(c, "/desk/hours/"+coach.Slug+"/calendars", "renewed")
}

package desk

import (
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/audit"
	"kintsugi/internal/availability"
	"kintsugi/internal/civil"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var calendarsView = page.Define[calendarsPage]("desk-hours-calendars.html")

// calendarsPage is what is read from outside and what can be subscribed to.
type calendarsPage struct {
	hoursHead
	Problems page.Problems
	State    []calendarState // how the reading stands
	Fields   []deskField
	Choices  []deskField
	Feed     string // only for the coach whose feed it is
	FeedOp   string
	FeedAct  string
}

// calendarState says how the reading of one calendar stands. Of its address
// only the host is named.
type calendarState struct {
	Host, Say string
	Trouble   []string
}

// coachCalendars shows them: GET /desk/hours/COACH/calendars. The addresses of
// calendars are keys to them, so an assistant does not see them, and a feed's
// address is shown to its coach alone.
func (d *Desk) coachCalendars(c *gin.Context) error {
	coach, err := d.coachInView(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	stored, err := availability.Of(ctx, d.DB, coach.ID)
	if err != nil {
		return err
	}
	choices, err := availability.LoadChoices(ctx, d.DB, coach.ID)
	if err != nil {
		return err
	}
	stop := ""
	if choices.StopAfterHours != nil {
		stop = strconv.Itoa(*choices.StopAfterHours)
	}
	return d.drawCalendars(c, http.StatusOK, coach, stored.BusyCalendars, calendarChoices(stop, choices.IgnoreAllDay), nil)
}

// calendarChoices are what a coach decides about what is read.
func calendarChoices(stopAfter string, ignoreAllDay bool) []deskField {
	return []deskField{
		{Name: "stop_offering_after_hours", Label: "Offer nothing when a calendar could not be read for", Kind: "number", After: "hours", Value: stopAfter, Optional: true,
			Hint: "Left empty, the last copy counts, however old it is."},
		{Name: "ignore_all_day", Label: "Entries without a time of day take no time", Kind: "check", Checked: ignoreAllDay,
			Hint: "For calendars full of birthdays."},
	}
}

func (d *Desk) drawCalendars(c *gin.Context, status int, coach people.Coach, addresses []string, choices []deskField, problems page.Problems) error {
	head, frame, err := d.headOf(c, coach, "/calendars")
	if err != nil {
		return err
	}
	reading, err := availability.Calendars(c.Request.Context(), d.DB, coach.ID)
	if err != nil {
		return err
	}
	frame.Title = "Calendars"
	model := calendarsPage{hoursHead: head, Problems: problems, Choices: withProblems(choices, problems)}
	for _, calendar := range reading {
		model.State = append(model.State, calendarSay(calendar, d.Now(), practice.Zone(coach.Timezone)))
	}
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

// calendarSay puts how a calendar stands into words.
func calendarSay(calendar availability.Calendar, now time.Time, zone *time.Location) calendarState {
	s := calendarState{Host: calendar.Host, Trouble: calendar.Notes}
	switch {
	case calendar.GoodAt != nil:
		s.Say = fmt.Sprintf("The copy in use is from %s; it holds %s.", civil.When(*calendar.GoodAt, zone, now), entriesSay(calendar.Events))
	case calendar.TriedAt == nil:
		s.Say = "It has not been read yet. That takes a few minutes."
	default:
		s.Say = "It has never been read well, so nothing in it counts yet."
	}
	if say := calendar.Say(); say != "" {
		s.Trouble = append([]string{say}, s.Trouble...)
	}
	if calendar.Stops(now) {
		s.Trouble = append(s.Trouble, "Nothing is offered until it can be read again, as you decided.")
	}
	return s
}

func entriesSay(n int) string {
	if n == 1 {
		return "one entry"
	}
	return strconv.Itoa(n) + " entries"
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
	in := typed{c: c}
	choices := availability.Choices{IgnoreAllDay: in.checked("ignore_all_day")}
	if n, ok := in.number("stop_offering_after_hours").(int); ok {
		if choices.StopAfterHours = &n; n < 1 || n > 10_000 {
			in.wrong("stop_offering_after_hours", "Write a number of hours from 1 to 10000, or leave it empty.")
		}
	}
	asTyped := calendarChoices(in.text("stop_offering_after_hours"), choices.IgnoreAllDay)
	if len(in.problems) > 0 {
		return d.drawCalendars(c, statusMend, coach, addresses, asTyped, in.problems)
	}
	err = d.setUp(c, doing{Act: "outside calendars changed", About: string(coach.ID), Part: func(*pg.Tx) (any, error) {
		return coachPart(coach.Slug, "busy_calendars", addresses), nil
	}, Then: func(tx *pg.Tx) error { return d.chooseCalendars(c, tx, coach.ID, choices) }})
	if err == nil {
		if d.Wake != nil {
			d.Wake() // the calendars are read at once
		}
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
	return d.drawCalendars(c, statusMend, coach, addresses, asTyped, problems)
}

// chooseCalendars keeps what was decided and has every calendar read anew.
func (d *Desk) chooseCalendars(c *gin.Context, tx *pg.Tx, coach people.ID, choices availability.Choices) error {
	ctx, now := c.Request.Context(), d.Now()
	was, err := availability.LoadChoices(ctx, tx, coach)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(was, choices) {
		if err := availability.SaveChoices(ctx, tx, coach, choices); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Entry{At: now, Actor: d.actor(c), Act: "choices about calendars changed", About: string(coach),
			Detail: map[string]availability.Choices{"was": was, "is": choices}}); err != nil {
			return err
		}
	}
	return availability.Refresh(ctx, tx, now)
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
	ctx, now, key := c.Request.Context(), d.Now(), d.opKey(c, "renew feed")
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

package desk

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/availability"
	"kintsugi/internal/civil"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var hoursView = page.Define[hoursPage]("desk-hours.html")

// hoursPage is a coach's week.
type hoursPage struct {
	hoursHead
	Problems page.Problems
	Week     weekForm
	Preview  hoursPreview
}

// hoursHead is what all pages about a coach's hours begin with.
type hoursHead struct {
	Heading string
	Coaches []page.MenuItem // other coaches whose hours the reader may change
	Tabs    []page.MenuItem
	Action  string
	Own     bool // the reader is this coach
	Name    string
	Zone    string // "London"
}

// hours leads to a coach's hours: the reader's own, or for those who see
// nobody the first coach's.
func (d *Desk) hours(c *gin.Context) error {
	who := d.Who(c)
	if who.Bookable() {
		return doneAt(c, "/desk/hours/"+who.Slug, "")
	}
	coaches, err := people.Coaches(c.Request.Context(), d.DB)
	if err != nil {
		return err
	}
	for _, coach := range coaches {
		if coach.Bookable() {
			return doneAt(c, "/desk/hours/"+coach.Slug, "")
		}
	}
	frame, _, err := d.frame(c, "Hours", "hours")
	if err != nil {
		return err
	}
	return plainDeskView.Render(c, http.StatusOK, frame, plainDeskPage{Heading: "Hours",
		Say: "There is no coach yet. As soon as there is one, their weekly hours, days off and travel are here."})
}

var plainDeskView = page.Define[plainDeskPage]("desk-plain.html")

// plainDeskPage is a page that says one thing.
type plainDeskPage struct {
	Heading, Say string
}

// coachInView gives the coach whose hours the page is about. A coach sees their
// own alone; the owner and an assistant see everybody's.
func (d *Desk) coachInView(c *gin.Context) (people.Coach, error) {
	who := d.Who(c)
	coach, err := people.FindCoach(c.Request.Context(), d.DB, c.Param("coach"))
	if err != nil {
		return people.Coach{}, err
	}
	if !coach.Bookable() || who.Role == people.Member && coach.ID != who.ID {
		return people.Coach{}, errNoCoach()
	}
	return coach, nil
}

// errNoCoach is what people.FindCoach says of somebody who does not exist.
func errNoCoach() error { return fault.New(fault.NotFound, "There is no coach by that name here.") }

// headOf begins a page about a coach's hours.
func (d *Desk) headOf(c *gin.Context, coach people.Coach, part string) (hoursHead, page.Frame, error) {
	who := d.Who(c)
	frame, _, err := d.frame(c, "Hours", "hours")
	if err != nil {
		return hoursHead{}, frame, err
	}
	frame.Flash = doneSay(c)
	base := "/desk/hours/" + coach.Slug
	h := hoursHead{Heading: "Your hours", Own: coach.ID == who.ID, Name: coach.Name, Zone: civil.City(coach.Timezone), Action: base + part}
	if !h.Own {
		h.Heading = "Hours of " + coach.Name
	}
	tab := func(path, say string) {
		h.Tabs = append(h.Tabs, page.MenuItem{Href: base + path, Say: say, Here: path == part})
	}
	tab("", "Weekly hours")
	tab("/dates", "Days off and holidays")
	tab("/travel", "Travel")
	if h.Own || who.Role == people.Owner {
		tab("/calendars", "Calendars")
	}
	tab("/why", "Why is a time closed?")
	if h.Own {
		h.Tabs = append(h.Tabs, page.MenuItem{Href: "/desk/team/" + coach.Slug + "/profile", Say: "Your page"})
	}
	if who.Role == people.Member {
		return h, frame, nil
	}
	all, err := people.Coaches(c.Request.Context(), d.DB)
	if err != nil {
		return hoursHead{}, frame, err
	}
	all = slices.DeleteFunc(all, func(other people.Coach) bool { return !other.Bookable() })
	for _, other := range all {
		if len(all) > 1 {
			h.Coaches = append(h.Coaches, page.MenuItem{Href: "/desk/hours/" + other.Slug + part, Say: other.Name, Here: other.ID == coach.ID})
		}
	}
	return h, frame, nil
}

// coachHours is a coach's week: GET /desk/hours/COACH.
func (d *Desk) coachHours(c *gin.Context) error {
	coach, err := d.coachInView(c)
	if err != nil {
		return err
	}
	stored, err := availability.Of(c.Request.Context(), d.DB, coach.ID)
	if err != nil {
		return err
	}
	return d.drawHours(c, http.StatusOK, coach, weekFormOf(stored.Weekly), nil, nil)
}

// drawHours draws the week, and beside it what people see: of the hours as they
// are kept or, where a week is given, as they would be.
func (d *Desk) drawHours(c *gin.Context, status int, coach people.Coach, week weekForm, unsaved practice.Week, problems page.Problems) error {
	head, frame, err := d.headOf(c, coach, "")
	if err != nil {
		return err
	}
	model := hoursPage{hoursHead: head, Week: week, Problems: problems}
	if model.Preview, err = d.previewOf(c, coach, unsaved); err != nil {
		return err
	}
	return hoursView.Render(c, status, frame, model)
}

// saveHours takes a week: POST /desk/hours/COACH. With another button the form
// comes back with a day copied, or with what people would see.
func (d *Desk) saveHours(c *gin.Context) error {
	coach, err := d.coachInView(c)
	if err != nil {
		return err
	}
	week, form, problems := readWeek(c)
	switch act := c.PostForm("act"); {
	case act == "copy":
		return d.drawHours(c, http.StatusOK, coach, form.copyDay(c.PostForm("copy_from"), c.PostFormArray("copy_to")), nil, nil)
	case len(problems) > 0:
		return d.drawHours(c, statusMend, coach, form, nil, problems)
	case act == "preview":
		return d.drawHours(c, http.StatusOK, coach, form, week, nil)
	}
	err = d.setUp(c, doing{Act: "weekly hours changed", About: string(coach.ID), Part: func(*pg.Tx) (any, error) {
		return coachPart(coach.Slug, "weekly_hours", week), nil
	}})
	if err == nil {
		return doneAt(c, "/desk/hours/"+coach.Slug, "saved")
	}
	if problems, err = mended(err, "mon-0", dayInput); err != nil {
		return err
	}
	return d.drawHours(c, statusMend, coach, form, nil, problems)
}

// dayInput is the first row of the day that a place in the file speaks of.
func dayInput(path string) string {
	for _, key := range practice.DayNames() {
		for _, field := range []string{"weekly_hours.", "hours."} {
			if path == field+key {
				return rowID(key, 0)
			}
		}
	}
	return ""
}

// coachPart is a practice file that says one thing of one coach.
func coachPart(slug, key string, value any) any {
	return map[string]any{"coaches": []any{map[string]any{"slug": slug, key: value}}}
}

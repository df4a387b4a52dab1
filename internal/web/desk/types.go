package desk

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var typesView = page.Define[typesPage]("desk-types.html")

// typesPage lists what can be booked, and what could be once.
type typesPage struct {
	Tabs      []page.MenuItem
	Offered   []typeLine
	Withdrawn []typeLine
}

type typeLine struct {
	Href, HoursHref, WithdrawAction string
	Name, Facts, Who                string
	OwnHours                        bool
}

// settingTabs are the parts of Settings.
func settingTabs(here string) []page.MenuItem {
	var tabs []page.MenuItem
	for _, t := range []struct{ path, say string }{
		{"settings", "Practice"}, {"settings/look", "Look"}, {"settings/texts", "Texts"}, {"settings/help", "Help resources"}, {"settings/letters", "Letters"},
		{"types", "Appointment types"}, {"packages", "Packages"}, {"settings/payments", "Payments"}, {"team", "Team"},
	} {
		tabs = append(tabs, page.MenuItem{Href: "/desk/" + t.path, Say: t.say, Here: t.path == here})
	}
	return tabs
}

// types lists them: GET /desk/types.
func (d *Desk) types(c *gin.Context) error {
	ctx := c.Request.Context()
	frame, _, err := d.frame(c, "Appointment types", "settings")
	if err != nil {
		return err
	}
	frame.Flash = doneSay(c)
	found, err := practice.AllTypes(ctx, d.DB)
	if err != nil {
		return err
	}
	holders, err := practice.Holders(ctx, d.DB)
	if err != nil {
		return err
	}
	coaches, err := people.AllCoaches(ctx, d.DB)
	if err != nil {
		return err
	}
	model := typesPage{Tabs: settingTabs("types")}
	for _, t := range found {
		line := lineOf(t, namesOf(coaches, holders, t.ID))
		if t.Withdrawn {
			model.Withdrawn = append(model.Withdrawn, line)
		} else {
			model.Offered = append(model.Offered, line)
		}
	}
	return typesView.Render(c, http.StatusOK, frame, model)
}

// lineOf says a type on two lines.
func lineOf(t practice.Type, names []string) typeLine {
	base := "/desk/types/" + t.Slug
	facts := []string{civil.Duration(t.Duration())}
	switch t.Place {
	case practice.Video:
		facts = append(facts, "by video")
	case practice.Phone:
		facts = append(facts, "by phone")
	default:
		facts = append(facts, "at "+t.Place)
	}
	switch {
	case t.Credits == 1:
		facts = append(facts, "costs one paid session")
	case t.Credits > 1:
		facts = append(facts, "costs several paid sessions")
	default:
		facts = append(facts, "free")
	}
	if t.Public {
		facts = append(facts, "open to everybody")
	} else {
		facts = append(facts, "for people with an account")
	}
	if t.ApprovalMinutes > 0 {
		facts = append(facts, "has to be accepted within "+practice.Span(t.ApprovalMinutes))
	}
	who := "nobody holds it, so it is not offered"
	if len(names) > 0 {
		who = "with " + joinAnd(names)
	}
	return typeLine{Href: base + "/edit", HoursHref: base + "/hours", WithdrawAction: base + "/withdraw",
		Name: t.Name, Facts: strings.Join(facts, ", "), Who: who, OwnHours: t.Hours != nil}
}

// namesOf are the coaches who hold a type and work here now.
func namesOf(coaches []people.Coach, holders []practice.Holder, id practice.TypeID) []string {
	var names []string
	for _, h := range holders {
		for _, coach := range coaches {
			if h.TypeID == id && coach.ID == h.CoachID && coach.Bookable() {
				names = append(names, coach.Name)
			}
		}
	}
	return names
}

// withdraw stops offering a type, or offers it again: POST
// /desk/types/TYPE/withdraw.
func (d *Desk) withdraw(c *gin.Context) error {
	t, err := practice.FindType(c.Request.Context(), d.DB, c.Param("type"))
	if err != nil {
		return err
	}
	back := c.PostForm("act") == "offer"
	act, done := "appointment type withdrawn", "withdrawn"
	if back {
		act, done = "appointment type offered again", "offered"
	}
	err = d.setUp(c, doing{Act: act, About: string(t.ID), Part: func(*pg.Tx) (any, error) {
		return typePart(t.Slug, map[string]any{"withdrawn": !back}), nil
	}})
	if err != nil {
		return err
	}
	return doneAt(c, "/desk/types", done)
}

// typePart is a practice file that says some things of one type.
func typePart(slug string, fields map[string]any) any {
	fields["slug"] = slug
	return map[string]any{"appointment_types": []any{fields}}
}

var typeHoursView = page.Define[typeHoursPage]("desk-type-hours.html")

// typeHoursPage is the hours that a type has of its own.
type typeHoursPage struct {
	Tabs     []page.MenuItem
	Name     string
	Action   string
	Problems page.Problems
	Week     weekForm
	Own      bool
}

// typeHours shows them: GET /desk/types/TYPE/hours.
func (d *Desk) typeHours(c *gin.Context) error {
	t, err := practice.FindType(c.Request.Context(), d.DB, c.Param("type"))
	if err != nil {
		return err
	}
	return d.drawTypeHours(c, http.StatusOK, t, weekFormOf(t.Hours), t.Hours != nil, nil)
}

func (d *Desk) drawTypeHours(c *gin.Context, status int, t practice.Type, week weekForm, own bool, problems page.Problems) error {
	frame, _, err := d.frame(c, "Hours of "+t.Name, "settings")
	if err != nil {
		return err
	}
	return typeHoursView.Render(c, status, frame, typeHoursPage{Tabs: settingTabs("types"), Name: t.Name,
		Action: "/desk/types/" + t.Slug + "/hours", Problems: problems, Week: week, Own: own})
}

// saveTypeHours takes them: POST /desk/types/TYPE/hours.
func (d *Desk) saveTypeHours(c *gin.Context) error {
	t, err := practice.FindType(c.Request.Context(), d.DB, c.Param("type"))
	if err != nil {
		return err
	}
	week, form, problems := readWeek(c)
	own := c.PostForm("own") == "yes"
	switch {
	case c.PostForm("act") == "copy":
		return d.drawTypeHours(c, http.StatusOK, t, form.copyDay(c.PostForm("copy_from"), c.PostFormArray("copy_to")), own, nil)
	case own && len(problems) == 0 && noHours(week):
		problems = append(problems, fieldSays("mon-0", "Write the hours of this type, or choose that it follows the coach’s hours."))
	}
	if own && len(problems) > 0 {
		return d.drawTypeHours(c, statusMend, t, form, own, problems)
	}
	err = d.setUp(c, doing{Act: "hours of appointment type changed", About: string(t.ID), Part: func(*pg.Tx) (any, error) {
		if !own {
			return typePart(t.Slug, map[string]any{"hours": nil}), nil
		}
		return typePart(t.Slug, map[string]any{"hours": week}), nil
	}})
	if err == nil {
		return doneAt(c, "/desk/types", "saved")
	}
	if problems, err = mended(err, "mon-0", dayInput); err != nil {
		return err
	}
	return d.drawTypeHours(c, statusMend, t, form, own, problems)
}

func noHours(week practice.Week) bool {
	return !slices.ContainsFunc([]time.Weekday{0, 1, 2, 3, 4, 5, 6}, func(day time.Weekday) bool { return len(week[day]) > 0 })
}

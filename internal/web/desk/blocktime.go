package desk

import (
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/civil"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
	"kintsugi/internal/slot"
	"kintsugi/internal/web/page"
)

var (
	blockView    = page.Define[blockPage]("desk-block.html")
	oneBlockView = page.Define[oneBlockPage]("desk-block-one.html")
)

type blockPage struct {
	Problems page.Problems
	Form     blockForm
	Fields   []deskField
	Whose    []daylink
	Coach    string // slug
	CoachSay string // named where it is not the viewer
	ZoneSay  string
	Op       string
	Back     string
}

// blockForm is what was typed.
type blockForm struct {
	Date, From, To, Until, Label string
	Whole                        bool // whole days
}

// fields are the inputs of the form.
func (f blockForm) fields(problems page.Problems) []deskField {
	return withProblems([]deskField{
		{Name: "date", Label: "Day", Kind: "date", Value: f.Date},
		{Name: "from", Label: "From", Kind: "clock", Value: f.From},
		{Name: "to", Label: "To", Kind: "clock", Value: f.To, Hint: "24:00 is the end of the day."},
		{Name: "until", Label: "Last day", Kind: "date", Value: f.Until, Optional: true, Hint: "Only when it lasts over more than one day."},
		{Name: "whole", Label: "Whole days", Kind: "check", Checked: f.Whole},
		{Name: "label", Label: "A word for yourself", Value: f.Label, Optional: true, Hint: "Only the coach whose time it is sees it. It is no place for anything about a client."},
	}, problems)
}

// block asks which time to keep free: GET /desk/block?date=.
func (d *Desk) block(c *gin.Context) error {
	form := blockForm{From: "09:00", To: "12:00"}
	return d.drawBlock(c, http.StatusOK, c.Query("coach"), form, nil)
}

func (d *Desk) drawBlock(c *gin.Context, status int, coach string, form blockForm, problems page.Problems) error {
	w, one, err := d.blockWhose(c, coach)
	if err != nil {
		return err
	}
	now := d.Now()
	m := blockPage{Problems: problems, Form: form, Coach: one.Slug, ZoneSay: civil.Zone(practice.Zone(one.Timezone), now), Op: d.Guard.NewOp(now), Back: "/desk/schedule"}
	if m.Form.Date == "" {
		m.Form.Date = readDate(c.Query("date"), slot.DateOf(now.In(practice.Zone(one.Timezone)))).String()
	}
	if op := c.PostForm("op"); op != "" {
		m.Op = op
	}
	if one.ID != d.Who(c).ID {
		m.CoachSay = one.Name
	}
	m.Fields = m.Form.fields(problems)
	w.Slug = one.Slug
	for _, l := range w.links("/desk/block", map[string][]string{"date": {m.Form.Date}}) {
		if l.Say != "Everybody" {
			m.Whose = append(m.Whose, l)
		}
	}
	frame, _, err := d.frame(c, "Block time", "schedule")
	if err != nil {
		return err
	}
	return blockView.Render(c, status, frame, m)
}

// blockWhose is whose time is blocked: one coach's.
func (d *Desk) blockWhose(c *gin.Context, asked string) (whose, people.Coach, error) {
	if asked == everybody {
		asked = ""
	}
	w, err := d.readWhose(c, asked)
	if err != nil {
		return w, people.Coach{}, err
	}
	if len(w.Coaches) == 0 {
		return w, people.Coach{}, booking.ErrNoCoach
	}
	return w, w.Coaches[0], nil
}

// blockSubmit keeps a time free: POST /desk/block.
func (d *Desk) blockSubmit(c *gin.Context) error {
	form := blockForm{Date: c.PostForm("date"), From: c.PostForm("from"), To: c.PostForm("to"), Until: c.PostForm("until"),
		Label: c.PostForm("label"), Whole: c.PostForm("whole") == "yes"}
	_, coach, err := d.blockWhose(c, c.PostForm("coach"))
	if err != nil {
		return err
	}
	start, end, problems := form.read(practice.Zone(coach.Timezone))
	if problems != nil {
		return d.drawBlock(c, http.StatusUnprocessableEntity, coach.Slug, form, problems)
	}
	_, err = d.Booking.BlockTime(c.Request.Context(), d.viewer(c), booking.Block{CoachID: coach.ID, Start: start, End: end, Label: form.Label}, d.opKey(c, "block"))
	if fault.KindOf(err) == fault.Invalid {
		if problems = page.ProblemsOf(err); len(problems) > 0 {
			return d.drawBlock(c, http.StatusUnprocessableEntity, coach.Slug, form, problems)
		}
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/desk/schedule?view=week&date="+form.Date+"&coach="+coach.Slug+"&done=blocked")
	return nil
}

// read gives the instants of what was typed: from an hour to an hour, on one
// day or until a later one, or whole days.
func (f blockForm) read(loc *time.Location) (start, end time.Time, problems page.Problems) {
	until := f.Until
	if until == "" {
		until = f.Date
	}
	if f.Whole {
		first, errFirst := slot.ParseDate(f.Date)
		last, errLast := slot.ParseDate(until)
		if errFirst != nil || !sensibleDate(first) {
			problems = append(problems, fault.Field{Name: "date", Say: "Write the date, such as 2026-12-08."})
		}
		if errLast != nil || !sensibleDate(last) {
			problems = append(problems, fault.Field{Name: "until", Say: "Write the last day, such as 2026-12-11, or leave it empty."})
		}
		if problems == nil && last.Before(first) {
			problems = append(problems, fault.Field{Name: "until", Say: "The last day lies before the first."})
		}
		return first.Start(loc), last.AddDays(1).Start(loc), problems
	}
	start, problems = readLabel("date", "from", f.Date, f.From, loc)
	end, wrong := readLabel("until", "to", until, f.To, loc)
	if f.To == "24:00" || f.To == "00:00" { // the end of the day
		if last, err := slot.ParseDate(until); err == nil && sensibleDate(last) {
			end, wrong = last.AddDays(1).Start(loc), nil
		}
	}
	for _, p := range wrong {
		if p.Name != "until" || f.Until != "" {
			problems = append(problems, p)
		}
	}
	return start, end, problems
}

// oneBlockPage is a blocked time, which can be opened again.
type oneBlockPage struct {
	When, Label, Action, Back string
}

// oneBlock shows a blocked time: GET /desk/blocks/ID.
func (d *Desk) oneBlock(c *gin.Context) error {
	ctx, now := c.Request.Context(), d.Now()
	b, err := d.Booking.FindBlock(ctx, d.viewer(c), booking.BlockID(c.Param("id")))
	if err != nil {
		return err
	}
	coach, err := people.FindCoachByID(ctx, d.DB, b.CoachID)
	if err != nil {
		return err
	}
	loc := practice.Zone(coach.Timezone)
	m := oneBlockPage{Label: b.Label, Action: "/desk/blocks/" + string(b.ID) + "/open",
		Back: "/desk/schedule?" + dayOf(b, coach),
		When: "From " + civil.When(b.Start, loc, now) + " to " + civil.When(b.End, loc, now)}
	frame, _, err := d.frame(c, "Blocked time", "schedule")
	if err != nil {
		return err
	}
	return oneBlockView.Render(c, http.StatusOK, frame, m)
}

// openBlock opens a blocked time again: POST /desk/blocks/ID/open. Doing it
// twice leads to the same page.
func (d *Desk) openBlock(c *gin.Context) error {
	ctx, v, id := c.Request.Context(), d.viewer(c), booking.BlockID(c.Param("id"))
	back := "/desk/schedule?done=opened"
	if b, err := d.Booking.FindBlock(ctx, v, id); err == nil {
		coach, err := people.FindCoachByID(ctx, d.DB, b.CoachID)
		if err != nil {
			return err
		}
		back += "&" + dayOf(b, coach)
	}
	if err := d.Booking.Unblock(ctx, v, id); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, back)
	return nil
}

// dayOf names the day of a blocked time, and its coach where their schedule can
// still be shown.
func dayOf(b booking.Block, coach people.Coach) string {
	values := url.Values{"date": {b.Start.In(practice.Zone(coach.Timezone)).Format(time.DateOnly)}}
	if coach.Bookable() {
		values.Set("coach", coach.Slug)
	}
	return values.Encode()
}

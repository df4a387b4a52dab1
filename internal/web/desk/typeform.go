package desk

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var typeView = page.Define[typePage]("desk-type.html")

// typePage is one appointment type as a form.
type typePage struct {
	Tabs      []page.MenuItem
	Heading   string
	Action    string
	New       bool
	Op        string
	Problems  page.Problems
	What      []deskField // name, description, length, place
	Coaches   []deskChoice
	CoachesAt string // what is wrong with them
	When      []deskField
	Who       []deskField
	Hours     string // where its own hours are
}

// newType is an empty form: GET /desk/types/new.
func (d *Desk) newType(c *gin.Context) error {
	t := practice.Type{DurationMinutes: 30, Place: practice.Video, AfterMinutes: 10, NoticeMinutes: 12 * 60, HorizonDays: 60, Lane: practice.Individual}
	return d.drawType(c, http.StatusOK, true, t, nil, typeFields(t), nil)
}

// editType is a type as it stands: GET /desk/types/TYPE/edit.
func (d *Desk) editType(c *gin.Context) error {
	t, err := practice.FindType(c.Request.Context(), d.DB, c.Param("type"))
	if err != nil {
		return err
	}
	holders, err := practice.Holders(c.Request.Context(), d.DB)
	if err != nil {
		return err
	}
	chosen := map[people.ID]bool{}
	for _, h := range holders {
		chosen[h.CoachID] = chosen[h.CoachID] || h.TypeID == t.ID
	}
	return d.drawType(c, http.StatusOK, false, t, func(coach people.Coach) bool { return chosen[coach.ID] }, typeFields(t), nil)
}

// drawType draws the form with what is given for each field.
func (d *Desk) drawType(c *gin.Context, status int, isNew bool, t practice.Type, holds func(people.Coach) bool, given map[string]deskField, problems page.Problems) error {
	frame, _, err := d.frame(c, "Appointment type", "settings")
	if err != nil {
		return err
	}
	coaches, err := people.Coaches(c.Request.Context(), d.DB)
	if err != nil {
		return err
	}
	model := typePage{Tabs: settingTabs("types"), Heading: t.Name, Action: "/desk/types/" + t.Slug + "/edit", New: isNew, Problems: problems,
		CoachesAt: problems.Of("coaches"), Hours: "/desk/types/" + t.Slug + "/hours"}
	if isNew {
		model.Heading, model.Action, model.Op = "A new appointment type", "/desk/types", d.Guard.NewOp(d.Now())
		if op := c.PostForm("op"); op != "" {
			model.Op = op
		}
	}
	for _, coach := range coaches {
		if coach.Bookable() {
			model.Coaches = append(model.Coaches, deskChoice{coach.Slug, coach.Name, holds != nil && holds(coach)})
		}
	}
	if len(model.Coaches) == 1 && isNew {
		model.Coaches[0].Chosen = true
	}
	pick := func(names ...string) []deskField {
		var fields []deskField
		for _, name := range names {
			if f := given[name]; isNew || name != "slug" {
				fields = append(fields, f)
			}
		}
		return withProblems(fields, problems)
	}
	model.What = pick("name", "slug", "description", "duration", "place", "address")
	model.When = pick("slot_step", "buffer_before", "buffer_after", "min_notice", "horizon", "max_per_day")
	model.Who = pick("public", "once_per_person", "approval", "credits", "lane")
	return typeView.Render(c, status, frame, model)
}

// typeFields are the fields of a type, filled with it.
func typeFields(t practice.Type) map[string]deskField {
	fields := map[string]deskField{}
	add := func(f deskField) { fields[f.Name] = f }
	minutes := func(name, label, hint string, n int) {
		f := deskField{Name: name, Label: label, Hint: hint, Kind: "number", After: "minutes", Value: strconv.Itoa(n)}
		if name == "slot_step" && n == 0 {
			f.Value = ""
		}
		add(f)
	}
	place, address := t.Place, ""
	if place != practice.Video && place != practice.Phone {
		place, address = "address", t.Place
	}
	add(deskField{Name: "name", Label: "Name", Value: t.Name, Hint: "As people read it, such as “Free first call”."})
	add(deskField{Name: "slug", Label: "Name in addresses", Value: t.Slug, Optional: true, Hint: "Small letters, digits and dashes. Left empty it follows the name. It cannot be changed later, so that links stay good."})
	add(deskField{Name: "description", Label: "What it is for", Kind: "text", Rows: 4, Value: t.Description, Optional: true})
	minutes("duration", "How long it takes", "", t.DurationMinutes)
	add(deskField{Name: "place", Label: "Where", Kind: "choice", Choices: choicesOf(place, "video", "By video: your meeting link is sent", "phone", "By phone: the form asks for their number", "address", "At an address")})
	add(deskField{Name: "address", Label: "The address", Value: address, Optional: true, Hint: "Only for calls at an address, in words: 12 Mill Lane, Bath."})
	minutes("slot_step", "Offer a time every", "Left empty: one after the other, as long as it takes.", t.StepMinutes)
	minutes("buffer_before", "Break before it", "", t.BeforeMinutes)
	minutes("buffer_after", "Break after it", "", t.AfterMinutes)
	notice, noticeUnit := spanIn(t.NoticeMinutes)
	add(deskField{Name: "min_notice", Label: "Book at least this long ahead", Kind: "span", Value: notice, Unit: noticeUnit})
	add(deskField{Name: "horizon", Label: "Opens this long ahead", Kind: "number", After: "days", Value: strconv.Itoa(t.HorizonDays)})
	most := ""
	if t.MaxPerDay > 0 {
		most = strconv.Itoa(t.MaxPerDay)
	}
	add(deskField{Name: "max_per_day", Label: "At most on one day", Kind: "number", After: "of them", Value: most, Optional: true, Hint: "For each coach."})
	add(deskField{Name: "public", Label: "Anybody can book it, without an account", Kind: "check", Checked: t.Public})
	add(deskField{Name: "once_per_person", Label: "It is meant to be had once", Kind: "check", Checked: t.OncePerPerson, Hint: "A second booking is marked for you; nobody is told that an address is known."})
	approval, unit := spanIn(t.ApprovalMinutes)
	if t.ApprovalMinutes == 0 {
		approval, unit = "", "h"
	}
	add(deskField{Name: "approval", Label: "It has to be accepted within", Kind: "span", Value: approval, Unit: unit, Optional: true, Hint: "Until then the time is kept for them. Left empty it is booked at once."})
	add(deskField{Name: "credits", Label: "Paid sessions it costs", Kind: "number", Value: strconv.Itoa(t.Credits), Hint: "0 is free."})
	add(deskField{Name: "lane", Label: "Who takes part", Kind: "choice", Choices: choicesOf(t.Lane, practice.Individual, "One client and the coach", practice.Joint, "Both clients and the coach")})
	return fields
}

// createType makes a type: POST /desk/types.
func (d *Desk) createType(c *gin.Context) error {
	in := typed{c: c}
	slug := in.text("slug")
	if slug == "" {
		slug = slugOf(in.text("name"))
	}
	part := in.typeFile()
	if len(in.problems) == 0 && in.text("name") != "" {
		err := d.setUp(c, doing{Act: "appointment type made", Key: d.opKey(c, "new type"), Part: func(tx *pg.Tx) (any, error) {
			_, err := practice.FindType(c.Request.Context(), tx, slug)
			return typePart(slug, part), slugFree(err, "an appointment type", slug)
		}})
		if err == nil {
			return doneAt(c, "/desk/types", "added")
		}
		if in.problems, err = mended(err, "name", typeInput); err != nil {
			return err
		}
	} else if in.text("name") == "" {
		in.problems = append(page.Problems{fieldSays("name", "Please fill this in.")}, in.problems...)
	}
	return d.drawType(c, statusMend, true, practice.Type{}, in.holds, in.typeAsTyped(), in.problems)
}

// saveType changes a type: POST /desk/types/TYPE/edit.
func (d *Desk) saveType(c *gin.Context) error {
	t, err := practice.FindType(c.Request.Context(), d.DB, c.Param("type"))
	if err != nil {
		return err
	}
	in := typed{c: c}
	part := in.typeFile()
	if len(in.problems) == 0 {
		err = d.setUp(c, doing{Act: "appointment type changed", About: string(t.ID), Part: func(*pg.Tx) (any, error) { return typePart(t.Slug, part), nil }})
		if err == nil {
			return doneAt(c, "/desk/types", "saved")
		}
		if in.problems, err = mended(err, "name", typeInput); err != nil {
			return err
		}
	}
	return d.drawType(c, statusMend, false, t, in.holds, in.typeAsTyped(), in.problems)
}

// typeFile is what the form says, as the practice file says it.
func (t *typed) typeFile() map[string]any {
	place := t.text("place")
	if place == "address" {
		if place = t.text("address"); place == "" {
			t.wrong("address", "Write the address where you meet.")
		}
	}
	coaches := t.c.PostFormArray("coaches")
	if len(coaches) == 0 {
		t.wrong("coaches", "Choose at least one coach. To stop offering it, withdraw it instead.")
	}
	return map[string]any{
		"name": t.orNone("name"), "description": t.text("description"), "duration": t.span("duration", "m"), "place": place,
		"slot_step": t.span("slot_step", "m"), "buffer_before": t.span("buffer_before", "m"), "buffer_after": t.span("buffer_after", "m"),
		"min_notice": t.span("min_notice", ""), "horizon": t.span("horizon", "d"), "max_per_day": t.number("max_per_day"),
		"public": t.checked("public"), "once_per_person": t.checked("once_per_person"), "approval": t.span("approval", ""),
		"credits": t.number("credits"), "lane": t.text("lane"), "coaches": coaches,
	}
}

// typeInput is the input of a place in the file; the two have the same names.
func typeInput(path string) string {
	name, _, _ := strings.Cut(path, "[")
	name, _, _ = strings.Cut(name, ".")
	if name == "place" {
		return "address"
	}
	return name
}

// typeAsTyped are the fields with what was typed.
func (t *typed) typeAsTyped() map[string]deskField {
	fields := typeFields(practice.Type{})
	for name, f := range fields {
		f.Value, f.Checked = t.text(name), t.checked(name)
		if f.Kind == "span" {
			f.Unit = t.spanUnit(name)
		}
		for i := range f.Choices {
			f.Choices[i].Chosen = f.Choices[i].Value == f.Value
		}
		fields[name] = f
	}
	return fields
}

// holds reports whether a coach was ticked.
func (t *typed) holds(coach people.Coach) bool {
	for _, slug := range t.c.PostFormArray("coaches") {
		if slug == coach.Slug {
			return true
		}
	}
	return false
}

// slugOf makes a name for addresses of a name for people.
func slugOf(name string) string {
	var out strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			out.WriteRune(r)
		case out.Len() > 0 && !strings.HasSuffix(out.String(), "-"):
			out.WriteByte('-')
		}
	}
	slug := strings.Trim(out.String(), "-")
	return strings.Trim(slug[:min(len(slug), 60)], "-")
}

// fieldSays is one thing to mend.
func fieldSays(name, say string) fault.Field { return fault.Field{Name: name, Say: say} }

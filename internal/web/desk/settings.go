package desk

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var settingsView = page.Define[settingsPage]("desk-settings.html")

// settingsPage is a form of some of the practice's settings.
type settingsPage struct {
	Tabs     []page.MenuItem
	Heading  string
	Lead     string
	Action   string
	Problems page.Problems
	Parts    []settingsPart
	Zones    []string
	Preview  []textPreview
	Save     string
	Previews bool // there is a button to look before saving
}

type settingsPart struct {
	Heading, Lead string
	Fields        []deskField
}

// settings is the practice's names and policies: GET /desk/settings.
func (d *Desk) settings(c *gin.Context) error {
	p, err := practice.Own(c.Request.Context(), d.DB)
	if err != nil {
		return err
	}
	return d.drawSettings(c, http.StatusOK, practiceFields(p), nil)
}

// mostReminders are offered in the form; booking sends no more.
const mostReminders = 4

// practiceFields are the fields, filled with the practice.
func practiceFields(p practice.Practice) []deskField {
	notice, unit := spanIn(p.CancelMinutes)
	fields := []deskField{
		{Name: "name", Label: "Name of the practice", Value: p.Name},
		{Name: "discreet_name", Label: "Discreet name", Value: p.DiscreetName, Hint: "How letters, calendar entries and card statements name you. Somebody else may read it on a locked screen, so let it give nothing away."},
		{Name: "email", Label: "Mail address", Kind: "email", Value: p.Email, Hint: "Where answers to letters go. It stands on the site."},
		{Name: "timezone", Label: "Time zone", Kind: "zone", Value: p.Timezone, Hint: "Such as Europe/London."},
		{Name: "currency", Label: "Currency", Value: p.Currency, Hint: "Three letters, such as GBP. Prices are in it; while there are packages it can be changed only together with their prices."},
		{Name: "cancel_notice", Label: "A paid session can be cancelled without loss until", Kind: "span", Value: notice, Unit: unit},
		{Name: "enquiries_kept", Label: "Enquiries that led to nothing are kept for", Kind: "number", After: "days", Value: strconv.Itoa(p.KeptDays)},
		{Name: "sessions_rest", Label: "Sessions that are left are named after", Kind: "number", After: "days without anything", Value: strconv.Itoa(p.RestDays),
			Hint: "On the client’s first page and on the coach’s day; nobody is written to. Write 0 to name them never."},
		{Name: "ask_reason", Label: "Ask for a reason when somebody cancels", Kind: "check", Checked: p.AskReason, Hint: "They need not give one. Coaches can always note theirs."},
	}
	reminders := p.Reminders
	if reminders == nil {
		reminders = practice.DefaultReminders()
	}
	for i := range max(mostReminders, len(reminders)) {
		f := deskField{Name: remindField(i), Label: fmt.Sprintf("Reminder %d", i+1), Kind: "span", Unit: "h", Optional: i >= len(reminders)}
		if i < len(reminders) {
			f.Value, f.Unit = spanIn(reminders[i])
		}
		fields = append(fields, f)
	}
	return fields
}

func remindField(i int) string { return "reminder-" + strconv.Itoa(i+1) }

func (d *Desk) drawSettings(c *gin.Context, status int, fields []deskField, problems page.Problems) error {
	frame, _, err := d.frame(c, "Settings", "settings")
	if err != nil {
		return err
	}
	frame.Flash = doneSay(c)
	fields = withProblems(fields, problems)
	const names, policies = 5, 9
	return settingsView.Render(c, status, frame, settingsPage{
		Tabs: settingTabs("settings"), Heading: "Settings", Action: "/desk/settings", Problems: problems, Zones: zoneNames(), Save: "Save these settings",
		Parts: []settingsPart{
			{Heading: "The practice", Fields: fields[:names]},
			{Heading: "Policies", Fields: fields[names:policies]},
			{Heading: "Reminders", Lead: "How long before a call we remind people of it. Empty all of them to send none.", Fields: fields[policies:]},
		},
	})
}

// saveSettings takes them: POST /desk/settings.
func (d *Desk) saveSettings(c *gin.Context) error {
	in := typed{c: c}
	reminders := []any{}
	rows := mostReminders
	for i := range 5 {
		if span := in.span(remindField(i), ""); span != nil {
			reminders = append(reminders, span)
			rows = max(rows, i+1)
		}
	}
	part := map[string]any{
		"name": in.orNone("name"), "discreet_name": in.orNone("discreet_name"), "email": in.orNone("email"), "timezone": in.orNone("timezone"),
		"currency": strings.ToUpper(in.text("currency")), "cancel_notice": in.span("cancel_notice", ""), "enquiries_kept": in.span("enquiries_kept", "d"), "sessions_rest": in.span("sessions_rest", "d"),
		"ask_reason": in.checked("ask_reason"), "reminders": reminders,
	}
	if in.text("discreet_name") == "" {
		in.wrong("discreet_name", "Write the name that letters carry. The practice’s own will do, if it gives nothing away.")
	}
	if len(in.problems) == 0 {
		err := d.setUp(c, doing{Act: "settings changed", Part: func(*pg.Tx) (any, error) { return map[string]any{"practice": part}, nil }})
		if err == nil {
			return doneAt(c, "/desk/settings", "kept")
		}
		if in.problems, err = mended(err, "name", remindInput); err != nil {
			return err
		}
	}
	fields := practiceFields(practice.Practice{})
	for i := range fields {
		f := &fields[i]
		f.Value, f.Unit, f.Checked = in.text(f.Name), in.spanUnit(f.Name), in.checked(f.Name)
	}
	return d.drawSettings(c, statusMend, fields, in.problems)
}

// remindInput is the input of a place in the file; all but reminders have the
// same names.
func remindInput(path string) string {
	if strings.HasPrefix(path, "reminders") {
		return remindField(0)
	}
	return path
}

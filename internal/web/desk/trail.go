package desk

import (
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/civil"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
	"kintsugi/internal/reception"
	"kintsugi/internal/web/page"
)

var trailView = page.Define[trailPage]("desk-audit.html")

// trailPage is who did what, and when.
type trailPage struct {
	Own      bool // a coach sees what concerns their own bookings
	From, To string
	Act      string
	Acts     []choicePart
	Person   string
	Whom     string // the name of the person it is narrowed to
	All      string // the address without that person
	Problems page.Problems
	Lines    []trailLine
	Empty    string
	Next     string
	First    bool
}

type trailLine struct {
	At, When  string // for machines, for people
	Who, Act  string
	About     string
	AboutHref string
	Facts     []reception.Fact
	Narrow    string // shows only lines of this person
}

// trailDays is how many days are shown unless others are asked for.
const trailDays = 90

// trail is the audit: GET /desk/audit?from=&to=&act=&person=.
func (d *Desk) trail(c *gin.Context) error {
	ctx, now, v := c.Request.Context(), d.Now(), d.viewer(c)
	loc := practice.Zone(d.Who(c).Timezone)
	m := trailPage{Own: v.Role != people.Owner, Act: c.Query("act"), Person: c.Query("person"), First: c.Query("after") == ""}
	from, to := m.span(c, now, loc)
	acts, err := reception.Acts(ctx, d.DB, v)
	if err != nil {
		return err
	}
	m.Acts = []choicePart{{"", "Everything", m.Act == ""}}
	for _, act := range acts {
		m.Acts = append(m.Acts, choicePart{act, act, act == m.Act})
	}
	status := http.StatusOK
	if len(m.Problems) > 0 {
		status = http.StatusUnprocessableEntity
	} else {
		found, err := reception.ReadTrail(ctx, d.DB, v, reception.Search{Act: m.Act, Person: people.ID(m.Person), From: from, To: to, Before: c.Query("after")})
		if err != nil {
			return err
		}
		for _, t := range found.Lines {
			m.Lines = append(m.Lines, m.line(t, v, loc, now))
		}
		if found.Next != "" {
			m.Next = m.address(m.Person, found.Next)
		}
	}
	if m.Person != "" {
		m.Whom, m.All = d.nameOf(c, v, people.ID(m.Person)), m.address("", "")
	}
	if len(m.Lines) == 0 && len(m.Problems) == 0 {
		m.Empty = "Nothing was noted in these days. Whatever is changed at the desk, and every look at what somebody wrote, is noted here with who did it and when."
	}
	frame, _, err := d.frame(c, "What was done", "audit")
	if err != nil {
		return err
	}
	return trailView.Render(c, status, frame, m)
}

// nameOf is the person the audit is narrowed to, as far as the reader may know
// them.
func (d *Desk) nameOf(c *gin.Context, v booking.Viewer, id people.ID) string {
	if records, err := reception.FindRecords(c.Request.Context(), d.DB, v, id); err == nil {
		return records[0].Name
	}
	if coach, err := people.FindCoachByID(c.Request.Context(), d.DB, id); err == nil {
		return coach.Name
	}
	return "somebody who is not here"
}

// span reads the days, both of them inclusive on the reader's clock.
func (m *trailPage) span(c *gin.Context, now time.Time, loc *time.Location) (from, to time.Time) {
	today := now.In(loc)
	read := func(name string, otherwise time.Time) (string, time.Time) {
		text := c.Query(name)
		if text == "" {
			text = otherwise.Format(time.DateOnly)
		}
		day, err := time.ParseInLocation(time.DateOnly, text, loc)
		if err != nil || day.Year() < 2000 || day.Year() > 2200 {
			m.Problems = append(m.Problems, page.Problems{{Name: name, Say: "Write the day as year, month and day, like 2026-12-08."}}...)
			return text, otherwise
		}
		return text, day
	}
	m.From, from = read("from", today.AddDate(0, 0, -trailDays))
	m.To, to = read("to", today)
	return from.UTC(), to.AddDate(0, 0, 1).UTC()
}

func (m *trailPage) address(person, after string) string {
	q := url.Values{"from": {m.From}, "to": {m.To}}
	for name, value := range map[string]string{"act": m.Act, "person": person, "after": after} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return "/desk/audit?" + q.Encode()
}

// line words one line of the audit.
func (m *trailPage) line(t reception.Trace, v booking.Viewer, loc *time.Location, now time.Time) trailLine {
	say := func(at time.Time) string { return civil.When(at, loc, now) }
	l := trailLine{At: t.At.UTC().Format(time.RFC3339), When: say(t.At), Act: t.Act, Facts: t.Facts(say)}
	switch {
	case t.ByName != "":
		l.Who = t.ByName
	case t.Kind == audit.Visitor:
		l.Who = "Somebody on the public pages"
	case t.Kind == audit.Operator:
		l.Who = "Whoever runs the program"
	case t.Kind == audit.System:
		l.Who = "The program by itself"
	default:
		l.Who = orNobody("")
	}
	switch {
	case t.StartAt != nil:
		l.About, l.AboutHref = "Call with "+t.Whom+", "+say(*t.StartAt), "/desk/bookings/"+t.About
	case t.Whom != "":
		l.About = t.Whom
		if t.About != t.Actor {
			l.AboutHref = "/desk/people/" + t.About
		}
	case t.What != "":
		l.About = t.What
	case t.About != "":
		l.About = "something that is no longer here"
	}
	if t.Person != "" && t.Person != m.Person {
		l.Narrow = m.address(t.Person, "")
	}
	return l
}

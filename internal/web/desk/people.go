package desk

import (
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/civil"
	"kintsugi/internal/office"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
	"kintsugi/internal/reception"
	"kintsugi/internal/web/page"
)

var peopleView = page.Define[peoplePage]("desk-people.html")

// peoplePage is the list of people: found by name or address, or by where they
// stand.
type peoplePage struct {
	Typed   string
	Show    string
	Heading string // of the list; the page's own h1 stays
	Shows   []showChoice
	People  []personLine
	Empty   string // what will be here, when nothing is
	Next    string // address of the page after
	First   bool
	CanGive bool // may take the whole list away as a table
	CanTake bool // may bring a table in
}

type showChoice struct {
	Href, Say string
	Here      bool
}

// personLine is somebody in the list.
type personLine struct {
	Href, Name, Email string
	Stage, StageSay   string
	Fact              string // the one thing to know now
	Silent            bool   // no letter may go there
}

// shown are the choices above the list, in their order.
func shown() []office.Choice {
	choices := []office.Choice{{Slug: "", Say: "Everyone"}, {Slug: "next", Say: "Needs a next step"}}
	for _, s := range office.Stages() {
		choices = append(choices, office.Choice{Slug: string(s), Say: s.Say()})
	}
	return append(choices, office.Choice{Slug: "spam", Say: "Spam"})
}

func (d *Desk) reception() *reception.Reception {
	return &reception.Reception{DB: d.DB, Keys: d.Booking.Keys, Booking: d.Booking, Engagement: d.Engagement, Now: d.Now, Wake: d.Wake}
}

// people is the list: GET /desk/people.
func (d *Desk) people(c *gin.Context) error {
	ctx, now, v := c.Request.Context(), d.Now(), d.viewer(c)
	loc := practice.Zone(d.Who(c).Timezone)
	m := peoplePage{Typed: c.Query("q"), Show: c.Query("show"), First: c.Query("after") == "",
		CanGive: v.Role != people.Assistant, CanTake: v.Role != people.Member}
	known := false
	for _, s := range shown() {
		href := "/desk/people"
		if s.Slug != "" {
			href += "?show=" + s.Slug
		}
		here := s.Slug == m.Show
		if known = known || here; here {
			m.Heading = s.Say
		}
		m.Shows = append(m.Shows, showChoice{href, s.Say, here})
	}
	if !known {
		return reception.ErrNobody
	}
	if m.Show == "next" {
		list, err := reception.Nudges(ctx, d.DB, v, now, 100)
		if err != nil {
			return err
		}
		for _, n := range list {
			m.People = append(m.People, nudgeLine(n, loc, now))
		}
	} else {
		look := reception.Look{Typed: m.Typed, Spam: m.Show == "spam", Before: c.Query("after")}
		if !look.Spam {
			look.Stage = office.Stage(m.Show)
		}
		list, err := reception.People(ctx, d.DB, v, look, now)
		if err != nil {
			return err
		}
		for _, e := range list.People {
			m.People = append(m.People, personLineOf(e, loc, now))
		}
		if list.Next != "" {
			m.Next = "/desk/people?" + url.Values{"q": {m.Typed}, "show": {m.Show}, "after": {list.Next}}.Encode()
		}
	}
	m.Empty = emptyPeople(m)
	frame, _, err := d.frame(c, "People", "people")
	if err != nil {
		return err
	}
	frame.Flash = peopleSay(c.Query("done"))
	return peopleView.Render(c, http.StatusOK, frame, m)
}

func emptyPeople(m peoplePage) string {
	switch {
	case len(m.People) > 0:
		return ""
	case m.Typed != "":
		return "Nobody was found. The beginning of a first or last name is enough, or of an address."
	case m.Show == "next":
		return "Nobody waits for you. Here you find whose call took place without anybody having said what comes next, who has sessions and is not invited yet, and whose next step is due."
	case m.Show == "spam":
		return "Nothing is marked as spam. On a person’s page you can mark them: their hours are free again, and no letter goes there."
	case m.Show != "":
		return "Nobody stands here at the moment. Where somebody stands follows from their calls, and is set on their page."
	}
	return "Whoever books a call is here from then on, with their calls, how they may be reached, and what comes next."
}

// personLineOf words an entry of the list.
func personLineOf(e reception.Entry, loc *time.Location, now time.Time) personLine {
	l := personLine{Href: "/desk/people/" + string(e.ID), Name: e.Name, Email: e.Email, Stage: string(e.Stage), StageSay: e.Stage.Say(), Silent: !e.MayEmail}
	switch {
	case e.Spam:
		l.Fact = "Marked as spam"
	case e.NextOn != "":
		l.Fact = "Next step by " + office.SayDay(e.NextOn, now)
	case !e.ComingAt.IsZero():
		l.Fact = "Call on " + civil.When(e.ComingAt, loc, now)
	case !e.HeldAt.IsZero() && e.Stage == office.CallHeld:
		l.Fact = "Call on " + civil.Day(e.HeldAt, loc, now) + "; no next step yet"
	case !e.HeldAt.IsZero():
		l.Fact = "Last call on " + civil.Day(e.HeldAt, loc, now)
	default:
		l.Fact = "Here since " + civil.Day(e.MadeAt, loc, now)
	}
	return l
}

// nudgeLine words an entry of the list of next steps.
func nudgeLine(n reception.Nudge, loc *time.Location, now time.Time) personLine {
	l := personLineOf(n.Entry, loc, now)
	if n.Waiting > 0 {
		l.Fact = "Has " + booking.Sessions(n.Waiting) + ", and you do not work with them here yet"
	}
	return l
}

// peopleSay is what a page says after an act that led to it.
func peopleSay(done string) string {
	switch done {
	case "standing":
		return "Saved where they stand."
	case "note":
		return "The note is saved."
	case "contact":
		return "Saved. It holds from now on."
	case "joined":
		return "The two records are one person now. Nobody was told."
	case "parted":
		return "The record stands by itself again."
	case "spam":
		return "Marked as spam. Their hours are free again, and nobody was told."
	case "not-spam":
		return "The mark is taken off."
	case "handed":
		return "Handed over. The coach sees this person now."
	case "erased":
		return "Erased. What was kept of them is gone."
	case "taken":
		return "The people of the table are here."
	}
	return ""
}

// personID is the person that an address of the desk names.
func personID(c *gin.Context) people.ID { return people.ID(c.Param("id")) }

// toPerson leads back to a person's page after an act.
func toPerson(c *gin.Context, id people.ID, done string) error {
	c.Redirect(http.StatusSeeOther, "/desk/people/"+string(id)+"?done="+done)
	return nil
}

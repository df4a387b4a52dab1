package desk

import (
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/civil"
	"kintsugi/internal/engagement"
	"kintsugi/internal/office"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
	"kintsugi/internal/reception"
	"kintsugi/internal/web/page"
)

var personView = page.Define[personPage]("desk-person.html")

// personPage is everything the desk shows of one person.
type personPage struct {
	Here     string // the page's own address
	ID       string
	Name     string
	StageSay string
	Stage    string
	Warnings []string
	Problems page.Problems
	Records  []recordPart
	Calls    []callPart
	Older    bool
	Letters  []letterPart
	Notes    notePart
	Standing standingPart
	Work     []engagementLine // what they are or were in
	MayWork  bool             // may begin something with them
	Coaches  []choicePart     // to whom the owner can hand them
	Sessions []string         // of their own that are left, in lines
	Sees     []string         // coaches to whom they were handed
	Spam     bool
	CanEdit  bool // where they stand, join, spam, export, erase
	CanHand  bool
}

type recordPart struct {
	ID, Name, Email, Since string
	Mail, Call, Message    string
	Changed                string // who changed it last, and when
	ContactHref            string
	PartAction             string // takes the joining back; empty for the record that stands for the person
}

type callPart struct {
	Href, Start, When, With, State, StateSay, What string
}

type letterPart struct{ When, Say, Fate, Why string }

type notePart struct {
	Text     string
	Version  int
	Problem  string
	Saved    string // who wrote it and when
	Theirs   string // what somebody else saved meanwhile
	Versions []oldNote
	Others   []oldNote // of records that were joined
}

type oldNote struct{ When, By, Text string }

type standingPart struct {
	Stages, Reasons, Sources []choicePart
	NextStep, NextOn         string
	NextSay, SourceSay       string // for who can only read
	Followed                 string // what the bookings say by themselves
}

type choicePart struct {
	Value, Say string
	Chosen     bool
}

// person is one person's page: GET /desk/people/ID.
func (d *Desk) person(c *gin.Context) error {
	card, err := d.reception().Find(c.Request.Context(), d.DB, d.viewer(c), personID(c))
	if err != nil {
		return err
	}
	if card.ID() != personID(c) {
		c.Redirect(http.StatusSeeOther, "/desk/people/"+string(card.ID()))
		return nil
	}
	m, err := d.personModel(c, card)
	if err != nil {
		return err
	}
	return d.drawPerson(c, http.StatusOK, m)
}

func (d *Desk) drawPerson(c *gin.Context, status int, m personPage) error {
	frame, _, err := d.frame(c, m.Name, "people")
	if err != nil {
		return err
	}
	if status == http.StatusOK {
		frame.Flash = peopleSay(c.Query("done"))
	}
	return personView.Render(c, status, frame, m)
}

// personModel puts a card into words, as far as the reader's role goes.
func (d *Desk) personModel(c *gin.Context, card reception.Card) (personPage, error) {
	v, now := d.viewer(c), d.Now()
	loc := practice.Zone(d.Who(c).Timezone)
	first := card.Records[0]
	m := personPage{Here: "/desk/people/" + string(card.ID()), ID: string(card.ID()), Name: first.Name, Stage: string(card.Stage), StageSay: card.Stage.Say(),
		Spam: card.Spam(), Older: card.More, CanEdit: v.Role != people.Assistant, CanHand: v.Role == people.Owner}
	for i, r := range card.Records {
		m.Records = append(m.Records, recordPartOf(r, i > 0 && m.CanEdit, loc, now))
		if r.Held || r.Contact[0].MayEmail == people.No {
			m.Warnings = append(m.Warnings, "Do not write to "+r.Email+": mail is not safe there.")
		}
	}
	if m.Spam {
		m.Warnings = append(m.Warnings, "Marked as spam: no letter goes to them.")
	}
	for _, b := range card.Bookings {
		m.Calls = append(m.Calls, callPartOf(b, v, loc, now))
	}
	for _, l := range card.Letters {
		m.Letters = append(m.Letters, letterPartOf(l, loc, now))
	}
	m.Notes = notePartOf(card, loc, now)
	m.Standing = standingPartOf(card, card.Standing, now)
	m.MayWork = m.CanEdit && !m.Spam
	if err := d.addWork(c, &m, card); err != nil {
		return m, err
	}
	names := map[people.ID]string{}
	for _, r := range card.Records {
		names[r.ID] = r.Name
	}
	var err error
	if m.Sessions, err = d.sessionsShort(c, "", card.IDs(), names); err != nil {
		return m, err
	}
	return m, d.addCoaches(c, &m, card)
}

// addWork lists the engagements of a person.
func (d *Desk) addWork(c *gin.Context, m *personPage, card reception.Card) error {
	ctx, who := c.Request.Context(), d.Who(c)
	found, err := engagement.OfPerson(ctx, d.DB, who, card.IDs())
	if err != nil {
		return err
	}
	unsigned, err := engagement.Unsigned(ctx, d.DB, ownIDs(found, who.ID)...)
	if err != nil {
		return err
	}
	for _, e := range found {
		m.Work = append(m.Work, d.engagementLine(c, e, unsigned[e.ID]))
	}
	return nil
}

// addCoaches names to whom a person was handed and to whom they could be.
func (d *Desk) addCoaches(c *gin.Context, m *personPage, card reception.Card) error {
	if !m.CanHand {
		return nil
	}
	coaches, err := people.Coaches(c.Request.Context(), d.DB)
	if err != nil {
		return err
	}
	handed := map[people.ID]bool{}
	for _, id := range card.CoachIDs {
		handed[id] = true
	}
	for _, coach := range coaches {
		if handed[coach.ID] {
			m.Sees = append(m.Sees, coach.Name)
		} else if coach.Bookable() && coach.ID != d.Who(c).ID {
			m.Coaches = append(m.Coaches, choicePart{Value: string(coach.ID), Say: coach.Name})
		}
	}
	return nil
}

func recordPartOf(r reception.Record, joined bool, loc *time.Location, now time.Time) recordPart {
	k := r.Contact[0]
	p := recordPart{ID: string(r.ID), Name: r.Name, Email: r.Email, Since: civil.Day(r.MadeAt, loc, now),
		Mail: sayConsent(k.MayEmail), Call: sayConsent(k.MayCall), Message: sayConsent(k.MayLeave),
		ContactHref: "/desk/people/" + string(r.ID) + "/contact", Changed: "As they said themselves when they first wrote."}
	switch {
	case k.Version > 0 && k.ChangedBy == r.ID:
		p.Changed = "As they said themselves, " + civil.When(k.ChangedAt, loc, now) + "."
	case k.Version > 0:
		p.Changed = "Changed by " + orNobody(k.By) + ", " + civil.When(k.ChangedAt, loc, now) + "."
	}
	if joined {
		p.PartAction = "/desk/people/" + string(r.ID) + "/part"
	}
	return p
}

func sayConsent(c people.Consent) string {
	switch c {
	case people.Yes:
		return "Yes"
	case people.No:
		return "No"
	}
	return "Not asked yet"
}

func orNobody(name string) string {
	if name == "" {
		return "somebody who is no longer here"
	}
	return name
}

// callPartOf is a booking in the list. An assistant sees the hour and how it
// stands, and not of which kind it was.
func callPartOf(b booking.Booking, v booking.Viewer, loc *time.Location, now time.Time) callPart {
	p := callPart{Href: "/desk/bookings/" + string(b.ID), Start: b.Start.In(loc).Format(time.RFC3339), When: civil.When(b.Start, loc, now),
		With: b.CoachName, State: string(standing(b, now)), StateSay: stateSay(b, now)}
	if v.Role != people.Assistant {
		p.What = b.TypeName
	}
	return p
}

func letterPartOf(l reception.Letter, loc *time.Location, now time.Time) letterPart {
	p := letterPart{When: civil.When(l.MadeAt, loc, now), Say: sayLetter(l.Kind), Why: l.Class}
	switch l.Status {
	case "sent":
		p.Fate, p.Why = "Sent", ""
		if l.SentAt != nil {
			p.When = civil.When(*l.SentAt, loc, now)
		}
	case "queued":
		p.Fate, p.When = "Waits to be sent, if it still holds then", ""
	case "skipped":
		p.Fate = "Not sent, it was no longer true"
	case "held":
		p.Fate = "Held back"
	case "capped":
		p.Fate = "Held back, too many in an hour"
	case "bounced":
		p.Fate = "Came back: the address does not exist"
	default:
		p.Fate = "Could not be delivered"
	}
	return p
}

// sayLetter names a letter by what it was about.
func sayLetter(kind string) string {
	switch {
	case strings.HasPrefix(kind, "call-reminder"):
		return "Reminder of a call"
	case kind == "call-confirmed", kind == "call-accepted":
		return "A call is booked"
	case kind == "call-requested", kind == "call-move-requested":
		return "A request has arrived"
	case kind == "call-declined":
		return "A request was declined"
	case kind == "call-expired":
		return "A request ran out"
	case kind == "call-moved":
		return "A call was moved"
	case kind == "call-cancelled":
		return "A call was cancelled"
	}
	return "A letter"
}

func notePartOf(card reception.Card, loc *time.Location, now time.Time) notePart {
	var p notePart
	for i, r := range card.Records {
		for j, n := range card.Notes[r.ID] {
			old := oldNote{civil.When(n.WrittenAt, loc, now), orNobody(n.By), n.Text}
			if n.Broken {
				old.Text = engagement.BrokenSay
			}
			switch {
			case i > 0 && j == 0:
				p.Others = append(p.Others, old)
			case i > 0:
			case j == 0:
				p.Text, p.Version, p.Saved = n.Text, n.Version, "Saved by "+old.By+", "+old.When+"."
				if n.Broken {
					p.Saved += " " + engagement.BrokenSay
				}
			default:
				p.Versions = append(p.Versions, old)
			}
		}
	}
	return p
}

func standingPartOf(card reception.Card, s office.Standing, now time.Time) standingPart {
	p := standingPart{NextStep: s.NextStep, NextOn: s.NextOn, SourceSay: office.SayChoice(office.Sources(), s.Source)}
	if s.NextOn != "" {
		p.NextSay = strings.TrimSpace("By " + office.SayDay(s.NextOn, now) + ". " + s.NextStep)
		if s.Broken {
			p.NextSay += " " + engagement.BrokenSay
		}
	}
	p.Followed = "Follow the calls"
	if s.Stage == "" {
		p.Followed += " (now: " + card.Stage.Say() + ")"
	}
	p.Stages = append(p.Stages, choicePart{"", p.Followed, s.Stage == ""})
	for _, stage := range []office.Stage{office.Invited, office.Client, office.Ended} {
		p.Stages = append(p.Stages, choicePart{string(stage), stage.Say(), s.Stage == stage})
	}
	p.Reasons = choiceParts(office.Reasons(), s.Reason)
	p.Sources = choiceParts(office.Sources(), s.Source)
	return p
}

func choiceParts(choices []office.Choice, chosen string) []choicePart {
	parts := []choicePart{{"", "—", chosen == ""}}
	for _, c := range choices {
		parts = append(parts, choicePart{c.Slug, c.Say, c.Slug == chosen})
	}
	return parts
}

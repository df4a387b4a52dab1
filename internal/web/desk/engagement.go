package desk

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/audit"
	"kintsugi/internal/civil"
	"kintsugi/internal/engagement"
	"kintsugi/internal/login"
	"kintsugi/internal/office"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/pad"
	"kintsugi/internal/web/page"
)

var engagementView = page.Define[engagementPage]("desk-engagement.html")

// engagementPage is the work with one or two people. Its own coach sees all of
// it; the owner and an assistant see who is in it and how it stands.
type engagementPage struct {
	Here            string
	With, Coach     string
	State, StateSay string
	Since           string
	Own             bool
	Clients         []clientPart
	Policy          policyPart
	Lanes           []laneLine
	Calls           callsPart
	Sessions        []string // what is left, in lines
	Unused          *unusedPart
	History         []daypair
	Follows         string // the work that this one was taken over from

	MayInvite, MayPause, MayReopen, MayEnd, MayHand bool

	Asking   *askingPage
	Problems page.Problems
}

// clientPart is somebody who is in it, or was.
type clientPart struct {
	ID, Name, Href, Email string
	PlaceSay              string
	Waits                 string
	Silent                bool   // no letter may go there
	WordHref              string // gives them another word
	WithdrawHref          string
	AgainHref             string // invites them once more
	Restore               string // how a start over stands
	RestoreHref           string
}

// policyPart is how secrets are kept, in short.
type policyPart struct {
	Say     string // the way that holds
	Since   string
	Waiting string // who has still to sign the newest text
}

type laneLine struct {
	pad.Lane
	State string
}

// askingPage asks once more before an act.
type askingPage struct {
	Heading, Action, Act, Sent string
	Say                        []string
	Hidden                     []daypair
	Reasons                    []choicePart
	Problem                    string // at the reason
	Danger                     bool
}

// oneEngagement shows it: GET /desk/engagements/ID.
func (d *Desk) oneEngagement(c *gin.Context) error {
	return d.drawEngagement(c, http.StatusOK, c.Query("do"), nil)
}

func (d *Desk) findEngagement(c *gin.Context) (engagement.Engagement, error) {
	return engagement.Find(c.Request.Context(), d.DB, d.Who(c), engagement.ID(c.Param("engagement")))
}

func (d *Desk) drawEngagement(c *gin.Context, status int, do string, problems page.Problems) error {
	e, err := d.findEngagement(c)
	if err != nil {
		return err
	}
	m, err := d.engagementModel(c, e)
	if err != nil {
		return err
	}
	m.Problems = problems
	m.Asking = d.asking(c, e, m, do)
	frame, _, err := d.frame(c, "Work with "+m.With, "engagements")
	if err != nil {
		return err
	}
	if status == http.StatusOK {
		frame.Flash = engagementSay(c.Query("done"))
	}
	return engagementView.Render(c, status, frame, m)
}

func (d *Desk) engagementModel(c *gin.Context, e engagement.Engagement) (engagementPage, error) {
	who, now := d.Who(c), d.Now()
	loc := practice.Zone(who.Timezone)
	m := engagementPage{Here: "/desk/engagements/" + string(e.ID), With: clientsSay(e), Coach: e.CoachName, State: stateOf(e), StateSay: workSay(e),
		Since: civil.Day(e.MadeAt, loc, now), Own: e.CoachID == who.ID}
	if err := d.addSessions(c, &m, e); err != nil {
		return m, err
	}
	on := e.State != engagement.Ended
	m.MayHand = on && (m.Own || who.Role == people.Owner)
	if !m.Own {
		for _, client := range e.Clients {
			m.Clients = append(m.Clients, clientPart{Name: client.Name, Href: "/desk/people/" + string(client.Person), PlaceSay: placeOf(client)})
		}
		return m, nil
	}
	m.MayInvite = on && len(e.Seated()) < 2
	m.MayPause, m.MayReopen, m.MayEnd = e.State == engagement.Open, !(e.State == engagement.Open), on
	return m, d.fillOwn(c, &m, e, loc)
}

// addSessions says in short what its clients have left, and what waits to be
// decided of it.
func (d *Desk) addSessions(c *gin.Context, m *engagementPage, e engagement.Engagement) (err error) {
	var persons []people.ID
	names := map[people.ID]string{}
	for _, client := range e.Clients {
		if !client.AcceptedAt.IsZero() {
			persons, names[client.Person] = append(persons, client.Person), client.Name
		}
	}
	if m.Sessions, err = d.sessionsShort(c, e.ID, persons, names); err != nil {
		return err
	}
	m.Unused, err = d.unused(c, e)
	return err
}

// fillOwn adds what its own coach sees alone.
func (d *Desk) fillOwn(c *gin.Context, m *engagementPage, e engagement.Engagement, loc *time.Location) error {
	ctx, now, me := c.Request.Context(), d.Now(), d.Who(c)
	versions, err := engagement.Policies(ctx, d.DB, e.ID)
	if err != nil {
		return err
	}
	unsigned, err := engagement.Unsigned(ctx, d.DB, e.ID)
	if err != nil {
		return err
	}
	m.Policy = policyPartOf(e, versions, unsigned[e.ID], loc, now)
	for _, client := range e.Clients {
		part, err := d.clientPart(c, m.Here, e, client, slices.Contains(unsigned[e.ID], client.Person))
		if err != nil {
			return err
		}
		m.Clients = append(m.Clients, part)
	}
	lanes, err := engagement.Lanes(ctx, d.DB, me.ID, e.ID)
	if err != nil {
		return err
	}
	for _, l := range lanes {
		line := laneLine{Lane: pad.Lane{Kind: string(l.Kind), Tag: l.Tag(me.ID), Who: l.Who(me.ID)}}
		switch {
		case !l.ClosedAt.IsZero():
			line.State = "Closed on " + civil.Day(l.ClosedAt, loc, now) + ": nothing is added any more."
		case l.Waits():
			line.State = "Opens once everybody has signed how secrets are kept."
		case l.Kind == engagement.SafetyLane:
			line.State = "For safety: open from the first moment."
		}
		m.Lanes = append(m.Lanes, line)
	}
	slices.SortStableFunc(m.Lanes, func(a, b laneLine) int { return bySpace(a.Lane, b.Lane) })
	if m.Calls, err = d.engagementCalls(c, e); err != nil {
		return err
	}
	lines, err := audit.About(ctx, d.DB, string(e.ID))
	if err != nil {
		return err
	}
	for _, l := range lines {
		m.History = append(m.History, daypair{civil.Day(l.At, loc, now) + ", " + civil.Clock(l.At, loc), workActSay(l, e, me)})
	}
	if e.FollowsID != "" {
		if _, err := engagement.Find(ctx, d.DB, me, e.FollowsID); err == nil {
			m.Follows = "/desk/engagements/" + string(e.FollowsID)
		}
	}
	return nil
}

// bySpace is the one order in which a coach finds the spaces of an engagement.
func bySpace(a, b pad.Lane) int {
	order := []string{"coach", "joint", "individual", "safety"}
	return cmp.Or(cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind)), cmp.Compare(a.Who, b.Who))
}

// placeOf says where a client stands.
func placeOf(client engagement.Client) string {
	switch client.Place {
	case engagement.Invited:
		return "Invited"
	case engagement.Accepted:
		return "In it"
	case engagement.Declined:
		return "Said no"
	case engagement.Withdrawn:
		return "The invitation was taken back"
	}
	return "Has left"
}

func (d *Desk) clientPart(c *gin.Context, here string, e engagement.Engagement, client engagement.Client, unsigned bool) (clientPart, error) {
	ctx, now, loc := c.Request.Context(), d.Now(), practice.Zone(d.Who(c).Timezone)
	part := clientPart{ID: string(client.Person), Name: client.Name, Href: "/desk/people/" + string(client.Person), Email: client.Email, PlaceSay: placeOf(client),
		Waits: d.clientWaits(c, e, client, unsigned)}
	switch client.Place {
	case engagement.Accepted:
		part.PlaceSay += " since " + civil.Day(client.AcceptedAt, loc, now)
	case engagement.Left, engagement.Declined:
		part.PlaceSay += ", " + civil.Day(client.PlaceAt, loc, now)
	}
	person, err := people.Find(ctx, d.DB, client.Person)
	if err != nil {
		return part, err
	}
	may, err := d.mayMail(c, person)
	if err != nil {
		return part, err
	}
	part.Silent = !may
	if e.State == engagement.Ended {
		return part, nil
	}
	who := "?person=" + string(client.Person)
	switch {
	case client.Seated():
		part.WordHref = here + "/word" + who
		if client.Place == engagement.Invited {
			part.WithdrawHref = here + who + "&do=withdraw"
		}
	case len(e.Seated()) < 2:
		part.AgainHref = here + "/invite" + who
	}
	if client.Place != engagement.Accepted {
		return part, nil
	}
	return part, d.addRestore(c, &part, here, client)
}

// addRestore says whether a client is starting over, who has lost their second
// proofs.
func (d *Desk) addRestore(c *gin.Context, part *clientPart, here string, client engagement.Client) error {
	now, loc := d.Now(), practice.Zone(d.Who(c).Timezone)
	r, runs, err := login.FindRestore(c.Request.Context(), d.DB, client.Person, now)
	if err != nil {
		return err
	}
	part.RestoreHref = here + "/restore?person=" + string(client.Person)
	switch {
	case runs && r.TriesLeft == 0:
		part.Restore = "Starting over: the word was tried too often. Call it off and begin again."
	case runs && now.Before(r.OpensAt):
		part.Restore = "Starting over: the word works from " + civil.When(r.OpensAt, loc, now) + "."
	case runs:
		part.Restore = "Starting over: the word works until " + civil.When(r.EndsAt, loc, now) + "."
	}
	return nil
}

func policyPartOf(e engagement.Engagement, versions []engagement.Policy, unsigned []people.ID, loc *time.Location, now time.Time) policyPart {
	var p policyPart
	if held, is := engagement.InForce(versions); is {
		p.Say, p.Since = held.Kind.Say(), civil.Day(held.InForceAt, loc, now)
	}
	if e.State == engagement.Ended || len(versions) == 0 || !versions[0].InForceAt.IsZero() {
		return p
	}
	var names []string
	for _, client := range e.Seated() {
		if client.Place == engagement.Invited || slices.Contains(unsigned, client.Person) {
			names = append(names, client.Name)
		}
	}
	p.Waiting = listed(names)
	return p
}

// listed names things as they are said: "Ana and Ben".
func listed(names []string) string {
	said := ""
	for i, name := range names {
		switch {
		case i == 0:
		case i == len(names)-1:
			said += " and "
		default:
			said += ", "
		}
		said += name
	}
	return said
}

// workActSay says who did what to it.
func workActSay(l audit.Line, e engagement.Engagement, me people.Coach) string {
	who := "the program"
	client, is := e.Client(people.ID(l.Actor))
	switch {
	case l.Actor == string(me.ID):
		who = "you"
	case is:
		who = client.Name
	case l.ActorKind == audit.Coach:
		who = "somebody of the practice"
	}
	say := map[string]string{
		"engagement started": "Begun", "client invited": "Another invitation was sent", "invitation accepted": "The invitation was accepted",
		"invitation declined": "The invitation was declined", "invitation withdrawn": "An invitation was taken back", "another word given": "Another word was given",
		"secrets policy proposed": "Another text on secrets was put before them", "secrets policy signed": "How secrets are kept was signed", "engagement left": "Left",
		"engagement paused": "Paused", "engagement reopened": "Gone on with", "engagement ended": "Ended", "engagement handed over": "Handed over", "engagement taken over": "Taken over",
		"sessions left as they are": "What is unused for two was left as it is",
	}[l.Act]
	if say == "" {
		say = l.Act
	}
	return say + " by " + who
}

// asking turns the page into a question before an act. It is nil where the act
// cannot be done now.
func (d *Desk) asking(c *gin.Context, e engagement.Engagement, m engagementPage, do string) *askingPage {
	state := m.Here + "/state"
	switch {
	case do == "pause" && m.MayPause:
		return &askingPage{Heading: "Pause the work with " + m.With, Action: state, Act: "Pause it", Sent: "Pausing…", Hidden: []daypair{{"act", "pause"}},
			Say: []string{"No new hours are arranged until you go on. Hours that are arranged stay.", "What was written stays, and everybody can go on writing.", "Those who are in it get a letter saying that there is something to see."}}
	case do == "reopen" && m.MayReopen:
		say := []string{"Hours can be arranged again.", "Those who are in it get a letter saying that there is something to see."}
		if e.State == engagement.Ended {
			say = append(say, "What was written before stays as it is, closed. What is written from now on has new spaces, with the same readers.")
		}
		return &askingPage{Heading: "Go on with " + m.With, Action: state, Act: "Go on", Sent: "One moment…", Hidden: []daypair{{"act", "reopen"}}, Say: say}
	case do == "end" && m.MayEnd:
		var rest []string
		for _, line := range m.Sessions {
			rest = append(rest, "Still left: "+line+". While the work has ended, nothing is booked with them here.")
		}
		return &askingPage{Heading: "End the work with " + m.With, Action: state, Act: "End it", Sent: "Ending…", Danger: true, Hidden: []daypair{{"act", "end"}},
			Reasons: choiceParts(office.Reasons(), c.PostForm("reason")), Problem: m.Problems.Of("reason"),
			Say: append([]string{"Everything stays readable for whoever can read it now, and nothing is added.", "Invitations that nobody has answered are taken back.",
				"Those who are in it get a letter saying that there is something to see.", "You can go on later. Hours that are arranged stay until you cancel them."}, rest...)}
	case do == "withdraw" && m.Own:
		client, is := e.Client(people.ID(c.Query("person")))
		if !is || client.Place != engagement.Invited {
			return nil
		}
		return &askingPage{Heading: "Take the invitation of " + client.Name + " back", Action: m.Here + "/withdraw", Act: "Take it back", Sent: "One moment…", Danger: true,
			Hidden: []daypair{{"person", string(client.Person)}},
			Say:    []string{"The word opens nothing any more. They are not told, and find nothing when they sign in.", "You can invite them again at any time."}}
	}
	return nil
}

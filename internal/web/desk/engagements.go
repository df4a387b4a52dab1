package desk

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/engagement"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var engagementsView = page.Define[engagementsPage]("desk-engagements.html")

// engagementsPage lists the work with clients: a coach's own, and for the owner
// and an assistant that of everybody, by its people and how it stands.
type engagementsPage struct {
	GoingOn []engagementLine
	Ended   []engagementLine
	CanAdd  bool
	Empty   string
}

// engagementLine is the work with one or two people.
type engagementLine struct {
	Href, With, Coach string // Coach only where it is another one's
	State, StateSay   string
	Waits             []string // what has to happen next, for its own coach
}

// engagements lists them: GET /desk/engagements.
func (d *Desk) engagements(c *gin.Context) error {
	ctx, who := c.Request.Context(), d.Who(c)
	found, err := engagement.List(ctx, d.DB, who)
	if err != nil {
		return err
	}
	unsigned, err := engagement.Unsigned(ctx, d.DB, ownIDs(found, who.ID)...)
	if err != nil {
		return err
	}
	m := engagementsPage{CanAdd: who.Role != people.Assistant}
	for _, e := range found {
		line := d.engagementLine(c, e, unsigned[e.ID])
		if e.State == engagement.Ended {
			m.Ended = append(m.Ended, line)
		} else {
			m.GoingOn = append(m.GoingOn, line)
		}
	}
	if len(found) == 0 {
		m.Empty = "Whoever you work with after a first call is here: who has answered your invitation, how it stands, and what waits."
	}
	frame, _, err := d.frame(c, "Clients", "engagements")
	if err != nil {
		return err
	}
	frame.Flash = engagementSay(c.Query("done"))
	return engagementsView.Render(c, http.StatusOK, frame, m)
}

// ownIDs are those that a coach sees into.
func ownIDs(found []engagement.Engagement, coach people.ID) []engagement.ID {
	var ids []engagement.ID
	for _, e := range found {
		if e.CoachID == coach {
			ids = append(ids, e.ID)
		}
	}
	return ids
}

func (d *Desk) engagementLine(c *gin.Context, e engagement.Engagement, unsigned []people.ID) engagementLine {
	line := engagementLine{Href: "/desk/engagements/" + string(e.ID), With: clientsSay(e), State: stateOf(e), StateSay: workSay(e)}
	if e.CoachID != d.Who(c).ID {
		line.Coach = e.CoachName
		return line
	}
	for _, client := range e.Seated() {
		if say := d.clientWaits(c, e, client, slices.Contains(unsigned, client.Person)); say != "" {
			line.Waits = append(line.Waits, client.Name+": "+say)
		}
	}
	return line
}

// clientWaits says what a client has still to do, or the coach for them.
func (d *Desk) clientWaits(c *gin.Context, e engagement.Engagement, client engagement.Client, unsigned bool) string {
	loc, now := practice.Zone(d.Who(c).Timezone), d.Now()
	switch {
	case e.State == engagement.Ended:
		return ""
	case client.Place == engagement.Invited && !now.Before(client.InviteEndsAt):
		return "the invitation has run out"
	case client.Place == engagement.Invited && client.NeedsWord && client.WordsLeft == 0:
		return "the word was tried too often; give a new one"
	case client.Place == engagement.Invited:
		return "has not answered yet, until " + civil.Day(client.InviteEndsAt, loc, now)
	case unsigned:
		return "has not signed how secrets are kept"
	case client.NeedsWord && client.WordsLeft == 0:
		return "the word was tried too often; give a new one if they still need it"
	}
	return ""
}

// stateOf is the sign beside the words, as the list of people has it.
func stateOf(e engagement.Engagement) string {
	switch {
	case e.State == engagement.Ended:
		return "ended"
	case e.State == engagement.Paused || len(e.Accepted()) == 0:
		return "invited"
	}
	return "client"
}

// workSay is how the work stands, in words.
func workSay(e engagement.Engagement) string {
	switch {
	case e.State == engagement.Ended:
		return "Ended"
	case e.State == engagement.Paused:
		return "Paused"
	case len(e.Accepted()) > 0:
		return "Going on"
	case len(e.Seated()) > 0:
		return "Invited"
	}
	return "Nobody is in it"
}

// engagementSay is what a page says after an act that led to it. Only these
// sentences can be asked for.
func engagementSay(done string) string {
	switch done {
	case "started":
		return "Invited. Each of them answers alone; you are told."
	case "invited":
		return "Invited. You are told of the answer."
	case "word":
		return "The new word holds. The one before opens nothing any more."
	case "withdrawn":
		return "The invitation is taken back."
	case "left-as-is":
		return "Left as they are. Nobody is told, and you are asked again only when more comes back."
	case "proposed":
		return "The new text is put before them. Until everybody has signed it, the one before holds."
	case "pause":
		return "Paused. Nobody arranges new hours until you go on."
	case "reopen":
		return "It goes on."
	case "end":
		return "Ended. What was written stays readable, and nothing is added."
	case "handed":
		return "Handed over. Those who are in it are asked to go on with the other coach."
	case "restoring":
		return "Begun. They are told, and can set up a new second proof once the wait is over."
	case "not-restoring":
		return "Called off. Nothing changes for them."
	}
	return ""
}

// clientsSay names the clients of an engagement: "Ana and Ben".
func clientsSay(e engagement.Engagement) string {
	var names []string
	for _, client := range e.Seated() {
		names = append(names, client.Name)
	}
	if len(names) == 0 {
		for _, client := range e.Clients {
			names = append(names, client.Name)
		}
	}
	return strings.Join(names, " and ")
}

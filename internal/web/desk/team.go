package desk

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/web/page"
)

var (
	teamView   = page.Define[teamPage]("desk-team.html")
	inviteView = page.Define[invitePage]("desk-team-invite.html")
)

// teamPage is everybody who works in the practice, or did.
type teamPage struct {
	Tabs   []page.MenuItem
	Here   []teamLine
	Away   []teamLine
	Invite bool
}

type teamLine struct {
	Href, Name, Role, Email, Ahead string
}

// roleSay names a role for people.
func roleSay(role people.Role) string {
	switch role {
	case people.Owner:
		return "Owner"
	case people.Assistant:
		return "Assistant"
	}
	return "Coach"
}

// roleChoices says what each role may do.
func roleChoices(chosen people.Role) []deskChoice {
	return choicesOf(string(chosen), string(people.Member), "Coach: own calls, hours and people",
		string(people.Owner), "Owner: everything but what was written to other coaches",
		string(people.Assistant), "Assistant: schedule and money, nothing that people write")
}

// team lists them: GET /desk/team.
func (d *Desk) team(c *gin.Context) error {
	ctx := c.Request.Context()
	frame, _, err := d.frame(c, "Team", "settings")
	if err != nil {
		return err
	}
	frame.Flash = doneSay(c)
	coaches, err := people.AllCoaches(ctx, d.DB)
	if err != nil {
		return err
	}
	ahead, err := booking.Ahead(ctx, d.DB, d.Now())
	if err != nil {
		return err
	}
	model := teamPage{Tabs: settingTabs("team"), Invite: d.Invite != nil}
	for _, coach := range coaches {
		line := teamLine{Href: "/desk/team/" + coach.Slug + "/edit", Name: coach.Name, Role: roleSay(coach.Role), Email: coach.Email, Ahead: aheadSay(ahead[coach.ID])}
		if coach.Active {
			model.Here = append(model.Here, line)
		} else {
			model.Away = append(model.Away, line)
		}
	}
	return teamView.Render(c, http.StatusOK, frame, model)
}

// aheadSay says how many calls somebody still has before them.
func aheadSay(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 call ahead"
	}
	return fmt.Sprintf("%d calls ahead", n)
}

// invitePage asks somebody to join the practice.
type invitePage struct {
	Tabs     []page.MenuItem
	Problems page.Problems
	Fields   []deskField
	Possible bool
}

// invite is the form: GET /desk/team/invite.
func (d *Desk) invite(c *gin.Context) error {
	return d.drawInvite(c, http.StatusOK, "", people.Member, nil)
}

func (d *Desk) drawInvite(c *gin.Context, status int, email string, role people.Role, problems page.Problems) error {
	frame, _, err := d.frame(c, "Invite somebody", "settings")
	if err != nil {
		return err
	}
	return inviteView.Render(c, status, frame, invitePage{Tabs: settingTabs("team"), Problems: problems, Possible: d.Invite != nil,
		Fields: withProblems([]deskField{
			{Name: "email", Label: "Their mail address", Kind: "email", Value: email, Hint: "They sign in with it."},
			{Name: "role", Label: "What they do here", Kind: "choice", Choices: roleChoices(role)},
		}, problems)})
}

// sendInvite invites somebody: POST /desk/team/invite. The line in the audit
// comes first; without it nobody is invited.
func (d *Desk) sendInvite(c *gin.Context) error {
	in := typed{c: c}
	role := people.Role(in.text("role"))
	email, err := people.ParseEmail(in.text("email"))
	if err != nil {
		in.problems = append(in.problems, page.ProblemsOf(err)...)
	}
	if role != people.Owner && role != people.Member && role != people.Assistant {
		in.wrong("role", "Choose what they do here.")
	}
	if d.Invite == nil {
		in.wrong("email", "Invitations cannot be sent from here yet. Whoever runs the server can send one with: kintsugi coach invite EMAIL")
	}
	if len(in.problems) == 0 {
		ctx := c.Request.Context()
		err = d.DB.InTx(ctx, func(tx *pg.Tx) error {
			return audit.Record(ctx, tx, audit.Entry{At: d.Now(), Actor: d.actor(c), Act: "coach invited", Detail: map[string]people.Role{"role": role}})
		})
		if err != nil {
			return err
		}
		err = d.Invite(ctx, email, role)
		if err == nil {
			if d.Wake != nil {
				d.Wake()
			}
			return doneAt(c, "/desk/team", "invited")
		}
		if in.problems, err = mended(err, "email", func(string) string { return "email" }); err != nil {
			return err
		}
	}
	return d.drawInvite(c, statusMend, in.text("email"), role, in.problems)
}

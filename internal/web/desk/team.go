package desk

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/fault"
	"kintsugi/internal/journal"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/setup"
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
	return d.drawInvite(c, http.StatusOK, people.Coach{Role: people.Member}, nil)
}

func (d *Desk) drawInvite(c *gin.Context, status int, asked people.Coach, problems page.Problems) error {
	frame, _, err := d.frame(c, "Invite somebody", "settings")
	if err != nil {
		return err
	}
	return inviteView.Render(c, status, frame, invitePage{Tabs: settingTabs("team"), Problems: problems, Possible: d.Invite != nil,
		Fields: withProblems([]deskField{
			{Name: "name", Label: "Their name", Value: asked.Name, Hint: "As people will read it. They can change it."},
			{Name: "email", Label: "Their email address", Kind: "email", Value: asked.Email, Hint: "They sign in with it."},
			{Name: "role", Label: "What they do here", Kind: "choice", Choices: roleChoices(asked.Role)},
		}, problems)})
}

// sendInvite invites somebody: POST /desk/team/invite. Their place, its line in
// the audit and the letter are one act. Their hours are theirs to set, on the
// clock of whoever invited them until they say otherwise.
func (d *Desk) sendInvite(c *gin.Context) error {
	in := typed{c: c}
	asked := people.Coach{Name: in.text("name"), Email: in.text("email"), Role: people.Role(in.text("role")), Timezone: d.Who(c).Timezone, Active: true}
	name, err := people.CleanName(asked.Name)
	if err != nil {
		in.wrong("name", "Write their name, up to 200 characters.")
	}
	email, err := people.ParseEmail(asked.Email)
	if err != nil {
		in.problems = append(in.problems, page.ProblemsOf(err)...)
	}
	if asked.Role != people.Owner && asked.Role != people.Member && asked.Role != people.Assistant {
		in.wrong("role", "Choose what they do here.")
	}
	if d.Invite == nil {
		in.wrong("email", "Invitations cannot be sent from here yet. Whoever runs the server can send one with: kintsugi coach invite EMAIL")
	}
	if len(in.problems) > 0 {
		return d.drawInvite(c, statusMend, asked, in.problems)
	}
	asked.Name, asked.Email = name, email
	err = d.takeOn(c, asked)
	if problems := page.ProblemsOf(err); len(problems) > 0 {
		return d.drawInvite(c, statusMend, asked, problems)
	}
	if err != nil {
		return err
	}
	if d.Wake != nil {
		d.Wake()
	}
	return doneAt(c, "/desk/team", "invited")
}

// takeOn gives somebody a place in the practice and invites them to it.
func (d *Desk) takeOn(c *gin.Context, asked people.Coach) error {
	ctx, now := c.Request.Context(), d.Now()
	return d.DB.InTx(ctx, func(tx *pg.Tx) error {
		if err := setup.Lock(ctx, tx); err != nil {
			return err
		}
		coaches, err := people.AllCoaches(ctx, tx)
		if err != nil {
			return err
		}
		for _, coach := range coaches {
			if coach.Email == asked.Email {
				return fault.InvalidField("email", "They work here already. Somebody who was suspended can be taken back on their own page.")
			}
		}
		asked.Slug, asked.Position = freeSlug(coaches, asked.Name), len(coaches)
		id, err := people.SaveCoach(ctx, tx, asked, now)
		if err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Entry{At: now, Actor: d.actor(c), Act: "coach invited", About: string(id),
			Detail: map[string]people.Role{"role": asked.Role}}); err != nil {
			return err
		}
		return d.Invite(ctx, tx, id, now)
	})
}

// freeSlug is the last part of a new coach's address: their first name, with a
// number where it is taken.
func freeSlug(coaches []people.Coach, name string) string {
	first, _, _ := strings.Cut(name, " ")
	base := journal.Slug(first)
	if base == "" {
		base = "coach"
	}
	slug := base
	for n := 2; slices.ContainsFunc(coaches, func(c people.Coach) bool { return c.Slug == slug }); n++ {
		slug = fmt.Sprintf("%s-%d", base, n)
	}
	return slug
}

package desk

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/fault"
	"kintsugi/internal/login"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/web/page"
)

var memberView = page.Define[memberPage]("desk-team-member.html")

// memberPage is one of the team: their page for people, and for the owner their
// role and whether they work here.
type memberPage struct {
	Tabs     []page.MenuItem
	Heading  string
	Action   string
	Problems page.Problems
	Fields   []deskField
	Zones    []string
	Preview  string // their page as people read it
	Suspend  string // where to suspend them; empty for oneself
	Active   bool
	Ahead    string
	Owner    bool
}

// member is one of the team: GET /desk/team/COACH/edit.
func (d *Desk) member(c *gin.Context) error { return d.showMember(c, true, http.StatusOK) }

// profile is the reader's own page: GET /desk/team/COACH/profile.
func (d *Desk) profile(c *gin.Context) error { return d.showMember(c, false, http.StatusOK) }

func (d *Desk) showMember(c *gin.Context, owner bool, status int) error {
	coach, err := d.memberInView(c, owner)
	if err != nil {
		return err
	}
	return d.drawMember(c, status, owner, coach, memberFields(coach, owner), coach.Bio, nil)
}

// memberInView finds one of the team, also who has left; without being the
// owner, the reader alone.
func (d *Desk) memberInView(c *gin.Context, owner bool) (people.Coach, error) {
	coaches, err := people.AllCoaches(c.Request.Context(), d.DB)
	if err != nil {
		return people.Coach{}, err
	}
	for _, coach := range coaches {
		if coach.Slug == c.Param("coach") && (owner || coach.ID == d.Who(c).ID) {
			return coach, nil
		}
	}
	return people.Coach{}, errNoCoach()
}

// memberFields are the fields of a coach. The address they sign in with, and
// the role, are the owner's to change.
func memberFields(coach people.Coach, owner bool) []deskField {
	fields := []deskField{{Name: "name", Label: "Name", Value: coach.Name}}
	if owner {
		fields = append(fields,
			deskField{Name: "email", Label: "Mail address", Kind: "email", Value: coach.Email, Hint: "They sign in with it, and letters about their calls go there."},
			deskField{Name: "role", Label: "What they do here", Kind: "choice", Choices: roleChoices(coach.Role)})
	}
	fields = append(fields, deskField{Name: "timezone", Label: "Time zone", Kind: "zone", Value: coach.Timezone, Hint: "Hours count on this clock, except on trips."})
	if coach.Role != people.Assistant {
		fields = append(fields,
			deskField{Name: "meeting_url", Label: "Meeting link", Kind: "url", Value: coach.MeetingURL, Optional: true, Hint: "Where video calls are joined. People get it once a call is booked, all of them the same. Switch its waiting room on, so that nobody walks into an hour of somebody else, such as a partner who knows the link."},
			deskField{Name: "bio", Label: "About you", Kind: "text", Rows: 10, Value: coach.Bio, Optional: true, Hint: "Markdown. It stands on the coach’s page."})
	}
	return fields
}

func (d *Desk) drawMember(c *gin.Context, status int, owner bool, coach people.Coach, fields []deskField, bio string, problems page.Problems) error {
	part := "hours"
	if owner {
		part = "settings"
	}
	frame, _, err := d.frame(c, coach.Name, part)
	if err != nil {
		return err
	}
	frame.Flash = doneSay(c)
	model := memberPage{Heading: coach.Name, Action: "/desk/team/" + coach.Slug + "/profile", Problems: problems, Zones: zoneNames(),
		Fields: withProblems(fields, problems), Preview: bio, Active: coach.Active, Owner: owner}
	if owner {
		model.Tabs, model.Action = settingTabs("team"), "/desk/team/"+coach.Slug+"/edit"
		ahead, err := booking.Ahead(c.Request.Context(), d.DB, d.Now())
		if err != nil {
			return err
		}
		model.Ahead = aheadSay(ahead[coach.ID])
		if coach.ID != d.Who(c).ID {
			model.Suspend = "/desk/team/" + coach.Slug + "/suspend"
		}
	}
	return memberView.Render(c, status, frame, model)
}

// saveMember changes one of the team: POST /desk/team/COACH/edit.
func (d *Desk) saveMember(c *gin.Context) error { return d.changeMember(c, true) }

// saveProfile changes the reader's own page: POST /desk/team/COACH/profile.
func (d *Desk) saveProfile(c *gin.Context) error { return d.changeMember(c, false) }

func (d *Desk) changeMember(c *gin.Context, owner bool) error {
	coach, err := d.memberInView(c, owner)
	if err != nil {
		return err
	}
	in, here := typed{c: c}, "/desk/team"
	fields := memberFields(coach, owner)
	part := map[string]any{"slug": coach.Slug}
	for i := range fields {
		f := &fields[i]
		f.Value = in.text(f.Name)
		for n := range f.Choices {
			f.Choices[n].Chosen = f.Choices[n].Value == f.Value
		}
		part[f.Name] = f.Value
		if f.Value == "" && f.Name != "bio" {
			part[f.Name] = nil
		}
	}
	if c.PostForm("act") == "preview" {
		return d.drawMember(c, http.StatusOK, owner, coach, fields, in.text("bio"), nil)
	}
	if !owner {
		here += "/" + coach.Slug + "/profile"
	}
	do := doing{Act: "coach changed", About: string(coach.ID), Part: func(*pg.Tx) (any, error) {
		return map[string]any{"coaches": []any{part}}, nil
	}}
	if owner {
		do.Then = d.anOwnerStays(c)
	}
	err = d.setUp(c, do)
	if err == nil {
		return doneAt(c, here, "kept")
	}
	problems, err := mended(err, "role", func(path string) string { return path })
	if err != nil {
		return err
	}
	return d.drawMember(c, statusMend, owner, coach, fields, in.text("bio"), problems)
}

// anOwnerStays refuses a change after which nobody could run the practice. It
// looks after the change, while other changes wait.
func (d *Desk) anOwnerStays(c *gin.Context) func(tx *pg.Tx) error {
	return func(tx *pg.Tx) error {
		coaches, err := people.Coaches(c.Request.Context(), tx)
		if err != nil {
			return err
		}
		for _, coach := range coaches {
			if coach.Role == people.Owner {
				return nil
			}
		}
		return fault.InvalidField("role", "Then the practice would have no owner. Make somebody else an owner first.")
	}
}

// suspend takes somebody out of the practice, or lets them in again: POST
// /desk/team/COACH/suspend. Whoever is suspended is refused at their next
// click, since every request asks whether they still work here.
func (d *Desk) suspend(c *gin.Context) error {
	coach, err := d.memberInView(c, true)
	if err != nil {
		return err
	}
	if coach.ID == d.Who(c).ID {
		return fault.New(fault.Conflict, "You cannot suspend yourself. Another owner can.")
	}
	back := c.PostForm("act") == "restore"
	act, done := "coach suspended", "suspended"
	if back {
		act, done = "coach let in again", "back"
	}
	stays := d.anOwnerStays(c)
	err = d.setUp(c, doing{Act: act, About: string(coach.ID), Part: func(*pg.Tx) (any, error) {
		return coachPart(coach.Slug, "active", back), nil
	}, Then: func(tx *pg.Tx) error {
		if err := stays(tx); err != nil {
			return err
		}
		return login.Shut(c.Request.Context(), tx, coach.ID)
	}})
	if err == nil {
		return doneAt(c, "/desk/team", done)
	}
	problems, err := mended(err, "role", func(string) string { return "role" })
	if err != nil {
		return err
	}
	return d.drawMember(c, statusMend, true, coach, memberFields(coach, true), coach.Bio, problems)
}

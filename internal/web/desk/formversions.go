package desk

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
	"kintsugi/internal/questions"
	"kintsugi/internal/web/page"
)

var versionsView = page.Define[versionsPage]("desk-form-versions.html")

// versionsPage is what a form asked when.
type versionsPage struct {
	Back, Name string
	Versions   []versionPart
}

type versionPart struct {
	Number             int
	At, When, By, Href string
	Changes            []string // from the version before it; none for the first
	Asks               string
	Current            bool
}

// formVersions lists them: GET /desk/forms/FORM/versions.
func (d *Desk) formVersions(c *gin.Context) error {
	ctx, now := c.Request.Context(), d.Now()
	o, err := d.openForm(ctx, d.DB, c.Param("form"))
	if err == nil && !o.known {
		err = errNoForm()
	}
	if err != nil {
		return err
	}
	all, err := practice.FormVersions(ctx, d.DB, o.form.ID)
	if err != nil {
		return err
	}
	coaches, err := people.AllCoaches(ctx, d.DB)
	if err != nil {
		return err
	}
	names := map[people.ID]string{}
	for _, coach := range coaches {
		names[coach.ID] = coach.Name
	}
	zone := practice.Zone(d.Who(c).Timezone)
	model := versionsPage{Back: formHref(o.form.Slug), Name: o.form.Name}
	for i, v := range all {
		part := versionPart{Number: v.Version, At: v.MadeAt.Format("2006-01-02T15:04:05Z"), When: civil.When(v.MadeAt, zone, now), Asks: countSay(v.Definition),
			Href: model.Back + "/preview?version=" + strconv.Itoa(v.Version), Current: v.Version == o.form.Version, By: "with a practice file"}
		if v.MadeBy != "" {
			part.By = "by " + orSomebody(names[v.MadeBy])
		}
		if i+1 < len(all) {
			part.Changes = versionChanges(all[i+1], v)
		}
		model.Versions = append(model.Versions, part)
	}
	frame, _, err := d.frame(c, "Versions of "+o.form.Name, "forms")
	if err != nil {
		return err
	}
	return versionsView.Render(c, http.StatusOK, frame, model)
}

func orSomebody(name string) string {
	if name == "" {
		return "somebody who is no longer here"
	}
	return name
}

// versionChanges says what is different in the later of two versions.
func versionChanges(before, after practice.FormVersion) []string {
	var said []string
	if before.Name != after.Name {
		said = append(said, "It is called “"+after.Name+"” instead of “"+before.Name+"”.")
	}
	if before.Lane != after.Lane {
		said = append(said, "Others read the answers. "+practice.LaneSay(after.Lane))
	}
	return append(said, questions.Changes(before.Definition, after.Definition)...)
}

package desk

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
	"kintsugi/internal/reception"
	"kintsugi/internal/web/page"
)

var joinView = page.Define[joinPage]("desk-person-join.html")

// joinPage looks for the other record of a person and asks before joining.
type joinPage struct {
	Action, Back, Here string
	Name, Email        string
	Typed              string
	Found              []joinChoice
	Empty              string
	Problems           page.Problems
}

type joinChoice struct{ ID, Name, Email, Fact string }

// join is the page where two records become one: GET /desk/people/ID/join?q=.
func (d *Desk) join(c *gin.Context) error { return d.drawJoin(c, http.StatusOK, nil) }

// joinSubmit joins them: POST /desk/people/ID/join.
func (d *Desk) joinSubmit(c *gin.Context) error {
	err := d.reception().Join(c.Request.Context(), d.viewer(c), personID(c), people.ID(c.PostForm("other")))
	if fault.KindOf(err) == fault.Invalid {
		return d.drawJoin(c, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	return toPerson(c, personID(c), "joined")
}

func (d *Desk) drawJoin(c *gin.Context, status int, refusal error) error {
	ctx, v, now := c.Request.Context(), d.viewer(c), d.Now()
	records, err := reception.FindRecords(ctx, d.DB, v, personID(c))
	if err != nil {
		return err
	}
	here := "/desk/people/" + string(records[0].ID)
	m := joinPage{Action: here + "/join", Here: here + "/join", Back: here, Name: records[0].Name, Email: records[0].Email,
		Typed: c.Query("q"), Problems: page.ProblemsOf(refusal)}
	if m.Typed != "" {
		list, err := reception.People(ctx, d.DB, v, reception.Look{Typed: m.Typed}, now)
		if err != nil {
			return err
		}
		loc := practice.Zone(d.Who(c).Timezone)
		for _, e := range list.People {
			if e.ID != records[0].ID {
				m.Found = append(m.Found, joinChoice{string(e.ID), e.Name, e.Email, personLineOf(e, loc, now).Fact})
			}
		}
		if len(m.Found) == 0 {
			m.Empty = "No other record was found by this name or address."
		}
	}
	frame, _, err := d.frame(c, "Join two records", "people")
	if err != nil {
		return err
	}
	return joinView.Render(c, status, frame, m)
}

// part takes a joining back: POST /desk/people/ID/part.
func (d *Desk) part(c *gin.Context) error {
	err := d.reception().Part(c.Request.Context(), d.viewer(c), personID(c))
	if err != nil && fault.KindOf(err) != fault.Conflict {
		return err
	}
	return toPerson(c, personID(c), "parted")
}

// spam marks a person as nobody: POST /desk/people/ID/spam.
func (d *Desk) spam(c *gin.Context) error {
	if _, err := d.reception().MarkSpam(c.Request.Context(), d.viewer(c), personID(c)); err != nil {
		return err
	}
	return toPerson(c, personID(c), "spam")
}

// notSpam takes the mark off: POST /desk/people/ID/not-spam.
func (d *Desk) notSpam(c *gin.Context) error {
	if err := d.reception().UnmarkSpam(c.Request.Context(), d.viewer(c), personID(c)); err != nil {
		return err
	}
	return toPerson(c, personID(c), "not-spam")
}

var eraseView = page.Define[erasePage]("desk-person-erase.html")

// erasePage asks before a person is erased.
type erasePage struct {
	Action, Back, Name, ExportHref string
	Problems                       page.Problems
}

// erase asks: GET /desk/people/ID/erase.
func (d *Desk) erase(c *gin.Context) error { return d.drawErase(c, http.StatusOK, nil) }

// eraseSubmit erases: POST /desk/people/ID/erase.
func (d *Desk) eraseSubmit(c *gin.Context) error {
	if c.PostForm("sure") != "yes" {
		return d.drawErase(c, http.StatusUnprocessableEntity, fault.InvalidField("sure", "Tick that you mean it. Nothing can bring them back."))
	}
	err := d.reception().Erase(c.Request.Context(), d.viewer(c), personID(c))
	if fault.KindOf(err) == fault.Conflict {
		return d.drawErase(c, http.StatusConflict, err)
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/desk/people?done=erased")
	return nil
}

func (d *Desk) drawErase(c *gin.Context, status int, refusal error) error {
	records, err := reception.FindRecords(c.Request.Context(), d.DB, d.viewer(c), personID(c))
	if err != nil {
		return err
	}
	here := "/desk/people/" + string(records[0].ID)
	m := erasePage{Action: here + "/erase", Back: here, Name: records[0].Name, ExportHref: here + "/export", Problems: page.ProblemsOf(refusal)}
	if refusal != nil && len(m.Problems) == 0 {
		m.Problems = page.Problems{{Name: "sure", Say: fault.SayOf(refusal)}}
	}
	frame, _, err := d.frame(c, "Erase a person", "people")
	if err != nil {
		return err
	}
	return eraseView.Render(c, status, frame, m)
}

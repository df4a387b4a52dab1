package desk

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
	"kintsugi/internal/reception"
	"kintsugi/internal/web/page"
)

var (
	exportView = page.Define[exportPage]("desk-person-export.html")
	copyView   = page.Define[copyPage]("desk-person-copy.html")
)

// exportPage says what a copy holds before it is made.
type exportPage struct{ Action, Back, Name string }

// copyPage is a person's data as a document that can be read.
type copyPage struct {
	reception.Copy
	MadeAt string
	Calls  []copyCall
	Notes  []copyNote
	Looks  []copyLook
}

type copyCall struct {
	reception.CopyCall
	When            string
	Message, Reason []string // line by line
}

type copyNote struct {
	When, By string
	Text     []string // line by line
}

type copyLook struct{ When, By string }

// export is the page before: GET /desk/people/ID/export.
func (d *Desk) export(c *gin.Context) error {
	v := d.viewer(c)
	records, err := reception.FindRecords(c.Request.Context(), d.DB, v, personID(c))
	if err != nil {
		return err
	}
	here := "/desk/people/" + string(records[0].ID)
	frame, _, err := d.frame(c, "Everything about one person", "people")
	if err != nil {
		return err
	}
	return exportView.Render(c, http.StatusOK, frame, exportPage{here + "/export", here, records[0].Name})
}

// exportSubmit gives the copy as a file: POST /desk/people/ID/export.
func (d *Desk) exportSubmit(c *gin.Context) error {
	found, err := d.reception().Export(c.Request.Context(), d.viewer(c), personID(c))
	if err != nil {
		return err
	}
	if c.PostForm("as") == "json" {
		raw, err := json.MarshalIndent(found, "", "  ")
		if err != nil {
			return fmt.Errorf("write export: %w", err)
		}
		return give(c, "export.json", "application/json; charset=utf-8", append(raw, '\n'))
	}
	paper, err := copyView.Paper("Everything kept about one person", copyPageOf(found, practice.Zone(d.Who(c).Timezone)))
	if err != nil {
		return err
	}
	return give(c, "export.html", "text/html; charset=utf-8", paper)
}

func copyPageOf(found reception.Copy, loc *time.Location) copyPage {
	p := copyPage{Copy: found, MadeAt: civil.WhenExact(found.MadeAt, loc)}
	for _, call := range found.Calls {
		p.Calls = append(p.Calls, copyCall{call, civil.WhenExact(call.Start, practice.Zone(call.Timezone)), linesOf(call.Message), linesOf(call.Reason)})
	}
	for _, note := range found.Notes {
		p.Notes = append(p.Notes, copyNote{civil.WhenExact(note.At, loc), orNobody(note.By), linesOf(note.Text)})
	}
	for _, look := range found.Looks {
		p.Looks = append(p.Looks, copyLook{civil.WhenExact(look.At, loc), orNobody(look.By)})
	}
	return p
}

// linesOf are the lines of a text; an empty text has none.
func linesOf(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// give answers with a file. Its name says nothing about whom it is of.
func give(c *gin.Context, name, kind string, body []byte) error {
	c.Header("Content-Disposition", `attachment; filename="`+name+`"`)
	c.Header("X-Content-Type-Options", "nosniff")
	c.Data(http.StatusOK, kind, body)
	return nil
}

var giveView = page.Define[givePage]("desk-people-give.html")

// givePage says what the table holds before it is made.
type givePage struct{ Own bool }

// givePeople is the page before the table: GET /desk/people/table.
func (d *Desk) givePeople(c *gin.Context) error {
	frame, _, err := d.frame(c, "People as a table", "people")
	if err != nil {
		return err
	}
	return giveView.Render(c, http.StatusOK, frame, givePage{Own: d.viewer(c).Role == people.Member})
}

// givePeopleSubmit gives the table: POST /desk/people/table.
func (d *Desk) givePeopleSubmit(c *gin.Context) error {
	raw, err := d.reception().GiveTable(c.Request.Context(), d.viewer(c))
	if err != nil {
		return err
	}
	return give(c, "people.csv", "text/csv; charset=utf-8; header=present", raw)
}

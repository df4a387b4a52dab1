package desk

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/office"
	"kintsugi/internal/people"
	"kintsugi/internal/reception"
	"kintsugi/internal/web/page"
)

var takeView = page.Define[takePage]("desk-people-take.html")

// takePage brings a table in: first it says what it would do, then it does it.
type takePage struct {
	Text     string
	Problems page.Problems
	Read     bool // the table was looked at
	New      int
	Known    int
	Sample   []reception.Newcomer
	More     int // beyond the sample
	Mistakes []string
	Unread   string
	Sources  []office.Choice
	Coaches  []string
}

const shownNewcomers = 10

// takePeople asks for a table: GET /desk/people/take.
func (d *Desk) takePeople(c *gin.Context) error { return d.drawTake(c, http.StatusOK, takePage{}) }

// takePeopleSubmit looks at a table, and with act=take brings its people in:
// POST /desk/people/take.
func (d *Desk) takePeopleSubmit(c *gin.Context) error {
	text, err := tableText(c)
	m := takePage{Text: text}
	if err != nil {
		m.Problems = page.ProblemsOf(err)
		return d.drawTake(c, http.StatusUnprocessableEntity, m)
	}
	ctx, v := c.Request.Context(), d.viewer(c)
	var read reception.Reading
	if c.PostForm("act") == "take" {
		if read, err = d.reception().TakeTable(ctx, v, text); err == nil {
			c.Redirect(http.StatusSeeOther, "/desk/people?done=taken")
			return nil
		}
	} else {
		read, err = reception.ReadTable(ctx, d.DB, v, text)
	}
	status := http.StatusOK
	switch {
	case errors.Is(err, reception.ErrTableWrong) || err == nil && len(read.Mistakes) > 0:
		status = http.StatusUnprocessableEntity
	case fault.KindOf(err) == fault.Invalid && err != nil:
		m.Problems = page.ProblemsOf(err)
		return d.drawTake(c, http.StatusUnprocessableEntity, m)
	case err != nil:
		return err
	}
	m.say(read)
	return d.drawTake(c, status, m)
}

// say words what a table would bring.
func (m *takePage) say(r reception.Reading) {
	m.Read, m.New, m.Known = true, r.New(), len(r.Newcomers)-r.New()
	for _, one := range r.Newcomers {
		if one.Known {
			continue
		}
		if len(m.Sample) == shownNewcomers {
			m.More = m.New - shownNewcomers
			break
		}
		m.Sample = append(m.Sample, one)
	}
	for _, wrong := range r.Mistakes {
		m.Mistakes = append(m.Mistakes, fmt.Sprintf("Line %d, %s: %s", wrong.Line, wrong.Column, wrong.Say))
	}
	m.Unread = strings.Join(r.Unread, ", ")
	if len(m.Mistakes) > 0 {
		m.Problems = page.Problems{{Name: "table", Say: "Nothing was brought in yet: these rows have mistakes. Mend them below, then look again."}}
	}
}

// tableText is the table that was pasted, or the file that was chosen instead.
func tableText(c *gin.Context) (string, error) {
	if file, err := c.FormFile("file"); err == nil && file.Size > 0 {
		opened, err := file.Open()
		if err != nil {
			return "", fault.InvalidField("file", "The file cannot be read. Open it in a spreadsheet and paste its rows instead.")
		}
		defer opened.Close()
		raw, err := io.ReadAll(opened)
		if err != nil {
			return "", fault.InvalidField("file", "The file cannot be read. Open it in a spreadsheet and paste its rows instead.")
		}
		return string(raw), nil
	}
	return c.PostForm("table"), nil
}

func (d *Desk) drawTake(c *gin.Context, status int, m takePage) error {
	coaches, err := people.Coaches(c.Request.Context(), d.DB)
	if err != nil {
		return err
	}
	for _, coach := range coaches {
		if coach.Bookable() {
			m.Coaches = append(m.Coaches, coach.Slug)
		}
	}
	m.Sources = office.Sources()
	frame, _, err := d.frame(c, "Bring people in", "people")
	if err != nil {
		return err
	}
	return takeView.Render(c, status, frame, m)
}

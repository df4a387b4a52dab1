package desk

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/practice"
	"kintsugi/internal/questions"
	"kintsugi/internal/web/page"
)

var previewView = page.Define[previewPage]("desk-form-preview.html")

// previewPage is a form as clients see it. It can be tried out; nothing that is
// typed here is kept.
type previewPage struct {
	Back, Name, What string
	Action           string
	Version          int // of an old version; 0 for the form as it stands at the desk
	Reads            string
	Problems         page.Problems
	Questions        []page.Asked
	Tried            bool
	Told             []questions.Line
	Scores           []scoreResult
}

// scoreResult is what a coach would be shown of a scale.
type scoreResult struct{ Name, Result, Say string }

// previewForm shows a form as clients see it: GET
// /desk/forms/FORM/preview?version=.
func (d *Desk) previewForm(c *gin.Context) error {
	m, def, err := d.shownForm(c, c.Query("version"))
	if err != nil {
		return err
	}
	m.Questions = page.Questions(def, nil, nil)
	return d.drawPreview(c, http.StatusOK, m)
}

// tryForm reads what somebody at the desk answered to see what happens: POST
// /desk/forms/FORM/preview. It keeps nothing.
func (d *Desk) tryForm(c *gin.Context) error {
	version := c.PostForm("version")
	if version == "0" {
		version = ""
	}
	m, def, err := d.shownForm(c, version)
	if err != nil {
		return err
	}
	answers, problems := questions.Read(def, c.Request.PostForm)
	m.Problems = questions.Named(def, problems)
	m.Questions = page.Questions(def, questions.Typed(def, c.Request.PostForm), problems)
	if len(problems) > 0 {
		return d.drawPreview(c, statusMend, m)
	}
	m.Tried, m.Told = true, questions.Told(def, answers)
	for _, r := range questions.Score(def, answers) {
		m.Scores = append(m.Scores, scoreResultOf(r))
	}
	return d.drawPreview(c, http.StatusOK, m)
}

// scoreResultOf puts a result into words.
func scoreResultOf(r questions.Result) scoreResult {
	s := scoreResult{Name: r.Name, Result: "No result: " + strconv.Itoa(r.Answered) + " of " + plural(r.Items, "answer", "answers") + " given.", Say: r.Say}
	if r.Known {
		s.Result = r.Value.String() + ", where " + r.Least.String() + " to " + r.Most.String() + " can come out."
	}
	return s
}

// shownForm finds what is looked at: the form as it stands at the desk, or one
// of its versions.
func (d *Desk) shownForm(c *gin.Context, version string) (previewPage, questions.Definition, error) {
	ctx := c.Request.Context()
	o, err := d.openForm(ctx, d.DB, c.Param("form"))
	if err != nil {
		return previewPage{}, questions.Definition{}, err
	}
	here := formHref(o.draft.Slug)
	m := previewPage{Back: here, Name: o.draft.Name, Action: here + "/preview", Reads: practice.WhoReads(o.draft.Lane), What: "As clients see it"}
	if version == "" {
		if o.changed() {
			m.What = "As clients will see it, once it is in use"
		}
		return m, o.draft.Definition, nil
	}
	n, err := strconv.Atoi(version)
	if err != nil || n < 1 || n > 1<<30 || !o.known {
		return m, questions.Definition{}, errNoForm()
	}
	old, err := practice.FindFormVersion(ctx, d.DB, o.form.ID, n)
	if err != nil {
		return m, questions.Definition{}, err
	}
	m.Name, m.Reads, m.Version, m.What = old.Name, practice.WhoReads(old.Lane), n, "As clients saw it in version "+strconv.Itoa(n)
	if n == o.form.Version {
		m.What = "As clients see it, version " + strconv.Itoa(n)
	}
	return m, old.Definition, nil
}

func (d *Desk) drawPreview(c *gin.Context, status int, m previewPage) error {
	frame, _, err := d.frame(c, m.Name, "forms")
	if err != nil {
		return err
	}
	return previewView.Render(c, status, frame, m)
}

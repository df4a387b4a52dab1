package desk

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/practice"
	"kintsugi/internal/questions"
	"kintsugi/internal/web/page"
)

var scoreView = page.Define[scorePage]("desk-form-score.html")

// scorePage is what some of the answers are counted up to, as its writer fills
// it in.
type scorePage struct {
	Back, Form, Heading string
	Action, Remove      string // Remove is empty for a new one
	Op                  string
	Revision            int
	Problems            page.Problems
	Name, How           deskField
	Items               []itemLine
	ItemsAt             string
	Rules               []deskField
	Bands               deskField
}

type itemLine struct {
	Key, Label, Facts, Weight string
	Chosen, Reversed          bool
}

// addScore begins one: GET /desk/forms/FORM/count.
func (d *Desk) addScore(c *gin.Context) error {
	o, err := d.openForm(c.Request.Context(), d.DB, c.Param("form"))
	if err != nil {
		return err
	}
	return d.drawScore(c, http.StatusOK, o, countedOf(questions.Scale{How: questions.Mean, Missing: questions.Fill}), nil)
}

// oneScore shows one: GET /desk/forms/FORM/scores/SCORE.
func (d *Desk) oneScore(c *gin.Context) error {
	o, err := d.openForm(c.Request.Context(), d.DB, c.Param("form"))
	if err != nil {
		return err
	}
	for _, s := range o.draft.Scores {
		if s.Key == c.Param("score") {
			return d.drawScore(c, http.StatusOK, o, countedOf(s), nil)
		}
	}
	return errNoScore()
}

func errNoScore() error {
	return fault.New(fault.NotFound, "Nothing by that name is counted up in this form.")
}

// counted is what is counted up as it stands in its form's inputs.
type counted struct {
	key, name, how, missing, atLeast, bands string
	items                                   map[string]questions.Item
	weights                                 map[string]string
}

func countedOf(s questions.Scale) counted {
	w := counted{key: s.Key, name: s.Name, how: string(s.How), missing: string(s.Missing), items: map[string]questions.Item{}, weights: map[string]string{}}
	if s.AtLeast > 0 {
		w.atLeast = strconv.Itoa(s.AtLeast)
	}
	for _, item := range s.Items {
		w.items[item.Question] = item
		if item.Weight > 1 {
			w.weights[item.Question] = strconv.Itoa(item.Weight)
		}
	}
	for _, b := range s.Bands {
		w.bands += b.From.String() + ": " + b.Say + "\n"
	}
	return w
}

func (d *Desk) drawScore(c *gin.Context, status int, o openForm, w counted, problems page.Problems) error {
	model := scorePage{Back: formHref(o.draft.Slug), Form: o.draft.Name, Heading: "Count answers up", Action: formHref(o.draft.Slug) + "/count",
		Op: d.Guard.NewOp(d.Now()), Revision: o.draft.Revision, Problems: problems, ItemsAt: problems.Of("items")}
	if w.key != "" {
		model.Heading, model.Action = "Change what is counted up", model.Back+"/scores/"+w.key
		model.Remove = model.Action + "/remove"
	}
	model.Name = deskField{Name: "name", Label: "What it is called", Value: w.name, Hint: "Only coaches see it. Name what the answers are about, not what somebody is like."}
	model.How = deskField{Name: "how", Label: "What the answers make", Kind: "choice", Choices: choicesOf(w.how, string(questions.Mean), "Their mean", string(questions.Sum), "Their sum")}
	model.Rules = []deskField{
		{Name: "missing", Label: "When an answer is missing", Kind: "choice", Choices: choicesOf(w.missing, string(questions.NoResult), "There is no result",
			string(questions.Fill), "It counts as the others do on the whole", string(questions.LeaveOut), "It counts for nothing")},
		{Name: "at_least", Label: "Answers needed for a result", Kind: "number", Value: w.atLeast, Optional: true},
	}
	model.Bands = deskField{Name: "bands", Label: "Results in words", Kind: "text", Rows: 5, Value: w.bands, Optional: true,
		Hint: "One on each line: from which result on, a colon, the words. The first begins at the least that can come out. For example “0: The answers speak of a hard week.”"}
	for _, f := range []*deskField{&model.Name, &model.How, &model.Rules[0], &model.Rules[1], &model.Bands} {
		f.Problem = problems.Of(f.Name)
	}
	for _, q := range o.draft.Questions {
		if q.Kind != questions.ScaleOf && q.Kind != questions.Choice {
			continue
		}
		item, chosen := w.items[q.Key]
		model.Items = append(model.Items, itemLine{q.Key, q.Label, countsSay(q), w.weights[q.Key], chosen, item.Reversed})
	}
	frame, _, err := d.frame(c, model.Heading, "forms")
	if err != nil {
		return err
	}
	return scoreView.Render(c, status, frame, model)
}

// countsSay says what the answers to a question count.
func countsSay(q questions.Question) string {
	if q.Kind == questions.Choice {
		return "0 for the first answer to " + strconv.Itoa(len(q.Options)-1) + " for the last"
	}
	from, to := q.Steps()
	return strconv.Itoa(from) + " to " + strconv.Itoa(to)
}

// counted reads the inputs, for questions that can be counted.
func (t *typed) counted(key string, d questions.Definition) counted {
	w := counted{key: key, name: t.text("name"), how: t.text("how"), missing: t.text("missing"), atLeast: t.text("at_least"), bands: t.c.PostForm("bands"),
		items: map[string]questions.Item{}, weights: map[string]string{}}
	chosen, reversed := t.c.PostFormArray("item"), t.c.PostFormArray("reversed")
	for _, q := range d.Questions {
		w.weights[q.Key] = t.text("weight-" + q.Key)
		if slices.Contains(chosen, q.Key) {
			w.items[q.Key] = questions.Item{Question: q.Key, Reversed: slices.Contains(reversed, q.Key)}
		}
	}
	return w
}

// scale makes a scale of what was written, as far as it can be read.
func (t *typed) scale(w counted, d questions.Definition) questions.Scale {
	s := questions.Scale{Key: w.key, How: questions.How(w.how), Missing: questions.Missing(w.missing)}
	s.Name = t.cleanLine("name", w.name, questions.LongestOption)
	for _, q := range d.Questions {
		item, chosen := w.items[q.Key]
		if !chosen {
			continue
		}
		if weight := w.weights[q.Key]; weight != "" && weight != "1" {
			if !isWhole(weight) {
				t.wrong("items", "A weight is a whole number from 1 to "+strconv.Itoa(questions.LargestWeight)+".")
			}
			item.Weight, _ = strconv.Atoi(weight) // what is no number was just named
		}
		s.Items = append(s.Items, item)
	}
	if w.atLeast != "" {
		if !isWhole(w.atLeast) {
			t.wrong("at_least", "Write a whole number, such as 4.")
		}
		s.AtLeast, _ = strconv.Atoi(w.atLeast) // as above
	}
	for _, line := range strings.Split(t.cleanText("bands", w.bands, questions.MostOptions*questions.LongestBandWord), "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		from, say, _ := strings.Cut(line, ":")
		points, ok := questions.PointsOf(strings.ReplaceAll(strings.TrimSpace(from), ",", "."))
		if !ok {
			t.wrong("bands", "Begin each line with a number and a colon, such as “2.5: The answers are mixed.”")
			break
		}
		s.Bands = append(s.Bands, questions.Band{From: points, Say: t.cleanLine("bands", say, questions.LongestBandWord)})
	}
	return s
}

// saveScore keeps it: POST /desk/forms/FORM/count for a new one, POST
// /desk/forms/FORM/scores/SCORE for one that is there.
func (d *Desk) saveScore(c *gin.Context) error {
	o, err := d.openForm(c.Request.Context(), d.DB, c.Param("form"))
	if err != nil {
		return err
	}
	key := c.Param("score")
	if key != "" && !questions.IsKey(key) {
		return errNoScore()
	}
	in := typed{c: c}
	w := in.counted(key, o.draft.Definition)
	s := in.scale(w, o.draft.Definition)
	return d.keepInForm(c, "form score", in.problems,
		func(f *practice.FormDraft) error { return putScore(f, s) },
		func(status int, o openForm, problems page.Problems) error {
			return d.drawScore(c, status, o, w, problems)
		})
}

// putScore puts what is counted up into a draft, if it is sound by itself.
func putScore(f *practice.FormDraft, s questions.Scale) error {
	taken := func(key string) int {
		return slices.IndexFunc(f.Scores, func(other questions.Scale) bool { return other.Key == key })
	}
	if s.Key == "" {
		s.Key = freeKey(s.Name, "scale", func(key string) bool { return taken(key) >= 0 })
	}
	list := slices.Clone(f.Scores)
	at := taken(s.Key)
	if at < 0 {
		at, list = len(list), append(list, s)
	} else {
		list[at] = s
	}
	f.Scores = list
	var fields []fault.Field
	for _, m := range questions.Check(f.Definition) {
		if m.List == "scores" && m.Index == at {
			fields = append(fields, fault.Field{Name: m.Field, Say: m.Say})
		}
	}
	if fields != nil {
		return &fault.Error{Kind: fault.Invalid, Say: "Please look at this again.", Fields: fields}
	}
	return nil
}

// removeScore takes it out: POST /desk/forms/FORM/scores/SCORE/remove.
func (d *Desk) removeScore(c *gin.Context) error {
	err := d.changeForm(c, "form score", func(f *practice.FormDraft) error {
		f.Scores = slices.DeleteFunc(slices.Clone(f.Scores), func(s questions.Scale) bool { return s.Key == c.Param("score") })
		return nil
	})
	switch {
	case meantime(err):
		return doneAt(c, formHref(c.Param("form")), "meanwhile")
	case err != nil:
		return err
	}
	return doneAt(c, formHref(c.Param("form")), "kept")
}

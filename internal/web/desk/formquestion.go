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

var questionView = page.Define[questionPage]("desk-form-question.html")

// questionPage is one question as its writer fills it in.
type questionPage struct {
	Back, Form, Heading string
	Action, Move        string // Move is empty for a new question
	Op                  string
	Revision            int
	Problems            page.Problems
	Kind                deskField
	Fields              []deskField
	OnlyIf              deskField
	Answers             []deskChoice // of the question it depends on
	AnswersOf           string       // that question's key
	AnswersText         deskField    // where its answers are too many to tick
	Place               deskField
	Now                 []page.Asked // as it stands now, where somebody else changed it
	Depends             string       // what depends on it, before it is taken out
}

// addQuestion begins a question: GET /desk/forms/FORM/add?type=&after=.
func (d *Desk) addQuestion(c *gin.Context) error {
	o, err := d.openForm(c.Request.Context(), d.DB, c.Param("form"))
	if err != nil {
		return err
	}
	kind, known := questions.KindNamed(c.Query("type"))
	if !known {
		kind = questions.LongText
	}
	after := ""
	if n := len(o.draft.Questions); n > 0 {
		after = o.draft.Questions[n-1].Key
	}
	return d.drawQuestion(c, http.StatusOK, o, writtenOf(questions.Question{Kind: kind}, after), nil)
}

// oneQuestion shows a question: GET /desk/forms/FORM/questions/QUESTION.
func (d *Desk) oneQuestion(c *gin.Context) error {
	o, err := d.openForm(c.Request.Context(), d.DB, c.Param("form"))
	if err != nil {
		return err
	}
	q, here := o.draft.Find(c.Param("question"))
	if !here {
		return errNoQuestion()
	}
	return d.drawQuestion(c, http.StatusOK, o, writtenOf(q, before(o.draft.Questions, q.Key)), nil)
}

// before is the key of the question in front of one, or nothing.
func before(list []questions.Question, key string) string {
	last := ""
	for _, q := range list {
		if q.Key == key {
			return last
		}
		last = q.Key
	}
	return last
}

// drawQuestion draws the page of a question. A key that the form does not have
// is that of one to be added.
func (d *Desk) drawQuestion(c *gin.Context, status int, o openForm, w written, problems page.Problems) error {
	model := questionPage{Back: formHref(o.draft.Slug), Form: o.draft.Name, Op: d.Guard.NewOp(d.Now()), Revision: o.draft.Revision, Problems: problems,
		Heading: "A new question", Action: formHref(o.draft.Slug) + "/add", Kind: kindField(w.kind)}
	if w.key != "" {
		model.Heading, model.Action = "Change this question", model.Back+"/questions/"+w.key
		if _, here := o.draft.Find(w.key); here {
			model.Move, model.Depends = model.Action+"/move", dependsOn(o.draft.Definition, w.key)
		}
	}
	model.Fields = withProblems(w.fields(), problems)
	model.Place = deskField{Name: "after", Label: "Where it stands", Kind: "choice", Choices: []deskChoice{{"", "At the beginning", w.after == ""}}}
	model.OnlyIf = deskField{Name: "only_if", Label: "When it is asked", Kind: "choice", Problem: problems.Of("only_if"), Choices: []deskChoice{{"", "Always", w.onlyIf == ""}}}
	model.Kind.Problem = problems.Of("type")
	earlier := w.after != ""
	for i, q := range o.draft.Questions {
		if q.Key == w.key {
			continue
		}
		name := strconv.Itoa(i+1) + ". " + shorten(q.Label)
		model.Place.Choices = append(model.Place.Choices, deskChoice{q.Key, "After " + name, w.after == q.Key})
		if q.Asks() && (earlier || q.Key == w.onlyIf) {
			model.OnlyIf.Choices = append(model.OnlyIf.Choices, deskChoice{q.Key, "Only under an answer to " + name, w.onlyIf == q.Key})
		}
		earlier = earlier && q.Key != w.after
	}
	model.addAnswers(o.draft.Definition, w)
	if status == http.StatusConflict {
		model.Now = nowAsked(o.draft.Definition, w.key)
	}
	frame, _, err := d.frame(c, model.Heading, "forms")
	if err != nil {
		return err
	}
	return questionView.Render(c, status, frame, model)
}

// nowAsked is a question as it stands in the form now.
func nowAsked(d questions.Definition, key string) []page.Asked {
	for i, a := range page.Questions(d, nil, nil) {
		if d.Questions[i].Key == key {
			return []page.Asked{a}
		}
	}
	return nil
}

// addAnswers offers the answers of the question that this one depends on.
func (m *questionPage) addAnswers(d questions.Definition, w written) {
	on, here := d.Find(w.onlyIf)
	if !here {
		return
	}
	m.AnswersOf = on.Key
	for _, answer := range answersOf(on) {
		m.Answers = append(m.Answers, deskChoice{answer[0], answer[1], slices.Contains(w.answers, answer[0])})
	}
	if m.Answers == nil && (on.Kind == questions.Number || on.Kind == questions.ScaleOf) {
		m.AnswersText = deskField{Name: "answers_text", Label: "Under which answers", Optional: true, Value: strings.Join(w.answers, ", "), Hint: "Numbers, with commas between them. Left empty, any answer will do."}
	}
}

// answersOf are the answers of a question that can be ticked, as they are kept
// and as they are said.
func answersOf(q questions.Question) [][2]string {
	var all [][2]string
	switch q.Kind {
	case questions.Choice, questions.Several:
		for _, option := range q.Options {
			all = append(all, [2]string{option, option})
		}
	case questions.YesNo:
		return [][2]string{{questions.Yes, "Yes"}, {questions.No, "No"}}
	case questions.ScaleOf:
		from, to := q.Steps()
		for n := from; n <= to && to-from <= 10; n++ {
			step := strconv.Itoa(n)
			all = append(all, [2]string{step, step})
		}
	}
	return all
}

// dependsOn warns before a question is taken out that others need.
func dependsOn(d questions.Definition, key string) string {
	n := 0
	for _, q := range d.Questions {
		if q.OnlyIf != nil && q.OnlyIf.Question == key {
			n++
		}
	}
	for _, s := range d.Scores {
		if slices.ContainsFunc(s.Items, func(i questions.Item) bool { return i.Question == key }) {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return "Something else in this form looks at its answer. You will be shown what has to be mended."
}

// saveQuestion keeps a question: POST /desk/forms/FORM/add for a new one, POST
// /desk/forms/FORM/questions/QUESTION for one that is there. With act=show it
// only shows the inputs that belong to what was chosen.
func (d *Desk) saveQuestion(c *gin.Context) error {
	o, err := d.openForm(c.Request.Context(), d.DB, c.Param("form"))
	if err != nil {
		return err
	}
	in := typed{c: c}
	w := in.written(c.Param("question"))
	if w.key != "" && !questions.IsKey(w.key) {
		return errNoQuestion()
	}
	if c.PostForm("act") == "show" {
		return d.drawQuestion(c, http.StatusOK, o, w, nil)
	}
	q := in.question(w, o.draft.Definition)
	return d.keepInForm(c, "form question", in.problems,
		func(f *practice.FormDraft) error { return put(f, q, w.after) },
		func(status int, o openForm, problems page.Problems) error {
			return d.drawQuestion(c, status, o, w, problems)
		})
}

// put puts a question into a draft, if it is sound by itself.
func put(f *practice.FormDraft, q questions.Question, after string) error {
	if q.Key == "" {
		q.Key = freeKey(q.Label, "question", func(key string) bool {
			_, here := f.Find(key)
			return here
		})
	}
	if _, here := f.Find(after); !here && len(f.Questions) > 0 && after != "" {
		after = f.Questions[len(f.Questions)-1].Key
	}
	if after == q.Key {
		after = before(f.Questions, q.Key)
	}
	f.Questions = placeIn(f.Questions, q, after)
	at := slices.IndexFunc(f.Questions, func(other questions.Question) bool { return other.Key == q.Key })
	var fields []fault.Field
	for _, m := range questions.Check(f.Definition) {
		switch {
		case m.List == "questions" && m.Index == at:
			fields = append(fields, fault.Field{Name: m.Field, Say: m.Say})
		case m.List == "questions" && m.Index < 0 && m.Field == "" && len(f.Questions) > questions.MostQuestions:
			fields = append(fields, fault.Field{Name: "main", Say: m.Say})
		}
	}
	if fields != nil {
		return &fault.Error{Kind: fault.Invalid, Say: "Please look at this question again.", Fields: fields}
	}
	return nil
}

// freeKey makes a key of a label, or of a plain word where no letter of it can
// stand in one, that is not taken yet.
func freeKey(label, plain string, taken func(string) bool) string {
	stem := strings.ReplaceAll(slugOf(label), "-", "_")
	if stem = strings.Trim(stem[:min(len(stem), 40)], "_"); stem == "" {
		stem = plain
	}
	key := stem
	for n := 2; taken(key); n++ {
		key = stem + "_" + strconv.Itoa(n)
	}
	return key
}

// moveQuestion moves a question up or down, or takes it out: POST
// /desk/forms/FORM/questions/QUESTION/move.
func (d *Desk) moveQuestion(c *gin.Context) error {
	o, err := d.openForm(c.Request.Context(), d.DB, c.Param("form"))
	if err != nil {
		return err
	}
	key, act := c.Param("question"), c.PostForm("act")
	if _, here := o.draft.Find(key); !here && act != "out" {
		return errNoQuestion()
	}
	err = d.changeForm(c, "form move", func(f *practice.FormDraft) error {
		i := slices.IndexFunc(f.Questions, func(q questions.Question) bool { return q.Key == key })
		list := slices.Clone(f.Questions)
		switch {
		case i < 0:
		case act == "out":
			f.Questions = slices.Delete(list, i, i+1)
		case act == "up" && i > 0:
			list[i-1], list[i] = list[i], list[i-1]
			f.Questions = list
		case act == "down" && i+1 < len(list):
			list[i+1], list[i] = list[i], list[i+1]
			f.Questions = list
		}
		return nil
	})
	at := "#question-" + key
	if act == "out" {
		at = "#questions"
	}
	switch {
	case meantime(err):
		c.Redirect(http.StatusSeeOther, formHref(o.draft.Slug)+"?done=meanwhile"+at)
	case err != nil:
		return err
	default:
		c.Redirect(http.StatusSeeOther, formHref(o.draft.Slug)+at)
	}
	return nil
}

// shorten keeps the beginning of a label for a list to choose from.
func shorten(s string) string {
	if runes := []rune(s); len(runes) > 60 {
		return strings.TrimSpace(string(runes[:60])) + "…"
	}
	return s
}

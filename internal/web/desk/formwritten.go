package desk

import (
	"slices"
	"strconv"
	"strings"

	"kintsugi/internal/people"
	"kintsugi/internal/questions"
	"kintsugi/internal/web/page"
)

// written is a question as it stands in its form's inputs, right or wrong.
type written struct {
	key, after                 string
	kind                       questions.Kind
	label, help, text, options string
	least, most                string
	required                   bool
	onlyIf                     string
	answers                    []string
	answersOf                  string // the question that the answers belong to
}

// writtenOf fills the inputs with a question.
func writtenOf(q questions.Question, after string) written {
	w := written{key: q.Key, after: after, kind: q.Kind, label: q.Label, help: q.Help, text: q.Text, options: strings.Join(q.Options, "\n"), required: q.Required}
	if q.Min != nil {
		w.least = strconv.Itoa(*q.Min)
	}
	if q.Max != nil {
		w.most = strconv.Itoa(*q.Max)
	}
	if q.OnlyIf != nil {
		w.onlyIf, w.answers, w.answersOf = q.OnlyIf.Question, q.OnlyIf.OneOf, q.OnlyIf.Question
	}
	return w
}

// kindField is what sort of question it is.
func kindField(chosen questions.Kind) deskField {
	f := deskField{Name: "type", Label: "How it is asked", Kind: "choice"}
	for _, k := range questions.Kinds() {
		f.Choices = append(f.Choices, deskChoice{string(k), k.Say(), k == chosen})
	}
	return f
}

// fields are the inputs that belong to the kind of question.
func (w written) fields() []deskField {
	label := deskField{Name: "label", Label: "The question", Value: w.label}
	help := deskField{Name: "help", Label: "A word of help", Value: w.help, Optional: true, Hint: "Stands below the question, smaller."}
	text := deskField{Name: "text", Label: "The exact words", Kind: "text", Rows: 8, Value: w.text, Hint: "Shown letter for letter, and kept with the answer. Changed words are a new text that has to be agreed to anew."}
	options := deskField{Name: "options", Label: "Answers to choose from", Kind: "text", Rows: 6, Value: w.options, Hint: "One on each line."}
	least := deskField{Name: "min", Label: "From", Kind: "number", Value: w.least}
	most := deskField{Name: "max", Label: "To", Kind: "number", Value: w.most}
	var own []deskField
	switch w.kind {
	case questions.Section:
		label.Label, text.Label, text.Hint, text.Optional = "The heading", "The words", "Markdown. A link such as [Help now](/help-now) leads to a page of yours.", true
		return []deskField{label, text}
	case questions.Consent:
		label.Label, label.Hint = "What it is about", "A few words that stand above the text."
		own = []deskField{text}
	case questions.Signature:
		label.Label, label.Hint = "What it is about", "A few words that stand above the text. The name is typed below it."
		own = []deskField{text}
	case questions.Choice:
		own = []deskField{options}
	case questions.Several:
		least.Label, most.Label = "At least so many", "At most so many"
		least.Optional, most.Optional = true, true
		own = []deskField{options, least, most}
	case questions.ScaleOf:
		options.Label, options.Optional, options.Rows = "Words on the scale", true, 4
		options.Hint = "One on each line: two for its ends, or one for each step."
		least.Hint, most.Hint = "Left empty: 0.", "Left empty: 10."
		own = []deskField{least, most, options}
	case questions.Number:
		least.Label, most.Label = "No less than", "No more than"
		least.Optional, most.Optional = true, true
		own = []deskField{least, most}
	case questions.ShortText, questions.LongText:
		most.Label, most.Optional, most.After = "Longest answer", true, "characters"
		own = []deskField{most}
	}
	need := deskField{Name: "required", Label: "It must be answered", Kind: "check", Checked: w.required, Hint: "Ask for as little as you can. What may stay open is easier to begin with."}
	return append(append([]deskField{label, help}, own...), need)
}

// written reads the inputs of a question.
func (t *typed) written(key string) written {
	w := written{key: key, after: t.text("after"), label: t.text("label"), help: t.text("help"), text: t.c.PostForm("text"), options: t.c.PostForm("options"),
		least: t.text("min"), most: t.text("max"), required: t.checked("required"), onlyIf: t.text("only_if"), answersOf: t.text("answers_of")}
	var known bool
	if w.kind, known = questions.KindNamed(t.text("type")); !known {
		w.kind = questions.LongText
	}
	for _, answer := range append(t.c.PostFormArray("answers"), strings.FieldsFunc(t.c.PostForm("answers_text"), func(r rune) bool { return r == ',' || r == ' ' || r == ';' })...) {
		if answer = strings.TrimSpace(answer); answer != "" && !slices.Contains(w.answers, answer) {
			w.answers = append(w.answers, answer)
		}
	}
	if w.answersOf != w.onlyIf {
		w.answers = nil
	}
	return w
}

// question makes a question of what was written, as far as it can be read. What
// was filled in for another kind of question is left out.
func (t *typed) question(w written, d questions.Definition) questions.Question {
	q := questions.Question{Key: w.key, Kind: w.kind}
	takes := map[string]bool{}
	for _, f := range w.fields() {
		takes[f.Name] = true
	}
	if w.label != "" {
		q.Label = t.cleanLine("label", w.label, questions.LongestLabel)
	}
	if takes["help"] && w.help != "" {
		q.Help = t.cleanLine("help", w.help, questions.LongestHelp)
	}
	if takes["text"] {
		q.Text = t.cleanText("text", w.text, questions.LongestSigned)
	}
	if takes["options"] {
		for _, line := range strings.Split(t.cleanText("options", w.options, questions.MostSteps*(questions.LongestOption+1)), "\n") {
			if strings.TrimSpace(line) != "" {
				q.Options = append(q.Options, t.cleanLine("options", line, questions.LongestOption))
			}
		}
	}
	if takes["min"] {
		q.Min = t.end("min", w.least)
	}
	if takes["max"] {
		q.Max = t.end("max", w.most)
	}
	q.Required = takes["required"] && w.required
	if w.onlyIf == "" {
		return q
	}
	q.OnlyIf = &questions.Condition{Question: w.onlyIf, OneOf: w.answers}
	if on, here := d.Find(w.onlyIf); here && w.answersOf != w.onlyIf && (len(answersOf(on)) > 0 || on.Kind == questions.Number || on.Kind == questions.ScaleOf) {
		t.wrong("only_if", "Tick below under which of its answers this is asked. Without any, every answer will do.")
	}
	return q
}

func (t *typed) cleanLine(name, s string, most int) string {
	clean, err := people.CleanLine(name, s, most)
	t.problems = append(t.problems, page.ProblemsOf(err)...)
	return clean
}

func (t *typed) cleanText(name, s string, most int) string {
	clean, err := people.CleanText(name, s, most)
	t.problems = append(t.problems, page.ProblemsOf(err)...)
	return clean
}

// end is a whole number that may be left out and may be below zero.
func (t *typed) end(name, s string) *int {
	if s == "" {
		return nil
	}
	n, err := strconv.Atoi(strings.Replace(s, "−", "-", 1))
	if err != nil || n > questions.LargestNumber || n < -questions.LargestNumber {
		t.wrong(name, "Write a whole number, such as 4.")
		return nil
	}
	return &n
}

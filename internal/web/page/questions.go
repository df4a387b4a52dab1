package page

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"kintsugi/internal/questions"
)

// Asked is one question of a form as the part "questions" shows it. The part
// draws the same for whoever answers and for whoever looks at it beforehand.
type Asked struct {
	ID       string // of its input, and its name in the form
	Kind     string // as questions.Kind; "steps" for a scale too long for a row
	Label    string
	Help     string
	When     string // under which earlier answer it is asked; hidden by the script, which asks by itself
	Text     string // the exact words that are signed; of a section, Markdown
	Problem  string
	Value    string
	Required bool
	Choices  []AskedChoice
	Low      string // the words at the ends of a scale
	High     string
	OnlyIf   string // the input of the question it depends on; as data-if, since html/template takes data-on… for a script
	OneOf    string // the answers under which it is asked, as a JSON list; empty for any
	Rows     int
	Many     string // of several: how many to choose
}

// AskedChoice is one answer to choose. With an empty value it takes back the
// answer.
type AskedChoice struct {
	Value, Say, Word string
	Chosen           bool
}

// Questions puts what a form asks into words, with what was answered or typed
// so far and what has to be mended.
func Questions(d questions.Definition, typed questions.Answers, problems Problems) []Asked {
	all := make([]Asked, len(d.Questions))
	for i, q := range d.Questions {
		id := questions.Input(q.Key)
		a := Asked{ID: id, Kind: string(q.Kind), Label: q.Label, Help: q.Help, When: questions.When(d, q), Text: q.Text,
			Problem: problems.Of(id), Value: typed.Text(q.Key), Required: q.Required}
		if q.OnlyIf != nil {
			a.OnlyIf = questions.Input(q.OnlyIf.Question)
			if len(q.OnlyIf.OneOf) > 0 {
				list, _ := json.Marshal(q.OnlyIf.OneOf) // texts
				a.OneOf = string(list)
			}
		}
		a.fill(q, typed[q.Key])
		all[i] = a
	}
	return all
}

// mostInRow is how long a scale may be to stand in one row.
const mostInRow = 11

// fill adds what belongs to the kind of a question.
func (a *Asked) fill(q questions.Question, answer []string) {
	switch q.Kind {
	case questions.LongText:
		a.Rows = 5
	case questions.Choice, questions.Several:
		for _, option := range q.Options {
			a.Choices = append(a.Choices, AskedChoice{Value: option, Say: option, Chosen: has(answer, option)})
		}
		if q.Kind == questions.Several {
			a.Many = many(q)
		}
	case questions.YesNo:
		a.Choices = []AskedChoice{{Value: questions.Yes, Say: "Yes", Chosen: has(answer, questions.Yes)}, {Value: questions.No, Say: "No", Chosen: has(answer, questions.No)}}
	case questions.ScaleOf:
		from, to := q.Steps()
		for n := from; n <= to && n-from < questions.MostSteps; n++ {
			step := strconv.Itoa(n)
			a.Choices = append(a.Choices, AskedChoice{Value: step, Say: step, Word: q.StepWord(n), Chosen: has(answer, step)})
		}
		switch {
		case len(a.Choices) > mostInRow:
			a.Kind = "steps"
		case len(q.Options) > 2:
			a.Kind = "worded" // nobody is counted before their eyes
			for i := range a.Choices {
				a.Choices[i].Say, a.Choices[i].Word = a.Choices[i].Word, ""
			}
		case len(q.Options) == 2:
			a.Low, a.High = fmt.Sprintf("%d: %s", from, q.Options[0]), fmt.Sprintf("%d: %s", to, q.Options[1])
		}
	case questions.Date:
		if _, err := time.Parse(time.DateOnly, a.Value); a.Value != "" && err != nil {
			a.Kind = string(questions.ShortText) // a date input would show nothing of what was typed
		}
	}
	if a.Back() {
		a.Choices = append(a.Choices, AskedChoice{Say: "No answer", Chosen: len(answer) == 0})
	}
}

// many says how many of several answers to choose.
func many(q questions.Question) string {
	switch {
	case q.Min != nil && q.Max != nil && *q.Min == *q.Max:
		return fmt.Sprintf("Choose %d.", *q.Min)
	case q.Min != nil && q.Max != nil:
		return fmt.Sprintf("Choose %d to %d.", *q.Min, *q.Max)
	case q.Min != nil && *q.Min > 1:
		return fmt.Sprintf("Choose at least %d.", *q.Min)
	case q.Max != nil:
		return fmt.Sprintf("Choose at most %d.", *q.Max)
	}
	return "Choose as many as you like."
}

// Back reports whether an answer can be taken back only by choosing none.
func (a Asked) Back() bool {
	switch a.Kind {
	case string(questions.Choice), string(questions.YesNo), string(questions.ScaleOf), "worded":
		return !a.Required
	}
	return false
}

func has(answer []string, value string) bool {
	for _, one := range answer {
		if one == value {
			return true
		}
	}
	return false
}

// DescribedBy names the words that belong to the question's input.
func (a Asked) DescribedBy() string {
	var ids []string
	for _, part := range []struct{ words, name string }{{a.When, "when"}, {a.Help, "help"}, {a.Many, "many"}, {a.Low, "ends"}, {a.Problem, "problem"}} {
		if part.words != "" {
			ids = append(ids, a.ID+"-"+part.name)
		}
	}
	if a.Text != "" && a.Kind != string(questions.Section) {
		ids = append(ids, a.ID+"-text")
	}
	return strings.Join(ids, " ")
}

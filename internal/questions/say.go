package questions

import (
	"fmt"
	"strings"
	"time"

	"kintsugi/internal/fault"
)

// Line is one question with its answer in words, as answers are read later: in
// the wording of the form's version that was answered.
type Line struct {
	Question Question
	Answer   string // empty where it was left open
}

// Told lists the questions that were asked, sections left out, with the answers
// in words.
func Told(d Definition, a Answers) []Line {
	var lines []Line
	for _, q := range Visible(d, a) {
		if q.Asks() {
			lines = append(lines, Line{q, q.Said(a[q.Key])})
		}
	}
	return lines
}

// Named says of each problem which question it is about, for a list that stands
// away from the questions. What is about none stays as it is.
func Named(d Definition, problems []fault.Field) []fault.Field {
	named := make([]fault.Field, 0, len(problems))
	for _, f := range problems {
		if q, found := d.Find(strings.TrimPrefix(f.Name, Input(""))); found {
			f.Say = "“" + q.Label + "” " + f.Say
		}
		named = append(named, f)
	}
	return named
}

// Said puts an answer into words for people.
func (q Question) Said(answer []string) string {
	if len(answer) == 0 {
		return ""
	}
	one := answer[0]
	switch q.Kind {
	case Several:
		return strings.Join(answer, "\n")
	case YesNo:
		if one == Yes {
			return "Yes"
		}
		return "No"
	case Consent:
		return "Agreed"
	case Date:
		if t, err := time.Parse(time.DateOnly, one); err == nil {
			return t.Format("2 January 2006")
		}
	case ScaleOf:
		if n, ok := q.counted(Answers{q.Key: answer}); ok {
			_, to := q.Steps()
			if word := q.StepWord(n); word != "" {
				return fmt.Sprintf("%d of %d, %s", n, to, word)
			}
			return fmt.Sprintf("%d of %d", n, to)
		}
	}
	return one
}

// When says under which answer a question is asked: "Answer this only if you
// chose “No” for “Do you feel safe?”." It is empty for questions that are
// always asked.
func When(d Definition, q Question) string {
	if q.OnlyIf == nil {
		return ""
	}
	on, _ := d.Find(q.OnlyIf.Question)
	what := "Answer this only"
	if !q.Asks() {
		what = "This is meant only for you"
	}
	return fmt.Sprintf("%s if %s.", what, q.OnlyIf.said(on))
}

// said puts a condition into words.
func (c Condition) said(on Question) string {
	label := "“" + on.Label + "”"
	if len(c.OneOf) == 0 {
		return "you answered " + label
	}
	switch on.Kind {
	case Consent:
		return "you agreed to " + label
	case YesNo:
		return "you answered " + strings.Join(c.OneOf, " or ") + " to " + label
	case Number, ScaleOf:
		return "you answered " + orList(c.OneOf, "") + " to " + label
	}
	return "you chose " + orList(c.OneOf, "“") + " for " + label
}

// orList joins the last two by or.
func orList(words []string, quote string) string {
	said := make([]string, len(words))
	for i, w := range words {
		if said[i] = w; quote != "" {
			said[i] = "“" + w + "”"
		}
	}
	if last := len(said) - 1; last > 0 {
		return strings.Join(said[:last], ", ") + " or " + said[last]
	}
	return strings.Join(said, "")
}

// Say is the kind in words.
func (k Kind) Say() string {
	switch k {
	case ShortText:
		return "One line of text"
	case LongText:
		return "A longer text"
	case Choice:
		return "One of several answers"
	case Several:
		return "As many answers as fit"
	case ScaleOf:
		return "A scale"
	case YesNo:
		return "Yes or no"
	case Number:
		return "A number"
	case Date:
		return "A date"
	case Consent:
		return "Agreeing to exact words"
	case Signature:
		return "Signing exact words with a typed name"
	case Section:
		return "Words between questions"
	}
	return "Something unknown"
}

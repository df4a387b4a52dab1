package questions

import (
	"net/url"
	"strings"

	"kintsugi/internal/fault"
)

// Input is the name that the input of a question has in a page's form. What is
// wrong with an answer is said of it.
func Input(key string) string { return "q-" + key }

// Yes and No answer a yes or no question; Yes is also the tick of a consent.
const (
	Yes = "yes"
	No  = "no"
)

// Read gives the answers of a form that was sent in to be done with. Answers to
// questions that were not asked are left out and not missed. With problems, the
// answers are those that can be used; Typed gives what to show again.
func Read(d Definition, form url.Values) (Answers, []fault.Field) {
	return judge(d, func(key string) []string { return form[Input(key)] })
}

// Finish is Read for answers that were kept as a draft.
func Finish(d Definition, draft Answers) (Answers, []fault.Field) {
	return judge(d, func(key string) []string { return draft[key] })
}

// ReadDraft gives what can be kept of a form that is not finished. Nothing is
// required, and answers to questions that are not asked just now stay, since
// they may be asked again. What cannot be used is named and left out.
func ReadDraft(d Definition, form url.Values) (Answers, []fault.Field) {
	answers, problems := Answers{}, []fault.Field(nil)
	for _, q := range d.Questions {
		answer, say := q.read(form[Input(q.Key)])
		if say != "" {
			problems = append(problems, fault.Field{Name: Input(q.Key), Say: say})
		}
		if len(answer) > 0 && q.Asks() {
			answers[q.Key] = answer
		}
	}
	return answers, problems
}

// Typed gives what was sent as it may be shown again, right or wrong, so that
// nobody types anything twice. Bytes that are no text are gone from it.
func Typed(d Definition, form url.Values) Answers {
	typed := Answers{}
	for _, q := range d.Questions {
		for _, s := range form[Input(q.Key)] {
			if s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", ""); s != "" {
				typed[q.Key] = append(typed[q.Key], s)
			}
		}
	}
	return typed
}

// judge reads each question as it comes to be asked.
func judge(d Definition, sent func(key string) []string) (Answers, []fault.Field) {
	answers, said := Answers{}, map[string]string{}
	for _, q := range d.Questions {
		if !q.Asks() {
			continue
		}
		answer, say := q.read(sent(q.Key))
		if len(answer) > 0 {
			answers[q.Key] = answer
		}
		if say == "" && len(answer) == 0 && q.Required {
			say = q.missing()
		}
		if say != "" {
			said[q.Key] = say
		}
	}
	var problems []fault.Field
	for _, q := range Visible(d, answers) {
		if say := said[q.Key]; say != "" {
			problems = append(problems, fault.Field{Name: Input(q.Key), Say: say})
		}
	}
	return kept(d, answers), problems
}

// missing says that a question has to be answered.
func (q Question) missing() string {
	switch q.Kind {
	case Choice, YesNo, ScaleOf:
		return "Please choose an answer."
	case Several:
		return "Please choose at least one answer."
	case Consent:
		return "Please read this and tick the box, or leave the form and ask us first."
	case Signature:
		return "Please type your name to sign this, or leave the form and ask us first."
	}
	return "Please fill this in."
}

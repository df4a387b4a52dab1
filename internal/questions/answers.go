package questions

import "slices"

// Answers are what somebody answered, by the question's key. Each answer is a
// list: the options of several, else one entry. What was not answered is not
// there. The JSON is stable: keys in order, options in the form's order.
type Answers map[string][]string

// Text is the answer to a question that has one, or nothing.
func (a Answers) Text(key string) string {
	if len(a[key]) == 0 {
		return ""
	}
	return a[key][0]
}

// Has reports whether a question is answered.
func (a Answers) Has(key string) bool { return len(a[key]) > 0 }

// Visible lists the questions that are asked when these are the answers,
// sections among them. A question whose condition names one that is itself not
// asked is not asked either, whatever answer was sent.
func Visible(d Definition, a Answers) []Question {
	shown := make([]Question, 0, len(d.Questions))
	asked := make(map[string]bool, len(d.Questions))
	for _, q := range d.Questions {
		if q.OnlyIf != nil && (!asked[q.OnlyIf.Question] || !q.OnlyIf.Met(a)) {
			continue
		}
		shown = append(shown, q)
		asked[q.Key] = true
	}
	return shown
}

// Met reports whether the answers are such that the condition asks its question.
func (c Condition) Met(a Answers) bool {
	given := a[c.Question]
	if len(c.OneOf) == 0 {
		return len(given) > 0
	}
	return slices.ContainsFunc(given, func(g string) bool { return slices.Contains(c.OneOf, g) })
}

// kept gives the answers to the questions that are asked.
func kept(d Definition, a Answers) Answers {
	out := Answers{}
	for _, q := range Visible(d, a) {
		if q.Asks() && a.Has(q.Key) {
			out[q.Key] = a[q.Key]
		}
	}
	return out
}

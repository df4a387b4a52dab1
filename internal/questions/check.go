package questions

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"kintsugi/internal/words"
)

// Mistake is something in a definition that cannot be used, and how to mend it.
type Mistake struct {
	List  string // "questions" or "scores"
	Index int    // in the list, from 0; -1 for the list as a whole
	Field string // such as "label", "options" or "items"; empty for the whole entry
	Say   string // a whole sentence
}

// Check finds all that is wrong with a definition. A definition without mistakes
// can be asked, answered and counted up.
func Check(d Definition) []Mistake {
	c := checker{d: d, at: map[string]int{}}
	switch {
	case len(d.Questions) > MostQuestions:
		c.note("questions", -1, "", "A form has at most %d questions.", MostQuestions)
		return c.found
	case !slices.ContainsFunc(d.Questions, Question.Asks):
		c.note("questions", -1, "", "A form needs a question.")
	}
	for i, q := range d.Questions {
		c.question(i, q)
		if _, twice := c.at[q.Key]; !twice {
			c.at[q.Key] = i
		}
	}
	if len(d.Scores) > MostScores {
		c.note("scores", -1, "", "A form has at most %d scales.", MostScores)
		return c.found
	}
	for i := range d.Scores {
		c.scale(i, d.Scores[i])
	}
	return c.found
}

type checker struct {
	d     Definition
	at    map[string]int // where the questions before this one stand
	found []Mistake
}

func (c *checker) note(list string, index int, field, say string, args ...any) {
	c.found = append(c.found, Mistake{list, index, field, fmt.Sprintf(say, args...)})
}

func (c *checker) question(i int, q Question) {
	note := func(field, say string, args ...any) { c.note("questions", i, field, say, args...) }
	if !IsKey(q.Key) {
		note("key", "A key is a word of small letters, digits and underscores, such as first_child.")
	} else if first, twice := c.at[q.Key]; twice {
		note("key", "%s is the key of question %d already.", q.Key, first+1)
	}
	if _, known := KindNamed(string(q.Kind)); !known || !slices.Contains(Kinds(), q.Kind) {
		note("type", "There is no such kind of question; there are: %s.", kindList())
		return
	}
	said(note, "label", q.Label, LongestLabel, true, false)
	said(note, "help", q.Help, LongestHelp, false, false)
	c.words(q, note)
	c.options(q, note)
	c.ends(q, note)
	if q.Required && !q.Asks() {
		note("required", "A section asks nothing, so nothing can be required.")
	}
	if q.OnlyIf != nil {
		c.condition(q, note)
	}
}

// words checks the exact words that are signed or stand in a section.
func (c *checker) words(q Question, note func(field, say string, args ...any)) {
	switch {
	case q.Signs():
		said(note, "text", q.Text, LongestSigned, true, true)
	case q.Kind == Section:
		said(note, "text", q.Text, LongestSigned, false, true)
	case q.Text != "":
		note("text", "Only a consent, a signature and a section have a text of their own; use help here.")
	}
}

func (c *checker) options(q Question, note func(field, say string, args ...any)) {
	n := len(q.Options)
	switch q.Kind {
	case Choice, Several:
		if n < 2 {
			note("options", "Give at least two answers to choose from.")
		}
	case ScaleOf:
		if from, to := q.Steps(); n != 0 && n != 2 && n != to-from+1 {
			note("options", "A scale has words for its two ends or for each of its %d steps.", to-from+1)
		}
	default:
		if n > 0 {
			note("options", "Only a choice, several and a scale have options.")
		}
	}
	if n > MostOptions && q.Kind != ScaleOf {
		note("options", "There are at most %d answers to choose from.", MostOptions)
		return
	}
	for i, option := range q.Options {
		said(note, "options", option, LongestOption, true, false)
		if slices.Contains(q.Options[:i], option) {
			note("options", "Two answers are the same.")
		}
	}
}

// ends checks min and max, which mean what the kind makes of them.
func (c *checker) ends(q Question, note func(field, say string, args ...any)) {
	least, most := -LargestNumber, LargestNumber
	switch q.Kind {
	case ShortText, LongText:
		if q.Min != nil {
			note("min", "A text has no least length; make the question required instead.")
		}
		least, most = 1, Question{Kind: q.Kind}.Longest()
	case Several:
		least, most = 1, max(len(q.Options), 1)
	case ScaleOf:
		if from, to := q.Steps(); from >= to || to-from >= MostSteps {
			note("max", "A scale has from 2 to %d steps, beginning with the smaller number.", MostSteps)
		}
	case Number:
	default:
		if q.Min != nil || q.Max != nil {
			note(endGiven(q), "There is no least or most of this kind of question.")
		}
		return
	}
	for _, end := range []struct {
		field string
		n     *int
	}{{"min", q.Min}, {"max", q.Max}} {
		if end.n != nil && (*end.n < least || *end.n > most) {
			note(end.field, "This must be a whole number from %d to %d.", least, most)
		}
	}
	if q.Min != nil && q.Max != nil && *q.Min > *q.Max && q.Kind != ScaleOf {
		note("max", "The most, %d, is less than the least, %d.", *q.Max, *q.Min)
	}
}

func endGiven(q Question) string {
	if q.Min != nil {
		return "min"
	}
	return "max"
}

func (c *checker) condition(q Question, note func(field, say string, args ...any)) {
	i, earlier := c.at[q.OnlyIf.Question]
	if !earlier {
		if _, later := c.d.Find(q.OnlyIf.Question); later {
			note("only_if", "It can depend on an earlier question only; move that one above this.")
		} else {
			note("only_if", "There is no question with the key it depends on.")
		}
		return
	}
	on := c.d.Questions[i]
	if !on.Asks() {
		note("only_if", "It depends on a section, which asks nothing.")
		return
	}
	if len(q.OnlyIf.OneOf) > MostOptions {
		note("only_if", "It depends on too many answers.")
		return
	}
	for i, value := range q.OnlyIf.OneOf {
		switch {
		case slices.Contains(q.OnlyIf.OneOf[:i], value):
			note("only_if", "It names the same answer twice.")
		case !on.answerable(value):
			note("only_if", "It depends on an answer that question %d does not have.", c.at[on.Key]+1)
		}
	}
}

// answerable reports whether a condition may ask for this answer: one of a known
// few, in the way it is kept.
func (q Question) answerable(value string) bool {
	switch q.Kind {
	case Choice, YesNo, Consent, ScaleOf, Number:
		answer, say := q.read([]string{value})
		return say == "" && len(answer) == 1 && answer[0] == value
	case Several:
		return slices.Contains(q.Options, value)
	}
	return false
}

func (c *checker) scale(i int, s Scale) {
	note := func(field, say string, args ...any) { c.note("scores", i, field, say, args...) }
	if !IsKey(s.Key) {
		note("key", "A key is a word of small letters, digits and underscores, such as trust.")
	} else if slices.ContainsFunc(c.d.Scores[:i], func(o Scale) bool { return o.Key == s.Key }) {
		note("key", "%s is the key of another scale already.", s.Key)
	}
	said(note, "name", s.Name, LongestOption, true, false)
	if s.How != Sum && s.How != Mean {
		note("how", "It is either a sum or a mean.")
	}
	if !slices.Contains([]Missing{"", NoResult, LeaveOut, Fill}, s.Missing) {
		note("missing", "Answers that are missing give no_result, are a leave_out or a fill.")
	}
	if len(s.Items) == 0 || len(s.Items) > MostQuestions {
		note("items", "Name the questions that count.")
		return
	}
	for j, item := range s.Items {
		q, known := c.d.Find(item.Question)
		switch {
		case !known:
			note("items", "There is no question with the key of item %d.", j+1)
		case q.Kind != ScaleOf && q.Kind != Choice:
			note("items", "Only answers to a scale or a choice can be counted; item %d is another kind.", j+1)
		case slices.ContainsFunc(s.Items[:j], func(o Item) bool { return o.Question == item.Question }):
			note("items", "Item %d counts already.", j+1)
		}
		if item.Weight < 0 || item.Weight > LargestWeight {
			note("items", "The weight of item %d must be a whole number from 1 to %d.", j+1, LargestWeight)
		}
	}
	if s.AtLeast < 0 || s.AtLeast > len(s.Items) {
		note("at_least", "This must be a whole number from 1 to %d, the number of items.", len(s.Items))
	}
	c.bands(i, s, note)
}

func (c *checker) bands(i int, s Scale, note func(field, say string, args ...any)) {
	if len(s.Bands) > MostOptions {
		note("bands", "There are at most %d bands.", MostOptions)
		return
	}
	if slices.ContainsFunc(c.found, func(m Mistake) bool {
		return m.List == "scores" && m.Index == i && m.Field == "items" || m.List == "questions"
	}) {
		return // what the items come to is not known yet
	}
	r := s.result(c.d, nil)
	for j, b := range s.Bands {
		said(note, "bands", b.Say, LongestBandWord, true, false)
		switch {
		case j == 0 && b.From > r.Least:
			note("bands", "The first band must begin at the least that can come out, %s.", r.Least)
		case b.From > r.Most:
			note("bands", "Band %d begins above the most that can come out, %s.", j+1, r.Most)
		case j > 0 && b.From <= s.Bands[j-1].From:
			note("bands", "Band %d must begin above the one before it.", j+1)
		}
	}
}

// said checks words that people are shown.
func said(note func(field, say string, args ...any), field, s string, most int, needed, lines bool) {
	read := words.Text
	if !lines {
		read = words.Line
	}
	switch clean, err := read(field, s, most); {
	case s == "" && !needed:
	case strings.TrimSpace(s) == "" || err == nil && clean == "":
		note(field, "Please fill this in.")
	case utf8.RuneCountInString(s) > most:
		note(field, "This is too long; please use at most %d characters.", most)
	case err != nil || clean != s:
		note(field, "This holds characters that nobody can see; please type it anew.")
	}
}

// IsKey reports whether a name can be that of a question.
func IsKey(s string) bool {
	return s != "" && len(s) <= LongestKey && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// kindList names the kinds.
func kindList() string {
	names := make([]string, 0, len(Kinds()))
	for _, k := range Kinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

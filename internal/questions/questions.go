// Package questions owns what a form asks, purely: the kinds of questions, which
// of them are asked when another answer says so, reading what was sent as
// answers, counting them up, and the hashes that what was signed is verified by.
// It refuses to know who asks, who answers and where answers are kept; there is
// no clock, database or page in it. Definitions and answers have a stable JSON.
package questions

// Definition is what a form asks, in order, and what its answers are counted up
// to.
type Definition struct {
	Questions []Question `json:"questions"`
	Scores    []Scale    `json:"scores,omitempty"`
}

// Question is one question of a form, or words between questions that ask
// nothing.
type Question struct {
	Key      string     `json:"key"` // its name for answers, known once in a form
	Label    string     `json:"label"`
	Kind     Kind       `json:"type"`
	Required bool       `json:"required,omitempty"`
	Help     string     `json:"help,omitempty"`
	Options  []string   `json:"options,omitempty"` // to choose from; of a scale, words for its two ends or for each step
	Min      *int       `json:"min,omitempty"`     // of a scale or number; of several, how many to choose
	Max      *int       `json:"max,omitempty"`     // the same; of a text, its longest in characters
	Text     string     `json:"text,omitempty"`    // the exact words that are agreed to or signed; of a section, Markdown
	OnlyIf   *Condition `json:"only_if,omitempty"`
}

// Condition says when a question is asked: if an earlier one has one of these
// answers, or any answer where there are none.
type Condition struct {
	Question string   `json:"question"`
	OneOf    []string `json:"one_of,omitempty"`
}

// Kind is a way of asking.
type Kind string

// The kinds of questions.
const (
	ShortText Kind = "text" // one line
	LongText  Kind = "long_text"
	Choice    Kind = "choice"  // one of the options
	Several   Kind = "several" // any of the options
	ScaleOf   Kind = "scale"   // a step from Min to Max
	Date      Kind = "date"
	YesNo     Kind = "yes_no"
	Number    Kind = "number"
	Consent   Kind = "consent"   // a tick beside exact words
	Signature Kind = "signature" // a typed name under exact words
	Section   Kind = "section"   // words alone; asks nothing
)

// Kinds lists the kinds in the order in which they are offered.
func Kinds() []Kind {
	return []Kind{ShortText, LongText, Choice, Several, ScaleOf, YesNo, Number, Date, Consent, Signature, Section}
}

// KindNamed gives the kind of a name, some of which go by another one too.
func KindNamed(name string) (Kind, bool) {
	switch name {
	case "short_text":
		return ShortText, true
	case "single_choice", "one_choice":
		return Choice, true
	case "choices", "multiple_choice", "multi_choice":
		return Several, true
	case "yesno", "boolean":
		return YesNo, true
	case "section_text":
		return Section, true
	}
	for _, k := range Kinds() {
		if string(k) == name {
			return k, true
		}
	}
	return "", false
}

// Asks reports whether the question can be answered.
func (q Question) Asks() bool { return q.Kind != Section }

// Signs reports whether an answer binds somebody to the question's exact words.
func (q Question) Signs() bool { return q.Kind == Consent || q.Kind == Signature }

// Bounds of what is asked and answered, in characters where it is text.
const (
	MostQuestions   = 200
	MostOptions     = 100
	MostSteps       = 101
	LongestLabel    = 500
	LongestHelp     = 1_000
	LongestOption   = 200
	LongestSigned   = 20_000
	LongestLine     = 500    // of an answer to a short text
	LongestAnswer   = 10_000 // of an answer to a long text
	LongestTyped    = 200    // of the name typed as a signature
	LongestKey      = 60
	LargestNumber   = 1_000_000
	MostScores      = 20
	LargestWeight   = 100
	LongestBandWord = 500
)

// Steps are the ends of a scale.
func (q Question) Steps() (from, to int) {
	from, to = 0, 10
	if q.Min != nil {
		from = *q.Min
	}
	if q.Max != nil {
		to = *q.Max
	}
	return from, to
}

// StepWord is the word that a step of a scale has, if it has one.
func (q Question) StepWord(step int) string {
	from, to := q.Steps()
	switch n := len(q.Options); {
	case step < from || step > to:
		return ""
	case n > 0 && n == to-from+1:
		return q.Options[step-from]
	case n == 2 && step == from:
		return q.Options[0]
	case n == 2 && step == to:
		return q.Options[1]
	}
	return ""
}

// Longest is how many characters an answer in words may have.
func (q Question) Longest() int {
	most := LongestLine
	if q.Kind == LongText {
		most = LongestAnswer
	}
	if q.Max != nil && *q.Max > 0 && *q.Max < most {
		return *q.Max
	}
	return most
}

// Find gives the question with a key.
func (d Definition) Find(key string) (Question, bool) {
	for _, q := range d.Questions {
		if q.Key == key {
			return q, true
		}
	}
	return Question{}, false
}

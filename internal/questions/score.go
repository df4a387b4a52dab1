package questions

import (
	"slices"
	"strconv"
)

// Scale is what some of a form's answers are counted up to. It is computed here
// and nowhere else, and it is the coach's working aid: words for a result speak
// of the answers, never of the person.
type Scale struct {
	Key     string  `json:"key"`
	Name    string  `json:"name"`
	How     How     `json:"how"`
	Items   []Item  `json:"items"`
	Missing Missing `json:"missing,omitempty"`
	AtLeast int     `json:"at_least,omitempty"` // items that must be answered; 0 asks for one
	Bands   []Band  `json:"bands,omitempty"`    // by where they begin, from below
}

// Item is one question that counts. A step of a scale counts as its number, an
// option of a choice as its place, the first as 0. Reversed ones count from the
// other end.
type Item struct {
	Question string `json:"question"`
	Weight   int    `json:"weight,omitempty"` // 0 means 1
	Reversed bool   `json:"reversed,omitempty"`
}

// Band is how a result from here to the next band is put in words.
type Band struct {
	From Points `json:"from"`
	Say  string `json:"say"`
}

// How the items make a result.
type How string

// The two ways.
const (
	Sum  How = "sum"
	Mean How = "mean"
)

// Missing is what becomes of a result when items have no answer.
type Missing string

// The rules. With Fill a missing item counts as the others do on the whole, so
// that a sum stays comparable; with LeaveOut it counts for nothing.
const (
	NoResult Missing = "no_result" // the usual one
	LeaveOut Missing = "leave_out"
	Fill     Missing = "fill"
)

// Result is what a scale comes to. Without Known too few items were answered.
type Result struct {
	Key, Name       string
	Known           bool
	Value           Points
	Least, Most     Points // what it could have come to
	Say             string // the band's words; may be empty
	Answered, Items int
}

// Score counts up the answers, scale by scale. Answers to questions that were
// not asked do not count.
func Score(d Definition, a Answers) []Result {
	a = kept(d, a)
	results := make([]Result, 0, len(d.Scores))
	for _, s := range d.Scores {
		results = append(results, s.result(d, a))
	}
	return results
}

func (s Scale) result(d Definition, a Answers) Result {
	r := Result{Key: s.Key, Name: s.Name, Items: len(s.Items)}
	var here, gone tally
	for _, item := range s.Items {
		q, _ := d.Find(item.Question)
		low, high := q.counts()
		value, ok := q.counted(a)
		if item.Reversed {
			value = low + high - value
		}
		if ok {
			r.Answered++
			here.add(max(item.Weight, 1), low, high, value)
		} else {
			gone.add(max(item.Weight, 1), low, high, 0)
		}
	}
	r.Least, r.Most = s.reach(d, here, gone)
	if r.Answered == 0 || r.Answered < s.AtLeast || r.Answered < r.Items && s.Missing != LeaveOut && s.Missing != Fill {
		return r
	}
	r.Known, r.Value = true, s.value(here, gone)
	for _, b := range s.Bands {
		if r.Value >= b.From {
			r.Say = b.Say
		}
	}
	return r
}

// tally sums weights, and by them the ends and the answers of some items.
type tally struct{ weights, low, high, values int }

func (t *tally) add(weight, low, high, value int) {
	t.weights, t.low, t.high, t.values = t.weights+weight, t.low+weight*low, t.high+weight*high, t.values+weight*value
}

// reach is the least and the most that can come out.
func (s Scale) reach(d Definition, here, gone tally) (least, most Points) {
	switch {
	case s.Missing == LeaveOut:
		return s.loose(d)
	case s.How == Mean:
		all := here.weights + gone.weights
		return ratio(here.low+gone.low, all), ratio(here.high+gone.high, all)
	}
	return ratio(here.low+gone.low, 1), ratio(here.high+gone.high, 1)
}

// loose is reach where any item may be left out: a mean may be of one item
// alone, and a sum of few items is nearer to nothing.
func (s Scale) loose(d Definition) (least, most Points) {
	for i, item := range s.Items {
		q, _ := d.Find(item.Question)
		low, high := q.counts()
		switch {
		case s.How != Mean:
			least += ratio(min(low, 0)*max(item.Weight, 1), 1)
			most += ratio(max(high, 0)*max(item.Weight, 1), 1)
		case i == 0:
			least, most = ratio(low, 1), ratio(high, 1)
		default:
			least, most = min(least, ratio(low, 1)), max(most, ratio(high, 1))
		}
	}
	return least, most
}

// value is what the items come to. A missing item that is filled in stands as
// far up its own range as the others stand up theirs, taken together.
func (s Scale) value(here, gone tally) Points {
	over := 1
	if s.Missing == LeaveOut {
		gone = tally{}
	}
	if s.How == Mean {
		over = here.weights + gone.weights
	}
	width := here.high - here.low
	if gone.weights == 0 || width == 0 {
		return ratio(here.values+gone.low, over)
	}
	return ratio((here.values+gone.low)*width+(here.values-here.low)*(gone.high-gone.low), width*over)
}

// counts are the least and the most that an answer can count.
func (q Question) counts() (least, most int) {
	if q.Kind == Choice {
		return 0, max(len(q.Options)-1, 0)
	}
	return q.Steps()
}

// counted is what the answer to a question counts.
func (q Question) counted(a Answers) (int, bool) {
	switch answer := a.Text(q.Key); q.Kind {
	case Choice:
		i := slices.Index(q.Options, answer)
		return i, i >= 0
	case ScaleOf:
		n, err := strconv.Atoi(answer)
		from, to := q.Steps()
		return n, err == nil && n >= from && n <= to
	}
	return 0, false
}

// ratio is n of d in hundredths, halves rounded away from zero.
func ratio(n, d int) Points {
	if d == 0 {
		return 0
	}
	half := d
	if n < 0 {
		half = -half
	}
	return Points((n*200 + half) / (2 * d))
}

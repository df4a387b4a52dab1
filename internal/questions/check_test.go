package questions_test

import (
	"fmt"
	"strings"
	"testing"

	"kintsugi/internal/questions"
)

func TestADefinitionOfEveryKindIsSound(t *testing.T) {
	if found := questions.Check(mixed()); found != nil {
		t.Error(found)
	}
}

func TestMistakesNameTheQuestionAndTheField(t *testing.T) {
	type change = func(d *questions.Definition)
	at := func(i int, of func(q *questions.Question)) change {
		return func(d *questions.Definition) { of(&d.Questions[i]) }
	}
	scale := func(of func(s *questions.Scale)) change {
		return func(d *questions.Definition) { of(&d.Scores[0]) }
	}
	for _, c := range []struct {
		change       change
		place, words string
	}{
		{func(d *questions.Definition) { d.Questions = nil; d.Scores = nil }, "questions -1 ", "needs a question"},
		{func(d *questions.Definition) { d.Questions = d.Questions[:1]; d.Scores = nil }, "questions -1 ", "needs a question"},
		{at(1, func(q *questions.Question) { q.Key = "Name" }), "questions 1 key", "small letters"},
		{at(2, func(q *questions.Question) { q.Key = "name" }), "questions 2 key", "question 2"},
		{at(2, func(q *questions.Question) { q.Kind = "essay" }), "questions 2 type", "long_text"},
		{at(2, func(q *questions.Question) { q.Kind = "short_text" }), "questions 2 type", "no such kind"},
		{at(2, func(q *questions.Question) { q.Label = " " }), "questions 2 label", "fill this in"},
		{at(2, func(q *questions.Question) { q.Label = strings.Repeat("x", 501) }), "questions 2 label", "at most 500"},
		{at(2, func(q *questions.Question) { q.Help = "a\u202eb" }), "questions 2 help", "nobody can see"},
		{at(2, func(q *questions.Question) { q.Text = "x" }), "questions 2 text", "use help here"},
		{at(3, func(q *questions.Question) { q.Options = q.Options[:1] }), "questions 3 options", "at least two"},
		{at(11, func(q *questions.Question) { q.Options = []string{"a", "b"} }), "questions 11 options", "have options"},
		{at(8, func(q *questions.Question) { q.Options[2] = "Sometimes" }), "questions 8 options", "the same"},
		{at(6, func(q *questions.Question) { q.Options = []string{"a", "b", "c"} }), "questions 6 options", "each of its 5 steps"},
		{at(7, func(q *questions.Question) { q.Max = number(1) }), "questions 7 max", "beginning with the smaller"},
		{at(7, func(q *questions.Question) { q.Max = number(102) }), "questions 7 max", "2 to 101"},
		{at(11, func(q *questions.Question) { q.Min = number(21) }), "questions 11 max", "less than the least"},
		{at(2, func(q *questions.Question) { q.Max = number(0) }), "questions 2 max", "from 1 to 10000"},
		{at(9, func(q *questions.Question) { q.Min = number(1) }), "questions 9 min", "no least or most"},
		{at(12, func(q *questions.Question) { q.Text = "" }), "questions 12 text", "fill this in"},
		{at(0, func(q *questions.Question) { q.Required = true }), "questions 0 required", "asks nothing"},
		{at(2, func(q *questions.Question) { q.OnlyIf = &questions.Condition{Question: "safe"} }), "questions 2 only_if", "move that one above"},
		{at(2, func(q *questions.Question) { q.OnlyIf = &questions.Condition{Question: "nobody"} }), "questions 2 only_if", "no question with the key"},
		{at(2, func(q *questions.Question) { q.OnlyIf = &questions.Condition{Question: "welcome"} }), "questions 2 only_if", "asks nothing"},
		{at(2, func(q *questions.Question) { q.OnlyIf = &questions.Condition{Question: "story"} }), "questions 2 only_if", "earlier question only"},
		{at(4, func(q *questions.Question) { q.OnlyIf.OneOf = []string{"Never"} }), "questions 4 only_if", "question 4 does not have"},
		{at(5, func(q *questions.Question) { q.OnlyIf.OneOf = []string{"After nine"} }), "questions 5 only_if", "question 5 does not have"},
		{scale(func(s *questions.Scale) { s.How = "median" }), "scores 0 how", "sum or a mean"},
		{scale(func(s *questions.Scale) { s.Items[1].Question = "story" }), "scores 0 items", "scale or a choice"},
		{scale(func(s *questions.Scale) { s.Items[1].Question = "close" }), "scores 0 items", "counts already"},
		{scale(func(s *questions.Scale) { s.Items[1].Weight = -1 }), "scores 0 items", "1 to 100"},
		{scale(func(s *questions.Scale) { s.Missing = "zero" }), "scores 0 missing", "leave_out"},
		{scale(func(s *questions.Scale) { s.AtLeast = 4 }), "scores 0 at_least", "1 to 3"},
		{scale(func(s *questions.Scale) { s.Bands[0].From = 301 }), "scores 0 bands", "begin at the least that can come out, 3"},
		{scale(func(s *questions.Scale) { s.Bands[1].From = 1701 }), "scores 0 bands", "above the most that can come out, 17"},
		{scale(func(s *questions.Scale) { s.Bands[1].From = 0 }), "scores 0 bands", "above the one before"},
	} {
		d := mixed()
		c.change(&d)
		var first string
		if found := questions.Check(d); len(found) > 0 {
			first = fmt.Sprintf("%s %d %s: %s", found[0].List, found[0].Index, found[0].Field, found[0].Say)
		}
		if !strings.HasPrefix(first, c.place) || !strings.Contains(first, c.words) {
			t.Errorf("wanted %s: …%s…, found %s", c.place, c.words, first)
		}
	}
}

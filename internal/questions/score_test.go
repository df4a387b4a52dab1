package questions_test

import (
	"encoding/json"
	"testing"

	"kintsugi/internal/questions"
)

func ease(t *testing.T, change func(*questions.Scale), pairs ...string) questions.Result {
	t.Helper()
	d := mixed()
	if change != nil {
		change(&d.Scores[0])
	}
	if found := questions.Check(d); found != nil {
		t.Fatal(found)
	}
	answers, _ := questions.ReadDraft(d, sent(pairs...))
	return questions.Score(d, answers)[0]
}

func TestAScaleCountsWeightsReversedItemsAndMissingOnesByItsRule(t *testing.T) {
	all := []string{"close", "5", "calm", "4", "argue", "Often"} // 2×5 + 4 + (2−2)
	for name, c := range map[string]struct {
		change func(*questions.Scale)
		sent   []string
		want   string // empty: no result
	}{
		"sum":                        {nil, all, "14"},
		"mean":                       {func(s *questions.Scale) { s.How, s.Bands = questions.Mean, nil }, all, "3.5"},
		"mean, filled":               {func(s *questions.Scale) { s.How, s.Bands = questions.Mean, nil }, all[:4], "3.96"},
		"one missing, filled":        {nil, all[:4], "15.83"}, // 14, and 11 of 12 of the way up to 2
		"too few":                    {nil, all[:2], ""},
		"none":                       {nil, nil, ""},
		"one missing, left out":      {func(s *questions.Scale) { s.Missing = questions.LeaveOut }, all[:4], "14"},
		"one missing, no result":     {func(s *questions.Scale) { s.Missing = questions.NoResult }, all[:4], ""},
		"without a rule, no result":  {func(s *questions.Scale) { s.Missing = "" }, all[:4], ""},
		"mean of those who are here": {func(s *questions.Scale) { s.How, s.Missing, s.Bands = questions.Mean, questions.LeaveOut, nil }, all[:4], "4.67"},
	} {
		r := ease(t, c.change, c.sent...)
		if r.Known != (c.want != "") || r.Known && r.Value.String() != c.want {
			t.Errorf("%s: %+v", name, r)
		}
		if r.Answered != len(c.sent)/2 || r.Items != 3 {
			t.Errorf("%s: %d of %d answered", name, r.Answered, r.Items)
		}
	}
	if r := ease(t, nil, all...); r.Least.String() != "3" || r.Most.String() != "17" {
		t.Errorf("from %s to %s", r.Least, r.Most)
	}
}

// A result of 15.832 was shown as 15.83 and told with the words for less.
func TestTheWordsFollowTheResultAsItIsShown(t *testing.T) {
	words := func(s *questions.Scale) {
		s.Bands = []questions.Band{{From: 300, Say: "low"}, {From: 1583, Say: "high"}}
	}
	if r := ease(t, words, "close", "5", "calm", "4"); r.Value.String() != "15.83" || r.Say != "high" {
		t.Errorf("%+v", r)
	}
	if r := ease(t, words, "close", "1", "calm", "1", "argue", "Often"); r.Value.String() != "3" || r.Say != "low" {
		t.Errorf("%+v", r)
	}
}

// Somebody sent a total along with the form and it was believed.
func TestOnlyAnswersToQuestionsThatWereAskedCount(t *testing.T) {
	d := mixed()
	for i := range d.Questions {
		if d.Questions[i].Key == "argue" {
			d.Questions[i].OnlyIf = &questions.Condition{Question: "children", OneOf: []string{"yes"}}
		}
	}
	// The condition names a later question, so nothing meets it.
	r := questions.Score(d, questions.Answers{"close": {"5"}, "calm": {"5"}, "argue": {"Hardly ever"}, "ease": {"999"}, "children": {"yes"}})[0]
	if r.Answered != 2 {
		t.Errorf("%+v", r)
	}
	for _, forged := range []string{"6", "-1", "1e3", "", "999999999999999999999"} {
		if r := questions.Score(mixed(), questions.Answers{"close": {forged}, "calm": {"5"}})[0]; r.Known {
			t.Errorf("%q counted: %+v", forged, r)
		}
	}
}

func TestPointsAreWrittenAndReadBackAlike(t *testing.T) {
	for _, s := range []string{"0", "3", "2.5", "-0.75", "18.67", "100"} {
		p, ok := questions.PointsOf(s)
		text, err := json.Marshal(p)
		var back questions.Points
		if !ok || err != nil || string(text) != s || json.Unmarshal(text, &back) != nil || back != p {
			t.Errorf("%s: %v, %s, %v", s, ok, text, back)
		}
	}
	for _, s := range []string{"", "-", "1.234", "1e2", "--1", ".5", "1.", "9999999999"} {
		if p, ok := questions.PointsOf(s); ok {
			t.Errorf("%q is read as %s", s, p)
		}
	}
}

package questions_test

import (
	"encoding/json"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"kintsugi/internal/questions"
)

// FuzzRead sends anything as a form, and holds what must be true of all answers.
func FuzzRead(f *testing.F) {
	f.Add("q-name=Sam&q-safe=No&q-reach=After+nine&q-agree=yes&q-sign=Sam&q-who=Family&q-who=Nobody")
	f.Add("q-close=-1&q-many=1%2C000&q-children=yes&q-since=2026-02-30&q-story=%00%FF")
	f.Add("q-safe=Perhaps&q-safe=No&q-name=%E2%80%8B&q-argue=Often&q-calm=5&q-close=5")
	d := mixed()
	f.Fuzz(func(t *testing.T, body string) {
		form, _ := url.ParseQuery(body) // what could be read of it
		answers, problems := questions.Read(d, form)
		shown := map[string]questions.Question{}
		for _, q := range questions.Visible(d, answers) {
			shown[q.Key] = q
		}
		for key, answer := range answers {
			if q, asked := shown[key]; !asked || !q.Asks() || len(answer) == 0 {
				t.Fatalf("%s is kept as %q", key, answer)
			}
			for _, one := range answer {
				if one == "" || !utf8.ValidString(one) || strings.ContainsRune(one, 0) || utf8.RuneCountInString(one) > questions.LongestAnswer {
					t.Fatalf("%s is kept as %q", key, one)
				}
			}
		}
		named := map[string]bool{}
		for _, p := range problems {
			q, asked := shown[strings.TrimPrefix(p.Name, "q-")]
			if !asked || p.Say == "" || named[p.Name] {
				t.Fatalf("%q is said of %q", p.Say, p.Name)
			}
			if named[p.Name] = true; answers.Has(q.Key) && q.Kind != questions.Several {
				t.Fatalf("%s is refused and kept", q.Key)
			}
		}
		if problems == nil {
			again, more := questions.Finish(d, answers)
			if more != nil || !reflect.DeepEqual(again, answers) {
				t.Fatalf("%q was taken and read again is %q: %v", answers, again, more)
			}
		}
		text, err := json.Marshal(answers)
		var back questions.Answers
		if err != nil || json.Unmarshal(text, &back) != nil || !reflect.DeepEqual(back, answers) {
			t.Fatalf("%s: %v", text, err)
		}
		for _, r := range questions.Score(d, answers) {
			if r.Known && (r.Value < r.Least || r.Value > r.Most) {
				t.Fatalf("%+v", r)
			}
		}
		draft, _ := questions.ReadDraft(d, form)
		questions.Told(d, draft)
		questions.Typed(d, form)
	})
}

// FuzzDefinition reads anything as a definition. What is sound can be used
// without a second thought, and what is not breaks nothing.
func FuzzDefinition(f *testing.F) {
	text, err := json.Marshal(mixed())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text), "q-name=Sam")
	f.Add(`{"questions":[{"key":"a","label":"A","type":"scale","min":-9223372036854775808,"max":9223372036854775807,"options":["a","b"]}],"scores":[{"items":[{"question":"a","weight":9223372036854775807}],"bands":[{"from":-999999999.99}]}]}`, "q-a=1")
	f.Add(`{"questions":[{"key":"a","type":"choice","only_if":{"question":"a"}}],"scores":[{"how":"mean","items":[{"question":"a"},{"question":"b"}]}]}`, "q-a=")
	f.Fuzz(func(t *testing.T, text, body string) {
		var d questions.Definition
		if json.Unmarshal([]byte(text), &d) != nil {
			return
		}
		form, _ := url.ParseQuery(body)
		found := questions.Check(d)
		answers, _ := questions.Read(d, form)
		results := questions.Score(d, answers)
		questions.Told(d, answers)
		for _, q := range d.Questions {
			questions.When(d, q)
			q.StepWord(0)
		}
		if found != nil {
			return
		}
		for _, r := range results {
			if r.Known && (r.Value < r.Least || r.Value > r.Most) {
				t.Fatalf("%+v of %s", r, text)
			}
		}
		again, err := json.Marshal(d)
		var back questions.Definition
		if err != nil || json.Unmarshal(again, &back) != nil || questions.Hash(back) != questions.Hash(d) {
			t.Fatalf("%s: %v", again, err)
		}
	})
}

// Whatever is answered under a branch that is not asked changes nothing.
func TestHiddenBranchesNeverMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		form := whole()
		form.Set("q-safe", rapid.SampledFrom([]string{"Yes", "No", "Not always"}).Draw(t, "safe"))
		form.Set("q-children", rapid.SampledFrom([]string{"", "yes", "no"}).Draw(t, "children"))
		form.Set("q-reach", rapid.SampledFrom([]string{"", "After nine"}).Draw(t, "reach"))
		form.Set("q-many", rapid.SampledFrom([]string{"", "2", "two"}).Draw(t, "many"))
		answers, problems := questions.Read(mixed(), form)
		said := saysOf(problems)
		hidden := map[string]bool{"reach": form.Get("q-safe") == "Yes", "many": form.Get("q-children") != "yes"}
		hidden["who"] = hidden["reach"] || form.Get("q-reach") == ""
		for key, isHidden := range hidden {
			if !isHidden {
				continue
			}
			form.Set("q-"+key, rapid.String().Draw(t, key))
			if again, more := questions.Read(mixed(), form); !reflect.DeepEqual(again, answers) || saysOf(more) != said || again.Has(key) {
				t.Fatalf("%q at %s: %q, %s", form.Get("q-"+key), key, again, saysOf(more))
			}
		}
	})
}

// A scale that fills in what is missing stays within its ends, and agrees with
// the plain count when nothing is missing.
func TestScalesStayWithinTheirEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := questions.Definition{Scores: []questions.Scale{{Key: "s", Name: "S",
			How:     rapid.SampledFrom([]questions.How{questions.Sum, questions.Mean}).Draw(t, "how"),
			Missing: rapid.SampledFrom([]questions.Missing{questions.NoResult, questions.LeaveOut, questions.Fill}).Draw(t, "missing")}}}
		answers, plain, answered := questions.Answers{}, 0, 0
		for i := range rapid.IntRange(1, 6).Draw(t, "items") {
			key := string(rune('a' + i))
			low := rapid.IntRange(-5, 5).Draw(t, "low")
			high := low + rapid.IntRange(1, 9).Draw(t, "steps")
			weight := rapid.IntRange(1, 9).Draw(t, "weight")
			reversed := rapid.Bool().Draw(t, "reversed")
			d.Questions = append(d.Questions, questions.Question{Key: key, Label: key, Kind: questions.ScaleOf, Min: &low, Max: &high})
			d.Scores[0].Items = append(d.Scores[0].Items, questions.Item{Question: key, Weight: weight, Reversed: reversed})
			if rapid.Bool().Draw(t, "answered") {
				n := rapid.IntRange(low, high).Draw(t, "n")
				answers[key] = []string{questions.Points(n * 100).String()}
				if reversed {
					n = low + high - n
				}
				answered, plain = answered+1, plain+n*weight
			}
		}
		if found := questions.Check(d); found != nil {
			t.Fatal(found)
		}
		r := questions.Score(d, answers)[0]
		if r.Known && (r.Value < r.Least || r.Value > r.Most) {
			t.Fatalf("%+v", r)
		}
		whole := answered == len(d.Questions)
		if r.Answered != answered || r.Known != (whole || answered > 0 && d.Scores[0].Missing != questions.NoResult) {
			t.Fatalf("%+v", r)
		}
		if whole && d.Scores[0].How == questions.Sum && r.Value != questions.Points(plain*100) {
			t.Fatalf("%d: %+v", plain, r)
		}
	})
}

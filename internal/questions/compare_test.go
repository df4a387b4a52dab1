package questions_test

import (
	"slices"
	"strings"
	"testing"

	"kintsugi/internal/questions"
)

func TestWhatChangedIsSaidInWords(t *testing.T) {
	before, after := mixed(), mixed()
	if said := questions.Changes(before, after); said != nil {
		t.Errorf("nothing changed: %q", said)
	}
	q := after.Questions
	q[1].Label, q[1].Required = "What shall we call you?", false
	q[2].Kind = questions.ShortText
	q[3].Options = []string{"Yes", "No", "I would rather not say"}
	q[4].OnlyIf = nil
	q[6].Max = number(7)
	q[8].Options = []string{"Often", "Sometimes", "Hardly ever"}
	q[12].Text += "."
	q[7], q[9] = q[9], q[7]
	after.Questions = append(slices.Delete(q, 10, 11), questions.Question{Key: "new", Label: "Anything else?", Kind: questions.LongText})
	after.Scores[0].How = questions.Mean
	want := []string{
		"“How shall we call you?” now reads “What shall we call you?”.",
		"“What shall we call you?” may be left open now.",
		"“What brings you here?” is asked in another way: one line of text.",
		"“Do you feel safe at home?” has a new answer, “I would rather not say”.",
		"“Do you feel safe at home?” no longer has the answer “Not always”.",
		"“When may we reach you?” is always asked now.",
		"“How close do you feel?” has other ends.",
		"“How often do you argue?” has its answers in another order.",
		"“How we work” has another text.",
		"“Anything else?” was added.",
		"“Do you have children?” was taken out.",
		"The questions are in another order.",
		"“Ease between you” is counted up in another way, or in other words.",
	}
	if said := questions.Changes(before, after); !slices.Equal(said, want) {
		t.Errorf("said\n%s\nwant\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
	}
	back := strings.Join(questions.Changes(after, before), "\n")
	for _, part := range []string{"“Do you have children?” was added.", "is asked under another answer: answer this only if you chose “Not always” or “No”"} {
		if !strings.Contains(back, part) {
			t.Errorf("%q is not in\n%s", part, back)
		}
	}
}

// Two versions that differ are never told as if nothing had happened.
func TestEveryChangeIsSaid(t *testing.T) {
	for i := range mixed().Questions {
		for name, change := range map[string]func(q *questions.Question){
			"label": func(q *questions.Question) { q.Label += "!" }, "kind": func(q *questions.Question) { q.Kind += "x" }, "required": func(q *questions.Question) { q.Required = !q.Required },
			"help": func(q *questions.Question) { q.Help = "x" }, "options": func(q *questions.Question) { q.Options = append(slices.Clone(q.Options), "x") },
			"min": func(q *questions.Question) { q.Min = number(99) }, "max": func(q *questions.Question) { q.Max = number(99) },
			"text": func(q *questions.Question) { q.Text += "x" }, "only_if": func(q *questions.Question) { q.OnlyIf = &questions.Condition{Question: "x"} }, "key": func(q *questions.Question) { q.Key += "x" },
		} {
			d := mixed()
			change(&d.Questions[i])
			if questions.Hash(d) != questions.Hash(mixed()) && questions.Changes(mixed(), d) == nil {
				t.Errorf("%s of question %d changed, and nothing is said", name, i+1)
			}
		}
	}
}

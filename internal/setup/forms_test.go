package setup_test

import (
	"context"
	"os"
	"reflect"
	"strings"
	"testing"

	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
	"kintsugi/internal/questions"
)

// formFile has one question of each type, in every way a file may write them.
const formFile = `practice: {name: Start, timezone: Europe/London, currency: GBP, email: a@example.org}
forms:
  - slug: all
    name: All there is
    lane: safety
    questions:
      - {key: intro, label: Welcome, type: section, text: "Take *your* time."}
      - {key: name, label: What shall we call you?, type: short_text, required: true, max: 80}
      - {key: safe, label: Do you feel safe?, type: choice, options: ["Yes", "No", Not always]}
      - {key: reach, label: When may we call?, type: text, only_if: {question: safe, one_of: ["No", Not always]}}
      - {key: who, label: Who knows?, type: multiple_choice, options: [A friend, Family], max: 1, only_if: {question: reach}}
      - {key: close, label: How close?, type: scale, min: 1, max: 5, options: [far, close]}
      - {key: calm, label: How calm?, type: scale, min: 1, max: 5}
      - {key: since, label: Since when?, type: date}
      - {key: children, label: Children?, type: yes_no}
      - {key: many, label: How many?, type: number, min: 0, max: 20, only_if: {question: children, is: yes}}
      - key: agree
        label: How we work
        type: consent
        required: true
        text: |
          First line.

          Second line.
      - {key: sign, label: Sign here, type: signature, text: I agree., help: Your full name}
    scores:
      - key: ease
        name: Ease
        how: mean
        items: [{question: close, weight: 2}, {question: calm, reversed: true}]
        missing: fill
        at_least: 1
        bands:
          - {from: 1, say: Strain}
          - {from: 2.75, say: Ease}
`

func TestAFormOfEveryTypeIsReadKeptAndWrittenAlike(t *testing.T) {
	db := pgtest.New(t)
	mustApply(t, db, formFile)
	form, err := practice.FindForm(context.Background(), db, "all")
	if err != nil {
		t.Fatal(err)
	}
	if found := questions.Check(form.Definition); found != nil {
		t.Error(found)
	}
	many, _ := form.Find("many")
	agree, _ := form.Find("agree")
	who, _ := form.Find("who")
	if !reflect.DeepEqual(many.OnlyIf, &questions.Condition{Question: "children", OneOf: []string{"yes"}}) || who.Kind != questions.Several || agree.Text != "First line.\n\nSecond line." {
		t.Errorf("%+v\n%+v\n%+v", many, who, agree)
	}
	if s := form.Scores[0]; s.Bands[1].From != 275 || s.Missing != questions.Fill || !s.Items[1].Reversed {
		t.Errorf("%+v", s)
	}
	text := export(t, db)
	for _, again := range []string{formFile, text} {
		if changes := mustApply(t, db, again); changes != nil {
			t.Errorf("again: %q", changes)
		}
	}
	for _, part := range []string{"        type: text\n", "only_if: {question: children, is: yes}", "only_if: {question: reach}", "only_if: {question: safe, one_of: [No, Not always]}", "- {question: calm, reversed: true}", "- from: 2.75\n"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in\n%s", part, text)
		}
	}
	fresh := pgtest.New(t)
	mustApply(t, fresh, text)
	if copied := export(t, fresh); copied != text {
		t.Errorf("%s\nbecame\n%s", text, copied)
	}
}

func TestMistakesInAFormAreNamedByLineAndField(t *testing.T) {
	const line = 7 // of the first question
	for _, row := range []struct{ old, new, want, say string }{
		{"type: short_text", "type: long_tex", "8: forms[0].questions[1].type", "did you mean"},
		{"type: short_text", "type: hologram", "8: forms[0].questions[1].type", "there are: text, long_text"},
		{"max: 80", "max: 0", "8: forms[0].questions[1].max", "from 1 to 500"},
		{`options: ["Yes", "No", Not always]`, `options: ["Yes"]`, "9: forms[0].questions[2].options", "at least two"},
		{`one_of: ["No", Not always]`, `one_of: ["No", Never]`, "10: forms[0].questions[3].only_if", "does not have"},
		{`one_of: ["No", Not always]`, `one_of: []`, "10: forms[0].questions[3].only_if.one_of", "leave it out"},
		{`one_of: ["No", Not always]`, `one_of: ["No"], is: "No"`, "10: forms[0].questions[3].only_if.is", "either"},
		{`{question: safe, one_of: ["No", Not always]}`, `{is: "No"}`, "10: forms[0].questions[3].only_if", "names no question"},
		{`{question: safe, one_of: ["No", Not always]}`, `{question: many}`, "10: forms[0].questions[3].only_if", "earlier question"},
		{`{question: safe, one_of: ["No", Not always]}`, `{question: nobody}`, "10: forms[0].questions[3].only_if", "no question with the key"},
		{"options: [far, close]", "options: [far, near, close]", "12: forms[0].questions[5].options", "each of its 5 steps"},
		{"type: date", "type: date, min: 3", "14: forms[0].questions[7].min", "no least or most"},
		{"          First line.\n\n          Second line.\n", "", "21: forms[0].questions[10].text", "fill this in"},
		{"how: mean", "how: median", "29: forms[0].scores[0].how", "one of: sum, mean"},
		{"{question: close, weight: 2}", "{question: name, weight: 2}", "30: forms[0].scores[0].items", "scale or a choice"},
		{"weight: 2", "weight: 200", "30: forms[0].scores[0].items[0].weight", "from 1 to 100"},
		{"at_least: 1", "at_least: 3", "32: forms[0].scores[0].at_least", "from 1 to 2"},
		{"{from: 1, say: Strain}", "{from: 1.5, say: Strain}", "33: forms[0].scores[0].bands", "must begin at the least"},
		{"from: 2.75", "from: 2.755", "35: forms[0].scores[0].bands[1].from", "two digits"},
	} {
		text := strings.Replace(formFile, row.old, row.new, 1)
		if text == formFile {
			t.Errorf("%q is not in the file", row.old)
			continue
		}
		found := mistakes(text)
		if len(found) == 0 || !strings.HasPrefix(found[0].String(), "practice.yaml:"+row.want+": ") || !strings.Contains(found[0].Say, row.say) {
			t.Errorf("%s\nwant %s: …%s…\ngot  %v", row.new, row.want, row.say, found)
		}
	}
	if found := mistakes(strings.Replace(formFile, "{key: intro, label: Welcome", "{key: name, label: Welcome", 1)); len(found) == 0 || found[0].Line != line+1 || !strings.Contains(found[0].Say, "line 7") {
		t.Error(found)
	}
}

func TestAFormThatAsksNothingIsRefused(t *testing.T) {
	db := pgtest.New(t)
	mustApply(t, db, formFile)
	refused(t, db, "forms: [{slug: all, questions: []}]", "practice.yaml:1: forms[0].questions: a form needs a question")
	refused(t, db, "forms: [{slug: all, questions: [{key: a, label: A, type: section}]}]", "forms[0].questions: a form needs a question")
	// A score that the file does not name no longer fits the questions that it does.
	refused(t, db, "forms: [{slug: all, questions: [{key: a, label: A, type: text}]}]", "forms[0].scores.items: there is no question with the key of item 1")
	mustApply(t, db, "forms: [{slug: all, scores: [], questions: [{key: a, label: A, type: text}]}]")
}

func TestOnlyWhatIsAskedMakesANewVersion(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	mustApply(t, db, formFile)
	version := func() int {
		t.Helper()
		form, err := practice.FindForm(ctx, db, "all")
		if err != nil {
			t.Fatal(err)
		}
		return form.Version
	}
	for _, c := range []struct {
		text string
		want int
	}{
		{formFile, 1},
		{"forms: [{slug: all, send_on: first_booking}]", 1},
		{"forms: [{slug: all, withdrawn: true}]", 1},
		{"forms: [{slug: first, name: First, questions: [{key: a, label: A, type: text}]}, {slug: all}]", 1},
		{"forms: [{slug: all, name: Everything}]", 2},
		{"forms: [{slug: all, lane: individual}]", 3},
		{"forms: [{slug: all, scores: null}]", 4},
		{"forms: [{slug: all, questions: [{key: a, label: A, type: text}]}]", 5},
	} {
		mustApply(t, db, c.text)
		if got := version(); got != c.want {
			t.Errorf("version %d after %s", got, c.text)
		}
	}
}

func TestTheFormOfTheReadmeIsOneThatCanBeApplied(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(readme), "```yaml\nforms:\n")
	block, _, _ = strings.Cut(block, "```")
	if !found {
		t.Fatal("the README shows no form")
	}
	db := pgtest.New(t)
	mustApply(t, db, "practice: {name: Start, timezone: Europe/London, currency: GBP, email: a@example.org}\nforms:\n"+block)
}

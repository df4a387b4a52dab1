package page_test

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"kintsugi/internal/fault"
	"kintsugi/internal/questions"
	"kintsugi/internal/web/page"
)

func whole(n int) *int { return &n }

// asked is a form with each way of asking.
func asked() questions.Definition {
	return questions.Definition{Questions: []questions.Question{
		{Key: "intro", Label: "Welcome", Kind: questions.Section, Text: "Take *your* time, and see [who helps](/help-now).<script>x</script>"},
		{Key: "name", Label: "What shall we call you?", Kind: questions.ShortText, Required: true, Help: "As you like."},
		{Key: "story", Label: "What brings you?", Kind: questions.LongText},
		{Key: "safe", Label: "Do you feel safe?", Kind: questions.Choice, Options: []string{"Yes", "No <really>"}},
		{Key: "reach", Label: "When may we call?", Kind: questions.ShortText, OnlyIf: &questions.Condition{Question: "safe", OneOf: []string{"No <really>"}}},
		{Key: "who", Label: "Who knows?", Kind: questions.Several, Options: []string{"A friend", "Family"}, OnlyIf: &questions.Condition{Question: "reach"}},
		{Key: "close", Label: "How close?", Kind: questions.ScaleOf, Min: whole(1), Max: whole(5), Options: []string{"far", "close"}, Required: true},
		{Key: "often", Label: "How often?", Kind: questions.ScaleOf, Min: whole(0), Max: whole(2), Options: []string{"never", "some days", "daily"}},
		{Key: "percent", Label: "How much?", Kind: questions.ScaleOf, Min: whole(0), Max: whole(100)},
		{Key: "since", Label: "Since when?", Kind: questions.Date},
		{Key: "children", Label: "Children?", Kind: questions.YesNo},
		{Key: "many", Label: "How many?", Kind: questions.Number},
		{Key: "agree", Label: "How we work", Kind: questions.Consent, Required: true, Text: "One.\n\n  *Two.*"},
		{Key: "sign", Label: "Sign here", Kind: questions.Signature, Text: "I agree."},
	}}
}

func drawQuestions(t *testing.T, typed questions.Answers, problems page.Problems) string {
	t.Helper()
	var drawn strings.Builder
	type model struct {
		Back, Name, What, Action, Reads string
		Version                         int
		Problems                        page.Problems
		Questions                       []page.Asked
		Tried                           bool
	}
	if err := page.Define[model]("desk-form-preview.html").Execute(&drawn, page.Frame{}, model{Questions: page.Questions(asked(), typed, problems)}); err != nil {
		t.Fatal(err)
	}
	return drawn.String()
}

func TestEveryQuestionHasALabelAndItsWordsAreTied(t *testing.T) {
	var problems page.Problems
	for _, q := range asked().Questions {
		if q.Asks() {
			problems = append(problems, fault.Field{Name: questions.Input(q.Key), Say: "Mend " + q.Key + "."})
		}
	}
	drawn := drawQuestions(t, nil, problems)
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(drawn, -1) {
		if ids[m[1]] {
			t.Errorf("%s is there twice", m[1])
		}
		ids[m[1]] = true
	}
	described := 0
	for _, m := range regexp.MustCompile(` aria-describedby="([^"]*)"`).FindAllStringSubmatch(drawn, -1) {
		described++
		for _, id := range strings.Fields(m[1]) {
			if !ids[id] {
				t.Errorf("nothing has the id %s", id)
			}
		}
	}
	for _, q := range asked().Questions {
		id := questions.Input(q.Key)
		if !q.Asks() {
			continue
		}
		if !ids[id] || !ids[id+"-problem"] || !strings.Contains(drawn, `name="`+id+`"`) {
			t.Errorf("%s cannot be reached from the list of what is wrong", id)
		}
		if !regexp.MustCompile(`aria-describedby="[^"]*` + id + `-problem`).MatchString(drawn) {
			t.Errorf("what is wrong with %s is not tied to it", id)
		}
	}
	if described < len(problems) {
		t.Errorf("%d inputs are described", described)
	}
}

func TestTheExactWordsAreShownAsTheyAre(t *testing.T) {
	drawn := drawQuestions(t, nil, nil)
	for _, q := range asked().Questions {
		if q.Signs() && !strings.Contains(drawn, `-text">`+html.EscapeString(q.Text)+`</div>`) {
			t.Errorf("%q is not there byte for byte", q.Text)
		}
	}
	for _, part := range []string{"<em>your</em>", `href="/help-now"`, "Answer this only if you chose “No &lt;really&gt;” for “Do you feel safe?”.", `data-among="[&#34;No \u003creally\u003e&#34;]"`} {
		if !strings.Contains(drawn, part) {
			t.Errorf("%s is missing", part)
		}
	}
	if strings.Contains(drawn, "<script>x") {
		t.Error("a section brought a script")
	}
}

func TestWhatWasAnsweredStandsInTheForm(t *testing.T) {
	drawn := drawQuestions(t, questions.Answers{"name": {`"Sam"`}, "story": {"a <b>\nc"}, "safe": {"No <really>"}, "who": {"Family"}, "close": {"4"}, "often": {"2"},
		"percent": {"55"}, "since": {"last year"}, "children": {"no"}, "many": {"2,5"}, "agree": {"yes"}, "sign": {"Sam Okoro"}}, nil)
	for _, part := range []string{
		`value="&#34;Sam&#34;"`, ">a &lt;b&gt;\nc</textarea>", `value="No &lt;really&gt;" checked`, `value="Family" checked`, `value="4" checked`, `name="q-often" value="2" checked`,
		`value="55" selected`, `type="text" autocomplete="off" dir="auto" value="last year"`, `name="q-children" value="no" checked`, `value="2,5"`, `name="q-agree" value="yes" checked`, `value="Sam Okoro"`,
	} {
		if !strings.Contains(drawn, part) {
			t.Errorf("%s is missing", part)
		}
	}
	if n := strings.Count(drawn, " checked"); n != 6 {
		t.Errorf("%d are chosen", n)
	}
}

// A radio button once pressed could never be let go of again.
func TestAnAnswerThatIsNotNeededCanBeTakenBack(t *testing.T) {
	drawn := drawQuestions(t, nil, nil)
	for id, free := range map[string]bool{"q-safe": true, "q-often": true, "q-children": true, "q-close": false, "q-who": false} {
		if got := strings.Contains(drawn, `name="`+id+`" value="" checked`); got != free {
			t.Errorf("%s can be left open: %v", id, got)
		}
	}
}

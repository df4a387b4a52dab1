package questions_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"kintsugi/internal/fault"
	"kintsugi/internal/questions"
)

func TestAnswersOfEachKindAreReadAsTheyAreKept(t *testing.T) {
	got := mustRead(t, whole("story", "First line\r\nsecond\u202e", "close", " 4 ", "since", "1 December 2016", "children", "yes", "many", "2,5", "argue", "Often"))
	want := questions.Answers{
		"name": {"Sam"}, "story": {"First line\nsecond"}, "safe": {"Yes"}, "close": {"4"}, "argue": {"Often"}, "since": {"2016-12-01"},
		"children": {"yes"}, "many": {"2.5"}, "agree": {"yes"}, "sign": {"Sam Okoro"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read %q", got)
	}
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := json.Marshal(mustRead(t, whole("argue", "Often", "many", "2.5", "children", "yes", "since", "2016-12-01", "close", "4", "story", "First line\nsecond"))); string(again) != string(text) {
		t.Errorf("%s\n%s", again, text)
	}
}

// Somebody changed "No" to "Yes" and the page sent along what stood in the
// question that was hidden by then.
func TestABranchThatIsNotAskedIsNeitherRequiredNorKept(t *testing.T) {
	got := mustRead(t, whole("reach", "After nine, by text", "who", "Family", "many", "about three"))
	for _, key := range []string{"reach", "who", "many"} {
		if got.Has(key) {
			t.Errorf("%s was kept: %q", key, got[key])
		}
	}
	_, problems := questions.Read(mixed(), sent("name", "Sam", "safe", "No", "agree", "yes", "sign", "Sam"))
	if said := saysOf(problems); said != "q-reach: Please fill this in." {
		t.Error(said)
	}
}

func TestAQuestionBehindOneThatIsNotAskedIsNotAskedEither(t *testing.T) {
	draft := questions.Answers{"safe": {"Yes"}, "reach": {"After nine"}, "who": {"Family"}}
	for _, q := range questions.Visible(mixed(), draft) {
		if q.Key == "reach" || q.Key == "who" {
			t.Errorf("%s is asked", q.Key)
		}
	}
	draft["safe"] = []string{"No"}
	if asked := len(questions.Visible(mixed(), draft)); asked != len(mixed().Questions)-1 {
		t.Errorf("%d questions are asked", asked)
	}
}

// Someone pasted a diary into the form, and every other answer went with it.
func TestAnAnswerThatCannotBeUsedIsNamedAndTheOthersAreKept(t *testing.T) {
	for _, c := range []struct{ key, value, say string }{
		{"story", strings.Repeat("é", 10_001), "at most 10000 characters"},
		{"story", "a\x00b", "bytes that are no text"},
		{"story", "\xff\xfe", "bytes that are no text"},
		{"name", strings.Repeat("n", 1<<20), "at most 500 characters"},
		{"sign", strings.Repeat("n", 201), "at most 200 characters"},
		{"safe", "Perhaps", "one of the answers given here"},
		{"close", "-3", "from 1 to 5"},
		{"close", "99999999999999999999", "from 1 to 5"},
		{"close", "3.5", "from 1 to 5"},
		{"since", "2026-02-30", "write a date"},
		{"since", "03/04/2026", "write a date"},
		{"since", "9999-01-01", "write a date"},
		{"children", "on", "yes or no"},
		{"agree", "no", "tick the box"},
		{"calm", "٣", "from 1 to 5"},
	} {
		form := whole("argue", "Often")
		form[questions.Input(c.key)] = []string{c.value}
		answers, problems := questions.Read(mixed(), form)
		if len(problems) != 1 || problems[0].Name != questions.Input(c.key) || !strings.Contains(problems[0].Say, c.say) {
			t.Errorf("%s %.20q: %s", c.key, c.value, saysOf(problems))
		}
		if answers.Has(c.key) || !answers.Has("argue") {
			t.Errorf("%s %.20q: kept %q", c.key, c.value, answers)
		}
	}
}

func TestNumbersAreReadWithPointOrCommaAndNeverGuessed(t *testing.T) {
	d := questions.Definition{Questions: []questions.Question{{Key: "n", Label: "N", Kind: questions.Number}}}
	for typed, want := range map[string]string{
		"12": "12", " 2,50 ": "2.5", "-0.75": "-0.75", "−4": "-4", "+3": "3", "007": "7", "-0": "0", "1000000": "1000000",
		"1,000": "", "1e9": "", "0x1f": "", "--1": "", "1.": "", ".5": "", "NaN": "", "1000001": "", "99999999999999999999": "", "five": "", "1 2": "",
	} {
		answers, problems := questions.Read(d, sent("n", typed))
		if got := answers.Text("n"); got != want || (want == "") != (len(problems) == 1) {
			t.Errorf("%q became %q: %s", typed, got, saysOf(problems))
		}
	}
}

func TestSeveralAnswersAreKeptOnceAndInTheFormsOrder(t *testing.T) {
	d := questions.Definition{Questions: []questions.Question{{Key: "s", Label: "S", Kind: questions.Several, Required: true, Options: []string{"a", "b", "c"}, Min: number(1), Max: number(2)}}}
	if answers, problems := questions.Read(d, sent("s", "c", "s", "", "s", "a", "s", "c")); problems != nil || !reflect.DeepEqual(answers["s"], []string{"a", "c"}) {
		t.Errorf("%q: %s", answers, saysOf(problems))
	}
	for say, form := range map[string][]string{
		"at least one answer":    {""},
		"at most 2":              {"a", "b", "c"},
		"the answers given here": {"a", "<script>"},
	} {
		if _, problems := questions.Read(d, map[string][]string{"q-s": form}); !strings.Contains(saysOf(problems), say) {
			t.Errorf("%q: %s", form, saysOf(problems))
		}
	}
}

func TestWhitespaceAndMarksThatNobodySeesAreNoAnswer(t *testing.T) {
	for _, typed := range []string{"", "   ", "\r\n\t", "\u200b\u2060", "\u00a0"} {
		form := whole("story", typed)
		form.Set("q-name", typed)
		answers, problems := questions.Read(mixed(), form)
		if answers.Has("story") || saysOf(problems) != "q-name: Please fill this in." {
			t.Errorf("%q: %q, %s", typed, answers["story"], saysOf(problems))
		}
	}
}

func TestADraftKeepsWhatThereIsAndRequiresNothing(t *testing.T) {
	form := sent("safe", "Yes", "reach", "After nine", "close", "-1", "story", "Half a sent")
	draft, problems := questions.ReadDraft(mixed(), form)
	if want := (questions.Answers{"safe": {"Yes"}, "reach": {"After nine"}, "story": {"Half a sent"}}); !reflect.DeepEqual(draft, want) {
		t.Errorf("kept %q", draft)
	}
	if said := saysOf(problems); !strings.HasPrefix(said, "q-close: ") || len(problems) != 1 {
		t.Error(said)
	}
	draft["name"], draft["agree"] = []string{"Sam"}, []string{"yes"}
	done, problems := questions.Finish(mixed(), draft)
	if said := saysOf(problems); !strings.HasPrefix(said, "q-sign: Please type your name") || done.Has("reach") {
		t.Errorf("%q: %s", done, said)
	}
}

// A required answer of 20,000 letters was refused, and the box came back empty.
func TestWhatWasTypedCanBeShownAgainRightOrWrong(t *testing.T) {
	long := strings.Repeat("a", 20_000)
	typed := questions.Typed(mixed(), sent("story", long, "name", "S\x00am\xff", "close", "-1", "safe", ""))
	if want := (questions.Answers{"story": {long}, "name": {"Sam"}, "close": {"-1"}}); !reflect.DeepEqual(typed, want) {
		t.Errorf("%.60q", typed)
	}
}

func TestAnswersAreToldInTheWordsOfTheForm(t *testing.T) {
	answers := mustRead(t, whole("close", "5", "calm", "2", "since", "2016-12-01", "children", "no"))
	told := map[string]string{}
	for _, line := range questions.Told(mixed(), answers) {
		told[line.Question.Key] = line.Answer
	}
	want := map[string]string{"name": "Sam", "story": "", "safe": "Yes", "close": "5 of 5, close", "calm": "2 of 5", "argue": "",
		"since": "1 December 2016", "children": "No", "agree": "Agreed", "sign": "Sam Okoro"}
	if !reflect.DeepEqual(told, want) {
		t.Errorf("%q", told)
	}
}

func TestConditionsAreSaidInWords(t *testing.T) {
	want := map[string]string{
		"reach": "Answer this only if you chose “Not always” or “No” for “Do you feel safe at home?”.",
		"who":   "Answer this only if you answered “When may we reach you?”.",
		"many":  "Answer this only if you answered yes to “Do you have children?”.",
	}
	for _, q := range mixed().Questions {
		if said := questions.When(mixed(), q); said != want[q.Key] {
			t.Errorf("%s: %s", q.Key, said)
		}
	}
}

func TestEachProblemOfAListSaysWhichQuestionItIsAbout(t *testing.T) {
	got := questions.Named(mixed(), []fault.Field{{Name: questions.Input("name"), Say: "Please fill this in."}, {Name: "main", Say: "Try again."}})
	if got[0].Say != "“How shall we call you?” Please fill this in." || got[0].Name != questions.Input("name") || got[1].Say != "Try again." {
		t.Errorf("%+v", got)
	}
}

package questions_test

import (
	"net/url"
	"strings"
	"testing"

	"kintsugi/internal/fault"
	"kintsugi/internal/questions"
)

func number(n int) *int { return &n }

// mixed has one question of each kind, some of them under a condition.
func mixed() questions.Definition {
	return questions.Definition{
		Questions: []questions.Question{
			{Key: "welcome", Label: "Before we meet", Kind: questions.Section, Text: "Take the time you need."},
			{Key: "name", Label: "How shall we call you?", Kind: questions.ShortText, Required: true},
			{Key: "story", Label: "What brings you here?", Kind: questions.LongText},
			{Key: "safe", Label: "Do you feel safe at home?", Kind: questions.Choice, Required: true, Options: []string{"Yes", "Not always", "No"}},
			{Key: "reach", Label: "When may we reach you?", Kind: questions.ShortText, Required: true,
				OnlyIf: &questions.Condition{Question: "safe", OneOf: []string{"Not always", "No"}}},
			{Key: "who", Label: "Who else knows?", Kind: questions.Several, Options: []string{"A friend", "Family", "Nobody"},
				OnlyIf: &questions.Condition{Question: "reach"}},
			{Key: "close", Label: "How close do you feel?", Kind: questions.ScaleOf, Min: number(1), Max: number(5), Options: []string{"far apart", "close"}},
			{Key: "calm", Label: "How calm are evenings?", Kind: questions.ScaleOf, Min: number(1), Max: number(5)},
			{Key: "argue", Label: "How often do you argue?", Kind: questions.Choice, Options: []string{"Hardly ever", "Sometimes", "Often"}},
			{Key: "since", Label: "Together since", Kind: questions.Date},
			{Key: "children", Label: "Do you have children?", Kind: questions.YesNo},
			{Key: "many", Label: "How many?", Kind: questions.Number, Min: number(1), Max: number(20), Required: true,
				OnlyIf: &questions.Condition{Question: "children", OneOf: []string{questions.Yes}}},
			{Key: "agree", Label: "How we work", Kind: questions.Consent, Required: true, Text: "We speak openly.\nEither may stop at any time."},
			{Key: "sign", Label: "Your signature", Kind: questions.Signature, Required: true, Text: "I have read the above."},
		},
		Scores: []questions.Scale{{
			Key: "ease", Name: "Ease between you", How: questions.Sum, Missing: questions.Fill, AtLeast: 2,
			Items: []questions.Item{{Question: "close", Weight: 2}, {Question: "calm"}, {Question: "argue", Reversed: true}},
			Bands: []questions.Band{{From: 0, Say: "The answers speak of strain."}, {From: 1000, Say: "The answers speak of ease."}},
		}},
	}
}

// sent is a form as a browser sends it.
func sent(pairs ...string) url.Values {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(questions.Input(pairs[i]), pairs[i+1])
	}
	return form
}

// whole is a form that was filled in as far as it must be.
func whole(more ...string) url.Values {
	return sent(append([]string{"name", "Sam", "safe", "Yes", "agree", "yes", "sign", "Sam Okoro"}, more...)...)
}

func saysOf(problems []fault.Field) string {
	var says []string
	for _, p := range problems {
		says = append(says, p.Name+": "+p.Say)
	}
	return strings.Join(says, "\n")
}

func mustRead(t *testing.T, form url.Values) questions.Answers {
	t.Helper()
	answers, problems := questions.Read(mixed(), form)
	if problems != nil {
		t.Fatal(saysOf(problems))
	}
	return answers
}

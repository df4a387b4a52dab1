package questions_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"kintsugi/internal/questions"
)

func TestATextChangedByOneByteNoLongerVerifies(t *testing.T) {
	text := mixed().Questions[12].Text
	hash := questions.TextHash(text)
	if !questions.Verifies(text, hash) {
		t.Fatal("the very words do not verify")
	}
	for i := range text {
		changed := []byte(text)
		changed[i] ^= 1
		if questions.Verifies(string(changed), hash) {
			t.Errorf("verifies with byte %d changed", i)
		}
	}
	for _, other := range []string{text + " ", text + "\n", text[1:], ""} {
		if questions.Verifies(other, hash) {
			t.Errorf("%q verifies", other)
		}
	}
}

func TestConsentsAndSignaturesAreListedWithTheirExactWords(t *testing.T) {
	got := questions.SignedIn(mixed(), mustRead(t, whole()))
	d := mixed().Questions
	want := []questions.Signed{
		{Key: "agree", Text: d[12].Text, Hash: questions.TextHash(d[12].Text)},
		{Key: "sign", Text: d[13].Text, Hash: questions.TextHash(d[13].Text), Name: "Sam Okoro"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if got := questions.SignedIn(mixed(), questions.Answers{"name": {"Sam"}}); got != nil {
		t.Errorf("nothing was signed: %+v", got)
	}
}

// The hash must outlive the program that took it: what is stored today is
// verified by later versions.
func TestTheHashesStayWhatTheyAre(t *testing.T) {
	d := questions.Definition{Questions: []questions.Question{{Key: "goal", Label: "What <b>now</b>?", Kind: questions.LongText, Required: true}}}
	if got := questions.Hash(d); got != "94fe76da191274015e467b54c3228caee60740b4910d15a885e70e02fd219f26" {
		t.Errorf("the hash of a definition is %s", got)
	}
	if got := questions.TextHash("I agree.\n"); got != "3515a1479c8368ca3b5228b7558b6c52d0fe218087f67367198214eff9c0b3e5" {
		t.Errorf("the hash of a text is %s", got)
	}
	text, err := json.Marshal(mixed())
	if err != nil {
		t.Fatal(err)
	}
	var back questions.Definition
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, mixed()) || questions.Hash(back) != questions.Hash(mixed()) {
		t.Errorf("%v\n%+v", err, back)
	}
}

package desk_test

import (
	"strings"
	"testing"

	"kintsugi/internal/browsertest"
	"kintsugi/internal/questions"
)

func TestFormsHurtNobody(t *testing.T) {
	t.Parallel()
	o := newAsking(t)
	for _, ready := range []string{"before-we-start", "feeling-safe", "working-together", "your-own-view", "how-the-week-was"} {
		o.post("/desk/forms", pairs("op", ready, "from", ready)).is(303)
	}
	o.post("/desk/forms/intake/questions/reach/move", pairs("act", "up", "revision", "0")).is(303)
	base := o.served()
	for name, options := range map[string][]browsertest.Option{
		"a phone in the dark": {browsertest.Phone(), browsertest.Dark()}, "a desk at 200 %, scripts off": {browsertest.Size(640, 400), browsertest.ScriptsOff()},
	} {
		tab := browsertest.New(t, options...)
		for _, path := range []string{"", "/new", "/intake", "/intake/add?type=scale", "/intake/add?type=consent", "/intake/questions/reach", "/intake/scores/ease", "/intake/versions",
			"/feeling-safe", "/feeling-safe/preview", "/agreement-to-work-together/preview", "/how-the-week-was/preview", "/before-we-start/preview", "/your-own-view/preview"} {
			tab.Open(base + "/desk/forms" + path)
			for _, found := range append(append(tab.TooWide(), tab.Axe()...), tab.Troubles()...) {
				t.Errorf("/desk/forms%s on %s: %s", path, name, found)
			}
		}
		tab.Open(base + "/desk/forms/agreement-to-work-together/preview")
		tab.Click("main form .act")
		tab.WaitText(".problems", "Please look at")
		for _, found := range append(tab.TooWide(), tab.Axe()...) {
			t.Errorf("a refused form on %s: %s", name, found)
		}
	}
}

func TestAFormIsWrittenWithoutScripts(t *testing.T) {
	t.Parallel()
	o := newAsking(t)
	tab := browsertest.New(t, browsertest.ScriptsOff(), browsertest.Phone())
	base := o.served()
	tab.Open(base + "/desk/forms/new")
	tab.Type("#name", "After a year")
	tab.Click("section[aria-labelledby=empty] button")
	tab.WaitText("h1", "After a year")
	tab.Open(base + "/desk/forms/after-a-year/add?type=yes_no")
	tab.Type("#label", "Are you still together?")
	tab.Click("main form .act")
	tab.WaitText(".notice", "Saved in the draft.")
	tab.Open(base + "/desk/forms/after-a-year/add")
	tab.Type("#label", "What helped?")
	tab.Type("#max", "many")
	tab.Click("main form .act")
	tab.WaitText(".problems", "Write a whole number")
	tab.Type("#max", "300")
	tab.Press("Enter") // saves, though other buttons stand above
	tab.WaitText(".notice", "Saved in the draft.")
	tab.Click("section[aria-labelledby=questions] li:last-child button[value=up]")
	tab.WaitText("li:first-child .desk-question", "What helped?")
	tab.Click(".desk-acts .act")
	tab.WaitText(".notice", "In use from now on.")
	tab.Click(".desk-acts a")
	tab.WaitText(".form-reads", "Only you and your coach")
	tab.Type("#q-what_helped", "Walking")
	tab.Click("main form .act")
	tab.WaitText("#result", "Walking")
}

// With scripts a question appears once it is asked, and only then; without them
// it says when it is meant. The words typed in it are not lost on the way.
func TestWhatIsNotAskedIsNotShown(t *testing.T) {
	t.Parallel()
	o := newAsking(t)
	base := o.served()
	shown := func(tab *browsertest.Tab, key string) bool {
		return browsertest.Eval[bool](tab, `document.querySelector('[data-question="`+questions.Input(key)+`"]').checkVisibility()`)
	}
	tab := browsertest.New(t)
	tab.Open(base + "/desk/forms/intake/preview")
	if shown(tab, "reach") {
		t.Error("shown before it is asked")
	}
	tab.Click(`input[name="q-safe"][value="No"]`)
	if !shown(tab, "reach") || browsertest.Eval[bool](tab, `document.querySelector('.question-when').checkVisibility()`) {
		t.Error("not shown when it is asked, or with words that say when")
	}
	tab.Type("#q-reach", "After nine")
	tab.Click(`input[name="q-safe"][value="Yes"]`)
	if shown(tab, "reach") {
		t.Error("still shown")
	}
	tab.Click(`input[name="q-safe"][value="No"]`)
	tab.Click("main form .act")
	tab.WaitText(".problems", "Please choose an answer.")
	if !shown(tab, "reach") || browsertest.Eval[string](tab, `document.getElementById('q-reach').value`) != "After nine" {
		t.Error("what was typed is gone")
	}
	plain := browsertest.New(t, browsertest.ScriptsOff())
	plain.Open(base + "/desk/forms/intake/preview")
	if said := strings.Join(plain.Texts(".question-when"), " "); !strings.Contains(said, "Answer this only if you chose “No”") {
		t.Errorf("says %q", said)
	}
}

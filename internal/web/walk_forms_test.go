package web_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/browsertest"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
)

// screens, when set, is where pictures of the pages are put to be looked at.
var screens = os.Getenv("KINTSUGI_TEST_SCREENS")

// looks checks a page of somebody who is signed in as a machine can.
func looks(t *testing.T, tab *browsertest.Tab, name string) {
	t.Helper()
	for _, found := range tab.Axe() {
		t.Errorf("%s: %s", name, found)
	}
	if wide := tab.TooWide(); len(wide) > 0 {
		t.Errorf("%s is too wide: %v", name, wide)
	}
	if screens != "" {
		tab.Screenshot(screens + "/" + strings.ReplaceAll(name, " ", "-") + ".png")
	}
}

// The whole way of a form: both partners on devices of their own, and their
// coach.
func TestAFormFromBeingSentToBeingReviewed(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]browsertest.Option{
		"scripts on":         {browsertest.Timezone("Europe/London")},
		"scripts off":        {browsertest.ScriptsOff()},
		"phone":              {browsertest.Phone(), browsertest.Dark(), browsertest.Timezone("Europe/London")},
		"phone, scripts off": {browsertest.Phone(), browsertest.ScriptsOff()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPair(t)
			off := strings.Contains(name, "scripts off")
			coach := p.tab(t, p.coach("noor").ID, options...)
			at := p.base + "/desk/engagements/" + string(p.work) + "/forms"
			coach.Open(at)
			looks(t, coach, name+" desk-empty")
			coach.Click(`input[name="form"][value="before"]`)
			coach.Click(`main form button.act`)
			coach.WaitText(".problems", "Choose whom")
			looks(t, coach, name+" desk-refused")
			for _, who := range []string{string(p.alex), string(p.sam)} {
				coach.Click(`input[name="to"][value="` + who + `"]`)
			}
			coach.Click(`main form button.act`)
			coach.WaitText(".notice", "Sent.")
			coach.Click(`input[name="form"][value="together"]`)
			coach.Click(`main form button.act`)
			coach.WaitText("#joint", "Asked of both")
			looks(t, coach, name+" desk-sent")

			for i, client := range []people.ID{p.alex, p.sam} {
				who := []string{"Alex", "Sam"}[i]
				tab := p.tab(t, client, options...)
				tab.Open(p.base + "/portal/forms")
				tab.WaitText("#waiting", "Waiting for you")
				looks(t, tab, name+" forms")
				if title := tab.Title(); title != "Common Ground" {
					t.Errorf("the tab says %q", title)
				}
				var id string
				p.must(pgtest.Owner(t).Get(p.ctx, &id, `select id from sheet where person_id = $1 and round_id is null`, client))
				tab.Click(`a[href$="` + id + `"]`)
				tab.WaitText("h1", "Before we start")
				tab.WaitText("#who", "Until you send it, nobody but you can read it.")
				if off != strings.Contains(tab.Text("main"), "Answer this only if") {
					t.Errorf("what is asked under a condition: %q", tab.Text("main"))
				}
				tab.Click(`#q-children input[value="yes"]`)
				tab.Click(`button[value="send"]`)
				tab.WaitText(".problems", "Please look at")
				tab.Wait("#q-goal-problem")
				tab.Wait("#q-many-problem")
				looks(t, tab, name+" form-refused")
				tab.Click(`.problems a[href="#q-goal"]`)
				tab.Type("#q-goal", who+" wants to be heard.")
				tab.Click(fmt.Sprintf(`#q-close .scale-step:nth-of-type(%d)`, 2+2*i))
				tab.Click(`#q-children input[value="no"]`)
				if off {
					tab.Click(`button[value="save"]`)
					tab.WaitText(".notice", "Saved for you alone")
				} else {
					tab.WaitText("[data-saved]", "Saved for you alone")
					if tab.Has("#q-many:not([hidden] *)") && browsertest.Eval[bool](tab, `!document.querySelector("[data-question='q-many']").hidden`) {
						t.Error("what is not asked any more still stands there")
					}
				}
				tab.Open(p.base + "/portal/forms/" + id)
				if got := tab.Value("#q-goal"); got != who+" wants to be heard." {
					t.Errorf("opened again: %q", got)
				}
				looks(t, tab, name+" form")
				tab.Click(`#q-agree input`)
				tab.Type("#q-sign", who+" Stone")
				tab.Click(`button[value="send"]`)
				tab.WaitText(".notice", "Sent.")
				tab.WaitText(".answers", who+" wants to be heard.")
				looks(t, tab, name+" sent")
				tab.Click(`a[href$="/change"]`)
				tab.WaitText(".notice", "This changes what you sent")
				tab.Type("#q-goal", who+" wants to hear.")
				tab.Type("#q-sign", who+" Stone")
				tab.Click(`button[value="send"]`)
				tab.WaitText(".notice", "The change was sent")
				looks(t, tab, name+" changed")
			}
			coach.Open(at)
			coach.WaitText("main", "Answered, changed")
			coach.Click(`section.desk-part:nth-of-type(2) ul.stanza a`)
			coach.WaitText("#changed", "What changed")
			coach.WaitText(".scores", "The answers speak of")
			looks(t, coach, name+" review")
		})
	}
}

// A session ended while somebody wrote on, and nothing of it was lost.
func TestWhatIsTypedIsSavedByItselfAlsoAfterSigningInAgain(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	id := p.send("before", p.alex)[p.alex]
	tab := p.tab(t, p.alex)
	tab.Open(p.base + "/portal/forms/" + string(id))
	tab.Type("#q-goal", "The first sentence.")
	tab.WaitText("[data-saved]", "Saved for you alone")
	p.exec(`delete from session where person_id = $1`, p.alex)
	tab.Type("#q-goal", "The first sentence. The second.")
	tab.WaitText("[data-saved]", "You were signed out")
	looks(t, tab, "signed out while typing")
	if stored := browsertest.Eval[int](tab, `localStorage.length + sessionStorage.length`); stored != 0 {
		t.Errorf("%d things are kept in the browser", stored)
	}
	browsertest.Eval[string](tab, `document.cookie = "kintsugi=`+p.signedIn(p.alex)+`; path=/"`)
	tab.WaitText("[data-saved]", "Saved for you alone")
	if page := p.as(p.alex).get("/portal/forms/" + string(id)).shows(200); !strings.Contains(page.body, "The first sentence. The second.") {
		t.Errorf("%s", page.page().words())
	}
	// The button does it too, without waiting.
	tab.Type("#q-goal", "The first sentence. The second. The third.")
	p.exec(`delete from session where person_id = $1`, p.alex)
	tab.Click(`button[value="send"]`)
	tab.WaitText("h1", "You were signed out")
	looks(t, tab, "held")
	if text := tab.Text("main"); strings.Contains(text, "sentence") {
		t.Errorf("shows %q", text)
	}
	browsertest.Eval[string](tab, `document.cookie = "kintsugi=`+p.signedIn(p.alex)+`; path=/"`)
	tab.Click("main button.act")
	tab.WaitText(".answers", "The first sentence. The second. The third.")
}

func TestTwoTabsFillInEachOther(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	id := p.send("before", p.alex)[p.alex]
	one, two := p.tab(t, p.alex), p.tab(t, p.alex)
	for _, tab := range []*browsertest.Tab{one, two} {
		tab.Open(p.base + "/portal/forms/" + string(id))
	}
	one.Type("#q-goal", "From the first tab.")
	one.Click(`#q-who input[value="Family"]`)
	one.WaitText("[data-saved]", "Saved for you alone")
	two.Click(`#q-close .scale-step:nth-of-type(4)`)
	two.WaitText("[data-saved]", "Saved for you alone")
	if got := two.Value("#q-goal"); got != "From the first tab." {
		t.Errorf("the second tab shows %q", got)
	}
	if !browsertest.Eval[bool](two, `document.querySelector('#q-who input[value="Family"]').checked`) {
		t.Error("the second tab shows no tick")
	}
	// Both in one question.
	two.Type("#q-goal", "From the second tab.")
	two.WaitText("[data-saved]", "Saved for you alone")
	time.Sleep(100 * time.Millisecond)
	one.Type("#q-goal", "From the first tab, and more.")
	one.WaitText("[data-saved]", "both are kept")
	one.Click("[data-saved] a")
	one.WaitText("#asides", "Two texts for one question")
	one.WaitText(".form-asides", "From the second tab.")
	looks(t, one, "two texts")
	one.Click(".form-asides button")
	if got := one.Value("#q-goal"); got != "From the first tab, and more." {
		t.Errorf("%q", got)
	}
}

// By the keyboard alone, to the end.
func TestAFormIsFilledInWithTheKeyboardAlone(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	id := p.send("safety", p.alex)[p.alex]
	tab := p.tab(t, p.alex, browsertest.ScriptsOff())
	tab.Open(p.base + "/portal/forms/" + string(id))
	reach := func(selector string) {
		t.Helper()
		for range 60 {
			if tab.HasFocus(selector) {
				return
			}
			tab.Press("Tab")
		}
		t.Fatalf("%s is not reached", selector)
	}
	reach("#q-goal")
	tab.Press("I", "Space", "a", "m", "Space", "s", "a", "f", "e")
	reach(`#q-close input`)
	tab.Press("Space")
	reach(`button[value="send"]`)
	tab.Press("Enter")
	tab.WaitText(".answers", "I am safe")
}

// The form was changed while somebody had it open, and what they see says so.
func TestAFormThatWasChangedMeanwhileSaysSo(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	id := p.send("before", p.alex)[p.alex]
	p.must(p.db.InTx(p.ctx, func(tx *pg.Tx) error {
		f, err := practice.FindForm(p.ctx, tx, "before")
		if err != nil {
			return err
		}
		f.Name = "Before we start, again"
		return practice.SaveForm(p.ctx, tx, f, "", p.now())
	}))
	words := p.as(p.alex).get("/portal/forms/" + string(id)).shows(200).page().words()
	if !strings.Contains(words, "has changed this form since") || strings.Contains(words, "again") {
		t.Errorf("%s", words)
	}
	if words := p.as(p.coach("noor").ID).get("/desk/engagements/" + string(p.work) + "/forms").shows(200).page().words(); !strings.Contains(words, "they answer it as it was sent") {
		t.Errorf("%s", words)
	}
}

// The session is over by the time the page goes, so what was typed a moment ago was
// refused at the door.
func TestWhoeverFillsInAFormLeavesQuicklyAndFindsTheirWords(t *testing.T) {
	p := newPair(t)
	id := p.send("before", p.alex)[p.alex]
	tab := browsertest.New(t) // it leaves for elsewhere
	tab.Open(p.base + "/robots.txt")
	browsertest.Eval[string](tab, `document.cookie = "kintsugi=`+p.signedIn(p.alex)+`;path=/"`)
	tab.Open(p.base + "/portal/forms/" + string(id))
	tab.Type("#q-goal", "Typed a moment ago.")
	tab.Press("Shift", "Shift", "Shift")
	for range 60 {
		if left(tab) {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if !left(tab) {
		t.Fatal("the way out is shut")
	}
	if body := p.as(p.alex).get("/portal/forms/" + string(id)).shows(200).body; !strings.Contains(body, "Typed a moment ago.") {
		t.Error("what was typed is lost")
	}
}

package web_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/browsertest"
	"kintsugi/internal/engagement"
	"kintsugi/internal/note"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
)

// carry lets somebody be signed in in a tab.
func (h *writers) carry(tab *browsertest.Tab, who people.ID) {
	tab.Open(h.base + "/robots.txt")
	browsertest.Eval[string](tab, `document.cookie = "kintsugi=`+h.signedIn(who)+`;path=/"`)
}

// The way of a note from its first word to the partner who reads it, by the
// pages' own links and buttons, as the coach, as Ana and as Ben.
func TestTheCoachAndBothClientsWalkThroughTheirNotes(t *testing.T) {
	t.Parallel()
	shots := os.Getenv("KINTSUGI_SHOTS")
	for name, options := range map[string][]browsertest.Option{
		"phone-dark": {browsertest.Phone(), browsertest.Dark(), browsertest.StillPages()},
		"desk-light": {browsertest.Size(1280, 900), browsertest.ScriptsOff(), browsertest.StillPages()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newWriters(t)
			n := 0
			walk := func(who people.ID) (tab *browsertest.Tab, here func(string)) {
				tab = h.visitor(t, options...)
				h.carry(tab, who)
				return tab, func(heading string) {
					t.Helper()
					tab.WaitText("h1", heading)
					for _, found := range append(tab.Axe(), tab.TooWide()...) {
						t.Errorf("%s: %s", heading, found)
					}
					if n++; shots != "" {
						tab.Screenshot(filepath.Join(shots, fmt.Sprintf("notes-%s-%02d.png", name, n)))
					}
				}
			}
			tab, here := walk(h.noor)
			tab.Open(h.base + "/desk/engagements/" + string(h.id) + "/notes")
			here("Notes")
			tab.Click("#main a[href$='/notes/new']")
			here("note")
			tab.Click("label:has(.lane-joint)")
			tab.Click("#main form button.act")
			here("Write")
			tab.Type("#title", "After the third call")
			tab.Type("#body", "## What we agreed\n\nTea on Sundays, and **nobody** brings a phone.")
			tab.Click("button[value=share]")
			here("Share with Ana and Ben")
			tab.Click("#main form button.act")
			here("After the third call")
			tab.Click("#main a[href$='/lock']")
			here("Lock and sign")
			tab.Type("#name", "Noor Haddad")
			tab.Click("#main form button.act")
			here("After the third call")
			tab.WaitText("#main", "Signed by Noor Haddad")
			tab.Type("#text", "The kettle is at Ben’s.")
			tab.Click("form[action$='/add'] button")
			tab.WaitText(".pad-added", "The kettle")
			here("After the third call")

			ben, here := walk(h.ben)
			ben.Open(h.base + "/portal/notes")
			here("Notes")
			ben.WaitText(".pad-new", "New")
			ben.Click(".pad-list a")
			here("After the third call")
			ben.WaitText(".pad-added", "The kettle")
			ben.Open(h.base + "/portal/notes")
			if ben.Has(".pad-new") {
				t.Error("what was read is still new")
			}

			ana, here := walk(h.ana)
			ana.Open(h.base + "/portal/notes/write")
			here("Write something")
			ana.Click("#main form button.act") // for herself alone
			here("Write")
			ana.Type("#body", "What I did not say in the call.")
			ana.Click("#main form button.act")
			here("What I did not say")
			ana.Click("#main a[href$='/copy']")
			here("A copy for somebody")
			ana.Click("label:has(.lane-individual)")
			ana.Click("#main form button.act")
			here("What I did not say")
			ben.Open(h.base + "/portal/notes")
			if strings.Contains(ben.Text("body"), "did not say") {
				t.Error("the partner reads it")
			}
			tab.Open(h.base + "/desk/engagements/" + string(h.id) + "/notes")
			tab.WaitText(".pad-list", "What I did not say")
		})
	}
}

// The page saves by itself, says what it could not save, keeps the words, and two
// tabs on one note keep the words of both.
func TestTheWritingPageSavesByItselfAndLosesNothing(t *testing.T) {
	t.Parallel()
	h := newWriters(t)
	id, err := h.notes.Begin(h.ctx, h.noor, h.lane(h.noor, engagement.CoachLane, "").ID, "", note.Words{Body: "Begun."}, once.Key{})
	h.must(err)
	said := func() string {
		p, err := h.notes.Read(h.ctx, h.noor, id)
		h.must(err)
		return p.Words.Body
	}
	first, second := h.visitor(t), h.visitor(t)
	for _, tab := range []*browsertest.Tab{first, second} {
		h.carry(tab, h.noor)
		tab.Open(h.base + h.at(id) + "/edit")
		tab.WaitText("h1", "Write")
	}
	first.Type("#body", "The first tab writes.")
	first.WaitText("[data-state]", "Saved 08")
	if got := said(); got != "The first tab writes." {
		t.Errorf("saved %q", got)
	}

	// The session ends; the words stay in the page and nowhere else.
	h.exec(`delete from session where person_id = $1`, h.noor)
	first.Type("#body", "The first tab goes on.")
	first.WaitText("[data-state]", "signed out")
	if browsertest.Eval[int](first, `localStorage.length + sessionStorage.length`) != 0 {
		t.Error("the device keeps words")
	}
	first.Click("#main form button.act")
	first.WaitText("h1", "signed out")
	browsertest.Eval[string](first, `document.cookie = "kintsugi=`+h.signedIn(h.noor)+`;path=/"`)
	first.Click("#main form button.act")
	first.WaitText("#main", "The first tab goes on.")
	if got := said(); got != "The first tab goes on." {
		t.Errorf("after signing in again: %q", got)
	}

	// The second tab was open all the while.
	browsertest.Eval[string](second, `document.cookie = "kintsugi=`+h.signedIn(h.noor)+`;path=/"`)
	second.Type("#body", "The second tab writes.")
	second.WaitText("[data-state]", "beside")
	second.Type("#body", "The second tab writes. And on.")
	second.WaitText("[data-state]", "beside")
	second.Click("#main form button.act")
	second.WaitText("#beside", "The second tab writes. And on.")
	if got := second.Value("#body"); got != "The first tab goes on." || len(second.Texts("#beside .sheet")) != 1 {
		t.Errorf("%q beside %q", got, second.Texts("#beside .sheet"))
	}
	second.Type("#body", "The first tab goes on. The second tab writes. And on.")
	second.Click("#main .pad-form button.act")
	second.WaitText("#main", "The first tab goes on. The second tab writes. And on.")
	h.calm(t, first)
	h.calm(t, second)
}

// Somebody was writing when the door opened. The way out asked whether they were
// sure, because there were words that were not saved yet.
func TestWhoeverIsWritingLeavesQuicklyWithoutBeingAsked(t *testing.T) {
	h := newWriters(t)
	id, err := h.notes.Begin(h.ctx, h.ana, h.lane(h.ana, engagement.IndividualLane, h.ana).ID, "", note.Words{Body: "Begun."}, once.Key{})
	h.must(err)
	for nth, leave := range []func(*browsertest.Tab){
		func(tab *browsertest.Tab) { tab.Click("a.exit") },
		func(tab *browsertest.Tab) {
			for range 3 {
				tab.Press("Shift")
			}
		},
	} {
		tab := browsertest.New(t) // it leaves for elsewhere
		h.carry(tab, h.ana)
		tab.Open(h.base + "/portal/notes/" + string(id) + "/edit")
		tab.WaitText("h1", "Write")
		words := fmt.Sprintf("Words of a moment ago, %d.", nth)
		tab.Type("#body", words)
		leave(tab)
		gone := false
		for range 50 {
			if gone = left(tab); gone {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		if !gone {
			t.Fatal("the way out is shut")
		}
		said := ""
		for range 50 {
			p, err := h.notes.Read(h.ctx, h.ana, id)
			h.must(err)
			if said = p.Words.Body; said == words {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		if said != words {
			t.Errorf("what was typed is lost: %q", said)
		}
	}
}

package browsertest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Open goes to an address and waits until the page has loaded. An address that
// cannot be reached fails the test; a page with an error status does not.
func (tab *Tab) Open(address string) {
	tab.t.Helper()
	tab.do("open "+address, chromedp.Navigate(address))
	tab.settle("open " + address)
}

// Back does what the browser's Back button does.
func (tab *Tab) Back() {
	tab.t.Helper()
	tab.do("go back", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		history, err := cdp.Call(ctx, target, page.GetNavigationHistory, cdp.Empty{})
		if err != nil {
			return err
		}
		if history.CurrentIndex == 0 {
			return fmt.Errorf("there is no page before this one")
		}
		// A page that comes out of the browser's memory fires no load event, so
		// this waits for quiet and not for the event.
		_, err = cdp.Call(ctx, target, page.NavigateToHistoryEntry,
			page.NavigateToHistoryEntryParams{EntryID: history.Entries[history.CurrentIndex-1].ID})
		return err
	}))
	tab.settle("go back")
}

// Reload loads the page again.
func (tab *Tab) Reload() {
	tab.t.Helper()
	tab.do("reload", chromedp.Reload())
	tab.settle("reload")
}

// Click waits until the first element that matches can be seen, clicks it in
// the middle, and waits for the page that this may load. It fails when another
// element lies over it, as it would for a person.
func (tab *Tab) Click(selector string) {
	tab.t.Helper()
	act := "click " + selector
	tab.wait(act, fmt.Sprintf(`%s.visible(%s)`, eyes, quoted(selector)))
	at := Eval[struct{ X, Y float64 }](tab, fmt.Sprintf(`%s.middle(%s)`, eyes, quoted(selector)))
	if over := Eval[string](tab, fmt.Sprintf(`%s.over(%s)`, eyes, quoted(selector))); over != "" {
		tab.t.Fatalf("%s: %s lies over it", act, over)
	}
	tab.do(act, chromedp.MouseClickXY(at.X, at.Y))
	tab.settle(act)
}

// Type replaces what stands in a field with text, key by key.
func (tab *Tab) Type(selector, text string) {
	tab.t.Helper()
	act := "type into " + selector
	tab.wait(act, fmt.Sprintf(`%s.visible(%s)`, eyes, quoted(selector)))
	Eval[chromedp.Void](tab, fmt.Sprintf(`%s.grasp(%s)`, eyes, quoted(selector)))
	if text == "" {
		tab.do(act, chromedp.KeyEvent(kb.Delete))
		return
	}
	tab.do(act, chromedp.KeyEvent(text))
}

// Choose picks the option of a select element with this value.
func (tab *Tab) Choose(selector, value string) {
	tab.t.Helper()
	act := fmt.Sprintf("choose %q in %s", value, selector)
	tab.wait(act, fmt.Sprintf(`%s.visible(%s)`, eyes, quoted(selector)))
	if !Eval[bool](tab, fmt.Sprintf(`%s.choose(%s, %s)`, eyes, quoted(selector), quoted(value))) {
		tab.t.Fatalf("%s: there is no such option", act)
	}
	tab.settle(act)
}

// Press presses keys one after the other, wherever the focus is: "Tab",
// "Shift+Tab", "Enter", "Space", "Escape", "ArrowDown", "Shift", or text.
func (tab *Tab) Press(keys ...string) {
	tab.t.Helper()
	for _, key := range keys {
		tab.do("press "+key, press(key))
		tab.settle("press " + key)
	}
}

func press(key string) chromedp.Action[chromedp.Void] {
	var modifiers []chromedp.KeyOption
	if plain, shifted := strings.CutPrefix(key, "Shift+"); shifted {
		key, modifiers = plain, append(modifiers, chromedp.KeyModifiers(chromedp.ModifierShift))
	}
	named := map[string]string{
		"Tab": kb.Tab, "Enter": kb.Enter, "Space": " ", "Escape": kb.Escape, "Shift": kb.Shift,
		"ArrowUp": kb.ArrowUp, "ArrowDown": kb.ArrowDown, "ArrowLeft": kb.ArrowLeft, "ArrowRight": kb.ArrowRight,
		"Home": kb.Home, "End": kb.End, "Backspace": kb.Backspace, "Delete": kb.Delete,
	}
	if code, ok := named[key]; ok {
		key = code
	}
	return chromedp.KeyEvent(key, modifiers...)
}

// quiet is how long nothing must have moved before a page counts as still. A
// click is answered by the page before the browser reports it done, so what
// follows from it starts well within this time.
const quiet = 120 * time.Millisecond

// settle waits until no page is being loaded and none has been for a moment. On
// a busy machine a moment is longer: as much as the page takes to answer.
func (tab *Tab) settle(act string) {
	tab.t.Helper()
	began := time.Now()
	tab.nudge()
	since := time.Now()
	still := quiet + 3*since.Sub(began)
	for deadline := since.Add(patience); ; time.Sleep(5 * time.Millisecond) {
		tab.mu.Lock()
		loading, moved := tab.heard.loading, tab.heard.moved
		tab.mu.Unlock()
		if moved.Before(since) {
			moved = since
		}
		if !loading && time.Since(moved) > still {
			return
		}
		if time.Now().After(deadline) {
			tab.t.Fatalf("%s: the page is still loading after %s", act, patience)
		}
	}
}

// nudge asks the page for nothing and waits for the answer. A page that goes
// away meanwhile does not answer, and has moved.
func (tab *Tab) nudge() {
	ctx, cancel := context.WithTimeout(tab.ctx, time.Second)
	defer cancel()
	_ = chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](`undefined`))
}

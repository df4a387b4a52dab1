package browsertest

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

// eyes is an expression that gives the helpers in eyes.js. They are evaluated
// from outside, so they work with the page's scripts off and are not subject to
// its content security policy.
//
//go:embed eyes.js
var eyes string

// Title gives the title of the page.
func (tab *Tab) Title() string {
	tab.t.Helper()
	return Eval[string](tab, `document.title`)
}

// URL gives the address of the page.
func (tab *Tab) URL() string {
	tab.t.Helper()
	return Eval[string](tab, `document.location.href`)
}

// Text waits for the first element that matches and gives its text as it can be
// read on the page, with white space folded.
func (tab *Tab) Text(selector string) string {
	tab.t.Helper()
	tab.Wait(selector)
	return fold(Eval[string](tab, fmt.Sprintf(`document.querySelector(%s).innerText`, quoted(selector))))
}

// Texts gives the text of all elements that match now.
func (tab *Tab) Texts(selector string) []string {
	tab.t.Helper()
	texts := Eval[[]string](tab, fmt.Sprintf(`[...document.querySelectorAll(%s)].map(e => e.innerText)`, quoted(selector)))
	for i := range texts {
		texts[i] = fold(texts[i])
	}
	return texts
}

// Value gives what stands in a field.
func (tab *Tab) Value(selector string) string {
	tab.t.Helper()
	tab.Wait(selector)
	return Eval[string](tab, fmt.Sprintf(`document.querySelector(%s).value`, quoted(selector)))
}

// Attribute gives an attribute of the first element that matches, as it stands
// in the page; empty when it has none.
func (tab *Tab) Attribute(selector, name string) string {
	tab.t.Helper()
	tab.Wait(selector)
	return Eval[string](tab, fmt.Sprintf(`document.querySelector(%s).getAttribute(%s) ?? ""`, quoted(selector), quoted(name)))
}

// Has reports whether an element that matches can be seen now.
func (tab *Tab) Has(selector string) bool {
	tab.t.Helper()
	return Eval[bool](tab, fmt.Sprintf(`%s.visible(%s)`, eyes, quoted(selector)))
}

// Wait waits until an element that matches is there, seen or not.
func (tab *Tab) Wait(selector string) {
	tab.t.Helper()
	tab.wait("wait for "+selector, fmt.Sprintf(`document.querySelector(%s) !== null`, quoted(selector)))
}

// WaitText waits until the first element that matches holds these words.
func (tab *Tab) WaitText(selector, words string) {
	tab.t.Helper()
	tab.wait(fmt.Sprintf("wait for %q in %s", words, selector),
		fmt.Sprintf(`(document.querySelector(%s)?.innerText ?? "").replace(/\s+/g, " ").includes(%s)`, quoted(selector), quoted(words)))
}

// Focused says what has the focus: its tag and its name or words, such as
// `a "Leave this page"`; empty when nothing has.
func (tab *Tab) Focused() string {
	tab.t.Helper()
	return Eval[string](tab, eyes+`.focused()`)
}

// HasFocus reports whether an element that matches has the focus.
func (tab *Tab) HasFocus(selector string) bool {
	tab.t.Helper()
	return Eval[bool](tab, fmt.Sprintf(`document.activeElement?.matches(%s) ?? false`, quoted(selector)))
}

// TooWide names what sticks out of the window to the side, so that a person
// would have to scroll; empty when nothing does.
func (tab *Tab) TooWide() []string {
	tab.t.Helper()
	return Eval[[]string](tab, eyes+`.tooWide()`)
}

// Screenshot writes a picture of the whole page, as PNG.
func (tab *Tab) Screenshot(path string) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		tab.t.Fatalf("take a picture: %v", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		tab.t.Fatal(err)
	}
	if err := os.WriteFile(path, picture, 0o644); err != nil {
		tab.t.Fatal(err)
	}
}

// Eval gives the value of a script expression in the page.
func Eval[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		tab.t.Fatalf("evaluate %s: %v", strings.TrimPrefix(expression, eyes), err)
	}
	return value
}

// wait waits until an expression is true.
func (tab *Tab) wait(act, expression string) {
	tab.t.Helper()
	for deadline := time.Now().Add(patience); !Eval[bool](tab, expression); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			tab.t.Fatalf("%s: not so after %s, at %s (%s)", act, patience, tab.URL(), tab.Title())
		}
	}
}

// quoted writes a Go string as one of JavaScript's.
func quoted(text string) string {
	// A string always has a JSON form.
	form, _ := json.Marshal(text)
	return string(form)
}

// fold makes one line of text with single spaces.
func fold(text string) string { return strings.Join(strings.Fields(text), " ") }

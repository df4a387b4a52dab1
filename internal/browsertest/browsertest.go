// Package browsertest lends a test a tab of a real Chromium behind plain verbs:
// open, click, type, press, read. One Chromium serves a whole test binary; each
// tab has cookies, cache and storage of its own and ends with its test. Every
// verb waits for what it needs, has a deadline, and fails the test with a
// sentence when it cannot be done. The browser reaches this machine only, so a
// page that asks another host for something is seen and gets nothing.
//
// It knows chromedp, and nothing of the product.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// patience is how long one verb may take. It is generous, because a machine
// that also runs the race detector and a database can be slow.
const patience = 20 * time.Second

// Tab is one tab of the browser, alone with its cookies.
type Tab struct {
	t     testing.TB
	ctx   context.Context
	asked wishes

	mu    sync.Mutex // guards heard, which the browser's goroutine writes
	heard heard
}

// wishes are what the options ask for.
type wishes struct {
	scriptsOff    bool
	phone         bool
	width, height int64
	timezone      string
	media         []*emulation.MediaFeature
}

// Option changes what kind of visitor the tab belongs to.
type Option func(*wishes)

// ScriptsOff is a visitor whose browser runs no scripts.
func ScriptsOff() Option { return func(w *wishes) { w.scriptsOff = true } }

// Phone is a visitor with a narrow touch screen, 360 by 740.
func Phone() Option {
	return func(w *wishes) { w.phone, w.width, w.height = true, 360, 740 }
}

// Size is a visitor with a window of this many CSS pixels. Half a width stands
// for a page zoomed to 200 %.
func Size(width, height int64) Option {
	return func(w *wishes) { w.width, w.height = width, height }
}

// Dark is a visitor who prefers dark pages.
func Dark() Option { return preference("prefers-color-scheme", "dark") }

// StillPages is a visitor who prefers that nothing moves.
func StillPages() Option { return preference("prefers-reduced-motion", "reduce") }

// Timezone is a visitor whose computer stands in this zone, such as
// "Asia/Kolkata".
func Timezone(name string) Option { return func(w *wishes) { w.timezone = name } }

func preference(name, value string) Option {
	return func(w *wishes) {
		w.media = append(w.media, &emulation.MediaFeature{Name: name, Value: value})
	}
}

// New lends a tab that is closed with the test. Where there is no browser the
// test is skipped with a loud line, and fails when CI=true.
func New(t testing.TB, options ...Option) *Tab {
	t.Helper()
	if testing.Short() {
		t.Skip("a walk through a browser, left out with -short")
	}
	browser, err := chromium()
	if err != nil {
		lacking(t, fmt.Sprintf("no browser test: %v", err))
		t.SkipNow()
	}
	tab := &Tab{t: t, asked: wishes{width: 1280, height: 800}}
	for _, option := range options {
		option(&tab.asked)
	}
	ctx, closeTab := chromedp.NewContext(browser,
		chromedp.WithNewBrowserContext(), chromedp.WithListener(tab.hear))
	t.Cleanup(closeTab)
	tab.ctx = ctx
	// The tab lives as long as the context of its first act, so that act gets
	// the tab's own context and is timed from outside.
	if err := within(patience, func() error { return chromedp.Do(ctx) }); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	tab.do("make the tab as asked", chromedp.Func(tab.dress))
	return tab
}

// dress makes the tab as the options ask.
func (tab *Tab) dress(ctx context.Context, target *chromedp.Target) error {
	// Without this only the window in front has the focus, and keyboard tests
	// that run side by side take it from each other.
	if _, err := cdp.Call(ctx, target, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}); err != nil {
		return err
	}
	if err := tab.scripts(ctx, target, !tab.asked.scriptsOff); err != nil {
		return err
	}
	if zone := tab.asked.timezone; zone != "" {
		if _, err := cdp.Call(ctx, target, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: zone}); err != nil {
			return err
		}
	}
	if len(tab.asked.media) > 0 {
		if _, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: tab.asked.media}); err != nil {
			return err
		}
	}
	var phone []chromedp.EmulateViewportOption
	if tab.asked.phone {
		phone = append(phone, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait, chromedp.EmulateScale(2))
	}
	_, err := chromedp.EmulateViewport(tab.asked.width, tab.asked.height, phone...)(ctx, target)
	return err
}

// scripts lets the page run scripts, or forbids it. What this package itself
// evaluates runs either way.
func (tab *Tab) scripts(ctx context.Context, target *chromedp.Target, on bool) error {
	_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
	return err
}

// do runs steps in the tab with a deadline and fails the test where one fails.
func (tab *Tab) do(act string, steps ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		tab.t.Fatalf("%s: %v", act, err)
	}
}

// within gives up on work that has not ended after a while.
func within(limit time.Duration, work func() error) error {
	done := make(chan error, 1)
	go func() { done <- work() }()
	select {
	case err := <-done:
		return err
	case <-time.After(limit):
		return fmt.Errorf("nothing happened for %s", limit)
	}
}

// lacking says loudly what this machine lacks; on a machine that checks the
// project, that is a failure.
func lacking(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	fmt.Fprintf(os.Stderr, "\n!!!! %s: %s\n\n", t.Name(), strings.ToUpper(what[:1])+what[1:])
	t.Log(what)
}

package browsertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/chromedp"
)

// toolsVariable names the folder whose node_modules holds axe-core.
const toolsVariable = "KINTSUGI_TEST_TOOLS"

// Axe runs axe-core on the page as it stands and gives each serious or critical
// violation in words, with the elements it is about. Where axe-core is not
// installed it says so loudly and finds nothing, and fails when CI=true.
func (tab *Tab) Axe() []string {
	tab.t.Helper()
	source, err := axeSource()
	if err != nil {
		lacking(tab.t, fmt.Sprintf("no accessibility check: %v", err))
		return nil
	}
	if tab.asked.scriptsOff {
		// axe-core needs timers. The page itself has been loaded without
		// scripts and stays as it is.
		tab.do("let axe-core run", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			return tab.scripts(ctx, target, true)
		}))
		defer tab.do("forbid scripts again", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			return tab.scripts(ctx, target, false)
		}))
	}
	tab.do("load axe-core", chromedp.Evaluate[chromedp.Void](source+";undefined"))
	var found []string
	for _, violation := range Eval[[]violation](tab, axeRun) {
		if violation.Impact == "serious" || violation.Impact == "critical" {
			found = append(found, violation.String())
		}
	}
	return found
}

// axeRun keeps of axe-core's answer what a person wants to read. It waits until
// nothing fades or slides any more, for colours are measured. Style sheets and
// media are not fetched once more: only experimental rules and sounds need them.
const axeRun = `(async () => {
	await Promise.allSettled(document.getAnimations().filter(a => a.effect?.getComputedTiming().endTime < Infinity).map(a => a.finished));
	const found = await axe.run(document, {resultTypes: ["violations"], preload: false});
	return found.violations.map(v => ({
		Rule: v.id, Impact: v.impact ?? "", Help: v.help,
		Where: v.nodes.map(n => n.target.join(" ") + ": " + n.failureSummary.replace(/\s+/g, " "))}));
})()`

// violation is one rule that the page breaks.
type violation struct {
	Rule, Impact, Help string
	Where              []string
}

// String says it in words.
func (v violation) String() string {
	return fmt.Sprintf("%s (%s): %s\n\t%s", v.Help, v.Rule, v.Impact, strings.Join(v.Where, "\n\t"))
}

// axeSource reads axe-core from the folder of test tools.
func axeSource() (string, error) {
	folder := os.Getenv(toolsVariable)
	if folder == "" {
		return "", fmt.Errorf("%s is not set (npm install --prefix FOLDER axe-core, then %s=FOLDER)", toolsVariable, toolsVariable)
	}
	source, err := os.ReadFile(filepath.Join(folder, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		return "", fmt.Errorf("axe-core is not in %s (npm install --prefix %s axe-core): %w", folder, folder, err)
	}
	return string(source), nil
}

package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// chromium starts the one browser of this test binary at the first call. It is
// the only thing that outlives a test: starting one takes about a second.
var chromium = sync.OnceValues(start)

// Run runs a package's tests and then closes its browser; a package with
// browser tests calls it from TestMain. Without it the browser still ends with
// the test binary, and the next run sweeps its folder away.
func Run(m *testing.M) int {
	code := m.Run()
	end()
	return code
}

// start starts Chromium with a new profile.
func start() (context.Context, error) {
	program, err := find()
	if err != nil {
		return nil, err
	}
	sweep()
	profile, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", profilePrefix, os.Getpid()))
	if err != nil {
		return nil, err
	}
	allocator, _ := chromedp.NewExecAllocator(context.Background(), append(flags(),
		chromedp.ExecPath(program), chromedp.UserDataDir(profile))...)
	ctx, _ := chromedp.NewContext(allocator)
	if err := within(time.Minute, func() error { return chromedp.Do(ctx) }); err != nil {
		return nil, fmt.Errorf("%s does not start: %w", program, err)
	}
	return ctx, nil
}

// flags are the ones under which Chromium was found to be quiet, the same every
// time, and cheap: without them it keeps a spare process ready beside every page
// and a third more of the machine busy. The resolver rule keeps it on this
// machine.
func flags() []chromedp.ExecAllocatorOption {
	var flags []chromedp.ExecAllocatorOption
	for _, name := range []string{
		"headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run",
		"disable-background-networking", "disable-component-update", "disable-sync",
		"no-default-browser-check", "no-proxy-server", "disable-dev-shm-usage",
		"disable-background-timer-throttling", "disable-renderer-backgrounding",
		"disable-backgrounding-occluded-windows", "hide-scrollbars",
		"disable-extensions", "disable-breakpad", "disable-component-extensions-with-background-pages", "in-process-gpu",
	} {
		flags = append(flags, chromedp.Flag(name, true))
	}
	return append(flags,
		chromedp.Flag("lang", "en-GB"),
		chromedp.Flag("disable-features", "SpareRendererForSitePerProcess,Translate,MediaRouter,OptimizationHints"),
		chromedp.Flag("force-color-profile", "srgb"),
		chromedp.Flag("host-resolver-rules",
			"MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]"),
	)
}

// find finds a Chromium on this machine.
func find() (string, error) {
	for _, name := range []string{
		"chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
		"/Applications/Chromium.app/Contents/MacOS/Chromium",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("there is no Chromium on this machine (on Debian: apt-get install chromium)")
}

// profilePrefix is followed by the number of the process the profile belongs to.
const profilePrefix = "kintsugi-browser-"

// profiles lists the profiles that test binaries have left, with their process.
func profiles() map[string]int {
	// The pattern is fixed, so the only error there is cannot happen.
	folders, _ := filepath.Glob(filepath.Join(os.TempDir(), profilePrefix+"*"))
	owners := map[string]int{}
	for _, folder := range folders {
		number, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(folder), profilePrefix), "-")
		if pid, err := strconv.Atoi(number); err == nil {
			owners[folder] = pid
		}
	}
	return owners
}

// sweep removes the profiles of test binaries that have ended. What cannot be
// removed now is swept by the next run.
func sweep() {
	for folder, pid := range profiles() {
		if !alive(pid) {
			_ = os.RemoveAll(folder)
		}
	}
}

// end closes this binary's browser, if it was ever started, and removes its
// profile. A browser that does not close in time is killed when we end.
func end() {
	for folder, pid := range profiles() {
		if pid != os.Getpid() {
			continue
		}
		if ctx, err := chromium(); err == nil {
			limited, cancel := context.WithTimeout(ctx, 10*time.Second)
			_ = chromedp.Cancel(limited)
			cancel()
		}
		_ = os.RemoveAll(folder)
	}
}

// alive reports whether a process with this number runs.
func alive(pid int) bool {
	process, err := os.FindProcess(pid)
	return err == nil && process.Signal(syscall.Signal(0)) == nil
}

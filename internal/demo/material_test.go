package demo_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/setup"
	"kintsugi/internal/slot"
)

// A visitor who comes on any day of the year finds a time in the days to come,
// or the demo shows an empty page.
func TestTheDemoPracticeAlwaysHasTimesInTheNextDays(t *testing.T) {
	file := practice(t)
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"meet-and-greet", "quiet-call"} {
		for day := range 400 {
			now := time.Date(2026, 9, 1, 18, 30, 0, 0, time.UTC).AddDate(0, 0, day)
			from := slot.DateOf(now.In(london))
			answer, err := setup.Slots(file, setup.SlotsQuery{Type: kind, From: from, To: from.AddDays(4), Zone: london, Now: now})
			if err != nil {
				t.Fatal(err)
			}
			if len(answer.Slots) == 0 {
				t.Errorf("%s: nothing in the four days from %s", kind, from)
			}
		}
	}
}

// Whoever tries the demo must not write to a real person.
func TestNoAddressInTheDemoPracticeBelongsToAnybody(t *testing.T) {
	text, err := os.ReadFile("practice.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range regexp.MustCompile(`[\w.]+@[\w.]+|https?://[\w.]+`).FindAllString(string(text), -1) {
		if !strings.HasSuffix(address, "@example.org") && !strings.HasSuffix(address, "//meet.example.org") {
			t.Errorf("%s is not an address that nobody can own", address)
		}
	}
}

func practice(t *testing.T) *setup.File {
	t.Helper()
	text, err := os.ReadFile("practice.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file, err := setup.Parse("practice.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestEveryArticleIsWholeAndEndsInTheCall(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("articles", "*.md"))
	if err != nil || len(paths) != 3 {
		t.Fatalf("articles %q, %v", paths, err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.SplitN(string(text), "---\n", 3)
		if len(parts) != 3 || parts[0] != "" {
			t.Fatalf("%s has no front matter", path)
		}
		var keys []string
		for line := range strings.Lines(parts[1]) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			keys = append(keys, key)
			if value == "" || key == "slug" && value+".md" != filepath.Base(path) {
				t.Errorf("%s: %s is %q", path, key, value)
			}
		}
		if !slices.Equal(keys, []string{"title", "slug", "summary"}) {
			t.Errorf("%s has %q in front", path, keys)
		}
		body := strings.TrimSpace(parts[2])
		last := body[strings.LastIndex(body, "\n\n"):]
		if words := len(strings.Fields(body)); words < 600 || words > 800 {
			t.Errorf("%s has %d words", path, words)
		}
		if !strings.Contains(last, "(/book/meet-and-greet)") || !strings.Contains(body, "(/help-now)") || !strings.Contains(body, "## To try this week") {
			t.Errorf("%s lacks the call at its end, the way to help, or something to try", path)
		}
		if strings.Contains(body, "!") || strings.Contains(body, "http") {
			t.Errorf("%s shouts, or leads elsewhere", path)
		}
	}
}

package setup_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"kintsugi/internal/practice"
	"kintsugi/internal/questions"
	"kintsugi/internal/setup"
)

func TestTheReadyMadeFormsCanBeSentAsTheyAre(t *testing.T) {
	names, err := fs.Glob(os.DirFS("."), "ready/*.yaml")
	if err != nil || len(names) != len(setup.ReadyForms()) {
		t.Errorf("%d files, %d forms, %v", len(names), len(setup.ReadyForms()), err)
	}
	for _, f := range setup.ReadyForms() {
		if found := questions.Check(f.Definition); found != nil {
			t.Errorf("%s: %v", f.Slug, found)
		}
		for _, q := range f.Questions {
			words := strings.Join(append([]string{q.Label, q.Help, q.Text}, q.Options...), "\n")
			if found := regexp.MustCompile(`!|\bslot\b|\blane\b|Oops`).FindString(words); found != "" {
				t.Errorf("%s, %s: says %q", f.Slug, q.Key, found)
			}
		}
	}
}

// Somebody who is asked whether they are safe must be able to say nothing, is
// told who reads it, finds the way to help, and is counted by nobody.
func TestTheSafetyFormRequiresNothingAndCountsNothing(t *testing.T) {
	for _, f := range setup.ReadyForms() {
		if f.Lane != practice.Safety {
			continue
		}
		help := 0
		for _, q := range f.Questions {
			if q.Required {
				t.Errorf("%s requires %s", f.Slug, q.Key)
			}
			if strings.Contains(q.Text, "(/help-now)") {
				help++
			}
		}
		if len(f.Scores) > 0 || help < 2 || !strings.Contains(f.Questions[0].Text, "Only you and your coach can read") || f.SendOn != practice.Manual {
			t.Errorf("%s: %d scores, %d ways to help, sent %s", f.Slug, len(f.Scores), help, f.SendOn)
		}
		return
	}
	t.Error("no form asks whether somebody is safe")
}

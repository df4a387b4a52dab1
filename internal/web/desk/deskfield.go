package desk

import (
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/fault"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

// deskField is one input of a form with everything that belongs to it.
type deskField struct {
	Name, Label, Hint, Value string
	Kind                     string // empty for a line; "text", "choice", "check", "span", "zone", "number", "clock", "date", "email", "url"
	Unit                     string // of a span: m, h or d
	After                    string // said after the input, such as "minutes"
	Checked                  bool
	Optional                 bool
	Rows                     int
	Choices                  []deskChoice
	Problem                  string
}

type deskChoice struct {
	Value, Say string
	Chosen     bool
}

// DescribedBy names the words that belong to the input.
func (f deskField) DescribedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.Name+"-hint")
	}
	if f.Problem != "" {
		ids = append(ids, f.Name+"-problem")
	}
	return strings.Join(ids, " ")
}

// Units are what a span can be given in.
func (f deskField) Units() []deskChoice {
	return []deskChoice{{"m", "minutes", f.Unit == "m"}, {"h", "hours", f.Unit == "h"}, {"d", "days", f.Unit == "d"}}
}

// withProblems puts beside each input what has to be mended there.
func withProblems(fields []deskField, problems page.Problems) []deskField {
	for i := range fields {
		fields[i].Problem = problems.Of(fields[i].Name)
	}
	return fields
}

// choicesOf are choices with one of them chosen.
func choicesOf(chosen string, pairs ...string) []deskChoice {
	var all []deskChoice
	for i := 0; i+1 < len(pairs); i += 2 {
		all = append(all, deskChoice{pairs[i], pairs[i+1], pairs[i] == chosen})
	}
	return all
}

// spanIn splits minutes into a number and its largest unit. A day stays 24
// hours, as people say it.
func spanIn(minutes int) (number, unit string) {
	switch {
	case minutes != 0 && minutes%1440 == 0 && minutes > 1440:
		return strconv.Itoa(minutes / 1440), "d"
	case minutes != 0 && minutes%60 == 0:
		return strconv.Itoa(minutes / 60), "h"
	}
	return strconv.Itoa(minutes), "m"
}

// typed reads the inputs of a form. Whatever was typed is kept, also where it
// has to be mended.
type typed struct {
	c        *gin.Context
	problems page.Problems
}

func (t *typed) text(name string) string { return strings.TrimSpace(t.c.PostForm(name)) }

func (t *typed) checked(name string) bool { return t.c.PostForm(name) == "yes" }

func (t *typed) wrong(name, say string) {
	t.problems = append(t.problems, fault.Field{Name: name, Say: say})
}

// orNone is a text, or nothing, which puts a setting back to the usual.
func (t *typed) orNone(name string) any {
	if s := t.text(name); s != "" {
		return s
	}
	return nil
}

// span is a number with its unit as the practice file writes it. An empty one
// puts the setting back to the usual.
func (t *typed) span(name, unit string) any {
	s := t.text(name)
	if s == "" {
		return nil
	}
	if unit == "" {
		unit = t.c.PostForm(name + "_unit")
	}
	if !strings.Contains("mhd", unit) || len(unit) != 1 || !isWhole(s) {
		t.wrong(name, "Write a whole number, such as 30.")
		return nil
	}
	return s + unit
}

// number is a whole number as the practice file writes it.
func (t *typed) number(name string) any {
	s := t.text(name)
	if s == "" {
		return nil
	}
	if !isWhole(s) {
		t.wrong(name, "Write a whole number, such as 4.")
		return nil
	}
	n, _ := strconv.Atoi(s) // it is at most six digits
	return n
}

func isWhole(s string) bool { return len(s) <= 6 && strings.Trim(s, "0123456789") == "" }

// spanUnit is the unit that was chosen for a span, or minutes.
func (t *typed) spanUnit(name string) string {
	if unit := t.c.PostForm(name + "_unit"); len(unit) == 1 && strings.Contains("mhd", unit) {
		return unit
	}
	return "m"
}

// namedZone is the zone that somebody meant: its name, or the place it is called
// after, such as New York.
func namedZone(text string) string {
	text = strings.TrimSpace(text)
	if _, known := practice.KnownZone(text); known {
		return text
	}
	for _, name := range zoneNames() {
		if strings.EqualFold(civil.City(name), text) || strings.EqualFold(name, strings.ReplaceAll(text, " ", "_")) {
			return name
		}
	}
	return text
}

// zoneNames are the zones offered while somebody types one.
func zoneNames() []string {
	var names []string
	for _, region := range civil.Regions() {
		names = append(names, region.Zones...)
	}
	return names
}

// Package icaltest reads iCalendar text back with parsers that share no code
// with the package that wrote it: npm's ical.js, Debian's libical, and a small
// strict reader of its own. It is for tests of any room that makes an .ics.
//
// ical.js is found under $KINTSUGI_TEST_TOOLS/node_modules, in $NODE_PATH or
// in the machine's global modules; install it outside the repository with
//
//	npm install --prefix "$KINTSUGI_TEST_TOOLS" ical.js@2
//
// libical needs a C compiler and its header (Debian: gcc, libical-dev). A
// parser that is absent is said loudly and gone without; with CI=true it fails
// the test.
package icaltest

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// Read reads text with every parser there is and fails the test when one of
// them finds fault with it or they see different things. It returns what each
// saw, the strict reader's view first.
func Read(t testing.TB, ics []byte) []Parsed {
	t.Helper()
	readers := []struct {
		name string
		read func([]byte) (component, error)
	}{{"the strict reader", readStrictly}}
	for _, outside := range []struct {
		name string
		find func() (func([]byte) (component, error), error)
	}{{"ical.js", findICALJS}, {"libical", findLibical}} {
		read, err := outside.find()
		if err != nil {
			absent(t, outside.name, err)
			continue
		}
		readers = append(readers, struct {
			name string
			read func([]byte) (component, error)
		}{outside.name, read})
	}

	var views []Parsed
	var first component
	for i, reader := range readers {
		tree, err := reader.read(ics)
		if err != nil {
			t.Fatalf("%s cannot read the calendar: %v\n%s", reader.name, err, ics)
		}
		tree = tree.comparable()
		if i == 0 {
			first = tree
		} else if diff := difference(first, tree); diff != "" {
			t.Fatalf("%s and %s see different calendars: %s\n%s", readers[0].name, reader.name, diff, ics)
		}
		view, err := tree.parsed()
		if err != nil {
			t.Fatalf("%s: %v\n%s", reader.name, err, ics)
		}
		view.Parser = reader.name
		views = append(views, view)
	}
	return views
}

// One is Read for a calendar with exactly one event: the view that all parsers
// share, and the event.
func One(t testing.TB, ics []byte) (Parsed, Event) {
	t.Helper()
	view := Read(t, ics)[0]
	if len(view.Events) != 1 {
		t.Fatalf("the calendar has %d events, want one\n%s", len(view.Events), ics)
	}
	return view, view.Events[0]
}

// Strict reads with the strict reader alone and starts no other program, which
// makes it quick enough for fuzzing.
func Strict(ics []byte) (Parsed, error) {
	tree, err := readStrictly(ics)
	if err != nil {
		return Parsed{}, err
	}
	view, err := tree.comparable().parsed()
	view.Parser = "the strict reader"
	return view, err
}

// absent says that a parser is missing.
func absent(t testing.TB, name string, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is absent: %v", name, err)
	}
	t.Logf("######## %s IS ABSENT, so this calendar is checked by fewer parsers: %v", strings.ToUpper(name), err)
}

// difference says in one line where two trees part, or "".
func difference(a, b component) string {
	if a.Name != b.Name {
		return fmt.Sprintf("component %s against %s", a.Name, b.Name)
	}
	if len(a.Properties) != len(b.Properties) {
		return fmt.Sprintf("%s has properties %v against %v", a.Name, a.names(), b.names())
	}
	for i, p := range a.Properties {
		if q := b.Properties[i]; p.Name != q.Name || p.Value != q.Value || fmt.Sprint(p.Parameters) != fmt.Sprint(q.Parameters) {
			return fmt.Sprintf("%s: %s %v %q against %s %v %q", a.Name, p.Name, p.Parameters, p.Value, q.Name, q.Parameters, q.Value)
		}
	}
	if len(a.Components) != len(b.Components) {
		return fmt.Sprintf("%s holds %d components against %d", a.Name, len(a.Components), len(b.Components))
	}
	for i := range a.Components {
		if diff := difference(a.Components[i], b.Components[i]); diff != "" {
			return diff
		}
	}
	return ""
}

func (c component) names() []string {
	var names []string
	for _, p := range c.Properties {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	return names
}

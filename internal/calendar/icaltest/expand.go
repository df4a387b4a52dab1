package icaltest

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"os/exec"
	"strconv"
	"testing"
	"time"
)

//go:embed testdata/expand.mjs
var expandSource string

// Span is when an event takes place.
type Span struct {
	Start, End time.Time
}

// Expand says with ical.js when the events of a calendar take place, as far as
// they reach into a range, repetitions and changes of them included. Every zone
// must be defined in the text. Where ical.js is absent it answers false.
func Expand(t testing.TB, ics []byte, from, to time.Time) ([]Span, bool) {
	t.Helper()
	node, module, err := icalJS()
	if err != nil {
		absent(t, "ical.js", err)
		return nil, false
	}
	var out, complaint bytes.Buffer
	command := exec.Command(node, "--input-type=module", "-e", expandSource, "--", module,
		strconv.FormatInt(from.Unix(), 10), strconv.FormatInt(to.Unix(), 10))
	command.Env = append(command.Environ(), "TZ=UTC")
	command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(ics), &out, &complaint
	if err := command.Run(); err != nil {
		t.Fatalf("ical.js cannot expand the calendar: %v: %s\n%s", err, complaint.String(), ics)
	}
	var pairs [][2]int64
	if err := json.Unmarshal(out.Bytes(), &pairs); err != nil {
		t.Fatalf("ical.js answered no JSON: %v", err)
	}
	spans := make([]Span, len(pairs))
	for i, p := range pairs {
		spans[i] = Span{time.Unix(p[0], 0).UTC(), time.Unix(p[1], 0).UTC()}
	}
	return spans, true
}

package calendar

import (
	"bytes"
	"slices"
	"strings"
)

// What is still taken for a calendar.
const (
	maxLine  = 64 << 10
	maxDepth = 16
)

// part is a component of a calendar with those of its properties that say
// when. Its words are dropped as soon as they are read.
type part struct {
	kind  string
	props []property
	parts []*part
}

// property is one content line.
type property struct {
	name, value string
	params      []param
}

type param struct{ name, value string }

// param gives the value of a parameter without its quotes, or "".
func (p property) param(name string) string {
	for _, q := range p.params {
		if q.name == name {
			return q.value
		}
	}
	return ""
}

// first gives the first property of a name.
func (p *part) first(name string) (property, bool) {
	for _, q := range p.props {
		if q.name == name {
			return q, true
		}
	}
	return property{}, false
}

// all gives every property of a name.
func (p *part) all(name string) []property {
	return slices.DeleteFunc(slices.Clone(p.props), func(q property) bool { return q.name != name })
}

// keptParts and timely are the components and properties that are kept. The
// values of timely properties hold no colon, so that a colon in a zone's name
// can be told from the one before the value.
var (
	keptParts = []string{"VEVENT", "VFREEBUSY", "VTIMEZONE"}
	otherTops = []string{"VTODO", "VJOURNAL", "VAVAILABILITY"}
	timely    = []string{"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "FREEBUSY", "TZOFFSETFROM", "TZOFFSETTO"}
	plainOnes = []string{"UID", "SEQUENCE", "STATUS", "TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS", "X-MICROSOFT-CDO-ALLDAYEVENT", "TZID", "X-LIC-LOCATION"}
)

// readParts gives the events, busy times and time zones of every calendar in a
// text, in their order, and how many lines made no sense.
func readParts(ics []byte) (parts []*part, bad int, err error) {
	ics = bytes.TrimPrefix(ics, []byte("\xEF\xBB\xBF"))
	if !bytes.ContainsRune(ics, '\n') {
		ics = bytes.ReplaceAll(ics, []byte("\r"), []byte("\n"))
	}
	r := &partReader{}
	var line []byte
	for physical := range bytes.SplitSeq(ics, []byte("\n")) {
		physical = bytes.TrimRight(physical, "\r")
		if len(physical) > 0 && (physical[0] == ' ' || physical[0] == '\t') {
			line = append(line, physical[1:]...)
			continue
		}
		r.line(line)
		line = append(line[:0], physical...)
	}
	r.line(line)
	switch {
	case !r.calendar || r.tooDeep:
		return nil, 0, ErrNotCalendar
	case len(r.open) > 0:
		return nil, 0, ErrCutShort
	}
	return r.parts, r.bad, nil
}

// partReader puts lines into components. It never fails: what is not closed,
// or closed twice, costs that component at most.
type partReader struct {
	open     []*part
	parts    []*part
	bad      int
	calendar bool
	tooDeep  bool
}

// line takes one unfolded line.
func (r *partReader) line(raw []byte) {
	colon := bytes.IndexAny(raw, ":;")
	if colon < 0 {
		if len(bytes.TrimSpace(raw)) > 0 && len(r.open) > 0 {
			r.bad++
		}
		return
	}
	name := strings.ToUpper(string(bytes.TrimSpace(raw[:min(colon, 64)])))
	switch {
	case name == "BEGIN":
		r.begin(strings.ToUpper(strings.TrimSpace(string(raw[colon+1 : min(len(raw), colon+65)]))))
	case name == "END":
		r.end(strings.ToUpper(strings.TrimSpace(string(raw[colon+1 : min(len(raw), colon+65)]))))
	case len(r.open) == 0:
	case slices.Contains(timely, name) || slices.Contains(plainOnes, name):
		p, ok := readProperty(name, string(raw[colon:]))
		if !ok {
			r.bad++
			return
		}
		top := r.open[len(r.open)-1]
		top.props = append(top.props, p)
	}
}

func (r *partReader) begin(kind string) {
	if len(r.open) == 0 && kind != "VCALENDAR" {
		return
	}
	if kind == "VCALENDAR" || slices.Contains(keptParts, kind) || slices.Contains(otherTops, kind) {
		// The one before was not closed; these never lie within each other.
		for depth := len(r.open) - 1; depth > 0; depth-- {
			r.close()
		}
	}
	if kind == "VCALENDAR" {
		r.calendar = true
		r.open = r.open[:0]
	}
	if len(r.open) >= maxDepth {
		r.tooDeep = true
		return
	}
	r.open = append(r.open, &part{kind: kind})
}

// end closes a component and whatever was left open in it.
func (r *partReader) end(kind string) {
	at := -1
	for i, p := range r.open {
		if p.kind == kind {
			at = i
		}
	}
	if at < 0 {
		return
	}
	for len(r.open) > at {
		r.close()
	}
}

// close takes the innermost component out and keeps it where it is wanted.
func (r *partReader) close() {
	last := len(r.open) - 1
	p := r.open[last]
	r.open = r.open[:last]
	switch {
	case slices.Contains(keptParts, p.kind):
		r.parts = append(r.parts, p)
	case last > 0 && r.open[last-1].kind == "VTIMEZONE":
		r.open[last-1].parts = append(r.open[last-1].parts, p)
	}
}

// readProperty takes a line apart behind its name. Outlook writes zones such
// as TZID=(UTC+01:00) Amsterdam, Berlin without the quotes they need, others
// leave quotes open; where the value can hold no colon, the last one counts.
func readProperty(name, rest string) (property, bool) {
	colon := -1
	if slices.Contains(timely, name) {
		colon = strings.LastIndexByte(rest, ':')
	} else {
		colon = outside(rest, ':')
	}
	if colon < 0 || len(rest) > maxLine {
		return property{}, false
	}
	p := property{name: name, value: strings.TrimSpace(rest[colon+1:])}
	for rest = rest[:colon]; rest != ""; {
		rest = strings.TrimPrefix(rest, ";")
		text := rest
		if end := outside(rest, ';'); end >= 0 {
			text, rest = rest[:end], rest[end:]
		} else {
			rest = ""
		}
		if key, value, ok := strings.Cut(text, "="); ok {
			if quoted, found := strings.CutPrefix(value, `"`); found {
				value, _, _ = strings.Cut(quoted, `"`)
			}
			p.params = append(p.params, param{strings.ToUpper(strings.TrimSpace(key)), strings.TrimSpace(value)})
		}
	}
	return p, true
}

// outside finds a mark that stands in no quotes.
func outside(text string, mark byte) int {
	quoted := false
	for i := range len(text) {
		switch text[i] {
		case '"':
			quoted = !quoted
		case mark:
			if !quoted {
				return i
			}
		}
	}
	return -1
}

package slot

import (
	"encoding/json"
	"time"
)

// Answer is what can be booked as programs read it: starts grouped by the
// visitor's own dates, days without any left out. It is the one form in which
// the API and the command line say it.
type Answer struct {
	Type     string
	Timezone string         // as it was asked for
	Zone     *time.Location // of Timezone
	Slots    []Slot         // ordered
	Refused  []Refusal      // ordered; nil leaves the list out
}

// AppendJSON writes the answer onto dst. It is built by hand because a month
// of half hours is three hundred small objects, and the encoder would take
// longer over them than the database and the engine together.
func (a Answer) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"type":`...)
	dst = appendText(dst, a.Type)
	dst = append(dst, `,"timezone":`...)
	dst = appendText(dst, a.Timezone)
	dst = append(dst, `,"days":[`...)
	var open Date
	coaches := map[string][]byte{}
	for i, s := range a.Slots {
		start := s.Start.In(a.Zone)
		if date := DateOf(start); i == 0 || date != open {
			if i > 0 {
				dst = append(dst, `]},`...)
			}
			open = date
			dst = append(dst, `{"date":"`...)
			dst = start.AppendFormat(dst, time.DateOnly)
			dst = append(dst, `","slots":[`...)
		} else {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"start":"`...)
		dst = start.AppendFormat(dst, time.RFC3339)
		dst = append(dst, `","end":"`...)
		dst = s.End.In(a.Zone).AppendFormat(dst, time.RFC3339)
		dst = append(dst, `","coaches":[`...)
		for j, slug := range s.Coaches {
			if j > 0 {
				dst = append(dst, ',')
			}
			text, ok := coaches[slug]
			if !ok {
				text = appendText(nil, slug)
				coaches[slug] = text
			}
			dst = append(dst, text...)
		}
		dst = append(dst, `]}`...)
	}
	if len(a.Slots) > 0 {
		dst = append(dst, `]}`...)
	}
	dst = append(dst, ']')
	if a.Refused != nil {
		dst = append(dst, `,"refused":[`...)
		for i, r := range a.Refused {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, `{"start":"`...)
			dst = r.Start.In(a.Zone).AppendFormat(dst, time.RFC3339)
			dst = append(dst, `","coach":`...)
			dst = appendText(dst, r.Coach)
			dst = append(dst, `,"reason":`...)
			dst = appendText(dst, string(r.Reason))
			dst = append(dst, '}')
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

// MarshalJSON lets an Answer be part of something larger.
func (a Answer) MarshalJSON() ([]byte, error) { return a.AppendJSON(nil), nil }

// appendText writes a text as JSON does.
func appendText(dst []byte, text string) []byte {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic("slot: a text cannot be written as JSON: " + err.Error()) // every text can
	}
	return append(dst, quoted...)
}

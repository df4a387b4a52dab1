package slot

import "time"

// Instants gives every instant at which the coach's clock, travel included,
// shows a time of day on a date, in minutes from 0 to 1439, earliest first:
// none where the clock skips it, two where it repeats it.
func Instants(h Hours, date Date, minutes int) []time.Time {
	label := date.number()*day + int64(minutes)*minute
	var found []time.Time
	for _, s := range h.segments(label-2*day, label+2*day) {
		if at := label - s.offset; s.start <= at && at < s.end {
			found = append(found, time.Unix(at, 0).UTC())
		}
	}
	return found
}

// WindowsOn gives the hours of a local date as they count for a type, in order
// and joined where they meet, and whether an override put them in the place of
// the weekly ones.
func WindowsOn(t Type, h Hours, date Date) (windows []Window, overridden bool) {
	if own, ok := h.Overrides[date]; ok {
		return merged(own), true
	}
	if t.Weekly != nil {
		return merged(t.Weekly[date.Weekday()]), false
	}
	return merged(h.Weekly[date.Weekday()]), false
}

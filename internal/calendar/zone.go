package calendar

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// zone tells how many seconds a clock is ahead of UTC at an instant.
type zone func(at time.Time) int

// zoneIn is a zone of the zone database.
func zoneIn(place *time.Location) zone {
	return func(at time.Time) int {
		_, offset := at.In(place).Zone()
		return offset
	}
}

// label is what stands on the wall at an instant, held as if it were UTC.
func (z zone) label(at time.Time) time.Time {
	return at.UTC().Add(time.Duration(z(at)) * time.Second)
}

// instant is when a label stands on the wall. RFC 5545 (3.3.5) decides the two
// odd cases: a label that comes twice means its first time, one that is
// skipped is read by the clock from before the gap.
func (z zone) instant(label time.Time) time.Time {
	before := time.Duration(z(label.Add(-26*time.Hour))) * time.Second
	after := time.Duration(z(label.Add(26*time.Hour))) * time.Second
	early, late := label.Add(-before), label.Add(-after)
	if before == after || time.Duration(z(early))*time.Second == before || time.Duration(z(late))*time.Second != after {
		return early
	}
	return late
}

// home is the coach's zone on the date of a label.
func (f *file) home(label time.Time) zone { return zoneIn(f.Home(label)) }

// maxZones bounds how many names are looked up for one file.
const maxZones = 200

// zoneNamed gives the zone of a TZID: one of the zone database, one that
// Windows names, or one that the file itself defines. No name is the coach's
// own, and so is one that nobody knows.
func (f *file) zoneNamed(tzid string) zone {
	name := zoneName(tzid)
	if name == "" {
		return nil
	}
	z, known := f.zones[name]
	if known {
		return z
	}
	if len(f.zones) < maxZones {
		z = f.findZone(name)
	}
	if z == nil {
		f.trouble.zones++
	}
	f.zones[name] = z
	return z
}

func zoneName(tzid string) string { return strings.Trim(strings.TrimSpace(tzid), `"`) }

func (f *file) findZone(name string) zone {
	if place := placeNamed(name); place != nil {
		return zoneIn(place)
	}
	if p, ok := f.defined[name]; ok {
		if lic, ok := p.first("X-LIC-LOCATION"); ok {
			if place := placeNamed(zoneName(lic.value)); place != nil {
				return zoneIn(place)
			}
		}
		if z := f.drawn(p); z != nil {
			return z
		}
	}
	return fixedZone(name)
}

// placeNamed finds a name in the zone database. Some programs put their own
// path before it: /freeassociation.sourceforge.net/Europe/Berlin.
func placeNamed(name string) *time.Location {
	if windows, ok := windowsZone(name); ok {
		name = windows
	}
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/."
	if name == "" || name == "Local" || len(name) > 128 || strings.Trim(name, letters) != "" {
		return nil
	}
	words := strings.Split(strings.Trim(name, "/"), "/")
	if !strings.HasPrefix(name, "/") && len(words) <= 3 {
		if place, err := time.LoadLocation(name); err == nil {
			return place
		}
	}
	for n := min(3, len(words)-1); n > 0; n-- {
		if place, err := time.LoadLocation(strings.Join(words[len(words)-n:], "/")); err == nil && words[len(words)-n] != "Local" {
			return place
		}
	}
	return nil
}

// fixedZone reads a name that is an offset and nothing else: UTC+1, GMT-03:30.
// Outlook's (UTC+01:00) Amsterdam, Berlin is not: its offset is that of winter.
func fixedZone(name string) zone {
	text := strings.TrimPrefix(strings.TrimPrefix(strings.ToUpper(name), "UTC"), "GMT")
	text = strings.ReplaceAll(text, ":", "")
	if len(text) == 2 || len(text) == 3 {
		text = text[:1] + ("0" + text[1:])[len(text)-2:] + "00"
	}
	offset, err := readOffset(text)
	if err != nil {
		return nil
	}
	return func(time.Time) int { return offset }
}

// readOffset reads +0100, -0330 or +023006.
func readOffset(text string) (int, error) {
	if len(text) == 5 {
		text += "00"
	}
	if len(text) != 7 || text[0] != '+' && text[0] != '-' {
		return 0, errUnread
	}
	hours, minutes, seconds, ok := three(text[1:], 2)
	if !ok || hours > 23 || minutes > 59 || seconds > 59 {
		return 0, errUnread
	}
	offset, _ := strconv.Atoi(text[:1] + strconv.Itoa(hours*3600+minutes*60+seconds))
	return offset, nil
}

// turn is an instant, in Unix seconds, from which an offset holds.
type turn struct {
	at     int64
	offset int
}

// drawn is a zone as a VTIMEZONE draws it, or nil. Exchange and Zimbra let
// theirs begin in 1601.
func (f *file) drawn(p *part) zone {
	var turns []turn
	earliest, first := int64(0), 0
	for _, o := range p.parts {
		start, ok := o.first("DTSTART")
		from, fromOK := o.first("TZOFFSETFROM")
		to, toOK := o.first("TZOFFSETTO")
		before, err1 := readOffset(from.value)
		offset, err2 := readOffset(to.value)
		m, err3 := readMoment(start.value, nil)
		if !ok || !fromOK || !toOK || err1 != nil || err2 != nil || err3 != nil {
			f.trouble.lines++
			continue
		}
		m.zone = func(time.Time) int { return before }
		labels := []time.Time{m.label}
		for _, rule := range o.all("RRULE") {
			more, err := f.starts(rule.value, m, m.label, f.To.Add(48*time.Hour))
			if err != nil {
				f.trouble.rules++
			}
			labels = append(labels, more...)
		}
		for _, dates := range o.all("RDATE") {
			more, _, _ := f.readMoments(property{value: dates.value})
			for _, m := range more {
				labels = append(labels, m.label)
			}
		}
		for _, label := range labels {
			at := label.Unix() - int64(before)
			if len(turns) == 0 || at < earliest {
				earliest, first = at, before
			}
			turns = append(turns, turn{at, offset})
		}
	}
	if len(turns) == 0 {
		return nil
	}
	slices.SortFunc(turns, func(a, b turn) int { return cmp.Compare(a.at, b.at) })
	return func(at time.Time) int {
		i, found := slices.BinarySearchFunc(turns, at.Unix(), func(t turn, at int64) int { return cmp.Compare(t.at, at) })
		if found {
			return turns[i].offset
		}
		if i == 0 {
			return first
		}
		return turns[i-1].offset
	}
}

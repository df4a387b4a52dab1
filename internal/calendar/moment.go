package calendar

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// errUnread is every reason why a value makes no sense. It repeats nothing.
var errUnread = errors.New("calendar: a value makes no sense")

// moment is a DATE or a DATE-TIME as it is written.
type moment struct {
	// label is what stands on the wall there, held as if it were UTC.
	label time.Time
	// date says that only the date counts.
	date bool
	// zone is whose wall; nil is the coach's own.
	zone zone
	// utc says that it was written with a Z.
	utc bool
}

// instant is when it is. A date is its first instant.
func (f *file) instant(m moment) time.Time { return f.zoneOf(m).instant(m.label) }

// zoneOf is the zone of a moment; the coach's own depends on the date, because
// they may travel.
func (f *file) zoneOf(m moment) zone {
	if m.zone != nil && !m.date {
		return m.zone
	}
	return f.home(m.label)
}

// readMoments reads the comma list of a property. Its VALUE may be missing or
// wrong; what is written decides, and VALUE=DATE cuts a time off.
func (f *file) readMoments(p property) (moments []moment, ended []string, err error) {
	zone := f.zoneNamed(p.param("TZID"))
	justDates := strings.EqualFold(p.param("VALUE"), "DATE")
	for text := range strings.SplitSeq(p.value, ",") {
		text, end, _ := strings.Cut(strings.TrimSpace(text), "/")
		if text == "" {
			continue
		}
		m, wrong := readMoment(text, zone)
		if wrong != nil {
			err = wrong
			continue
		}
		if justDates {
			m = m.onDate()
		}
		moments, ended = append(moments, m), append(ended, end)
	}
	return moments, ended, err
}

// readOne reads a property that holds exactly one moment.
func (f *file) readOne(p property) (moment, error) {
	moments, _, err := f.readMoments(p)
	if err != nil || len(moments) != 1 {
		return moment{}, errUnread
	}
	return moments[0], nil
}

// onDate is the date of a moment.
func (m moment) onDate() moment {
	m.label, m.date = m.label.Truncate(day), true
	return m
}

// readMoment reads 20261208, 20261208T140000 or 20261208T140000Z.
func readMoment(text string, in zone) (moment, error) {
	m := moment{zone: in}
	day, clock, timed := strings.Cut(strings.ToUpper(text), "T")
	year, month, number, ok := three(day, 4)
	if !ok || year < 1 {
		return m, errUnread
	}
	m.label = time.Date(year, time.Month(month), number, 0, 0, 0, 0, time.UTC)
	if m.label.Month() != time.Month(month) || m.label.Day() != number {
		return m, errUnread
	}
	if !timed {
		m.date = true
		return m, nil
	}
	if clock, m.utc = strings.CutSuffix(clock, "Z"); m.utc {
		m.zone = zoneIn(time.UTC)
	}
	if len(clock) == 4 {
		clock += "00"
	}
	hour, minute, second, ok := three(clock, 2)
	// A leap second is the second before it; 24:00 is the next day's 00:00.
	if second = min(second, 59); !ok || hour > 24 || minute > 59 || hour == 24 && minute+second > 0 {
		return m, errUnread
	}
	m.label = m.label.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second)
	return m, nil
}

// three reads three numbers, the first of them so many digits long, the others
// two.
func three(text string, digits int) (a, b, c int, ok bool) {
	if len(text) != digits+4 || strings.Trim(text, "0123456789") != "" {
		return 0, 0, 0, false
	}
	for i, part := range []string{text[:digits], text[digits : digits+2], text[digits+2:]} {
		n, err := strconv.Atoi(part)
		if err != nil {
			return 0, 0, 0, false
		}
		*[]*int{&a, &b, &c}[i] = n
	}
	return a, b, c, c <= 60
}

// length is how long something lasts: days on the calendar, which may have 23
// or 25 hours, and time on top.
type length struct {
	days int
	time time.Duration
}

// maxDays bounds a length; nothing that a calendar means lasts longer.
const maxDays = 36_600

// readLength reads a DURATION, such as P1DT2H, PT45M or P2W.
func readLength(text string) (length, error) {
	rest, negative := strings.CutPrefix(strings.ToUpper(strings.TrimPrefix(text, "+")), "-")
	rest, ok := strings.CutPrefix(rest, "P")
	if !ok || rest == "" || negative {
		return length{}, errUnread
	}
	var l length
	clock := false
	for rest != "" {
		if after, found := strings.CutPrefix(rest, "T"); found {
			rest, clock = after, true
			continue
		}
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		n, err := strconv.Atoi(rest[:digits])
		if err != nil || digits == len(rest) || n > maxDays*86_400 {
			return length{}, errUnread
		}
		switch unit := rest[digits]; {
		case unit == 'W' && !clock:
			l.days += 7 * n
		case unit == 'D' && !clock:
			l.days += n
		case unit == 'H' && clock && n <= maxDays*24:
			l.time += time.Duration(n) * time.Hour
		case unit == 'M' && clock && n <= maxDays*1440:
			l.time += time.Duration(n) * time.Minute
		case unit == 'S' && clock:
			l.time += time.Duration(n) * time.Second
		default:
			return length{}, errUnread
		}
		rest = rest[digits+1:]
		if l.days > maxDays || l.time > maxDays*day {
			return length{}, errUnread
		}
	}
	return l, nil
}

package calendar

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// event is a VEVENT, as far as it says when.
type event struct {
	uid      string
	start    moment
	lasts    length
	blocks   bool // neither free, nor cancelled, nor left out
	sequence int

	rules     []string
	extra     []extra  // RDATE
	except    []moment // EXDATE
	instead   *moment  // RECURRENCE-ID: it stands in the place of this start
	andFuture bool     // and of those that follow
	broken    bool     // a date of it could not be read
}

// extra is one more start, which may have a length of its own.
type extra struct {
	start moment
	lasts length
}

// readEvent reads a VEVENT. One whose start makes no sense is none.
func (f *file) readEvent(p *part, number int) (event, bool) {
	e := event{uid: p.uid(number), blocks: true}
	start, found := p.first("DTSTART")
	var err error
	if e.start, err = f.readOne(start); !found || err != nil {
		f.trouble.events++
		return e, false
	}
	if said(p, "X-MICROSOFT-CDO-ALLDAYEVENT", "TRUE") && e.start.label.Equal(e.start.label.Truncate(day)) {
		e.start = e.start.onDate()
	}
	if e.lasts, err = f.readEnd(p, e.start); err != nil {
		f.trouble.events++
		return e, false
	}
	e.blocks = !said(p, "TRANSP", "TRANSPARENT") && !said(p, "STATUS", "CANCELLED") &&
		!said(p, "X-MICROSOFT-CDO-BUSYSTATUS", "FREE") && !(e.start.date && f.IgnoreAllDay)
	if s, ok := p.first("SEQUENCE"); ok {
		e.sequence, _ = strconv.Atoi(s.value) // one that is no number is 0
	}
	for _, rule := range p.all("RRULE") {
		e.rules = append(e.rules, rule.value)
	}
	f.readExceptions(p, &e)
	if id, ok := p.first("RECURRENCE-ID"); ok {
		m, err := f.readOne(id)
		if err != nil {
			// It stands in the place of nothing we know, and counts as one more.
			e.broken = true
		} else {
			e.instead = &m
			e.andFuture = strings.EqualFold(id.param("RANGE"), "THISANDFUTURE")
		}
	}
	if e.broken {
		f.trouble.lines++
	}
	return e, true
}

// readExceptions reads the starts that are added and left out. Comma lists,
// dates beside times and other zones are all seen.
func (f *file) readExceptions(p *part, e *event) {
	for _, dates := range p.all("EXDATE") {
		moments, _, err := f.readMoments(dates)
		e.except = append(e.except, moments...)
		e.broken = e.broken || err != nil
	}
	for _, dates := range p.all("RDATE") {
		moments, ends, err := f.readMoments(dates)
		e.broken = e.broken || err != nil
		for i, m := range moments {
			x := extra{m, e.lasts}
			if ends[i] != "" {
				if x.lasts, err = f.readPeriodEnd(m, ends[i]); err != nil {
					e.broken = true
					continue
				}
			}
			e.extra = append(e.extra, x)
		}
	}
}

// readEnd gives the length of an event from DTEND or DURATION. Without either
// a date lasts its day and a time lasts no time.
func (f *file) readEnd(p *part, start moment) (length, error) {
	oneDay := length{days: 1}
	if property, ok := p.first("DTEND"); ok {
		end, err := f.readOne(property)
		if err != nil {
			return length{}, err
		}
		if start.date {
			days := int(end.label.Truncate(day).Sub(start.label) / day)
			if days < 1 {
				return oneDay, nil // some programs write the last day, not the day after it
			}
			return length{days: min(days, maxDays)}, nil
		}
		return length{time: max(0, f.instant(end).Sub(f.instant(start)))}, nil
	}
	if property, ok := p.first("DURATION"); ok {
		l, err := readLength(property.value)
		if start.date && err == nil {
			l = length{days: max(1, l.days+int(l.time/day))}
		}
		return l, err
	}
	if start.date {
		return oneDay, nil
	}
	return length{}, nil
}

// readPeriodEnd reads what stands behind the slash of a PERIOD.
func (f *file) readPeriodEnd(start moment, text string) (length, error) {
	if strings.ContainsAny(text, "Pp") {
		return readLength(text)
	}
	end, err := readMoment(text, start.zone)
	if err != nil {
		return length{}, err
	}
	return length{time: max(0, f.instant(end).Sub(f.instant(start)))}, nil
}

// readFreeBusy blocks what a VFREEBUSY says is busy.
func (f *file) readFreeBusy(p *part) {
	for _, property := range p.all("FREEBUSY") {
		if strings.EqualFold(property.param("FBTYPE"), "FREE") {
			continue
		}
		moments, ends, err := f.readMoments(property)
		if err != nil {
			f.trouble.lines++
		}
		for i, m := range moments {
			lasts, err := f.readPeriodEnd(m, ends[i])
			if err != nil {
				f.trouble.lines++
				continue
			}
			start, end := f.span(m, lasts)
			f.block("freebusy", start, end)
		}
	}
}

// span is when something that starts at a moment is.
func (f *file) span(m moment, l length) (start, end time.Time) {
	start, end = f.instant(m), f.instant(m)
	if l.days > 0 {
		m.label = m.label.AddDate(0, 0, l.days)
		end = f.instant(m)
	}
	return start, end.Add(l.time)
}

// said reports whether a property has a value, in whatever letters.
func said(p *part, name, value string) bool {
	q, ok := p.first(name)
	return ok && strings.EqualFold(q.value, value)
}

// uid gives the UID of a component, so that it can be stored anywhere. One
// without gets a name by its place in the file.
func (p *part) uid(number int) string {
	q, _ := p.first("UID")
	uid := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(q.value, "\uFFFD"))
	uid = fromExchange(uid)
	switch {
	case uid == "":
		return fmt.Sprintf("unnamed %d", number)
	case len(uid) > 255:
		return fmt.Sprintf("%x", sha256.Sum256([]byte(uid)))
	}
	return uid
}

// fromExchange gives the UID of an invitation from elsewhere, which Exchange
// keeps within one of its own: in hexadecimal behind "vCal-Uid" and a number.
func fromExchange(uid string) string {
	const head = "040000008200E00074C5B7101A82E008"
	if len(uid) < len(head) || !strings.EqualFold(uid[:len(head)], head) {
		return uid
	}
	raw, err := hex.DecodeString(uid)
	if err != nil {
		return uid
	}
	_, foreign, found := strings.Cut(string(raw), "vCal-Uid\x01\x00\x00\x00")
	if foreign = strings.TrimRight(foreign, "\x00"); !found || !soundUID(foreign) {
		return uid
	}
	return foreign
}

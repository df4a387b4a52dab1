package site

import (
	"fmt"
	"net/url"
	"time"

	"kintsugi/internal/availability"
	"kintsugi/internal/booking"
	"kintsugi/internal/civil"
	"kintsugi/internal/slot"
	"kintsugi/internal/web/page"
)

// picker is where a day and a time are chosen: the month as links, the day's
// times as a list.
type picker struct {
	Zone       string // IANA name in use
	ZoneSay    string
	ZoneNote   string // says that the zone asked for is not known
	ZoneChosen bool   // the address or the form named a zone; else the script finds it
	Action     string // where the form that changes the zone goes
	Keep       []pair // what that form keeps

	Month    page.Month
	Empty    string
	NextFree *link

	Date    string // the day chosen, as the form keeps it; may be empty
	Day     string
	Times   []partTimes
	Problem string // about the field start
}

type partTimes struct {
	Name  string
	Times []startTime
}

type startTime struct {
	Start  string // RFC 3339, the value that is sent
	Say    string
	Chosen bool
}

// looking is what somebody asks the picker to show.
type looking struct {
	path   string     // of the page the picker is on
	keep   url.Values // what every address of the picker keeps, such as coach
	zone   string     // IANA name in use
	loc    *time.Location
	note   string // about a zone that is not known
	chosen bool
	month  slot.Date // its first day; zero: wherever the first free time is
	date   slot.Date // zero: none chosen
	start  string    // the time that is ticked; may be empty
	insist bool      // a form that was sent before stands below, so some day's times have to show
}

// readLooking reads the picker's part of an address. Whatever cannot be read
// falls back to what is sensible and never fails.
func readLooking(values url.Values, path string, keep url.Values, fallback string) looking {
	l := looking{path: path, keep: keep}
	l.setZone(values.Get("timezone"), fallback)
	if date, err := slot.ParseDate(values.Get("date")); err == nil && sensible(date) {
		l.date = date
		l.month = slot.Date{Year: date.Year, Month: date.Month, Day: 1}
	}
	if month, err := slot.ParseDate(values.Get("month") + "-01"); err == nil && sensible(month) {
		if l.date != (slot.Date{}) && (month.Year != l.date.Year || month.Month != l.date.Month) {
			l.date = slot.Date{}
		}
		l.month = month
	}
	return l
}

// sensible keeps years that no calendar of ours reaches out of the arithmetic.
func sensible(d slot.Date) bool { return d.Year >= 2000 && d.Year < 2200 }

// setZone takes the zone that was asked for, or the fallback, and says so when
// the one asked for is not known.
func (l *looking) setZone(asked, fallback string) {
	if loc, err := booking.Zone(asked); err == nil {
		l.zone, l.loc, l.chosen = asked, loc, true
		return
	}
	loc, err := booking.Zone(fallback)
	if err != nil {
		fallback, loc = "UTC", time.UTC
	}
	l.zone, l.loc = fallback, loc
	if asked != "" {
		l.note = fmt.Sprintf("We do not know a time zone called %q, so times are shown for %s.", shorten(asked, 60), civil.City(fallback))
	}
}

func shorten(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most]) + "…"
}

// href is an address of the picker with some of its values set.
func (l looking) href(anchor string, set ...string) string {
	values := url.Values{}
	for name, list := range l.keep {
		values[name] = list
	}
	if l.chosen {
		values.Set("timezone", l.zone)
	}
	for i := 0; i+1 < len(set); i += 2 {
		values.Set(set[i], set[i+1])
	}
	return l.path + "?" + values.Encode() + anchor
}

// bounds are the instants that the month shown reaches over.
func (l looking) bounds() (from, to time.Time) {
	next := slot.Date{Year: l.month.Year, Month: l.month.Month, Day: 1}.AddDays(31)
	next.Day = 1
	return l.month.Start(l.loc), next.Start(l.loc)
}

// offerer lists the starts that can be booked, or moved to, in a range.
type offerer func(from, to time.Time) ([]slot.Slot, error)

// pick draws the picker. It asks for the month shown; when that has nothing, or
// when no month was asked for, once more for all that can be booked.
func (l looking) pick(offer availability.TypeOffer, now time.Time, list offerer) (picker, error) {
	today := slot.DateOf(now.In(l.loc))
	end := now.AddDate(0, 0, offer.Type.HorizonDays+2)
	var all []slot.Slot
	var err error
	if l.month == (slot.Date{}) {
		if all, err = list(now, end); err != nil {
			return picker{}, err
		}
		first := today
		if len(all) > 0 {
			first = slot.DateOf(all[0].Start.In(l.loc))
		}
		l.month = slot.Date{Year: first.Year, Month: first.Month, Day: 1}
	}
	from, to := l.bounds()
	slots := within(all, from, to)
	if all == nil {
		if slots, err = list(from, to); err != nil {
			return picker{}, err
		}
	}
	last := slot.DateOf(end.In(l.loc))
	p := l.draw(slots, today, last)
	if p.Empty == "" && (len(p.Times) > 0 || !l.insist) {
		return p, nil
	}
	if all == nil {
		if all, err = list(now, end); err != nil {
			return picker{}, err
		}
	}
	next, found := l.nextFree(all)
	switch {
	case !found:
		p.Empty = "There are no free times at the moment. New ones open every day; please look again soon."
	case l.insist:
		l.date = slot.DateOf(next.Start.In(l.loc))
		l.month = slot.Date{Year: l.date.Year, Month: l.date.Month, Day: 1}
		from, to = l.bounds()
		p = l.draw(within(all, from, to), today, last)
	default:
		p.NextFree = &link{Href: l.href("#times", "date", slot.DateOf(next.Start.In(l.loc)).String()),
			Say: "The next free day is " + civil.Day(next.Start, l.loc, now)}
	}
	return p, nil
}

// within are the slots that start in a range; the list is ordered.
func within(slots []slot.Slot, from, to time.Time) []slot.Slot {
	var in []slot.Slot
	for _, s := range slots {
		if !s.Start.Before(from) && s.Start.Before(to) {
			in = append(in, s)
		}
	}
	return in
}

// nextFree is the first free time on or after the day or month shown, or the
// first one at all.
func (l looking) nextFree(all []slot.Slot) (slot.Slot, bool) {
	from, _ := l.bounds()
	if l.date != (slot.Date{}) {
		from = l.date.Start(l.loc)
	}
	for _, s := range all {
		if !s.Start.Before(from) {
			return s, true
		}
	}
	if len(all) == 0 {
		return slot.Slot{}, false
	}
	return all[0], true
}

// draw lays the slots of a month out for people.
func (l looking) draw(slots []slot.Slot, today, last slot.Date) picker {
	first, _ := l.bounds()
	p := picker{Zone: l.zone, ZoneNote: l.note, ZoneChosen: l.chosen, Action: l.path,
		ZoneSay: civil.Zone(l.loc, first.AddDate(0, 0, 14))}
	for name, list := range l.keep {
		for _, value := range list {
			p.Keep = append(p.Keep, pair{name, value})
		}
	}
	p.Keep = append(p.Keep, pair{"month", l.month.String()[:7]})
	counts := map[string]int{}
	chosen := ""
	if l.date != (slot.Date{}) {
		chosen = l.date.String()
		p.Date = chosen
		p.Keep = append(p.Keep, pair{"date", chosen})
	}
	for _, s := range slots {
		start := s.Start.In(l.loc)
		date := start.Format(time.DateOnly)
		counts[date]++
		if date == chosen {
			p.add(s, l)
			p.ZoneSay = civil.Zone(l.loc, s.Start)
		}
	}
	p.Month = page.NewMonth(l.month.Year, l.month.Month, counts, func(date string) string {
		return l.href("#times", "date", date)
	}, chosen, today.String())
	before := l.month.AddDays(-1)
	if !before.Before(slot.Date{Year: today.Year, Month: today.Month, Day: 1}) {
		p.Month.Previous = l.href("#day-heading", "month", before.String()[:7])
	}
	if after := l.month.AddDays(32); (slot.Date{Year: after.Year, Month: after.Month, Day: 1}).Before(last) {
		p.Month.Next = l.href("#day-heading", "month", after.String()[:7])
	}
	noon := l.month.Start(l.loc).Add(12 * time.Hour)
	switch {
	case len(slots) == 0:
		p.Empty = "There are no free times in " + noon.Format("January 2006") + "."
	case chosen != "" && len(p.Times) == 0:
		p.Empty = "There are no free times on " + l.date.Start(l.loc).Format("Monday 2 January 2006") + "."
	}
	if len(p.Times) > 0 {
		p.Day = l.date.Start(l.loc).Add(12 * time.Hour).Format("Monday 2 January")
	}
	return p
}

// add puts a time into its part of the day.
func (p *picker) add(s slot.Slot, l looking) {
	part := civil.PartOfDay(s.Start, l.loc)
	if n := len(p.Times); n == 0 || p.Times[n-1].Name != part {
		p.Times = append(p.Times, partTimes{Name: part})
	}
	at := &p.Times[len(p.Times)-1]
	value := s.Start.In(l.loc).Format(time.RFC3339)
	at.Times = append(at.Times, startTime{Start: value, Say: civil.Clock(s.Start, l.loc), Chosen: sameInstant(value, l.start)})
}

// offerInstead shows other times in the place of the day's, if there are any.
func (p *picker) offerInstead(slots []slot.Slot, l looking, now time.Time) {
	if len(slots) == 0 {
		return
	}
	p.Day = ""
	part := partTimes{}
	for _, s := range slots {
		part.Times = append(part.Times, startTime{Start: s.Start.In(l.loc).Format(time.RFC3339),
			Say: civil.Day(s.Start, l.loc, now) + ", " + civil.Clock(s.Start, l.loc)})
	}
	p.Times = []partTimes{part}
}

// sameInstant compares two instants as texts.
func sameInstant(a, b string) bool {
	if b == "" {
		return false
	}
	x, errX := time.Parse(time.RFC3339, a)
	y, errY := time.Parse(time.RFC3339, b)
	return errX == nil && errY == nil && x.Equal(y)
}

// Package pick is where a day and a time are chosen, and where a call is moved,
// cancelled and put into a calendar, alike for whoever books on the public pages
// and for a client behind their sign-in: the month as links, the day's times as a
// list. What can be booked it is told.
package pick

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"

	"kintsugi/internal/availability"
	"kintsugi/internal/booking"
	"kintsugi/internal/civil"
	"kintsugi/internal/slot"
	"kintsugi/internal/web/page"
)

// Picker is the choice as a page draws it, with the parts picker-day and
// picker-times.
type Picker struct {
	Zone       string // IANA name in use
	ZoneSay    string
	ZoneNote   string // says that the zone asked for is not known
	ZoneChosen bool   // the address or the form named a zone; else the script finds it
	Action     string // where the form that changes the zone goes
	Keep       []Pair // what that form keeps

	Month    page.Month
	Empty    string
	NextFree *Link

	Date    string // the day chosen, as the form keeps it; may be empty
	Day     string
	Times   []PartTimes
	Problem string // about the field start
}

// Link is an address with its words.
type Link struct{ Href, Say string }

// Pair is a field of a form with what it holds.
type Pair struct{ Name, Value string }

// PartTimes are the free times in one part of a day.
type PartTimes struct {
	Name  string
	Times []StartTime
}

// StartTime is one free time.
type StartTime struct {
	Start  string // RFC 3339, the value that is sent
	Say    string
	Chosen bool
}

// Look is what somebody asks the picker to show.
type Look struct {
	Path   string     // of the page the picker is on
	Keep   url.Values // what every address of the picker keeps, such as coach
	Zone   string     // IANA name in use
	Loc    *time.Location
	Note   string    // about a zone that is not known
	Chosen bool      // the zone was named, and the page need not find it out
	Month  slot.Date // its first day; zero: wherever the first free time is
	Date   slot.Date // zero: none chosen
	Start  string    // the time that is ticked; may be empty
	Insist bool      // a form that was sent before stands below, so some day's times have to show
}

// Read reads the picker's part of an address. Whatever cannot be read
// falls back to what is sensible and never fails.
func Read(values url.Values, path string, keep url.Values, fallback string) Look {
	l := Look{Path: path, Keep: keep}
	l.setZone(values.Get("timezone"), fallback)
	if date, err := slot.ParseDate(values.Get("date")); err == nil && Sensible(date) {
		l.Date = date
		l.Month = slot.Date{Year: date.Year, Month: date.Month, Day: 1}
	}
	if month, err := slot.ParseDate(values.Get("month") + "-01"); err == nil && Sensible(month) {
		if l.Date != (slot.Date{}) && (month.Year != l.Date.Year || month.Month != l.Date.Month) {
			l.Date = slot.Date{}
		}
		l.Month = month
	}
	return l
}

// Sensible keeps years that no calendar of ours reaches out of the arithmetic.
func Sensible(d slot.Date) bool { return d.Year >= 2000 && d.Year < 2200 }

// setZone takes the zone that was asked for, or the fallback, and says so when
// the one asked for is not known.
func (l *Look) setZone(asked, fallback string) {
	if loc, err := booking.Zone(asked); err == nil {
		l.Zone, l.Loc, l.Chosen = asked, loc, true
		return
	}
	loc, err := booking.Zone(fallback)
	if err != nil {
		fallback, loc = "UTC", time.UTC
	}
	l.Zone, l.Loc = fallback, loc
	if asked != "" {
		l.Note = fmt.Sprintf("We do not know a time zone called %q, so times are shown for %s.", shorten(asked, 60), civil.City(fallback))
	}
}

func shorten(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most]) + "…"
}

// At shows the day of a time that was chosen, with that time ticked.
func (l *Look) At(start string) {
	at, err := time.Parse(time.RFC3339, start)
	if err != nil {
		return
	}
	if date := slot.DateOf(at.In(l.Loc)); Sensible(date) {
		l.Start, l.Date, l.Month = start, date, slot.Date{Year: date.Year, Month: date.Month, Day: 1}
	}
}

// Href is an address of the picker with some of its values set.
func (l Look) Href(anchor string, set ...string) string {
	values := url.Values{}
	for name, list := range l.Keep {
		values[name] = list
	}
	if l.Chosen {
		values.Set("timezone", l.Zone)
	}
	for i := 0; i+1 < len(set); i += 2 {
		values.Set(set[i], set[i+1])
	}
	return l.Path + "?" + values.Encode() + anchor
}

// bounds are the instants that the month shown reaches over.
func (l Look) bounds() (from, to time.Time) {
	next := slot.Date{Year: l.Month.Year, Month: l.Month.Month, Day: 1}.AddDays(31)
	next.Day = 1
	return l.Month.Start(l.Loc), next.Start(l.Loc)
}

// Offerer lists the starts that can be booked, or moved to, in a range.
type Offerer func(from, to time.Time) ([]slot.Slot, error)

// Pick draws the picker. It asks for the month shown; when that has nothing, or
// when no month was asked for, once more for all that can be booked.
func (l Look) Pick(offer availability.TypeOffer, now time.Time, list Offerer) (Picker, error) {
	today := slot.DateOf(now.In(l.Loc))
	end := now.AddDate(0, 0, offer.Type.HorizonDays+2)
	var all []slot.Slot
	var err error
	if l.Month == (slot.Date{}) {
		if all, err = list(now, end); err != nil {
			return Picker{}, err
		}
		first := today
		if len(all) > 0 {
			first = slot.DateOf(all[0].Start.In(l.Loc))
		}
		l.Month = slot.Date{Year: first.Year, Month: first.Month, Day: 1}
	}
	from, to := l.bounds()
	slots := within(all, from, to)
	if all == nil {
		if slots, err = list(from, to); err != nil {
			return Picker{}, err
		}
	}
	last := slot.DateOf(end.In(l.Loc))
	p := l.draw(slots, today, last)
	if p.Empty == "" && (len(p.Times) > 0 || !l.Insist) {
		return p, nil
	}
	if all == nil {
		if all, err = list(now, end); err != nil {
			return Picker{}, err
		}
	}
	next, found := l.nextFree(all)
	switch {
	case !found:
		p.Empty = "There are no free times at the moment. New ones open every day; please look again soon."
	case l.Insist:
		l.Date = slot.DateOf(next.Start.In(l.Loc))
		l.Month = slot.Date{Year: l.Date.Year, Month: l.Date.Month, Day: 1}
		from, to = l.bounds()
		p = l.draw(within(all, from, to), today, last)
	default:
		p.NextFree = &Link{Href: l.Href("#times", "date", slot.DateOf(next.Start.In(l.Loc)).String()),
			Say: "The next free day is " + civil.Day(next.Start, l.Loc, now)}
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
func (l Look) nextFree(all []slot.Slot) (slot.Slot, bool) {
	from, _ := l.bounds()
	if l.Date != (slot.Date{}) {
		from = l.Date.Start(l.Loc)
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
func (l Look) draw(slots []slot.Slot, today, last slot.Date) Picker {
	first, _ := l.bounds()
	p := Picker{Zone: l.Zone, ZoneNote: l.Note, ZoneChosen: l.Chosen, Action: l.Path,
		ZoneSay: civil.Zone(l.Loc, first.AddDate(0, 0, 14))}
	// In one order: two copies of a page are the same.
	for _, name := range slices.Sorted(maps.Keys(l.Keep)) {
		for _, value := range l.Keep[name] {
			p.Keep = append(p.Keep, Pair{name, value})
		}
	}
	p.Keep = append(p.Keep, Pair{"month", l.Month.String()[:7]})
	counts := map[string]int{}
	chosen := ""
	if l.Date != (slot.Date{}) {
		chosen = l.Date.String()
		p.Date = chosen
		p.Keep = append(p.Keep, Pair{"date", chosen})
	}
	for _, s := range slots {
		start := s.Start.In(l.Loc)
		date := start.Format(time.DateOnly)
		counts[date]++
		if date == chosen {
			p.add(s, l)
			p.ZoneSay = civil.Zone(l.Loc, s.Start)
		}
	}
	p.Month = page.NewMonth(l.Month.Year, l.Month.Month, counts, func(date string) string {
		return l.Href("#times", "date", date)
	}, chosen, today.String())
	before := l.Month.AddDays(-1)
	if !before.Before(slot.Date{Year: today.Year, Month: today.Month, Day: 1}) {
		p.Month.Previous = l.Href("#day-heading", "month", before.String()[:7])
	}
	if after := l.Month.AddDays(32); (slot.Date{Year: after.Year, Month: after.Month, Day: 1}).Before(last) {
		p.Month.Next = l.Href("#day-heading", "month", after.String()[:7])
	}
	noon := l.Month.Start(l.Loc).Add(12 * time.Hour)
	switch {
	case len(slots) == 0:
		p.Empty = "There are no free times in " + noon.Format("January 2006") + "."
	case chosen != "" && len(p.Times) == 0:
		p.Empty = "There are no free times on " + l.Date.Start(l.Loc).Format("Monday 2 January 2006") + "."
	}
	if len(p.Times) > 0 {
		p.Day = l.Date.Start(l.Loc).Add(12 * time.Hour).Format("Monday 2 January")
	}
	return p
}

// add puts a time into its part of the day.
func (p *Picker) add(s slot.Slot, l Look) {
	part := civil.PartOfDay(s.Start, l.Loc)
	if n := len(p.Times); n == 0 || p.Times[n-1].Name != part {
		p.Times = append(p.Times, PartTimes{Name: part})
	}
	at := &p.Times[len(p.Times)-1]
	value := s.Start.In(l.Loc).Format(time.RFC3339)
	at.Times = append(at.Times, StartTime{Start: value, Say: civil.Clock(s.Start, l.Loc), Chosen: sameInstant(value, l.Start)})
}

// OfferInstead shows other times in the place of the day's, if there are any.
func (p *Picker) OfferInstead(slots []slot.Slot, l Look, now time.Time) {
	if len(slots) == 0 {
		return
	}
	p.Day = ""
	part := PartTimes{}
	for _, s := range slots {
		part.Times = append(part.Times, StartTime{Start: s.Start.In(l.Loc).Format(time.RFC3339),
			Say: civil.Day(s.Start, l.Loc, now) + ", " + civil.Clock(s.Start, l.Loc)})
	}
	p.Times = []PartTimes{part}
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

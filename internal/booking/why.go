package booking

import (
	"context"
	"slices"
	"time"

	"kintsugi/internal/availability"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/slot"
)

// WhyQuery asks why an hour can, or cannot, be booked with a coach.
type WhyQuery struct {
	Type, Coach string // slugs
	Date        slot.Date
	Minutes     int // of the day, on the coach's own clock
}

// Fit says how a start lies to the hours of its date.
type Fit string

// The ways in which a start lies to the hours.
const (
	Fits       Fit = ""            // it begins and ends inside the hours, on their grid
	NoHours    Fit = "no_hours"    // nothing is open on that date
	DayOff     Fit = "day_off"     // the date was closed as an exception
	Outside    Fit = "outside"     // it begins when nothing is open
	TooLong    Fit = "too_long"    // it begins inside the hours and would end after them
	BesideGrid Fit = "beside_grid" // it lies inside the hours, between two starts that are offered
)

// Why is the answer: the hours of the date, and each instant at which the
// coach's clock shows that time, judged.
type Why struct {
	Offer      availability.TypeOffer
	Coach      availability.Bookable
	Withdrawn  bool          // the type is not offered at all any more
	Windows    []slot.Window // of the date, as they count for the type
	Exception  bool          // they come from an exception for this date, not from the week
	Zone       *time.Location
	Travelling bool        // Zone is that of a trip
	Starts     []Judged    // none where the clock skips this time, two where it repeats it
	Free       []slot.Slot // what can be booked on that date
	FullOf     int         // how many bookings of the type a day takes; zero means no limit

	from, to time.Time // what was gathered: busy time as long as that stands for a calendar that is not read
}

// Judged is one instant with everything that stands in its way. What the rules
// of time say comes in Rule, what is taken in Bookings and Busy.
type Judged struct {
	Start, End time.Time
	First      slot.Reason // what the engine says; slot.Offered when it can be booked
	Fit        Fit
	Rule       slot.Reason // slot.Past, slot.Notice, slot.Horizon or slot.Offered
	Full       bool
	Bookings   []InTheWay
	Busy       []Occupied
	Unread     bool // an outside calendar was not read for longer than the coach allows
}

// InTheWay is a booking that overlaps a start or keeps a gap to it.
type InTheWay struct {
	Booking Booking
	Gap     bool // it does not overlap; its break before or after does
}

// Why gathers what stands in the way of an hour and asks the engine, which
// alone decides. Of bookings it gives what the schedule shows the viewer, never
// what was written; of blocked time only its coach sees the label.
func (s *Service) Why(ctx context.Context, v Viewer, q WhyQuery) (Why, error) {
	offer, err := availability.ForBooked(ctx, s.DB, q.Type)
	if fault.KindOf(err) == fault.NotFound {
		return Why{}, ErrNoType
	}
	if err != nil {
		return Why{}, err
	}
	coach, ok := offer.Coach(q.Coach)
	if !ok || !v.everyone() && coach.ID != v.ID {
		return Why{}, ErrNoCoach
	}
	offer.Coaches = []availability.Bookable{coach}
	w := Why{Offer: offer, Coach: coach, Withdrawn: offer.Type.Withdrawn, FullOf: offer.Type.MaxPerDay}
	rules := offer.Type.Rules()
	w.Windows, w.Exception = slot.WindowsOn(rules, coach.Hours, q.Date)
	starts := slot.Instants(coach.Hours, q.Date, q.Minutes)
	w.Zone = coach.Hours.Home
	if at := slices.Concat(starts, slot.Instants(coach.Hours, q.Date, 12*60)); len(at) > 0 {
		w.Zone = slot.Zone(coach.Hours, at[0])
	}
	w.Travelling = w.Zone.String() != coach.Hours.Home.String()

	day := slot.Query{From: q.Date.Start(w.Zone), To: q.Date.AddDays(1).Start(w.Zone), Now: s.Now()}
	w.from, w.to = slot.Gather(rules, day)
	cal, err := gather(ctx, s.DB, offer, day)
	if err != nil {
		return Why{}, err
	}
	if !w.Withdrawn {
		w.Free = slot.Offer(rules, cal.coaches, day)
	}
	return w, s.judge(ctx, v, &w, cal.coaches[0], starts)
}

// judge looks at each instant and names what is in its way.
func (s *Service) judge(ctx context.Context, v Viewer, w *Why, c slot.Coach, starts []time.Time) error {
	rules := w.Offer.Type.Rules()
	var ids []string
	busy := false
	for _, start := range starts {
		j := judgeStart(rules, c, start, s.Now())
		j.Fit = fit(rules, c, start, *w)
		for _, b := range j.Bookings {
			ids = append(ids, string(b.Booking.ID))
		}
		if all := slices.IndexFunc(j.Busy, func(o Occupied) bool { return o.Start.Equal(w.from) && o.End.Equal(w.to) }); all >= 0 {
			j.Unread, j.Busy = true, slices.Delete(j.Busy, all, all+1)
		}
		busy = busy || len(j.Busy) > 0
		w.Starts = append(w.Starts, j)
	}
	if len(ids) > 0 {
		found, err := list(ctx, s.DB, ` where b.id = any ($1) and b.coach_id = $2`, pg.Array(ids), w.Coach.ID)
		if err != nil {
			return err
		}
		for i := range found {
			found[i] = v.shown(found[i])
		}
		w.nameBookings(found)
	}
	if busy {
		from, to := slot.Gather(rules, slot.Query{From: starts[0], To: starts[len(starts)-1]})
		found, err := s.Occupied(ctx, v, []people.ID{w.Coach.ID}, from, to)
		if err != nil {
			return err
		}
		w.nameBusy(found)
	}
	return nil
}

func (w *Why) nameBookings(found []Booking) {
	for _, j := range w.Starts {
		for i := range j.Bookings {
			for _, b := range found {
				if b.ID == j.Bookings[i].Booking.ID {
					j.Bookings[i].Booking = b
				}
			}
		}
	}
}

func (w *Why) nameBusy(found []Occupied) {
	for _, j := range w.Starts {
		for i := range j.Busy {
			for _, o := range found {
				if o.Start.Equal(j.Busy[i].Start) && o.End.Equal(j.Busy[i].End) {
					j.Busy[i] = o
				}
			}
		}
	}
}

// judgeStart asks the engine once as it is, and then once for each thing that
// may stand in the way, with everything else taken away.
func judgeStart(rules slot.Type, c slot.Coach, start, now time.Time) Judged {
	j := Judged{Start: start, End: start.Add(rules.Duration)}
	j.First = slot.Check(rules, c, start, slot.Query{Now: now})
	always := open(rules)
	alone := slot.Coach{Slug: c.Slug, Hours: slot.Hours{Home: c.Hours.Home, Travel: c.Hours.Travel}}
	timed := always
	timed.MaxPerDay = 0
	j.Rule = slot.Check(timed, alone, start, slot.Query{Now: now})
	always.MinNotice, always.HorizonDays = 0, 1
	atOnce := slot.Query{Now: start}

	full := alone
	full.Taken = c.Taken
	j.Full = slot.Check(always, full, start, atOnce) == slot.DayFull
	always.MaxPerDay = 0
	for _, b := range c.Taken {
		one := alone
		one.Taken = []slot.Booking{b}
		if why := slot.Check(always, one, start, atOnce); why == slot.Booked || why == slot.Buffer {
			j.Bookings = append(j.Bookings, InTheWay{Booking: Booking{ID: ID(b.ID), Start: b.Start, End: b.End}, Gap: why == slot.Buffer})
		}
	}
	for _, b := range c.Busy {
		one := alone
		one.Busy = []slot.Span{b}
		if slot.Check(always, one, start, atOnce) == slot.Busy {
			j.Busy = append(j.Busy, Occupied{Block: Block{Start: b.Start.UTC(), End: b.End.UTC()}})
		}
	}
	return j
}

// fit asks the engine about the hours alone, once on their grid and once with a
// start every minute.
func fit(rules slot.Type, c slot.Coach, start time.Time, w Why) Fit {
	rules.MinNotice, rules.HorizonDays, rules.MaxPerDay = 0, 1, 0
	bare := slot.Coach{Slug: c.Slug, Hours: c.Hours}
	fits := func(t slot.Type) bool { return slot.Check(t, bare, start, slot.Query{Now: start}) == slot.Offered }
	if rules.Step == 0 {
		rules.Step = rules.Duration
	}
	moment, anywhere := rules, rules
	moment.Duration, moment.Step = time.Minute, time.Minute
	anywhere.Step = time.Minute
	switch {
	case fits(rules):
		return Fits
	case len(w.Windows) == 0 && w.Exception:
		return DayOff
	case len(w.Windows) == 0:
		return NoHours
	case !fits(moment):
		return Outside
	case !fits(anywhere):
		return TooLong
	}
	return BesideGrid
}

// open is the type with every hour open and a start every minute, so that what
// the hours say does not hide the rest.
func open(t slot.Type) slot.Type {
	t.Step, t.Weekly = time.Minute, allWeek()
	return t
}

package calendar

import (
	"slices"
	"time"
)

// series blocks the times of all events. Those of one UID belong together: one
// that has a RECURRENCE-ID stands in the place of one start of the others.
func (f *file) series(events []event) {
	together := map[string][]event{}
	var order []string
	for _, e := range events {
		if _, seen := together[e.uid]; !seen {
			order = append(order, e.uid)
		}
		together[e.uid] = append(together[e.uid], e)
	}
	for _, uid := range order {
		var masters, changes []event
		for _, e := range together[uid] {
			if e.instead == nil {
				masters = append(masters, e)
			} else {
				changes = append(changes, e)
			}
		}
		changes = f.latest(changes)
		for _, e := range masters {
			f.guard(func() { f.master(e, changes) })
		}
		for _, e := range changes {
			f.guard(func() { f.master(e, f.later(e, changes)) })
		}
	}
}

// latest keeps, of several changes to one start, the one with the highest
// SEQUENCE, of equals the last, and sorts them by that start.
func (f *file) latest(changes []event) []event {
	slices.SortStableFunc(changes, func(a, b event) int {
		if c := f.instant(*a.instead).Compare(f.instant(*b.instead)); c != 0 {
			return c
		}
		return a.sequence - b.sequence
	})
	var kept []event
	for _, e := range changes {
		if n := len(kept); n > 0 && f.instant(*kept[n-1].instead).Equal(f.instant(*e.instead)) && kept[n-1].andFuture == e.andFuture {
			kept[n-1] = e
		} else {
			kept = append(kept, e)
		}
	}
	return kept
}

// later gives the changes of later starts than that of a change that has a rule
// of its own. Any other change is one event, which nothing takes away.
func (f *file) later(e event, changes []event) []event {
	if len(e.rules) == 0 {
		return nil
	}
	f.effort -= aDate * len(changes)
	at := f.instant(*e.instead)
	return slices.DeleteFunc(slices.Clone(changes), func(c event) bool { return !f.instant(*c.instead).After(at) })
}

// aDate is what reading one more date costs, in days of a rule.
const aDate = 20

// master blocks the times of one event and its rule, without those that were
// left out or changed.
func (f *file) master(e event, changes []event) {
	f.effort -= aDate * (1 + len(changes) + len(e.extra) + len(e.except))
	following := slices.DeleteFunc(slices.Clone(changes), func(c event) bool { return !c.andFuture })
	if f.effort < 0 || !e.blocks && len(following) == 0 {
		return
	}
	gone := f.leftOut(e, changes)
	for _, x := range f.all(e, following) {
		at := f.instant(x.start)
		if gone.has(x.start.label, at) {
			continue
		}
		if rule := f.ruling(following, at); rule >= 0 {
			c := following[rule]
			if c.blocks && len(c.rules) == 0 {
				moved := c.start
				moved.label = f.shifted(c, x.start)
				start, end := f.span(moved, c.lasts)
				f.block(e.uid, start, end)
			}
		} else if e.blocks {
			start, end := f.span(x.start, x.lasts)
			f.block(e.uid, start, end)
		}
	}
}

// all gives every start of an event that may reach into what was asked for.
func (f *file) all(e event, following []event) []extra {
	starts := []extra{{e.start, e.lasts}}
	// A start counts although the event began before: it may last long, or a
	// change may have moved all that follows.
	margin := 2*day + time.Duration(min(e.lasts.days, 3650))*day + min(e.lasts.time, 3650*day)
	for _, c := range following {
		longest := min(c.lasts.time, 366*day) + time.Duration(min(c.lasts.days, 366))*day
		margin = max(margin, 2*day+longest+min(c.start.label.Sub(c.instead.label).Abs(), 366*day))
	}
	for _, rule := range e.rules {
		labels, err := f.starts(rule, e.start, f.From.Add(-margin), f.To.Add(margin))
		if err != nil {
			f.trouble.rules++
		}
		for _, label := range labels {
			m := e.start
			m.label = label
			starts = append(starts, extra{m, e.lasts})
		}
	}
	for _, x := range e.extra {
		if e.start.date {
			x.start = x.start.onDate()
		} else if x.start.date {
			// A date on which the event is at its usual time.
			m := e.start
			m.label = x.start.label.Add(e.start.label.Sub(e.start.label.Truncate(day)))
			x.start = m
		}
		starts = append(starts, x)
	}
	return starts
}

// shifted is where a change of all that follows puts a start: as far from it as
// the changed one is from where it was.
func (f *file) shifted(change event, start moment) time.Time {
	if start.date || change.start.date || change.instead.date {
		return start.label.Truncate(day).Add(change.start.label.Sub(change.instead.label.Truncate(day)))
	}
	z := f.zoneOf(change.start)
	label := z.label(f.instant(start))
	return label.Add(change.start.label.Sub(z.label(f.instant(*change.instead))))
}

// ruling finds the last change that rules all that follows it up to a start,
// or -1.
func (f *file) ruling(following []event, at time.Time) int {
	i, found := slices.BinarySearchFunc(following, at, func(c event, at time.Time) int {
		return f.instant(*c.instead).Compare(at)
	})
	if found {
		return i
	}
	return i - 1
}

// absent holds the starts of an event that do not take place.
type absent struct {
	instants, dates map[int64]bool
}

func (a absent) has(label, at time.Time) bool {
	return a.instants[at.Unix()] || a.dates[dateOf(label)]
}

// dateOf is the date of a label, as the second at which it begins.
func dateOf(label time.Time) int64 { return label.Truncate(day).Unix() }

// leftOut collects what EXDATE and changes take out. A date takes out whatever
// begins on it by the event's own clock; for an event of whole days a time
// means its date.
func (f *file) leftOut(e event, changes []event) absent {
	a := absent{map[int64]bool{}, map[int64]bool{}}
	except := slices.Clone(e.except)
	for _, c := range changes {
		except = append(except, *c.instead)
	}
	for _, m := range except {
		switch {
		case m.date:
			a.dates[dateOf(m.label)] = true
		case e.start.date && m.utc && !m.label.Equal(m.label.Truncate(day)):
			at := f.instant(m)
			a.dates[dateOf(f.home(m.label).label(at))] = true
		case e.start.date:
			a.dates[dateOf(m.label)] = true
		default:
			if m.zone == nil {
				m.zone = e.start.zone // times without a zone are on the event's own clock
			}
			a.instants[f.instant(m).Unix()] = true
		}
	}
	return a
}

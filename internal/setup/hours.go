package setup

import (
	"cmp"
	"slices"

	"kintsugi/internal/availability"
	"kintsugi/internal/practice"
	"kintsugi/internal/slot"

	"go.yaml.in/yaml/v3"
)

// Bounds of one coach's calendar.
const (
	mostWindows   = 48 // of a day
	mostOverrides = 2000
	mostTrips     = 500
	mostCalendars = 20
)

// windows is the hours of one day.
func windows() kind[practice.Windows] {
	return kind[practice.Windows]{
		read: func(v value) (practice.Windows, bool) {
			values, ok := v.list(mostWindows, `["09:00-12:00", "13:00-17:00"]`)
			hours := make(practice.Windows, 0, len(values))
			for _, v := range values {
				s, fine := v.scalar(`"09:00-12:00"`)
				if !fine {
					continue
				}
				if len(s) > 60 {
					s = s[:60]
				}
				window, err := slot.ParseWindow(s)
				if err != nil {
					v.wrong("%v", err)
					continue
				}
				hours = append(hours, window)
			}
			return hours, ok
		},
		write: func(hours practice.Windows) *yaml.Node {
			if hours == nil {
				return nil
			}
			list := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
			for _, w := range hours {
				node := textNode(w.String())
				node.Style = yaml.DoubleQuotedStyle
				list.Content = append(list.Content, node)
			}
			return list
		},
	}
}

// week is the hours of each weekday; a day that is not named has none.
func week() kind[practice.Week] {
	day := windows()
	return kind[practice.Week]{
		read: func(v value) (practice.Week, bool) {
			fields, ok := v.group(practice.DayNames()...)
			week := practice.Week{}
			for _, name := range practice.DayNames() {
				weekday, _ := practice.Weekday(name)
				v, given := fields[name]
				if !given || v.null() {
					continue
				}
				if hours, fine := day.read(v); fine && len(hours) > 0 {
					week[weekday] = hours
				}
			}
			return week, ok
		},
		write: func(week practice.Week) *yaml.Node {
			if week == nil {
				return nil
			}
			group := &yaml.Node{Kind: yaml.MappingNode}
			for _, name := range practice.DayNames() {
				weekday, _ := practice.Weekday(name)
				if hours := week[weekday]; len(hours) > 0 {
					group.Content = append(group.Content, plainNode(name), day.write(hours))
				}
			}
			if len(group.Content) == 0 {
				group.Style = yaml.FlowStyle
			}
			return group
		},
	}
}

// date is a day of the calendar.
func date() kind[string] {
	return unquoted(scalarOf("2026-12-24", func(v value, s string) (string, bool) {
		d, err := slot.ParseDate(shortDate(s))
		if err != nil {
			v.wrong("%v", err)
			return "", false
		}
		if d.Year < 1970 || d.Year > 2200 {
			v.wrong("%s is too far away; a date lies between 1970 and 2200", quoted(s))
			return "", false
		}
		return d.String(), true
	}, asIs))
}

// shortDate keeps an absurd date from filling the screen.
func shortDate(s string) string {
	if len(s) > 60 {
		return s[:60]
	}
	return s
}

// overrides is the dates with hours of their own.
func overrides() kind[[]availability.Override] {
	return listOf([]setting[availability.Override]{
		must("date", date(), func(o *availability.Override) *string { return &o.Date }),
		must("hours", windows(), func(o *availability.Override) *practice.Windows { return &o.Hours }),
	}, mostOverrides, "[{date: 2026-12-24, hours: []}]", yaml.FlowStyle,
		func(overrides []availability.Override, at []item[availability.Override]) {
			seen := map[string]int{}
			for i, o := range overrides {
				if first, twice := seen[o.Date]; twice {
					at[i].field("date").wrong("%s has an override already, in line %d; write all its hours into one", o.Date, first)
				} else {
					seen[o.Date] = at[i].at.line
				}
			}
		})
}

// trips is the travel of a coach.
func trips() kind[[]availability.Trip] {
	return listOf([]setting[availability.Trip]{
		must("from", date(), func(t *availability.Trip) *string { return &t.From }),
		must("to", date(), func(t *availability.Trip) *string { return &t.To }),
		must("timezone", zone(), func(t *availability.Trip) *string { return &t.Timezone }),
	}, mostTrips, "[{from: 2026-05-11, to: 2026-05-15, timezone: America/New_York}]", yaml.FlowStyle, checkTrips)
}

// checkTrips refuses trips that end before they begin and trips that share a
// date. Dates written as 2026-05-11 stand in the order of time.
func checkTrips(trips []availability.Trip, at []item[availability.Trip]) {
	order := make([]int, len(trips))
	for i, t := range trips {
		order[i] = i
		if t.To < t.From {
			at[i].field("to").wrong("the trip ends on %s, before it begins on %s", t.To, t.From)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(trips[a].From, trips[b].From) })
	for i, t := range order {
		if i == 0 {
			continue
		}
		longest := slices.MaxFunc(order[:i], func(a, b int) int { return cmp.Compare(trips[a].To, trips[b].To) })
		if trips[t].From <= trips[longest].To {
			later, other := max(t, longest), min(t, longest)
			at[later].field("from").wrong("the trip overlaps the one in line %d; a date can belong to one trip only", at[other].at.line)
		}
	}
}

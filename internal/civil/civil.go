// Package civil says times, days and spans the way people say them, in English
// and on a 24 hour clock: "Tuesday 8 December, 14:00 (London)". It is pure: the
// zone and the present moment are handed in. It decides nothing about which
// hours exist or can be booked; that is slot's.
package civil

import (
	"fmt"
	"strings"
	"time"
)

// When says an instant on the clock of a place, with the place named:
// "Tuesday 8 December, 14:00 (London)". The year is said when it is not the
// one that now lies in.
func When(t time.Time, loc *time.Location, now time.Time) string {
	return fmt.Sprintf("%s, %s (%s)", Day(t, loc, now), Clock(t, loc), Place(loc))
}

// WhenExact says an instant so that it cannot be misread later or elsewhere,
// as letters need it: "Tuesday 8 December 2026, 14:00 (Paris, CET)".
func WhenExact(t time.Time, loc *time.Location) string {
	t = t.In(loc)
	return fmt.Sprintf("%s, %s (%s)", t.Format("Monday 2 January 2006"), t.Format("15:04"), Zone(loc, t))
}

// Day says the date of an instant at a place: "Tuesday 8 December", with the
// year when it is not the one that now lies in.
func Day(t time.Time, loc *time.Location, now time.Time) string {
	t, now = t.In(loc), now.In(loc)
	if t.Year() == now.Year() {
		return t.Format("Monday 2 January")
	}
	return t.Format("Monday 2 January 2006")
}

// Clock says the time of day of an instant at a place: "14:00". In the night
// when the clocks go back an hour is there twice; then it says which one is
// meant: "01:30 GMT".
func Clock(t time.Time, loc *time.Location) string {
	t = t.In(loc)
	if repeated(t) {
		return t.Format("15:04 ") + abbreviation(t)
	}
	return t.Format("15:04")
}

// repeated reports whether another instant of the same night carries the same
// date and time of day.
func repeated(t time.Time) bool {
	_, offset := t.Zone()
	for _, near := range []time.Duration{-3 * time.Hour, 3 * time.Hour} {
		_, other := t.Add(near).Zone()
		if other == offset {
			continue
		}
		twin := t.Add(time.Duration(offset-other) * time.Second)
		if !twin.Equal(t) && twin.Format(time.DateTime) == t.Format(time.DateTime) {
			return true
		}
	}
	return false
}

// PartOfDay says in which part of the day an instant lies at a place:
// "Morning" until noon, "Afternoon" until 17:00, then "Evening"; "Night" before
// 06:00.
func PartOfDay(t time.Time, loc *time.Location) string {
	switch hour := t.In(loc).Hour(); {
	case hour < 6:
		return "Night"
	case hour < 12:
		return "Morning"
	case hour < 17:
		return "Afternoon"
	default:
		return "Evening"
	}
}

// Zone names the clock of a place at an instant: "Paris, CEST" in summer,
// "Paris, CET" in winter, "São Paulo, UTC−3" where the clock has no letters.
func Zone(loc *time.Location, at time.Time) string {
	place, short := Place(loc), abbreviation(at.In(loc))
	if place == short {
		return place
	}
	return place + ", " + short
}

// Place names a zone by its city: "London" for Europe/London, "Buenos Aires"
// for America/Argentina/Buenos_Aires. UTC is UTC.
func Place(loc *time.Location) string { return City(loc.String()) }

// City is Place for a zone of which only the name is at hand.
func City(name string) string {
	if name == "" || name == "Local" || strings.HasPrefix(name, "Etc/") || name == "GMT" {
		return "UTC"
	}
	if written := spelled(name); written != "" {
		return written
	}
	name = name[strings.LastIndexByte(name, '/')+1:]
	return strings.ReplaceAll(name, "_", " ")
}

// abbreviation is the short name of the clock at an instant. The zone database
// has only numbers for many zones; those are said as a distance from UTC.
func abbreviation(t time.Time) string {
	short, offset := t.Zone()
	if short != "" && short[0] != '+' && short[0] != '-' {
		return short
	}
	sign := "+"
	if offset < 0 {
		sign, offset = "−", -offset
	}
	hours, minutes := offset/3600, offset%3600/60
	switch {
	case offset == 0:
		return "UTC"
	case minutes == 0:
		return fmt.Sprintf("UTC%s%d", sign, hours)
	default:
		return fmt.Sprintf("UTC%s%d:%02d", sign, hours, minutes)
	}
}

// Duration says a span in whole minutes: "30 minutes", "1 hour",
// "1 hour 30 minutes", "2 days 3 hours".
func Duration(d time.Duration) string {
	minutes := int(d.Round(time.Minute) / time.Minute)
	if minutes <= 0 {
		return "0 minutes"
	}
	var said []string
	add := func(n int, one, many string) {
		switch {
		case n == 1:
			said = append(said, "1 "+one)
		case n > 1:
			said = append(said, fmt.Sprintf("%d %s", n, many))
		}
	}
	if minutes >= 48*60 {
		add(minutes/(24*60), "day", "days")
		minutes %= 24 * 60
	}
	add(minutes/60, "hour", "hours")
	add(minutes%60, "minute", "minutes")
	return strings.Join(said, " ")
}

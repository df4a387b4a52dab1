package setup

import (
	"kintsugi/internal/availability"
	"kintsugi/internal/colour"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"

	"go.yaml.in/yaml/v3"
)

// The tables below are the practice file: every field, how it is written, what
// it is without being named, where it is kept. The order is that of an export.

// Bounds of a text and of a section.
const (
	longLine   = 200
	shortProse = 5_000
	longProse  = 100_000
	mostItems  = 200
)

// coach is a coach with their hours.
type coach struct {
	people.Coach
	availability.Stored
}

// kindOf is an appointment type with the slugs of those who hold it.
type kindOf struct {
	practice.Type
	coaches []string
}

func practiceSettings() []setting[practice.Practice] {
	type p = practice.Practice
	return []setting[p]{
		must("name", line(longLine), func(p *p) *string { return &p.Name }),
		may("discreet_name", line(longLine), "", func(p *p) *string { return &p.DiscreetName }),
		must("timezone", zone(), func(p *p) *string { return &p.Timezone }),
		must("currency", currencyCode(), func(p *p) *string { return &p.Currency }),
		must("email", address(), func(p *p) *string { return &p.Email }),
		may("cancel_notice", span(0, 60*dayMinutes), practice.DefaultCancelMinutes, func(p *p) *int { return &p.CancelMinutes }),
		may("ask_reason", yesNo(), true, func(p *p) *bool { return &p.AskReason }),
		may("sessions_rest", days(0, 365), practice.DefaultRestDays, func(p *p) *int { return &p.RestDays }),
		may("reminders", remindersKind(), nil, func(p *p) *practice.Reminders { return &p.Reminders }),
		may("enquiries_kept", days(1, 3650), practice.DefaultKeptDays, func(p *p) *int { return &p.KeptDays }),
		may("intro", prose(longProse), "", func(p *p) *string { return &p.Intro }),
		may("privacy", prose(longProse), "", func(p *p) *string { return &p.Privacy }),
		may("terms", prose(longProse), "", func(p *p) *string { return &p.Terms }),
		may("colour", shade(colour.Light), "", func(p *p) *string { return &p.Colour }),
		may("colour_dark", shade(colour.Dark), "", func(p *p) *string { return &p.ColourDark }),
		may("help", helpKind(), nil, func(p *p) *practice.HelpLines { return &p.Help }),
	}
}

func coachSettings() []setting[coach] {
	return []setting[coach]{
		must("name", line(longLine), func(c *coach) *string { return &c.Name }),
		must("email", address(), func(c *coach) *string { return &c.Email }),
		may("role", oneOf(people.Owner, people.Member, people.Assistant), people.Member, func(c *coach) *people.Role { return &c.Role }),
		may("active", yesNo(), true, func(c *coach) *bool { return &c.Active }),
		must("timezone", zone(), func(c *coach) *string { return &c.Timezone }),
		may("bio", prose(longProse), "", func(c *coach) *string { return &c.Bio }),
		may("meeting_url", link("https", "http"), "", func(c *coach) *string { return &c.MeetingURL }),
		may("weekly_hours", week(), practice.Week{}, func(c *coach) *practice.Week { return &c.Weekly }),
		may("overrides", overrides(), []availability.Override{}, func(c *coach) *[]availability.Override { return &c.Overrides }),
		may("travel", trips(), []availability.Trip{}, func(c *coach) *[]availability.Trip { return &c.Travel }),
		may("busy_calendars", eachOf(link("https"), mostCalendars, `["https://calendar.example.org/mara.ics"]`), []string{}, func(c *coach) *[]string { return &c.BusyCalendars }),
	}
}

func typeSettings() []setting[kindOf] {
	return []setting[kindOf]{
		must("name", line(longLine), func(t *kindOf) *string { return &t.Name }),
		may("description", prose(shortProse), "", func(t *kindOf) *string { return &t.Description }),
		must("duration", span(1, dayMinutes), func(t *kindOf) *int { return &t.DurationMinutes }),
		may("place", line(longLine), practice.Video, func(t *kindOf) *string { return &t.Place }),
		may("slot_step", span(1, dayMinutes), 0, func(t *kindOf) *int { return &t.StepMinutes }),
		may("buffer_before", span(0, dayMinutes), 0, func(t *kindOf) *int { return &t.BeforeMinutes }),
		may("buffer_after", span(0, dayMinutes), 0, func(t *kindOf) *int { return &t.AfterMinutes }),
		may("min_notice", span(0, 365*dayMinutes), 0, func(t *kindOf) *int { return &t.NoticeMinutes }),
		may("horizon", days(0, 1000), 60, func(t *kindOf) *int { return &t.HorizonDays }),
		may("max_per_day", whole(1, 1000), 0, func(t *kindOf) *int { return &t.MaxPerDay }),
		may("public", yesNo(), false, func(t *kindOf) *bool { return &t.Public }),
		may("once_per_person", yesNo(), false, func(t *kindOf) *bool { return &t.OncePerPerson }),
		may("approval", span(0, 60*dayMinutes), 0, func(t *kindOf) *int { return &t.ApprovalMinutes }),
		may("credits", whole(0, 100), 0, func(t *kindOf) *int { return &t.Credits }),
		may("lane", oneOf(practice.Joint, practice.Individual), practice.Individual, func(t *kindOf) *string { return &t.Lane }),
		may("hours", week(), nil, func(t *kindOf) *practice.Week { return &t.Hours }),
		must("coaches", eachOf(slug(), mostItems, "[mara]"), func(t *kindOf) *[]string { return &t.coaches }),
		may("withdrawn", yesNo(), false, func(t *kindOf) *bool { return &t.Withdrawn }),
	}
}

// helpKind is the list of help lines; an empty list means none.
func helpKind() kind[practice.HelpLines] {
	type h = practice.HelpLine
	list := listOf([]setting[h]{
		must("country", country(), func(h *h) *string { return &h.Country }),
		must("name", line(longLine), func(h *h) *string { return &h.Name }),
		may("phone", line(60), "", func(h *h) *string { return &h.Phone }),
		may("url", link("https", "http"), "", func(h *h) *string { return &h.URL }),
		may("note", line(500), "", func(h *h) *string { return &h.Note }),
	}, 500, "[{country: GB, name: Samaritans, phone: 116 123}]", 0,
		func(lines []h, at []item[h]) {
			for i, h := range lines {
				if h.Phone == "" && h.URL == "" {
					at[i].at.wrong("needs a phone or a url, else nobody can reach it")
				}
			}
		})
	return kind[practice.HelpLines]{
		read: func(v value) (practice.HelpLines, bool) {
			lines, ok := list.read(v)
			return lines, ok
		},
		write: func(lines practice.HelpLines) *yaml.Node { return list.write(lines) },
	}
}

// remindersKind is how long before a call to remind of it; an empty list means
// never.
func remindersKind() kind[practice.Reminders] {
	list := eachOf(span(1, 30*dayMinutes), 5, "[24h, 1h]")
	return kind[practice.Reminders]{
		read: func(v value) (practice.Reminders, bool) {
			spans, ok := list.read(v)
			return spans, ok
		},
		write: func(spans practice.Reminders) *yaml.Node { return list.write(spans) },
	}
}

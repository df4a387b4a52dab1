package icaltest

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Parsed is a calendar as one parser saw it.
type Parsed struct {
	Parser string // who saw it
	Method string // "" where there is none
	Name   string
	Events []Event
	// Shape is the name of every component and property, such as
	// "VCALENDAR/VEVENT/VALARM.TRIGGER", sorted, repeated ones repeated. Two
	// calendars with the same shape differ in words only: nothing was
	// injected into either.
	Shape []string
}

// Event is one VEVENT, its words decoded.
type Event struct {
	UID                                 string
	Sequence                            int
	Status, Transparency                string
	Stamp, Start, End                   time.Time
	Created                             time.Time // zero where there is none
	Summary, Description, Location, URL string
	Organizer                           *Party // nil where there is none
	Attendees                           []Party
	Triggers                            []string // one for each alarm, such as "-PT15M"
}

// Party is an ORGANIZER or ATTENDEE.
type Party struct {
	Address    string // the URI, "mailto:…"
	Name       string // CN, decoded
	Parameters map[string]string
}

// component, property: what every parser prints.
type component struct {
	Name       string      `json:"name"`
	Properties []property  `json:"properties"`
	Components []component `json:"components"`
}

type property struct {
	Name       string            `json:"name"`
	Parameters map[string]string `json:"parameters"`
	Value      string            `json:"value"`
}

const instantLayout = "20060102T150405Z"

// instants are the properties whose value is written as an instant.
var instants = []string{"DTSTAMP", "DTSTART", "DTEND", "CREATED", "LAST-MODIFIED"}

// comparable takes out of a tree what parsers say differently and mean the
// same: upper and lower case of names, the order of properties, the dashes of
// an instant, VALUE (ical.js turns it into a type).
func (c component) comparable() component {
	out := component{Name: strings.ToUpper(c.Name)}
	for _, p := range c.Properties {
		q := property{Name: strings.ToUpper(p.Name), Parameters: map[string]string{}, Value: p.Value}
		for name, value := range p.Parameters {
			if name = strings.ToUpper(name); name != "VALUE" {
				q.Parameters[name] = value
			}
		}
		if slices.Contains(instants, q.Name) {
			q.Value = strings.NewReplacer("-", "", ":", "").Replace(q.Value)
		}
		out.Properties = append(out.Properties, q)
	}
	slices.SortStableFunc(out.Properties, func(a, b property) int { return cmp.Compare(a.Name, b.Name) })
	for _, child := range c.Components {
		out.Components = append(out.Components, child.comparable())
	}
	return out
}

// parsed reads the meaning out of a comparable tree.
func (c component) parsed() (Parsed, error) {
	view := Parsed{Method: c.value("METHOD"), Name: c.value("NAME"), Shape: c.shape("")}
	slices.Sort(view.Shape)
	for _, child := range c.Components {
		if child.Name != "VEVENT" {
			continue
		}
		e, err := child.event()
		if err != nil {
			return Parsed{}, err
		}
		view.Events = append(view.Events, e)
	}
	return view, nil
}

func (c component) event() (Event, error) {
	e := Event{
		UID: c.value("UID"), Status: c.value("STATUS"), Transparency: c.value("TRANSP"),
		Summary: c.value("SUMMARY"), Description: c.value("DESCRIPTION"),
		Location: c.value("LOCATION"), URL: c.value("URL"),
	}
	var err error
	if text := c.value("SEQUENCE"); text != "" {
		if e.Sequence, err = strconv.Atoi(text); err != nil {
			return e, fmt.Errorf("SEQUENCE: %w", err)
		}
	}
	for name, into := range map[string]*time.Time{"DTSTAMP": &e.Stamp, "DTSTART": &e.Start, "DTEND": &e.End, "CREATED": &e.Created} {
		if text := c.value(name); text != "" {
			if *into, err = time.Parse(instantLayout, text); err != nil {
				return e, fmt.Errorf("%s is no instant in UTC: %w", name, err)
			}
		}
	}
	for _, p := range c.Properties {
		who := Party{Address: p.Value, Name: p.Parameters["CN"], Parameters: p.Parameters}
		switch p.Name {
		case "ORGANIZER":
			e.Organizer = &who
		case "ATTENDEE":
			e.Attendees = append(e.Attendees, who)
		}
	}
	for _, child := range c.Components {
		e.Triggers = append(e.Triggers, child.value("TRIGGER"))
	}
	return e, nil
}

// value gives the first property of a name.
func (c component) value(name string) string {
	for _, p := range c.Properties {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

func (c component) shape(under string) []string {
	path := strings.TrimPrefix(under+"/"+c.Name, "/")
	shape := []string{path}
	for _, p := range c.Properties {
		shape = append(shape, path+"."+p.Name)
	}
	for _, child := range c.Components {
		shape = append(shape, child.shape(path)...)
	}
	return shape
}

package site

import (
	"strings"
	"time"

	"kintsugi/internal/civil"
	"kintsugi/internal/practice"
)

// link is an address with its words.
type link struct{ Href, Say string }

// pair is a label and what it labels.
type pair struct{ Name, Value string }

// stamp is a date for people and for machines.
type stamp struct{ Machine, Say string }

// call is the invitation to book that ends a page; nil where nothing can be booked.
type call struct {
	Href  string
	Facts string // "30 minutes by video, free"
}

// callTo is the invitation to book one of the public types: the one with this
// slug, or the first.
func callTo(types []practice.Public, slug string) *call {
	for _, t := range types {
		if t.Slug == slug {
			return &call{Href: "/book/" + t.Slug, Facts: typeFacts(t)}
		}
	}
	if len(types) == 0 {
		return nil
	}
	return &call{Href: "/book/" + types[0].Slug, Facts: typeFacts(types[0])}
}

// typeFacts says how long a call takes, where it is held and that it is free.
// What can be booked without an account costs nothing.
func typeFacts(t practice.Public) string {
	return civil.Duration(time.Duration(t.DurationMinutes)*time.Minute) + " " + placeWords(t.Place) + ", free"
}

// placeWords says where a call is held, after its length.
func placeWords(place string) string {
	switch place {
	case practice.Video:
		return "by video"
	case practice.Phone:
		return "by phone"
	}
	return "at " + place
}

// dated is a date as articles show it.
func dated(t time.Time, loc *time.Location) *stamp {
	t = t.In(loc)
	return &stamp{Machine: t.Format(time.DateOnly), Say: t.Format("2 January 2006")}
}

// firstName is how a coach is called in the middle of a sentence.
func firstName(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return first
}

// readingMinutes says how long a text takes to read, at 220 words a minute.
func readingMinutes(body string) string {
	minutes := (len(strings.Fields(body)) + 219) / 220
	if minutes <= 1 {
		return "1 minute to read"
	}
	return civil.Duration(time.Duration(minutes)*time.Minute) + " to read"
}

// firstLine is the first sentence of a Markdown text, for one line about a
// person. A paragraph that is wrapped over several lines is one.
func firstLine(markdown string) string {
	var words []string
	for _, typed := range strings.Split(markdown, "\n") {
		line := strings.TrimSpace(strings.Trim(strings.TrimSpace(typed), "#*_> "))
		starts := strings.HasPrefix(typed, "#") || strings.HasPrefix(typed, "- ") || strings.HasPrefix(typed, "* ")
		if words != nil && (line == "" || starts) {
			break
		}
		if line != "" {
			words = append(words, line)
		}
		if strings.HasPrefix(typed, "#") && words != nil {
			break
		}
	}
	line := strings.Join(words, " ")
	if end := strings.Index(line, ". "); end > 0 {
		line = line[:end+1]
	}
	return strings.NewReplacer("**", "", "*", "", "_", "", "`", "").Replace(line)
}

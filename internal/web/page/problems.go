package page

import (
	"strings"

	"kintsugi/internal/fault"
)

// Problems are what has to be mended in a form, in the order of the form. The
// list on top of the form and the words beside each input come from it.
type Problems []fault.Field

// Of says what is wrong with a field, or nothing.
func (p Problems) Of(name string) string {
	for _, field := range p {
		if field.Name == name {
			return field.Say
		}
	}
	return ""
}

// Typed reports whether any of it is about something that somebody typed, and
// not about the act as a whole, whose place is the page itself ("main").
func (p Problems) Typed() bool {
	for _, field := range p {
		if field.Name != "main" {
			return true
		}
	}
	return false
}

// Count says how many things there are to mend: "one thing", "3 things".
func (p Problems) Count() string {
	words := []string{"nothing", "one thing", "two things", "three things", "four things", "five things"}
	if len(p) < len(words) {
		return words[len(p)]
	}
	return "a few things"
}

// ProblemsOf gives the problems that an error names, if it names any.
func ProblemsOf(err error) Problems {
	said := fault.As(err)
	if said == nil {
		return nil
	}
	kept := make(Problems, 0, len(said.Fields))
	for _, field := range said.Fields {
		if strings.TrimSpace(field.Say) != "" {
			kept = append(kept, field)
		}
	}
	return kept
}

package setup

import (
	"strings"

	"kintsugi/internal/colour"
	"kintsugi/internal/people"
)

// check notes what a file leaves missing, and what does not fit together once
// it has been put onto what is set up.
func (f *File) check(old state, next *state) {
	if next.set {
		needs(f.practice, practiceSettings(), &next.practice)
	} else {
		f.r.note(1, "practice", "is missing; a new practice needs a name, a timezone, a currency and an email")
	}
	for _, it := range f.coaches {
		needs(it.item, coachSettings(), find(next.coaches, coachEntry(), it.slug))
	}
	for _, it := range f.types {
		needs(it.item, typeSettings(), find(next.types, typeEntry(), it.slug))
	}
	for _, it := range f.packages {
		needs(it.item, packageSettings(), find(next.packages, packageEntry(), it.slug))
	}
	for _, it := range f.forms {
		form := find(next.forms, formEntry(), it.slug)
		needs(it.item, formSettings(), form)
		f.checkForm(it, form)
	}
	f.checkColours(next)
	f.checkAddresses(next)
	f.checkHolders(next)
	f.checkPackages(old, next)
}

// checkColours refuses a colour for dark pages alone, and one that YAML took for
// a comment because it stands in no quotes.
func (f *File) checkColours(next *state) {
	if !f.practice.at.given() {
		return
	}
	for _, key := range f.practice.at.node.Content {
		name, comment := key.Value, strings.TrimSpace(key.LineComment)
		if _, isOne := colour.Parse(comment); isOne && f.practice.fields[name].null() && strings.HasPrefix(name, "colour") {
			f.practice.field(name).wrong("%s is read as a comment; write it in quotes, like %s", comment, quoted(comment))
			return
		}
	}
	given := f.practice.fields["colour"]
	if next.practice.ColourDark != "" && next.practice.Colour == "" && (!given.given() || given.null()) {
		f.practice.field("colour_dark").wrong("is for a practice with a colour of its own; give colour too, or take this one out")
	}
}

// checkAddresses refuses two coaches under one address.
func (f *File) checkAddresses(next *state) {
	for i := range next.coaches {
		for j := range next.coaches[:i] {
			if a, b := next.coaches[j], next.coaches[i]; a.Email != "" && a.Email == b.Email {
				slug, other := b.Slug, a.Slug
				if !f.hasCoach(slug) {
					slug, other = other, slug
				}
				place(f, f.coaches, slug, "email", "coach").wrong("%s is the address of coach %s already", a.Email, other)
			}
		}
	}
}

func (f *File) hasCoach(slug string) bool {
	for _, it := range f.coaches {
		if it.slug == slug {
			return true
		}
	}
	return false
}

// checkHolders refuses types that nobody can hold.
func (f *File) checkHolders(next *state) {
	slugs := make([]string, len(next.coaches))
	for i, c := range next.coaches {
		slugs[i] = c.Slug
	}
	for _, t := range next.types {
		at := func() value { return place(f, f.types, t.Slug, "coaches", "appointment type") }
		if t.coaches != nil && len(t.coaches) == 0 {
			at().wrong("an appointment needs a coach; to offer it no longer write withdrawn: true")
		}
		for _, slug := range t.coaches {
			c := find(next.coaches, coachEntry(), slug)
			switch {
			case c == nil:
				at().wrong("there is no coach %s%s", slug, didYouMean(slug, slugs))
			case c.Role == people.Assistant:
				at().wrong("%s is an assistant and sees nobody; name a coach", slug)
			}
		}
	}
}

// didYouMean suggests a known slug.
func didYouMean(slug string, known []string) string {
	if meant := nearest(slug, known); meant != "" {
		return "; did you mean " + meant + "?"
	}
	if len(known) > 0 && len(known) <= 10 {
		return "; there are: " + strings.Join(known, ", ")
	}
	return ""
}

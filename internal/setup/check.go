package setup

import (
	"strings"

	"kintsugi/internal/colour"
	"kintsugi/internal/money"
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

// checkPackages refuses packages for types that are not there or not alike, and
// prices that the practice's currency cannot express.
func (f *File) checkPackages(old state, next *state) {
	slugs := make([]string, len(next.types))
	for i, t := range next.types {
		slugs[i] = t.Slug
	}
	for i := range next.packages {
		p := &next.packages[i]
		at := func(key string) value { return place(f, f.packages, p.Slug, key, "package") }
		if p.Types != nil && len(p.Types) == 0 {
			at("appointment_types").wrong("a package needs an appointment type that its sessions are for")
		}
		lane, first := "", ""
		for _, slug := range p.Types {
			t := find(next.types, typeEntry(), slug)
			switch {
			case t == nil:
				at("appointment_types").wrong("there is no appointment type %s%s", slug, didYouMean(slug, slugs))
			case lane == "":
				lane, first = t.Lane, slug
			case t.Lane != lane:
				at("appointment_types").wrong("%s is %s and %s is %s; the sessions of one package must all be of one lane", first, lane, slug, t.Lane)
			}
		}
		f.checkPrice(old, next, p, at("price"))
	}
}

// checkPrice reads the price in the practice's currency.
func (f *File) checkPrice(old state, next *state, p *pack, at value) {
	if p.price == "" || next.practice.Currency == "" {
		return
	}
	if old.set && old.practice.Currency != next.practice.Currency && !f.prices(p.Slug) {
		f.practice.field("currency").wrong("the price of package %s is in %s; name its price in %s too", p.Slug, old.practice.Currency, next.practice.Currency)
		return
	}
	minor, err := money.Parse(p.price, next.practice.Currency)
	if err != nil {
		at.wrong("%v", err)
		return
	}
	p.PriceMinor, p.Currency = minor, next.practice.Currency
	p.price = money.Plain(minor, p.Currency)
}

// prices reports whether the file names the price of a package.
func (f *File) prices(slug string) bool {
	for _, it := range f.packages {
		if _, given := it.fields["price"]; it.slug == slug && given {
			return true
		}
	}
	return false
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

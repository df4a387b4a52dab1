// Package setup owns the practice file: what it may say, reading it with every
// mistake named by file, line and field, applying it, writing it from what is
// set up now, and asking it what can be booked without any database. It refuses
// to half-apply: a file is taken whole or changes nothing.
//
// What a file names is made so, lists whole; what it does not name stays.
// Coaches, appointment types, packages and forms are known by slug, so a file
// may name one of them, or one field of one, and leave the rest alone. A field
// that is named and given nothing (`hours:` or `hours: null`) goes back to what
// it is without being named. Nothing is ever deleted: who leaves is set to
// `active: false`, what is no longer offered to `withdrawn: true`.
package setup

import (
	"fmt"

	"kintsugi/internal/practice"
)

// File is a practice file that has been read.
type File struct {
	r        *reader
	practice item[practice.Practice]
	coaches  []named[coach]
	types    []named[kindOf]
	packages []named[pack]
	forms    []named[practice.Form]
}

// named is an item with the slug that it is known by.
type named[T any] struct {
	item[T]
	slug string
}

// Parse reads a practice file, YAML or JSON, called file in its complaints. The
// error is all Mistakes that can be seen without knowing what is set up
// already. With mistakes inside the text the file is given as well; Apply tells
// them again, together with its own, and changes nothing.
func Parse(file string, data []byte) (*File, error) {
	r, tree := readTree(file, data, practiceLimits())
	if tree == nil {
		return nil, r.mistakes.orNil()
	}
	f := &File{r: r}
	sections, ok := r.at(tree, "").group("practice", "coaches", "appointment_types", "packages", "forms")
	if !ok {
		return nil, r.mistakes.orNil()
	}
	if v, given := sections["practice"]; given && !v.null() {
		f.practice, _ = readItem(v, practiceSettings())
	}
	f.coaches = readSection(sections["coaches"], coachSettings())
	f.types = readSection(sections["appointment_types"], typeSettings())
	f.packages = readSection(sections["packages"], packageSettings())
	f.forms = readSection(sections["forms"], formSettings())
	if err := r.mistakes.orNil(); err == nil || !f.whole() {
		return f, err
	}
	_, err := f.try(state{})
	return f, err
}

// whole reports whether the file has all that a new practice must say. Such a
// file is hardly about a practice that is set up already, so what it leaves
// open is told together with its other mistakes.
func (f *File) whole() bool {
	for _, s := range practiceSettings() {
		if _, given := f.practice.fields[s.key]; s.needed && !given {
			return false
		}
	}
	return true
}

// readSection reads a list of items with slugs, each known once.
func readSection[T any](v value, settings []setting[T]) []named[T] {
	if !v.given() || v.null() {
		return nil
	}
	values, _ := v.list(mostItems, "- slug: …")
	seen := map[string]int{}
	var items []named[T]
	for _, v := range values {
		it, ok := readItem(v, settings, "slug")
		if !ok {
			continue
		}
		field, given := it.fields["slug"]
		if !given || field.null() {
			it.field("slug").wrong("is missing")
			continue
		}
		name, ok := slug().read(field)
		if !ok {
			continue
		}
		if first, twice := seen[name]; twice {
			field.wrong("%s is the slug of the one in line %d already", name, first)
			continue
		}
		seen[name] = field.line
		items = append(items, named[T]{it, name})
	}
	return items
}

// place is where a file speaks of a field of an item, for mistakes that show
// only together with what is set up: the field, else the item, else the file.
func place[T any](f *File, items []named[T], slug, key, section string) value {
	for _, it := range items {
		if it.slug == slug {
			return it.field(key)
		}
	}
	return value{r: f.r, line: 1, path: fmt.Sprintf("%s %s", section, slug)}
}

package setup

import (
	"cmp"
	"slices"

	"kintsugi/internal/practice"
)

// state is everything that is set up, or would be.
type state struct {
	set      bool // whether there is a practice at all
	practice practice.Practice
	coaches  []coach
	types    []kindOf
	packages []pack
	forms    []practice.Form
}

// entry says how an item is known and where it stands in its list.
type entry[T any] struct {
	slug     func(*T) *string
	position func(*T) *int
}

func coachEntry() entry[coach] {
	return entry[coach]{func(c *coach) *string { return &c.Slug }, func(c *coach) *int { return &c.Position }}
}

func typeEntry() entry[kindOf] {
	return entry[kindOf]{func(t *kindOf) *string { return &t.Slug }, func(t *kindOf) *int { return &t.Position }}
}

func packageEntry() entry[pack] {
	return entry[pack]{func(p *pack) *string { return &p.Slug }, func(p *pack) *int { return &p.Position }}
}

func formEntry() entry[practice.Form] {
	return entry[practice.Form]{
		func(f *practice.Form) *string { return &f.Slug },
		func(f *practice.Form) *int { return &f.Position },
	}
}

// try gives what would be set up after the file, or all its mistakes. The file
// may be tried again on another state.
func (f *File) try(old state) (state, error) {
	own := len(f.r.mistakes)
	next := f.onto(old)
	err := f.r.mistakes.orNil()
	f.r.mistakes = f.r.mistakes[:own]
	return next, err
}

// onto gives what would be set up after the file has been put onto what is.
// It notes what is still missing or does not fit together.
func (f *File) onto(old state) state {
	next := state{set: old.set || f.practice.at.given(), practice: old.practice}
	if !old.set {
		next.practice = fresh(practiceSettings())
	}
	for _, put := range f.practice.puts {
		put(&next.practice)
	}
	next.practice.DiscreetName = cmp.Or(next.practice.DiscreetName, next.practice.Name)
	next.coaches = merge(old.coaches, f.coaches, coachSettings(), coachEntry())
	next.types = merge(old.types, f.types, typeSettings(), typeEntry())
	next.packages = merge(old.packages, f.packages, packageSettings(), packageEntry())
	next.forms = merge(old.forms, f.forms, formSettings(), formEntry())
	for i := range next.coaches {
		next.coaches[i].Timezone = cmp.Or(next.coaches[i].Timezone, next.practice.Timezone)
	}
	f.check(old, &next)
	return next
}

// merge puts what a file says onto a list. The items that the file names come
// in the file's order, in the places that they had together; new ones come last.
func merge[T any](old []T, items []named[T], settings []setting[T], is entry[T]) []T {
	next := slices.Clone(old)
	last := 0
	for i := range next {
		last = max(last, *is.position(&next[i])+1)
	}
	indexes, places := make([]int, 0, len(items)), make([]int, 0, len(items))
	for _, it := range items {
		i := slices.IndexFunc(next, func(t T) bool { return *is.slug(&t) == it.slug })
		if i < 0 {
			t := fresh(settings)
			*is.slug(&t), *is.position(&t) = it.slug, last
			last++
			next = append(next, t)
			i = len(next) - 1
		}
		for _, put := range it.puts {
			put(&next[i])
		}
		indexes, places = append(indexes, i), append(places, *is.position(&next[i]))
	}
	slices.Sort(places)
	for n, i := range indexes {
		*is.position(&next[i]) = places[n]
	}
	slices.SortStableFunc(next, func(a, b T) int {
		return cmp.Or(cmp.Compare(*is.position(&a), *is.position(&b)), cmp.Compare(*is.slug(&a), *is.slug(&b)))
	})
	return next
}

// find is the item with a slug, or nil.
func find[T any](list []T, is entry[T], slug string) *T {
	for i := range list {
		if *is.slug(&list[i]) == slug {
			return &list[i]
		}
	}
	return nil
}

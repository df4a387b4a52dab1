package setup

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
)

// Apply makes what the file names so, in one transaction and one at a time, and
// tells what changed, one line each; nothing when everything was so already. A
// file with mistakes, its own or together with what is set up, changes nothing
// and gives Mistakes.
func Apply(ctx context.Context, db *pg.DB, f *File, actor audit.Actor, now time.Time) (changes []string, err error) {
	err = db.InTx(ctx, func(tx *pg.Tx) error {
		found, err := Put(ctx, tx, f, audit.Entry{At: now, Actor: actor, Act: "practice file applied"})
		for _, c := range found {
			changes = append(changes, c.String())
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("apply: %w", err)
	}
	return changes, nil
}

// blame says which file an address that belongs to somebody else stands in.
func (f *File) blame(err error) error {
	if fault.KindOf(err) != fault.Invalid {
		return err
	}
	say := fault.SayOf(err)
	for _, it := range f.coaches {
		email := it.field("email")
		if email.given() && strings.Contains(say, strings.ToLower(email.node.Value)) {
			return Mistakes{{f.r.file, email.line, email.path, lower(say)}}
		}
	}
	return Mistakes{{f.r.file, 1, "coaches", lower(say)}}
}

// compare tells what is different in next.
func compare(old, next state) []Change {
	var changes []Change
	switch {
	case !old.set:
		changes = append(changes, Change{Item: "practice " + next.practice.Name, Is: "new"})
	default:
		changes = append(changes, differences("practice", practiceSettings(), &old.practice, &next.practice)...)
	}
	changes = append(changes, compareList("coach", "coaches", old.coaches, next.coaches, coachSettings(), coachEntry())...)
	changes = append(changes, compareList("appointment type", "appointment types", old.types, next.types, typeSettings(), typeEntry())...)
	changes = append(changes, compareList("package", "packages", old.packages, next.packages, packageSettings(), packageEntry())...)
	return append(changes, compareList("form", "forms", old.forms, next.forms, formSettings(), formEntry())...)
}

// compareList tells what is different in a list, its order included.
func compareList[T any](noun, nouns string, old, next []T, settings []setting[T], is entry[T]) []Change {
	var changes []Change
	var before, after, all []string
	for i := range old {
		before = append(before, *is.slug(&old[i]))
	}
	for i := range next {
		t := &next[i]
		slug := *is.slug(t)
		all = append(all, slug)
		was := find(old, is, slug)
		if was == nil {
			changes = append(changes, Change{Item: noun + " " + slug, Is: "new"})
			continue
		}
		after = append(after, slug)
		changes = append(changes, differences(noun+" "+slug, settings, was, t)...)
	}
	if !slices.Equal(before, after) {
		changes = append(changes, Change{Item: nouns, Is: "now in the order " + strings.Join(all, ", ")})
	}
	return changes
}

// differences tells which settings are different.
func differences[T any](what string, settings []setting[T], old, next *T) []Change {
	var changes []Change
	for _, s := range settings {
		if was, is := said(s.write(old)), said(s.write(next)); was != is {
			changes = append(changes, Change{Item: what, Key: s.key, Was: was, Is: is})
		}
	}
	return changes
}

func differ[T any](settings []setting[T], old, next *T) bool {
	return len(differences("", settings, old, next)) > 0
}

// changed are the items of next that are new, different or elsewhere in the order.
func changed[T any](old, next []T, settings []setting[T], is entry[T]) []T {
	var found []T
	for i := range next {
		was := find(old, is, *is.slug(&next[i]))
		if was == nil || *is.position(was) != *is.position(&next[i]) || differ(settings, was, &next[i]) {
			found = append(found, next[i])
		}
	}
	return found
}

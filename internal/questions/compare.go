package questions

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Changes says in words what is different in the later of two definitions, for
// whoever looks back at a form. Questions are the same as long as their key is.
func Changes(before, after Definition) []string {
	var said []string
	say := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	for _, q := range after.Questions {
		if old, was := before.Find(q.Key); was {
			said = append(said, q.changes(old, before, after)...)
		} else {
			say("“%s” was added.", q.Label)
		}
	}
	for _, old := range before.Questions {
		if _, stays := after.Find(old.Key); !stays {
			say("“%s” was taken out.", old.Label)
		}
	}
	if moved := moved(before, after); moved {
		say("The questions are in another order.")
	}
	for _, s := range after.Scores {
		i := slices.IndexFunc(before.Scores, func(o Scale) bool { return o.Key == s.Key })
		switch {
		case i < 0:
			say("“%s” is now counted up.", s.Name)
		case !reflect.DeepEqual(before.Scores[i], s):
			say("“%s” is counted up in another way, or in other words.", s.Name)
		}
	}
	for _, old := range before.Scores {
		if !slices.ContainsFunc(after.Scores, func(s Scale) bool { return s.Key == old.Key }) {
			say("“%s” is no longer counted up.", old.Name)
		}
	}
	return said
}

// changes says what is different about one question.
func (q Question) changes(old Question, before, after Definition) []string {
	var said []string
	name := "“" + q.Label + "”"
	say := func(format string, args ...any) { said = append(said, name+" "+fmt.Sprintf(format, args...)) }
	if old.Label != q.Label {
		said = append(said, fmt.Sprintf("“%s” now reads %s.", old.Label, name))
	}
	if old.Kind != q.Kind {
		say("is asked in another way: %s.", lowerFirst(q.Kind.Say()))
	}
	switch {
	case q.Required && !old.Required:
		say("must be answered now.")
	case !q.Required && old.Required:
		say("may be left open now.")
	}
	if old.Help != q.Help {
		say("has other words of help.")
	}
	if old.Text != q.Text {
		say("has another text.")
	}
	for _, option := range q.Options {
		if !slices.Contains(old.Options, option) {
			say("has a new answer, “%s”.", option)
		}
	}
	for _, option := range old.Options {
		if !slices.Contains(q.Options, option) {
			say("no longer has the answer “%s”.", option)
		}
	}
	if len(old.Options) == len(q.Options) && !slices.Equal(old.Options, q.Options) && len(said) == 0 {
		say("has its answers in another order.")
	}
	if !reflect.DeepEqual(old.Min, q.Min) || !reflect.DeepEqual(old.Max, q.Max) {
		say("has other ends.")
	}
	switch was, is := When(before, old), When(after, q); {
	case reflect.DeepEqual(old.OnlyIf, q.OnlyIf):
	case is == "":
		say("is always asked now.")
	case was != is:
		say("is asked under another answer: %s", lowerFirst(is))
	}
	return said
}

// moved reports whether the questions that stayed are in another order.
func moved(before, after Definition) bool {
	order := func(d, other Definition) (keys []string) {
		for _, q := range d.Questions {
			if _, stays := other.Find(q.Key); stays {
				keys = append(keys, q.Key)
			}
		}
		return keys
	}
	return !slices.Equal(order(before, after), order(after, before))
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

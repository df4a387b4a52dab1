package stripefake

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// shape says what a parameter may be, and refuses what it may not.
type shape func(path string, n *node) *refusal

// fields are the parameters of a call or of an object in it.
type fields map[string]shape

func (f fields) check(path string, n *node) *refusal {
	for _, name := range slices.Sorted(maps.Keys(n.below)) {
		full := name
		if path != "" {
			full = path + "[" + name + "]"
		}
		look, known := f[name]
		if !known {
			return unknown(full)
		}
		if refused := look(full, n.below[name]); refused != nil {
			return refused
		}
	}
	return nil
}

// text is a word that can't be unset.
func text(path string, n *node) *refusal {
	if n.below != nil {
		return invalid(path, "", "Invalid string: {%s}", path)
	}
	if n.word == "" {
		return invalid(path, "parameter_invalid_empty", "You passed an empty string for '%s'. We assume empty values are an attempt to unset a parameter; however '%s' cannot be unset. You should remove '%s' from your request or supply a non-empty value.", path, path, path)
	}
	if len(n.word) > 5000 {
		return tooLong(path, n.word, 5000)
	}
	return nil
}

// most is a word of so many letters at most.
func most(letters int) shape {
	return func(path string, n *node) *refusal {
		if refused := text(path, n); refused != nil {
			return refused
		}
		if len([]rune(n.word)) > letters {
			return tooLong(path, n.word, letters)
		}
		return nil
	}
}

// clearable is a word that an empty one takes away.
func clearable(path string, n *node) *refusal {
	if n.below == nil && n.word == "" {
		return nil
	}
	return text(path, n)
}

func whole(path string, n *node) *refusal {
	if refused := text(path, n); refused != nil {
		return refused
	}
	if _, err := strconv.ParseInt(n.word, 10, 64); err != nil {
		return invalid(path, "parameter_invalid_integer", "Invalid integer: %s", n.word)
	}
	return nil
}

func decimal(path string, n *node) *refusal {
	if refused := text(path, n); refused != nil {
		return refused
	}
	if !decimalForm.MatchString(n.word) {
		return invalid(path, "", "Invalid decimal: %s", n.word)
	}
	return nil
}

var decimalForm = regexp.MustCompile(`^-?\d{1,12}(\.\d{1,12})?$`) // no NaN, no infinity, no exponent

func yesno(path string, n *node) *refusal {
	if refused := text(path, n); refused != nil {
		return refused
	}
	if n.word != "true" && n.word != "false" {
		return invalid(path, "", "Invalid boolean: %s", n.word)
	}
	return nil
}

// oneOf is one of a few words.
func oneOf(words ...string) shape {
	return func(path string, n *node) *refusal {
		if refused := text(path, n); refused != nil {
			return refused
		}
		if !slices.Contains(words, n.word) {
			return invalid(path, "", "Invalid %s: must be one of %s", path, strings.Join(words, ", "))
		}
		return nil
	}
}

func list(of shape) shape {
	return func(path string, n *node) *refusal {
		if n.below == nil {
			return invalid(path, "", "Invalid array")
		}
		for _, number := range slices.Sorted(maps.Keys(n.below)) {
			if _, err := strconv.ParseUint(number, 10, 16); err != nil {
				return invalid(path, "", "Invalid array")
			}
			if refused := of(fmt.Sprintf("%s[%s]", path, number), n.below[number]); refused != nil {
				return refused
			}
		}
		return nil
	}
}

func object(of fields) shape {
	return func(path string, n *node) *refusal {
		if n.below == nil {
			return invalid(path, "", "Invalid object")
		}
		return of.check(path, n)
	}
}

// pairs is metadata, with Stripe's bounds.
func pairs(path string, n *node) *refusal {
	if n.below == nil {
		if n.word == "" {
			return nil
		}
		return invalid(path, "", "Invalid object")
	}
	if len(n.below) > 50 {
		return invalid(path, "", "Metadata can have at most 50 keys; there are %d", len(n.below))
	}
	for _, key := range slices.Sorted(maps.Keys(n.below)) {
		value := n.below[key]
		if len([]rune(key)) > 40 {
			return invalid(path, "", "Metadata keys can have up to 40 characters, but you passed in %d.", len([]rune(key)))
		}
		if value.below != nil {
			return invalid(fmt.Sprintf("%s[%s]", path, key), "", "Metadata values must be strings")
		}
		if len([]rune(value.word)) > 500 {
			return invalid(fmt.Sprintf("%s[%s]", path, key), "", "Metadata values can have up to 500 characters, but you passed in %d.", len([]rune(value.word)))
		}
	}
	return nil
}

// expanded is the list of what to answer as objects.
func expanded(path string, n *node) *refusal { return list(text)(path, n) }

// created bounds a time, as one number or as gt, gte, lt, lte.
func created(path string, n *node) *refusal {
	if n.below == nil {
		return whole(path, n)
	}
	return fields{"gt": whole, "gte": whole, "lt": whole, "lte": whole}.check(path, n)
}

// reading are the parameters of a call that reads one object.
var reading = fields{"expand": expanded}

// paged adds those of a list.
func paged(own fields) fields {
	all := fields{"limit": whole, "starting_after": text, "ending_before": text, "expand": expanded}
	maps.Copy(all, own)
	return all
}

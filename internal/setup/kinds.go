package setup

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"kintsugi/internal/colour"
	"kintsugi/internal/fault"
	"kintsugi/internal/money"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"

	"go.yaml.in/yaml/v3"
)

// scalarOf is a single value that is text in the file.
func scalarOf[V comparable](example string, read func(v value, s string) (V, bool), write func(V) string) kind[V] {
	return kind[V]{
		read: func(v value) (got V, ok bool) {
			s, ok := v.scalar(example)
			if !ok {
				return got, false
			}
			return read(v, s)
		},
		write: func(got V) *yaml.Node {
			var none V
			if s := write(got); got != none || s != "" {
				return textNode(s)
			}
			return nil
		},
	}
}

func asIs(s string) string { return s }

// unquoted writes values that YAML would otherwise put into quotes, though this
// reader takes every value as it is written: dates and amounts.
func unquoted(k kind[string]) kind[string] {
	return kind[string]{read: k.read, write: func(s string) *yaml.Node {
		if k.write(s) == nil {
			return nil
		}
		return plainNode(s)
	}}
}

// line is text on one line.
func line(most int) kind[string] {
	return scalarOf("a line of text", func(v value, s string) (string, bool) {
		clean, err := people.CleanLine("", s, most)
		if err != nil {
			v.wrong("%s", lower(fault.SayOf(err)))
		}
		return clean, err == nil
	}, asIs)
}

// prose is text of several lines, which may be empty.
func prose(most int) kind[string] {
	return scalarOf("text in quotes, or | and lines below", func(v value, s string) (string, bool) {
		clean, err := people.CleanText("", s, most)
		if err != nil {
			v.wrong("%s", lower(fault.SayOf(err)))
		}
		return clean, err == nil
	}, asIs)
}

// lower begins a sentence that follows a colon.
func lower(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// slug is a name for addresses and references.
func slug() kind[string] {
	return scalarOf("meet-and-greet", func(v value, s string) (string, bool) {
		if !isSlug(s) {
			v.wrong("%s is not a slug; use small letters, digits and single dashes, at most 60, such as meet-and-greet", quoted(s))
			return "", false
		}
		return s, true
	}, asIs)
}

func isSlug(s string) bool {
	return s != "" && len(s) <= 60 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" &&
		s[0] != '-' && s[len(s)-1] != '-' && !strings.Contains(s, "--")
}

// word is a name inside the file, such as a question's key.
func word() kind[string] {
	return scalarOf("long_text", func(v value, s string) (string, bool) {
		if s == "" || len(s) > 60 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
			v.wrong("%s must be a word of small letters, digits and underscores, such as long_text", quoted(s))
			return "", false
		}
		return s, true
	}, asIs)
}

// oneOf is a choice.
func oneOf[V ~string](choices ...V) kind[V] {
	names := make([]string, len(choices))
	for i, c := range choices {
		names[i] = string(c)
	}
	return scalarOf(names[0], func(v value, s string) (V, bool) {
		if !slices.Contains(names, s) {
			v.wrong("%s must be one of: %s", quoted(s), strings.Join(names, ", "))
			return "", false
		}
		return V(s), true
	}, func(c V) string { return string(c) })
}

// yesNo is true or false.
func yesNo() kind[bool] {
	return kind[bool]{
		read: func(v value) (bool, bool) {
			s, ok := v.scalar("true")
			if ok && s != "true" && s != "false" {
				v.wrong("%s must be true or false", quoted(s))
				return false, false
			}
			return s == "true", ok
		},
		write: func(b bool) *yaml.Node { return plainNode(strconv.FormatBool(b)) },
	}
}

// whole is a whole number; zero is written only where it says something.
func whole(least, most int) kind[int] {
	return kind[int]{
		read: func(v value) (int, bool) {
			s, ok := v.scalar(strconv.Itoa(least))
			if !ok {
				return 0, false
			}
			n, err := strconv.Atoi(s)
			if err != nil || strconv.Itoa(n) != s || n < least || n > most {
				v.wrong("%s must be a whole number from %d to %d", quoted(s), least, most)
				return 0, false
			}
			return n, true
		},
		write: func(n int) *yaml.Node {
			if n < least {
				return nil
			}
			return plainNode(strconv.Itoa(n))
		},
	}
}

// zone is the name of a time zone.
func zone() kind[string] {
	return scalarOf("Europe/London", func(v value, s string) (string, bool) {
		if _, known := practice.KnownZone(s); !known {
			v.wrong("%s is not a time zone; write its name in the zone database, such as Europe/London", quoted(s))
			return "", false
		}
		return s, true
	}, asIs)
}

// address is a mail address.
func address() kind[string] {
	return scalarOf("ana@example.org", func(v value, s string) (string, bool) {
		email, err := people.ParseEmail(s)
		if err != nil {
			v.wrong("%s: %s", quoted(s), lower(fault.SayOf(err)))
		}
		return email, err == nil
	}, asIs)
}

// currencyCode is the three letters of a currency.
func currencyCode() kind[string] {
	return scalarOf("GBP", func(v value, s string) (string, bool) {
		if !money.Known(s) {
			v.wrong("%s is not a currency; write its three capital letters, such as GBP", quoted(s))
			return "", false
		}
		return s, true
	}, asIs)
}

// link is an address on the web.
func link(schemes ...string) kind[string] {
	example := schemes[0] + "://example.org/path"
	return scalarOf(example, func(v value, s string) (string, bool) {
		u, err := url.Parse(s)
		if err != nil || !slices.Contains(schemes, u.Scheme) || u.Hostname() == "" || u.User != nil ||
			len(s) > 2000 || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("\"<>\\^`{|}", r) }) {
			v.wrong("%s is not an address on the web; write it like %s", quoted(s), example)
			return "", false
		}
		return s, true
	}, asIs)
}

// amount is a price; what it may be depends on the currency of the practice,
// which may be known only later.
func amount() kind[string] {
	return unquoted(scalarOf("720.00", func(v value, s string) (string, bool) {
		if s == "" || len(s) > 40 || strings.Trim(s, "0123456789.") != "" {
			v.wrong("%s is not an amount; write it with digits and a point, such as 720.00", quoted(s))
			return "", false
		}
		return s, true
	}, asIs))
}

// shade is a colour that can be read in a mode.
func shade(m colour.Mode) kind[string] {
	return scalarOf(`"#2b5a4d"`, func(v value, s string) (string, bool) {
		c, ok := colour.Parse(s)
		if !ok {
			v.wrong("%s is not a colour; write it in quotes, like \"#2b5a4d\"", quoted(s))
			return "", false
		}
		if _, err := colour.Check(c, m); err != nil {
			v.wrong("%v", err)
			return "", false
		}
		return c.String(), true
	}, asIs)
}

// country is the two letters of a country.
func country() kind[string] {
	return scalarOf("GB", func(v value, s string) (string, bool) {
		if len(s) != 2 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			v.wrong("%s is not a country; write its two capital letters, such as GB", quoted(s))
			return "", false
		}
		return s, true
	}, asIs)
}

// eachOf is a list of single values, on one line, none of them twice.
func eachOf[V comparable](one kind[V], most int, example string) kind[[]V] {
	return kind[[]V]{
		read: func(v value) ([]V, bool) {
			values, ok := v.list(most, example)
			entries := make([]V, 0, len(values))
			for _, v := range values {
				if v.null() {
					v.wrong("there is nothing here")
					continue
				}
				entry, fine := one.read(v)
				if fine && slices.Contains(entries, entry) {
					v.wrong("%s is in the list twice", quoted(fmt.Sprint(v.node.Value)))
				}
				entries = append(entries, entry)
			}
			return entries, ok
		},
		write: func(entries []V) *yaml.Node {
			if entries == nil {
				return nil
			}
			list := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
			for _, entry := range entries {
				list.Content = append(list.Content, one.write(entry))
			}
			return list
		},
	}
}

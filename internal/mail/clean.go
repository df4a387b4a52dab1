package mail

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of what one letter says, in characters. They are far above anything
// we write; they keep a hostile name from making a letter no server takes.
const (
	subjectMax = 160
	nameMax    = 80
	blockMax   = 8000
)

// clean takes away what could make text act instead of being read: control
// characters, marks that turn the direction of writing around or hide, and
// bytes that are no text. Line breaks become "\n".
func clean(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t' || r == '\u2028' || r == '\u2029' || r == '\u0085':
			return ' '
		case r == utf8.RuneError || unicode.IsControl(r):
			return -1
		case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\u200e', r == '\u200f',
			r == '\u061c', r == '\u200b', r == '\ufeff':
			return -1
		}
		return r
	}, s)
}

// oneLine is clean text without line breaks, no longer than limit.
func oneLine(s string, limit int) string {
	return bounded(strings.Join(strings.Fields(clean(s)), " "), limit)
}

// block is clean text that may have several lines, at most one empty line
// between two.
func block(s string) string {
	lines := strings.Split(clean(s), "\n")
	kept := make([]string, 0, len(lines))
	for _, line := range lines {
		line = strings.Join(strings.Fields(line), " ")
		if line == "" && (len(kept) == 0 || kept[len(kept)-1] == "") {
			continue
		}
		kept = append(kept, line)
	}
	return bounded(strings.TrimRight(strings.Join(kept, "\n"), "\n"), blockMax)
}

// header is one line for a header. What a mail program would decode as an
// encoded word is broken apart: only we encode.
func header(s string, limit int) string {
	return strings.ReplaceAll(oneLine(s, limit), "=?", "= ?")
}

// bounded cuts text after limit characters and says so with an ellipsis.
func bounded(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	runes := []rune(s)
	return strings.TrimRight(string(runes[:limit-1]), " \n") + "…"
}

// safeURL gives an address that a reader may follow, or nothing.
func safeURL(s string) string {
	s = strings.TrimSpace(s)
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || unicode.IsControl(r) }) {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	switch {
	case (u.Scheme == "https" || u.Scheme == "http") && u.Host != "":
		return u.String()
	case u.Scheme == "mailto" && u.Opaque != "":
		return u.String()
	}
	return ""
}

// tidied is the letter with every string clean, in its bounds, and nothing empty.
func tidied(l Letter) Letter {
	out := Letter{
		Lang:      oneLine(l.Lang, 35),
		Subject:   header(l.Subject, subjectMax),
		Preheader: oneLine(l.Preheader, subjectMax),
		Greeting:  oneLine(l.Greeting, subjectMax),
		Calendar:  l.Calendar,
	}
	if out.Lang == "" {
		out.Lang = "en"
	}
	out.Paragraphs = blocks(l.Paragraphs)
	out.Closing = blocks(l.Closing)
	out.Footer = blocks(l.Footer)
	for _, f := range l.Facts {
		if v := block(f.Value); v != "" {
			out.Facts = append(out.Facts, Fact{Label: oneLine(f.Label, nameMax), Value: v, URL: safeURL(f.URL)})
		}
	}
	for _, a := range l.Actions {
		words, address := oneLine(a.Words, nameMax), safeURL(a.URL)
		if words != "" && address != "" {
			out.Actions = append(out.Actions, Action{Words: words, URL: address})
		}
	}
	return out
}

func blocks(list []string) []string {
	var out []string
	for _, s := range list {
		if s = block(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

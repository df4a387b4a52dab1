package calendar

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How much of each word is kept, in characters. What is longer ends in "…":
// an invitation must leave whatever somebody typed into a form.
const (
	maxName        = 120
	maxSummary     = 200
	maxLocation    = 300
	maxDescription = 4000
	maxURL         = 2000
)

// These never change; they stand here because making one costs more than using
// it, and a feed uses them thousands of times.
var (
	lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\u0085", "\n", "\t", " ")
	nameMarks  = strings.NewReplacer(`"`, "'", `\`, "/", "^", "^^")
)

// cleanText makes text safe for a property of several lines. CRLF and CR
// become LF, as do Unicode's own line separators; a tab becomes a space; every
// other control character and the byte order mark go; invalid UTF-8 becomes
// U+FFFD. Cleaning cleaned text changes nothing.
func cleanText(s string, most int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = lineBreaks.Replace(s)
	s = strings.Map(func(r rune) rune {
		if r != '\n' && (unicode.IsControl(r) || r == '\uFEFF') {
			return -1
		}
		return r
	}, s)
	return cut(strings.TrimSpace(s), most)
}

// cleanLine is cleanText on one line: runs of white space become one space.
// Characters that turn the direction of what follows go too, because such a
// line stands beside text that is not its own.
func cleanLine(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if turnsDirection(r) {
			return -1
		}
		return r
	}, cleanText(s, len(s)))
	return cut(strings.Join(strings.Fields(s), " "), most)
}

// cleanPlace is cleanLine for an address typed on several lines: Outlook shows
// only the first line of a LOCATION, so the lines are joined by commas.
func cleanPlace(s string) string {
	var kept []string
	for line := range strings.SplitSeq(cleanText(s, len(s)), "\n") {
		if line = strings.TrimRight(cleanLine(line, len(line)), ", "); line != "" {
			kept = append(kept, line)
		}
	}
	return cut(strings.Join(kept, ", "), maxLocation)
}

// cleanName makes a name safe as the value of a parameter. The double quote
// has no place there and becomes an apostrophe: RFC 6868 could encode it, but
// Gmail and Outlook would show the code. A backslash means nothing in a
// parameter, yet careless readers take \" for an escaped quote, so it becomes
// a slash. The caret alone is encoded, since readers that know RFC 6868 would
// otherwise read "^n" as a line break.
func cleanName(s string) string {
	return nameMarks.Replace(cleanLine(s, maxName))
}

// cleanURL gives an address that can stand in a URI property and holds nothing
// but visible ASCII, or "" when it is not a whole http or https address.
func cleanURL(s string) string {
	u, err := url.Parse(strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD")))
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	text := percentEncode(u.String(), func(b byte) bool {
		return b > ' ' && b < 0x7F && !strings.ContainsRune("\"<>\\^`{|}", rune(b))
	})
	if len(text) > maxURL {
		return ""
	}
	return text
}

// turnsDirection reports the embeddings, overrides and isolates. The marks
// that right-to-left names are really written with stay.
func turnsDirection(r rune) bool {
	return (r >= '\u202A' && r <= '\u202E') || (r >= '\u2066' && r <= '\u2069')
}

// cut keeps at most so many characters, the last of them then an ellipsis. A
// joiner left without its partner goes too.
func cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return strings.TrimRight(string([]rune(s)[:most-1]), " \n\u200D") + "…"
}

// percentEncode writes as %XX every byte that is not plain.
func percentEncode(s string, plain func(byte) bool) string {
	const hex = "0123456789ABCDEF"
	var out strings.Builder
	for i := range len(s) {
		if b := s[i]; plain(b) {
			out.WriteByte(b)
		} else {
			out.Write([]byte{'%', hex[b>>4], hex[b&15]})
		}
	}
	return out.String()
}

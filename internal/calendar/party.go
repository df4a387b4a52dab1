package calendar

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/emersion/go-ical"

	"kintsugi/internal/fault"
)

// named makes ORGANIZER or ATTENDEE out of somebody and their address. It
// refuses an address that is none, or that could end its line and begin
// another. The fault names the field and never repeats the address.
func named(property string, who Party) (*ical.Prop, error) {
	address, ok := mailto(who.Email)
	if !ok {
		return nil, fault.InvalidField("email", "This mail address cannot be used in an invitation. Please check it for typing mistakes.")
	}
	prop := ical.NewProp(property)
	prop.Value = address
	if name := cleanName(who.Name); name != "" {
		prop.Params.Set(ical.ParamCommonName, name)
	}
	return prop, nil
}

// mailto gives an address as a URI (RFC 6068). A plus stays a plus, although
// Outlook has been seen to lose one in ORGANIZER: programs find their own
// ATTENDEE by comparing letters, and %2B would be somebody else to them.
func mailto(address string) (string, bool) {
	address = strings.TrimSpace(address)
	at := strings.LastIndexByte(address, '@')
	if at < 1 || len(address) > 254 || !utf8.ValidString(address) {
		return "", false
	}
	local, domain := address[:at], address[at+1:]
	if !soundParts(local, "!#$%&'*+-/=?^_`{|}~") || !soundParts(domain, "-") {
		return "", false
	}
	plain := func(b byte) bool {
		return b < utf8.RuneSelf && (isAlphanumeric(rune(b)) || strings.IndexByte("-._~!$'*+", b) >= 0)
	}
	return "mailto:" + percentEncode(local, plain) + "@" + percentEncode(domain, plain), true
}

// soundParts reports whether s is words joined by single dots, each made of
// letters, digits, the extra characters and whatever visible characters lie
// beyond ASCII. Quoted local parts and address literals are refused: nobody
// has one, and every attack does.
func soundParts(s, extra string) bool {
	for part := range strings.SplitSeq(s, ".") {
		if part == "" {
			return false
		}
		for _, r := range part {
			beyond := r >= utf8.RuneSelf && unicode.IsGraphic(r) && !unicode.IsSpace(r)
			if !beyond && !isAlphanumeric(r) && !strings.ContainsRune(extra, r) {
				return false
			}
		}
	}
	return true
}

func isAlphanumeric(r rune) bool {
	return (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') || (r >= '0' && r <= '9')
}

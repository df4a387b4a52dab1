package people

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"kintsugi/internal/fault"
	"kintsugi/internal/words"
)

// accented are the letters beyond a to z that a domain may be typed with. Every
// other script has letters that look like these, so such a domain must be typed
// in its xn-- form, in which nobody mistakes it for another.
const accented = "ßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿāăąćĉċčďđēĕėęěĝğġģĥħĩīĭįĵķĺļľłńņňōŏőœŕŗřśŝşšţťŧũūŭůűųŵŷźżž"

// localSigns may stand in the name before the @, beside letters, digits and
// single dots between them. RFC 5321 knows more (! % | `), which old mail
// programs read as routes and commands and no person's address has.
const localSigns = "#$&'*+-/=?^_{}~"

// ParseEmail reads one plain address as people have them, and gives it in the
// form in which addresses are compared: trimmed and lower case, nothing else
// (a dot or a +tag makes another address). A domain with accented Latin letters
// is given in its xn-- form. Display names, comments, quoted names, address
// literals, domains without a dot and lists are refused with a sentence.
func ParseEmail(s string) (string, error) {
	if len(s) > 2000 {
		return "", badEmail("This is too long to be an email address; please write only the address, like ana@example.org.")
	}
	s = strings.TrimSpace(s)
	if s == "" {
		return "", badEmail("Please write an email address, like ana@example.org.")
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, words.Unseen) {
		return "", badEmail("The email address holds a character that cannot be seen; please type it by hand.")
	}
	local, domain, found := strings.Cut(s, "@")
	switch {
	case !found || local == "" || domain == "":
		return "", badEmail("An email address needs a name, an @ and a domain, like ana@example.org.")
	case strings.ContainsAny(s, ",;") || strings.Count(s, "@") > 1 && strings.ContainsAny(s, " \t\n"):
		return "", badEmail("Please write one email address only.")
	case strings.ContainsAny(s, " \t\r\n\"()<>[]:\\"):
		return "", badEmail("Please write the plain email address without a name, quotes, brackets or spaces, like ana@example.org.")
	case strings.Contains(domain, "@"):
		return "", badEmail("An email address has one @ only, like ana@example.org.")
	}
	local, err := parseLocal(local)
	if err != nil {
		return "", err
	}
	domain, err = parseDomain(domain)
	if err != nil {
		return "", err
	}
	address := local + "@" + domain
	if len(address) > 254 {
		return "", badEmail("The email address is too long; at most 254 characters can be written to.")
	}
	return address, nil
}

// SameInbox reports whether two addresses, as ParseEmail gives them, are known to
// end in one inbox: they differ in nothing, or in a +tag alone. It says nothing
// about who else reads either.
func SameInbox(a, b string) bool { return a != "" && untagged(a) == untagged(b) }

func untagged(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	name, _, _ := strings.Cut(local, "+")
	if name == "" {
		name = local
	}
	return name + "@" + domain
}

// parseLocal checks the name before the @.
func parseLocal(s string) (string, error) {
	for _, r := range s {
		if !isASCIILetterOrDigit(r) && r != '.' && !strings.ContainsRune(localSigns, r) {
			return "", badEmail("The part before the @ may hold the letters a to z, digits, dots and signs like - _ and +; please check it.")
		}
	}
	if len(s) > 64 {
		return "", badEmail("The part before the @ is too long; at most 64 characters can be written to.")
	}
	if s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..") {
		return "", badEmail("The part before the @ has a dot at its start, at its end or beside another dot; please check it.")
	}
	return strings.ToLower(s), nil
}

// parseDomain checks the part after the @ and puts it into ASCII.
func parseDomain(s string) (string, error) {
	// Accents may come on their own, after their letter. All else is looked at
	// before the two are joined, since joining also makes a K of a Kelvin sign.
	lone := func(r rune) bool { return 0x300 <= r && r <= 0x36f }
	if strings.ContainsFunc(s, lone) && !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf && !lone(r) }) {
		s = norm.NFC.String(s)
	}
	plain := true
	for _, r := range s {
		if isASCIILetterOrDigit(r) || r == '.' || r == '-' {
			continue
		}
		if plain = false; !strings.ContainsRune(accented, r) && !strings.ContainsRune(strings.ToUpper(accented), r) {
			return "", badEmail("The part after the @ holds letters that can look like others; please write it with the letters a to z, or in its xn-- form.")
		}
	}
	s = strings.ToLower(s)
	if !plain || strings.Contains(s, "xn--") {
		ascii, err := idna.Lookup.ToASCII(s)
		if err != nil {
			return "", badEmail("The part after the @ is not a domain that exists; please check it.")
		}
		s = ascii
	}
	labels := strings.Split(s, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return "", badEmail("The part after the @ must be a domain like example.org; please check its dots and dashes.")
		}
	}
	last := labels[len(labels)-1]
	if len(labels) < 2 || len(last) < 2 || last[0] >= '0' && last[0] <= '9' {
		return "", badEmail("The part after the @ must end like .org or .com; please check it.")
	}
	return s, nil
}

func isASCIILetterOrDigit(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

func badEmail(say string) error { return fault.InvalidField("email", say) }

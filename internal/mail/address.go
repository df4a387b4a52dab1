package mail

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	netmail "net/mail"
	"strings"

	"golang.org/x/net/idna"
)

// mailbox checks an address and gives it as it travels: exactly one plain
// mailbox, its domain in ASCII. Lists, comments, quoted local parts and
// control characters are refused, so that a letter can go to nobody else.
func mailbox(a Address) (*netmail.Address, error) {
	email := strings.TrimSpace(a.Email)
	parsed, err := netmail.ParseAddress(email)
	if err != nil || parsed.Address != email || parsed.Name != "" {
		return nil, fmt.Errorf("this is not one plain mail address")
	}
	at := strings.LastIndexByte(email, '@')
	domain, err := idna.Lookup.ToASCII(email[at+1:])
	if err != nil || domain == "" {
		return nil, fmt.Errorf("the domain of this mail address cannot be used")
	}
	if len(email[:at]) > 64 || len(domain) > 253 {
		return nil, fmt.Errorf("this mail address is too long")
	}
	return &netmail.Address{Name: header(a.Name, nameMax), Address: email[:at] + "@" + domain}, nil
}

// domainOf is the part of a checked address after the @.
func domainOf(email string) string { return email[strings.LastIndexByte(email, '@')+1:] }

// addressHash recognises an address without holding it. Without the key nobody
// can try addresses against it.
func addressHash(key []byte, email string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("kintsugi letter address\x00" + strings.ToLower(strings.TrimSpace(email))))
	return mac.Sum(nil)
}

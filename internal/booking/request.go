package booking

import (
	"encoding/json"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kintsugi/internal/availability"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
)

// Request is what somebody sends to book a call.
type Request struct {
	Type         string    `json:"type"`  // slug
	Coach        string    `json:"coach"` // slug; empty: whoever is free and has least ahead
	Start        time.Time `json:"start"`
	Timezone     string    `json:"timezone"` // IANA name, in which the person reads times
	Name         string    `json:"name"`
	Email        string    `json:"email"`
	PartnerName  string    `json:"partner_name"`
	PartnerEmail string    `json:"partner_email"` // is never mailed; the coach sees it
	Message      string    `json:"message"`
	Phone        string    `json:"phone"`
	SafeToEmail  bool      `json:"safe_to_email"`

	Key once.Key `json:"-"` // operation key; its fingerprint is set here
}

// Bounds of what a person can write, in characters.
const (
	maxMessage = 4000
	maxPhone   = 40
)

// check cleans what was typed and complains about all of it at once. The names
// of the fields are those of the form and of the API.
func (r *Request) check(offer availability.TypeOffer) error {
	var bad []fault.Field
	complain := func(field, say string) { bad = append(bad, fault.Field{Name: field, Say: say}) }

	if r.Type == "" {
		complain("type", "Say which kind of appointment this is.")
	}
	if r.Start.IsZero() {
		complain("start", "Choose a time.")
	}
	if _, err := Zone(r.Timezone); err != nil {
		complain("timezone", err.Error())
	}
	name, err := people.CleanName(r.Name)
	if err != nil {
		complain("name", "Write the name we should call you by, up to 200 characters.")
	}
	r.Name = name
	email, err := people.ParseEmail(r.Email)
	if err != nil {
		complain("email", fault.SayOf(err))
	}
	r.Email = email
	if r.PartnerName = strings.TrimSpace(r.PartnerName); r.PartnerName != "" {
		if r.PartnerName, err = people.CleanName(r.PartnerName); err != nil {
			complain("partner_name", "Write your partner's name in up to 200 characters, or leave it empty.")
		}
	}
	if r.PartnerEmail = strings.TrimSpace(r.PartnerEmail); r.PartnerEmail != "" {
		if r.PartnerEmail, err = people.ParseEmail(r.PartnerEmail); err != nil {
			complain("partner_email", fault.SayOf(err)+" You can also leave it empty.")
		}
	}
	r.Message = cleanText(r.Message)
	if utf8.RuneCountInString(r.Message) > maxMessage {
		complain("message", "This is longer than 4,000 characters. Shorten it here; the rest can wait for the call.")
	}
	r.Phone = strings.TrimSpace(r.Phone)
	if offer.Type.Place == practice.Phone || r.Phone != "" {
		if !isPhone(r.Phone) {
			complain("phone", "Write the number we should call, with its country code, like +44 20 7946 0000.")
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Slug: "invalid",
		Say: "Some answers need a change. Nothing you typed is lost.", Fields: bad}
}

// Check complains about what was typed as Book would, for a form that has more
// to complain about and says all of it at once.
func (s *Service) Check(offer availability.TypeOffer, r Request) error { return r.check(offer) }

// Zone finds a time zone by its IANA name. "Local" and the empty name are the
// server's own business and are refused.
func Zone(name string) (*time.Location, error) {
	if loc, known := practice.KnownZone(name); known {
		return loc, nil
	}
	return nil, fault.New(fault.Invalid, "This is not a time zone we know; write one like Europe/London.")
}

// cleanText makes line ends plain and drops what cannot be stored or shown:
// broken UTF-8 and control characters other than line feed and tab.
func cleanText(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// isPhone accepts what people write as a number: digits with spaces, brackets,
// dots, dashes, a plus, an extension.
func isPhone(s string) bool {
	digits := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune(" +-().x/#", r):
			return false
		}
	}
	return digits >= 5 && len(s) <= maxPhone
}

// words are the private part of a request: what only the person and the coach
// may read.
type words struct {
	Message      string `json:"message,omitempty"`
	PartnerName  string `json:"partner_name,omitempty"`
	PartnerEmail string `json:"partner_email,omitempty"`
}

func (r Request) words() words {
	return words{Message: r.Message, PartnerName: r.PartnerName, PartnerEmail: r.PartnerEmail}
}

// fingerprint is what two copies of one request have in common.
func (r Request) fingerprint() string {
	r.Start = r.Start.UTC()
	raw, err := json.Marshal(r)
	if err != nil {
		panic("booking: a request cannot be written as JSON: " + err.Error()) // strings and a time always can
	}
	return string(raw)
}

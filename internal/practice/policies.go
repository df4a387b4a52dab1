package practice

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

// What the practice file does not say, the program says in its own words. They
// are kept out of the database, so that a better text reaches everybody who
// wrote none of their own.
var (
	//go:embed texts/intro.md
	introText string
	//go:embed texts/privacy.md
	privacyText string
	//go:embed texts/terms.md
	termsText string
)

// DefaultKeptDays is how long an enquiry that led to nothing is kept.
const DefaultKeptDays = 180

// DefaultCancelMinutes is until when a session can be cancelled without loss.
const DefaultCancelMinutes = 24 * 60

// DefaultRestDays is after how many days in which nothing happened to sessions that
// are left they are named.
const DefaultRestDays = 21

// DefaultReminders are a day and an hour before a call.
func DefaultReminders() Reminders { return Reminders{24 * 60, 60} }

// Filled is the practice with the program's own words and lists where it has
// none of its own.
func (p Practice) Filled() Practice {
	if p.Reminders == nil {
		p.Reminders = DefaultReminders()
	}
	if p.Help == nil {
		p.Help = DefaultHelp()
	}
	p.Intro = p.orDefault(p.Intro, introText)
	p.Privacy = p.orDefault(p.Privacy, privacyText)
	p.Terms = p.orDefault(p.Terms, termsText)
	return p
}

// orDefault gives the practice's own text, or the program's with the names put in.
func (p Practice) orDefault(own, text string) string {
	if own != "" {
		return own
	}
	return strings.NewReplacer(
		"{name}", inMarkdown(p.Name), "{email}", inMarkdown(p.Email),
		"{kept}", Days(p.KeptDays), "{notice}", Span(p.CancelMinutes),
	).Replace(text)
}

// inMarkdown keeps the signs of a name from being read as Markdown.
func inMarkdown(s string) string {
	var out strings.Builder
	for _, r := range s {
		if strings.ContainsRune("\\`*_{}[]()<>#+-!|~&", r) {
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}

// Days says a number of days: "1 day", "180 days".
func Days(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}

// Span says a number of minutes in the largest unit that fits: "24 hours", "90 minutes".
func Span(n int) string {
	switch {
	case n%(24*60) == 0 && n >= 48*60:
		return Days(n / (24 * 60))
	case n == 60:
		return "1 hour"
	case n%60 == 0 && n > 0:
		return fmt.Sprintf("%d hours", n/60)
	case n == 1:
		return "1 minute"
	}
	return fmt.Sprintf("%d minutes", n)
}

// Countries lists the countries of the help lines in their order, each once.
func (h HelpLines) Countries() []string {
	var found []string
	for _, line := range h {
		if !slices.Contains(found, line.Country) {
			found = append(found, line.Country)
		}
	}
	return found
}

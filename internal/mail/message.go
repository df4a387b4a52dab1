package mail

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// message builds the mail: the text, the HTML and, where there is one, the
// invitation as alternatives of each other, and the invitation once more as an
// attached file for programs that read only that. Nothing in it names the
// machine or the program that made it.
func message(c Composed, messageID string, date time.Time) (*gomail.Msg, error) {
	text, html, err := Render(c.Letter)
	if err != nil {
		return nil, err
	}
	from, err := mailbox(c.From)
	if err != nil {
		return nil, fmt.Errorf("sender: %w", err)
	}
	to, err := mailbox(c.To)
	if err != nil {
		return nil, fmt.Errorf("recipient: %w", err)
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithCharset("utf-8"))
	m.FromMailAddress(from)
	m.ToMailAddress(to)
	if c.ReplyTo.Email != "" {
		replyTo, err := mailbox(c.ReplyTo)
		if err != nil {
			return nil, fmt.Errorf("reply address: %w", err)
		}
		m.ReplyToMailAddress(replyTo)
	}
	m.Subject(header(c.Letter.Subject, subjectMax))
	m.SetMessageIDWithValue(messageID)
	m.SetDateWithValue(date.UTC())
	// Out-of-office programs answer people, not this.
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetBodyString(gomail.TypeTextPlain, strings.ReplaceAll(text, "\n", "\r\n"))
	m.AddAlternativeString(gomail.TypeTextHTML, html)
	if cal := c.Letter.Calendar; cal != nil {
		if err := invite(m, *cal); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// invite adds the invitation twice, byte for byte the same. Both are base64, so
// that no server on the way changes a line ending.
func invite(m *gomail.Msg, cal Calendar) error {
	switch cal.Method {
	case "REQUEST", "CANCEL", "PUBLISH":
	default:
		return fmt.Errorf("an invitation with method %q", cal.Method)
	}
	if !bytes.Contains(cal.Body, []byte("\r\nMETHOD:"+cal.Method+"\r\n")) {
		return fmt.Errorf("the invitation's body does not say METHOD:%s", cal.Method)
	}
	// The library adds the charset itself; naming it here would give it twice.
	kind := gomail.ContentType("text/calendar; method=" + cal.Method)
	m.AddAlternativeString(kind, string(cal.Body), gomail.WithPartEncoding(gomail.EncodingB64))
	return m.AttachReader("invite.ics", bytes.NewReader(cal.Body),
		gomail.WithFileContentType("application/ics"), gomail.WithFileEncoding(gomail.EncodingB64))
}

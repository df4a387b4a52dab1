package demo

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"strings"
	"time"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"
)

// Letter is one letter as a mail program sees it.
type Letter struct {
	ID           int
	At           time.Time
	From, To     string // as the letter says
	ReplyTo      string
	Subject      string
	EnvelopeFrom string // as the mail server was told
	EnvelopeTo   string
	Text, HTML   string
	Invitation   *Invitation // nil without one
	Files        []string    // names of what is attached
	Raw          []byte
	Trouble      string // what could not be read
}

// readLetter reads the parts of a letter. One that cannot be read is shown as
// it came.
func readLetter(raw []byte) Letter {
	l := Letter{Raw: raw, Subject: "(no subject)"}
	r, err := mail.CreateReader(bytes.NewReader(raw))
	if err != nil && !message.IsUnknownCharset(err) {
		l.Trouble = "This letter cannot be read: " + err.Error()
		return l
	}
	l.From, l.To, l.ReplyTo = addresses(r, "From"), addresses(r, "To"), addresses(r, "Reply-To")
	if subject, err := r.Header.Subject(); err == nil && subject != "" {
		l.Subject = subject
	}
	for {
		part, err := r.NextPart()
		if err == io.EOF {
			return l
		}
		if err != nil && !message.IsUnknownCharset(err) {
			l.Trouble = "A part of this letter cannot be read: " + err.Error()
			return l
		}
		if err := l.take(part); err != nil {
			l.Trouble = err.Error()
		}
	}
}

// take reads one part.
func (l *Letter) take(part *mail.Part) error {
	body, err := io.ReadAll(part.Body)
	if err != nil {
		return fmt.Errorf("a part of this letter breaks off: %w", err)
	}
	kind, params, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
	if err != nil {
		kind = "text/plain"
	}
	if file, attached := part.Header.(*mail.AttachmentHeader); attached {
		name, err := file.Filename()
		if err != nil || name == "" {
			name = kind
		}
		l.Files = append(l.Files, name)
		return nil
	}
	switch kind {
	case "text/plain":
		l.Text += string(body)
	case "text/html":
		l.HTML += string(body)
	case "text/calendar":
		l.Invitation = readInvitation(body, params["method"])
	}
	return nil
}

// addresses says whom a header names.
func addresses(r *mail.Reader, header string) string {
	list, err := r.Header.AddressList(header)
	if err != nil {
		return r.Header.Get(header)
	}
	said := make([]string, len(list))
	for i, a := range list {
		said[i] = a.Address
		if a.Name != "" {
			said[i] = a.Name + " <" + a.Address + ">"
		}
	}
	return strings.Join(said, ", ")
}

package mail_test

import (
	"bytes"
	"context"
	"errors"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/mail"
	"kintsugi/internal/mail/mailtest"
)

var start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

const invitation = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Kintsugi//EN\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n" +
	"UID:3e0f1c52@example.org\r\nDTSTAMP:20261102T090000Z\r\nDTSTART:20261208T140000Z\r\nSUMMARY:Call\\, 30 minutes – Zoë\r\n" +
	"END:VEVENT\r\nEND:VCALENDAR\r\n"

// sender talks to the test's server.
func sender(t *testing.T, s *mailtest.Server) *mail.Sender {
	t.Helper()
	c, err := mail.ParseSMTPURL(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	return &mail.Sender{Config: c, Timeout: 3 * time.Second}
}

// toAna is the confirmation on its way.
func toAna() mail.Composed {
	l := confirmation()
	l.Calendar = &mail.Calendar{Method: "REQUEST", Body: []byte(invitation)}
	return mail.Composed{
		From:    mail.Address{Name: "Common Ground", Email: "hello@example.org"},
		ReplyTo: mail.Address{Email: "mara@example.org"},
		To:      mail.Address{Name: "Ana Wójcik", Email: "ana@example.net"},
		Letter:  l,
	}
}

func TestTheInvitationTravelsAsMailProgramsExpect(t *testing.T) {
	server := mailtest.Start(t)
	if err := sender(t, server).Send(t.Context(), toAna(), "f3a1@example.org", start); err != nil {
		t.Fatal(err)
	}
	taken := server.Taken()
	if len(taken) != 1 {
		t.Fatalf("%d letters", len(taken))
	}
	if taken[0].From != "hello@example.org" || !slices.Equal(taken[0].To, []string{"ana@example.net"}) {
		t.Errorf("envelope %s to %s", taken[0].From, taken[0].To)
	}
	letter := taken[0].Read(t)
	if got, want := letter.Shape(), "multipart/mixed(multipart/alternative(text/plain text/html text/calendar) application/ics)"; got != want {
		t.Errorf("shape %s, want %s", got, want)
	}
	cal, file := letter.Find("text/calendar"), letter.Find("application/ics")
	if len(cal.Params) != 2 || cal.Params["method"] != "REQUEST" || cal.Params["charset"] != "utf-8" {
		t.Errorf("text/calendar parameters %v", cal.Params)
	}
	if raw := cal.Header.Get("Content-Type"); strings.Count(raw, "charset") != 1 || strings.Count(raw, "method") != 1 {
		t.Errorf("doubled parameters in %q", raw)
	}
	if string(cal.Body) != invitation || !bytes.Equal(cal.Body, file.Body) {
		t.Error("the two copies of the invitation differ from what was given")
	}
	if disposition, params, err := file.Header.ContentDisposition(); err != nil || disposition != "attachment" || params["filename"] != "invite.ics" {
		t.Errorf("attached as %q %v %v", disposition, params, err)
	}
	text, page, err := mail.Render(confirmation())
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.ReplaceAll(string(letter.Find("text/plain").Body), "\r\n", "\n"); got != text {
		t.Errorf("text changed on the way:\n%s", got)
	}
	if got := strings.ReplaceAll(string(letter.Find("text/html").Body), "\r\n", "\n"); got != page {
		t.Error("HTML changed on the way")
	}
}

func TestTheHeadersAreTheseAndNoOthers(t *testing.T) {
	server := mailtest.Start(t)
	if err := sender(t, server).Send(t.Context(), toAna(), "f3a1@example.org", start); err != nil {
		t.Fatal(err)
	}
	head, err := netmail.ReadMessage(bytes.NewReader(server.Taken()[0].Data))
	if err != nil {
		t.Fatal(err)
	}
	decoded := func(name string) string {
		list, err := head.Header.AddressList(name)
		if err != nil || len(list) != 1 {
			t.Fatalf("%s: %v %v", name, list, err)
		}
		return list[0].Name + " <" + list[0].Address + ">"
	}
	for name, want := range map[string]string{
		"From": "Common Ground <hello@example.org>", "To": "Ana Wójcik <ana@example.net>", "Reply-To": " <mara@example.org>",
	} {
		if got := decoded(name); got != want {
			t.Errorf("%s %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{
		"Message-Id": "<f3a1@example.org>", "Date": "Mon, 02 Nov 2026 09:00:00 +0000",
		"Auto-Submitted": "auto-generated", "Subject": "Your call on Tuesday 8 December", "Mime-Version": "1.0",
	} {
		if got := head.Header[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s %q, want %q", name, got, want)
		}
	}
	if len(head.Header) != 9 {
		t.Errorf("%d headers, want the eight above and Content-Type: %v", len(head.Header), head.Header)
	}
	if hellos := server.Hellos(); len(hellos) != 1 || hellos[0] != "example.org" {
		t.Errorf("introduced as %q", hellos)
	}
}

func TestALetterWithoutInvitationIsTwoAlternatives(t *testing.T) {
	server := mailtest.Start(t)
	c := toAna()
	c.Letter.Calendar = nil
	if err := sender(t, server).Send(t.Context(), c, "a@example.org", start); err != nil {
		t.Fatal(err)
	}
	if got := server.Taken()[0].Read(t).Shape(); got != "multipart/alternative(text/plain text/html)" {
		t.Errorf("shape %s", got)
	}
}

func TestAnInvitationWhoseMethodsDisagreeDoesNotLeave(t *testing.T) {
	server := mailtest.Start(t)
	for _, method := range []string{"CANCEL", "", "REQUEST; x=y"} {
		c := toAna()
		c.Letter.Calendar.Method = method
		err := sender(t, server).Send(t.Context(), c, "a@example.org", start)
		var r *mail.Refusal
		if !errors.As(err, &r) || !r.Permanent {
			t.Errorf("method %q: %v", method, err)
		}
	}
	if n := len(server.Taken()); n != 0 {
		t.Errorf("%d letters left", n)
	}
}

// Names, subjects and reply addresses come from strangers; whatever they hold,
// the letter has the headers we meant and goes to whom we meant.
func TestNothingInANameReachesTheHeaders(t *testing.T) {
	for _, hostile := range []string{
		"x\r\nBcc: evil@example.com", "x\nTo: evil@example.com", "x\rX-Evil: 1", "x\x00y", "=?utf-8?q?=0D=0ABcc:_evil@example.com?=",
		`"><evil@example.com>`, "a, b <evil@example.com>", strings.Repeat("long ", 2048), strings.Repeat("ö", 10_000), "\u202eevil\u202c", "🪷 Ana",
	} {
		server := mailtest.Start(t)
		c := toAna()
		c.To.Name, c.From.Name, c.ReplyTo.Name, c.Letter.Subject = hostile, hostile, hostile, hostile
		if err := sender(t, server).Send(t.Context(), c, "a@example.org", start); err != nil {
			t.Errorf("%.30q: %v", hostile, err)
			continue
		}
		taken := server.Taken()[0]
		if !slices.Equal(taken.To, []string{"ana@example.net"}) || taken.From != "hello@example.org" {
			t.Errorf("%.30q: envelope %s to %s", hostile, taken.From, taken.To)
		}
		head, err := netmail.ReadMessage(bytes.NewReader(taken.Data))
		if err != nil {
			t.Fatal(err)
		}
		if len(head.Header) != 9 || head.Header.Get("Bcc")+head.Header.Get("X-Evil") != "" {
			t.Errorf("%.30q: headers %v", hostile, head.Header)
		}
		for _, name := range []string{"From", "To", "Reply-To"} {
			if list, err := head.Header.AddressList(name); err != nil || len(list) != 1 || strings.Contains(list[0].Address, "evil") {
				t.Errorf("%.30q: %s %v %v", hostile, name, list, err)
			}
		}
		top, _, _ := strings.Cut(string(taken.Data), "\r\n\r\n")
		for _, line := range strings.Split(top, "\r\n") {
			if len(line) > 900 {
				t.Errorf("%.30q: a header line of %d bytes", hostile, len(line))
			}
		}
		if len(top) > 5000 {
			t.Errorf("%.30q: %d bytes of headers", hostile, len(top))
		}
	}
}

func TestOnlyOnePlainAddressIsWrittenTo(t *testing.T) {
	server := mailtest.Start(t)
	for _, bad := range []string{
		"", "ana", "ana@example.net, evil@example.com", "ana@example.net>,<evil@example.com", `"a>b"@example.net`,
		"ana(comment)@example.net", "ana@example.net\r\nRCPT TO:<evil@example.com>", "Ana <ana@example.net>", "a@b@example.net",
		strings.Repeat("a", 65) + "@example.net", "ana@exa mple.net", "ana@-bad-.example",
	} {
		c := toAna()
		c.To.Email = bad
		err := sender(t, server).Send(t.Context(), c, "a@example.org", start)
		var r *mail.Refusal
		if !errors.As(err, &r) || !r.Permanent || (bad != "" && strings.Contains(r.Class, bad)) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if n := len(server.Taken()); n != 0 {
		t.Errorf("%d letters left", n)
	}
	c := toAna()
	c.To.Email = "ana@bücher.example"
	if err := sender(t, server).Send(t.Context(), c, "a@example.org", start); err != nil {
		t.Fatal(err)
	}
	if got := server.Taken()[0].To; !slices.Equal(got, []string{"ana@xn--bcher-kva.example"}) {
		t.Errorf("a domain in its own script went to %q", got)
	}
}

func TestMailFromIsTheSenderAndAnswersStillGoToThePractice(t *testing.T) {
	server := mailtest.Start(t)
	s := sender(t, server)
	s.MailFrom = "post@mailer.example"
	c := toAna()
	c.ReplyTo = mail.Address{}
	if err := s.Send(context.Background(), c, "a@mailer.example", start); err != nil {
		t.Fatal(err)
	}
	taken := server.Taken()[0]
	head := taken.Read(t).Header
	if taken.From != "post@mailer.example" || !strings.Contains(head.Get("From"), "post@mailer.example") || !strings.Contains(head.Get("Reply-To"), "hello@example.org") {
		t.Errorf("from %s, %s, replies to %s", taken.From, head.Get("From"), head.Get("Reply-To"))
	}
}

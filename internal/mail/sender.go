package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Sender talks to the mail server.
type Sender struct {
	Config   Config
	MailFrom string        // when set, the address that all letters come from
	Timeout  time.Duration // for each answer of the server; 0 means 30 s
}

// Refusal is a letter that did not leave. It repeats nothing that the server
// said, because servers repeat addresses.
type Refusal struct {
	Class     string // such as "smtp 550 at the recipient"; safe to store and show
	Permanent bool   // the server will not take it later either
	Bounced   bool   // it was the recipient's address that was refused
}

// Error is the sentence for the log.
func (r *Refusal) Error() string { return "letter not taken: " + r.Class }

// Send hands one letter to the server. When it returns nil the server has
// taken it. After a Refusal that is not Permanent the letter may or may not
// have arrived, so it is sent again under the same Message-ID.
func (s *Sender) Send(ctx context.Context, c Composed, messageID string, date time.Time) error {
	c = s.addressed(c)
	m, err := message(c, messageID, date)
	if err != nil {
		return &Refusal{Class: "cannot be written: " + err.Error(), Permanent: true}
	}
	client, err := s.client(ctx, c.From.Email)
	if err != nil {
		return err
	}
	err = client.DialAndSendWithContext(ctx, m)
	if m.IsDelivered() {
		// What went wrong after the server took it does not concern the letter.
		return nil
	}
	if err == nil {
		return &Refusal{Class: "mail server gave no answer"}
	}
	return refusal(err)
}

// addressed is the letter with the sender's address that it really leaves from.
func (s *Sender) addressed(c Composed) Composed {
	if s.MailFrom != "" {
		if c.ReplyTo.Email == "" && c.From.Email != s.MailFrom {
			c.ReplyTo = c.From
		}
		c.From.Email = s.MailFrom
	}
	return c
}

// Test signs in to the server and leaves again without sending anything.
func (s *Sender) Test(ctx context.Context) error {
	client, err := s.client(ctx, s.MailFrom)
	if err != nil {
		return err
	}
	talk, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return refusal(err)
	}
	if err := client.CloseWithSMTPClient(talk); err != nil {
		return refusal(err)
	}
	return nil
}

// client prepares one talk. It ends when ctx does, whatever the server does.
func (s *Sender) client(ctx context.Context, from string) (*gomail.Client, error) {
	wait := s.Timeout
	if wait == 0 {
		wait = 30 * time.Second
	}
	secure := &tls.Config{ServerName: s.Config.Host, MinVersion: tls.VersionTLS12}
	options := []gomail.Option{
		gomail.WithPort(s.Config.Port), gomail.WithTimeout(wait), gomail.WithHELO(greeting(from)),
		gomail.WithoutNoop(), gomail.WithoutRset(), gomail.WithTLSConfig(secure),
	}
	mechanisms := []gomail.SMTPAuthType{gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin}
	switch s.Config.Security {
	case Implicit:
		options = append(options, gomail.WithSSL())
	case Loopback:
		// Nobody listens between a machine and itself, and local servers have
		// certificates in other names.
		secure.InsecureSkipVerify = true
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
		mechanisms = []gomail.SMTPAuthType{gomail.SMTPAuthPlainNoEnc, gomail.SMTPAuthLoginNoEnc}
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if s.Config.User != "" {
		options = append(options, gomail.WithUsername(s.Config.User), gomail.WithPassword(s.Config.Password),
			gomail.WithOpportunisticSMTPAuth(mechanisms...))
	}
	options = append(options, gomail.WithDialContextFunc(func(dialing context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(dialing, network, address)
		if err != nil {
			return nil, err
		}
		context.AfterFunc(ctx, func() { conn.Close() })
		if s.Config.Security != Implicit {
			return conn, nil
		}
		secured := tls.Client(conn, secure)
		if err := secured.HandshakeContext(dialing); err != nil {
			conn.Close()
			return nil, err
		}
		return secured, nil
	}))
	client, err := gomail.NewClient(s.Config.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("mail server settings: %w", err)
	}
	return client, nil
}

// greeting is how we introduce ourselves: by the domain we write from, never by
// the machine's own name.
func greeting(from string) string {
	if box, err := mailbox(Address{Email: from}); err == nil {
		return domainOf(box.Address)
	}
	return "localhost"
}

// refusal tells from the library's error what it means for the letter. Only an
// answer of 5xx about this letter is permanent: trouble before that (network,
// TLS, sign-in) is about the server or our settings, and a cut line says
// nothing.
func refusal(err error) *Refusal {
	var sent *gomail.SendError
	if !errors.As(err, &sent) {
		return &Refusal{Class: dialClass(err)}
	}
	code := sent.ErrorCode()
	where := map[gomail.SendErrReason]string{
		gomail.ErrSMTPMailFrom:  "the sender",
		gomail.ErrSMTPRcptTo:    "the recipient",
		gomail.ErrSMTPData:      "the content",
		gomail.ErrSMTPDataClose: "the content",
		gomail.ErrWriteContent:  "the content",
	}[sent.Reason]
	switch {
	case where == "":
		return &Refusal{Class: "mail server does not answer"}
	case code == 0:
		return &Refusal{Class: "line cut at " + where}
	}
	r := &Refusal{Class: fmt.Sprintf("smtp %d at %s", code, where)}
	// 530 and 535 ask us to sign in: the settings are wrong, not the letter.
	r.Permanent = code >= 500 && code != 530 && code != 535
	r.Bounced = r.Permanent && sent.Reason == gomail.ErrSMTPRcptTo
	return r
}

// dialClass says what went wrong before any letter was spoken of.
func dialClass(err error) string {
	var reply interface{ Timeout() bool }
	var certificate *tls.CertificateVerificationError
	switch code := replyCode(err); {
	case code != 0:
		return fmt.Sprintf("smtp %d at the greeting or sign-in", code)
	case errors.As(err, &certificate):
		return "mail server's certificate is not valid"
	case errors.Is(err, context.Canceled):
		return "stopped"
	case errors.As(err, &reply) && reply.Timeout():
		return "mail server took too long"
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return "mail server cannot be reached"
	}
	return "mail server could not be greeted: no secure connection or no sign-in offered"
}

// replyCode is the number a server answered with, or 0.
func replyCode(err error) int {
	var e *textproto.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

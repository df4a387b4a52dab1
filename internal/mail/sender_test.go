package mail_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/mail"
	"kintsugi/internal/mail/mailtest"
)

// selfSigned is a certificate as a server on the same machine has one.
func selfSigned(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"mail.test"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

func TestSMTPURLSaysWhereAndHow(t *testing.T) {
	for text, want := range map[string]mail.Config{
		"smtp://mail.example.org":                {Host: "mail.example.org", Port: 587, Security: mail.StartTLS},
		"smtp://u:p%40ss%2F@mail.example.org:25": {Host: "mail.example.org", Port: 25, User: "u", Password: "p@ss/", Security: mail.StartTLS},
		" smtps://u%40x.org:p@mail.example.org/": {Host: "mail.example.org", Port: 465, User: "u@x.org", Password: "p", Security: mail.Implicit},
		"smtp://127.0.0.1:1025":                  {Host: "127.0.0.1", Port: 1025, Security: mail.Loopback},
		"SMTP://LOCALHOST:1025":                  {Host: "LOCALHOST", Port: 1025, Security: mail.Loopback},
		"smtp://[::1]:1025":                      {Host: "::1", Port: 1025, Security: mail.Loopback},
		"smtps://localhost":                      {Host: "localhost", Port: 465, Security: mail.Implicit},
	} {
		got, err := mail.ParseSMTPURL(text)
		if err != nil || got != want {
			t.Errorf("%s: %+v %v", text, got, err)
		}
	}
}

func TestAWrongSMTPURLIsNamedWithoutItsPassword(t *testing.T) {
	for _, text := range []string{
		"", "mail.example.org:587", "http://u:canary@mail.example.org", "smtp://", "smtp://u:canary@:587", "smtp://u:ca nary@mail.example.org",
		"smtp://u:canary@mail.example.org:0", "smtp://u:canary@mail.example.org:99999", "smtp://u:canary@mail.example.org:port",
		"smtp://u:can/ary@mail.example.org", "smtp://canary@mail.example.org", "smtp://u:canary@mail.example.org?tls=no", "smtp://u:%zzcanary@h",
	} {
		_, err := mail.ParseSMTPURL(text)
		if err == nil {
			t.Errorf("%q was taken", text)
			continue
		}
		if say := err.Error(); strings.Contains(say, "canary") || !strings.Contains(say, "SMTP_URL") && !strings.Contains(say, "port") {
			t.Errorf("%q: %s", text, say)
		}
	}
}

func TestAServerBeyondThisMachineMustOfferTLS(t *testing.T) {
	server := mailtest.Start(t)
	s := sender(t, server)
	s.Config.Security = mail.StartTLS
	err := s.Send(t.Context(), toAna(), "a@example.org", start)
	var r *mail.Refusal
	if !errors.As(err, &r) || r.Permanent || len(server.Taken()) != 0 {
		t.Errorf("%v, %d letters", err, len(server.Taken()))
	}
}

func TestAnUnknownCertificateIsRefusedBeyondThisMachine(t *testing.T) {
	server := mailtest.StartGuarded(t, selfSigned(t), "u", "p")
	s := sender(t, server)
	s.Config.User, s.Config.Password, s.Config.Security = "u", "p", mail.StartTLS
	err := s.Send(t.Context(), toAna(), "a@example.org", start)
	var r *mail.Refusal
	if !errors.As(err, &r) || r.Permanent || r.Class != "mail server's certificate is not valid" || len(server.Taken()) != 0 {
		t.Errorf("%v", err)
	}
}

func TestSigningIn(t *testing.T) {
	server := mailtest.StartGuarded(t, selfSigned(t), "u", "canary")
	s := sender(t, server)
	s.Config.User, s.Config.Password = "u", "canary"
	if err := s.Test(t.Context()); err != nil {
		t.Error(err)
	}
	if err := s.Send(t.Context(), toAna(), "a@example.org", start); err != nil || len(server.Taken()) != 1 {
		t.Errorf("%v, %d letters", err, len(server.Taken()))
	}
	// A wrong password is about our settings: the letter waits for them.
	s.Config.Password = "wrong"
	for _, err := range []error{s.Test(t.Context()), s.Send(t.Context(), toAna(), "a@example.org", start)} {
		var r *mail.Refusal
		if !errors.As(err, &r) || r.Permanent || r.Class != "smtp 535 at the greeting or sign-in" {
			t.Errorf("%v", err)
		}
	}
	s.Config.User = ""
	var r *mail.Refusal
	if err := s.Send(t.Context(), toAna(), "a@example.org", start); !errors.As(err, &r) || r.Permanent || r.Class != "smtp 530 at the sender" {
		t.Errorf("%v", err)
	}
}

func TestImplicitTLS(t *testing.T) {
	certificate := selfSigned(t)
	l, err := tls.Listen("tcp", "127.0.0.1:0", certificate)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.(*tls.Conn).Handshake()
			c.Close()
		}
	}()
	config, err := mail.ParseSMTPURL("smtps://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s := &mail.Sender{Config: config, Timeout: 2 * time.Second}
	var r *mail.Refusal
	if err := s.Test(t.Context()); !errors.As(err, &r) || r.Class != "mail server's certificate is not valid" {
		t.Errorf("%v", err)
	}
}

func TestAStallingServerIsLeft(t *testing.T) {
	server := mailtest.Start(t)
	server.Stall(mailtest.Content, 2*time.Second)
	s := sender(t, server)
	s.Timeout = 200 * time.Millisecond
	from := time.Now()
	err := s.Send(t.Context(), toAna(), "a@example.org", start)
	var r *mail.Refusal
	if !errors.As(err, &r) || r.Permanent || r.Class != "line cut at the content" || time.Since(from) > time.Second {
		t.Errorf("%v after %s", err, time.Since(from))
	}
}

func TestStoppingCutsTheTalk(t *testing.T) {
	server := mailtest.Start(t)
	server.Stall(mailtest.Recipient, 2*time.Second)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	from := time.Now()
	err := sender(t, server).Send(ctx, toAna(), "a@example.org", start)
	var r *mail.Refusal
	if !errors.As(err, &r) || r.Permanent || time.Since(from) > time.Second {
		t.Errorf("%v after %s", err, time.Since(from))
	}
}

func TestASilentServerIsLeft(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	config, err := mail.ParseSMTPURL("smtp://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s := &mail.Sender{Config: config, Timeout: 200 * time.Millisecond}
	var r *mail.Refusal
	if err := s.Test(t.Context()); !errors.As(err, &r) || r.Class != "mail server took too long" {
		t.Errorf("%v", err)
	}
}

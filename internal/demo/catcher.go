package demo

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Catcher is a mail server on this machine alone that sends nothing on: what it
// is given lands in its box.
type Catcher struct {
	Box *Box

	listener net.Listener
	server   *smtp.Server
	served   sync.WaitGroup
}

// Catch starts a catcher on a free port.
func Catch(log *slog.Logger) (*Catcher, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open the letter box: %w", err)
	}
	c := &Catcher{Box: &Box{}, listener: listener}
	c.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &talk{box: c.Box}, nil }))
	c.server.Domain = "localhost"
	c.server.MaxMessageBytes, c.server.MaxRecipients, c.server.MaxLineLength = longest, 10, 4000
	c.server.ReadTimeout, c.server.WriteTimeout = 30*time.Second, 30*time.Second
	c.server.ErrorLog = quiet{}
	c.served.Go(func() {
		if err := c.server.Serve(listener); err != nil && !errors.Is(err, smtp.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			log.Error("the letter box takes no more letters", "error", err)
		}
	})
	return c, nil
}

// URL is the catcher's address as SMTP_URL has it.
func (c *Catcher) URL() string { return "smtp://" + c.listener.Addr().String() }

// Close ends the mail server. The letters stay in the box.
func (c *Catcher) Close() error {
	// The server may not have met its listener yet, so both are closed.
	err := errors.Join(c.listener.Close(), c.server.Close())
	c.served.Wait()
	if errors.Is(err, net.ErrClosed) || errors.Is(err, smtp.ErrServerClosed) {
		return nil
	}
	return err
}

// talk is one conversation with whoever brings letters.
type talk struct {
	box  *Box
	from string
	to   []string
}

// Mail begins a letter.
func (t *talk) Mail(from string, _ *smtp.MailOptions) error {
	t.from, t.to = from, nil
	return nil
}

// Rcpt names who it is for.
func (t *talk) Rcpt(to string, _ *smtp.RcptOptions) error {
	t.to = append(t.to, to)
	return nil
}

// Data takes it in.
func (t *talk) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	t.box.Put(t.from, t.to, raw, time.Now())
	return nil
}

// Reset forgets a letter that was begun.
func (t *talk) Reset() { t.from, t.to = "", nil }

// Logout ends the conversation.
func (t *talk) Logout() error { return nil }

// quiet drops what the mail server says about lines that were cut.
type quiet struct{}

// Printf says nothing.
func (quiet) Printf(string, ...any) {}

// Println says nothing.
func (quiet) Println(...any) {}

// Package mailtest is a real mail server for tests: it speaks SMTP on
// loopback, remembers what it took, and can be away, refuse, stall, or cut the
// line after it has taken a letter and before it says so.
package mailtest

import (
	"crypto/tls"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Stage is a point in the talk at which the server can make trouble.
type Stage string

// The stages, in the order of the talk.
const (
	Sender    Stage = "sender"
	Recipient Stage = "recipient"
	Content   Stage = "content"
)

// Server is a mail server under the test's control.
type Server struct {
	Addr string // host:port; the same after Down and Up

	tls  *tls.Config
	user string
	pass string

	mu      sync.Mutex
	listen  net.Listener
	running *smtp.Server
	taken   []Mail
	hellos  []string
	refuse  map[Stage]int
	stall   map[Stage]time.Duration
	drop    int
}

// Start runs a server until the test ends.
func Start(t testing.TB) *Server { return start(t, &Server{}) }

// StartGuarded runs a server that wants TLS and a sign-in.
func StartGuarded(t testing.TB, certificate *tls.Config, user, password string) *Server {
	return start(t, &Server{tls: certificate, user: user, pass: password})
}

func start(t testing.TB, s *Server) *Server {
	t.Helper()
	s.refuse, s.stall = map[Stage]int{}, map[Stage]time.Duration{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("mailtest: %v", err)
	}
	s.Addr = l.Addr().String()
	s.serve(l)
	t.Cleanup(s.Down)
	return s
}

// URL is the server's address as SMTP_URL.
func (s *Server) URL() string { return "smtp://" + s.Addr }

// Down takes the server away: connections are cut and new ones refused.
func (s *Server) Down() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil {
		return
	}
	// The server may not have met its listener yet, so both are closed.
	s.listen.Close()
	s.running.Close()
	s.running = nil
}

// Up brings it back at the same address.
func (s *Server) Up(t testing.TB) {
	t.Helper()
	l, err := net.Listen("tcp", s.Addr)
	if err != nil {
		t.Fatalf("mailtest: %v", err)
	}
	s.serve(l)
}

// Refuse answers a stage with this code from now on; 0 accepts again.
func (s *Server) Refuse(stage Stage, code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse[stage] = code
}

// Stall lets a stage take so long from now on.
func (s *Server) Stall(stage Stage, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stall[stage] = d
}

// DropAfterTaking takes the next n letters and cuts the line instead of saying so.
func (s *Server) DropAfterTaking(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop = n
}

// Taken lists the letters that the server took, in order.
func (s *Server) Taken() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.taken...)
}

// Hellos lists how clients introduced themselves.
func (s *Server) Hellos() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.hellos...)
}

func (s *Server) serve(l net.Listener) {
	running := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.hellos = append(s.hellos, c.Hostname())
		return &session{server: s, conn: c}, nil
	}))
	running.Domain = "mail.test"
	running.TLSConfig = s.tls
	running.EnableSMTPUTF8 = true
	running.ErrorLog = silent{}
	s.mu.Lock()
	s.listen, s.running = l, running
	s.mu.Unlock()
	go running.Serve(l)
}

// trouble waits and refuses as the test has asked for.
func (s *Server) trouble(stage Stage) error {
	s.mu.Lock()
	code, wait := s.refuse[stage], s.stall[stage]
	s.mu.Unlock()
	time.Sleep(wait)
	if code != 0 {
		return &smtp.SMTPError{Code: code, Message: "no, canary-reply, at the " + string(stage)}
	}
	return nil
}

// session is one client's talk.
type session struct {
	server *Server
	conn   *smtp.Conn
	signed bool
	mail   Mail
}

func (s *session) AuthMechanisms() []string {
	if s.server.user == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != s.server.user || password != s.server.pass {
			return smtp.ErrAuthFailed
		}
		s.signed = true
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.server.user != "" && !s.signed {
		return &smtp.SMTPError{Code: 530, Message: "sign in first"}
	}
	s.mail = Mail{From: from}
	return s.server.trouble(Sender)
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.server.trouble(Recipient); err != nil {
		return err
	}
	s.mail.To = append(s.mail.To, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.server.trouble(Content); err != nil {
		return err
	}
	s.mail.Data = data
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.taken = append(s.server.taken, s.mail)
	if s.server.drop > 0 {
		s.server.drop--
		s.conn.Conn().Close()
	}
	return nil
}

func (s *session) Reset() {}

func (s *session) Logout() error { return nil }

// silent drops what the server has to say about cut lines: they are meant.
type silent struct{}

func (silent) Printf(string, ...any) {}

func (silent) Println(...any) {}

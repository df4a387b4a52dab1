package mail

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	"kintsugi/internal/fault"
)

// Security says how the talk with the mail server is kept private.
type Security int

// The ways to keep it private.
const (
	StartTLS Security = iota // plain greeting, then TLS or nothing
	Implicit                 // TLS from the first byte
	Loopback                 // TLS where offered: the server is on this machine
)

// Config says where the mail server is and how to sign in there.
type Config struct {
	Host     string
	Port     int
	User     string
	Password string
	Security Security
}

// ParseSMTPURL reads SMTP_URL. Its complaints name what is right and never
// repeat the address, which may hold a password.
func ParseSMTPURL(text string) (Config, error) {
	complain := func(say string) (Config, error) {
		return Config{}, fault.InvalidField("SMTP_URL", say)
	}
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil {
		return complain("SMTP_URL must look like smtp://user:password@mail.example.org:587; special characters in the password are written as %XX.")
	}
	c := Config{Host: u.Hostname()}
	switch strings.ToLower(u.Scheme) {
	case "smtp":
		c.Port = 587
	case "smtps":
		c.Port, c.Security = 465, Implicit
	default:
		return complain("SMTP_URL must begin with smtp:// (STARTTLS) or smtps:// (TLS from the start).")
	}
	if c.Host == "" {
		return complain("SMTP_URL must name the mail server after // or @, as in smtp://mail.example.org:587.")
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return complain("SMTP_URL ends after the port; write / ? and # in the password as %2F %3F and %23.")
	}
	if p := u.Port(); p != "" {
		n, err := strconv.Atoi(p)
		if err != nil || n < 1 || n > 65535 {
			return complain("The port in SMTP_URL must be a number from 1 to 65535, usually 587 or 465.")
		}
		c.Port = n
	}
	if u.User != nil {
		c.User = u.User.Username()
		c.Password, _ = u.User.Password()
		if c.User == "" || c.Password == "" {
			return complain("SMTP_URL needs both a user and a password before the @, or neither.")
		}
	}
	if c.Security == StartTLS && isLoopback(c.Host) {
		c.Security = Loopback
	}
	return c, nil
}

// isLoopback reports whether host is this machine, by its name alone.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

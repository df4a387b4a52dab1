package pg

import (
	"context"
	"net"
	"time"
)

// silence is how long the other end of a connection may say nothing while we
// wait for it. PostgreSQL itself ends a statement sooner, so whoever is silent
// longer is gone: a cable pulled, a host frozen. The driver alone would wait
// for ever, because what it does when a context ends is to ask that same host
// to cancel; each such wait would keep a connection of the pool and a request.
const silence = 16 * time.Second

// dialer opens connections that do not wait for ever.
type dialer struct{ net.Dialer }

// DialTimeout is what the driver asks for when there is no context.
func (d dialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// Dial is DialContext without a context.
func (d dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialContext opens a connection.
func (d dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := d.Dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &impatient{Conn: conn}, nil
}

// impatient is a connection each of whose reads and writes ends after silence,
// or sooner where the driver has set a deadline, as it does while connecting.
type impatient struct {
	net.Conn
	until time.Time // the driver's deadline; zero for none
}

// SetDeadline keeps the driver's deadline for the reads and writes to come.
func (c *impatient) SetDeadline(t time.Time) error {
	c.until = t
	return c.Conn.SetDeadline(t)
}

// Read waits for at most silence.
func (c *impatient) Read(p []byte) (int, error) {
	if err := c.Conn.SetReadDeadline(c.next()); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

// Write waits for at most silence.
func (c *impatient) Write(p []byte) (int, error) {
	if err := c.Conn.SetWriteDeadline(c.next()); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

func (c *impatient) next() time.Time {
	end := time.Now().Add(silence)
	if !c.until.IsZero() && c.until.Before(end) {
		return c.until
	}
	return end
}

// Package outbound fetches the one kind of address that the server opens on
// somebody's word: that of an outside calendar. Whoever can type an address
// could otherwise make the server knock where only the server may: at itself,
// at the database, at the machines around it.
//
// So it takes https alone, looks at the address it is about to connect to and
// not at the name, does so again for every redirect and every fetch, and says
// the same words whatever hindered it before a public server answered. It
// sends nothing about who asks: no cookies, no Referer, no name of ours. It
// refuses to know what is fetched, and keeps nothing.
package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// Limits of one fetch, all its redirects included.
const (
	MaxBody      = 2 << 20 // octets, packed and unpacked
	maxTime      = 10 * time.Second
	maxRedirects = 5
	maxHeader    = 64 << 10
	userAgent    = "CalendarReader/1.0"
)

// Options are what differs between a server and a test.
type Options struct {
	// Own are the host names under which this very server is reached.
	Own []string
	// Trust are addresses of this machine that a test has put there for us. They
	// alone may be fetched by http. A server trusts none.
	Trust []netip.AddrPort
	// Roots are the certificates that are believed; nil means those of the machine.
	Roots *x509.CertPool
	// Resolver turns names into addresses; nil means the machine's own.
	Resolver *net.Resolver
	// MaxTime is how long a fetch may take; 0 means 10 seconds.
	MaxTime time.Duration
}

// Client fetches calendars. It may be used by many at once.
type Client struct {
	options Options
	http    *http.Client
}

// New makes a client.
func New(o Options) *Client {
	if o.MaxTime == 0 {
		o.MaxTime = maxTime
	}
	c := &Client{options: o}
	dialer := &net.Dialer{Resolver: o.Resolver, ControlContext: c.mayDial, KeepAlive: -1}
	c.http = &http.Client{
		Transport: &http.Transport{
			Proxy:                  nil, // a proxy would connect where we have not looked
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12},
			DisableKeepAlives:      true, // every fetch looks anew at where it connects
			DisableCompression:     true, // unpacked here, within bounds
			MaxResponseHeaderBytes: maxHeader,
		},
		CheckRedirect: c.mayFollow,
	}
	return c
}

// Known is what a server said about the copy that we have.
type Known struct {
	ETag, LastModified string
}

// Answer is what a server said.
type Answer struct {
	// Unchanged says that the copy that we have is still good; there is no Body.
	Unchanged bool
	Body      []byte
	Known     Known
}

// Get fetches an address, or learns that it has not changed since what is
// known. Its errors have a Class and never hold the address, which is a secret.
func (c *Client) Get(ctx context.Context, address string, known Known) (Answer, error) {
	u, err := c.parse(address)
	if err != nil {
		return Answer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.options.MaxTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return Answer{}, unreachable()
	}
	request.Header.Set("User-Agent", userAgent)
	request.Header.Set("Accept", "text/calendar, */*;q=0.1")
	request.Header.Set("Accept-Encoding", "gzip")
	if known.ETag != "" {
		request.Header.Set("If-None-Match", known.ETag)
	}
	if known.LastModified != "" {
		request.Header.Set("If-Modified-Since", known.LastModified)
	}
	response, err := c.http.Do(request)
	if err != nil {
		// The reason names the address, and would tell what answers where.
		return Answer{}, unreachable()
	}
	defer response.Body.Close()
	switch {
	case response.StatusCode == http.StatusNotModified && known != (Known{}):
		return Answer{Unchanged: true, Known: known}, nil
	case response.StatusCode != http.StatusOK:
		return Answer{}, answered(response.StatusCode)
	}
	body, err := read(response)
	if err != nil {
		return Answer{}, err
	}
	return Answer{Body: body, Known: Known{
		ETag:         short(response.Header.Get("ETag")),
		LastModified: short(response.Header.Get("Last-Modified")),
	}}, nil
}

// short drops what no server needs for naming a copy.
func short(text string) string {
	for _, b := range []byte(text) {
		if b < ' ' || b > '~' {
			return ""
		}
	}
	if len(text) > 255 {
		return ""
	}
	return text
}

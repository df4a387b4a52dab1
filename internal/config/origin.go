package config

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// Origin is the address people use, scheme and host. Links in letters,
// calendars and pages begin with it, never with what a request says.
type Origin struct {
	scheme string
	host   string // lower case, with the port unless it is the scheme's own
}

// errOrigin says what an origin looks like.
var errOrigin = errors.New("write http:// or https://, a host and perhaps a port, and nothing behind them, such as https://talk.example.org")

// ParseOrigin reads an address such as https://talk.example.org. A slash at
// the end is forgiven, anything else behind the host is not.
func ParseOrigin(text string) (Origin, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Opaque != "" ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return Origin{}, errOrigin
	}
	scheme := strings.ToLower(u.Scheme)
	if scheme != "http" && scheme != "https" {
		return Origin{}, errOrigin
	}
	if u.Port() != "" && !isPort(u.Port(), 1) || strings.HasSuffix(u.Host, ":") {
		return Origin{}, errOrigin
	}
	name := strings.ToLower(u.Hostname())
	if !isHostName(name) {
		return Origin{}, errOrigin
	}
	return Origin{scheme: scheme, host: JoinHost(scheme, name, u.Port())}, nil
}

// JoinHost writes host and port as a browser does in its Host line: the
// scheme's own port is left out, an IPv6 address stands in brackets.
func JoinHost(scheme, name, port string) string {
	if port == "" || scheme == "http" && port == "80" || scheme == "https" && port == "443" {
		if strings.Contains(name, ":") {
			return "[" + name + "]"
		}
		return name
	}
	return net.JoinHostPort(name, port)
}

// localOrigin is the address of a server that listens on this machine alone.
func localOrigin(port string) Origin {
	return Origin{scheme: "http", host: JoinHost("http", "localhost", port)}
}

// String is the address without a slash at the end; empty for none.
func (o Origin) String() string {
	if o.IsZero() {
		return ""
	}
	return o.scheme + "://" + o.host
}

// MarshalText is String, for whoever writes the configuration out.
func (o Origin) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// IsZero reports whether there is none yet.
func (o Origin) IsZero() bool { return o.host == "" }

// Scheme is http or https.
func (o Origin) Scheme() string { return o.scheme }

// Host is the host as a Host line has it, without the scheme's own port.
func (o Origin) Host() string { return o.host }

// Hostname is the host without a port and without brackets.
func (o Origin) Hostname() string {
	u := url.URL{Host: o.host}
	return u.Hostname()
}

// Secure reports whether people come by https.
func (o Origin) Secure() bool { return o.scheme == "https" }

// Loopback reports whether the address reaches this machine alone.
func (o Origin) Loopback() bool { return !o.IsZero() && IsLoopback(o.Hostname()) }

// IsLoopback reports whether a host, without port and brackets, is this
// machine, by its name alone: nothing is looked up.
func IsLoopback(name string) bool {
	if strings.EqualFold(name, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.Unmap().IsLoopback()
}

// isHostName reports whether a name is an address or what DNS calls a host. A
// name in other letters must be given in its xn-- form, as browsers send it.
func isHostName(name string) bool {
	if ip, err := netip.ParseAddr(name); err == nil {
		return ip.Zone() == ""
	}
	if len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}

package outbound

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"

	"kintsugi/internal/fault"
)

// Check says in a sentence what is wrong with an address that somebody typed,
// as far as its letters tell. Where it leads is only known when it is fetched.
func Check(address string) error {
	_, err := (&Client{}).parse(address)
	if err == nil {
		return nil
	}
	return fault.New(fault.Invalid, "Write the calendar's secret address as the calendar gives it; it begins with https:// and holds no user name.")
}

// parse reads an address that may be fetched. Calendars also give it as
// webcal://, which means https.
func (c *Client) parse(address string) (*url.URL, error) {
	address = strings.TrimSpace(address)
	if rest, ok := strings.CutPrefix(address, "webcal://"); ok {
		address = "https://" + rest
	}
	u, err := url.Parse(address)
	if err != nil || !c.mayOpen(u) {
		return nil, unreachable()
	}
	u.Fragment = ""
	return u, nil
}

// mayOpen judges the letters of an address, so that nobody is even asked about
// names that can lead nowhere good.
func (c *Client) mayOpen(u *url.URL) bool {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if u.User != nil || u.Opaque != "" || host == "" {
		return false
	}
	if at, err := netip.ParseAddrPort(u.Host); err == nil && slices.Contains(c.options.Trust, at) {
		return u.Scheme == "http" || u.Scheme == "https"
	}
	if u.Scheme != "https" || slices.ContainsFunc(c.options.Own, func(own string) bool { return strings.EqualFold(own, host) }) {
		return false
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return public(ip)
	}
	// 2130706433, 0x7f.1 and 0177.0.0.1 are names here and loopback to some
	// resolvers; a name's last label is never a number.
	last := host[strings.LastIndexByte(host, '.')+1:]
	return len(last) < len(host) && strings.Trim(last, "0123456789") != "" && !strings.HasPrefix(last, "0x")
}

// mayFollow judges a redirect, and keeps the secret address from the server
// that it leads to.
func (c *Client) mayFollow(next *http.Request, before []*http.Request) error {
	next.Header.Del("Referer")
	if len(before) > maxRedirects || !c.mayOpen(next.URL) {
		return unreachable()
	}
	return nil
}

// mayDial judges the address behind a name at the moment of connecting, so that
// a name which changes its answer gains nothing.
func (c *Client) mayDial(_ context.Context, network, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !strings.HasPrefix(network, "tcp") {
		return unreachable()
	}
	if slices.Contains(c.options.Trust, at) {
		return nil
	}
	if !public(at.Addr()) || ours(at.Addr()) {
		return unreachable()
	}
	return nil
}

// notPublic are the ranges of version 4 that no public server stands in (IANA's
// special-purpose registry), and those parts of 2000::/3.
var notPublic = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)

// everybody is all of version 6 that is given out to public servers. Loopback,
// local, mapped and translated (64:ff9b::/96) addresses lie outside.
var everybody = netip.MustParsePrefix("2000::/3")

// public reports whether anybody could stand at an address.
func public(ip netip.Addr) bool {
	if ip.Zone() != "" || ip.Is4In6() {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(ip) {
			return false
		}
	}
	return ip.Is4() || everybody.Contains(ip)
}

// ours reports whether an address is this machine's own, which may well be a
// public one.
func ours(ip netip.Addr) bool {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return true // who cannot look does not connect
	}
	return slices.ContainsFunc(addresses, func(a net.Addr) bool {
		own, err := netip.ParsePrefix(a.String())
		return err == nil && own.Addr().Unmap() == ip
	})
}

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

package config

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// defaultListen is where we serve when nobody says otherwise: this machine
// alone.
const defaultListen = "127.0.0.1:8080"

func (r *reading) listen() string {
	if r.Listen == "" {
		return defaultListen
	}
	if !isListenable(r.Listen) {
		r.complain("LISTEN", "%q is no address to listen on; write HOST:PORT, such as %s or :8080", r.Listen, defaultListen)
	}
	return r.Listen
}

func (r *reading) adminListen() string {
	if r.AdminListen == "" {
		return ""
	}
	if !isListenable(r.AdminListen) {
		r.complain("ADMIN_LISTEN", "%q is no address to listen on; write HOST:PORT, such as 127.0.0.1:9090, or leave it out", r.AdminListen)
		return ""
	}
	listen := r.Listen
	if listen == "" {
		listen = defaultListen
	}
	if r.AdminListen == listen && !strings.HasSuffix(listen, ":0") {
		r.complain("ADMIN_LISTEN", "%s is where people are served already; choose another port, or leave it out", listen)
	}
	return r.AdminListen
}

// publicURL gives the address people use, and whether it is this machine
// alone, which is known even while the port is not.
func (r *reading) publicURL() (Origin, bool) {
	if r.PublicURL != "" {
		o, err := ParseOrigin(r.PublicURL)
		if err != nil {
			r.complain("PUBLIC_URL", "this is not the address of a site; %s", err)
		}
		return o, o.Loopback()
	}
	listen := r.Listen
	if listen == "" {
		listen = defaultListen
	}
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return Origin{}, false // LISTEN has its own complaint
	}
	if !IsLoopback(host) {
		if r.serving {
			r.complain("PUBLIC_URL", "is required when LISTEN (%s) is open to other machines; write the address people use, such as https://talk.example.org", listen)
		}
		return Origin{}, false
	}
	if port == "0" {
		return Origin{}, true
	}
	return localOrigin(port), true
}

func (r *reading) trustedProxies() []netip.Prefix {
	var trusted []netip.Prefix
	for _, word := range strings.FieldsFunc(r.TrustedProxies, func(c rune) bool { return c == ',' || c == ' ' || c == '\t' }) {
		prefix, err := netip.ParsePrefix(word)
		if ip, ipErr := netip.ParseAddr(word); ipErr == nil && ip.Zone() == "" {
			prefix, err = netip.PrefixFrom(ip, ip.BitLen()), nil
		}
		switch {
		case err != nil:
			r.complain("TRUSTED_PROXIES", "%q is no range of addresses; write CIDRs with commas between them, such as 10.0.0.0/8, fd00::/8", word)
		case prefix.Bits() == 0:
			r.complain("TRUSTED_PROXIES", "%q would believe everybody; name the range that your own proxies are in, such as 10.0.0.0/8", word)
		default:
			trusted = append(trusted, prefix.Masked())
		}
	}
	return trusted
}

// isListenable reports whether text is HOST:PORT or :PORT. Port 0 leaves the
// choice to the system.
func isListenable(text string) bool {
	host, port, err := net.SplitHostPort(text)
	if err != nil || !isPort(port, 0) {
		return false
	}
	return host == "" || isHostName(strings.ToLower(host))
}

// isPort reports whether text is a port number of at least the given one.
func isPort(text string, atLeast int) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= atLeast && n <= 65535 && strings.Trim(text, "0123456789") == ""
}

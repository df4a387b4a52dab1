package outbound_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kintsugi/internal/outbound"
)

// serve starts a server on this machine and gives its address and its place.
func serve(t *testing.T, act http.HandlerFunc) (address string, at netip.AddrPort) {
	t.Helper()
	s := httptest.NewServer(act)
	t.Cleanup(s.Close)
	return s.URL, place(t, s.URL)
}

func place(t *testing.T, address string) netip.AddrPort {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return netip.MustParseAddrPort(u.Host)
}

func trusting(at ...netip.AddrPort) *outbound.Client {
	return outbound.New(outbound.Options{Trust: at, MaxTime: 2 * time.Second})
}

func get(c *outbound.Client, address string) (outbound.Answer, error) {
	return c.Get(context.Background(), address, outbound.Known{})
}

func TestACalendarIsFetchedAndNothingIsToldAboutUs(t *testing.T) {
	address, at := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") == `"1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		for _, name := range []string{"Cookie", "Referer", "Origin", "From"} {
			if r.Header.Get(name) != "" {
				t.Errorf("%s is sent", name)
			}
		}
		if agent := strings.ToLower(r.UserAgent()); agent == "" || strings.Contains(agent, "kintsugi") || strings.Contains(agent, "go-http") {
			t.Errorf("we call ourselves %q", r.UserAgent())
		}
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
		w.Header().Set("ETag", `"1"`)
		if r.URL.Path == "/" {
			http.Redirect(w, r, "/b?token=secret", http.StatusFound)
			return
		}
		w.Write([]byte("words"))
	})
	c := trusting(at)
	for range 2 {
		answer, err := get(c, address+"/")
		if err != nil || string(answer.Body) != "words" || answer.Known.ETag != `"1"` {
			t.Fatalf("%+v, %v", answer, err)
		}
	}
	answer, err := c.Get(context.Background(), address, outbound.Known{ETag: `"1"`})
	if err != nil || !answer.Unchanged || answer.Known.ETag != `"1"` {
		t.Errorf("%+v, %v", answer, err)
	}
}

// Whoever types an address must learn nothing about what stands where, and
// nothing of ours is ever connected to.
func TestNoAddressLeadsInside(t *testing.T) {
	var knocks atomic.Int32
	inside, at := serve(t, func(http.ResponseWriter, *http.Request) { knocks.Add(1) })
	port := inside[strings.LastIndexByte(inside, ':'):]
	secure := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { knocks.Add(1) }))
	t.Cleanup(secure.Close)
	roots := x509.NewCertPool()
	roots.AddCert(secure.Certificate())

	addresses := []string{
		inside, secure.URL, "https://localhost" + port, "https://127.1" + port, "https://2130706433" + port, "https://0x7f000001" + port,
		"https://0x7f.0.0.1" + port, "https://0177.0.0.1" + port, "https://0" + port, "https://0.0.0.0" + port, "https://[::]" + port, "https://[::1]" + port,
		"https://[::ffff:127.0.0.1]" + port, "https://[::ffff:7f00:1]" + port, "https://[64:ff9b::7f00:1]" + port, "https://[64:ff9b:1::7f00:1]" + port,
		"https://[2002:7f00:1::]" + port, "https://[fe80::1%25lo]" + port, "https://[fc00::1]" + port, "https://[ff02::1]" + port,
		"https://169.254.169.254/latest/meta-data/", "https://10.0.0.1/", "https://172.31.255.255/", "https://192.168.1.1/", "https://100.64.0.1/", "https://224.0.0.1/", "https://255.255.255.255/",
		"https://user@127.0.0.1" + port, "https://calendar.example.org@127.0.0.1" + port, "https://user:pass@calendar.example.org/", "https://calendar.example.org:x/",
		"http://calendar.example.org/", "file:///etc/passwd", "gopher://127.0.0.1" + port, "ftp://calendar.example.org/", "//127.0.0.1" + port, "https:127.0.0.1" + port, "https://", "", "x", "https://intranet/", "https://intranet./",
		"webcal://127.0.0.1" + port, "https://booking.example.org/feeds/x.ics", "https://BOOKING.example.org./feeds/x.ics", "https://127.0.0.1" + port + "\r\nHost: x", "https://127。0。0。1" + port, "https://①②⑦.0.0.1" + port,
	}
	// A server that is trusted, but not where it sends us.
	for _, target := range addresses {
		redirect, from := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", strings.ReplaceAll(target, "\r\n", ""))
			w.WriteHeader(http.StatusTemporaryRedirect)
		})
		for _, attempt := range []string{target, redirect} {
			c := outbound.New(outbound.Options{Own: []string{"booking.example.org"}, Trust: []netip.AddrPort{from}, Roots: roots, MaxTime: 2 * time.Second, Resolver: resolver(t)})
			_, err := get(c, attempt)
			// An empty Location is none, and the answer then one that is no calendar.
			if attempt == redirect && target == "" || attempt == redirect && target == "x" {
				continue
			}
			if err == nil || err.Error() != "outside calendar: unreachable" || outbound.ClassOf(err) != outbound.Unreachable {
				t.Errorf("%q: %v", target, err)
			}
		}
	}
	if n := knocks.Load(); n != 0 {
		t.Errorf("%d knocks at our own door (%v)", n, at)
	}
}

// A name may answer with a public address when it is looked at and with ours
// when it is used; so the address is judged where it is connected to.
func TestANameThatChangesItsAnswerGainsNothing(t *testing.T) {
	var knocks atomic.Int32
	secure := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { knocks.Add(1) }))
	secure.StartTLS()
	t.Cleanup(secure.Close)
	_, port, _ := net.SplitHostPort(secure.Listener.Addr().String())
	roots := x509.NewCertPool()
	roots.AddCert(secure.Certificate())
	for _, answers := range [][]string{{"127.0.0.1"}, {"93.184.215.14", "127.0.0.1"}, {"::1"}, {"::ffff:127.0.0.1"}, {"10.1.2.3"}, {"169.254.169.254"}} {
		c := outbound.New(outbound.Options{Roots: roots, MaxTime: 2 * time.Second, Resolver: resolver(t, answers...)})
		for range 2 {
			if _, err := get(c, "https://example.com:"+port+"/"); outbound.ClassOf(err) != outbound.Unreachable || err == nil {
				t.Errorf("%v: %v", answers, err)
			}
		}
	}
	if knocks.Load() != 0 {
		t.Error("a name led inside")
	}
	// The same server answers where it is trusted, so the test can fail.
	c := outbound.New(outbound.Options{Roots: roots, Trust: []netip.AddrPort{place(t, secure.URL)}, Resolver: resolver(t, "127.0.0.1")})
	if _, err := get(c, "https://example.com:"+port+"/"); err != nil || knocks.Load() != 1 {
		t.Errorf("%v, %d knocks", err, knocks.Load())
	}
}

func TestABadServerCostsLittleTimeAndMemory(t *testing.T) {
	pressed := func(size int) []byte {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		w.Write(make([]byte, size))
		w.Close()
		return out.Bytes()
	}
	dribble := func(w http.ResponseWriter, r *http.Request, words []byte, pause time.Duration) {
		for r.Context().Err() == nil {
			if _, err := w.Write(words); err != nil {
				return
			}
			w.(http.Flusher).Flush()
			time.Sleep(pause)
		}
	}
	bomb := pressed(64 << 20)
	var hops atomic.Int32
	for what, row := range map[string]struct {
		act  http.HandlerFunc
		want string
	}{
		"one octet a moment": {func(w http.ResponseWriter, r *http.Request) { dribble(w, r, []byte("x"), 50*time.Millisecond) }, outbound.CutShort},
		"without end":        {func(w http.ResponseWriter, r *http.Request) { dribble(w, r, make([]byte, 1<<16), 0) }, outbound.TooLarge},
		"never answers":      {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, outbound.Unreachable},
		"pressed 1000 to 1": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb)
		}, outbound.TooLarge},
		"pressed and broken": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(pressed(1000)[:20])
		}, outbound.CutShort},
		"not pressed at all": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write([]byte("words"))
		}, outbound.CutShort},
		"pressed otherwise": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			w.Write([]byte("x"))
		}, outbound.CutShort},
		"breaks off": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "100")
			w.Write([]byte("x"))
		}, outbound.CutShort},
		"in circles":  {func(w http.ResponseWriter, r *http.Request) { hops.Add(1); http.Redirect(w, r, "/", http.StatusFound) }, outbound.Unreachable},
		"headers":     {func(w http.ResponseWriter, r *http.Request) { w.Header().Set("X", strings.Repeat("x", 1<<20)) }, outbound.Unreachable},
		"401":         {func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusUnauthorized) }, outbound.Refused},
		"404":         {http.NotFound, outbound.Refused},
		"500":         {func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, outbound.Troubled},
		"304 unasked": {func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNotModified) }, outbound.Troubled},
		"204":         {func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) }, outbound.Troubled},
	} {
		address, at := serve(t, row.act)
		began := time.Now()
		_, err := get(trusting(at), address+"/?token=secret")
		if took := time.Since(began); took > 8*time.Second {
			t.Errorf("%s took %v", what, took)
		}
		if err == nil || outbound.ClassOf(err) != row.want || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n := hops.Load(); n > 6 {
		t.Errorf("a circle was followed %d times", n)
	}
}

func TestAWholePressedCalendarIsUnpacked(t *testing.T) {
	address, at := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("asked for %q", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("ETag", "\"é\"")
		z := gzip.NewWriter(w)
		z.Write(bytes.Repeat([]byte("word"), 500_000))
		z.Close()
	})
	answer, err := get(trusting(at), address)
	if err != nil || len(answer.Body) != 2_000_000 || answer.Known.ETag != "" {
		t.Errorf("%d octets, %q, %v", len(answer.Body), answer.Known.ETag, err)
	}
}

func TestAFetchEndsWithItsCaller(t *testing.T) {
	address, at := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := trusting(at).Get(ctx, address, outbound.Known{}); err == nil {
		t.Error("fetched")
	}
}

func TestATypedAddressIsJudgedByItsLetters(t *testing.T) {
	for _, good := range []string{"https://calendar.google.com/calendar/ical/x%40example.org/private-1/basic.ics", " webcal://cloud.example.org:8443/a.ics ", "https://93.184.215.14/a.ics", "https://[2606:2800:21f:cb07::1]/a.ics"} {
		if err := outbound.Check(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	var first string
	for _, bad := range []string{"", "calendar", "http://calendar.example.org/", "https://me:pw@example.org/", "https://127.0.0.1/", "https://nas/"} {
		err := outbound.Check(bad)
		if err == nil || first != "" && err.Error() != first {
			t.Errorf("%s: %v", bad, err)
			continue
		}
		first = err.Error()
	}
}

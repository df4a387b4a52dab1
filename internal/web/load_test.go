package web_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/web"
)

// C25: a header made each request look like another visitor, so the limit was
// never met.
func TestAForgedAddressDoesNotGetPastTheLimit(t *testing.T) {
	f := open(t)
	for i := range 6 {
		forged := fmt.Sprintf("198.51.100.%d", i)
		res := f.ask("GET", "/limited", from("192.0.2.1:4000"), header("X-Forwarded-For", forged),
			header("X-Real-IP", forged), header("CF-Connecting-IP", forged), header("Forwarded", "for="+forged))
		want(t, fmt.Sprint("request ", i+1), res.StatusCode, map[bool]int{true: 200, false: 429}[i < 2])
		if res.StatusCode == 429 && res.Header.Get("Retry-After") == "" {
			t.Error("not told how long to wait")
		}
	}
	want(t, "another peer", f.ask("GET", "/limited", from("192.0.2.2:4000")).StatusCode, 200)
}

func TestATrustedProxyTellsWhoItIs(t *testing.T) {
	f := open(t, proxies("10.0.0.0/8"))
	via := func(client string) int {
		return f.ask("GET", "/limited", from("10.1.1.1:4000"), header("X-Forwarded-For", client)).StatusCode
	}
	for _, client := range []string{"198.51.100.1", "198.51.100.2", "198.51.100.3"} {
		want(t, client, via(client), 200)
	}
	// What the visitor wrote stands to the left of what the proxy saw.
	via("203.0.113.1, 198.51.100.9")
	via("203.0.113.2, 198.51.100.9")
	want(t, "forged behind the proxy", via("203.0.113.3, 198.51.100.9"), 429)
}

func TestAnIPv6NetworkCountsAsOne(t *testing.T) {
	f := open(t)
	f.ask("GET", "/limited", from("[2001:db8:1:2::1]:4000"))
	f.ask("GET", "/limited", from("[2001:db8:1:2::ffff]:4000"))
	want(t, "a third address of the network", f.ask("GET", "/limited", from("[2001:db8:1:2:3::]:4000")).StatusCode, 429)
	want(t, "the network beside it", f.ask("GET", "/limited", from("[2001:db8:1:3::1]:4000")).StatusCode, 200)
}

func TestABodyThatIsTooLongIsRefusedWhetherAnnouncedOrNot(t *testing.T) {
	f := open(t)
	at := "http://" + f.serve(t, nil) + "/act"
	for about, body := range map[string]io.Reader{
		"announced":   strings.NewReader("name=" + strings.Repeat("x", 5<<20)),
		"unannounced": io.MultiReader(strings.NewReader("name="), strings.NewReader(strings.Repeat("x", 100<<10))),
	} {
		res, err := http.Post(at, "application/x-www-form-urlencoded", body)
		if err != nil {
			t.Fatal(about, err)
		}
		want(t, about, res.StatusCode, 413)
		text(t, res)
	}
	want(t, "acts", f.acts, 0)
	res, err := http.Post(at, "application/x-www-form-urlencoded", strings.NewReader("name="+strings.Repeat("x", 60<<10)))
	if err != nil {
		t.Fatal(err)
	}
	want(t, "just inside", res.StatusCode, 200)
	want(t, "taken in whole", len(text(t, res)), 5+60<<10)
}

// C44: two thousand visitors who spoke a letter a second held every connection.
// The server's own waits are shortened here; the test below looks at them.
func TestWhoSpeaksSlowlyIsCutOff(t *testing.T) {
	f := open(t)
	address := f.serve(t, func(s *http.Server) {
		s.ReadHeaderTimeout, s.ReadTimeout = 200*time.Millisecond, 400*time.Millisecond
	})
	for about, begin := range map[string]string{
		"in the head": "GET / HTTP/1.1\r\nHost: localhost:8080\r\nX-Slow: ",
		"in the body": "POST /act HTTP/1.1\r\nHost: localhost:8080\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nname=",
	} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, begin); err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() { // dribbles until the test or the server has enough
			for {
				select {
				case <-done:
					return
				case <-time.After(50 * time.Millisecond):
					_, _ = io.WriteString(conn, "x")
				}
			}
		}()
		began := time.Now()
		_ = conn.SetReadDeadline(began.Add(5 * time.Second))
		answer, err := io.ReadAll(conn)
		close(done)
		conn.Close()
		var late net.Error
		if errors.As(err, &late) && late.Timeout() {
			t.Errorf("%s: still connected after %v", about, time.Since(began))
		}
		if about == "in the body" && !strings.HasPrefix(string(answer), "HTTP/1.1 408 ") {
			t.Errorf("answered with %.60q", answer)
		}
	}
	want(t, "acts", f.acts, 0)
}

func TestTheServersWaitsAreBounded(t *testing.T) {
	s := web.Server(http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	want(t, "header", s.ReadHeaderTimeout, 5*time.Second)
	want(t, "read", s.ReadTimeout, 15*time.Second)
	want(t, "write", s.WriteTimeout, 30*time.Second)
	want(t, "idle", s.IdleTimeout, 60*time.Second)
	want(t, "headers", s.MaxHeaderBytes, 16<<10)
}

func TestMalformedRequestsGetA4xx(t *testing.T) {
	f := open(t)
	address := f.serve(t, nil)
	for about, request := range map[string]string{
		"two Host lines":             "GET / HTTP/1.1\r\nHost: localhost:8080\r\nHost: evil.example\r\n\r\n",
		"no Host line":               "GET / HTTP/1.1\r\n\r\n",
		"a foreign absolute address": "GET http://evil.example/ HTTP/1.1\r\nHost: localhost:8080\r\n\r\n",
		"length and chunks":          "POST /act HTTP/1.1\r\nHost: localhost:8080\r\nContent-Length: 3\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"a megabyte of headers":      "GET / HTTP/1.1\r\nHost: localhost:8080\r\nX-Long: " + strings.Repeat("x", 1<<20) + "\r\n\r\n",
		"a zero byte in the path":    "GET /\x00 HTTP/1.1\r\nHost: localhost:8080\r\n\r\n",
		"an escape that is none":     "GET /%zz HTTP/1.1\r\nHost: localhost:8080\r\n\r\n",
		"everything":                 "OPTIONS * HTTP/1.1\r\nHost: localhost:8080\r\n\r\n",
		"a tunnel":                   "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
		"chunks that are none":       "POST /act HTTP/1.1\r\nHost: localhost:8080\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"a body that breaks off":     "POST /act HTTP/1.1\r\nHost: localhost:8080\r\nContent-Length: 10\r\n\r\nabc",
	} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
		_, _ = io.WriteString(conn, request) // a long one is cut before its end
		if about == "a body that breaks off" {
			_ = conn.(*net.TCPConn).CloseWrite()
		}
		line, err := bufio.NewReader(conn).ReadString('\n')
		conn.Close()
		if err != nil || !strings.HasPrefix(line, "HTTP/1.1 4") {
			if about == "everything" && strings.HasPrefix(line, "HTTP/1.1 200") {
				continue // net/http answers this one itself, with nothing in it
			}
			t.Errorf("%s: %q, %v", about, line, err)
		}
	}
	want(t, "acts", f.acts, 0)
}

func TestWhenTheHouseIsFullTheRestComeBackLater(t *testing.T) {
	inside, leave := make(chan struct{}), make(chan struct{})
	f := open(t, func(h *web.House) {
		h.InFlight = 1
		h.Routes = append(h.Routes, func(r gin.IRouter) {
			r.GET("/wait", func(c *gin.Context) { close(inside); <-leave; c.Status(http.StatusNoContent) })
		})
	})
	var first sync.WaitGroup
	first.Go(func() { want(t, "the first", f.ask("GET", "/wait").StatusCode, 204) })
	<-inside
	res := f.ask("GET", "/")
	want(t, "the second", res.StatusCode, 503)
	want(t, "come back in", res.Header.Get("Retry-After"), "2")
	want(t, "health", f.ask("GET", "/healthz").StatusCode, 200)
	close(leave)
	first.Wait()
	want(t, "the third", f.ask("GET", "/").StatusCode, 200)
}

func TestADeadlineEndsInUnavailableNotInAnError(t *testing.T) {
	f := open(t, func(h *web.House) { h.Deadline = 200 * time.Millisecond })
	began := time.Now()
	res := f.ask("GET", "/slow")
	want(t, "status", res.StatusCode, 503)
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestADatabaseThatIsGoneIsUnavailable(t *testing.T) {
	f := open(t)
	want(t, "ready before", f.ask("GET", "/readyz").StatusCode, 200)
	f.db.Close()
	want(t, "ready", f.ask("GET", "/readyz").StatusCode, 503)
	want(t, "healthy", f.ask("GET", "/healthz").StatusCode, 200)
}

func TestStoppingFinishesWhatRunsAndTakesNothingNew(t *testing.T) {
	inside, leave := make(chan struct{}), make(chan struct{})
	f := open(t, func(h *web.House) {
		h.Routes = append(h.Routes, func(r gin.IRouter) {
			r.GET("/wait", func(c *gin.Context) { close(inside); <-leave; c.String(http.StatusOK, "finished") })
		})
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + listener.Addr().String()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- web.Serve(ctx, web.Server(f, slog.New(slog.DiscardHandler)), listener, f.health, 300*time.Millisecond)
	}()
	var running sync.WaitGroup
	running.Go(func() {
		res, err := http.Get(address + "/wait")
		if err != nil {
			t.Error(err)
			return
		}
		want(t, "what ran", text(t, res), "finished")
	})
	<-inside
	stop()
	fresh := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for deadline := time.Now().Add(250 * time.Millisecond); ; {
		res, err := fresh.Get(address + "/readyz")
		if err != nil {
			t.Fatalf("closed before a proxy could notice: %v", err)
		}
		text(t, res)
		if res.StatusCode == 503 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("still ready while stopping")
		}
	}
	time.Sleep(400 * time.Millisecond)
	if _, err := fresh.Get(address + "/"); err == nil {
		t.Error("takes new work after the drain")
	}
	close(leave)
	running.Wait()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

package main_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"kintsugi/internal/mail/mailtest"
	"kintsugi/internal/pg/pgtest"
)

// given is the environment of a server on a given database.
func given(t *testing.T, database string, more ...string) []string {
	t.Helper()
	keyset := strings.TrimSpace(run(t, nil, "keys", "new").must(t))
	return append([]string{"DATABASE_URL=" + database, "KINTSUGI_KEYSET=" + keyset, "LISTEN=127.0.0.1:0", "LIMITS=off"}, more...)
}

// Two replicas started at the same moment on an empty database, and one of them
// ended because the other one was making the same tables.
func TestReplicasThatStartTogetherBothServe(t *testing.T) {
	t.Parallel()
	environ := given(t, pgtest.Empty(t))
	var replicas [3]*program
	var starting sync.WaitGroup
	for i := range replicas {
		starting.Go(func() { replicas[i] = start(t, environ, "serve") })
	}
	starting.Wait()
	run(t, environ, "apply", practiceFile(t)).must(t)
	for _, r := range replicas {
		if r == nil {
			t.Fatal("one did not start")
		}
		if status, body := get(t, r.URL+"/readyz"); status != 200 {
			t.Errorf("%d %s", status, body)
		}
		if status, body := get(t, r.URL+"/book/meet-and-greet"); status != 200 || !strings.Contains(body, "Free meet &amp; greet") {
			t.Errorf("%d %s", status, body)
		}
	}
}

func TestAStopFinishesWhatRunsAndEndsWell(t *testing.T) {
	t.Parallel()
	p := start(t, given(t, pgtest.URL(t)), "serve")
	address := strings.TrimPrefix(p.URL, "http://")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// A request is half sent when the stop comes.
	body := `{"type":"none","start":"2026-12-08T10:00:00Z","timezone":"UTC","name":"Sam","email":"sam@example.com"}`
	fmt.Fprintf(conn, "POST /api/v1/bookings HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body[:20])
	time.Sleep(200 * time.Millisecond)
	finished := make(chan string, 1)
	go func() {
		time.Sleep(500 * time.Millisecond)
		_, _ = io.WriteString(conn, body[20:]) // a cut connection shows in the answer
		answer, _ := io.ReadAll(conn)
		finished <- string(answer)
	}()
	code, took := p.stop(syscall.SIGTERM)
	if code != 0 || took > 20*time.Second || took < 400*time.Millisecond {
		t.Errorf("exit %d after %v: %s", code, took, p.stderr())
	}
	if answer := <-finished; !strings.HasPrefix(answer, "HTTP/1.1 404 ") {
		t.Errorf("what was begun got %q", answer)
	}
	if _, err := net.Dial("tcp", address); err == nil {
		t.Error("still listens")
	}
}

func TestAPortInUseIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	s := run(t, append(given(t, pgtest.URL(t)), "LISTEN="+taken.Addr().String()), "serve")
	if s.code != 1 || s.out != "" || !strings.HasPrefix(s.err, "kintsugi serve: LISTEN: cannot listen on ") || strings.Count(s.err, "\n") != 1 {
		t.Errorf("exit %d, out %q, err %q", s.code, s.out, s.err)
	}
}

func TestAnotherKeysetIsRefused(t *testing.T) {
	t.Parallel()
	database := pgtest.URL(t)
	first := start(t, given(t, database), "serve")
	first.stop(syscall.SIGTERM)
	s := run(t, given(t, database), "serve")
	if s.code != 1 || s.out != "" || !strings.Contains(s.err, "not the one this database was written with") {
		t.Errorf("exit %d, out %q, err %q", s.code, s.out, s.err)
	}
}

// The mail server was away when somebody booked, and nobody heard of the call.
func TestLettersFollowOnceTheMailServerIsBack(t *testing.T) {
	t.Parallel()
	post := mailtest.Start(t)
	post.Down()
	environ := given(t, pgtest.URL(t), "SMTP_URL="+post.URL())
	run(t, environ, "apply", practiceFile(t)).must(t)
	p := start(t, environ, "serve")
	bookByProgram(t, p.URL)
	if doctor := run(t, environ, "doctor"); doctor.code != 1 || !strings.Contains(doctor.out, "wrong  smtp ") {
		t.Errorf("the doctor says, with %d:\n%s", doctor.code, doctor.out)
	}
	post.Up(t)
	eventually(t, "both letters", func() bool { return len(post.Taken()) == 2 })
	time.Sleep(1500 * time.Millisecond)
	if n := len(post.Taken()); n != 2 {
		t.Errorf("%d letters", n)
	}
	if doctor := run(t, environ, "doctor"); doctor.code != 0 || !strings.Contains(doctor.out, "ok     smtp ") {
		t.Errorf("the doctor says, with %d:\n%s", doctor.code, doctor.out)
	}
	for _, word := range []string{"sam@example.com", "Sam Lee", "wagtail"} {
		if strings.Contains(p.stderr(), word) {
			t.Errorf("%q stands in the log:\n%s", word, p.stderr())
		}
	}
}

// bookByProgram books the first free call and gives the booking.
func bookByProgram(t *testing.T, at string) (booked struct {
	ID, Status string
	ManageURL  string `json:"manage_url"`
}) {
	t.Helper()
	today := time.Now().UTC()
	_, text := get(t, fmt.Sprintf("%s/api/v1/slots?type=meet-and-greet&timezone=UTC&from=%s&to=%s", at,
		today.Format(time.DateOnly), today.AddDate(0, 0, 14).Format(time.DateOnly)))
	free := starts(t, text)
	if len(free) == 0 {
		t.Fatalf("nothing to book: %s", text)
	}
	body := fmt.Sprintf(`{"type":"meet-and-greet","start":%q,"timezone":"Europe/Berlin","name":"Sam Lee","email":"sam@example.com","message":"wagtail"}`, free[0].Format(time.RFC3339))
	res, err := http.Post(at+"/api/v1/bookings", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 201 {
		text, _ := io.ReadAll(res.Body)
		t.Fatalf("%d %s", res.StatusCode, text)
	}
	if err := json.NewDecoder(res.Body).Decode(&booked); err != nil {
		t.Fatal(err)
	}
	return booked
}

func TestMetricsAreServedOnAnAddressOfTheirOwn(t *testing.T) {
	t.Parallel()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	p := start(t, given(t, pgtest.URL(t), "ADMIN_LISTEN="+address, "LOG_FORMAT=json"), "serve")
	_, numbers := get(t, "http://"+address+"/metrics")
	for _, name := range []string{"kintsugi_jobs{state=\"due\"}", "kintsugi_letters{state=\"failed\"}", "kintsugi_db_connections_open"} {
		if !strings.Contains(numbers, name) {
			t.Errorf("no %s", name)
		}
	}
	if status, _ := get(t, p.URL+"/metrics"); status != 404 {
		t.Errorf("people get /metrics with %d", status)
	}
	for line := range strings.Lines(p.stderr()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
}

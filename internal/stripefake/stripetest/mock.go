package stripetest

import (
	"bufio"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/stripefake"
)

// mockModule and mockVersion are Stripe's own mock, in the version whose
// description of the API is that of stripefake.Version.
const (
	mockModule  = "github.com/stripe/stripe-mock"
	mockVersion = "v0.183.0"
)

// Accepted fails the test where Stripe wouldn't take one of these calls: it
// makes them again to Stripe's mock, which holds them to Stripe's description of
// its API. Without the mock the test is skipped with a loud line; on a machine
// that checks the project it fails.
func Accepted(t testing.TB, requests []stripefake.Request) {
	t.Helper()
	if len(requests) == 0 {
		t.Error("no call was made, so none was accepted")
	}
	for _, complaint := range Refused(t, requests) {
		t.Error(complaint)
	}
}

// Refused says of which calls Stripe wouldn't take what, and why.
func Refused(t testing.TB, requests []stripefake.Request) (complaints []string) {
	t.Helper()
	mock := Mock(t)
	seen := map[string]bool{}
	for _, r := range requests {
		call := r.Method + " " + r.Path + "?" + r.Query
		whole := call + "\n" + r.Version + "\n" + r.Body
		if seen[whole] {
			continue
		}
		seen[whole] = true
		if r.Version != stripefake.Version {
			complaints = append(complaints, fmt.Sprintf("%s says that it is of version %q, want %s", call, r.Version, stripefake.Version))
		}
		request, err := http.NewRequestWithContext(t.Context(), r.Method, mock+r.Path+"?"+r.Query, strings.NewReader(r.Body))
		if err != nil {
			t.Fatalf("stripetest: %v", err)
		}
		request.Header.Set("Authorization", "Bearer "+Key)
		request.Header.Set("Stripe-Version", r.Version)
		if r.Method == http.MethodPost {
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatalf("stripetest: the mock does not answer: %v", err)
		}
		text, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			t.Fatalf("stripetest: the mock broke off: %v", err)
		}
		if response.StatusCode != http.StatusOK {
			complaints = append(complaints, fmt.Sprintf("%s\n%s\nis refused with %d: %s", call, r.Body, response.StatusCode, text))
		}
	}
	return complaints
}

// Mock runs Stripe's mock on loopback until the test ends, and gives its
// address.
func Mock(t testing.TB) string {
	t.Helper()
	program, err := findMock()
	if err != nil {
		lacking(t, err)
	}
	command := exec.Command(program, "-strict-version-check", "-http-addr", "127.0.0.1:0", "-https-addr", "127.0.0.1:0")
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatalf("stripetest: %v", err)
	}
	if err := command.Start(); err != nil {
		t.Fatalf("stripetest: %v", err)
	}
	address := make(chan string, 1)
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if _, found, ok := strings.Cut(lines.Text(), "Listening for HTTP at address: "); ok {
				address <- "http://" + found
			}
		}
	}()
	t.Cleanup(func() {
		command.Process.Kill()
		<-drained
		command.Wait() // it was killed, and says so
	})
	select {
	case found := <-address:
		return found
	case <-drained:
		t.Fatal("stripetest: the mock stopped at once")
	case <-time.After(30 * time.Second):
		t.Fatal("stripetest: the mock does not come up")
	}
	return ""
}

// findMock looks where .ci/run puts it, then where commands lie.
func findMock() (string, error) {
	var places []string
	if tools := os.Getenv("KINTSUGI_TEST_TOOLS"); tools != "" {
		places = append(places, filepath.Join(filepath.Dir(tools), "bin", "stripe-mock"))
	}
	if cache, err := os.UserCacheDir(); err == nil {
		places = append(places, filepath.Join(cache, "kintsugi-ci", "bin", "stripe-mock"))
	}
	if found, err := exec.LookPath("stripe-mock"); err == nil {
		places = append(places, found)
	}
	complaint := errors.New("there is none")
	for _, place := range slices.Compact(places) {
		info, err := buildinfo.ReadFile(place)
		switch {
		case err != nil:
			complaint = err
		case info.Main.Path != mockModule || info.Main.Version != mockVersion:
			complaint = fmt.Errorf("%s is %s %s", place, info.Main.Path, info.Main.Version)
		default:
			return place, nil
		}
	}
	return "", fmt.Errorf("calls to Stripe are NOT checked against its description; go install %s@%s: %w", mockModule, mockVersion, complaint)
}

// lacking says loudly what this machine lacks; on a machine that checks the
// project, that is a failure.
func lacking(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "\n!!!! %s: %v\n\n", t.Name(), err)
	t.Skip(err)
}

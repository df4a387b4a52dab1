package main_test

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"kintsugi/internal/calendar/icaltest"
)

// visitor is somebody with a browser that runs no scripts.
type visitor struct {
	t      *testing.T
	client http.Client
	at     string // where they are: scheme, host and path
	page   string
}

func visit(t *testing.T, address string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{t: t, client: http.Client{Jar: jar}}
	return v.open(address)
}

// open goes to an address, relative to where they are.
func (v *visitor) open(address string) *visitor {
	v.t.Helper()
	res, err := v.client.Get(v.resolve(address))
	return v.see(res, err)
}

func (v *visitor) resolve(address string) string {
	v.t.Helper()
	base, err := url.Parse(v.at)
	if err != nil {
		v.t.Fatal(err)
	}
	to, err := base.Parse(address)
	if err != nil {
		v.t.Fatal(err)
	}
	return to.String()
}

// send fills in and sends the form whose action ends in the given way.
func (v *visitor) send(action string, fields map[string]string) *visitor {
	v.t.Helper()
	form := regexp.MustCompile(`(?s)<form[^>]* method="post" action="([^"]*` + action + `)".*?</form>`).FindStringSubmatch(v.page)
	if form == nil {
		v.t.Fatalf("no form to %s on %s:\n%s", action, v.at, v.page)
	}
	values := url.Values{}
	for _, hidden := range regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`).FindAllStringSubmatch(form[0], -1) {
		values.Set(hidden[1], html.UnescapeString(hidden[2]))
	}
	for name, value := range fields {
		values.Set(name, value)
	}
	res, err := v.client.PostForm(v.resolve(html.UnescapeString(form[1])), values)
	return v.see(res, err)
}

func (v *visitor) see(res *http.Response, err error) *visitor {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	v.at, v.page = res.Request.URL.String(), string(text)
	if res.StatusCode != 200 {
		v.t.Fatalf("%s answers %d:\n%s", v.at, res.StatusCode, text)
	}
	return v
}

// find gives what a pattern's group matches on the page.
func (v *visitor) find(pattern string) string {
	v.t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(v.page)
	if found == nil {
		v.t.Fatalf("%s lacks %s:\n%s", v.at, pattern, v.page)
	}
	return html.UnescapeString(found[1])
}

// letter waits for the letter to an address whose subject holds a word, and
// opens it.
func (v *visitor) letter(to, word string) *visitor {
	v.t.Helper()
	pattern := regexp.MustCompile(`(?s)<a href="(/demo/mail/\d+\?to=[^"]*)"[^>]*>\s*<span class="box-who">[^<]*</span>[^<]*<time>[^<]*</time>\s*<strong>([^<]*)</strong>`)
	var path string
	eventually(v.t, "a letter to "+to+" about "+word, func() bool {
		v.open("/demo/mail?to=" + url.QueryEscape(to))
		for _, found := range pattern.FindAllStringSubmatch(v.page, -1) {
			if strings.Contains(found[2], word) {
				path = html.UnescapeString(found[1])
				return true
			}
		}
		return false
	})
	return v.open(path)
}

func TestTheDemoFromTheFirstArticleToTheCalendarAndBack(t *testing.T) {
	t.Parallel()
	temp := folder(t)
	p := start(t, []string{"TMPDIR=" + temp, "LIMITS=off", "DATABASE_URL=postgres://127.0.0.1:1/real", "SMTP_URL=smtp://127.0.0.1:1"}, "demo", "--listen", "127.0.0.1:0")
	eventually(t, "the end of the greeting", func() bool { return strings.Contains(p.stdout(), "To stop: Ctrl-C") })
	feeds := regexp.MustCompile(`Calendar of \w+ +(http\S+\.ics)`).FindAllStringSubmatch(p.stdout(), -1)
	if len(feeds) != 2 {
		t.Fatalf("%d calendars in the greeting:\n%s", len(feeds), p.stdout())
	}

	// From an article to a booked call.
	v := visit(t, p.URL)
	v.open("/journal/rebuilding-trust-after-betrayal").open(v.find(`href="(/book/meet-and-greet[^"]*)"`))
	v.open(v.find(`<td[^>]*><a href="(/book/meet-and-greet[^"]*date=[^"]*)"`))
	v.send("/book/meet-and-greet", map[string]string{"start": v.find(`name="start" value="([^"]+)"`), "name": "Noor Haddad", "email": "noor@example.com",
		"message": "We would like to try.", "safe_to_email": "yes"})
	if !strings.Contains(v.at, "/bookings/") {
		t.Fatalf("ended at %s:\n%s", v.at, v.page)
	}

	// The letter leads back to the call, and carries an invitation.
	v.letter("noor@example.com", "Common Ground")
	if method := v.find(`<dt>Method</dt><dd><code>(\w+)</code>`); method != "REQUEST" {
		t.Errorf("invited with %s", method)
	}
	uid := v.find(`<dt>UID</dt><dd><code>([^<]+)</code>`)
	letter := v.find(`<iframe[^>]* src="([^"]+)"`)
	invitation := v.open(v.find(`href="([^"]+invite\.ics)"`))
	if event := icaltest.Read(t, []byte(invitation.page))[0]; event.Method != "REQUEST" || len(event.Events) != 1 {
		t.Errorf("the invitation reads as %+v", event)
	}
	v.open(letter).open(v.find(`href="(http://[^"]+/bookings/[^"]+)"`))

	// Cancelled, both sides hear of it, and the coach's calendar follows.
	v.open(v.find(`href="([^"]*cancel[^"]*)"`)).send("/cancel", map[string]string{"reason": "Not now."})
	v.letter("noor@example.com", "cancelled")
	if got := v.find(`<dt>Method</dt><dd><code>(\w+)</code>`); got != "CANCEL" || v.find(`<dt>Sequence</dt><dd><code>(\d+)</code>`) == "0" {
		t.Errorf("cancelled with %s", got)
	}
	eventually(t, "the coach's calendar to follow", func() bool {
		calendars := ""
		for _, feed := range feeds {
			calendars += v.open(feed[1]).page
		}
		for block := range strings.SplitSeq(calendars, "BEGIN:VEVENT") {
			if strings.Contains(block, "UID:"+uid) {
				return strings.Contains(block, "STATUS:CANCELLED")
			}
		}
		return false
	})

	// A coach answers a request from the letter.
	v.letter("daniel@example.org", "please answer").open(v.find(`<iframe[^>]* src="([^"]+)"`))
	v.open(v.find(`href="(http://[^"]+/bookings/[^"]+)"`)).send("/accept", nil)

	if code, took := p.stop(syscall.SIGINT); code != 0 || p.stderr() != "" {
		t.Errorf("exit %d after %v: %s", code, took, p.stderr())
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestADemoKeepsWhatItIsGivenAFolderFor(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), "kept")
	environ := []string{"LIMITS=off"}
	first := start(t, environ, "demo", "--data", dir, "--listen", "127.0.0.1:0")
	booked := bookByProgram(t, first.URL)
	_, calendar := get(t, feedOf(t, first))
	first.stop(syscall.SIGKILL)

	again := start(t, environ, "demo", "--data", dir, "--listen", "127.0.0.1:0")
	_, path, _ := strings.Cut(strings.TrimPrefix(booked.ManageURL, "http://"), "/")
	if status, _ := get(t, again.URL+"/"+path); status != 200 {
		t.Errorf("the booking's page answers %d", status)
	}
	_, later := get(t, feedOf(t, again))
	if n, m := strings.Count(calendar, "BEGIN:VEVENT"), strings.Count(later, "BEGIN:VEVENT"); n < 2 || n != m {
		t.Errorf("%d calls at first, %d later", n, m)
	}
	if code, _ := again.stop(syscall.SIGTERM); code != 0 {
		t.Errorf("exit %d: %s", code, again.stderr())
	}
	if _, err := os.Stat(filepath.Join(dir, "pg", "data", "PG_VERSION")); err != nil {
		t.Error(err)
	}
}

// feedOf is the address of the first coach's calendar as the greeting has it,
// on the port the program listens on.
func feedOf(t *testing.T, p *program) string {
	t.Helper()
	var address string
	eventually(t, "the greeting", func() bool {
		found := regexp.MustCompile(`Calendar of mara +http://[^/]+(/\S+\.ics)`).FindStringSubmatch(p.stdout())
		if found != nil {
			address = p.URL + found[1]
		}
		return found != nil
	})
	return address
}

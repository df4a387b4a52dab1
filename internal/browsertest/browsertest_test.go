package browsertest_test

import (
	"bytes"
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/browsertest"
)

func TestMain(m *testing.M) { os.Exit(browsertest.Run(m)) }

// page is what a small site answers under one address.
type page struct {
	policy string
	body   string
}

// site serves pages under the strict policy of the product unless they bring
// their own, echoes forms at /echo, and takes its time at /slow.
func site(t *testing.T, pages map[string]page) string {
	t.Helper()
	mux := http.NewServeMux()
	for path, page := range pages {
		if page.policy == "" {
			page.policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'"
		}
		mux.HandleFunc("GET "+path+"{$}", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", page.policy)
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprintf(w, "<!doctype html><html lang=en><meta name=viewport content='width=device-width'><title>%s</title><main>%s</main>", path, page.body)
		})
	}
	mux.HandleFunc("GET /site.js", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, `document.querySelector("#scripts").textContent = "on in " + Intl.DateTimeFormat().resolvedOptions().timeZone`)
	})
	mux.HandleFunc("POST /echo", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		http.Redirect(w, r, "/echoed?"+r.PostForm.Encode(), http.StatusSeeOther)
	})
	mux.HandleFunc("GET /echoed", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, "<title>Echo</title><h1>%s, %s, %s</h1>", r.FormValue("name"), r.FormValue("time"), r.FormValue("zone"))
	})
	mux.HandleFunc("GET /slow", func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(time.Second)
		fmt.Fprint(w, "<title>Slow</title><h1>There at last</h1>")
	})
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /file", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Disposition", "attachment")
		fmt.Fprint(w, "a file")
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

const form = `<h1>Book</h1><form method=post action=/echo>
	<label>Name <input name=name value="old"></label>
	<label><input type=radio name=time value=9> nine</label>
	<label><input type=radio name=time value=10> ten</label>
	<label>Zone <select name=zone><option>Europe/London<option>Asia/Kolkata</select></label>
	<button>Book this call</button></form>`

// Scripts off is the visitor the site must work for, so every verb has to work
// there too.
func TestAFormIsFilledAndSentWithScriptsOnAndOff(t *testing.T) {
	home := site(t, map[string]page{"/form/": {body: form}})
	for name, options := range map[string][]browsertest.Option{
		"scripts on": nil, "scripts off": {browsertest.ScriptsOff()}, "phone": {browsertest.Phone()},
	} {
		t.Run(name, func(t *testing.T) {
			tab := browsertest.New(t, options...)
			tab.Open(home + "/form/")
			if got := tab.Title(); got != "/form/" {
				t.Fatalf("title %q", got)
			}
			tab.Type("input[name=name]", "Ada Ünal")
			if got := tab.Value("input[name=name]"); got != "Ada Ünal" {
				t.Fatalf("typed, and there stands %q", got)
			}
			tab.Click("input[value='10']")
			tab.Choose("select", "Asia/Kolkata")
			tab.Click("button")
			if got := tab.Text("h1"); got != "Ada Ünal, 10, Asia/Kolkata" {
				t.Fatalf("the server read %q", got)
			}
			if !strings.HasPrefix(tab.URL(), home+"/echoed?") || tab.Status() != 200 {
				t.Fatalf("at %s with %d", tab.URL(), tab.Status())
			}
			tab.Back()
			if got := tab.Text("h1"); got != "Book" {
				t.Fatalf("Back shows %q", got)
			}
		})
	}
}

func TestAFormIsFilledWithTheKeyboardAlone(t *testing.T) {
	home := site(t, map[string]page{"/form/": {body: form}})
	tab := browsertest.New(t, browsertest.ScriptsOff())
	tab.Open(home + "/form/")
	tab.Press("Tab")
	if !tab.HasFocus("input[name=name]") {
		t.Fatalf("the first Tab leads to %q", tab.Focused())
	}
	tab.Press("Backspace", "Bo", "Tab", "Space", "ArrowDown", "Tab", "ArrowDown", "Tab")
	if got := tab.Focused(); got != `button "Book this call"` {
		t.Fatalf("the focus is on %q", got)
	}
	tab.Press("Shift+Tab", "Tab", "Enter")
	if got := tab.Text("h1"); got != "Bo, 10, Asia/Kolkata" {
		t.Fatalf("the server read %q", got)
	}
}

func TestAClickWaitsForTheSlowPageItLeadsTo(t *testing.T) {
	home := site(t, map[string]page{"/": {body: `<a href=/slow>Go</a> <a id=file href=/file>Take</a>`}})
	tab := browsertest.New(t)
	tab.Open(home + "/")
	tab.Click("#file")
	if tab.URL() != home+"/" {
		t.Fatalf("a file that is downloaded led to %s", tab.URL())
	}
	tab.Click("a")
	if got := tab.Text("h1"); got != "There at last" {
		t.Fatalf("read %q", got)
	}
}

func TestScriptsRunInTheVisitorsZoneUnlessTheyAreOff(t *testing.T) {
	home := site(t, map[string]page{"/": {body: `<p id=scripts>off</p><noscript>none</noscript><script src=/site.js></script>`}})
	on := browsertest.New(t, browsertest.Timezone("Asia/Kolkata"))
	on.Open(home + "/")
	on.WaitText("#scripts", "on in Asia/")
	off := browsertest.New(t, browsertest.ScriptsOff())
	off.Open(home + "/")
	if got := off.Text("main"); got != "off none" {
		t.Fatalf("with scripts off the page reads %q", got)
	}
	if asked := off.Requests(); slices.ContainsFunc(asked, func(r browsertest.Request) bool { return r.Kind == "Script" }) {
		t.Fatalf("with scripts off it asked for %v", asked)
	}
}

func TestTabsShareNothing(t *testing.T) {
	home := site(t, map[string]page{"/": {body: "here"}})
	first, second := browsertest.New(t), browsertest.New(t)
	first.Open(home + "/")
	second.Open(home + "/")
	if got := browsertest.Eval[string](first, `(document.cookie = "a=1", document.cookie)`); got != "a=1" {
		t.Fatalf("the cookie is %q", got)
	}
	second.Reload()
	if got := browsertest.Eval[string](second, `document.cookie`); got != "" {
		t.Fatalf("the other tab has the cookie %q", got)
	}
}

// A tracker must be seen even when it hides in a redirect or does not answer,
// and it gets nothing.
func TestRequestsToOtherHostsAreListed(t *testing.T) {
	elsewhere := httptest.NewServer(http.RedirectHandler("http://tracker.example.org/pixel.png", http.StatusFound))
	t.Cleanup(elsewhere.Close)
	home := site(t, map[string]page{"/": {policy: "default-src *", body: `<img alt="" src="` + elsewhere.URL + `/x.png"><img alt="" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">`}})
	tab := browsertest.New(t)
	tab.Open(home + "/")
	want := []string{"GET " + elsewhere.URL + "/x.png", "GET http://tracker.example.org/pixel.png"}
	if got := tab.Elsewhere(home); !slices.Equal(got, want) {
		t.Fatalf("asked elsewhere: %q, want %q", got, want)
	}
	if tab.Requests()[0].Status != 200 || tab.Requests()[1].Status != 302 {
		t.Fatalf("statuses are lost: %+v", tab.Requests())
	}
	tab.Forget()
	tab.Reload()
	if len(tab.Elsewhere(home)) == 0 {
		t.Fatal("after Forget nothing is listed any more")
	}
}

func TestBytesAreThoseOnTheWire(t *testing.T) {
	home := site(t, map[string]page{"/": {body: strings.Repeat("word ", 10_000)}})
	tab := browsertest.New(t)
	tab.Open(home + "/")
	if got := tab.Bytes(); got < 50_000 || got > 51_000 {
		t.Fatalf("%d bytes for a page of 50,000", got)
	}
}

func TestTroublesAreListed(t *testing.T) {
	for name, trouble := range map[string]page{
		"Content Security Policy": {body: `<script>document.title = "ran"</script>`},
		"violates the following":  {body: `<p style="color:red">red</p>`},
		"said aloud":              {policy: "default-src 'unsafe-inline'", body: `<script>console.error("said", "aloud")</script>`},
		"thrown away":             {policy: "default-src 'unsafe-inline'", body: `<script>throw new Error("thrown away")</script>`},
		"404":                     {policy: "default-src 'self'", body: `<img alt="" src=/missing.png>`},
	} {
		home := site(t, map[string]page{"/": trouble})
		tab := browsertest.New(t)
		tab.Open(home + "/")
		if got := strings.Join(tab.Troubles(), "\n"); !strings.Contains(got, name) {
			t.Errorf("troubles %q, want one with %q", got, name)
		}
	}
	home := site(t, map[string]page{"/": {body: `<p id=scripts></p><script src=/site.js></script>`}})
	tab := browsertest.New(t)
	tab.Open(home + "/")
	if got := tab.Troubles(); len(got) != 0 {
		t.Errorf("a good page has troubles %q", got)
	}
}

func TestAxeNamesWhatIsSeriousUnderTheStrictPolicy(t *testing.T) {
	home := site(t, map[string]page{
		"/bad/":  {body: `<h1>Call</h1><img src=/x.png><input>`},
		"/good/": {body: `<h1>Call</h1><label>Name <input></label>`},
	})
	for _, options := range [][]browsertest.Option{nil, {browsertest.ScriptsOff()}, {browsertest.Dark(), browsertest.StillPages()}} {
		tab := browsertest.New(t, options...)
		tab.Open(home + "/bad/")
		found := strings.Join(tab.Axe(), "\n")
		if os.Getenv("KINTSUGI_TEST_TOOLS") != "" && (!strings.Contains(found, "image-alt") || !strings.Contains(found, "label")) {
			t.Errorf("axe-core found %q", found)
		}
		tab.Open(home + "/good/")
		if found := tab.Axe(); len(found) != 0 {
			t.Errorf("axe-core complains about a good page: %q", found)
		}
	}
}

func TestWhatStandsOutOfANarrowWindowIsNamed(t *testing.T) {
	home := site(t, map[string]page{
		"/":      {policy: "default-src 'unsafe-inline'", body: `<p id=wide style="width:700px">wide</p>`},
		"/slim/": {body: `<p>slim</p>`},
	})
	tab := browsertest.New(t, browsertest.Phone())
	tab.Open(home + "/slim/")
	if got := tab.TooWide(); len(got) != 0 {
		t.Fatalf("too wide: %q", got)
	}
	tab.Open(home + "/")
	if got := tab.TooWide(); !slices.Equal(got, []string{`p "wide"`}) {
		t.Fatalf("too wide: %q", got)
	}
}

func TestDarkVisitorsGetDarkPages(t *testing.T) {
	home := site(t, map[string]page{"/": {policy: "default-src 'unsafe-inline'",
		body: `<style>p{display:none}@media (prefers-color-scheme:dark){p{display:block}}</style><p>dark</p>`}})
	for options, want := range map[*[]browsertest.Option]bool{{browsertest.Dark()}: true, {}: false} {
		tab := browsertest.New(t, *options...)
		tab.Open(home + "/")
		if got := tab.Has("p"); got != want {
			t.Errorf("dark page shown: %v, want %v", got, want)
		}
	}
}

func TestAPictureShowsTheWholePage(t *testing.T) {
	home := site(t, map[string]page{"/": {policy: "default-src 'unsafe-inline'", body: `<p style="height:2000px">tall</p>`}})
	tab := browsertest.New(t, browsertest.Size(640, 480))
	tab.Open(home + "/")
	path := filepath.Join(t.TempDir(), "pictures", "page.png")
	tab.Screenshot(path)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.DecodeConfig(bytes.NewReader(raw))
	if err != nil || picture.Width != 640 || picture.Height < 2000 {
		t.Fatalf("picture %dx%d, %v", picture.Width, picture.Height, err)
	}
}

// recorder is a test that remembers how it failed instead of failing.
type recorder struct {
	testing.TB
	said string
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.said = fmt.Sprintf(format, args...)
	panic(r)
}
func (r *recorder) Helper() {}

// A button under a banner passes a test that clicks by script, and cannot be
// clicked by anybody.
func TestAClickOnWhatIsCoveredFails(t *testing.T) {
	if testing.Short() {
		t.Skip("needs a browser")
	}
	home := site(t, map[string]page{"/": {policy: "default-src 'unsafe-inline'",
		body: `<button>Book</button><div id=banner style="position:fixed;inset:0">Banner</div>`}})
	said := &recorder{TB: t}
	defer func() {
		if recover() != any(said) || !strings.Contains(said.said, `div "Banner" lies over it`) {
			t.Errorf("the click said %q", said.said)
		}
	}()
	tab := browsertest.New(said)
	tab.Open(home + "/")
	tab.Click("button")
}

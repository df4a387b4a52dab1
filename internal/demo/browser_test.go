package demo_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"kintsugi/internal/browsertest"
	"kintsugi/internal/config"
	"kintsugi/internal/demo"
	"kintsugi/internal/web/page"
)

func TestMain(m *testing.M) { os.Exit(browsertest.Run(m)) }

// opened serves the letter box with one letter in it, as a browser sees it.
func opened(t *testing.T) string {
	t.Helper()
	catcher, _ := caught(t, letter("noor@example.com", "Common Ground: booked, Tuesday 8 December, 14:00"))
	product := http.NewServeMux()
	product.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<!doctype html><title>The product</title><p id=product>The product"))
	})
	for _, name := range []string{"css/site.css", "js/exit.js", "img/favicon.svg"} {
		path, err := page.Static().Path(name)
		if err != nil {
			t.Fatal(err)
		}
		product.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "../../static/"+name) })
	}
	front := &demo.Front{Box: catcher.Box, Site: product}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { front.Handler().ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	var err error
	if front.Origin, err = config.ParseOrigin(server.URL); err != nil {
		t.Fatal(err)
	}
	return server.URL
}

func TestTheLetterBoxInABrowser(t *testing.T) {
	at := opened(t)
	for name, options := range map[string][]browsertest.Option{
		"light": nil, "dark": {browsertest.Dark()}, "phone": {browsertest.Phone()}, "scripts off": {browsertest.ScriptsOff()}, "zoomed": {browsertest.Size(640, 400)},
	} {
		t.Run(name, func(t *testing.T) {
			tab := browsertest.New(t, options...)
			for _, path := range []string{"/demo", "/demo/mail", "/demo/mail/1", "/demo/mail/1?show=text", "/demo/mail/1?show=source", "/demo/mail/9"} {
				tab.Open(at + path)
				if name != "scripts off" {
					for _, violation := range tab.Axe() {
						t.Errorf("%s: %s", path, violation)
					}
				}
				if wide := tab.TooWide(); len(wide) > 0 {
					t.Errorf("%s is wider than the window: %v", path, wide)
				}
				if there := tab.Elsewhere(at); len(there) > 0 {
					t.Errorf("%s asks others: %v", path, there)
				}
				if path != "/demo/mail/9" {
					if troubles := tab.Troubles(); len(troubles) > 0 {
						t.Errorf("%s: %v", path, troubles)
					}
				}
				tab.Forget()
			}
		})
	}
}

package entry_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"testing"
	"time"
)

// browser is somebody's browser, in which cookies of localhost hold on both
// replicas, since ports do not part them.
type browser struct {
	t *testing.T
	h *house
	*http.Client
}

func (h *house) browser() *browser {
	jar, _ := cookiejar.New(nil) // without options it does not fail
	return &browser{t: h.t, h: h, Client: &http.Client{Jar: jar, Timeout: 20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// answer is what came back.
type answer struct {
	status int
	to     string
	body   string
	header http.Header
}

func (b *browser) get(r *replica, path string) answer {
	b.t.Helper()
	res, err := b.Get(r.URL + path)
	return b.read(res, err)
}

func (b *browser) post(r *replica, path string, fields ...string) answer {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	res, err := b.PostForm(r.URL+path, form)
	return b.read(res, err)
}

func (b *browser) read(res *http.Response, err error) answer {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header.Get("Location"), string(body), res.Header}
}

// cookie is what the browser holds under a name.
func (b *browser) cookie(name string) string {
	at, _ := url.Parse(b.h.a.URL)
	for _, c := range b.Jar.Cookies(at) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

func (b *browser) plant(name, value, path string) {
	at, _ := url.Parse(b.h.a.URL + path)
	b.Jar.SetCookies(at, []*http.Cookie{{Name: name, Value: value, Path: path}})
}

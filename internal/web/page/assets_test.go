package page_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/web/page"
)

const sheet = "body { color: black } /* long enough to be worth packing, long enough to be worth packing */"

func assets(t *testing.T) *page.Assets {
	t.Helper()
	made, err := page.NewAssets(fstest.MapFS{"css/a.css": {Data: []byte(sheet)}, "embed.go": {Data: []byte("package static")}})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// ask sends a request to a handler that may fail.
func ask(handler func(*gin.Context) error, method, path, accept string) (*httptest.ResponseRecorder, error) {
	gin.SetMode(gin.TestMode)
	recorder := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(recorder)
	c.Request = httptest.NewRequest(method, path, nil)
	c.Request.Header.Set("Accept-Encoding", accept)
	err := handler(c)
	return recorder, err
}

func TestAnAssetIsNamedByItsContentAndKeptForAYear(t *testing.T) {
	made := assets(t)
	path, err := made.Path("css/a.css")
	if err != nil || !strings.HasPrefix(path, "/static/css/a.") || !strings.HasSuffix(path, ".css") {
		t.Fatal(path, err)
	}
	plain, err := ask(made.Serve, http.MethodGet, path, "br")
	if err != nil || plain.Body.String() != sheet || plain.Header().Get("Content-Encoding") != "" {
		t.Errorf("raw: %q %v %v", plain.Body, plain.Header(), err)
	}
	if got := plain.Header().Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
		t.Errorf("kept %q", got)
	}
	if got := plain.Header().Get("Content-Type"); got != "text/css; charset=utf-8" {
		t.Errorf("is %q", got)
	}
	packed, err := ask(made.Serve, http.MethodGet, path, "br, gzip")
	if err != nil || packed.Header().Get("Content-Encoding") != "gzip" || unpack(t, packed.Body) != sheet {
		t.Errorf("packed: %v %v", packed.Header(), err)
	}
	head, err := ask(made.Serve, http.MethodHead, path, "")
	if err != nil || head.Code != 200 || head.Body.Len() != 0 || head.Header().Get("Content-Length") != plain.Header().Get("Content-Length") {
		t.Errorf("head: %d %v %v", head.Code, head.Header(), err)
	}
}

func unpack(t *testing.T, packed io.Reader) string {
	t.Helper()
	reader, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// While versions change over, a page of the new one asks a server of the old.
func TestAnAssetOfAnotherVersionIsAnsweredButNotKept(t *testing.T) {
	answer, err := ask(assets(t).Serve, http.MethodGet, "/static/css/a.0123456789ab.css", "")
	if err != nil || answer.Body.String() != sheet || answer.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("%q %v %v", answer.Body, answer.Header(), err)
	}
}

func TestAMissingAssetIsAnError(t *testing.T) {
	made := assets(t)
	for _, path := range []string{"/static/css/b.123.css", "/static/", "/static/css", "/static/embed.123.go", "/static/../go.mod"} {
		if _, err := ask(made.Serve, http.MethodGet, path, ""); fault.KindOf(err) != fault.NotFound || err == nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := made.Path("css/b.css"); err == nil {
		t.Error("a path for a file that is not there")
	}
	if _, err := page.NewAssets(fstest.MapFS{"a.exe": {}}); err == nil {
		t.Error("a kind of file that we do not know")
	}
}

// The booking page with everything it loads stays under 60 KB unpacked; these
// are the parts that all pages share.
func TestTheSharedFilesStaySmall(t *testing.T) {
	for name, most := range map[string]int{"css/site.css": 24 << 10, "js/book.js": 6 << 10, "js/exit.js": 2 << 10, "img/favicon.svg": 1 << 10, "img/card.png": 40 << 10} {
		path, err := page.Static().Path(name)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := ask(page.Static().Serve, http.MethodGet, path, "")
		if err != nil || answer.Body.Len() > most || answer.Body.Len() == 0 {
			t.Errorf("%s has %d bytes, at most %d: %v", name, answer.Body.Len(), most, err)
		}
	}
}

func TestABodyIsPackedOnlyWhenThatIsWantedAndWorthIt(t *testing.T) {
	long := strings.Repeat("a quiet room ", 400)
	for _, row := range []struct {
		accept, body string
		packed       bool
	}{
		{"gzip, deflate, br", long, true},
		{"GZIP;q=0.5", long, true},
		{"*", long, true},
		{"", long, false},
		{"br", long, false},
		{"gzip;q=0", long, false},
		{"gzip; q=0.0, br", long, false},
		{"gzip", "short", false},
	} {
		answer, err := ask(func(c *gin.Context) error {
			page.Send(c, 200, "text/plain", []byte(row.body))
			return nil
		}, http.MethodGet, "/", row.accept)
		if err != nil {
			t.Fatal(err)
		}
		packed := answer.Header().Get("Content-Encoding") == "gzip"
		body := answer.Body.String()
		if packed {
			body = unpack(t, answer.Body)
		}
		if packed != row.packed || body != row.body || answer.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: packed %v, %v", row.accept, packed, answer.Header())
		}
	}
}

func TestAPageWithASecretInItIsNeverPackedNorKept(t *testing.T) {
	view := page.Define[any]("plain.html")
	for _, discreet := range []bool{true, false} {
		answer, err := ask(func(c *gin.Context) error { return view.Render(c, 200, page.Frame{Discreet: discreet}, nil) }, http.MethodGet, "/", "gzip")
		if err != nil {
			t.Fatal(err)
		}
		if packed := answer.Header().Get("Content-Encoding") == "gzip"; packed == discreet {
			t.Errorf("discreet %v, packed %v", discreet, packed)
		}
		if kept := answer.Header().Get("Cache-Control") != "no-store"; kept == discreet {
			t.Errorf("discreet %v, kept %v", discreet, kept)
		}
	}
}

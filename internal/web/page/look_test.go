package page_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

// theme asks for a stylesheet as the router would.
func theme(path string) (*httptest.ResponseRecorder, error) {
	return ask(func(c *gin.Context) error {
		c.Params = gin.Params{{Key: "file", Value: strings.TrimPrefix(path, "/theme/")}}
		return page.ServeTheme(c)
	}, http.MethodGet, path, "gzip")
}

func TestAThemeIsNamedByItsColoursAndKeptForAYear(t *testing.T) {
	own := page.LookOf(practice.Basics{Colour: "#7a2e5d"}).Theme
	if !strings.HasPrefix(own, "/theme/7a2e5d-") || !strings.HasSuffix(own, ".css") {
		t.Fatal(own)
	}
	answer, err := theme(own)
	if err != nil || !strings.Contains(answer.Body.String(), "--celadon: #7a2e5d;") || answer.Header().Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("%q %v %v", answer.Body, answer.Header(), err)
	}
	if got := answer.Header().Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
		t.Errorf("kept %q", got)
	}
	// An old page meets a new program, which makes something else of the colours.
	colours, _, _ := strings.Cut(own, ".")
	answer, err = theme(colours + ".0123456789ab.css")
	if err != nil || answer.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("%v %v", answer.Header(), err)
	}
}

func TestNoThemeIsMadeOfWhatIsNoColourOrCannotBeRead(t *testing.T) {
	for _, path := range []string{"/theme/", "/theme/2b5a4d.0.css", "/theme/2b5a4d-.0.css", "/theme/ffff00-9fcdb9.0.css", "/theme/2b5a4d-777777.0.css", "/theme/2b5a4d-9fcdb9.css",
		"/theme/2b5a4d-9fcdb9.0.js", "/theme/red-blue.0.css", "/theme/2b5a4d-9fcdb9;}.0.css", "/theme/..%2f.css"} {
		if _, err := theme(path); err == nil || fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: %v", path, err)
		}
	}
	if look := page.LookOf(practice.Basics{Colour: "#ffff00"}); look.Theme != "" {
		t.Error(look.Theme)
	}
}

func TestTheMastheadShowsTheBowlUntilThereIsALogoThatMayStandThere(t *testing.T) {
	view := page.Define[any]("plain.html")
	mark := practice.LogoMark{Hash: strings.Repeat("ab", 12), Width: 176, Height: 88, Plate: "light"}
	discreet := mark
	discreet.Discreet = true
	for _, row := range []struct {
		name     string
		logo     practice.LogoMark
		discreet bool
		shows    bool
	}{
		{"no logo", practice.LogoMark{}, false, false}, {"a logo", mark, false, true}, {"a logo on a discreet page", mark, true, false},
		{"a discreet logo on a discreet page", discreet, true, true}, {"a discreet logo", discreet, false, true},
	} {
		var out strings.Builder
		frame := page.Frame{Practice: "Common Ground Coaching", DiscreetName: "C G", Discreet: row.discreet, Look: page.Look{Logo: row.logo, Theme: "/theme/a-b.c.css"}}
		if err := view.Execute(&out, frame, nil); err != nil {
			t.Fatal(err)
		}
		name := "Common Ground Coaching"
		if row.discreet {
			name = "C G"
		}
		logo := `<img class="logo logo-light" src="/logo/` + mark.Hash + `.png" width="176" height="88" alt="` + name + `"><span aria-hidden="true">` + name + `</span>`
		if strings.Contains(out.String(), logo) != row.shows || strings.Contains(out.String(), `class="bowl"`) == row.shows {
			t.Errorf("%s:\n%s", row.name, out.String())
		}
		if !strings.Contains(out.String(), `<link rel="stylesheet" href="/theme/a-b.c.css">`) {
			t.Errorf("%s lacks its colours", row.name)
		}
	}
	var out strings.Builder
	if err := view.Execute(&out, page.Frame{Practice: "Common Ground"}, nil); err != nil || strings.Contains(out.String(), "/theme/") {
		t.Error("colours where none were chosen", err)
	}
}

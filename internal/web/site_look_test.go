package web_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

var themeLink = regexp.MustCompile(`<link rel="stylesheet" href="(/theme/[^"]+)">`)

func TestThePracticesColourAndLogoStandOnEveryPageUnderTheSamePolicy(t *testing.T) {
	t.Parallel()
	h := build(t)
	before := h.get("/").shows(200)
	if themeLink.MatchString(before.body) || strings.Contains(before.body, "/logo/") {
		t.Error("a look that nobody chose")
	}
	h.apply(`practice: {colour: "#7a2e5d"}`)
	mark := practice.LogoMark{Hash: strings.Repeat("ab", 12), Width: 88, Height: 88}
	h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) error {
		return practice.SaveLogo(context.Background(), tx, practice.Logo{LogoMark: mark, PNG: []byte("the picture")}, h.now())
	}))
	bowl := `class="bowl"`
	// The home page comes first: an error page wears what was last seen, so that
	// it can be drawn while the database is down.
	for _, path := range []string{"/", "/journal", "/book/meet", "/nothing-here", "/sign-in"} {
		logo := path != "/sign-in"
		page := h.get(path)
		if !themeLink.MatchString(page.body) || strings.Contains(page.body, `src="/logo/`+mark.Hash+`.png"`) != logo || strings.Contains(page.body, bowl) == logo {
			t.Errorf("%s: colours %q, logo should be %v", path, themeLink.FindString(page.body), logo)
		}
		if policy := page.header.Get("Content-Security-Policy"); !strings.Contains(policy, "style-src 'self'; img-src 'self' data:;") || strings.Contains(policy, "unsafe") || strings.Contains(page.body, "style=") {
			t.Errorf("%s: %s", path, policy)
		}
	}
	theme := h.get(themeLink.FindStringSubmatch(h.get("/").body)[1]).shows(200)
	picture := h.get("/logo/" + mark.Hash + ".png").shows(200)
	for kind, answer := range map[string]answer{"text/css; charset=utf-8": theme, "image/png": picture} {
		if got := answer.header; got.Get("Content-Type") != kind || got.Get("X-Content-Type-Options") != "nosniff" || got.Get("Cache-Control") != "public, max-age=31536000, immutable" {
			t.Errorf("%s: %v", kind, got)
		}
	}
	if picture.body != "the picture" || !strings.Contains(theme.body, "--celadon: #7a2e5d;") {
		t.Errorf("%q, %q", picture.body, theme.body)
	}
	for _, path := range []string{"/logo/" + mark.Hash, "/logo/" + mark.Hash + ".svg", "/logo/" + strings.Repeat("cd", 12) + ".png", "/logo/..%2f.png", "/theme/ffff00-ffff00.0.css"} {
		h.get(path).shows(404)
	}
}

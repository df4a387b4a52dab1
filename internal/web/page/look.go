package page

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/colour"
	"kintsugi/internal/fault"
	"kintsugi/internal/practice"
)

// Look is what a practice has made its own about every page. The zero value is
// the program's own look.
type Look struct {
	Theme string // the address of the stylesheet with its colours; may be empty
	Logo  practice.LogoMark
}

// LookOf is the look that a practice has chosen.
func LookOf(b practice.Basics) Look {
	look := Look{Logo: b.Logo}
	if b.Colour != "" {
		// What was checked when it was stored still passes; a page without the
		// practice's colour is better than none all the same.
		if palette, err := colour.Make(b.Colour, b.ColourDark); err == nil {
			look.Theme = themePath(palette, palette.Sheet())
		}
	}
	return look
}

// HasLogo reports whether the masthead shows the practice's logo: on a discreet
// page only one that gives nothing away.
func (f Frame) HasLogo() bool {
	return f.Look.Logo.Hash != "" && (!f.Discreet || f.Look.Logo.Discreet)
}

// LogoPath is where the picture of a logo is.
func LogoPath(hash string) string { return "/logo/" + hash + ".png" }

// themePath is the address of a palette's stylesheet. It names the colours, so
// that every process can answer without asking what is stored, and a mark of
// what is made of them, so that another version of the program gets another.
func themePath(p colour.Palette, sheet string) string {
	sum := sha256.Sum256([]byte(sheet))
	return "/theme/" + p.Light.Accent.String()[1:] + "-" + p.Dark.Accent.String()[1:] + "." + hex.EncodeToString(sum[:6]) + ".css"
}

// ServeTheme answers a request for /theme/:file, the stylesheet of two colours.
// Under the mark of another version it must be asked for again, as with Assets.
func ServeTheme(c *gin.Context) error {
	name, isSheet := strings.CutSuffix(c.Param("file"), ".css")
	colours, _, marked := strings.Cut(name, ".")
	light, dark, _ := strings.Cut(colours, "-")
	palette, err := colour.Make("#"+light, "#"+dark)
	if !isSheet || !marked || err != nil {
		return fault.New(fault.NotFound, "This file is not here.")
	}
	sheet := palette.Sheet()
	if themePath(palette, sheet) == c.Request.URL.Path {
		Forever(c)
	} else {
		c.Header("Cache-Control", "no-cache")
	}
	write(c, http.StatusOK, contentTypes()[".css"], []byte(sheet))
	return nil
}

// Forever lets an answer be kept for a year, since its address names its content.
func Forever(c *gin.Context) { c.Header("Cache-Control", "public, max-age=31536000, immutable") }

package entry

import (
	"fmt"
	"image"
	"net/http"
	"strings"

	"github.com/boombuler/barcode/qr"
	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/login"
	"kintsugi/internal/web/page"
)

var (
	setUpView = page.Define[setUpPage]("entry-set-up.html")
	codesView = page.Define[codesPage]("entry-codes.html")
)

// setUpPage offers the ways to a second proof.
type setUpPage struct {
	First   bool   // there is none yet
	Client  bool   // may also use a passphrase
	HasText bool   // a new passphrase takes the place of the one before
	HasApp  bool   // a new app takes the place of the one before
	Problem string // what is wrong with what was sent
	Field   string // and in which field
	Secret  string // in groups of four
	Picture picture
	Next    string
	Later   string // where a client goes who does it another time
}

// codesPage shows new recovery codes, this once.
type codesPage struct {
	Codes []string
	Next  string
}

// setUp offers the ways to a second proof: GET /sign-in/set-up. Who has one
// already must have given it just now.
func (e *Entry) setUp(c *gin.Context) error {
	at, here, err := e.at(c)
	if err != nil || !here {
		return err
	}
	return e.drawSetUp(c, at, http.StatusOK, nil)
}

func (e *Entry) drawSetUp(c *gin.Context, at login.At, status int, refused error) error {
	has, err := e.Login.Proofs(c.Request.Context(), at.Session.Person)
	if err != nil {
		return err
	}
	if has.Any() && !at.Session.Fresh(e.Now()) {
		return e.proveFirst(c)
	}
	if !has.Any() && at.Session.Client && !at.Session.Vouched {
		return e.wordFirst(c)
	}
	frame, err := e.frame(c)
	if err != nil {
		return err
	}
	offer := e.Login.OfferApp(at, frame.DiscreetName)
	drawn, err := pictureOf(offer.URL)
	if err != nil {
		return err
	}
	problem, field := complaint(refused)
	return setUpView.Render(c, status, frame, setUpPage{First: !has.Any(), Client: at.Session.Client, HasText: has.HasPhrase(), HasApp: has.App, Problem: problem, Field: field,
		Secret: inFours(offer.Secret), Picture: drawn, Next: next(c), Later: later(next(c))})
}

// later is where a client goes on without a second proof: to the page they
// wanted, if it is one of coming in, which open without, and else to their first.
func later(wanted string) string {
	if strings.HasPrefix(wanted, "/portal/engagements/") {
		return wanted
	}
	return "/portal"
}

// proveFirst asks for the second proof and then leads back here.
func (e *Entry) proveFirst(c *gin.Context) error {
	c.Redirect(http.StatusSeeOther, "/sign-in/proof?next=%2Fsign-in%2Fset-up")
	return nil
}

// wordFirst asks a client for the word of their coach and then leads on.
func (e *Entry) wordFirst(c *gin.Context) error {
	to := e.Word
	if to == "" {
		to = "/portal/word"
	}
	return onward(c, to)
}

// add takes a new second proof: POST /sign-in/set-up. The first time it is
// answered with the recovery codes, which are shown this once.
func (e *Entry) add(c *gin.Context) error {
	at, here, err := e.at(c)
	if err != nil || !here {
		return err
	}
	ctx := c.Request.Context()
	var proven login.Proven
	if answer := c.PostForm("credential"); answer != "" {
		proven, err = e.Login.AddPasskey(ctx, at, []byte(answer))
	} else if c.PostForm("how") == "phrase" {
		proven, err = e.Login.SetPhrase(ctx, at, c.PostForm("phrase"))
	} else {
		proven, err = e.Login.SetUpApp(ctx, at, c.PostForm("code"))
	}
	switch fault.KindOf(err) {
	case fault.Invalid:
		return e.drawSetUp(c, at, http.StatusUnprocessableEntity, err)
	case fault.Forbidden:
		if fault.Is(err, "word-first") {
			return e.wordFirst(c)
		}
		return e.proveFirst(c)
	case fault.Unauthenticated:
		return onward(c, "/sign-in")
	}
	if err != nil {
		return err
	}
	e.took(c, proven)
	if len(proven.Codes) > 0 {
		return draw(e, c, codesView, http.StatusOK, codesPage{Codes: proven.Codes, Next: arrival(c, at.Session)})
	}
	c.Redirect(http.StatusSeeOther, "/sign-in/proofs")
	return nil
}

// inFours writes a secret so that it can be typed.
func inFours(secret string) string {
	var parts []string
	for ; len(secret) > 4; secret = secret[4:] {
		parts = append(parts, secret[:4])
	}
	return strings.Join(append(parts, secret), " ")
}

// picture is a QR code as the path of a drawing.
type picture struct {
	Side int // of the square, its quiet edge included
	Path string
}

// quietEdge is the empty border that readers want, in modules.
const quietEdge = 4

// pictureOf draws a text as a QR code.
func pictureOf(text string) (picture, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return picture{}, fmt.Errorf("draw QR code: %w", err)
	}
	side := code.Bounds().Dx()
	var path strings.Builder
	for y := range side {
		for x := 0; x < side; x++ {
			from := x
			for x < side && dark(code, x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from+quietEdge, y+quietEdge, x-from, x-from)
			}
		}
	}
	return picture{Side: side + 2*quietEdge, Path: path.String()}, nil
}

// dark reports whether a module of the code is drawn.
func dark(code image.Image, x, y int) bool {
	level, _, _, _ := code.At(x, y).RGBA()
	return level == 0
}

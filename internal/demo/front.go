package demo

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"

	"kintsugi/internal/config"
	"kintsugi/internal/people"
)

//go:embed pages
var pages embed.FS

// Front is what answers in a demonstration: the letter box and a page that
// says where everything is under /demo, the product everywhere else.
type Front struct {
	Origin config.Origin // the address people use
	Box    *Box
	Cast
	FeedURL func(people.Coach) string
	SignIn  func(ctx context.Context, who people.ID, device string) (*http.Cookie, error) // without any proof; nil: nobody can
	Kept    string                                                                        // the folder that is kept, or empty when nothing is
	Site    http.Handler
	Pay     http.Handler // the pages on which a visitor pays, where no money moves; nil: nothing can be bought
}

// Handler puts the demo's own pages in front of the product.
func (f *Front) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", f.Site)
	if f.Pay != nil {
		mux.Handle("/c/pay/", http.NewCrossOriginProtection().Handler(http.HandlerFunc(f.pay)))
	}
	own := func(pattern string, handle http.HandlerFunc) { mux.Handle("GET "+pattern, f.guarded(handle)) }
	own("/demo", f.guide)
	own("/demo/mail", f.list)
	own("/demo/mail/{id}", f.letter)
	own("/demo/mail/{id}/body", f.body)
	own("/demo/mail/{id}/source", f.source)
	own("/demo/mail/{id}/invite.ics", f.invite)
	own(stylePath(), f.style)
	mux.Handle("POST /demo/sign-in", http.NewCrossOriginProtection().Handler(f.guarded(f.signIn)))
	return mux
}

// pay answers with a page of the stand-in, which has headers of its own.
func (f *Front) pay(w http.ResponseWriter, r *http.Request) {
	if !f.ownHost(r.Host) {
		http.Error(w, "There is no site of that name here. Please use the address you were given.", http.StatusMisdirectedRequest)
		return
	}
	f.Pay.ServeHTTP(w, r)
}

// signIn makes a visitor whom they chose, by one button: the back door
// that only a demonstration has.
func (f *Front) signIn(w http.ResponseWriter, r *http.Request) {
	who, home := f.chosen(r)
	if who == "" || f.SignIn == nil {
		f.render(w, http.StatusNotFound, "gone.html", frame{Title: "Nobody by that name"}, nil)
		return
	}
	cookie, err := f.SignIn(r.Context(), who, r.UserAgent())
	if err != nil {
		http.Error(w, "Signing in did not work. Please try again in a moment.", http.StatusServiceUnavailable)
		return
	}
	http.SetCookie(w, cookie)
	http.Redirect(w, r, home, http.StatusSeeOther)
}

// chosen is whom a visitor wants to be, and where they begin.
func (f *Front) chosen(r *http.Request) (who people.ID, home string) {
	for _, c := range f.Coaches {
		if slug := r.PostFormValue("coach"); slug != "" && c.Slug == slug {
			return c.ID, "/desk"
		}
	}
	for _, c := range f.Clients {
		if email := r.PostFormValue("client"); email != "" && c.Email == email {
			return c.Person, "/portal"
		}
	}
	return "", ""
}

// guarded sets the headers that every page of ours carries and refuses other
// hosts, as the product does: a page of another site must not be able to have
// the letters read to it.
func (f *Front) guarded(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("X-Robots-Tag", "noindex")
		h.Set("Cache-Control", "no-store")
		if !f.ownHost(r.Host) {
			http.Error(w, "There is no site of that name here. Please use the address you were given.", http.StatusMisdirectedRequest)
			return
		}
		next(w, r)
	})
}

func (f *Front) ownHost(host string) bool {
	if host == f.Origin.Host() {
		return true
	}
	given, err := config.ParseOrigin(f.Origin.Scheme() + "://" + host)
	if err != nil {
		return false
	}
	return given == f.Origin || f.Origin.Loopback() && given.Loopback()
}

// asked finds the letter that the address names.
func (f *Front) asked(w http.ResponseWriter, r *http.Request) (Letter, bool) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err == nil {
		if l, found := f.Box.find(id); found {
			return l, true
		}
	}
	f.render(w, http.StatusNotFound, "gone.html", frame{Title: "No such letter"}, nil)
	return Letter{}, false
}

// body answers with the letter's own page, for the frame that shows it. Nothing
// in it runs, loads from elsewhere or reaches the page around it; its links
// open beside it, as in a mail program.
func (f *Front) body(w http.ResponseWriter, r *http.Request) {
	l, found := f.asked(w, r)
	if !found {
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox")
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("Referrer-Policy", "no-referrer")
	send(w, "text/html; charset=utf-8", []byte(strings.Replace(l.HTML, "<head>", `<head><base target="_blank">`, 1)))
}

// source answers with the letter as it came over the wire.
func (f *Front) source(w http.ResponseWriter, r *http.Request) {
	if l, found := f.asked(w, r); found {
		send(w, "text/plain; charset=utf-8", l.Raw)
	}
}

// invite answers with the invitation as a file.
func (f *Front) invite(w http.ResponseWriter, r *http.Request) {
	l, found := f.asked(w, r)
	if !found {
		return
	}
	if l.Invitation == nil {
		f.render(w, http.StatusNotFound, "gone.html", frame{Title: "No invitation"}, nil)
		return
	}
	w.Header().Set("Content-Disposition", `attachment; filename="invite.ics"`)
	send(w, "text/calendar; charset=utf-8; method="+l.Invitation.Method, l.Invitation.Raw)
}

// style answers with the few rules that only the letter box needs.
func (f *Front) style(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	send(w, "text/css; charset=utf-8", styleSheet())
}

// styleSheet is the embedded file, which is always there.
func styleSheet() []byte {
	text, err := pages.ReadFile("pages/demo.css")
	if err != nil {
		panic(err)
	}
	return text
}

// stylePath names the style sheet by its content.
func stylePath() string {
	sum := sha256.Sum256(styleSheet())
	return "/demo/demo." + hex.EncodeToString(sum[:6]) + ".css"
}

// send writes an answer whole.
func send(w http.ResponseWriter, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // a reader who left needs no answer
}

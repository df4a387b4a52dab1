package demo

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"kintsugi/internal/people"
	"kintsugi/internal/web/page"
)

// frame is what the pages of the demo have in common.
type frame struct {
	Title string
	Here  string // "guide" or "mail"
}

// views are the demo's templates, parsed once.
var views = sync.OnceValues(func() (*template.Template, error) {
	return template.New("").Funcs(template.FuncMap{
		"asset":    func(name string) (string, error) { return page.Static().Path(name) },
		"style":    stylePath,
		"initials": page.Initials,
	}).ParseFS(pages, "pages/*.html")
})

// render draws a page whole and then sends it.
func (f *Front) render(w http.ResponseWriter, status int, file string, fr frame, model any) {
	tree, err := views()
	var out bytes.Buffer
	if err == nil {
		err = tree.ExecuteTemplate(&out, file, struct {
			Frame frame
			Page  any
		}{fr, model})
	}
	if err != nil {
		http.Error(w, fmt.Sprintf("This page of the demonstration could not be drawn: %v", err), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(out.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes()) // a reader who left needs no answer
}

// guidePage says where everything is.
type guidePage struct {
	Site    string
	Coaches []guideCoach
	Clients []guideClient
	Kept    string
}

type guideCoach struct {
	people.Coach
	Feed    string
	Webcal  template.URL // the same, for calendar programs; ours, so safe
	Letters string       // address of what went to them
	SignIn  string       // words of the button; empty where nobody can sign in
	Does    string       // what they see at the desk
}

type guideClient struct {
	Client
	SignIn string
}

func (f *Front) guide(w http.ResponseWriter, _ *http.Request) {
	p := guidePage{Site: f.Origin.String(), Kept: f.Kept}
	for _, c := range f.Coaches {
		feed := f.FeedURL(c)
		_, rest, _ := strings.Cut(feed, "://")
		g := guideCoach{Coach: c, Feed: feed, Webcal: template.URL("webcal://" + rest), Letters: c.Email, Does: does(c.Role)}
		if f.SignIn != nil {
			first, _, _ := strings.Cut(c.Name, " ")
			g.SignIn = "Sign in as " + first
		}
		p.Coaches = append(p.Coaches, g)
	}
	for _, c := range f.Clients {
		g := guideClient{Client: c}
		if f.SignIn != nil {
			first, _, _ := strings.Cut(c.Name, " ")
			g.SignIn = "Sign in as " + first
		}
		p.Clients = append(p.Clients, g)
	}
	f.render(w, http.StatusOK, "guide.html", frame{Title: "This demonstration", Here: "guide"}, p)
}

// does says what somebody in a role sees at the desk.
func does(role people.Role) string {
	switch role {
	case people.Owner:
		return "Owner: sees the whole practice, except what people wrote to other coaches."
	case people.Assistant:
		return "Assistant: sees the schedule, and nothing that anybody wrote."
	}
	return "Coach: sees their own schedule and their own people."
}

// mailPage is the letter box, with a letter open or without.
type mailPage struct {
	To         string // whose letters; empty for all
	Recipients []string
	Letters    []mailLine
	Open       *openLetter
}

type mailLine struct {
	Letter
	When    string
	Invites bool
}

type openLetter struct {
	mailLine
	Show string // "letter", "text" or "source"
	Raw  string
}

func (f *Front) list(w http.ResponseWriter, r *http.Request) {
	f.render(w, http.StatusOK, "mail.html", frame{Title: "Letter box", Here: "mail"}, f.mailbox(r))
}

func (f *Front) letter(w http.ResponseWriter, r *http.Request) {
	l, found := f.asked(w, r)
	if !found {
		return
	}
	p := f.mailbox(r)
	open := &openLetter{mailLine: lineOf(l), Show: "letter"}
	switch show := r.URL.Query().Get("show"); {
	case show == "source":
		open.Show, open.Raw = show, strings.ToValidUTF8(strings.ReplaceAll(string(l.Raw), "\r\n", "\n"), "\uFFFD")
	case show == "text" || l.HTML == "":
		open.Show = "text"
	}
	p.Open = open
	f.render(w, http.StatusOK, "mail.html", frame{Title: l.Subject, Here: "mail"}, p)
}

// mailbox is the list, for all or for one address.
func (f *Front) mailbox(r *http.Request) mailPage {
	p := mailPage{To: r.URL.Query().Get("to"), Recipients: f.Box.Recipients()}
	for _, l := range f.Box.Letters(p.To) {
		p.Letters = append(p.Letters, lineOf(l))
	}
	return p
}

func lineOf(l Letter) mailLine {
	when := l.At.Format("15:04")
	if time.Since(l.At) > 18*time.Hour {
		when = l.At.Format("2 Jan, 15:04")
	}
	return mailLine{Letter: l, When: when, Invites: l.Invitation != nil}
}

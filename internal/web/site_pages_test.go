package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// pages are the public pages of the practice file ground, with their headings.
func pages() map[string]string {
	return map[string]string{
		"/": "When trust has broken", "/journal": "Journal", "/journal/first-week": "The first week & after", "/journal/small-things": "Small things",
		"/coaches/mara": "Mara Lind", "/coaches/noor": "Noor Haddad", "/packages": "Packages", "/packages/six": "Six sessions",
		"/privacy": "Privacy notice", "/terms": "How we work together", "/help-now": "Help now", "/book": "What would you like to book?",
		"/book/meet": "Free meet & greet", "/book/quiet": "A quiet call", "/book/alone": "Étape en ligne",
	}
}

func TestEveryPublicPageOpensWithOneHeadingAndATitle(t *testing.T) {
	t.Parallel()
	h := build(t)
	for path, heading := range pages() {
		a := h.get(path).shows(200)
		p := a.page()
		if p.heading() != heading {
			t.Errorf("%s is headed %q", path, p.heading())
		}
		if !utf8.ValidString(a.body) || strings.Contains(a.body, "\uFFFD") {
			t.Errorf("%s has letters that are none", path)
		}
		if title := wordsOf(p.all("title")[0]); !strings.Contains(title, "Common Ground Coaching") {
			t.Errorf("%s has the title %q", path, title)
		}
		head := h.send("HEAD", path, nil).shows(200)
		if head.body != "" || head.header.Get("Content-Length") == "" || head.header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("HEAD %s: %d letters, %v", path, len(head.body), head.header)
		}
	}
}

// What a coach says of themselves is wrapped over lines; the home page has its
// first sentence, and not the first line.
func TestTheHomePageSaysAWholeSentenceOfACoach(t *testing.T) {
	t.Parallel()
	h := build(t)
	if body := h.get("/").shows(200).body; !strings.Contains(body, ">I work with couples.<") {
		t.Error("the home page cuts what a coach says of themselves")
	}
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	t.Parallel()
	h := build(t)
	for _, path := range []string{
		"/nothing", "/journal/nothing", "/journal/draft", "/journal/tomorrow", "/coaches/nobody", "/packages/none",
		"/book/nothing", "/book/couple", "/book/meet?coach=nobody", "/book/quiet?coach=mara", "/bookings/x", "/bookings/x/invite.ics",
		"/feeds/x.ics", "/feeds/x", "/static/nothing.css", "/book/meet/x",
	} {
		a := h.get(path).shows(404)
		if a.page().heading() != "This page is not here" || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %q, %v", path, a.page().heading(), a.header)
		}
		h.send("HEAD", path, nil).shows(404)
	}
}

// An article that is to appear tomorrow does not show before, and does then.
func TestAnArticleAppearsAtItsTime(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.pass(25 * time.Hour)
	h.get("/journal/tomorrow").shows(200)
	if got := h.get("/journal").page().link("Tomorrow"); got != "/journal/tomorrow" {
		t.Errorf("the journal does not list it: %q", got)
	}
}

// bare is a practice with a name and nothing else.
const bare = `
practice: {name: Bare, discreet_name: Bare, timezone: Europe/London, currency: GBP, email: bare@example.org}
`

func TestAPracticeWithNothingYetHasPagesThatSaySo(t *testing.T) {
	t.Parallel()
	h := build(t, practiceFile(bare), noArticles)
	for path, said := range map[string]string{
		"/":         "When trust has broken",
		"/journal":  "The first pieces are being written and will be here.",
		"/packages": "There are no packages at the moment.",
		"/book":     "Nothing can be booked here at the moment. You can write to bare@example.org instead.",
		"/privacy":  "Privacy notice", "/terms": "How we work together", "/help-now": "Help now",
	} {
		p := h.get(path).shows(200).page()
		if !strings.Contains(p.words(), said) {
			t.Errorf("%s says %s", path, p.words())
		}
		for _, href := range p.hrefs() {
			if strings.HasPrefix(href, "/") && href != "/exit" {
				h.get(strings.Split(href, "#")[0]).shows(200)
			}
		}
	}
	h.get("/journal/feed.atom").shows(200)
	h.get("/sitemap.xml").shows(200)
}

// A coach who leaves takes their hours along. Whoever still has the address of
// a call with them sees an empty calendar and not a mistake.
func TestATypeWhoseCoachHasLeftHasNoTimes(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.apply("coaches:\n  - {slug: mara, active: false}\n")
	h.get("/coaches/mara").shows(404)
	if got := h.get("/book").shows(200).page(); got.link("Étape") != "" {
		t.Error("it is offered")
	}
	if got := h.get("/book/alone").shows(200).page().words(); !strings.Contains(got, "There are no free times at the moment.") {
		t.Error(got)
	}
	h.get("/").shows(200)
	article := h.get("/journal/first-week").shows(200).page()
	if !strings.Contains(article.words(), "Mara Lind") || article.link("Mara Lind") != "" {
		t.Error("an article of theirs is signed and leads to no page")
	}
}

func TestAPracticeThatIsNotSetUpSaysSoCalmly(t *testing.T) {
	t.Parallel()
	h := build(t, practiceFile(""))
	for _, path := range []string{"/", "/journal", "/journal/x", "/journal/feed.atom", "/coaches/mara", "/packages", "/packages/x", "/privacy", "/terms", "/book"} {
		a := h.get(path).shows(503)
		if !strings.Contains(a.page().words(), "This practice is not set up yet.") || a.header.Get("Retry-After") == "" {
			t.Errorf("%s says %s", path, a.page().words())
		}
	}
	h.get("/book/meet").shows(404)
	for _, path := range []string{"/help-now", "/robots.txt", "/favicon.ico", "/healthz"} {
		if a := h.get(path); a.status >= 400 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	if got := h.get("/help-now").shows(200).page(); got.link("116 123") != "tel:116123" {
		t.Error("the help page has no numbers")
	}
}

func TestASingleKindOfCallNeedsNoChoosing(t *testing.T) {
	t.Parallel()
	h := build(t, practiceFile(strings.Replace(strings.Replace(ground, "approval: 48h, public: true", "approval: 48h", 1), `Bath", public: true`, `Bath"`, 1)))
	if got := h.get("/book").shows(http.StatusSeeOther).path(); got != "/book/meet" {
		t.Errorf("leads to %s", got)
	}
}

func TestTheJournalTurnsItsPagesWhateverIsAskedFor(t *testing.T) {
	t.Parallel()
	h := build(t)
	for _, after := range []string{"", "0", "1", "2", "20", "-1", "x", "99999999999999999999", "%F0%9F%98%80"} {
		h.get("/journal?after=" + after).shows(200)
	}
	if got := h.get("/journal?after=1").page(); got.link("Small things") != "" || got.link("The first week") == "" {
		t.Error("the second article on is wrong")
	}
}

// Who reads an article can book what it is about, and finds who wrote it.
func TestAnArticleLeadsToItsCallAndItsAuthor(t *testing.T) {
	t.Parallel()
	p := build(t).get("/journal/first-week").page()
	if p.link("Book a free call") != "/book/meet" || p.link("Mara Lind") != "/coaches/mara" || p.link("these lines") != "/help-now" {
		t.Errorf("links %v", p.hrefs())
	}
	if p.link("Small things") != "/journal/small-things" {
		t.Error("no other article")
	}
}

// A coach who is one of several is booked by name; one who is the only one
// needs no name in the address.
func TestACoachsPageBooksThatCoach(t *testing.T) {
	t.Parallel()
	h := build(t)
	p := h.get("/coaches/noor").page()
	if !contains(p.hrefs(), "/book/meet?coach=noor") || !contains(p.hrefs(), "/book/quiet") || contains(p.hrefs(), "/book/alone") {
		t.Errorf("links %v", p.hrefs())
	}
	for _, href := range []string{"/book/meet?coach=noor", "/book/quiet"} {
		if got := h.get(href).shows(200).page().words(); !strings.Contains(got, "with Noor Haddad") {
			t.Errorf("%s: %s", href, got)
		}
	}
}

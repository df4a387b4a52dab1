package desk

import (
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/audit"
	"kintsugi/internal/civil"
	"kintsugi/internal/fault"
	"kintsugi/internal/journal"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/token"
	"kintsugi/internal/web/page"
)

var articleView = page.Define[articlePage]("desk-article.html")

// articlePage is an article while it is written.
type articlePage struct {
	Heading, State string
	Action         string
	Problems       page.Problems
	Fields         []deskField // title, address, summary, call to book, author
	Body           deskField
	Day, Clock     deskField // when it is to appear
	Zone           string
	Preview        string // Markdown as it will read; empty unless asked for
	Public         string // address where everybody reads it; empty while nobody does
	Link           string // address that shows it to somebody before its time
	Known          bool   // it is stored already
	Draft          bool
	Seen           string // when what stands in the form was saved; empty for a new one
	Beside         string // what was saved in another place meanwhile
}

// savedAt is when an article was saved, as its form sends it back.
func savedAt(a journal.Article) string {
	if a.ID == "" {
		return ""
	}
	return a.ChangedAt.UTC().Format(time.RFC3339Nano)
}

// Bounds of what an article can be, in characters.
const (
	longestTitle   = 200
	longestSummary = 400
	longestBody    = 30000
)

// article shows an article to its writer: GET /desk/journal/ID, and an empty
// one under /desk/journal/new.
func (d *Desk) article(c *gin.Context) error {
	a := journal.Article{AuthorID: d.Who(c).ID}
	if c.Param("id") != "new" {
		var err error
		if a, err = d.written(c); err != nil {
			return err
		}
	}
	return d.drawArticle(c, http.StatusOK, a, "", nil)
}

// write stores an article or does what the button says: POST /desk/journal/ID.
func (d *Desk) write(c *gin.Context) error {
	old := journal.Article{AuthorID: d.Who(c).ID}
	if c.Param("id") != "new" {
		var err error
		if old, err = d.written(c); err != nil {
			return err
		}
	}
	act := c.PostForm("act")
	switch act {
	case "discard":
		return d.discard(c, old)
	case "renew":
		return d.renewPreview(c, old)
	}
	a, problems := d.readArticle(c, old, act)
	if act == "preview" {
		return d.drawArticle(c, http.StatusOK, a, a.Body, problems)
	}
	a.ChangedAt, _ = time.Parse(time.RFC3339Nano, c.PostForm("seen")) // without it nothing is compared
	if len(problems) > 0 {
		return d.drawArticle(c, http.StatusUnprocessableEntity, a, "", problems)
	}
	done := "saved"
	switch {
	case act == "publish":
		done = "published"
	case act == "offline":
		done = "offline"
	case a.PublishedAt != nil && a.PublishedAt.After(d.Now()):
		done = "scheduled"
	}
	id, err := d.store(c, a, old)
	if errors.Is(err, journal.ErrElsewhere) {
		return d.besideArticle(c, a)
	}
	if problems := page.ProblemsOf(err); len(problems) > 0 {
		return d.drawArticle(c, http.StatusUnprocessableEntity, a, "", problems)
	}
	if err != nil {
		return err
	}
	return doneAt(c, "/desk/journal/"+string(id), done)
}

// besideArticle shows what somebody typed above what was saved in another place
// while they were writing.
func (d *Desk) besideArticle(c *gin.Context, a journal.Article) error {
	stands, err := d.written(c)
	if err != nil {
		return err
	}
	a.PublishedAt = stands.PublishedAt
	return d.drawArticleBeside(c, http.StatusConflict, a, "", page.ProblemsOf(journal.ErrElsewhere), &stands)
}

// store writes the article and its line in the audit, in one transaction.
func (d *Desk) store(c *gin.Context, a, old journal.Article) (id journal.ID, err error) {
	ctx, now := c.Request.Context(), d.Now()
	err = d.DB.InTx(ctx, func(tx *pg.Tx) error {
		if id, err = journal.Write(ctx, tx, a, now); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{At: now, Actor: d.actor(c), Act: "article written", About: string(id), Detail: map[string]any{
			"slug": a.Slug, "slug_before": old.Slug, "published_at": a.PublishedAt, "published_before": old.PublishedAt}})
	})
	return id, err
}

// discard deletes a draft.
func (d *Desk) discard(c *gin.Context, a journal.Article) error {
	ctx, now := c.Request.Context(), d.Now()
	gone := false
	err := d.DB.InTx(ctx, func(tx *pg.Tx) error {
		var err error
		if gone, err = journal.Discard(ctx, tx, a.ID); err != nil || !gone {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{At: now, Actor: d.actor(c), Act: "draft deleted", About: string(a.ID)})
	})
	if err != nil {
		return err
	}
	if !gone {
		return d.drawArticle(c, http.StatusConflict, a, "", page.Problems{{Name: "main", Say: "Only a draft can be deleted. Take the article offline first."}})
	}
	return doneAt(c, "/desk/journal", "discarded")
}

// renewPreview revokes the link that shows a draft.
func (d *Desk) renewPreview(c *gin.Context, a journal.Article) error {
	ctx, now := c.Request.Context(), d.Now()
	err := d.DB.InTx(ctx, func(tx *pg.Tx) error {
		if err := journal.RenewPreview(ctx, tx, a.ID); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{At: now, Actor: d.actor(c), Act: "preview link renewed", About: string(a.ID)})
	})
	if err != nil {
		return err
	}
	return doneAt(c, "/desk/journal/"+string(a.ID), "renewed")
}

// readArticle reads the form. What cannot be used is complained about at once.
func (d *Desk) readArticle(c *gin.Context, old journal.Article, act string) (journal.Article, page.Problems) {
	var problems page.Problems
	complain := func(name, say string) { problems = append(problems, fault.Field{Name: name, Say: say}) }
	a := old
	a.Title, a.Summary = line(c.PostForm("title")), line(c.PostForm("summary"))
	a.Slug, a.TypeSlug = strings.TrimSpace(c.PostForm("slug")), c.PostForm("type")
	a.Body = text(c.PostForm("body"))
	if a.Slug == "" {
		a.Slug = journal.Slug(a.Title)
	}
	if d.Who(c).Role == people.Owner {
		a.AuthorID = people.ID(c.PostForm("author"))
	}
	switch {
	case a.Title == "":
		complain("title", "Give the article a title.")
	case utf8.RuneCountInString(a.Title) > longestTitle:
		complain("title", "Shorten the title to 200 characters.")
	case a.Slug == "" || a.Slug == "new" || a.Slug == "feed":
		complain("slug", "Write an address for it in small letters, like a-place-to-talk.")
	}
	if utf8.RuneCountInString(a.Summary) > longestSummary {
		complain("summary", "Shorten the summary to 400 characters.")
	}
	if utf8.RuneCountInString(a.Body) > longestBody {
		complain("body", "This is longer than 30,000 characters. Make two articles of it.")
	}
	if a.Body == "" && act == "publish" {
		complain("body", "There is nothing to read yet.")
	}
	now, zone := d.Now(), practice.Zone(d.Who(c).Timezone)
	switch day := strings.TrimSpace(c.PostForm("day")); {
	case act == "publish":
		if old.PublishedAt == nil || old.PublishedAt.After(now) {
			a.PublishedAt = &now
		}
	case act == "offline":
		a.PublishedAt = nil
	case act == "schedule" && day == "":
		complain("day", "Choose the day on which it appears.")
	case act == "schedule":
		clock, _ := readClock(orElse(strings.TrimSpace(c.PostForm("clock")), "09:00"))
		at, err := time.ParseInLocation(time.DateOnly+" 15:04", day+" "+clock, zone)
		switch {
		case err != nil:
			complain("day", "Write the day like 2026-12-01 and the time like 09:00.")
		case !at.After(now):
			complain("day", "This time has passed. To show the article now, publish it.")
		default:
			utc := at.UTC()
			a.PublishedAt = &utc
		}
	}
	return a, problems
}

// line is a text of one line as somebody typed it, without what cannot be shown.
func line(s string) string { return strings.Join(strings.Fields(text(s)), " ") }

// text is a text of several lines, without what cannot be stored or shown.
func text(s string) string {
	clean, err := people.CleanText("body", s, longestBody+1)
	if err != nil {
		return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD")
	}
	return clean
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// drawArticle draws the form around an article.
func (d *Desk) drawArticle(c *gin.Context, status int, a journal.Article, preview string, problems page.Problems) error {
	return d.drawArticleBeside(c, status, a, preview, problems, nil)
}

// drawArticleBeside does so with what was saved in another place below it.
func (d *Desk) drawArticleBeside(c *gin.Context, status int, a journal.Article, preview string, problems page.Problems, beside *journal.Article) error {
	ctx, now, who := c.Request.Context(), d.Now(), d.Who(c)
	frame, _, err := d.frame(c, orElse(a.Title, "A new article"), "journal")
	if err != nil {
		return err
	}
	types, err := practice.PublicTypes(ctx, d.DB)
	if err != nil {
		return err
	}
	zone := practice.Zone(who.Timezone)
	m := articlePage{Heading: frame.Title, Action: "/desk/journal/" + orElse(string(a.ID), "new"), Problems: problems,
		Preview: preview, Zone: civil.Place(zone), Known: a.ID != "", Draft: a.PublishedAt == nil,
		Seen: orElse(c.PostForm("seen"), savedAt(a))}
	if beside != nil {
		m.Seen, m.Beside = savedAt(*beside), beside.Title+"\n\n"+beside.Body
	}
	calls := []deskChoice{{"", "The first kind of call", a.TypeSlug == ""}}
	for _, t := range types {
		calls = append(calls, deskChoice{t.Slug, t.Name, t.Slug == a.TypeSlug})
	}
	m.Fields = []deskField{
		{Name: "title", Label: "Title", Value: a.Title},
		{Name: "slug", Label: "Address", Hint: "The last part of its address. Left empty, it is made of the title. An old address keeps working.", Value: a.Slug, Optional: true},
		{Name: "summary", Label: "Summary", Hint: "One or two sentences for the list, search engines and shared links.", Value: a.Summary, Optional: true},
		{Name: "type", Label: "It ends in the call to book", Kind: "choice", Choices: calls},
	}
	if who.Role == people.Owner {
		author, err := d.authors(c, a)
		if err != nil {
			return err
		}
		m.Fields = append(m.Fields, author)
	}
	m.Fields = withProblems(m.Fields, problems)
	m.Body = deskField{Name: "body", Label: "Text", Kind: "text", Rows: 20, Hint: "Markdown: an empty line begins a paragraph, ## begins a heading, *stars* stress a word.",
		Value: a.Body, Problem: problems.Of("body")}
	day, clock := "", ""
	if a.PublishedAt != nil && a.PublishedAt.After(now) {
		day, clock = appears(a.PublishedAt, zone)
	}
	m.Day = deskField{Name: "day", Label: "Day", Kind: "date", Value: orElse(c.PostForm("day"), day), Problem: problems.Of("day"), Optional: true}
	m.Clock = deskField{Name: "clock", Label: "Time", Kind: "clock", Value: orElse(c.PostForm("clock"), clock), Optional: true}
	switch {
	case a.PublishedAt == nil:
		m.State = "A draft. Nobody else sees it."
	case a.PublishedAt.After(now):
		m.State = "Appears on " + civil.When(*a.PublishedAt, zone, now) + "."
	default:
		m.State, m.Public = "Everybody can read it.", "/journal/"+a.Slug
	}
	if m.Known && m.Public == "" {
		generation, err := journal.PreviewGeneration(ctx, d.DB, a.ID)
		if err != nil {
			return err
		}
		m.Link = d.Origin.String() + "/drafts/" + d.Booking.Links.Make(token.Link{Purpose: token.Preview, Object: string(a.ID), Recipient: string(a.ID), Generation: generation})
	}
	frame.Flash = journalSay(c)
	return articleView.Render(c, status, frame, m)
}

// authors offers who signs the article.
func (d *Desk) authors(c *gin.Context, a journal.Article) (deskField, error) {
	coaches, err := people.Coaches(c.Request.Context(), d.DB)
	if err != nil {
		return deskField{}, err
	}
	choices := []deskChoice{{"", "Nobody by name", a.AuthorID == ""}}
	for _, co := range coaches {
		choices = append(choices, deskChoice{string(co.ID), co.Name, co.ID == a.AuthorID})
	}
	return deskField{Name: "author", Label: "Signed by", Kind: "choice", Choices: choices}, nil
}

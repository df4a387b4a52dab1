package desk

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/fault"
	"kintsugi/internal/journal"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var journalView = page.Define[journalPage]("desk-journal.html")

// journalPage lists what the reader may write on.
type journalPage struct {
	Drafts, Coming, Public []articleRow
}

type articleRow struct{ Href, Title, Say string }

// journal lists the articles: GET /desk/journal.
func (d *Desk) journal(c *gin.Context) error {
	frame, _, err := d.frame(c, "Journal", "journal")
	if err != nil {
		return err
	}
	articles, err := journal.All(c.Request.Context(), d.DB)
	if err != nil {
		return err
	}
	now, zone := d.Now(), practice.Zone(d.Who(c).Timezone)
	var model journalPage
	for _, a := range articles {
		if !d.writes(c, a) {
			continue
		}
		row := articleRow{Href: "/desk/journal/" + string(a.ID), Title: a.Title}
		switch {
		case a.PublishedAt == nil:
			row.Say = "Last changed on " + civil.Day(a.ChangedAt, zone, now)
			model.Drafts = append(model.Drafts, row)
		case a.PublishedAt.After(now):
			row.Say = "Appears on " + civil.When(*a.PublishedAt, zone, now)
			model.Coming = append(model.Coming, row)
		default:
			row.Say = "Since " + civil.Day(*a.PublishedAt, zone, now)
			model.Public = append(model.Public, row)
		}
	}
	frame.Flash = journalSay(c)
	return journalView.Render(c, http.StatusOK, frame, model)
}

// writes reports whether the reader may change an article: the owner every
// one, a coach their own.
func (d *Desk) writes(c *gin.Context, a journal.Article) bool {
	who := d.Who(c)
	return who.Role == people.Owner || who.ID == a.AuthorID
}

// written reads the article that an address names, for somebody who may change it.
func (d *Desk) written(c *gin.Context) (journal.Article, error) {
	a, err := journal.ByID(c.Request.Context(), d.DB, journal.ID(c.Param("id")))
	if err == nil && !d.writes(c, a) {
		err = fault.New(fault.NotFound, "There is no article by that name here.")
	}
	return a, err
}

// journalSay is what a page of the journal says after an act that led to it.
func journalSay(c *gin.Context) string {
	switch c.Query("done") {
	case "saved":
		return "Saved."
	case "published":
		return "Published. Everybody can read it now."
	case "scheduled":
		return "Saved. It appears by itself at the time you chose."
	case "offline":
		return "Taken offline. It is a draft again, and nothing is lost."
	case "discarded":
		return "The draft is deleted."
	case "renewed":
		return "The old link opens nothing any more. The new one is below."
	}
	return ""
}

// appears says when an article is to appear, as the form's two inputs show it.
func appears(at *time.Time, zone *time.Location) (day, clock string) {
	if at == nil {
		return "", ""
	}
	local := at.In(zone)
	return local.Format(time.DateOnly), local.Format("15:04")
}

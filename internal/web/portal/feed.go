package portal

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/pg"
	"kintsugi/internal/web/page"
)

var feedView = page.Define[feedPage]("portal-feed.html")

// feedPage is where a client makes, sees and revokes their calendar feed.
type feedPage struct {
	URL   string // empty: there is none
	Since string
	Title string // what each entry is called
}

// feed shows it: GET /portal/feed.
func (p *Portal) feed(c *gin.Context) error {
	feed, err := p.Booking.FindFeed(c.Request.Context(), p.DB, p.who(c).Person)
	if err != nil {
		return err
	}
	frame, basics, err := p.frame(c, "more")
	if err != nil {
		return err
	}
	m := feedPage{URL: feed.URL, Title: basics.DiscreetName}
	if feed.URL != "" {
		m.Since = civil.When(feed.MadeAt, p.zone(c), p.Now())
	}
	return feedView.Render(c, http.StatusOK, frame, m)
}

// changeFeed makes it or revokes it: POST /portal/feed.
func (p *Portal) changeFeed(c *gin.Context) error {
	ctx, person, now := c.Request.Context(), p.who(c).Person, p.Now()
	act, done := p.Booking.OpenFeed, "feed"
	if c.PostForm("act") == "revoke" {
		act, done = p.Booking.CloseFeed, "unfeed"
	}
	if err := p.DB.InTx(ctx, func(tx *pg.Tx) error { return act(ctx, tx, person, now) }); err != nil {
		return err
	}
	return doneAt(c, "/portal/feed", done)
}

package site

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/journal"
	"kintsugi/internal/token"
)

// draft shows an article before its time to whoever has its link:
// GET /drafts/TOKEN. Once it has appeared the link leads to where it is.
func (s *Site) draft(c *gin.Context) error {
	ctx := c.Request.Context()
	nothing := fault.New(fault.NotFound, "This link opens nothing. It may have been replaced by a newer one.")
	link, ok := token.Peek(token.Preview, c.Param("token"))
	if !ok {
		return nothing
	}
	generation, err := journal.PreviewGeneration(ctx, s.DB, journal.ID(link.Object))
	if fault.KindOf(err) == fault.NotFound {
		return nothing
	}
	if err != nil {
		return err
	}
	link.Generation = generation
	if !s.Booking.Links.Verify(c.Param("token"), link) || link.Recipient != link.Object {
		return nothing
	}
	a, err := journal.ByID(ctx, s.DB, journal.ID(link.Object))
	if err != nil {
		return err
	}
	if a.PublishedAt != nil && !a.PublishedAt.After(s.Now()) {
		c.Redirect(http.StatusSeeOther, "/journal/"+a.Slug)
		return nil
	}
	frame, basics, err := s.frame(c)
	if err != nil {
		return err
	}
	model, err := s.articleModel(c, a, basics.Zone())
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	frame.Title, frame.NoIndex, frame.Here = a.Title, true, "journal"
	frame.Flash = "This article has not appeared yet. Please keep the link to yourself."
	return articleView.Render(c, http.StatusOK, frame, model)
}

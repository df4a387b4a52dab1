package site

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var textView = page.Define[textPage]("text.html")

type textPage struct {
	Heading, Since, Body string // Body is Markdown
}

// privacy is the practice's privacy notice.
func (s *Site) privacy(c *gin.Context) error {
	return s.text(c, "Privacy notice", "/privacy", func(p practice.Practice) string { return p.Privacy })
}

// terms are the practice's terms.
func (s *Site) terms(c *gin.Context) error {
	return s.text(c, "How we work together", "/terms", func(p practice.Practice) string { return p.Terms })
}

func (s *Site) text(c *gin.Context, heading, path string, body func(practice.Practice) string) error {
	p, err := practice.Load(c.Request.Context(), s.DB)
	if err != nil {
		return err
	}
	frame := s.frameOf(c, p.Basics)
	frame.Title, frame.Path = heading, path
	return textView.Render(c, http.StatusOK, frame, textPage{Heading: heading, Body: body(p),
		Since: "Last changed on " + dated(p.ChangedAt, p.Zone()).Say})
}

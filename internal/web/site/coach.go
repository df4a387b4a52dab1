package site

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var coachView = page.Define[coachPage]("coach.html")

type coachPage struct {
	Name, FirstName, Line string
	Bio                   string // Markdown
	Types                 []typeLink
}

type typeLink struct {
	Href, Name, Facts string
	Primary           bool // one at most
}

// coach is the page of one coach.
func (s *Site) coach(c *gin.Context) error {
	ctx := c.Request.Context()
	frame, _, err := s.frame(c)
	if err != nil {
		return err
	}
	co, err := people.FindCoach(ctx, s.DB, c.Param("slug"))
	if err == nil && !co.Bookable() {
		err = fault.New(fault.NotFound, "There is no coach by that name here.")
	}
	if err != nil {
		return err
	}
	types, err := practice.PublicTypes(ctx, s.DB)
	if err != nil {
		return err
	}
	model := coachPage{Name: co.Name, FirstName: firstName(co.Name), Bio: co.Bio}
	for _, t := range types {
		if slices.ContainsFunc(t.Coaches, func(f practice.Face) bool { return f.Slug == co.Slug }) {
			href := "/book/" + t.Slug
			if len(t.Coaches) > 1 {
				href += "?coach=" + co.Slug
			}
			model.Types = append(model.Types, typeLink{Href: href, Name: t.Name, Facts: typeFacts(t), Primary: len(model.Types) == 0})
		}
	}
	frame.Title, frame.Path, frame.Description = co.Name, "/coaches/"+co.Slug, firstLine(co.Bio)
	frame.Structured = []any{map[string]any{"@context": "https://schema.org", "@type": "Person",
		"name": co.Name, "url": frame.Canonical(), "worksFor": map[string]any{"@type": "Organization", "name": frame.Practice}}}
	return coachView.Render(c, http.StatusOK, frame, model)
}

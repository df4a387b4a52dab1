package site

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/journal"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var homeView = page.Define[homePage]("home.html")

type homePage struct {
	Intro          string // Markdown
	Call           *call
	Articles       []articleCard // up to three
	CoachesHeading string
	Coaches        []coachCard
}

type coachCard struct {
	Href, Name string
	Line       string // one line about the person; may be empty
}

// home is the front page.
func (s *Site) home(c *gin.Context) error {
	ctx := c.Request.Context()
	p, err := practice.Load(ctx, s.DB)
	if err != nil {
		return err
	}
	frame, basics := s.frameOf(c, p.Basics), p.Basics
	types, err := practice.PublicTypes(ctx, s.DB)
	if err != nil {
		return err
	}
	articles, err := journal.Latest(ctx, s.DB, s.Now(), 3)
	if err != nil {
		return err
	}
	coaches, err := people.Coaches(ctx, s.DB)
	if err != nil {
		return err
	}
	model := homePage{Intro: p.Intro, Call: callTo(types, ""), Articles: cards(articles, basics.Zone()), CoachesHeading: "Your coaches"}
	for _, co := range coaches {
		if co.Bookable() {
			model.Coaches = append(model.Coaches, coachCard{Href: "/coaches/" + co.Slug, Name: co.Name, Line: firstLine(co.Bio)})
		}
	}
	if len(model.Coaches) == 1 {
		model.CoachesHeading = "Your coach"
	}
	frame.Path = "/"
	frame.Description = "Coaching for couples and for people on their own, after trust was broken. The first call is free."
	frame.Structured = []any{map[string]any{
		"@context": "https://schema.org", "@type": "ProfessionalService",
		"name": basics.Name, "url": frame.Absolute("/"), "email": basics.Email,
	}}
	return homeView.Render(c, http.StatusOK, frame, model)
}

package site

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/money"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var (
	packagesView = page.Define[packagesPage]("packages.html")
	packageView  = page.Define[packagePage]("package.html")
)

type packagesPage struct {
	Notice   string
	Packages []packageCard
	Call     *call
}

type packageCard struct{ Href, Name, Price, Facts string }

type packagePage struct {
	Name, Price string
	Details     []pair
	Notice      string
	Buy         *buyForm // nil: cannot be bought here
	Call        *call
}

type buyForm struct{ Action, Op, Say string }

// notSold is said while payments are not set up.
const notSold = "Paying online is not set up here. Packages are agreed in a call; the first one is free."

// packages lists what is on sale.
func (s *Site) packages(c *gin.Context) error {
	ctx := c.Request.Context()
	frame, _, err := s.frame(c)
	if err != nil {
		return err
	}
	found, err := practice.Packages(ctx, s.DB)
	if err != nil {
		return err
	}
	types, err := practice.Types(ctx, s.DB)
	if err != nil {
		return err
	}
	public, err := practice.PublicTypes(ctx, s.DB)
	if err != nil {
		return err
	}
	model := packagesPage{Notice: notSold, Call: callTo(public, "")}
	for _, p := range found {
		model.Packages = append(model.Packages, packageCard{Href: "/packages/" + p.Slug, Name: p.Name,
			Price: money.Format(p.PriceMinor, p.Currency), Facts: packageFacts(p, types)})
	}
	frame.Title, frame.Here, frame.Path = "Packages", "packages", "/packages"
	frame.Description = "What working together costs, and what is in it."
	return packagesView.Render(c, http.StatusOK, frame, model)
}

// onePackage shows one package.
func (s *Site) onePackage(c *gin.Context) error {
	ctx := c.Request.Context()
	frame, _, err := s.frame(c)
	if err != nil {
		return err
	}
	p, err := practice.FindPackage(ctx, s.DB, c.Param("slug"))
	if err != nil {
		return err
	}
	types, err := practice.Types(ctx, s.DB)
	if err != nil {
		return err
	}
	public, err := practice.PublicTypes(ctx, s.DB)
	if err != nil {
		return err
	}
	price := money.Format(p.PriceMinor, p.Currency)
	model := packagePage{Name: p.Name, Price: price, Notice: notSold, Call: callTo(public, ""),
		Details: []pair{{"Sessions", fmt.Sprint(p.Sessions)}}}
	if used := covers(p, types); used != "" {
		model.Details = append(model.Details, pair{"For", used})
	}
	if p.ValidDays > 0 {
		model.Details = append(model.Details, pair{"To be used within", practice.Days(p.ValidDays) + " of buying"})
	}
	frame.Title, frame.Here, frame.Path = p.Name, "packages", "/packages/"+p.Slug
	frame.Description = p.Name + ", " + price + ". " + packageFacts(p, types) + "."
	frame.Structured = []any{map[string]any{"@context": "https://schema.org", "@type": "Offer", "name": p.Name,
		"price": money.Plain(p.PriceMinor, p.Currency), "priceCurrency": p.Currency, "url": frame.Canonical()}}
	return packageView.Render(c, http.StatusOK, frame, model)
}

// packageFacts is what a package is in one line.
func packageFacts(p practice.Package, types []practice.Type) string {
	facts := fmt.Sprintf("%d sessions", p.Sessions)
	if p.Sessions == 1 {
		facts = "1 session"
	}
	if used := covers(p, types); used != "" {
		facts += ", " + used
	}
	if p.ValidDays > 0 {
		facts += ", valid for " + practice.Days(p.ValidDays)
	}
	return facts
}

// covers names what the sessions of a package can be used for.
func covers(p practice.Package, types []practice.Type) string {
	var said []string
	for _, slug := range p.Types {
		for _, t := range types {
			if t.Slug == slug {
				said = append(said, fmt.Sprintf("%s (%s)", t.Name, civil.Duration(time.Duration(t.DurationMinutes)*time.Minute)))
			}
		}
	}
	return strings.Join(said, " or ")
}

package site

import (
	"fmt"
	"net/http"
	"net/url"
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

// packagePage is one package with everything that somebody wants to know before
// they buy it.
type packagePage struct {
	Name, Price, Tax string
	About            string // Markdown
	Details          []pair
	Parts            []string // what is paid when; empty when it is paid at once
	ForTwo           bool
	Notice           string
	BuyHref          string // empty: cannot be bought here
	Call             *call
}

// notSold is said while payments are not set up.
const notSold = "Payments are not set up here, so nothing can be bought online. Packages are agreed in a call; the first one is free."

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
	types, err := practice.AllTypes(ctx, s.DB)
	if err != nil {
		return err
	}
	public, err := practice.PublicTypes(ctx, s.DB)
	if err != nil {
		return err
	}
	model := packagesPage{Notice: s.notice(), Call: callTo(public, "")}
	for _, p := range found {
		model.Packages = append(model.Packages, packageCard{Href: "/packages/" + p.Slug, Name: p.Name,
			Price: money.Format(p.PriceMinor, p.Currency), Facts: packageFacts(p, types)})
	}
	frame.Title, frame.Here, frame.Path = "Packages", "packages", "/packages"
	frame.Description = "What working together costs, and what is in it."
	return packagesView.Render(c, http.StatusOK, frame, model)
}

func (s *Site) notice() string {
	if s.Sells {
		return ""
	}
	return notSold
}

// onePackage shows one package: GET /packages/SLUG.
func (s *Site) onePackage(c *gin.Context) error {
	frame, basics, err := s.frame(c)
	if err != nil {
		return err
	}
	p, err := practice.FindPackage(c.Request.Context(), s.DB, c.Param("slug"))
	if err != nil {
		return err
	}
	return s.drawPackage(c, frame, basics, p, p.Slug)
}

// linkedPackage shows a package to whoever has its private link: GET
// /packages/by-link/TOKEN.
func (s *Site) linkedPackage(c *gin.Context) error {
	frame, basics, err := s.frame(c)
	if err != nil {
		return err
	}
	p, err := practice.FindLinkedPackage(c.Request.Context(), s.DB, s.Booking.Links, c.Param("token"))
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	return s.drawPackage(c, frame, basics, p, c.Param("token"))
}

// drawPackage draws a package. What it is bought as is its slug, or the link that
// it was found by.
func (s *Site) drawPackage(c *gin.Context, frame page.Frame, basics practice.Basics, p practice.Package, as string) error {
	ctx := c.Request.Context()
	types, err := practice.AllTypes(ctx, s.DB)
	if err != nil {
		return err
	}
	public, err := practice.PublicTypes(ctx, s.DB)
	if err != nil {
		return err
	}
	price := money.Format(p.PriceMinor, p.Currency)
	model := packagePage{Name: p.Name, Price: price, Tax: taxWords(p.Tax), About: p.Description, Parts: partWords(p), ForTwo: p.Lane == practice.Joint,
		Notice: s.notice(), Call: callTo(public, ""), Details: packageDetails(p, types, basics)}
	if s.Sells {
		model.BuyHref = "/sign-in/new?" + url.Values{"next": {"/portal/packages/" + as}}.Encode()
	}
	frame.Title, frame.Here = p.Name, "packages"
	if as != p.Slug {
		frame.NoIndex = true
		return packageView.Render(c, http.StatusOK, frame, model)
	}
	frame.Path = "/packages/" + p.Slug
	frame.Description = p.Name + ", " + price + ". " + packageFacts(p, types) + "."
	frame.Structured = []any{map[string]any{"@context": "https://schema.org", "@type": "Offer", "name": p.Name,
		"price": money.Plain(p.PriceMinor, p.Currency), "priceCurrency": p.Currency, "url": frame.Canonical()}}
	return packageView.Render(c, http.StatusOK, frame, model)
}

// taxWords says how tax stands to the price.
func taxWords(tax string) string {
	switch tax {
	case practice.TaxInclusive:
		return "tax included"
	case practice.TaxExclusive:
		return "tax is added when you pay"
	}
	return ""
}

// packageDetails are the terms in plain words.
func packageDetails(p practice.Package, types []practice.Type, basics practice.Basics) []pair {
	details := []pair{{"Sessions", fmt.Sprint(p.Sessions)}}
	if used := covers(p, types); used != "" {
		details = append(details, pair{"For", used})
	}
	if p.ValidDays > 0 {
		details = append(details, pair{"To be used within", practice.Days(p.ValidDays) + " of paying. A session must begin on or before the last day, in the time of " + civil.City(basics.Timezone) + "."})
	} else {
		details = append(details, pair{"To be used within", "No last day: the sessions do not run out."})
	}
	return append(details, pair{"Cancelling", cancelWords(basics)})
}

// cancelWords is what happens to a session that does not take place.
func cancelWords(b practice.Basics) string {
	until := "Until it begins"
	if b.CancelMinutes > 0 {
		until = "Up to " + practice.Span(b.CancelMinutes) + " before it begins"
	}
	return until + " you can move or cancel a session and keep it. Later than that, or when nobody comes, it counts as used. When the coach cancels, you keep it."
}

// partWords says what is paid when.
func partWords(p practice.Package) []string {
	if len(p.Instalments) == 0 {
		return nil
	}
	var said []string
	for i, part := range p.Parts() {
		when := "when you buy"
		if i > 0 {
			when = practice.Days(part.DaysAfter) + " later"
		}
		said = append(said, fmt.Sprintf("%s %s, for %s", money.Format(part.PriceMinor, p.Currency), when, sessionWords(part.Sessions)))
	}
	return said
}

func sessionWords(n int) string {
	if n == 1 {
		return "1 session"
	}
	return fmt.Sprintf("%d sessions", n)
}

// packageFacts is what a package is in one line.
func packageFacts(p practice.Package, types []practice.Type) string {
	facts := sessionWords(p.Sessions)
	if used := covers(p, types); used != "" {
		facts += ", " + used
	}
	if p.ValidDays > 0 {
		facts += ", valid for " + practice.Days(p.ValidDays)
	}
	if words := taxWords(p.Tax); words != "" {
		facts += ", " + words
	}
	if parts := len(p.Instalments); parts > 0 {
		facts += fmt.Sprintf(", paid in %d parts", parts)
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

package desk

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/audit"
	"kintsugi/internal/fault"
	"kintsugi/internal/money"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var packagesView = page.Define[packagesPage]("desk-packages.html")

// packagesPage lists what can be bought, and what could be once.
type packagesPage struct {
	Tabs      []page.MenuItem
	Shown     []packageLine // to everybody
	ByLink    []packageLine
	Withdrawn []packageLine
}

type packageLine struct {
	Href, MoveAction, ShowAction string
	Name, Price, Facts           string
	Up, Down                     bool // can go there
	Link                         string
}

// packages lists them: GET /desk/packages.
func (d *Desk) packages(c *gin.Context) error {
	ctx := c.Request.Context()
	frame, _, err := d.frame(c, "Packages", "settings")
	if err != nil {
		return err
	}
	frame.Flash = doneSay(c)
	found, err := practice.AllPackages(ctx, d.DB)
	if err != nil {
		return err
	}
	types, err := practice.AllTypes(ctx, d.DB)
	if err != nil {
		return err
	}
	model := packagesPage{Tabs: settingTabs("packages")}
	for _, p := range found {
		line := d.packageLineOf(p, types)
		switch p.Visibility {
		case practice.Visible:
			model.Shown = append(model.Shown, line)
		case practice.ByLink:
			model.ByLink = append(model.ByLink, line)
		default:
			model.Withdrawn = append(model.Withdrawn, line)
		}
	}
	for i := range model.Shown {
		model.Shown[i].Up, model.Shown[i].Down = i > 0, i < len(model.Shown)-1
	}
	return packagesView.Render(c, http.StatusOK, frame, model)
}

func (d *Desk) packageLineOf(p practice.Package, types []practice.Type) packageLine {
	base := "/desk/packages/" + p.Slug
	line := packageLine{Href: base + "/edit", MoveAction: base + "/move", ShowAction: base + "/show",
		Name: p.Name, Price: money.Format(p.PriceMinor, p.Currency), Facts: strings.Join(packageFacts(p, types), ", ")}
	if p.Visibility == practice.ByLink {
		line.Link = d.linkOf(p)
	}
	return line
}

// linkOf is the private address of a package.
func (d *Desk) linkOf(p practice.Package) string {
	return d.Origin.String() + "/packages/by-link/" + p.Link(d.Booking.Links)
}

// packageFacts says a package in a few words.
func packageFacts(p practice.Package, types []practice.Type) []string {
	facts := []string{sessionsSay(p.Sessions)}
	if used := typeNames(p, types); len(used) > 0 {
		facts[0] += " of " + strings.Join(used, " or ")
	}
	if p.Lane == practice.Joint {
		facts = append(facts, "for two")
	} else {
		facts = append(facts, "for one")
	}
	if p.ValidDays > 0 {
		facts = append(facts, "valid for "+practice.Days(p.ValidDays))
	} else {
		facts = append(facts, "without a last day")
	}
	if parts := p.Parts(); len(parts) > 1 {
		facts = append(facts, fmt.Sprintf("paid in %d parts", len(parts)))
	}
	switch p.Tax {
	case practice.TaxInclusive:
		facts = append(facts, "tax included")
	case practice.TaxExclusive:
		facts = append(facts, "tax added when paying")
	}
	return facts
}

// typeNames are what the sessions of a package can be used for.
func typeNames(p practice.Package, types []practice.Type) []string {
	var names []string
	for _, slug := range p.Types {
		for _, t := range types {
			if t.Slug == slug {
				names = append(names, t.Name)
			}
		}
	}
	return names
}

func sessionsSay(n int) string {
	if n == 1 {
		return "1 session"
	}
	return fmt.Sprintf("%d sessions", n)
}

// packagePart is a practice file that says some things of one package.
func packagePart(slug string, fields map[string]any) any {
	fields["slug"] = slug
	return map[string]any{"packages": []any{fields}}
}

// showPackage says who finds a package: POST /desk/packages/PACKAGE/show.
func (d *Desk) showPackage(c *gin.Context) error {
	p, err := practice.FindAnyPackage(c.Request.Context(), d.DB, c.Param("package"))
	if err != nil {
		return err
	}
	visibility, act, done := c.PostForm("visibility"), "package shown", "offered"
	switch visibility {
	case practice.Visible:
	case practice.ByLink:
		act, done = "package given a private link", "kept"
	case practice.Withdrawn:
		act, done = "package withdrawn", "gone"
	default:
		return fault.InvalidField("visibility", "Choose who finds it.")
	}
	err = d.setUp(c, doing{Act: act, About: string(p.ID), Part: func(*pg.Tx) (any, error) {
		return packagePart(p.Slug, map[string]any{"visibility": visibility}), nil
	}})
	if err != nil {
		return err
	}
	return doneAt(c, "/desk/packages", done)
}

// movePackage puts a package one place up or down among those that everybody
// sees: POST /desk/packages/PACKAGE/move.
func (d *Desk) movePackage(c *gin.Context) error {
	p, err := practice.FindAnyPackage(c.Request.Context(), d.DB, c.Param("package"))
	if err != nil {
		return err
	}
	step := 1
	if c.PostForm("act") == "up" {
		step = -1
	}
	err = d.setUp(c, doing{Act: "package moved", About: string(p.ID), Key: d.opKey(c, "move package"), Part: func(tx *pg.Tx) (any, error) {
		shown, err := practice.Packages(c.Request.Context(), tx)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(shown, func(o practice.Package) bool { return o.ID == p.ID })
		if other := at + step; at >= 0 && other >= 0 && other < len(shown) {
			shown[at], shown[other] = shown[other], shown[at]
		}
		order := []any{}
		for _, o := range shown {
			order = append(order, map[string]any{"slug": o.Slug})
		}
		return map[string]any{"packages": order}, nil
	}})
	if err != nil {
		return err
	}
	return doneAt(c, "/desk/packages", "moved")
}

// renewPackageLink makes every private link that was given away open nothing any
// more: POST /desk/packages/PACKAGE/link.
func (d *Desk) renewPackageLink(c *gin.Context) error {
	ctx := c.Request.Context()
	p, err := practice.FindAnyPackage(ctx, d.DB, c.Param("package"))
	if err != nil {
		return err
	}
	err = d.once(c, d.opKey(c, "package link"), func(ctx context.Context, tx *pg.Tx) error {
		if err := practice.RevokePackageLink(ctx, tx, p.ID); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{At: d.Now(), Actor: d.actor(c), Act: "private link of package revoked", About: string(p.ID)})
	})
	if err != nil {
		return err
	}
	return doneAt(c, "/desk/packages/"+p.Slug+"/edit", "renewed")
}

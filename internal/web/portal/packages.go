package portal

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"kintsugi/internal/civil"
	"kintsugi/internal/money"
	"kintsugi/internal/payment"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var packagesView = page.Define[packagesPage]("portal-packages.html")

// packagesPage is what a client can buy: what was offered to them, and what is
// sold to everybody.
type packagesPage struct {
	Own       bool   // what is theirs alone is shown too
	ProofHref string // where that opens
	Ready     bool   // payments are set up
	Offers    []packageLine
	ForTwo    []packageLine
	ForOne    []packageLine
}

// packageLine is a package in one line.
type packageLine struct{ Href, Name, Price, Facts string }

// packages lists them: GET /portal/packages.
func (p *Portal) packages(c *gin.Context, own bool) error {
	ctx, me := c.Request.Context(), p.who(c).Person
	found, err := practice.Packages(ctx, p.DB)
	if err != nil {
		return err
	}
	types, err := practice.AllTypes(ctx, p.DB)
	if err != nil {
		return err
	}
	offers, err := practice.OffersTo(ctx, p.DB, me)
	if err != nil {
		return err
	}
	bought, err := p.Payment.OrdersOf(ctx, nil, me)
	if err != nil {
		return err
	}
	m := packagesPage{Own: own, ProofHref: setUpAt("/portal/packages"), Ready: p.Payment.Ready()}
	for _, o := range offers {
		if (own || o.Lane == practice.Joint) && !taken(o, bought) {
			m.Offers = append(m.Offers, lineOfPackage(o.Package, string(o.ID), types))
		}
	}
	for _, one := range found {
		line := lineOfPackage(one, one.Slug, types)
		if one.Lane == practice.Joint {
			m.ForTwo = append(m.ForTwo, line)
		} else {
			m.ForOne = append(m.ForOne, line)
		}
	}
	return draw(p, c, packagesView, http.StatusOK, "orders", m)
}

// taken reports whether an offer was taken up: it is for one purchase.
func taken(o practice.Offer, bought []payment.Order) bool {
	return slices.ContainsFunc(bought, func(b payment.Order) bool {
		return b.Version == o.VersionID && !b.MadeAt.Before(o.OfferedAt) && (b.Status.HasMoney() || b.Status == payment.Processing)
	})
}

func lineOfPackage(p practice.Package, as string, types []practice.Type) packageLine {
	facts := sessionsSay(p.Sessions)
	if used := coveredBy(p, types); used != "" {
		facts += ", " + used
	}
	if p.ValidDays > 0 {
		facts += ", valid for " + practice.Days(p.ValidDays)
	}
	if n := len(p.Instalments); n > 0 {
		facts += fmt.Sprintf(", paid in %d parts", n)
	}
	return packageLine{Href: "/portal/packages/" + as, Name: p.Name, Price: money.Format(p.PriceMinor, p.Currency), Facts: facts}
}

func sessionsSay(n int) string {
	if n == 1 {
		return "1 session"
	}
	return fmt.Sprintf("%d sessions", n)
}

// coveredBy names what the sessions can be used for.
func coveredBy(p practice.Package, types []practice.Type) string {
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

// onSale finds what an address or a form names: an offer to the client by its
// id, a package by its private link, or one of the public list by its slug.
func (p *Portal) onSale(c *gin.Context, ref string, own bool) (practice.Package, error) {
	ctx := c.Request.Context()
	if len(ref) == 36 && uuid.Validate(ref) == nil {
		o, err := practice.FindOffer(ctx, p.DB, practice.OfferID(ref), p.who(c).Person)
		if err != nil {
			return practice.Package{}, err
		}
		if !own && o.Lane != practice.Joint {
			return practice.Package{}, payment.ErrNoOrder
		}
		bought, err := p.Payment.OrdersOf(ctx, nil, p.who(c).Person)
		if err == nil && taken(o, bought) {
			err = payment.ErrNoOrder
		}
		return o.Package, err
	}
	found, err := practice.FindLinkedPackage(ctx, p.DB, p.Booking.Links, ref)
	if err == nil {
		return found, nil
	}
	return practice.FindPackage(ctx, p.DB, ref)
}

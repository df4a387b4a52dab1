package portal

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/engagement"
	"kintsugi/internal/pg"
	"kintsugi/internal/reception"
	"kintsugi/internal/web/page"
)

var looksView = page.Define[looksPage]("portal-looks.html")

// looksPage lists who looked at what is the client's to know of.
type looksPage struct{ Looks []lookPart }

type lookPart struct{ When, Who, Did, Kind, Tag string }

// looks lists them: GET /portal/looks.
func (p *Portal) looks(c *gin.Context) error {
	me, loc, now := p.who(c).Person, p.zone(c), p.Now()
	var found []reception.Glance
	if err := p.as(c, func(ctx context.Context, tx *pg.Tx) (err error) {
		found, err = reception.LooksAt(ctx, tx, me)
		return err
	}); err != nil {
		return err
	}
	var m looksPage
	for _, l := range found {
		part := lookPart{When: civil.When(l.At, loc, now), Who: l.By, Did: didSay(l.Act), Kind: string(l.Kind), Tag: engagement.LaneInfo{Kind: l.Kind}.Tag(me)}
		if part.Who == "" {
			part.Who = "Somebody who is no longer here"
		}
		m.Looks = append(m.Looks, part)
	}
	return draw(p, c, looksView, http.StatusOK, "more", m)
}

// didSay puts an act of the record into words.
func didSay(act string) string {
	switch act {
	case "note read":
		return "opened a note"
	case "notes listed":
		return "looked at the list of notes"
	case "notes searched":
		return "searched the notes"
	case "form answers read":
		return "read answers to a form"
	case "enquiry read":
		return "read what you wrote when you asked for a call"
	}
	return "looked"
}

package portal

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/engagement"
	"kintsugi/internal/web/page"
)

var readersView = page.Define[readersPage]("portal-readers.html")

// readersPage says who can read what. It lists the spaces that there are, which
// are the same for every client; that something lies in one is not said.
type readersPage struct {
	Own    lanePart // what a client writes for themselves, whether or not they ever did
	Groups []readersGroup
}

type readersGroup struct {
	Coach string
	Lanes []lanePart
}

// readers says who can read what: GET /portal/readers. Of somebody who has a second
// proof it stands behind that: it tells with whom they work, and that a space was
// erased.
func (p *Portal) readers(c *gin.Context) error {
	ctx, me := c.Request.Context(), p.who(c).Person
	if led, err := p.proofFirst(c, "/portal/readers"); led || err != nil {
		return err
	}
	found, err := engagement.ListForClient(ctx, p.DB, me)
	if err != nil {
		return err
	}
	lanes, err := engagement.Lanes(ctx, p.DB, me, "")
	if err != nil {
		return err
	}
	m := readersPage{Own: lanePart{Kind: string(engagement.PersonalLane), Tag: engagement.LaneInfo{Kind: engagement.PersonalLane}.Tag(me)}}
	for _, e := range found {
		var own []engagement.LaneInfo
		for _, l := range lanes {
			if l.Engagement == e.ID {
				own = append(own, l)
			}
		}
		if len(own) > 0 {
			m.Groups = append(m.Groups, readersGroup{Coach: e.CoachName, Lanes: p.laneParts(c, own)})
		}
	}
	return draw(p, c, readersView, http.StatusOK, "readers", m)
}

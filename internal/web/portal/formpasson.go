package portal

import (
	"context"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/engagement"
	"kintsugi/internal/intake"
	"kintsugi/internal/once"
	"kintsugi/internal/pg"
)

// onwardPart offers to pass a form on to the coach who has taken over, and says
// who would read it; or that it was.
type onwardPart struct {
	Lane, Coach, Who string
	Action, Op       string
	Done, When       string // where it is and since when, once it was passed on
}

func (p *Portal) onwardParts(c *gin.Context, s intake.Sheet, list []intake.Onward) []onwardPart {
	var parts []onwardPart
	for _, o := range list {
		part := onwardPart{Lane: string(o.Lane.ID), Coach: o.Coach(), Who: o.Who, Action: "/portal/forms/" + string(s.ID) + "/pass-on", Op: p.Guard.NewOp(p.Now())}
		if o.Done != "" {
			part.Done, part.When = "/portal/forms/"+string(o.Done), civil.When(o.DoneAt, p.zone(c), p.Now())
		}
		parts = append(parts, part)
	}
	return parts
}

// passFormOn gives a copy of a sent form to the coach who has taken over:
// POST /portal/forms/ID/pass-on.
func (p *Portal) passFormOn(c *gin.Context) error {
	var passed intake.ID
	key := p.opKey(c, "pass on")
	answered, err := p.sheet(c, func(ctx context.Context, tx *pg.Tx, s intake.Sheet) (err error) {
		passed, err = p.Intake.PassOn(ctx, tx, p.who(c).Person, s.ID, engagement.LaneID(c.PostForm("to")), key, p.Now())
		return err
	})
	if once.IsRepeat(err) {
		_, err = once.Find(c.Request.Context(), p.DB, key, &passed)
	}
	if answered || err != nil {
		return err
	}
	if p.Wake != nil {
		p.Wake()
	}
	return doneAt(c, "/portal/forms/"+string(passed), "passed-on")
}

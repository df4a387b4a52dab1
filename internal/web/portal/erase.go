package portal

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/engagement"
	"kintsugi/internal/web/page"
)

var eraseView = page.Define[erasePage]("portal-erase.html")

// erasePage asks what of theirs a client wants erased, and says what stays.
type erasePage struct {
	Choices  []eraseChoice
	Problems page.Problems
}

type eraseChoice struct {
	ID      string
	Lane    lanePart
	Coach   string // whose work it belongs to
	What    string // what is in such a space
	Checked bool
}

// erase shows what can be erased: GET /portal/erase. The spaces are listed
// whether or not anything lies in them.
func (p *Portal) erase(c *gin.Context) error { return p.drawErase(c, http.StatusOK, nil, nil) }

func (p *Portal) drawErase(c *gin.Context, status int, chosen []string, problems page.Problems) error {
	ctx, me := c.Request.Context(), p.who(c).Person
	lanes, err := engagement.Lanes(ctx, p.DB, me, "")
	if err != nil {
		return err
	}
	found, err := engagement.ListForClient(ctx, p.DB, me)
	if err != nil {
		return err
	}
	coaches := map[engagement.ID]string{}
	for _, e := range found {
		coaches[e.ID] = e.CoachName
	}
	m := erasePage{Problems: problems}
	for _, l := range lanes {
		if l.Of != me {
			continue
		}
		one := eraseChoice{ID: string(l.ID), Lane: p.laneParts(c, []engagement.LaneInfo{l})[0], Coach: coaches[l.Engagement]}
		switch l.Kind {
		case engagement.PersonalLane:
			one.What = "What you wrote for yourself"
		case engagement.SafetyLane:
			one.What = "What you told about your safety"
		default:
			one.What = "What you and your coach wrote to one another, and your own forms"
		}
		for _, id := range chosen {
			one.Checked = one.Checked || id == one.ID
		}
		m.Choices = append(m.Choices, one)
	}
	return draw(p, c, eraseView, status, "more", m)
}

// eraseNow erases it: POST /portal/erase.
func (p *Portal) eraseNow(c *gin.Context) error {
	chosen := c.PostFormArray("lane")
	if c.PostForm("sure") != "yes" {
		return p.drawErase(c, http.StatusUnprocessableEntity, chosen, page.Problems{{Name: "sure", Say: "Say that you are sure: nobody can bring it back."}})
	}
	ids := make([]engagement.LaneID, len(chosen))
	for i, id := range chosen {
		ids[i] = engagement.LaneID(id)
	}
	err := p.reception().EraseOwnLanes(c.Request.Context(), p.who(c).Person, ids)
	if problems, status, is := refused(err); is {
		return p.drawErase(c, status, chosen, problems)
	}
	if err != nil {
		return err
	}
	return doneAt(c, "/portal/erase", "erased")
}

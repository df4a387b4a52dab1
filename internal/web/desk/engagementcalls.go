package desk

import (
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/engagement"
	"kintsugi/internal/practice"
)

// callsPart is what an engagement's page shows of its calls, drawn by the part
// desk-engagement-calls: those for both and those of each client.
type callsPart struct {
	Coming   []callLine // the next hour first
	Past     []callLine // the latest first, what was called off among them
	BookHref string     // empty where no new hours are arranged
}

// mostCalls bounds the calls that an engagement's page shows.
const mostCalls = 100

// engagementCalls reads the calls of an engagement as far as the viewer may see
// them.
func (d *Desk) engagementCalls(c *gin.Context, e engagement.Engagement) (callsPart, error) {
	v, now := d.viewer(c), d.Now()
	found, err := booking.OfEngagement(c.Request.Context(), d.DB, v, e.ID, mostCalls)
	if err != nil {
		return callsPart{}, err
	}
	var part callsPart
	w := whose{loc: practice.Zone(e.CoachZone)}
	for _, b := range found {
		l := w.line(b, v, now)
		if say := departedSay(b); say != "" && b.Open(now) {
			l.Note = say
		}
		if standing(b, now).Live() && now.Before(b.End) {
			part.Coming = append(part.Coming, l)
		} else {
			part.Past = append(part.Past, l)
		}
	}
	slices.Reverse(part.Coming)
	if e.State == engagement.Open && len(e.Accepted()) > 0 {
		part.BookHref = "/desk/book?" + url.Values{"engagement": {string(e.ID)}}.Encode()
	}
	return part, nil
}

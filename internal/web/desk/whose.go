package desk

import (
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
)

// viewer is who is signed in, as the booking room knows them.
func (d *Desk) viewer(c *gin.Context) booking.Viewer {
	who := d.Who(c)
	return booking.Viewer{ID: who.ID, Role: who.Role}
}

// whose is whose calendar a page shows. A coach sees their own; the owner and an
// assistant choose one coach or all of them.
type whose struct {
	Coaches []people.Coach // those whose calendar is shown
	All     []people.Coach // those that can be chosen; empty for a coach
	Slug    string         // as it stands in addresses: a coach's, or "all"
	loc     *time.Location
}

const everybody = "all"

// readWhose reads whose calendar is asked for. The owner begins with their own,
// an assistant with everybody's.
func (d *Desk) readWhose(c *gin.Context, asked string) (whose, error) {
	who := d.Who(c)
	if who.Role == people.Member {
		if asked != "" && asked != who.Slug {
			return whose{}, booking.ErrNoCoach
		}
		return whose{Coaches: []people.Coach{who}, Slug: who.Slug, loc: practice.Zone(who.Timezone)}, nil
	}
	found, err := people.Coaches(c.Request.Context(), d.DB)
	if err != nil {
		return whose{}, err
	}
	w := whose{Slug: asked, loc: practice.Zone(who.Timezone)}
	for _, coach := range found {
		if coach.Bookable() {
			w.All = append(w.All, coach)
		}
	}
	if asked == "" {
		if w.Slug = who.Slug; who.Role == people.Assistant {
			w.Slug = everybody
		}
	}
	if w.Slug == everybody {
		w.Coaches = w.All
		return w, nil
	}
	for _, coach := range w.All {
		if coach.Slug == w.Slug {
			w.Coaches, w.loc = []people.Coach{coach}, practice.Zone(coach.Timezone)
			return w, nil
		}
	}
	return whose{}, booking.ErrNoCoach
}

func (w whose) ids() []people.ID {
	ids := make([]people.ID, len(w.Coaches))
	for i, coach := range w.Coaches {
		ids[i] = coach.ID
	}
	return ids
}

// one is the coach of the page; nil while it shows several.
func (w whose) one() *people.Coach {
	if len(w.Coaches) == 1 && w.Slug != everybody {
		return &w.Coaches[0]
	}
	return nil
}

// name is how a coach is named on the page: not at all where it shows one alone.
func (w whose) name(id people.ID) string {
	if w.one() != nil {
		return ""
	}
	for _, coach := range w.Coaches {
		if coach.ID == id {
			return coach.Name
		}
	}
	return ""
}

// daylink is an address with its words.
type daylink struct {
	Href, Say string
	Chosen    bool
}

// links are the ways to another coach's page, everybody's first. There are none
// where there is nobody else.
func (w whose) links(path string, keep url.Values) []daylink {
	if len(w.All) < 2 {
		return nil
	}
	link := func(slug, say string) daylink {
		values := url.Values{}
		for name, list := range keep {
			values[name] = list
		}
		values.Set("coach", slug)
		return daylink{Href: path + "?" + values.Encode(), Say: say, Chosen: slug == w.Slug}
	}
	links := []daylink{link(everybody, "Everybody")}
	for _, coach := range w.All {
		links = append(links, link(coach.Slug, coach.Name))
	}
	return links
}

package desk

import (
	"fmt"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/availability"
	"kintsugi/internal/civil"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
	"kintsugi/internal/slot"
)

// hoursPreview is what people see of a coach in the coming two weeks.
type hoursPreview struct {
	Types   []deskChoice // what the coach holds; empty when nothing
	Type    string
	Name    string
	Note    string // who can see it, or that it is not saved
	Days    []previewDay
	Empty   string
	Unsaved bool
}

type previewDay struct{ Say, Times string }

// previewDays is how far ahead the preview looks.
const previewDays = 14

// previewOf asks what can be booked with a coach in the coming two weeks, one
// statement for the type and one for what is taken. With a week that is not
// saved yet it asks what could be booked then.
func (d *Desk) previewOf(c *gin.Context, coach people.Coach, unsaved practice.Week) (hoursPreview, error) {
	ctx := c.Request.Context()
	types, err := d.typesOf(c, coach.ID)
	if err != nil || len(types) == 0 {
		return hoursPreview{}, err
	}
	p := hoursPreview{Type: types[0].Slug, Unsaved: unsaved != nil}
	asked := c.Query("type")
	if c.PostForm("type") != "" {
		asked = c.PostForm("type")
	}
	for _, t := range types {
		if t.Slug == asked {
			p.Type = t.Slug
		}
	}
	for _, t := range types {
		p.Types = append(p.Types, deskChoice{t.Slug, t.Name, t.Slug == p.Type})
	}
	offer, err := availability.ForType(ctx, d.DB, p.Type)
	if err != nil {
		return hoursPreview{}, err
	}
	holder, ok := offer.Coach(coach.Slug)
	if !ok {
		return hoursPreview{}, fault.New(fault.NotFound, "There is no such kind of appointment here.")
	}
	if unsaved != nil {
		holder.Hours.Weekly = unsaved
	}
	offer.Coaches = []availability.Bookable{holder}
	now := d.Now()
	slots, err := d.Booking.OfferOf(ctx, offer, now, now.AddDate(0, 0, previewDays))
	if err != nil {
		return hoursPreview{}, err
	}
	p.say(offer.Type, holder, slots, now)
	return p, nil
}

// say puts the free times into words, a line a day.
func (p *hoursPreview) say(t practice.Type, coach availability.Bookable, slots []slot.Slot, now time.Time) {
	p.Name = t.Name
	switch {
	case p.Unsaved && t.Hours != nil:
		p.Note = t.Name + " has hours of its own, so these weekly hours do not change it."
	case p.Unsaved:
		p.Note = "This is what people would see. Nothing has been saved yet."
	case t.Hours != nil:
		p.Note = t.Name + " has hours of its own, instead of the weekly ones."
	case !t.Public:
		p.Note = "Only people with an account see this."
	}
	var day string
	for _, s := range slots {
		zone := slot.Zone(coach.Hours, s.Start)
		said := civil.Day(s.Start, zone, now)
		if zone.String() != coach.Timezone {
			said += " (" + civil.Place(zone) + ")"
		}
		if said != day {
			day = said
			p.Days = append(p.Days, previewDay{Say: said})
		}
		last := &p.Days[len(p.Days)-1]
		last.Times = strings.TrimPrefix(last.Times+", "+civil.Clock(s.Start, zone), ", ")
	}
	if len(p.Days) == 0 {
		p.Empty = fmt.Sprintf("In the coming %d days nothing can be booked. Choose a day and a time under “Why is a time closed?” to see what stands in the way.", previewDays)
	}
}

// typesOf lists what a coach holds and what is offered.
func (d *Desk) typesOf(c *gin.Context, coach people.ID) ([]practice.Type, error) {
	types, err := practice.Types(c.Request.Context(), d.DB)
	if err != nil {
		return nil, err
	}
	holders, err := practice.Holders(c.Request.Context(), d.DB)
	if err != nil {
		return nil, err
	}
	held := map[practice.TypeID]bool{}
	for _, h := range holders {
		held[h.TypeID] = held[h.TypeID] || h.CoachID == coach
	}
	kept := types[:0]
	for _, t := range types {
		if held[t.ID] {
			kept = append(kept, t)
		}
	}
	return kept, nil
}

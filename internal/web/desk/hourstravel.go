package desk

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/availability"
	"kintsugi/internal/civil"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/slot"
	"kintsugi/internal/web/page"
)

var travelView = page.Define[travelPage]("desk-hours-travel.html")

// travelPage is where a coach's clock will be elsewhere.
type travelPage struct {
	hoursHead
	Problems page.Problems
	Trips    []tripLine
	Fields   []deskField
	Zones    []string
}

type tripLine struct {
	From, To, Zone string
	Say, Where     string
	RemoveSay      string
}

// coachTravel shows the trips: GET /desk/hours/COACH/travel.
func (d *Desk) coachTravel(c *gin.Context) error {
	coach, err := d.coachInView(c)
	if err != nil {
		return err
	}
	return d.drawTravel(c, http.StatusOK, coach, availability.Trip{}, nil)
}

func (d *Desk) drawTravel(c *gin.Context, status int, coach people.Coach, form availability.Trip, problems page.Problems) error {
	stored, err := availability.Of(c.Request.Context(), d.DB, coach.ID)
	if err != nil {
		return err
	}
	head, frame, err := d.headOf(c, coach, "/travel")
	if err != nil {
		return err
	}
	frame.Title = "Travel"
	model := travelPage{hoursHead: head, Problems: problems, Zones: zoneNames()}
	today := slot.DateOf(d.Now().In(practice.Zone(coach.Timezone))).AddDays(-1).String() // a zone can be a day behind
	trips := slices.Clone(stored.Travel)
	slices.SortFunc(trips, func(a, b availability.Trip) int { return cmp.Compare(a.From, b.From) })
	for _, t := range trips {
		if t.To < today {
			continue
		}
		line := tripLine{From: t.From, To: t.To, Zone: t.Timezone, Say: wholeDate(t.From), Where: civil.City(t.Timezone)}
		if t.To != t.From {
			line.Say += " to " + wholeDate(t.To)
		}
		line.RemoveSay = "Remove the trip of " + line.Say
		model.Trips = append(model.Trips, line)
	}
	model.Fields = withProblems([]deskField{
		{Name: "from", Label: "First day", Kind: "date", Value: form.From},
		{Name: "to", Label: "Last day", Kind: "date", Value: form.To},
		{Name: "timezone", Label: "Time zone there", Kind: "zone", Value: form.Timezone, Hint: "The city of its clock, such as New York."},
	}, problems)
	return travelView.Render(c, status, frame, model)
}

// saveTravel adds a trip or takes one away: POST /desk/hours/COACH/travel.
func (d *Desk) saveTravel(c *gin.Context) error {
	coach, err := d.coachInView(c)
	if err != nil {
		return err
	}
	trip := availability.Trip{From: strings.TrimSpace(c.PostForm("from")), To: strings.TrimSpace(c.PostForm("to")), Timezone: namedZone(c.PostForm("timezone"))}
	remove := c.PostForm("act") == "remove"
	in := typed{c: c}
	if trip.To == "" {
		trip.To = trip.From
	}
	in.dateRange(trip.From, trip.To)
	if _, known := practice.KnownZone(trip.Timezone); !known && !remove {
		in.wrong("timezone", "Write a city that names a time zone, such as New York. The list shows the usual ones.")
	}
	if len(in.problems) > 0 {
		return d.drawTravel(c, statusMend, coach, trip, in.problems)
	}
	err = d.setUp(c, doing{Act: "travel changed", About: string(coach.ID), Part: func(tx *pg.Tx) (any, error) {
		stored, err := availability.Of(c.Request.Context(), tx, coach.ID)
		if err != nil {
			return nil, err
		}
		trips := slices.DeleteFunc(slices.Clone(stored.Travel), func(t availability.Trip) bool { return t == trip })
		if !remove {
			trips = append(trips, trip)
		}
		return coachPart(coach.Slug, "travel", append([]availability.Trip{}, trips...)), nil
	}})
	if err == nil {
		done := "saved"
		if remove {
			done = "removed"
		}
		return doneAt(c, "/desk/hours/"+coach.Slug+"/travel", done)
	}
	problems, err := mended(err, "from", func(path string) string {
		if strings.HasSuffix(path, ".to") {
			return "to"
		}
		return "from"
	})
	if err != nil {
		return err
	}
	return d.drawTravel(c, statusMend, coach, trip, problems)
}

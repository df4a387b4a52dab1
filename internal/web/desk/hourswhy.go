package desk

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/fault"
	"kintsugi/internal/practice"
	"kintsugi/internal/slot"
	"kintsugi/internal/web/page"
)

var whyView = page.Define[whyPage]("desk-hours-why.html")

// whyPage asks why a time cannot be booked, and answers.
type whyPage struct {
	hoursHead
	Problems page.Problems
	Fields   []deskField
	Answer   *whyAnswer
}

// why answers for any time: GET /desk/hours/COACH/why?type=&date=&time=.
func (d *Desk) why(c *gin.Context) error {
	coach, err := d.coachInView(c)
	if err != nil {
		return err
	}
	ctx, now := c.Request.Context(), d.Now()
	types, err := d.typesOf(c, coach.ID)
	if err != nil {
		return err
	}
	head, frame, err := d.headOf(c, coach, "/why")
	if err != nil {
		return err
	}
	frame.Title = "Why is a time closed?"
	date, clock, kind := c.Query("date"), c.Query("time"), c.Query("type")
	asked := date != "" || clock != ""
	if !asked {
		date = slot.DateOf(now.In(practice.Zone(coach.Timezone))).AddDays(1).String()
	}
	model := whyPage{hoursHead: head}
	status := http.StatusOK
	if asked {
		q, problems := readWhy(date, clock)
		q.Type, q.Coach = kind, coach.Slug
		if len(problems) == 0 {
			found, err := d.Booking.Why(ctx, d.viewer(c), q)
			switch fault.KindOf(err) {
			case fault.NotFound:
				problems = append(problems, fault.Field{Name: "type", Say: "Choose one of these."})
			default:
				if err != nil {
					return err
				}
				model.Answer = answerWhy(found, q, now)
			}
		}
		if model.Problems = problems; len(problems) > 0 {
			status = statusMend
		}
	}
	field := deskField{Name: "type", Label: "Kind of appointment", Kind: "choice"}
	for _, t := range types {
		field.Choices = append(field.Choices, deskChoice{t.Slug, t.Name, t.Slug == kind})
	}
	model.Fields = withProblems([]deskField{field,
		{Name: "date", Label: "Day", Kind: "date", Value: date},
		{Name: "time", Label: "Time", Kind: "clock", Value: clock, Hint: "On the coach’s own clock, there where they are on that day."},
	}, model.Problems)
	return whyView.Render(c, status, frame, model)
}

// readWhy reads the day and the time that are asked about.
func readWhy(date, clock string) (booking.WhyQuery, page.Problems) {
	var q booking.WhyQuery
	var problems page.Problems
	var err error
	if q.Date, err = slot.ParseDate(date); err != nil || q.Date.Year < 1970 || q.Date.Year > 2200 {
		problems = append(problems, fault.Field{Name: "date", Say: "Choose a day, or write it as 2026-12-24."})
	}
	read, ok := readClock(clock)
	if !ok || read == "24:00" {
		problems = append(problems, fault.Field{Name: "time", Say: "Write a time of day, such as 14:30."})
		return q, problems
	}
	q.Minutes = int(read[0]-'0')*600 + int(read[1]-'0')*60 + int(read[3]-'0')*10 + int(read[4]-'0')
	return q, problems
}

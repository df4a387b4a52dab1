package desk

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/audit"
	"kintsugi/internal/availability"
	"kintsugi/internal/booking"
	"kintsugi/internal/civil"
	"kintsugi/internal/credit"
	"kintsugi/internal/fault"
	"kintsugi/internal/job"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/reception"
	"kintsugi/internal/slot"
	"kintsugi/internal/web/page"
)

var todayView = page.Define[todayPage]("desk-today.html")

// todayPage is a coach's day: what comes, what waits for them, what went wrong.
type todayPage struct {
	Heading  string
	ZoneSay  string
	Whose    []daylink
	Coach    string // slug kept in links and forms
	Calls    []callLine
	Next     []callLine // the next ones, while today has none
	Requests []callLine
	MayReply bool
	Due      []callLine
	News     []newsLine
	Unsent   []callLine
	Deserted []callLine // joint calls that one of two has left; the coach decides
	Jobs     []deadLine
	Stale    []staleLine  // outside calendars that could not be read
	Nudges   []personLine // whose next step is due, or missing after a call or a purchase
	Resting  []daylink    // sessions that are left while nothing is arranged
	RestSay  string       // for how long: "21 days"
	Unused   []daylink    // sessions for two that nobody can book with any more
	Op       string
	BookPage string
}

type newsLine struct {
	callLine
	What string
	When string
}

type deadLine struct{ ID, Say string }

type staleLine struct{ Href, Say string }

// lookAhead is how many days the page of today reads to name the next call.
const lookAhead = 14

// today is the first page of the desk: GET /desk. It asks the same few
// questions however much there is to show.
func (d *Desk) today(c *gin.Context) error {
	ctx, now, v := c.Request.Context(), d.Now(), d.viewer(c)
	w, err := d.readWhose(c, c.Query("coach"))
	if err != nil {
		return err
	}
	date := slot.DateOf(now.In(w.loc))
	start, end := date.Start(w.loc), date.AddDays(1).Start(w.loc)
	m := todayPage{Heading: civil.Day(now, w.loc, now), ZoneSay: civil.Zone(w.loc, now), Coach: w.Slug, Op: d.Guard.NewOp(now),
		Whose: w.links("/desk", url.Values{}), MayReply: v.Role != people.Assistant, BookPage: d.Origin.String() + "/book"}

	calls, err := d.Booking.Schedule(ctx, v, w.ids(), start, date.AddDays(lookAhead).Start(w.loc))
	if err != nil {
		return err
	}
	for _, b := range calls {
		switch {
		case b.Start.Before(end):
			m.Calls = append(m.Calls, w.line(b, v, now))
		case len(m.Calls) == 0 && len(m.Next) < 3 && b.Status != booking.Pending:
			m.Next = append(m.Next, w.line(b, v, now))
		}
	}
	if m.Requests, err = d.lines(d.Booking.Requests(ctx, v, w.ids()))(w, v, now); err != nil {
		return err
	}
	if m.Due, err = d.lines(d.Booking.Unmarked(ctx, v, w.ids()))(w, v, now); err != nil {
		return err
	}
	if m.Unsent, err = d.lines(d.Booking.Unarrived(ctx, v, w.ids()))(w, v, now); err != nil {
		return err
	}
	deserted, err := d.Booking.Deserted(ctx, v, w.ids())
	if err != nil {
		return err
	}
	for _, b := range deserted {
		l := w.line(b, v, now)
		l.Note = departedSay(b)
		m.Deserted = append(m.Deserted, l)
	}
	news, err := d.Booking.News(ctx, v, w.ids(), date.AddDays(-1).Start(w.loc))
	if err != nil {
		return err
	}
	for _, b := range news {
		m.News = append(m.News, newsLine{callLine: w.line(b, v, now), What: newsSay(b),
			When: civil.Day(b.ChangedAt, w.loc, now) + ", " + civil.Clock(b.ChangedAt, w.loc)})
	}
	if v.Role == people.Owner {
		if m.Jobs, err = d.deadLines(c, w.loc, now); err != nil {
			return err
		}
	}
	if m.Stale, err = d.staleLines(c, w, now); err != nil {
		return err
	}
	nudges, err := reception.Nudges(ctx, d.DB, v, now, 5)
	if err != nil {
		return err
	}
	for _, n := range nudges {
		m.Nudges = append(m.Nudges, nudgeLine(n, w.loc, now))
	}
	if m.Resting, err = d.resting(c); err != nil {
		return err
	}
	if m.Unused, err = d.undecided(c); err != nil {
		return err
	}
	frame, basics, err := d.frame(c, "Today", "")
	if err != nil {
		return err
	}
	m.RestSay = practice.Days(basics.RestDays)
	frame.Flash = daySay(c.Query("done"))
	return todayView.Render(c, http.StatusOK, frame, m)
}

// lines words a list of bookings.
func (d *Desk) lines(found []booking.Booking, err error) func(whose, booking.Viewer, time.Time) ([]callLine, error) {
	return func(w whose, v booking.Viewer, now time.Time) ([]callLine, error) {
		lines := make([]callLine, 0, len(found))
		for _, b := range found {
			l := w.line(b, v, now)
			l.Op = d.Guard.NewOp(now)
			lines = append(lines, l)
		}
		return lines, err
	}
}

// deadLines are the things that the program gave up, for the owner.
func (d *Desk) deadLines(c *gin.Context, loc *time.Location, now time.Time) ([]deadLine, error) {
	dead, err := job.Dead(c.Request.Context(), d.DB, 20)
	if err != nil {
		return nil, err
	}
	var lines []deadLine
	for _, j := range dead {
		tries := fmt.Sprintf("%d tries", j.Tries)
		if j.Tries == 1 {
			tries = "one try"
		}
		lines = append(lines, deadLine{ID: j.ID, Say: fmt.Sprintf("%s: given up after %s, %s, %s", jobSay(j.Kind), tries,
			civil.Day(j.DeadAt, loc, now), civil.Clock(j.DeadAt, loc))})
	}
	return lines, nil
}

// staleLines are the outside calendars, of those whose day is shown, that have
// not been read for so long that their coach should know.
func (d *Desk) staleLines(c *gin.Context, w whose, now time.Time) ([]staleLine, error) {
	troubled, err := availability.TroubledCalendars(c.Request.Context(), d.DB, now)
	if err != nil {
		return nil, err
	}
	var lines []staleLine
	for _, t := range troubled {
		i := slices.IndexFunc(w.Coaches, func(co people.Coach) bool { return co.ID == t.CoachID })
		if i < 0 {
			continue
		}
		say := fmt.Sprintf("The calendar at %s could not be read for %s.", t.Host, civil.Duration(t.Age(now).Truncate(time.Hour)))
		if t.Stops(now) {
			say += " Nothing is offered until it can."
		}
		lines = append(lines, staleLine{Href: "/desk/hours/" + w.Coaches[i].Slug + "/calendars", Say: say})
	}
	return lines, nil
}

// resting names the coach's own clients who have sessions left while nothing
// has happened for a while.
func (d *Desk) resting(c *gin.Context) ([]daylink, error) {
	ctx, now := c.Request.Context(), d.Now()
	found, err := credit.RestingOf(ctx, d.DB, d.Who(c), now)
	if err != nil {
		return nil, err
	}
	var lines []daylink
	for _, r := range found {
		l := r.Lots[0]
		link := daylink{Href: "/desk/people/" + string(l.Person) + "/sessions"}
		if l.Joint() {
			link.Href = "/desk/engagements/" + string(l.Engagement) + "/sessions"
		}
		link.Say = r.Names + ": " + booking.Sessions(r.Left) + " left"
		if r.Until != "" {
			link.Say += ", until " + credit.SayDate(r.Until)
		}
		lines = append(lines, link)
	}
	return lines, nil
}

// jobSay names a kind of job.
func jobSay(kind string) string {
	if kind == "letter" {
		return "Sending a letter"
	}
	return "“" + kind + "”"
}

// tryAgain gives something that was given up another life: POST /desk/again.
func (d *Desk) tryAgain(c *gin.Context) error {
	ctx, id, now := c.Request.Context(), c.PostForm("job"), d.Now()
	if len(id) != 36 {
		return fault.New(fault.NotFound, "There is nothing of that kind to try again.")
	}
	var found bool
	err := d.DB.InTx(ctx, func(tx *pg.Tx) (err error) {
		if found, err = job.Revive(ctx, tx, id, now); err != nil || !found {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{At: now, Actor: audit.Actor{Kind: audit.Coach, ID: string(d.Who(c).ID)}, Act: "job revived", About: id})
	})
	if err != nil {
		return err
	}
	if !found {
		c.Redirect(http.StatusSeeOther, "/desk")
		return nil
	}
	if d.Wake != nil {
		d.Wake()
	}
	c.Redirect(http.StatusSeeOther, "/desk?done=again")
	return nil
}

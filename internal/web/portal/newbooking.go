package portal

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/availability"
	"kintsugi/internal/booking"
	"kintsugi/internal/civil"
	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
	"kintsugi/internal/slot"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
	"kintsugi/internal/web/pick"
)

var (
	kindsView   = page.Define[kindsPage]("portal-kinds.html")
	newCallView = page.Define[newCallPage]("portal-book.html")
)

// kindsPage lists what a client can book by themselves.
type kindsPage struct {
	Private   bool
	ProofHref string
	Ours      []kindLine
	Mine      []kindLine
	Short     []kindLine // what asks for sessions that are not there
	Packages  string     // where sessions are to be had
}

// kindLine is a kind of call in one line.
type kindLine struct {
	Href, Name, Facts, About string
	Uses                     string // of their sessions
}

// newCallPage is where a client chooses a time and books.
type newCallPage struct {
	What, Facts string
	Who         string // who will know of it
	Tag         laneTag
	Problems    page.Problems
	Picker      pick.Picker
	Type        string
	Engagement  string
	Coach       string
	Coaches     []pick.Link
	AsksPhone   bool
	Phone       string
	Op, Act     string
	Happens     string
	Notice      string
	Uses        string // of their sessions
	Short       string // why it cannot be booked now, for want of a session
	Packages    string
	Weeks       []weekChoice
}

// kinds shows what can be booked, or, with one named, where its time is chosen:
// GET /portal/bookings/new?type=&engagement=.
func (p *Portal) kinds(c *gin.Context) error {
	if c.Query("type") != "" {
		r := booking.Session{Type: c.Query("type"), Coach: c.Query("coach"), Engagement: engagement.ID(c.Query("engagement"))}
		return p.drawNewCall(c, http.StatusOK, r, nil, nil)
	}
	who := p.client(c)
	m := kindsPage{Private: who.Strong, Packages: packagesAt, ProofHref: setUpAt("/portal/bookings/new")}
	if err := p.addKinds(c, &m, who); err != nil {
		return err
	}
	return draw(p, c, kindsView, http.StatusOK, "bookings", m)
}

// addKinds lists the kinds that the coaches of the client hold for those who
// work with them, and those that are open to everybody.
func (p *Portal) addKinds(c *gin.Context, m *kindsPage, who booking.Client) error {
	ctx := c.Request.Context()
	types, err := practice.Types(ctx, p.DB)
	if err != nil {
		return err
	}
	holders, err := practice.Holders(ctx, p.DB)
	if err != nil {
		return err
	}
	holds := func(t practice.TypeID, coach people.ID) bool {
		for _, h := range holders {
			if h.TypeID == t && h.CoachID == coach {
				return true
			}
		}
		return false
	}
	work, err := engagement.ListForClient(ctx, p.DB, who.ID)
	if err != nil {
		return err
	}
	lots, err := credit.OfClient(ctx, p.DB, who.ID, who.Strong)
	if err != nil {
		return err
	}
	for _, e := range work {
		own, _ := e.Client(who.ID)
		if own.Place != engagement.Accepted || e.State != engagement.Open {
			continue
		}
		for _, t := range types {
			joint := t.Lane == practice.Joint
			if t.Public || !holds(t.ID, e.CoachID) || joint && len(e.Accepted()) < 2 {
				continue
			}
			l := kindLine{Name: t.Name, Facts: factsOf(t) + ", with " + e.CoachName, About: t.Description,
				Href: "/portal/bookings/new?" + url.Values{"type": {t.Slug}, "engagement": {string(e.ID)}}.Encode()}
			if t.Credits > 0 && (joint || who.Strong) {
				left, until := usable(lots, t, e.ID, p.Now())
				if left < t.Credits {
					l.Href, l.About = "", shortSay(t.Credits, left)+" "+firstName(e.CoachName)+" can book one for you too."
					m.Short = append(m.Short, l)
					continue
				}
				l.Uses = usesSay(t.Credits, left) + lastDaySay(until) + "."
			}
			switch {
			case joint:
				m.Ours = append(m.Ours, l)
			case who.Strong:
				m.Mine = append(m.Mine, l)
			}
		}
	}
	for _, t := range types {
		if t.Public && who.Strong && t.Credits == 0 {
			m.Mine = append(m.Mine, kindLine{Name: t.Name, Facts: factsOf(t), About: t.Description,
				Href: "/portal/bookings/new?" + url.Values{"type": {t.Slug}}.Encode()})
		}
	}
	return nil
}

// factsOf says how long a kind of call takes and where it is held.
func factsOf(t practice.Type) string {
	where := "at " + t.Place
	switch t.Place {
	case practice.Video:
		where = "by video"
	case practice.Phone:
		where = "by phone"
	}
	return civil.Duration(t.Duration()) + " " + where
}

// drawNewCall draws the page where a time is chosen, also after a refusal: then
// with what was typed and, for a time that was taken, others in its place.
func (p *Portal) drawNewCall(c *gin.Context, status int, r booking.Session, problems page.Problems, taken *booking.Refused) error {
	ctx, now := c.Request.Context(), p.Now()
	offer, err := p.Booking.OfferTo(ctx, p.client(c), r)
	if err != nil {
		return err
	}
	l := p.look(c, r, offer)
	l.Insist = status != http.StatusOK
	picker, err := l.Pick(offer, now, func(from, to time.Time) ([]slot.Slot, error) {
		return p.Booking.OfferOf(ctx, offer, from, to)
	})
	if err != nil {
		return err
	}
	picker.Problem = problems.Of("start")
	if taken != nil {
		picker.OfferInstead(taken.Alternatives, l, now)
	}
	m := newCallPage{What: offer.Type.Name, Facts: factsOf(offer.Type), Problems: problems, Picker: picker, Type: offer.Type.Slug,
		Engagement: string(r.Engagement), Coach: r.Coach, AsksPhone: offer.Type.Place == practice.Phone, Phone: r.Phone,
		Op: p.Guard.NewOp(now), Act: "Book this call", Happens: "It stands among your calls at once."}
	if op := c.PostForm("op"); op != "" {
		m.Op = op // the same act, sent again
	}
	m.sayWho(offer, r)
	if offer.Type.Approval() > 0 {
		m.Act = "Ask for this time"
		m.Happens = "The time is kept for you until it is accepted, at most for " + civil.Duration(offer.Type.Approval()) + "."
	}
	if err := p.addSessions(c, &m, offer, r); err != nil {
		return err
	}
	basics, err := practice.LoadBasics(ctx, p.DB)
	if err != nil {
		return err
	}
	if basics.CancelMinutes > 0 && offer.Type.Credits == 0 {
		m.Notice = "You can move or cancel it until it begins. We ask for " + civil.Duration(time.Duration(basics.CancelMinutes)*time.Minute) + " of notice."
	}
	return draw(p, c, newCallView, status, "bookings", m)
}

// sayWho says with whom the call is and who will know of it.
func (m *newCallPage) sayWho(offer availability.TypeOffer, r booking.Session) {
	if len(offer.Coaches) == 1 {
		m.Facts += ", with " + offer.Coaches[0].Name
	}
	m.Who, m.Tag = "You and the coach will know of it, and nobody else.", laneTag{string(engagement.IndividualLane), "me and my coach"}
	if r.Engagement != "" && offer.Type.Lane == practice.Joint {
		m.Who, m.Tag = "Both of you will know of it: each sees it here, can move or cancel it, and gets a letter of their own where letters are safe.", laneTag{string(engagement.JointLane), "both of us and our coach"}
	}
	if r.Engagement == "" && len(offer.All) > 1 {
		at := func(coach string) string {
			return "/portal/bookings/new?" + url.Values{"type": {offer.Type.Slug}, "coach": {coach}}.Encode()
		}
		m.Coaches = append(m.Coaches, pick.Link{Href: "/portal/bookings/new?" + url.Values{"type": {offer.Type.Slug}}.Encode(), Say: "Whoever is free"})
		for _, face := range offer.All {
			m.Coaches = append(m.Coaches, pick.Link{Href: at(face.Slug), Say: face.Name})
		}
	}
}

// look reads what part of the calendar is shown.
func (p *Portal) look(c *gin.Context, r booking.Session, offer availability.TypeOffer) pick.Look {
	values := c.Request.URL.Query()
	if c.Request.Method == http.MethodPost {
		values = url.Values{"timezone": {c.PostForm("timezone")}, "date": {c.PostForm("date")}}
	}
	keep := url.Values{"type": {r.Type}}
	for name, value := range map[string]string{"coach": r.Coach, "engagement": string(r.Engagement)} {
		if value != "" {
			keep.Set(name, value)
		}
	}
	fallback := p.who(c).Zone
	if fallback == "" {
		fallback = offer.Practice.Timezone
	}
	l := pick.Read(values, "/portal/bookings/new", keep, fallback)
	l.Chosen = true // a client's zone is known; nothing has to be found out
	if c.Request.Method == http.MethodPost {
		l.At(c.PostForm("start"))
	}
	return l
}

// book books: POST /portal/bookings.
func (p *Portal) book(c *gin.Context) error {
	ctx, me := c.Request.Context(), p.who(c)
	r := booking.Session{Type: c.PostForm("type"), Coach: c.PostForm("coach"), Engagement: engagement.ID(c.PostForm("engagement")), Phone: c.PostForm("phone"),
		Key: once.Key{Scope: "portal book", Text: p.Guard.OpOf(c.PostForm("op"), string(me.Person))}}
	if err := p.mayBook(c); err != nil {
		if fault.KindOf(err) != fault.TooMany {
			return err
		}
		page.Retry(c, http.StatusTooManyRequests, err)
		return p.drawNewCall(c, http.StatusTooManyRequests, r, page.Problems{{Name: "start", Say: fault.SayOf(err)}}, nil)
	}
	start, err := time.Parse(time.RFC3339, c.PostForm("start"))
	if err == nil && pick.Sensible(slot.DateOf(start)) {
		r.Start = start
	}
	offer, err := p.Booking.OfferTo(ctx, p.client(c), r)
	if err != nil {
		return err
	}
	if weeks := weeksOf(c); weeks > 1 {
		return p.bookSeries(c, offer, r, weeks)
	}
	b, err := p.Booking.BookAs(ctx, p.client(c), r, p.look(c, r, offer).Zone)
	var taken *booking.Refused
	switch {
	case err == nil, fault.Is(err, once.Mismatch) && b.ID != "":
		if err := p.Guard.Allow(ctx, guard.BookingsMade(), asClient(me.Person)); err != nil && fault.KindOf(err) != fault.TooMany {
			p.Log.WarnContext(ctx, "count of bookings", "error", err) // the booking stands; only the count is missing
		}
		return doneAt(c, "/portal/bookings/"+string(b.ID), bookedHow(b))
	case errors.As(err, &taken):
		return p.drawNewCall(c, page.Status(taken.Fault.Kind), r, page.Problems{{Name: "start", Say: taken.Fault.Say}}, taken)
	}
	problems, status, is := refused(err)
	if !is {
		return err
	}
	return p.drawNewCall(c, status, r, problems, nil)
}

// mayBook asks the limits of a client: what one may send, and end up with.
func (p *Portal) mayBook(c *gin.Context) error {
	who := asClient(p.who(c).Person)
	if err := p.Guard.Allow(c.Request.Context(), guard.BookingSubmits(), who); err != nil {
		return err
	}
	return p.Guard.Peek(c.Request.Context(), guard.BookingsMade(), who)
}

// asClient keeps the counts of clients apart from those of sources.
func asClient(person people.ID) string { return "client " + string(person) }

// bookedHow chooses between what is said of a call that is promised and of one
// that waits for the coach.
func bookedHow(b booking.Booking) string {
	if b.Status == booking.Pending {
		return "asked"
	}
	return "booked"
}

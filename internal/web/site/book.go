package site

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/availability"
	"kintsugi/internal/booking"
	"kintsugi/internal/civil"
	"kintsugi/internal/practice"
	"kintsugi/internal/slot"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
	"kintsugi/internal/web/pick"
)

var (
	bookIndexView = page.Define[bookIndexPage]("book-index.html")
	bookView      = page.Define[bookPage]("book.html")
)

type bookIndexPage struct {
	Types   []typeCard
	Contact string // mail address, shown when there is nothing to book
}

type typeCard struct{ Href, Name, Facts, About string }

type bookPage struct {
	What          string
	Facts         []string
	Action        string
	Problems      page.Problems
	Coaches       []choice // empty when there is one coach
	Coach         string   // slug kept in the form; empty: whoever is free
	CoachName     string   // "Mara", or "your coach" while nobody is chosen
	CoachInitials string
	Picker        pick.Picker
	Form          bookForm
	Kept          bool // the form was sent before and must not be lost
	AsksPhone     bool
	Op            string
	Consent       string
	Act           string
	Happens       []string
}

type choice struct {
	Href, Say string
	Chosen    bool
}

// bookForm is what was typed, kept through every refusal.
type bookForm struct {
	Name, Email, PartnerName, PartnerEmail, Message, Phone string
	SafeToEmail                                            string // "yes", "no" or nothing ticked
}

// shown is the form as a page can show it: bytes that are no text are marked
// as such.
func (f bookForm) shown() bookForm {
	for _, field := range []*string{&f.Name, &f.Email, &f.PartnerName, &f.PartnerEmail, &f.Message, &f.Phone} {
		*field = strings.ToValidUTF8(*field, "\uFFFD")
	}
	return f
}

// bookIndex lists what can be booked. With a single kind of call it leads there.
func (s *Site) bookIndex(c *gin.Context) error {
	frame, basics, err := s.frame(c)
	if err != nil {
		return err
	}
	types, err := practice.PublicTypes(c.Request.Context(), s.DB)
	if err != nil {
		return err
	}
	if len(types) == 1 {
		c.Redirect(http.StatusSeeOther, "/book/"+types[0].Slug)
		return nil
	}
	model := bookIndexPage{Contact: basics.Email}
	for _, t := range types {
		model.Types = append(model.Types, typeCard{Href: "/book/" + t.Slug, Name: t.Name, Facts: typeFacts(t), About: t.Description})
	}
	frame.Title, frame.Here, frame.Path = "Book a call", "book", "/book"
	frame.Description = "Choose a time for a free call. You need no account."
	return bookIndexView.Render(c, http.StatusOK, frame, model)
}

// book shows the month and the chosen day's times: GET /book/TYPE.
func (s *Site) book(c *gin.Context) error {
	offer, err := s.Booking.TypeOffer(c.Request.Context(), c.Param("type"), c.Query("coach"))
	if err != nil {
		return err
	}
	l := s.bookLooking(offer, c.Query("coach"), c.Request.URL.Query())
	return s.drawBook(c, http.StatusOK, offer, l, bookForm{}, nil, nil)
}

// bookLooking reads what part of the calendar the page shows.
func (s *Site) bookLooking(offer availability.TypeOffer, coach string, values url.Values) pick.Look {
	keep := url.Values{}
	if coach != "" {
		keep.Set("coach", coach)
	}
	fallback := offer.Practice.Timezone
	if len(offer.Coaches) > 0 {
		fallback = offer.Coaches[0].Timezone
	}
	return pick.Read(values, "/book/"+offer.Type.Slug, keep, fallback)
}

// drawBook draws the booking page, also after a refusal: then with what was
// typed, what has to be mended, and other times in the place of one that was
// taken.
func (s *Site) drawBook(c *gin.Context, status int, offer availability.TypeOffer, l pick.Look, form bookForm, problems page.Problems, refused *booking.Refused) error {
	ctx, now := c.Request.Context(), s.Now()
	l.Insist = status != http.StatusOK
	p, err := l.Pick(offer, now, func(from, to time.Time) ([]slot.Slot, error) {
		return s.Booking.OfferOf(ctx, offer, from, to)
	})
	if err != nil {
		return err
	}
	p.Problem = problems.Of("start")
	if refused != nil {
		p.OfferInstead(refused.Alternatives, l, now)
	}
	model := bookPage{
		What: offer.Type.Name, Action: l.Path, Problems: problems, Picker: p, Form: form.shown(), Kept: l.Insist,
		AsksPhone: offer.Type.Place == practice.Phone, Op: s.Guard.NewOp(now),
		Consent: "By booking you accept how we work together.", Act: "Book this call",
		Coach: l.Keep.Get("coach"), CoachName: "your coach",
	}
	if op := c.PostForm("op"); guard.UsableOp(op) {
		model.Op = op // the same act, sent again
	}
	s.sayCoaches(&model, offer, l)
	sayType(&model, offer)
	frame := s.frameOf(c, offer.Practice)
	frame.Title, frame.Here = offer.Type.Name, "book"
	frame.Description = offer.Type.Name + ": choose a time. You need no account."
	frame.Path = l.Path
	frame.NoIndex = status != http.StatusOK
	// What was typed stays with the one who typed it; nothing else keeps the page.
	c.Header("Cache-Control", "private, no-cache")
	if status != http.StatusOK {
		c.Header("Cache-Control", "no-store")
	}
	return bookView.Render(c, status, frame, model)
}

// sayCoaches names whom the call is with, and offers to choose where there are several.
func (s *Site) sayCoaches(m *bookPage, offer availability.TypeOffer, l pick.Look) {
	named := len(offer.Coaches) == 1
	if named {
		m.CoachName, m.CoachInitials = firstName(offer.Coaches[0].Name), page.Initials(offer.Coaches[0].Name)
	}
	if len(offer.All) < 2 {
		return
	}
	without := l
	without.Keep = url.Values{}
	m.Coaches = append(m.Coaches, choice{Href: without.Href("#day-heading"), Say: "Whoever is free", Chosen: m.Coach == ""})
	for _, face := range offer.All {
		m.Coaches = append(m.Coaches, choice{Href: without.Href("#day-heading", "coach", face.Slug), Say: face.Name, Chosen: m.Coach == face.Slug})
	}
}

// sayType puts the facts of the type into words.
func sayType(m *bookPage, offer availability.TypeOffer) {
	t := offer.Type
	m.Facts = []string{civil.Duration(t.Duration()), placeWords(t.Place)}
	if len(offer.Coaches) == 1 {
		m.Facts = append(m.Facts, "with "+offer.Coaches[0].Name)
	}
	if t.Credits == 0 {
		m.Facts = append(m.Facts, "free")
	}
	if t.Approval() > 0 {
		m.Act = "Ask for this time"
		m.Happens = append(m.Happens, "The time is kept for you until it is accepted, at most for "+civil.Duration(t.Approval())+".",
			"You get an email as soon as there is an answer, with an entry for your calendar.")
	} else {
		m.Happens = append(m.Happens, "You get an email with the time and an entry for your calendar.")
	}
	switch t.Place {
	case practice.Video:
		m.Happens = append(m.Happens, "At that time you open the link in it. Nothing has to be installed.")
	case practice.Phone:
		m.Happens = append(m.Happens, "At that time your telephone rings.")
	default:
		m.Happens = append(m.Happens, "You meet at "+t.Place+".")
	}
	m.Happens = append(m.Happens, "You can move or cancel it yourself until it begins, without giving a reason.")
}

// Package portal is where clients see what is theirs: their calls, what their
// coach shared with them, the forms they are asked to fill in, who can read
// what, and how they are reached.
//
// Two doors lead in. Behind the first, a code typed from a letter, stands what
// is no secret between partners. Behind the second, a proof of their own, stands
// what the partner must not see; whoever holds the inbox alone finds the same
// door there whether or not anything lies behind it.
package portal

import (
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/config"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/intake"
	"kintsugi/internal/login"
	"kintsugi/internal/note"
	"kintsugi/internal/payment"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/reception"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
)

// Portal serves the clients' pages.
type Portal struct {
	DB         *pg.DB
	Booking    *booking.Service
	Engagement *engagement.Service
	Note       *note.Service
	Intake     *intake.Service
	Login      *login.Service
	Payment    *payment.Service
	Sessions   *guard.Sessions
	Guard      *guard.Guard
	Door       *page.Door
	Origin     config.Origin
	Log        *slog.Logger
	Now        func() time.Time
	Wake       func() // after a commit that left something to do
}

func (p *Portal) reception() *reception.Reception {
	return &reception.Reception{DB: p.DB, Keys: p.Booking.Keys, Booking: p.Booking, Engagement: p.Engagement, Now: p.Now, Wake: p.Wake}
}

// who is the client that asks, behind the door.
func (p *Portal) who(c *gin.Context) guard.Visitor { return p.Sessions.Client(c) }

// zone is the clock by which the client is told times.
func (p *Portal) zone(c *gin.Context) *time.Location {
	if name := p.who(c).Zone; name != "" {
		return practice.Zone(name)
	}
	basics, err := practice.LoadBasics(c.Request.Context(), p.DB)
	if err != nil {
		return time.UTC
	}
	return practice.Zone(basics.Timezone)
}

// frame is the layout of a page of the portal: neutral, whoever looks over a
// shoulder, and kept by no cache.
func (p *Portal) frame(c *gin.Context, part string) (page.Frame, practice.Basics, error) {
	basics, err := practice.LoadBasics(c.Request.Context(), p.DB)
	if err != nil {
		return page.Frame{}, basics, err
	}
	return page.Frame{
		Practice: basics.Name, DiscreetName: basics.DiscreetName, PublicURL: p.Origin.String(), Nonce: guard.Nonce(c), Look: page.LookOf(basics),
		Discreet: true, NoIndex: true, Menu: menu(part), User: p.who(c).Name, Flash: doneSay(c.Query("done")),
	}, basics, nil
}

// menu is the same for every client, whatever they have.
func menu(part string) []page.MenuItem {
	var items []page.MenuItem
	for _, one := range [][2]string{{"", "Home"}, {"bookings", "Calls"}, {"notes", "Notes"}, {"forms", "Forms"}, {"orders", "Packages"}, {"readers", "Who can read what"}, {"more", "More"}} {
		href := "/portal"
		if one[0] != "" {
			href += "/" + one[0]
		}
		items = append(items, page.MenuItem{Href: href, Say: one[1], Here: one[0] == part})
	}
	return items
}

// draw answers with one of the pages.
func draw[T any](p *Portal, c *gin.Context, view page.View[T], status int, part string, model T) error {
	frame, _, err := p.frame(c, part)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		frame.Flash = ""
	}
	return view.Render(c, status, frame, model)
}

// doneAt leads to a page after an act, and has it say what was done.
func doneAt(c *gin.Context, path, done string) error {
	if done != "" {
		path += "?" + url.Values{"done": {done}}.Encode()
	}
	c.Redirect(http.StatusSeeOther, path)
	return nil
}

// doneSay is what a page says after an act that led to it. Only these sentences
// can be asked for.
func doneSay(done string) string {
	switch done {
	case "accepted":
		return "You are in. What comes next is below."
	case "declined":
		return "You said no. Nothing else happens."
	case "signed":
		return "Signed. A copy stays here."
	case "left":
		return "You have left. Nothing more is shared from now on."
	case "booked":
		return "Booked. It stands here, and among your calls."
	case "series":
		return "Booked. Each of them stands among your calls."
	case "asked":
		return "Asked for. The answer stands here as soon as there is one."
	case "moved":
		return "Moved."
	case "cancelled":
		return "Cancelled."
	case "feed":
		return "Here is the address of your calendar."
	case "unfeed":
		return "Revoked. The old address opens nothing any more."
	case "erased":
		return "Erased. Nobody can read it any more."
	case "order-dropped":
		return "Dropped. Nothing was charged."
	case "not-dropped":
		return "This has been paid, or is being paid right now, so it was not dropped."
	case "stripe-away":
		return "The page to pay on does not open right now. Nothing was charged, and your order is kept: please try again in a minute."
	case "not-payable":
		return "Nothing can be paid for this right now. Where it stands is below."
	case "saved":
		return "Saved."
	case "form-saved":
		return "Saved for you alone. You can go on later, here or on another device."
	case "form-sent":
		return "Sent. What you wrote is below; you can change it later."
	case "form-changed":
		return "The change was sent. What you had sent before is kept too."
	case "discarded":
		return "What you had not sent is gone. What you sent before stands."
	case "consent-ended":
		return "Taken back from this moment on. That you had agreed stays on record."
	case "passed-on":
		return "Passed on. The coach who works with you now can read it."
	case "contact":
		return "Saved. It holds from this moment on."
	}
	return ""
}

// refused reports whether an error is one that a form comes back with, to be
// mended, and gives what to say and the status.
func refused(err error) (problems page.Problems, status int, is bool) {
	kind := fault.KindOf(err)
	if err == nil || kind != fault.Invalid && kind != fault.Conflict && kind != fault.Gone {
		return nil, 0, false
	}
	if problems = page.ProblemsOf(err); len(problems) == 0 {
		problems = page.Problems{{Name: "main", Say: fault.SayOf(err)}}
	}
	return problems, page.Status(kind), true
}

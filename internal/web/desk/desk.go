// Package desk is where coaches run the practice: the day, the schedule, hours,
// people, the journal, settings, the team. Who may see what is decided before a
// handler runs and again in every query; what somebody may not see answers like
// what does not exist.
package desk

import (
	"context"
	"log/slog"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/config"
	"kintsugi/internal/engagement"
	"kintsugi/internal/intake"
	"kintsugi/internal/login"
	"kintsugi/internal/note"
	"kintsugi/internal/payment"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
)

// Desk serves the coaches' pages.
type Desk struct {
	DB         *pg.DB
	Booking    *booking.Service
	Engagement *engagement.Service
	Login      *login.Service
	Note       *note.Service
	Intake     *intake.Service
	Payment    *payment.Service
	Guard      *guard.Guard
	Door       *page.Door
	Origin     config.Origin
	Log        *slog.Logger
	Now        func() time.Time
	Wake       func() // after a commit that left something to do

	Require func(roles ...people.Role) gin.HandlerFunc // lets only these roles through; others find nothing
	Fresh   gin.HandlerFunc                            // asks for the second proof again before delicate changes
	Who     func(*gin.Context) people.Coach            // who is signed in, behind Require
	Known   func(*gin.Context) bool                    // whether somebody is signed in at all, in front of Require

	Invite func(ctx context.Context, tx *pg.Tx, person people.ID, now time.Time) error // writes to somebody who was given a place; nil where that is not possible
}

// all are the roles that work at the desk at all.
func all() []people.Role { return []people.Role{people.Owner, people.Member, people.Assistant} }

// frame is the layout of a page of the desk.
func (d *Desk) frame(c *gin.Context, title, part string) (page.Frame, practice.Basics, error) {
	basics, err := practice.LoadBasics(c.Request.Context(), d.DB)
	if err != nil {
		return page.Frame{}, basics, err
	}
	who := d.Who(c)
	return page.Frame{
		Practice: basics.Name, DiscreetName: basics.DiscreetName, PublicURL: d.Origin.String(), Nonce: guard.Nonce(c), Look: page.LookOf(basics),
		Title: title, NoIndex: true, Menu: menu(who.Role, part), User: who.Name,
	}, basics, nil
}

// menu is what somebody in a role finds at the desk.
func menu(role people.Role, part string) []page.MenuItem {
	var items []page.MenuItem
	add := func(href, say string, roles ...people.Role) {
		for _, r := range roles {
			if r == role {
				items = append(items, page.MenuItem{Href: href, Say: say, Here: href == "/desk/"+part || href == "/desk" && part == ""})
			}
		}
	}
	add("/desk", "Today", all()...)
	add("/desk/schedule", "Schedule", all()...)
	add("/desk/hours", "Hours", all()...)
	add("/desk/people", "People", all()...)
	add("/desk/engagements", "Clients", all()...)
	add("/desk/money", "Money", all()...)
	add("/desk/forms", "Forms", people.Owner, people.Member)
	add("/desk/journal", "Journal", people.Owner, people.Member)
	add("/desk/audit", "Record", people.Owner, people.Member)
	add("/desk/settings", "Settings", people.Owner)
	return items
}

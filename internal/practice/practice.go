// Package practice owns what the practice says of itself and offers: its names
// and policies, appointment types, packages and forms. It refuses to know whose
// hours they fall into and who booked them.
package practice

import (
	"context"
	"fmt"
	"strings"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
)

// Basics are the few things about the practice that most pages and every
// letter need.
type Basics struct {
	Name          string    `db:"name"`
	DiscreetName  string    `db:"discreet_name"` // how mails, calendar entries and card statements name it
	Timezone      string    `db:"timezone"`
	Currency      string    `db:"currency"`
	Email         string    `db:"email"`
	CancelMinutes int       `db:"cancel_notice_minutes"` // cancelled later than this, a credit is forfeited
	Reminders     Reminders `db:"reminders"`             // how long before a call; nil follows the program's default
	Colour        string    `db:"colour"`                // of acts and links, #rrggbb; empty means the program's own
	ColourDark    string    `db:"colour_dark"`           // the same on dark pages; empty follows from Colour
	Logo          LogoMark  `db:"logo"`
	AskReason     bool      `db:"ask_reason"`         // a person who cancels is asked why; they need not say
	RestDays      int       `db:"sessions_rest_days"` // sessions that are left are named after so long without anything; zero is never
}

// Zone is the practice's time zone.
func (b Basics) Zone() *time.Location { return Zone(b.Timezone) }

// CancelNotice is CancelMinutes as a span of time.
func (b Basics) CancelNotice() time.Duration { return time.Duration(b.CancelMinutes) * time.Minute }

// RemindBefore is how long before a call letters remind of it.
func (b Basics) RemindBefore() []time.Duration {
	if b.Reminders == nil {
		return DefaultReminders().Spans()
	}
	return b.Reminders.Spans()
}

// Practice is everything that the practice says of itself. What the practice
// file does not give is empty in Own and filled in by Load.
type Practice struct {
	Basics
	KeptDays  int       `db:"enquiries_kept_days"` // old enquiries are deleted after this
	Help      HelpLines `db:"help"`                // whom to turn to in danger; nil until filled in
	Intro     string    `db:"intro"`               // Markdown for the home page
	Privacy   string    `db:"privacy"`             // Markdown
	Terms     string    `db:"terms"`               // Markdown
	ChangedAt time.Time `db:"changed_at"`
}

// notSetUp is the answer of every room as long as no practice file was applied.
func notSetUp() error {
	return fault.Named(fault.Unavailable, "not-set-up",
		"This practice is not set up yet. Whoever runs it can do so with: kintsugi apply FILE.yaml")
}

// Own gives the practice as the practice file gave it, with nothing filled in.
func Own(ctx context.Context, q pg.Conn) (Practice, error) {
	var p Practice
	err := q.Get(ctx, &p, `
		select name, discreet_name, timezone, currency, email, cancel_notice_minutes,
			enquiries_kept_days, reminders, help,
			coalesce(intro, '') as intro, coalesce(privacy, '') as privacy, coalesce(terms, '') as terms,
			coalesce(colour, '') as colour, coalesce(colour_dark, '') as colour_dark, logo, ask_reason, sessions_rest_days, changed_at
		from practice`)
	if pg.NoRows(err) {
		return Practice{}, notSetUp()
	}
	if err != nil {
		return Practice{}, fmt.Errorf("load practice: %w", err)
	}
	p.ChangedAt = p.ChangedAt.UTC()
	return p, nil
}

// Load gives the practice as people see it, with the program's own words where
// the practice file gave none.
func Load(ctx context.Context, q pg.Conn) (Practice, error) {
	p, err := Own(ctx, q)
	if err != nil {
		return Practice{}, err
	}
	return p.Filled(), nil
}

// LoadBasics is Load for those who need no texts.
func LoadBasics(ctx context.Context, q pg.Conn) (Basics, error) {
	var b Basics
	err := q.Get(ctx, &b, `
		select name, discreet_name, timezone, currency, email, cancel_notice_minutes, reminders,
			coalesce(colour, '') as colour, coalesce(colour_dark, '') as colour_dark, logo, ask_reason, sessions_rest_days
		from practice`)
	if pg.NoRows(err) {
		return Basics{}, notSetUp()
	}
	if err != nil {
		return Basics{}, fmt.Errorf("load practice: %w", err)
	}
	return b, nil
}

// Save makes p what the practice says of itself. Texts that are empty and lists
// that are nil follow the program's default from then on. The logo stays as it
// is; SaveLogo and MarkLogo are for it.
func Save(ctx context.Context, tx *pg.Tx, p Practice, now time.Time) error {
	_, err := tx.Exec(ctx, `
		insert into practice (name, discreet_name, timezone, currency, email, cancel_notice_minutes,
			enquiries_kept_days, reminders, help, intro, privacy, terms, changed_at, colour, colour_dark, ask_reason, sessions_rest_days)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, nullif($10, ''), nullif($11, ''), nullif($12, ''), $13,
			nullif($14, ''), nullif($15, ''), $16, $17)
		on conflict (singular) do update
		set name = excluded.name, discreet_name = excluded.discreet_name, timezone = excluded.timezone,
			currency = excluded.currency, email = excluded.email,
			cancel_notice_minutes = excluded.cancel_notice_minutes,
			enquiries_kept_days = excluded.enquiries_kept_days, reminders = excluded.reminders,
			help = excluded.help, intro = excluded.intro, privacy = excluded.privacy,
			terms = excluded.terms, changed_at = excluded.changed_at,
			colour = excluded.colour, colour_dark = excluded.colour_dark, ask_reason = excluded.ask_reason,
			sessions_rest_days = excluded.sessions_rest_days`,
		p.Name, p.DiscreetName, p.Timezone, p.Currency, p.Email, p.CancelMinutes,
		p.KeptDays, p.Reminders, p.Help, p.Intro, p.Privacy, p.Terms, now.UTC(), p.Colour, p.ColourDark, p.AskReason, p.RestDays)
	if err != nil {
		return fmt.Errorf("save practice: %w", err)
	}
	return nil
}

// KnownZone gives the time zone of a name that means the same on every machine:
// a name of the zone database, without the doubles some systems keep beside it
// that follow the machine's own clock or count leap seconds.
func KnownZone(name string) (zone *time.Location, known bool) {
	switch {
	case name == "" || name == "Local" || name == "localtime" || name == "posixrules" || name == "Factory",
		len(name) > 64 || strings.HasPrefix(name, "posix/") || strings.HasPrefix(name, "right/"):
		return nil, false
	}
	zone, err := time.LoadLocation(name)
	return zone, err == nil
}

// Zone reads the name of a time zone that was checked when it was stored. One
// that has since left the zone database is read as UTC, so that a page still
// opens; doctor finds it.
func Zone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

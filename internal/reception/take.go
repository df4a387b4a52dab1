package reception

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/fault"
	"kintsugi/internal/office"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

// Newcomer is a row of a table that can be taken in.
type Newcomer struct {
	Line     int
	Name     string
	Email    string
	Timezone string
	MayEmail bool
	Coach    people.ID // who is to look after them; may be empty
	Source   string
	Known    bool // the address is here already and stays as it is
}

// Mistake is what is wrong in a row.
type Mistake struct {
	Line   int
	Column string // empty: the whole row
	Say    string
}

// Reading is what a table would bring.
type Reading struct {
	Newcomers []Newcomer
	Mistakes  []Mistake
	Unread    []string // columns that nothing is done with
}

// New counts who would be added.
func (r Reading) New() int {
	n := 0
	for _, one := range r.Newcomers {
		if !one.Known {
			n++
		}
	}
	return n
}

// mostTaken bounds the rows of a table.
const mostTaken = 500

// ReadTable says what a table would bring and what is wrong with it, and
// changes nothing. The owner and the office may: whoever sees only their own
// people would learn from it whom others know.
func ReadTable(ctx context.Context, q pg.Conn, v booking.Viewer, text string) (Reading, error) {
	if !everyone(v) {
		return Reading{}, ErrNobody
	}
	lines, err := readTable(text)
	if err != nil {
		return Reading{}, err
	}
	if len(lines) == 0 {
		return Reading{}, fault.InvalidField("table", "Paste a table here: a first line with the names of the columns, then a line for each person.")
	}
	if len(lines) > mostTaken+1 {
		return Reading{}, fault.InvalidField("table", fmt.Sprintf("At most %d people can be taken in at once; split the table.", mostTaken))
	}
	out, column, err := readHead(lines[0])
	if err != nil {
		return Reading{}, err
	}
	coaches, err := people.Coaches(ctx, q)
	if err != nil {
		return Reading{}, err
	}
	seen := map[string]int{}
	for _, l := range lines[1:] {
		cell := func(name string) string {
			if i, ok := column[name]; ok && i < len(l.cells) {
				return strings.TrimSpace(l.cells[i])
			}
			return ""
		}
		if strings.TrimSpace(strings.Join(l.cells, "")) == "" {
			continue
		}
		one, mistakes := readRow(l, cell, coaches)
		if before, twice := seen[one.Email]; twice && one.Email != "" {
			mistakes = append(mistakes, Mistake{l.at, "email", fmt.Sprintf("the same address as on line %d", before)})
		}
		seen[one.Email] = l.at
		if out.Mistakes = append(out.Mistakes, mistakes...); len(mistakes) == 0 {
			out.Newcomers = append(out.Newcomers, one)
		}
	}
	return out, markKnown(ctx, q, &out)
}

func readHead(head line) (Reading, map[string]int, error) {
	var out Reading
	column := map[string]int{}
	for i, name := range head.cells {
		name = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(name), " ", "_"))
		if _, twice := column[name]; twice {
			return Reading{}, nil, fault.InvalidField("table", fmt.Sprintf("The column %q is there twice.", name))
		}
		column[name] = i
		if !slices.Contains([]string{"name", "email", "timezone", "may_email", "coach", "source", ""}, name) {
			out.Unread = append(out.Unread, name)
		}
	}
	for _, needed := range tableColumns[:2] {
		if _, ok := column[needed]; !ok {
			return Reading{}, nil, fault.InvalidField("table", fmt.Sprintf("The first line must name the columns, and %q is not among them.", needed))
		}
	}
	return out, column, nil
}

// readRow reads one person with every mistake of the row.
func readRow(l line, cell func(string) string, coaches []people.Coach) (Newcomer, []Mistake) {
	one := Newcomer{Line: l.at, MayEmail: true}
	var wrong []Mistake
	say := func(column, words string) { wrong = append(wrong, Mistake{l.at, column, words}) }
	var err error
	if one.Name, err = people.CleanName(cell("name")); err != nil {
		say("name", fieldSay(err))
	}
	if one.Email, err = people.ParseEmail(cell("email")); err != nil {
		say("email", fieldSay(err))
	}
	if one.Timezone = cell("timezone"); one.Timezone != "" && !knownZone(one.Timezone) {
		say("timezone", "not a time zone like Europe/London")
	}
	switch strings.ToLower(cell("may_email")) {
	case "", "yes", "true", "1":
	case "no", "false", "0":
		one.MayEmail = false
	default:
		say("may_email", "neither yes nor no")
	}
	if slug := cell("coach"); slug != "" {
		i := slices.IndexFunc(coaches, func(c people.Coach) bool { return c.Slug == slug && c.Bookable() })
		if i < 0 {
			say("coach", "no coach here is called so")
		} else {
			one.Coach = coaches[i].ID
		}
	}
	if one.Source = cell("source"); one.Source != "" && office.SayChoice(office.Sources(), one.Source) == "" {
		say("source", "not one of the ways the desk knows")
	}
	return one, wrong
}

func fieldSay(err error) string {
	if f := fault.As(err); f != nil && len(f.Fields) > 0 {
		return f.Fields[0].Say
	}
	return fault.SayOf(err)
}

func markKnown(ctx context.Context, q pg.Conn, r *Reading) error {
	addresses := make([]string, len(r.Newcomers))
	for i, one := range r.Newcomers {
		addresses[i] = one.Email
	}
	var known []string
	if err := q.Select(ctx, &known, `select email from person where email = any ($1) order by email`, pg.Array(addresses)); err != nil {
		return fmt.Errorf("look for known addresses: %w", err)
	}
	for i := range r.Newcomers {
		_, r.Newcomers[i].Known = slices.BinarySearch(known, r.Newcomers[i].Email)
	}
	return nil
}

// ErrTableWrong is the refusal to take in a table with mistakes.
var ErrTableWrong = errors.New("the table has mistakes")

// TakeTable adds the people of a table whom nobody here knows yet. With a
// mistake in any row it changes nothing.
func (r *Reception) TakeTable(ctx context.Context, v booking.Viewer, text string) (Reading, error) {
	var out Reading
	now := r.Now()
	err := r.DB.InTx(ctx, func(tx *pg.Tx) error {
		var err error
		if out, err = ReadTable(ctx, tx, v, text); err != nil {
			return err
		}
		if len(out.Mistakes) > 0 {
			return ErrTableWrong
		}
		for i := range out.Newcomers {
			if err := r.takeIn(ctx, tx, v, &out.Newcomers[i], now); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, audit.Entry{At: now, Actor: actor(v), Act: "people imported",
			Detail: map[string]int{"added": out.New(), "known": len(out.Newcomers) - out.New()}})
	})
	if err != nil && !errors.Is(err, ErrTableWrong) {
		err = fmt.Errorf("take table: %w", err)
	}
	return out, err
}

func (r *Reception) takeIn(ctx context.Context, tx *pg.Tx, v booking.Viewer, one *Newcomer, now time.Time) error {
	if one.Known {
		return nil
	}
	id, created, err := people.FindOrCreate(ctx, tx, one.Email, one.Name, one.Timezone, one.MayEmail, now)
	if err != nil {
		return err
	}
	if one.Known = !created; one.Known {
		return nil
	}
	if !one.MayEmail {
		c := people.Contact{MayEmail: people.No, MayCall: people.Unknown, MayLeave: people.Unknown}
		if err := people.SetContact(ctx, tx, id, 0, c, v.ID, now); err != nil {
			return err
		}
	}
	if one.Coach != "" {
		if err := people.HandTo(ctx, tx, id, one.Coach, v.ID, now); err != nil {
			return err
		}
	}
	if one.Source == "" {
		return nil
	}
	return office.Place(ctx, tx, r.Keys, []people.ID{id}, office.Standing{Source: one.Source}, actor(v), now)
}

func knownZone(name string) bool {
	_, known := practice.KnownZone(name)
	return known
}

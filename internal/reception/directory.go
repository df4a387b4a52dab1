package reception

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/fault"
	"kintsugi/internal/office"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Entry is a person in the list.
type Entry struct {
	ID       people.ID
	Name     string
	Email    string
	Stage    office.Stage
	Source   string
	NextOn   string // yyyy-mm-dd
	ComingAt time.Time
	HeldAt   time.Time
	MadeAt   time.Time
	SeenAt   time.Time
	MayEmail bool
	Spam     bool
}

// Look says which people are looked for.
type Look struct {
	Typed  string       // part of a name or address; may be empty
	Stage  office.Stage // empty: all
	Spam   bool         // those marked as spam, and no others
	Before string       // the mark of the page before; empty for the first
}

// perPage is how many people a page shows.
const perPage = 30

// mostHits bounds how many records a search looks at; whoever finds more types
// another letter.
const mostHits = 1000

// Listing is one page of the list. Next is the mark of the page after.
type Listing struct {
	People []Entry
	Next   string
}

// entryRow is a line of the list as the database gives it.
type entryRow struct {
	ID       people.ID    `db:"id"`
	Name     string       `db:"name"`
	Email    string       `db:"email"`
	Stage    office.Stage `db:"stage"`
	Source   string       `db:"source"`
	NextOn   string       `db:"next_on"`
	ComingAt *time.Time   `db:"coming_at"`
	HeldAt   *time.Time   `db:"held_at"`
	MadeAt   time.Time    `db:"made_at"`
	SeenAt   time.Time    `db:"seen_at"`
	MayEmail bool         `db:"may_email"`
	Spam     bool         `db:"spam"`
}

func (r entryRow) entry() Entry {
	return Entry{r.ID, r.Name, r.Email, r.Stage, r.Source, r.NextOn, utc(r.ComingAt), utc(r.HeldAt), r.MadeAt.UTC(), r.SeenAt.UTC(), r.MayEmail, r.Spam}
}

// entryColumns are read of p with callsOf.
const entryColumns = `p.id, p.name, coalesce(p.email, '') as email, ` + stageOf + ` as stage,
		coalesce(st.source, '') as source, coalesce(to_char(st.next_on, 'YYYY-MM-DD'), '') as next_on,
		calls.coming_at, calls.held_at, p.made_at, p.seen_at,
		not p.mail_held and (p.safe_to_email or exists (select from contact_safety cs where cs.person_id = p.id)) as may_email, p.spam_at is not null as spam`

// isFace is the condition that a record stands for its person in a list: it was
// joined to none, or to one that the viewer does not look after.
func isFace() string {
	return `(p.merged_into is null or not exists (select from person r where r.id = p.merged_into and ` + sees("r") + `))`
}

// People lists whom the viewer looks after, who was here last first.
func People(ctx context.Context, q pg.Conn, v booking.Viewer, l Look, now time.Time) (Listing, error) {
	terms := people.FindTerms(l.Typed)
	if terms == "" && l.Typed != "" {
		return Listing{}, nil
	}
	at, id, err := readMark(l.Before)
	if err != nil {
		return Listing{}, err
	}
	// What narrows most is looked at first: the words of a search, else what a
	// stage follows from. Without either, who was here last.
	with, among := ``, ``
	if hits := l.hits(terms); hits != "" {
		with = `with hit as materialized (` + hits + `)`
		among = ` and p.id in (select hit.id from hit union select hit.merged_into from hit)`
	}
	// Where somebody stands is read for one page only, unless it is what the
	// page is chosen by.
	page := ` limit $9`
	if l.Stage != "" {
		page = ``
	}
	var rows []entryRow
	err = q.Select(ctx, &rows, with+`
		select `+entryColumns+`
		from (
			select p.id, p.name, p.email, p.made_at, p.seen_at, p.safe_to_email, p.mail_held, p.spam_at
			from person p
			where `+sees("p")+` and `+isFace()+among+`
			  and not exists (select from coach c where c.person_id = p.id)
			  and (p.spam_at is not null) = $5
			  and (p.seen_at, p.id) < ($7, cast($8 as uuid))
			order by p.seen_at desc, p.id desc`+page+`
		) p`+callsOf+`
		where ($4 = '' or $4 <> '') and ($6 = '' or `+stageOf+` = $6)
		order by p.seen_at desc, p.id desc
		limit $9`,
		everyone(v), v.ID, now, terms, l.Spam, string(l.Stage), at, id, perPage+1)
	if err != nil {
		return Listing{}, fmt.Errorf("list people: %w", err)
	}
	var out Listing
	for i, r := range rows {
		if i == perPage {
			last := out.People[perPage-1]
			out.Next = makeMark(last.SeenAt, string(last.ID))
			break
		}
		out.People = append(out.People, r.entry())
	}
	return out, nil
}

// hits is the query of the records that can be meant at all, or nothing when
// every record can.
func (l Look) hits(terms string) string {
	switch {
	case terms != "":
		return fmt.Sprintf(`
			select h.id, h.merged_into
			from person h
			where person_words(h.name, h.email) @@ cast($4 as tsquery) and %s
			limit %d`, sees("h"), mostHits)
	case l.Stage == office.Invited || l.Stage == office.Client || l.Stage == office.Ended:
		return `
			select h.id, h.merged_into
			from office_standing s
			join person h on h.id = s.person_id
			where s.stage = $6`
	case l.Stage == office.CallBooked:
		return `
			select h.id, h.merged_into
			from coach k
			join booking b on b.coach_id = k.person_id and b.starts_at > cast($3 as timestamptz) - interval '1 day'
			left join booking_guest g on g.booking_id = b.id
			join person h on h.id in (b.person_id, g.person_id)
			where b.status in ('held', 'pending', 'confirmed')`
	}
	return ``
}

// The mark of a page is where the page before ended.
const lastMark = "9999-01-01T00:00:00Z_ffffffff-ffff-ffff-ffff-ffffffffffff"

func makeMark(at time.Time, id string) string { return at.UTC().Format(time.RFC3339Nano) + "_" + id }

func readMark(mark string) (time.Time, string, error) {
	if mark == "" {
		mark = lastMark
	}
	for i := range mark {
		if mark[i] == '_' {
			at, err := time.Parse(time.RFC3339Nano, mark[:i])
			if err == nil && isID(mark[i+1:]) && at.Year() > 0 {
				return at.UTC(), mark[i+1:], nil
			}
			break
		}
	}
	return time.Time{}, "", fault.New(fault.NotFound, "This page of the list does not exist. Begin at the first one.")
}

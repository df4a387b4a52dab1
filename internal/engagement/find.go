package engagement

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Find gives an engagement to somebody of the practice: a coach their own, the
// owner and an assistant each one, for its state and its people alone.
func Find(ctx context.Context, q pg.Conn, who people.Coach, id ID) (Engagement, error) {
	return findOne(ctx, q, id, ` and (cast($2 as boolean) or e.coach_id = $3)`, seesAll(who), who.ID)
}

// FindForClient gives an engagement to one of its clients, also to one who is
// invited and to one who has left; not to one whose invitation is gone.
func FindForClient(ctx context.Context, q pg.Conn, person people.ID, id ID) (Engagement, error) {
	return findOne(ctx, q, id, ` and `+isOf, person)
}

// isOf is the condition that the person $2 may see the engagement e.
const isOf = `exists (
	select from participant m
	where m.engagement_id = e.id and m.person_id = $2 and m.state in ('invited', 'accepted', 'left'))`

// seesAll reports whether somebody sees the engagements of every coach.
func seesAll(who people.Coach) bool {
	return who.Role == people.Owner || who.Role == people.Assistant
}

// List gives the engagements that somebody of the practice may see, those that
// go on first, then the latest.
func List(ctx context.Context, q pg.Conn, who people.Coach) ([]Engagement, error) {
	return list(ctx, q, `
		where $1 = $1 and (cast($2 as boolean) or e.coach_id = $3)
		order by e.state = 'ended', e.made_at desc, e.id
		limit 500`, "", seesAll(who), who.ID)
}

// ListForClient gives the engagements of a client, those that go on for them
// first. One that they have left stays where it is, however it goes on.
func ListForClient(ctx context.Context, q pg.Conn, person people.ID) ([]Engagement, error) {
	return list(ctx, q, `
		where $1 = $1 and `+isOf+`
		order by e.state = 'ended' or exists (
			select from participant m where m.engagement_id = e.id and m.person_id = $2 and m.state = 'left'), e.made_at desc, e.id`, "", person)
}

// OfPerson gives the engagements that a person is or was in, as far as somebody
// of the practice may see them.
func OfPerson(ctx context.Context, q pg.Conn, who people.Coach, persons []people.ID) ([]Engagement, error) {
	return list(ctx, q, `
		where $1 = $1 and (cast($2 as boolean) or e.coach_id = $3)
		  and exists (select from participant m where m.engagement_id = e.id and m.person_id = any ($4))
		order by e.state = 'ended', e.made_at desc, e.id`, "", seesAll(who), who.ID, people.IDs(persons))
}

// Places are where somebody stands in all that they are in.
type Places struct {
	Client  bool `db:"client"`  // of an engagement that goes on
	Invited bool `db:"invited"` // to one
	Before  bool `db:"before"`  // were in one, whatever became of it
}

// PlacesOf gives where a person stands, over all records of theirs.
func PlacesOf(ctx context.Context, q pg.Conn, records []people.ID) (Places, error) {
	var p Places
	err := q.Get(ctx, &p, `
		select coalesce(bool_or(m.state = 'accepted' and e.state <> 'ended'), false) as client,
			coalesce(bool_or(m.state = 'invited' and e.state <> 'ended'), false) as invited,
			coalesce(bool_or(m.state in ('accepted', 'left')), false) as before
		from participant m
		join engagement e on e.id = m.engagement_id
		where m.person_id = any ($1)`, people.IDs(records))
	if err != nil {
		return Places{}, fmt.Errorf("find places: %w", err)
	}
	return p, nil
}

// Outside lists who can sign in as a client, at most 500, although nothing has
// been there for them since an instant: they said no, or their invitation was
// taken back or ran out. Whoever was in an engagement reads what is theirs on.
func Outside(ctx context.Context, q pg.Conn, since time.Time) ([]people.ID, error) {
	var ids []people.ID
	if err := q.Select(ctx, &ids, `
		select a.person_id
		from client_account a
		where a.barred_at is null and a.admitted_at < $1 and not exists (
			select from participant m
			where m.person_id = a.person_id
			  and (m.state in ('accepted', 'left') or m.state_at >= $1 or m.state = 'invited' and m.invite_ends_at >= $1))
		order by a.person_id
		limit 500`, since.UTC()); err != nil {
		return nil, fmt.Errorf("list who is outside: %w", err)
	}
	return ids, nil
}

// Parted tells in which engagements a client goes on alone: they shared a part
// with somebody who has left it.
func Parted(ctx context.Context, q pg.Conn, person people.ID) (map[ID]bool, error) {
	var ids []ID
	if err := q.Select(ctx, &ids, `
		select distinct l.engagement_id
		from lane_reader r
		join lane l on l.id = r.lane_id
		join engagement e on e.id = l.engagement_id
		join participant m on m.engagement_id = l.engagement_id and m.person_id = r.person_id
		where r.person_id = $1 and l.kind = 'joint' and l.closed_at is not null and m.state = 'accepted' and e.state <> 'ended'
		  and not exists (select from lane o where o.engagement_id = l.engagement_id and o.kind = 'joint' and o.closed_at is null)
		order by l.engagement_id`, person); err != nil {
		return nil, fmt.Errorf("list who goes on alone: %w", err)
	}
	parted := map[ID]bool{}
	for _, id := range ids {
		parted[id] = true
	}
	return parted, nil
}

func findOne(ctx context.Context, q pg.Conn, id ID, where string, args ...any) (Engagement, error) {
	if !isID(string(id)) {
		return Engagement{}, ErrNothing
	}
	found, err := list(ctx, q, ` where e.id = $1`+where, append([]any{string(id)}, args...)...)
	if err != nil {
		return Engagement{}, err
	}
	if len(found) == 0 {
		return Engagement{}, ErrNothing
	}
	return found[0], nil
}

// list reads engagements and their clients, in two statements however many.
func list(ctx context.Context, q pg.Conn, where string, args ...any) ([]Engagement, error) {
	var found []Engagement
	if err := q.Select(ctx, &found, `
		select e.id, e.coach_id, p.name as coach_name, c.slug as coach_slug, c.timezone as coach_timezone,
			e.state, e.state_at, e.made_at, coalesce(e.follows_id::text, '') as follows_id
		from engagement e
		join coach c on c.person_id = e.coach_id
		join person p on p.id = e.coach_id`+where, args...); err != nil {
		return nil, fmt.Errorf("list engagements: %w", err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	ids, at := make([]string, len(found)), map[ID]int{}
	for i := range found {
		e := &found[i]
		e.StateAt, e.MadeAt = e.StateAt.UTC(), e.MadeAt.UTC()
		ids[i], at[e.ID] = string(e.ID), i
	}
	var clients []Client
	if err := q.Select(ctx, &clients, `
		select m.engagement_id, m.person_id, p.name, coalesce(p.email, '') as email, m.state, m.state_at, m.invited_at,
			m.invite_ends_at, coalesce(m.accepted_at, timestamptz '0001-01-01 00:00:00+00') as accepted_at,
			m.word_hash is not null as needs_word, greatest(0, $2 - m.word_tries) as words_left
		from participant m
		join person p on p.id = m.person_id
		where m.engagement_id = any ($1)
		order by m.engagement_id, m.invited_at, p.name, m.person_id`, pg.Array(ids), wordTries); err != nil {
		return nil, fmt.Errorf("list clients: %w", err)
	}
	for _, c := range clients {
		for _, t := range []*time.Time{&c.PlaceAt, &c.InvitedAt, &c.InviteEndsAt, &c.AcceptedAt} {
			*t = t.UTC()
		}
		if c.AcceptedAt.Year() <= 1 {
			c.AcceptedAt = time.Time{}
		}
		e := &found[at[c.Engagement]]
		e.Clients = append(e.Clients, c)
	}
	return found, nil
}

// take holds an engagement until the transaction ends, so that two acts on it
// follow one another.
func take(ctx context.Context, tx *pg.Tx, id ID) error {
	if !isID(string(id)) {
		return ErrNothing
	}
	if err := tx.Lock(ctx, "engagement "+string(id)); err != nil {
		return fmt.Errorf("take engagement: %w", err)
	}
	return nil
}

// takeOwn takes an engagement for its coach.
func takeOwn(ctx context.Context, tx *pg.Tx, coach people.ID, id ID) (Engagement, error) {
	if err := take(ctx, tx, id); err != nil {
		return Engagement{}, err
	}
	return findOne(ctx, tx, id, ` and e.coach_id = $2`, coach)
}

// takeOf takes an engagement for one of its clients.
func takeOf(ctx context.Context, tx *pg.Tx, person people.ID, id ID) (Engagement, Client, error) {
	if err := take(ctx, tx, id); err != nil {
		return Engagement{}, Client{}, err
	}
	e, err := FindForClient(ctx, tx, person, id)
	if err != nil {
		return Engagement{}, Client{}, err
	}
	c, _ := e.Client(person)
	return e, c, nil
}

package credit

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/engagement"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/seal"
)

// Lot is sessions that came together, as they stand now.
type Lot struct {
	ID         LotID          `db:"id"`
	Wallet     WalletID       `db:"wallet_id"`
	Engagement engagement.ID  `db:"engagement_id"` // whose wallet it is in; one of the two, or none after an erasure
	Person     people.ID      `db:"person_id"`
	Types      practice.Slugs `db:"types"`
	Names      practice.Slugs `db:"names"`   // of the types, as they are called now
	Granted    int            `db:"granted"` // for a client, what was left when they came, where it is older
	Remaining  int            `db:"remaining"`
	Holds      int            `db:"holds"`
	ExpiresOn  string         `db:"expires_on"` // yyyy-mm-dd; empty for no end
	Source     string         `db:"source"`
	MadeAt     time.Time      `db:"made_at"`
	Zone       string         `db:"timezone"`           // the practice's
	RestDays   int            `db:"sessions_rest_days"` // and after how long without anything it names them
	LastAt     time.Time      `db:"last_at"`            // when something last happened to it, or will: an hour that it was used for
	Own        bool           `db:"own"`                // it is this coach's to adjust
}

// Joint reports whether the sessions are for both clients of an engagement.
func (l Lot) Joint() bool { return l.Engagement != "" }

// Over reports whether the last day has passed.
func (l Lot) Over(now time.Time) bool {
	return l.ExpiresOn != "" && dateOf(now, practice.Zone(l.Zone)) > l.ExpiresOn
}

// Left is how many sessions can still be used: what is over counts as nothing
// before it is written off.
func (l Lot) Left(now time.Time) int {
	if l.Over(now) {
		return 0
	}
	return l.Remaining
}

// Usable is Left without what is on hold.
func (l Lot) Usable(now time.Time) int {
	if l.Holds > 0 {
		return 0
	}
	return l.Left(now)
}

// Covers reports whether a session of a type that begins then can come from it.
func (l Lot) Covers(typeSlug string, start, now time.Time) bool {
	if l.Usable(now) == 0 || l.ExpiresOn != "" && dateOf(start, practice.Zone(l.Zone)) > l.ExpiresOn {
		return false
	}
	for _, t := range l.Types {
		if t == typeSlug {
			return true
		}
	}
	return false
}

// lotColumns come first in every reading; granted and own follow.
const lotColumns = `l.id, l.wallet_id, coalesce(w.engagement_id::text, '') as engagement_id, coalesce(w.person_id::text, '') as person_id,
	l.types,
	(select coalesce(json_agg(coalesce(t.name, s.slug) order by s.n), '[]')
	from jsonb_array_elements_text(l.types) with ordinality as s (slug, n)
	left join appointment_type t on t.slug = s.slug) as names,
	l.remaining, l.holds, coalesce(to_char(l.expires_on, 'YYYY-MM-DD'), '') as expires_on, l.source, l.made_at, pr.timezone, pr.sessions_rest_days,
	(select greatest(l.made_at, max(m.at), max(m.starts_at)) from credit_movement m where m.lot_id = l.id and ` + moves + `) as last_at`

// moves leaves out the lines that moved nothing: of Revoke when it took nothing,
// and of a hold when nothing was left. They say that money went back or that a
// bank was asked, which is for whoever paid and the practice.
const moves = `case
	when m.kind = 'revoke' then m.amount <> 0
	when m.kind in ('freeze', 'thaw') then (select sum(b.amount) from credit_movement b where b.lot_id = m.lot_id and b.id < m.id) > 0
	else true end`

const lotTables = `
	from credit_lot l
	join wallet w on w.id = l.wallet_id
	cross join practice pr`

const lotOrder = ` order by w.person_id is not null, l.expires_on nulls last, l.made_at, l.id`

// held is the condition that the coach $1 may know of a lot: of an engagement
// of theirs, of somebody who works with them and can use it for a type that they
// hold, or one that they gave. To hold a type alone is not enough: what somebody
// has for their work with one coach is nothing for another.
const held = `case when w.engagement_id is not null
	then exists (select from engagement e where e.id = w.engagement_id and e.coach_id = $1)
	else exists (
		select from appointment_type t
		join type_coach tc on tc.type_id = t.id and tc.coach_id = $1
		where l.types @> to_jsonb(t.slug))
	and (exists (
		select from engagement e
		join participant p on p.engagement_id = e.id and p.state in ('accepted', 'left')
		join person seated on seated.id = p.person_id
		join person holder on holder.id = w.person_id
		where e.coach_id = $1 and coalesce(seated.merged_into, seated.id) = coalesce(holder.merged_into, holder.id))
		or exists (
		select from credit_movement g
		where g.lot_id = l.id and g.kind = 'grant' and g.actor_kind = 'coach' and g.actor = $1)) end`

// seenBy is the condition that somebody of the practice, $1 in role $2, may
// know of a lot: a coach of their own, the owner and an assistant of each.
const seenBy = ` where (cast($2 as text) in ('owner', 'assistant') or ` + held + `)`

func lots(ctx context.Context, q pg.Conn, where string, args ...any) ([]Lot, error) {
	return selectLots(ctx, q, `select `+lotColumns+`, l.granted, cast($2 as text) <> 'assistant' and `+held+` as own`+lotTables+where+lotOrder, args...)
}

func selectLots(ctx context.Context, q pg.Conn, query string, args ...any) ([]Lot, error) {
	var found []Lot
	if err := q.Select(ctx, &found, query, args...); err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	for i := range found {
		found[i].MadeAt, found[i].LastAt = found[i].MadeAt.UTC(), found[i].LastAt.UTC()
	}
	return found, nil
}

func findLot(ctx context.Context, q pg.Conn, id LotID) (Lot, error) {
	found, err := selectLots(ctx, q, `select `+lotColumns+`, l.granted, false as own`+lotTables+` where l.id = $1`, id)
	if err == nil && len(found) == 0 {
		err = ErrNothing
	}
	if err != nil {
		return Lot{}, err
	}
	return found[0], nil
}

// Of lists the lots of a holder for somebody of the practice: of an engagement
// to its coach, of a person to the coach who works with them on what they can be
// used for, and each of them to the owner and an assistant.
func Of(ctx context.Context, q pg.Conn, who people.Coach, h Holder) ([]Lot, error) {
	return OfPeople(ctx, q, who, h.Engagement, []people.ID{h.Person})
}

// OfPeople lists the lots of an engagement, where one is named, and of persons.
func OfPeople(ctx context.Context, q pg.Conn, who people.Coach, in engagement.ID, persons []people.ID) ([]Lot, error) {
	if in != "" && !isID(string(in)) {
		return nil, ErrNothing
	}
	var known []people.ID
	for _, p := range persons {
		if isID(string(p)) {
			known = append(known, p)
		}
	}
	return lots(ctx, q, seenBy+` and (w.engagement_id = nullif($3, '')::uuid or w.person_id = any ($4))`,
		who.ID, string(who.Role), string(in), people.IDs(known))
}

// mine are the wallets that the client $1, strong $2, may know of: their own once
// they have given both proofs, an engagement's while they are in it. Since says
// when they came to it; null for their own. They are found from the client, so
// that it costs the same however many wallets there are.
const mine = `(
		select w.id, w.engagement_id, w.person_id, cast(null as timestamptz) as since
		from wallet w
		where w.person_id = $1 and cast($2 as boolean)
		union all
		select w.id, w.engagement_id, w.person_id, p.accepted_at
		from participant p
		join wallet w on w.engagement_id = p.engagement_id
		where p.person_id = $1 and p.state = 'accepted') w`

// OfClient lists the lots that a client may know of, those for both first;
// nothing of what was over before they came.
func OfClient(ctx context.Context, q pg.Conn, person people.ID, strong bool) ([]Lot, error) {
	return selectLots(ctx, q, `
		select `+lotColumns+`, false as own,
			case when w.since is null or l.made_at >= w.since then l.granted
			else (select coalesce(sum(m.amount), 0) from credit_movement m where m.lot_id = l.id and m.at < w.since) end as granted
		from `+mine+`
		join credit_lot l on l.wallet_id = w.id
		cross join practice pr
		where w.since is null or l.remaining > 0 or l.made_at >= w.since
			or exists (select from credit_movement m where m.lot_id = l.id and m.at >= w.since and `+moves+`)`+lotOrder, person, strong)
}

// Movement is a line of the history as a person reads it.
type Movement struct {
	ID        int64     `db:"id"` // for the order alone; never shown
	Lot       LotID     `db:"lot_id"`
	Kind      Kind      `db:"kind"`
	Amount    int       `db:"amount"`
	Reason    string    `db:"reason"`
	ActorKind string    `db:"actor_kind"`
	Actor     people.ID `db:"actor"`
	By        string    `db:"by_name"` // empty for the program itself
	Booking   BookingID `db:"booking_id"`
	StartsAt  time.Time `db:"starts_at"` // zero without a booking
	TypeName  string    `db:"type_name"`
	ExpiresOn string    `db:"expires_on"` // with Granted and Extended
	At        time.Time `db:"at"`
}

const movementColumns = `
	select m.id, m.lot_id, m.kind, m.amount, m.reason, m.actor_kind, coalesce(m.actor::text, '') as actor, coalesce(p.name, '') as by_name,
		coalesce(m.booking_id::text, '') as booking_id, coalesce(m.starts_at, timestamptz '0001-01-01 00:00:00+00') as starts_at,
		coalesce(t.name, m.type) as type_name, coalesce(to_char(m.expires_on, 'YYYY-MM-DD'), '') as expires_on, m.at,
		m.key, coalesce(m.lane_id::text, '') as lane_id, k.wrapped, m.words`

const movementNames = `
	left join person p on p.id = m.actor
	left join lane_key k on k.lane_id = m.lane_id
	left join appointment_type t on t.slug = m.type`

// longestLedger bounds one reading of the history.
const longestLedger = 500

// LedgerOfClient lists the movements that a client may know of, the latest
// first: none from before they came, and none that moved nothing.
func LedgerOfClient(ctx context.Context, q pg.Conn, keys *seal.Keyset, person people.ID, strong bool) ([]Movement, error) {
	return movements(ctx, q, keys, func(Movement) bool { return true }, movementColumns+`
		from `+mine+`
		join credit_lot l on l.wallet_id = w.id
		join credit_movement m on m.lot_id = l.id`+movementNames+`
		where (w.since is null or m.at >= w.since) and `+moves+`
		order by m.id desc
		limit $3`, person, strong, longestLedger)
}

// Ledger lists the movements of lots for somebody of the practice, the latest
// first. What a coach gave as a reason is for themselves, while they are theirs, and
// for whoever has the sessions.
func Ledger(ctx context.Context, q pg.Conn, keys *seal.Keyset, who people.Coach, of []Lot) ([]Movement, error) {
	ids, own := make([]string, 0, len(of)), map[LotID]bool{}
	for _, l := range of {
		ids = append(ids, string(l.ID))
		own[l.ID] = l.Own
	}
	reads := func(m Movement) bool { return own[m.Lot] && m.Actor == who.ID }
	return movements(ctx, q, keys, reads, movementColumns+`
		from credit_movement m
		join credit_lot l on l.id = m.lot_id
		join wallet w on w.id = l.wallet_id`+movementNames+seenBy+` and m.lot_id = any ($3)
		order by m.id desc
		limit $4`, who.ID, string(who.Role), pg.Array(ids), longestLedger)
}

// movements lists them, with the words of those that reads is true of.
func movements(ctx context.Context, q pg.Conn, keys *seal.Keyset, reads func(Movement) bool, query string, args ...any) ([]Movement, error) {
	var found []line
	if err := q.Select(ctx, &found, query, args...); err != nil {
		return nil, fmt.Errorf("list movements: %w", err)
	}
	all := make([]Movement, len(found))
	for i := range found {
		m := &found[i]
		m.At, m.StartsAt = m.At.UTC(), m.StartsAt.UTC()
		if m.StartsAt.Year() <= 1 {
			m.StartsAt = time.Time{}
		}
		if reads(m.Movement) {
			if err := m.open(keys); err != nil {
				return nil, err
			}
		}
		all[i] = m.Movement
	}
	return all, nil
}

// LeftOf sums up what some persons have left of their own.
func LeftOf(ctx context.Context, q pg.Conn, persons []people.ID, now time.Time) (left int, err error) {
	found, err := selectLots(ctx, q, `select `+lotColumns+`, l.granted, false as own`+lotTables+` where w.person_id = any ($1) and l.remaining > 0`, people.IDs(persons))
	for _, l := range found {
		left += l.Left(now)
	}
	return left, err
}

// Totals are the sessions that the practice still owes to clients.
type Totals struct {
	Joint      int `db:"joint"`
	Individual int `db:"individual"`
	Held       int `db:"held"` // of both, on hold
}

// Owed sums up what is left in all wallets, without what is over by now.
func Owed(ctx context.Context, q pg.Conn, now time.Time) (Totals, error) {
	basics, err := practice.LoadBasics(ctx, q)
	if err != nil {
		return Totals{}, err
	}
	var t Totals
	if err := q.Get(ctx, &t, `
		select coalesce(sum(l.remaining) filter (where w.engagement_id is not null), 0) as joint,
			coalesce(sum(l.remaining) filter (where w.engagement_id is null), 0) as individual,
			coalesce(sum(l.remaining) filter (where l.holds > 0), 0) as held
		from credit_lot l
		join wallet w on w.id = l.wallet_id
		where l.remaining > 0 and (l.expires_on is null or l.expires_on >= cast($1 as date))`, dateOf(now, basics.Zone())); err != nil {
		return Totals{}, fmt.Errorf("sum up what is owed: %w", err)
	}
	return t, nil
}

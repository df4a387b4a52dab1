package booking_test

import (
	"database/sql"
	"fmt"
	"testing"

	"kintsugi/internal/people"
	"kintsugi/internal/pg/pgtest"
)

// A coach opens their day many times a day, for years, and the practice grows.
func TestTheDeskReadsAFewRowsAmongOldBookingsAndManyCoaches(t *testing.T) { deskGrowth(t, 20_000) }

// BenchmarkDeskAmongAMillion is the week and the day of one coach beside 199
// others and a million old bookings; before it is timed, it is held to what the
// test above says.
func BenchmarkDeskAmongAMillion(b *testing.B) {
	look, blocks := deskGrowth(b, 1_000_000)
	for b.Loop() {
		look()
	}
	b.ReportMetric(float64(blocks), "blocks")
	b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N), "ms")
}

// deskGrowth holds what the desk reads for one coach to bounds in a practice of
// one coach, then among old bookings, then among 200 coaches. The bounds are the
// same but for requests and letters that did not arrive, which grow with how many
// of them the whole practice has. It gives the reads and the blocks they take in
// the end.
func deskGrowth(t testing.TB, old int) (look func(), blocks int) {
	t.Helper()
	h := newHouse(t)
	h.own(t, `delete from coach where slug = 'noor'`)
	for i := range 15 {
		h.book(fmt.Sprint("p", i), at(9+i%8, 0).AddDate(0, 0, i/5*7+i%3))
	}
	h.now = monday.AddDate(0, 0, 5)
	mara := h.mara()
	ids := []people.ID{mara.ID}
	some := func(n int, err error) {
		t.Helper()
		h.must(err)
		if n == 0 {
			t.Fatal("a read of the desk finds nothing, so its cost says nothing")
		}
	}
	look = func() {
		t.Helper()
		week, err := h.Schedule(h.ctx, mara, ids, monday, monday.AddDate(0, 0, 7))
		some(len(week), err)
		taken, err := h.Occupied(h.ctx, mara, ids, monday, monday.AddDate(0, 0, 7))
		some(len(taken), err)
		waiting, err := h.Requests(h.ctx, mara, ids)
		some(len(waiting), err)
		news, err := h.News(h.ctx, mara, ids, h.now.AddDate(0, 0, -1))
		some(len(news), err)
		due, err := h.Unmarked(h.ctx, mara, ids)
		some(len(due), err)
		unsent, err := h.Unarrived(h.ctx, mara, ids)
		some(len(unsent), err)
	}
	direct := h.DB
	listened, wire := pgtest.Listened(t)
	var first []pgtest.Statement
	held := func(coaches, old int) {
		t.Helper()
		among := fmt.Sprintf("coaches: %d, old bookings: %d:", coaches, old)
		h.DB = listened
		wire.Reset()
		look()
		h.DB = direct
		asked := wire.Statements()
		if first == nil {
			first = asked
		}
		if len(asked) != 6 || len(first) != 6 {
			t.Fatalf("%s the desk asks %d times", among, len(asked))
		}
		for i := range asked {
			if asked[i].Query != first[i].Query {
				t.Errorf("%s the desk asks\n%s\nand at first\n%s", among, asked[i].Query, first[i].Query)
			}
		}
		blocks = 0
		for i, r := range h.explain(t, asked) {
			// The coach has eighteen bookings. Requests are few, and are looked for in
			// the whole practice: one per coach here. For letters that did not arrive
			// the coach's bookings are read twice, and beside them the letters of sixty
			// days, once. The tables of coaches and people are small enough among many
			// coaches to be read whole.
			bookings, rows := 18, 400
			switch i % len(asked) {
			case 2:
				bookings += coaches
			case 5:
				bookings, rows = 2*bookings, 1000
			}
			if coaches == 1 && r.rows > rows || r.bookings > bookings || r.blocks > 150 {
				t.Errorf("%s %d rows, of them %d bookings, and %d blocks are read for\n%s", among, r.rows, r.bookings, r.blocks, r.plan)
			}
			if i < len(asked) { // as planned for their own values
				blocks += r.blocks
			}
		}
	}
	h.fill(t, 0)
	held(1, 0)
	h.age(t, old)
	held(1, old)
	h.own(t, `
		with hired as (
			insert into person (email, name, made_at, seen_at)
			select 'coach' || n || '@example.org', 'Coach ' || n, $1, $1 from generate_series(1, 199) n
			returning id, email)
		insert into coach (person_id, slug, role, timezone, position)
		select id, split_part(email, '@', 1), 'coach', 'Europe/London', 9 from hired`, monday)
	h.fill(t, 25)
	held(200, old+199*25)
	return look, blocks
}

// fill gives every coach who has none yet two calls, a request, a letter that
// did not arrive and an hour kept free, beside some old bookings.
func (h *house) fill(t testing.TB, old int) {
	t.Helper()
	h.own(t, `
		with made as (
			insert into booking (id, coach_id, type_id, person_id, status, starts_at, ends_at, buffer_before_minutes,
				buffer_after_minutes, name, timezone, place, safe_to_email, made_at, changed_at, expires_at)
			select gen_random_uuid(), c.person_id, b.type_id, b.person_id, w.status, at, at + interval '30 minutes', 0, 0,
				'Filled', 'UTC', 'video', true, least(at, $2::timestamptz), least(at, $2::timestamptz), $2::timestamptz + interval '1 day'
			from (select * from booking order by id limit 1) b, coach c, lateral (
				values (0, 'confirmed', $1::timestamptz + interval '12 hours'), (1, 'confirmed', $1::timestamptz + interval '7 days 12 hours'),
					(2, 'pending', $1::timestamptz + interval '8 days 12 hours')
				union all
				select 2 + n, 'completed', $1::timestamptz - interval '10 days' - n * interval '1 hour' from generate_series(1, $3::int) n
			) w (n, status, at)
			where not exists (select from block k where k.coach_id = c.person_id)
			returning id, person_id, status, starts_at),
		kept as (
			insert into block (id, coach_id, starts_at, ends_at, made_at)
			select gen_random_uuid(), c.person_id, $1::timestamptz + interval '14 hours', $1::timestamptz + interval '15 hours', $1
			from coach c where not exists (select from block k where k.coach_id = c.person_id))
		insert into letter (kind, about, change, recipient, message_id, status, not_before, made_at)
		select 'lost', id, 0, person_id, id::text, 'failed', $2, $2 from made where starts_at > $2 and status = 'confirmed'`,
		monday, h.now, old)
	h.own(t, `vacuum analyze`)
}

// own carries out a statement as the owner of the database.
func (h *house) own(t testing.TB, query string, args ...any) {
	t.Helper()
	owner, err := sql.Open("postgres", pgtest.URL(t)+"&timezone=UTC")
	h.must(err)
	defer owner.Close()
	_, err = owner.ExecContext(h.ctx, query, args...)
	h.must(err)
}

package booking_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/lib/pq"

	"kintsugi/internal/booking"
	"kintsugi/internal/once"
	"kintsugi/internal/pg/pgtest"
)

// Every wait for the database is a wait of everyone who wants the same coach.
func TestABookingWaitsForTheDatabaseEightTimes(t *testing.T) {
	h := newHouse(t)
	db, wire := pgtest.Listened(t)
	h.DB = db
	message := func(r *booking.Request) { r.Message = "hello" }
	either := func(r *booking.Request) { r.Type = "either" }
	for n, row := range []struct {
		about  string
		change func(*booking.Request)
		trips  int
	}{
		// The type with its hours, BEGIN, the lock, what is taken, the person,
		// the booking with its key and audit line, the letters, COMMIT.
		{"alone", func(*booking.Request) {}, 8},
		{"with a key", func(r *booking.Request) { *r = keyed(*r, r.Email) }, 8},
		{"with a message, and the lane that seals it", message, 9},
		{"with two coaches, and how busy they are", either, 9},
	} {
		for i := range 4 { // the first times statements are read and prepared
			r := ask(fmt.Sprintf("v%d-%d", n, i), at(9+n, 0).AddDate(0, 0, i%3+i/3*7))
			row.change(&r)
			wire.Reset()
			if _, err := h.Book(h.ctx, r); err != nil {
				t.Fatalf("%s: %v", row.about, err)
			}
		}
		if got := wire.Trips(); got != row.trips {
			t.Errorf("%s: %d trips, want %d", row.about, got, row.trips)
		}
	}
	b := h.book("mover", at(16, 0))
	for i := range 4 {
		wire.Reset()
		if _, _, err := h.Reschedule(h.ctx, h.link(b), at(9+i, 0).AddDate(0, 0, 3), once.Key{}); err != nil {
			t.Fatal(err)
		}
	}
	if got := wire.Trips(); got != 9 {
		t.Errorf("a move: %d trips", got)
	}
}

// A peer of ours read every appointment there had ever been, and took nine
// times as long after ten thousand.
func TestOldBookingsCostNothing(t *testing.T) { growth(t, 50_000) }

// BenchmarkOfferAmongAMillion is a month of slots beside a million old
// bookings; before it is timed, it is held to what TestOldBookingsCostNothing
// says.
func BenchmarkOfferAmongAMillion(b *testing.B) {
	h := growth(b, 1_000_000)
	for b.Loop() {
		if _, err := h.Offer(h.ctx, nextMonth()); err != nil {
			b.Fatal(err)
		}
	}
}

func nextMonth() booking.OfferQuery {
	return booking.OfferQuery{Type: "call", From: monday, To: monday.AddDate(0, 1, 0)}
}

// growth compares what a month of slots and a booking read before and after
// some old bookings were added.
func growth(t testing.TB, old int) *house {
	t.Helper()
	h := newHouse(t)
	for i := range 15 {
		h.book(fmt.Sprint("p", i), at(9+i%8, 0).AddDate(0, 0, i/5*7+i%3))
	}
	direct := h.DB
	listened, wire := pgtest.Listened(t)
	h.DB = listened
	asked := func(act func() error) []pgtest.Statement {
		t.Helper()
		wire.Reset()
		h.must(act())
		return wire.Statements()
	}
	offer := func() error { _, err := h.Offer(h.ctx, nextMonth()); return err }
	reading := asked(offer)
	if len(reading) != 2 {
		t.Fatalf("a month of slots asks %d times", len(reading))
	}
	for _, s := range asked(func() error { _, err := h.Book(h.ctx, ask("new", at(16, 0))); return err }) {
		if strings.HasPrefix(s.Query, "select") && len(s.Args) > 1 {
			reading = append(reading, s)
		}
	}
	before := h.explain(t, reading)
	h.age(t, old)
	after := h.explain(t, reading)
	for i := range before {
		// An index over a million has two levels more than one over fifteen.
		if after[i].rows > before[i].rows || after[i].blocks > before[i].blocks+8 {
			t.Errorf("among %d old bookings %d rows and %d blocks are read, before %d and %d, for\n%s",
				old, after[i].rows, after[i].blocks, before[i].rows, before[i].blocks, after[i].plan)
		}
	}
	if again := asked(offer); len(again) != 2 {
		t.Errorf("a month of slots asks %d times among old bookings", len(again))
	}
	h.DB = direct
	return h
}

// age adds bookings of the coach that were held in the past, one after another.
func (h *house) age(t testing.TB, n int) {
	t.Helper()
	owner, err := sql.Open("postgres", pgtest.URL(t)+"&timezone=UTC")
	h.must(err)
	defer owner.Close()
	_, err = owner.ExecContext(h.ctx, `
		insert into booking (id, coach_id, type_id, person_id, status, starts_at, ends_at, buffer_before_minutes,
			buffer_after_minutes, name, timezone, place, safe_to_email, made_at, changed_at, accepted_at)
		select gen_random_uuid(), b.coach_id, b.type_id, b.person_id, case when n % 5 = 0 then 'cancelled' else 'completed' end,
			at, at + interval '30 minutes', 0, 0, 'Old', 'UTC', 'video', true, at, at, at
		from (select * from booking order by id limit 1) b, generate_series(1, $1::int) n,
			lateral (select $2::timestamptz - n * interval '30 minutes' as at) past`, n, monday.AddDate(0, 0, -10))
	h.must(err)
	_, err = owner.ExecContext(h.ctx, `vacuum analyze booking`)
	h.must(err)
}

// reading is what a statement read: rows of all its parts, those of bookings
// among them, and blocks.
type reading struct {
	rows, bookings, blocks int
	plan                   string
}

// explain carries statements out as they are planned for their own values and
// as they are planned once for all.
func (h *house) explain(t testing.TB, asked []pgtest.Statement) []reading {
	t.Helper()
	owner, err := sql.Open("postgres", pgtest.URL(t)+"&timezone=UTC")
	h.must(err)
	defer owner.Close()
	_, err = owner.ExecContext(h.ctx, `analyze`)
	h.must(err)
	conn, err := owner.Conn(h.ctx)
	h.must(err)
	defer conn.Close()
	var all []reading
	for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
		_, err := conn.ExecContext(h.ctx, `set plan_cache_mode = `+mode)
		h.must(err)
		for i, s := range asked {
			name := fmt.Sprint(mode, i)
			_, err := conn.ExecContext(h.ctx, `prepare `+name+` as `+s.Query)
			h.must(err)
			all = append(all, read(h.ctx, t, conn, name, s.Args))
		}
	}
	return all
}

func read(ctx context.Context, t testing.TB, conn *sql.Conn, name string, args []any) reading {
	t.Helper()
	values := make([]string, len(args))
	for i, arg := range args {
		values[i] = "null"
		if arg != nil {
			values[i] = pq.QuoteLiteral(fmt.Sprint(arg))
		}
	}
	execute := `explain (analyze, buffers, format json) execute ` + name + ` (` + strings.Join(values, ", ") + `)`
	var raw string
	for range 2 { // the first reading also reads the catalogue
		if err := conn.QueryRowContext(ctx, execute).Scan(&raw); err != nil {
			t.Fatal(err)
		}
	}
	var plans []struct{ Plan node }
	if err := json.Unmarshal([]byte(raw), &plans); err != nil {
		t.Fatal(err)
	}
	top := plans[0].Plan
	return reading{top.all(""), top.all("booking"), top.Hit + top.Read, raw}
}

// node is one part of a plan.
type node struct {
	Rows    float64 `json:"Actual Rows"`
	Loops   float64 `json:"Actual Loops"`
	Removed float64 `json:"Rows Removed by Filter"`
	Hit     int     `json:"Shared Hit Blocks"`
	Read    int     `json:"Shared Read Blocks"`
	Table   string  `json:"Relation Name"`
	Plans   []node
}

// all counts the rows of a part and of its parts, of one table if it is named.
func (n node) all(table string) int {
	rows := 0
	if table == "" || table == n.Table {
		rows = int((n.Rows + n.Removed) * n.Loops)
	}
	for _, part := range n.Plans {
		rows += part.all(table)
	}
	return rows
}

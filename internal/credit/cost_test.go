package credit_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/lib/pq"

	"kintsugi/internal/credit"
	"kintsugi/internal/people"
	"kintsugi/internal/pg/pgtest"
)

// What a client sees of their sessions, and using one, takes as many statements
// and reads as much among twenty thousand wallets as among three.
func TestOtherPeoplesSessionsCostNothing(t *testing.T) {
	h := newHouse(t)
	h.grant(h.both(), 40, 90, "order")
	h.grant(own(h.sam), 4, 0, "own")
	h.must(h.spend(h.both(), newBooking(), h.day(2)))
	listened, wire := pgtest.Listened(t)
	h.db = listened
	asked := func() []pgtest.Statement {
		t.Helper()
		wire.Reset()
		_, err := credit.OfClient(h.ctx, h.db, h.sam, true)
		h.must(err)
		_, err = credit.LedgerOfClient(h.ctx, h.db, h.work.Keys, h.sam, true)
		h.must(err)
		pages := len(wire.Statements())
		h.must(h.spend(h.both(), newBooking(), h.day(2)))
		spent := len(wire.Statements()) - pages
		lots, err := credit.OfPeople(h.ctx, h.db, h.mara, h.id, []people.ID{h.sam, h.alex})
		h.must(err)
		_, err = credit.Ledger(h.ctx, h.db, h.work.Keys, h.mara, lots)
		h.must(err)
		all := wire.Statements()
		if pages != 2 || spent > 6 {
			t.Errorf("the page asks %d times, using a session %d times", pages, spent)
		}
		var reading []pgtest.Statement
		for _, s := range all {
			if strings.HasPrefix(strings.TrimSpace(s.Query), "select") {
				reading = append(reading, s)
			}
		}
		return reading
	}
	few := asked()
	before := blocks(t, few)
	for _, fill := range []string{
		`insert into person (email, name, safe_to_email, made_at, seen_at) select 'p' || n || '@example.com', 'P', true, now(), now() from generate_series(1, 20000) n`,
		`insert into wallet (person_id, touched_at) select id, now() from person where name = 'P'`,
		`insert into credit_lot (wallet_id, types, granted, source, key, made_at) select w.id, '["solo-session"]', 4, 'other', w.id::text, now() from wallet w join person p on p.id = w.person_id and p.name = 'P'`,
		`insert into credit_movement (lot_id, kind, amount, key, actor_kind, at) select id, 'grant', 4, 'grant', 'system', now() from credit_lot where key = wallet_id::text`,
	} {
		fillWith(t, fill)
	}
	after := blocks(t, few)
	for i := range before {
		if after[i] > before[i]+60 { // a few rows more by their index; all of them would be hundreds
			t.Errorf("%d blocks instead of %d for\n%s", after[i], before[i], few[i].Query)
		}
	}
	if many := asked(); len(many) != len(few) {
		t.Errorf("%d statements read instead of %d", len(many), len(few))
	}
}

func fillWith(t *testing.T, query string) {
	t.Helper()
	owner, err := sql.Open("postgres", pgtest.URL(t)+"&timezone=UTC")
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	if _, err := owner.Exec(query); err != nil {
		t.Fatal(err)
	}
}

// blocks carries statements out as the owner and tells how much each read.
func blocks(t *testing.T, asked []pgtest.Statement) []int {
	t.Helper()
	owner, err := sql.Open("postgres", pgtest.URL(t)+"&timezone=UTC")
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	if _, err := owner.Exec(`analyze`); err != nil {
		t.Fatal(err)
	}
	conn, err := owner.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var all []int
	for i, s := range asked {
		name := fmt.Sprint("asked", i)
		if _, err := conn.ExecContext(t.Context(), `prepare `+name+` as `+s.Query); err != nil {
			t.Fatal(err)
		}
		values := make([]string, len(s.Args))
		for j, arg := range s.Args {
			values[j] = pq.QuoteLiteral(fmt.Sprint(arg))
		}
		execute := `explain (analyze, buffers, format json) execute ` + name
		if len(values) > 0 {
			execute += ` (` + strings.Join(values, ", ") + `)`
		}
		var raw string
		for range 2 { // the first reading also reads the catalogue
			if err := conn.QueryRowContext(t.Context(), execute).Scan(&raw); err != nil {
				t.Fatal(err)
			}
		}
		var plans []struct {
			Plan struct {
				Hit  int `json:"Shared Hit Blocks"`
				Read int `json:"Shared Read Blocks"`
			}
		}
		if err := json.Unmarshal([]byte(raw), &plans); err != nil {
			t.Fatal(err)
		}
		all = append(all, plans[0].Plan.Hit+plans[0].Plan.Read)
	}
	return all
}

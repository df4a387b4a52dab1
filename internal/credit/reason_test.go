package credit_test

import (
	"strings"
	"testing"

	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
)

// What a coach wrote beside a number stood in the database for everybody who
// had a copy of it.
func TestTheReasonOfACoachIsSealedAndReadByThoseItIsFor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	give := func(to credit.Holder, types, reason string) {
		h.in(func(tx *pg.Tx) error {
			_, err := credit.Give(h.ctx, tx, h.work.Keys, h.mara, credit.GiveOf{Holder: to, Sessions: 2, Types: practice.Slugs{types}, Reason: reason, Key: reason}, h.now)
			return err
		})
	}
	give(credit.Holder{Engagement: h.id}, "couple-session", "CANARY for both")
	give(credit.Holder{Person: h.sam}, "solo-session", "CANARY for Sam")
	reads := func(who people.ID) string {
		t.Helper()
		lines, err := credit.LedgerOfClient(h.ctx, h.db, h.work.Keys, who, true)
		h.must(err)
		var all []string
		for _, l := range lines {
			all = append(all, l.Reason)
		}
		return strings.Join(all, "|")
	}
	if got := reads(h.sam); got != "CANARY for Sam|CANARY for both" {
		t.Errorf("Sam reads %q", got)
	}
	if got := reads(h.alex); got != "CANARY for both" {
		t.Errorf("Alex reads %q", got)
	}
	owner := pgtest.Owner(t)
	var plain int
	h.must(owner.Get(h.ctx, &plain, `select count(*) from credit_movement m where strpos(m::text, 'CANARY') > 0 or strpos(m::text, encode('CANARY', 'hex')) > 0`))
	if plain != 0 {
		t.Errorf("%d reasons lie there in clear", plain)
	}

	act := func(query string) {
		h.must(owner.InTx(h.ctx, func(tx *pg.Tx) error { _, err := tx.Exec(h.ctx, query); return err }))
	}
	act(`update credit_movement m set words = o.words from credit_movement o where m.id = (select max(id) from credit_movement) and o.id = (select min(id) from credit_movement)`)
	if got := reads(h.sam); got != engagement.BrokenSay+"|CANARY for both" {
		t.Errorf("moved to another line it reads %q", got)
	}
	act(`delete from lane_key k using lane l where l.id = k.lane_id and l.kind = 'joint'`)
	if got := reads(h.alex); got != "" {
		t.Errorf("after it was erased Alex reads %q", got)
	}
	give(credit.Holder{Engagement: h.id}, "couple-session", "after that")
	if got := reads(h.alex); got != "after that|" {
		t.Errorf("then a new one reads %q", got)
	}
}

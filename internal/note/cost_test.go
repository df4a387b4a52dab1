package note_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/note"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"

	"github.com/google/uuid"
)

// page is about what a coach writes after an hour.
var page = strings.Repeat("They spoke of the winter when nobody said anything, and what each had thought the other knew. ", 25)

// many shares notes of the coach's in a lane, and gives the version rows' ids with
// what each says.
func (h *house) many(in engagement.LaneInfo, n int) map[string]note.Words {
	h.t.Helper()
	said := map[string]note.Words{}
	h.must(h.db.InTxAs(h.ctx, string(h.mara), func(tx *pg.Tx) error {
		lane, _, err := h.work.Write(h.ctx, tx, h.mara, in.ID)
		if err != nil {
			return err
		}
		for i := range n {
			w := note.Words{Title: fmt.Sprint("Note ", i), Body: page}
			plain, err := json.Marshal(w)
			if err != nil {
				return err
			}
			id, row := uuid.NewString(), uuid.NewString()
			sealed, err := lane.Seal(plain, "note_version", "words", row)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(h.ctx, `
				insert into note (id, lane_id, author_id, version, shared, shared_at, made_at, changed_at)
				values ($1, $2, $3, 1, 1, $4, $4, $4)`, id, string(in.ID), string(h.mara), at); err != nil {
				return err
			}
			if _, err := tx.Exec(h.ctx, `
				insert into note_version (id, note_id, lane_id, version, words, saved_at, shared_at)
				values ($1, $2, $3, 1, $4, $5, $5)`, row, id, string(in.ID), sealed, at); err != nil {
				return err
			}
			said[row] = w
		}
		return nil
	}))
	return said
}

func TestNotesAskTheDatabaseAsOftenForFiveHundredAsForOne(t *testing.T) {
	db, wire := pgtest.Listened(t)
	h := openOn(t, db)
	joint := h.lane(h.mara, engagement.JointLane, "")
	id := h.shared(h.mara, joint, "t", "the heron and the winter")
	asked := func() (counts []int) {
		for _, act := range []func() error{
			func() error { _, err := h.notes.List(h.ctx, h.a, note.Where{}); return err },
			func() error { _, err := h.notes.List(h.ctx, h.mara, note.Where{Engagement: h.id}); return err },
			func() error { _, err := h.notes.Read(h.ctx, h.a, id); return err },
			func() error { _, err := h.notes.Search(h.ctx, h.mara, h.id, "heron"); return err },
			func() error { _, err := h.notes.Waiting(h.ctx, h.a, engagement.JointLane); return err },
			func() error {
				_, err := h.notes.Repeats(h.ctx, h.mara, h.lane(h.mara, engagement.IndividualLane, h.a), note.Words{Body: page})
				return err
			},
		} {
			h.must(act()) // the first time, a connection may be made
			wire.Reset()
			h.must(act())
			counts = append(counts, len(wire.Statements()))
		}
		return counts
	}
	one := asked()
	h.many(joint, 499)
	if all := asked(); !slices.Equal(one, all) {
		t.Errorf("with one note it asks %v times, with five hundred %v", one, all)
	}
	t.Logf("list for a client, for the coach, read, search, count, compare: %v statements", one)
}

// BenchmarkFiveHundredNotes lists five hundred notes, and reads as many that lie
// there unsealed by the same statements under the same rule. Both take turns in
// one run, so that a busy machine slows both.
func BenchmarkFiveHundredNotes(b *testing.B) {
	db, wire := pgtest.Listened(b)
	h := openOn(b, db)
	said := h.many(h.lane(h.mara, engagement.JointLane, ""), 500)
	owner := pgtest.Owner(b)
	h.must(owner.InTx(h.ctx, func(tx *pg.Tx) error {
		for _, statement := range []string{
			`create table note_plain (like note_version including all)`,
			`alter table note_plain enable row level security`,
			`create policy note_plain_reader on note_plain using (lane_id in (select r.lane_id from lane_reader r where r.person_id = kintsugi_viewer()) and shared_at is not null)`,
			`grant select on note_plain to kintsugi_app`,
			`insert into note_plain select * from note_version`,
		} {
			if _, err := tx.Exec(h.ctx, statement); err != nil {
				return err
			}
		}
		for row, w := range said {
			plain, err := json.Marshal(w)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(h.ctx, `update note_plain set words = $2 where id = $1`, row, plain); err != nil {
				return err
			}
		}
		_, err := tx.Exec(h.ctx, `analyze note, note_version, note_plain`)
		return err
	}))
	wire.Reset()
	_, err := h.notes.List(h.ctx, h.a, note.Where{})
	h.must(err)
	var query string
	for _, s := range wire.Statements() {
		if strings.Contains(s.Query, "from note n") {
			query = strings.Replace(s.Query, "join note_version v", "join note_plain v", 1)
		}
	}
	unsealed := func() {
		notes, lane := []note.Note{}, engagement.LaneInfo{}
		h.must(h.db.InTxAs(h.ctx, string(h.a), func(tx *pg.Tx) (err error) {
			var rows []struct {
				note.Note
				VersionID string `db:"version_id"`
				Sealed    []byte `db:"words"`
			}
			if err := tx.Select(h.ctx, &rows, query, string(h.a), "", pg.Array([]string{}), "", 500, "", time.Time{}); err != nil {
				return err
			}
			for _, row := range rows {
				n := row.Note
				if err := json.Unmarshal(row.Sealed, &n.Words); err != nil {
					return err
				}
				notes = append(notes, n)
			}
			if _, err := h.work.Read(h.ctx, tx, h.a, notes[0].Lane); err != nil {
				return err
			}
			if lane, err = engagement.FindLane(h.ctx, tx, h.a, notes[0].Lane); err != nil {
				return err
			}
			return audit.Record(h.ctx, tx, audit.Entry{At: at, Actor: audit.Actor{Kind: audit.Person, ID: string(h.a)}, Act: "notes listed", About: string(lane.ID)})
		}))
		if len(notes) != 500 || notes[499].Words.Body != page {
			b.Fatal("the plain notes are not read")
		}
	}
	sealed := func() {
		notes, err := h.notes.List(h.ctx, h.a, note.Where{})
		if err != nil || len(notes) != 500 || notes[499].Words.Body != page {
			b.Fatal("the sealed notes are not read", err)
		}
	}
	sealed()
	unsealed()
	var took [2]time.Duration
	for b.Loop() {
		for i, act := range []func(){sealed, unsealed} {
			began := time.Now()
			act()
			took[i] += time.Since(began)
		}
	}
	b.ReportMetric(float64(took[0])/float64(took[1]), "sealed/unsealed")
	b.ReportMetric(float64(took[0].Microseconds())/1000/float64(b.N), "ms/list")
}

func TestAListOfNotesGoesOnBelowItsLastAndLosesNone(t *testing.T) {
	db, wire := pgtest.Listened(t)
	h := openOn(t, db)
	joint := h.lane(h.mara, engagement.JointLane, "")
	h.many(joint, 23) // all of one moment
	own := h.shared(h.a, h.lane(h.a, engagement.IndividualLane, h.a), "alone", "x")
	for _, viewer := range []people.ID{h.a, h.mara, h.b} {
		all, err := h.notes.List(h.ctx, viewer, note.Where{})
		h.must(err)
		var paged []note.ID
		most := 0
		where := note.Where{Most: 5}
		for pages := 0; ; pages++ {
			_, _, err := h.notes.ListPart(h.ctx, viewer, where) // the first time, a connection may be made
			h.must(err)
			wire.Reset()
			part, goesOn, err := h.notes.ListPart(h.ctx, viewer, where)
			h.must(err)
			most = max(most, len(wire.Statements()))
			for _, n := range part {
				paged = append(paged, n.ID)
			}
			if where.Before = goesOn; goesOn == "" {
				break
			}
			if len(part) != 5 || pages > 9 {
				t.Fatalf("a page of %d, the %d.", len(part), pages)
			}
		}
		// Three of them write down the look at what somebody else wrote, and are left
		// out where the page has nothing of that.
		if most > 9 {
			t.Errorf("a page asks the database %d times", most)
		}
		var want []note.ID
		for _, n := range all {
			want = append(want, n.ID)
		}
		if !slices.Equal(paged, want) {
			t.Errorf("%d in pages, %d at once, or in another order", len(paged), len(want))
		}
	}
	// A mark that is not the viewer's, or not of this list, names nothing.
	for viewer, where := range map[people.ID]note.Where{
		h.b: {Before: own},
		h.a: {Before: own, Kinds: []engagement.LaneKind{engagement.JointLane}},
	} {
		if _, _, err := h.notes.ListPart(h.ctx, viewer, where); !errors.Is(err, engagement.ErrNothing) {
			t.Errorf("%+v: %v", where, err)
		}
	}
	if _, _, err := h.notes.ListPart(h.ctx, h.a, note.Where{Before: "x"}); !errors.Is(err, engagement.ErrNothing) {
		t.Error(err)
	}
}

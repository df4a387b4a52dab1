package engagement_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/engagement"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/seal"
)

var at = time.Date(2026, 12, 7, 8, 0, 0, 0, time.UTC)

// archive is a database with some persons and a keyset.
type archive struct {
	t    *testing.T
	ctx  context.Context
	db   *pg.DB
	keys *seal.Keyset
}

func newArchive(t *testing.T) *archive {
	t.Helper()
	keys, err := seal.NewKeyset()
	if err != nil {
		t.Fatal(err)
	}
	return &archive{t, context.Background(), pgtest.New(t), keys}
}

func (a *archive) in(act func(tx *pg.Tx) error) {
	a.t.Helper()
	if err := a.db.InTx(a.ctx, act); err != nil {
		a.t.Fatal(err)
	}
}

func (a *archive) person(n int) (id people.ID) {
	a.in(func(tx *pg.Tx) error {
		var err error
		id, _, err = people.FindOrCreate(a.ctx, tx, fmt.Sprintf("p%d@example.com", n), "Person", "Europe/London", true, at)
		return err
	})
	return id
}

func (a *archive) lane(person people.ID) (l engagement.Lane) {
	a.in(func(tx *pg.Tx) error {
		var err error
		l, err = engagement.EnquiryLane(a.ctx, tx, a.keys, person, at)
		return err
	})
	return l
}

func TestAPersonHasOneEnquiryLaneAndItsWordsOpenInNoOther(t *testing.T) {
	a := newArchive(t)
	ana, ben := a.person(1), a.person(2)
	first, again, other := a.lane(ana), a.lane(ana), a.lane(ben)
	if first.ID != again.ID || first.ID == other.ID {
		t.Fatalf("lanes %s %s %s", first.ID, again.ID, other.ID)
	}
	sealed, err := first.Seal([]byte("CANARY-heron"), "booking", "words", "r1")
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := again.Open(sealed, "booking", "words", "r1"); err != nil || string(plain) != "CANARY-heron" {
		t.Errorf("%q, %v", plain, err)
	}
	if _, err := other.Open(sealed, "booking", "words", "r1"); err == nil {
		t.Error("another person's lane opened it")
	}
}

func TestWhatIsErasedWithItsKeyStaysUnreadable(t *testing.T) {
	a := newArchive(t)
	lane := a.lane(a.person(1))
	a.in(func(tx *pg.Tx) error {
		_, err := tx.Exec(a.ctx, `delete from lane_key where lane_id = $1`, lane.ID)
		return err
	})
	if _, err := engagement.OpenLane(a.ctx, a.db, a.keys, lane.ID); err == nil {
		t.Error("a lane without a key opened")
	}
}

func TestRewrappingReachesEveryLaneAndTheOldKeyCanGo(t *testing.T) {
	a := newArchive(t)
	const n = 205 // more than two batches
	var last engagement.Lane
	for i := range n {
		last = a.lane(a.person(i))
	}
	sealed, err := last.Seal([]byte("words"), "t", "c", "r")
	if err != nil {
		t.Fatal(err)
	}
	old := a.keys
	both, err := old.WithNewPrimary()
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	done, err := engagement.Rewrap(a.ctx, a.db, both, func(done int) { told = append(told, fmt.Sprint(done)) })
	if err != nil || done != n {
		t.Fatalf("%d, %v; told %s", done, err, strings.Join(told, " "))
	}
	shut, err := engagement.OpenLane(a.ctx, a.db, old, last.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shut.Open(sealed, "t", "c", "r"); !engagement.Unopened(err) {
		t.Errorf("the old keyset still opens a lane: %v", err)
	}
	if _, err := shut.Seal([]byte("more"), "t", "c", "r"); !engagement.Unopened(err) {
		t.Errorf("something was sealed without a key: %v", err)
	}
	lane, err := engagement.OpenLane(a.ctx, a.db, both, last.ID)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := lane.Open(sealed, "t", "c", "r"); err != nil || string(plain) != "words" {
		t.Errorf("%q, %v", plain, err)
	}
}

// The lanes of whoever had accepted last stood in another order than those of the
// other: each could see who of them had been first.
func TestLanesStandInOneOrderWhoeverAcceptedFirst(t *testing.T) {
	o := newOffice(t)
	id := o.start(o.a, o.b)
	kinds := func(viewer people.ID) (found []engagement.LaneKind) {
		lanes, err := engagement.Lanes(o.ctx, o.db, viewer, id)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lanes {
			found = append(found, l.Kind)
		}
		return found
	}
	o.accept(id, o.a)
	o.now = o.now.Add(time.Hour)
	o.accept(id, o.b)
	if first, last := kinds(o.a), kinds(o.b); !slices.Equal(first, last) || len(first) != 3 {
		t.Errorf("%v and %v", first, last)
	}
}

// A coach shared a note at eleven in the evening, and a light went on beside the bed.
func TestNewsOfTheNightWaitForTheMorning(t *testing.T) {
	o := newOffice(t)
	zone := "America/New_York"
	o.in(func(tx *pg.Tx) error {
		_, err := tx.Exec(o.ctx, `update person set timezone = $2 where id = $1`, o.a, zone)
		return err
	})
	local, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	day := func(n, hour, minute int) time.Time { return time.Date(2026, 12, n, hour, minute, 0, 0, local) }
	for nth, row := range []struct{ at, want time.Time }{
		{day(7, 20, 59), day(7, 20, 59)}, {day(7, 23, 0), day(8, 9, 0)}, {day(8, 3, 0), day(8, 9, 0)}, {day(8, 8, 0), day(8, 8, 0)},
	} {
		about := fmt.Sprintf("00000000-0000-4000-8000-%012d", nth)
		o.in(func(tx *pg.Tx) error { return o.s.PostNews(o.ctx, tx, o.a, about, row.at) })
		var leaves time.Time
		if err := o.db.Get(o.ctx, &leaves, `select not_before from letter where about = $1`, about); err != nil || !leaves.Equal(row.want) {
			t.Errorf("news of %v leave at %v, %v", row.at, leaves.In(local), err)
		}
	}
}

package engagement_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"kintsugi/internal/engagement"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
)

// A copy of the database from the night before brought back what somebody had
// erased in the morning.
func TestWhatWasErasedStaysErasedInAnOlderCopyOfTheDatabase(t *testing.T) {
	o := newOffice(t)
	id := o.start(o.a, o.b)
	o.accept(id, o.a, o.b)
	o.sign(id, o.a, o.b)
	list := engagement.ErasedList{Path: filepath.Join(t.TempDir(), "keys", "erased-lanes")}
	var own, joint engagement.LaneInfo
	mine, _ := engagement.Lanes(o.ctx, o.db, o.a, id)
	for _, l := range mine {
		switch l.Kind {
		case engagement.IndividualLane:
			own = l
		case engagement.JointLane:
			joint = l
		}
	}
	var wrapped []byte
	if err := o.db.Get(o.ctx, &wrapped, `select wrapped from lane_key where lane_id = $1`, own.ID); err != nil {
		t.Fatal(err)
	}
	o.in(func(tx *pg.Tx) error { return o.s.EraseOwn(o.ctx, tx, o.a, own.ID, o.now) })
	if keys, err := o.s.Read(o.ctx, o.db, o.a, own.ID); err != nil || len(keys) != 0 {
		t.Errorf("it still opens: %v", err)
	}
	// The work goes on in a new and empty lane; the partner's is as it was.
	o.wants(id, o.a, "-individual- individual joint safety")
	o.wants(id, o.b, "individual joint safety")
	if n, err := list.Keep(o.ctx, o.db); n != 1 || err != nil {
		t.Fatalf("%d lanes put onto the list, %v", n, err)
	}
	if info, err := os.Stat(list.Path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the list: %v, %v", info, err)
	}
	// The copy has the key, and knows of no erasing.
	if err := pgtest.Owner(t).InTx(o.ctx, func(tx *pg.Tx) error {
		if _, err := tx.Exec(o.ctx, `delete from erased_lane`); err != nil {
			return err
		}
		_, err := tx.Exec(o.ctx, `insert into lane_key (lane_id, wrapped) values ($1, $2)`, own.ID, wrapped)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if n, err := list.Destroy(o.ctx, o.db, o.now); n != 1 || err != nil {
		t.Errorf("%d keys destroyed, %v", n, err)
	}
	if keys, err := o.s.Read(o.ctx, o.db, o.a, own.ID); err != nil || len(keys) != 0 {
		t.Errorf("the copy brought it back: %v", err)
	}
	for _, l := range []engagement.LaneInfo{joint, own} {
		err := o.db.InTx(o.ctx, func(tx *pg.Tx) error { return o.s.EraseOwn(o.ctx, tx, o.b, l.ID, o.now) })
		if !errors.Is(err, engagement.ErrNothing) {
			t.Errorf("the partner erased the %s lane: %v", l.Kind, err)
		}
	}
	if err := os.WriteFile(list.Path, []byte("nonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := list.Destroy(o.ctx, o.db, o.now); err == nil {
		t.Error("a list that cannot be read is passed over")
	}
}

// Under a file system that cannot be written the list stayed empty without a
// word, and what was erased would have come back with an older copy.
func TestAListThatCannotBeKeptIsSaid(t *testing.T) {
	dir := t.TempDir()
	if err := (engagement.ErasedList{Path: filepath.Join(dir, "new", "erased-lanes")}).Writable(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Error("looking changed something")
	}
	if err := (engagement.ErasedList{Path: "/dev/null/erased-lanes"}).Writable(); err == nil {
		t.Error("a list that cannot be written is passed over")
	}
}

package audit_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"kintsugi/internal/audit"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
)

var at = time.Date(2026, 12, 7, 8, 0, 0, 0, time.UTC)

func TestALineIsWrittenWithTheActOrNotAtAll(t *testing.T) {
	ctx, db, about := context.Background(), pgtest.New(t), uuid.NewString()
	entry := audit.Entry{At: at, Actor: audit.Actor{Kind: audit.Visitor}, Act: "booking made", About: about, Detail: map[string]string{"status": "confirmed"}}
	if err := db.InTx(ctx, func(tx *pg.Tx) error { return audit.Record(ctx, tx, entry) }); err != nil {
		t.Fatal(err)
	}
	_ = db.InTx(ctx, func(tx *pg.Tx) error {
		if err := audit.Record(ctx, tx, entry); err != nil {
			t.Error(err)
		}
		return context.Canceled // the act fails, and its line with it
	})
	lines, err := audit.About(ctx, db, about)
	if err != nil || len(lines) != 1 || lines[0].Act != "booking made" || lines[0].Detail != `{"status": "confirmed"}` {
		t.Errorf("%+v, %v", lines, err)
	}
}

// Whoever gets hold of the program's own database role must not be able to
// cover their tracks.
func TestTheProgramCanNeitherChangeNorRemoveALine(t *testing.T) {
	ctx, db := context.Background(), pgtest.New(t)
	if err := db.InTx(ctx, func(tx *pg.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{At: at, Actor: audit.Actor{Kind: audit.System}, Act: "old enquiry deleted"})
	}); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{`update audit set act = 'nothing'`, `delete from audit`, `truncate audit`, `drop table audit`,
		`alter table audit add column x int`, `create or replace function audit_record(timestamptz, text, uuid, text, uuid, jsonb) returns void language sql as 'select'`} {
		if err := db.InTx(ctx, func(tx *pg.Tx) error {
			_, err := tx.Exec(ctx, statement)
			return err
		}); err == nil {
			t.Errorf("the program was let to %s", statement)
		}
	}
}

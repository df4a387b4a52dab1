package practice_test

import (
	"context"
	"database/sql"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/pressly/goose/v3"

	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
	"kintsugi/internal/questions"
	"kintsugi/migrations"
)

const someone = people.ID("0d1c2b3a-4f5e-4d6c-8b7a-123456789abc")

func intake() practice.Form {
	most := 10
	return practice.Form{Slug: "intake", SendOn: practice.FirstBooking, Position: 3, FormVersion: practice.FormVersion{Name: "Before", Lane: practice.Safety, Definition: questions.Definition{
		Questions: []questions.Question{
			{Key: "goal", Label: "What <b>now</b> & then?", Kind: questions.ScaleOf, Required: true, Max: &most, Options: []string{"less", "more"}},
			{Key: "why", Label: "Why?", Kind: questions.LongText, OnlyIf: &questions.Condition{Question: "goal", OneOf: []string{"3"}}},
		},
		Scores: []questions.Scale{{Key: "s", Name: "S", How: questions.Mean, Items: []questions.Item{{Question: "goal"}}, Bands: []questions.Band{{From: 0, Say: "low"}, {From: 250, Say: "high"}}}},
	}}}
}

func saveForm(t *testing.T, db *pg.DB, f practice.Form, by people.ID) {
	t.Helper()
	inTx(t, db, func(ctx context.Context, tx *pg.Tx) error { return practice.SaveForm(ctx, tx, f, by, clock()) })
}

func findForm(t *testing.T, db *pg.DB) practice.Form {
	t.Helper()
	f, err := practice.FindForm(context.Background(), db, "intake")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAFormIsStoredWhole(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	want := intake()
	saveForm(t, db, want, someone)
	saveForm(t, db, want, "")
	got := findForm(t, db)
	want.ID, want.Version, want.Hash, want.MadeAt, want.MadeBy = got.ID, 1, questions.Hash(want.Definition), clock(), someone
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if _, err := practice.FindForm(ctx, db, "outtake"); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
	if sent, err := practice.FormsSentOn(ctx, db, practice.FirstBooking); err != nil || len(sent) != 1 {
		t.Errorf("%+v, %v", sent, err)
	}
	want.Withdrawn = true
	saveForm(t, db, want, someone)
	if sent, err := practice.FormsSentOn(ctx, db, practice.FirstBooking); err != nil || sent != nil {
		t.Errorf("a withdrawn form is sent: %+v, %v", sent, err)
	}
}

// A coach reworded a question, and an answer from last year stood under words
// that nobody had read when it was written.
func TestWhatWasAskedStaysAsItWas(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	first := intake()
	saveForm(t, db, first, someone)
	second := intake()
	second.Questions[0].Label = "What then?"
	saveForm(t, db, second, "")
	now := findForm(t, db)
	if now.Version != 2 || now.MadeBy != "" || now.Questions[0].Label != "What then?" {
		t.Errorf("%+v", now)
	}
	old, err := practice.FindFormVersion(ctx, db, now.ID, 1)
	if err != nil || !reflect.DeepEqual(old.Definition, first.Definition) || old.Hash != questions.Hash(old.Definition) {
		t.Errorf("%+v, %v", old, err)
	}
	saveForm(t, db, first, someone) // back to the old words is a new version too
	if all, err := practice.FormVersions(ctx, db, now.ID); err != nil || len(all) != 3 || all[0].Version != 3 || all[0].Hash != old.Hash {
		t.Errorf("%+v, %v", all, err)
	}
	if _, err := practice.FindFormVersion(ctx, db, now.ID, 4); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
	for _, try := range []string{`update form_version set name = 'x'`, `delete from form_version`, `delete from form`} {
		err := db.InTx(ctx, func(tx *pg.Tx) error { _, err := tx.Exec(ctx, try); return err })
		if err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: %v", try, err)
		}
	}
}

func TestTwoWhoWriteAtOneDraftAreToldOfEachOther(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	saveForm(t, db, intake(), someone)
	draft := practice.DraftOf(findForm(t, db))
	save := func(d practice.FormDraft) error {
		return db.InTx(ctx, func(tx *pg.Tx) error { return practice.SaveFormDraft(ctx, tx, d, someone, clock()) })
	}
	var both sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		both.Go(func() { errs[i] = save(draft) })
	}
	both.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatalf("%v, %v", errs[0], errs[1])
	}
	for _, err := range errs {
		if err != nil && !fault.Is(err, "form-changed") {
			t.Error(err)
		}
	}
	kept, found, err := practice.FindFormDraft(ctx, db, "intake")
	if err != nil || !found || kept.Revision != 1 || kept.Base != 1 || !reflect.DeepEqual(kept.Definition, draft.Definition) {
		t.Fatalf("%+v, %v, %v", kept, found, err)
	}
	stale := kept
	kept.Name = "After"
	if err := save(kept); err != nil {
		t.Fatal(err)
	}
	if err := save(stale); !fault.Is(err, "form-changed") {
		t.Error(err)
	}
	drop := func(revision int) error {
		return db.InTx(ctx, func(tx *pg.Tx) error { return practice.DropFormDraft(ctx, tx, "intake", revision) })
	}
	if err := drop(1); !fault.Is(err, "form-changed") {
		t.Error(err)
	}
	if err := drop(2); err != nil {
		t.Error(err)
	}
	if err := save(stale); !fault.Is(err, "form-changed") {
		t.Errorf("a draft that was thrown away came back: %v", err)
	}
}

// Forms that stood in the database before versions did are their own first
// version, under the hash that the program takes today.
func TestOldFormsBecomeTheirOwnFirstVersion(t *testing.T) {
	ctx, address := context.Background(), pgtest.Empty(t)
	pool, err := sql.Open("postgres", address)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	before, err := goose.NewProvider(goose.DialectPostgres, pool, migrations.FS, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := before.UpTo(ctx, 104); err != nil {
		t.Fatal(err)
	}
	_, err = pool.ExecContext(ctx, `
		insert into form (slug, name, lane, send_on, questions, position) values
		('old', 'Old', 'safety', 'manual', $1, 1), ('empty', 'Empty', 'joint', 'manual', '[]', 2)`,
		`[{"key": "a", "label": "What <b>\"now\"</b> & \\ then? Zoë 李 😀", "type": "short_text", "required": true, "help": "No\thurry"},
		  {"key": "b", "label": "B", "type": "radio", "options": ["x & y", "<z>"]},
		  {"key": "c", "label": "C", "type": "scale", "min": 0, "max": 10, "required": false},
		  {"key": "d", "label": "D", "type": "essay"}]`)
	if err != nil {
		t.Fatal(err)
	}
	if err := pg.Migrate(ctx, address); err != nil {
		t.Fatal(err)
	}
	db, err := pg.Open(ctx, address, pg.Options{Role: pg.AppRole})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	all, err := practice.AllForms(ctx, db)
	if err != nil || len(all) != 2 {
		t.Fatalf("%+v, %v", all, err)
	}
	least, most := 0, 10
	want := []questions.Question{
		{Key: "a", Label: "What <b>\"now\"</b> & \\ then? Zoë 李 😀", Kind: questions.ShortText, Required: true, Help: "No\thurry"},
		{Key: "b", Label: "B", Kind: questions.Choice, Options: []string{"x & y", "<z>"}},
		{Key: "c", Label: "C", Kind: questions.ScaleOf, Min: &least, Max: &most},
		{Key: "d", Label: "D", Kind: questions.LongText},
	}
	if f := all[0]; f.Version != 1 || f.Name != "Old" || f.Lane != practice.Safety || !reflect.DeepEqual(f.Questions, want) {
		t.Errorf("%+v", f)
	}
	for _, f := range all {
		if f.Hash != questions.Hash(f.Definition) {
			t.Errorf("%s is kept under %s and has %s", f.Slug, f.Hash, questions.Hash(f.Definition))
		}
	}
}

package setup_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
)

func TestWhetherAReasonIsAskedIsExportedOnlyWhenItIsNot(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	mustApply(t, db, whole(t))
	if basics, err := practice.LoadBasics(ctx, db); err != nil || !basics.AskReason || strings.Contains(export(t, db), "ask_reason") {
		t.Errorf("%+v, %v", basics, err)
	}
	changes := mustApply(t, db, "practice: {ask_reason: false}")
	if want := []string{"practice: ask_reason true → false"}; !slices.Equal(changes, want) {
		t.Errorf("%q", changes)
	}
	text := export(t, db)
	if basics, err := practice.LoadBasics(ctx, db); err != nil || basics.AskReason || !strings.Contains(text, "\n  ask_reason: false\n") {
		t.Errorf("%+v, %v\n%s", basics, err, text)
	}
	if changes := mustApply(t, db, text); changes != nil {
		t.Errorf("its own export %q", changes)
	}
	mustApply(t, db, "practice: {ask_reason: null}")
	if text := export(t, db); strings.Contains(text, "ask_reason") {
		t.Error(text)
	}
	refused(t, db, "practice:\n  ask_reason: maybe", "practice.yaml:2: practice.ask_reason")
}

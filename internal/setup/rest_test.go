package setup_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
)

func TestAfterHowLongSessionsRestIsExportedOnlyWhenItIsSaid(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	mustApply(t, db, whole(t))
	is := func(days int) {
		t.Helper()
		if basics, err := practice.LoadBasics(ctx, db); err != nil || basics.RestDays != days {
			t.Errorf("%d days, want %d; %v", basics.RestDays, days, err)
		}
	}
	is(practice.DefaultRestDays)
	if text := export(t, db); strings.Contains(text, "sessions_rest") {
		t.Error(text)
	}
	for _, c := range []struct {
		says, change string
		days         int
	}{{"45d", "21d → 45d", 45}, {"0d", "45d → 0d", 0}, {"48h", "0d → 2d", 2}} {
		if changes := mustApply(t, db, "practice: {sessions_rest: "+c.says+"}"); !slices.Equal(changes, []string{"practice: sessions_rest " + c.change}) {
			t.Errorf("%q", changes)
		}
		is(c.days)
		text := export(t, db)
		if changes := mustApply(t, db, text); changes != nil || !strings.Contains(text, "\n  sessions_rest: ") {
			t.Errorf("its own export %q\n%s", changes, text)
		}
	}
	mustApply(t, db, "practice: {sessions_rest: null}")
	is(practice.DefaultRestDays)
	for _, wrong := range []string{"366d", "3h", "soon", "-1d"} {
		refused(t, db, "practice:\n  sessions_rest: "+wrong, "practice.yaml:2: practice.sessions_rest")
	}
}

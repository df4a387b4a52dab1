package hook_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/web/hook"
)

func TestReadyOnlyWhenTheDatabaseIsUpToDate(t *testing.T) {
	ctx := context.Background()
	db, err := pg.Open(ctx, pgtest.Empty(t), pg.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := hook.NewHealth(db).Ready(ctx); err == nil || !strings.Contains(err.Error(), "kintsugi migrate") {
		t.Errorf("an empty database is told as %v", err)
	}
	full := hook.NewHealth(pgtest.New(t))
	for range 2 {
		if err := full.Ready(ctx); err != nil {
			t.Error(err)
		}
	}
	full.Stop()
	if full.Ready(ctx) == nil {
		t.Error("ready while stopping")
	}
}

// Every connection was busy with one slow report, and the watcher that asked
// whether all was well waited with everybody else.
func TestABusyPoolIsToldWithinTwoSeconds(t *testing.T) {
	ctx := context.Background()
	db, err := pg.Open(ctx, pgtest.URL(t), pg.Options{MaxOpen: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	health := hook.NewHealth(db)
	if err := health.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	err = db.InTx(ctx, func(*pg.Tx) error {
		began := time.Now()
		for range 3 { // watchers do not wait for each other in a row
			if health.Ready(ctx) == nil {
				t.Error("ready while nobody can reach the database")
			}
		}
		if took := time.Since(began); took > 7*time.Second {
			t.Errorf("took %v", took)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := health.Ready(ctx); err != nil {
		t.Errorf("does not recover: %v", err)
	}
}

func TestACountThatCannotBeReadIsMissingAndTheRestIsTold(t *testing.T) {
	m := hook.NewMetrics()
	m.Add(hook.Count{Name: "jobs", Help: "Jobs by state.", Label: "state", Read: func(context.Context) (map[string]float64, error) {
		return map[string]float64{"waiting": 3, "dead": 1}, nil
	}})
	m.Add(hook.Count{Name: "letters", Help: "Letters by state.", Label: "state", Read: func(context.Context) (map[string]float64, error) {
		return nil, errors.New("gone")
	}})
	w := httptest.NewRecorder()
	hook.Admin(m).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	told := w.Body.String()
	if w.Code != 200 || !strings.Contains(told, `kintsugi_jobs{state="dead"} 1`) || strings.Contains(told, "kintsugi_letters{") {
		t.Errorf("%d %s", w.Code, told)
	}
	profile := httptest.NewRecorder()
	hook.Admin(m).ServeHTTP(profile, httptest.NewRequest("GET", "/debug/pprof/goroutine?debug=1", nil))
	if profile.Code != 200 {
		t.Errorf("profiling answers %d", profile.Code)
	}
}

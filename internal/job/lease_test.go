package job_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kintsugi/internal/job"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
)

// A process that dies keeps its lease and never renews it. Here its death is a
// row leased by nobody: that is all a dead process leaves behind.
func TestTheJobOfADeadReplicaIsDoneAfterItsLease(t *testing.T) {
	db := pgtest.New(t)
	c := &clock{now: start}
	add(t, db, job.Job{Kind: "finish"})
	err := db.InTx(t.Context(), func(tx *pg.Tx) error {
		_, err := tx.Exec(t.Context(), `update job set leased_until = $1, tries = 1, takes = 1`, start.Add(time.Minute))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	run(t, replica(db, c.Now, map[string]job.Handler{"finish": func(context.Context, json.RawMessage) error { return nil }}))
	time.Sleep(80 * time.Millisecond)
	if n := count(t, db, `done_at is null`); n != 1 {
		t.Fatal("taken while another held it")
	}
	c.Pass(time.Minute)
	eventually(t, "done by the other", func() bool { return count(t, db, `done_at is not null and tries = 2`) == 1 })
}

func TestLongWorkKeepsItsLease(t *testing.T) {
	db, other := pgtest.New(t), pgtest.New(t)
	var starts atomic.Int32
	long := func(context.Context, json.RawMessage) error {
		starts.Add(1)
		time.Sleep(900 * time.Millisecond)
		return nil
	}
	add(t, db, job.Job{Kind: "long"})
	for _, pool := range []*pg.DB{db, other} {
		r := replica(pool, time.Now, map[string]job.Handler{"long": long})
		r.Lease = 300 * time.Millisecond
		run(t, r)
	}
	eventually(t, "done", func() bool { return count(t, db, `done_at is not null`) == 1 })
	if starts.Load() != 1 {
		t.Errorf("started %d times", starts.Load())
	}
}

func TestWhoLostTheLeaseIsToldAndChangesNothing(t *testing.T) {
	db := pgtest.New(t)
	told := make(chan struct{})
	r := replica(db, time.Now, map[string]job.Handler{"slow": func(ctx context.Context, _ json.RawMessage) error {
		<-ctx.Done()
		close(told)
		return nil
	}})
	r.Lease = 300 * time.Millisecond
	add(t, db, job.Job{Kind: "slow"})
	stop := run(t, r)
	eventually(t, "taken", func() bool { return count(t, db, `takes = 1`) == 1 })
	// Another replica took it over.
	err := db.InTx(t.Context(), func(tx *pg.Tx) error {
		_, err := tx.Exec(t.Context(), `update job set takes = 2, leased_until = $1 where kind = 'slow'`, time.Now().Add(time.Hour))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-told:
	case <-time.After(3 * time.Second):
		t.Fatal("never told")
	}
	stop()
	if n := count(t, db, `takes = 2 and done_at is null and leased_until is not null`); n != 1 {
		t.Error("the loser wrote the outcome")
	}
}

func TestStoppingLetsRunningJobsFinish(t *testing.T) {
	db := pgtest.New(t)
	began := make(chan struct{})
	r := replica(db, time.Now, map[string]job.Handler{"letter": func(ctx context.Context, _ json.RawMessage) error {
		close(began)
		time.Sleep(200 * time.Millisecond)
		return ctx.Err()
	}})
	add(t, db, job.Job{Kind: "letter"})
	stop := run(t, r)
	<-began
	add(t, db, job.Job{Kind: "later"})
	stop()
	if n := count(t, db, `kind = 'letter' and done_at is not null`); n != 1 {
		t.Error("the running job was cut off")
	}
	if n := count(t, db, `kind = 'later' and takes = 0`); n != 1 {
		t.Error("a new job was begun while stopping")
	}
}

func TestStoppingHasADeadlineAndTheJobIsDoneByTheNext(t *testing.T) {
	db := pgtest.New(t)
	began := make(chan struct{}, 2)
	r := replica(db, time.Now, map[string]job.Handler{"stuck": func(ctx context.Context, _ json.RawMessage) error {
		began <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	}})
	r.Grace = 100 * time.Millisecond
	add(t, db, job.Job{Kind: "stuck"})
	stop := run(t, r)
	<-began
	from := time.Now()
	stop()
	if took := time.Since(from); took > 2*time.Second {
		t.Errorf("stopping took %s", took)
	}
	if n := count(t, db, `done_at is null and leased_until is null and last_error = 'stopped'`); n != 1 {
		t.Error("the interrupted job is not free for the next")
	}
	run(t, replica(db, time.Now, map[string]job.Handler{"stuck": func(context.Context, json.RawMessage) error { return nil }}))
	eventually(t, "done by the next", func() bool { return count(t, db, `done_at is not null`) == 1 })
}

func TestARecurringJobIsDoneOnceAPeriodHoweverManyReplicas(t *testing.T) {
	db, other := pgtest.New(t), pgtest.New(t)
	c := &clock{now: start}
	var turns atomic.Int32
	for _, pool := range []*pg.DB{db, other} {
		r := replica(pool, c.Now, map[string]job.Handler{"sweep": func(context.Context, json.RawMessage) error { turns.Add(1); return nil }})
		r.Recurring = []job.Recurring{job.Every("sweep", time.Hour)}
		run(t, r)
	}
	settled := func(n int32) {
		t.Helper()
		eventually(t, "a turn", func() bool { return turns.Load() >= n })
		time.Sleep(80 * time.Millisecond)
		if turns.Load() != n {
			t.Fatalf("%d turns, want %d", turns.Load(), n)
		}
	}
	settled(1)
	c.Pass(59 * time.Minute)
	settled(1)
	c.Pass(time.Minute)
	settled(2)
	// After a long sleep the missed turns are not made up.
	c.Pass(30 * time.Hour)
	settled(3)
}

func TestDoneJobsAreForgottenAfterAWhile(t *testing.T) {
	db := pgtest.New(t)
	c := &clock{now: start}
	add(t, db, job.Job{Kind: "small"})
	run(t, replica(db, c.Now, map[string]job.Handler{"small": func(context.Context, json.RawMessage) error { return nil }}))
	eventually(t, "done", func() bool { return count(t, db, `done_at is not null`) == 1 })
	c.Pass(8 * 24 * time.Hour)
	eventually(t, "forgotten", func() bool { c.Pass(time.Hour); return count(t, db, `true`) == 0 })
}

func TestAnIdleQueueReadsFewRows(t *testing.T) {
	db := pgtest.New(t)
	owner := pgtest.Owner(t)
	err := owner.InTx(t.Context(), func(tx *pg.Tx) error {
		_, err := tx.Exec(t.Context(), `
			insert into job (kind, args, run_at, done_at)
			select 'old', 'null', timestamptz '2026-01-01', timestamptz '2026-01-01' from generate_series(1, 20000)`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var plan string
	var lines []string
	err = db.Select(t.Context(), &lines, `
		explain (analyze, buffers, costs off, timing off, summary off)
		select exists (
			select 1 from job
			where done_at is null and dead_at is null and run_at <= now()
				and (leased_until is null or leased_until <= now()) and kind = any(string_to_array('a b', ' ')))`)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		plan += l + "\n"
	}
	t.Logf("plan:\n%s", plan)
	if !strings.Contains(plan, "job_due") || strings.Contains(plan, "Seq Scan") {
		t.Errorf("looking for work does not use its index:\n%s", plan)
	}
}

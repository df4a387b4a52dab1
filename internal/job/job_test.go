package job_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kintsugi/internal/job"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
)

var start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// clock is one clock for all replicas of a test.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// replica is a runner that looks often.
func replica(db *pg.DB, now func() time.Time, handlers map[string]job.Handler) *job.Runner {
	return &job.Runner{DB: db, Now: now, Log: slog.New(slog.DiscardHandler), Handlers: handlers, Poll: 10 * time.Millisecond}
}

// run starts a runner and gives what stops it and waits for it.
func run(t *testing.T, r *job.Runner) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { r.Run(ctx); close(ended) }()
	stop = sync.OnceFunc(func() { cancel(); <-ended })
	t.Cleanup(stop)
	return stop
}

func add(t *testing.T, db *pg.DB, jobs ...job.Job) {
	t.Helper()
	err := db.InTx(t.Context(), func(tx *pg.Tx) error { return job.Add(t.Context(), tx, jobs...) })
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits until a thing is true.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 500 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}

// count asks the table.
func count(t *testing.T, db *pg.DB, where string) int {
	t.Helper()
	var n int
	if err := db.Get(t.Context(), &n, `select count(*) from job where every is null and `+where); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAThousandJobsOverTwoReplicasAreEachDoneOnce(t *testing.T) {
	db, other := pgtest.New(t), pgtest.New(t)
	c := &clock{now: start}
	jobs := make([]job.Job, 1000)
	for i := range jobs {
		jobs[i] = job.Job{Kind: "tally", Args: map[string]int{"n": i}}
	}
	add(t, db, jobs...)
	var mu sync.Mutex
	done := map[int]int{}
	var byReplica [2]atomic.Int32
	for i, pool := range []*pg.DB{db, other} {
		run(t, replica(pool, c.Now, map[string]job.Handler{"tally": func(_ context.Context, args json.RawMessage) error {
			var a struct{ N int }
			if err := json.Unmarshal(args, &a); err != nil {
				return err
			}
			byReplica[i].Add(1)
			mu.Lock()
			defer mu.Unlock()
			done[a.N]++
			return nil
		}}))
	}
	eventually(t, "all done", func() bool { return count(t, db, `done_at is not null`) == 1000 })
	for n := range 1000 {
		if done[n] != 1 {
			t.Fatalf("job %d was done %d times", n, done[n])
		}
	}
	if byReplica[0].Load() == 0 || byReplica[1].Load() == 0 {
		t.Errorf("one replica did everything: %d and %d", byReplica[0].Load(), byReplica[1].Load())
	}
}

func TestWhatIsRolledBackWasNeverToDo(t *testing.T) {
	db := pgtest.New(t)
	_ = db.InTx(t.Context(), func(tx *pg.Tx) error {
		if err := job.Add(t.Context(), tx, job.Job{Kind: "ghost"}); err != nil {
			t.Error(err)
		}
		return errors.New("no")
	})
	if n := count(t, db, `true`); n != 0 {
		t.Errorf("%d jobs survived a rollback", n)
	}
}

func TestAJobWaitsForItsTime(t *testing.T) {
	db := pgtest.New(t)
	c := &clock{now: start}
	var done atomic.Int32
	add(t, db, job.Job{Kind: "remind", RunAt: start.Add(time.Hour)})
	run(t, replica(db, c.Now, map[string]job.Handler{"remind": func(context.Context, json.RawMessage) error { done.Add(1); return nil }}))
	time.Sleep(80 * time.Millisecond)
	if done.Load() != 0 {
		t.Fatal("done before its time")
	}
	c.Pass(time.Hour)
	eventually(t, "done", func() bool { return done.Load() == 1 })
}

func TestWakeSparesTheWait(t *testing.T) {
	db := pgtest.New(t)
	r := replica(db, time.Now, nil)
	r.Poll = time.Hour
	got := make(chan struct{}, 1)
	r.Handlers = map[string]job.Handler{"now": func(context.Context, json.RawMessage) error { got <- struct{}{}; return nil }}
	run(t, r)
	time.Sleep(50 * time.Millisecond)
	add(t, db, job.Job{Kind: "now"})
	r.Wake()
	select {
	case <-got:
	case <-time.After(3 * time.Second):
		t.Fatal("nobody woke")
	}
}

func TestAKindThatNobodyHereKnowsIsLeftForOthers(t *testing.T) {
	db := pgtest.New(t)
	add(t, db, job.Job{Kind: "from-a-newer-version"})
	run(t, replica(db, time.Now, nil))
	time.Sleep(80 * time.Millisecond)
	if n := count(t, db, `tries = 0 and done_at is null`); n != 1 {
		t.Error("an unknown kind was touched")
	}
}

func TestOnlyOneLiveJobHasAKey(t *testing.T) {
	db := pgtest.New(t)
	add(t, db, job.Job{Kind: "sync", Unique: "sync mara"}, job.Job{Kind: "sync", Unique: "sync mara"}, job.Job{Kind: "sync", Unique: "sync ines"})
	add(t, db, job.Job{Kind: "sync", Unique: "sync mara"})
	if n := count(t, db, `true`); n != 2 {
		t.Fatalf("%d rows, want 2", n)
	}
	var done atomic.Int32
	run(t, replica(db, time.Now, map[string]job.Handler{"sync": func(context.Context, json.RawMessage) error { done.Add(1); return nil }}))
	eventually(t, "both done", func() bool { return count(t, db, `done_at is not null`) == 2 })
	add(t, db, job.Job{Kind: "sync", Unique: "sync mara"})
	eventually(t, "again after the first was done", func() bool { return done.Load() == 3 })
}

func TestAFailureIsTriedAgainLaterAndStoresOnlyItsClass(t *testing.T) {
	db := pgtest.New(t)
	c := &clock{now: start}
	var tries atomic.Int32
	add(t, db, job.Job{Kind: "call"})
	run(t, replica(db, c.Now, map[string]job.Handler{"call": func(context.Context, json.RawMessage) error {
		if tries.Add(1) == 1 {
			return job.Classed("line busy", errors.New("canary words"))
		}
		return nil
	}}))
	eventually(t, "put off", func() bool { return count(t, db, `last_error = 'line busy' and leased_until is null`) == 1 })
	time.Sleep(50 * time.Millisecond)
	if tries.Load() != 1 {
		t.Fatal("tried again without waiting")
	}
	c.Pass(7 * time.Second)
	eventually(t, "done", func() bool { return count(t, db, `done_at is not null and last_error is null`) == 1 })
}

func TestAPanicIsAFailureAndItsValueIsNowhere(t *testing.T) {
	db := pgtest.New(t)
	var log syncBuffer
	r := replica(db, time.Now, map[string]job.Handler{"burst": func(context.Context, json.RawMessage) error { panic("canary words") }})
	r.Log = slog.New(slog.NewTextHandler(&log, nil))
	add(t, db, job.Job{Kind: "burst"})
	run(t, r)
	eventually(t, "put off", func() bool { return count(t, db, `last_error = 'panic'`) == 1 })
	if strings.Contains(log.String(), "canary") {
		t.Error("the panic's value reached the log")
	}
	if !strings.Contains(log.String(), "job_test.go") {
		t.Error("the log does not say where it panicked")
	}
}

func TestAPermanentFailureIsDeadAtOnceAndCanBeRevived(t *testing.T) {
	db := pgtest.New(t)
	var broken atomic.Bool
	broken.Store(true)
	add(t, db, job.Job{Kind: "post"})
	run(t, replica(db, time.Now, map[string]job.Handler{"post": func(context.Context, json.RawMessage) error {
		if broken.Load() {
			return job.Permanent(job.Classed("no such house", fmt.Errorf("canary words")))
		}
		return nil
	}}))
	var dead []job.DeadJob
	eventually(t, "dead", func() bool {
		var err error
		dead, err = job.Dead(t.Context(), db, 10)
		return err == nil && len(dead) == 1
	})
	if dead[0].LastError != "no such house" || dead[0].Tries != 1 || dead[0].Kind != "post" {
		t.Errorf("dead job says %+v", dead[0])
	}
	broken.Store(false)
	err := db.InTx(t.Context(), func(tx *pg.Tx) error {
		ok, err := job.Revive(t.Context(), tx, dead[0].ID, time.Now())
		if !ok {
			t.Error("not revived")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "done", func() bool { return count(t, db, `done_at is not null`) == 1 })
}

func TestAJobIsGivenUpAfterItsTries(t *testing.T) {
	db := pgtest.New(t)
	c := &clock{now: start}
	r := replica(db, c.Now, map[string]job.Handler{"hopeless": func(context.Context, json.RawMessage) error { return errors.New("no") }})
	r.Tries = 3
	add(t, db, job.Job{Kind: "hopeless"})
	run(t, r)
	eventually(t, "dead", func() bool { c.Pass(time.Minute); return count(t, db, `dead_at is not null and tries = 3`) == 1 })
	b, err := job.Queue(t.Context(), db, c.Now())
	if err != nil || b.Dead != 1 || b.Due != 0 || b.Oldest != nil {
		t.Errorf("backlog %+v, %v", b, err)
	}
}

func TestBackoffDoublesToAQuarterOfAnHour(t *testing.T) {
	for tries, want := range map[int]time.Duration{0: 5 * time.Second, 1: 5 * time.Second, 2: 10 * time.Second, 7: 320 * time.Second, 8: 15 * time.Minute, 300: 15 * time.Minute} {
		got := job.Backoff(tries)
		if got < want*8/10 || got > want*12/10 {
			t.Errorf("after %d tries wait %s, want %s, a fifth more or less", tries, got, want)
		}
	}
}

// syncBuffer is a log that several goroutines may write to.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

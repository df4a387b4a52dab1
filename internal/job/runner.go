package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"kintsugi/internal/pg"
)

// Runner does jobs. Any number of runners may work on one database, and a
// process may have several: kinds that wait for the outside world, such as
// letters, deserve one of their own, so that a slow server delays only them.
type Runner struct {
	DB        *pg.DB
	Now       func() time.Time
	Log       *slog.Logger
	Handlers  map[string]Handler // a kind without a handler here is left for others
	Recurring []Recurring

	Workers int           // jobs at once; 0 means 4
	Poll    time.Duration // how often to look without being woken; 0 means a second
	Lease   time.Duration // how long a silent worker keeps its job; 0 means a minute
	Grace   time.Duration // how long running jobs may take to finish at the end; 0 means 15 s
	Tries   int           // how often before a job is given up; 0 means 400, about four days
	Keep    time.Duration // how long done jobs are remembered; 0 means a week

	once sync.Once
	wake chan struct{}
}

// sweepKind is the runner's own recurring job.
const sweepKind = "job-sweep"

// prepare fills in the defaults once.
func (r *Runner) prepare() {
	r.once.Do(func() {
		r.wake = make(chan struct{}, 1)
		r.Workers = defaulted(r.Workers, 4)
		r.Poll = defaulted(r.Poll, time.Second)
		r.Lease = defaulted(r.Lease, time.Minute)
		r.Grace = defaulted(r.Grace, 15*time.Second)
		r.Tries = defaulted(r.Tries, 400)
		r.Keep = defaulted(r.Keep, 7*24*time.Hour)
	})
}

func defaulted[T int | time.Duration](v, otherwise T) T {
	if v == 0 {
		return otherwise
	}
	return v
}

// Wake says that something was just added and committed. It never waits.
func (r *Runner) Wake() {
	r.prepare()
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Run does jobs until ctx ends, then lets the running ones finish within the
// grace and returns. What does not finish in time is told to stop and done
// again later by whoever is left.
func (r *Runner) Run(ctx context.Context) {
	r.prepare()
	handlers := map[string]Handler{sweepKind: func(ctx context.Context, _ json.RawMessage) error {
		return sweep(ctx, r.DB, r.Now().Add(-r.Keep))
	}}
	for kind, h := range r.Handlers {
		handlers[kind] = h
	}
	kinds := make([]string, 0, len(handlers))
	for kind := range handlers {
		kinds = append(kinds, kind)
	}
	recurring := append([]Recurring{Every(sweepKind, time.Hour)}, r.Recurring...)

	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var busy sync.WaitGroup
	free := make(chan struct{}, r.Workers)
	tick := time.NewTicker(r.Poll)
	defer tick.Stop()
	planted := false
	var lastSaid time.Time
	for ctx.Err() == nil {
		var claims []claim
		var err error
		if !planted {
			err = plant(ctx, r.DB, r.Now(), recurring)
			planted = err == nil
		}
		if n := r.Workers - len(free); n > 0 && planted {
			claims, err = take(ctx, r.DB, r.Now(), r.Lease, kinds, n)
		}
		// A database that is down is said when it begins and once a minute, not at
		// every look.
		if err == nil {
			lastSaid = time.Time{}
		} else if time.Since(lastSaid) > time.Minute {
			r.complain(ctx, "look for jobs", err)
			lastSaid = time.Now()
		}
		for _, c := range claims {
			free <- struct{}{}
			busy.Go(func() {
				r.do(working, c, handlers[c.Kind])
				<-free
				r.Wake()
			})
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-r.wake:
		}
	}
	finished := make(chan struct{})
	go func() { busy.Wait(); close(finished) }()
	select {
	case <-finished:
	case <-time.After(r.Grace):
		stop()
		<-finished
	}
}

// do runs one claimed job and records how it ended.
func (r *Runner) do(ctx context.Context, c claim, h Handler) {
	held, release := context.WithCancel(ctx)
	defer release()
	var keeper sync.WaitGroup
	keeper.Go(func() { r.keep(held, c, release) })
	err := call(held, h, c)
	lost := held.Err() != nil && ctx.Err() == nil
	release()
	keeper.Wait()
	if lost {
		r.Log.Warn("job lost its lease", "job", c.ID, "kind", c.Kind)
		return
	}
	// The outcome is recorded even when the runner is being stopped.
	r.settle(context.WithoutCancel(ctx), c, err, ctx.Err() != nil)
}

// settle records the outcome of a job.
func (r *Runner) settle(ctx context.Context, c claim, failed error, stopped bool) {
	now := r.Now()
	var ours bool
	var err error
	switch {
	case failed == nil:
		ours, err = finish(ctx, r.DB, c, now)
	case stopped && errors.Is(failed, context.Canceled):
		ours, err = postpone(ctx, r.DB, c, "stopped", now)
	case IsPermanent(failed) || c.Tries >= r.Tries:
		r.Log.Error("job given up", "job", c.ID, "kind", c.Kind, "tries", c.Tries, "class", Class(failed), "err", failed)
		ours, err = bury(ctx, r.DB, c, Class(failed), now)
	default:
		wait := Backoff(c.Tries)
		r.Log.Warn("job failed", "job", c.ID, "kind", c.Kind, "tries", c.Tries, "class", Class(failed), "err", failed, "again_in", wait.String())
		ours, err = postpone(ctx, r.DB, c, Class(failed), now.Add(wait))
	}
	if err != nil {
		r.complain(ctx, "record the end of a job", err)
	} else if !ours {
		r.Log.Warn("job was taken over meanwhile", "job", c.ID, "kind", c.Kind)
	}
}

// keep prolongs the lease while the job runs. When the job is no longer ours it
// tells the handler to stop.
func (r *Runner) keep(ctx context.Context, c claim, lost func()) {
	tick := time.NewTicker(r.Lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			ours, err := renew(ctx, r.DB, c, r.Now().Add(r.Lease))
			if err == nil && !ours {
				lost()
				return
			}
		}
	}
}

// call runs a handler; a panic becomes an error that repeats no value.
func call(ctx context.Context, h Handler, c claim) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = Classed("panic", fmt.Errorf("panic %T in job %s\n%s", p, c.Kind, debug.Stack()))
		}
	}()
	return h(ctx, json.RawMessage(c.Args))
}

// Backoff tells how long to wait after so many tries: 5 seconds, doubling to
// a quarter of an hour, a fifth more or less, so that many do not come back at
// the same moment.
func Backoff(tries int) time.Duration {
	wait := 15 * time.Minute
	if tries < 8 {
		wait = 5 * time.Second << max(tries-1, 0)
	}
	return time.Duration(float64(wait) * (0.8 + 0.4*rand.Float64()))
}

// complain logs trouble of the runner itself. Trouble while stopping is none.
func (r *Runner) complain(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		r.Log.Error("job runner: "+what, "err", err)
	}
}

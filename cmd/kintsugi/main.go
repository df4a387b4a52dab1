// Command kintsugi is the whole program. This package holds its commands, one
// file each, and starts what runs and waits until it has stopped. What the
// commands do belongs to the rooms below.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // a machine without a zone database knows the hours all the same
)

func main() {
	signals := []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // ignored under nohup, on purpose
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	context.AfterFunc(ctx, func() {
		stop() // a second signal ends us at once
		time.AfterFunc(longestStop, func() { os.Exit(exitFailed) })
	})
	os.Exit(run(ctx, process{
		args: os.Args[1:], environ: os.Environ(), in: os.Stdin, out: os.Stdout, err: os.Stderr,
	}))
}

// longestStop is when we end whatever still runs. What is written is safe by
// then: PostgreSQL recovers it.
const longestStop = 19500 * time.Millisecond

// process is what a command is given by whoever runs it.
type process struct {
	args     []string
	environ  []string
	in       io.Reader
	out, err io.Writer
	turnWait time.Duration // how long a turn of lane keys waits; zero: as long as it must
}

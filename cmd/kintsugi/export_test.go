package main

import (
	"context"
	"io"
	"os"
	"time"
)

// Run is the program with everything that it is given by whoever runs it.
func Run(ctx context.Context, args, environ []string, in io.Reader, out, err io.Writer) int {
	return run(ctx, process{args: args, environ: environ, in: in, out: out, err: err})
}

// Main is the program as it stands in main.
var Main = main

// CommandNames lists the commands.
func CommandNames() []string {
	var names []string
	for _, c := range commands() {
		names = append(names, c.name)
	}
	return names
}

// SealedColumns are all columns in which words lie sealed.
var SealedColumns = sealedColumns

// WrappedTables are all tables in which something lies under the keyset.
var WrappedTables = wrappedTables

// MainWaiting is the program, with another wait in a turn of lane keys.
func MainWaiting(wait time.Duration) {
	os.Exit(run(context.Background(), process{args: os.Args[1:], environ: os.Environ(), in: os.Stdin, out: os.Stdout, err: os.Stderr, turnWait: wait}))
}

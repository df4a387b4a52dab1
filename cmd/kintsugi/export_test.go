package main

import (
	"context"
	"io"
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

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"kintsugi/internal/config"
	"kintsugi/internal/fault"
	"kintsugi/internal/setup"
)

// complain tells why a command failed. Mistakes in a file stand by themselves,
// so that an editor can jump to them; everything else is one line that says
// what to do.
func complain(w io.Writer, name string, err error) {
	var mistakes setup.Mistakes
	if errors.As(err, &mistakes) {
		fmt.Fprintf(w, "%s\nkintsugi %s: the file cannot be used as it is, so nothing was done\n", mistakes, name)
		return
	}
	var complaints config.Complaints
	if errors.As(err, &complaints) {
		for _, c := range complaints {
			fmt.Fprintf(w, "kintsugi %s: %s: %s\n", name, c.Name, c.Say)
		}
		return
	}
	fmt.Fprintf(w, "kintsugi %s: %s\n", name, sentence(err))
}

// sentence is an error on one line.
func sentence(err error) string {
	if errors.Is(err, context.Canceled) {
		return "stopped before it was done"
	}
	said := err.Error()
	if f := fault.As(err); f != nil && f.Say != "" {
		said = f.Say
	}
	return strings.Join(strings.Fields(said), " ")
}

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// The exit codes.
const (
	exitFine   = 0
	exitFailed = 1
	exitMisuse = 2
)

// command is one word that kintsugi understands.
type command struct {
	name  string
	usage string // what follows the name
	about string // one line for the list
	run   func(ctx context.Context, p process) error
}

// commands is the table of all of them, in the order of the list.
func commands() []command {
	return []command{
		{"demo", "[--listen ADDR] [--data DIR] [--yes]", "try the whole product, with nothing to set up", demonstrate},
		{"serve", "", "run the server", serve},
		{"migrate", "", "bring the database up to date, then stop", migrate},
		{"apply", "FILE.yaml", "create or update what a practice file names", apply},
		{"export", "--practice", "print the practice file of what is set up now", export},
		{"slots", "--practice FILE --type T --from D --to D --timezone Z [--coach C] [--now RFC3339] [--taken FILE.json] [--moving ID] [--why]", "print what can be booked, from a practice file alone", slots},
		{"coach", "invite EMAIL | reset EMAIL", "send a coach their way in, or take a lost second proof away", coach},
		{"feed", "SLUG", "print the address of a coach's calendar feed", feed},
		{"reconcile", "", "compare with Stripe now, mend what is different, and say what a person has to decide", reconcile},
		{"stripe", "endpoint", "make the webhook endpoint at Stripe and print its signing secret, once", stripeCommand},
		{"doctor", "", "check what can be checked, one line each", doctor},
		{"keys", "new [--add] | rotate [--lanes] | check | trim", "print a keyset, bring what is stored under new keys, or see whether all of it opens", keys},
		{"version", "", "print version and commit", version},
	}
}

// misuse is a command line that cannot be meant.
type misuse struct{ say string }

// Error says what is wrong with it.
func (m misuse) Error() string { return m.say }

// run does what the command line says and gives the exit code.
func run(ctx context.Context, p process) int {
	if len(p.args) == 0 {
		list(p.err)
		return exitMisuse
	}
	name := p.args[0]
	p.args = p.args[1:]
	switch name {
	case "help", "-h", "-help", "--help":
		list(p.out)
		return exitFine
	}
	for _, c := range commands() {
		if c.name == name {
			return c.answer(ctx, p)
		}
	}
	fmt.Fprintf(p.err, "kintsugi: there is no command %q; kintsugi help lists them all\n", name)
	return exitMisuse
}

// answer runs the command and tells how it ended.
func (c command) answer(ctx context.Context, p process) int {
	err := c.run(ctx, p)
	var wrong misuse
	switch {
	case err == nil:
		return exitFine
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintf(p.out, "%s\n\n%s\n", c.line(), c.about)
		return exitFine
	case errors.As(err, &wrong):
		fmt.Fprintf(p.err, "kintsugi %s: %s\n%s\n", c.name, wrong.say, c.line())
		return exitMisuse
	}
	complain(p.err, c.name, err)
	return exitFailed
}

func (c command) line() string { return strings.TrimSpace("usage: kintsugi " + c.name + " " + c.usage) }

// list prints every command with what it is for.
func list(w io.Writer) {
	fmt.Fprint(w, "usage: kintsugi COMMAND\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-10s %s\n", c.name, c.about)
	}
	fmt.Fprint(w, "\nkintsugi COMMAND --help shows what a command takes. Settings come from the environment.\n")
}

// parse reads the flags of a command, in any order, and what follows them: as
// many words as are named.
func parse(flags *flag.FlagSet, args []string, names ...string) ([]string, error) {
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	var words []string
	for len(args) > 0 {
		if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
			return nil, err
		} else if err != nil {
			return nil, misuse{err.Error()}
		}
		if args = flags.Args(); len(args) > 0 {
			words, args = append(words, args[0]), args[1:]
		}
	}
	switch {
	case len(words) < len(names):
		return nil, misuse{names[len(words)] + " is missing"}
	case len(words) > len(names):
		return nil, misuse{fmt.Sprintf("%q is one word too many", words[len(names)])}
	}
	return words, nil
}

// noFlags is the set of a command that takes none.
func noFlags(name string) *flag.FlagSet { return flag.NewFlagSet(name, flag.ContinueOnError) }

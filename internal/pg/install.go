package pg

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// installers are the package managers we know, in the order in which we look
// for them. contrib is named where btree_gist lives in a package of its own.
var installers = []struct {
	program string
	script  string
}{
	{"apt-get", "apt-get update && apt-get install -y postgresql"},
	{"dnf", "dnf install -y postgresql-server postgresql-contrib"},
	{"apk", "apk add postgresql postgresql-contrib"},
	{"brew", "brew install postgresql@17"},
}

// InstallCommand gives the one command that installs PostgreSQL on this machine.
func InstallCommand() string {
	if script := installScript(); script != "" {
		return script
	}
	if runtime.GOOS == "darwin" {
		return "install https://postgresapp.com, or Homebrew and then: brew install postgresql@17"
	}
	return "your package manager; the packages are usually called postgresql and postgresql-contrib"
}

// installScript is the command as a shell would run it, or "" where we know no
// package manager.
func installScript() string {
	for _, i := range installers {
		if _, err := exec.LookPath(i.program); err != nil {
			continue
		}
		if os.Geteuid() == 0 || i.program == "brew" {
			return i.script
		}
		parts := strings.Split(i.script, " && ")
		for n := range parts {
			parts[n] = "sudo " + parts[n]
		}
		return strings.Join(parts, " && ")
	}
	return ""
}

// Install installs PostgreSQL with the machine's package manager and shows what
// it says on out. Unless yes is set it asks first, and reads the answer from in.
// Distributions may start a server of their own afterwards; ours neither uses
// nor disturbs it.
func Install(ctx context.Context, yes bool, in io.Reader, out io.Writer) error {
	script := installScript()
	if script == "" {
		return fmt.Errorf("%w; install it with %s", ErrNotInstalled, InstallCommand())
	}
	if !yes {
		fmt.Fprintf(out, "PostgreSQL %d or later is needed and not installed. This installs it:\n\n    %s\n\nRun it now? [y/N] ", minMajor, script)
		answer, err := bufio.NewReader(in).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		switch strings.ToLower(strings.TrimSpace(answer)) {
		case "y", "yes":
		default:
			return fmt.Errorf("%w; run: %s", ErrNotInstalled, script)
		}
	}
	fmt.Fprintf(out, "Installing PostgreSQL: %s\n", script)
	cmd := exec.CommandContext(ctx, "sh", "-c", script)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	cmd.Stdin = in
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("PostgreSQL could not be installed (%w); run this yourself, then start again: %s", err, script)
	}
	_, err := FindBinaries()
	return err
}

package icaltest

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

//go:embed testdata/read.mjs
var icalJSSource string

//go:embed testdata/read.c
var libicalSource string

// findICALJS looks for node and ical.js.
func findICALJS() (func([]byte) (component, error), error) {
	node, module, err := icalJS()
	if err != nil {
		return nil, err
	}
	return func(ics []byte) (component, error) {
		return run(ics, node, "--input-type=module", "-e", icalJSSource, "--", module)
	}, nil
}

// icalJS gives the paths of node and of ical.js's module.
func icalJS() (node, module string, err error) {
	node, err = exec.LookPath("node")
	if err != nil {
		return "", "", err
	}
	var roots []string
	if tools := os.Getenv("KINTSUGI_TEST_TOOLS"); tools != "" {
		roots = append(roots, filepath.Join(tools, "node_modules"))
	}
	roots = append(roots, filepath.SplitList(os.Getenv("NODE_PATH"))...)
	roots = append(roots, filepath.Join(filepath.Dir(node), "..", "lib", "node_modules"), "/usr/local/lib/node_modules", "/usr/lib/node_modules")
	for _, root := range roots {
		module = filepath.Join(root, "ical.js", "dist", "ical.js")
		if _, err := os.Stat(module); err == nil {
			return node, module, nil
		}
	}
	return "", "", fmt.Errorf("no ical.js in %v", roots)
}

// findLibical looks for the C reader and builds it the first time. The program
// is kept in the user's cache under a name made of its source, so that all
// test packages of a run, and the next run, share it.
func findLibical() (func([]byte) (component, error), error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	folder := filepath.Join(cache, "kintsugi-icaltest")
	sum := sha256.Sum256([]byte(libicalSource))
	program := filepath.Join(folder, fmt.Sprintf("read-libical-%x", sum[:8]))
	if _, err := os.Stat(program); err != nil {
		if err := buildLibical(folder, program); err != nil {
			return nil, err
		}
	}
	return func(ics []byte) (component, error) { return run(ics, program) }, nil
}

// buildLibical compiles beside the final name and renames, because other test
// packages may be doing the same at this moment.
func buildLibical(folder, program string) error {
	compiler, err := exec.LookPath("cc")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	scratch, err := os.MkdirTemp(folder, "build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	source, built := filepath.Join(scratch, "read.c"), filepath.Join(scratch, "read")
	if err := os.WriteFile(source, []byte(libicalSource), 0o600); err != nil {
		return err
	}
	if out, err := exec.Command(compiler, "-O1", "-o", built, source, "-lical").CombinedOutput(); err != nil {
		return fmt.Errorf("building it failed (is libical-dev installed?): %w\n%s", err, out)
	}
	return os.Rename(built, program)
}

// run gives text to a parser and reads the tree that it prints.
func run(ics []byte, program string, args ...string) (component, error) {
	var out, complaint bytes.Buffer
	command := exec.Command(program, args...)
	command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(ics), &out, &complaint
	if err := command.Run(); err != nil {
		return component{}, fmt.Errorf("%w: %s", err, complaint.String())
	}
	var tree component
	if err := json.Unmarshal(out.Bytes(), &tree); err != nil {
		return component{}, errors.Join(errors.New("the tree is no JSON"), err)
	}
	return tree, nil
}

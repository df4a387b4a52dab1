package main

import (
	"context"
	"fmt"
	"runtime/debug"
)

// Set by -ldflags "-X main.buildVersion=… -X main.buildCommit=…" where the
// build does not know them by itself.
var buildVersion, buildCommit string

// version prints version and commit.
func version(_ context.Context, p process) error {
	if _, err := parse(noFlags("version"), p.args); err != nil {
		return err
	}
	fmt.Fprintf(p.out, "kintsugi %s\n", built())
	return nil
}

// buildInfo says which build this is.
type buildInfo struct{ version, commit, golang string }

// String is the version and the commit on one line.
func (b buildInfo) String() string {
	return fmt.Sprintf("%s, commit %s, %s", b.version, b.commit, b.golang)
}

// built reads what the build noted about itself.
func built() buildInfo {
	b := buildInfo{version: buildVersion, commit: buildCommit}
	if info, ok := debug.ReadBuildInfo(); ok {
		b.golang = info.GoVersion
		if b.version == "" && info.Main.Version != "(devel)" {
			b.version = info.Main.Version
		}
		if b.commit == "" {
			b.commit = commitOf(info.Settings)
		}
	}
	if b.version == "" {
		b.version = "unknown"
	}
	if b.commit == "" {
		b.commit = "unknown"
	}
	return b
}

// commitOf is the commit of the sources, with a mark when they were changed.
func commitOf(settings []debug.BuildSetting) string {
	said := map[string]string{}
	for _, s := range settings {
		said[s.Key] = s.Value
	}
	commit := said["vcs.revision"]
	if commit != "" && said["vcs.modified"] == "true" {
		commit += " with changes"
	}
	return commit
}

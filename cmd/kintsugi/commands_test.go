package main_test

import (
	"strings"
	"testing"

	kintsugi "kintsugi/cmd/kintsugi"
	"kintsugi/internal/seal"
)

// home is an environment in which no command finds a real database.
func home(t *testing.T) []string { return []string{"KINTSUGI_DATA=" + t.TempDir() + "/none"} }

func TestAWrongCommandLineEndsWithTwoAndAUsageLine(t *testing.T) {
	for _, line := range []string{
		"serve now", "serve --port 80", "migrate now", "apply", "apply a.yaml b.yaml", "export", "export --practice all",
		"export --everything", "feed", "feed mara noor", "doctor now", "reconcile now", "stripe", "stripe webhook", "stripe endpoint now", "keys", "keys old", "keys new now", "keys rotate now",
		"coach", "coach hire", "coach invite", "coach reset", "coach invite a@example.org b@example.org",
		"version --short", "demo now", "demo --listen", "demo --quick",
		"slots", "slots --practice a.yaml --type call --from 2026-01-01 --to 2026-01-02",
		"slots --practice a.yaml --type call --from yesterday --to 2026-01-02 --timezone UTC",
		"slots --practice a.yaml --type call --from 2026-01-01 --to 2026-01-02 --timezone Mars/Base",
		"slots --practice a.yaml --type call --from 2026-01-01 --to 2026-01-02 --timezone UTC --now soon",
	} {
		words := strings.Fields(line)
		s := run(t, home(t), words...)
		if s.code != 2 || s.out != "" || strings.Count(s.err, "\n") != 2 || !strings.Contains(s.err, "\nusage: kintsugi "+words[0]) {
			t.Errorf("%s: exit %d, out %q, err %q", line, s.code, s.out, s.err)
		}
	}
}

func TestWhatIsNoCommandEndsWithTwo(t *testing.T) {
	for _, line := range []string{"start", "backup f", "restore f", "--version", ""} {
		s := run(t, home(t), strings.Fields(line)...)
		if s.code != 2 || s.out != "" || !strings.Contains(s.err, "kintsugi") {
			t.Errorf("%q: exit %d, out %q, err %q", line, s.code, s.out, s.err)
		}
	}
}

func TestEveryCommandTellsHowItIsUsed(t *testing.T) {
	list := run(t, home(t), "help").must(t)
	for _, name := range kintsugi.CommandNames() {
		if !strings.Contains(list, "\n  "+name+" ") {
			t.Errorf("the list does not name %s:\n%s", name, list)
		}
		usage := run(t, home(t), name, "--help").must(t)
		if !strings.HasPrefix(usage, "usage: kintsugi "+name) {
			t.Errorf("%s --help says %q", name, usage)
		}
	}
}

func TestWhatFailsEndsWithOneAndOneLineThatSaysWhatToDo(t *testing.T) {
	for line, want := range map[string]string{
		"apply nowhere.yaml":   "nowhere.yaml",
		"export --practice":    "kintsugi serve makes one",
		"feed mara":            "kintsugi serve makes one",
		"coach invite a@b.org": "kintsugi serve makes one",
		"coach reset a@b.org":  "kintsugi serve makes one",
		"keys rotate":          "kintsugi serve makes one",
		"keys new --add":       "no keyset in use",
	} {
		s := run(t, home(t), strings.Fields(line)...)
		if s.code != 1 || s.out != "" || strings.Count(s.err, "\n") != 1 || !strings.Contains(s.err, want) {
			t.Errorf("%s: exit %d, out %q, err %q", line, s.code, s.out, s.err)
		}
	}
	for name, environ := range map[string][]string{
		"DATABASE_URL":    {"DATABASE_URL=mysql://x"},
		"KINTSUGI_KEYSET": {"DATABASE_URL=postgres://127.0.0.1:1/x"},
		"LISTEN":          {"LISTEN=nowhere"},
		"PUBLIC_URL":      {"LISTEN=:8080"},
	} {
		s := run(t, append(home(t), environ...), "serve")
		if s.code != 1 || s.out != "" || !strings.Contains(s.err, "kintsugi serve: "+name+": ") {
			t.Errorf("%v: exit %d, out %q, err %q", environ, s.code, s.out, s.err)
		}
	}
}

// A password stood in the terminal because the address of the database was
// repeated with the complaint about it.
func TestADatabaseThatDoesNotAnswerIsSaidWithoutItsPassword(t *testing.T) {
	for _, command := range []string{"serve", "migrate", "export --practice"} {
		s := run(t, []string{"DATABASE_URL=postgres://sam:wagtail@127.0.0.1:1/x", "KINTSUGI_KEYSET=x"}, strings.Fields(command)...)
		if s.code != 1 || !strings.Contains(s.err, "DATABASE_URL does not answer") || strings.Contains(s.err, "wagtail") {
			t.Errorf("%s: exit %d, %q", command, s.code, s.err)
		}
	}
}

func TestKeysNewPrintsAKeysetAndNothingElse(t *testing.T) {
	first, second := run(t, nil, "keys", "new"), run(t, nil, "keys", "new")
	if first.must(t) == second.must(t) || first.err != "" || strings.Count(first.out, "\n") != 1 {
		t.Errorf("prints %q, %q and %q", first.out, second.out, first.err)
	}
	if _, err := seal.ParseKeyset(first.out); err != nil {
		t.Error(err)
	}
}

func TestVersionNamesVersionAndCommit(t *testing.T) {
	out := run(t, nil, "version").must(t)
	if !strings.HasPrefix(out, "kintsugi ") || !strings.Contains(out, "commit ") || strings.Count(out, "\n") != 1 {
		t.Errorf("says %q", out)
	}
}

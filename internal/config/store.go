package config

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

func (r *reading) databaseURL() Secret {
	if r.DatabaseURL == "" {
		return ""
	}
	u, err := url.Parse(r.DatabaseURL)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.Opaque != "" {
		// The address may hold a password, so it is not repeated.
		r.complain("DATABASE_URL", "this is not the address of a PostgreSQL database; write postgres://USER:PASSWORD@HOST:PORT/NAME with special characters of the password as %%XX, or leave it out to run a private one")
		return ""
	}
	return Secret(r.DatabaseURL)
}

// data finds the folder for what the program keeps by itself. It is not made
// here.
func (r *reading) data() string {
	dir := r.Data
	if dir == "" {
		dir = r.defaultData()
	}
	if dir == "" {
		if r.DatabaseURL == "" {
			r.complain("KINTSUGI_DATA", "is needed, because neither XDG_DATA_HOME nor HOME says where this user keeps data; write a folder, such as /var/lib/kintsugi")
		}
		return ""
	}
	full, err := filepath.Abs(dir)
	if err != nil || strings.ContainsRune(dir, 0) {
		r.complain("KINTSUGI_DATA", "%q is no folder that can be reached from here; write a full path, such as /var/lib/kintsugi", dir)
		return ""
	}
	return full
}

func (r *reading) defaultData() string {
	if os.Geteuid() == 0 {
		return "/var/lib/kintsugi"
	}
	// The XDG rules say that a relative path there counts for nothing.
	if home := strings.TrimSpace(r.given["XDG_DATA_HOME"]); filepath.IsAbs(home) {
		return filepath.Join(home, "kintsugi")
	}
	if home := strings.TrimSpace(r.given["HOME"]); home != "" {
		return filepath.Join(home, ".local", "share", "kintsugi")
	}
	return ""
}

// keyset gives the keyset's text from the one variable or the other. Whether
// it is a good one, the room that opens it says.
func (r *reading) keyset() Secret {
	switch {
	case r.Keyset != "" && r.KeysetFile != "":
		r.complain("KINTSUGI_KEYSET", "is set, and so is KINTSUGI_KEYSET_FILE; keep the one that holds your keys and unset the other")
		return ""
	case r.Keyset != "":
		return Secret(r.Keyset)
	case r.KeysetFile != "":
		return r.keysetFromFile()
	case r.DatabaseURL != "" && r.serving:
		r.complain("KINTSUGI_KEYSET", "is required with DATABASE_URL, so that private words can be read after a restart; `kintsugi keys new` prints a keyset: give it here, or the path of a file with it in KINTSUGI_KEYSET_FILE")
	}
	return ""
}

// erasedList finds where the list of what was erased is kept: where it is said,
// else beside the keyset's file, else in the folder of generated keys. It is a
// full path, so that it is the same list wherever the program is started.
func (r *reading) erasedList() string {
	switch {
	case strings.ContainsRune(r.ErasedList, 0) || r.ErasedList != "" && !filepath.IsAbs(r.ErasedList):
		r.complain("KINTSUGI_ERASED_LIST", "%q is no full path; write the whole path of a file that this user may write, such as /var/lib/kintsugi/erased-lanes", r.ErasedList)
		return ""
	case r.ErasedList != "":
		return filepath.Clean(r.ErasedList)
	case r.KeysetFile != "":
		if full, err := filepath.Abs(r.KeysetFile); err == nil {
			return filepath.Join(filepath.Dir(full), erasedName)
		}
	}
	if dir := (&reading{words: r.words, given: r.given}).data(); dir != "" {
		return filepath.Join(dir, erasedName)
	}
	if r.serving && r.DatabaseURL != "" {
		r.complain("KINTSUGI_ERASED_LIST", "is needed, because neither KINTSUGI_DATA nor HOME says where this user keeps data; write the path of a file, such as /var/lib/kintsugi/erased-lanes")
	}
	return ""
}

// erasedName is what the list is called where nothing else is said.
const erasedName = "erased-lanes"

// longestKeyset is far more than any keyset has.
const longestKeyset = 1 << 20

func (r *reading) keysetFromFile() Secret {
	info, err := os.Stat(r.KeysetFile)
	if err == nil && (info.IsDir() || info.Size() > longestKeyset) {
		r.complain("KINTSUGI_KEYSET_FILE", "%s is no keyset; write the path of a file that `kintsugi keys new` was printed into", r.KeysetFile)
		return ""
	}
	text, err := os.ReadFile(r.KeysetFile)
	if err != nil {
		r.complain("KINTSUGI_KEYSET_FILE", "%s cannot be read (%s); write the path of a file that this user may read", r.KeysetFile, plainly(err))
		return ""
	}
	keyset := strings.TrimSpace(string(text))
	if keyset == "" {
		r.complain("KINTSUGI_KEYSET_FILE", "%s is empty; it must hold what `kintsugi keys new` prints", r.KeysetFile)
	}
	return Secret(keyset)
}

// plainly gives an error of the file system without its path, which the
// complaint has named already.
func plainly(err error) string {
	switch {
	case os.IsNotExist(err):
		return "there is no such file"
	case os.IsPermission(err):
		return "not permitted"
	}
	return "it is not a plain file"
}

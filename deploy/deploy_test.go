// Package deploy_test holds the files in deploy to the program: their settings
// exist, their paths and ports agree, and the tools that read them accept them,
// as far as a machine without a container engine can tell.
package deploy_test

import (
	"maps"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"kintsugi/internal/config"
)

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// found gives the first group of every match.
func found(pattern, text string) []string {
	var all []string
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		all = append(all, match[1])
	}
	return all
}

func TestTheExampleNamesEverySettingOnceAndNoOther(t *testing.T) {
	named := found(`(?m)^#?([A-Z][A-Z0-9_]+)=`, read(t, "env.example"))
	slices.Sort(named)
	known := slices.Sorted(slices.Values(config.Names()))
	if !slices.Equal(named, known) {
		t.Errorf("env.example names\n%q\nand the program reads\n%q", named, known)
	}
}

// A variable that was renamed in the program and not here is silently ignored
// by everybody.
func TestEverySettingInTheFilesExists(t *testing.T) {
	known := config.Names()
	settings := map[string][]string{
		"Dockerfile":       found(`(?m)^ENV ([A-Z_]+)=`, read(t, "Dockerfile")),
		"kintsugi.service": found(`(?m)^Environment=([A-Z_]+)=`, read(t, "kintsugi.service")),
		"compose.yaml":     slices.Collect(maps.Keys(compose(t).Services["kintsugi"].Environment)),
	}
	for file, names := range settings {
		if len(names) == 0 {
			t.Errorf("%s sets nothing, or the test no longer finds what it sets", file)
		}
		for _, name := range names {
			if !slices.Contains(known, name) {
				t.Errorf("%s sets %s, which the program does not read", file, name)
			}
		}
	}
	files, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	ours := `\b((?:KINTSUGI|STRIPE|SMTP|MAIL|LOG|ADMIN|PUBLIC|TRUSTED|DATABASE)_[A-Z_]+)\b`
	for _, file := range files {
		if filepath.Ext(file) == ".go" {
			continue
		}
		for _, name := range found(ours, read(t, file)) {
			if !slices.Contains(known, name) {
				t.Errorf("%s speaks of %s, which the program does not read", file, name)
			}
		}
	}
}

// What a person gets who takes every # away must be as good as the comments
// say, apart from what cannot stand together or is only for this machine.
func TestTheValuesInTheExampleAreAccepted(t *testing.T) {
	var environ []string
	for _, line := range strings.Split(read(t, "env.example"), "\n") {
		line = strings.TrimPrefix(line, "#")
		name, value, isSetting := strings.Cut(line, "=")
		switch {
		case !isSetting || !slices.Contains(config.Names(), name):
		case slices.Contains([]string{"KINTSUGI_KEYSET", "KINTSUGI_KEYSET_FILE", "STRIPE_API_BASE", "KINTSUGI_CLOCK"}, name):
		default:
			environ = append(environ, name+"="+value)
		}
	}
	environ = append(environ, "KINTSUGI_KEYSET=given")
	if _, err := config.Read(environ); err != nil {
		t.Error(err)
	}
}

type composeFile struct {
	Services map[string]struct {
		Image       string
		Environment map[string]string
		EnvFile     []string `yaml:"env_file"`
		Networks    []string
		Volumes     []string
		DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
		Healthcheck *struct{ Test []string }
		Build       *struct{ Context, Dockerfile string }
	}
	Networks map[string]struct {
		Ipam struct{ Config []struct{ Subnet string } }
	}
	Volumes map[string]any
}

func compose(t *testing.T) composeFile {
	t.Helper()
	var file composeFile
	if err := yaml.Unmarshal([]byte(read(t, "compose.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestThePartsOfComposeFitTogether(t *testing.T) {
	file := compose(t)
	app := file.Services["kintsugi"]
	for name, service := range file.Services {
		for _, network := range service.Networks {
			if _, ok := file.Networks[network]; !ok {
				t.Errorf("%s is on the network %s, which is not there", name, network)
			}
		}
		for _, volume := range service.Volumes {
			source, _, _ := strings.Cut(volume, ":")
			if path, local := strings.CutPrefix(source, "./"); local {
				read(t, path)
			} else if _, ok := file.Volumes[source]; !ok {
				t.Errorf("%s has the volume %s, which is not there", name, source)
			}
		}
		for other, on := range service.DependsOn {
			healthy := file.Services[other].Healthcheck != nil || file.Services[other].Build != nil
			if on.Condition == "service_healthy" && !healthy {
				t.Errorf("%s waits until %s is healthy, which nobody checks", name, other)
			}
		}
	}
	if !slices.Equal(app.EnvFile, []string{"kintsugi.env"}) || !strings.Contains(read(t, "README.md"), "cp env.example kintsugi.env") {
		t.Error("the README does not make the file that compose.yaml reads")
	}
	read(t, filepath.Join(app.Build.Context, app.Build.Dockerfile))
	if address, err := url.Parse(strings.ReplaceAll(app.Environment["DATABASE_URL"], "${DB_PASSWORD}", "x")); err != nil || file.Services[address.Hostname()].Image == "" {
		t.Errorf("DATABASE_URL points to %v (%v), want the service of PostgreSQL", address, err)
	}
	// Were there a second network between them, Caddy might come over it and
	// would not be believed.
	shared := slices.DeleteFunc(slices.Clone(app.Networks), func(n string) bool {
		return !slices.Contains(file.Services["caddy"].Networks, n)
	})
	if len(shared) != 1 || file.Networks[shared[0]].Ipam.Config[0].Subnet != app.Environment["TRUSTED_PROXIES"] {
		t.Errorf("Caddy reaches the program over %q, and it believes %s", shared, app.Environment["TRUSTED_PROXIES"])
	}
}

func TestThePortsAgree(t *testing.T) {
	caddyfile, dockerfile, app := read(t, "Caddyfile"), read(t, "Dockerfile"), compose(t)
	listen := app.Services["kintsugi"].Environment["LISTEN"]
	for what, got := range map[string][]string{
		"ENV LISTEN of the image": found(`(?m)^ENV LISTEN=(.*)$`, dockerfile),
		"EXPOSE":                  found(`(?m)^EXPOSE (\d+)$`, dockerfile),
		"the health check":        found(`http://127\.0\.0\.1:(\d+)/readyz`, dockerfile),
		"UPSTREAM in compose":     {app.Services["caddy"].Environment["UPSTREAM"]},
	} {
		if len(got) != 1 || ":"+port(got[0]) != listen {
			t.Errorf("%s says %q, and the program listens on %s", what, got, listen)
		}
	}
	unit := found(`(?m)^Environment=LISTEN=(.*)$`, read(t, "kintsugi.service"))
	upstream := found(`\{\$UPSTREAM:([^}]+)\}`, caddyfile)
	example := found(`(?m)^#LISTEN=(.*)$`, read(t, "env.example"))
	if len(unit) != 1 || !slices.Equal(unit, upstream) || !slices.Equal(unit, example) {
		t.Errorf("the unit listens on %q, Caddy goes to %q, the example says %q", unit, upstream, example)
	}
}

// port gives what follows the colon, or the whole.
func port(address string) string {
	if _, port, err := net.SplitHostPort(address); err == nil {
		return port
	}
	return address
}

func TestTheImageIsBuiltFromWhatIsThere(t *testing.T) {
	let := found(`(?m)^!(.+)$`, read(t, "Dockerfile.dockerignore"))
	for _, line := range found(`(?m)^COPY ((?:[a-z].*) \S+)$`, read(t, "Dockerfile")) {
		words := strings.Fields(line)
		for _, source := range words[:len(words)-1] {
			if _, err := os.Stat(filepath.Join("..", source)); err != nil {
				t.Error(err)
			}
			if !slices.Contains(let, source) {
				t.Errorf("COPY %s, and Dockerfile.dockerignore keeps it out", source)
			}
		}
	}
	// Files that are embedded must not be left out with a folder nobody thought of.
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		sources, _ := filepath.Glob(filepath.Join("..", entry.Name(), "*.go"))
		code := slices.DeleteFunc(sources, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
		if len(code) > 0 && !slices.Contains(let, entry.Name()) {
			t.Errorf("%s holds code and is not part of the image", entry.Name())
		}
	}
	dockerfile := read(t, "Dockerfile")
	version := found(`(?m)^go (\d+\.\d+)`, read(t, filepath.Join("..", "go.mod")))[0]
	for _, must := range []string{"FROM golang:" + version + "-", "CGO_ENABLED=0", "\nUSER 10001\n", "\nHEALTHCHECK "} {
		if !strings.Contains(dockerfile, must) {
			t.Errorf("the Dockerfile has no %q", must)
		}
	}
}

func TestTheCaddyfileIsWhole(t *testing.T) {
	caddyfile := read(t, "Caddyfile")
	depth := 0
	for _, line := range strings.Split(caddyfile, "\n") {
		code, _, _ := strings.Cut(line, "#")
		if strings.HasSuffix(strings.TrimSpace(code), "{") {
			depth++
		}
		if strings.TrimSpace(code) == "}" {
			depth--
		}
		if depth < 0 {
			t.Fatalf("a block is closed that was not open: %q", line)
		}
	}
	_, site, _ := strings.Cut(caddyfile, "{$SITE_NAME")
	if strings.Contains(site, "log") || !strings.Contains(caddyfile, "exclude http.log.error") {
		t.Error("a log of requests would hold the keys to bookings")
	}
	if depth != 0 {
		t.Errorf("%d blocks are left open", depth)
	}
	for name := range compose(t).Services["caddy"].Environment {
		if !strings.Contains(caddyfile, "{$"+name+":") {
			t.Errorf("compose.yaml gives Caddy %s, which its file does not read", name)
		}
	}
}

// systemd ignores a line that it does not understand, and with it the
// protection that the line was there for; so every word it says is a failure.
func TestTheUnitIsUnderstoodWhole(t *testing.T) {
	program, err := exec.LookPath("systemd-analyze")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("systemd-analyze is missing: apt-get install systemd")
		}
		t.Skip("the systemd unit is not checked: systemd-analyze is missing")
	}
	// The program is not installed where the unit will find it.
	here, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	verify := func(text string) string {
		unit := filepath.Join(t.TempDir(), "kintsugi.service")
		if err := os.WriteFile(unit, []byte(strings.ReplaceAll(text, "/usr/local/bin/kintsugi", here)), 0o644); err != nil {
			t.Fatal(err)
		}
		said, err := exec.Command(program, "verify", unit).CombinedOutput()
		if err != nil {
			return string(said) + err.Error()
		}
		return strings.Join(found(`(?m)^(.*kintsugi\.service.*)$`, string(said)), "\n")
	}
	text := read(t, "kintsugi.service")
	if said := verify(text); said != "" {
		t.Error(said)
	}
	if said := verify(strings.ReplaceAll(text, "ProtectHome", "ProtectHom")); !strings.Contains(said, "ProtectHom") {
		t.Errorf("a line that systemd does not know passes: %q", said)
	}
	for _, must := range []string{"ProtectSystem=strict", "NoNewPrivileges=yes", "StateDirectory=kintsugi", "User=kintsugi"} {
		if !strings.Contains(text, "\n"+must+"\n") {
			t.Errorf("the unit has no %s", must)
		}
	}
}

// The file system of the container is read-only, so the list of what clients
// have erased could not be written, and nobody was told.
func TestTheListOfWhatWasErasedLiesWhereTheContainerMayWrite(t *testing.T) {
	app := compose(t).Services["kintsugi"]
	list := app.Environment["KINTSUGI_ERASED_LIST"]
	if !slices.ContainsFunc(app.Volumes, func(volume string) bool {
		_, target, _ := strings.Cut(volume, ":")
		return strings.HasPrefix(list, target+"/")
	}) {
		t.Errorf("the list is at %q, the volumes are %q", list, app.Volumes)
	}
	if !strings.Contains(read(t, "Dockerfile"), "-o 10001 "+filepath.Dir(list)) {
		t.Error("a new volume would belong to root")
	}
}

package config_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/config"
)

// home is an environment in which nothing is set but what every user has.
func home(more ...string) []string { return append([]string{"HOME=/home/sam"}, more...) }

func TestWithNothingSetTheServerServesThisMachineAlone(t *testing.T) {
	c, err := config.Read(home())
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:8080" || c.PublicURL.String() != "http://localhost:8080" {
		t.Errorf("listens on %s as %s", c.Listen, c.PublicURL)
	}
	if c.DatabaseURL != "" || c.AdminListen != "" || c.LimitsOff || c.ClockShift != 0 || c.Stripe.Set() {
		t.Errorf("something is switched on by itself: %+v", c)
	}
	if os.Geteuid() == 0 && c.Data != "/var/lib/kintsugi" {
		t.Errorf("data of root in %s", c.Data)
	}
}

func TestEveryComplaintNamesItsVariable(t *testing.T) {
	const outside = "PUBLIC_URL=https://talk.example.org"
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, []byte(" \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		about   string
		environ []string
		wrong   []string // the variables complained of, in any order
	}{
		{"another database", []string{"DATABASE_URL=mysql://x/y", "KINTSUGI_KEYSET=k"}, []string{"DATABASE_URL"}},
		{"words instead of an address", []string{"DATABASE_URL=host=x dbname=y", "KINTSUGI_KEYSET=k"}, []string{"DATABASE_URL"}},
		{"external database without keys", []string{"DATABASE_URL=postgres://u@h/d"}, []string{"KINTSUGI_KEYSET"}},
		{"keys twice", []string{"KINTSUGI_KEYSET=k", "KINTSUGI_KEYSET_FILE=" + empty}, []string{"KINTSUGI_KEYSET"}},
		{"no such key file", []string{"KINTSUGI_KEYSET_FILE=" + dir + "/none"}, []string{"KINTSUGI_KEYSET_FILE"}},
		{"a folder as key file", []string{"KINTSUGI_KEYSET_FILE=" + dir}, []string{"KINTSUGI_KEYSET_FILE"}},
		{"a list that is elsewhere from each folder", []string{"KINTSUGI_ERASED_LIST=erased-lanes"}, []string{"KINTSUGI_ERASED_LIST"}},
		{"an empty key file", []string{"KINTSUGI_KEYSET_FILE=" + empty}, []string{"KINTSUGI_KEYSET_FILE"}},
		{"a port that is none", []string{"LISTEN=127.0.0.1:99999"}, []string{"LISTEN"}},
		{"no port", []string{"LISTEN=localhost"}, []string{"LISTEN"}},
		{"open to others without an address", []string{"LISTEN=:8080"}, []string{"PUBLIC_URL"}},
		{"open to others by 0.0.0.0", []string{"LISTEN=0.0.0.0:80"}, []string{"PUBLIC_URL"}},
		{"an address with a path", []string{"PUBLIC_URL=https://talk.example.org/app"}, []string{"PUBLIC_URL"}},
		{"an address with a query", []string{"PUBLIC_URL=https://talk.example.org?x=1"}, []string{"PUBLIC_URL"}},
		{"an address with a name", []string{"PUBLIC_URL=https://sam:secret@talk.example.org"}, []string{"PUBLIC_URL"}},
		{"an address of another kind", []string{"PUBLIC_URL=ftp://talk.example.org"}, []string{"PUBLIC_URL"}},
		{"an address without a scheme", []string{"PUBLIC_URL=talk.example.org"}, []string{"PUBLIC_URL"}},
		{"an address in other letters", []string{"PUBLIC_URL=https://bücher.example"}, []string{"PUBLIC_URL"}},
		{"metrics on the people's port", []string{"ADMIN_LISTEN=127.0.0.1:8080"}, []string{"ADMIN_LISTEN"}},
		{"metrics nowhere", []string{"ADMIN_LISTEN=yes"}, []string{"ADMIN_LISTEN"}},
		{"a mail server of another kind", []string{"SMTP_URL=http://mail.example.org"}, []string{"SMTP_URL"}},
		{"half of a sign-in", []string{"SMTP_URL=smtp://sam@mail.example.org"}, []string{"SMTP_URL"}},
		{"a sender that is none", []string{"MAIL_FROM=Common Ground"}, []string{"MAIL_FROM"}},
		{"a sender with a second header", []string{"MAIL_FROM=a@example.org\r\nBcc: b@example.org"}, []string{"MAIL_FROM"}},
		{"a Stripe key alone", []string{"STRIPE_SECRET_KEY=sk_test_1"}, []string{"STRIPE_WEBHOOK_SECRET"}},
		{"a Stripe signing secret alone", []string{"STRIPE_WEBHOOK_SECRET=whsec_1"}, []string{"STRIPE_SECRET_KEY"}},
		{"a blank signing secret", []string{"STRIPE_SECRET_KEY=sk_test_1", "STRIPE_WEBHOOK_SECRET= "}, []string{"STRIPE_WEBHOOK_SECRET"}},
		{"both blank", []string{"STRIPE_SECRET_KEY=", "STRIPE_WEBHOOK_SECRET="}, []string{"STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"}},
		{"one of several blank", []string{"STRIPE_SECRET_KEY=sk_test_1", "STRIPE_WEBHOOK_SECRET=whsec_1,,whsec_2"}, []string{"STRIPE_WEBHOOK_SECRET"}},
		{"the public key", []string{"STRIPE_SECRET_KEY=pk_test_1", "STRIPE_WEBHOOK_SECRET=whsec_1"}, []string{"STRIPE_SECRET_KEY"}},
		{"the two swapped", []string{"STRIPE_SECRET_KEY=whsec_1", "STRIPE_WEBHOOK_SECRET=sk_live_1"}, []string{"STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"}},
		{"another Stripe with a live key", []string{"STRIPE_SECRET_KEY=sk_live_1", "STRIPE_WEBHOOK_SECRET=whsec_1", "STRIPE_API_BASE=http://127.0.0.1:9"}, []string{"STRIPE_API_BASE"}},
		{"another Stripe without keys", []string{"STRIPE_API_BASE=http://127.0.0.1:9"}, []string{"STRIPE_API_BASE"}},
		{"a proxy by name", []string{"TRUSTED_PROXIES=10.0.0.0/8, caddy"}, []string{"TRUSTED_PROXIES"}},
		{"everybody a proxy", []string{"TRUSTED_PROXIES=0.0.0.0/0"}, []string{"TRUSTED_PROXIES"}},
		{"no limits outside", []string{outside, "LIMITS=off"}, []string{"LIMITS"}},
		{"limits that are neither", []string{"LIMITS=0"}, []string{"LIMITS"}},
		{"a shifted clock outside", []string{outside, "KINTSUGI_CLOCK=+36h"}, []string{"KINTSUGI_CLOCK"}},
		{"a clock in words", []string{"KINTSUGI_CLOCK=tomorrow"}, []string{"KINTSUGI_CLOCK"}},
		{"an unknown level", []string{"LOG_LEVEL=loud"}, []string{"LOG_LEVEL"}},
		{"an unknown format", []string{"LOG_FORMAT=xml"}, []string{"LOG_FORMAT"}},
		{"everything at once", []string{"LISTEN=x", "LIMITS=x", "SMTP_URL=x", "LOG_FORMAT=x", "TRUSTED_PROXIES=x", "DATABASE_URL=x", "KINTSUGI_KEYSET=x"},
			[]string{"DATABASE_URL", "LISTEN", "LIMITS", "LOG_FORMAT", "SMTP_URL", "TRUSTED_PROXIES"}},
	} {
		t.Run(row.about, func(t *testing.T) {
			_, err := config.Read(home(row.environ...))
			var complaints config.Complaints
			if !errors.As(err, &complaints) {
				t.Fatalf("no complaints but %v", err)
			}
			var named []string
			for _, c := range complaints {
				named = append(named, c.Name)
				if !strings.Contains(c.Say, " ") {
					t.Errorf("%s is answered by a bare word: %s", c.Name, c.Say)
				}
			}
			slices.Sort(named)
			slices.Sort(row.wrong)
			if !slices.Equal(named, row.wrong) {
				t.Errorf("complains of %v, want %v:\n%v", named, row.wrong, err)
			}
			if lines := strings.Count(err.Error(), "\n") + 1; lines != len(complaints) {
				t.Errorf("%d lines for %d complaints", lines, len(complaints))
			}
		})
	}
}

func TestGoodSettingsAreTaken(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(file, []byte("  the keyset\n\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Read(home(
		"DATABASE_URL=postgres:///kintsugi?host=/run/postgresql",
		"KINTSUGI_KEYSET_FILE="+file,
		"KINTSUGI_DATA=/srv/kintsugi/",
		"LISTEN=:8080",
		"ADMIN_LISTEN=[::1]:9090",
		"PUBLIC_URL=HTTPS://Talk.Example.org:443/",
		"SMTP_URL=smtps://sam:p%40ss@mail.example.org",
		"MAIL_FROM=Common Ground <hello@example.org>",
		"STRIPE_SECRET_KEY=sk_test_1",
		"STRIPE_WEBHOOK_SECRET=whsec_1, whsec_2",
		"STRIPE_API_BASE=http://127.0.0.1:12111/",
		"TRUSTED_PROXIES=10.1.2.3/8 ::1,192.0.2.7",
		"LIMITS=",
		"LOG_LEVEL=DEBUG", "LOG_FORMAT=json",
	))
	if err != nil {
		t.Fatal(err)
	}
	if c.PublicURL.String() != "https://talk.example.org" || !c.PublicURL.Secure() || c.PublicURL.Loopback() {
		t.Errorf("public address %s", c.PublicURL)
	}
	if c.Keyset.Reveal() != "the keyset" {
		t.Errorf("keyset %q is not trimmed", c.Keyset.Reveal())
	}
	if len(c.Stripe.WebhookSecrets) != 2 || c.Stripe.WebhookSecrets[1].Reveal() != "whsec_2" || c.Stripe.APIBase != "http://127.0.0.1:12111" {
		t.Errorf("Stripe is read as %+v", c.Stripe)
	}
	if fmt.Sprint(c.TrustedProxies) != "[10.0.0.0/8 ::1/128 192.0.2.7/32]" {
		t.Errorf("proxies %v", c.TrustedProxies)
	}
	if c.Data != "/srv/kintsugi" || !c.LogJSON || c.LogLevel.String() != "DEBUG" || c.LimitsOff {
		t.Errorf("read %+v", c)
	}
}

func TestLimitsAndClockMayChangeOnThisMachine(t *testing.T) {
	for _, where := range [][]string{
		nil,
		{"LISTEN=127.0.0.1:0"},
		{"LISTEN=[::1]:80"},
		{"LISTEN=:8080", "PUBLIC_URL=http://localhost:8080"},
		{"PUBLIC_URL=http://127.0.0.2:81"},
		{"PUBLIC_URL=http://[::1]"},
	} {
		c, err := config.Read(home(append(where, "LIMITS=off", "KINTSUGI_CLOCK=+36h")...))
		if err != nil {
			t.Errorf("%v: %v", where, err)
			continue
		}
		if !c.LimitsOff || c.ClockShift != 36*time.Hour {
			t.Errorf("%v: limits off %v, shift %v", where, c.LimitsOff, c.ClockShift)
		}
	}
}

func TestPublicURLFollowsThePortThatTheSystemChose(t *testing.T) {
	c, err := config.Read(home("LISTEN=127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	if !c.PublicURL.IsZero() {
		t.Fatalf("known too early: %s", c.PublicURL)
	}
	bound := c.Bound(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 40123})
	if bound.PublicURL.String() != "http://localhost:40123" {
		t.Errorf("is %s", bound.PublicURL)
	}
	given, err := config.Read(home("LISTEN=127.0.0.1:0", "PUBLIC_URL=https://talk.example.org"))
	if err != nil {
		t.Fatal(err)
	}
	if got := given.Bound(&net.TCPAddr{Port: 40123}).PublicURL.String(); got != "https://talk.example.org" {
		t.Errorf("what was given became %s", got)
	}
}

// A command that only works on the database was refused because it had no
// address for people, whom it never meets.
func TestAToolNeedsNeitherAddressNorKeys(t *testing.T) {
	if _, err := config.ReadForTool(home("DATABASE_URL=postgres://u@h/d", "LISTEN=:8080")); err != nil {
		t.Error(err)
	}
	if _, err := config.ReadForTool(home("DATABASE_URL=x", "LIMITS=x")); err == nil {
		t.Error("a tool takes whatever it is given")
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	const canary = "wagtail"
	c, err := config.Read(home(
		"DATABASE_URL=postgres://u:"+canary+"@h/d", "KINTSUGI_KEYSET="+canary,
		"SMTP_URL=smtp://u:"+canary+"@h", "STRIPE_SECRET_KEY=sk_test_"+canary, "STRIPE_WEBHOOK_SECRET=whsec_"+canary))
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), fmt.Sprintf("%s %q", c.Keyset, c.Keyset), string(asJSON)} {
		if strings.Contains(text, canary) {
			t.Errorf("printed: %s", text)
		}
	}
	_, err = config.Read(home(
		"DATABASE_URL=mysql://u:"+canary+"@h/d", "KINTSUGI_KEYSET="+canary, "PUBLIC_URL=https://u:"+canary+"@h",
		"SMTP_URL=smtp://u:"+canary+"@h:x", "STRIPE_SECRET_KEY="+canary, "STRIPE_WEBHOOK_SECRET=sk_"+canary))
	if err == nil || strings.Contains(err.Error(), canary) {
		t.Errorf("a complaint repeats a secret: %v", err)
	}
}

// The list was another one for each folder that the server was started from.
func TestTheListOfWhatWasErasedIsAlwaysAFullPath(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("keys", []byte("k"), 0o600); err != nil {
		t.Fatal(err)
	}
	here, err := filepath.Abs("erased-lanes")
	if err != nil {
		t.Fatal(err)
	}
	base := []string{"DATABASE_URL=postgres:///x", "PUBLIC_URL=https://a.example.org", "KINTSUGI_DATA=/srv/k"}
	for want, more := range map[string][]string{
		here:                  {"KINTSUGI_KEYSET_FILE=keys"},
		"/srv/k/erased-lanes": {"KINTSUGI_KEYSET=k"},
		"/var/kept/list":      {"KINTSUGI_KEYSET_FILE=keys", "KINTSUGI_ERASED_LIST=/var/kept/list"},
	} {
		if c, err := config.Read(append(base, more...)); err != nil || c.ErasedList != want {
			t.Errorf("%v: %q, %v", more, c.ErasedList, err)
		}
	}
}

func TestNamesAreThoseOfTheContract(t *testing.T) {
	want := strings.Fields(`ADMIN_LISTEN DATABASE_URL KINTSUGI_CLOCK KINTSUGI_DATA KINTSUGI_ERASED_LIST KINTSUGI_KEYSET KINTSUGI_KEYSET_FILE
		LIMITS LISTEN LOG_FORMAT LOG_LEVEL MAIL_FROM PUBLIC_URL SMTP_URL STRIPE_API_BASE STRIPE_SECRET_KEY
		STRIPE_WEBHOOK_SECRET TRUSTED_PROXIES`)
	got := config.Names()
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("reads %v", got)
	}
}

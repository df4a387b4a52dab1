package entry_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/login"
	"kintsugi/internal/pg"
)

// askedNew asks for an account and gives the code that was sent, if any.
func (b *browser) askedNew(r *replica, name, email, next string) string {
	b.t.Helper()
	before := b.h.codes()
	if got := b.post(r, "/sign-in/new", "name", name, "email", email, "next", next); got.status != http.StatusSeeOther || !strings.HasPrefix(got.to, "/sign-in/code") {
		b.t.Fatalf("asked for an account: %d to %q", got.status, got.to)
	}
	for code := range b.h.codes() {
		if !before[code] {
			return code
		}
	}
	return ""
}

func TestAnAccountIsMadeByTheCodeAndNotBefore(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.browser()
	if got := b.get(h.a, "/sign-in/new?next=/portal/packages/six"); got.status != http.StatusOK || !strings.Contains(got.body, "/portal/packages/six") {
		t.Fatalf("%d %s", got.status, got.body)
	}
	code := b.askedNew(h.a, "Nia New", "nia@example.org", "/portal/packages/six")
	if code == "" {
		t.Fatal("no code was sent")
	}
	want(t, "a code by the other door, before there is an account", h.browser().asked(h.b, "nia@example.org"), "")
	if got := h.browser().post(h.a, "/sign-in/code", "code", code); got.status != http.StatusUnprocessableEntity {
		t.Errorf("another browser: %d", got.status)
	}
	if got := b.post(h.a, "/sign-in/code", "code", code, "next", "/portal/packages/six"); got.to != "/portal/packages/six" {
		t.Errorf("%d to %q", got.status, got.to)
	}
	if got := h.browser().asked(h.b, "nia@example.org"); got == "" {
		t.Error("the account is not there")
	}
	if got := b.get(h.a, "/sign-in/new?next=/portal"); got.to != "/portal" {
		t.Errorf("who is signed in is asked again: %d to %q", got.status, got.to)
	}
}

// The other door sends no code to whoever has no account yet, so they are not led
// there when a code has not come.
func TestANewcomerAsksForAnotherCodeAtTheirOwnDoor(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.browser()
	again := `href="/sign-in/new?next=%2fportal%2fpackages%2fsix">ask for a new code`
	asked := b.post(h.a, "/sign-in/new", "name", "Nia", "email", "nia@example.org", "next", "/portal/packages/six")
	if got := b.get(h.a, asked.to); !strings.Contains(got.body, again) {
		t.Errorf("%s leads elsewhere: %s", asked.to, got.body)
	}
	if got := b.post(h.a, "/sign-in/code", "code", "CCCC-CCCC", "next", "/portal/packages/six", "new", "yes"); !strings.Contains(got.body, again) {
		t.Errorf("after a wrong code: %s", got.body)
	}
	if got := b.get(h.a, "/sign-in/code?next=/portal/packages/six"); strings.Contains(got.body, again) {
		t.Error("whoever came by the other door is led to this one")
	}
}

// Whoever asks with an address of somebody else learns nothing: not from what is
// said, not from where it leads, not from the cookie.
func TestMakingAnAccountAnswersEveryAddressAlike(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.client()
	seen := map[string]bool{}
	for _, email := range []string{"stranger@example.org", clientMail, "mara@example.org", "noor@example.org"} {
		got := h.browser().post(h.a, "/sign-in/new", "name", "Somebody", "email", email, "next", "/portal/packages/six")
		seen[strings.Join([]string{http.StatusText(got.status), got.to, nonceless(got.body)}, "|")] = true
	}
	if len(seen) != 1 {
		t.Errorf("%d different answers: %v", len(seen), seen)
	}
}

func nonceless(body string) string { return strings.Join(strings.Fields(body), " ") }

func TestWhoHasAnAccountComesInByBothDoorsAndKeepsTheirName(t *testing.T) {
	t.Parallel()
	h := open(t)
	pat := h.client()
	b := h.browser()
	code := b.askedNew(h.a, "Another Name", clientMail, "")
	if got := b.post(h.a, "/sign-in/code", "code", code); got.to != "/portal" {
		t.Errorf("%d to %q", got.status, got.to)
	}
	if n := h.count(`select count(*) from person where id = $1 and name = 'Another Name'`, string(pat)); n != 0 {
		t.Error("a stranger renamed a client")
	}
}

func TestWhoWorksHereGetsNoAccountOfAClient(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.exec(`update coach set active = false where slug = 'noor'`)
	want(t, "a suspended coach", h.browser().askedNew(h.a, "Noor", "noor@example.org", ""), "")
	want(t, "accounts", h.count(`select count(*) from client_account`), 0)
}

func TestAShutAccountIsOpenedAgainByACodeAskedForAfterwards(t *testing.T) {
	t.Parallel()
	h := open(t)
	pat := h.client()
	early := h.browser()
	code := early.askedNew(h.a, "Pat", clientMail, "")
	h.pass(time.Second)
	h.in(func(tx *pg.Tx) error { return login.Bar(t.Context(), tx, pat, h.Now()) })
	if got := early.post(h.a, "/sign-in/code", "code", code); got.status != http.StatusUnprocessableEntity {
		t.Errorf("a code from before: %d to %q", got.status, got.to)
	}
	h.pass(time.Second)
	want(t, "by the door for those who have one", h.browser().asked(h.a, clientMail), "")
	late := h.browser()
	if got := late.post(h.a, "/sign-in/code", "code", late.askedNew(h.a, "Pat", clientMail, "")); got.to != "/portal" {
		t.Errorf("%d to %q", got.status, got.to)
	}
}

func TestWhoIsMarkedAsSpamGetsNoAccount(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.exec(`update person set spam_at = $1 where email = $2`, h.Now(), clientMail)
	want(t, "a code", h.browser().askedNew(h.a, "Pat", clientMail, ""), "")
}

func TestWhatIsTypedForAnAccountIsMendedInPlace(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, row := range []struct{ name, email, say string }{
		{"", "nia@example.org", "fill this in"}, {"Nia", "nia", "address"}, {"Nia", "", "address"},
	} {
		got := h.browser().post(h.a, "/sign-in/new", "name", row.name, "email", row.email)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(strings.ToLower(got.body), row.say) || row.name != "" && !strings.Contains(got.body, row.name) {
			t.Errorf("%+v: %d %s", row, got.status, got.body)
		}
	}
	got := h.browser().post(h.a, "/sign-in/new", "name", "", "email", "nia@")
	for _, field := range []string{`id="name-problem"`, `id="email-problem"`} {
		if !strings.Contains(got.body, field) {
			t.Errorf("both fields are wrong, and %s is not there", field)
		}
	}
	want(t, "people", h.count(`select count(*) from person where name = 'Nia'`), 0)
	if got := h.browser().post(h.a, "/sign-in/new", "name", "Bot", "email", "bot@example.org", "website", "x"); got.to != "/sign-in/code?new=yes" || h.count(`select count(*) from person where name = 'Bot'`) != 0 {
		t.Errorf("%d to %q", got.status, got.to)
	}
}

package entry_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/job"
	"kintsugi/internal/login"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// shut reports that a browser opens nothing on either process.
func (b *browser) shut(about string) {
	b.t.Helper()
	for _, r := range []*replica{b.h.a, b.h.b} {
		got := b.get(r, "/desk")
		if got.status != http.StatusSeeOther || got.to != "/sign-in?next=%2Fdesk" {
			b.t.Errorf("%s: the desk answers %d %q %q", about, got.status, got.to, got.body)
		}
	}
}

func (b *browser) open(about string) {
	b.t.Helper()
	for _, r := range []*replica{b.h.a, b.h.b} {
		if got := b.get(r, "/desk"); got.status != http.StatusOK {
			b.t.Errorf("%s: the desk answers %d %q", about, got.status, got.to)
		}
	}
}

// C16: somebody plants a session, and gets to sit in the one that grows from it.
func TestEachStepOfSigningInGivesANewTokenAndTheOldOnesDie(t *testing.T) {
	t.Parallel()
	h := open(t)
	evil, _, _ := h.settle("noor")
	evilOwn := evil.cookie("kintsugi")
	_, secret, _ := h.settle("mara")
	h.pass(time.Minute)

	b := h.browser()
	b.plant("kintsugi", "of-their-own-choice", "/")
	b.plant("kintsugi", evilOwn, "/sign-in")
	b.plant("kintsugi", evilOwn, "/desk")
	code := b.asked(h.a, "mara@example.org")
	b.post(h.a, "/sign-in/code", "code", code)
	weak := b.cookie("kintsugi")
	if weak == "" || weak == "of-their-own-choice" || weak == evilOwn {
		t.Fatalf("the planted token stayed: %q", weak)
	}
	evil.shut("the session whose token was planted")

	want(t, "proof", b.post(h.a, "/sign-in/proof", "code", h.number(secret)).to, "/desk")
	strong := b.cookie("kintsugi")
	if strong == weak {
		t.Error("stepping up kept the token")
	}
	thief := h.browser()
	thief.plant("kintsugi", weak, "/")
	thief.shut("the token from before the proof")
	b.open("the new token")

	h.pass(11 * time.Minute)
	b.post(h.b, "/sign-in/proof", "code", h.number(secret))
	thief.plant("kintsugi", strong, "/")
	thief.shut("the token from before the second proof was given again")
	b.open("the newest token")

	// A session planted later is not the person's, so they are in neither.
	other, _, _ := h.settle("assist")
	b.plant("kintsugi", other.cookie("kintsugi"), "/desk")
	b.shut("two sessions in one browser")
}

// C17.
func TestASessionEndsOnBothProcessesAtOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	b, secret, _ := h.settle("mara")
	again := func() *browser {
		t.Helper()
		h.pass(61 * time.Second)
		n := h.browser()
		n.post(h.a, "/sign-in/code", "code", n.asked(h.a, "mara@example.org"))
		want(t, "signed in again", n.post(h.b, "/sign-in/proof", "code", h.number(secret)).to, "/desk")
		n.open("fresh")
		return n
	}
	copyOf := func(b *browser) *browser {
		twin := h.browser()
		twin.plant("kintsugi", b.cookie("kintsugi"), "/")
		return twin
	}

	old := copyOf(b)
	got := b.post(h.a, "/sign-out")
	want(t, "signed out", got.to, "/sign-in?left=1")
	want(t, "leaves nothing to Back", got.header.Get("Clear-Site-Data"), `"cache"`)
	b.shut("signed out")
	old.shut("with the old token")

	b, other := again(), again()
	list := b.get(h.b, "/sign-in/sessions")
	want(t, "sessions listed", strings.Count(list.body, "<li><div><strong>"), 2)
	id := regexp.MustCompile(`name="session" value="([^"]+)"`).FindStringSubmatch(list.body)[1]
	stranger, _, _ := h.settle("noor")
	stranger.post(h.a, "/sign-in/sessions/end", "session", id)
	other.open("after somebody else tried to end it")
	want(t, "ended", b.post(h.a, "/sign-in/sessions/end", "session", id).to, "/sign-in/sessions?ended=1")
	other.shut("ended from the other")
	b.open("this one stays")

	other = again()
	old = copyOf(b)
	b.post(h.b, "/sign-in/sessions/end-all")
	for _, one := range []*browser{b, other, old} {
		one.shut("signed out everywhere")
	}
	stranger.open("somebody else")

	b = again()
	old = copyOf(b)
	want(t, "left quickly", b.get(h.a, "/exit").status, http.StatusSeeOther)
	b.shut("left quickly")
	old.shut("left quickly, with the old token")

	b = again()
	for range 3 {
		h.pass(29 * time.Minute)
		b.open("in use")
	}
	h.pass(31 * time.Minute)
	b.shut("idle")

	b = again()
	for range 25 {
		h.pass(28 * time.Minute)
		b.open("in use all day")
	}
	h.pass(21 * time.Minute)
	b.shut("after twelve hours")
}

// C09: the open session is on one process, the suspension happens on the other.
func TestSuspensionAndRolesHoldFromTheNextRequest(t *testing.T) {
	t.Parallel()
	h := open(t)
	b, _, _ := h.settle("mara")
	want(t, "owner", b.get(h.b, "/office").status, 200)
	h.exec(`update coach set role = 'assistant' where slug = 'mara'`)
	got, made := b.get(h.b, "/office"), b.get(h.b, "/no-such-room")
	want(t, "demoted", got.status, 404)
	want(t, "as if it were not there", strings.ReplaceAll(got.body, "office", ""), strings.ReplaceAll(made.body, "no-such-room", ""))
	want(t, "what is left", b.get(h.b, "/desk").status, 200)
	h.exec(`update coach set active = false where slug = 'mara'`)
	b.shut("suspended")
	want(t, "a form of the suspended", b.post(h.b, "/desk/act").status, http.StatusSeeOther)
	h.exec(`update coach set active = true where slug = 'mara'`)
	h.exec(`delete from coach where slug = 'mara'`)
	want(t, "no longer a coach", b.get(h.b, "/desk").status, 404)
	h.exec(`delete from person where email = 'mara@example.org'`)
	b.shut("the person is gone")
}

func TestBeingSeenIsWrittenAtMostOnceAMinute(t *testing.T) {
	t.Parallel()
	h := open(t)
	b, _, _ := h.settle("mara")
	version := func() int { return h.count(`select xmin::text::int from session`) }
	before := version()
	h.pass(59 * time.Second)
	b.open("within the minute")
	want(t, "written", version(), before)
	h.pass(2 * time.Second)
	b.open("after it")
	if version() == before {
		t.Error("not written")
	}
}

func TestWhoComesFromAFormComesBackToItsPage(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.browser()
	q, err := http.NewRequest("POST", h.a.URL+"/desk/act", nil)
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Referer", h.a.URL+"/desk?week=3")
	want(t, "from our page", b.read(b.Do(q)).to, "/sign-in?next=%2Fdesk%3Fweek%3D3")
	q.Header.Set("Referer", "https://evil.example/desk")
	want(t, "from elsewhere", b.read(b.Do(q)).to, "/sign-in?next=%2F")
}

// The back door of the demonstration gives what a real sign-in gives.
func TestADemonstrationSignsInWithoutProof(t *testing.T) {
	t.Parallel()
	h := open(t)
	var token string
	err := h.db.InTx(t.Context(), func(tx *pg.Tx) error {
		mara, err := people.FindCoach(t.Context(), tx, "mara")
		if err != nil {
			return err
		}
		token, err = login.SignInAs(t.Context(), tx, mara.ID, "A demonstration", h.Now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	b := h.browser()
	b.plant("kintsugi", token, "/")
	b.open("signed in as")
	want(t, "on record", h.count(`select count(*) from audit where act = 'signed in without proof'`), 1)
}

func TestWhatHasEndedIsForgotten(t *testing.T) {
	t.Parallel()
	h := open(t)
	b, _, _ := h.settle("mara")
	handlers := map[string]job.Handler{}
	for _, again := range h.a.login.Register(handlers) {
		want(t, "comes round", again.Period, time.Hour)
	}
	tidy := func() error { return handlers["sign-in-tidy"](t.Context(), nil) }
	if err := tidy(); err != nil {
		t.Fatal(err)
	}
	b.open("nothing that lives is forgotten")
	client := h.settleClient()
	client.post(h.a, "/sign-in/address", "email", "new@example.net")
	h.mustBegin()
	if err := tidy(); err != nil {
		t.Fatal(err)
	}
	want(t, "what is under way", h.count(`select (select count(*) from address_change) + (select count(*) from proof_restore)`), 2)
	h.pass(181 * 24 * time.Hour)
	if err := tidy(); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"sign_in_code", "session", "known_browser", "sign_in_count", "passkey_challenge", "address_change", "proof_restore"} {
		want(t, table, h.count(`select count(*) from `+table), 0)
	}
	want(t, "the app stays", h.count(`select count(*) from proof_app`), 1)
	want(t, "the passphrase too", h.count(`select count(*) from passphrase`), 1)
}

func TestDevicesAreNamedInWords(t *testing.T) {
	t.Parallel()
	for agent, words := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0":                                                        "Firefox on Windows",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15":                   "Safari on Mac",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1": "Safari on iPhone",
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0.0.0 Mobile Safari/537.36":                         "Chrome on Android",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0.0.0 Safari/537.36 Edg/127.0.0.0":           "Edge on Windows",
		"": login.UnknownDevice, "<script>alert(1)</script>": login.UnknownDevice, "curl/8": login.UnknownDevice,
	} {
		want(t, agent, login.Device(agent), words)
	}
}

package entry_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestACoachSignsInAndArrivesWhereTheyWantedToGo(t *testing.T) {
	t.Parallel()
	h := open(t)
	_, secret, _ := h.settle("mara")
	h.pass(time.Minute)

	b := h.browser()
	got := b.get(h.a, "/office?x=1")
	want(t, "led to sign in", got.to, "/sign-in?next=%2Foffice%3Fx%3D1")
	want(t, "kept", got.header.Get("Cache-Control"), "no-store")
	got = b.post(h.a, "/sign-in", "email", " Mara@Example.org ", "next", "/office?x=1")
	want(t, "then the code", got.to, "/sign-in/code?next=%2Foffice%3Fx%3D1")
	var code string
	for c := range h.codes() {
		code = c
	}
	// However it is typed.
	got = b.post(h.b, "/sign-in/code", "code", " "+strings.ToLower(code[:4])+" "+code[5:]+" ", "next", "/office?x=1")
	want(t, "then the proof", got.to, "/sign-in/proof?next=%2Foffice%3Fx%3D1")
	want(t, "nothing opens yet", b.get(h.a, "/office").to, "/sign-in/proof?next=%2Foffice")
	got = b.post(h.a, "/sign-in/proof", "code", h.number(secret), "next", "/office?x=1")
	want(t, "arrives", got.to, "/office?x=1")
	want(t, "the office", b.get(h.b, "/office").body, "the desk of mara")
}

func TestNobodyIsLedElsewhereAfterSigningIn(t *testing.T) {
	t.Parallel()
	h := open(t)
	b, secret, _ := h.settle("mara")
	for i, to := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "/\t/evil.example", "javascript:alert(1)", "evil", `/desk\..\..//evil`, "/%5c%5cevil.example"} {
		h.pass(11 * time.Minute) // so that a proof is asked for again
		got := b.post([]*replica{h.a, h.b}[i%2], "/sign-in/proof", "code", h.number(secret), "next", to)
		if got.status != http.StatusSeeOther || !strings.HasPrefix(got.to, "/") || strings.HasPrefix(got.to, "//") || strings.HasPrefix(got.to, `/\`) {
			t.Errorf("%q led to %d %q", to, got.status, got.to)
		}
		u, err := url.Parse(got.to)
		if err != nil || u.Host != "" || to != "/%5c%5cevil.example" && got.to != "/desk" {
			t.Errorf("%q led to %q", to, got.to)
		}
	}
}

// ACC-01, C11: a mail scanner opens every address of a letter, and presses what
// it finds there.
func TestScannersOfLettersSignNobodyIn(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.browser()
	code := b.asked(h.a, "mara@example.org")
	if err := h.a.login.Invite(t.Context(), "mara@example.org"); err != nil {
		t.Fatal(err)
	}
	invite, letter := h.letters("coach-invited")[0].Letter, h.letters("sign-in-code")[0].Letter
	want(t, "links of a letter with a code", len(letter.Actions), 0)
	want(t, "the letter", letter.Paragraphs, []string{"Your code is " + code})
	if strings.Contains(letter.Subject+letter.Preheader, code) {
		t.Error("a locked phone shows the code")
	}
	scanner := h.browser()
	for range 3 {
		for _, path := range []string{strings.TrimPrefix(invite.Actions[0].URL, h.a.URL), "/sign-in/code", "/sign-in/proof", "/sign-in/set-up", "/sign-out", "/sign-in/sessions/end-all"} {
			scanner.get(h.b, path)
			res, err := scanner.Head(h.b.URL + path)
			scanner.read(res, err)
		}
		scanner.post(h.b, "/sign-in/code", "code", "")
		scanner.post(h.b, "/sign-out")
	}
	want(t, "sessions", h.count(`select count(*) from session`), 0)
	want(t, "tries", h.count(`select sum(tries) from sign_in_code`), 0)
	want(t, "the code still works", b.post(h.a, "/sign-in/code", "code", code).to, "/sign-in/set-up")
}

// ACC-02: every code that opens nothing gets the same words, and is counted.
func TestACodeWorksOnceInTimeInItsOwnBrowser(t *testing.T) {
	t.Parallel()
	h := open(t)
	var words []string
	refused := func(about string, got answer) {
		t.Helper()
		want(t, about, got.status, http.StatusUnprocessableEntity)
		start := strings.Index(got.body, `role="alert">`)
		words = append(words, got.body[start:start+strings.Index(got.body[start:], "</p>")])
	}
	b := h.browser()
	code := b.asked(h.a, "mara@example.org")
	asker := b.cookie("kintsugi_code")

	other := h.browser()
	other.asked(h.a, "noor@example.org")
	refused("in another browser", other.post(h.a, "/sign-in/code", "code", code))
	refused("in a browser that did not ask", h.browser().post(h.a, "/sign-in/code", "code", code))
	refused("mistyped", b.post(h.a, "/sign-in/code", "code", "CCCC-CCCC"))

	want(t, "in its own", b.post(h.a, "/sign-in/code", "code", code).to, "/sign-in/set-up")
	b.plant("kintsugi_code", asker, "/")
	refused("twice", b.post(h.b, "/sign-in/code", "code", code))

	old := other.cookie("kintsugi_code")
	first := other.asked(h.a, "noor@example.org")
	asker = other.cookie("kintsugi_code")
	if asker == old {
		t.Error("asking again gave the same token")
	}
	newer := other.asked(h.b, "noor@example.org")
	refused("after a newer one", other.post(h.a, "/sign-in/code", "code", first))
	third := other.cookie("kintsugi_code")
	other.plant("kintsugi_code", asker, "/")
	refused("after a newer one, with its own token", other.post(h.a, "/sign-in/code", "code", first))
	other.plant("kintsugi_code", third, "/")
	h.pass(10*time.Minute + time.Second)
	refused("too old", other.post(h.a, "/sign-in/code", "code", newer))

	if len(slices.Compact(words)) != 1 {
		t.Errorf("the words tell which it is:\n%s", strings.Join(words, "\n"))
	}
	want(t, "tries counted", h.count(`select sum(tries) from sign_in_code`), 7)
	want(t, "sessions", h.count(`select count(*) from session`), 1)
}

// ACC-03, C10.
//
// It measures time. The quickest answers are compared, because a busy machine
// makes some slower and none quicker.
func TestTheAnswerTellsNothingAboutAnAddress(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.exec(`update coach set active = false where slug = 'noor'`)
	addresses := []string{"mara@example.org", "MARA@example.org", "mara+x@example.org", "noor@example.org", "prospect@example.org", "nobody@example.org"}
	took := map[string][]time.Duration{}
	answers := map[string]bool{}
	for round := range 7 {
		for _, address := range addresses {
			b := h.browser()
			began := time.Now()
			got := b.post(h.a, "/sign-in", "email", address)
			took[address] = append(took[address], time.Since(began))
			h1 := got.header.Clone()
			for _, name := range []string{"Date", "X-Request-Id", "Content-Security-Policy"} {
				h1.Del(name)
			}
			cookies := h1["Set-Cookie"]
			for i := range cookies {
				cookies[i] = strings.Replace(cookies[i], b.cookie("kintsugi_code"), "TOKEN", 1)
			}
			if round > 0 {
				continue
			}
			page := b.get(h.a, got.to)
			wrong := b.post(h.a, "/sign-in/code", "code", "CCCC-CCCC")
			answers[strings.Join([]string{http.StatusText(got.status), got.body, strings.Join(cookies, ";"), h1.Get("Location"),
				page.body, wrong.body, http.StatusText(wrong.status)}, "\n")] = true
		}
	}
	want(t, "different answers", len(answers), 1)
	var quickest []time.Duration
	for _, all := range took {
		quickest = append(quickest, slices.Min(all))
	}
	if spread := slices.Max(quickest) - slices.Min(quickest); spread > 25*time.Millisecond {
		t.Errorf("quickest answers %v apart: %v", spread, quickest)
	}
	if slices.Min(quickest) < 300*time.Millisecond {
		t.Errorf("answered after %v", slices.Min(quickest))
	}
	// Letters go to those who work here, and to nobody too often.
	want(t, "letters", h.count(`select count(*) from letter`), 6)
	want(t, "recipients", h.count(`select count(distinct recipient) from letter`), 1)
}

// C13: five tries a code, a small total an hour, over both processes; and the
// person can still sign in from a browser that knows them.
func TestCodesCannotBeGuessedAndGuessingLocksNobodyOut(t *testing.T) {
	t.Parallel()
	h := open(t)
	mine, secret, _ := h.settle("mara")
	mine.post(h.a, "/sign-out")

	b := h.browser()
	code := b.asked(h.a, "mara@example.org")
	for range 5 {
		want(t, "a wrong try", b.post(h.a, "/sign-in/code", "code", "CCCC-CCCC").status, 422)
	}
	want(t, "the right code after five tries", b.post(h.b, "/sign-in/code", "code", code).status, 422)

	// Two hundred at one instant, over both.
	b.asked(h.a, "mara@example.org")
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() { b.post([]*replica{h.a, h.b}[i%2], "/sign-in/code", "code", "CCCC-CCCC") })
	}
	all.Wait()
	// Fifty fresh codes.
	for i := range 50 {
		all.Go(func() { h.browser().post([]*replica{h.a, h.b}[i%2], "/sign-in", "email", "mara@example.org") })
	}
	all.Wait()
	if letters := h.count(`select count(*) from letter where kind = 'sign-in-code' and made_at > $1`, h.Now().Add(-time.Hour)); letters > 6+1 {
		t.Errorf("%d letters in an hour", letters)
	}
	if looked := h.count(`select count(*) from sign_in_count where kind = 'try'`); looked > 20 {
		t.Errorf("%d tries looked at in an hour", looked)
	}
	want(t, "anybody else's right code", h.browser().asked(h.a, "mara@example.org"), "")

	h.pass(time.Minute)
	again := mine.asked(h.b, "mara@example.org")
	want(t, "from a known browser", mine.post(h.a, "/sign-in/code", "code", again).to, "/sign-in/proof")
	want(t, "with the proof", mine.post(h.a, "/sign-in/proof", "code", h.number(secret)).to, "/desk")

	h.pass(61 * time.Minute)
	if h.browser().asked(h.a, "mara@example.org") == "" {
		t.Error("an hour later nobody may ask")
	}
}

// C14.
func TestOneCodeOpensOneSessionHoweverOftenItIsSent(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.browser()
	code := b.asked(h.a, "mara@example.org")
	asker := b.cookie("kintsugi_code")
	var all sync.WaitGroup
	var mu sync.Mutex
	opened := 0
	for i := range 50 {
		all.Go(func() {
			twin := h.browser()
			twin.plant("kintsugi_code", asker, "/")
			if got := twin.post([]*replica{h.a, h.b}[i%2], "/sign-in/code", "code", code); got.status == http.StatusSeeOther {
				mu.Lock()
				defer mu.Unlock()
				opened++
			}
		})
	}
	all.Wait()
	want(t, "opened", opened, 1)
	want(t, "sessions", h.count(`select count(*) from session`), 1)
}

func TestNeitherDatabaseNorLogHoldsACode(t *testing.T) {
	t.Parallel()
	h := open(t)
	b, secret, codes := h.settle("mara")
	code := h.browser().asked(h.a, "mara@example.org")
	var rows []string
	for _, table := range []string{"sign_in_code", "session", "known_browser", "proof_app", "recovery_code", "letter", "job", "audit"} {
		var some []string
		if err := h.db.Select(t.Context(), &some, `select row_to_json(t)::text from `+table+` t`); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, some...)
	}
	everything := strings.Join(rows, "\n") + h.log.String()
	for _, word := range []string{code, strings.ReplaceAll(code, "-", ""), secret, codes[0], b.cookie("kintsugi"), b.cookie("kintsugi_browser"), "mara@"} {
		if word == "" || strings.Contains(everything, word) {
			t.Errorf("%q is written down", word)
		}
	}
}

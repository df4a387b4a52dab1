package entry_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kintsugi/internal/browsertest"
	"kintsugi/internal/fault"
	"kintsugi/internal/login"
	"kintsugi/internal/pg"
)

// challenges are the questions in what a passkey is asked.
var challenges = regexp.MustCompile(`"challenge":"[^"]+"`)

// letterless is Pat, who has chosen to be sent no codes.
func (h *house) letterless() *browser {
	h.t.Helper()
	b := h.settleClient()
	if got := b.post(h.a, "/sign-in/letters/codes", "codes", "no"); got.to != "/sign-in/letters?done=off" {
		h.t.Fatalf("no codes: %d to %q\n%s", got.status, got.to, got.body)
	}
	return b
}

// typed is a browser in which Pat's address was typed.
func (h *house) typed(email string) *browser {
	h.t.Helper()
	b := h.browser()
	if got := b.post(h.a, "/sign-in", "email", email); got.to != "/sign-in/code" {
		h.t.Fatalf("asked: %d to %q", got.status, got.to)
	}
	return b
}

// A phone that lies on the kitchen table lights up with every code.
func TestWhoWantsNoCodesIsSentNoneAndComesInByPassphraseAlone(t *testing.T) {
	t.Parallel()
	h := open(t)
	mine := h.settleClient()
	h.exec(`update person set mail_held = true where email = $1`, clientMail)
	if h.browser().asked(h.a, clientMail) == "" {
		t.Error("a code that was asked for in this minute is held with all other mail")
	}
	waits := h.typed(clientMail) // its letter has not left yet
	want(t, "no more codes", mine.post(h.b, "/sign-in/letters/codes", "codes", "no").to, "/sign-in/letters?done=off")
	want(t, "codes on their way", len(h.letters("sign-in-code")), 0)
	before := h.count(`select count(*) from letter where kind = 'sign-in-code'`)
	b := h.typed(clientMail)
	want(t, "letters", h.count(`select count(*) from letter where kind = 'sign-in-code'`), before)

	want(t, "a wrong one", b.post(h.a, "/sign-in/without", "phrase", "a guess of somebody").status, http.StatusUnprocessableEntity)
	want(t, "the right one", b.post(h.b, "/sign-in/without", "phrase", phrase, "next", "/portal/own").to, "/portal/own")
	if !b.own(h.a) {
		t.Error("what is theirs stays shut")
	}
	want(t, "asked before they chose", waits.post(h.a, "/sign-in/without", "phrase", phrase).to, "/portal")
	want(t, "on record", h.count(`select count(*) from audit where act = 'signed in without a letter' and actor_kind = 'person'`), 2)

	want(t, "codes again", b.post(h.a, "/sign-in/letters/codes", "codes", "yes").to, "/sign-in/letters?done=on")
	if h.browser().asked(h.a, clientMail) == "" {
		t.Error("no code is sent again")
	}
	want(t, "without a letter, then", h.typed(clientMail).post(h.a, "/sign-in/without", "phrase", phrase).status, http.StatusUnprocessableEntity)
}

// C10, by the other door: the page and its answer are the same for somebody who
// has chosen it, a coach and nobody. So is the work: every passphrase is hashed,
// every try is counted twice, and no answer comes before its time.
func TestTheWayWithoutALetterTellsNothingAboutAnAddress(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.letterless()
	h.exec(`delete from sign_in_count`)
	answers := map[string]bool{}
	took := map[string][]time.Duration{}
	for round := range 3 {
		for _, address := range []string{clientMail, "mara@example.org", "nobody@example.org"} {
			b := h.typed(address)
			page := b.get(h.a, "/sign-in/without")
			began := time.Now()
			wrong := b.post(h.a, "/sign-in/without", "phrase", "a guess of somebody")
			took[address] = append(took[address], time.Since(began))
			broken := b.post(h.a, "/sign-in/without", "credential", `{"id":"x"}`)
			asked := b.post(h.a, "/sign-in/without/passkey")
			if round == 0 {
				answers[strings.Join([]string{page.body, wrong.body, http.StatusText(wrong.status), broken.body, strings.Join(wrong.header["Set-Cookie"], ";"),
					challenges.ReplaceAllString(asked.body, "")}, "\n")] = true
			}
		}
	}
	want(t, "different answers", len(answers), 1)
	for address, all := range took {
		if slices.Min(all) < 300*time.Millisecond {
			t.Errorf("%s is answered after %v", address, slices.Min(all))
		}
	}
	// The same is counted for all of them.
	want(t, "kinds of counts", h.count(`select count(distinct kind) from sign_in_count where kind in ('try', 'proof')`), 2)
	want(t, "each counted alike", h.count(`select count(*) from (select key_hash, count(*) as n from sign_in_count where kind in ('try', 'proof') group by key_hash, kind having count(*) <> 6) as uneven`), 0)
	want(t, "a browser that typed no address", h.browser().get(h.a, "/sign-in/without").to, "/sign-in")
	want(t, "nor sends one", h.browser().post(h.a, "/sign-in/without", "phrase", phrase).status, http.StatusUnprocessableEntity)
}

// C13 and C14, by the other door.
func TestAPassphraseAloneCannotBeGuessedAndOpensOneSession(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.letterless()
	b := h.typed(clientMail)
	for range 5 {
		b.post(h.a, "/sign-in/without", "phrase", "a guess of somebody")
	}
	want(t, "the right one after five", b.post(h.b, "/sign-in/without", "phrase", phrase).status, http.StatusUnprocessableEntity)

	once := h.typed(clientMail)
	asker := once.cookie("kintsugi_code")
	var all sync.WaitGroup
	var mu sync.Mutex
	opened := 0
	for i := range 4 {
		all.Go(func() {
			twin := h.browser()
			twin.plant("kintsugi_code", asker, "/")
			if twin.post([]*replica{h.a, h.b}[i%2], "/sign-in/without", "phrase", phrase).status == http.StatusSeeOther {
				mu.Lock()
				defer mu.Unlock()
				opened++
			}
		})
	}
	all.Wait()
	want(t, "opened", opened, 1)
	late := h.typed(clientMail)
	h.pass(11 * time.Minute)
	want(t, "too late", late.post(h.a, "/sign-in/without", "phrase", phrase).status, http.StatusUnprocessableEntity)
	for range 30 {
		h.typed("nobody@example.org").post(h.a, "/sign-in/without", "phrase", phrase)
	}
	want(t, "somebody else's passphrase", h.count(`select count(*) from session`), 2)
	// The tries count against the second proof too, wherever they are made.
	want(t, "tries of the proof", h.count(`select count(*) from sign_in_count where kind = 'proof' and at > $1`, h.Now().Add(-time.Hour)) > 0, true)
}

// Whoever wants no letters and takes away what lets them in stands outside.
func TestWithoutLettersTheLastWayInStays(t *testing.T) {
	t.Parallel()
	h := open(t)
	pat := h.client()
	err := h.db.InTx(t.Context(), func(tx *pg.Tx) error { return login.SetCodeLetters(t.Context(), tx, pat, true, h.Now()) })
	if !fault.Is(err, "no-way-in") {
		t.Errorf("with nothing that lets them in: %v", err)
	}
	b := h.letterless()
	secret := secretOn(b.get(h.a, "/sign-in/set-up").body)
	want(t, "an app as well", b.post(h.a, "/sign-in/set-up", "code", h.number(secret)).to, "/sign-in/proofs")
	got := b.post(h.b, "/sign-in/proofs/remove", "proof", "phrase")
	want(t, "the passphrase", got.status, http.StatusConflict)
	if !strings.Contains(got.body, "without codes") {
		t.Error("it is not said why")
	}
	want(t, "a new one in its place", b.post(h.b, "/sign-in/set-up", "how", "phrase", "phrase", "quite another sentence").to, "/sign-in/proofs")
	b.post(h.b, "/sign-in/letters/codes", "codes", "yes")
	want(t, "after codes are sent again", b.post(h.b, "/sign-in/proofs/remove", "proof", "phrase").to, "/sign-in/proofs")
	got = b.post(h.b, "/sign-in/letters/codes", "codes", "no")
	want(t, "an app alone", got.status, http.StatusConflict)
}

// A lost passphrase of somebody who is sent no codes: the start over sends them
// again, else nobody could come in to type the word.
func TestAStartOverSendsCodesAgain(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.letterless()
	h.mustBegin()
	want(t, "in the wait", h.browser().asked(h.a, clientMail), "")
	h.pass(login.RestoreWait)
	b := h.halfClient()
	want(t, "the word", b.post(h.a, "/sign-in/restore", "word", said).to, "/sign-in/set-up")
	if h.browser().asked(h.b, clientMail) == "" {
		t.Error("afterwards no code is sent")
	}
}

func TestAPasskeyAloneLetsAClientIn(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.client()
	tab := browsertest.New(t)
	tab.Authenticator()
	before := h.codes()
	tab.Open(h.a.URL + "/sign-in")
	tab.Type("#email", clientMail)
	tab.Click("main button")
	tab.WaitText("h1", "Type the code")
	tab.Type("#code", h.newCode(before))
	tab.Click("main button")
	tab.WaitText("body", "the portal of Pat")
	h.vouch()
	tab.Open(h.a.URL + "/sign-in/set-up?next=/sign-in/letters")
	look(t, h, tab, "client-set-up")
	tab.Click(`[data-passkey="add"] button`)
	tab.WaitText("h1", "Keep these ten codes")
	tab.Click("main a.act")
	tab.WaitText("h1", "Codes and notices")
	look(t, h, tab, "letters")
	tab.Click(`form[action="/sign-in/letters/codes"] button`)
	tab.WaitText(".notice", "No more codes are sent")
	tab.Open(h.a.URL + "/sign-in/sessions")
	tab.Click(`form[action="/sign-out"] button`)
	tab.WaitText("h1", "Sign in")

	tab.Type("#email", clientMail)
	tab.Click("main button")
	tab.WaitText("h1", "Type the code")
	tab.Click(`a[href^="/sign-in/without"]`)
	tab.WaitText("h1", "Sign in without a code")
	look(t, h, tab, "without")
	tab.Type("#phrase", "nothing of the kind")
	tab.Click("main .act")
	tab.WaitText("#phrase-problem", "did not let you in")
	look(t, h, tab, "without-refused")
	tab.Click(`[data-passkey="alone"] button`)
	tab.WaitText("body", "the portal of Pat")
	want(t, "without a letter", h.count(`select count(*) from audit where act = 'signed in without a letter'`), 1)
	tab.Open(h.a.URL + "/portal/own")
	tab.WaitText("body", "the portal of Pat")
	for _, trouble := range tab.Troubles() {
		if !strings.Contains(trouble, "422") {
			t.Errorf("in the browser: %s", trouble)
		}
	}
}

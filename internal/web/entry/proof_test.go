package entry_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"kintsugi/internal/login"
	"kintsugi/internal/pg"
)

// half is a browser of a coach who has entered the code and nothing more.
func (h *house) half(slug string) *browser {
	h.t.Helper()
	b := h.browser()
	if got := b.post(h.a, "/sign-in/code", "code", b.asked(h.a, slug+"@example.org")); got.status != http.StatusSeeOther {
		h.t.Fatalf("code: %d", got.status)
	}
	return b
}

// C20.
func TestNothingOpensBeforeBothProofs(t *testing.T) {
	t.Parallel()
	h := open(t)
	_, secret, codes := h.settle("mara")
	h.pass(time.Minute)

	// The first time, set-up cannot be passed over.
	fresh := h.half("noor")
	for _, path := range []string{"/desk", "/sign-in/sessions", "/sign-in/proofs"} {
		if got := fresh.get(h.b, path); got.status != http.StatusSeeOther || !strings.HasPrefix(got.to, "/sign-in/proof?") {
			t.Errorf("%s opens with a code alone: %d %q", path, got.status, got.to)
		}
	}
	want(t, "proof leads to set-up", fresh.get(h.b, "/sign-in/proof").to, "/sign-in/set-up")
	want(t, "a made-up proof too", fresh.post(h.b, "/sign-in/proof", "code", "000000").to, "/sign-in/set-up")
	fresh.post(h.b, "/sign-in/proof", "recovery", codes[0])
	want(t, "a wrong number", fresh.post(h.a, "/sign-in/set-up", "code", "123456").status, 422)
	fresh.post(h.a, "/sign-in/sessions/end-all")
	fresh.post(h.a, "/sign-in/proofs/codes")
	want(t, "still shut", fresh.get(h.a, "/desk").status, http.StatusSeeOther)

	// Who has a proof cannot set up another with the code alone.
	b := h.half("mara")
	want(t, "set-up", b.get(h.a, "/sign-in/set-up").to, "/sign-in/proof?next=%2Fsign-in%2Fset-up")
	for _, number := range []string{"", "123456", h.number(secret)} {
		want(t, "set up with "+number, b.post(h.a, "/sign-in/set-up", "code", number).to, "/sign-in/proof?next=%2Fsign-in%2Fset-up")
	}
	if !strings.Contains(b.post(h.a, "/sign-in/passkey", "purpose", "prove").body, "could not be used") {
		t.Error("a passkey was asked of somebody who has none")
	}
	want(t, "a passkey of their own", b.post(h.a, "/sign-in/set-up", "credential", `{"id":"x"}`).to, "/sign-in/proof?next=%2Fsign-in%2Fset-up")
	want(t, "and nothing opened", b.get(h.a, "/desk").status, http.StatusSeeOther)

	// The right number without the first factor.
	nobody := h.browser()
	want(t, "without a session", nobody.post(h.a, "/sign-in/proof", "code", h.number(secret)).to, "/sign-in")
	nobody.plant("kintsugi", "made-up", "/")
	want(t, "with a made-up session", nobody.post(h.a, "/sign-in/proof", "code", h.number(secret)).to, "/sign-in")
	want(t, "options without a session", nobody.post(h.a, "/sign-in/passkey", "purpose", "add").status, http.StatusUnauthorized)
	want(t, "somebody else's number", fresh.post(h.a, "/sign-in/proof", "code", h.number(secret)).to, "/sign-in/set-up")
}

// C20: a number that was read over a shoulder is typed on the other process.
func TestANumberOfTheAppWorksOnceOverBothProcesses(t *testing.T) {
	t.Parallel()
	h := open(t)
	_, secret, _ := h.settle("mara")
	first, second := h.half("mara"), h.half("mara")
	want(t, "the number that set it up", first.post(h.b, "/sign-in/proof", "code", h.number(secret)).status, 422)
	h.pass(time.Minute)
	number := h.number(secret)
	var all sync.WaitGroup
	var mu sync.Mutex
	opened := 0
	for i, b := range []*browser{first, second} {
		all.Go(func() {
			if b.post([]*replica{h.a, h.b}[i], "/sign-in/proof", "code", number).status == http.StatusSeeOther {
				mu.Lock()
				defer mu.Unlock()
				opened++
			}
		})
	}
	all.Wait()
	want(t, "opened at one instant", opened, 1)
	third := h.half("mara")
	h.pass(29 * time.Second)
	want(t, "in its window", third.post(h.b, "/sign-in/proof", "code", number).status, 422)
	// An earlier one than the last used is gone too, though its time is not over.
	h.pass(time.Minute)
	later := h.number(secret)
	h.pass(-30 * time.Second)
	earlier := h.number(secret)
	want(t, "a clock ahead by half a minute", third.post(h.a, "/sign-in/proof", "code", later).to, "/desk")
	want(t, "the one before", h.half("mara").post(h.a, "/sign-in/proof", "code", earlier).status, 422)
	h.pass(5 * time.Minute)
	want(t, "an old one", h.half("mara").post(h.a, "/sign-in/proof", "code", later).status, 422)
}

func TestARecoveryCodeWorksOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	b, _, codes := h.settle("mara")
	first := h.half("mara")
	want(t, "typed as one does", first.post(h.a, "/sign-in/proof", "recovery", " "+strings.ToLower(strings.ReplaceAll(codes[3], "-", " "))).to, "/desk")
	again := h.half("mara")
	want(t, "again on the other process", again.post(h.b, "/sign-in/proof", "recovery", codes[3]).status, 422)
	want(t, "another", again.post(h.b, "/sign-in/proof", "recovery", codes[4]).to, "/desk")
	if page := b.get(h.a, "/sign-in/proofs").body; !strings.Contains(page, "8 of 10 are left") {
		t.Error("it is not told how many are left")
	}
	fresh := b.post(h.a, "/sign-in/proofs/codes")
	want(t, "new ones", fresh.status, 200)
	want(t, "an old one", h.half("mara").post(h.a, "/sign-in/proof", "recovery", codes[5]).status, 422)
	h.pass(11 * time.Minute)
	want(t, "new ones without a recent proof", b.post(h.a, "/sign-in/proofs/codes").to, "/sign-in/proof?next=%2F")
	want(t, "codes left", h.count(`select count(*) from recovery_code where used_at is null`), 10)
}

func TestSecondProofsCannotBeGuessed(t *testing.T) {
	t.Parallel()
	h := open(t)
	mine, secret, _ := h.settle("mara")
	h.pass(time.Minute)
	b := h.half("mara")
	var all sync.WaitGroup
	for i := range 60 {
		all.Go(func() { b.post([]*replica{h.a, h.b}[i%2], "/sign-in/proof", "code", "000000") })
	}
	all.Wait()
	want(t, "looked at", h.count(`select count(*) from sign_in_count where kind = 'proof'`), 20)
	h.pass(time.Minute)
	got := b.post(h.a, "/sign-in/proof", "code", h.number(secret))
	want(t, "the right one after that", got.status, 422)
	if !strings.Contains(got.body, "too many tries") {
		t.Error("it is not said why")
	}
	want(t, "in a browser that is known", mine.post(h.a, "/sign-out").status, http.StatusSeeOther)
	mine.post(h.a, "/sign-in/code", "code", mine.asked(h.a, "mara@example.org"))
	want(t, "the person gets in", mine.post(h.b, "/sign-in/proof", "code", h.number(secret)).to, "/desk")
}

func TestProofsAreChangedWithARecentProofOnly(t *testing.T) {
	t.Parallel()
	h := open(t)
	b, secret, _ := h.settle("mara")
	want(t, "the only proof", b.post(h.a, "/sign-in/proofs/remove", "proof", "app").status, http.StatusConflict)
	want(t, "nobody's passkey", b.post(h.a, "/sign-in/proofs/remove", "proof", "made-up").status, http.StatusNotFound)

	// A new app takes the place of the old one.
	other := secretOn(b.get(h.a, "/sign-in/set-up").body)
	if other == secret || other == "" {
		t.Fatal("the same secret is offered again")
	}
	want(t, "another app", b.post(h.b, "/sign-in/set-up", "code", h.number(other)).to, "/sign-in/proofs")
	h.pass(11 * time.Minute)
	want(t, "later", b.get(h.a, "/sign-in/set-up").to, "/sign-in/proof?next=%2Fsign-in%2Fset-up")
	want(t, "removing later", b.post(h.a, "/sign-in/proofs/remove", "proof", "app").to, "/sign-in/proof?next=%2F")
	want(t, "the old app", b.post(h.a, "/sign-in/proof", "code", h.number(secret)).status, 422)
	want(t, "the new app", b.post(h.a, "/sign-in/proof", "code", h.number(other), "next", "/sign-in/set-up").to, "/sign-in/set-up")
	want(t, "then it opens", b.get(h.b, "/sign-in/set-up").status, 200)
	want(t, "apps", h.count(`select count(*) from proof_app`), 1)
}

func TestALostProofIsRestoredAtTheServerOnly(t *testing.T) {
	t.Parallel()
	h := open(t)
	b, secret, codes := h.settle("mara")
	if err := h.b.login.Reset(t.Context(), "Mara@example.org"); err != nil {
		t.Fatal(err)
	}
	b.shut("signed out everywhere")
	h.pass(time.Minute)
	again := h.half("mara")
	want(t, "the old app", again.post(h.a, "/sign-in/proof", "code", h.number(secret)).to, "/sign-in/set-up")
	want(t, "an old recovery code", again.post(h.a, "/sign-in/proof", "recovery", codes[0]).to, "/sign-in/set-up")
	want(t, "browsers known", h.count(`select count(*) from known_browser`), 0)
	want(t, "on record", h.count(`select count(*) from audit where act = 'second proof reset' and actor_kind = 'operator'`), 1)
	if err := h.b.login.Reset(t.Context(), "prospect@example.org"); err == nil {
		t.Error("somebody was reset who does not work here")
	}
	if err := h.b.login.Invite(t.Context(), "nobody@example.org"); err == nil {
		t.Error("nobody was invited")
	}
}

func TestAppSecretsOpenUnderANewKeyset(t *testing.T) {
	t.Parallel()
	h := open(t)
	_, secret, _ := h.settle("mara")
	newer, err := h.keys.WithNewPrimary()
	if err != nil {
		t.Fatal(err)
	}
	err = h.db.InTx(t.Context(), func(tx *pg.Tx) error {
		n, err := login.Rewrap(t.Context(), tx, newer)
		want(t, "rewrapped", n, 1)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	b := h.half("mara")
	h.pass(time.Minute)
	got := b.post(h.a, "/sign-in/proof", "code", h.number(secret))
	want(t, "with the old keyset", got.status, 500)
	h.a.login.Keys = newer
	want(t, "with the new one", b.post(h.a, "/sign-in/proof", "code", h.number(secret)).to, "/desk")
}

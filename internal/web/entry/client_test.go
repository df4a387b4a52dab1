package entry_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"kintsugi/internal/login"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

const (
	clientMail = "prospect@example.org" // Pat, whom a coach has invited
	phrase     = "seven lanterns by the weir"
)

// client admits Pat.
func (h *house) client() people.ID {
	h.t.Helper()
	pat, err := people.FindByEmail(h.t.Context(), h.db, clientMail)
	if err != nil {
		h.t.Fatal(err)
	}
	h.in(func(tx *pg.Tx) error { return login.Admit(h.t.Context(), tx, pat.ID, h.Now()) })
	return pat.ID
}

func (h *house) in(do func(tx *pg.Tx) error) {
	h.t.Helper()
	if err := h.db.InTx(h.t.Context(), do); err != nil {
		h.t.Fatal(err)
	}
}

// halfClient is a browser of Pat, who has typed the code and nothing more.
func (h *house) halfClient() *browser {
	h.t.Helper()
	b := h.browser()
	if got := b.post(h.a, "/sign-in/code", "code", b.asked(h.a, clientMail)); got.to != "/portal" {
		h.t.Fatalf("code: %d to %q\n%s", got.status, got.to, h.log)
	}
	return b
}

// vouch has the word typed that the coach said, in every session of Pat's.
func (h *house) vouch() {
	h.exec(`update session set vouched_at = $1 where person_id = (select id from person where email = $2)`, h.Now(), clientMail)
}

// settleClient is Pat with a passphrase, signed in with both.
func (h *house) settleClient() *browser {
	h.t.Helper()
	h.client()
	b := h.halfClient()
	h.vouch()
	if got := b.post(h.a, "/sign-in/set-up", "how", "phrase", "phrase", phrase); got.status != http.StatusOK || !strings.Contains(got.body, "ten codes") {
		h.t.Fatalf("set up: %d to %q\n%s", got.status, got.to, got.body)
	}
	return b
}

// own reports whether what is a client's alone opens.
func (b *browser) own(r *replica) bool {
	b.t.Helper()
	return b.get(r, "/portal/own").status == http.StatusOK
}

// The partner reads the inbox: with the code alone they come as far as what is
// no secret between the two, and no further by any other door.
func TestAClientsCodeAloneOpensNoMoreThanWhatIsNoSecret(t *testing.T) {
	t.Parallel()
	h := open(t)
	want(t, "before the invitation", h.browser().asked(h.a, clientMail), "")
	mine := h.settleClient()
	if !mine.own(h.b) {
		t.Fatal("both proofs do not open what is theirs")
	}
	partner := h.halfClient()
	want(t, "what is no secret", partner.get(h.b, "/portal").body, "the portal of Pat")
	want(t, "what is", partner.get(h.b, "/portal/own").to, "/sign-in/proof?next=%2Fportal%2Fown")
	want(t, "the desk", partner.get(h.a, "/desk").to, "/sign-in/proof?next=%2Fdesk")
	want(t, "the desk with both proofs", mine.get(h.a, "/desk").status, http.StatusNotFound)
	for _, path := range []string{"/sign-in/proofs", "/sign-in/sessions", "/sign-in/letters", "/sign-in/address"} {
		got := partner.get(h.b, path)
		if got.status != http.StatusSeeOther || !strings.HasPrefix(got.to, "/sign-in/proof?") {
			t.Errorf("%s opens with a code alone: %d %q", path, got.status, got.to)
		}
	}
	want(t, "another proof", partner.post(h.a, "/sign-in/set-up", "how", "phrase", "phrase", "another one altogether").to, "/sign-in/proof?next=%2Fsign-in%2Fset-up")
	for _, act := range []string{"/sign-in/proofs/remove", "/sign-in/sessions/end-all", "/sign-in/letters/codes", "/sign-in/letters/safe-contact", "/sign-in/address"} {
		partner.post(h.b, act, "proof", "phrase", "codes", "no", "email", "partner@example.org")
	}
	if !mine.own(h.a) {
		t.Error("the session of the one they share the inbox with has ended")
	}
	want(t, "passphrases", h.count(`select count(*) from passphrase`), 1)
	// Clients act as themselves in what is kept of it.
	want(t, "on record as somebody who works here", h.count(`select count(*) from audit where actor_kind = 'coach'`), 0)
	coach, _, _ := h.settle("mara")
	want(t, "a coach at the portal", coach.get(h.a, "/portal").status, http.StatusNotFound)
}

// Whoever opens the inbox first could set up the proof that keeps the other out.
func TestTheFirstProofOfAClientWantsTheWordOfTheirCoach(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.client()
	b := h.halfClient()
	want(t, "set-up", b.get(h.a, "/sign-in/set-up?next=/portal/own").to, "/portal/word?next=%2Fportal%2Fown")
	want(t, "a passphrase", b.post(h.b, "/sign-in/set-up", "how", "phrase", "phrase", phrase).to, "/portal/word")
	secret := secretOn(b.get(h.a, "/sign-in/set-up").body)
	want(t, "an app", secret, "")
	want(t, "none", h.count(`select (select count(*) from passphrase) + (select count(*) from proof_app)`), 0)
	// Before there is one, the lists hold nothing that the inbox would give away.
	want(t, "sessions", b.get(h.a, "/sign-in/sessions").status, http.StatusOK)
	want(t, "proofs", b.get(h.a, "/sign-in/proofs").status, http.StatusOK)
}

func TestAPassphraseIsNoneOfTheSillyOnes(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.client()
	b := h.halfClient()
	h.vouch()
	for _, silly := range []string{"", "short one", strings.Repeat("a", 30), "passwordpassword", "prospect@example.org", "Pat Pat Pat Pat Pat", "1234567812345678",
		strings.Repeat("many words ", 40), "nul\x00nul and nothing more", "bad \xff\xfe bytes in the middle"} {
		got := b.post(h.a, "/sign-in/set-up", "how", "phrase", "phrase", silly)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, `id="phrase-problem"`) {
			t.Errorf("%q: %d", silly, got.status)
		}
		if silly != "" && strings.Contains(got.body, silly) {
			t.Errorf("%q stands on the page", silly)
		}
	}
	want(t, "a good one", b.post(h.b, "/sign-in/set-up", "how", "phrase", "phrase", "großväter reiten é drüben 🦊").status, http.StatusOK)
	again := h.halfClient()
	// Some keyboards make an é of two signs.
	want(t, "typed on another keyboard", again.post(h.a, "/sign-in/proof", "phrase", "großväter reiten e\u0301 drüben 🦊").to, "/portal")
	want(t, "kept as typed", h.count(`select count(*) from passphrase where hash like '%reiten%' or hash not like 'argon2id$%'`), 0)
}

// Two tabs of one person, on two processes, at one instant.
func TestAPassphraseSetTwiceAtOnceIsOneOfThem(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.client()
	b := h.halfClient()
	h.vouch()
	twin := h.browser()
	twin.plant("kintsugi", b.cookie("kintsugi"), "/")
	var all sync.WaitGroup
	answers := make([]answer, 2)
	for i, one := range []*browser{b, twin} {
		all.Go(func() {
			answers[i] = one.post([]*replica{h.a, h.b}[i], "/sign-in/set-up", "how", "phrase", "phrase", []string{phrase, "another sentence entirely"}[i])
		})
	}
	all.Wait()
	set := 0
	for i, got := range answers {
		switch {
		case got.status == http.StatusOK:
			set++
			want(t, "the one that was set", h.halfClient().post(h.b, "/sign-in/proof", "phrase", []string{phrase, "another sentence entirely"}[i]).to, "/portal")
		case got.status != http.StatusSeeOther || !strings.HasPrefix(got.to, "/sign-in"):
			t.Errorf("the other: %d to %q", got.status, got.to)
		}
	}
	want(t, "set", set, 1)
}

func TestAPassphraseCannotBeGuessedAndIsNeverACoachs(t *testing.T) {
	t.Parallel()
	h := open(t)
	mine := h.settleClient()
	b := h.halfClient()
	for range 20 {
		want(t, "a guess", b.post(h.a, "/sign-in/proof", "phrase", "a guess of somebody").status, http.StatusUnprocessableEntity)
	}
	got := b.post(h.b, "/sign-in/proof", "phrase", phrase)
	want(t, "the right one after that", got.status, http.StatusUnprocessableEntity)
	if !strings.Contains(got.body, "too many tries") {
		t.Error("it is not said why")
	}
	h.pass(11 * time.Minute)
	want(t, "in a browser that is known", mine.post(h.a, "/sign-in/proof", "phrase", phrase).to, "/portal")

	// A client who comes to work here needs what everybody here needs.
	h.exec(`insert into coach (person_id, slug, role, timezone, position) select id, 'pat', 'coach', 'Europe/London', 9 from person where email = $1`, clientMail)
	coach := h.browser()
	want(t, "as a coach", coach.post(h.a, "/sign-in/code", "code", coach.asked(h.a, clientMail)).to, "/sign-in/set-up")
	if strings.Contains(coach.get(h.a, "/sign-in/set-up").body, "With a passphrase") {
		t.Error("a coach is offered a passphrase")
	}
	for _, path := range []string{"/sign-in/proof", "/sign-in/set-up"} {
		coach.post(h.b, path, "how", "phrase", "phrase", phrase)
	}
	want(t, "the desk", coach.get(h.b, "/desk").status, http.StatusSeeOther)
}

func TestWhoIsBarredIsOutAtOnceAndComesBackWhenAdmitted(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.settleClient()
	pat := h.client()
	h.in(func(tx *pg.Tx) error { return login.Bar(t.Context(), tx, pat, h.Now()) })
	want(t, "their session", b.get(h.b, "/portal").to, "/sign-in?next=%2Fportal")
	want(t, "a code", h.browser().asked(h.a, clientMail), "")
	h.client()
	again := h.halfClient()
	want(t, "admitted anew", again.post(h.b, "/sign-in/proof", "phrase", phrase).to, "/portal")
	// A coach who was suspended does not come in by the other door.
	h.exec(`insert into client_account (person_id, admitted_at) select person_id, now() from coach where slug = 'noor'`)
	h.exec(`update coach set active = false where slug = 'noor'`)
	want(t, "a suspended coach", h.browser().asked(h.a, "noor@example.org"), "")
}

func TestADemonstrationSignsAClientIn(t *testing.T) {
	t.Parallel()
	h := open(t)
	pat := h.client()
	var token string
	h.in(func(tx *pg.Tx) (err error) {
		token, err = login.SignInAs(t.Context(), tx, pat, "A demonstration", h.Now())
		return err
	})
	b := h.browser()
	b.plant("kintsugi", token, "/")
	if !b.own(h.b) {
		t.Error("what is theirs stays shut")
	}
}

package entry_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/login"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

const said = "Harbour light"

// begin has Mara begin a start over for Pat.
func (h *house) begin(word string) error {
	h.t.Helper()
	mara, err := people.FindCoach(h.t.Context(), h.db, "mara")
	if err != nil {
		h.t.Fatal(err)
	}
	pat, err := people.FindByEmail(h.t.Context(), h.db, clientMail)
	if err != nil {
		h.t.Fatal(err)
	}
	return h.db.InTx(h.t.Context(), func(tx *pg.Tx) error {
		return h.a.login.BeginRestore(h.t.Context(), tx, mara.ID, pat.ID, word, h.Now())
	})
}

func (h *house) mustBegin() {
	h.t.Helper()
	if err := h.begin(said); err != nil {
		h.t.Fatal(err)
	}
}

// The phone with the app fell into the river, and the paper with it. The inbox
// is read by the partner.
func TestALostProofComesBackByAWordAndAWaitAndNeverByTheInbox(t *testing.T) {
	t.Parallel()
	h := open(t)
	old := h.settleClient()
	h.mustBegin()
	partner := h.halfClient()
	for _, word := range []string{"", phrase, "harbour light"} { // nobody said it to the partner, but they guess well
		want(t, "in the wait", partner.post(h.a, "/sign-in/restore", "word", word).status, http.StatusUnprocessableEntity)
	}
	h.pass(47 * time.Hour)
	early := h.halfClient()
	want(t, "an hour early", early.post(h.b, "/sign-in/restore", "word", said).status, http.StatusUnprocessableEntity)
	want(t, "tries that were too early", h.count(`select tries from proof_restore`), 0)
	h.pass(time.Hour)

	other, b := h.halfClient(), h.halfClient()
	want(t, "a wrong word", b.post(h.a, "/sign-in/restore", "word", "lighthouse").status, http.StatusUnprocessableEntity)
	want(t, "the word as it was heard", b.post(h.b, "/sign-in/restore", "word", " harbour-LIGHT ", "next", "/portal/own").to, "/sign-in/set-up?next=%2Fportal%2Fown")
	if b.own(h.a) {
		t.Error("a word alone opens what is theirs")
	}
	want(t, "the other sessions", other.get(h.a, "/portal").to, "/sign-in?next=%2Fportal")
	want(t, "what is left of the old proofs", h.count(`select (select count(*) from passphrase) + (select count(*) from recovery_code) + (select count(*) from known_browser)`), 0)
	want(t, "a new proof", b.post(h.a, "/sign-in/set-up", "how", "phrase", "phrase", "quite another sentence", "next", "/portal/own").status, http.StatusOK)
	if !b.own(h.b) {
		t.Error("with the new proof it stays shut")
	}
	again := h.halfClient()
	want(t, "the old passphrase", again.post(h.a, "/sign-in/proof", "phrase", phrase).status, http.StatusUnprocessableEntity)
	want(t, "the word once more", again.post(h.a, "/sign-in/restore", "word", said).status, http.StatusUnprocessableEntity)
	want(t, "the first browser", old.get(h.a, "/portal").status, http.StatusSeeOther)
	for _, act := range []string{"start over begun", "second proofs lost and taken away"} {
		want(t, act, h.count(`select count(*) from audit where act = $1`, act), 1)
	}
	want(t, "the coach began it", h.count(`select count(*) from audit where act = 'start over begun' and actor_kind = 'coach'`), 1)
}

// Whoever reads the notice in the inbox signs in and looks. What they find there
// is the same as on any other day.
func TestACodeAloneIsNotToldThatAStartOverIsUnderWayAndCanCallItOff(t *testing.T) {
	t.Parallel()
	h := open(t)
	mine := h.settleClient()
	partner := h.halfClient()
	page := func(b *browser) string { return b.get(h.a, "/sign-in/restore").body }
	refusedNow := func(b *browser) string { return b.post(h.b, "/sign-in/restore", "word", "a guess").body }
	none, refused := page(partner), refusedNow(partner)
	h.mustBegin()
	if page(partner) != none || refusedNow(partner) != refused {
		t.Error("a code alone tells that a start over is under way")
	}
	if strings.Contains(page(partner), "is under way</h2>") || !strings.Contains(page(mine), "is under way</h2>") {
		t.Error("it is not the second proof that shows it")
	}
	h.pass(time.Minute)
	off := partner.post(h.a, "/sign-in/restore/call-off")
	want(t, "called off", off.to, "/sign-in/restore?off=1")
	said := partner.get(h.a, off.to).body
	want(t, "none is left", h.count(`select count(*) from proof_restore`), 0)
	want(t, "again", partner.post(h.b, "/sign-in/restore/call-off").to, "/sign-in/restore?off=1")
	if partner.get(h.a, off.to).body != said {
		t.Error("calling off tells whether there was something to call off")
	}
	want(t, "on record", h.count(`select count(*) from audit where act = 'start over called off' and actor_kind = 'person'`), 1)
	// Nobody else has a part in it.
	coach, _, _ := h.settle("mara")
	want(t, "a coach", coach.get(h.a, "/sign-in/restore").status, http.StatusNotFound)
}

func TestAStartOverIsOneAtATimeAndRunsOut(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.begin(said); fault.KindOf(err) != fault.Conflict {
		t.Errorf("for somebody who is no client: %v", err)
	}
	pat := h.client()
	for _, short := range []string{"", "abc", " a-b-c-d ", "\x00\xff", strings.Repeat("x", 5)} {
		if err := h.begin(short); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", short, err)
		}
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	begun := 0
	for range 8 {
		all.Go(func() {
			if h.begin(said) == nil {
				mu.Lock()
				defer mu.Unlock()
				begun++
			}
		})
	}
	all.Wait()
	want(t, "begun at one instant", begun, 1)
	want(t, "notices", h.count(`select count(*) from letter where kind = 'account-notice'`), 1)

	found, under, err := login.FindRestore(t.Context(), h.db, pat, h.Now())
	if err != nil || !under || found.OpensAt.Sub(found.BegunAt) != login.RestoreWait || found.TriesLeft != 5 {
		t.Errorf("found %+v %v %v", found, under, err)
	}
	h.pass(login.RestoreLife)
	if _, under, _ := login.FindRestore(t.Context(), h.db, pat, h.Now()); under {
		t.Error("it still runs after two weeks")
	}
	b := h.halfClient()
	want(t, "the word then", b.post(h.a, "/sign-in/restore", "word", said).status, http.StatusUnprocessableEntity)
	h.mustBegin()
	mara, _ := people.FindCoach(t.Context(), h.db, "mara")
	h.in(func(tx *pg.Tx) error { return login.CancelRestore(t.Context(), tx, mara.ID, pat, h.Now()) })
	err = h.db.InTx(t.Context(), func(tx *pg.Tx) error { return login.CancelRestore(t.Context(), tx, mara.ID, pat, h.Now()) })
	want(t, "called off twice", err, login.ErrNoRestore)
}

// Two processes are given the word at one instant, and before that many guesses.
func TestTheWordWorksOnceAndIsTriedFiveTimes(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.settleClient()
	h.mustBegin()
	h.pass(login.RestoreWait)
	first, second := h.halfClient(), h.halfClient()
	var all sync.WaitGroup
	var mu sync.Mutex
	over := 0
	for i, b := range []*browser{first, second} {
		all.Go(func() {
			if b.post([]*replica{h.a, h.b}[i], "/sign-in/restore", "word", said).to == "/sign-in/set-up" {
				mu.Lock()
				defer mu.Unlock()
				over++
			}
		})
	}
	all.Wait()
	want(t, "started over", over, 1)
	want(t, "sessions", h.count(`select count(*) from session`), 1)

	h.mustBegin()
	h.pass(login.RestoreWait)
	b := h.halfClient()
	for i := range 12 {
		all.Go(func() { b.post([]*replica{h.a, h.b}[i%2], "/sign-in/restore", "word", "a guess") })
	}
	all.Wait()
	want(t, "the right one after twelve guesses", b.post(h.a, "/sign-in/restore", "word", said).status, http.StatusUnprocessableEntity)
}

// What leaves says nothing to whoever reads it, and goes where it was meant to.
func TestNoticesSayNothingAndReachTheSafeContact(t *testing.T) {
	t.Parallel()
	h := open(t)
	mine := h.settleClient()
	want(t, "named", mine.post(h.a, "/sign-in/letters/safe-contact", "email", " Friend@Example.org ").to, "/sign-in/letters?done=safe")
	if !strings.Contains(mine.get(h.b, "/sign-in/letters").body, "friend@example.org") {
		t.Error("it is not shown to the one who named it")
	}
	for _, bad := range []string{"", clientMail, "no address", "a@example.org, b@example.org", strings.Repeat("x", 300) + "@example.org"} {
		want(t, bad, mine.post(h.a, "/sign-in/letters/safe-contact", "email", bad).status, http.StatusUnprocessableEntity)
	}
	want(t, "in the clear", h.count(`select count(*) from safe_contact where encode(wrapped, 'escape') like '%friend%'`), 0)
	h.mustBegin()
	letters := append(h.letters("account-notice"), h.letters("account-notice-safe")...)
	var to []string
	for _, l := range letters {
		to = append(to, l.To.Email)
		text := strings.ToLower(strings.Join(append(append([]string{l.Letter.Subject, l.Letter.Preheader, l.Letter.Greeting, l.To.Name, l.Letter.Actions[0].URL}, l.Letter.Paragraphs...), l.Letter.Footer...), "\n"))
		for _, word := range []string{"pat", "mara", "coach", "restore", "start over", "proof is", "passphrase", "lost", "couple", "relationship", "harbour"} {
			if strings.Contains(text, word) {
				t.Errorf("%q stands in a letter:\n%s", word, text)
			}
		}
	}
	want(t, "sent to", to, []string{clientMail, "friend@example.org"})

	// Who holds all mail has named the safe contact for this alone.
	h.exec(`update person set mail_held = true where email = $1`, clientMail)
	want(t, "to the address that is held", len(h.letters("account-notice")), 0)
	want(t, "to the safe contact", len(h.letters("account-notice-safe")), 1)
	want(t, "forgotten", mine.post(h.b, "/sign-in/letters/safe-contact", "act", "remove").to, "/sign-in/letters?done=no-safe")
	want(t, "to nobody", len(h.letters("account-notice-safe")), 0)
	h.pass(11 * time.Minute)
	want(t, "without a recent proof", mine.get(h.a, "/sign-in/letters").to, "/sign-in/proof?next=%2Fsign-in%2Fletters")
	want(t, "nor naming one", mine.post(h.a, "/sign-in/letters/safe-contact", "email", "other@example.org").to, "/sign-in/proof?next=%2F")
}

// A safe contact whose mail server is gone says nothing of the client's address.
func TestALetterElsewhereIsMarkedSo(t *testing.T) {
	t.Parallel()
	h := open(t)
	mine := h.settleClient()
	mine.post(h.a, "/sign-in/letters/safe-contact", "email", "friend@example.org")
	h.mustBegin()
	elsewhere := func(kind string) bool { return h.letters(kind)[0].Elsewhere }
	want(t, "the notice", elsewhere("account-notice"), false)
	want(t, "the safe one", elsewhere("account-notice-safe"), true)
}

package entry_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"kintsugi/internal/job"
	"kintsugi/internal/login"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

const newMail = "pat.new@example.net"

// ends are the codes that wait at both ends; empty for none.
func (h *house) ends() (old, coming string) {
	h.t.Helper()
	code := func(kind string) string {
		letters := h.letters(kind)
		if len(letters) == 0 {
			return ""
		}
		return strings.TrimPrefix(letters[len(letters)-1].Letter.Paragraphs[0], "Your code is ")
	}
	return code("address-old"), code("address-new")
}

// take does what is due: the job of each change of address that was confirmed.
func (h *house) take() {
	h.t.Helper()
	handlers := map[string]job.Handler{}
	h.b.login.Register(handlers)
	var due []string
	if err := h.db.Select(h.t.Context(), &due, `select args::text from job where kind = 'address-change' and run_at <= $1 order by run_at`, h.Now()); err != nil {
		h.t.Fatal(err)
	}
	for _, args := range due {
		for range 2 { // at least once
			if err := handlers["address-change"](h.t.Context(), json.RawMessage(args)); err != nil {
				h.t.Fatal(err)
			}
		}
	}
}

// confirm has Pat type both codes.
func (h *house) confirm(b *browser) {
	h.t.Helper()
	if got := b.post(h.a, "/sign-in/address", "email", newMail); got.to != "/sign-in/address" {
		h.t.Fatalf("asked: %d to %q\n%s", got.status, got.to, got.body)
	}
	old, coming := h.ends()
	if got := b.post(h.b, "/sign-in/address/codes", "old_code", old, "new_code", coming); got.to != "/sign-in/address" {
		h.t.Fatalf("confirmed: %d to %q\n%s", got.status, got.to, got.body)
	}
}

// ACC-06: somebody moves out, and takes an address that only they read.
func TestAnAddressChangesAfterBothEndsAreProvenAndAWait(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.settleClient()
	b.post(h.a, "/sign-in/letters/safe-contact", "email", "friend@example.org")
	want(t, "asked", b.post(h.a, "/sign-in/address", "email", " Pat.New@example.net ").to, "/sign-in/address")
	old, coming := h.ends()
	if old == "" || coming == "" || old == coming {
		t.Fatalf("codes %q and %q", old, coming)
	}
	want(t, "sent to", []string{h.letters("address-old")[0].To.Email, h.letters("address-new")[0].To.Email}, []string{clientMail, newMail})
	want(t, "a name in a letter to an address that nobody has proven", h.letters("address-new")[0].To.Name, "")

	// In the browser that asked, and both.
	twin := h.halfClient()
	twin.post(h.a, "/sign-in/proof", "phrase", phrase)
	want(t, "in another browser", twin.post(h.a, "/sign-in/address/codes", "old_code", old, "new_code", coming).status, http.StatusUnprocessableEntity)
	for _, codes := range [][2]string{{"", ""}, {old, ""}, {"", coming}, {coming, old}} {
		want(t, "not both", b.post(h.b, "/sign-in/address/codes", "old_code", codes[0], "new_code", codes[1]).status, http.StatusUnprocessableEntity)
	}
	want(t, "both", b.post(h.b, "/sign-in/address/codes", "old_code", strings.ToLower(old), "new_code", " "+coming).to, "/sign-in/address")
	if !strings.Contains(b.get(h.a, "/sign-in/address").body, "It is about to change") {
		t.Error("the wait is not shown")
	}
	want(t, "notices", []int{len(h.letters("account-notice")), len(h.letters("account-notice-safe"))}, []int{1, 1})
	want(t, "the codes again", b.post(h.a, "/sign-in/address/codes", "old_code", old, "new_code", coming).status, http.StatusUnprocessableEntity)
	want(t, "another change on top", b.post(h.a, "/sign-in/address", "email", "third@example.net").status, http.StatusConflict)
	want(t, "in the clear", h.count(`select count(*) from address_change where encode(wrapped, 'escape') like '%pat%'`), 0)

	h.pass(login.MoveWait - time.Minute)
	h.take()
	if h.browser().asked(h.a, clientMail) == "" {
		t.Error("the old address stopped working in the wait")
	}
	want(t, "the new one, too early", h.browser().asked(h.a, newMail), "")
	waits := h.browser()
	code := waits.asked(h.a, clientMail)
	h.pass(time.Minute)
	h.take()
	want(t, "the old one", h.browser().asked(h.a, clientMail), "")
	want(t, "a code of the old one", waits.post(h.a, "/sign-in/code", "code", code).status, http.StatusUnprocessableEntity)
	again := h.browser()
	want(t, "the new one", again.post(h.a, "/sign-in/code", "code", again.asked(h.a, newMail)).to, "/portal")
	want(t, "the same person", again.post(h.b, "/sign-in/proof", "phrase", phrase).to, "/portal")
	for _, act := range []string{"change of address asked for", "change of address confirmed", "address changed"} {
		want(t, act, h.count(`select count(*) from audit where act = $1`, act), 1)
	}
	want(t, "what is left of it", h.count(`select count(*) from address_change`), 0)
}

// The partner holds the old inbox and has opened a session with a code from it. It
// would have told him for hours where the letters go now.
func TestWhatTheOldInboxHasOpenedEndsWithIt(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.confirm(h.settleClient())
	h.pass(login.MoveWait - time.Minute)
	partner := h.halfClient()
	want(t, "before", partner.get(h.a, "/sign-in/proof").status, http.StatusOK)
	h.pass(time.Minute)
	h.take()
	want(t, "after", partner.get(h.a, "/sign-in/proof").to, "/sign-in")
	want(t, "sessions without a proof", h.count(`select count(*) from session where proven_at is null`), 0)
}

// Somebody sits at an open session and takes the address along. The owner still
// has the old inbox and the passphrase.
func TestAChangeOfAddressIsUndoneInTheWaitByWhoHasTheSecondProof(t *testing.T) {
	t.Parallel()
	h := open(t)
	thief := h.settleClient()
	h.confirm(thief)
	partner := h.halfClient()
	if got := partner.get(h.a, "/portal"); strings.Contains(got.body, newMail) {
		t.Error("a code alone shows it")
	}
	want(t, "with a code alone", partner.get(h.a, "/sign-in/address").to, "/sign-in/proof?next=%2Fsign-in%2Faddress")
	partner.post(h.a, "/sign-in/address/keep")
	want(t, "undone with a code alone", h.count(`select count(*) from address_change`), 1)
	owner := h.halfClient()
	owner.post(h.a, "/sign-in/proof", "phrase", phrase)
	h.pass(25 * time.Minute) // no recent proof is asked for: what it does is keep what was
	want(t, "kept", owner.post(h.b, "/sign-in/address/keep").to, "/sign-in/address?kept=1")
	want(t, "kept twice", owner.post(h.b, "/sign-in/address/keep").to, "/sign-in/address?kept=1")
	h.pass(login.MoveWait)
	h.take()
	if h.browser().asked(h.a, clientMail) == "" {
		t.Error("the old address is gone")
	}
	want(t, "the other", h.browser().asked(h.a, newMail), "")
	want(t, "on record", h.count(`select count(*) from audit where act = 'change of address undone' and actor_kind = 'person'`), 1)
}

// C10: whose address it is already is not told to whoever types it.
func TestAnAddressThatIsSomebodyElsesLooksLikeAnyOther(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.settleClient()
	answers := map[string]bool{}
	for _, address := range []string{"mara@example.org", "nobody@example.org"} {
		got := b.post(h.a, "/sign-in/address", "email", address)
		page := b.get(h.b, "/sign-in/address")
		wrong := b.post(h.b, "/sign-in/address/codes", "old_code", "CCCC-CCCC", "new_code", "CCCC-CCCC")
		answers[strings.ReplaceAll(strings.Join([]string{got.to, page.body, wrong.body}, "\n"), address, "ADDRESS")] = true
		letter := h.letters("address-new")
		hasCode := strings.Contains(letter[len(letter)-1].Letter.Paragraphs[0], "Your code is")
		want(t, address+" is sent a code", hasCode, address == "nobody@example.org")
	}
	want(t, "different answers", len(answers), 1)

	// Taken in the wait, by somebody who asked for a call.
	h.confirm(b)
	h.in(func(tx *pg.Tx) error {
		_, _, err := people.FindOrCreate(t.Context(), tx, newMail, "Another", "", true, h.Now())
		return err
	})
	h.pass(login.MoveWait)
	h.take()
	back := h.halfClient()
	back.post(h.a, "/sign-in/proof", "phrase", phrase)
	if !strings.Contains(back.get(h.b, "/sign-in/address").body, "came to nothing") {
		t.Error("it is not told that it came to nothing")
	}
	want(t, "both are as they were", h.count(`select count(*) from person where email in ($1, $2)`, clientMail, newMail), 2)
	want(t, "begun anew", back.post(h.a, "/sign-in/address", "email", "third@example.net").to, "/sign-in/address")
}

func TestAChangeOfAddressIsBounded(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.settleClient()
	for _, bad := range []string{"", clientMail, " PROSPECT@example.org", "two@example.org, three@example.org", "a\x00@example.org", strings.Repeat("x", 1<<15) + "@example.org", "<b>@example.org"} {
		want(t, bad[:min(len(bad), 20)], b.post(h.a, "/sign-in/address", "email", bad).status, http.StatusUnprocessableEntity)
	}
	b.post(h.a, "/sign-in/address", "email", newMail)
	old, coming := h.ends()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			b.post([]*replica{h.a, h.b}[i%2], "/sign-in/address/codes", "old_code", "CCCC-CCCC", "new_code", "CCCC-CCCC")
		})
	}
	all.Wait()
	want(t, "the right ones after eight guesses", b.post(h.a, "/sign-in/address/codes", "old_code", old, "new_code", coming).status, http.StatusUnprocessableEntity)
	b.post(h.a, "/sign-in/address", "email", newMail)
	old, coming = h.ends()
	h.pass(21 * time.Minute)
	b.post(h.a, "/sign-in/proof", "phrase", phrase)
	want(t, "too late", b.post(h.a, "/sign-in/address/codes", "old_code", old, "new_code", coming).status, http.StatusUnprocessableEntity)
	for range 5 {
		b.post(h.b, "/sign-in/address", "email", newMail)
	}
	want(t, "letters in a day", h.count(`select count(*) from letter where kind = 'address-new'`), 5)
	want(t, "those that a stranger could have caused", h.count(`select count(*) from letter where kind = 'address-new' and not stranger`), 0)
	h.pass(11 * time.Minute)
	want(t, "without a recent proof", b.post(h.a, "/sign-in/address", "email", newMail).to, "/sign-in/proof?next=%2F")
}

// Both processes are given both codes at one instant; then the job runs on both.
func TestAChangeOfAddressHappensOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.settleClient()
	b.post(h.a, "/sign-in/address", "email", newMail)
	old, coming := h.ends()
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			b.post([]*replica{h.a, h.b}[i%2], "/sign-in/address/codes", "old_code", old, "new_code", coming)
		})
	}
	all.Wait()
	want(t, "confirmed", h.count(`select count(*) from audit where act = 'change of address confirmed'`), 1)
	want(t, "jobs", h.count(`select count(*) from job where kind = 'address-change'`), 1)
	h.pass(login.MoveWait)
	handlers := [2]map[string]job.Handler{{}, {}}
	h.a.login.Register(handlers[0])
	h.b.login.Register(handlers[1])
	var args string
	if err := h.db.Get(t.Context(), &args, `select args::text from job where kind = 'address-change'`); err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		all.Go(func() {
			if err := handlers[i%2]["address-change"](t.Context(), json.RawMessage(args)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	want(t, "changed", h.count(`select count(*) from audit where act = 'address changed'`), 1)
}

// Whoever is sent no codes proves the new end alone: a letter to the old inbox
// is what they have chosen not to get.
func TestWithoutCodesTheNewEndAloneIsProven(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.letterless()
	b.post(h.a, "/sign-in/address", "email", newMail)
	old, coming := h.ends()
	want(t, "at the old end", old, "")
	if strings.Contains(b.get(h.a, "/sign-in/address").body, `name="old_code"`) {
		t.Error("a code is asked for that was not sent")
	}
	want(t, "the new one", b.post(h.a, "/sign-in/address/codes", "new_code", coming).to, "/sign-in/address")
	h.pass(login.MoveWait)
	h.take()
	again := h.typed(newMail)
	want(t, "at the new address, without a code", again.post(h.b, "/sign-in/without", "phrase", phrase).to, "/portal")
}

// What is sealed here opens under a new keyset too, so that the old one can go.
func TestAddressesOpenUnderANewKeyset(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.settleClient()
	b.post(h.a, "/sign-in/letters/safe-contact", "email", "friend@example.org")
	h.confirm(b)
	newer, err := h.keys.WithNewPrimary()
	if err != nil {
		t.Fatal(err)
	}
	h.in(func(tx *pg.Tx) error {
		n, err := login.Rewrap(t.Context(), tx, newer)
		want(t, "rewrapped", n, 2)
		return err
	})
	h.a.login.Keys = newer
	for path, shown := range map[string]string{"/sign-in/letters": "friend@example.org", "/sign-in/address": newMail} {
		if !strings.Contains(b.get(h.a, path).body, shown) {
			t.Errorf("%s does not open", path)
		}
		want(t, path+" with the old keyset", b.get(h.b, path).status, http.StatusInternalServerError)
	}
}

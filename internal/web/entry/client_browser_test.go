package entry_test

import (
	"strings"
	"testing"

	"kintsugi/internal/browsertest"
	"kintsugi/internal/login"
)

// A client's way from the first code to a start over and another address,
// without scripts, on a desk and on a telephone at night.
func TestAClientGoesThroughEveryPageWithScriptsOff(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]browsertest.Option{
		"client":       {browsertest.ScriptsOff()},
		"client-phone": {browsertest.ScriptsOff(), browsertest.Phone(), browsertest.Dark()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			h.client()
			tab := browsertest.New(t, options...)
			in := func() {
				t.Helper()
				before := h.codes()
				tab.Open(h.a.URL + "/sign-in")
				tab.Type("#email", clientMail)
				tab.Click("main button")
				tab.WaitText("h1", "Type the code")
				tab.Type("#code", h.newCode(before))
				tab.Click("main button")
				tab.WaitText("body", "the portal of Pat")
			}
			in()
			tab.Open(h.a.URL + "/sign-in/proofs")
			tab.WaitText("h1", "How you sign in")
			look(t, h, tab, name+"-no-proofs")
			h.vouch()
			tab.Open(h.a.URL + "/sign-in/set-up")
			tab.Type("#phrase", "too short")
			tab.Click(".sheet .act")
			tab.WaitText("#phrase-problem", "at least 14")
			look(t, h, tab, name+"-set-up-refused")
			tab.Type("#phrase", phrase)
			tab.Click(".sheet .act")
			tab.WaitText("h1", "Keep these ten codes")
			for path, heading := range map[string]string{"proofs": "How you sign in", "sessions": "Where you are signed in", "letters": "Codes and notices",
				"address": "Your email address", "restore": "Start over"} {
				tab.Open(h.a.URL + "/sign-in/" + path)
				tab.WaitText("h1", heading)
				look(t, h, tab, name+"-"+path)
			}

			tab.Open(h.a.URL + "/sign-in/letters")
			tab.Type("#email", "friend@example.org")
			tab.Click("section:nth-of-type(2) .act")
			tab.WaitText("main", "Notices go there as well")
			look(t, h, tab, name+"-letters-safe")
			tab.Open(h.a.URL + "/sign-in/address")
			tab.Type("#email", "pat.new.address.that.is.rather.long.for.a.telephone@example.net")
			tab.Click("main .act")
			tab.WaitText("main", "Type both codes")
			tab.Type("#new_code", "CCCC-CCCC")
			tab.Click(`form[action="/sign-in/address/codes"] button`)
			tab.WaitText("#new_code-problem", "do not work")
			look(t, h, tab, name+"-address-codes")
			old, coming := h.ends()
			tab.Type("#old_code", old)
			tab.Type("#new_code", coming)
			tab.Click(`form[action="/sign-in/address/codes"] button`)
			tab.WaitText("main", "It is about to change")
			look(t, h, tab, name+"-address-waits")
			tab.Click("main .act")
			tab.WaitText(".notice", "stays as it is")

			h.mustBegin()
			tab.Open(h.a.URL + "/sign-in/restore")
			tab.WaitText("main", "A start over is under way")
			look(t, h, tab, name+"-restore-waits")
			h.pass(login.RestoreWait)
			in()
			tab.Open(h.a.URL + "/portal/own")
			tab.WaitText("h1", "One more proof")
			look(t, h, tab, name+"-proof")
			tab.Click(`a[href^="/sign-in/restore"]`)
			tab.WaitText("h1", "Start over")
			if tab.Has("#under-way") {
				t.Error("a code alone is told")
			}
			tab.Type("#word", "lighthouse")
			tab.Click("main .act")
			tab.WaitText("#word-problem", "opens nothing")
			look(t, h, tab, name+"-restore-refused")
			tab.Type("#word", said)
			tab.Click("main .act")
			tab.WaitText("h1", "Set up a second proof")
			tab.Type("#phrase", "quite another sentence")
			tab.Click(".sheet .act")
			tab.WaitText("h1", "Keep these ten codes")
			tab.Click("main a.act")
			tab.WaitText("body", "the portal of Pat")
			want(t, "where they wanted to go", strings.HasSuffix(tab.URL(), "/portal/own"), true)
		})
	}
}

// A copy of the database, and the log, tell nothing of what a client keeps here.
func TestNeitherDatabaseNorLogHoldsWhatAClientProvesThemselvesWith(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.letterless()
	b.post(h.a, "/sign-in/letters/safe-contact", "email", "friend@example.org")
	b.post(h.a, "/sign-in/address", "email", newMail)
	_, coming := h.ends()
	b.post(h.a, "/sign-in/address/codes", "new_code", "CCCC-CCCC")
	h.mustBegin()
	h.typed(clientMail).post(h.a, "/sign-in/without", "phrase", phrase)
	h.pass(login.RestoreWait)
	in := h.browser()
	in.post(h.a, "/sign-in/code", "code", in.asked(h.a, clientMail))
	in.post(h.a, "/sign-in/restore", "word", "a guess")

	var rows []string
	for _, table := range []string{"passphrase", "proof_restore", "safe_contact", "address_change", "client_account", "sign_in_code", "sign_in_count", "session", "letter", "job", "audit"} {
		var some []string
		if err := h.db.Select(t.Context(), &some, `select row_to_json(t)::text from `+table+` t`); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, some...)
	}
	everything := strings.ToLower(strings.Join(rows, "\n") + h.log.String())
	for _, word := range []string{phrase, "lanterns", said, "harbour", "friend@", newMail, coming, "a guess"} {
		if word == "" || strings.Contains(everything, strings.ToLower(word)) {
			t.Errorf("%q is written down", word)
		}
	}
}

package entry_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/browsertest"
)

// screens, when set, is where pictures of the pages are put to be looked at.
var screens = os.Getenv("KINTSUGI_TEST_SCREENS")

// look checks a page as a machine can: for accessibility, for anything that
// sticks out or loads from elsewhere, for what went wrong in it.
func look(t *testing.T, h *house, tab *browsertest.Tab, name string) {
	t.Helper()
	for _, found := range tab.Axe() {
		t.Errorf("%s: %s", name, found)
	}
	for _, wide := range tab.TooWide() {
		t.Errorf("%s: %s sticks out", name, wide)
	}
	for _, request := range tab.Elsewhere(h.a.URL) {
		t.Errorf("%s asked elsewhere: %s", name, request)
	}
	if title := tab.Title(); title != "Common Ground" {
		t.Errorf("%s says %q in its tab", name, title)
	}
	if screens != "" {
		tab.Screenshot(screens + "/" + name + ".png")
	}
}

// newCode is a code that is on its way and was not there before.
func (h *house) newCode(before map[string]bool) string {
	h.t.Helper()
	for code := range h.codes() {
		if !before[code] {
			return code
		}
	}
	h.t.Fatal("no code was sent")
	return ""
}

// signIn asks for a code and types it, in a real browser.
func signIn(t *testing.T, h *house, tab *browsertest.Tab, slug string, looked bool) {
	t.Helper()
	before := h.codes()
	tab.Open(h.a.URL + "/desk")
	if looked {
		look(t, h, tab, "sign-in")
	}
	tab.Type("#email", slug+"@example.org")
	tab.Click("main button")
	tab.WaitText("h1", "Type the code")
	if looked {
		tab.Type("#code", "cccc cccc")
		tab.Click("main button")
		tab.WaitText("#code-problem", "does not work")
		look(t, h, tab, "code")
	}
	tab.Type("#code", strings.ToLower(h.newCode(before)))
	tab.Click("main button")
}

func TestFirstSignInWithAnAppAndScriptsOff(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]browsertest.Option{
		"desk":  {browsertest.ScriptsOff()},
		"phone": {browsertest.ScriptsOff(), browsertest.Phone(), browsertest.Dark()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			tab := browsertest.New(t, options...)
			signIn(t, h, tab, "mara", true)
			tab.WaitText("h1", "Set up a second proof")
			look(t, h, tab, name+"-set-up")
			tab.Type("#code", h.number(strings.ReplaceAll(tab.Text(".secret"), " ", "")))
			tab.Click(".sheet .act")
			tab.WaitText("h1", "Keep these ten codes")
			look(t, h, tab, name+"-codes")
			want(t, "codes shown", len(tab.Texts(".codes li")), 10)
			tab.Click("main a.act")
			tab.WaitText("body", "the desk of mara")
			tab.Open(h.a.URL + "/sign-in/sessions")
			look(t, h, tab, name+"-sessions")
			tab.Open(h.a.URL + "/sign-in/proofs")
			look(t, h, tab, name+"-proofs")
			h.pass(11 * time.Minute)
			tab.Open(h.a.URL + "/sign-in/set-up")
			tab.WaitText("h1", "Show once more")
			look(t, h, tab, name+"-proof")
			tab.Open(h.a.URL + "/sign-in/sessions")
			tab.Click(`form[action="/sign-out"] button`)
			tab.WaitText("h1", "Sign in")
			tab.Back()
			if strings.Contains(tab.Text("body"), "mara") {
				t.Error("Back shows a page of somebody who signed out")
			}
		})
	}
}

func TestFirstSignInAndTheNextWithAPasskey(t *testing.T) {
	t.Parallel()
	h := open(t)
	tab := browsertest.New(t)
	tab.Authenticator()
	signIn(t, h, tab, "mara", false)
	tab.WaitText("h1", "Set up a second proof")
	tab.Click(`[data-passkey="add"] button`)
	tab.WaitText("h1", "Keep these ten codes")
	want(t, "passkeys", h.count(`select count(*) from passkey`), 1)
	want(t, "questions left open", h.count(`select count(*) from passkey_challenge`), 0)
	tab.Click("main a.act")
	tab.WaitText("body", "the desk of mara")

	tab.Open(h.a.URL + "/sign-in/sessions")
	tab.Click(`form[action="/sign-out"] button`)
	signIn(t, h, tab, "mara", false)
	tab.WaitText("h1", "One more proof")
	look(t, h, tab, "proof-passkey")
	tab.Click(`[data-passkey="prove"] button`)
	tab.WaitText("body", "the desk of mara")
	for _, trouble := range tab.Troubles() {
		t.Errorf("in the browser: %s", trouble)
	}
}

// C20: an answer is kept and sent again, or sent by somebody else.
func TestAPasskeysAnswerWorksOnceAndForItsOwnSession(t *testing.T) {
	t.Parallel()
	h := open(t)
	tab := browsertest.New(t)
	tab.Authenticator()
	signIn(t, h, tab, "mara", false)
	tab.Click(`[data-passkey="add"] button`)
	tab.WaitText("h1", "Keep these ten codes")
	tab.Open(h.a.URL + "/sign-in/sessions")
	tab.Click(`form[action="/sign-out"] button`)
	signIn(t, h, tab, "mara", false)
	tab.WaitText("h1", "One more proof")
	answer := browsertest.Eval[string](tab, `(async () => {
		const options = await (await fetch('/sign-in/passkey', {method: 'POST', body: new URLSearchParams({purpose: 'prove'})})).json();
		return JSON.stringify((await navigator.credentials.get({publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options)})).toJSON());
	})()`)

	// Noor has a passkey of her own and sends Mara's answer.
	noor := h.half("noor")
	noor.post(h.a, "/sign-in/passkey", "purpose", "prove")
	want(t, "somebody else's answer", noor.post(h.a, "/sign-in/proof", "credential", answer).to, "/sign-in/set-up")
	// Another session of the same person was asked another question.
	other := h.half("mara")
	other.post(h.a, "/sign-in/passkey", "purpose", "prove")
	want(t, "another session", other.post(h.b, "/sign-in/proof", "credential", answer).status, 422)
	want(t, "broken", other.post(h.b, "/sign-in/proof", "credential", answer[:40]).status, 422)

	send := func() string {
		return browsertest.Eval[string](tab, `fetch('/sign-in/proof', {method: 'POST', body: new URLSearchParams({credential: `+"`"+answer+"`"+`}), redirect: 'manual'}).then(a => a.type === 'opaqueredirect' ? 'opened' : String(a.status))`)
	}
	want(t, "in its own session", send(), "opened")
	h.pass(11 * time.Minute)
	want(t, "once more", send(), "422")
}

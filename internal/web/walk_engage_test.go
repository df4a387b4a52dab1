package web_test

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/browsertest"
	"kintsugi/internal/people"
)

// codeIn signs a client in with the code of the letter that comes, from wherever
// they were led.
func codeIn(h *staffed, tab *browsertest.Tab, address string) {
	h.t.Helper()
	tab.WaitText("h1", "Sign in")
	before := len(h.inbox.Taken())
	tab.Type("#email", address)
	tab.Click("main button")
	tab.WaitText("h1", "Type the code")
	tab.Type("#code", h.codeTo(address, before))
	tab.Click("main button")
}

// guest is somebody's browser, at whose pages everybody looks.
type guest struct {
	*browsertest.Tab
	t     *testing.T
	name  string
	looks int
}

// here fails unless the page has this heading and can be used by everybody.
func (g *guest) here(heading string) {
	g.t.Helper()
	g.WaitText("h1", heading)
	for _, found := range append(g.Axe(), g.TooWide()...) {
		g.t.Errorf("%s, %s: %s", g.name, heading, found)
	}
	if dir := os.Getenv("KINTSUGI_TEST_SHOTS"); dir != "" {
		g.looks++
		g.Screenshot(filepath.Join(dir, g.name+"-"+string(rune('a'+g.looks))+"-"+regexp.MustCompile(`[^a-z]+`).ReplaceAllString(strings.ToLower(heading), "-")+".png"))
	}
}

// lacks fails when the page holds one of the words.
func (g *guest) lacks(words ...string) {
	g.t.Helper()
	text := browsertest.Eval[string](g.Tab, `document.documentElement.outerHTML`)
	for _, word := range words {
		if strings.Contains(text, word) {
			g.t.Errorf("%s at %s finds %q", g.name, g.URL(), word)
		}
	}
}

// The whole way from a call that was held to two people who work with one coach,
// each in a browser of their own: the coach invites both, each answers with the
// word that they were told, one goes on to a second proof and one puts it off,
// both sign, one leaves.
func TestACallBecomesWorkWithTwoPeople(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]browsertest.Option{
		"scripts on": {browsertest.Size(1280, 900), browsertest.StillPages(), browsertest.Timezone("Europe/London")},
		"phone-dark": {browsertest.Phone(), browsertest.Dark(), browsertest.StillPages(), browsertest.ScriptsOff()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := staff(t, true)
			h.working(h.first)
			visit := func(who string) *guest {
				return &guest{Tab: h.visitor(t, options...), t: t, name: strings.ReplaceAll(name, " ", "-") + "-" + who}
			}
			call := h.booked("meet", "noor", time.Date(2026, 12, 7, 10, 0, 0, 0, time.UTC), 7)
			ana := call.Email
			h.must(firstName(h, call))

			coach := visit("coach")
			h.turnTo(call.End.Add(10 * time.Minute))
			firstSignIn(h, coach.Tab, "noor@example.org")
			coach.Open(h.base + "/desk/bookings/" + string(call.ID))
			press(t, coach.Tab, "Begin to work with them")
			coach.here("Work with Ana")
			press(t, coach.Tab, "Together with a second person")
			coach.WaitText("#clients", "Who is the other?")
			word := coach.Value("#word_1")
			coach.Type("#name_2", "Ben")
			coach.Type("#email_2", ana)
			coach.Click("#safe_2")
			coach.Click("input[name=policy][value=confidential]")
			wordOfBen := coach.Value("#word_2")
			press(t, coach.Tab, "Invite them both")
			coach.WaitText("#clients", "Two people need two addresses of their own")
			if coach.Value("#word_1") != word || coach.Value("#name_2") != "Ben" || coach.Value("#word_2") != wordOfBen {
				t.Error("what was typed is lost")
			}
			coach.here("Work with Ana")
			letters := len(h.inbox.Taken())
			coach.Type("#email_2", "ben@example.net")
			press(t, coach.Tab, "Invite them both")
			coach.WaitText(".notice", "Invited. Each of them answers alone")
			coach.here("Ana and Ben")

			// The letter says nothing, and its link signs nobody in.
			letter := h.letterTo(ana, letters)
			for _, told := range []string{"Noor", "Ana", "Ben", "couple", "invit", word} {
				if strings.Contains(letter, told) {
					t.Errorf("the letter says %q:\n%s", told, letter)
				}
			}
			link := regexp.MustCompile(`https?://\S+/sign-in\S*`).FindString(letter)
			if u, err := url.Parse(link); err != nil || !strings.HasPrefix(link, h.base) || u.Query().Get("next") != "/portal" {
				t.Fatalf("the letter leads to %q", link)
			}

			one := visit("ana")
			one.Tab = browsertest.New(t, options...) // it leaves for elsewhere in the end
			one.Open(link)
			codeIn(h, one.Tab, ana)
			one.here("Hello Ana")
			press(t, one.Tab, "An invitation from Noor Haddad")
			one.here("Noor Haddad invites you")
			one.WaitText("main", "together with Ben")
			one.lacks("ben@example.net", word)
			one.Type("#word", "a guess")
			one.Click("input[name=may_email][value=yes]")
			one.Click("input[name=may_call][value=no]")
			one.Click("input[name=may_leave_message][value=no]")
			one.Press("Enter")
			one.WaitText("#word-problem", "This is not the word")
			if one.Value("#word") != "a guess" || !one.Has("input[name=may_call][value=no]:checked") {
				t.Error("what was typed is lost")
			}
			one.Type("#word", strings.ToUpper(word))
			press(t, one.Tab, "Accept this invitation")
			one.here("Set up a second proof")
			one.Type("#phrase", "seven quiet herons over water")
			press(t, one.Tab, "Use this passphrase")
			one.WaitText("h1", "Keep these ten codes")
			press(t, one.Tab, "I have them")
			one.here("How secrets are kept")
			one.WaitText(".notice", "You are in")
			one.Type("#name", "Ana of the Harbour")
			press(t, one.Tab, "Sign this text")
			one.WaitText("dl.details", "Ana of the Harbour, Monday 7 December")
			one.here("How secrets are kept")
			press(t, one.Tab, "Go on")
			one.here("Hello Ana")
			one.lacks("Ben") // whether he has answered is his to tell

			// The other has another browser, no second proof yet, and both sign.
			two := visit("ben")
			two.Open(h.base + "/portal")
			codeIn(h, two.Tab, "ben@example.net")
			press(t, two.Tab, "An invitation from Noor Haddad")
			two.Type("#word", word) // of Ana
			two.Click("input[name=may_email][value=yes]")
			two.Click("input[name=may_call][value=yes]")
			two.Click("input[name=may_leave_message][value=unknown]")
			press(t, two.Tab, "Accept this invitation")
			two.WaitText("#word-problem", "This is not the word")
			two.Type("#word", wordOfBen)
			press(t, two.Tab, "Accept this invitation")
			two.WaitText("h1", "Set up a second proof")
			press(t, two.Tab, "Do this later")
			two.here("How secrets are kept")
			two.lacks("Ana of the Harbour")
			two.Type("#name", "Ben")
			press(t, two.Tab, "Sign this text")
			two.WaitText("dl.details", "Holds")
			two.Open(h.base + "/portal/readers")
			two.here("Who can read what")
			two.WaitText("main", "both of us and our coach")

			one.Open(h.base + "/portal")
			press(t, one.Tab, "together with Ben")
			one.here("With Noor Haddad")
			one.WaitText("main", "What is said alone stays alone")
			coach.Reload()
			coach.WaitText("main", "What is said alone stays alone")
			coach.here("Ana and Ben")

			// One leaves, alone and at once; the other finds one sentence.
			at := one.URL()
			two.Open(at)
			press(t, two.Tab, "Leave this work")
			two.here("Leave the work with Noor Haddad")
			press(t, two.Tab, "Leave now")
			two.WaitText("main", "You have left. What you could read before stays readable.")
			two.here("With Noor Haddad")
			one.Open(h.base + "/portal")
			one.WaitText("main", "The part that you shared has been closed. Your own part goes on with Noor Haddad.")
			one.lacks("Ben")
			coach.Reload()
			coach.WaitText("main", "Has left")

			// Out of the door, and nothing behind Back.
			one.Open(at)
			one.WaitText("h1", "With Noor Haddad")
			one.Click("a.exit")
			if !left(one.Tab) {
				t.Errorf("still at %s", one.URL())
			}
			one.Forget()
			one.Back()
			words := browsertest.Eval[string](one.Tab, `document.documentElement?.hidden ? "" : document.body?.innerText ?? ""`)
			if strings.Contains(words, "Noor") || strings.Contains(words, "Ana") {
				t.Errorf("Back shows %s", words)
			}
			one.Open(at)
			one.WaitText("h1", "This page is put away")
			one.here("This page is put away")
			press(t, one.Tab, "Open it again")
			one.WaitText("h1", "Sign in")
		})
	}
}

// firstName gives whoever called a name without a canary.
func firstName(h *staffed, b booking.Booking) error {
	h.exec(`update person set name = 'Ana' where id = $1`, b.PersonID)
	h.exec(`update booking set name = 'Ana' where id = $1`, b.ID)
	_, err := people.Find(h.ctx, h.db, b.PersonID)
	return err
}

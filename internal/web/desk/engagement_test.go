package desk_test

import (
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/engagement"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

const nothingPath = "/desk/engagements/00000000-0000-4000-8000-000000000000"

// begun has the coach who is signed in begin to work with two people.
func (p *parlour) begun() (id engagement.ID, ana, ben people.ID) {
	p.t.Helper()
	ana = p.booked(p.who.Slug, "Ana Berg", "ana@example.com", 9).PersonID
	form := twoForm(ana)
	w := p.post("/desk/engagements/new", form)
	id = p.engagementAt(w)
	found, err := people.FindByEmail(p.ctx, p.db, "ben@example.net")
	p.must(err)
	return id, ana, found.ID
}

func twoForm(ana people.ID) url.Values {
	return url.Values{"with": {"two"}, "person": {string(ana)}, "word_1": {"olive tree"}, "name_2": {"Ben Moss"}, "email_2": {"ben@example.net"}, "safe_2": {"yes"},
		"word_2": {"apple cart"}, "policy": {"discretion"}, "policy_text_discretion": {"What is said alone: CANARY"}, "op": {"one"}}
}

// engagementAt is where a form led to that began something.
func (p *parlour) engagementAt(w *httptest.ResponseRecorder) engagement.ID {
	p.t.Helper()
	found := regexp.MustCompile(`^/desk/engagements/([0-9a-f-]{36})\?done=started$`).FindStringSubmatch(w.Header().Get("Location"))
	if w.Code != 303 || found == nil {
		p.t.Fatalf("%d to %q: %.1500s", w.Code, w.Header().Get("Location"), w.Body)
	}
	return engagement.ID(found[1])
}

func (p *parlour) accepts(who people.ID, id engagement.ID, word string) {
	p.t.Helper()
	p.must(p.db.InTx(p.ctx, func(tx *pg.Tx) error {
		refused, err := p.work.Accept(p.ctx, tx, who, id, word, p.clock)
		if refused != nil {
			return refused
		}
		return err
	}))
}

func (p *parlour) signs(who people.ID, id engagement.ID, name string) {
	p.t.Helper()
	p.must(p.db.InTx(p.ctx, func(tx *pg.Tx) error {
		versions, err := engagement.Policies(p.ctx, tx, id)
		if err != nil {
			return err
		}
		return p.work.Sign(p.ctx, tx, who, id, versions[0].ID, name, p.clock)
	}))
}

func work(id engagement.ID, rest string) string { return "/desk/engagements/" + string(id) + rest }

func TestWorkBeginsFromAPersonsPageAndTheWordIsSaidOnce(t *testing.T) {
	t.Parallel()
	p := newParlour(t)
	ana := p.booked("mara", "Ana Berg", "ana@example.com", 9)
	p.shows(p.get(personPath(ana, "")), 200, "Begin to work with them", "/desk/engagements/new?person="+string(ana.PersonID))
	p.shows(p.get("/desk/engagements"), 200, "Whoever you work with after a first call is here", "Work with somebody")
	p.shows(p.get("/desk/engagements/new"), 200, "With whom?")
	p.shows(p.get("/desk/engagements/new?q=ana"), 200, "/desk/engagements/new?person="+string(ana.PersonID))
	p.shows(p.get("/desk/engagements/new?q=zoe"), 200, "Nobody was found")
	alone := p.shows(p.get("/desk/engagements/new?person="+string(ana.PersonID)), 200, "You have had no call with Ana Berg yet", "One letter goes to ana@example.com: “Common Ground: there is something for you”",
		"stays between you and Mara Lind", `name="word_1"`)
	p.hides(alone, `name="word_2"`, `name="policy"`)
	words := regexp.MustCompile(`name="word_1" type="text" autocomplete="off" value="([a-z]+ [a-z]+)"`).FindStringSubmatch(alone)
	if words == nil {
		t.Error("no word is suggested")
	}
	p.clock = p.clock.AddDate(0, 0, 2)
	p.hides(p.shows(p.get("/desk/engagements/new?person="+string(ana.PersonID)), 200), "no call with")
	p.shows(p.get("/desk/bookings/"+string(ana.ID)), 200, "Begin to work with them")
	w := p.post("/desk/engagements/new", url.Values{"with": {"one"}, "person": {string(ana.PersonID)}, "word_1": {"olive tree"}, "policy_text_alone": {"Only the two of us."}, "op": {"x"}})
	id := p.engagementAt(w)
	page := p.shows(p.get(work(id, "?done=started")), 200, "Ana Berg", "Invited", "has not answered yet", "Begun by you", "coach only")
	p.hides(page, "olive")
	p.shows(p.get("/desk/engagements"), 200, "Ana Berg: has not answered yet")
	p.shows(p.get(personPath(ana, "")), 200, work(id, ""), "Begin something new with them", "stage-invited")
}

func TestTwoAreInvitedOnceHoweverOftenTheFormIsSent(t *testing.T) {
	t.Parallel()
	p := newParlour(t)
	id, ana, _ := p.begun()
	if again := p.engagementAt(p.post("/desk/engagements/new", twoForm(ana))); again != id {
		t.Errorf("sent again it began another: %s", again)
	}
	changed := twoForm(ana)
	changed.Set("word_1", "other words")
	if again := p.engagementAt(p.post("/desk/engagements/new", changed)); again != id {
		t.Errorf("the same form with another word began another: %s", again)
	}
	var kept []string
	p.must(p.db.Select(p.ctx, &kept, `select key || ' ' || encode(fingerprint, 'hex') || ' ' || outcome::text from operation`))
	if len(kept) != 1 || strings.Contains(kept[0], "olive") || strings.Contains(kept[0], "one ") {
		t.Errorf("%q", kept)
	}
}

// One inbox for two is explained, with what can be done instead, and nothing
// that was typed is lost.
func TestARefusedInvitationKeepsEverythingThatWasTyped(t *testing.T) {
	t.Parallel()
	p := newParlour(t)
	ana := p.booked("mara", "Ana Berg", "ana@example.com", 9).PersonID
	form := twoForm(ana)
	form.Set("email_2", "ana+us@example.com")
	body := p.shows(p.post("/desk/engagements/new", form), 422, `id="clients-problem"`, "Two people need two addresses of their own", "work with one of them here and with both in the call",
		`value="olive tree"`, `value="apple cart"`, `value="Ben Moss"`, `value="ana&#43;us@example.com"`, `value="yes" checked`, `value="discretion" checked`, "What is said alone: CANARY", `name="op" value="one"`)
	p.hides(body, `href="#policy"`)
	for field, change := range map[string]func(url.Values){
		"name_2-problem": func(f url.Values) { f.Set("name_2", "") }, "email_2-problem": func(f url.Values) { f.Set("email_2", "nobody") },
		"safe_2-problem": func(f url.Values) { f.Del("safe_2") }, "word_1-problem": func(f url.Values) { f.Set("word_1", "x") },
		"word_2-problem": func(f url.Values) { f.Set("word_2", "Olive-Tree") }, "policy-problem": func(f url.Values) { f.Del("policy") },
		"policy_text_discretion-problem": func(f url.Values) { f.Set("policy_text_discretion", strings.Repeat("y", 8001)) },
	} {
		wrong := twoForm(ana)
		change(wrong)
		p.shows(p.post("/desk/engagements/new", wrong), 422, `id="`+field+`"`)
	}
	p.must(p.db.InTx(p.ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(p.ctx, `update person set email = null where id = $1`, ana)
		return err
	}))
	p.shows(p.post("/desk/engagements/new", twoForm(ana)), 422, `id="person-problem"`, "This person has no address")
	for _, hostile := range []url.Values{{}, {"with": {"two"}, "person": {"' or true"}}, {"with": {"two"}, "person": {"\xff\x00"}, "second": {"\x00"}, "word_1": {strings.Repeat("🌳", 9999)}}} {
		if w := p.post("/desk/engagements/new", hostile); w.Code != 404 && w.Code != 422 {
			t.Errorf("%v: %d", hostile, w.Code)
		}
	}
}

func TestSomebodyWhoIsHereAlreadyIsFoundWithoutLosingTheForm(t *testing.T) {
	t.Parallel()
	p := newParlour(t)
	ana := p.booked("mara", "Ana Berg", "ana@example.com", 9).PersonID
	ben := p.booked("mara", "Ben Moss", "ben@example.net", 11).PersonID
	form := twoForm(ana)
	form.Del("name_2")
	form.Del("email_2")
	form.Set("sought", "moss")
	form.Set("act", "find")
	p.shows(p.post("/desk/engagements/new", form), 200, `value="`+string(ben)+`"`, "Ben Moss, ben@example.net", `value="olive tree"`)
	form.Del("act")
	form.Set("second", string(ben))
	id := p.engagementAt(p.post("/desk/engagements/new", form))
	p.shows(p.get(work(id, "")), 200, "Ana Berg and Ben Moss", "/desk/people/"+string(ben))
}

func TestItsOwnCoachSeesAllTheOwnerWhoAndHowItStandsOthersNothing(t *testing.T) {
	t.Parallel()
	p := newParlour(t)
	p.as("noor")
	id, ana, ben := p.begun()
	p.accepts(ana, id, "olive tree")
	p.accepts(ben, id, "apple cart")
	p.shows(p.get(work(id, "")), 200, "In it since", "has not signed how secrets are kept", "Ana Berg and me", "Ben Moss and me, about safety", "The newest text waits for Ana Berg and Ben Moss", "ana@example.com", "/notes", "Pause it", "Hand it to another coach")
	p.signs(ana, id, "Ana B.")
	p.signs(ben, id, "Ben M.")
	p.shows(p.get(work(id, "")), 200, "At the coach’s discretion", "How secrets are kept was signed by Ana Berg")
	p.shows(p.get(work(id, "/policy")), 200, "signed as “Ana B.”", "What is said alone: CANARY")

	p.as("mara") // the owner
	owner := p.shows(p.get(work(id, "")), 200, "Ana Berg and Ben Moss", "In it", "The work of Noor Haddad", "Hand it to another coach")
	p.hides(owner, "and me", "CANARY", "was signed", "not signed", "discretion", "Pause it", "Invite", "another word", "ana@example.com")
	p.shows(p.get("/desk/engagements"), 200, "with Noor Haddad")
	p.as("ash")
	assistant := p.shows(p.get(work(id, "")), 200, "Ana Berg and Ben Moss", "In it")
	p.hides(assistant, "and me", "CANARY", "was signed", "not signed", "Hand it", "ana@example.com")
	p.hides(p.shows(p.get("/desk/engagements"), 200), "Work with somebody")

	acts := map[string]url.Values{"/invite": {"name": {"X"}, "email": {"x@example.org"}, "safe": {"yes"}, "word": {"third door"}, "told": {"yes"}},
		"/word": {"person": {string(ana)}, "word": {"third door"}}, "/withdraw": {"person": {string(ana)}}, "/policy": {"policy": {"none"}, "policy_text_none": {"x"}},
		"/state": {"act": {"end"}, "reason": {"finished"}}, "/restore": {"person": {string(ana)}, "word": {"third door"}}}
	for _, who := range []string{"mara", "ash"} {
		p.as(who)
		for _, page := range []string{"/invite", "/word?person=" + string(ana), "/policy", "/restore?person=" + string(ana), "/notes"} {
			if w := p.get(work(id, page)); w.Code != 404 || w.Body.String() != p.get(nothingPath+page).Body.String() {
				t.Errorf("%s: GET %s is %d", who, page, w.Code)
			}
		}
		for act, form := range acts {
			if w := p.post(work(id, act), form); w.Code != 404 || w.Body.String() != p.post(nothingPath+act, form).Body.String() {
				t.Errorf("%s: POST %s is %d", who, act, w.Code)
			}
		}
	}
	p.as("noor")
	p.shows(p.get(work(id, "")), 200, "Going on") // nothing happened
}

func TestItIsPausedEndedAndGoneOnWithAfterBeingAsked(t *testing.T) {
	t.Parallel()
	p := newParlour(t)
	id, ana, ben := p.begun()
	p.accepts(ana, id, "olive tree")
	p.shows(p.get(work(id, "?do=pause")), 200, "Pause the work with", "No new hours are arranged")
	p.leads(p.post(work(id, "/state"), url.Values{"act": {"pause"}}), work(id, "?done=pause"))
	p.shows(p.get(work(id, "?done=pause")), 200, "Paused", "Go on with it")
	p.leads(p.post(work(id, "/state"), url.Values{"act": {"reopen"}}), work(id, "?done=reopen"))
	p.shows(p.get(work(id, "?do=end")), 200, "Why it ends", "Everything stays readable")
	p.shows(p.post(work(id, "/state"), url.Values{"act": {"end"}}), 422, `id="reason-problem"`)
	p.leads(p.post(work(id, "/state"), url.Values{"act": {"end"}, "reason": {"finished"}}), work(id, "?done=end"))
	p.leads(p.post(work(id, "/state"), url.Values{"act": {"end"}, "reason": {"finished"}}), work(id, "?done=end")) // a second click
	ended := p.shows(p.get(work(id, "")), 200, "Ended", "Closed on", "Go on with it", "The invitation was taken back")
	p.hides(ended, "Give another word", "Invite a second person")
	p.shows(p.get("/desk/engagements"), 200, `id="ended"`)
	p.shows(p.post(work(id, "/state"), url.Values{"act": {"explode"}}), 422)
	p.leads(p.post(work(id, "/state"), url.Values{"act": {"reopen"}}), work(id, "?done=reopen"))
	p.shows(p.get(work(id, "")), 200, "Going on", "Invite again")
	_ = ben
}

func TestAnInvitationIsRenewedAndTakenBack(t *testing.T) {
	t.Parallel()
	p := newParlour(t)
	id, ana, ben := p.begun()
	p.shows(p.get(work(id, "/word?person="+string(ana))), 200, "Another word for Ana Berg", "One letter goes to ana@example.com")
	p.shows(p.post(work(id, "/word"), url.Values{"person": {string(ana)}, "word": {"apple cart"}}), 422, `id="word-problem"`, "a word of their own")
	p.leads(p.post(work(id, "/word"), url.Values{"person": {string(ana)}, "word": {"third door"}, "op": {"w"}}), work(id, "?done=word"))
	p.accepts(ana, id, "third door")
	p.hides(p.shows(p.get(work(id, "/word?person="+string(ana))), 200, "For the second proof that they have not set up yet"), "One letter goes")
	p.shows(p.get(work(id, "?do=withdraw&person="+string(ben))), 200, "Take the invitation of Ben Moss back")
	p.shows(p.post(work(id, "/withdraw"), url.Values{"person": {string(ana)}}), 409, "answered already")
	p.leads(p.post(work(id, "/withdraw"), url.Values{"person": {string(ben)}}), work(id, "?done=withdrawn"))
	p.shows(p.get(work(id, "")), 200, "The invitation was taken back", "/invite?person="+string(ben))
	p.shows(p.get(work(id, "/invite?person="+string(ben))), 200, "Invite Ben Moss again", "The text that is there already")
	p.shows(p.post(work(id, "/invite"), url.Values{"person": {string(ben)}, "word": {"fourth door"}, "policy": {"keep"}}), 422, `id="told-problem"`, "Speak with Ana Berg first")
	p.leads(p.post(work(id, "/invite"), url.Values{"person": {string(ben)}, "word": {"fourth door"}, "policy": {"keep"}, "told": {"yes"}, "op": {"i"}}), work(id, "?done=invited"))
	p.shows(p.get(work(id, "/policy")), 200)
	p.shows(p.get(work(id, "/invite")), 404)
	p.clock = p.clock.AddDate(0, 0, 15)
	p.shows(p.get("/desk/engagements"), 200, "Ben Moss: the invitation has run out")
}

func TestAnotherTextIsPutBeforeThem(t *testing.T) {
	t.Parallel()
	p := newParlour(t)
	id, ana, ben := p.begun()
	p.accepts(ana, id, "olive tree")
	p.accepts(ben, id, "apple cart")
	p.signs(ana, id, "Ana")
	p.signs(ben, id, "Ben")
	p.leads(p.post(work(id, "/policy"), url.Values{"policy": {"none"}, "policy_text_none": {"Everything is open."}, "op": {"p"}}), work(id, "?done=proposed"))
	p.shows(p.get(work(id, "")), 200, "At the coach’s discretion", "The newest text waits for Ana Berg and Ben Moss")
	p.shows(p.get(work(id, "/policy")), 200, "Not everybody has signed it yet", "Everything is open.", "Holds since")
	p.shows(p.post(work(id, "/policy"), url.Values{"policy": {"none"}, "policy_text_none": {" "}}), 422, `id="policy_text_none-problem"`)
}

func TestWorkIsHandedOverAndTheCoachBeforeReadsNothingOfIt(t *testing.T) {
	t.Parallel()
	p := newParlour(t)
	noor := p.as("noor").who.ID
	p.as("mara")
	id, ana, _ := p.begun()
	p.accepts(ana, id, "olive tree")
	p.shows(p.get(work(id, "/hand-over")), 200, "You read nothing of it any more", "Noor Haddad")
	p.shows(p.post(work(id, "/hand-over"), url.Values{"coach": {"nobody"}}), 422, `id="coach-problem"`)
	form := url.Values{"coach": {string(noor)}, "op": {"h"}}
	p.leads(p.post(work(id, "/hand-over"), form), "/desk/engagements?done=handed")
	p.leads(p.post(work(id, "/hand-over"), form), "/desk/engagements?done=handed")
	p.shows(p.get(work(id, "")), 200, "Ended", "You read nothing of this work any more")
	p.shows(p.get(work(id, "/hand-over")), 409)
	p.as("noor").shows(p.get("/desk/engagements"), 200, "Ana Berg: has not answered yet")
	p.shows(p.get(work(id, "")), 404)
}

func TestAClientWhoLostTheirProofStartsOverAfterAWait(t *testing.T) {
	t.Parallel()
	p := newParlour(t)
	id, ana, ben := p.begun()
	p.accepts(ana, id, "olive tree")
	p.shows(p.get(work(id, "")), 200, "/restore?person="+string(ana))
	p.shows(p.get(work(id, "/restore?person="+string(ana))), 200, "Ana Berg has lost their second proof", "An email is never enough")
	p.shows(p.post(work(id, "/restore"), url.Values{"person": {string(ana)}, "word": {"x"}}), 422, `id="word-problem"`)
	p.leads(p.post(work(id, "/restore"), url.Values{"person": {string(ana)}, "word": {"harbour light"}}), work(id, "?done=restoring"))
	p.shows(p.get(work(id, "")), 200, "Starting over: the word works from")
	p.shows(p.post(work(id, "/restore"), url.Values{"person": {string(ana)}, "word": {"harbour light"}}), 409, "under way")
	p.clock = p.clock.Add(49 * time.Hour)
	p.shows(p.get(work(id, "")), 200, "Starting over: the word works until")
	p.leads(p.post(work(id, "/restore"), url.Values{"person": {string(ana)}, "act": {"call-off"}}), work(id, "?done=not-restoring"))
	p.hides(p.shows(p.get(work(id, "")), 200), "Starting over")
	if p.asked < 5 {
		t.Errorf("the second proof was asked for %d times", p.asked)
	}
	for _, form := range []url.Values{{"person": {string(ben)}, "word": {"harbour light"}}, {"person": {"x"}, "word": {"harbour light"}}} {
		p.shows(p.post(work(id, "/restore"), form), 404)
	}
}

// What somebody said of their inbox when they first wrote holds for invitations
// too, and what they say themselves later is shown as theirs.
func TestNoLetterIsPromisedWhereMailIsNotSafe(t *testing.T) {
	t.Parallel()
	p := newParlour(t)
	ana := p.booked("mara", "Ana Berg", "ana@example.com", 9)
	p.leads(p.post(personPath(ana, "/contact"), url.Values{"may_email": {"no"}, "may_call": {"yes"}, "may_leave_message": {"no"}, "version": {"0"}}), personPath(ana, "?done=contact"))
	p.shows(p.get("/desk/engagements/new?person="+string(ana.PersonID)), 200, "Mail is not safe for Ana Berg, so no letter goes", "http://localhost:8080/sign-in")
	w := p.post("/desk/engagements/new", url.Values{"with": {"one"}, "person": {string(ana.PersonID)}, "word_1": {"olive tree"}, "policy_text_alone": {"x"}})
	p.shows(p.get(work(p.engagementAt(w), "")), 200, "No letter goes to ana@example.com")
}

package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/engagement"
	"kintsugi/internal/intake"
	"kintsugi/internal/login"
	"kintsugi/internal/note"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/questions"
	"kintsugi/internal/web/pad"
)

// writers is a practice in which Ana and Ben work with Noor and have signed how
// secrets are kept.
type writers struct {
	*staffed
	notes    *note.Service
	noor     people.ID
	ana, ben people.ID
	id       engagement.ID
}

func newWriters(t testing.TB) *writers {
	t.Helper()
	return writersIn(staff(t, false), "Ana", "Ben")
}

// writersIn has two more people work with Noor.
func writersIn(s *staffed, ana, ben string) *writers {
	s.t.Helper()
	h := &writers{staffed: s}
	h.notes = &note.Service{DB: h.db, Engagement: h.first.engagement, Now: h.now}
	h.noor = h.coach("noor").ID
	h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) (err error) {
		if h.ana, _, err = people.FindOrCreate(h.ctx, tx, strings.ToLower(ana)+"@example.com", ana, "Europe/London", true, h.now()); err != nil {
			return err
		}
		if h.ben, _, err = people.FindOrCreate(h.ctx, tx, strings.ToLower(ben)+"@example.com", ben, "Europe/London", true, h.now()); err != nil {
			return err
		}
		h.id, err = h.first.engagement.Start(h.ctx, tx, h.noor, []engagement.Invitee{{Person: h.ana, Word: "harbour"}, {Person: h.ben, Word: "lantern"}},
			engagement.ReadyPolicy(engagement.Confidential, "Noor Haddad"), h.now())
		return err
	}))
	for who, word := range map[people.ID]string{h.ana: "harbour", h.ben: "lantern"} {
		h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) error {
			refused, err := h.first.engagement.Accept(h.ctx, tx, who, h.id, word, h.now())
			if refused != nil {
				return refused
			}
			if err != nil {
				return err
			}
			return login.Admit(h.ctx, tx, who, h.now())
		}))
		h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) error {
			versions, err := engagement.Policies(h.ctx, tx, h.id)
			if err != nil {
				return err
			}
			return h.first.engagement.Sign(h.ctx, tx, who, h.id, versions[0].ID, "A name", h.now())
		}))
	}
	return h
}

// lane is the lane of a kind that a viewer reads; of one client where it is the
// coach who asks.
func (h *writers) lane(viewer people.ID, kind engagement.LaneKind, of people.ID) engagement.LaneInfo {
	h.t.Helper()
	found, err := engagement.Lanes(h.ctx, h.db, viewer, h.id)
	h.must(err)
	for _, l := range found {
		if l.Kind == kind && (of == "" || l.Of == of) {
			return l
		}
	}
	h.t.Fatalf("there is no %s lane", kind)
	return engagement.LaneInfo{}
}

// shared is a note that its readers have been given.
func (h *writers) shared(author people.ID, in engagement.LaneInfo, title, body string) note.ID {
	h.t.Helper()
	id, err := h.notes.Begin(h.ctx, author, in.ID, "", note.Words{Title: title, Body: body}, once.Key{})
	h.must(err)
	h.must(h.notes.Share(h.ctx, author, id, 1))
	return id
}

// browserFor is a browser in which somebody is signed in with both proofs; weak is one
// in which only the code from the inbox was typed.
func (h *writers) browserFor(who people.ID) browser { return browser{h.staffed, h.signedIn(who)} }

func (h *writers) weak(who people.ID) browser {
	h.pass(time.Second)
	b := h.browserFor(who)
	h.exec(`update session set proven_at = null, fresh_at = null where person_id = $1 and signed_in_at = $2`, who, h.now())
	return b
}

func (h *writers) at(id note.ID) string {
	return "/desk/engagements/" + string(h.id) + "/notes/" + string(id)
}

// A tab was open on a note while it was signed in another. Saving there led to the
// signed note, and what had been typed was gone.
func TestWhatWasTypedInAnOldTabIsNotLostWhenTheNoteWasSigned(t *testing.T) {
	h := newWriters(t)
	id := h.shared(h.noor, h.lane(h.noor, engagement.JointLane, ""), "For both", "Words.")
	h.must(h.notes.Lock(h.ctx, h.noor, id, 1, "Noor"))
	noor := h.browserFor(h.noor)
	kept := noor.ask(h.first, "POST", h.at(id)+"/edit", fields("version", "1", "title", "For both", "body", "Words.\n\nAnd one more thing.")).shows(409)
	if words := kept.page().words(); !strings.Contains(words, "And one more thing.") || !strings.Contains(words, "locked and signed") {
		t.Error(words)
	}
	if at := kept.page().id("text"); at == nil {
		t.Error("there is nothing to add it with")
	}
}

// What is added to a signed note is read at once by those who read the note, and was
// compared with nothing.
func TestAnAddendumThatRepeatsWhatOneWroteAloneTakesASecondAct(t *testing.T) {
	h := newWriters(t)
	h.shared(h.ana, h.lane(h.ana, engagement.IndividualLane, h.ana), "For Noor", "I have written to her once in April and told nobody.")
	id := h.shared(h.noor, h.lane(h.noor, engagement.JointLane, ""), "For both", "Words.")
	h.must(h.notes.Lock(h.ctx, h.noor, id, 1, "Noor"))
	noor := h.browserFor(h.noor)
	op := h.first.guard.NewOp(h.now())
	text := "She told me: I have written to her once in April."
	if hint := noor.ask(h.first, "GET", h.at(id), nil).page().words(); !strings.Contains(hint, "How secrets are kept: "+engagement.Confidential.Say()) {
		t.Error("how secrets are kept is not said where something is added")
	}
	asked := noor.ask(h.first, "POST", h.at(id)+"/add", fields("text", text, "op", op)).shows(422)
	words := asked.page().words()
	for _, want := range []string{"I have written to her once in April", "in the space that Ana has with you alone", "they would be read by Ana and Ben"} {
		if !strings.Contains(words, want) {
			t.Errorf("%q is not said", want)
		}
	}
	added := func() int {
		p, err := h.notes.Read(h.ctx, h.ana, id)
		h.must(err)
		return len(p.Added)
	}
	if added() != 0 {
		t.Error("it was added all the same")
	}
	noor.ask(h.first, "POST", h.at(id)+"/add", fields("text", "We meet on Tuesday.", "op", op)).shows(303)
	noor.ask(h.first, "POST", h.at(id)+"/add", fields("text", text, "op", op, "agreed", "yes")).shows(303)
	if n := added(); n != 2 {
		t.Errorf("%d addenda", n)
	}
}

// The id of a note in capitals found the note and locked another word: an act under
// it did not wait for one under the id as we write it.
func TestAnIDInCapitalsNamesNothing(t *testing.T) {
	h := newWriters(t)
	id := h.shared(h.noor, h.lane(h.noor, engagement.JointLane, ""), "For both", "Words.")
	ana, noor := h.browserFor(h.ana), h.browserFor(h.noor)
	upper := func(text string) string { return strings.ToUpper(text) }
	for _, path := range []string{"/portal/notes/" + upper(string(id)), "/portal/engagements/" + upper(string(h.id)), "/portal/engagements/" + upper(string(h.id)) + "/leave"} {
		ana.ask(h.first, "GET", path, nil).shows(404)
	}
	ana.ask(h.first, "POST", "/portal/engagements/"+upper(string(h.id))+"/leave", fields()).shows(404)
	noor.ask(h.first, "GET", "/desk/engagements/"+upper(string(h.id)), nil).shows(404)
	noor.ask(h.first, "POST", h.at(note.ID(upper(string(id))))+"/edit", fields("version", "1", "body", "Other words.")).shows(404)
	ana.ask(h.first, "GET", "/portal/notes/"+string(id), nil).shows(200)
}

// Notes to one client and to the other stood in one list with the same words, "one
// of them and me", and of two spaces that could be chosen nothing told which was
// about safety.
func TestACoachSeesWithWhomASpaceIs(t *testing.T) {
	t.Parallel()
	h := newWriters(t)
	noor := h.browserFor(h.noor)
	at := "/desk/engagements/" + string(h.id) + "/notes"
	h.shared(h.noor, h.lane(h.noor, engagement.IndividualLane, h.ana), "After our hour", "One.")
	h.shared(h.noor, h.lane(h.noor, engagement.IndividualLane, h.ben), "After our hour", "Two.")
	for _, words := range []string{
		noor.ask(h.first, "GET", at, nil).shows(200).page().words(),
		noor.ask(h.first, "POST", at+"/search", fields("sought", "hour")).shows(200).page().words(),
		noor.ask(h.first, "GET", at+"/new", nil).shows(200).page().words(),
	} {
		if !strings.Contains(words, "Ana and me") || !strings.Contains(words, "Ben and me") || strings.Contains(words, "one of them") {
			t.Error(words)
		}
	}
	words := noor.ask(h.first, "GET", at+"/new", nil).page().words()
	if !strings.Contains(words, "Ana and me, about safety") || strings.Index(words, "both of them") > strings.Index(words, "Ana and me") {
		t.Error(words)
	}
}

// A letter said that there was something to see, and the first page said that
// nothing waited.
func TestTheFirstPageSaysThatThereIsSomethingToRead(t *testing.T) {
	t.Parallel()
	h := newWriters(t)
	home := func(b browser) string { return b.ask(h.first, "GET", "/portal", nil).shows(200).page().words() }
	ana, ben, weak := h.browserFor(h.ana), h.browserFor(h.ben), h.weak(h.ana)
	before := home(ben)
	if strings.Contains(home(ana), "not read") || strings.Contains(before, "not read") {
		t.Error("something waits where nothing is")
	}
	alone := h.shared(h.noor, h.lane(h.noor, engagement.IndividualLane, h.ana), "For Ana", "Words for Ana.")
	if words := home(ana); !strings.Contains(words, "A note that you have not read yet") {
		t.Error(words)
	}
	if home(ben) != before || strings.Contains(home(weak), "not read") {
		t.Error("it is told to the partner, or to whoever holds the inbox")
	}
	h.shared(h.noor, h.lane(h.noor, engagement.JointLane, ""), "For both", "Words for both.")
	if words := home(ana); !strings.Contains(words, "2 notes that you have not read yet") {
		t.Error(words)
	}
	for _, b := range []browser{ben, weak} {
		if words := home(b); !strings.Contains(words, "A note that you have not read yet") {
			t.Error(words)
		}
	}
	ana.ask(h.first, "GET", "/portal/notes/"+string(alone), nil).shows(200)
	if words := home(ana); !strings.Contains(words, "A note that you have not read yet") {
		t.Error("what was read waits still")
	}
	// What was erased cannot be read any more, so it waits for nobody.
	h.shared(h.noor, h.lane(h.noor, engagement.IndividualLane, h.ana), "For Ana again", "More words for Ana.")
	if words := home(ana); !strings.Contains(words, "2 notes") {
		t.Error(words)
	}
	h.must(h.db.InTxAs(h.ctx, string(h.ana), func(tx *pg.Tx) error {
		return h.first.engagement.EraseOwn(h.ctx, tx, h.ana, h.lane(h.ana, engagement.IndividualLane, h.ana).ID, h.now())
	}))
	if words := home(ana); !strings.Contains(words, "A note that you have not read yet") {
		t.Error(words)
	}
}

// In a browser that two share, Ben finds the key of a form that Ana had open. Sent
// as his own it led him to the address of her note.
func TestAKeyFoundInASharedBrowserLeadsToNothingOfTheOther(t *testing.T) {
	t.Parallel()
	h := newWriters(t)
	form := fields("lane", "own", "op", h.first.guard.NewOp(h.now().Add(-time.Minute)))
	ana, ben := h.browserFor(h.ana), h.browserFor(h.ben)
	hers, his := ana.ask(h.first, "POST", "/portal/notes", form).shows(303), ben.ask(h.first, "POST", "/portal/notes", form).shows(303)
	if hers.path() == his.path() {
		t.Error("he is led to her note")
	}
	ben.ask(h.first, "GET", his.path(), nil).shows(200)
	if again := ana.ask(h.first, "POST", "/portal/notes", form).shows(303); again.path() != hers.path() {
		t.Error("sent twice by herself it is two notes")
	}
}

func fields(pairs ...string) url.Values {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

// C03: what stands in a lane comes to its readers, and by no page to anybody
// else. What may not be seen answers like what is not there.
func TestANoteComesToTheReadersOfItsLaneAndToNobodyElse(t *testing.T) {
	t.Parallel()
	h := newWriters(t)
	p := h.first
	ids := map[string]note.ID{
		"CANARY-coach": h.shared(h.noor, h.lane(h.noor, engagement.CoachLane, ""), "CANARY-coach title", "CANARY-coach words"),
		"CANARY-ana":   h.shared(h.noor, h.lane(h.noor, engagement.IndividualLane, h.ana), "CANARY-ana title", "CANARY-ana words"),
		"CANARY-ben":   h.shared(h.noor, h.lane(h.noor, engagement.IndividualLane, h.ben), "CANARY-ben title", "CANARY-ben words"),
		"CANARY-both":  h.shared(h.noor, h.lane(h.noor, engagement.JointLane, ""), "CANARY-both title", "CANARY-both words"),
	}
	draft, err := h.notes.Begin(h.ctx, h.noor, h.lane(h.noor, engagement.JointLane, "").ID, "", note.Words{Title: "CANARY-draft", Body: "CANARY-draft"}, once.Key{})
	h.must(err)
	ids["CANARY-draft"] = draft
	for _, row := range []struct {
		who   string
		b     browser
		desk  bool
		reads []string
	}{
		{"the coach", h.browserFor(h.noor), true, []string{"CANARY-coach", "CANARY-ana", "CANARY-ben", "CANARY-both", "CANARY-draft"}},
		{"another coach", h.browserFor(h.coach("olu").ID), true, nil},
		{"the owner", h.browserFor(h.coach("mara").ID), true, nil},
		{"the assistant", h.browserFor(h.coach("ash").ID), true, nil},
		{"Ana", h.browserFor(h.ana), false, []string{"CANARY-ana", "CANARY-both"}},
		{"Ben", h.browserFor(h.ben), false, []string{"CANARY-ben", "CANARY-both"}},
		{"whoever has Ana’s inbox", h.weak(h.ana), false, []string{"CANARY-both"}},
	} {
		list := "/portal/notes"
		if row.desk {
			list = "/desk/engagements/" + string(h.id) + "/notes"
		}
		listed := row.b.ask(p, "GET", list, nil)
		for canary, id := range ids {
			may := slices.Contains(row.reads, canary)
			if strings.Contains(listed.body, canary) != may || strings.Contains(listed.body, string(id)) != may {
				t.Errorf("%s, list: %s shown is %v, want %v", row.who, canary, !may, may)
			}
			for _, path := range []string{"", "/versions", "/edit", "/share", "/lock", "/copy"} {
				got := row.b.ask(p, "GET", list+"/"+string(id)+path, nil)
				none := row.b.ask(p, "GET", list+"/0b4c8d1e-8a3f-4f66-9c2b-7d5a1e2f3a4b"+path, nil)
				author := row.who == "the coach"
				switch {
				case !may && (strings.Contains(got.body, canary) || got.status != none.status || got.header.Get("Location") != none.header.Get("Location")):
					t.Errorf("%s, %s%s: %d to %q, made up %d to %q", row.who, canary, path, got.status, got.header.Get("Location"), none.status, none.header.Get("Location"))
				case may && (path == "" || path == "/versions" || author) && path != "/lock" && got.status != http.StatusOK:
					t.Errorf("%s, %s%s: %d", row.who, canary, path, got.status)
				case may && !author && path != "" && path != "/versions" && got.status != http.StatusNotFound:
					t.Errorf("%s finds what only the author of %s does: %s answers %d", row.who, canary, path, got.status)
				}
			}
			if may && row.who == "the coach" {
				continue
			}
			for _, path := range []string{"/edit", "/share", "/lock", "/copy", "/discard", "/together", "/add"} {
				if got := row.b.ask(p, "POST", list+"/"+string(id)+path, fields("title", "mine", "body", "mine", "text", "mine", "name", "mine", "version", "1",
					"lane", string(h.lane(h.noor, engagement.JointLane, "").ID), "agreed", "yes")); got.status < 300 || got.status == http.StatusSeeOther && !strings.HasPrefix(got.header.Get("Location"), "/sign-in/proof") {
					t.Errorf("%s does %s to %s: %d to %q", row.who, path, canary, got.status, got.header.Get("Location"))
				}
			}
		}
		if row.desk {
			found := row.b.ask(p, "POST", list+"/search", fields("sought", "canary"))
			for canary := range ids {
				if strings.Contains(found.body, canary) != slices.Contains(row.reads, canary) {
					t.Errorf("%s, search: %s", row.who, canary)
				}
			}
		}
	}
	if strings.Contains(h.log.String(), "CANARY") {
		t.Error("words of a note stand in the log")
	}
}

// Whoever reads a client's inbox can sign in with the code, and finds the same
// pages whether or not the client writes anything privately.
func TestTheInboxAloneDoesNotTellWhetherThereAreNotesBehindTheDoor(t *testing.T) {
	t.Parallel()
	h := newWriters(t)
	b := h.weak(h.ana)
	look := func() []answer {
		var got []answer
		for _, path := range []string{"/portal", "/portal/notes", "/portal/notes/write", "/portal/more", "/portal/readers", "/portal/engagements/" + string(h.id)} {
			got = append(got, b.ask(h.first, "GET", path, nil))
		}
		return got
	}
	before := look()
	h.shared(h.noor, h.lane(h.noor, engagement.IndividualLane, h.ana), "CANARY", "CANARY")
	h.shared(h.ana, h.lane(h.ana, engagement.IndividualLane, h.ana), "CANARY", "CANARY")
	h.shared(h.noor, h.lane(h.noor, engagement.IndividualLane, h.ben), "CANARY", "CANARY")
	for i, after := range look() {
		if plain(after, nil, "") != plain(before[i], nil, "") || after.header.Get("Location") != before[i].header.Get("Location") {
			t.Errorf("page %d is another one: %s", i, changed(before[i].body, after.body))
		}
	}
}

// LAN-06. A copy for both went through without the warning that sharing gives.
func TestACopyThatRepeatsWhatOneWroteAloneTakesASecondAct(t *testing.T) {
	t.Parallel()
	h := newWriters(t)
	b := h.browserFor(h.noor)
	h.shared(h.ana, h.lane(h.ana, engagement.IndividualLane, h.ana), "", "I have not told him about the flat in Leeds that I still pay for.")
	id := h.shared(h.noor, h.lane(h.noor, engagement.CoachLane, ""), "After the call", "The flat in Leeds that I still pay for, she says.")
	joint, ofBen := h.lane(h.noor, engagement.JointLane, "").ID, h.lane(h.noor, engagement.IndividualLane, h.ben).ID
	// Nothing of the kind is asked where nobody new would read it.
	if got := b.ask(h.first, "POST", h.at(id)+"/copy", fields("lane", string(h.lane(h.noor, engagement.IndividualLane, h.ana).ID))); got.status != http.StatusSeeOther {
		t.Errorf("to Ana herself: %d", got.status)
	}
	for _, to := range []engagement.LaneID{joint, ofBen} {
		got := b.ask(h.first, "POST", h.at(id)+"/copy", fields("lane", string(to)))
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "The flat in Leeds that I still pay for") || !strings.Contains(got.page().words(), "in the space that Ana has with you alone") || !strings.Contains(got.page().words(), "Ben") {
			t.Fatalf("%d: %s", got.status, got.page().words())
		}
		// What was agreed to for one space is not agreed to for another.
		if got := b.ask(h.first, "POST", h.at(id)+"/copy", fields("lane", string(to), "agreed", string(id))); got.status != http.StatusUnprocessableEntity {
			t.Fatalf("agreed for another space: %d", got.status)
		}
		if listed := h.browserFor(h.ben).ask(h.first, "GET", "/portal/notes", nil); strings.Contains(listed.body, "After the call") && to == joint {
			t.Fatal("it was copied all the same")
		}
		h.pass(time.Second)
		if got := b.ask(h.first, "POST", h.at(id)+"/copy", fields("lane", string(to), "agreed", string(to))); got.status != http.StatusSeeOther {
			t.Fatalf("agreed: %d", got.status)
		}
	}
}

func TestANoteIsWrittenSharedSignedAndAddedToWithoutScripts(t *testing.T) {
	t.Parallel()
	h := newWriters(t)
	b, list := h.browserFor(h.noor), "/desk/engagements/"+string(h.id)+"/notes"
	f := b.ask(h.first, "GET", list+"/new", nil).page().form("/notes")
	f.values.Set("lane", string(h.lane(h.noor, engagement.JointLane, "").ID))
	f.values.Set("template", "grow")
	begun := b.ask(h.first, "POST", f.action, f.values)
	if again := b.ask(h.first, "POST", f.action, f.values); again.path() != begun.path() {
		t.Error("a double click began two notes")
	}
	edit := begun.path()
	at := strings.TrimSuffix(edit, "/edit")
	f = b.ask(h.first, "GET", edit, nil).page().form("/edit")
	if !strings.Contains(f.values.Get("body"), "What they want") {
		t.Errorf("the template is not there: %q", f.values.Get("body"))
	}
	f.values.Set("body", "# We agreed\n\n<script>alert(1)</script>\n\n![x](https://evil.example/x.png) [y](javascript:alert(1)) **tea**")
	b.does(h.first, edit, "version", f.values.Get("version"), "title", "Sunday", "body", f.values.Get("body"))
	share := b.ask(h.first, "GET", at+"/share", nil).page()
	if !strings.Contains(share.words(), "Share with Ana and Ben") {
		t.Errorf("the readers are not named: %s", share.words())
	}
	b.does(h.first, at+"/share", "version", share.form("/share").values.Get("version"))
	seen := h.browserFor(h.ben).ask(h.first, "GET", "/portal/notes/"+at[strings.LastIndex(at, "/")+1:], nil)
	for _, bad := range []string{"<script>alert", "evil.example", "javascript:"} {
		if strings.Contains(seen.body, bad) {
			t.Errorf("%s came through", bad)
		}
	}
	if !strings.Contains(seen.body, "<strong>tea</strong>") || !strings.Contains(seen.body, "&lt;script&gt;alert(1)&lt;/script&gt;") {
		t.Errorf("the words did not: %d %s", seen.status, seen.page().words())
	}
	stale := b.ask(h.first, "GET", edit, nil).page().form("/edit") // a second tab, open since before it was signed
	lock := b.ask(h.first, "GET", at+"/lock", nil).page().form("/lock")
	lock.values.Set("name", "Noor Haddad")
	b.ask(h.first, "POST", at+"/lock", lock.values).shows(http.StatusSeeOther)
	b.ask(h.first, "POST", at+"/lock", lock.values).shows(http.StatusSeeOther) // pressed twice
	stale.values.Set("body", "other words")
	if got := b.ask(h.first, "POST", edit, stale.values); got.status != http.StatusConflict && got.status != http.StatusSeeOther || strings.Contains(b.ask(h.first, "GET", at, nil).body, "other words") {
		t.Errorf("from the second tab: %d", got.status)
	}
	add := b.ask(h.first, "GET", at, nil).page().form("/add")
	add.values.Set("text", "And milk.")
	b.ask(h.first, "POST", at+"/add", add.values).shows(http.StatusSeeOther)
	b.ask(h.first, "POST", at+"/add", add.values).shows(http.StatusSeeOther)
	if got := b.ask(h.first, "GET", at, nil); strings.Count(got.body, "And milk.") != 1 {
		t.Errorf("added %d times", strings.Count(got.body, "And milk."))
	}
}

// A coach wrote for an hour, and their session had ended when they pressed Save.
func TestWordsOfANoteOutliveTheSessionTheyWereTypedIn(t *testing.T) {
	t.Parallel()
	h := newWriters(t)
	mine, err := h.notes.Begin(h.ctx, h.ana, h.lane(h.ana, engagement.IndividualLane, h.ana).ID, "", note.Words{}, once.Key{})
	h.must(err)
	theirs, err := h.notes.Begin(h.ctx, h.noor, h.lane(h.noor, engagement.CoachLane, "").ID, "", note.Words{}, once.Key{})
	h.must(err)
	for _, row := range []struct {
		who  people.ID
		edit string
	}{{h.noor, h.at(theirs) + "/edit"}, {h.ana, "/portal/notes/" + string(mine) + "/edit"}} {
		typed := fields("version", "1", "title", "A title", "body", "\nLine one\n\"two\" <b> & more")
		b := h.browserFor(row.who)
		h.exec(`delete from session where person_id = $1`, row.who)
		given := b.ask(h.first, "POST", row.edit, typed)
		if given.status != http.StatusUnauthorized || given.header.Get("Cache-Control") != "no-store" || strings.Contains(given.page().words(), "Line one") {
			t.Fatalf("%s: %d, %s", row.edit, given.status, given.page().words())
		}
		again := url.Values{}
		for _, n := range given.page().all("input") {
			again.Set(attr(n, "name"), attr(n, "value"))
		}
		if again.Encode() != typed.Encode() {
			t.Fatalf("%q came back as %q", typed.Encode(), again.Encode())
		}
		if row.who == h.ana { // signed in with the code alone, they are asked for the proof and keep their words
			asked := h.weak(h.ana).ask(h.first, "POST", row.edit, again)
			if asked.status != http.StatusUnauthorized || !strings.Contains(asked.page().words(), "Give your second proof") || len(asked.page().all("input")) < 3 {
				t.Errorf("without the proof: %d, %s", asked.status, asked.page().words())
			}
			h.exec(`delete from session where person_id = $1`, row.who)
		}
		other := h.browserFor(h.ben)
		if got := other.ask(h.first, "POST", row.edit, again); got.status != http.StatusNotFound {
			t.Errorf("somebody else signs in on this device: %d", got.status)
		}
		b = h.browserFor(row.who)
		b.ask(h.first, "POST", row.edit, again).shows(http.StatusSeeOther)
		if got := b.ask(h.first, "GET", row.edit, nil).page().form("/edit").values.Get("body"); strings.TrimSpace(got) != strings.TrimSpace(typed.Get("body")) {
			t.Errorf("saved %q", got)
		}
	}
}

// Twenty thousand letters of most scripts are more than a form may usually hold;
// what is longer comes back in its form, to be shortened.
func TestANoteOfTheFullLengthIsKeptInEveryScript(t *testing.T) {
	t.Parallel()
	h := newWriters(t)
	id, err := h.notes.Begin(h.ctx, h.noor, h.lane(h.noor, engagement.CoachLane, "").ID, "", note.Words{}, once.Key{})
	h.must(err)
	b := h.browserFor(h.noor)
	for i, letter := range []string{"ж", "ع", "漢", "🕊"} {
		body := strings.Repeat(letter, note.LongestBody)
		b.ask(h.first, "POST", h.at(id)+"/edit", fields("version", strconv.Itoa(i+1), "title", letter, "body", body)).shows(http.StatusSeeOther)
		if got := b.ask(h.first, "GET", h.at(id)+"/edit", nil).page().form("/edit").values.Get("body"); strings.TrimSpace(got) != body {
			t.Errorf("%s: %d bytes came back", letter, len(got))
		}
	}
	for _, bad := range []string{strings.Repeat("x", note.LongestBody+1), strings.Repeat("x", 300<<10)} {
		got := b.ask(h.first, "POST", h.at(id)+"/edit", fields("version", "5", "title", "t", "body", bad))
		if got.status != http.StatusUnprocessableEntity || strings.TrimSpace(got.page().form("/edit").values.Get("body")) != bad {
			t.Errorf("%d characters: %d", len(bad), got.status)
		}
	}
	for _, bad := range []string{"a\x00b", "\xff\xfe"} {
		if got := b.ask(h.first, "POST", h.at(id)+"/edit", fields("version", "5", "title", "t", "body", bad)); got.status != http.StatusUnprocessableEntity && got.status != http.StatusSeeOther {
			t.Errorf("%q: %d", bad, got.status)
		}
	}
	if got := b.ask(h.first, "POST", h.at(id)+"/edit", fields("body", strings.Repeat("x", 1<<20))); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a megabyte: %d", got.status)
	}
	if got := b.ask(h.first, "POST", h.at(id)+"/edit", fields("version", "nonsense", "body", "x")); got.status != http.StatusSeeOther {
		t.Errorf("a version that is no number: %d", got.status)
	}
}

// From a call the coach comes to a note about it, in the spaces of those who were
// in it; in every other one it would tell somebody of a call they know nothing of.
func TestANoteAboutACallIsBegunFromTheCallAmongThoseWhoWereInIt(t *testing.T) {
	t.Parallel()
	h := newWriters(t)
	call := h.booked("meet", "noor", hourOf(1), 1)
	h.exec(`update booking set person_id = $2 where id = $1`, call.ID, h.ana) // before there was an engagement
	b := h.browserFor(h.noor)
	to := b.ask(h.first, "GET", "/desk/bookings/"+string(call.ID), nil).page().link("Write a note about this call")
	form := b.ask(h.first, "GET", to, nil).page()
	if !strings.Contains(form.words(), "About the call with") {
		t.Errorf("the call is not named: %s", form.words())
	}
	for lane, may := range map[engagement.LaneID]bool{
		h.lane(h.noor, engagement.CoachLane, "").ID: true, h.lane(h.noor, engagement.IndividualLane, h.ana).ID: true,
		h.lane(h.noor, engagement.IndividualLane, h.ben).ID: false, h.lane(h.noor, engagement.JointLane, "").ID: false,
	} {
		offered := false
		for _, n := range form.all("input") {
			offered = offered || attr(n, "value") == string(lane) && !has(n, "disabled")
		}
		f := form.form("/notes")
		f.values.Set("lane", string(lane))
		f.values.Set("op", "op "+string(lane))
		got := b.ask(h.first, "POST", f.action, f.values)
		if offered != may || (got.status == http.StatusSeeOther) != may || !may && got.status != http.StatusUnprocessableEntity {
			t.Errorf("offered %v, begun %d, want %v", offered, got.status, may)
		}
	}
	for _, other := range []string{"mara", "ash"} {
		if got := h.browserOf(other).ask(h.first, "GET", "/desk/bookings/"+string(call.ID), nil); strings.Contains(got.body, "Write a note") {
			t.Errorf("%s is led to it", other)
		}
	}
	if got := b.ask(h.first, "GET", "/desk/engagements/"+string(h.id)+"/notes/new?booking=nonsense", nil); got.status != http.StatusOK {
		t.Errorf("a call that is none: %d", got.status)
	}
}

// asks sends a form of the coach's.
func (h *writers) asks(form string, to ...people.ID) {
	h.t.Helper()
	h.as(h.noor, func(tx *pg.Tx) error {
		_, err := h.first.intake.Send(h.ctx, tx, h.noor, h.id, intake.Sending{Form: form, To: to}, h.now())
		return err
	})
}

// answers sends the form that waits for somebody.
func (h *writers) answers(who people.ID, question, text string) {
	h.t.Helper()
	h.as(who, func(tx *pg.Tx) error {
		sheets, err := intake.List(h.ctx, tx, who, h.id)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(sheets, func(s intake.Sheet) bool { return s.Person == who && s.State == intake.Open })
		draft, err := h.first.intake.Save(h.ctx, tx, who, sheets[i].ID, intake.Typing{Answers: questions.Answers{question: {text}}}, h.now())
		if err != nil {
			return err
		}
		_, err = h.first.intake.HandIn(h.ctx, tx, who, sheets[i].ID, intake.Seen{Draft: draft.Version}, once.Key{}, h.now())
		return err
	})
}

// LAN-06. What Ana had answered in her form was quoted in a note for both, and no
// page said so.
func TestANoteThatQuotesAnAnswerOfOneTakesASecondAct(t *testing.T) {
	t.Parallel()
	h := newWriters(t)
	h.clientGround()
	alone, view := "I would like to leave and have told nobody yet", "we only talk about money when it has run out"
	h.asks("alone", h.ana)
	h.answers(h.ana, "goal", alone)
	h.asks("both")
	h.answers(h.ana, "view", view)
	b, joint := h.browserFor(h.noor), h.lane(h.noor, engagement.JointLane, "")
	share := func(body string, agreed string) answer {
		id, err := h.notes.Begin(h.ctx, h.noor, joint.ID, "", note.Words{Body: body}, once.Key{})
		h.must(err)
		return b.ask(h.first, "POST", h.at(id)+"/share", fields("version", "1", "agreed", agreed))
	}
	for _, said := range []string{alone, view} {
		got := share("As one of you put it: "+said+".", "")
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.page().words(), "in what Ana answered in a form") {
			t.Errorf("%q: %d %s", said, got.status, got.page().words())
		}
		if got := share("As one of you put it: "+said+".", "yes"); got.status != http.StatusSeeOther {
			t.Errorf("agreed: %d", got.status)
		}
	}
	h.answers(h.ben, "view", "something else")
	if got := share("As one of you put it: "+view+".", ""); got.status != http.StatusSeeOther {
		t.Errorf("what both have read by now is warned of: %d", got.status)
	}
}

func TestOlderNotesStandBehindALink(t *testing.T) {
	t.Parallel()
	h := newWriters(t)
	joint := h.lane(h.noor, engagement.JointLane, "")
	for i := range pad.NotesOnAPage + 1 {
		h.shared(h.noor, joint, fmt.Sprintf("Note %03d.", i), "x")
		h.pass(time.Second)
	}
	for who, list := range map[people.ID]string{h.noor: "/desk/engagements/" + string(h.id) + "/notes", h.ana: "/portal/notes"} {
		b := h.browserFor(who)
		latest := b.ask(h.first, "GET", list, nil)
		found := regexp.MustCompile(`href="(` + list + `\?before=[^"]+)">Older notes`).FindStringSubmatch(latest.body)
		if found == nil || strings.Contains(latest.body, "Note 000.") || !strings.Contains(latest.body, "Note 001.") {
			t.Fatalf("%s: the list does not go on: %s", list, latest.page().words())
		}
		older := b.ask(h.first, "GET", found[1], nil)
		if !strings.Contains(older.body, "Note 000.") || strings.Contains(older.body, "Note 001.") || strings.Contains(older.body, "Older notes") || !strings.Contains(older.body, "The latest notes") {
			t.Errorf("%s: %s", found[1], older.page().words())
		}
		if got := b.ask(h.first, "GET", list+"?before=nothing", nil); got.status != 404 {
			t.Errorf("%s below nothing: %d", list, got.status)
		}
	}
}

func TestOnPaperANoteNamesItsReadersAndADraftNobody(t *testing.T) {
	t.Parallel()
	h := newWriters(t)
	b, joint := h.browserFor(h.noor), h.lane(h.noor, engagement.JointLane, "")
	const said = `<p class="small paper-only">This can be read by you, Ana and Ben, and by nobody else.</p>`
	if got := b.ask(h.first, "GET", h.at(h.shared(h.noor, joint, "t", "x")), nil); !strings.Contains(got.body, said) {
		t.Errorf("the readers are not named: %s", got.body)
	}
	draft, err := h.notes.Begin(h.ctx, h.noor, joint.ID, "", note.Words{Body: "x"}, once.Key{})
	h.must(err)
	if got := b.ask(h.first, "GET", h.at(draft), nil); strings.Contains(got.body, "paper-only") {
		t.Error("a draft says that others can read it")
	}
}

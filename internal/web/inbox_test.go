package web_test

import (
	"net/url"
	"strings"
	"testing"

	"kintsugi/internal/engagement"
	"kintsugi/internal/note"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// proof gives a client a second proof, so that the code alone is no longer all that
// they have.
func (h *callers) proof(who people.ID) {
	h.t.Helper()
	h.exec(`insert into passphrase (person_id, hash, made_at) values ($1, 'x', $2)`, who, h.now())
}

// Jon holds Ida's inbox. He signed how secrets are kept with her name, left the work
// for her, and took an invitation of another coach for her, for which no word is
// asked: a code from a letter was enough for each.
func TestWhoHoldsTheInboxAloneActsInNobodysName(t *testing.T) {
	t.Parallel()
	h := newCallers(t)
	at := "/portal/engagements/" + string(h.id)
	weak := h.weakly(h.ida)
	signed := func() int { return h.count(`select count(*) from policy_signature where person_id = $1`, h.ida) }
	versions, err := engagement.Policies(h.ctx, h.db, h.id)
	h.must(err)
	name := url.Values{"version": {string(versions[0].ID)}, "name": {"Ida"}}

	// Before there is a second proof, the word is asked for in the session that signs.
	if to := h.post(at+"/policy", name, weak).shows(303).path(); to != "/portal/word" || signed() != 0 {
		t.Errorf("leads to %s, and there are %d signatures", to, signed())
	}
	if body := h.get(at+"/policy", weak).shows(200).body; strings.Contains(body, `name="name"`) || !strings.Contains(body, `href="/portal/word?next=`) {
		t.Error("it is offered all the same")
	}
	h.post("/portal/word", url.Values{"word": {"harbour " + string(h.ida)[:8]}, "next": {at}}, weak).shows(303)
	if body := h.get(at+"/policy", weak).shows(200).body; !strings.Contains(body, `name="name"`) {
		t.Error("who has typed the word cannot sign")
	}

	h.proof(h.ida)
	if to := h.post(at+"/policy", name, weak).shows(303).path(); to != "/sign-in/proof" || signed() != 0 {
		t.Errorf("leads to %s, and there are %d signatures", to, signed())
	}
	if to := h.post(at+"/leave", url.Values{}, weak).shows(303).path(); to != "/sign-in/proof" {
		t.Errorf("leads to %s", to)
	}
	h.post(at+"/policy", name, h.as(h.ida)).shows(303)
	if signed() != 1 {
		t.Error("with both proofs it is not signed")
	}

	var next engagement.ID
	h.must(h.db.InTxAs(h.ctx, string(h.coach("mara").ID), func(tx *pg.Tx) (err error) {
		next, err = h.first.engagement.HandOver(h.ctx, tx, h.coach("mara"), h.id, h.coach("olu"), h.now())
		return err
	}))
	accepted := func() int {
		return h.count(`select count(*) from participant where engagement_id = $1 and person_id = $2 and state = 'accepted'`, next, h.ida)
	}
	yes := url.Values{"answer": {"yes"}, "may_email": {"yes"}, "may_call": {"yes"}, "may_leave_message": {"yes"}}
	h.get("/portal/invitations/"+string(next), weak).shows(303)
	for _, answer := range []url.Values{yes, {"answer": {"no"}}} {
		if to := h.post("/portal/invitations/"+string(next), answer, weak).shows(303).path(); to != "/sign-in/proof" {
			t.Errorf("leads to %s", to)
		}
	}
	if accepted() != 0 {
		t.Error("he is in for her")
	}
	h.post("/portal/invitations/"+string(next), yes, h.as(h.ida)).shows(303)
	if accepted() != 1 {
		t.Error("with both proofs she is not in")
	}
}

// What both read was written in her name by whoever held her inbox, and signed: a
// code from a letter was enough. It showed, too, what she had changed and not shared.
func TestWhoHoldsTheInboxAloneWritesAndSignsNoNoteInHerName(t *testing.T) {
	t.Parallel()
	h := newCallers(t)
	h.signs(h.ida)
	h.signs(h.jon)
	lanes, err := engagement.Lanes(h.ctx, h.db, h.ida, h.id)
	h.must(err)
	notes := h.notesService()
	var id, draft note.ID
	for _, l := range lanes {
		if l.Kind == engagement.JointLane {
			id, err = notes.Begin(h.ctx, h.ida, l.ID, "", note.Words{Title: "For both", Body: "As it was shared."}, once.Key{})
			h.must(err)
			h.must(notes.Share(h.ctx, h.ida, id, 1))
			draft, err = notes.Begin(h.ctx, h.ida, l.ID, "", note.Words{Title: "A draft", Body: "WRENCANARY"}, once.Key{})
			h.must(err)
		}
	}
	_, err = notes.Save(h.ctx, h.ida, id, 1, note.Words{Title: "WRENCANARY", Body: "WRENCANARY"})
	h.must(err)
	for _, proof := range []bool{false, true} {
		if proof {
			h.proof(h.ida)
		}
		weak := h.weakly(h.ida)
		at := "/portal/notes/" + string(id)
		page := h.get(at, weak).shows(200).body
		if !strings.Contains(page, "As it was shared.") || strings.Contains(page, "WRENCANARY") || strings.Contains(page, at+"/edit") {
			t.Error("the note is not as the others have it")
		}
		if list := h.get("/portal/notes", weak).shows(200).body; !strings.Contains(list, "For both") || strings.Contains(list, "WRENCANARY") || strings.Contains(list, "A draft") {
			t.Error("the list tells what was not shared")
		}
		for _, path := range []string{at + "/edit", at + "/versions", at + "/share", at + "/lock", at + "/copy", "/portal/notes/" + string(draft), "/portal/notes/" + string(draft) + "/edit"} {
			if got := h.get(path, weak).shows(303); got.path() != "/sign-in/proof" {
				t.Errorf("%s leads to %s", path, got.path())
			}
		}
		for path, form := range map[string]url.Values{"/edit": {"version": {"2"}, "title": {"x"}, "body": {"Not hers."}}, "/share": {"version": {"2"}, "agreed": {"yes"}}, "/lock": {"version": {"2"}, "name": {"Ida"}},
			"/add": {"text": {"Not hers."}}, "/discard": {}, "/together": {}, "/copy": {}} {
			if got := h.post(at+path, form, weak); got.status != 303 && got.status != 401 || strings.Contains(got.body, "WRENCANARY") {
				t.Errorf("%s: %d", path, got.status)
			}
		}
		n, err := notes.Read(h.ctx, h.ida, id)
		h.must(err)
		if n.Version != 2 || n.SharedNo != 1 || n.State() != note.Shared || n.Words.Body != "WRENCANARY" {
			t.Errorf("something was done in her name: %+v", n.Note)
		}
	}
}

// With whom somebody works, and that a space of theirs was erased, stood before
// whoever opened their inbox.
func TestWithWhomSomebodyWorksStandsBehindTheSecondProofOnceThereIsOne(t *testing.T) {
	t.Parallel()
	h := newCallers(t)
	weak := h.weakly(h.kit)
	if body := h.get("/portal", weak).shows(200).body; !strings.Contains(body, "Noor Haddad") {
		t.Error("before there is one, the work is not shown")
	}
	h.proof(h.kit)
	body := h.get("/portal", weak).shows(200).body
	if strings.Contains(body, "Noor") || !strings.Contains(body, `href="/sign-in/proof?next=%2Fportal"`) || strings.Contains(body, "Nothing is here yet") {
		t.Error(body)
	}
	ids := []string{"6f9f3a6e-52a1-4a07-9f5b-0c5b3d7a9f10"}
	h.must(h.db.Select(h.ctx, &ids, `select engagement_id::text from participant where person_id = $1`, h.kit))
	for _, id := range append(ids, "6f9f3a6e-52a1-4a07-9f5b-0c5b3d7a9f10") {
		for _, path := range []string{"", "/policy", "/leave"} {
			if to := h.get("/portal/engagements/"+id+path, weak).shows(303).path(); to != "/sign-in/proof" {
				t.Errorf("%s leads to %s", path, to)
			}
		}
	}
	if to := h.get("/portal/readers", weak).shows(303).path(); to != "/sign-in/proof" {
		t.Errorf("who can read what leads to %s", to)
	}
}

// An invitation of a coach who takes over asks for no word. Of somebody without a
// second proof it is then the word that they were told before which shows that it is
// they.
func TestAnInvitationWithoutAWordAsksForTheOneBefore(t *testing.T) {
	h := newCallers(t)
	lea := h.known("lea")
	before := h.works(lea)
	var next engagement.ID
	h.must(h.db.InTxAs(h.ctx, string(h.coach("mara").ID), func(tx *pg.Tx) (err error) {
		next, err = h.first.engagement.HandOver(h.ctx, tx, h.coach("mara"), before, h.coach("olu"), h.now())
		return err
	}))
	at, weak := "/portal/invitations/"+string(next), h.weakly(lea)
	yes := url.Values{"answer": {"yes"}, "may_email": {"yes"}, "may_call": {"yes"}, "may_leave_message": {"yes"}}
	if to := h.get(at, weak).shows(303).path(); to != "/portal/word" {
		t.Errorf("leads to %s", to)
	}
	for _, answer := range []url.Values{yes, {"answer": {"no"}}} {
		if to := h.post(at, answer, weak).shows(303).path(); to != "/portal/word" {
			t.Errorf("leads to %s", to)
		}
	}
	if to := h.post("/portal/word", url.Values{"word": {"harbour " + string(lea)[:8]}, "next": {at}}, weak).shows(303).path(); to != "/sign-in/proof" {
		t.Errorf("leads to %s", to)
	}
	h.get(at, weak).shows(200)
	h.post(at, yes, weak).shows(303)
	if n := h.count(`select count(*) from participant where engagement_id = $1 and state = 'accepted'`, next); n != 1 {
		t.Error("with the word she is not in")
	}
}

// What Ida had said of her mail, and when, stood before whoever opened her inbox; so
// did what she allowed, by which answers were taken and which were not.
func TestWhatOneSaidOfBeingReachedIsNotToldToWhoHoldsTheInbox(t *testing.T) {
	t.Parallel()
	h := newCallers(t)
	h.proof(h.ida)
	weak := h.weakly(h.ida)
	before := still(h.get("/portal/contact", weak))
	said := func(mail, call, message string) url.Values {
		return url.Values{"may_email": {mail}, "may_call": {call}, "may_leave_message": {message}}
	}
	latest := func() string {
		person, err := people.Find(h.ctx, h.db, h.ida)
		h.must(err)
		history, err := people.ContactHistory(h.ctx, h.db, person)
		h.must(err)
		return string(history[0].MayEmail + " " + history[0].MayCall + " " + history[0].MayLeave)
	}
	for _, hers := range []url.Values{said("yes", "yes", "no"), said("no", "no", "no")} {
		h.post("/portal/contact", hers, h.as(h.ida)).shows(303)
		held := latest()
		if now := still(h.get("/portal/contact", weak)); now != before {
			t.Errorf("it is told:\n%s", unlike(before, now))
		}
		for _, his := range []url.Values{said("yes", "yes", "yes"), said("no", "unknown", "no"), said("unknown", "no", "no")} {
			if to := h.post("/portal/contact", his, weak).shows(303).path(); to != "/sign-in/proof" {
				t.Errorf("%v leads to %s", his, to)
			}
		}
		if latest() != held {
			t.Errorf("%s became %s", held, latest())
		}
	}
	// A no is taken at once, and what was not said stays.
	h.post("/portal/contact", said("yes", "yes", "no"), h.as(h.ida)).shows(303)
	if to := h.post("/portal/contact", url.Values{"may_call": {"no"}}, weak).shows(303).path(); to != "/portal/contact" || latest() != "yes no no" {
		t.Errorf("leads to %s, and it is %s", to, latest())
	}
}

// A page that was left open before a no was said would have taken it back, when
// something else on it was saved.
func TestAPageThatDoesNotKnowOfANoTakesNoneBack(t *testing.T) {
	t.Parallel()
	h := newCallers(t)
	h.proof(h.ida)
	me := h.as(h.ida)
	say := func(version, mail, call, message string) answer {
		return h.post("/portal/contact", url.Values{"version": {version}, "may_email": {mail}, "may_call": {call}, "may_leave_message": {message}}, me)
	}
	version := func() string {
		return h.get("/portal/contact", me).page().form("/portal/contact").values.Get("version")
	}
	old := version()
	say(old, "no", "yes", "no").shows(303)
	refused := say(old, "yes", "no", "no").shows(409)
	if !strings.Contains(refused.body, "nothing was saved") || refused.page().form("/portal/contact").values.Get("may_email") != "no" {
		t.Errorf("what holds now is not shown: %s", refused.body)
	}
	say(old, "no", "no", "no").shows(303) // another no is taken
	say(version(), "yes", "no", "no").shows(303)
}

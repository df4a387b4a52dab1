package web_test

import (
	"net/url"
	"strings"
	"testing"

	"kintsugi/internal/engagement"
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

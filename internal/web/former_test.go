package web_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/note"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Jon left. His first page then said "together with Kit": the name of whoever had
// come after him. His copy held the text that the two were given to sign.
func TestWhoHasLeftLearnsNothingOfHowItGoesOn(t *testing.T) {
	t.Parallel()
	h := newCallers(t)
	h.works(h.jon) // his own, begun later; the order of the two must not change either
	work, noor := h.first.engagement, h.coach("noor")
	act := func(do func(tx *pg.Tx) error) {
		t.Helper()
		h.must(h.db.InTxAs(h.ctx, string(noor.ID), do))
	}
	h.signs(h.jon)
	notes := h.notesService()
	shares := func(who people.ID) note.ID {
		t.Helper()
		lanes, err := engagement.Lanes(h.ctx, h.db, who, h.id)
		h.must(err)
		for _, l := range lanes {
			if l.Kind == engagement.JointLane {
				id, err := notes.Begin(h.ctx, who, l.ID, "", note.Words{Body: "For both."}, once.Key{})
				h.must(err)
				h.must(notes.Share(h.ctx, who, id, 1))
				return id
			}
		}
		t.Fatal("there is no space for both")
		return ""
	}
	his, hers := shares(h.jon), shares(h.ida)
	for _, id := range []note.ID{his, hers} {
		h.get("/portal/notes/"+string(id), h.as(h.jon)).shows(200)
	}
	h.post("/portal/engagements/"+string(h.id)+"/leave", url.Values{}, h.as(h.jon)).shows(303)

	made := regexp.MustCompile(`"made_at": "[^"]*"`)
	look := func() map[string]string {
		t.Helper()
		seen, weak := map[string]string{}, h.weakly(h.jon)
		for _, path := range append(h.portalPages(), "/portal/forms", "/portal/sessions", "/portal/engagements/"+string(h.id)+"/policy") {
			seen[path] = still(h.get(path, h.as(h.jon)))
			seen["weak "+path] = still(h.get(path, weak))
		}
		for _, as := range []string{"json", "html"} {
			copied := h.post("/portal/export", url.Values{"as": {as}}, h.as(h.jon)).shows(200)
			seen["copy as "+as] = made.ReplaceAllString(copied.body, "")
		}
		return seen
	}
	before := look()
	steps := []struct {
		what string
		do   func()
	}{
		{"the other signs", func() { h.signs(h.ida) }},
		{"the coach looks through the notes, as before each hour with the other", func() {
			at, as := "/desk/engagements/"+string(h.id)+"/notes", h.staffAs("noor")
			h.get(at, as).shows(200)
			h.post(at+"/search", url.Values{"sought": {"both"}}, as).shows(200)
			h.get(at+"/"+string(hers), as).shows(200)
		}},
		{"another text is put before the other", func() {
			act(func(tx *pg.Tx) error {
				return work.Propose(h.ctx, tx, noor.ID, h.id, engagement.ReadyPolicyAlone("Noor"), h.now())
			})
			h.signs(h.ida)
		}},
		{"somebody else comes", func() {
			act(func(tx *pg.Tx) error {
				return work.Invite(h.ctx, tx, noor.ID, h.id, engagement.Invitee{Person: h.kit, Word: "lantern road"}, h.now())
			})
			var refused *fault.Error
			h.must(h.db.InTxAs(h.ctx, string(h.kit), func(tx *pg.Tx) (err error) {
				refused, err = work.Accept(h.ctx, tx, h.kit, h.id, "lantern road", h.now())
				return err
			}))
			if refused != nil {
				t.Fatal(refused)
			}
			h.signs(h.kit)
		}},
		{"there is a pause", func() { act(func(tx *pg.Tx) error { return work.Pause(h.ctx, tx, noor.ID, h.id, h.now()) }) }},
		{"it ends", func() { act(func(tx *pg.Tx) error { return work.End(h.ctx, tx, noor.ID, h.id, h.now()) }) }},
	}
	for _, step := range steps {
		h.pass(time.Second)
		step.do()
		for path, now := range look() {
			if now != before[path] {
				t.Errorf("%s: %s tells it:\n%s", step.what, path, unlike(before[path], now))
			}
		}
	}
	h.get("/desk/engagements/"+string(h.id)+"/notes/"+string(his), h.staffAs("noor")).shows(200)
	if body := h.get("/portal/looks", h.as(h.jon)).shows(200).body; !strings.Contains(body, "opened a note") {
		t.Error("that somebody opened what he wrote is not told")
	}
}

// signs has a client sign the newest text of the two.
func (h *callers) signs(who people.ID) {
	h.t.Helper()
	h.must(h.db.InTxAs(h.ctx, string(who), func(tx *pg.Tx) error {
		versions, err := engagement.Policies(h.ctx, tx, h.id)
		if err != nil {
			return err
		}
		return h.first.engagement.Sign(h.ctx, tx, who, h.id, versions[0].ID, "A Name", h.now())
	}))
}

// A draft that was not sent stays with whoever left. The page on which it was
// written said how those who go on keep secrets now.
func TestADraftOfWhoHasLeftSaysNothingOfWhatHoldsNow(t *testing.T) {
	t.Parallel()
	h := newCallers(t)
	h.signs(h.ida)
	h.signs(h.jon)
	lanes, err := engagement.Lanes(h.ctx, h.db, h.jon, h.id)
	h.must(err)
	var draft note.ID
	for _, l := range lanes {
		if l.Kind == engagement.IndividualLane {
			draft, err = h.notesService().Begin(h.ctx, h.jon, l.ID, "", note.Words{Body: "Not sent."}, once.Key{})
			h.must(err)
		}
	}
	at := "/portal/notes/" + string(draft) + "/edit"
	if body := h.get(at, h.as(h.jon)).shows(200).body; !strings.Contains(body, engagement.Confidential.Say()) {
		t.Error("what holds is not said where something is written")
	}
	h.post("/portal/engagements/"+string(h.id)+"/leave", url.Values{}, h.as(h.jon)).shows(303)
	before := still(h.get(at, h.as(h.jon)))
	h.must(h.db.InTxAs(h.ctx, string(h.coach("noor").ID), func(tx *pg.Tx) error {
		return h.first.engagement.Propose(h.ctx, tx, h.coach("noor").ID, h.id, engagement.ReadyPolicy(engagement.Discretion, "Noor"), h.now())
	}))
	h.signs(h.ida)
	if now := still(h.get(at, h.as(h.jon))); now != before {
		t.Error(unlike(before, now))
	}
}

// Kit was asked and said no; then Lea was asked in their place. Her invitation named
// Kit, whom she may not know of, instead of the one whom she would be in it with.
func TestAnInvitationNamesNobodyWhoSaidNoBefore(t *testing.T) {
	t.Parallel()
	h := newCallers(t)
	lea, work, noor := h.known("lea"), h.first.engagement, h.coach("noor")
	h.post("/portal/engagements/"+string(h.id)+"/leave", url.Values{}, h.as(h.jon)).shows(303)
	asked := func(who people.ID, word string) {
		h.pass(time.Second)
		h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) error {
			return work.Invite(h.ctx, tx, noor.ID, h.id, engagement.Invitee{Person: who, Word: word}, h.now())
		}))
	}
	asked(h.kit, "lantern road")
	h.post("/portal/invitations/"+string(h.id), url.Values{"answer": {"no"}}, h.as(h.kit)).shows(303)
	asked(lea, "harbour wall")
	h.held[lea] = h.signedIn(lea)
	body := h.get("/portal/invitations/"+string(h.id), h.as(lea)).shows(200).body
	if !strings.Contains(body, "Idacanary") || strings.Contains(body, "Kitcanary") || strings.Contains(body, "Joncanary") {
		t.Error(body)
	}
}

package web_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/engagement"
	"kintsugi/internal/payment"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

// fieldWatch puts ids of somebody else's things into the fields of forms.
type fieldWatch struct {
	*staffed
	asked int
}

// state is all that the database holds, but for what a visit leaves behind: a
// session that was seen, tries that were counted, the record of refusals.
func (w *fieldWatch) state() map[string]string {
	w.t.Helper()
	var tables []string
	w.must(w.db.Select(w.ctx, &tables, `select tablename from pg_tables where schemaname = 'public' order by 1`))
	held := map[string]string{}
	for _, table := range tables {
		if slices.Contains([]string{"session", "rate", "audit", "goose_db_version"}, table) || strings.Contains(table, "limit") {
			continue
		}
		var sum string
		if err := w.db.Get(w.ctx, &sum, fmt.Sprintf(`select coalesce(md5(string_agg(md5(cast(t as text)), '' order by md5(cast(t as text)))), '') from %s t`, table)); err != nil {
			continue // not for the app to read
		}
		held[table] = sum
	}
	return held
}

// alike posts a form with each of the ids in a field, and finds the answer, and
// what it leaves, like those to an id that nothing has.
func (w *fieldWatch) alike(who, cookie, path string, form url.Values, field string, ids ...string) {
	w.t.Helper()
	ask := func(id string) (string, map[string]string) {
		w.t.Helper()
		f := url.Values{}
		for name, values := range form {
			f[name] = slices.Clone(values)
		}
		f.Set(field, id)
		f.Set("op", w.first.guard.NewOp(w.now().Add(-time.Minute)))
		got := w.fetch("POST", path, cookie, f)
		w.asked++
		if got.status >= 500 {
			w.t.Errorf("%s: POST %s with %s=%s: %d", who, path, field, id, got.status)
		}
		text := fmt.Sprintln(got.status, got.header.Get("Location"), withoutIDs(strings.ReplaceAll(got.body, id, madeUpID)))
		return strings.ReplaceAll(text, id, madeUpID), w.state()
	}
	like, _ := ask(madeUpID)
	for _, id := range ids {
		before := w.state()
		got, after := ask(id)
		if got != like {
			w.t.Errorf("%s: POST %s tells of %s=%s:\n%s\n--- and made up:\n%s", who, path, field, id, changed(like, got), changed(got, like))
		}
		for table := range before {
			if before[table] != after[table] {
				w.t.Errorf("%s: POST %s with %s=%s changes %s", who, path, field, id, table)
			}
		}
	}
}

// A form can be sent with any id in its fields. With that of a partner's thing,
// of another couple's, of another coach's, the answer is that to one made up.
func TestAnIDInAFieldOpensNoMoreThanOneInAnAddress(t *testing.T) {
	t.Parallel()
	h := staff(t, false)
	h.clientGround()
	h.apply(`appointment_types: [{slug: couple, coaches: [noor, olu]}, {slug: single, coaches: [noor, olu]}]`)
	h.apply(`packages: [{slug: two-three, name: Three for two, sessions: 3, appointment_types: [couple], price: 300.00}]`)
	w := &fieldWatch{staffed: h}
	c, far := h.newCouple("Wren", 0, true), h.newCouple("Finch", 1, true)
	olu := h.coach("olu")
	var eva people.ID
	var olus engagement.ID
	h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) (err error) {
		if eva, _, err = people.FindOrCreate(h.ctx, tx, "eva@example.com", "Eva", "Europe/London", true, h.now()); err != nil {
			return err
		}
		if err = people.HandTo(h.ctx, tx, eva, olu.ID, olu.ID, h.now()); err != nil {
			return err
		}
		if olus, err = h.first.engagement.Start(h.ctx, tx, olu.ID, []engagement.Invitee{{Person: eva, Word: "linden one"}}, engagement.ReadyPolicyAlone("Olu"), h.now()); err != nil {
			return err
		}
		_, err = h.first.engagement.Accept(h.ctx, tx, eva, olus, "linden one", h.now())
		return err
	}))
	var lots []string
	h.must(h.db.Select(h.ctx, &lots, `select cast(id as text) from credit_lot order by id`))
	var wallets []string
	h.must(h.db.Select(h.ctx, &wallets, `select cast(id as text) from wallet order by id`))
	var sessions []string
	h.signedIn(c.a)
	h.must(h.db.Select(h.ctx, &sessions, `select cast(id as text) from session where person_id = $1`, c.a))
	all := func(of ...map[string]string) (list []string) {
		for _, one := range of {
			for _, id := range one {
				list = append(list, id)
			}
		}
		slices.Sort(list)
		return list
	}
	asText := func(c *couple) (lanes, notes, sheets, bookings map[string]string) {
		lanes, notes, sheets, bookings = map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}
		for k, v := range c.laneOf {
			lanes[k] = string(v)
		}
		lanes["personalA"] = string(c.personalID)
		for k, v := range c.notes {
			notes[k] = string(v)
		}
		for k, v := range c.sheets {
			sheets[k] = string(v)
		}
		for k, v := range c.bookings {
			bookings[k] = string(v)
		}
		return
	}
	lanes, notes, sheets, bookings := asText(c)
	farLanes, farNotes, farSheets, farBookings := asText(far)
	var policies, consents []string
	h.must(h.db.Select(h.ctx, &policies, `select cast(id as text) from secrets_policy where engagement_id <> $1`, c.id))
	h.must(h.db.Select(h.ctx, &consents, `select cast(id as text) from sheet_signature`))
	two, err := practice.FindAnyPackage(h.ctx, h.db, "two-three")
	h.must(err)
	_, terms, err := payment.TermsOf(h.ctx, h.db, two.VersionID)
	h.must(err)

	hers := map[string]string{}
	for kind, id := range lanes {
		if strings.HasSuffix(kind, "A") || kind == "coach" {
			hers[kind] = id
		}
	}
	notHis := all(hers, farLanes)
	ben := h.signedIn(c.b)
	at := "/portal/notes/" + notes["bAlone"]
	w.alike("partner", ben, "/portal/notes", url.Values{"title": {"x"}, "body": {"x"}}, "lane", notHis...)
	w.alike("partner", ben, at+"/copy", url.Values{"agreed": {"yes"}, "version": {"1"}}, "lane", notHis...)
	w.alike("partner", ben, "/portal/forms/"+sheets["bSheet"]+"/pass-on", url.Values{}, "to", notHis...)
	w.alike("partner", ben, "/portal/forms/"+sheets["bSheet"]+"/consents", url.Values{}, "consent", append(consents, all(sheets, notes)...)...)
	w.alike("partner", ben, "/portal/erase", url.Values{"sure": {"yes"}}, "lane", notHis...)
	w.alike("partner", ben, "/portal/engagements/"+string(c.id)+"/policy", url.Values{"name": {"Ben"}}, "version", policies...)
	start := hour(40).Format(time.RFC3339)
	for _, typ := range []string{"couple", "single"} {
		w.alike("partner", ben, "/portal/bookings", url.Values{"type": {typ}, "start": {start}, "timezone": {"Europe/London"}}, "engagement", string(far.id), string(olus))
	}
	w.alike("partner", ben, "/portal/orders", url.Values{"version": {string(two.VersionID)}, "package": {"two-three"}, "begin": {"yes"}, "agreed": {terms.Hash}}, "engagement", string(far.id), string(olus))
	w.alike("partner", ben, "/portal/orders", url.Values{"begin": {"yes"}}, "package", string(c.offer), string(far.offer))
	w.alike("partner", ben, "/portal/orders", url.Values{"begin": {"yes"}, "version": {string(two.VersionID)}}, "package", string(c.offer), string(far.offer), string(c.order))
	w.alike("partner", ben, "/sign-in/sessions/end", url.Values{}, "session", sessions...)
	for _, field := range []string{"order", "wallet", "lot", "person", "booking", "for"} {
		w.alike("partner", ben, "/portal/orders/"+string(c.bOrder)+"/pay", url.Values{"part": {"2"}}, field, append(slices.Clone(lots), string(c.order), string(c.a), bookings["a"])...)
	}

	kit, ash := h.signedIn(olu.ID), h.signedIn(h.coach("ash").ID)
	persons := []string{string(c.a), string(c.b), string(far.a), string(far.b)}
	in := "/desk/engagements/" + string(olus)
	start2 := url.Values{"with": {"one"}, "word_1": {"a word of ours"}, "policy_text_alone": {"Between us."}}
	w.alike("other coach", kit, "/desk/engagements/new", start2, "person", persons...)
	start2 = url.Values{"with": {"two"}, "person": {string(eva)}, "word_1": {"a word of ours"}, "word_2": {"another word"}, "policy": {"none"}, "policy_text_none": {"Open."}}
	w.alike("other coach", kit, "/desk/engagements/new", start2, "second", persons...)
	invite := url.Values{"word": {"a word of ours"}, "told": {"yes"}, "policy": {"none"}, "policy_text_none": {"Open."}}
	w.alike("other coach", kit, in+"/invite", invite, "second", persons...)
	w.alike("other coach", kit, in+"/invite", invite, "person", persons...)
	for _, act := range []string{"/withdraw", "/word", "/restore"} {
		w.alike("other coach", kit, in+act, url.Values{"word": {"a word of ours"}}, "person", persons...)
		w.alike("other coach", kit, in+act, url.Values{"word": {"a word of ours"}, "act": {"call-off"}}, "person", persons...)
	}
	for _, path := range []string{in + "/sessions", "/desk/people/" + string(eva) + "/sessions"} {
		w.alike("other coach", kit, path, url.Values{"act": {"give"}, "types": {"single"}, "sessions": {"2"}, "reason": {"x"}}, "holder", append(slices.Clone(persons), string(c.id), string(far.id))...)
		for _, act := range []string{"adjust", "extend"} {
			w.alike("other coach", kit, path, url.Values{"act": {act}, "way": {"add"}, "amount": {"1"}, "sessions": {"1"}, "until": {"2027-12-01"}, "reason": {"x"}}, "lot", append(slices.Clone(lots), wallets...)...)
		}
	}
	w.alike("other coach", kit, in+"/notes", url.Values{}, "lane", all(lanes, farLanes)...)
	own, err := engagement.Lanes(h.ctx, h.db, olu.ID, olus)
	h.must(err)
	w.alike("other coach", kit, in+"/forms", url.Values{"form": {"alone"}}, "to", persons...)
	w.alike("other coach", kit, "/desk/people/"+string(eva)+"/join", url.Values{}, "other", persons...)
	w.alike("other coach", kit, "/desk/people/"+string(eva)+"/packages", url.Values{"act": {"take"}}, "offer", string(c.offer), string(far.offer))
	w.alike("other coach", kit, "/desk/people/"+string(eva)+"/packages", url.Values{"act": {"withdraw"}}, "offer", string(c.offer), string(far.offer))
	w.alike("other coach", kit, "/desk/people/"+string(eva)+"/packages", url.Values{"act": {"give"}, "package": {"two-three"}, "reason": {"x"}}, "engagement", string(c.id), string(far.id))
	w.alike("other coach", kit, "/desk/book", url.Values{"type": {"single"}, "coach": {"noor"}, "start": {start}, "for": {string(c.a)}}, "engagement", string(c.id), string(far.id))
	w.alike("other coach", kit, "/desk/book", url.Values{"type": {"couple"}, "coach": {"olu"}, "start": {start}}, "engagement", string(c.id), string(far.id))
	w.alike("other coach", kit, "/desk/book", url.Values{"type": {"single"}, "coach": {"olu"}, "start": {start}, "engagement": {string(olus)}}, "for", persons...)
	for _, who := range []struct{ name, cookie string }{{"other coach", kit}, {"assistant", ash}} {
		for _, field := range []string{"person", "booking", "order", "id", "lane", "note", "engagement"} {
			w.alike(who.name, who.cookie, "/desk/people/"+string(eva)+"/note", url.Values{"version": {"9"}, "note": {"x"}}, field, append(persons, bookings["a"], string(c.order))...)
		}
		w.alike(who.name, who.cookie, "/desk/note-templates", url.Values{"name": {"x"}, "body": {"x"}, "act": {"remove"}}, "id", all(notes, farNotes)...)
		w.alike(who.name, who.cookie, "/desk/again", url.Values{}, "job", all(sheets, farSheets, bookings, farBookings)...)
	}
	// A second coach's note about an hour that is another's.
	var coachLane string
	for _, l := range own {
		if l.Kind == engagement.CoachLane {
			coachLane = string(l.ID)
		}
	}
	got := func(about string) answer {
		a := h.fetch("POST", in+"/notes", kit, url.Values{"lane": {coachLane}, "booking": {about}, "op": {h.first.guard.NewOp(h.now().Add(-time.Minute))}})
		if a.status == 303 {
			return h.fetch("GET", a.header.Get("Location"), kit, nil)
		}
		return a
	}
	made := withoutIDs(got(madeUpID).body)
	for _, id := range all(bookings, farBookings) {
		if now := withoutIDs(got(id).body); now != made {
			t.Errorf("a note about another's hour: %s", changed(made, now))
		}
	}
	t.Logf("%d requests", w.asked)
}

package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

// staffAs sends what the browser of somebody of the practice holds.
func (h *callers) staffAs(slug string) func(*http.Request) {
	held := h.signedIn(h.coach(slug).ID)
	return func(r *http.Request) { r.Header.Set("Cookie", "kintsugi="+held) }
}

func (h *callers) act(pairs ...string) url.Values {
	f := url.Values{"op": {h.first.guard.NewOp(h.now())}}
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return f
}

// PAY-43: a new line with its reason and author, and the number shown is the sum.
func TestACoachChangesSessionsByLinesWithAReason(t *testing.T) {
	h := newSessions(t)
	h.paid(h.both(), 2, 30)
	h.paid(credit.Holder{Person: h.ida}, 1, 0)
	noor := h.staffAs("noor")
	page := "/desk/engagements/" + string(h.id) + "/sessions"
	body := h.get(page, noor).shows(200).body
	says(t, "the page", body, "For both", "For Idacanary alone", "For Joncanary alone", "2 sessions left", "1 session left", "Give sessions")
	var lot string
	h.must(h.db.Get(h.ctx, &lot, `select l.id from credit_lot l join wallet w on w.id = l.wallet_id where w.engagement_id is not null`))
	add := h.act("act", "adjust", "lot", lot, "way", "add", "amount", "2", "reason", "the line was bad")
	h.post(page, add, noor).shows(303)
	h.post(page, add, noor).shows(303) // sent twice
	refused := h.post(page, h.act("act", "adjust", "lot", lot, "way", "take", "amount", "9", "reason", "typed before"), noor).shows(422).body
	says(t, "the refusal", refused, "Only 4 sessions are left here", `value="9"`, `value="typed before"`, "amount-"+lot)
	h.post(page, h.act("act", "adjust", "lot", lot, "way", "take", "amount", "1", "reason", ""), noor).shows(422)
	h.post(page, h.act("act", "extend", "lot", lot, "until", "2026-12-08", "reason", "illness"), noor).shows(422)
	h.post(page, h.act("act", "extend", "lot", lot, "until", "2027-06-01", "reason", "illness"), noor).shows(303)
	h.post(page, h.act("act", "give", "holder", "both", "types", "alone", "sessions", "1", "reason", "x"), noor).shows(422)
	h.post(page, h.act("act", "give", "holder", string(h.kit), "types", "alone", "sessions", "1", "reason", "x"), noor).shows(422)
	h.post(page, h.act("act", "give", "holder", string(h.jon), "types", "alone", "sessions", "3", "reason", "a welcome"), noor).shows(303)
	h.post(page, h.act("act", "adjust", "lot", "00000000-0000-0000-0000-000000000000", "amount", "1", "reason", "x"), noor).shows(404)
	says(t, "the page after", h.get(page, noor).shows(200).body, "Changed by Noor: the line was bad", "Made to last longer, until Tuesday 1 June 2027: illness", "3 sessions left", "Given by Noor: a welcome", "&#43;2")
	idas := h.get("/portal/sessions", h.as(h.ida)).shows(200).body
	says(t, "Ida’s page", idas, "4 sessions left", "Changed by Noor: the line was bad")
	if strings.Contains(idas, "a welcome") {
		t.Error("she reads of his")
	}
	says(t, "Jon’s page", h.get("/portal/sessions", h.as(h.jon)).shows(200).body, "3 sessions left", "Given by Noor: a welcome")
	var wrong int
	h.must(h.db.Get(h.ctx, &wrong, `select count(*) from credit_lot l where l.remaining <> (select sum(amount) from credit_movement m where m.lot_id = l.id)`))
	if wrong != 0 {
		t.Error("what is shown is not the sum")
	}
	// On the pages that lead there, and for the office numbers and days alone.
	says(t, "the work", h.get("/desk/engagements/"+string(h.id), noor).shows(200).body, "For both: 4 sessions left, until Tuesday 1 June 2027", "For Joncanary alone: 3 sessions left")
	says(t, "the person", h.get("/desk/people/"+string(h.ida), noor).shows(200).body, "For Idacanary alone: 1 session left")
	for _, slug := range []string{"mara", "ash"} {
		body := h.get(page, h.staffAs(slug)).shows(200).body
		says(t, slug, body, "4 sessions left", "Changed by Noor")
		if strings.Contains(body, "the line was bad") || strings.Contains(body, "a welcome") || strings.Contains(body, "Give these sessions") || strings.Contains(body, "Change them") {
			t.Errorf("%s reads the reasons, or can change something", slug)
		}
		h.post(page, h.act("act", "give", "holder", "both", "types", "paid", "sessions", "1", "reason", "x"), h.staffAs(slug)).shows(404)
	}
	h.get(page, h.staffAs("olu")).shows(404)
	if body := h.get("/desk/people/"+string(h.ida)+"/sessions", h.staffAs("olu")); body.status != 404 {
		t.Errorf("another coach: %d", body.status)
	}
}

func TestTheCoachBooksWithOneOfTheirSessionsAndGivesItBack(t *testing.T) {
	h := newSessions(t)
	noor := h.staffAs("noor")
	at := "/desk/book?type=paid&engagement=" + string(h.id)
	says(t, "without any", h.get(at, noor).shows(200).body, "0 sessions left for both", `value="no" checked`)
	form := h.act("type", "paid", "coach", "noor", "engagement", string(h.id), "start", hour(12).Format(time.RFC3339), "use", "yes")
	says(t, "the refusal", h.post("/desk/book", form, noor).shows(409).body, "There is no session left that can be used for this.", `value="yes" checked`)
	h.paid(h.both(), 1, 0)
	says(t, "with one", h.get(at, noor).shows(200).body, "1 session left for both", `value="yes" checked`)
	form.Set("op", h.first.guard.NewOp(h.now()))
	made := h.post("/desk/book", form, noor).shows(303).path()
	says(t, "the call", h.get(made, noor).shows(200).body, "It uses 1 session of theirs.", "They can move or cancel it freely until Monday 7 December, 12:00")
	says(t, "asking to cancel", h.get(made+"?do=cancel", noor).shows(200).body, "can be used again")
	h.turnTo(hour(12))
	noor = h.staffAs("noor")
	h.post(made+"/no-show", url.Values{}, noor).shows(303)
	says(t, "nobody came", h.get(made, noor).shows(200).body, "The session that it was booked with counts as used.", "Give the session back")
	says(t, "without a word", h.post(made+"/give-back", h.act("reason", ""), noor).shows(422).body, "Say in a few words why")
	h.post(made+"/give-back", h.act("reason", "a storm"), h.staffAs("mara")).shows(404)
	h.post(made+"/give-back", h.act("reason", "a storm"), noor).shows(303)
	h.post(made+"/give-back", h.act("reason", "a storm"), noor).shows(409)
	body := h.get(made, noor).shows(200).body
	says(t, "given back", body, "The session that it was booked with can be used again.")
	if strings.Contains(body, "Give the session back") {
		t.Error("it can be given back twice")
	}
}

func TestTheCoachIsRemindedOfSessionsThatRest(t *testing.T) {
	h := newSessions(t)
	h.paid(h.both(), 2, 0)
	const say = "Idacanary and Joncanary: 2 sessions left"
	reminded := func(slug string) bool { return strings.Contains(h.get("/desk", h.staffAs(slug)).shows(200).body, say) }
	if reminded("noor") {
		t.Error("at once")
	}
	h.pass(practice.DefaultRestDays * 24 * time.Hour)
	if !reminded("noor") || reminded("mara") || reminded("ash") {
		t.Error("not the coach alone, after three weeks")
	}
	says(t, "the day", h.get("/desk", h.staffAs("noor")).shows(200).body, "Nothing has happened with these for 21 days.")
}

// Ida works with two coaches, and both can use her sessions: the second read when
// she had met the first.
func TestAnotherCoachOfTheSameClientReadsNoHourOfTheFirst(t *testing.T) {
	h := newSessions(t)
	h.apply("appointment_types: [{slug: alone, coaches: [noor, olu]}]")
	h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) error {
		id, err := h.first.engagement.Start(h.ctx, tx, h.coach("olu").ID, []engagement.Invitee{{Person: h.ida, Word: "harbour"}}, engagement.ReadyPolicy(engagement.Confidential, "Olu"), h.now())
		if err != nil {
			return err
		}
		_, err = h.first.engagement.Accept(h.ctx, tx, h.ida, id, "harbour", h.now())
		return err
	}))
	h.paid(credit.Holder{Person: h.ida}, 3, 0)
	h.post("/portal/bookings", h.newCall("alone", hour(12)), h.as(h.ida)).shows(303)
	page := "/desk/people/" + string(h.ida) + "/sessions"
	says(t, "the first", h.get(page, h.staffAs("noor")).shows(200).body, "2 of 3 sessions left", "Booked: A paid hour alone")
	body := h.get(page, h.staffAs("olu")).shows(200).body
	says(t, "the second", body, "2 of 3 sessions left", "Booked")
	if strings.Contains(body, "Booked: ") || strings.Contains(body, "12:00") || strings.Contains(body, "/desk/bookings/") {
		t.Errorf("the second reads an hour of the first: %s", body)
	}
}

package web_test

import (
	"net/url"
	"strings"
	"testing"

	"kintsugi/internal/engagement"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

func TestAFormIsPassedOnToTheCoachWhoTookOverFromItsPage(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	id := p.send("safety", p.alex)[p.alex]
	alex, sam := p.as(p.alex), p.as(p.sam)
	alex.fill(id, "send", "goal", "To be heard.", "agree", "yes", "sign", "Alex Stone").shows(303)
	at := "/portal/forms/" + string(id)
	if strings.Contains(alex.get(at).shows(200).body, "pass-on") {
		t.Error("offered although nobody took over")
	}
	rooms := p.first.engagement
	p.must(p.db.InTxAs(p.ctx, string(p.coach("noor").ID), func(tx *pg.Tx) error {
		next, err := rooms.HandOver(p.ctx, tx, p.coach("noor"), p.work, p.coach("mara"), p.now())
		if err != nil {
			return err
		}
		for _, person := range []people.ID{p.alex, p.sam} {
			if refused, err := rooms.Accept(p.ctx, tx, person, next, "", p.now()); refused != nil || err != nil {
				t.Fatal(refused, err)
			}
		}
		p.work = next
		return nil
	}))
	page := alex.get(at).shows(200)
	words := page.page().words()
	reader := p.coach("mara").Name + " (your coach), and by nobody else."
	if !strings.Contains(words, "The copy. This can be read by you and "+reader) {
		t.Fatalf("who would read it is not named: %s", words)
	}
	var to string
	p.must(p.db.Get(p.ctx, &to, `select id::text from lane where engagement_id = $1 and kind = $2 and person_id = $3`, p.work, engagement.SafetyLane, p.alex))
	before := still(sam.get("/portal/forms"))
	form := url.Values{"to": {to}, "op": {hiddenIn(page.body, "op")}}
	sam.post(at+"/pass-on", form).shows(404)
	alex.post(at+"/pass-on", url.Values{"to": {"elsewhere"}}).shows(409)
	passed := alex.post(at+"/pass-on", form).shows(303).path()
	if passed == at || !strings.HasPrefix(passed, "/portal/forms/") {
		t.Fatalf("leads to %s", passed)
	}
	if again := alex.post(at+"/pass-on", form).shows(303).path(); again != passed {
		t.Errorf("twice: %s, then %s", passed, again)
	}
	if words := alex.get(passed).shows(200).page().words(); !strings.Contains(words, "To be heard.") || !strings.Contains(words, "Passed on to this coach") {
		t.Errorf("%s", words)
	}
	if words := alex.get(at).shows(200).page().words(); !strings.Contains(words, "You passed this on") || strings.Contains(words, "Pass it on to") {
		t.Errorf("%s", words)
	}
	sam.get(passed).shows(404)
	if after := still(sam.get("/portal/forms")); after != before {
		t.Error("the other's page has changed")
	}
	sheet := strings.TrimPrefix(passed, "/portal/forms/")
	mara := p.as(p.coach("mara").ID)
	if words := mara.get("/desk/engagements/" + string(p.work) + "/forms/" + sheet).shows(200).page().words(); !strings.Contains(words, "passed on to you") {
		t.Errorf("%s", words)
	}
	p.as(p.coach("noor").ID).get("/desk/engagements/" + string(p.work) + "/forms/" + sheet).shows(404)
}

func hiddenIn(body, name string) string {
	at := strings.Index(body, "/pass-on")
	if at < 0 {
		return ""
	}
	for _, m := range hiddenInput.FindAllStringSubmatch(body[at:], -1) {
		if m[1] == name {
			return m[2]
		}
	}
	return ""
}

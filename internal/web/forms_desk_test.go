package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/intake"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
)

func TestACoachSendsAFormSeesHowItStandsAndReadsWhatChanged(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	noor := p.as(p.coach("noor").ID)
	at := "/desk/engagements/" + string(p.work) + "/forms"
	page := noor.get(at).shows(200)
	for _, want := range []string{"Nothing has been sent yet", "What we both want", "goes to both", "opens at once"} {
		if !strings.Contains(page.page().words(), want) {
			t.Errorf("%q is missing", want)
		}
	}
	op := p.first.guard.NewOp(p.now())
	refused := noor.post(at, url.Values{"op": {op}, "form": {"before"}, "due_on": {"2026-12-20"}}).shows(422)
	if refused.page().id("to-problem") == nil || !strings.Contains(refused.body, `value="2026-12-20"`) || !strings.Contains(refused.body, `value="before" checked`) {
		t.Errorf("%s", refused.page().words())
	}
	form := url.Values{"op": {op}, "form": {"before"}, "to": {string(p.alex), string(p.sam)}, "due_on": {"2026-12-20"}}
	for range 2 {
		noor.post(at, form).shows(303)
	}
	var ids []intake.ID
	p.must(pgtest.Owner(t).Select(p.ctx, &ids, `select id from sheet where person_id = $1`, p.alex))
	if len(ids) != 1 {
		t.Fatalf("a double click sent %d", len(ids))
	}
	alex := p.as(p.alex)
	if words := alex.get("/portal/forms/" + string(ids[0])).shows(200).page().words(); !strings.Contains(words, "Please send it by Sunday 20 December 2026") {
		t.Errorf("%s", words)
	}
	if words := alex.get("/portal").shows(200).page().words(); !strings.Contains(words, "Before we start") {
		t.Errorf("not on the first page: %s", words)
	}
	alex.fill(ids[0], "save", "goal", "WRENCANARY").shows(303)
	words := noor.get(at).shows(200).page().words()
	if !strings.Contains(words, "Not answered yet, asked for by 20 December") || strings.Contains(words, "WRENCANARY") {
		t.Errorf("%s", words)
	}
	noor.get(at + "/" + string(ids[0])).shows(404)
	alex.fill(ids[0], "send", "goal", "Peace", "close", "2", "agree", "yes", "sign", "Alex Stone").shows(303)
	p.pass(10 * time.Minute)
	change := alex.typed(alex.get("/portal/forms/"+string(ids[0])+"/change").shows(200), "goal", "Peace and quiet", "close", "5", "agree", "yes", "sign", "Alex Stone")
	change.Set("act", "send")
	alex.post("/portal/forms/"+string(ids[0]), change).shows(303)
	words = noor.get(at + "/" + string(ids[0])).shows(200).page().words()
	for _, want := range []string{"What changed", "Peace and quiet", "2 of 5", "5 of 5", "The answers speak of ease.", "Ease between you", "Alex Stone, alex@example.com", "Unchanged since they were signed", "can see that you looked"} {
		if !strings.Contains(words, want) {
			t.Errorf("%q is missing in: %s", want, words)
		}
	}
	if words := noor.get(at + "/" + string(ids[0]) + "?version=1").shows(200).page().words(); !strings.Contains(words, "older version") || !strings.Contains(words, "strain") || strings.Contains(words, "What changed") {
		t.Errorf("%s", words)
	}
	for _, none := range []string{"?version=3", "?version=0", "?version=x", "?version=99999999999999999999"} {
		noor.get(at + "/" + string(ids[0]) + none).shows(404)
	}
	if n := p.count(`select count(*) from audit where act = 'form answers read' and actor = $1`, p.coach("noor").ID); n != 2 {
		t.Errorf("%d looks are on record, of 2", n)
	}
	if words := alex.get("/portal/looks").shows(200).page().words(); strings.Count(words, "Noor Haddad") != 2 || !strings.Contains(words, "read answers to a form") {
		t.Errorf("who looked: %s", words)
	}
	if words := p.as(p.sam).get("/portal/looks").shows(200).page().words(); strings.Contains(words, "read answers") {
		t.Errorf("the partner is told of a look: %s", words)
	}
	// Taken back: not what was answered.
	noor.post(at+"/"+string(ids[0])+"/withdraw", url.Values{}).shows(409)
	var sams intake.ID
	p.must(pgtest.Owner(t).Get(p.ctx, &sams, `select id from sheet where person_id = $1`, p.sam))
	noor.post(at+"/"+string(sams)+"/withdraw", url.Values{}).shows(303)
	if words := p.as(p.sam).get("/portal/forms/" + string(sams)).shows(200).page().words(); !strings.Contains(words, "taken this form back") {
		t.Errorf("%s", words)
	}
}

// What is between clients and their coach is nobody else's of the practice, the
// owner included, and another engagement's address opens nothing.
func TestOnlyTheCoachOfAnEngagementFindsItsForms(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	id := p.send("before", p.alex)[p.alex]
	p.as(p.alex).fill(id, "send", "goal", "WRENCANARY").shows(303)
	at := "/desk/engagements/" + string(p.work) + "/forms"
	for _, slug := range []string{"mara", "olu", "ash"} {
		b := p.as(p.coach(slug).ID)
		for _, path := range []string{at, at + "/" + string(id)} {
			b.get(path).shows(404)
		}
		b.post(at, url.Values{"form": {"before"}, "to": {string(p.sam)}}).shows(404)
		b.post(at+"/"+string(id)+"/withdraw", url.Values{}).shows(404)
	}
	for _, who := range []people.ID{p.alex, p.sam} {
		p.as(who).get(at + "/" + string(id)).shows(404)
	}
	var cleo, dia people.ID
	p.make("Cleo", &cleo)
	p.make("Dia", &dia)
	other := p.engage(cleo, dia)
	noor := p.as(p.coach("noor").ID)
	noor.get("/desk/engagements/" + string(other) + "/forms/" + string(id)).shows(404)
	noor.post("/desk/engagements/"+string(other)+"/forms/"+string(id)+"/withdraw", url.Values{}).shows(404)
	noor.post("/desk/engagements/"+string(other)+"/forms", url.Values{"form": {"before"}, "to": {string(p.alex)}}).shows(422)
	if n := p.count(`select count(*) from audit where act = 'form answers read'`); n != 0 {
		t.Errorf("%d looks", n)
	}
}

// The coach looked at what one of two had answered to a form for both. The
// partner must not learn of it, and the one who answered must.
func TestALookAtAFormForBothIsToldToWhomItIsTheirs(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	joint := p.send("together")
	p.as(p.alex).fill(joint[p.alex], "send", "goal", "A house").shows(303)
	page := p.as(p.coach("noor").ID).get("/desk/engagements/" + string(p.work) + "/forms/" + string(joint[p.alex])).shows(200)
	if !strings.Contains(page.page().words(), "do not mention") {
		t.Errorf("%s", page.page().words())
	}
	if words := p.as(p.alex).get("/portal/looks").shows(200).page().words(); !strings.Contains(words, "read answers to a form") {
		t.Errorf("%s", words)
	}
	if words := p.as(p.sam).get("/portal/looks").shows(200).page().words(); strings.Contains(words, "read answers to a form") {
		t.Errorf("%s", words)
	}
}

func TestAnHourOfTheirOwnSendsWhatIsSentWithTheFirstOne(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	p.must(p.db.InTx(p.ctx, func(tx *pg.Tx) error {
		for _, slug := range []string{"before", "together"} {
			f, err := practice.FindForm(p.ctx, tx, slug)
			if err != nil {
				return err
			}
			f.SendOn = practice.FirstBooking
			if err := practice.SaveForm(p.ctx, tx, f, "", p.now()); err != nil {
				return err
			}
		}
		return nil
	}))
	noor := booking.Viewer{ID: p.coach("noor").ID, Role: people.Member}
	book := func(hour int, kind string, of people.ID) {
		t.Helper()
		_, err := p.booking.BookSession(p.ctx, noor, booking.Session{Type: kind, Coach: "noor", Start: monday.Truncate(24*time.Hour).AddDate(0, 0, 2).Add(time.Duration(hour) * time.Hour),
			Engagement: p.work, For: of, Phone: "+44 20 7946 0000"}, []booking.Rule{booking.RuleHours})
		p.must(err)
	}
	names := func(who people.ID) string {
		var list []string
		p.must(pgtest.Owner(t).Select(p.ctx, &list, `
			select v.name from sheet s join form_version v on v.form_id = s.form_id and v.version = s.form_version where s.person_id = $1 order by 1`, who))
		return fmt.Sprint(list)
	}
	book(9, "meet", p.alex)
	book(10, "meet", p.alex)
	if a, s := names(p.alex), names(p.sam); a != "[Before we start]" || s != "[]" {
		t.Errorf("%s and %s", a, s)
	}
}

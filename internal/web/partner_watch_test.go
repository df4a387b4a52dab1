package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/intake"
	"kintsugi/internal/note"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

// watchGround is what two who work with a coach can be asked and sold.
const watchGround = `
appointment_types:
  - {slug: alone, name: A paid hour alone, duration: 60m, place: video, horizon: 300d, lane: individual, credits: 1, coaches: [noor, olu]}
packages:
  - {slug: two-three, name: Three for two, sessions: 3, appointment_types: [paid], price: 300.00}
  - {slug: one-three, name: Three for one, sessions: 3, appointment_types: [alone], price: 300.00}
  - {slug: quiet, name: For Ida alone, sessions: 1, appointment_types: [alone], price: 77.77, visibility: link}
  - {slug: quiet-two, name: For Ida and whom she likes, sessions: 1, appointment_types: [paid], price: 66.66, visibility: link}
forms:
  - {slug: alone, name: Before we start, lane: individual, send_on: manual, questions: &asked [{key: goal, label: What would you like?, type: long_text, required: true}]}
  - {slug: safe, name: How to reach you, lane: safety, send_on: manual, questions: *asked}
  - {slug: both, name: Your own view, lane: joint, send_on: manual, questions: *asked}
  - {slug: booked, name: After a first hour, lane: individual, send_on: first_booking, questions: *asked}
  - {slug: bought, name: After a first purchase, lane: individual, send_on: first_purchase, questions: *asked}
  - {slug: bought-safe, name: After it about safety, lane: safety, send_on: first_purchase, questions: *asked}
  - {slug: bought-both, name: After a purchase for both, lane: joint, send_on: first_purchase, questions: *asked}
`

// watch is a couple of whom Jon looks at everything that he can fetch.
type watch struct {
	*callers
	t      *testing.T
	sheets map[people.ID]intake.ID // of the form for both
	joint  booking.Booking
	shared note.ID
	hers   note.ID // Ida's, read by both
	jons   string  // the link of the call for both
	feed   string
	was    map[string]string

	inboxOf people.ID // whose inbox the one who looks holds, and nothing else; empty for Jon with what is his
}

func newWatch(t *testing.T, before ...func(w *watch)) *watch {
	t.Helper()
	w := &watch{callers: newCallers(t), t: t, sheets: map[people.ID]intake.ID{}}
	w.apply(watchGround)
	for _, act := range before {
		act(w)
	}
	w.signs(w.ida)
	w.signs(w.jon)
	w.paid(w.both(), 3, 90)
	w.paid(credit.Holder{Person: w.jon}, 1, 90)
	w.joint = w.session("both", "", hour(9))
	own, is := w.joint.As(w.jon)
	if !is {
		t.Fatal("it is not for both")
	}
	w.jons = "/bookings/" + w.booking.LinkFor(own, booking.ByPerson)
	w.shared = w.writes(w.coach("noor").ID, engagement.JointLane, "", true)
	w.hers = w.writes(w.ida, engagement.JointLane, "", true)
	for _, s := range w.asks("both", w.ida, w.jon) {
		w.sheets[s.Person] = s.ID
	}
	w.post("/portal/feed", url.Values{"act": {"make"}}, w.as(w.jon)).shows(303)
	w.feed = regexp.MustCompile(`/feeds/[A-Za-z0-9_-]+\.ics`).FindString(w.get("/portal/feed", w.as(w.jon)).shows(200).body)
	for _, id := range []note.ID{w.shared, w.hers} {
		w.get("/portal/notes/"+string(id), w.as(w.jon)).shows(200)
	}
	w.sendAll()
	w.was = w.looks()
	return w
}

// writes begins a note in a lane of somebody's, and shares it where it is said.
func (w *watch) writes(who people.ID, kind engagement.LaneKind, of people.ID, share bool) note.ID {
	w.t.Helper()
	lanes, err := engagement.Lanes(w.ctx, w.db, who, w.id)
	w.must(err)
	for _, l := range lanes {
		if l.Kind == kind && l.Of == of && l.ClosedAt.IsZero() {
			id, err := w.notesService().Begin(w.ctx, who, l.ID, "", note.Words{Title: "A title", Body: "Words of somebody, " + string(kind) + "."}, once.Key{})
			w.must(err)
			if share {
				w.must(w.notesService().Share(w.ctx, who, id, 1))
			}
			return id
		}
	}
	w.t.Fatalf("there is no such lane as %s", kind)
	return ""
}

// asks has Noor send a form.
func (w *watch) asks(form string, to ...people.ID) (sheets []intake.Sheet) {
	w.t.Helper()
	noor := w.coach("noor").ID
	w.must(w.db.InTxAs(w.ctx, string(noor), func(tx *pg.Tx) error {
		ids, err := w.first.intake.Send(w.ctx, tx, noor, w.id, intake.Sending{Form: form, To: to}, w.now())
		for _, id := range ids {
			s, err := intake.Find(w.ctx, tx, noor, id)
			if err != nil {
				return err
			}
			sheets = append(sheets, s)
		}
		return err
	}))
	return sheets
}

// answers types into a form, and sends it where it is said.
func (w *watch) answers(who people.ID, sheet intake.ID, send bool) {
	w.t.Helper()
	act := "save"
	if send {
		act = "send"
	}
	at := "/portal/forms/" + string(sheet)
	form := url.Values{"act": {act}, "q-goal": {"Something that is mine."}, "draft": {"0"}, "sent": {"0"}, "op": {w.first.guard.NewOp(w.now().Add(-time.Minute))}}
	w.post(at, form, w.as(who)).shows(303)
}

// looks is all that Jon can fetch, with both proofs and with the code alone, and
// what he can post without changing anything.
func (w *watch) looks() map[string]string {
	w.t.Helper()
	if w.inboxOf != "" {
		return w.fetched(w.inboxOf, map[string]func(*http.Request){"": w.weakly(w.inboxOf)})
	}
	seen := w.fetched(w.jon, map[string]func(*http.Request){"": w.as(w.jon), "weak ": w.weakly(w.jon)})
	for _, path := range []string{w.jons, w.jons + "?move=1&date=2027-01-14", w.jons + "?cancel=1", w.jons + "/invite.ics", w.feed, "/api/v1" + w.jons} {
		seen[path] = still(w.get(path))
	}
	return seen
}

// fetched is all that somebody can fetch in some sessions of theirs.
func (w *watch) fetched(whose people.ID, eyes map[string]func(*http.Request)) map[string]string {
	w.t.Helper()
	seen := map[string]string{}
	keep := func(what string, a answer) {
		var heads []string
		for name, value := range a.header {
			if !slices.Contains([]string{"Date", "X-Request-Id", "Content-Security-Policy"}, name) {
				heads = append(heads, name+": "+strings.Join(value, ", "))
			}
		}
		slices.Sort(heads)
		seen[what] = strings.Join(heads, "\n") + "\n" + still(a)
	}
	other := w.ida
	if whose == w.ida {
		other = w.jon
	}
	for name, who := range eyes {
		for _, route := range w.first.engine.Routes() {
			if route.Method != "GET" || !strings.HasPrefix(route.Path, "/portal") && !strings.HasPrefix(route.Path, "/sign-in/") || strings.HasSuffix(route.Path, "/sessions") && strings.HasPrefix(route.Path, "/sign-in") {
				continue
			}
			path := strings.NewReplacer(":engagement", string(w.id), ":note", string(w.shared), ":sheet", string(w.sheets[whose]), ":booking", string(w.joint.ID), ":version", "1", ":package", "two-three").Replace(route.Path)
			if !strings.Contains(path, ":") {
				keep(name+path, w.get(path, who))
			}
		}
		for _, path := range w.portalPages() {
			keep(name+path, w.get(path, who))
		}
		for _, path := range []string{"/portal/packages/quiet", "/portal/packages/quiet-two", "/portal/packages/one-three", "/portal/bookings/new?type=alone&date=2027-01-14&engagement=" + string(w.id),
			"/portal/bookings/" + string(w.joint.ID) + "?move=1&date=2027-01-14", "/portal/bookings/" + string(w.joint.ID) + "?cancel=1", "/portal/forms/" + string(w.sheets[other]),
			"/portal/notes/" + string(w.hers), "/portal/notes/" + string(w.hers) + "/versions", "/portal/notes/" + string(w.hers) + "/edit", "/portal/notes/" + string(w.hers) + "/share",
			"/", "/packages", "/packages/quiet", "/book", "/book/intro?date=2027-01-14", "/api/v1/appointment-types", "/api/v1/slots?type=intro&from=2027-01-12&to=2027-01-20&timezone=Europe/London", "/sitemap.xml", "/coaches/noor"} {
			keep(name+path, w.get(path, who))
		}
		for path, form := range map[string]url.Values{
			"/portal/orders":   {"package": {"quiet"}, "version": {"1"}, "agreed": {"x"}, "begin": {"yes"}},
			"/portal/orders#":  {"package": {"two-three"}},
			"/portal/notes":    {"lane": {"1"}},
			"/portal/erase":    {"lane": {"1"}},
			"/portal/bookings": {"type": {"alone"}, "engagement": {string(w.id)}, "start": {"1"}, "date": {"2027-01-14"}, "timezone": {"Europe/London"}},
			"/portal/export":   {"as": {"html"}},
			"/portal/export#":  {"as": {"json"}},
			"/portal/forms/" + string(w.sheets[other]): {"act": {"send"}, "q-goal": {"x"}},
		} {
			keep(name+"POST "+path, w.post(strings.TrimSuffix(path, "#"), form, who))
		}
	}
	for what, text := range seen {
		seen[what] = madeAt.ReplaceAllString(text, "")
	}
	if w.inboxOf != "" {
		return seen
	}
	jon, err := people.Find(w.ctx, w.db, whose)
	w.must(err)
	var letters []string
	w.sendAll()
	for _, one := range w.inbox.Taken() {
		if slices.Contains(one.To, jon.Email) {
			letters = append(letters, withoutIDs(readable(one.Data)))
		}
	}
	seen["letters"] = fmt.Sprint(len(letters), strings.Join(letters, "\n====\n"))
	return seen
}

var madeAt = regexp.MustCompile(`"made_at": "[^"]*"`)

// Whatever Ida does for herself alone, and whatever is done for her alone, Jon
// looks at everything after each of it and finds nothing changed.
func TestWhateverOnePartnerDoesAloneTheOtherFindsEverythingAsItWas(t *testing.T) {
	for _, who := range []string{"Jon", "who holds her inbox"} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			w := newWatch(t)
			if who != "Jon" {
				w.proof(w.ida)
				w.inboxOf = w.ida
				w.was = w.looks()
			}
			w.watches()
		})
	}
}

func (w *watch) watches() {
	t := w.t
	noor, olu := w.coach("noor"), w.coach("olu")
	h := w.callers
	ida := func(path string, form url.Values) answer {
		t.Helper()
		if form == nil {
			return w.get(path, w.as(w.ida))
		}
		form.Set("op", w.first.guard.NewOp(w.now().Add(-time.Minute)))
		return w.post(path, form, w.as(w.ida))
	}
	var own, draft note.ID
	var solo, intro booking.ID
	var offer practice.OfferID
	steps := []struct {
		what string
		do   func()
	}{
		{"she reads what both read", func() {
			ida("/portal/notes/"+string(w.shared), nil).shows(200)
			ida("/portal/notes/"+string(w.shared)+"/versions", nil).shows(200)
		}},
		{"she changes what she shared with both, and does not share it", func() {
			ida("/portal/notes/"+string(w.hers)+"/edit", url.Values{"version": {"1"}, "title": {"Another title"}, "body": {"WRENCANARY"}}).shows(303)
			if body := ida("/portal/notes/"+string(w.hers), nil).shows(200).body; !strings.Contains(body, "WRENCANARY") {
				t.Fatal("it was not changed")
			}
		}},
		{"she types into the form for both", func() { w.answers(w.ida, w.sheets[w.ida], false) }},
		{"she sends the form for both", func() { w.answers(w.ida, w.sheets[w.ida], true) }},
		{"the coach reads it", func() {
			if got := h.fetch("GET", "/desk/engagements/"+string(w.id)+"/forms/"+string(w.sheets[w.ida]), h.signedIn(noor.ID), nil); got.status != 200 {
				t.Fatal(got.status)
			}
		}},
		{"she writes alone", func() {
			own = w.writes(w.ida, engagement.IndividualLane, w.ida, true)
			draft = w.writes(w.ida, engagement.JointLane, "", false)
			w.writes(noor.ID, engagement.IndividualLane, w.ida, true)
			w.writes(noor.ID, engagement.JointLane, "", false)
			w.writes(noor.ID, engagement.CoachLane, "", false)
		}},
		{"the coach looks through the notes", func() {
			token := h.signedIn(noor.ID)
			at := "/desk/engagements/" + string(w.id) + "/notes"
			h.fetch("GET", at+"/"+string(own), token, nil).shows(200)
		}},
		{"she throws a draft for both away", func() { ida("/portal/notes/"+string(draft)+"/discard", url.Values{}).shows(303) }},
		{"she signs her note", func() { w.must(w.notesService().Lock(w.ctx, w.ida, own, 1, "Ida")) }},
		{"she is asked alone", func() {
			for _, s := range append(w.asks("alone", w.ida), w.asks("safe", w.ida)...) {
				w.answers(w.ida, s.ID, s.Form != "")
			}
		}},
		{"she says how she is reached", func() {
			ida("/portal/contact", url.Values{"may_email": {"no"}, "may_call": {"no"}, "may_leave_message": {"no"}}).shows(303)
		}},
		{"she makes a feed", func() { ida("/portal/feed", url.Values{"act": {"make"}}).shows(303) }},
		{"she is given sessions", func() {
			w.must(w.db.InTx(w.ctx, func(tx *pg.Tx) error {
				_, err := credit.Give(w.ctx, tx, w.keys, noor, credit.GiveOf{Holder: credit.Holder{Person: w.ida}, Sessions: 2, Types: practice.Slugs{"alone"}, Reason: "A reason.", Key: "k"}, w.now())
				return err
			}))
		}},
		{"an hour of hers is arranged", func() { solo = w.session("solo", w.ida, hour(12)).ID }},
		{"she calls it off with a reason", func() {
			ida("/portal/bookings/"+string(solo)+"/cancel", url.Values{"reason": {"Mine."}}).shows(303)
			h.fetch("POST", "/desk/bookings/"+string(solo)+"/words", h.signedIn(noor.ID), url.Values{}).shows(200)
		}},
		{"she books a public call", func() {
			got := ida("/portal/bookings", url.Values{"type": {"intro"}, "start": {hour(14).Format(time.RFC3339)}, "timezone": {"Europe/London"}}).shows(303)
			intro = booking.ID(strings.TrimPrefix(got.path(), "/portal/bookings/"))
		}},
		{"she moves it", func() {
			ida("/portal/bookings/"+string(intro)+"/move", url.Values{"start": {hour(15).Format(time.RFC3339)}, "timezone": {"Europe/London"}}).shows(303)
		}},
		{"she buys for herself", func() { h.bought(w.ida, "one-three", credit.Holder{Person: w.ida}) }},
		{"she begins to buy for both", func() {
			form := url.Values{}
			for _, field := range hiddenFields.FindAllStringSubmatch(ida("/portal/packages/two-three", nil).shows(200).body, -1) {
				form.Set(field[1], field[2])
			}
			ida("/portal/orders", form).shows(303)
		}},
		{"she drops it", func() {
			body, _, _ := strings.Cut(ida("/portal/orders", nil).shows(200).body, "Three for two")
			orders := regexp.MustCompile(`/portal/orders/[0-9a-f-]{36}`).FindAllString(body, -1)
			ida(orders[len(orders)-1]+"/drop", url.Values{}).shows(303)
		}},
		{"something is offered to her", func() {
			w.must(w.db.InTx(w.ctx, func(tx *pg.Tx) error {
				for _, slug := range []string{"quiet", "quiet-two"} {
					p, err := practice.FindAnyPackage(w.ctx, tx, slug)
					if err != nil {
						return err
					}
					if offer, err = practice.OfferPackage(w.ctx, tx, p.VersionID, w.ida, noor.ID, w.now()); err != nil {
						return err
					}
				}
				return nil
			}))
			ida("/portal/packages/"+string(offer), nil).shows(200)
		}},
		{"she works with another coach too", func() {
			w.must(w.db.InTx(w.ctx, func(tx *pg.Tx) error {
				id, err := w.first.engagement.Start(w.ctx, tx, olu.ID, []engagement.Invitee{{Person: w.ida, Word: "linden avenue"}}, engagement.ReadyPolicyAlone("Olu"), w.now())
				if err != nil {
					return err
				}
				_, err = w.first.engagement.Accept(w.ctx, tx, w.ida, id, "linden avenue", w.now())
				return err
			}))
		}},
		{"she takes a copy", func() { ida("/portal/export", url.Values{"as": {"json"}}).shows(200) }},
		{"she erases what she wrote alone", func() {
			lanes, err := engagement.Lanes(w.ctx, w.db, w.ida, w.id)
			w.must(err)
			for _, l := range lanes {
				if l.Of == w.ida && l.Kind == engagement.IndividualLane {
					ida("/portal/erase", url.Values{"lane": {string(l.ID)}, "sure": {"yes"}}).shows(303)
				}
			}
		}},
		{"she asks for another address", func() {
			ida("/sign-in/address", url.Values{"email": {"ida.elsewhere@example.com"}}).shows(303)
		}},
		{"she signs out everywhere", func() { ida("/sign-in/sessions/end-all", url.Values{}).shows(303) }},
	}
	for _, step := range steps {
		step.do()
		for what, now := range w.looks() {
			if now != w.was[what] {
				t.Errorf("after %s, %s tells it:\n%s", step.what, what, unlike(w.was[what], now))
				w.was[what] = now
			}
		}
	}
	t.Logf("%d things were looked at after %d steps", len(w.was), len(steps))
}

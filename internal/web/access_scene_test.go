package web_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/journal"
	"kintsugi/internal/office"
	"kintsugi/internal/once"
	"kintsugi/internal/payment"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/reception"
	"kintsugi/internal/token"
	"kintsugi/internal/web/page"
)

// What nobody may see but those it was written for. The words of the office are
// for all of the practice who see the person, the label for its coach alone.
const (
	nameCanary   = "Namecanary"
	mailCanary   = "mailcanary"
	phoneCanary  = "79460917"
	wordsCanary  = "WRENCANARY"
	officeCanary = "FINCHCANARY"
	labelCanary  = "LARKCANARY"
)

// scene is what lies at the addresses of a route: things of Noor's, with the
// words of somebody who wrote to her.
type scene struct {
	now     time.Time // when it is asked for
	call    booking.Booking
	sams    booking.Booking // of the coach who is suspended
	other   people.ID       // another record of Noor's
	article journal.ID
	block   booking.BlockID
	member  string // somebody of the team
	form    string // what clients are asked
	work    engagement.ID
	client  people.ID // somebody who is in it
	guest   people.ID // and somebody who is invited
	order   payment.OrderID
	nth     int
}

// hourOf is an hour of Noor's that nobody has taken.
func hourOf(nth int) time.Time {
	return monday.Truncate(24*time.Hour).AddDate(0, 0, 1+nth/14).Add(time.Duration(7+nth%14) * time.Hour)
}

// booked has somebody write to a coach.
func (h *staffed) booked(kind, coach string, start time.Time, nth int) booking.Booking {
	h.t.Helper()
	b, err := h.booking.Book(h.ctx, booking.Request{Type: kind, Coach: coach, Start: start, Timezone: "Europe/London",
		Name: fmt.Sprintf("Perdita %s", nameCanary), Email: fmt.Sprintf("%s-%d@example.com", mailCanary, nth), SafeToEmail: true,
		Phone: "+44 20 " + phoneCanary, Message: wordsCanary + " message", PartnerName: wordsCanary + " partner", PartnerEmail: strings.ToLower(wordsCanary) + "@example.com"})
	h.must(err)
	return b
}

// scene prepares what a route is about. Each has a booking and a person of its
// own, so that an act in one changes nothing in another.
func (h *staffed) scene(route string, sams map[string]booking.Booking) *scene {
	h.t.Helper()
	h.turnTo(monday)
	h.nth++
	s := &scene{now: monday, nth: h.nth, sams: sams["meet"]}
	noor := booking.Viewer{ID: h.coach("noor").ID, Role: people.Member}
	is := func(parts ...string) bool {
		for _, part := range parts {
			if strings.Contains(route, part) {
				return true
			}
		}
		return false
	}
	if is("/sessions") {
		h.apply(`appointment_types: [{slug: owed, name: An hour alone, duration: 50m, place: video, lane: individual, credits: 1, coaches: [noor]}]`)
	}
	switch {
	case is("/bookings/:", "/feeds/", "/desk/people/:id"):
		kind := "meet"
		if is("/accept", "/decline") {
			kind, s.sams = "asked", sams["asked"]
		}
		s.call = h.booked(kind, "noor", hourOf(s.nth), s.nth)
	case is("/desk/journal/:id", "/drafts/"):
		h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) (err error) {
			s.article, err = journal.Write(h.ctx, tx, journal.Article{Slug: fmt.Sprintf("draft-%d", s.nth), Title: "A draft", Body: "Not yet.", AuthorID: noor.ID}, h.now())
			return err
		}))
	case is("/desk/blocks/"):
		start := hourOf(s.nth)
		block, err := h.booking.BlockTime(h.ctx, noor, booking.Block{CoachID: noor.ID, Start: start, End: start.Add(time.Hour), Label: labelCanary}, once.Key{})
		h.must(err)
		s.block = block.ID
	}
	if strings.HasPrefix(route, "/desk/engagements/") && !is("/notes", "/forms") {
		h.engaged(s, noor.ID, !is("/invite"))
	}
	if is("/desk/orders/:order") {
		h.engaged(s, noor.ID, true)
		s.order, _ = h.bought(s.client, "six", credit.Holder{Person: s.client})
	}
	if is("/desk/forms/:form") {
		s.form = h.asking(s.nth, is("/use"))
	}
	if is("/desk/team/:coach/edit", "/desk/team/:coach/suspend", "/hand") {
		s.member = fmt.Sprintf("temp-%d", s.nth)
		h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) error {
			_, err := people.SaveCoach(h.ctx, tx, people.Coach{Slug: s.member, Name: "Temp", Email: s.member + "@example.org", Role: people.Member,
				Timezone: "Europe/London", Position: 50, Active: true}, h.now())
			return err
		}))
	}
	care := &reception.Reception{DB: h.db, Keys: h.keys, Booking: h.booking, Now: h.now}
	if is("/desk/people/:id") {
		h.must(care.SaveNote(h.ctx, noor, s.call.PersonID, 0, officeCanary+" note"))
		h.must(care.Place(h.ctx, noor, s.call.PersonID, office.Standing{Stage: office.Invited, NextStep: officeCanary + " step", NextOn: "2026-12-20"}))
	}
	switch {
	case is("/join", "/part"):
		h.nth++
		s.other = h.booked("meet", "noor", hourOf(h.nth), h.nth).PersonID
		if is("/part") {
			h.must(care.Join(h.ctx, noor, s.other, s.call.PersonID))
		}
	case is("/not-spam"):
		_, err := care.MarkSpam(h.ctx, noor, s.call.PersonID)
		h.must(err)
	case is("/complete", "/no-show", "/undo", "/erase"):
		s.now = s.call.End.Add(time.Minute)
		if is("/undo") {
			h.turnTo(s.now)
			_, err := h.booking.Complete(h.ctx, noor, s.call.ID)
			h.must(err)
		}
	}
	return s
}

// engaged prepares work of Noor's with somebody, and with somebody else who has
// not answered yet.
func (h *staffed) engaged(s *scene, noor people.ID, both bool) {
	h.t.Helper()
	h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) error {
		var invited []engagement.Invitee
		for i, into := range []*people.ID{&s.client, &s.guest} {
			id, _, err := people.FindOrCreate(h.ctx, tx, fmt.Sprintf("%s-work-%d-%d@example.com", mailCanary, s.nth, i), "Perdita "+nameCanary, "Europe/London", true, h.now())
			if err != nil {
				return err
			}
			if *into = id; i == 0 || both {
				invited = append(invited, engagement.Invitee{Person: id, Word: "harbour " + string(id)})
			}
			if err := people.HandTo(h.ctx, tx, id, noor, noor, h.now()); err != nil {
				return err
			}
		}
		work := h.first.engagement
		var err error
		if s.work, err = work.Start(h.ctx, tx, noor, invited, engagement.ReadyPolicy(engagement.Confidential, "Noor"), h.now()); err != nil {
			return err
		}
		refused, err := work.Accept(h.ctx, tx, s.client, s.work, "harbour "+string(s.client), h.now())
		if refused != nil {
			return refused
		}
		return err
	}))
}

// asking prepares a form, and for some acts a draft that can be taken into use.
func (h *staffed) asking(nth int, written bool) string {
	h.t.Helper()
	slug := fmt.Sprintf("form-%d", nth)
	h.apply(`forms: [{slug: ` + slug + `, name: Before we start, questions: [{key: close, label: How close?, type: scale}, {key: calm, label: How calm?, type: scale}],
		scores: [{key: ease, name: Ease, how: mean, items: [{question: close}]}]}]`)
	if written {
		f, err := practice.FindForm(h.ctx, h.db, slug)
		h.must(err)
		draft := practice.DraftOf(f)
		draft.Name = "Before we begin"
		h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) error { return practice.SaveFormDraft(h.ctx, tx, draft, h.coach("noor").ID, h.now()) }))
	}
	return slug
}

// params are the parts of a route's address, as an actor has them.
func (h *staffed) params(route string, s *scene, who string) map[string]string {
	if s.order != "" {
		return map[string]string{":order": string(s.order)}
	}
	switch {
	case s.work != "":
		return map[string]string{":engagement": string(s.work)}
	case strings.HasPrefix(route, "/desk/bookings/:id"):
		return map[string]string{":id": string(s.call.ID)}
	case strings.HasPrefix(route, "/desk/people/:id"):
		return map[string]string{":id": string(s.call.PersonID)}
	case strings.HasPrefix(route, "/desk/blocks/"):
		return map[string]string{":id": string(s.block)}
	case strings.HasPrefix(route, "/desk/journal/"):
		return map[string]string{":id": string(s.article)}
	case strings.HasPrefix(route, "/packages/by-link/"):
		six, err := practice.FindAnyPackage(h.ctx, h.db, "six")
		h.must(err)
		return map[string]string{":token": six.Link(h.links)}
	case strings.HasPrefix(route, "/drafts/"):
		return map[string]string{":token": h.links.Make(token.Link{Purpose: token.Preview, Object: string(s.article), Recipient: string(s.article), Generation: 1})}
	case s.form != "":
		return map[string]string{":form": s.form, ":question": "close", ":score": "ease"}
	case s.member != "":
		return map[string]string{":coach": s.member}
	case route == "/theme/:file":
		return map[string]string{":file": strings.TrimPrefix(page.LookOf(practice.Basics{Colour: "#7a2e5d"}).Theme, "/theme/")}
	case route == "/logo/:file":
		hash := strings.Repeat("ab", 12)
		h.exec(`insert into logo (hash, body, made_at) values ($1, 'x', $2) on conflict do nothing`, hash, h.now())
		return map[string]string{":file": hash + ".png"}
	case strings.HasPrefix(route, "/bookings/:token"), strings.HasPrefix(route, "/api/v1/bookings/:token"):
		return map[string]string{":token": h.linkOf(s, who)}
	}
	if strings.HasPrefix(route, "/portal/bookings/:booking") {
		return map[string]string{":booking": string(s.call.ID)}
	}
	if strings.HasPrefix(route, "/portal/orders/") || strings.HasPrefix(route, "/portal/invoices/") {
		return map[string]string{":order": string(s.sams.ID), ":invoice": string(s.sams.ID)}
	}
	if strings.Contains(route, ":engagement") || strings.Contains(route, ":sheet") || strings.Contains(route, ":note") {
		of, item := string(s.sams.PersonID), string(s.sams.ID) // ids that are real, of something else
		return map[string]string{":engagement": of, ":note": item, ":sheet": item, ":version": item}
	}
	if !strings.HasPrefix(route, "/feeds/") {
		return map[string]string{":coach": "noor", ":type": typeOf(route), ":kind": "call-confirmed", "*name": "css/site.css",
			":slug": slugOf(route), ":package": "six", ":review": madeUpID}
	}
	feed := string(s.call.ID) // whoever has no address guesses
	switch who {
	case "prospect":
		feed = strings.TrimSuffix(strings.TrimPrefix(h.booking.FeedURL(s.call, booking.ByPerson), h.base+"/feeds/"), ".ics")
	case "coach", "other", "suspended":
		slug := map[string]string{"coach": "noor", "other": "olu", "suspended": "sam"}[who]
		feed = strings.TrimSuffix(strings.TrimPrefix(h.booking.CoachFeedURL(h.coach(slug)), h.base+"/feeds/"), ".ics")
	}
	return map[string]string{":file": feed + ".ics"}
}

func slugOf(route string) string {
	switch {
	case strings.HasPrefix(route, "/packages"):
		return "six"
	case strings.HasPrefix(route, "/journal"):
		return "first-week"
	}
	return "noor"
}

func typeOf(route string) string {
	if strings.HasPrefix(route, "/desk/types") {
		return "spare"
	}
	return "meet"
}

// linkOf is the link that an actor has from a letter. Who has none tries the
// booking's id.
func (h *staffed) linkOf(s *scene, who string) string {
	switch who {
	case "prospect":
		return h.booking.LinkFor(s.call, booking.ByPerson)
	case "coach":
		return h.booking.LinkFor(s.call, booking.ByCoach)
	case "suspended":
		return h.booking.LinkFor(s.sams, booking.ByCoach)
	}
	return string(s.call.ID)
}

// body is a form that a route takes, filled in so that it is refused to nobody
// for what it says; for programs it is JSON.
func (h *staffed) body(route string, s *scene) (form url.Values, program string) {
	f := url.Values{"op": {h.first.guard.NewOp(h.now().Add(-time.Minute))}}
	put := func(pairs ...string) url.Values {
		for i := 0; i < len(pairs); i += 2 {
			f.Set(pairs[i], pairs[i+1])
		}
		return f
	}
	later := hourOf(s.nth).Add(30 * time.Minute)
	local := func(format string) string { return later.Format(format) }
	days := func() {
		for _, day := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
			put(day+"_from", "06:00", day+"_to", "22:00")
		}
	}
	switch route {
	case "/book/:type":
		put("start", later.Format(time.RFC3339), "timezone", "Europe/London", "coach", "noor", "name", "Ana", "email", fmt.Sprintf("ana-%d@example.com", s.nth), "phone", "+44 20 7946 0000", "safe_to_email", "yes")
	case "/bookings/:token/reschedule":
		put("start", later.Format(time.RFC3339))
	case "/bookings/:token/cancel":
		put("reason", wordsCanary+" reason")
	case "/desk/bookings/:id/move":
		put("other_date", local(time.DateOnly), "other_time", local("15:04"))
	case "/desk/book":
		put("type", "meet", "coach", "noor", "start", later.Format(time.RFC3339), "name", "Ben", "email", fmt.Sprintf("ben-%d@example.com", s.nth), "phone", "+44 20 7946 0000", "timezone", "Europe/London", "safe_to_email", "yes")
	case "/desk/block":
		put("coach", "noor", "date", local(time.DateOnly), "from", local("15:04"), "to", later.Add(10*time.Minute).Format("15:04"), "label", "")
	case "/desk/engagements/new":
		put("with", "one", "person", string(s.guest), "word_1", "harbour", "policy_text_alone", "Between us.")
	case "/desk/engagements/:engagement/invite":
		put("word", "harbour", "told", "yes", "second", string(s.guest), "policy", "none", "policy_text_none", "Open.")
	case "/desk/engagements/:engagement/word", "/desk/engagements/:engagement/restore":
		put("person", string(s.client), "word", "third door")
	case "/desk/engagements/:engagement/withdraw":
		put("person", string(s.guest))
	case "/desk/engagements/:engagement/policy":
		put("policy", "none", "policy_text_none", "Open.")
	case "/desk/engagements/:engagement/sessions", "/desk/people/:id/sessions":
		whose := string(s.client)
		if s.work == "" {
			whose = string(s.call.PersonID)
		}
		put("act", "give", "holder", whose, "types", "owed", "sessions", "2", "reason", "for the missed hour")
	case "/desk/engagements/:engagement/state":
		put("act", "pause")
	case "/desk/engagements/:engagement/hand-over":
		put("coach", string(h.coach("olu").ID))
	case "/desk/note-templates":
		put("name", "Mine", "body", "## Begin")
	case "/desk/again":
		put("job", madeUpID)
	case "/desk/journal/:id":
		put("title", "A draft", "slug", fmt.Sprintf("draft-%d", s.nth), "body", "Still not.", "author", string(h.coach("noor").ID))
	case "/desk/hours/:coach":
		days()
	case "/desk/hours/:coach/dates":
		put("from", "2027-11-01", "hours", "closed")
	case "/desk/hours/:coach/travel":
		on := time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, s.nth).Format(time.DateOnly)
		put("from", on, "to", on, "timezone", "Europe/Paris")
	case "/desk/types", "/desk/types/:type/edit":
		put("name", fmt.Sprintf("Kind %d", s.nth), "duration", "45", "place", "video", "public", "yes", "lane", "joint", "coaches", "noor")
	case "/desk/orders/:order/refund":
		put("part", "1", "amount", "10.00", "sessions", "0", "reason", "goodwill", "sure", "yes")
	case "/desk/money/table":
		put("what", "months")
	case "/desk/packages", "/desk/packages/:package/edit":
		put("name", fmt.Sprintf("Package %d", s.nth), "sessions", "3", "price", "300.00", "tax", "none", "visibility", "visible", "appointment_types", "spare", "act", "save")
	case "/desk/packages/:package/move":
		put("act", "up")
	case "/desk/packages/:package/show":
		put("visibility", "visible")
	case "/desk/types/:type/hours":
		days()
		put("own", "yes")
	case "/desk/types/:type/withdraw":
		put("act", "offer")
	case "/desk/forms":
		put("name", fmt.Sprintf("Form %d", s.nth))
	case "/desk/forms/:form":
		put("name", "Renamed", "lane", "joint", "send_on", "manual", "revision", "0")
	case "/desk/forms/:form/use":
		put("revision", "1", "version", "1")
	case "/desk/forms/:form/withdraw":
		put("act", "withdraw")
	case "/desk/forms/:form/add", "/desk/forms/:form/questions/:question":
		put("type", "text", "label", "What else?", "after", "calm", "revision", "0")
		if s.form != "" && strings.HasSuffix(route, ":question") {
			put("type", "scale", "after", "")
		}
	case "/desk/forms/:form/questions/:question/move":
		put("act", "down", "revision", "0")
	case "/desk/forms/:form/count", "/desk/forms/:form/scores/:score":
		put("name", "Ease", "how", "sum", "missing", "fill", "item", "calm", "revision", "0")
	case "/desk/forms/:form/scores/:score/remove":
		put("revision", "0")
	case "/desk/forms/:form/preview":
		put("q-close", "4")
	case "/desk/settings":
		put("name", "Common Ground Coaching", "discreet_name", "Common Ground", "email", "hello@example.org", "timezone", "Europe/London", "currency", "GBP")
	case "/desk/settings/look":
		put("colour", "#7a2e5d")
	case "/desk/settings/look/logo":
		put("act", "remove")
	case "/desk/settings/help":
		put("act", "usual")
	case "/desk/team/invite":
		put("name", "New", "email", fmt.Sprintf("new-%d@example.org", s.nth), "role", "coach")
	case "/desk/team/:coach/edit":
		put("name", "Temp", "email", s.member+"@example.org", "role", "coach", "timezone", "Europe/London")
	case "/desk/team/:coach/profile":
		put("name", "Noor Haddad", "timezone", "Europe/London", "meeting_url", "https://meet.example.org/noor", "bio", "Words.")
	case "/desk/people/:id/contact":
		put("version", "0", "may_email", "yes", "may_call", "no", "may_leave_message", "no")
	case "/desk/people/:id/note":
		put("version", "1", "note", "Mornings, changed")
	case "/desk/people/:id/standing":
		put("stage", "invited", "next_step", officeCanary+" step", "next_on", "2026-12-21")
	case "/desk/people/:id/packages":
		put("act", "offer", "package", "six")
	case "/desk/people/:id/join":
		put("other", string(s.other))
	case "/desk/people/:id/erase":
		put("sure", "yes")
	case "/desk/people/:id/hand":
		put("coach", string(h.coach(s.member).ID))
	case "/desk/people/take":
		put("table", fmt.Sprintf("name,email\nCleo,cleo-%d@example.com\n", s.nth), "act", "take")
	case "/sign-in":
		put("email", "noor@example.org")
	case "/sign-in/new":
		put("name", "Somebody", "email", "somebody@example.org")
	case "/sign-in/code", "/sign-in/proof", "/sign-in/set-up":
		put("code", "000000")
	case "/sign-in/passkey":
		put("purpose", "add")
	case "/sign-in/proofs/remove":
		put("proof", "app")
	case "/sign-in/sessions/end":
		put("session", madeUpID)
	case "/api/v1/bookings":
		return nil, asJSON(map[string]any{"type": "meet", "coach": "noor", "start": later.Format(time.RFC3339), "timezone": "Europe/London", "name": "Dia", "email": fmt.Sprintf("dia-%d@example.com", s.nth), "phone": "+44 20 7946 0000"})
	case "/api/v1/bookings/:token/reschedule":
		return nil, asJSON(map[string]any{"start": later.Format(time.RFC3339)})
	case "/api/v1/bookings/:token/cancel":
		return nil, asJSON(map[string]any{"reason": wordsCanary + " reason"})
	}
	return f, ""
}

func asJSON(v any) string {
	raw, _ := json.Marshal(v) // maps of texts
	return string(raw)
}

// madeUpID is an id that nothing has.
const madeUpID = "0d1c2b3a-4f5e-4d6c-8b7a-123456789abc"

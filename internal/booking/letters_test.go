package booking_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/calendar/icaltest"
	"kintsugi/internal/mail"
	"kintsugi/internal/mail/mailtest"
	"kintsugi/internal/once"
)

// post sends every letter whose time has come and returns what the mail server
// took, by recipient.
func (h *house) post(server *mailtest.Server) map[string]*mailtest.Part {
	h.t.Helper()
	before := len(server.Taken())
	var ids []string
	h.must(h.DB.Select(h.ctx, &ids, `select id from letter where status = 'queued' and not_before <= $1 order by not_before, id`, h.now))
	for _, id := range ids {
		h.deliver(server, id)
	}
	got := map[string]*mailtest.Part{}
	for _, m := range server.Taken()[before:] {
		if len(m.To) != 1 || got[m.To[0]] != nil {
			h.t.Errorf("letter to %v: one reader each, one letter each", m.To)
		}
		got[m.To[0]] = m.Read(h.t)
	}
	return got
}

// deliver sends one letter of the outbox.
func (h *house) deliver(server *mailtest.Server, id string) {
	h.t.Helper()
	config, err := mail.ParseSMTPURL(server.URL())
	h.must(err)
	postman := mail.Postman{DB: h.DB, Sender: &mail.Sender{Config: config}, Composers: h.Composers(),
		Key: h.Links, OnBounce: h.Unreached, Now: func() time.Time { return h.now }, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	args, err := json.Marshal(map[string]string{"letter": id})
	h.must(err)
	h.must(postman.Deliver(context.Background(), args))
}

// text is the plain part of a letter on one line, and fails when there is none.
func (h *house) text(p *mailtest.Part) string {
	h.t.Helper()
	if p == nil {
		h.t.Fatal("no letter came")
	}
	return strings.Join(strings.Fields(string(p.Find("text/plain").Body)), " ")
}

func TestBothSidesReadTheHourOnTheirOwnClock(t *testing.T) {
	h := newHouse(t)
	server := mailtest.Start(t)
	r := ask("ana", at(10, 0))
	r.Name, r.Message, r.PartnerName = "CANARY-name", "CANARY-message", "CANARY-partner"
	b, err := h.Book(h.ctx, r)
	h.must(err)
	letters := h.post(server)

	mine := h.text(letters["ana@example.com"])
	if !strings.Contains(mine, "Tuesday 8 December 2026, 11:00 (Berlin, CET)") || !strings.Contains(mine, h.URLFor(b, booking.ByPerson)) {
		t.Errorf("the person reads: %s", mine)
	}
	theirs := h.text(letters["mara@example.org"])
	if !strings.Contains(theirs, "Tuesday 8 December 2026, 10:00 (London, GMT)") || !strings.Contains(theirs, "CANARY-name") {
		t.Errorf("the coach reads: %s", theirs)
	}
	// A stranger may have typed the address: nothing of theirs travels in the
	// letter to it, and nothing that was written to the coach travels at all.
	for _, m := range server.Taken() {
		words := string(m.Data) + h.text(m.Read(t))
		if m.To[0] == "ana@example.com" && strings.Contains(words, "CANARY") {
			t.Error("words that somebody typed reached an address nobody has proven")
		}
		for _, word := range []string{"CANARY-message", "CANARY-partner", "meet & greet", "Coaching"} {
			if strings.Contains(words, word) {
				t.Errorf("the letter to %s says %q", m.To[0], word)
			}
		}
	}
}

// Other schedulers sent a cancellation that calendars took for a new invitation,
// or kept the sequence at one.
func TestInvitationsFollowTheBookingThroughItsLife(t *testing.T) {
	h := newHouse(t)
	server := mailtest.Start(t)
	b := h.book("ana", at(10, 0))
	check := func(method, status string, sequence int, start time.Time) {
		t.Helper()
		letters := h.post(server)
		for _, to := range []string{"ana@example.com", "mara@example.org"} {
			part := letters[to].Find("text/calendar")
			if part == nil || part.Params["method"] != method {
				t.Fatalf("%s: no %s", to, method)
			}
			cal, e := icaltest.One(t, part.Body)
			if cal.Method != method || e.UID != b.CalendarUID || e.Sequence != sequence || e.Status != status || !e.Start.Equal(start) {
				t.Errorf("%s: %s %+v", to, cal.Method, e)
			}
			if e.Summary != "Common Ground" || len(e.Attendees) != 1 || !strings.EqualFold(e.Attendees[0].Address, "mailto:"+to) {
				t.Errorf("%s: summary %q, attendees %v", to, e.Summary, e.Attendees)
			}
			if strings.Contains(string(part.Body), "/bookings/") {
				t.Errorf("%s: the entry holds a link that could change it", to)
			}
		}
	}
	check("REQUEST", "CONFIRMED", 0, at(10, 0))
	for i, hour := range []int{11, 12, 14} {
		_, _, err := h.Reschedule(h.ctx, h.link(b), at(hour, 0), once.Key{})
		h.must(err)
		check("REQUEST", "CONFIRMED", i+1, at(hour, 0))
	}
	_, _, err := h.Cancel(h.ctx, h.coachLink(b), "")
	h.must(err)
	check("CANCEL", "CANCELLED", 4, at(14, 0))
}

func TestAMoveSaysWhereTheCallWasAndIsNow(t *testing.T) {
	h := newHouse(t)
	server := mailtest.Start(t)
	b := h.book("ana", at(10, 0))
	h.post(server)
	_, _, err := h.Reschedule(h.ctx, h.link(b), at(14, 0), once.Key{})
	h.must(err)
	mine := h.text(h.post(server)["ana@example.com"])
	for _, want := range []string{"8 December 2026, 11:00 (Berlin, CET)", "8 December 2026, 15:00 (Berlin, CET)"} {
		if !strings.Contains(mine, want) {
			t.Errorf("%q is missing in: %s", want, mine)
		}
	}
}

func TestWhatIsNoLongerTrueIsNotSent(t *testing.T) {
	h := newHouse(t)
	server := mailtest.Start(t)
	b := h.book("ana", at(10, 0))
	_, _, err := h.Reschedule(h.ctx, h.link(b), at(14, 0), once.Key{})
	h.must(err)
	_, _, err = h.Cancel(h.ctx, h.link(b), "")
	h.must(err)
	letters := h.post(server)
	if len(letters) != 2 || !strings.Contains(h.text(letters["ana@example.com"]), "has been cancelled") {
		t.Errorf("%d letters", len(letters))
	}
	h.now = at(9, 30)
	if late := h.post(server); len(late) != 0 {
		t.Errorf("reminded of a cancelled call: %d letters", len(late))
	}
}

func TestRemindersComeADayAndAnHourBeforeAndNotWhenBookedInside(t *testing.T) {
	h := newHouse(t)
	server := mailtest.Start(t)
	b := h.book("ana", at(10, 0)) // 26 hours ahead
	h.post(server)
	var days []string
	for _, when := range []time.Time{b.Start.Add(-24*time.Hour - time.Minute), b.Start.Add(-24 * time.Hour), b.Start.Add(-time.Hour), b.Start} {
		h.now = when
		for to, letter := range h.post(server) {
			days = append(days, to+" "+b.Start.Sub(when).String())
			if !strings.Contains(h.text(letter), "reminder") {
				t.Errorf("no reminder: %s", h.text(letter))
			}
		}
	}
	if want := []string{"ana@example.com 24h0m0s", "ana@example.com 1h0m0s"}; !slices.Equal(days, want) {
		t.Errorf("reminded %v, want %v", days, want)
	}
	h.now = at(11, 30)
	late := h.book("ben", at(12, 0))
	if got := h.letters(late); len(got) != 2 {
		t.Errorf("booked inside both leads, letters %v", got)
	}
}

func TestWhoSaysThatMailIsNotSafeGetsNone(t *testing.T) {
	h := newHouse(t)
	server := mailtest.Start(t)
	r := ask("ana", at(10, 0))
	r.SafeToEmail = false
	b, err := h.Book(h.ctx, r)
	h.must(err)
	_, _, err = h.Reschedule(h.ctx, h.link(b), at(14, 0), once.Key{})
	h.must(err)
	letters := h.post(server)
	h.now = at(13, 0)
	for to := range h.post(server) {
		t.Errorf("a letter to %s", to)
	}
	if letters["ana@example.com"] != nil || !strings.Contains(h.text(letters["mara@example.org"]), "Mail is not safe") {
		t.Errorf("letters to %d people", len(letters))
	}
}

func TestARequestCarriesNoInvitationUntilItIsAccepted(t *testing.T) {
	h := newHouse(t, withApproval)
	server := mailtest.Start(t)
	b := h.book("ana", at(10, 0).AddDate(0, 0, 7))
	for to, letter := range h.post(server) {
		if letter.Find("text/calendar") != nil {
			t.Errorf("%s has an invitation to a request", to)
		}
	}
	_, err := h.Accept(h.ctx, h.coachLink(b))
	h.must(err)
	if letters := h.post(server); letters["ana@example.com"].Find("text/calendar") == nil {
		t.Error("accepted, and no invitation")
	}
}

func TestTheCoachHearsOfAnAddressThatDoesNotExist(t *testing.T) {
	h := newHouse(t)
	server := mailtest.Start(t)
	b := h.book("ana", at(10, 0))
	server.Refuse(mailtest.Recipient, 550)
	var ids []string
	h.must(h.DB.Select(h.ctx, &ids, `select id from letter where about = $1 and kind = 'call-confirmed'`, b.ID))
	h.deliver(server, ids[0])
	server.Refuse(mailtest.Recipient, 0)
	if gone, err := booking.Undelivered(h.ctx, h.DB, b); err != nil || len(gone) != 1 {
		t.Errorf("undelivered: %v, %v", gone, err)
	}
	h.must(h.DB.Select(h.ctx, &ids, `select id from letter where about = $1 and kind = 'call-unreached-coach'`, b.ID))
	h.deliver(server, ids[0])
	taken := server.Taken()
	if len(taken) != 1 || !strings.Contains(h.text(taken[0].Read(t)), "could not be delivered") {
		t.Errorf("%d letters", len(taken))
	}
}

func TestFeedsFollowAndNameNobody(t *testing.T) {
	h := newHouse(t)
	coach, err := peopleCoach(h)
	h.must(err)
	token := strings.TrimSuffix(strings.TrimPrefix(h.CoachFeedURL(coach), "https://book.example.org/feeds/"), ".ics")
	empty, err := h.Feed(h.ctx, token)
	h.must(err)
	if got := icaltest.Read(t, empty); len(got[0].Events) != 0 {
		t.Errorf("%+v", got[0].Events)
	}
	b, c := h.book("ana", at(10, 0)), h.book("ben", at(12, 0))
	_, _, err = h.Cancel(h.ctx, h.link(c), "")
	h.must(err)
	read := func() (statuses []string) {
		t.Helper()
		body, err := h.Feed(h.ctx, token)
		h.must(err)
		if strings.Contains(string(body), "Person") || strings.Contains(string(body), "example.com") {
			t.Error("the feed names somebody")
		}
		for _, e := range icaltest.Read(t, body)[0].Events {
			statuses = append(statuses, e.UID+" "+e.Status)
		}
		slices.Sort(statuses)
		return statuses
	}
	want := []string{b.CalendarUID + " CONFIRMED", c.CalendarUID + " CANCELLED"}
	slices.Sort(want)
	if got := read(); !slices.Equal(got, want) {
		t.Errorf("feed %v, want %v", got, want)
	}
	h.now = h.now.AddDate(0, 0, 31)
	if got := read(); !slices.Equal(got, []string{b.CalendarUID + " CONFIRMED"}) {
		t.Errorf("a month later: %v", got)
	}
}

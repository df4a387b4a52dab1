package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestABookingIsAnsweredWithItsLinks(t *testing.T) {
	h := open(t)
	a := h.post(bookings, body("message", "hello", "partner_name", "Ben", "partner_email", "ben@example.com")).wants(201)
	b := a.booking()
	if b.Status != "confirmed" || b.Type != "call" || b.Timezone != "Europe/Berlin" ||
		b.Start != "2026-12-08T11:00:00+01:00" || b.End != "2026-12-08T11:30:00+01:00" ||
		b.Coach.Slug != "mara" || b.Coach.Name != "Mara" || b.MeetingURL != "https://meet.example.org/mara" {
		t.Errorf("%+v", b)
	}
	if a.header.Get("Location") != b.ManageURL || !strings.HasPrefix(b.ManageURL, "http://localhost:8080/bookings/") || b.ICSURL != b.ManageURL+"/invite.ics" {
		t.Errorf("links %s, %s, Location %s", b.ManageURL, b.ICSURL, a.header.Get("Location"))
	}
	if shown := h.get(b.under()).wants(200); shown.body != a.body {
		t.Errorf("shown as %s, booked as %s", shown.body, a.body)
	}
	told := strings.ReplaceAll(a.body, b.token(), "") // which spells anything by chance
	for _, private := range []string{"hello", "Ben", "ben@example.com", "ana@example.com", "Ana"} {
		if strings.Contains(told, private) || strings.Contains(h.log.String(), private) {
			t.Errorf("%q is told or logged", private)
		}
	}
	if strings.Contains(h.log.String(), b.token()) {
		t.Error("the token is logged")
	}
}

// The links of an answer hold whatever host the request had named.
func TestALinkNeverComesFromTheRequest(t *testing.T) {
	h := open(t)
	a := h.post(bookings, body(), header("X-Forwarded-Host", "evil.example"), header("X-Forwarded-Proto", "gopher"), header("Forwarded", "host=evil.example")).wants(201)
	if strings.Contains(a.body, "evil") || strings.Contains(a.body, "gopher") {
		t.Error(a.body)
	}
	h.post(bookings, body(), func(r *http.Request) { r.Host = "evil.example" }).refused(421, "misdirected")
}

func TestAnyOffsetNamesTheSameInstant(t *testing.T) {
	h := open(t)
	h.books("start", "2026-12-08T16:00:00+05:30")
	h.post(bookings, body("start", "2026-12-08T05:30:00-05:00")).refused(409, "slot-taken")
}

func TestWhatIsNotOfferedCannotBeBooked(t *testing.T) {
	h := open(t)
	h.books("start", "2026-12-08T10:00:00Z", "type", "buffered")
	h.books("start", "2026-12-09T10:00:00Z", "type", "capped")
	for _, row := range []struct {
		about, kind, start string
		status             int
		slug               string
	}{
		{"booked", "call", "2026-12-08T10:00:00Z", 409, "slot-taken"},
		{"in its buffer", "call", "2026-12-08T10:30:00Z", 409, "slot-taken"},
		{"a full day", "capped", "2026-12-09T12:00:00Z", 409, "slot-taken"},
		{"past", "call", "2026-12-04T10:00:00Z", 422, "slot-unavailable"},
		{"too soon", "noticed", "2026-12-07T16:00:00Z", 422, "slot-unavailable"},
		{"too far", "call", "2027-03-02T10:00:00Z", 422, "slot-unavailable"},
		{"off the grid", "call", "2026-12-08T10:10:00Z", 422, "slot-unavailable"},
		{"off the second", "call", "2026-12-08T11:00:00.5Z", 422, "slot-unavailable"},
		{"a weekend", "call", "2026-12-12T10:00:00Z", 422, "slot-unavailable"},
		{"nobody's", "nobodys", "2026-12-08T10:00:00Z", 422, "slot-unavailable"},
		{"no such type", "nothing", "2026-12-08T10:00:00Z", 404, "not-found"},
		{"a private type", "private", "2026-12-08T10:00:00Z", 404, "not-found"},
	} {
		t.Run(row.about, func(t *testing.T) {
			h.t = t
			h.post(bookings, body("type", row.kind, "start", row.start)).refused(row.status, row.slug)
		})
	}
	h.t = t
	h.post(bookings, body("coach", "nobody")).refused(404, "not-found")
	if n := h.count(`select count(*) from booking`); n != 2 {
		t.Errorf("%d bookings", n)
	}
}

func TestWhoIsTooLateIsToldTheNearestTimesInTheirOwnZone(t *testing.T) {
	h := open(t)
	h.books("start", "2026-12-08T12:00:00Z")
	p := h.post(bookings, body("start", "2026-12-08T12:00:00Z", "timezone", "Asia/Kolkata")).refused(409, "slot-taken")
	var near []string
	for _, s := range p.Alternatives {
		near = append(near, s.Start)
		if fmt.Sprint(s.Coaches) != "[mara]" || s.End <= s.Start {
			t.Errorf("%+v", s)
		}
		h.books("start", s.Start)
	}
	if fmt.Sprint(near) != "[2026-12-08T17:00:00+05:30 2026-12-08T18:00:00+05:30 2026-12-08T16:30:00+05:30]" {
		t.Errorf("named %v", near)
	}
}

// FC1: twenty people and one hour.
func TestOneHourIsPromisedOnceHoweverManyAsk(t *testing.T) {
	h := open(t)
	var all sync.WaitGroup
	answers := make([]said, 20)
	for i := range answers {
		all.Go(func() { answers[i] = h.post(bookings, body("email", fmt.Sprintf("p%d@example.com", i))) })
	}
	all.Wait()
	won := 0
	for _, a := range answers {
		if a.status == 201 {
			won++
			continue
		}
		if p := a.refused(409, "slot-taken"); len(p.Alternatives) != 3 {
			t.Errorf("%d alternatives", len(p.Alternatives))
		}
	}
	if won != 1 {
		t.Errorf("%d won", won)
	}
}

func TestAKeyMakesARetryHarmless(t *testing.T) {
	h := open(t)
	first := h.post(bookings, body("message", "hello"), key("k1")).wants(201)
	h.now = h.now.Add(time.Hour)
	second := h.post(bookings, body("message", "hello"), key("k1")).wants(201)
	if first.body != second.body || first.header.Get("Location") != second.header.Get("Location") {
		t.Errorf("first %s\nthen  %s", first.body, second.body)
	}
	h.post(bookings, body("message", "hullo"), key("k1")).refused(422, "idempotency-mismatch")
	h.post(bookings, body("message", "hello", "start", "2026-12-08T12:00:00Z"), key("k1")).refused(422, "idempotency-mismatch")
	h.post(bookings, body("message", "hello"), key("k2")).refused(409, "slot-taken")
	h.post(bookings, body("message", "hello")).refused(409, "slot-taken")
	if n := h.count(`select count(*) from booking`); n != 1 {
		t.Errorf("%d bookings", n)
	}
	// The answer stays what it was when the booking has changed since.
	h.post(first.booking().under()+"/cancel", "").wants(200)
	if again := h.post(bookings, body("message", "hello"), key("k1")).wants(201); again.body != first.body {
		t.Errorf("after a cancellation %s", again.body)
	}
}

func TestARetryOfARequestThatRanOutIsAnsweredAsItWas(t *testing.T) {
	h := open(t)
	first := h.post(bookings, body("type", "asked"), key("k")).wants(201)
	if b := first.booking(); b.Status != "pending" || b.MeetingURL != "" {
		t.Errorf("%+v", b)
	}
	h.now = h.now.Add(2 * time.Hour)
	if again := h.post(bookings, body("type", "asked"), key("k")).wants(201); again.body != first.body {
		t.Errorf("answered %s", again.body)
	}
	if now := h.get(first.booking().under()).wants(200).booking(); now.Status != "expired" {
		t.Errorf("stands as %s", now.Status)
	}
}

func TestCopiesThatArriveAtOnceGetOneAnswer(t *testing.T) {
	h := open(t)
	var all sync.WaitGroup
	answers := make([]said, 8)
	for i := range answers {
		all.Go(func() { answers[i] = h.post(bookings, body(), key("same")) })
	}
	all.Wait()
	for _, a := range answers {
		if a.wants(201); a.body != answers[0].body {
			t.Errorf("%s and %s", a.body, answers[0].body)
		}
	}
	if n := h.count(`select count(*) from booking`); n != 1 {
		t.Errorf("%d bookings", n)
	}
}

func TestAKeyThatCannotBeKeptIsABadRequest(t *testing.T) {
	h := open(t)
	for _, text := range []string{strings.Repeat("k", 201), "a\x00b", "a\x7fb", "a\xffb", "a\u202eb"} {
		h.post(bookings, body(), key(text)).refused(400, "bad-request")
	}
	long := strings.Repeat("k", 200)
	link := h.post(bookings, body(), key(long)).wants(201).booking().under()
	h.post(link+"/reschedule", `{"start":"2026-12-08T12:00:00Z"}`, key("\x00")).refused(400, "bad-request")
	// A key of booking is another one than the same key of moving.
	h.post(link+"/reschedule", `{"start":"2026-12-08T12:00:00Z"}`, key(long)).wants(200)
}

// What a stranger can learn of an address must not depend on what we know of it.
func TestOncePerPersonGivesTheSameAnswer(t *testing.T) {
	h := open(t)
	first := h.post(bookings, body("type", "once")).wants(201)
	second := h.post(bookings, body("type", "once", "start", "2026-12-08T12:00:00Z")).wants(201)
	shape := func(a said) string {
		b := a.booking()
		r := strings.NewReplacer(b.ID, "ID", b.token(), "TOKEN", b.Start, "START", b.End, "END")
		return r.Replace(a.body)
	}
	if shape(first) != shape(second) {
		t.Errorf("%s\n%s", shape(first), shape(second))
	}
}

func TestWithoutANamedCoachTheLeastBusyTakesIt(t *testing.T) {
	h := open(t)
	if b := h.books("type", "either"); b.Coach.Slug != "mara" {
		t.Errorf("first %s", b.Coach.Slug)
	}
	if b := h.books("type", "either"); b.Coach.Slug != "noor" {
		t.Errorf("then %s", b.Coach.Slug)
	}
	h.post(bookings, body("type", "either")).refused(409, "slot-taken")
	if b := h.books("type", "either", "coach", "noor", "start", "2026-12-08T12:00:00Z"); b.Coach.Slug != "noor" {
		t.Errorf("named %s", b.Coach.Slug)
	}
}

func TestWithMailThatIsNotSafeOnlyTheCoachIsWrittenTo(t *testing.T) {
	h := open(t)
	b := h.books("safe_to_email", "no")
	if n := h.count(`select count(*) from letter where about = $1 and recipient = (select person_id from booking where id = $1)`, b.ID); n != 0 {
		t.Errorf("%d letters to the person", n)
	}
	if n := h.count(`select count(*) from letter where about = $1`, b.ID); n != 1 {
		t.Errorf("%d letters", n)
	}
}

func TestABookingIsMoved(t *testing.T) {
	h := open(t)
	b := h.books()
	other := h.books("start", "2026-12-08T14:00:00Z")
	move := func(start string, options ...func(*http.Request)) said {
		t.Helper()
		return h.post(b.under()+"/reschedule", `{"start":"`+start+`"}`, options...)
	}
	moved := move("2026-12-08T12:00:00Z").wants(200).booking()
	if moved.ID != b.ID || moved.ManageURL != b.ManageURL || moved.Start != "2026-12-08T13:00:00+01:00" || moved.End != "2026-12-08T13:30:00+01:00" || moved.Status != "confirmed" {
		t.Errorf("%+v", moved)
	}
	h.books() // its old hour is free again
	p := move("2026-12-08T14:00:00Z").refused(409, "slot-taken")
	if len(p.Alternatives) != 3 || !strings.HasSuffix(p.Alternatives[0].Start, "+01:00") {
		t.Errorf("alternatives %+v", p.Alternatives)
	}
	move("2026-12-08T14:10:00Z").refused(422, "slot-unavailable")
	move("2026-12-01T14:00:00Z").refused(422, "slot-unavailable")
	for _, sent := range []string{`{}`, `{"start":""}`, `{"start":"soon"}`, `{"start":null}`} {
		if got := h.post(b.under()+"/reschedule", sent).refused(422, "invalid").fields(); got != "start" {
			t.Errorf("%s names %q", sent, got)
		}
	}
	for _, sent := range []string{"", `{"start":7}`, `{"Start":"2026-12-08T15:00:00Z"}`, `{"start":"2026-12-08T15:00:00Z","reason":"x"}`} {
		h.post(b.under()+"/reschedule", sent).refused(400, "bad-request")
	}
	// Each move is one more SEQUENCE, and moving it to where it is is none.
	move("2026-12-08T15:00:00Z").wants(200)
	move("2026-12-08T15:00:00Z").wants(200)
	if n := h.count(`select change from booking where id = $1`, b.ID); n != 2 {
		t.Errorf("SEQUENCE %d", n)
	}
	if got := h.get(other.under()).wants(200).booking(); got.Start != other.Start {
		t.Errorf("the other one is at %s", got.Start)
	}
}

func TestAMoveWithAKeyHappensOnce(t *testing.T) {
	h := open(t)
	link := h.books().under() + "/reschedule"
	first := h.post(link, `{"start":"2026-12-08T12:00:00Z"}`, key("m")).wants(200)
	if again := h.post(link, `{"start":"2026-12-08T12:00:00Z"}`, key("m")).wants(200); again.body != first.body {
		t.Errorf("%s\n%s", first.body, again.body)
	}
	h.post(link, `{"start":"2026-12-08T13:00:00Z"}`, key("m")).refused(422, "idempotency-mismatch")
	if n := h.count(`select change from booking`); n != 1 {
		t.Errorf("moved %d times", n)
	}
}

func TestCancellingTwiceIsCancellingOnce(t *testing.T) {
	h := open(t)
	b := h.books()
	first := h.post(b.under()+"/cancel", `{"reason":"We have the flu."}`).wants(200)
	if got := first.booking(); got.Status != "cancelled" || got.MeetingURL != "" || got.ID != b.ID {
		t.Errorf("%+v", got)
	}
	letters := h.count(`select count(*) from letter`)
	for _, sent := range []string{"", `{}`, `{"reason":null}`, `{"reason":"again"}`} {
		if again := h.post(b.under()+"/cancel", sent).wants(200); again.body != first.body {
			t.Errorf("%s then %s", first.body, again.body)
		}
	}
	h.post(b.under()+"/cancel", "", func(r *http.Request) { r.ContentLength = -1; r.Header.Del("Content-Type") }).wants(200)
	if n := h.count(`select count(*) from letter`); n != letters {
		t.Errorf("%d letters more", n-letters)
	}
	if n := h.count(`select change from booking`); n != 1 {
		t.Errorf("SEQUENCE %d", n)
	}
	h.books() // the hour is free again
}

func TestAReasonThatCannotBeKept(t *testing.T) {
	h := open(t)
	b := h.books()
	if got := h.post(b.under()+"/cancel", `{"reason":"`+strings.Repeat("x", 1001)+`"}`).refused(422, "invalid").fields(); got != "reason" {
		t.Errorf("names %q", got)
	}
	h.post(b.under()+"/cancel", `{"Reason":"x"}`).refused(400, "bad-request")
	h.post(b.under()+"/cancel", `"x"`).refused(400, "bad-request")
	h.post(b.under()+"/cancel", `reason=x`, header("Content-Type", "application/x-www-form-urlencoded")).refused(415, "unsupported-media-type")
	if got := h.get(b.under()).wants(200).booking().Status; got != "confirmed" {
		t.Errorf("it is %s", got)
	}
}

func TestWhatIsOverCannotBeChanged(t *testing.T) {
	h := open(t)
	cancelled, past := h.books(), h.books("start", "2026-12-08T12:00:00Z")
	h.post(cancelled.under()+"/cancel", "").wants(200)
	h.now = time.Date(2026, 12, 8, 12, 0, 0, 0, time.UTC)
	const later = `{"start":"2026-12-09T12:00:00Z"}`
	h.post(cancelled.under()+"/reschedule", later).refused(409, "booking-closed")
	h.post(past.under()+"/reschedule", later).refused(409, "booking-closed")
	h.post(past.under()+"/cancel", "").refused(409, "booking-closed")
	h.get(past.under()).wants(200)
	h.now = h.now.AddDate(0, 0, 89)
	h.get(past.under()).wants(200)
	h.now = h.now.AddDate(0, 0, 2)
	h.get(past.under()).refused(404, "not-found")
}

// One answer for a token that was never made, was revoked, or has one letter
// changed.
func TestAnUnknownTokenIsNotFoundInTheSameWords(t *testing.T) {
	h := open(t)
	b := h.books()
	const made = "/api/v1/bookings/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	want := h.get(made).refused(404, "not-found")
	last := "A"
	if strings.HasSuffix(b.token(), "A") {
		last = "B"
	}
	other := h.books("start", "2026-12-08T12:00:00Z")
	for about, link := range map[string]string{
		"one letter changed": b.under()[:len(b.under())-1] + last,
		"one letter less":    b.under()[:len(b.under())-1],
		"one letter more":    b.under() + "A",
		"another's code":     b.under()[:len(b.under())-20] + other.under()[len(other.under())-20:],
		"the id":             "/api/v1/bookings/" + b.ID,
		"a letter":           "/api/v1/bookings/x",
		"padded":             b.under() + "==",
	} {
		for _, a := range []said{h.get(link), h.post(link+"/cancel", ""), h.post(link+"/reschedule", `{"start":"2026-12-08T15:00:00Z"}`)} {
			if got := a.refused(404, "not-found"); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s is told as %+v", about, got)
			}
		}
	}
	if got := h.get(b.under()).wants(200).booking(); got.Status != "confirmed" {
		t.Errorf("it is %s", got.Status)
	}
}

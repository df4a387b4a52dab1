package api_test

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"
)

// limited fails the test unless this is a 429 that says how long to wait.
func (a said) limited() {
	a.t.Helper()
	a.refused(429, "too-many")
	if wait, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || wait < 1 || wait > 3600 {
		a.t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
	}
}

// closes repeats an act until it is refused as too many, and tells how often it
// was let through. A slow machine lets a few more through, one each five seconds.
func closes(act func() said) (through int) {
	for ; through < 150; through++ {
		if a := act(); a.status == http.StatusTooManyRequests {
			a.limited()
			return through
		}
	}
	return through
}

func TestTooManyTriesFromOneSourceAreToldToWait(t *testing.T) {
	h := open(t)
	if n := closes(func() said { return h.post(bookings, `{}`) }); n < 120 || n > 130 {
		t.Errorf("%d came through, the limit is 120", n)
	}
	h.source = "192.0.2.2:1"
	h.post(bookings, body()).wants(201)
	// C25: nobody's word counts but the peer's.
	h.post(bookings, body(), header("X-Forwarded-For", "192.0.2.1")).refused(409, "slot-taken")
	h.source = "192.0.2.1:1"
	if n := closes(func() said { return h.post(bookings, body(), header("X-Forwarded-For", "192.0.2.9")) }); n > 5 {
		t.Errorf("%d came through under another's name", n)
	}
}

func TestActsUnderATokenAreLimitedBySource(t *testing.T) {
	h := open(t)
	if n := closes(func() said { return h.post(bookings+"/AAAA/cancel", "") }); n < 120 || n > 130 {
		t.Errorf("%d came through, the limit is 120", n)
	}
	h.get(bookings+"/AAAA").refused(404, "not-found")
	h.get("/api/v1/appointment-types").wants(200)
}

// An office behind one address found every hour taken, and was closed out for
// the bookings that it had not made.
func TestOnlyBookingsThatWereMadeCountAsMade(t *testing.T) {
	h := open(t)
	h.post(bookings, body(), key("k")).wants(201)
	for range 70 {
		h.post(bookings, body()).refused(409, "slot-taken")
	}
	for range 20 { // a retry makes none either
		h.now = h.now.Add(time.Second)
		h.post(bookings, body(), key("k")).wants(201)
	}
	if n := h.made(); n != 1 {
		t.Errorf("%d count as made", n)
	}
}

func TestOneSourceEndsUpWithSixtyBookingsAnHour(t *testing.T) {
	h := open(t)
	day := time.Date(2026, 12, 8, 9, 0, 0, 0, time.UTC)
	made := 0
	for ; made < 64; made++ {
		start := day.AddDate(0, 0, made/16).Add(time.Duration(made%16) * 30 * time.Minute)
		a := h.post(bookings, body("start", start.Format(time.RFC3339), "email", fmt.Sprintf("p%d@example.com", made)))
		if a.status == http.StatusTooManyRequests {
			a.limited()
			break
		}
		a.wants(201)
	}
	if made != 60 {
		t.Errorf("%d were made", made)
	}
	if n := h.count(`select count(*) from booking`); n != made {
		t.Errorf("%d bookings", n)
	}
}

// made is how many bookings the limit has counted, from how far ahead its
// bucket lies.
func (h *house) made() int {
	h.t.Helper()
	return h.count(`
		select cast(round(extract(epoch from tat - statement_timestamp()) / 60) as integer)
		from limit_bucket
		where name = 'booking-made'`)
}

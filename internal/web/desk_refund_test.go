package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/engagement"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// books has a coach book an hour alone with a client, with a session of theirs.
func (s *shop) books(slug string, in engagement.ID, who people.ID, start time.Time) booking.Booking {
	s.t.Helper()
	c := s.coach(slug)
	b, err := s.booking.BookSession(s.ctx, booking.Viewer{ID: c.ID, Role: c.Role}, booking.Session{Type: "single", Coach: slug, Start: start, Engagement: in, For: who, Use: true}, []booking.Rule{booking.RuleGrid})
	s.must(err)
	return b
}

// Kit had met Noor once and had one more hour arranged. The page of a refund said
// that one session was unused, and weighed the other two alike.
func TestARefundKeepsWhatIsUsedApartFromWhatIsBookedAhead(t *testing.T) {
	s := newShop(t)
	id := s.paid(s.kit, "one-three")
	found, err := engagement.ListForClient(s.ctx, s.db, s.kit)
	s.must(err)
	s.books("noor", found[0].ID, s.kit, hour(10))
	s.clock.Store(hour(12).UnixNano())
	next := s.books("noor", found[0].ID, s.kit, hour(10).AddDate(0, 0, 7))
	at, cancel := "/desk/orders/"+string(id), "/desk/bookings/"+string(next.ID)
	noor := s.signedIn(s.coach("noor").ID)
	page := func(path string) answer { return s.fetch("GET", at+path, noor, nil) }
	says(t, "the order", words(page("").body), "3 given, 1 used, 1 booked ahead, 1 left")
	first := page("/refund?part=1")
	says(t, "the first page", words(first.body), "1 used, 1 booked ahead, 1 unused.", "Individual session, Tuesday 15 December, 10:00", "cancel it first", "Up to £300.00", "What is unused is worth £100.00.")
	says(t, "the first page", first.body, `href="`+cancel+`?do=cancel"`, `value="100.00"`)
	one := page("/refund?part=1&amount=100.00&reason=goodwill")
	if got := words(one.body); strings.Contains(got, "owed to you") || !strings.Contains(one.body, `autocomplete="off" value="1"`) {
		t.Error("the worth of what is unused leaves something owed: ", got)
	}
	all := page("/refund?part=1&amount=300.00&reason=goodwill").body
	says(t, "for all of it", words(all), "1 used, 1 booked ahead, 1 unused.", "used than stay paid for: £100.00 is noted as owed to you", "booked ahead than stay paid for", "without cancelling, the hour stands, and £100.00 is noted")
	if got := s.fetch("GET", cancel+"?do=cancel", noor, nil); got.status != 200 {
		t.Errorf("the way to cancel: %d", got.status)
	}
	if got := s.fetch("POST", cancel+"/cancel", noor, url.Values{"op": {s.first.guard.NewOp(s.now())}}); got.status != 303 {
		t.Fatalf("cancelled: %d", got.status)
	}
	after := words(page("/refund?part=1&amount=200.00&reason=goodwill").body)
	says(t, "once it is cancelled", after, "1 used, 2 unused.")
	if strings.Contains(after, "ahead") || strings.Contains(after, "owed to you") {
		t.Error(after)
	}
}

// Kit works with Olu too, who has an hour ahead with Kit's sessions. That it is
// there Noor sees, and not when.
func TestARefundNamesNoHourOfAnotherCoach(t *testing.T) {
	s := newShop(t)
	s.apply("appointment_types: [{slug: single, coaches: [noor, olu]}]")
	id := s.paid(s.kit, "one-three")
	var olus engagement.ID
	s.must(s.db.InTx(s.ctx, func(tx *pg.Tx) (err error) {
		if olus, err = s.first.engagement.Start(s.ctx, tx, s.coach("olu").ID, []engagement.Invitee{{Person: s.kit, Word: "harbour"}}, engagement.ReadyPolicyAlone("Olu"), s.now()); err != nil {
			return err
		}
		_, err = s.first.engagement.Accept(s.ctx, tx, s.kit, olus, "harbour", s.now())
		return err
	}))
	b := s.books("olu", olus, s.kit, hour(10).AddDate(0, 0, 7))
	at := "/desk/orders/" + string(id) + "/refund?part=1"
	held := s.desks("noor", "olu", "mara")
	got := s.fetch("GET", at, held["noor"], nil).body
	says(t, "Noor’s page", words(got), "0 used, 1 booked ahead, 2 unused.", "an hour with another coach")
	if strings.Contains(got, string(b.ID)) || strings.Contains(got, "December") {
		t.Error("Noor reads when it is: ", words(got))
	}
	for _, slug := range []string{"olu", "mara"} {
		says(t, slug, s.fetch("GET", at, held[slug], nil).body, "/desk/bookings/"+string(b.ID), "10:00")
	}
}

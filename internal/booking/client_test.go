package booking_test

import (
	"strings"
	"sync"
	"testing"

	"kintsugi/internal/booking"
	"kintsugi/internal/calendar/icaltest"
	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

// An open inbox is not the client: a code alone shows what both know of.
func TestACodeAloneOpensWhatBothKnowOf(t *testing.T) {
	c := newCouple(t)
	joint, solo := c.both(at(10, 0)), c.solo(c.sam, at(12, 0))
	own := c.book("sam", at(14, 0)) // before they had an account, under the same address
	weak := booking.Client{ID: c.sam}
	for _, b := range []booking.Booking{joint, solo, own} {
		_, err := c.FindAs(c.ctx, weak, b.ID)
		if (err == nil) != (b.ID == joint.ID) {
			t.Errorf("%s with a code alone: %v", b.TypeSlug, err)
		}
		if _, err := c.FindAs(c.ctx, strong(c.sam), b.ID); err != nil {
			t.Errorf("%s with both proofs: %v", b.TypeSlug, err)
		}
	}
	for _, row := range []struct {
		who  booking.Client
		seen int
	}{{weak, 1}, {strong(c.sam), 3}, {booking.Client{ID: c.alex}, 1}, {strong(c.alex), 1}, {strong(c.kim), 0}} {
		if got, err := c.Coming(c.ctx, c.DB, row.who); err != nil || len(got) != row.seen {
			t.Errorf("%+v sees %d, %v", row.who, len(got), err)
		}
	}
}

// A page of what is over held fifty calls of all kinds and showed the joint ones
// among them: whoever held the inbox could count the others.
func TestHowManyCallsAreOnesOwnShowsNowhereBehindACode(t *testing.T) {
	c := newCouple(t)
	for i := range 2 {
		c.both(at(9+i, 0))
	}
	for i := range 3 {
		c.solo(c.sam, at(12+i, 0))
	}
	c.now = at(20, 0)
	for _, who := range []booking.Client{{ID: c.sam}, {ID: c.alex}} {
		if past, err := c.Past(c.ctx, c.DB, who, 2); err != nil || len(past) != 2 || !past[0].Joint || !past[1].Joint {
			t.Errorf("%d calls, %v", len(past), err)
		}
	}
	if past, err := c.Past(c.ctx, c.DB, strong(c.sam), 9); err != nil || len(past) != 5 {
		t.Errorf("%d calls with both proofs, %v", len(past), err)
	}
}

func TestAClientBooksWhatIsOpenToThemAndNothingElse(t *testing.T) {
	c := newCouple(t)
	c.must(c.DB.InTx(c.ctx, func(tx *pg.Tx) error {
		id, err := practice.SaveType(c.ctx, tx, practice.Type{Slug: "paid", Name: "Paid", DurationMinutes: 60, Place: practice.Video, HorizonDays: 90, Lane: practice.Joint, Credits: 1})
		if err != nil {
			return err
		}
		return practice.SaveHolders(c.ctx, tx, id, []people.ID{c.mara().ID})
	}))
	weak := booking.Client{ID: c.sam}
	for _, row := range []struct {
		about    string
		who      booking.Client
		typeSlug string
		coach    string
		in       engagement.ID
		want     error
	}{
		{"their own with a code alone", weak, "call", "", "", booking.ErrNoType},
		{"a solo one with a code alone", weak, "solo", "", c.id, booking.ErrNoType},
		{"what is paid for in advance, without a session", strong(c.sam), "paid", "", c.id, credit.ErrNoCredit},
		{"what is paid for in advance, outside", strong(c.sam), "paid", "mara", "", booking.ErrNoType},
		{"what is not public, outside", strong(c.sam), "solo", "", "", booking.ErrNoType},
		{"what is not there", strong(c.sam), "none", "", c.id, booking.ErrNoType},
		{"in another one’s work", strong(c.sam), "both", "", c.other, engagement.ErrNothing},
		{"in nobody’s work", strong(c.sam), "both", "", "x", engagement.ErrNothing},
		{"for both where there is one", strong(c.kim), "both", "", c.other, engagement.ErrAlone},
		{"with a coach who has it not", strong(c.sam), "call", "noor", "", booking.ErrNoCoach},
		{"for both, with a code alone", weak, "both", "", c.id, nil},
	} {
		_, err := c.BookAs(c.ctx, row.who, booking.Session{Type: row.typeSlug, Coach: row.coach, Engagement: row.in, Start: at(10, 0)}, "Europe/Berlin")
		if row.want == nil && err != nil || row.want != nil && fault.SayOf(err) != fault.SayOf(row.want) {
			t.Errorf("%s: %v", row.about, err)
		}
	}
	if _, err := c.BookAs(c.ctx, strong(c.kim), booking.Session{Type: "solo", Engagement: c.other, Start: at(10, 0)}, "UTC"); !fault.Is(err, booking.SlotTaken) {
		t.Errorf("the hour of others: %v", err)
	}
	if _, err := c.BookAs(c.ctx, strong(c.kim), booking.Session{Type: "solo", Engagement: c.other, Start: at(7, 0)}, "UTC"); !fault.Is(err, booking.SlotUnavailable) {
		t.Errorf("outside the hours: %v", err)
	}
	if _, err := c.BookAs(c.ctx, strong(c.kim), booking.Session{Type: "solo", Engagement: c.other, Start: at(12, 0)}, "Mars/Olympus"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("on a clock that does not exist: %v", err)
	}
}

// Whichever of the two books, the partner has it too, and the number and the
// clock are those of the one who booked.
func TestWhoBooksForBothSitsFirst(t *testing.T) {
	c := newCouple(t)
	for i, who := range []people.ID{c.sam, c.alex} {
		b, err := c.BookAs(c.ctx, booking.Client{ID: who}, booking.Session{Type: "both", Engagement: c.id, Start: at(10+2*i, 0)}, "Asia/Tokyo")
		c.must(err)
		full, err := booking.Find(c.ctx, c.DB, b.ID)
		c.must(err)
		if full.PersonID != who || full.Timezone != "Asia/Tokyo" || full.Guest.ID == who || full.Guest.ID == "" || full.Guest.Timezone == "Asia/Tokyo" || !full.Joint {
			t.Errorf("%+v", full)
		}
		if b.Guest != (booking.Guest{}) {
			t.Error("the client is handed what is the other’s")
		}
		if n := c.count(`select count(*) from letter where about = $1 and kind = 'call-confirmed' and not stranger`, b.ID); n != 2 {
			t.Errorf("%d letters to the clients", n)
		}
	}
}

// Already-booked is said to somebody who has proven who they are, in two tabs at
// once as well; the public page goes on answering everybody alike.
func TestACallThatIsHadOnceIsRefusedToWhoIsSignedIn(t *testing.T) {
	c := newCouple(t)
	var wg sync.WaitGroup
	got := make([]error, 6)
	for i := range got {
		wg.Go(func() {
			_, got[i] = c.BookAs(c.ctx, strong(c.sam), booking.Session{Type: "call", Start: at(9+i, 0)}, "Europe/Berlin")
		})
	}
	wg.Wait()
	made := 0
	for _, err := range got {
		if err == nil {
			made++
		} else if !fault.Is(err, "already-booked") {
			t.Error(err)
		}
	}
	if made != 1 {
		t.Errorf("%d were made", made)
	}
	if _, err := c.Book(c.ctx, ask("sam", at(16, 0))); err != nil {
		t.Errorf("an address that nobody has proven is told something: %v", err)
	}
	if _, err := c.BookAs(c.ctx, strong(c.alex), booking.Session{Type: "call", Start: at(15, 0)}, "Europe/Berlin"); err != nil {
		t.Errorf("the partner is told of it: %v", err)
	}
}

func TestTheSameActSentTwiceBooksOnce(t *testing.T) {
	c := newCouple(t)
	key := once.Key{Scope: "portal book", Text: "one"}
	r := booking.Session{Type: "both", Engagement: c.id, Start: at(10, 0), Key: key}
	first, err := c.BookAs(c.ctx, strong(c.alex), r, "Europe/Berlin")
	c.must(err)
	again, err := c.BookAs(c.ctx, strong(c.alex), r, "Europe/Berlin")
	c.must(err)
	if first.ID != again.ID || again.PersonID != c.alex || again.Guest.ID != "" {
		t.Errorf("%+v, %+v", first, again)
	}
	r.Start = at(12, 0)
	if _, err := c.BookAs(c.ctx, strong(c.alex), r, "Europe/Berlin"); !fault.Is(err, once.Mismatch) {
		t.Errorf("another act under the same key: %v", err)
	}
}

func TestANumberIsSeenByWhoGaveItAndByTheCoach(t *testing.T) {
	c := newCouple(t)
	c.own(t, `update appointment_type set place = 'phone' where slug = 'both'`)
	r := booking.Session{Type: "both", Engagement: c.id, Start: at(10, 0)}
	if _, err := c.BookAs(c.ctx, strong(c.alex), r, "UTC"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("without a number: %v", err)
	}
	r.Phone = "+44 20 7946 0000"
	b, err := c.BookAs(c.ctx, strong(c.alex), r, "UTC")
	c.must(err)
	for who, want := range map[people.ID]string{c.alex: r.Phone, c.sam: ""} {
		if own, err := c.FindAs(c.ctx, strong(who), b.ID); err != nil || own.Phone != want {
			t.Errorf("%q, %v", own.Phone, err)
		}
	}
	if seen, err := c.FindFor(c.ctx, c.mara(), b.ID); err != nil || seen.Phone != r.Phone {
		t.Errorf("the coach: %q, %v", seen.Phone, err)
	}
}

func TestAClientsFeedIsTheirsUntilItIsRevoked(t *testing.T) {
	c := newCouple(t)
	joint, solo := c.both(at(10, 0)), c.solo(c.sam, at(12, 0))
	_, err := c.CancelAs(c.ctx, strong(c.sam), solo.ID, "CANARY-reason")
	c.must(err)
	if feed, err := c.FindFeed(c.ctx, c.DB, c.sam); err != nil || feed.URL != "" {
		t.Errorf("a feed that nobody asked for: %+v, %v", feed, err)
	}
	c.must(c.openFeed(c.sam))
	c.must(c.openFeed(c.sam)) // again: the same
	c.must(c.openFeed(c.alex))
	first := c.feedToken(c.sam)
	if got, want := c.feedOf(c.sam), lines(joint.CalendarUID+" CONFIRMED", solo.CalendarUID+" CANCELLED"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := c.feedOf(c.alex); got != joint.CalendarUID+" CONFIRMED" {
		t.Errorf("the partner’s: %s", got)
	}
	body, err := c.Feed(c.ctx, first)
	c.must(err)
	icaltest.Read(t, body)
	for _, word := range []string{"CANARY", "example.com", "Session", "Coaching", "/bookings/", string(joint.ID)} {
		if strings.Contains(string(body), word) {
			t.Errorf("the feed says %q", word)
		}
	}
	close := func(who people.ID) {
		t.Helper()
		c.must(c.DB.InTx(c.ctx, func(tx *pg.Tx) error { return c.CloseFeed(c.ctx, tx, who, c.now) }))
	}
	close(c.sam)
	close(c.sam)
	alexs := c.feedToken(c.alex)
	for _, text := range []string{first, alexs[:43] + first[43:], first[:43] + alexs[43:], first[:10]} {
		if _, err := c.Feed(c.ctx, text); err != booking.ErrNoBooking {
			t.Errorf("revoked or forged: %v", err)
		}
	}
	c.must(c.openFeed(c.sam))
	second := c.feedToken(c.sam)
	if second == first {
		t.Error("a revoked address came back")
	}
	if _, err := c.Feed(c.ctx, first); err != booking.ErrNoBooking {
		t.Errorf("the old address: %v", err)
	}
	// Nobody's feed: a coach's ids under a client's purpose, and a stranger's.
	coach, err := peopleCoach(c.house)
	c.must(err)
	coachs := strings.TrimSuffix(strings.TrimPrefix(c.CoachFeedURL(coach), "https://book.example.org/feeds/"), ".ics")
	if _, err := c.Feed(c.ctx, coachs); err != nil {
		t.Errorf("the coach’s own: %v", err)
	}
	c.now = c.now.AddDate(0, 0, 31)
	if got := c.feedOf(c.sam); got != joint.CalendarUID+" CONFIRMED" {
		t.Errorf("a month later: %s", got)
	}
	if n := c.count(`select count(*) from audit where act like 'calendar feed%' and about = $1`, c.sam); n != 3 {
		t.Errorf("%d lines on record", n)
	}
}

package booking_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/calendar/icaltest"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/mail/mailtest"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
)

// couple is a house in which Sam and Alex work with Mara, each on a clock of
// their own, and Kim works with her alone.
type couple struct {
	*house
	work           *engagement.Service
	id, other      engagement.ID
	sam, alex, kim people.ID
}

func newCouple(t testing.TB) *couple {
	t.Helper()
	h := newHouse(t)
	c := &couple{house: h, work: &engagement.Service{Keys: h.Keys, Links: h.Links}}
	h.must(h.DB.InTx(h.ctx, func(tx *pg.Tx) error {
		mara, err := people.FindCoach(h.ctx, tx, "mara")
		if err != nil {
			return err
		}
		for i, lane := range []string{practice.Joint, practice.Individual} {
			id, err := practice.SaveType(h.ctx, tx, practice.Type{Slug: []string{"both", "solo"}[i], Name: "Session", DurationMinutes: 60, Place: practice.Video,
				HorizonDays: 90, Lane: lane, Position: 5 + i})
			if err != nil {
				return err
			}
			if err := practice.SaveHolders(h.ctx, tx, id, []people.ID{mara.ID}); err != nil {
				return err
			}
		}
		for name, zone := range map[string]string{"sam": "Europe/Berlin", "alex": "America/New_York", "kim": "Europe/London"} {
			id, _, err := people.FindOrCreate(h.ctx, tx, name+"@example.com", "CANARY-"+name, zone, true, h.now)
			if err != nil {
				return err
			}
			map[string]func(people.ID){"sam": func(p people.ID) { c.sam = p }, "alex": func(p people.ID) { c.alex = p }, "kim": func(p people.ID) { c.kim = p }}[name](id)
		}
		return nil
	}))
	c.id, c.other = c.start(c.sam, c.alex), c.start(c.kim)
	return c
}

func (c *couple) start(clients ...people.ID) (id engagement.ID) {
	c.t.Helper()
	c.must(c.DB.InTx(c.ctx, func(tx *pg.Tx) (err error) {
		var invited []engagement.Invitee
		for _, p := range clients {
			invited = append(invited, engagement.Invitee{Person: p, Word: "harbour " + string(p)})
		}
		if id, err = c.work.Start(c.ctx, tx, c.mara().ID, invited, engagement.ReadyPolicy(engagement.Confidential, "Mara"), c.now); err != nil {
			return err
		}
		for _, p := range clients {
			if refused, err := c.work.Accept(c.ctx, tx, p, id, "harbour "+string(p), c.now); refused != nil || err != nil {
				return fmt.Errorf("accept: %v, %w", refused, err)
			}
		}
		return nil
	}))
	c.own(c.t, `delete from letter`)
	return id
}

func (c *couple) leave(who people.ID) {
	c.t.Helper()
	c.now = c.now.Add(time.Minute)
	c.must(c.DB.InTx(c.ctx, func(tx *pg.Tx) error { return c.work.Leave(c.ctx, tx, who, c.id, c.now) }))
	c.own(c.t, `delete from letter where kind like 'engagement%'`)
}

// both is a joint session and solo one of a client, booked by the coach.
func (c *couple) both(start time.Time) booking.Booking { return c.session("both", "", start) }
func (c *couple) solo(who people.ID, start time.Time) booking.Booking {
	return c.session("solo", who, start)
}

func (c *couple) session(typeSlug string, who people.ID, start time.Time) booking.Booking {
	c.t.Helper()
	b, err := c.BookSession(c.ctx, c.mara(), booking.Session{Type: typeSlug, Coach: "mara", Start: start, Engagement: c.id, For: who}, nil)
	c.must(err)
	return b
}

// linkOf is the text of a client's own link.
func (c *couple) linkOf(b booking.Booking, who people.ID) string {
	c.t.Helper()
	full, err := booking.Find(c.ctx, c.DB, b.ID)
	c.must(err)
	own, _ := full.As(who)
	if own.PersonID != who {
		c.t.Fatalf("the booking is not %s’s", who)
	}
	return c.LinkFor(own, booking.ByPerson)
}

func strong(who people.ID) booking.Client { return booking.Client{ID: who, Strong: true} }

// Other schedulers sent one letter to both partners, with one link and two
// attendees: whoever forwarded it gave away the other's address and the right to
// cancel in their name.
func TestAJointSessionIsToldToEachClientWithTheirOwnLinkClockAndAttendee(t *testing.T) {
	c := newCouple(t)
	server := mailtest.Start(t)
	b := c.both(at(14, 0))
	zones := map[string]string{"sam@example.com": "(Berlin, CET)", "alex@example.com": "(New York, EST)", "mara@example.org": "(London, GMT)"}
	check := func(method string, sequence int, start time.Time) {
		t.Helper()
		letters := c.post(server)
		if len(letters) != 3 {
			t.Fatalf("%d letters", len(letters))
		}
		links := map[string]bool{}
		for to, letter := range letters {
			said := c.text(letter)
			if !strings.Contains(said, zones[to]) {
				t.Errorf("%s is told on another clock: %s", to, said)
			}
			part := letter.Find("text/calendar")
			cal, e := icaltest.One(t, part.Body)
			if cal.Method != method || e.UID != b.CalendarUID || e.Sequence != sequence || !e.Start.Equal(start) {
				t.Errorf("%s: %s %+v", to, cal.Method, e)
			}
			if len(e.Attendees) != 1 || !strings.EqualFold(e.Attendees[0].Address, "mailto:"+to) {
				t.Errorf("%s: attendees %v", to, e.Attendees)
			}
			for _, who := range []string{"sam", "alex"} {
				if client := strings.HasSuffix(to, ".com"); client && (strings.Contains(said+string(part.Body), "CANARY") ||
					!strings.HasPrefix(to, who) && strings.Contains(said+string(part.Body), who)) {
					t.Errorf("the letter to %s names somebody", to)
				}
			}
			for _, word := range strings.Fields(said) {
				if at := strings.Index(word, "/bookings/"); at >= 0 {
					links[word[at:]] = true
				}
			}
		}
		if len(links) != 3 {
			t.Errorf("%d different links in three letters", len(links))
		}
		if theirs := c.text(letters["mara@example.org"]); !strings.Contains(theirs, "CANARY-sam and CANARY-alex") && !strings.Contains(theirs, "CANARY-alex and CANARY-sam") {
			t.Errorf("the coach reads: %s", theirs)
		}
	}
	check("REQUEST", 0, at(14, 0))
	_, _, err := c.Reschedule(c.ctx, c.linkOf(b, c.alex), at(15, 0), once.Key{})
	c.must(err)
	check("REQUEST", 1, at(15, 0))
	_, err = c.MoveFor(c.ctx, c.mara(), booking.Move{ID: b.ID, Start: at(16, 0)})
	c.must(err)
	check("REQUEST", 2, at(16, 0))
	for _, when := range []time.Time{monday.Add(8 * time.Hour), at(15, 0)} {
		c.now = when
		if reminded := c.post(server); len(reminded) != 2 || reminded["mara@example.org"] != nil {
			t.Errorf("%d reminders", len(reminded))
		}
	}
	_, _, err = c.Cancel(c.ctx, c.linkOf(b, c.sam), "")
	c.must(err)
	check("CANCEL", 3, at(16, 0))
}

// One partner has said that mail is not safe. The other gets theirs, and neither
// page, letter nor entry of the other tells that one was held.
func TestALetterIsHeldForOneAndSentToTheOtherAndNeitherCanTell(t *testing.T) {
	c := newCouple(t)
	server := mailtest.Start(t)
	plain := c.both(at(10, 0))
	before := c.post(server)
	c.must(c.DB.InTx(c.ctx, func(tx *pg.Tx) error {
		return people.SetContact(c.ctx, tx, c.alex, 0, people.Contact{MayEmail: people.No, MayCall: people.Unknown, MayLeave: people.Unknown}, c.mara().ID, c.now)
	}))
	b := c.both(at(12, 0))
	letters := c.post(server)
	if letters["alex@example.com"] != nil || letters["sam@example.com"] == nil {
		t.Fatalf("%d letters", len(letters))
	}
	same := func(text string) string {
		text = strings.NewReplacer("11:00", "H", "13:00", "H", c.linkOf(plain, c.sam), "L", c.linkOf(b, c.sam), "L").Replace(text)
		return text
	}
	if was, now := same(c.text(before["sam@example.com"])), same(c.text(letters["sam@example.com"])); was != now {
		t.Errorf("the other can tell:\n%s\n%s", was, now)
	}
	if !strings.Contains(c.text(letters["mara@example.org"]), "Mail is not safe for CANARY-alex.") {
		t.Error("the coach is not told whom not to write to")
	}
	// Held later: what was queued before is held too, for that one alone.
	_, err := c.MoveFor(c.ctx, c.mara(), booking.Move{ID: plain.ID, Start: at(16, 0)})
	c.must(err)
	if moved := c.post(server); moved["alex@example.com"] != nil || moved["sam@example.com"] == nil {
		t.Errorf("%d letters after the word on mail had changed", len(moved))
	}
	own, _, err := c.ByLink(c.ctx, c.linkOf(b, c.sam))
	c.must(err)
	if own.Guest != (booking.Guest{}) || !own.SafeToEmail {
		t.Errorf("a client is handed what is the other’s: %+v", own.Guest)
	}
}

func TestALinkOfOnePartnerIsNotTheOthers(t *testing.T) {
	c := newCouple(t)
	b := c.both(at(10, 0))
	sam, alex := c.linkOf(b, c.sam), c.linkOf(b, c.alex)
	if sam == alex {
		t.Fatal("one link for two")
	}
	for who, link := range map[people.ID]string{c.sam: sam, c.alex: alex} {
		own, side, err := c.ByLink(c.ctx, link)
		if err != nil || side != booking.ByPerson || own.PersonID != who {
			t.Errorf("%v, %s, %+v", err, side, own)
		}
	}
	// Sam's code behind Alex's name, and the other way round; and Kim's name.
	for _, text := range []string{alex[:43] + sam[43:], sam[:43] + alex[43:], sam[:43] + c.coachLink(b)[43:]} {
		if _, _, err := c.ByLink(c.ctx, text); err != booking.ErrNoBooking {
			t.Errorf("a forged link: %v", err)
		}
	}
	c.own(t, `update booking_guest set generation = 2`)
	full, err := booking.Find(c.ctx, c.DB, b.ID)
	c.must(err)
	revoked, kept := alex, sam
	if full.Guest.ID == c.sam {
		revoked, kept = sam, alex
	}
	if _, _, err := c.ByLink(c.ctx, revoked); err != booking.ErrNoBooking {
		t.Errorf("a revoked link: %v", err)
	}
	for _, link := range []string{kept, c.coachLink(full)} {
		if _, _, err := c.ByLink(c.ctx, link); err != nil {
			t.Errorf("one link was revoked and another died: %v", err)
		}
	}
}

// Both partners press at the same moment, one to move and one to cancel.
func TestBothPartnersAtOnceHaveOneOutcomeAndOneSetOfLetters(t *testing.T) {
	c := newCouple(t)
	for round := range 4 {
		b := c.both(at(10, 0).AddDate(0, 0, round))
		links := map[people.ID]string{c.sam: c.linkOf(b, c.sam), c.alex: c.linkOf(b, c.alex)}
		acts := []func() error{
			func() error {
				return second(c.Reschedule(c.ctx, links[c.sam], b.Start.Add(3*time.Hour), once.Key{}))
			},
			func() error { return second(c.Cancel(c.ctx, links[c.alex], "")) },
			func() error {
				_, err := c.RescheduleAs(c.ctx, strong(c.alex), b.ID, b.Start.Add(5*time.Hour), once.Key{})
				return err
			},
			func() error { _, err := c.CancelAs(c.ctx, strong(c.sam), b.ID, ""); return err },
		}
		var wg sync.WaitGroup
		outcomes := make([]error, 8)
		for i := range outcomes {
			wg.Go(func() { outcomes[i] = acts[i%4]() })
		}
		wg.Wait()
		for _, err := range outcomes {
			if err != nil && !fault.Is(err, booking.BookingClosed) {
				t.Error(err)
			}
		}
		end, err := booking.Find(c.ctx, c.DB, b.ID)
		c.must(err)
		cancelled := c.count(`select count(*) from letter where about = $1 and kind like 'call-cancelled%'`, b.ID)
		if end.Status != booking.Cancelled || cancelled != 3 || end.Change != c.count(`select count(distinct change) from letter where about = $1`, b.ID)-1 {
			t.Errorf("%s after %d changes, %d letters of the cancelling", end.Status, end.Change, cancelled)
		}
	}
}

// Existence is content: whatever the partner asks for, the answer is that of a
// booking that was never made. Only the hour is not offered.
func TestAnIndividualSessionIsNowhereForThePartner(t *testing.T) {
	c := newCouple(t)
	server := mailtest.Start(t)
	joint := c.both(at(9, 0))
	c.post(server)
	c.must(c.openFeed(c.alex))
	seen := func() string {
		t.Helper()
		var said []string
		coming, err := c.Coming(c.ctx, c.DB, strong(c.alex))
		c.must(err)
		past, err := c.Past(c.ctx, c.DB, strong(c.alex), 50)
		c.must(err)
		all, err := booking.OfClient(c.ctx, c.DB, c.alex)
		c.must(err)
		for _, b := range slices.Concat(coming, past, all) {
			said = append(said, fmt.Sprintf("%+v", b))
		}
		return strings.Join(append(said, c.feedOf(c.alex)), "\n")
	}
	before := seen()
	told := map[string]bool{}
	hear := func() {
		t.Helper()
		for to := range c.post(server) {
			told[to] = true
		}
	}
	solo := c.solo(c.sam, at(12, 0))
	hear()
	c.solo(c.sam, at(14, 0).AddDate(0, 0, 1))
	hear()
	_, err := c.MoveFor(c.ctx, c.mara(), booking.Move{ID: solo.ID, Start: at(13, 0), Words: "for you"})
	c.must(err)
	hear()
	if told["alex@example.com"] || !told["sam@example.com"] {
		t.Errorf("letters to %v", told)
	}
	if after := seen(); after != before {
		t.Errorf("the partner sees a difference:\n%s\n%s", before, after)
	}
	never := booking.ID(uuid.NewString())
	for _, id := range []booking.ID{solo.ID, never, "x", ""} {
		for _, who := range []booking.Client{strong(c.alex), {ID: c.alex}, {ID: c.sam}, strong(c.kim), {}} {
			acts := map[string]error{}
			_, acts["find"] = c.FindAs(c.ctx, who, id)
			_, acts["move"] = c.RescheduleAs(c.ctx, who, id, at(16, 0), once.Key{})
			_, acts["cancel"] = c.CancelAs(c.ctx, who, id, "")
			for act, err := range acts {
				if !errors.Is(err, booking.ErrNotHere) || fault.SayOf(err) != booking.ErrNotHere.Say {
					t.Errorf("%s %q as %+v: %v", act, id, who, err)
				}
			}
		}
	}
	forged := c.LinkFor(joint, booking.ByPerson)
	if _, _, err := c.ByLink(c.ctx, forged[:43]+c.linkOf(solo, c.sam)[43:]); err != booking.ErrNoBooking {
		t.Errorf("a forged link: %v", err)
	}
	if got := c.offered("call", at(12, 30), at(14, 30)); slices.Contains(got, "13:00 [mara]") {
		t.Errorf("the hour is offered all the same: %v", got)
	}
	if own, err := c.FindAs(c.ctx, strong(c.sam), solo.ID); err != nil || own.Guest.ID != "" || own.Joint {
		t.Errorf("it is not the client’s own: %v %+v", err, own)
	}
}

func (c *couple) openFeed(who people.ID) error {
	return c.DB.InTx(c.ctx, func(tx *pg.Tx) error { return c.OpenFeed(c.ctx, tx, who, c.now) })
}

// feedOf is what a client's calendar program reads.
func (c *couple) feedOf(who people.ID) string {
	c.t.Helper()
	body, err := c.Feed(c.ctx, c.feedToken(who))
	c.must(err)
	var said []string
	for _, e := range icaltest.Read(c.t, body)[0].Events {
		said = append(said, e.UID+" "+e.Status)
	}
	slices.Sort(said)
	return strings.Join(said, "\n")
}

func (c *couple) feedToken(who people.ID) string {
	c.t.Helper()
	feed, err := c.FindFeed(c.ctx, c.DB, who)
	c.must(err)
	return strings.TrimSuffix(strings.TrimPrefix(feed.URL, "https://book.example.org/feeds/"), ".ics")
}

// LAN-11: one of them leaves while letters with links lie in inboxes and a
// calendar program asks for their feed every hour.
func TestWhoLeavesLosesWhatIsToComeAtOnceAndTheOtherKeepsIt(t *testing.T) {
	c := newCouple(t)
	server := mailtest.Start(t)
	over := c.both(monday.Add(time.Hour))
	c.post(server)
	b := c.both(at(10, 0))
	c.post(server)
	solo := c.solo(c.alex, at(12, 0))
	c.post(server)
	for _, who := range []people.ID{c.sam, c.alex} {
		c.must(c.openFeed(who))
	}
	sam, alex := c.linkOf(b, c.sam), c.linkOf(b, c.alex)
	one := strings.TrimSuffix(strings.TrimPrefix(c.FeedURL(mustAs(t, c, b, c.alex), booking.ByPerson), "https://book.example.org/feeds/"), ".ics")
	c.now = at(9, 0)
	c.own(t, `delete from letter where kind like 'call-reminder%'`)
	samFeed := c.feedOf(c.sam)
	// A letter to each waits in the outbox when Alex leaves.
	_, err := c.MoveFor(c.ctx, c.mara(), booking.Move{ID: b.ID, Start: at(14, 0), Words: "see you"})
	c.must(err)
	c.leave(c.alex)
	for to := range c.post(server) {
		if to == "alex@example.com" {
			t.Error("who left got a letter about a call they do not know of any more")
		}
	}
	if _, _, err := c.ByLink(c.ctx, alex); err != booking.ErrNoBooking {
		t.Errorf("the link of who left: %v", err)
	}
	if _, _, err := c.Cancel(c.ctx, alex, ""); !errors.Is(err, booking.ErrNoBooking) {
		t.Errorf("who left cancelled it: %v", err)
	}
	if _, err := c.Feed(c.ctx, one); err != booking.ErrNoBooking {
		t.Errorf("the entry of who left is still fed: %v", err)
	}
	for _, act := range []error{
		second(2, 2, errOf(c.FindAs(c.ctx, strong(c.alex), b.ID))),
		second(2, 2, errOf(c.RescheduleAs(c.ctx, strong(c.alex), b.ID, at(15, 0), once.Key{}))),
		second(2, 2, errOf(c.CancelAs(c.ctx, strong(c.alex), b.ID, ""))),
	} {
		if !errors.Is(act, booking.ErrNotHere) {
			t.Errorf("who left: %v", act)
		}
	}
	if got, want := c.feedOf(c.alex), lines(over.CalendarUID+" CONFIRMED", solo.CalendarUID+" CONFIRMED"); got != want {
		t.Errorf("their feed holds\n%s\nnot\n%s", got, want)
	}
	if past, err := c.Past(c.ctx, c.DB, strong(c.alex), 9); err != nil || len(past) != 1 || past[0].ID != over.ID {
		t.Errorf("what was over before is theirs to see: %v %v", past, err)
	}
	// For Sam nothing has happened.
	if _, _, err := c.ByLink(c.ctx, sam); err != nil {
		t.Errorf("the other’s link: %v", err)
	}
	if got := c.feedOf(c.sam); got != samFeed {
		t.Errorf("the other’s feed was\n%s\nand is\n%s", samFeed, got)
	}
	deserted, err := c.Deserted(c.ctx, c.mara(), []people.ID{c.mara().ID})
	c.must(err)
	if len(deserted) != 1 || deserted[0].ID != b.ID || !slices.Equal(deserted[0].Departed(), []string{"CANARY-alex"}) {
		t.Errorf("the coach is not asked: %+v", deserted)
	}
	// Sam moves it: the coach and Sam hear of it, Alex does not.
	_, _, err = c.Reschedule(c.ctx, sam, at(16, 0), once.Key{})
	c.must(err)
	letters := c.post(server)
	if len(letters) != 2 || letters["alex@example.com"] != nil || !strings.Contains(c.text(letters["mara@example.org"]), "CANARY-alex has left") {
		t.Errorf("%d letters", len(letters))
	}
	c.now = at(15, 0)
	c.own(t, `delete from letter where kind = 'call-reminder-1'`)
	if reminded := c.post(server); reminded["alex@example.com"] != nil || reminded["sam@example.com"] == nil {
		t.Errorf("reminded: %d", len(reminded))
	}
}

func errOf[A any](a A, err error) error { _ = a; return err }

func lines(all ...string) string { slices.Sort(all); return strings.Join(all, "\n") }

func mustAs(t *testing.T, c *couple, b booking.Booking, who people.ID) booking.Booking {
	t.Helper()
	full, err := booking.Find(c.ctx, c.DB, b.ID)
	c.must(err)
	own, known := full.As(who)
	if !known {
		t.Fatal("they do not know of it")
	}
	return own
}

func TestACallThatOneHasLeftIsKeptForTheOtherAlone(t *testing.T) {
	for _, leaves := range []string{"the one who is first", "the other"} {
		t.Run(leaves, func(t *testing.T) { keptFor(t, leaves) })
	}
}

func keptFor(t *testing.T, leaves string) {
	c := newCouple(t)
	b := c.both(at(10, 0))
	_, err := c.MoveFor(c.ctx, c.mara(), booking.Move{ID: b.ID, Start: at(14, 0), Words: "CANARY-words"})
	c.must(err)
	goes, stays := b.PersonID, b.Guest.ID
	if leaves == "the other" {
		goes, stays = stays, goes
	}
	link, gone := c.linkOf(b, stays), c.linkOf(b, goes)
	if _, err := c.KeepFor(c.ctx, c.mara(), b.ID); !fault.Is(err, booking.BookingClosed) {
		t.Errorf("kept for one while both are there: %v", err)
	}
	c.leave(goes)
	for range 2 {
		kept, err := c.KeepFor(c.ctx, c.mara(), b.ID)
		if err != nil || kept.PersonID != stays || kept.Joint || kept.Guest.ID != "" {
			t.Fatalf("%s leaves: %v %+v", leaves, err, kept)
		}
	}
	own, _, err := c.ByLink(c.ctx, link)
	c.must(err)
	if note, err := c.Note(c.ctx, c.DB, own); err != nil || note != "CANARY-words" {
		t.Errorf("%s leaves: the words are lost: %q, %v", leaves, note, err)
	}
	if _, _, err := c.ByLink(c.ctx, gone); err != booking.ErrNoBooking {
		t.Errorf("the link of who left: %v", err)
	}
	if got, err := c.Deserted(c.ctx, c.mara(), []people.ID{c.mara().ID}); err != nil || len(got) != 0 {
		t.Errorf("the coach is asked again: %v %v", got, err)
	}
	if n := c.count(`select count(*) from letter where about = $1 and change = 1`, b.ID); n != 3+4 {
		t.Errorf("%d letters: keeping it is told to nobody", n)
	}
	lines, err := audit.About(c.ctx, c.DB, string(b.ID))
	c.must(err)
	if lines[len(lines)-1].Act != "booking kept for one" {
		t.Errorf("audit %+v", lines)
	}
}

// Whoever comes back has new lanes: nothing that was arranged while they were
// away, and nothing of the time before that they had left.
func TestWhoComesBackFindsNothingOfTheTimeBetween(t *testing.T) {
	c := newCouple(t)
	b := c.both(at(10, 0))
	c.leave(c.alex)
	c.now = c.now.Add(time.Minute)
	c.must(c.DB.InTx(c.ctx, func(tx *pg.Tx) error {
		if err := c.work.Invite(c.ctx, tx, c.mara().ID, c.id, engagement.Invitee{Person: c.alex, Word: "harbour " + string(c.alex)}, c.now); err != nil {
			return err
		}
		_, err := c.work.Accept(c.ctx, tx, c.alex, c.id, "harbour "+string(c.alex), c.now)
		return err
	}))
	if _, err := c.FindAs(c.ctx, strong(c.alex), b.ID); !errors.Is(err, booking.ErrNotHere) {
		t.Errorf("what they left is theirs again: %v", err)
	}
	fresh := c.both(at(12, 0))
	for _, who := range []people.ID{c.sam, c.alex} {
		if _, err := c.FindAs(c.ctx, booking.Client{ID: who}, fresh.ID); err != nil {
			t.Errorf("a new one: %v", err)
		}
	}
}

func TestAnHourForBothNeedsBothAndAnEngagementThatGoesOn(t *testing.T) {
	c := newCouple(t)
	book := func(r booking.Session) error {
		r.Coach, r.Start = "mara", at(10, 0)
		_, err := c.BookSession(c.ctx, c.mara(), r, nil)
		return err
	}
	if err := book(booking.Session{Type: "both", Engagement: c.other}); fault.SayOf(err) != engagement.ErrAlone.Say {
		t.Errorf("for both, of one: %v", err)
	}
	for _, who := range []people.ID{"", "x", c.kim, people.ID(uuid.NewString())} {
		if err := book(booking.Session{Type: "solo", Engagement: c.id, For: who}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("for %q: %v", who, err)
		}
	}
	for _, id := range []engagement.ID{"", "x", engagement.ID(uuid.NewString())} {
		if err := book(booking.Session{Type: "both", Engagement: id}); err != engagement.ErrNothing {
			t.Errorf("of %q: %v", id, err)
		}
	}
	noor := c.as("noor", people.Member)
	if _, err := c.BookSession(c.ctx, noor, booking.Session{Type: "both", Coach: "mara", Start: at(10, 0), Engagement: c.id}, nil); err != engagement.ErrNothing {
		t.Errorf("by a coach whose work it is not: %v", err)
	}
	if _, err := c.BookSession(c.ctx, c.assistant(), booking.Session{Type: "both", Coach: "mara", Start: at(10, 0), Engagement: c.id}, nil); err != nil {
		t.Errorf("by the office: %v", err)
	}
	c.must(c.DB.InTx(c.ctx, func(tx *pg.Tx) error { return c.work.Pause(c.ctx, tx, c.mara().ID, c.id, c.now) }))
	if err := book(booking.Session{Type: "both", Engagement: c.id}); err != engagement.ErrPaused {
		t.Errorf("during a pause: %v", err)
	}
	c.must(c.DB.InTx(c.ctx, func(tx *pg.Tx) error { return c.work.End(c.ctx, tx, c.mara().ID, c.id, c.now) }))
	if err := book(booking.Session{Type: "both", Engagement: c.id}); err != engagement.ErrEnded {
		t.Errorf("after the end: %v", err)
	}
}

// A client leaves in the moment in which an hour for both is booked.
func TestAnHourForBothIsNeverMadeForOneWhoHasLeft(t *testing.T) {
	for range 6 {
		t.Run("", madeForOneWhoLeaves)
	}
}

func madeForOneWhoLeaves(t *testing.T) {
	c := newCouple(t)
	var wg sync.WaitGroup
	var made error
	wg.Go(func() {
		_, made = c.BookSession(c.ctx, c.mara(), booking.Session{Type: "both", Coach: "mara", Start: at(10, 0), Engagement: c.id}, nil)
	})
	wg.Go(func() {
		if err := c.DB.InTx(c.ctx, func(tx *pg.Tx) error { return c.work.Leave(c.ctx, tx, c.alex, c.id, monday) }); err != nil {
			t.Error(err)
		}
	})
	wg.Wait()
	if made != nil && fault.SayOf(made) != engagement.ErrAlone.Say {
		t.Fatal(made)
	}
	coming, err := c.Coming(c.ctx, c.DB, strong(c.alex))
	c.must(err)
	if len(coming) != 0 {
		t.Error("who left sees it")
	}
	deserted, err := c.Deserted(c.ctx, c.mara(), []people.ID{c.mara().ID})
	c.must(err)
	if (made == nil) != (len(deserted) == 1) {
		t.Errorf("made: %v, flagged: %d", made, len(deserted))
	}
}

// What a client writes when they cancel is for the coach, not for the partner.
func TestTheReasonOfOneIsReadByTheCoachAndTheCoachsWordsByBoth(t *testing.T) {
	c := newCouple(t)
	for _, who := range []people.ID{c.sam, c.alex} {
		b := c.both(at(10, 0))
		_, err := c.MoveFor(c.ctx, c.mara(), booking.Move{ID: b.ID, Start: at(14, 0), Words: "CANARY-coach"})
		c.must(err)
		for _, reader := range []people.ID{c.sam, c.alex} {
			if note, err := c.Note(c.ctx, c.DB, mustAs(t, c, b, reader)); err != nil || note != "CANARY-coach" {
				t.Errorf("the coach’s words: %q, %v", note, err)
			}
		}
		_, err = c.CancelAs(c.ctx, booking.Client{ID: who}, b.ID, "CANARY-reason")
		c.must(err)
		_, words, err := c.ReadWordsFor(c.ctx, c.mara(), b.ID)
		if err != nil || words.Reason != "CANARY-reason" {
			t.Errorf("%+v, %v", words, err)
		}
		other := mustAs(t, c, b, map[people.ID]people.ID{c.sam: c.alex, c.alex: c.sam}[who])
		c.must(c.DB.InTx(c.ctx, func(tx *pg.Tx) error {
			theirs, err := c.OpenIn(c.ctx, tx, c.mara(), other, c.now)
			if theirs.Reason != "" {
				t.Error("a copy of what is the partner’s holds the reason")
			}
			return err
		}))
	}
	for _, table := range []string{"booking", "booking_guest"} {
		if n := c.count(`select count(*) from ` + table + ` where position('CANARY' in encode(coalesce(reason, note), 'escape')) > 0`); n != 0 {
			t.Errorf("%s: the words are not sealed", table)
		}
	}
}

func TestTheCoachHearsWhichOfTwoAddressesDoesNotExist(t *testing.T) {
	c := newCouple(t)
	server := mailtest.Start(t)
	b := c.both(at(10, 0))
	c.post(server)
	c.own(t, `update letter set status = 'bounced', sent_at = null where about = $1 and recipient = $2`, b.ID, c.alex)
	names, err := booking.Undelivered(c.ctx, c.DB, mustAs(t, c, b, c.sam))
	if err != nil || !slices.Equal(names, []string{"CANARY-alex"}) {
		t.Errorf("%v, %v", names, err)
	}
	lost, err := c.Unarrived(c.ctx, c.mara(), []people.ID{c.mara().ID})
	c.must(err)
	if len(lost) != 1 || lost[0].Name != "CANARY-alex" || lost[0].Names() != "CANARY-alex" {
		t.Errorf("%+v", lost)
	}
	for _, who := range []people.ID{c.sam, c.alex} {
		c.must(c.DB.InTx(c.ctx, func(tx *pg.Tx) error { return c.Unreached(c.ctx, tx, string(who), c.now) }))
	}
	if n := c.count(`select count(*) from letter where about = $1 and kind = 'call-unreached-coach'`, b.ID); n != 1 {
		t.Errorf("the coach is told %d times", n)
	}
}

func TestErasingOneLeavesTheOtherTheirHour(t *testing.T) {
	for _, second := range []bool{false, true} {
		t.Run("", func(t *testing.T) { erasedOf(t, second) })
	}
}

func erasedOf(t *testing.T, second bool) {
	c := newCouple(t)
	server := mailtest.Start(t)
	b := c.both(at(10, 0))
	c.post(server)
	goes, stays := b.PersonID, b.Guest.ID
	if second {
		goes, stays = stays, goes
	}
	erase := func() (n int, err error) {
		err = c.DB.InTx(c.ctx, func(tx *pg.Tx) (err error) {
			n, err = booking.EraseOf(c.ctx, tx, []people.ID{goes}, c.now)
			return err
		})
		return n, err
	}
	if _, err := erase(); !errors.Is(err, booking.ErrComing) {
		t.Errorf("erased before the call: %v", err)
	}
	link := c.linkOf(b, stays)
	c.leave(goes)
	if n, err := erase(); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	if own, _, err := c.ByLink(c.ctx, link); err != nil || own.PersonID != stays {
		t.Errorf("the other’s call: %v", err)
	}
	if n := c.count(`select (select count(*) from booking where person_id = $1) + (select count(*) from booking_guest where person_id = $1)
		+ (select count(*) from letter where recipient = $1 and about = $2)`, goes, b.ID); n != 0 {
		t.Errorf("%d traces are left", n)
	}
	if n := c.count(`select count(*) from letter where recipient = $1 and about = $2`, stays, b.ID); n == 0 {
		t.Error("the other’s letters are gone")
	}
}

// Every wait for the database is a wait of everyone who wants the same coach.
func TestMovingAJointSessionWaitsNoLongerThanAnyOther(t *testing.T) {
	c := newCouple(t)
	b := c.both(at(9, 0))
	link := c.linkOf(b, c.alex)
	db, wire := pgtest.Listened(t)
	c.DB = db
	for i := range 4 { // the first times statements are read and prepared
		wire.Reset()
		c.must(second(c.Reschedule(c.ctx, link, at(10+i, 0), once.Key{})))
	}
	if got := wire.Trips(); got != 9 {
		t.Errorf("a move: %d trips", got)
	}
}

// What is kept of prospects for half a year was deleted of clients too, once
// the desk had set them to ended, and then stumbled over their engagement.
func TestWhoWasAClientIsNotForgottenAsAnOldEnquiry(t *testing.T) {
	c := newCouple(t)
	b := c.both(at(10, 0))
	var gone people.ID
	c.must(c.DB.InTx(c.ctx, func(tx *pg.Tx) (err error) {
		if gone, _, err = people.FindOrCreate(c.ctx, tx, "no@example.com", "Said No", "", true, c.now); err != nil {
			return err
		}
		id, err := c.work.Start(c.ctx, tx, c.mara().ID, []engagement.Invitee{{Person: gone, Word: "harbour"}}, engagement.ReadyPolicyAlone("Mara"), c.now)
		if err != nil {
			return err
		}
		return c.work.Decline(c.ctx, tx, gone, id, c.now)
	}))
	c.own(c.t, `update person set kept = false, seen_at = seen_at - interval '3 years'`)
	c.now = c.now.AddDate(2, 0, 0)
	c.must(c.ForgetOld(c.ctx))
	if _, err := people.Find(c.ctx, c.DB, gone); fault.KindOf(err) != fault.NotFound {
		t.Errorf("who said no is still known: %v", err)
	}
	for _, who := range []people.ID{c.sam, c.alex, c.kim} {
		if _, err := people.Find(c.ctx, c.DB, who); err != nil {
			t.Error(err)
		}
	}
	if _, err := c.FindFor(c.ctx, c.mara(), b.ID); err != nil {
		t.Errorf("their session is gone: %v", err)
	}
}

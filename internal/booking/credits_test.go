package booking_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/mail/mailtest"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
)

// paying is a couple whose coach holds kinds that are paid for in advance.
type paying struct {
	*couple
	grants int
}

func newPaying(t testing.TB) *paying {
	t.Helper()
	c := &paying{couple: newCouple(t)}
	c.must(c.DB.InTx(c.ctx, func(tx *pg.Tx) error {
		for i, kind := range []practice.Type{
			{Slug: "paid", Lane: practice.Joint}, {Slug: "paid-solo", Lane: practice.Individual},
			{Slug: "asked", Lane: practice.Individual, ApprovalMinutes: 24 * 60}, {Slug: "double", Lane: practice.Individual, Credits: 2},
		} {
			kind.Name, kind.DurationMinutes, kind.Place, kind.HorizonDays, kind.Position = "Session", 60, practice.Video, 90, 20+i
			kind.Credits = max(kind.Credits, 1)
			id, err := practice.SaveType(c.ctx, tx, kind)
			if err != nil {
				return err
			}
			if err := practice.SaveHolders(c.ctx, tx, id, []people.ID{c.mara().ID}); err != nil {
				return err
			}
		}
		return nil
	}))
	return c
}

func (c *paying) both() credit.Holder { return credit.Holder{Engagement: c.id} }

func (c *paying) grant(to credit.Holder, n, days int) {
	c.t.Helper()
	c.grants++
	types := practice.Slugs{"paid-solo", "asked", "double"}
	if to.Joint() {
		types = practice.Slugs{"paid"}
	}
	c.must(c.DB.InTx(c.ctx, func(tx *pg.Tx) error {
		_, err := credit.Grant(c.ctx, tx, credit.GrantOf{Holder: to, Sessions: n, Types: types, ValidDays: days, Source: "order",
			Key: fmt.Sprint("order ", c.grants), By: audit.Actor{Kind: audit.System}}, c.now)
		return err
	}))
}

func (c *paying) left(who people.ID) (joint, own int) {
	c.t.Helper()
	lots, err := credit.OfClient(c.ctx, c.DB, who, true)
	c.must(err)
	for _, l := range lots {
		if l.Joint() {
			joint += l.Left(c.now)
		} else {
			own += l.Left(c.now)
		}
	}
	return joint, own
}

func (c *paying) want(about string, who people.ID, joint, own int) {
	c.t.Helper()
	if j, o := c.left(who); j != joint || o != own {
		c.t.Errorf("%s: %d and %d left, want %d and %d", about, j, o, joint, own)
	}
}

func (c *paying) tryAs(who people.ID, typeSlug string, start time.Time) (booking.Booking, error) {
	return c.BookAs(c.ctx, strong(who), booking.Session{Type: typeSlug, Engagement: c.id, Start: start}, "Europe/London")
}

func (c *paying) bookAs(who people.ID, typeSlug string, start time.Time) booking.Booking {
	c.t.Helper()
	b, err := c.tryAs(who, typeSlug, start)
	c.must(err)
	return b
}

func (c *paying) standing(b booking.Booking) credit.Standing {
	c.t.Helper()
	all, err := credit.Standings(c.ctx, c.DB, []credit.BookingID{credit.BookingID(b.ID)})
	c.must(err)
	return all[credit.BookingID(b.ID)]
}

// C41. The last session raced by both partners goes once, and whoever is told
// no has taken no hour.
func TestTheLastSessionRacedByBothGoesOnceAndTheOtherHoursStayFree(t *testing.T) {
	c := newPaying(t)
	c.grant(c.both(), 1, 0)
	var won, lost int
	var mu sync.Mutex
	var racing sync.WaitGroup
	for i := range 50 {
		racing.Go(func() {
			who := []people.ID{c.sam, c.alex}[i%2]
			_, err := c.tryAs(who, "paid", at(9+i%8, 0).AddDate(0, 0, i/8%3+i/24*7))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won++
			case fault.Is(err, credit.NoCredit), fault.Is(err, booking.SlotTaken):
				lost++
			default:
				t.Error(err)
			}
		})
	}
	racing.Wait()
	if n := c.count(`select count(*) from booking where status = 'confirmed'`); won != 1 || lost != 49 || n != 1 {
		t.Errorf("%d won, %d lost, %d booked", won, lost, n)
	}
	c.want("after the race", c.alex, 0, 0)
}

func TestAJointHourUsesTheirSessionsAndAnOwnHourOnesOwn(t *testing.T) {
	c := newPaying(t)
	c.grant(c.both(), 2, 0)
	c.grant(credit.Holder{Person: c.sam}, 3, 0)
	c.bookAs(c.sam, "paid", at(9, 0))
	c.bookAs(c.sam, "double", at(11, 0))
	c.want("sam", c.sam, 1, 1)
	c.want("alex", c.alex, 1, 0)
	if _, err := c.tryAs(c.alex, "paid-solo", at(13, 0)); !fault.Is(err, credit.NoCredit) {
		t.Errorf("alex books with sam’s: %v", err)
	}
	if _, err := c.tryAs(c.sam, "double", at(13, 0)); !fault.Is(err, credit.NoCredit) {
		t.Errorf("two of one: %v", err)
	}
	c.bookAs(c.sam, "paid-solo", at(13, 0)) // the hour stayed free
}

// PAY-41, by the rule that is printed before anything is pressed.
func TestWhatBecomesOfTheSessionWhenAnHourIsCalledOff(t *testing.T) {
	start := at(14, 0).AddDate(0, 0, 7)
	deadline := start.Add(-24 * time.Hour)
	cancel := func(c *paying, b booking.Booking) error {
		_, err := c.CancelAs(c.ctx, strong(c.sam), b.ID, "")
		return err
	}
	link := func(c *paying, b booking.Booking) error {
		_, _, err := c.Cancel(c.ctx, c.linkOf(b, c.sam), "")
		return err
	}
	coach := func(c *paying, b booking.Booking) error { _, err := c.CancelFor(c.ctx, c.mara(), b.ID, ""); return err }
	coachLink := func(c *paying, b booking.Booking) error { _, _, err := c.Cancel(c.ctx, c.coachLink(b), ""); return err }
	missed := func(c *paying, b booking.Booking) error { _, err := c.NoShow(c.ctx, c.mara(), b.ID); return err }
	undone := func(c *paying, b booking.Booking) error {
		if err := missed(c, b); err != nil {
			return err
		}
		_, err := c.Unmark(c.ctx, c.mara(), b.ID)
		return err
	}
	held := func(c *paying, b booking.Booking) error {
		if err := missed(c, b); err != nil {
			return err
		}
		_, err := c.Complete(c.ctx, c.mara(), b.ID)
		return err
	}
	for _, row := range []struct {
		about string
		at    time.Time
		do    func(*paying, booking.Booking) error
		left  int
		lost  bool
	}{
		{"in time", deadline, cancel, 1, false},
		{"in time, under the link of a letter", deadline, link, 1, false},
		{"late", deadline.Add(time.Second), cancel, 0, true},
		{"late, under the link of a letter", deadline.Add(time.Second), link, 0, true},
		{"by the coach, late", start.Add(-time.Minute), coach, 1, false},
		{"by the coach, under the link of a letter", start.Add(-time.Minute), coachLink, 1, false},
		{"nobody came", start, missed, 0, true},
		{"nobody came, which was an error", start, undone, 0, false},
		{"nobody came, and then it was held", start, held, 0, false},
	} {
		t.Run(row.about, func(t *testing.T) {
			c := newPaying(t)
			c.grant(credit.Holder{Person: c.sam}, 1, 30)
			b := c.bookAs(c.sam, "paid-solo", start)
			if !b.FreeUntil.Equal(deadline) || b.Credits != 1 {
				t.Fatalf("free until %s", b.FreeUntil)
			}
			c.now = row.at
			c.must(row.do(c, b))
			c.want(row.about, c.sam, 0, row.left)
			if s := c.standing(b); s.Lost != row.lost || s.Credits != 1-row.left {
				t.Errorf("%s: %+v", row.about, s)
			}
		})
	}
}

// The deadline of the hour that it has counts, not of the one it would get: or
// moving it away and calling that off would cost nothing.
func TestAMoveIsJudgedByTheHourThatItHad(t *testing.T) {
	c := newPaying(t)
	c.grant(credit.Holder{Person: c.sam}, 1, 0)
	start := at(14, 0).AddDate(0, 0, 7)
	b := c.bookAs(c.sam, "paid-solo", start)
	c.now = b.FreeUntil
	b, err := c.RescheduleAs(c.ctx, strong(c.sam), b.ID, start.AddDate(0, 0, 1), once.Key{})
	c.must(err)
	if want := start; !b.FreeUntil.Equal(want) {
		t.Errorf("now free until %s, want %s", b.FreeUntil, want)
	}
	c.now = b.FreeUntil.Add(time.Second)
	later := start.AddDate(0, 0, 14)
	for _, try := range []func() error{
		func() error { _, err := c.RescheduleAs(c.ctx, strong(c.sam), b.ID, later, once.Key{}); return err },
		func() error { _, _, err := c.Reschedule(c.ctx, c.linkOf(b, c.sam), later, once.Key{}); return err },
	} {
		if err := try(); !fault.Is(err, booking.TooLate) || !strings.Contains(fault.SayOf(err), "Tuesday 15 December 2026, 14:00 (London, GMT)") {
			t.Errorf("%v", err)
		}
	}
	b, err = c.MoveFor(c.ctx, c.mara(), booking.Move{ID: b.ID, Start: later})
	c.must(err)
	_, err = c.CancelAs(c.ctx, strong(c.sam), b.ID, "")
	c.must(err)
	c.want("the coach moved it, then it was called off in time", c.sam, 0, 1)
}

// PAY-41: on the nights when the clocks change, a day before is the same time
// of day in the practice.
func TestTheDeadlineIsRightOnNightsWhenTheClocksChange(t *testing.T) {
	c := newPaying(t)
	c.now = time.Date(2027, 3, 15, 8, 0, 0, 0, time.UTC)
	c.grant(credit.Holder{Person: c.sam}, 1, 0)
	start := time.Date(2027, 3, 29, 9, 0, 0, 0, time.UTC) // Monday 10:00 in London; the clocks went forward on Sunday
	b := c.bookAs(c.sam, "paid-solo", start)
	if want := start.Add(-24 * time.Hour); !b.FreeUntil.Equal(want) {
		t.Errorf("%s", b.FreeUntil)
	}
	c.now = time.Date(2027, 3, 20, 8, 0, 0, 0, time.UTC)
	_, err := c.CancelAs(c.ctx, strong(c.sam), b.ID, "")
	c.must(err)
	c.own(t, `update practice set cancel_notice_minutes = 2880`)
	b = c.bookAs(c.sam, "paid-solo", start)
	if want := time.Date(2027, 3, 27, 10, 0, 0, 0, time.UTC); !b.FreeUntil.Equal(want) { // 10:00, still winter
		t.Errorf("%s", b.FreeUntil)
	}
	c.now = b.FreeUntil.Add(time.Minute) // in time if it were counted in hours
	_, err = c.CancelAs(c.ctx, strong(c.sam), b.ID, "")
	c.must(err)
	c.want("late", c.sam, 0, 0)
}

// PAY-42: the session begins on the last day at the latest, where the practice
// is, whenever it is booked.
func TestASessionThatEndsTonightBooksNothingAfterTonight(t *testing.T) {
	c := newPaying(t)
	c.grant(credit.Holder{Person: c.sam}, 2, 1) // until Tuesday
	if _, err := c.tryAs(c.sam, "paid-solo", at(9, 0).AddDate(0, 0, 1)); !fault.Is(err, credit.NoCredit) || !strings.Contains(fault.SayOf(err), "Tuesday 8 December 2026") {
		t.Errorf("%v", err)
	}
	b := c.bookAs(c.sam, "paid-solo", at(16, 0))
	if _, err := c.RescheduleAs(c.ctx, strong(c.sam), b.ID, at(9, 0).AddDate(0, 0, 1), once.Key{}); !fault.Is(err, credit.NoCredit) {
		t.Errorf("moved behind the last day: %v", err)
	}
	_, err := c.RescheduleAs(c.ctx, strong(c.sam), b.ID, at(15, 0), once.Key{})
	c.must(err)
	c.want("still one", c.sam, 0, 1)
	c.now = at(8, 0)
	_, err = c.CancelFor(c.ctx, c.mara(), b.ID, "")
	c.must(err)
	c.now = at(8, 0).AddDate(0, 0, 30)
	c.want("the coach called off, so they last", c.sam, 0, 2)
}

func TestARequestUsesItsSessionUntilItIsAnswered(t *testing.T) {
	for about, row := range map[string]struct {
		do   func(*paying, booking.Booking) error
		left int
	}{
		"declined": {func(c *paying, b booking.Booking) error {
			_, err := c.DeclineFor(c.ctx, c.mara(), b.ID, "")
			return err
		}, 1},
		"accepted": {func(c *paying, b booking.Booking) error { _, err := c.AcceptFor(c.ctx, c.mara(), b.ID); return err }, 0},
		"taken back": {func(c *paying, b booking.Booking) error {
			_, err := c.CancelAs(c.ctx, strong(c.sam), b.ID, "")
			return err
		}, 1},
		"not answered": {func(c *paying, b booking.Booking) error { c.now = b.ExpiresAt; return c.ExpireDue(c.ctx) }, 1},
		"taken by another": {func(c *paying, b booking.Booking) error {
			c.now = b.ExpiresAt
			c.solo(c.alex, b.Start.AddDate(0, 0, 7))
			return c.ExpireDue(c.ctx)
		}, 1},
		"moved, and waited": {func(c *paying, b booking.Booking) error {
			_, err := c.RescheduleAs(c.ctx, strong(c.sam), b.ID, b.Start.Add(time.Hour), once.Key{})
			return err
		}, 0},
	} {
		t.Run(about, func(t *testing.T) {
			c := newPaying(t)
			c.grant(credit.Holder{Person: c.sam}, 1, 2)
			b := c.bookAs(c.sam, "asked", at(12, 0)) // within the notice: asked for, nothing is lost
			if b.Status != booking.Pending {
				t.Fatal(b.Status)
			}
			c.want("asked for", c.sam, 0, 0)
			if about == "taken back" {
				c.now = b.FreeUntil.Add(time.Hour)
			}
			c.must(row.do(c, b))
			c.want(about, c.sam, 0, row.left)
		})
	}
}

// PAY-43.
func TestTheCoachGivesASessionBackWithAReason(t *testing.T) {
	c := newPaying(t)
	c.grant(credit.Holder{Person: c.sam}, 1, 0)
	b := c.bookAs(c.sam, "paid-solo", at(16, 0))
	back := func(v booking.Viewer, reason string) error { return c.ReturnCredits(c.ctx, v, b.ID, reason) }
	if err := back(c.mara(), "an illness"); fault.KindOf(err) != fault.Conflict {
		t.Errorf("of a call that is to come: %v", err)
	}
	c.now = at(12, 0)
	_, err := c.CancelAs(c.ctx, strong(c.sam), b.ID, "")
	c.must(err)
	c.want("late", c.sam, 0, 0)
	if err := back(c.mara(), " "); fault.KindOf(err) != fault.Invalid {
		t.Errorf("without a word: %v", err)
	}
	if err := back(c.as("noor", people.Member), "not hers"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("by another coach: %v", err)
	}
	c.must(back(c.mara(), "an illness"))
	if err := back(c.mara(), "an illness"); fault.KindOf(err) != fault.Conflict {
		t.Errorf("twice: %v", err)
	}
	c.want("given back", c.sam, 0, 1)
	ledger, err := credit.LedgerOfClient(c.ctx, c.DB, c.Keys, c.sam, true)
	c.must(err)
	if ledger[0].Reason != "an illness" || ledger[0].By != "mara of the house" || ledger[0].Amount != 1 {
		t.Errorf("%+v", ledger[0])
	}
}

func TestTheCoachBooksWithOneOfTheirsOrWithout(t *testing.T) {
	c := newPaying(t)
	c.grant(c.both(), 1, 0)
	c.grant(credit.Holder{Person: c.alex}, 1, 0)
	book := func(typeSlug string, who people.ID, start time.Time, use bool) error {
		_, err := c.BookSession(c.ctx, c.mara(), booking.Session{Type: typeSlug, Coach: "mara", Start: start, Engagement: c.id, For: who, Use: use}, nil)
		return err
	}
	c.must(book("paid", "", at(9, 0), false))
	c.want("without", c.alex, 1, 1)
	c.must(book("paid", "", at(10, 0), true))
	c.must(book("paid-solo", c.alex, at(11, 0), true))
	c.want("with", c.alex, 0, 0)
	if err := book("paid-solo", c.sam, at(12, 0), true); !fault.Is(err, credit.NoCredit) {
		t.Errorf("sam has none: %v", err)
	}
	c.must(book("both", "", at(13, 0), true)) // a kind that asks for none
	c.want("after a free one", c.alex, 0, 0)
}

// Whoever leaves takes nothing along, and nothing of theirs is spent for others.
func TestASharedHourReturnsToTheSharedSessionsAlsoAfterOneHasLeft(t *testing.T) {
	c := newPaying(t)
	c.grant(c.both(), 2, 0)
	b := c.bookAs(c.sam, "paid", at(14, 0).AddDate(0, 0, 7))
	c.leave(c.sam)
	if _, err := c.CancelAs(c.ctx, strong(c.sam), b.ID, ""); fault.KindOf(err) != fault.NotFound {
		t.Errorf("who left calls it off: %v", err)
	}
	if _, err := c.tryAs(c.alex, "paid", at(9, 0)); fault.SayOf(err) != fault.SayOf(engagement.ErrAlone) {
		t.Errorf("alone: %v", err)
	}
	_, err := c.CancelAs(c.ctx, strong(c.alex), b.ID, "")
	c.must(err)
	c.want("alex", c.alex, 2, 0)
	c.want("sam", c.sam, 0, 0)
	c.must(c.DB.InTx(c.ctx, func(tx *pg.Tx) error { return c.work.End(c.ctx, tx, c.mara().ID, c.id, c.now) }))
	if _, err := c.tryAs(c.alex, "paid-solo", at(9, 0)); fault.SayOf(err) != fault.SayOf(engagement.ErrEnded) {
		t.Errorf("ended: %v", err)
	}
	c.want("ended", c.alex, 2, 0)
}

func TestASeriesBooksWhatItCanAndSaysOfEachOtherDateWhyNot(t *testing.T) {
	c := newPaying(t)
	c.grant(c.both(), 3, 20) // until 27 December
	c.solo(c.alex, at(10, 0).AddDate(0, 0, 7))
	series := func(who people.ID, typeSlug string, weeks int, op string) ([]booking.SeriesHour, error) {
		return c.BookSeries(c.ctx, strong(who), booking.Session{Type: typeSlug, Engagement: c.id, Start: at(10, 0), Key: once.Key{Scope: "s", Text: op}}, "Europe/Berlin", weeks)
	}
	first, err := series(c.sam, "paid", 4, "a")
	c.must(err)
	var said []string
	for i, h := range first {
		said = append(said, h.Refused)
		if !h.Start.Equal(at(10, 0).AddDate(0, 0, 7*i)) || (h.Booking == "") != (h.Refused != "") {
			t.Errorf("%+v", h)
		}
	}
	if !slices.Equal(said[:3], []string{"", "It is taken.", ""}) || !strings.Contains(said[3], "Sunday 27 December 2026") {
		t.Error(said)
	}
	again, err := series(c.sam, "paid", 4, "a")
	c.must(err)
	if !slices.Equal(first, again) {
		t.Error("sent again it did something else")
	}
	c.want("two of three", c.alex, 1, 0)
	none, err := series(c.sam, "paid-solo", 2, "b")
	if err != nil || len(none) != 2 || none[0].Booking != "" || none[0].Refused == "" || c.count(`select count(*) from operation where key = 'b'`) != 0 {
		t.Errorf("%+v, %v", none, err)
	}
	for _, weeks := range []int{1, 13, -1} {
		if _, err := series(c.sam, "paid", weeks, "c"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%d weeks: %v", weeks, err)
		}
	}
	if _, err := c.BookSeries(c.ctx, strong(c.sam), booking.Session{Type: "call", Start: at(10, 0)}, "Europe/Berlin", 2); err == nil {
		t.Error("a series of free calls")
	}
}

func TestASeriesKeepsItsTimeOfDayOverTheChangeOfClocks(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	got := booking.SeriesStarts(time.Date(2027, 3, 22, 10, 0, 0, 0, time.UTC), 2, london)
	if !got[1].Equal(time.Date(2027, 3, 29, 9, 0, 0, 0, time.UTC)) {
		t.Error(got)
	}
}

func TestLettersSayTheExactDeadlineAndWhatBecameOfTheSession(t *testing.T) {
	c := newPaying(t)
	server := mailtest.Start(t)
	c.grant(c.both(), 1, 0)
	b := c.bookAs(c.sam, "paid", at(14, 0).AddDate(0, 0, 7))
	letters := c.post(server)
	for to, say := range map[string]string{"sam@example.com": "Until Monday 14 December 2026, 14:00 (London, GMT). Later the session counts as used",
		"alex@example.com": "Until Monday 14 December 2026, 09:00 (New York, EST).", "mara@example.org": "1 session of theirs"} {
		if got := c.text(letters[to]); !strings.Contains(strings.Join(strings.Fields(got), " "), say) {
			t.Errorf("%s reads %s", to, got)
		}
	}
	c.now = b.FreeUntil.Add(time.Minute)
	_, err := c.CancelAs(c.ctx, strong(c.alex), b.ID, "")
	c.must(err)
	for to, l := range c.post(server) {
		if got := c.text(l); !strings.Contains(strings.Join(strings.Fields(got), " "), "The session that it was booked with counts as used.") {
			t.Errorf("%s reads %s", to, got)
		}
	}
}

// What a session adds to booking an hour is a fixed few waits for the database.
func TestBookingWithASessionWaitsAFixedNumberOfTimes(t *testing.T) {
	c := newPaying(t)
	db, wire := pgtest.Listened(t)
	c.DB = db
	trips := func(typeSlug string, start time.Time) (n int) {
		for i := range 3 { // the first times statements are read and prepared
			wire.Reset()
			c.bookAs(c.sam, typeSlug, start.AddDate(0, 0, i))
			n = wire.Trips()
		}
		return n
	}
	c.grant(c.both(), 20, 0)
	free := trips("both", at(9, 0))
	few := trips("paid", at(11, 0))
	for range 30 {
		c.grant(c.both(), 1, 0)
	}
	many := trips("paid", at(14, 0))
	t.Logf("%d trips without a session, %d with one", free, few)
	if few != free+3 || many != few { // the wallet, what is left, the movement
		t.Errorf("%d trips without a session, %d with one, %d among many", free, few, many)
	}
}

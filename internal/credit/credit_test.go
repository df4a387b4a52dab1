package credit_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

func TestFiftyWhoRaceForTheLastSessionGetOne(t *testing.T) {
	h := newHouse(t)
	h.grant(h.both(), 1, 0, "order")
	var won, lost int
	var mu sync.Mutex
	var racing sync.WaitGroup
	for range 50 {
		racing.Go(func() {
			err := h.spend(h.both(), newBooking(), h.day(3))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won++
			case fault.Is(err, credit.NoCredit):
				lost++
			default:
				t.Error(err)
			}
		})
	}
	racing.Wait()
	if won != 1 || lost != 49 || h.left(h.sam) != 0 {
		t.Errorf("%d won, %d lost, %d left", won, lost, h.left(h.sam))
	}
	h.must(h.sound())
}

func TestGrantingTwiceUnderOneKeyGivesOnce(t *testing.T) {
	h := newHouse(t)
	g := credit.GrantOf{Holder: h.both(), Sessions: 6, Types: joint, ValidDays: 180, Source: "order 1", Key: "order 1 part 1", By: system}
	var ids []credit.LotID
	var mu sync.Mutex
	var racing sync.WaitGroup
	for range 8 {
		racing.Go(func() {
			err := h.try(func(tx *pg.Tx) error {
				lot, err := credit.Grant(h.ctx, tx, g, h.now)
				mu.Lock()
				ids = append(ids, lot.ID)
				mu.Unlock()
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	racing.Wait()
	slices.Sort(ids)
	if len(slices.Compact(ids)) != 1 || h.left(h.alex) != 6 {
		t.Errorf("%v, %d left", ids, h.left(h.alex))
	}
}

func TestWhatExpiresFirstIsUsedFirstAndOnlyForWhatItCovers(t *testing.T) {
	h := newHouse(t)
	h.grant(own(h.sam), 5, 0, "own")
	late := h.grant(h.both(), 1, 90, "late")
	h.now = h.now.Add(time.Minute)
	soon := h.grant(h.both(), 1, 10, "soon")
	h.must(h.spend(h.both(), newBooking(), h.day(2)))
	got := map[credit.LotID]int{}
	lots, err := credit.OfClient(h.ctx, h.db, h.sam, true)
	h.must(err)
	for _, l := range lots {
		got[l.ID] = l.Remaining
	}
	if got[late.ID] != 1 || got[soon.ID] != 0 {
		t.Error(got)
	}
	err = h.try(func(tx *pg.Tx) error {
		return credit.Spend(h.ctx, tx, credit.SpendOf{Holder: h.both(), Type: "noor-couple-session", StartsAt: h.day(2), Credits: 1, Booking: newBooking(), By: system}, h.now)
	})
	h.refused(err, fault.Conflict)
}

// The rule that is stated before buying: the session begins on or before the
// last day, where the practice is.
func TestASessionBeginsOnTheLastDayOfThePracticeAtTheLatest(t *testing.T) {
	h := newHouse(t)
	h.now = time.Date(2026, 6, 1, 23, 30, 0, 0, time.UTC) // 00:30 on 2 June in London
	lot := h.grant(own(h.sam), 2, 10, "order")
	if lot.ExpiresOn != "2026-06-12" {
		t.Errorf("lasts until %s", lot.ExpiresOn)
	}
	after := time.Date(2026, 6, 12, 23, 0, 0, 0, time.UTC) // 00:00 on 13 June
	h.refused(h.spend(own(h.sam), newBooking(), after), fault.Conflict)
	h.must(h.spend(own(h.sam), newBooking(), after.Add(-time.Minute)))
	h.now = after.Add(-time.Minute)
	h.must(credit.Expire(h.ctx, h.db, h.now))
	if h.left(h.sam) != 1 {
		t.Error("it expired on its last day")
	}
	h.now = after
	if h.left(h.sam) != 0 {
		t.Error("it is shown after its last day")
	}
	if err := h.spend(own(h.sam), newBooking(), after); fault.SayOf(err) != fault.SayOf(credit.ErrNoCredit) {
		t.Errorf("of what is over it is said: %v", err)
	}
	h.must(credit.Expire(h.ctx, h.db, h.now))
	h.must(credit.Expire(h.ctx, h.db, h.now))
	h.must(h.sound())
	ledger, err := credit.LedgerOfClient(h.ctx, h.db, h.work.Keys, h.sam, true)
	if err != nil || len(ledger) != 3 || ledger[0].Kind != credit.Expired || ledger[0].Amount != -1 {
		t.Errorf("%+v, %v", ledger, err)
	}
}

func TestASessionReturnsOnceAndAForfeitStaysUsedUntilItIsTakenBack(t *testing.T) {
	h := newHouse(t)
	h.grant(h.both(), 2, 0, "order")
	one, two := newBooking(), newBooking()
	h.must(h.spend(h.both(), one, h.day(2)))
	h.must(h.spend(h.both(), two, h.day(3)))
	if h.back(one) != 1 || h.back(one) != 0 || h.left(h.sam) != 1 {
		t.Errorf("%d left", h.left(h.sam))
	}
	forfeit := func(tx *pg.Tx) error { return credit.Forfeit(h.ctx, tx, two, "late", system, h.now) }
	restore := func(tx *pg.Tx) error { return credit.TakeBackForfeit(h.ctx, tx, two, system, h.now) }
	lost := func() bool {
		all, err := credit.Standings(h.ctx, h.db, []credit.BookingID{one, two})
		h.must(err)
		if all[one].Credits != 0 || all[two].Credits != 1 {
			t.Errorf("%+v", all)
		}
		return all[two].Lost
	}
	for _, f := range []struct {
		act  func(*pg.Tx) error
		lost bool
	}{{restore, false}, {forfeit, true}, {forfeit, true}, {restore, false}, {restore, false}, {forfeit, true}} {
		h.in(f.act)
		if lost() != f.lost || h.left(h.sam) != 1 {
			t.Errorf("lost %v, %d left", lost(), h.left(h.sam))
		}
	}
	var lines int
	h.must(h.db.Get(h.ctx, &lines, `select count(*) from credit_movement where kind in ('forfeit', 'reinstate')`))
	if lines != 3 {
		t.Errorf("%d lines for what was said three times anew", lines)
	}
	if h.back(two) != 1 || h.left(h.sam) != 2 {
		t.Error("the coach could not give back what was forfeited")
	}
	h.in(func(tx *pg.Tx) error { return credit.Forfeit(h.ctx, tx, one, "late", system, h.now) }) // of nothing
	h.must(h.sound())
}

func TestWhatTheCoachCallsOffLastsThirtyDaysMore(t *testing.T) {
	h := newHouse(t)
	h.grant(h.both(), 1, 5, "order")
	b := newBooking()
	h.must(h.spend(h.both(), b, h.day(4)))
	h.now = h.day(4)
	for range 2 {
		h.in(func(tx *pg.Tx) error {
			_, err := credit.GiveBackLasting(h.ctx, tx, b, "", system, h.now)
			return err
		})
	}
	lots, err := credit.OfClient(h.ctx, h.db, h.sam, false)
	h.must(err)
	if lots[0].ExpiresOn != "2027-01-10" || lots[0].Remaining != 1 {
		t.Errorf("%+v", lots[0])
	}
}

func TestMovingBehindTheLastDayTakesAnotherSessionOrNone(t *testing.T) {
	h := newHouse(t)
	h.grant(own(h.sam), 1, 5, "short")
	b := newBooking()
	h.must(h.spend(own(h.sam), b, h.day(2)))
	move := func(to time.Time, prolong bool) error {
		return h.try(func(tx *pg.Tx) error {
			return credit.Move(h.ctx, tx, credit.MoveOf{Booking: b, Type: solo[0], StartsAt: to, By: system, Prolong: prolong}, h.now)
		})
	}
	h.must(move(h.day(5), false))
	h.refused(move(h.day(6), false), fault.Conflict)
	if h.left(h.sam) != 0 {
		t.Error("a move that was refused returned the session")
	}
	long := h.grant(own(h.sam), 1, 50, "long")
	h.must(move(h.day(6), false))
	lots, err := credit.OfClient(h.ctx, h.db, h.sam, true)
	h.must(err)
	if lots[0].Remaining != 1 || lots[1].ID != long.ID || lots[1].Remaining != 0 {
		t.Errorf("%+v", lots)
	}
	h.must(move(h.day(60), true))
	if lots, err = credit.OfClient(h.ctx, h.db, h.sam, true); err != nil || lots[1].ExpiresOn != "2027-02-05" {
		t.Errorf("%+v, %v", lots[1], err)
	}
	h.must(h.sound())
}

func TestRevokingTakesWhatIsLeftAndSaysTheSameTheSecondTime(t *testing.T) {
	h := newHouse(t)
	h.grant(h.both(), 2, 0, "order")
	h.grant(h.both(), 2, 0, "order")
	used := newBooking()
	h.must(h.spend(h.both(), used, h.day(1)))
	revoke := func(key string, most int) (n int) {
		h.in(func(tx *pg.Tx) (err error) {
			n, err = credit.Revoke(h.ctx, tx, credit.RevokeOf{Source: "order", AtMost: most, Key: key, By: system}, h.now)
			return err
		})
		return n
	}
	for i, c := range []struct {
		key        string
		most, took int
	}{{"a", 2, 2}, {"a", 2, 2}, {"b", 9, 1}, {"c", 9, 0}} {
		if n := revoke(c.key, c.most); n != c.took {
			t.Errorf("%d: took %d", i, n)
		}
	}
	h.back(used)
	if revoke("c", 9) != 0 {
		t.Error("the second time took more")
	}
	sum, err := credit.BySource(h.ctx, h.db, "order")
	if err != nil || sum != (credit.SourceSum{Granted: 4, Revoked: 3, Left: 1}) {
		t.Errorf("%+v, %v", sum, err)
	}
}

func TestWhatIsOnHoldIsNotSpentAndLastsLongerForIt(t *testing.T) {
	h := newHouse(t)
	h.grant(h.both(), 2, 10, "order")
	used := newBooking()
	h.must(h.spend(h.both(), used, h.day(1)))
	hold := func(key string) {
		h.in(func(tx *pg.Tx) error { return credit.Freeze(h.ctx, tx, "order", key, system, h.now) })
	}
	thaw := func(key string) {
		h.in(func(tx *pg.Tx) error { return credit.Thaw(h.ctx, tx, "order", key, system, h.now) })
	}
	thaw("one") // closed before anybody heard of it
	hold("one")
	hold("one")
	hold("two")
	thaw("two")
	h.back(used)
	h.refused(h.spend(h.both(), newBooking(), h.day(2)), fault.Conflict)
	h.now = h.day(12)
	h.must(credit.Expire(h.ctx, h.db, h.now))
	thaw("one")
	thaw("one")
	lots, err := credit.OfClient(h.ctx, h.db, h.sam, false)
	h.must(err)
	if lots[0].Holds != 0 || lots[0].Remaining != 2 || lots[0].ExpiresOn != "2026-12-29" {
		t.Errorf("%+v", lots[0])
	}
	h.must(h.spend(h.both(), newBooking(), h.day(2)))
}

// PAY-43. The reason and its author stay, and what was wrong is put right by
// another line.
func TestACoachAdjustsWithWordsAndOnlyWhatIsTheirs(t *testing.T) {
	h := newHouse(t)
	lot := h.grant(h.both(), 2, 10, "order")
	adjust := func(c people.Coach, n int, reason string) error {
		return h.try(func(tx *pg.Tx) error {
			return credit.Adjust(h.ctx, tx, h.work.Keys, c, credit.AdjustOf{Lot: lot.ID, Amount: n, Reason: reason, Key: reason}, h.now)
		})
	}
	h.must(adjust(h.mara, 1, "the line was bad"))
	h.must(adjust(h.mara, 1, "the line was bad")) // sent twice
	h.refused(adjust(h.mara, 1, " "), fault.Invalid)
	h.refused(adjust(h.mara, -4, "all"), fault.Invalid)
	h.refused(adjust(h.mara, 0, "nothing"), fault.Invalid)
	h.refused(adjust(h.noor, 1, "not hers"), fault.NotFound)
	owner, assistant := h.noor, h.noor
	owner.Role, assistant.Role = people.Owner, people.Assistant
	h.refused(adjust(owner, 1, "not hers"), fault.NotFound)
	h.must(adjust(h.mara, -1, "an error"))
	h.in(func(tx *pg.Tx) error {
		_, err := credit.Revoke(h.ctx, tx, credit.RevokeOf{Source: "order", AtMost: 0, Key: "k", Reason: "refunded", By: system}, h.now)
		return err
	})
	if h.left(h.alex) != 2 {
		t.Error(h.left(h.alex))
	}
	for _, c := range []struct {
		who    people.Coach
		lots   int
		reason string
	}{{h.mara, 1, "an error"}, {h.noor, 0, ""}, {owner, 1, ""}, {assistant, 1, ""}} {
		lots, err := credit.Of(h.ctx, h.db, c.who, h.both())
		h.must(err)
		ledger, err := credit.Ledger(h.ctx, h.db, h.work.Keys, c.who, lots)
		h.must(err)
		if len(lots) != c.lots || len(lots) == 1 && (len(ledger) != 4 || ledger[0].Reason != "refunded" || ledger[1].Reason != c.reason || ledger[1].By != "Mara") {
			t.Errorf("%s %s: %+v %+v", c.who.Name, c.who.Role, lots, ledger)
		}
	}
	h.must(h.sound())
}

func TestALastDayOnlyMovesAway(t *testing.T) {
	h := newHouse(t)
	lot := h.grant(h.both(), 2, 10, "order")
	extend := func(until, key string) error {
		return h.try(func(tx *pg.Tx) error {
			return credit.Extend(h.ctx, tx, h.work.Keys, h.mara, credit.ExtendOf{Lot: lot.ID, Until: until, Reason: "a long illness", Key: key}, h.now)
		})
	}
	h.refused(extend("2026-12-16", "a"), fault.Invalid)
	h.refused(extend("2026-13-16", "b"), fault.Invalid)
	h.must(extend("2027-03-01", "c"))
	h.must(extend("", "d"))
	h.refused(extend("2027-04-01", "e"), fault.Invalid)
	lots, err := credit.Of(h.ctx, h.db, h.mara, h.both())
	if err != nil || lots[0].ExpiresOn != "" {
		t.Errorf("%+v, %v", lots, err)
	}
}

func TestAGiftIsForWhatTheCoachHoldsAndForOneKindOfWallet(t *testing.T) {
	h := newHouse(t)
	give := func(c people.Coach, to credit.Holder, types practice.Slugs, key string) error {
		return h.try(func(tx *pg.Tx) error {
			_, err := credit.Give(h.ctx, tx, h.work.Keys, c, credit.GiveOf{Holder: to, Sessions: 1, Types: types, Reason: "for the missed hour", Key: key}, h.now)
			return err
		})
	}
	h.refused(give(h.mara, h.both(), solo, "a"), fault.Invalid)
	h.refused(give(h.mara, own(h.sam), joint, "b"), fault.Invalid)
	h.refused(give(h.mara, own(h.sam), nil, "c"), fault.Invalid)
	h.refused(give(h.noor, own(h.sam), solo, "d"), fault.Invalid)
	h.refused(give(h.noor, h.both(), joint, "e"), fault.NotFound)
	h.must(give(h.mara, own(h.sam), solo, "f"))
	h.must(give(h.mara, own(h.sam), solo, "f"))
	h.must(give(h.mara, h.both(), joint, "g"))
	if h.left(h.sam) != 2 || h.left(h.alex) != 1 {
		t.Error(h.left(h.sam), h.left(h.alex))
	}
}

// Whatever a partner can ask, the other's own sessions are not there; nor are
// one's own before the second proof.
func TestAPartnersOwnSessionsAreNowhere(t *testing.T) {
	h := newHouse(t)
	h.grant(h.both(), 2, 0, "shared")
	read := func(who people.ID, strong bool) (n int, lines int) {
		lots, err := credit.OfClient(h.ctx, h.db, who, strong)
		h.must(err)
		ledger, err := credit.LedgerOfClient(h.ctx, h.db, h.work.Keys, who, strong)
		h.must(err)
		return len(lots), len(ledger)
	}
	lots, lines := read(h.alex, true)
	h.grant(own(h.sam), 4, 0, "own")
	h.must(h.spend(own(h.sam), newBooking(), h.day(1)))
	if l, n := read(h.alex, true); l != lots || n != lines {
		t.Error("the partner can tell")
	}
	if l, n := read(h.sam, false); l != lots || n != lines {
		t.Error("they open without the second proof")
	}
	if l, n := read(h.sam, true); l != lots+1 || n != lines+2 {
		t.Error(l, n)
	}
}

// The work goes on with another coach: what was paid for goes with it, and what
// was before stays untold.
func TestSharedSessionsFollowTheWorkThatIsHandedOver(t *testing.T) {
	h := newHouse(t)
	h.grant(h.both(), 3, 0, "order")
	h.must(h.spend(h.both(), newBooking(), h.day(1)))
	lots, err := credit.Of(h.ctx, h.db, h.mara, h.both())
	h.must(err)
	h.in(func(tx *pg.Tx) error {
		return credit.Adjust(h.ctx, tx, h.work.Keys, h.mara, credit.AdjustOf{Lot: lots[0].ID, Amount: 1, Reason: "CANARY", Key: "k"}, h.now)
	})
	h.now = h.now.Add(time.Hour)
	var next engagement.ID
	h.in(func(tx *pg.Tx) (err error) {
		if next, err = h.work.HandOver(h.ctx, tx, h.mara, h.id, h.noor, h.now); err != nil {
			return err
		}
		if err := credit.Follow(h.ctx, tx, h.id, next); err != nil {
			return err
		}
		return credit.Follow(h.ctx, tx, next, h.id) // never the other way
	})
	if lots, err = credit.Of(h.ctx, h.db, h.mara, h.both()); err != nil || len(lots) != 0 {
		t.Errorf("the coach of before keeps %+v, %v", lots, err)
	}
	lots, err = credit.Of(h.ctx, h.db, h.noor, credit.Holder{Engagement: next})
	h.must(err)
	ledger, err := credit.Ledger(h.ctx, h.db, h.work.Keys, h.noor, lots)
	h.must(err)
	if len(lots) != 1 || lots[0].Remaining != 3 || !lots[0].Own || len(ledger) != 3 || ledger[0].Reason != "" {
		t.Errorf("%+v %+v", lots, ledger)
	}
	h.must(h.sound())
}

// Sessions of before are not told to somebody who came later, nor those of
// after to somebody who left.
func TestWhoComesLaterReadsNothingOfBeforeAndWhoLeftReadsNothing(t *testing.T) {
	h := newHouse(t)
	h.grant(h.both(), 4, 0, "order")
	h.grant(h.both(), 1, 0, "all used")
	h.must(h.spend(h.both(), newBooking(), h.day(1)))
	h.must(h.spend(h.both(), newBooking(), h.day(2)))
	h.must(h.spend(h.both(), newBooking(), h.day(3)))
	h.must(h.spend(h.both(), newBooking(), h.day(4)))
	h.now = h.now.Add(time.Hour)
	var kim people.ID
	h.in(func(tx *pg.Tx) error {
		kim = h.person(tx, "kim")
		if err := h.work.Leave(h.ctx, tx, h.alex, h.id, h.now); err != nil {
			return err
		}
		_, err := tx.Exec(h.ctx, `insert into participant (engagement_id, person_id, seat, state, state_at, invited_at, invite_ends_at, accepted_at)
			select $1, $2, seat, 'accepted', $3, $3, $3, $3 from participant where person_id = $4`, h.id, kim, h.now, h.alex)
		return err
	})
	gone, err := credit.OfClient(h.ctx, h.db, h.alex, true)
	h.must(err)
	lots, err := credit.OfClient(h.ctx, h.db, kim, true)
	h.must(err)
	ledger, err := credit.LedgerOfClient(h.ctx, h.db, h.work.Keys, kim, true)
	h.must(err)
	if len(gone) != 0 || len(lots) != 1 || lots[0].Granted != 1 || lots[0].Remaining != 1 || len(ledger) != 0 {
		t.Errorf("left %+v, came %+v %+v", gone, lots, ledger)
	}
}

// The program may add lines and nothing else, whatever it is made to say.
func TestTheProgramCanOnlyAddToTheHistory(t *testing.T) {
	h := newHouse(t)
	h.grant(h.both(), 1, 0, "order")
	for _, query := range []string{
		`update credit_movement set amount = 5`, `delete from credit_movement`, `update credit_lot set remaining = 9`,
		`delete from credit_lot`, `delete from wallet`, `update wallet set person_id = null`,
		`insert into credit_lot (wallet_id, types, granted, remaining, source, key, made_at) select wallet_id, types, 1, 7, 'x', 'x', now() from credit_lot`,
		`insert into credit_movement (lot_id, kind, amount, key, actor_kind, at) select id, 'adjust', -2, 'x', 'system', now() from credit_lot`,
	} {
		if err := h.try(func(tx *pg.Tx) error { _, err := tx.Exec(h.ctx, query); return err }); err == nil {
			t.Error("the database took: ", query)
		}
	}
	h.must(h.sound())
}

func TestWhoIsErasedLeavesNumbersWithoutANameOrAWord(t *testing.T) {
	h := newHouse(t)
	var kim people.ID
	h.in(func(tx *pg.Tx) error { kim = h.person(tx, "kim"); return nil })
	h.in(func(tx *pg.Tx) error {
		_, err := credit.Give(h.ctx, tx, h.work.Keys, h.mara, credit.GiveOf{Holder: own(kim), Sessions: 3, Types: solo, Reason: "CANARY", Key: "k"}, h.now)
		return err
	})
	h.in(func(tx *pg.Tx) error {
		return credit.Spend(h.ctx, tx, credit.SpendOf{Holder: own(kim), Type: solo[0], StartsAt: h.day(1), Credits: 1, Booking: newBooking(),
			By: audit.Actor{Kind: audit.Person, ID: string(kim)}}, h.now)
	})
	h.in(func(tx *pg.Tx) error { _, err := people.EraseProspect(h.ctx, tx, kim); return err })
	var kept struct {
		Lines int `db:"lines"`
		Named int `db:"named"`
		Sum   int `db:"sum"`
	}
	h.must(h.db.Get(h.ctx, &kept, `select count(*) as lines, count(*) filter (where reason <> '' or actor is not null) as named, sum(amount) as sum from credit_movement`))
	if kept.Lines != 2 || kept.Named != 0 || kept.Sum != 2 {
		t.Errorf("%+v", kept)
	}
}

func TestWhatIsOwedLeavesOutWhatIsOver(t *testing.T) {
	h := newHouse(t)
	h.grant(h.both(), 3, 10, "a")
	h.grant(own(h.alex), 2, 0, "b")
	h.in(func(tx *pg.Tx) error { return credit.Freeze(h.ctx, tx, "b", "k", system, h.now) })
	for _, c := range []struct {
		day  int
		want credit.Totals
	}{{0, credit.Totals{Joint: 3, Individual: 2, Held: 2}}, {11, credit.Totals{Individual: 2, Held: 2}}} {
		if got, err := credit.Owed(h.ctx, h.db, h.day(c.day)); err != nil || got != c.want {
			t.Errorf("day %d: %+v, %v", c.day, got, err)
		}
	}
}

// Both coaches hold the type that Sam's own sessions are for. Noor, who has never
// met Sam, was reminded by name of what Sam had left, and could have changed it.
func TestACoachWhoHoldsTheTypeAndDoesNotWorkWithSomebodyKnowsNothingOfTheirSessions(t *testing.T) {
	h := newHouse(t)
	h.in(func(tx *pg.Tx) error {
		id, err := practice.SaveType(h.ctx, tx, practice.Type{Slug: "solo-session", Name: "Solo", DurationMinutes: 60, Place: practice.Video, HorizonDays: 90, Credits: 1,
			Lane: practice.Individual, Position: 1})
		if err != nil {
			return err
		}
		return practice.SaveHolders(h.ctx, tx, id, []people.ID{h.mara.ID, h.noor.ID})
	})
	own := credit.Holder{Person: h.sam}
	lot := h.grant(own, 4, 0, "order")
	later := h.now.AddDate(0, 0, practice.DefaultRestDays+1)
	sees := func(c people.Coach) (lots, rest, lines int) {
		t.Helper()
		found, err := credit.Of(h.ctx, h.db, c, own)
		h.must(err)
		resting, err := credit.RestingOf(h.ctx, h.db, c, later)
		h.must(err)
		ledger, err := credit.Ledger(h.ctx, h.db, h.work.Keys, c, []credit.Lot{lot})
		h.must(err)
		return len(found), len(resting), len(ledger)
	}
	if lots, rest, lines := sees(h.mara); lots != 1 || rest != 1 || lines != 1 {
		t.Errorf("Mara sees %d lots, %d that rest, %d lines", lots, rest, lines)
	}
	if lots, rest, lines := sees(h.noor); lots != 0 || rest != 0 || lines != 0 {
		t.Errorf("Noor sees %d lots, %d that rest, %d lines", lots, rest, lines)
	}
	h.refused(h.try(func(tx *pg.Tx) error {
		return credit.Adjust(h.ctx, tx, h.work.Keys, h.noor, credit.AdjustOf{Lot: lot.ID, Amount: 1, Reason: "x", Key: "x"}, h.now)
	}), fault.NotFound)
	// What Noor gives herself she sees, and nothing else.
	h.in(func(tx *pg.Tx) error {
		_, err := credit.Give(h.ctx, tx, h.work.Keys, h.noor, credit.GiveOf{Holder: own, Sessions: 1, Types: practice.Slugs{"solo-session"}, Reason: "a welcome", Key: "k"}, h.now)
		return err
	})
	if lots, rest, lines := sees(h.noor); lots != 1 || rest != 1 || lines != 0 {
		t.Errorf("after a gift Noor sees %d lots, %d that rest, %d lines of the other", lots, rest, lines)
	}
}

package credit_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"kintsugi/internal/credit"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Whatever happens in whatever order, the balance is the sum of the movements
// and what a person would count on their fingers, and never below zero.
func TestTheBalanceIsTheSumForEveryHistory(t *testing.T) {
	h := newHouse(t)
	round := 0
	rapid.Check(t, func(r *rapid.T) {
		round++
		var who people.ID
		h.now = monday
		h.in(func(tx *pg.Tx) error { who = h.person(tx, fmt.Sprint("person", round)); return nil })
		wallet, source := own(who), fmt.Sprint("order ", round)
		// What one would count: only things that cannot end are in it, so that it
		// needs none of the arithmetic of days.
		left, out := 0, map[credit.BookingID]int{}
		var booked []credit.BookingID
		held := map[string]bool{}
		closed := map[string]bool{}
		any := func() credit.BookingID {
			if len(booked) == 0 {
				return newBooking()
			}
			return rapid.SampledFrom(booked).Draw(r, "booking")
		}
		r.Repeat(map[string]func(*rapid.T){
			"grant": func(r *rapid.T) {
				if len(held) > 0 {
					r.Skip("it would be granted beside a hold")
				}
				n := rapid.IntRange(1, 4).Draw(r, "sessions")
				h.grant(wallet, n, 0, source)
				left += n
			},
			"spend": func(r *rapid.T) {
				b := newBooking()
				err := h.spend(wallet, b, h.day(1))
				switch {
				case (left == 0 || len(held) > 0) && !fault.Is(err, credit.NoCredit):
					r.Fatalf("spent with %d left, %d holds: %v", left, len(held), err)
				case left > 0 && len(held) == 0 && err != nil:
					r.Fatal(err)
				case err == nil:
					left--
					out[b], booked = 1, append(booked, b)
				}
			},
			"give back": func(r *rapid.T) {
				b := any()
				if n := h.back(b); n != out[b] {
					r.Fatalf("%d came back of %d", n, out[b])
				}
				left += out[b]
				out[b] = 0
			},
			"forfeit": func(r *rapid.T) {
				b := any()
				h.in(func(tx *pg.Tx) error { return credit.Forfeit(h.ctx, tx, b, "", system, h.now) })
			},
			"take back": func(r *rapid.T) {
				b := any()
				h.in(func(tx *pg.Tx) error { return credit.TakeBackForfeit(h.ctx, tx, b, system, h.now) })
			},
			"move": func(r *rapid.T) {
				b := any()
				h.in(func(tx *pg.Tx) error {
					return credit.Move(h.ctx, tx, credit.MoveOf{Booking: b, Type: solo[0], StartsAt: h.day(5), By: system}, h.now)
				})
			},
			"revoke": func(r *rapid.T) {
				most := rapid.IntRange(0, 5).Draw(r, "at most")
				want := min(most, left)
				h.in(func(tx *pg.Tx) error {
					n, err := credit.Revoke(h.ctx, tx, credit.RevokeOf{Source: source, AtMost: most, Key: string(newBooking()), By: system}, h.now)
					if err == nil && n != want {
						return fmt.Errorf("took %d of %d", n, left)
					}
					return err
				})
				left -= want
			},
			"freeze": func(r *rapid.T) {
				k := rapid.SampledFrom([]string{"a", "b"}).Draw(r, "key")
				h.in(func(tx *pg.Tx) error { return credit.Freeze(h.ctx, tx, source, k, system, h.now) })
				if sum, err := credit.BySource(h.ctx, h.db, source); err != nil {
					r.Fatal(err)
				} else if sum.Granted > 0 && !closed[k] {
					held[k] = true
				}
			},
			"thaw": func(r *rapid.T) {
				k := rapid.SampledFrom([]string{"a", "b"}).Draw(r, "key")
				h.in(func(tx *pg.Tx) error { return credit.Thaw(h.ctx, tx, source, k, system, h.now) })
				if held[k] {
					closed[k] = true
				}
				delete(held, k)
			},
			"adjust": func(r *rapid.T) {
				lots, err := credit.Of(h.ctx, h.db, h.mara, wallet)
				h.must(err)
				if len(lots) == 0 {
					r.Skip("nothing to adjust")
				}
				lot := rapid.SampledFrom(lots).Draw(r, "lot")
				n := rapid.IntRange(-3, 3).Draw(r, "amount")
				err = h.try(func(tx *pg.Tx) error {
					return credit.Adjust(h.ctx, tx, h.work.Keys, h.mara, credit.AdjustOf{Lot: lot.ID, Amount: n, Reason: "words", Key: string(newBooking())}, h.now)
				})
				if may := n != 0 && lot.Remaining+n >= 0; may != (err == nil) {
					r.Fatalf("%d of %d: %v", n, lot.Remaining, err)
				} else if may {
					left += n
				}
			},
			"": func(r *rapid.T) {
				if err := h.sound(); err != nil {
					r.Fatal(err)
				}
				if shown := h.left(who); shown != left {
					r.Fatalf("shows %d, should be %d", shown, left)
				}
				sum, err := credit.BySource(h.ctx, h.db, source)
				if err != nil || sum.Left != sum.Granted+sum.Adjusted-sum.Used-sum.Revoked-sum.Expired {
					r.Fatalf("%+v, %v", sum, err)
				}
			},
		})
	})
}

// The same with days: lots that end, the sweep at any moment, what the coach
// calls off. What is shown is the sum once the sweep was there.
func TestTheBalanceIsTheSumWhenSessionsEnd(t *testing.T) {
	h := newHouse(t)
	round := 0
	rapid.Check(t, func(r *rapid.T) {
		round++
		var who people.ID
		h.now = monday
		h.in(func(tx *pg.Tx) error { who = h.person(tx, fmt.Sprint("person", round)); return nil })
		wallet, source := own(who), fmt.Sprint("order ", round)
		var booked []credit.BookingID
		r.Repeat(map[string]func(*rapid.T){
			"grant": func(r *rapid.T) {
				h.grant(wallet, rapid.IntRange(1, 3).Draw(r, "sessions"), rapid.IntRange(1, 20).Draw(r, "days"), source)
			},
			"spend": func(r *rapid.T) {
				before, b := h.left(who), newBooking()
				err := h.spend(wallet, b, h.day(rapid.IntRange(0, 15).Draw(r, "ahead")))
				if err == nil {
					booked = append(booked, b)
					before--
				} else if !fault.Is(err, credit.NoCredit) {
					r.Fatal(err)
				}
				if h.left(who) != before {
					r.Fatalf("%d left, not %d: %v", h.left(who), before, err)
				}
			},
			"called off": func(r *rapid.T) {
				if len(booked) == 0 {
					r.Skip("nothing booked")
				}
				b, before := rapid.SampledFrom(booked).Draw(r, "booking"), h.left(who)
				h.in(func(tx *pg.Tx) error {
					n, err := credit.GiveBackLasting(h.ctx, tx, b, "", system, h.now)
					before += n
					return err
				})
				// What came back can be used, and may have taken others of its lot along.
				if h.left(who) < before {
					r.Fatalf("%d left, not %d", h.left(who), before)
				}
			},
			"days pass": func(r *rapid.T) { h.now = h.day(rapid.IntRange(1, 6).Draw(r, "days")) },
			"sweep":     func(r *rapid.T) { h.must(credit.Expire(h.ctx, h.db, h.now)) },
			"": func(r *rapid.T) {
				if err := h.sound(); err != nil {
					r.Fatal(err)
				}
			},
		})
		h.must(credit.Expire(h.ctx, h.db, h.now))
		if sum, err := credit.BySource(h.ctx, h.db, source); err != nil || sum.Left != h.left(who) {
			r.Fatalf("shows %d, is %+v, %v", h.left(who), sum, err)
		}
	})
}

// Money that goes back without a session is a line for the practice alone: in a
// wallet of two, the one who did not pay neither reads it nor sees, by when the
// wallet is said to rest, that something happened.
func TestMoneyThatGoesBackWithoutASessionMovesNothingForAClient(t *testing.T) {
	h := newHouse(t)
	h.grant(h.both(), 3, 0, "an order")
	read := func() (lots []credit.Lot, lines []credit.Movement) {
		t.Helper()
		lots, err := credit.OfClient(h.ctx, h.db, h.alex, false)
		h.must(err)
		lines, err = credit.LedgerOfClient(h.ctx, h.db, h.work.Keys, h.alex, false)
		h.must(err)
		return lots, lines
	}
	lots, lines := read()
	h.now = h.day(5)
	for _, n := range []int{0, 0, 1} {
		h.in(func(tx *pg.Tx) error {
			_, err := credit.Revoke(h.ctx, tx, credit.RevokeOf{Source: "an order", AtMost: n, Key: fmt.Sprint("refund ", n), Reason: "goodwill", By: system}, h.now)
			return err
		})
		now, said := read()
		if len(now) != 1 || len(lots) != 1 || len(said) != len(lines)+n || now[0].LastAt.Equal(lots[0].LastAt) != (n == 0) {
			t.Errorf("with %d sessions: %d lines and not %d, last at %v, was %v", n, len(said), len(lines), now[0].LastAt, lots[0].LastAt)
		}
	}
}

// The last day of sessions that two had used up moved while the one who paid was
// at odds with a bank: the other could read so.
func TestAHoldOnWhatIsUsedUpMovesNoLastDay(t *testing.T) {
	h := newHouse(t)
	h.grant(h.both(), 1, 30, "an order")
	b := newBooking()
	h.must(h.spend(h.both(), b, h.day(2)))
	read := func() credit.Lot {
		t.Helper()
		lots, err := credit.OfClient(h.ctx, h.db, h.alex, false)
		h.must(err)
		return lots[0]
	}
	hold := func(key string) (before, after credit.Lot) {
		t.Helper()
		before = read()
		h.in(func(tx *pg.Tx) error { return credit.Freeze(h.ctx, tx, "an order", key, system, h.now) })
		h.now = h.day(3)
		h.in(func(tx *pg.Tx) error { return credit.Thaw(h.ctx, tx, "an order", key, system, h.now) })
		return before, read()
	}
	if was, now := hold("used up"); now.ExpiresOn != was.ExpiresOn || !now.LastAt.Equal(was.LastAt) {
		t.Errorf("from %+v to %+v", was, now)
	}
	h.back(b)
	if was, now := hold("come back"); now.ExpiresOn <= was.ExpiresOn {
		t.Errorf("from %+v to %+v", was, now)
	}
}

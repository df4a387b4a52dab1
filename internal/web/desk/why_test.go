package desk_test

import (
	"testing"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/once"
	"kintsugi/internal/pg"
)

func TestWhyATimeIsClosedIsSaidInPlainWords(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	o.booked("mara", "Sam Taylor", time.Date(2026, 12, 8, 10, 0, 0, 0, time.UTC))
	_, err := o.booking.BlockTime(o.ctx, booking.Viewer{ID: o.who().ID, Role: o.who().Role}, booking.Block{CoachID: o.who().ID,
		Start: time.Date(2026, 12, 8, 15, 0, 0, 0, time.UTC), End: time.Date(2026, 12, 8, 16, 0, 0, 0, time.UTC), Label: "Dentist"}, once.Key{})
	o.must(err)
	o.must(o.db.InTx(o.ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(o.ctx, `insert into busy (coach_id, calendar, uid, starts_at, ends_at) values ($1, 'c', 'u', $2, $3)`,
			o.who().ID, time.Date(2026, 12, 8, 13, 0, 0, 0, time.UTC), time.Date(2026, 12, 8, 13, 30, 0, 0, time.UTC))
		return err
	}))
	for _, row := range []struct{ query, says string }{
		{"date=2026-12-08&time=11:00", "can be booked"},
		{"date=2026-12-08&time=10:00", "The call with Sam Taylor at 10:00–10:30 takes this time."},
		{"date=2026-12-08&time=10:30", "The call with Sam Taylor at 10:00–10:30 is too near: a break belongs between the two."},
		{"date=2026-12-08&time=15:30", "A blocked time (Dentist) takes this time: Tuesday 8 December, 15:00 until 16:00."},
		{"date=2026-12-08&time=13:00", "An entry in another calendar takes this time: Tuesday 8 December, 13:00 until 13:30."},
		{"date=2026-12-08&time=09:10", "between two times that are offered: one is offered every 30 minutes"},
		{"date=2026-12-08&time=16:45", "would end at 17:15, after the hours do"},
		{"date=2026-12-08&time=20:00", "It lies outside the hours of that day."},
		{"date=2026-12-09&time=10:00", "There are no hours on a Wednesday."},
		{"date=2026-12-24&time=10:00", "it is entered as a day off or holiday"},
		{"date=2026-12-07&time=09:30", "has to be booked at least 2 hours ahead"},
		{"date=2026-11-30&time=10:00", "It has passed."},
		{"date=2027-01-11&time=10:00", "First call opens 30 days before"},
		{"date=2027-03-28&time=01:30", "There is no 01:30 on this day: the clock jumps over it in London."},
		{"date=2027-10-31&time=01:30", "so 01:30 is there twice"},
	} {
		o.get("/desk/hours/mara/why?type=meet&"+row.query).is(200).says(row.says).hides("found out in June", "Alex")
	}
	o.get("/desk/hours/mara/why?type=meet&date=2026-12-08&time=10:00").says("Open 09:00, 11:00, 11:30, 13:30, 14:00, 16:00, 16:30")
	o.get("/desk/hours/noor/why?type=meet&date=2026-12-17&time=09:00").is(200).says("can be booked", "Noor Haddad is travelling", "the clock of New York")
	o.get("/desk/hours/noor/why?type=couple&date=2026-12-17&time=09:00").is(422).says("Choose one of these.")
	o.get("/desk/hours/mara/why?type=meet&date=soon&time=late").is(422).says("Choose a day", "Write a time of day")

	o.slug = "ash" // the schedule shows an assistant the name and the hour; the label is its coach's
	o.get("/desk/hours/mara/why?type=meet&date=2026-12-08&time=10:00").is(200).says("The call with Sam Taylor").hides("sam@example.org")
	o.get("/desk/hours/mara/why?type=meet&date=2026-12-08&time=15:30").is(200).says("A blocked time takes this time").hides("Dentist")
}

func TestAFullDaySaysSo(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	for _, hour := range []int{9, 11, 14, 16} {
		o.booked("mara", "Sam", time.Date(2026, 12, 8, hour, 0, 0, 0, time.UTC))
	}
	o.get("/desk/hours/mara/why?type=meet&date=2026-12-08&time=13:00").is(200).says("The day is full: it takes at most 4 of First call.", "Open nothing")
}

// Whatever the page says, the engine decides: a time is called open exactly when
// it is among those that are offered.
func TestWhatIsCalledOpenIsWhatIsOffered(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	o.booked("mara", "Sam", time.Date(2026, 12, 8, 10, 0, 0, 0, time.UTC))
	day := time.Date(2026, 12, 8, 0, 0, 0, 0, time.UTC)
	offered, err := o.booking.Offer(o.ctx, booking.OfferQuery{Type: "meet", Coach: "mara", From: day, To: day.AddDate(0, 0, 1)})
	o.must(err)
	open := map[string]bool{}
	for _, s := range offered.Slots {
		open[s.Start.Format("15:04")] = true
	}
	for minutes := 0; minutes < 24*60; minutes += 15 {
		at := day.Add(time.Duration(minutes) * time.Minute).Format("15:04")
		want := "cannot be booked"
		if open[at] {
			want = at + " can be booked"
		}
		o.get("/desk/hours/mara/why?type=meet&date=2026-12-08&time=" + at).is(200).says(want)
	}
}

package availability_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"kintsugi/internal/availability"
	"kintsugi/internal/fault"
	"kintsugi/internal/job"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

const dinner = "20261201T180000Z"

func TestBusyTimeIsReadAndFollowsTheCalendar(t *testing.T) {
	o := newOutside(t)
	h := newReaders(t, o)
	o.gives(ics(event("a", dinner, ""), event("b", "20261202T090000", "")))
	h.wantBusy()
	h.round()
	h.wantBusy("12-01 18:00–12-01 19:00", "12-02 09:00–12-02 10:00")
	if c := h.one(); c.Problem != "" || c.Say() != "" || c.Age(h.now) != 0 || c.Stale(h.now) || c.Events != 2 || c.Host != "127.0.0.1" || len(c.Notes) != 0 {
		t.Errorf("%+v", c)
	}
	o.gives(ics(event("a", dinner, "DURATION:PT3H\r\nDTEND:20261201T203000Z\r\n"), event("c", "20261203T090000Z", ""), event("d", "never", "")))
	h.round()
	h.wantBusy("12-01 18:00–12-01 20:30", "12-03 09:00–12-03 10:00")
	if c := h.one(); len(c.Notes) != 1 {
		t.Errorf("%+v", c)
	}
	if strings.Contains(h.log.String(), "secret") || strings.Contains(h.log.String(), "private") {
		t.Error(h.log.String())
	}
}

// The server says 304, and the copy is as good as new; but an endless series
// says more as time goes on, so now and then the file is asked for whole.
func TestAnUnchangedCalendarIsNotSentAgainUntilItsCopyEndsTooSoon(t *testing.T) {
	o := newOutside(t)
	h := newReaders(t, o)
	whole := 0
	o.do(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Last-Modified", "Mon, 23 Nov 2026 10:00:00 GMT")
		if r.Header.Get("If-Modified-Since") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		whole++
		fmt.Fprint(w, ics(event("a", "20200101T090000Z", "RRULE:FREQ=DAILY\r\n")))
	})
	h.round()
	h.round()
	if whole != 1 || h.one().Age(h.now) != 0 {
		t.Errorf("sent %d times, %v old", whole, h.one().Age(h.now))
	}
	first := h.busy()
	h.now = h.now.Add(31 * 24 * time.Hour)
	h.round()
	if last := h.busy(); whole != 2 || last[len(last)-1] <= first[len(first)-1] && last[len(last)-1] > "06" {
		t.Errorf("sent %d times, until %s", whole, last[len(last)-1])
	}
	// So it is when the coach decides to read it in another way.
	h.in(func(tx *pg.Tx) error {
		return availability.SaveChoices(h.ctx, tx, h.mara, availability.Choices{IgnoreAllDay: true})
	})
	h.round()
	if whole != 3 {
		t.Errorf("sent %d times", whole)
	}
}

func TestTheLastGoodCopyOutlivesEveryMistakeOfItsServer(t *testing.T) {
	o := newOutside(t)
	h := newReaders(t, o)
	o.gives(ics(event("a", dinner, "")))
	h.round()
	for what, row := range map[string]struct {
		act  http.HandlerFunc
		want string
	}{
		"401":       {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }, "refused"},
		"410":       {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(410) }, "refused"},
		"503":       {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, "troubled"},
		"garbage":   {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>sign in") }, "not a calendar"},
		"nothing":   {func(http.ResponseWriter, *http.Request) {}, "not a calendar"},
		"half":      {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, ics()[:20]) }, "cut short"},
		"too large": {func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 3<<20)) }, "too large"},
		"silence":   {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "unreachable"},
		"hang up":   {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "unreachable"},
		"too much": {func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, ics(strings.Repeat(event("x", "16010101T000000Z", "RRULE:FREQ=DAILY;COUNT=999999\r\n"), 400)))
		}, "repeats too much"},
	} {
		o.do(row.act)
		h.round()
		h.wantBusy("12-01 18:00–12-01 19:00")
		if c := h.one(); c.Problem != row.want || c.Say() == "" || !c.TriedAt.Equal(h.now) || c.GoodAt.Equal(h.now) {
			t.Errorf("%s: %+v", what, c)
		}
	}
	o.gives(ics(event("b", "20261205T090000Z", "")))
	h.round()
	h.wantBusy("12-05 09:00–12-05 10:00")
	if c := h.one(); c.Problem != "" || c.Age(h.now) != 0 {
		t.Errorf("%+v", c)
	}
}

// A server that lost its mind may call a full calendar empty. That is believed
// only when it lasts.
func TestACalendarThatIsSuddenlyEmptyIsNotBelievedAtOnce(t *testing.T) {
	o := newOutside(t)
	h := newReaders(t, o)
	o.gives(ics(event("a", dinner, "")))
	h.round()
	o.gives(ics())
	for range 6 {
		h.round()
		h.wantBusy("12-01 18:00–12-01 19:00")
		if c := h.one(); c.Problem != "suddenly empty" {
			t.Errorf("%+v", c)
		}
	}
	o.gives(ics(event("a", dinner, "")))
	h.round()
	o.gives(ics())
	for range 7 {
		h.round()
	}
	h.wantBusy()
	if c := h.one(); c.Problem != "" {
		t.Errorf("%+v", c)
	}
}

func TestAnOldCopyIsStaleAndStopsOfferingWhereTheCoachSaysSo(t *testing.T) {
	o := newOutside(t)
	h := newReaders(t, o)
	o.gives(ics(event("a", dinner, "")))
	h.round()
	o.answers(500)
	h.now = h.now.Add(3 * time.Hour)
	h.round()
	troubled, err := availability.TroubledCalendars(h.ctx, h.DB, h.now)
	if c := h.one(); !c.Stale(h.now) || c.Stops(h.now) || err != nil || len(troubled) != 1 || troubled[0].ID != c.ID {
		t.Errorf("%+v, %v, %v", c, troubled, err)
	}
	h.wantBusy("12-01 18:00–12-01 19:00")
	three, none := 3, 0
	h.in(func(tx *pg.Tx) error {
		return availability.SaveChoices(h.ctx, tx, h.mara, availability.Choices{StopAfterHours: &three})
	})
	if choices, err := availability.LoadChoices(h.ctx, h.DB, h.mara); err != nil || *choices.StopAfterHours != 3 || choices.IgnoreAllDay {
		t.Errorf("%+v, %v", choices, err)
	}
	if c := h.one(); !c.Stops(h.now) {
		t.Errorf("%+v", c)
	}
	all := h.now.Add(-24*time.Hour).Format("01-02 15:04") + "–" + h.now.AddDate(1, 0, 0).Format("01-02 15:04")
	h.wantBusy(all, "12-01 18:00–12-01 19:00")
	o.gives(ics(event("a", dinner, "")))
	h.round()
	h.wantBusy("12-01 18:00–12-01 19:00")

	err = h.DB.InTx(h.ctx, func(tx *pg.Tx) error {
		return availability.SaveChoices(h.ctx, tx, h.mara, availability.Choices{StopAfterHours: &none})
	})
	if fault.KindOf(err) != fault.Invalid {
		t.Errorf("no hours are taken: %v", err)
	}
	// What the practice file does not name stays as it was.
	h.write(o.URL + "/secret.ics")
	if choices, err := availability.LoadChoices(h.ctx, h.DB, h.mara); err != nil || choices.StopAfterHours == nil {
		t.Errorf("%+v, %v", choices, err)
	}
}

// A calendar that was never read is unknown, not free.
func TestACalendarThatWasNeverReadStopsOfferingTooButNotAtOnce(t *testing.T) {
	o := newOutside(t)
	h := newReaders(t, o)
	o.answers(404)
	six := 6
	h.in(func(tx *pg.Tx) error {
		return availability.SaveChoices(h.ctx, tx, h.mara, availability.Choices{StopAfterHours: &six})
	})
	h.round()
	h.wantBusy()
	h.now = h.now.Add(6 * time.Hour)
	h.round()
	if got := h.busy(); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

func TestOurOwnBookingsAreNotCountedTwice(t *testing.T) {
	o := newOutside(t)
	h := newReaders(t, o)
	asked := 0
	h.Own = func(_ context.Context, _ pg.Conn, coach people.ID, uids []string) ([]string, error) {
		if asked++; coach != h.mara || len(uids) != 2 {
			t.Errorf("asked for %v of %s", uids, coach)
		}
		return []string{"ours"}, nil
	}
	o.gives(ics(event("ours", "20261201T100000Z", ""), event("theirs", dinner, "RRULE:FREQ=DAILY;COUNT=2\r\n")))
	h.round()
	h.wantBusy("12-01 18:00–12-01 19:00", "12-02 18:00–12-02 19:00")
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

func TestAnAddressThatIsTakenAwayFreesWhatWasReadThere(t *testing.T) {
	one, two := newOutside(t), newOutside(t)
	h := newReaders(t, one, two)
	one.gives(ics(event("a", dinner, "")))
	two.gives(ics(event("a", dinner, ""), event("b", "20261202T090000Z", "")))
	h.round()
	h.wantBusy("12-01 18:00–12-01 19:00", "12-01 18:00–12-01 19:00", "12-02 09:00–12-02 10:00")
	h.write(one.URL + "/secret.ics")
	h.in(func(tx *pg.Tx) error { return availability.Refresh(h.ctx, tx, h.now) })
	h.wantBusy("12-01 18:00–12-01 19:00")
	h.one()
	h.write()
	h.round()
	h.wantBusy()
	visits := one.visits.Load()
	h.round()
	if one.visits.Load() != visits {
		t.Error("it is still read")
	}
}

func TestWholeDaysAreThoseOfTheCoachAlsoOnATrip(t *testing.T) {
	o := newOutside(t)
	h := newReaders(t, o)
	h.now = time.Date(2026, 4, 20, 9, 0, 0, 0, time.UTC)
	o.gives(ics("BEGIN:VEVENT\r\nUID:a\r\nDTSTART;VALUE=DATE:20260510\r\nDTEND;VALUE=DATE:20260512\r\nEND:VEVENT\r\n"))
	h.round()
	h.wantBusy("05-09 23:00–05-12 04:00") // from midnight in London to midnight in New York
}

// One server that never answers and one whose file is a trap stop neither the
// process nor the reading of a third, and each calendar is read once a round
// although two runners work.
func TestABadCalendarDelaysNoOther(t *testing.T) {
	slow, trap, good := newOutside(t), newOutside(t), newOutside(t)
	slow.do(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	trap.gives(ics(event("x", "20261201T090000Z", "RRULE:FREQ=DAILY;BYDAY=99MO;BYEASTER=999\r\nEXDATE;TZID=\"a\"x:1\r\n"), strings.Repeat("BEGIN:VALARM\r\n", 5), event("y", "20261201T090000Z", "RRULE:FREQ=SECONDLY\r\n")))
	good.gives(ics(event("a", dinner, "")))
	h := newReaders(t, slow, trap, good)
	ctx, stop := context.WithCancel(h.ctx)
	var running sync.WaitGroup
	for range 2 {
		handlers := map[string]job.Handler{}
		r := &job.Runner{DB: h.DB, Now: h.Now, Log: h.Log, Handlers: handlers, Recurring: h.Register(handlers), Poll: 10 * time.Millisecond}
		running.Go(func() { r.Run(ctx) })
	}
	until := time.Now().Add(20 * time.Second)
	for {
		var done int
		if err := h.DB.Get(h.ctx, &done, `select count(*) from job where kind = 'read-calendar' and done_at is not null`); err != nil {
			t.Fatal(err)
		}
		if done == 3 || time.Now().After(until) {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	stop()
	running.Wait()
	h.wantBusy("12-01 09:00–12-01 10:00", "12-01 09:00–12-01 10:00", "12-01 18:00–12-01 19:00")
	if n := good.visits.Load(); n != 1 {
		t.Errorf("read %d times", n)
	}
}

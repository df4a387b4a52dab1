package availability_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kintsugi/internal/availability"
	"kintsugi/internal/job"
	"kintsugi/internal/outbound"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
)

// outside is a calendar server under the test's control.
type outside struct {
	*httptest.Server
	at     netip.AddrPort
	mu     sync.Mutex
	act    http.HandlerFunc
	visits atomic.Int32
}

func newOutside(t *testing.T) *outside {
	t.Helper()
	o := &outside{}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.visits.Add(1)
		o.mu.Lock()
		act := o.act
		o.mu.Unlock()
		act(w, r)
	}))
	t.Cleanup(o.Close)
	o.at = netip.MustParseAddrPort(strings.TrimPrefix(o.URL, "http://"))
	return o
}

func (o *outside) do(act http.HandlerFunc) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.act = act
}

// gives lets the server give out a calendar with an ETag, and 304 for it.
func (o *outside) gives(ics string) {
	tag := fmt.Sprintf(`"%x"`, sha256.Sum256([]byte(ics)))
	o.do(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, ics)
	})
}

func (o *outside) answers(status int) {
	o.do(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
}

func ics(events ...string) string {
	return "BEGIN:VCALENDAR\r\n" + strings.Join(events, "") + "END:VCALENDAR\r\n"
}

func event(uid, start, more string) string {
	return "BEGIN:VEVENT\r\nUID:" + uid + "\r\nSUMMARY:private words\r\nDTSTART:" + start + "\r\nDURATION:PT1H\r\n" + more + "END:VEVENT\r\n"
}

// readers is a practice whose coach mara has outside calendars.
type readers struct {
	*availability.Refresher
	t        *testing.T
	ctx      context.Context
	mara     people.ID
	now      time.Time
	handlers map[string]job.Handler
	log      bytes.Buffer
}

func newReaders(t *testing.T, servers ...*outside) *readers {
	t.Helper()
	db := pgtest.New(t)
	h := &readers{t: t, ctx: context.Background(), mara: set(t, db), now: clock(), handlers: map[string]job.Handler{}}
	var trust []netip.AddrPort
	var addresses []string
	for _, o := range servers {
		trust = append(trust, o.at)
		addresses = append(addresses, o.URL+"/secret.ics")
	}
	h.Refresher = &availability.Refresher{DB: db, Now: func() time.Time { return h.now }, Log: slog.New(slog.NewTextHandler(&h.log, nil)),
		Fetch: outbound.New(outbound.Options{Trust: trust, MaxTime: time.Second})}
	h.Register(h.handlers)
	h.write(addresses...)
	return h
}

// write makes these the addresses that mara wrote down.
func (h *readers) write(addresses ...string) {
	h.t.Helper()
	stored := maras()
	stored.CoachID, stored.BusyCalendars = h.mara, addresses
	h.in(func(tx *pg.Tx) error { return availability.Save(h.ctx, tx, stored) })
}

func (h *readers) in(act func(tx *pg.Tx) error) {
	h.t.Helper()
	if err := h.DB.InTx(h.ctx, act); err != nil {
		h.t.Fatal(err)
	}
}

// round lets ten minutes pass, finds what is to be read and reads it, as the
// runner would.
func (h *readers) round() {
	h.t.Helper()
	h.now = h.now.Add(10 * time.Minute)
	if err := h.handlers["calendars"](h.ctx, nil); err != nil {
		h.t.Fatal(err)
	}
	var jobs []struct {
		ID   string `db:"id"`
		Args string `db:"args"`
	}
	h.in(func(tx *pg.Tx) error {
		return tx.Select(h.ctx, &jobs, `update job set done_at = $1 where kind = 'read-calendar' and done_at is null returning id, args`, h.now)
	})
	for _, j := range jobs {
		if err := h.handlers["read-calendar"](h.ctx, json.RawMessage(j.Args)); err != nil {
			h.t.Error(err)
		}
	}
}

// busy gives what stands in the database as taken by outside calendars between
// now and a year later, by the function that booking asks.
func (h *readers) busy() []string {
	h.t.Helper()
	var rows []struct {
		Start time.Time `db:"starts_at"`
		End   time.Time `db:"ends_at"`
	}
	err := h.DB.Select(h.ctx, &rows, `
		select starts_at, ends_at from busy_time($1, $2, $3, $4) order by starts_at, ends_at`,
		pg.Array([]string{string(h.mara)}), h.now.Add(-24*time.Hour), h.now.AddDate(1, 0, 0), h.now)
	if err != nil {
		h.t.Fatal(err)
	}
	var list []string
	for _, r := range rows {
		list = append(list, r.Start.UTC().Format("01-02 15:04")+"–"+r.End.UTC().Format("01-02 15:04"))
	}
	return list
}

func (h *readers) wantBusy(want ...string) {
	h.t.Helper()
	if got := h.busy(); !slices.Equal(got, want) {
		h.t.Errorf("busy %v, want %v", got, want)
	}
}

// one gives the state of mara's only calendar.
func (h *readers) one() availability.Calendar {
	h.t.Helper()
	list, err := availability.Calendars(h.ctx, h.DB, h.mara)
	if err != nil || len(list) != 1 {
		h.t.Fatalf("%+v, %v", list, err)
	}
	return list[0]
}

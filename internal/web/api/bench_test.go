package api_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/pg/pgtest"
)

// month asks for 31 days, of which 23 are workdays.
const month = "/api/v1/slots?type=call&from=2026-12-08&to=2027-01-08&timezone=Europe/London"

// BenchmarkSlotsMonth is a month of slots as JSON, behind the doors of the
// site, and its floor: the smallest handler of Gin and lib/pq that asks the
// same questions, prepared as ours are, and writes the same bytes by hand. Both take turns in the same
// run, so that a busy machine slows both.
func BenchmarkSlotsMonth(b *testing.B) {
	h := openLimited(b, false)
	for i := range 30 {
		day := time.Date(2026, 12, 8+i, 9+i%8, 0, 0, 0, time.UTC)
		if day.Weekday() != time.Saturday && day.Weekday() != time.Sunday {
			h.books("start", day.Format(time.RFC3339), "email", fmt.Sprintf("p%d@example.com", i))
		}
	}
	h.must(analyze(h.ctx, b))
	floor := slotsFloor(b, h)
	want, got := httptest.NewRecorder(), httptest.NewRecorder()
	h.doors.ServeHTTP(want, h.request("GET", month, ""))
	floor.ServeHTTP(got, h.request("GET", month, ""))
	if want.Code != 200 || want.Body.String() != got.Body.String() {
		b.Fatalf("the floor writes other bytes:\n%s\n%s", want.Body, got.Body)
	}
	b.SetBytes(int64(want.Body.Len()))
	takeTurns(b, 200, func() { one(b, h, h.doors) }, func() { one(b, h, floor) })
}

func one(b *testing.B, h *house, handler http.Handler) {
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, h.request("GET", month, ""))
	if w.Code != http.StatusOK {
		b.Error(w.Code)
	}
}

// takeTurns runs ours and the floor in turn, batch by batch over four workers,
// and reports what share of the floor's throughput ours reaches.
func takeTurns(b *testing.B, batch int, ours, floor func()) {
	run := func(do func()) time.Duration {
		var all sync.WaitGroup
		begun := time.Now()
		for range 4 {
			all.Go(func() {
				for range batch / 4 {
					do()
				}
			})
		}
		all.Wait()
		return time.Since(begun)
	}
	run(ours)
	run(floor)
	var spent [2]time.Duration
	rounds := 0
	for b.Loop() {
		spent[0] += run(ours)
		spent[1] += run(floor)
		rounds++
	}
	each := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(rounds*batch) }
	b.ReportMetric(each(spent[0]), "ours-µs")
	b.ReportMetric(each(spent[1]), "floor-µs")
	b.ReportMetric(float64(spent[1])/float64(spent[0]), "of-floor")
}

func analyze(ctx context.Context, t testing.TB) error {
	owner, err := sql.Open("postgres", pgtest.URL(t))
	if err != nil {
		return err
	}
	defer owner.Close()
	_, err = owner.ExecContext(ctx, `analyze`)
	return err
}

// slotsFloor asks what our handler asks, in its own words, heard on the wire.
func slotsFloor(b *testing.B, h *house) http.Handler {
	asked := h.heard(b, func() { one(b, h, h.doors) })
	if len(asked) != 2 {
		b.Fatalf("%d statements", len(asked))
	}
	pool, err := sql.Open("postgres", pgtest.URL(b)+"&binary_parameters=yes&role=kintsugi_app&timezone=UTC")
	h.must(err)
	b.Cleanup(func() { _ = pool.Close() })
	pool.SetMaxIdleConns(16)
	pool.SetMaxOpenConns(16)
	hours, err := pool.Prepare(asked[0].Query)
	h.must(err)
	diary, err := pool.Prepare(asked[1].Query)
	h.must(err)
	r := gin.New()
	r.GET("/api/v1/slots", func(c *gin.Context) {
		ctx := c.Request.Context()
		rows, err := hours.QueryContext(ctx, c.Query("type"), asked[0].Args[1])
		if err != nil {
			b.Error(err)
			return
		}
		raw := make([]sql.RawBytes, 40)
		columns, _ := rows.Columns()
		into := make([]any, len(columns))
		for i := range into {
			into[i] = &raw[i]
		}
		for rows.Next() {
			if err := rows.Scan(into...); err != nil {
				b.Error(err)
			}
		}
		rows.Close()
		rows, err = diary.QueryContext(ctx, asked[1].Args...)
		if err != nil {
			b.Error(err)
			return
		}
		taken := map[int64]bool{}
		for rows.Next() {
			var what, coach, id, kind string
			var start, end time.Time
			var before, after int
			if err := rows.Scan(&what, &coach, &id, &kind, &start, &end, &before, &after); err != nil {
				b.Error(err)
			}
			taken[start.Unix()] = true
		}
		rows.Close()
		c.Header("Content-Type", "application/json; charset=utf-8")
		_, _ = c.Writer.Write(byHand(taken))
	})
	return r
}

// byHand writes the half hours from 9 to 17 of the workdays of the month that
// are not taken.
func byHand(taken map[int64]bool) []byte {
	out := []byte(`{"type":"call","timezone":"Europe/London","days":[`)
	first := true
	for day := time.Date(2026, 12, 8, 9, 0, 0, 0, time.UTC); day.Before(time.Date(2027, 1, 8, 0, 0, 0, 0, time.UTC)); day = day.AddDate(0, 0, 1) {
		if day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
			continue
		}
		if !first {
			out = append(out, ',')
		}
		first = false
		out = day.AppendFormat(append(out, `{"date":"`...), time.DateOnly)
		out = append(out, `","slots":[`...)
		comma := false
		for i := range 16 {
			start := day.Add(time.Duration(i) * 30 * time.Minute)
			if taken[start.Unix()] {
				continue
			}
			if comma {
				out = append(out, ',')
			}
			comma = true
			out = start.AppendFormat(append(out, `{"start":"`...), time.RFC3339)
			out = start.Add(30*time.Minute).AppendFormat(append(out, `","end":"`...), time.RFC3339)
			out = append(out, `","coaches":["mara"]}`...)
		}
		out = append(out, `]}`...)
	}
	return append(out, `]}`...)
}

// heard lists the statements of an act.
func (h *house) heard(t testing.TB, act func()) []pgtest.Statement {
	t.Helper()
	direct := h.db
	listened, wire := pgtest.Listened(t)
	h.book.DB = listened
	defer func() { h.book.DB = direct }()
	wire.Reset()
	act()
	return wire.Statements()
}

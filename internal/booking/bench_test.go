package booking_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kintsugi/internal/booking"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
	"kintsugi/internal/slot"
)

// BenchmarkBooking is one booking, and its floor: the same statements, heard on
// the wire and prepared as ours are, under the same lock, without our code. Both
// take turns in the same run, so that a busy machine slows both. In "alone" one
// visitor follows the other; in "racing" four want the same coach at once.
func BenchmarkBooking(b *testing.B) {
	b.Run("alone", func(b *testing.B) { benchmarkBooking(b, 1) })
	b.Run("racing", func(b *testing.B) { benchmarkBooking(b, 4) })
}

// first is when the benchmark's bookings begin; each takes the first half hour
// of the next quarter of a day.
var first = time.Date(2026, 12, 9, 0, 0, 0, 0, time.UTC)

func benchmarkBooking(b *testing.B, workers int) {
	h := newHouse(b, roundTheClock)
	floor := newFloor(b, h, workers)
	var mu sync.Mutex
	var next time.Duration
	hour := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		next += 6 * time.Hour
		return first.Add(next)
	}
	takeTurns(b, workers, 48, func(int) {
		start := hour()
		if _, err := h.Book(h.ctx, ask(fmt.Sprint("v", start.Unix()), start)); err != nil {
			b.Error(err)
		}
	}, func(worker int) {
		if err := floor.book(worker, hour()); err != nil {
			b.Error(err)
		}
	})
}

// roundTheClock makes the call bookable at any hour for ten years.
func roundTheClock(t *practice.Type) {
	t.HorizonDays, t.Hours = 3650, practice.Week{}
	for d := time.Sunday; d <= time.Saturday; d++ {
		t.Hours[d] = []slot.Window{{From: 0, To: 24 * 60}}
	}
}

// takeTurns runs ours and the floor in turn, batch by batch, and reports what
// share of the floor's throughput ours reaches.
func takeTurns(b *testing.B, workers, batch int, ours, floor func(worker int)) {
	run := func(do func(int)) time.Duration {
		var all sync.WaitGroup
		begun := time.Now()
		for w := range workers {
			all.Go(func() {
				for range batch / workers {
					do(w)
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

// floor carries out what one booking asked of the database, again and again.
type floor struct {
	ctx    context.Context
	made   booking.Booking
	heard  []pgtest.Statement
	conns  []*sql.Conn
	stmts  [][]*sql.Stmt // by worker and place
	person int           // place of the statement that gives the person's id
}

func newFloor(b *testing.B, h *house, workers int) *floor {
	direct := h.DB
	listened, wire := pgtest.Listened(b)
	h.DB = listened
	wire.Reset()
	f := &floor{ctx: h.ctx, made: h.book("floor", first)}
	f.heard = wire.Statements()
	h.DB = direct
	pool, err := sql.Open("postgres", pgtest.URL(b)+"&binary_parameters=yes&role=kintsugi_app&timezone=UTC")
	h.must(err)
	b.Cleanup(func() { _ = pool.Close() })
	pool.SetMaxIdleConns(workers)
	for range workers {
		conn, err := pool.Conn(h.ctx)
		h.must(err)
		f.conns = append(f.conns, conn)
		b.Cleanup(func() { _ = conn.Close() })
		var stmts []*sql.Stmt
		for i, s := range f.heard {
			if strings.HasPrefix(s.Query, "insert into person") {
				f.person = i
			}
			st, err := conn.PrepareContext(h.ctx, s.Query)
			h.must(err)
			stmts = append(stmts, st)
		}
		f.stmts = append(f.stmts, stmts)
	}
	return f
}

// book repeats the statements with another hour, another address and new ids.
func (f *floor) book(worker int, start time.Time) error {
	shift := start.Sub(f.made.Start)
	words := []string{string(f.made.ID), uuid.NewString(), f.made.CalendarUID, uuid.NewString(), f.made.Email, fmt.Sprint("f", start.Unix(), "@example.com")}
	for i, s := range f.heard {
		renew := strings.NewReplacer(words...)
		args := make([]any, len(s.Args))
		for j, arg := range s.Args {
			args[j] = arg
			if text, ok := arg.(string); ok {
				args[j] = renew.Replace(later(text, shift))
			}
		}
		if len(args) == 0 {
			if _, err := f.conns[worker].ExecContext(f.ctx, s.Query); err != nil {
				return err
			}
			continue
		}
		rows, err := f.stmts[worker][i].QueryContext(f.ctx, args...)
		if err != nil {
			return fmt.Errorf("%s: %w", s.Query, err)
		}
		columns, err := rows.Columns()
		if err != nil {
			return err
		}
		raw, into := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
		for j := range into {
			into[j] = &raw[j]
		}
		for rows.Next() {
			if err := rows.Scan(into...); err != nil {
				return err
			}
			if i == f.person {
				words = append(words, string(f.made.PersonID), string(raw[0]))
			}
		}
		if err := rows.Close(); err != nil {
			return err
		}
	}
	return nil
}

// later moves an instant, as the driver writes it, unless it is the moment of
// the act itself.
func later(text string, shift time.Duration) string {
	const layout = "2006-01-02 15:04:05Z"
	at, err := time.Parse(layout, text)
	if err != nil || at.Equal(monday) {
		return text
	}
	return at.Add(shift).Format(layout)
}

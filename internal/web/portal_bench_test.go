package web_test

import (
	"testing"
	"time"

	"kintsugi/internal/pg/pgtest"
)

// BenchmarkPortal is what a client opens most: their home and an order. The floor
// is the same statements, prepared, without a session, a page or a browser; both
// take turns in one run.
func BenchmarkPortal(b *testing.B) {
	db, wire := pgtest.Listened(b)
	s := newShopOn(b, db)
	id := s.paid(s.kit, "one-three")
	for name, path := range map[string]string{"home": "/portal", "order": "/portal/orders/" + string(id)} {
		b.Run(name, func(b *testing.B) {
			ours := func() {
				if got := s.get(s.kit, path); got.status != 200 {
					b.Fatal(got.status)
				}
			}
			for range 3 {
				wire.Reset()
				ours()
			}
			acts := []func(){ours, pgtest.Replay(s.t, wire.Statements())}
			for range 8 { // until statements are planned for all values
				for _, act := range acts {
					act()
				}
			}
			var took [2]time.Duration
			for b.Loop() {
				for i, act := range acts {
					began := time.Now()
					act()
					took[i] += time.Since(began)
				}
			}
			b.ReportMetric(float64(took[1])/float64(took[0]), "floor/ours")
			b.ReportMetric(float64(took[0].Microseconds())/1000/float64(b.N), "ms/ours")
			b.ReportMetric(float64(took[1].Microseconds())/1000/float64(b.N), "ms/floor")
		})
	}
}

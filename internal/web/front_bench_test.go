package web_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/config"
	"kintsugi/internal/web"
	"kintsugi/internal/web/hook"
	"kintsugi/internal/web/page"
)

// What the doors cost, beside Gin with the same route and none of them.
func BenchmarkDoors(b *testing.B) {
	log := slog.New(slog.NewJSONHandler(&nowhere{}, nil))
	origin, err := config.ParseOrigin("http://localhost:8080")
	if err != nil {
		b.Fatal(err)
	}
	route := func(r gin.IRouter) {
		r.GET("/bookings/:token", func(c *gin.Context) { c.String(http.StatusOK, "booking") })
	}
	house := web.New(web.House{
		Origin: origin, Log: log, Health: hook.NewHealth(nil), Metrics: hook.NewMetrics(),
		Door:   page.NewDoor(log, func(*gin.Context) page.Frame { return page.Frame{} }),
		Routes: []func(gin.IRouter){route},
	})
	bare := gin.New()
	route(bare)
	for name, handler := range map[string]http.Handler{"house": house, "floor": bare} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest("GET", "/bookings/abc", nil)
				r.Host = "localhost:8080"
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
			}
		})
	}
}

type nowhere struct{}

func (*nowhere) Write(p []byte) (int, error) { return len(p), nil }

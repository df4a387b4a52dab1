// Package api is the JSON interface for programs, version 1. Its document is
// openapi.json beside this file; a test holds the answers to it. Errors are
// problems as RFC 9457 writes them.
package api

import (
	"log/slog"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/pg"
	"kintsugi/internal/token"
	"kintsugi/internal/web/guard"
)

// API answers programs.
type API struct {
	DB      *pg.DB
	Booking *booking.Service
	Guard   *guard.Guard
	Links   token.Key
	Log     *slog.Logger
}

// Routes registers what programs can ask.
func (a *API) Routes(r gin.IRouter) {
	v1 := r.Group("/api/v1")

	// For everyone, from any page.
	v1.GET("/openapi.json", a.open(a.document))
	v1.GET("/appointment-types", a.open(a.types))
	v1.GET("/slots", a.open(a.slots))

	// Booking, and acting on a booking under its link.
	v1.POST("/bookings", a.limited(guard.BookingSubmits()), a.door(a.book))
	v1.GET("/bookings/:token", a.door(a.show))
	v1.POST("/bookings/:token/reschedule", a.limited(guard.TokenActs()), a.door(a.reschedule))
	v1.POST("/bookings/:token/cancel", a.limited(guard.TokenActs()), a.door(a.cancel))
}

func (a *API) limited(l guard.Limit) gin.HandlerFunc {
	return a.Guard.PerSource(l, func(c *gin.Context, status int, err error) { guard.Problem(a.Log, c, status, err) })
}

// door turns the error of a handler into a problem.
func (a *API) door(h func(*gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Header("Cache-Control", "no-store")
		if err := h(c); err != nil {
			a.refuse(c, err)
		}
	}
}

// open is door for what any page of any site may read.
func (a *API) open(h func(*gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Header("Access-Control-Allow-Origin", "*")
		c.Header("Cross-Origin-Resource-Policy", "cross-origin")
		c.Header("Cache-Control", "no-cache")
		if err := h(c); err != nil {
			a.refuse(c, err)
		}
	}
}

package site

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/practice"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
)

// lastNames remembers what the practice was last seen to be called, for the
// pages that must not fail when the database does.
type lastNames struct {
	seen atomic.Pointer[practice.Basics]
}

// frame is the layout of a page, with the practice read for it.
func (s *Site) frame(c *gin.Context) (page.Frame, practice.Basics, error) {
	basics, err := practice.LoadBasics(c.Request.Context(), s.DB)
	if err != nil {
		return page.Frame{}, basics, err
	}
	return s.frameOf(c, basics), basics, nil
}

// frameOf is frame for a handler that has read the practice already.
func (s *Site) frameOf(c *gin.Context, b practice.Basics) page.Frame {
	s.names.seen.Store(&b)
	return page.Frame{
		Practice: b.Name, DiscreetName: b.DiscreetName,
		PublicURL: s.Origin.String(), Nonce: guard.Nonce(c), Look: page.LookOf(b),
	}
}

// behindSignIn reports whether an address is one of a client's or of signing in, so
// that also a refusal there says nothing in the browser's tab.
func behindSignIn(path string) bool {
	return path == "/portal" || strings.HasPrefix(path, "/portal/") || strings.HasPrefix(path, "/sign-")
}

// frameAnyway is the layout of a page that says what went wrong. It asks the
// database only when nothing is remembered, and does without when it must.
func (s *Site) frameAnyway(c *gin.Context) page.Frame {
	basics := s.names.seen.Load()
	if basics == nil {
		ctx, cancel := context.WithTimeout(c.Request.Context(), time.Second)
		defer cancel()
		if read, err := practice.LoadBasics(ctx, s.DB); err == nil {
			s.names.seen.Store(&read)
			basics = &read
		} else {
			basics = &practice.Basics{Name: "Kintsugi", DiscreetName: "Kintsugi"}
		}
	}
	return page.Frame{Practice: basics.Name, DiscreetName: basics.DiscreetName, PublicURL: s.Origin.String(), Nonce: guard.Nonce(c), Look: page.LookOf(*basics),
		Discreet: behindSignIn(c.Request.URL.Path)}
}

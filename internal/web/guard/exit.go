package guard

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/config"
)

// Neutral is where the quick exit leads: a page that anybody might have open.
const Neutral = "https://www.bbc.co.uk/weather"

// exitFor is how long private pages stay blank after a quick exit.
const exitFor = 5 * time.Minute

// Exit leaves at once for a neutral site, and ends the session of whoever
// leaves: leave is Sessions.Leave, or nil where nobody can sign in. It works
// without a session and without script, and leaves a short-lived cookie behind
// which says that the pages before it are to stay blank when someone presses
// Back. Looking with HEAD does nothing.
//
// Clear-Site-Data is not sent: browsers hold the way out until they have
// emptied their cache, which can take seconds, and the pages that matter are
// not in it.
func Exit(origin config.Origin, leave func(*gin.Context)) func(*gin.Context) error {
	return func(c *gin.Context) error {
		c.Header("Cache-Control", "no-store")
		c.Header("Referrer-Policy", "no-referrer")
		c.Header("X-Robots-Tag", "noindex")
		if c.Request.Method != http.MethodHead {
			http.SetCookie(c.Writer, exitCookie(origin, "1", exitFor))
			if leave != nil {
				leave(c)
			}
		}
		c.Header("Location", Neutral)
		c.Status(http.StatusSeeOther)
		c.Writer.WriteHeaderNow()
		return nil
	}
}

// Exited reports whether someone left by the quick exit a moment ago, so that
// a private page answers with a blank one.
func Exited(c *gin.Context, origin config.Origin) bool {
	cookie, err := c.Request.Cookie(exitName(origin))
	return err == nil && cookie.Value == "1"
}

// ComeBack ends the blank time: the person has said that they are back.
func ComeBack(c *gin.Context, origin config.Origin) {
	http.SetCookie(c.Writer, exitCookie(origin, "", -time.Second))
}

func exitName(origin config.Origin) string {
	if origin.Secure() {
		return "__Host-kintsugi_exit"
	}
	return "kintsugi_exit"
}

func exitCookie(origin config.Origin, value string, life time.Duration) *http.Cookie {
	return &http.Cookie{
		Name: exitName(origin), Value: value, Path: "/", MaxAge: int(life / time.Second),
		HttpOnly: true, Secure: origin.Secure(), SameSite: http.SameSiteLaxMode,
	}
}

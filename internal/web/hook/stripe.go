package hook

import (
	"context"
	"io"
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
)

// LargestEvent is how much Stripe may send at once. Its events are far smaller.
const LargestEvent = 1 << 20

// Webhook is where Stripe knocks. Nobody is signed in here: whoever comes is
// believed for the signature alone. The body is passed on as the bytes that
// came, and nothing of it is written to the log.
type Webhook struct {
	Knock func(ctx context.Context, body []byte, signature string) error
	Log   *slog.Logger
}

// Routes registers the webhook, with and without a slash at its end: a redirect
// would count as a failure at Stripe.
func (w *Webhook) Routes(r gin.IRouter) {
	r.POST("/webhooks/stripe", w.take)
	r.POST("/webhooks/stripe/", w.take)
}

func (w *Webhook) take(c *gin.Context) {
	body, err := io.ReadAll(c.Request.Body)
	if err == nil {
		err = w.Knock(c.Request.Context(), body, c.GetHeader("Stripe-Signature"))
	}
	switch kind := fault.KindOf(err); {
	case err == nil:
		say(c, http.StatusOK, "ok")
	case kind == fault.Invalid:
		say(c, http.StatusBadRequest, fault.SayOf(err))
	case kind == fault.Unavailable:
		w.Log.Warn("an event of Stripe's was not taken", "error", err.Error())
		c.Header("Retry-After", "5")
		say(c, http.StatusServiceUnavailable, "not now")
	default:
		w.Log.Error("an event of Stripe's was not taken", "error", err.Error())
		say(c, http.StatusInternalServerError, "not taken")
	}
}

// Refuse answers machines that are refused before they are heard.
func Refuse(c *gin.Context, status int, err error) {
	say(c, status, fault.SayOf(err))
	c.Abort()
}

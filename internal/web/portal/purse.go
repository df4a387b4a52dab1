package portal

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/payment"
	"kintsugi/internal/practice"
)

// What was bought is for whoever paid. Who has a second proof gives it before
// any of it opens. Who has none yet finds what is for both partners; what is
// theirs alone opens to them only while they work with nobody, so that there is
// nobody whom it could be hidden from by a proof that they cannot have yet.

// purse reports whether what a client bought for themselves alone may be shown.
// Led says that they were sent to give their second proof first.
func (p *Portal) purse(c *gin.Context) (own, led bool, err error) {
	me := p.who(c)
	if me.Strong {
		return true, false, nil
	}
	next := c.Request.URL.RequestURI()
	if c.Request.Method != http.MethodGet {
		next = "/portal/orders"
	}
	if led, err := p.proofFirst(c, next); led || err != nil {
		return false, led, err
	}
	work, err := engagement.ListForClient(c.Request.Context(), p.DB, me.Person)
	return len(work) == 0, false, err
}

// withPurse runs a handler that shows or does something with orders. Where it
// finds nothing in a session that does not open everything, it leads to the
// second proof: both to what is behind it and to what there is not.
func (p *Portal) withPurse(handle func(c *gin.Context, own bool) error) func(*gin.Context) error {
	return func(c *gin.Context) error {
		own, led, err := p.purse(c)
		if led || err != nil {
			return err
		}
		err = handle(c, own)
		if fault.KindOf(err) == fault.NotFound && !own {
			c.Redirect(http.StatusSeeOther, "/sign-in/proof?"+url.Values{"next": {c.Request.URL.RequestURI()}}.Encode())
			return nil
		}
		return err
	}
}

// mine gives an order of the client's, if it may be shown.
func (p *Portal) mine(c *gin.Context, own bool) (payment.Order, error) {
	o, err := p.Payment.Find(c.Request.Context(), nil, p.who(c).Person, payment.OrderID(c.Param("order")))
	if err == nil && !shows(o, own) {
		err = payment.ErrNoOrder
	}
	return o, err
}

// shows reports whether an order may be shown.
func shows(o payment.Order, own bool) bool { return own || o.Lane == practice.Joint }

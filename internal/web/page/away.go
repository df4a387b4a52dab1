package page

import (
	"net/http"
	"sync"

	"github.com/gin-gonic/gin"
)

// plain is a page of a heading, a few sentences and one way on.
type plain struct {
	Heading string
	Say     []string
	Act     *plainAct
}

type plainAct struct{ Href, Say string }

var plainView = sync.OnceValue(func() View[plain] { return Define[plain]("plain.html") })

// PutAway ends a request with a page that shows nothing of what is behind it.
// Back is the address that opens it again.
func (d *Door) PutAway(c *gin.Context, back string) {
	c.Abort()
	frame := d.frame(c)
	frame.Discreet, frame.NoIndex = true, true
	if err := plainView().Render(c, http.StatusOK, frame, plain{
		Heading: "This page is put away",
		Say:     []string{"It can be opened again in a few minutes, or now."},
		Act:     &plainAct{Href: back, Say: "Open it again"},
	}); err != nil {
		d.Refuse(c, err)
	}
}

package portal

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/engagement"
	"kintsugi/internal/practice"
	"kintsugi/internal/reception"
	"kintsugi/internal/web/page"
)

var (
	exportView = page.Define[exportPage]("portal-export.html")
	copyView   = page.Define[copyPage]("portal-copy.html")
)

type exportPage struct{}

// copyPage is a client's copy as a document that can be read anywhere.
type copyPage struct {
	reception.ClientCopy
	MadeAt string
	Notes  []copyOfNote
	Forms  []reception.CopyOfForm
	Calls  []copyOfCall
}

type copyOfNote struct {
	reception.CopyOfNote
	Space string
}

type copyOfCall struct{ When, What, Coach, Status string }

// export says what a copy holds before it is made: GET /portal/export.
func (p *Portal) export(c *gin.Context) error {
	return draw(p, c, exportView, http.StatusOK, "more", exportPage{})
}

// makeCopy gives it as a file: POST /portal/export. Its name says nothing.
func (p *Portal) makeCopy(c *gin.Context) error {
	found, err := p.reception().CopyForClient(c.Request.Context(), p.who(c).Person)
	if err != nil {
		return err
	}
	if c.PostForm("as") == "json" {
		raw, err := json.MarshalIndent(found, "", "  ")
		if err != nil {
			return fmt.Errorf("write copy: %w", err)
		}
		return give(c, "copy.json", "application/json; charset=utf-8", append(raw, '\n'))
	}
	loc := p.zone(c)
	m := copyPage{ClientCopy: found, MadeAt: civil.WhenExact(found.MadeAt, loc), Forms: found.Forms}
	for _, n := range found.Notes {
		m.Notes = append(m.Notes, copyOfNote{n, engagement.LaneInfo{Kind: engagement.LaneKind(n.Space)}.Tag(p.who(c).Person)})
	}
	for _, call := range found.Calls {
		m.Calls = append(m.Calls, copyOfCall{civil.WhenExact(call.Start, practice.Zone(call.Timezone)), call.What, call.Coach, call.Status})
	}
	paper, err := copyView.Paper("A copy", m)
	if err != nil {
		return err
	}
	return give(c, "copy.html", "text/html; charset=utf-8", paper)
}

// give answers with a file. Its name says nothing about whom it is of.
func give(c *gin.Context, name, kind string, body []byte) error {
	c.Header("Content-Disposition", `attachment; filename="`+name+`"`)
	c.Header("X-Content-Type-Options", "nosniff")
	c.Data(http.StatusOK, kind, body)
	return nil
}

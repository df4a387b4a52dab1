package desk

import (
	"github.com/gin-gonic/gin"

	"kintsugi/internal/people"
)

// Routes registers every page of the desk. Each group says who is let in; a
// handler still shows only what is theirs.
func (d *Desk) Routes(r gin.IRouter) {
	everyone := r.Group("/desk", noStore, d.Require(all()...))
	coaches := r.Group("/desk", noStore, d.Require(people.Owner, people.Member))
	owner := r.Group("/desk", noStore, d.Require(people.Owner))
	h := d.Door.Handle
	_, _, _, _ = everyone, coaches, owner, h
}

// noStore keeps every page of the desk out of caches and out of Back.
func noStore(c *gin.Context) { c.Header("Cache-Control", "no-store") }

package note

import (
	"time"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// Piece is a part of a text that was kept, taken out or put in.
type Piece struct {
	Text string
	In   bool // only in the later text
	Out  bool // only in the earlier text
}

// looking is how long the shortest account of a change is looked for. After that
// a longer one, just as true, has to do.
const looking = 50 * time.Millisecond

// Differences tells how one text became another.
func Differences(earlier, later string) []Piece {
	d := diffmatchpatch.New()
	d.DiffTimeout = looking
	diffs := d.DiffCleanupSemantic(d.DiffMain(earlier, later, true))
	pieces := make([]Piece, 0, len(diffs))
	for _, one := range diffs {
		pieces = append(pieces, Piece{Text: one.Text, In: one.Type == diffmatchpatch.DiffInsert, Out: one.Type == diffmatchpatch.DiffDelete})
	}
	return pieces
}

package note

import (
	"github.com/sergi/go-diff/diffmatchpatch"
)

// Piece is a part of a text that was kept, taken out or put in.
type Piece struct {
	Text string
	In   bool // only in the later text
	Out  bool // only in the earlier text
}

// Differences tells how one text became another.
func Differences(earlier, later string) []Piece {
	d := diffmatchpatch.New()
	diffs := d.DiffCleanupSemantic(d.DiffMain(earlier, later, true))
	pieces := make([]Piece, 0, len(diffs))
	for _, one := range diffs {
		pieces = append(pieces, Piece{Text: one.Text, In: one.Type == diffmatchpatch.DiffInsert, Out: one.Type == diffmatchpatch.DiffDelete})
	}
	return pieces
}

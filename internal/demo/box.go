package demo

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Bounds of the letter box, so that nothing fills the memory. The oldest
// letters go first.
const (
	mostLetters = 500
	mostBytes   = 16 << 20
	longest     = 1 << 20
)

// Box keeps the letters that were sent, in memory alone.
type Box struct {
	mu      sync.Mutex
	last    int
	size    int
	letters []Letter // the oldest first
}

// Put keeps a letter as it came over the wire.
func (b *Box) Put(from string, to []string, raw []byte, at time.Time) {
	l := readLetter(raw)
	l.At, l.EnvelopeFrom, l.EnvelopeTo = at, from, strings.Join(to, ", ")
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last++
	l.ID = b.last
	b.letters = append(b.letters, l)
	b.size += len(raw)
	for len(b.letters) > mostLetters || b.size > mostBytes && len(b.letters) > 1 {
		b.size -= len(b.letters[0].Raw)
		b.letters = slices.Delete(b.letters, 0, 1)
	}
}

// Letters lists what has come, the latest first; only what went to one address
// when it is named.
func (b *Box) Letters(to string) []Letter {
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []Letter
	for _, l := range slices.Backward(b.letters) {
		if to == "" || strings.EqualFold(to, l.EnvelopeTo) {
			found = append(found, l)
		}
	}
	return found
}

// Recipients lists every address that a letter went to, in order.
func (b *Box) Recipients() []string {
	var found []string
	for _, l := range b.Letters("") {
		found = append(found, l.EnvelopeTo)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// find gives one letter.
func (b *Box) find(id int) (Letter, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range b.letters {
		if l.ID == id {
			return l, true
		}
	}
	return Letter{}, false
}

package mailtest

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/emersion/go-message"
	// Reads charsets other than UTF-8, should a letter ever use one.
	_ "github.com/emersion/go-message/charset"
)

// Mail is a letter as the server took it.
type Mail struct {
	From string   // the envelope's
	To   []string // the envelope's
	Data []byte
}

// Part is one node of a letter's structure, as an independent reader sees it.
type Part struct {
	Type   string            // "text/html"
	Params map[string]string // of the type, such as charset and method
	Header message.Header
	Body   []byte // decoded; nil for a multipart
	Parts  []*Part
}

// Read parses the letter with a library that shares no code with the one that
// wrote it.
func (m Mail) Read(t testing.TB) *Part {
	t.Helper()
	entity, err := message.Read(bytes.NewReader(m.Data))
	if err != nil {
		t.Fatalf("mailtest: read letter: %v", err)
	}
	return part(t, entity)
}

func part(t testing.TB, e *message.Entity) *Part {
	t.Helper()
	p := &Part{Header: e.Header}
	var err error
	if p.Type, p.Params, err = e.Header.ContentType(); err != nil {
		t.Fatalf("mailtest: content type %q: %v", e.Header.Get("Content-Type"), err)
	}
	multi := e.MultipartReader()
	if multi == nil {
		if p.Body, err = io.ReadAll(e.Body); err != nil {
			t.Fatalf("mailtest: body of %s: %v", p.Type, err)
		}
		return p
	}
	for {
		child, err := multi.NextPart()
		if errors.Is(err, io.EOF) {
			return p
		}
		if err != nil {
			t.Fatalf("mailtest: part of %s: %v", p.Type, err)
		}
		p.Parts = append(p.Parts, part(t, child))
	}
}

// Find gives the first part of a type, depth first, or nil.
func (p *Part) Find(kind string) *Part {
	if p.Type == kind {
		return p
	}
	for _, child := range p.Parts {
		if found := child.Find(kind); found != nil {
			return found
		}
	}
	return nil
}

// Shape writes the structure in one line, as "multipart/mixed(text/plain application/ics)".
func (p *Part) Shape() string {
	shape := p.Type
	for i, child := range p.Parts {
		if i == 0 {
			shape += "("
		} else {
			shape += " "
		}
		shape += child.Shape()
	}
	if len(p.Parts) > 0 {
		shape += ")"
	}
	return shape
}

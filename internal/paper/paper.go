// Package paper sets invoices and credit notes as PDF. It is told what stands on
// them and decides nothing. The same paper gives the same bytes.
package paper

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"
)

// Paper is one page or more.
type Paper struct {
	Heading string    // "Invoice and receipt"
	Number  string    // K7QX-2026-001; it is the title of the file as well
	On      time.Time // the day it was made
	From    []string  // who wrote it, a line each
	To      []string  // whom it is for
	Facts   []Fact
	Lines   []Fact // what was sold, and its price
	Sums    []Fact // the last one is the total
	Notes   []string
}

// Fact is something with its name.
type Fact struct{ Name, Value string }

// The measures of the page, in millimetres.
const (
	margin = 22.0
	width  = 210 - 2*margin
	amount = 42.0 // the column of prices
	line   = 6.0
)

// PDF sets the paper.
func PDF(p Paper) ([]byte, error) {
	f := fpdf.New("P", "mm", "A4", "")
	f.SetCreationDate(p.On)
	f.SetModificationDate(p.On)
	f.SetCatalogSort(true)
	f.SetProducer("", true)
	f.SetTitle(Plain(p.Number), true)
	f.SetLang("en")
	f.AddUTF8FontFromBytes("text", "", goregular.TTF)
	f.AddUTF8FontFromBytes("text", "B", gobold.TTF)
	f.SetMargins(margin, margin, margin)
	f.SetAutoPageBreak(true, margin)
	f.AddPage()

	block := func(lines []string) {
		for _, text := range lines {
			f.MultiCell(width, line, Plain(text), "", "L", false)
		}
		f.Ln(line)
	}
	row := func(r Fact, border string) {
		// A long text wraps in its own column, and the price stands beside its first line.
		top := f.GetY()
		f.MultiCell(width-amount, line+2, Plain(r.Name), border, "L", false)
		next := f.GetY()
		if next < top { // it went over to another page
			top = margin
		}
		f.SetXY(margin+width-amount, top)
		f.CellFormat(amount, line+2, Plain(r.Value), "", 0, "R", false, 0, "")
		f.SetXY(margin+width-amount, top)
		f.CellFormat(amount, next-top, "", border, 1, "", false, 0, "") // the line beneath, which may be further down
		f.SetXY(margin, next)
	}

	f.SetFont("text", "", 11)
	block(p.From)
	f.SetFont("text", "B", 18)
	f.MultiCell(width, 9, Plain(p.Heading), "", "L", false)
	f.Ln(line / 2)
	f.SetFont("text", "", 11)
	for _, fact := range p.Facts {
		f.CellFormat(amount, line, Plain(fact.Name), "", 0, "L", false, 0, "")
		f.MultiCell(width-amount, line, Plain(fact.Value), "", "L", false)
	}
	f.Ln(line)
	block(p.To)
	for _, r := range p.Lines {
		row(r, "B")
	}
	for i, r := range p.Sums {
		if i == len(p.Sums)-1 {
			f.SetFont("text", "B", 11)
		}
		row(r, "")
	}
	f.SetFont("text", "", 9)
	f.Ln(line)
	for _, note := range p.Notes {
		f.MultiCell(width, 5, Plain(note), "", "L", false)
		f.Ln(2)
	}
	var out bytes.Buffer
	if err := f.Output(&out); err != nil {
		return nil, fmt.Errorf("set paper: %w", err)
	}
	return out.Bytes(), nil
}

// face knows which letters the font has.
var face = sync.OnceValue(func() *sfnt.Font {
	parsed, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		panic(err) // it came with the program
	}
	return parsed
})

// Sets reports whether the font has every letter and digit of a text.
func Sets(text string) bool {
	var shapes sfnt.Buffer
	for _, r := range norm.NFC.String(text) {
		glyph, err := face().GlyphIndex(&shapes, r)
		if (unicode.IsLetter(r) || unicode.IsDigit(r)) && (err != nil || glyph == 0 || r > 0xffff) {
			return false
		}
	}
	return true
}

// Plain is a text in letters that the font has. One emoji would destroy the
// whole document, so what is no letter is left out; a letter of another script
// becomes a question mark.
func Plain(text string) string {
	var shapes sfnt.Buffer
	var out strings.Builder
	for _, r := range norm.NFC.String(text) {
		glyph, err := face().GlyphIndex(&shapes, r)
		switch {
		case r == '\n' || r == '\t' || unicode.IsSpace(r):
			out.WriteByte(' ')
		case err == nil && glyph != 0 && r <= 0xffff && unicode.IsPrint(r):
			out.WriteRune(r)
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			out.WriteByte('?')
		}
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

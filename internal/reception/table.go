package reception

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"kintsugi/internal/fault"
)

// A spreadsheet takes a cell that begins with one of these for a formula, and a
// formula can read files and send them away. So such a cell goes out with an
// apostrophe before it and is taken in without.
const formulaSigns = "=+-@＝＋－＠"

// blanks are passed over before a formula by some.
const blanks = "\t\r\n"

// apart are signs at which a spreadsheet may tear a cell in two: where the list
// separator is a semicolon, the quotation marks around a cell count for nothing.
const apart = ";" + blanks

// inert makes a cell that no spreadsheet calculates, nor any part of it.
func inert(cell string) string {
	out := eachPart(cell, func(part string) string {
		if beginsAsFormula(part) {
			return "'" + part
		}
		return part
	})
	if begins(cell, blanks) {
		return "'" + out
	}
	return out
}

// plain takes the apostrophes of inert off again.
func plain(cell string) string {
	if rest, found := strings.CutPrefix(cell, "'"); found && begins(rest, blanks) {
		cell = rest
	}
	return eachPart(cell, func(part string) string {
		if rest, found := strings.CutPrefix(part, "'"); found && beginsAsFormula(rest) {
			return rest
		}
		return part
	})
}

// begins reports whether a text begins with one of some signs.
func begins(text, signs string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return text != "" && strings.ContainsRune(signs, first)
}

// beginsAsFormula reports whether a part of a cell has to be marked as text: it
// begins with a sign of a formula or with the mark, whatever quotation marks and
// spaces stand before it.
func beginsAsFormula(part string) bool {
	return begins(strings.TrimLeft(part, "\" "), "'"+formulaSigns)
}

// eachPart changes the parts of a cell between the signs at which it may be torn.
func eachPart(cell string, change func(string) string) string {
	var out strings.Builder
	for {
		at := strings.IndexAny(cell, apart)
		if at < 0 {
			out.WriteString(change(cell))
			return out.String()
		}
		out.WriteString(change(cell[:at]))
		out.WriteByte(cell[at])
		cell = cell[at+1:]
	}
}

// byteOrder marks a file as UTF-8, without which spreadsheets garble accents.
const byteOrder = "\ufeff"

// WriteTable writes rows as RFC 4180 has it: quoted where needed, lines ended
// by CR LF, every cell a text. The quoting is our own because encoding/csv
// drops a lone CR.
func WriteTable(rows [][]string) []byte {
	var out bytes.Buffer
	out.WriteString(byteOrder)
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				out.WriteByte(',')
			}
			if cell = inert(cell); strings.ContainsAny(cell, "\",;\t\r\n ") {
				cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
			}
			out.WriteString(cell)
		}
		out.WriteString("\r\n")
	}
	return out.Bytes()
}

// line is a row of a table with the number of the line it begins on.
type line struct {
	at    int
	cells []string
}

// readTable reads a table that was saved by a spreadsheet: commas, semicolons
// or tabs between the cells. A broken file is refused with its line.
func readTable(text string) ([]line, error) {
	text = strings.TrimPrefix(text, byteOrder)
	if !utf8.ValidString(text) {
		return nil, fault.InvalidField("table", "The file is not saved as UTF-8. In the spreadsheet, choose “CSV UTF-8” when saving.")
	}
	r := csv.NewReader(strings.NewReader(text))
	first, _, _ := strings.Cut(text, "\n")
	for _, sign := range []rune{';', '\t'} {
		if strings.Count(first, string(sign)) > strings.Count(first, string(r.Comma)) {
			r.Comma = sign
		}
	}
	r.FieldsPerRecord = -1
	var lines []line
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			return nil, fault.InvalidField("table", fmt.Sprintf("Line %d: a quotation mark is out of place, so the cells cannot be told apart.", broken.Line))
		}
		if err != nil {
			return nil, fmt.Errorf("read table: %w", err)
		}
		at, _ := r.FieldPos(0)
		for i := range cells {
			cells[i] = plain(cells[i])
		}
		lines = append(lines, line{at, cells})
	}
}

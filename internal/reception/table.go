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
const formulaSigns = "=+-@\t\r\n＝＋－＠"

// inert makes a cell that no spreadsheet calculates.
func inert(cell string) string {
	if first, _ := utf8.DecodeRuneInString(cell); cell != "" && (first == '\'' || strings.ContainsRune(formulaSigns, first)) {
		return "'" + cell
	}
	return cell
}

// plain takes the apostrophe of inert off again.
func plain(cell string) string {
	rest, found := strings.CutPrefix(cell, "'")
	if first, _ := utf8.DecodeRuneInString(rest); found && rest != "" && (first == '\'' || strings.ContainsRune(formulaSigns, first)) {
		return rest
	}
	return cell
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

package reception_test

import (
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/reception"
)

// hostile are cells that spreadsheets have been known to calculate or to tear apart.
var hostile = []string{
	"=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", `=HYPERLINK("http://127.0.0.1/"&A1;"x")`, `=cmd|' /C calc'!A0`, "＝1+1",
	`"quoted"`, `a,b;c	d`, "two\r\nlines", "'t Hooft", "'=1", "''", "Ana", "", "Zoë, 中文", "-5", "+44 20 7946 0000",
}

func TestNoCellOfATableIsAFormula(t *testing.T) {
	raw := reception.WriteTable([][]string{hostile})
	if !strings.HasSuffix(string(raw), "\r\n") || !strings.HasPrefix(string(raw), "\ufeff") {
		t.Errorf("%q", raw)
	}
	// A reader that knows nothing of us, on what every RFC 4180 reader sees.
	cells, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(raw), "\ufeff"))).Read()
	if err != nil || len(cells) != len(hostile) {
		t.Fatal(len(cells), err)
	}
	for i, cell := range cells {
		if cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(cell)[0]) {
			t.Errorf("%q begins as a formula", cell)
		}
		if want := strings.ReplaceAll(hostile[i], "\r\n", "\n"); strings.ReplaceAll(cell, "'", "") != strings.ReplaceAll(want, "'", "") {
			t.Errorf("%q became %q", hostile[i], cell)
		}
	}
}

// A client was called “Ann;=1+1”. Where the list separator is a semicolon, a
// spreadsheet cuts there, whatever quotation marks stand around the cell.
func TestNoPartOfACellIsAFormulaWhereItIsCutAtSemicolons(t *testing.T) {
	cells := []string{"Ann;=1+1", "Ann; =1+1", `Ann;"=1+1"`, "Ann;@SUM(A1);-2;+3", "Ann\n=1+1", "Ann;\t=1+1", "Ann;'=1", "Ann;'t Hooft", "Ann;;", "\t;=1", "'\t;'=1", "Ann; and Ben"}
	for _, cell := range append(cells, hostile...) {
		raw := strings.TrimPrefix(string(reception.WriteTable([][]string{{"x", cell, "y"}})), "\ufeff")
		for _, part := range strings.FieldsFunc(raw, func(r rune) bool { return strings.ContainsRune(";\t\r\n", r) }) {
			if part = strings.TrimLeft(part, `" `); part != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(part)[0]) {
				t.Errorf("%q goes out as %q, of which a part begins as a formula", cell, raw)
			}
		}
	}
}

// Where LibreOffice is installed it is asked itself, as CASES C30 has it.
func TestLibreOfficeReadsEveryCellAsText(t *testing.T) {
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Log("soffice is not installed: the cells were checked by their first characters only")
		return
	}
	dir := t.TempDir()
	var rows [][]string
	for _, cell := range hostile {
		rows = append(rows, []string{"x", cell})
	}
	if err := os.WriteFile(filepath.Join(dir, "people.csv"), reception.WriteTable(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(office, "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--convert-to", "fods", "--outdir", dir, filepath.Join(dir, "people.csv")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	sheet, err := os.ReadFile(filepath.Join(dir, "people.fods"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(sheet), "table:formula") {
		t.Error("a cell is a formula")
	}
}

func (h *house) read(text string) reception.Reading {
	h.t.Helper()
	r, err := reception.ReadTable(h.ctx, h.DB, h.mara, text)
	h.must(err)
	return r
}

func TestATableIsReadAndEveryMistakeNamedBeforeAnythingChanges(t *testing.T) {
	h := newHouse(t)
	h.book("noor", "ana", at(9, 0))
	before := h.count(`select count(*) from person`)
	r := h.read("\ufeffName;Email;May email;Coach;Shoe size\r\n" +
		"Ana;ana@example.com;;;\r\n" +
		"\"Zoë; of York\";ZOE@example.com;no;noor;41\r\n" +
		";not an address;perhaps;nobody;\r\n" +
		"\r\n" +
		"Two;zoe@example.com;;;\r\n")
	if len(r.Newcomers) != 2 || !r.Newcomers[0].Known || r.New() != 1 || r.Newcomers[1].Name != "Zoë; of York" || r.Newcomers[1].MayEmail {
		t.Errorf("%+v", r.Newcomers)
	}
	var wrong []string
	for _, m := range r.Mistakes {
		wrong = append(wrong, m.Column)
		if m.Line != 4 && m.Line != 6 || m.Say == "" {
			t.Errorf("%+v", m)
		}
	}
	if !slices.Equal(wrong, []string{"name", "email", "may_email", "coach", "email"}) || !slices.Equal(r.Unread, []string{"shoe_size"}) {
		t.Errorf("%v, %v", wrong, r.Unread)
	}
	for _, bad := range []string{"", "name\nAna", "name,email,name\n", "name,email\n\"Ana,x", "name,email\nAna\xff,a@example.org", "name,email\n" + strings.Repeat("A,a@example.org\n", 501)} {
		_, err := reception.ReadTable(h.ctx, h.DB, h.mara, bad)
		h.refused(err, fault.Invalid)
	}
	_, err := reception.ReadTable(h.ctx, h.DB, h.noor, "name,email\n")
	h.refused(err, fault.NotFound)
	if n := h.count(`select count(*) from person`); n != before {
		t.Error("reading changed something")
	}
}

func TestPeopleGoOutAsATableAndComeInAgainTheSame(t *testing.T) {
	h := newHouse(t)
	name := `=HYPERLINK("http://127.0.0.1/","Ana");=1+1; 't Hooft; "@x`
	h.must(h.DB.InTx(h.ctx, func(tx *pg.Tx) error {
		id, _, err := people.FindOrCreate(h.ctx, tx, "-ana@example.org", name, "Europe/London", false, h.now)
		if err != nil {
			return err
		}
		return people.HandTo(h.ctx, tx, id, h.noor.ID, h.mara.ID, h.now)
	}))
	raw, err := h.GiveTable(h.ctx, h.noor)
	h.must(err)
	if n := h.count(`select count(*) from audit where act = 'people exported'`); n != 1 {
		t.Error("giving the list out is not on record")
	}
	_, err = h.GiveTable(h.ctx, h.asta)
	h.refused(err, fault.NotFound)

	id := people.ID(one(h, `select id::text from person where email = '-ana@example.org'`))
	h.must(h.Erase(h.ctx, h.mara, id))
	wrong, err := h.TakeTable(h.ctx, h.mara, string(raw)+"x,no\r\n")
	if err != reception.ErrTableWrong || len(wrong.Mistakes) == 0 || h.count(`select count(*) from person where email like '-%'`) != 0 {
		t.Errorf("%v, %+v", err, wrong)
	}
	for range 2 {
		_, err = h.TakeTable(h.ctx, h.mara, string(raw))
		h.must(err)
	}
	rec := h.find(h.noor, people.ID(one(h, `select id::text from person where email = '-ana@example.org'`))).Records[0]
	if rec.Name != name || rec.Timezone != "Europe/London" || !rec.Held || rec.SafeToEmail {
		t.Errorf("%+v", rec)
	}
}

func one(h *house, query string) string {
	h.t.Helper()
	var s string
	h.must(h.DB.Get(h.ctx, &s, query))
	return s
}

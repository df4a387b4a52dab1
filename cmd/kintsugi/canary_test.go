package main_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/credit"
	"kintsugi/internal/intake"
	"kintsugi/internal/office"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/questions"
	"kintsugi/internal/vault"
)

// The words in which everything secret is written here. What is written in clear
// has words of its own, or the search would prove nothing.
const (
	secretWord = "Wrynecksecret"
	clearWord  = "Chiffchaffclear"
)

// ways are how a word can stand in a file without being sealed.
func ways(word string) [][]byte {
	var all [][]byte
	for _, w := range []string{word, strings.ToLower(word), strings.ToUpper(word)} {
		all = append(all, []byte(w), []byte(hex.EncodeToString([]byte(w))))
		for shift := range 3 { // base64 of it, wherever it begins in a text
			text := base64.RawStdEncoding.EncodeToString([]byte("xx"[:min(shift, 2)] + w))
			all = append(all, []byte(text[4:len(text)-4]))
		}
	}
	return all
}

func holdsWord(text []byte, word string) bool {
	for _, way := range ways(word) {
		if bytes.Contains(text, way) {
			return true
		}
	}
	return false
}

// A copy of the database, of its files or of a log was found with what somebody
// had written in it.
func TestNoSealedWordStandsInADumpInTheFilesOrInALog(t *testing.T) {
	dir := folder(t)
	keyset := strings.TrimSpace(run(t, nil, "keys", "new").must(t))
	environ := []string{"KINTSUGI_DATA=" + dir, "KINTSUGI_KEYSET=" + keyset, "LISTEN=127.0.0.1:0", "PUBLIC_URL=http://localhost:8080", "LIMITS=off", "LOG_LEVEL=debug"}
	p := start(t, environ, "serve")
	url, err := pg.Attach(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	open := func(o pg.Options) *pg.DB {
		db, err := pg.Open(t.Context(), url, o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return db
	}
	w := workOn(t, open(pg.Options{Role: pg.AppRole}), open(pg.Options{}), environ)
	w.writeEverywhere()
	bookByProgram(t, p.URL)

	filled := map[string]bool{}
	opened, closed := w.stored(w.laneKeys())
	for at, plain := range opened {
		if bytes.Contains(plain, []byte(secretWord)) || at.Column == "locked_hash" {
			filled[at.Table+"."+at.Column] = true
		}
	}
	for _, c := range w.sealedRooms {
		if !filled[c.Table+"."+c.Column] {
			t.Errorf("nothing secret was written in %s.%s", c.Table, c.Column)
		}
	}
	if len(closed) > 0 {
		t.Errorf("%d values do not open", len(closed))
	}
	// In clear, as text and as bytes.
	w.must(w.owner.InTx(w.ctx, func(tx *pg.Tx) error {
		if _, err := tx.Exec(w.ctx, `create table control (words text, body bytea)`); err != nil {
			return err
		}
		_, err := tx.Exec(w.ctx, `insert into control values ($1, null), (null, $2)`, clearWord+" text", []byte(clearWord+" bytes"))
		return err
	}))
	w.must(w.owner.InTx(w.ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(w.ctx, `checkpoint`)
		return err
	}))
	dump, err := exec.LookPath("pg_dump")
	if err != nil { // then it lies beside the server's programs
		programs, err := pg.FindBinaries()
		w.must(err)
		dump = filepath.Join(programs.Dir, "pg_dump")
	}
	text, err := exec.Command(dump, url).Output()
	w.must(err)
	if !bytes.Contains(text, []byte(hex.EncodeToString([]byte(clearWord)))) || !bytes.Contains(text, []byte(clearWord)) {
		t.Error("a search of the dump does not find what stands there in clear")
	}
	if holdsWord(text, secretWord) {
		t.Error("the dump holds a secret word")
	}
	if code, _ := p.stop(syscall.SIGKILL); code == 0 {
		t.Error("it was not killed")
	}
	log := p.stderr() + p.stdout()
	if !strings.Contains(log, "POST") || holdsWord([]byte(log), secretWord) {
		t.Errorf("the log is empty, or holds a secret word:\n%s", log)
	}
	found := map[string]int{}
	w.must(filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil // PostgreSQL may still be ending, and takes files away
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		if holdsWord(text, secretWord) {
			t.Errorf("%s holds a secret word", path)
		}
		part := "data"
		if strings.Contains(path, "pg_wal") {
			part = "wal"
		}
		found[part] += bytes.Count(text, []byte(clearWord))
		return nil
	}))
	if found["data"] < 2 || found["wal"] < 2 {
		t.Errorf("a search of the files does not find what stands there in clear: %v", found)
	}
}

// writeEverywhere writes something secret into every sealed column.
func (w *work) writeEverywhere() {
	w.t.Helper()
	links, err := vault.LinkKey(w.ctx, w.db, w.keys, time.Now())
	w.must(err)
	calls := &booking.Service{DB: w.db, Keys: w.keys, Links: links, Now: time.Now, Site: "http://localhost:8080"}
	mara := booking.Viewer{ID: w.mara, Role: people.Owner}
	tomorrow := time.Now().UTC().Truncate(24 * time.Hour)
	offered, err := calls.Offer(w.ctx, booking.OfferQuery{Type: "meet-and-greet", From: tomorrow, To: tomorrow.AddDate(0, 0, 14)})
	w.must(err)
	for i, slot := range []int{0, len(offered.Slots) - 1} {
		b, err := calls.Book(w.ctx, booking.Request{Type: "meet-and-greet", Start: offered.Slots[slot].Start, Timezone: "Europe/London", Name: "Perdita " + clearWord, Email: "perdita@example.com",
			SafeToEmail: true, Message: secretWord + " message", PartnerName: secretWord + " partner", PartnerEmail: strings.ToLower(secretWord) + "@example.com"})
		w.must(err)
		if i == 0 {
			_, _, err = calls.Cancel(w.ctx, calls.LinkFor(b, booking.ByPerson), secretWord+" reason")
		} else {
			_, err = calls.CancelFor(w.ctx, mara, b.ID, secretWord+" words to them")
		}
		w.must(err)
	}
	for i := range 2 {
		start := tomorrow.AddDate(0, 0, 20+i).Add(10 * time.Hour)
		b, err := calls.BookSession(w.ctx, mara, booking.Session{Type: "both-now", Coach: "mara", Start: start, Engagement: w.id}, []booking.Rule{booking.RuleHours, booking.RuleGrid, booking.RuleNotice, booking.RuleHorizon, booking.RuleDayFull, booking.RuleBuffer, booking.RuleBusy})
		w.must(err)
		if i == 0 {
			_, err = calls.CancelFor(w.ctx, mara, b.ID, secretWord+" words to both")
		} else {
			_, err = calls.CancelAs(w.ctx, booking.Client{ID: b.Guest.ID, Strong: true}, b.ID, secretWord+" reason of the other")
		}
		w.must(err)
	}
	by := audit.Actor{Kind: audit.Coach, ID: string(w.mara)}
	w.must(w.db.InTx(w.ctx, func(tx *pg.Tx) error {
		if err := office.SaveNote(w.ctx, tx, w.keys, w.a, 0, secretWord+" note", by, time.Now()); err != nil {
			return err
		}
		return office.Place(w.ctx, tx, w.keys, []people.ID{w.a}, office.Standing{Stage: office.Invited, NextStep: secretWord + " step", NextOn: "2099-12-20"}, by, time.Now())
	}))
	coach, err := people.FindCoach(w.ctx, w.db, "mara")
	w.must(err)
	for lot, holder := range map[string]credit.Holder{"both-paid": {Engagement: w.id}, "alone-paid": {Person: w.a}} {
		w.must(w.db.InTx(w.ctx, func(tx *pg.Tx) error {
			_, err := credit.Give(w.ctx, tx, w.keys, coach, credit.GiveOf{Holder: holder, Sessions: 1, Types: practice.Slugs{lot}, Reason: secretWord + " why", Key: lot}, time.Now())
			return err
		}))
	}
	w.safeContacts()
	w.answer(w.sheet(), 0, secretWord+" draft")
	w.handIn("alone-now", "goal", secretWord+" answer")
	w.handIn("signed-now", "signed", secretWord+" Name")
	id := w.note(w.mara, "joint", secretWord+" title", secretWord+" body")
	w.must(w.notes.Share(w.ctx, w.mara, id, 1))
	w.must(w.notes.Lock(w.ctx, w.mara, id, 1, secretWord+" Name"))
	w.must(w.notes.AddTo(w.ctx, w.mara, id, secretWord+" addendum", once.Key{}))
}

func (w *work) handIn(form, question, text string) {
	w.t.Helper()
	w.as(w.mara, func(tx *pg.Tx) error {
		ids, err := w.forms.Send(w.ctx, tx, w.mara, w.id, intake.Sending{Form: form, To: []people.ID{w.b}}, time.Now())
		if err != nil {
			return err
		}
		if err := tx.As(w.ctx, string(w.b)); err != nil {
			return err
		}
		draft, err := w.forms.Save(w.ctx, tx, w.b, ids[0], intake.Typing{Answers: questions.Answers{question: {text}}}, time.Now())
		if err != nil {
			return err
		}
		_, err = w.forms.HandIn(w.ctx, tx, w.b, ids[0], intake.Seen{Draft: draft.Version}, once.Key{}, time.Now())
		return err
	})
}

package main_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/engagement"
	"kintsugi/internal/login"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/reception"
	"kintsugi/internal/seal"
	"kintsugi/internal/vault"
)

// A server that was given half of the keys would show what they open and fail on
// the rest, in the middle of somebody's session.
func TestAServerStartsOnlyWithEveryKeyThatIsNeeded(t *testing.T) {
	w := newWork(t)
	w.note(w.mara, "coach", "a note", "words")
	old := w.environ[1]
	both := "KINTSUGI_KEYSET=" + strings.TrimSpace(run(t, w.environ, "keys", "new", "--add").must(t))
	keys, err := seal.ParseKeyset(strings.TrimPrefix(both, "KINTSUGI_KEYSET="))
	w.must(err)
	alone, err := keys.Only(nil)
	w.must(err)
	text, err := alone.Text()
	w.must(err)
	newest, foreign := "KINTSUGI_KEYSET="+text, "KINTSUGI_KEYSET="+strings.TrimSpace(run(t, nil, "keys", "new").must(t))
	refuses := func(when, setting string) {
		t.Helper()
		w.environ[1] = setting
		if s := run(t, w.environ, "serve"); s.code != 1 || s.out != "" || !strings.Contains(s.err, "KINTSUGI_KEYSET") || strings.Count(s.err, "kintsugi serve:") != 1 {
			t.Errorf("%s: exit %d, %q, %q", when, s.code, s.out, s.err)
		}
		if s := run(t, w.environ, "doctor"); s.code != 1 || !strings.Contains(s.out, "wrong  keys ") && !strings.Contains(s.out, "wrong  KINTSUGI_KEYSET ") {
			t.Errorf("%s: the doctor says\n%s", when, s.out)
		}
	}
	serves := func(setting string) {
		t.Helper()
		w.environ[1] = setting
		p := start(t, w.environ, "serve")
		if code, _ := p.stop(syscall.SIGTERM); code != 0 {
			t.Errorf("exit %d: %s", code, p.stderr())
		}
	}
	refuses("no keyset", "KINTSUGI_KEYSET=")
	refuses("a foreign keyset", foreign)
	refuses("the new key before the rotation", newest)
	serves(both)
	if s := run(t, w.environ, "keys", "trim"); strings.TrimSpace(s.must(t)) != strings.TrimPrefix(both, "KINTSUGI_KEYSET=") || !strings.Contains(s.err, "0 of 2 keys") {
		t.Errorf("trimmed what is needed: %s", s.err)
	}
	// The rotation stops after the server's own keys, the sentinel among them.
	w.must(w.db.InTx(w.ctx, func(tx *pg.Tx) error {
		_, err := vault.Rewrap(w.ctx, tx, keys)
		return err
	}))
	refuses("the new key in the middle of the rotation", newest)
	refuses("the old key in the middle of the rotation", old)
	serves(both)
	if out := run(t, w.environ, "doctor").must(t); !strings.Contains(out, "is still needed by ") {
		t.Errorf("the doctor says\n%s", out)
	}
	run(t, w.environ, "keys", "rotate").must(t)
	if out := run(t, w.environ, "doctor").must(t); !strings.Contains(out, "is needed by nothing here any more") {
		t.Errorf("the doctor says\n%s", out)
	}
	if s := run(t, w.environ, "keys", "trim"); strings.TrimSpace(s.must(t)) != text {
		t.Errorf("trimmed to another keyset: %s", s.err)
	}
	refuses("the old key after the rotation", old)
	serves(newest)
}

// Somebody with the database in their hands gave the words of one note to
// another, and of one lane to another.
func TestKeysCheckNamesWhatWasMovedAndATurnKeepsTheOldKeyForIt(t *testing.T) {
	w := newWork(t)
	for _, lane := range []string{"coach", "joint", "individualA"} {
		w.note(w.mara, lane, "one in "+lane, "words")
		w.note(w.mara, lane, "two in "+lane, "words")
	}
	w.safeContacts()
	swap := func() {
		t.Helper()
		w.must(pgtest.Owner(t).InTx(w.ctx, func(tx *pg.Tx) error {
			_, err := tx.Exec(w.ctx, `
				with two as (select id, words from note_version where lane_id = $1)
				update note_version v set words = o.words from two o where v.lane_id = $1 and o.id <> v.id`, w.lanes["joint"])
			return err
		}))
	}
	if out := run(t, w.environ, "keys", "check").must(t); !strings.Contains(out, " sealed values open") {
		t.Error(out)
	}
	swap()
	s := run(t, w.environ, "keys", "check")
	if s.code != 1 || strings.Count(s.out, "does not open: table note_version, column words, row ") != 2 || !strings.Contains(s.err, "2 of ") {
		t.Errorf("exit %d, %s%s", s.code, s.out, s.err)
	}
	// A secret of another kind, given to somebody else.
	swapSecrets := func() {
		t.Helper()
		w.must(w.owner.InTx(w.ctx, func(tx *pg.Tx) error {
			_, err := tx.Exec(w.ctx, `update safe_contact s set wrapped = o.wrapped from safe_contact o where o.person_id <> s.person_id`)
			return err
		}))
	}
	swapSecrets()
	if s := run(t, w.environ, "keys", "check"); s.code != 1 || !strings.Contains(s.out, "does not open: safe_contact of ") || !strings.Contains(s.err, "3 of ") {
		t.Errorf("exit %d, %s%s", s.code, s.out, s.err)
	}
	swapSecrets()
	old := w.laneKeys()
	turn := w.rotating()
	<-turn.ended
	if code := turn.cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(turn.stdout(), "does not open: table note_version") || !strings.Contains(turn.stderr(), "keep the old key") {
		t.Errorf("exit %d: %s%s", code, turn.stdout(), turn.stderr())
	}
	swap() // and they are brought back
	if out := run(t, w.environ, "keys", "check").must(t); !strings.Contains(out, " sealed values open") {
		t.Error(out)
	}
	again := w.rotating()
	<-again.ended
	if code := again.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit %d: %s%s", code, again.stdout(), again.stderr())
	}
	if open, _ := w.stored(old); len(open) != 0 {
		t.Errorf("%d values still open with the old keys", len(open))
	}
}

// safeContacts gives Ana and Ben an address that nobody else is to know of.
func (w *work) safeContacts() {
	w.t.Helper()
	for who, name := range map[people.ID]string{w.a: "ana", w.b: "ben"} {
		w.must(w.db.InTx(w.ctx, func(tx *pg.Tx) error {
			return (&login.Service{DB: w.db, Keys: w.keys}).SetSafeContact(w.ctx, tx, who, secretWord+"-"+name+"@example.com", time.Now())
		}))
	}
}

// A role that does not see every row would take the old keys away from what it
// does not see.
func TestNewKeysForLanesAreMadeOnlyByTheOwnerOfTheTables(t *testing.T) {
	w := newWork(t)
	w.note(w.mara, "coach", "a note", "words")
	turn := engagement.Turn{DB: w.db, Keys: w.keys, Columns: w.sealedRooms}
	if _, err := turn.Run(w.ctx); err == nil || !strings.Contains(err.Error(), "owns the tables") {
		t.Errorf("as the program's own role: %v", err)
	}
	if _, _, err := engagement.CheckSealed(w.ctx, w.db, w.keys, w.sealedRooms); err == nil {
		t.Error("checked by a role that does not see all")
	}
}

// Somebody gave one caller's words to another's booking. The page showed an error
// and nothing else, and nobody who could mend it was told.
func TestAValueThatWasMovedIsRefusedWithAnAlarm(t *testing.T) {
	w := newWork(t)
	p := start(t, w.environ, "serve")
	one, two := bookByProgram(t, p.URL), bookByProgram(t, p.URL)
	w.must(pgtest.Owner(t).InTx(w.ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(w.ctx, `update booking set words = (select words from booking where id = $2) where id = $1`, one.ID, two.ID)
		return err
	}))
	links, err := vault.LinkKey(w.ctx, w.db, w.keys, time.Now())
	w.must(err)
	for range 2 { // the second look is no second alarm
		for id, shows := range map[string]bool{one.ID: false, two.ID: true} {
			b, err := booking.Find(w.ctx, w.db, booking.ID(id))
			w.must(err)
			token := (&booking.Service{Links: links}).LinkFor(b, booking.ByCoach)
			req, err := http.NewRequest("POST", p.URL+"/bookings/"+token+"/words", nil)
			w.must(err)
			res, err := http.DefaultClient.Do(req)
			w.must(err)
			text, err := io.ReadAll(res.Body)
			w.must(errors.Join(err, res.Body.Close()))
			if res.StatusCode != 200 || strings.Contains(string(text), "wagtail") != shows || strings.Contains(string(text), "does not open") == shows || !strings.Contains(string(text), "sam@example.com") {
				t.Errorf("%d, shows %v: %.2000s", res.StatusCode, shows, text)
			}
		}
	}
	eventually(t, "the alarm in the log", func() bool { return strings.Contains(p.stderr(), "a sealed value does not open") })
	if code, _ := p.stop(syscall.SIGTERM); code != 0 {
		t.Errorf("exit %d", code)
	}
	if log := p.stderr(); strings.Count(log, "a sealed value does not open") != 1 || !strings.Contains(log, "table=booking column=words row="+one.ID) || strings.Contains(log, "wagtail") {
		t.Errorf("the log:\n%s", log)
	}
	trail, err := reception.ReadTrail(w.ctx, w.db, booking.Viewer{ID: w.mara, Role: people.Owner}, reception.Search{Act: engagement.Refused, From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour)})
	w.must(err)
	if len(trail.Lines) != 1 || trail.Lines[0].About != "" || fmt.Sprint(trail.Lines[0].Facts(func(time.Time) string { return "" })) != "[{column words} {row "+one.ID+"} {table booking}]" {
		t.Errorf("the record: %+v", trail.Lines)
	}
	if coach, err := reception.ReadTrail(w.ctx, w.db, booking.Viewer{ID: w.mara, Role: people.Member}, reception.Search{Act: engagement.Refused, From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour)}); err != nil || len(coach.Lines) != 0 {
		t.Errorf("a coach finds it in the record: %+v, %v", coach.Lines, err)
	}
	if s := run(t, w.environ, "doctor"); s.code != 1 || !strings.Contains(s.out, "wrong  sealed       a value did not open in the last 30 days: table booking, column words, row "+one.ID) {
		t.Errorf("the doctor says\n%s", s.out)
	}
	if s := run(t, w.environ, "keys", "check"); s.code != 1 {
		t.Error(s.out)
	}
	w.must(pgtest.Owner(t).InTx(w.ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(w.ctx, `update booking set words = null where id = $1`, one.ID)
		return err
	}))
	run(t, w.environ, "keys", "check").must(t)
	if s := run(t, w.environ, "doctor"); !strings.Contains(s.out, "ok     sealed ") {
		t.Errorf("the doctor says\n%s", s.out)
	}
}

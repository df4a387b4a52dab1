package main_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	kintsugi "kintsugi/cmd/kintsugi"
	"kintsugi/internal/audit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/intake"
	"kintsugi/internal/note"
	"kintsugi/internal/office"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/questions"
	"kintsugi/internal/seal"
	"kintsugi/internal/vault"
)

// work is a practice in which Ana and Ben work with Mara, as two replicas see it
// whose keyset is the one in the environment.
type work struct {
	t           testing.TB
	ctx         context.Context
	db, owner   *pg.DB
	keys        *seal.Keyset
	engagement  *engagement.Service
	notes       *note.Service
	forms       *intake.Service
	mara, a, b  people.ID
	id          engagement.ID
	lanes       map[string]engagement.LaneID // by kind, and whose
	environ     []string
	sealedRooms []engagement.SealedColumn
}

const oneForm = `
appointment_types:
  - {slug: both-now, name: Both now, duration: 60m, place: video, lane: joint, horizon: 200d, coaches: [mara]}
  - {slug: both-paid, name: Both paid, duration: 60m, place: video, lane: joint, credits: 1, coaches: [mara]}
  - {slug: alone-paid, name: Alone paid, duration: 60m, place: video, lane: individual, credits: 1, coaches: [mara]}
forms:
  - {slug: signed-now, name: Agreed, lane: individual, send_on: manual, questions: [{key: signed, label: Your name, type: signature, text: I agree., required: true}]}
  - {slug: alone-now, name: Before we start, lane: individual, send_on: manual, questions: [{key: goal, label: What would you like?, type: long_text, required: true}]}
`

func newWork(t *testing.T) *work {
	t.Helper()
	return workOn(t, pgtest.New(t), pgtest.Owner(t), given(t, pgtest.URL(t), "PUBLIC_URL=http://localhost:8080", "KINTSUGI_DATA="+t.TempDir()))
}

// workOn is a practice on a database, with the environment of its servers; the
// keyset is the second line of it.
func workOn(t *testing.T, db, owner *pg.DB, environ []string) *work {
	t.Helper()
	w := &work{t: t, ctx: t.Context(), db: db, owner: owner, environ: environ, lanes: map[string]engagement.LaneID{}, sealedRooms: kintsugi.SealedColumns()}
	run(t, w.environ, "apply", practiceFile(t)).must(t)
	run(t, w.environ, "apply", write(t, "form.yaml", []byte(oneForm))).must(t)
	w.withKeys(w.environ[1])
	_, err := vault.LinkKey(w.ctx, w.db, w.keys, time.Now())
	w.must(err)
	mara, err := people.FindCoach(w.ctx, w.db, "mara")
	w.must(err)
	w.mara = mara.ID
	now := time.Now()
	w.must(w.db.InTx(w.ctx, func(tx *pg.Tx) (err error) {
		if w.a, _, err = people.FindOrCreate(w.ctx, tx, "ana@example.com", "Ana", "Europe/London", true, now); err != nil {
			return err
		}
		if w.b, _, err = people.FindOrCreate(w.ctx, tx, "ben@example.com", "Ben", "Europe/London", true, now); err != nil {
			return err
		}
		w.id, err = w.engagement.Start(w.ctx, tx, w.mara, []engagement.Invitee{{Person: w.a, Word: "linden one"}, {Person: w.b, Word: "harbour two"}}, engagement.ReadyPolicy(engagement.Confidential, "Mara"), now)
		return err
	}))
	for who, word := range map[people.ID]string{w.a: "linden one", w.b: "harbour two"} {
		w.as(who, func(tx *pg.Tx) error {
			if refused, err := w.engagement.Accept(w.ctx, tx, who, w.id, word, now); refused != nil || err != nil {
				return errors.Join(err, refused)
			}
			versions, err := engagement.Policies(w.ctx, tx, w.id)
			if err != nil {
				return err
			}
			return w.engagement.Sign(w.ctx, tx, who, w.id, versions[0].ID, "A Name", now)
		})
	}
	for _, viewer := range []people.ID{w.mara, w.a} {
		lanes, err := engagement.Lanes(w.ctx, w.db, viewer, w.id)
		w.must(err)
		for _, l := range lanes {
			w.lanes[string(l.Kind)+map[people.ID]string{w.a: "A", w.b: "B"}[l.Of]] = l.ID
		}
	}
	return w
}

// withKeys goes on with another keyset, "KINTSUGI_KEYSET=…".
func (w *work) withKeys(setting string) {
	w.t.Helper()
	keys, err := seal.ParseKeyset(strings.TrimPrefix(setting, "KINTSUGI_KEYSET="))
	w.must(err)
	w.environ[1], w.keys = setting, keys
	w.engagement = &engagement.Service{Keys: keys, Links: []byte("links of thirty-two bytes, so far"), Site: "http://localhost:8080"}
	w.notes = &note.Service{DB: w.db, Engagement: w.engagement, Now: time.Now}
	w.forms = &intake.Service{Engagement: w.engagement}
}

func (w *work) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *work) as(viewer people.ID, act func(tx *pg.Tx) error) {
	w.t.Helper()
	w.must(w.db.InTxAs(w.ctx, string(viewer), act))
}

func (w *work) note(author people.ID, lane, title, body string) note.ID {
	w.t.Helper()
	id, err := w.notes.Begin(w.ctx, author, w.lanes[lane], "", note.Words{Title: title, Body: body}, once.Key{})
	w.must(err)
	return id
}

// sheet asks Ana something.
func (w *work) sheet() intake.ID {
	w.t.Helper()
	var ids []intake.ID
	w.as(w.mara, func(tx *pg.Tx) (err error) {
		ids, err = w.forms.Send(w.ctx, tx, w.mara, w.id, intake.Sending{Form: "alone-now", To: []people.ID{w.a}}, time.Now())
		return err
	})
	return ids[0]
}

func (w *work) answer(id intake.ID, seen int, text string) int {
	w.t.Helper()
	var draft intake.Draft
	w.as(w.a, func(tx *pg.Tx) (err error) {
		draft, err = w.forms.Save(w.ctx, tx, w.a, id, intake.Typing{Seen: intake.Seen{Draft: seen}, Answers: questions.Answers{"goal": {text}}}, time.Now())
		return err
	})
	return draft.Version
}

// stored opens every sealed value of the database with the lanes' keys as they
// are now, or as they were.
func (w *work) stored(keys map[string][]byte) (opened map[seal.Place][]byte, closed []seal.Place) {
	w.t.Helper()
	opened = map[seal.Place][]byte{}
	for _, c := range w.sealedRooms {
		var rows []struct {
			Row    string `db:"place"`
			Lane   string `db:"lane"`
			Sealed []byte `db:"sealed"`
		}
		w.must(w.owner.Select(w.ctx, &rows, fmt.Sprintf(`
			select cast((%[3]s) as text) as place, cast((%[4]s) as text) as lane, %[2]s as sealed from %[1]s where %[2]s is not null`,
			c.Table, c.Column, c.Row, c.Lane)))
		for _, row := range rows {
			at := seal.Place{Table: c.Table, Column: c.Column, Row: row.Row, Lane: row.Lane}
			key, err := w.keys.DataKey(keys[row.Lane], row.Lane)
			w.must(err)
			if plain, err := key.Open(row.Sealed, at); err == nil {
				opened[at] = plain
			} else {
				closed = append(closed, at)
			}
		}
	}
	return opened, closed
}

func (w *work) laneKeys() map[string][]byte {
	w.t.Helper()
	var rows []struct {
		Lane    string `db:"lane_id"`
		Wrapped []byte `db:"wrapped"`
	}
	w.must(w.db.Select(w.ctx, &rows, `select lane_id, wrapped from lane_key`))
	keys := map[string][]byte{}
	for _, row := range rows {
		keys[row.Lane] = row.Wrapped
	}
	return keys
}

// rotating runs keys rotate --lanes in a process of its own, with a short wait:
// nobody here works longer than that with what they have read.
func (w *work) rotating() *program {
	w.t.Helper()
	p, _ := launch(w.t.(*testing.T), append(slices.Clone(w.environ), turnWait+"=2500ms"), "keys", "rotate", "--lanes")
	return p
}

// Keys were changed on a working day, and the machine was restarted in the middle
// of it: everybody went on writing, and not a word was lost.
func TestNewKeysForLanesWhileEverybodyWritesAndTheTurnIsKilled(t *testing.T) {
	w := newWork(t)
	long := strings.Repeat("Ein langer Absatz, 漢字 und 🦊. ", 40) + "Ende"
	for i := range 160 {
		w.note(w.mara, []string{"coach", "joint", "individualA", "individualB"}[i%4], fmt.Sprint("before ", i), long)
	}
	signed := w.note(w.mara, "joint", "signed", long)
	w.must(w.notes.Share(w.ctx, w.mara, signed, 1))
	w.must(w.notes.Lock(w.ctx, w.mara, signed, 1, "Mara Lind"))
	w.must(w.notes.AddTo(w.ctx, w.mara, signed, "one thing more", once.Key{}))
	by := audit.Actor{Kind: audit.Coach, ID: string(w.mara)}
	w.must(w.db.InTx(w.ctx, func(tx *pg.Tx) error {
		return office.SaveNote(w.ctx, tx, w.keys, w.a, 0, "pays by transfer", by, time.Now())
	}))
	before, closed := w.stored(w.laneKeys())
	if len(before) < 160 || len(closed) != 0 {
		t.Fatalf("%d values open, %d do not", len(before), len(closed))
	}
	old := w.laneKeys()
	added := run(t, w.environ, "keys", "new", "--add").must(t)
	w.withKeys("KINTSUGI_KEYSET=" + strings.TrimSpace(added))

	// Five who write and two who read, without a pause.
	said := map[note.ID]note.Words{}
	var mu sync.Mutex
	var done atomic.Bool
	var acts, looks atomic.Int64
	var busy sync.WaitGroup
	fail := func(what string, err error) {
		if err != nil && !done.Load() {
			done.Store(true)
			t.Errorf("%s: %v", what, err)
		}
	}
	for n, lane := range []string{"coach", "joint", "individualA", "individualB"} {
		busy.Go(func() {
			id := w.note(w.mara, lane, "going on", "0")
			for i := 1; !done.Load(); i++ {
				words := note.Words{Title: fmt.Sprint("going on ", n), Body: fmt.Sprint(i, " ", long)}
				_, err := w.notes.Save(w.ctx, w.mara, id, i, words)
				fail("save", err)
				mu.Lock()
				said[id] = words
				mu.Unlock()
				acts.Add(1)
				time.Sleep(10 * time.Millisecond)
			}
		})
	}
	sheet, typed := w.sheet(), ""
	busy.Go(func() {
		for seen, i := 0, 1; !done.Load(); i++ {
			typed = fmt.Sprint(i, " ", long)
			seen = w.answer(sheet, seen, typed)
			acts.Add(1)
			time.Sleep(15 * time.Millisecond)
		}
	})
	for _, viewer := range []people.ID{w.mara, w.a} {
		busy.Go(func() {
			for !done.Load() {
				_, err := w.notes.List(w.ctx, viewer, note.Where{Most: 60})
				fail("list", err)
				looks.Add(1)
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
	stop := func() { done.Store(true); busy.Wait() }
	defer stop()

	p := w.rotating()
	eventually(t, "the first values under new keys", func() bool { return strings.Contains(p.stdout(), "sealed again") })
	p.stop(syscall.SIGKILL)
	var steps []string
	w.must(w.db.Select(w.ctx, &steps, `select distinct coalesce(turn, 'none') from lane_key order by 1`))
	if !slices.Contains(steps, "switched") {
		t.Fatalf("killed at %v, not in the middle", steps)
	}
	if out := run(t, w.environ, "doctor").out; !strings.Contains(out, "it goes on where it was") {
		t.Errorf("the doctor says of a turn that was killed:\n%s", out)
	}
	again := w.rotating()
	select {
	case <-again.ended:
	case <-time.After(time.Minute):
		t.Fatalf("still turning: %s", again.stdout())
	}
	if code := again.cmd.ProcessState.ExitCode(); code != 0 || !strings.Contains(again.stdout(), "going on with the turn that was stopped") {
		t.Fatalf("exit %d: %s%s", code, again.stdout(), again.stderr())
	}
	stop()
	if acts.Load() < 100 || looks.Load() < 20 {
		t.Errorf("only %d acts and %d looks beside the turn", acts.Load(), looks.Load())
	}
	t.Logf("%d acts, %d looks\n%s", acts.Load(), looks.Load(), again.stdout())

	after, closed := w.stored(w.laneKeys())
	if len(closed) != 0 {
		t.Errorf("%d values do not open, such as %v", len(closed), closed[0])
	}
	for at, plain := range before {
		if !bytes.Equal(after[at], plain) {
			t.Errorf("%v has become %.40q", at, after[at])
		}
	}
	for id, words := range said {
		page, err := w.notes.Read(w.ctx, w.mara, id)
		if err != nil || page.Words != words {
			t.Errorf("%.40q, %v, want %.40q", page.Words.Body, err, words.Body)
		}
	}
	w.as(w.a, func(tx *pg.Tx) error {
		got, err := w.forms.Write(w.ctx, tx, w.a, sheet)
		if err == nil && !slices.Equal(got.Draft.Answers["goal"], []string{typed}) {
			t.Errorf("Ana's answer is %.40q, want %.40q", got.Draft.Answers["goal"], typed)
		}
		return err
	})
	if page, err := w.notes.Read(w.ctx, w.mara, signed); err != nil || !page.Verified() || len(page.Added) != 1 {
		t.Errorf("the signed note: %v", err)
	}
	if left, _ := w.stored(old); len(left) != 0 {
		t.Errorf("%d values still open with the old keys, such as %v", len(left), slices.Collect(maps.Keys(left))[0])
	}
	if out := run(t, w.environ, "keys", "check").must(t); !strings.Contains(out, fmt.Sprintf("all %d sealed values open", len(after))) {
		t.Error(out)
	}
}

// Somebody had the old key of a lane in their hands when it was dropped, and read
// nothing but errors; another wrote with it a moment later, and that was lost.
func TestATurnWaitsForWhoeverIsAtWork(t *testing.T) {
	w := newWork(t)
	w.note(w.mara, "coach", "a note", "words")
	w.must(w.db.InTx(w.ctx, func(tx *pg.Tx) error {
		return office.SaveNote(w.ctx, tx, w.keys, w.a, 0, "hours", audit.Actor{Kind: audit.Coach, ID: string(w.mara)}, time.Now())
	}))
	lane := w.lanes["coach"]
	const slow = 700 * time.Millisecond
	type sealedNote struct {
		ID    string `db:"id"`
		Words []byte `db:"words"`
	}
	read := func(tx *pg.Tx) (row sealedNote, err error) {
		return row, tx.Get(w.ctx, &row, `select id, words from note_version where lane_id = $1`, lane)
	}
	open := func(keys map[engagement.LaneID]engagement.Lane, row sealedNote) error {
		_, err := keys[lane].Open(row.Words, "note_version", "words", row.ID)
		return err
	}
	written := atomic.Int64{}
	written.Store(1)
	works := map[string]func(tx *pg.Tx) error{
		"the key first, the words later": func(tx *pg.Tx) error {
			keys, err := w.engagement.Read(w.ctx, tx, w.mara, lane)
			if err != nil {
				return err
			}
			time.Sleep(slow)
			row, err := read(tx)
			return errors.Join(err, open(keys, row))
		},
		"the words first, the key later": func(tx *pg.Tx) error {
			row, err := read(tx)
			if err != nil {
				return err
			}
			time.Sleep(slow)
			keys, err := w.engagement.Read(w.ctx, tx, w.mara, lane)
			return errors.Join(err, open(keys, row))
		},
		"a slow writer": func(tx *pg.Tx) error {
			lane, err := engagement.OfficeLane(w.ctx, tx, w.keys, w.a, time.Now())
			if err != nil {
				return err
			}
			time.Sleep(slow)
			version := written.Add(1)
			sealed, err := lane.Seal([]byte("hours"), "office_note", "body", fmt.Sprint(w.a, " ", version))
			if err != nil {
				return err
			}
			_, err = tx.Exec(w.ctx, `insert into office_note (person_id, version, body, written_by, written_at) values ($1, $2, $3, $4, now())`, w.a, version, sealed, w.mara)
			return err
		},
	}
	old := w.laneKeys()
	var done atomic.Bool
	var busy sync.WaitGroup
	for what, work := range works {
		for n := range 3 { // one of them is always in the middle
			busy.Go(func() {
				time.Sleep(time.Duration(n) * slow / 3)
				for !done.Load() {
					if err := w.db.InTxAs(w.ctx, string(w.mara), work); err != nil {
						t.Errorf("%s: %v", what, err)
						return
					}
				}
			})
		}
	}
	turn := engagement.Turn{DB: w.owner, Keys: w.keys, Columns: w.sealedRooms, Wait: slow + 2*time.Second}
	turned, err := turn.Run(w.ctx)
	done.Store(true)
	busy.Wait()
	if err != nil || turned.Lanes != len(old) || turned.Values < 2 || written.Load() < 5 {
		t.Errorf("%+v, %v, %d written", turned, err, written.Load())
	}
	if _, closed := w.stored(w.laneKeys()); len(closed) != 0 {
		t.Errorf("%d values do not open", len(closed))
	}
	if open, _ := w.stored(old); len(open) != 0 {
		t.Errorf("%d values still open with the old keys", len(open))
	}
}

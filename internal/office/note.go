package office

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/seal"
)

// longestNote bounds an office note, in characters.
const longestNote = 4000

// Note is one saved version of the office note of a record.
type Note struct {
	Record    people.ID
	Version   int
	Text      string // empty when it was cleared
	Broken    bool   // what is stored does not open, so Text is empty
	WrittenBy people.ID
	By        string // their name
	WrittenAt time.Time
}

// Notes gives the versions of a record's office note, the newest first, at most
// a hundred.
func Notes(ctx context.Context, q pg.Conn, keys *seal.Keyset, record people.ID) ([]Note, error) {
	var rows []struct {
		Version   int       `db:"version"`
		Body      []byte    `db:"body"`
		WrittenBy people.ID `db:"written_by"`
		By        string    `db:"by_name"`
		WrittenAt time.Time `db:"written_at"`
	}
	err := q.Select(ctx, &rows, `
		select n.version, n.body, n.written_by, coalesce(p.name, '') as by_name, n.written_at
		from office_note n
		left join person p on p.id = n.written_by
		where n.person_id = $1
		order by n.version desc
		limit 100`, record)
	if err != nil {
		return nil, fmt.Errorf("list office notes: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	lane, found, err := engagement.FindOfficeLane(ctx, q, keys, record)
	if err != nil || !found {
		return nil, err
	}
	notes := make([]Note, 0, len(rows))
	for _, r := range rows {
		plain, err := lane.Open(r.Body, "office_note", "body", noteRow(record, r.Version))
		broken := engagement.Unopened(err)
		if err != nil && !broken {
			return nil, fmt.Errorf("open office note: %w", err)
		}
		notes = append(notes, Note{record, r.Version, string(plain), broken, r.WrittenBy, r.By, r.WrittenAt.UTC()})
	}
	return notes, nil
}

// errNoteChanged keeps two people who write at once from losing a word.
var errNoteChanged = fault.New(fault.Conflict, "Somebody saved this note while you were writing. Their text is below the box; put together what should stay, then save again.")

// SaveNote keeps a new version of a record's office note. Seen is the version
// that the writer started from. The same text again is no new version.
func SaveNote(ctx context.Context, tx *pg.Tx, keys *seal.Keyset, record people.ID, seen int, text string, by audit.Actor, now time.Time) error {
	text, err := people.CleanText("note", text, longestNote)
	if err != nil {
		return err
	}
	if err := tx.Lock(ctx, "person "+string(record)); err != nil {
		return err
	}
	notes, err := Notes(ctx, tx, keys, record)
	if err != nil {
		return err
	}
	last := Note{}
	if len(notes) > 0 {
		last = notes[0]
	}
	switch {
	case last.Text == text:
		return nil
	case last.Version != seen:
		return errNoteChanged
	}
	lane, err := engagement.OfficeLane(ctx, tx, keys, record, now)
	if err != nil {
		return err
	}
	version := last.Version + 1
	sealed, err := lane.Seal([]byte(text), "office_note", "body", noteRow(record, version))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		insert into office_note (person_id, version, body, written_by, written_at)
		values ($1, $2, $3, $4, $5)`, record, version, sealed, by.ID, now.UTC())
	if pg.Violates(err, "office_note_pkey") {
		return errNoteChanged
	}
	if err != nil {
		return fmt.Errorf("save office note: %w", err)
	}
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: by, Act: "office note saved", About: string(record),
		Detail: map[string]int{"version": version}})
}

func noteRow(record people.ID, version int) string {
	return string(record) + " " + strconv.Itoa(version)
}

// SealedColumns are where this room keeps sealed words. The rows name no lane;
// it is the person's office lane.
func SealedColumns() []engagement.SealedColumn {
	const lane = `(select l.id from lane l where l.person_id = %s.person_id and l.kind = 'office')`
	return []engagement.SealedColumn{
		{Table: "office_note", Column: "body", Row: "person_id || ' ' || version", Lane: fmt.Sprintf(lane, "office_note")},
		{Table: "office_standing", Column: "next_step", Row: "person_id", Lane: fmt.Sprintf(lane, "office_standing")},
	}
}

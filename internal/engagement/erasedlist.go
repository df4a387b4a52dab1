package engagement

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/pg"
)

// ErasedList is the list of erased lanes that each server keeps beside its
// keyset, one id a line. It outlives the database: what was erased stays erased
// in a copy from before.
type ErasedList struct{ Path string }

// Read gives the lanes on the list, none where there is no list yet. A line that
// is no id is an error: whoever started on would perhaps bring back what was
// erased. A last line without its end was being written when the machine
// stopped; the lane it was about is written again.
func (l ErasedList) Read() ([]LaneID, error) {
	text, err := os.ReadFile(l.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the list of what was erased cannot be read: let this user read it, or bring it back from your copy (%w)", err)
	}
	whole := bytes.LastIndexByte(text, '\n') + 1
	var ids []LaneID
	for n, line := range bytes.Split(text, []byte("\n")) {
		id := string(bytes.TrimSpace(line))
		if id == "" || !isID(id) && n == bytes.Count(text[:whole], []byte("\n")) {
			continue
		}
		if !isID(id) {
			return nil, fmt.Errorf("line %d of %s, the list of what was erased, is not the id of a lane: bring the list back from your copy, or mend that line", n+1, l.Path)
		}
		ids = append(ids, LaneID(id))
	}
	return ids, nil
}

// Writable fails when the list cannot be kept at its path. It changes nothing.
func (l ErasedList) Writable() error {
	for path := l.Path; ; path = filepath.Dir(path) {
		err := syscall.Access(path, 2)
		if errors.Is(err, fs.ErrNotExist) && path != filepath.Dir(path) {
			continue // then its folder
		}
		if err != nil {
			return fmt.Errorf("the list of what was erased cannot be kept at %s (%s: %w)", l.Path, path, err)
		}
		return nil
	}
}

// add puts lanes onto the list, in a way that survives a power cut.
func (l ErasedList) add(ids []LaneID) (err error) {
	if err := os.MkdirAll(filepath.Dir(l.Path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(l.Path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	// Another process of ours may be at it; the lock goes with the file.
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return err
	}
	var lines bytes.Buffer
	switch whole := bytes.LastIndexByte(text, '\n') + 1; {
	case whole == len(text):
	case isID(string(text[whole:])):
		lines.WriteByte('\n')
	default:
		if err := file.Truncate(int64(whole)); err != nil {
			return err
		}
	}
	for _, id := range ids {
		lines.WriteString(string(id) + "\n")
	}
	if _, err := file.Write(lines.Bytes()); err != nil {
		return err
	}
	if err := file.Sync(); err != nil || len(text) > 0 {
		return err
	}
	folder, err := os.Open(filepath.Dir(l.Path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// Destroy destroys the keys of the lanes on the list, as a copy of the database
// from before still has them, and tells how many it found. It is done at every
// start, before anything is served. The database learns of all of them, so that
// the lists of other servers do.
func (l ErasedList) Destroy(ctx context.Context, db *pg.DB, now time.Time) (int, error) {
	ids, err := l.Read()
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = string(id)
	}
	found := 0
	err = db.InTx(ctx, func(tx *pg.Tx) error {
		var back []string
		if err := tx.Select(ctx, &back, `
			select lane_id from lane_key where lane_id = any ($1) order by lane_id`, pg.Array(texts)); err != nil {
			return err
		}
		found = len(back)
		if found > 0 {
			if _, err := destroyKeys(ctx, tx, back, now); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `
			insert into erased_lane (lane_id, erased_at)
			select cast(id as uuid), cast($2 as timestamptz) from unnest(cast($1 as text[])) as listed (id)
			on conflict on constraint erased_lane_pkey do nothing`, pg.Array(texts), now.UTC()); err != nil {
			return err
		}
		for _, id := range back {
			if err := audit.Record(ctx, tx, audit.Entry{At: now, Actor: audit.Actor{Kind: audit.System}, Act: "lane erased again", About: id}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("destroy the keys of erased lanes: %w", err)
	}
	return found, nil
}

// Missing lists the erased lanes that are not on the list yet.
func (l ErasedList) Missing(ctx context.Context, q pg.Conn) ([]LaneID, error) {
	listed, err := l.Read()
	if err != nil {
		return nil, err
	}
	known := make(map[LaneID]bool, len(listed))
	for _, id := range listed {
		known[id] = true
	}
	var erased []LaneID
	if err := q.Select(ctx, &erased, `select lane_id from erased_lane order by erased_at, lane_id`); err != nil {
		return nil, fmt.Errorf("list erased lanes: %w", err)
	}
	var missing []LaneID
	for _, id := range erased {
		if !known[id] {
			missing = append(missing, id)
		}
	}
	return missing, nil
}

// Keep puts every erased lane that is not on the list onto it.
func (l ErasedList) Keep(ctx context.Context, q pg.Conn) (added int, err error) {
	missing, err := l.Missing(ctx, q)
	if err != nil || len(missing) == 0 {
		return 0, err
	}
	if err := l.add(missing); err != nil {
		return 0, fmt.Errorf("the list of what was erased cannot be written: let this user write %s (%w)", l.Path, err)
	}
	return len(missing), nil
}

// CountErased tells how many lanes were erased ever.
func CountErased(ctx context.Context, q pg.Conn) (n int, err error) {
	if err := q.Get(ctx, &n, `select count(*) from erased_lane`); err != nil {
		return 0, fmt.Errorf("count erased lanes: %w", err)
	}
	return n, nil
}

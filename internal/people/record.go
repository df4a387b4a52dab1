package people

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
)

// A person who has written under two addresses has two records. Joining them
// makes the practice see one person; for everybody else nothing changes: each
// record keeps its address, its links and its letters, so nothing reaches an
// inbox that it did not reach before, and the joining can be taken back.

// Join makes other a further record of the person whose record keep is, and
// moves what was joined to other before along with it. Whoever works here is
// never joined.
func Join(ctx context.Context, tx *pg.Tx, keep, other ID) error {
	if keep == other {
		return fault.InvalidField("other", "These two are one record already.")
	}
	var rows []struct {
		ID     ID   `db:"id"`
		Joined bool `db:"joined"`
		Works  bool `db:"works"`
	}
	err := tx.Select(ctx, &rows, `
		select p.id, p.merged_into is not null as joined,
			exists (select from coach c where c.person_id = p.id) as works
		from person p
		where p.id in ($1, $2)
		order by p.id
		for update of p`, keep, other)
	if err != nil {
		return fmt.Errorf("join records: %w", err)
	}
	if len(rows) != 2 {
		return fault.New(fault.NotFound, "There is nobody here by that name.")
	}
	for _, r := range rows {
		switch {
		case r.Works:
			return fault.InvalidField("other", "Somebody who works here is never joined with another person.")
		case r.Joined:
			return fault.InvalidField("other", "One of these records belongs to another person already. Take that back first.")
		}
	}
	if _, err := tx.Exec(ctx, `update person set merged_into = $1 where id = $2 or merged_into = $2`, keep, other); err != nil {
		return fmt.Errorf("join records: %w", err)
	}
	return nil
}

// Part makes a joined record a person of its own again and gives the record it
// was joined to.
func Part(ctx context.Context, tx *pg.Tx, record ID) (ID, error) {
	var from ID
	err := tx.Get(ctx, &from, `
		select merged_into from person where id = $1 and merged_into is not null for update`, record)
	if pg.NoRows(err) {
		return "", fault.New(fault.Conflict, "This record stands by itself already.")
	}
	if err == nil {
		_, err = tx.Exec(ctx, `update person set merged_into = null where id = $1`, record)
	}
	if err != nil {
		return "", fmt.Errorf("part records: %w", err)
	}
	return from, nil
}

// MarkSpam notes that a record is nobody's: no letter goes there any more.
func MarkSpam(ctx context.Context, tx *pg.Tx, record ID, now time.Time) (changed bool, err error) {
	rows, err := tx.Exec(ctx, `
		update person p set spam_at = $2
		where p.id = $1 and p.spam_at is null and not exists (select from coach c where c.person_id = p.id)`, record, now.UTC())
	if err != nil {
		return false, fmt.Errorf("mark as spam: %w", err)
	}
	return rows > 0, nil
}

// UnmarkSpam takes that back.
func UnmarkSpam(ctx context.Context, tx *pg.Tx, record ID) (changed bool, err error) {
	rows, err := tx.Exec(ctx, `update person set spam_at = null where id = $1 and spam_at is not null`, record)
	if err != nil {
		return false, fmt.Errorf("take spam mark off: %w", err)
	}
	return rows > 0, nil
}

// Keep says whether a person is kept although they have been silent for as
// long as enquiries are kept: clients are.
func Keep(ctx context.Context, tx *pg.Tx, person ID, kept bool) error {
	if _, err := tx.Exec(ctx, `update person set kept = $2 where id = $1 and kept <> $2`, person, kept); err != nil {
		return fmt.Errorf("keep person: %w", err)
	}
	return nil
}

// HandTo lets a coach see and look after a person without a booking between
// them. Doing it again changes nothing. By is empty for the operator.
func HandTo(ctx context.Context, tx *pg.Tx, person, coach, by ID, now time.Time) error {
	_, err := tx.Exec(ctx, `
		insert into person_coach (person_id, coach_id, handed_by, handed_at)
		values ($1, $2, nullif($3, '')::uuid, $4)
		on conflict on constraint person_coach_pkey do nothing`, person, coach, by, now.UTC())
	if pg.Violates(err, "person_coach_coach_exists") || pg.Violates(err, "person_coach_person_exists") {
		return fault.New(fault.NotFound, "There is nobody here by that name.")
	}
	if err != nil {
		return fmt.Errorf("hand person over: %w", err)
	}
	return nil
}

// IDs lists ids as the database takes them, for `= any ($1)`.
func IDs(ids []ID) any {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = string(id)
	}
	return pg.Array(list)
}

// Names gives the names of people by id. Who is gone has none.
func Names(ctx context.Context, q pg.Conn, ids []ID) (map[ID]string, error) {
	var rows []struct {
		ID   ID     `db:"id"`
		Name string `db:"name"`
	}
	if err := q.Select(ctx, &rows, `select id, name from person where id::text = any ($1) order by id`, IDs(ids)); err != nil {
		return nil, fmt.Errorf("find names: %w", err)
	}
	names := make(map[ID]string, len(rows))
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	return names, nil
}

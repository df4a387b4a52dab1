package reception

import (
	"context"
	"fmt"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// tableColumns are the columns of the list, the same in as out. A file taken in
// needs the first two.
var tableColumns = []string{"name", "email", "timezone", "may_email", "coach", "stage", "source", "next_step_on", "known_since", "last_here"}

// mostGiven bounds the list that is given out.
const mostGiven = 50_000

// GiveTable gives the people whom the viewer looks after as a table: how they
// can be reached and where they stand, nothing that anybody wrote.
func (r *Reception) GiveTable(ctx context.Context, v booking.Viewer) ([]byte, error) {
	if v.Role == people.Assistant {
		return nil, ErrNobody
	}
	now := r.Now()
	rows := [][]string{tableColumns}
	err := r.DB.InTx(ctx, func(tx *pg.Tx) error {
		var found []struct {
			entryRow
			Timezone string `db:"timezone"`
			Coach    string `db:"coach"`
		}
		err := tx.Select(ctx, &found, `
			select `+entryColumns+`, coalesce(p.timezone, '') as timezone,
				coalesce((
					select k.slug from booking b join coach k on k.person_id = b.coach_id
					where b.person_id = p.id and (cast($1 as boolean) or b.coach_id = $2)
					order by b.starts_at desc, b.id limit 1), (
					select k.slug from person_coach h join coach k on k.person_id = h.coach_id
					where h.person_id = p.id and (cast($1 as boolean) or h.coach_id = $2)
					order by h.handed_at desc, k.slug limit 1), '') as coach
			from person p`+callsOf+`
			where `+sees("p")+` and p.spam_at is null and not exists (select from coach c where c.person_id = p.id)
			order by lower(p.name), p.id
			limit $4`, everyone(v), v.ID, now, mostGiven)
		if err != nil {
			return err
		}
		for _, f := range found {
			mail := "yes"
			if !f.MayEmail {
				mail = "no"
			}
			rows = append(rows, []string{f.Name, f.Email, f.Timezone, mail, f.Coach, string(f.Stage), f.Source, f.NextOn,
				f.MadeAt.UTC().Format("2006-01-02"), f.SeenAt.UTC().Format("2006-01-02")})
		}
		return audit.Record(ctx, tx, audit.Entry{At: now, Actor: actor(v), Act: "people exported", Detail: map[string]int{"people": len(found)}})
	})
	if err != nil {
		return nil, fmt.Errorf("give table: %w", err)
	}
	return WriteTable(rows), nil
}

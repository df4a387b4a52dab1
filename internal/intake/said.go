package intake

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"kintsugi/internal/engagement"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Said is what somebody sent, as one text to compare another with.
type Said struct {
	Lane   engagement.LaneID
	Person people.ID
	Alone  bool // only its writer and the coach read it, whatever the lane
	Text   string
}

// mostSaid bounds the answers that a text is compared with.
const mostSaid = 500

// Said opens everything that was sent in an engagement and that the viewer may
// read, what was changed later included, so that words which are about to be
// shared can be compared with it. It is shown to nobody.
func (s *Service) Said(ctx context.Context, tx *pg.Tx, viewer people.ID, in engagement.ID) ([]Said, error) {
	var rows []struct {
		ID      string            `db:"id"`
		Lane    engagement.LaneID `db:"lane_id"`
		Person  people.ID         `db:"person_id"`
		Alone   bool              `db:"alone"`
		Answers []byte            `db:"answers"`
	}
	if err := tx.Select(ctx, &rows, `
		select a.id, a.lane_id, a.person_id, s.shared_at is null as alone, a.answers
		from lane_reader r
		join lane_member m on m.lane_id = r.lane_id and m.person_id = r.person_id
		join lane l on l.id = r.lane_id and l.engagement_id = $2
		join sheet s on s.lane_id = r.lane_id
		join sheet_answer a on a.sheet_id = s.id
		where r.person_id = $1 and (m.part = 'coach' or s.person_id = r.person_id or s.shared_at is not null)
		order by a.sent_at desc, a.id
		limit $3`, string(viewer), string(in), mostSaid); err != nil {
		return nil, fmt.Errorf("compare with answers: %w", err)
	}
	var ids []engagement.LaneID
	for _, row := range rows {
		if !slices.Contains(ids, row.Lane) {
			ids = append(ids, row.Lane)
		}
	}
	lanes, err := s.Engagement.Read(ctx, tx, viewer, ids...)
	if err != nil {
		return nil, err
	}
	said := make([]Said, 0, len(rows))
	for _, row := range rows {
		lane, has := lanes[row.Lane]
		if !has {
			continue // it was erased
		}
		answers, err := openAnswers(lane, row.Answers, "sheet_answer", row.ID)
		if engagement.Unopened(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		var text strings.Builder
		for _, answer := range answers {
			// No run of words goes on from one answer into another.
			text.WriteString(strings.Join(answer, between) + between)
		}
		said = append(said, Said{Lane: row.Lane, Person: row.Person, Alone: row.Alone, Text: text.String()})
	}
	return said, nil
}

// between stands where one answer ends: a word that nobody writes.
const between = "\n\ufdd0between0answers\ufdd0\n"

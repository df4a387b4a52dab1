package reception

import (
	"context"

	"kintsugi/internal/engagement"
	"kintsugi/internal/intake"
	"kintsugi/internal/note"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Answers lets a note that is about to be shared be compared with what was
// answered in forms.
func Answers(forms *intake.Service) func(context.Context, *pg.Tx, people.ID, engagement.ID) ([]note.Elsewhere, error) {
	return func(ctx context.Context, tx *pg.Tx, viewer people.ID, in engagement.ID) ([]note.Elsewhere, error) {
		said, err := forms.Said(ctx, tx, viewer, in)
		if err != nil {
			return nil, err
		}
		list := make([]note.Elsewhere, len(said))
		for i, one := range said {
			list[i] = note.Elsewhere(one)
		}
		return list, nil
	}
}

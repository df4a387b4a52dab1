package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"kintsugi/internal/engagement"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/questions"

	"github.com/google/uuid"
)

// Draft is what somebody has typed and not sent.
type Draft struct {
	Answers questions.Answers
	Version int       // counts what was saved; 0 while nothing was
	SavedAt time.Time // zero while nothing was
	Asides  []Aside
	Broken  bool // something of it does not open, and is left out
}

// Aside is what stood in a question when another page typed over it, kept until
// its writer has seen it.
type Aside struct {
	Key    string
	Answer []string
	At     time.Time
}

// Writing is a sheet with what its client needs to go on.
type Writing struct {
	Sheet
	Asks   practice.FormVersion
	Draft  Draft // begins with what was sent last
	Lane   engagement.LaneInfo
	Policy engagement.Policy // in force; without an ID where nothing was signed yet
}

// Seen is what a page had before it: the version of the draft, and how often
// answers had been sent.
type Seen struct{ Draft, Sent int }

// Typing is what a page saves. Unread names the questions whose input cannot be
// used just now: what was kept of them before stays. A page that knows in which
// questions something was typed since it saved last says so; the others then
// stay as they are, whatever stands in them.
type Typing struct {
	Seen
	Answers questions.Answers
	Unread  []string
	Touched []string // nil where the page does not know
}

// What is kept of a draft: enough versions to put together what was typed in
// several places, and what was set aside.
const (
	keptDrafts = 50
	keptAsides = 20
)

// Write opens a sheet for the client who answers it. Their own words only; it is
// no look at anybody.
func (s *Service) Write(ctx context.Context, tx *pg.Tx, viewer people.ID, id ID) (Writing, error) {
	sheet, err := findOwn(ctx, tx, viewer, id)
	if err != nil {
		return Writing{}, err
	}
	w := Writing{Sheet: sheet}
	if w.Asks, err = practice.FindFormVersion(ctx, tx, sheet.Form, sheet.Version); err != nil {
		return Writing{}, err
	}
	if w.Lane, err = engagement.FindLane(ctx, tx, viewer, sheet.Lane); err != nil {
		return Writing{}, err
	}
	if w.Policy, err = inForce(ctx, tx, sheet.Engagement); err != nil {
		return Writing{}, err
	}
	if sheet.Erased {
		return w, nil
	}
	lane, err := s.key(ctx, tx, viewer, sheet.Lane)
	if err != nil {
		return Writing{}, err
	}
	w.Draft, err = readDraft(ctx, tx, lane, sheet)
	return w, err
}

// inForce gives the policy that holds in an engagement, without an ID where none
// does yet.
func inForce(ctx context.Context, q pg.Conn, in engagement.ID) (engagement.Policy, error) {
	versions, err := engagement.Policies(ctx, q, in)
	if err != nil {
		return engagement.Policy{}, err
	}
	held, _ := engagement.InForce(versions)
	return held, nil
}

// key gives the lane of a sheet for opening what is in it.
func (s *Service) key(ctx context.Context, q pg.Conn, viewer people.ID, id engagement.LaneID) (engagement.Lane, error) {
	lanes, err := s.Engagement.Read(ctx, q, viewer, id)
	if err != nil {
		return engagement.Lane{}, err
	}
	lane, found := lanes[id]
	if !found {
		return engagement.Lane{}, engagement.ErrNothing
	}
	return lane, nil
}

// draftRow is a draft as it lies in the database.
type draftRow struct {
	ID      string    `db:"id"`
	Version int       `db:"version"`
	Aside   bool      `db:"aside"`
	Answers []byte    `db:"answers"`
	SavedAt time.Time `db:"saved_at"`
}

// readDraft gives the draft as it stands: the newest version with what was set
// aside, or what was sent last.
func readDraft(ctx context.Context, q pg.Conn, lane engagement.Lane, sheet Sheet) (Draft, error) {
	var rows []draftRow
	if err := q.Select(ctx, &rows, `
		select d.id, d.version, d.aside, d.answers, d.saved_at
		from sheet_draft d
		join lane_reader r on r.lane_id = d.lane_id and r.person_id = d.person_id
		where d.sheet_id = $1 and d.person_id = $2
		  and (d.aside or d.version = (select max(version) from sheet_draft n where n.sheet_id = $1 and not n.aside))
		order by d.aside, d.version desc`, sheet.ID, sheet.Person); err != nil {
		return Draft{}, fmt.Errorf("read draft: %w", err)
	}
	d := Draft{Answers: questions.Answers{}}
	for _, row := range rows {
		answers, err := openAnswers(lane, row.Answers, "sheet_draft", row.ID)
		if engagement.Unopened(err) {
			d.Broken, answers, err = true, questions.Answers{}, nil
		}
		switch {
		case err != nil:
			return Draft{}, err
		case row.Aside:
			for _, key := range keysOf(answers) {
				d.Asides = append(d.Asides, Aside{key, answers[key], row.SavedAt.UTC()})
			}
		default:
			d.Answers, d.Version, d.SavedAt = answers, row.Version, row.SavedAt.UTC()
		}
	}
	if d.Version > 0 || sheet.Sent == 0 {
		return d, nil
	}
	sent, err := readSent(ctx, q, lane, sheet)
	if err != nil {
		return Draft{}, err
	}
	last := sent[len(sent)-1]
	d.Answers, d.Broken = last.again(), d.Broken || last.Broken
	return d, nil
}

// draftAt gives what a version of the draft said. Version 0 is what was sent
// last; of a version that is not kept any more nothing is known.
func draftAt(ctx context.Context, q pg.Conn, lane engagement.Lane, sheet Sheet, version int) (questions.Answers, error) {
	if version == 0 && sheet.Sent > 0 {
		sent, err := readSent(ctx, q, lane, sheet)
		if err != nil {
			return nil, err
		}
		return sent[len(sent)-1].again(), nil
	}
	var row draftRow
	err := q.Get(ctx, &row, `
		select d.id, d.version, d.aside, d.answers, d.saved_at
		from sheet_draft d
		join lane_reader r on r.lane_id = d.lane_id and r.person_id = d.person_id
		where d.sheet_id = $1 and d.person_id = $2 and d.version = $3 and not d.aside`, sheet.ID, sheet.Person, version)
	if pg.NoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read draft: %w", err)
	}
	answers, err := openAnswers(lane, row.Answers, "sheet_draft", row.ID)
	if engagement.Unopened(err) {
		return nil, nil
	}
	return answers, err
}

// Save keeps what somebody has typed. What was typed in another place since the
// page was made is put together with it, question by question; what cannot be is
// set aside. The same again is no new version.
//
// Errors: ErrNothing, ErrTakenBack, ErrSent, ErrLaneClosed, ErrLaneWaits.
func (s *Service) Save(ctx context.Context, tx *pg.Tx, viewer people.ID, id ID, t Typing, now time.Time) (Draft, error) {
	sheet, lane, err := s.takeToWrite(ctx, tx, viewer, id)
	if err != nil {
		return Draft{}, err
	}
	if sheet.Sent != t.Sent {
		return Draft{}, ErrSent
	}
	head, err := readDraft(ctx, tx, lane, sheet)
	if err != nil {
		return Draft{}, err
	}
	base := head.Answers
	if t.Seen.Draft != head.Version {
		if base, err = draftAt(ctx, tx, lane, sheet, t.Seen.Draft); err != nil {
			return Draft{}, err
		}
	}
	merged, aside := Merge(base, head.Answers, t.mine(base, head.Answers))
	if same(merged, head.Answers) && head.Version > 0 {
		return head, nil
	}
	next := head.Version + 1
	if len(aside) > 0 {
		if err := addDraft(ctx, tx, lane, sheet, next, true, aside, now); err != nil {
			return Draft{}, err
		}
	}
	if err := addDraft(ctx, tx, lane, sheet, next, false, merged, now); err != nil {
		return Draft{}, err
	}
	if _, err := tx.Exec(ctx, `
		delete from sheet_draft
		where sheet_id = $1 and person_id = $2
		  and (version <= cast($3 as integer) - $4 and not aside
		    or aside and version not in (
		        select version from sheet_draft where sheet_id = $1 and aside order by version desc limit $5))`,
		id, viewer, next, keptDrafts, keptAsides); err != nil {
		return Draft{}, fmt.Errorf("save draft: %w", err)
	}
	return readDraft(ctx, tx, lane, sheet)
}

// mine is what the page answers of its own.
func (t Typing) mine(base, head questions.Answers) questions.Answers {
	mine := questions.Answers{}
	for key, answer := range t.Answers {
		mine[key] = answer
	}
	for _, key := range t.Unread {
		mine[key] = base[key]
	}
	if t.Touched == nil {
		return mine
	}
	for _, key := range keysOf(base, head, mine) {
		if !slices.Contains(t.Touched, key) {
			mine[key] = head[key]
		}
	}
	return mine
}

// takeToWrite takes a sheet of one's own that can be written in now.
func (s *Service) takeToWrite(ctx context.Context, tx *pg.Tx, viewer people.ID, id ID) (Sheet, engagement.Lane, error) {
	sheet, err := takeOwn(ctx, tx, viewer, id)
	if err != nil {
		return Sheet{}, engagement.Lane{}, err
	}
	if sheet.State == Withdrawn {
		return sheet, engagement.Lane{}, ErrTakenBack
	}
	lane, _, err := s.Engagement.Write(ctx, tx, viewer, sheet.Lane)
	return sheet, lane, err
}

func addDraft(ctx context.Context, tx *pg.Tx, lane engagement.Lane, sheet Sheet, version int, aside bool, answers questions.Answers, now time.Time) error {
	id := uuid.NewString()
	sealed, err := sealAnswers(lane, answers, "sheet_draft", id)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		insert into sheet_draft (id, sheet_id, lane_id, person_id, version, aside, answers, saved_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		id, sheet.ID, sheet.Lane, sheet.Person, version, aside, sealed, now.UTC()); err != nil {
		return fmt.Errorf("save draft: %w", err)
	}
	return nil
}

// Settle lets go of what was set aside, once its writer has seen it.
func (s *Service) Settle(ctx context.Context, tx *pg.Tx, viewer people.ID, id ID) error {
	return drop(ctx, tx, viewer, id, ` and aside`)
}

// Discard throws a draft away. What was sent stays as it was sent.
func (s *Service) Discard(ctx context.Context, tx *pg.Tx, viewer people.ID, id ID) error {
	return drop(ctx, tx, viewer, id, ``)
}

func drop(ctx context.Context, tx *pg.Tx, viewer people.ID, id ID, which string) error {
	if _, err := takeOwn(ctx, tx, viewer, id); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from sheet_draft where sheet_id = $1 and person_id = $2`+which, id, viewer); err != nil {
		return fmt.Errorf("let go of draft: %w", err)
	}
	return nil
}

func sealAnswers(lane engagement.Lane, answers questions.Answers, table, row string) ([]byte, error) {
	plain, err := json.Marshal(answers)
	if err != nil {
		return nil, fmt.Errorf("seal answers: %w", err)
	}
	return lane.Seal(plain, table, "answers", row)
}

func openAnswers(lane engagement.Lane, sealed []byte, table, row string) (questions.Answers, error) {
	plain, err := lane.Open(sealed, table, "answers", row)
	if err != nil {
		return nil, fmt.Errorf("open answers: %w", err)
	}
	var answers questions.Answers
	if err := json.Unmarshal(plain, &answers); err != nil {
		return nil, fmt.Errorf("open answers: %w", err)
	}
	return answers, nil
}

// Package note keeps session notes: what a coach writes after an hour, and what
// a client writes for themselves or for their coach.
//
// A note lies in one lane and is sealed there. While it is a draft its author
// alone sees that it exists. Shared, it is read by the lane's readers, who also
// see what it said at each time it was shared. Locked and signed, it never
// changes again; more is said in addenda. Every saved state is kept, so that two
// tabs lose no word.
//
// The room decides nothing about who may read: the lane does. It shows no page.
package note

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/words"

	"github.com/google/uuid"
)

// ID names a note. It is random and says nothing.
type ID string

// State is where a note stands.
type State string

// The states. A draft is its author's alone.
const (
	Draft  State = "draft"
	Shared State = "shared"
	Locked State = "locked"
)

// The longest title and text, in characters.
const (
	LongestTitle = 200
	LongestBody  = 20000
)

// Words are what a note says. Body is Markdown.
type Words struct {
	Title string `json:"title"`
	Body  string `json:"body"`
}

// Empty reports whether nothing is said.
func (w Words) Empty() bool { return w.Title == "" && w.Body == "" }

// Headed is the title, or the beginning of the text where there is none.
func (w Words) Headed() string {
	if w.Title != "" {
		return w.Title
	}
	first := firstLine(w.Body)
	if first == "" {
		return "Without a title"
	}
	return first
}

// Note is a note as somebody who may read it sees it. Of a note that is not
// theirs they see the words that were shared last.
type Note struct {
	ID         ID                  `db:"id"`
	Lane       engagement.LaneID   `db:"lane_id"`
	Kind       engagement.LaneKind `db:"kind"`
	Engagement engagement.ID       `db:"engagement_id"`
	Author     people.ID           `db:"author_id"`
	AuthorName string              `db:"author_name"`
	Booking    string              `db:"booking_id"` // empty when it is about no call
	BookingAt  time.Time           `db:"booking_at"`
	Policy     engagement.PolicyID `db:"policy_id"` // under which it was begun; may be empty
	Version    int                 `db:"version"`   // of the author's; for others the shared one
	SharedNo   int                 `db:"shared"`    // zero for a draft
	SharedAt   time.Time           `db:"shared_at"`
	LockedAt   time.Time           `db:"locked_at"`
	LockedName string              `db:"locked_name"` // who signed it, as typed; empty where it does not open
	LockedAs   []byte              `db:"locked_as"`   // the same, sealed; null of what was signed before names were
	LockedHash []byte              `db:"locked_hash"`
	MadeAt     time.Time           `db:"made_at"`
	ChangedAt  time.Time           `db:"changed_at"`
	New        bool                `db:"new"`     // shared or added to since the viewer read it last
	Addenda    int                 `db:"addenda"` // how many there are
	Erased     bool                `db:"-"`       // the lane's key was destroyed; there are no words
	Broken     bool                `db:"-"`       // what is stored does not open; Words say so
	Words      Words               `db:"-"`

	versionID string
	sealed    []byte
}

// State is where the note stands.
func (n Note) State() State {
	switch {
	case !n.LockedAt.IsZero():
		return Locked
	case n.SharedNo > 0:
		return Shared
	}
	return Draft
}

// Unshared reports whether the author has changed it since it was shared last.
func (n Note) Unshared() bool { return n.SharedNo > 0 && n.Version > n.SharedNo }

// Service does the acts of this room.
type Service struct {
	DB         *pg.DB
	Engagement *engagement.Service
	Now        func() time.Time
	Wake       func() // called after a commit that left something to do; may be nil

	// Elsewhere gives what else was written in an engagement, as far as somebody may
	// read it, such as the answers in forms; nil where there is nothing else.
	Elsewhere func(ctx context.Context, tx *pg.Tx, viewer people.ID, in engagement.ID) ([]Elsewhere, error)
}

// Elsewhere is a text of another room, for words that are about to be shared to be
// compared with.
type Elsewhere struct {
	Lane   engagement.LaneID
	Person people.ID // who wrote it
	Alone  bool      // only its writer and the coach read it, whatever the lane
	Text   string
}

func (s *Service) wake() {
	if s.Wake != nil {
		s.Wake()
	}
}

// SealedColumns are where this room keeps sealed words.
func SealedColumns() []engagement.SealedColumn {
	return []engagement.SealedColumn{
		{Table: "note", Column: "locked_hash", Row: "id", Lane: "lane_id"},
		{Table: "note", Column: "locked_as", Row: "id", Lane: "lane_id"},
		{Table: "note_version", Column: "words", Row: "id", Lane: "lane_id"},
		{Table: "note_addendum", Column: "words", Row: "id", Lane: "lane_id"},
	}
}

// clean reads what somebody typed as words that can be kept.
func clean(w Words) (Words, error) {
	title, err := words.Text("title", w.Title, LongestTitle)
	if err != nil {
		return w, err
	}
	body, err := words.Text("body", w.Body, LongestBody)
	if err != nil {
		return w, err
	}
	return Words{Title: oneLine(title), Body: body}, nil
}

func seal(lane engagement.Lane, w Words, row string) ([]byte, error) {
	plain, err := json.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("seal note: %w", err)
	}
	return lane.Seal(plain, "note_version", "words", row)
}

// unseal opens the words of a note, and what its signature stands for.
func (n *Note) unseal(lane engagement.Lane) (err error) {
	n.Words, n.Broken, err = openOrSay(lane, n.sealed, n.versionID)
	if err != nil || n.State() != Locked {
		return err
	}
	// A signature that does not open stands for nothing.
	if n.LockedHash, err = lane.Open(n.LockedHash, "note", "locked_hash", string(n.ID)); err != nil && !engagement.Unopened(err) {
		return fmt.Errorf("open signature of note: %w", err)
	}
	if n.LockedAs == nil {
		return nil
	}
	name, err := lane.Open(n.LockedAs, "note", "locked_as", string(n.ID))
	if err != nil && !engagement.Unopened(err) {
		return fmt.Errorf("open name under note: %w", err)
	}
	n.LockedName = string(name)
	return nil
}

// openOrSay is open for showing: in the place of words that do not open it gives
// a sentence that says so, and true.
func openOrSay(lane engagement.Lane, text []byte, row string) (Words, bool, error) {
	w, err := open(lane, text, row)
	if engagement.Unopened(err) {
		return Words{Title: "This does not open", Body: engagement.BrokenSay}, true, nil
	}
	return w, false, err
}

func open(lane engagement.Lane, sealed []byte, row string) (Words, error) {
	plain, err := lane.Open(sealed, "note_version", "words", row)
	if err != nil {
		return Words{}, fmt.Errorf("open note: %w", err)
	}
	var w Words
	if err := json.Unmarshal(plain, &w); err != nil {
		return Words{}, fmt.Errorf("read note: %w", err)
	}
	return w, nil
}

// looked puts it on record that somebody looked at what another wrote. Without
// the line there is no look.
func looked(ctx context.Context, tx *pg.Tx, viewer people.ID, act string, lane engagement.LaneInfo, detail any, now time.Time) error {
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: actorIn(lane, viewer), Act: act, About: string(lane.ID), Detail: detail})
}

// actorIn is the viewer in the role in which they read the lane.
func actorIn(lane engagement.LaneInfo, viewer people.ID) audit.Actor {
	for _, r := range lane.Readers {
		if r.Person == viewer && r.Coach {
			return audit.Actor{Kind: audit.Coach, ID: string(viewer)}
		}
	}
	return audit.Actor{Kind: audit.Person, ID: string(viewer)}
}

// isID reports whether a text is an id, as we write them. In capitals it would find
// the same row and lock another word, so that two acts on it did not wait for each
// other.
func isID(text string) bool {
	return len(text) == 36 && uuid.Validate(text) == nil && text == strings.ToLower(text)
}

// ErrLocked is the refusal to change what was signed. More can be added.
var ErrLocked = fault.New(fault.Conflict, "This note is locked and signed, so it stays as it is. You can add to it below.")

// errBroken is the refusal to do something with words that nobody can read.
var errBroken = fault.New(fault.Conflict, engagement.BrokenSay)

// errNotYours is the refusal to change what somebody else wrote.
var errNotYours = engagement.ErrNothing

// Package intake owns the life of a form once it is sent: who is asked, what
// they have typed and not sent, what they sent, each version of it, and what
// they agreed to in it.
//
// Each client answers alone, on a sheet of their own, and nobody answers for
// another. What was typed and not sent is found by its writer alone. What was
// sent in a lane between one client and the coach is read by these two. In the
// joint lane both clients are asked at once: the coach reads what each has sent,
// and the clients read one another's answers once both have sent theirs; until
// then nothing tells either of them whether the other has answered.
//
// The room knows no question: what a form asks, what is an answer and what it
// is counted up to belongs to questions, and the forms to practice.
package intake

import (
	"strings"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"

	"github.com/google/uuid"
)

// ID names a sheet. It is random and says nothing.
type ID string

// State is where a sheet stands.
type State string

// The states of a sheet.
const (
	Open      State = "open"
	Submitted State = "submitted" // it may be changed; each change is a version
	Withdrawn State = "withdrawn" // the coach took it back before it was answered
)

// Sheet is a form that was sent to one client, as somebody sees who may.
type Sheet struct {
	ID         ID                  `db:"id"`
	Lane       engagement.LaneID   `db:"lane_id"`
	Kind       engagement.LaneKind `db:"kind"`
	Engagement engagement.ID       `db:"engagement_id"`
	Person     people.ID           `db:"person_id"` // who answers
	Name       string              `db:"name"`
	Form       practice.FormID     `db:"form_id"`
	Version    int                 `db:"form_version"` // of the form; it stays whatever becomes of the form
	FormName   string              `db:"form_name"`
	Newer      bool                `db:"newer"`    // the form asks something else by now
	Round      string              `db:"round_id"` // of a sheet in the joint lane
	Occasion   string              `db:"occasion"` // at which it was sent by itself; empty where a coach sent it
	SentAt     time.Time           `db:"sent_at"`
	DueOn      string              `db:"due_on"` // a date, or empty
	State      State               `db:"state"`
	StateAt    time.Time           `db:"state_at"`
	SharedAt   time.Time           `db:"shared_at"` // from when on the other client reads it; zero until then
	Sent       int                 `db:"sent"`      // how many versions of the answers there are
	LastAt     time.Time           `db:"last_at"`   // of the newest; zero until there is one
	Erased     bool                `db:"erased"`    // its words are gone for good
	PassedAt   time.Time           `db:"passed_at"` // by its client, to the coach who took over; zero where it was answered here
}

// Private reports whether a client gives a second proof before it opens.
func (s Sheet) Private() bool { return engagement.LaneInfo{Kind: s.Kind}.Private() }

// about is the id under which looks at the sheet and changes of it are on
// record: its lane, as for all that is in one. While only one of two clients has
// answered it is the sheet's own, since the other reads the record of the lane.
func (s Sheet) about() string {
	if s.Kind == engagement.JointLane && s.SharedAt.IsZero() {
		return string(s.ID)
	}
	return string(s.Lane)
}

// Service does the acts of this room. Acts take part in the caller's
// transaction, which was begun as the one who acts.
type Service struct {
	Engagement *engagement.Service
}

// SealedColumns are where this room keeps sealed words.
func SealedColumns() []engagement.SealedColumn {
	return []engagement.SealedColumn{
		{Table: "sheet_draft", Column: "answers", Row: "id", Lane: "lane_id"},
		{Table: "sheet_answer", Column: "answers", Row: "id", Lane: "lane_id"},
		{Table: "sheet_signature", Column: "body", Row: "id", Lane: "lane_id"},
	}
}

// The refusals of this room, beside those of engagement.
var (
	ErrTakenBack = fault.New(fault.Conflict, "Your coach has taken this form back, so it cannot be sent any more. What you had written is still here for you.")
	// ErrElsewhere tells that another page of the same person has saved since.
	ErrElsewhere = fault.Named(fault.Conflict, "typed-elsewhere", "You have this form open in another place too, and something was typed there since. It was added here; please look at it, then send.")
	// ErrSent tells that the answers were sent from another page meanwhile.
	ErrSent = fault.Named(fault.Conflict, "sent-elsewhere", "This form was sent from another page in the meantime. What you see here was not sent. If it should be, save it as a change to what was sent.")
)

// isID reports whether a text is an id, as we write them. In capitals it would find
// the same row and lock another word, so that two acts on it did not wait for each
// other.
func isID(text string) bool {
	return len(text) == 36 && uuid.Validate(text) == nil && text == strings.ToLower(text)
}

func byCoach(id people.ID) audit.Actor  { return audit.Actor{Kind: audit.Coach, ID: string(id)} }
func byClient(id people.ID) audit.Actor { return audit.Actor{Kind: audit.Person, ID: string(id)} }

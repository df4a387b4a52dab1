// Package engagement owns one coach's work with one or two clients, and the
// lanes in it: who may read what is written there, and the data key of each.
//
// The readers of a lane are named when it is made and only ever become fewer.
// Whoever joins later, and a coach who takes over, gets new lanes; what was
// written before passes over by its author's act alone. Two more kinds of lane
// belong to a person without an engagement: what somebody wrote when they asked
// for a call, and what the office keeps of their hours and money.
//
// The room says who may read. It reads and shows no word that is written in a
// lane; the rooms above it do.
package engagement

import (
	"context"
	"strings"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/fault"
	"kintsugi/internal/mail"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/seal"
	"kintsugi/internal/token"

	"github.com/google/uuid"
)

// ID names an engagement. It is random and says nothing.
type ID string

// State is where an engagement stands.
type State string

// The states of an engagement.
const (
	Open   State = "open"
	Paused State = "paused" // no new hours; what is written stays open
	Ended  State = "ended"  // what was written can be read, nothing is added
)

// Place is where a client stands in an engagement.
type Place string

// The places of a client.
const (
	Invited   Place = "invited"
	Accepted  Place = "accepted"
	Declined  Place = "declined"
	Withdrawn Place = "withdrawn" // the coach took the invitation back
	Left      Place = "left"
)

// Engagement is one coach's work with one or two clients.
type Engagement struct {
	ID        ID        `db:"id"`
	CoachID   people.ID `db:"coach_id"`
	CoachName string    `db:"coach_name"`
	CoachSlug string    `db:"coach_slug"`
	CoachZone string    `db:"coach_timezone"`
	State     State     `db:"state"`
	StateAt   time.Time `db:"state_at"`
	MadeAt    time.Time `db:"made_at"`
	FollowsID ID        `db:"follows_id"` // empty unless it was taken over
	Clients   []Client  `db:"-"`          // in the order in which they were invited; never by seat
}

// Client is a person in an engagement.
type Client struct {
	Engagement   ID        `db:"engagement_id"`
	Person       people.ID `db:"person_id"`
	Name         string    `db:"name"`
	Email        string    `db:"email"` // for the coach; never shown to the other client
	Place        Place     `db:"state"`
	PlaceAt      time.Time `db:"state_at"`
	InvitedAt    time.Time `db:"invited_at"`
	InviteEndsAt time.Time `db:"invite_ends_at"`
	AcceptedAt   time.Time `db:"accepted_at"` // the last time; zero until then
	NeedsWord    bool      `db:"needs_word"`
	WordsLeft    int       `db:"words_left"` // how often a word may still be tried
}

// Seated reports whether the client is in the engagement or invited to it.
func (c Client) Seated() bool { return c.Place == Invited || c.Place == Accepted }

// Client gives a client of the engagement by their id.
func (e Engagement) Client(person people.ID) (Client, bool) {
	for _, c := range e.Clients {
		if c.Person == person {
			return c, true
		}
	}
	return Client{}, false
}

// Seated lists who is in the engagement or invited to it.
func (e Engagement) Seated() []Client { return e.where(Client.Seated) }

// Accepted lists who has accepted and not left.
func (e Engagement) Accepted() []Client {
	return e.where(func(c Client) bool { return c.Place == Accepted })
}

func (e Engagement) where(keep func(Client) bool) []Client {
	var list []Client
	for _, c := range e.Clients {
		if keep(c) {
			list = append(list, c)
		}
	}
	return list
}

// Couple reports whether two people are in it or invited to it.
func (e Engagement) Couple() bool { return len(e.Seated()) == 2 }

// Service does the acts of this room. Acts take part in the caller's
// transaction, since the stories they belong to cross rooms.
type Service struct {
	Keys  *seal.Keyset
	Links token.Key
	Site  string // PUBLIC_URL, without a slash at its end

	// Letterhead tells under which discreet name and address letters leave.
	Letterhead func(ctx context.Context, q pg.Conn) (mail.Address, error)
}

// ErrNothing is the one answer for what does not exist and for what is not the
// asker's to see.
var ErrNothing = fault.New(fault.NotFound, "There is nothing here by that name.")

// ErrEnded is the refusal of an act that an engagement is too late for.
var ErrEnded = fault.New(fault.Conflict, "This has ended. What was written can still be read; nothing can be added to it.")

// isID reports whether a text is an id, as we write them. In capitals it would find
// the same row and lock another word, so that two acts on it did not wait for each
// other.
func isID(text string) bool {
	return len(text) == 36 && uuid.Validate(text) == nil && text == strings.ToLower(text)
}

func byCoach(id people.ID) audit.Actor  { return audit.Actor{Kind: audit.Coach, ID: string(id)} }
func byClient(id people.ID) audit.Actor { return audit.Actor{Kind: audit.Person, ID: string(id)} }

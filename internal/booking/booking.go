// Package booking is the life of one promised hour: asked for, confirmed or
// accepted, moved, cancelled, over. It gathers hours, busy and taken time, asks
// slot what can be promised, and writes each act in one transaction together
// with its audit line and the letters that follow.
//
// One hour is promised once. Every act that takes an hour first locks the coach
// and then looks; behind it stands a constraint of the database that refuses
// two live bookings of a coach that overlap, even if the lock is forgotten.
package booking

import (
	"context"
	"time"

	"kintsugi/internal/engagement"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/seal"
	"kintsugi/internal/token"
)

// ID names a booking. It is random.
type ID string

// Status is where a booking stands.
type Status string

// The statuses. The first five are live: they take the coach's hour.
const (
	Held      Status = "held"      // reserved for later by the coach
	Pending   Status = "pending"   // asked for; the coach has to accept
	Confirmed Status = "confirmed" // promised
	Completed Status = "completed" // held
	NoShow    Status = "no_show"   // promised, and the person did not come
	Cancelled Status = "cancelled" // called off by either side
	Declined  Status = "declined"  // asked for, and the coach said no
	Expired   Status = "expired"   // asked for, and not answered in time
)

// Live reports whether a booking with this status takes the coach's hour.
func (s Status) Live() bool {
	switch s {
	case Held, Pending, Confirmed, Completed, NoShow:
		return true
	}
	return false
}

// Party says on which side of a booking somebody stands.
type Party string

// The two sides, and the program itself when time runs out.
const (
	ByPerson Party = "person"
	ByCoach  Party = "coach"
	BySystem Party = "system"
)

// Booking is a promised hour as it stands now, with what is needed to show it
// to either side. It holds none of the words that the person wrote. Of two
// clients it is as one of them sees it; see As.
type Booking struct {
	ID           ID        `db:"id"`
	Status       Status    `db:"status"`
	Start        time.Time `db:"starts_at"`
	End          time.Time `db:"ends_at"`
	Change       int       `db:"change"`       // SEQUENCE of the calendar entry
	CalendarUID  string    `db:"calendar_uid"` // UID for life
	Generation   int       `db:"generation"`
	Timezone     string    `db:"timezone"` // of the person who booked
	Name         string    `db:"name"`
	Phone        string    `db:"phone"`
	Place        string    `db:"place"` // practice.Video, practice.Phone or an address in words
	SafeToEmail  bool      `db:"safe_to_email"`
	Repeated     bool      `db:"repeated"` // this person had such a call before
	HasWords     bool      `db:"has_words"`
	HasNote      bool      `db:"has_note"` // the coach has written to the person about how it stands now
	Against      string    `db:"against"`  // the rules that were knowingly passed over, as JoinRules writes them
	LaneID       string    `db:"lane_id"`  // empty when nothing was written
	EndedBy      Party     `db:"ended_by"`
	MadeAt       time.Time `db:"made_at"`
	ChangedAt    time.Time `db:"changed_at"`
	ExpiresAt    time.Time `db:"expires_at"`  // zero unless it was asked for under approval
	AcceptedAt   time.Time `db:"accepted_at"` // zero until it is confirmed for the first time
	MovedFrom    time.Time `db:"moved_from"`  // zero unless it was moved
	PersonID     people.ID `db:"person_id"`
	Email        string    `db:"email"`
	CoachID      people.ID `db:"coach_id"`
	CoachSlug    string    `db:"coach_slug"`
	CoachName    string    `db:"coach_name"`
	CoachEmail   string    `db:"coach_email"`
	CoachZone    string    `db:"coach_timezone"`
	CoachActive  bool      `db:"coach_active"` // works here
	MeetingURL   string    `db:"meeting_url"`
	TypeID       string    `db:"type_id"`
	TypeSlug     string    `db:"type_slug"`
	TypeName     string    `db:"type_name"`
	Practice     string    `db:"practice_name"`
	Discreet     string    `db:"discreet_name"`
	ReplyTo      string    `db:"practice_email"`
	PracticeZone string    `db:"practice_timezone"`
	AskReason    bool      `db:"ask_reason"` // practice.Basics.AskReason
	Credits      int       `db:"credits"`    // sessions that it was booked with
	FreeUntil    time.Time `db:"free_until"` // moved or called off later by the client, they count as used; zero without

	Engagement    engagement.ID     `db:"engagement_id"`  // empty for whoever booked without one
	KnownLane     engagement.LaneID `db:"known_lane_id"`  // whose clients may know of it; empty without an engagement
	Joint         bool              `db:"joint"`          // both clients of the engagement know of it
	Gone          bool              `db:"gone"`           // the person has left since and may not know of it any more
	OwnGeneration int               `db:"own_generation"` // of the links of the person it is shown to
	Guest         Guest             `db:"guest"`          // the other client, where both know of it

	second bool // seen from where the guest stands in the database
}

// Open reports whether the booking can still be moved or called off.
func (b Booking) Open(now time.Time) bool {
	return (b.Status == Pending || b.Status == Confirmed || b.Status == Held) && now.Before(b.Start) && !b.Due(now)
}

// Due reports whether a request has waited longer than the practice lets it;
// it counts as expired from that instant, whether or not anyone has written so.
func (b Booking) Due(now time.Time) bool {
	return b.Status == Pending && !b.ExpiresAt.IsZero() && !now.Before(b.ExpiresAt)
}

// JoinURL is where a video call is joined; empty for other places and for
// bookings that are not promised.
func (b Booking) JoinURL() string {
	if b.Place == practice.Video && (b.Status == Confirmed || b.Status == Completed || b.Status == NoShow) {
		return b.MeetingURL
	}
	return ""
}

// Service does the acts of this room.
type Service struct {
	DB    *pg.DB
	Keys  *seal.Keyset
	Links token.Key
	Now   func() time.Time // the one clock of all replicas
	Site  string           // PUBLIC_URL, without a slash at its end
	Wake  func()           // called after a commit that left something to do; may be nil

	// Promised, when set, hears in the same transaction that an hour of an
	// engagement was promised to its clients.
	Promised func(ctx context.Context, tx *pg.Tx, b Booking, now time.Time) error
}

// promised lets whoever waits for it hear of an hour of an engagement.
func (s *Service) promised(ctx context.Context, tx *pg.Tx, b Booking, now time.Time) error {
	if s.Promised == nil || b.Engagement == "" || b.Status != Confirmed {
		return nil
	}
	return s.Promised(ctx, tx, b, now)
}

func (s *Service) wake() {
	if s.Wake != nil {
		s.Wake()
	}
}

// LinkFor gives the text of the link to a booking's page for one of its sides.
func (s *Service) LinkFor(b Booking, side Party) string {
	return s.Links.Make(b.linkOf(token.Manage, side))
}

// URLFor is the address of the booking's page for one of its sides.
func (s *Service) URLFor(b Booking, side Party) string {
	return s.Site + "/bookings/" + s.LinkFor(b, side)
}

// FeedURL is a calendar subscription that holds this one booking.
func (s *Service) FeedURL(b Booking, side Party) string {
	return s.Site + "/feeds/" + s.Links.Make(b.linkOf(token.Feed, side)) + ".ics"
}

// linkOf is the link of one side. Each client's has a generation of its own, so
// that theirs can be revoked and the other's still opens.
func (b Booking) linkOf(purpose token.Purpose, side Party) token.Link {
	link := token.Link{Purpose: purpose, Object: string(b.ID), Recipient: string(b.recipient(side)), Generation: b.Generation}
	if side == ByPerson {
		link.Generation = b.OwnGeneration
	}
	return link
}

func (b Booking) recipient(side Party) people.ID {
	if side == ByCoach {
		return b.CoachID
	}
	return b.PersonID
}

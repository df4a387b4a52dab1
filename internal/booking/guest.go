package booking

import (
	"context"

	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Guest is the other client of a booking that both clients of an engagement
// know of: the one who did not book, or, seen from that one, the one who did.
// Everything between them and us is theirs alone.
type Guest struct {
	ID          people.ID `db:"person_id"` // empty: there is none
	Name        string    `db:"name"`
	Email       string    `db:"email"`
	Timezone    string    `db:"timezone"`
	SafeToEmail bool      `db:"safe_to_email"`
	Generation  int       `db:"generation"`
	LaneID      string    `db:"lane_id"`
	HasNote     bool      `db:"has_note"`
	Gone        bool      `db:"gone"` // has left since and may not know of it any more
}

// As gives the booking as one of its clients sees it, with their own clock,
// address, links and words, and false for whoever may not know of it. A client
// who left an engagement loses the joint bookings that were to come: their page,
// their links and their letters, at once and without a word to anybody. The
// booking itself stays for the other client, until the coach decides.
func (b Booking) As(person people.ID) (Booking, bool) {
	b, is := b.seat(person)
	return b, is && !b.Gone
}

// seat is As also for a client who may not know of it any more.
func (b Booking) seat(person people.ID) (Booking, bool) {
	switch {
	case person == "":
		return b, false
	case person == b.PersonID:
		return b, true
	case person != b.Guest.ID:
		return b, false
	}
	other := b
	other.PersonID, other.Name, other.Email, other.Timezone, other.SafeToEmail = b.Guest.ID, b.Guest.Name, b.Guest.Email, b.Guest.Timezone, b.Guest.SafeToEmail
	other.OwnGeneration, other.LaneID, other.HasNote, other.Gone = b.Guest.Generation, b.Guest.LaneID, b.Guest.HasNote, b.Guest.Gone
	other.Guest = Guest{ID: b.PersonID, Name: b.Name, Email: b.Email, Timezone: b.Timezone, SafeToEmail: b.SafeToEmail,
		Generation: b.OwnGeneration, LaneID: b.LaneID, HasNote: b.HasNote, Gone: b.Gone}
	// The number and the words that came with the booking are of the one who made it.
	other.Phone, other.HasWords = "", false
	other.second = !b.second
	return other, true
}

// Clients gives the booking as each client who may know of it sees it.
func (b Booking) Clients() []Booking {
	var all []Booking
	for _, person := range []people.ID{b.PersonID, b.Guest.ID} {
		if own, known := b.As(person); known {
			all = append(all, own)
		}
	}
	return all
}

// alone takes the other client out of a booking before one of the clients is
// shown it: nothing that is theirs is at hand where a page is drawn.
func (b Booking) alone() Booking {
	b.Guest = Guest{}
	return b
}

// Names are the clients by name, for the coach: "Sam and Alex".
func (b Booking) Names() string {
	if b.Guest.ID == "" {
		return b.Name
	}
	if b.second {
		return b.Guest.Name + " and " + b.Name
	}
	return b.Name + " and " + b.Guest.Name
}

// Unsafe names the clients to whom no letter goes, for the coach.
func (b Booking) Unsafe() []string {
	var names []string
	if !b.SafeToEmail {
		names = append(names, b.Name)
	}
	if b.Guest.ID != "" && !b.Guest.SafeToEmail {
		names = append(names, b.Guest.Name)
	}
	return names
}

// Departed names the clients who have left and whose joint hour still stands,
// for the coach, who decides what becomes of it.
func (b Booking) Departed() []string {
	var names []string
	if b.Gone {
		names = append(names, b.Name)
	}
	if b.Guest.Gone {
		names = append(names, b.Guest.Name)
	}
	return names
}

// Written reports whether anything was written with it, by or to either client.
func (b Booking) Written() bool { return b.LaneID != "" || b.Guest.LaneID != "" }

// taken reads a booking for a change under a link that was looked at before. Of
// the client it must still be theirs to know.
func taken(b Booking, side Party) func(context.Context, *pg.Tx) (Booking, error) {
	return func(ctx context.Context, tx *pg.Tx) (Booking, error) {
		now, err := findForChange(ctx, tx, b.ID)
		if err != nil || side == ByCoach {
			return now, err
		}
		if own, known := now.As(b.PersonID); known {
			return own, nil
		}
		return Booking{}, ErrNoBooking
	}
}

// again reads a booking as it stands after another copy of an act.
func (s *Service) again(ctx context.Context, b Booking) (Booking, error) {
	now, err := Find(ctx, s.DB, b.ID)
	if err != nil {
		return Booking{}, err
	}
	now, _ = now.seat(b.PersonID)
	return now, nil
}

// ofPersons is the condition that a booking is one of the persons $1, on either
// seat.
const ofPersons = `b.id in (
	select m.id from booking m where m.person_id = any ($1)
	union all
	select o.booking_id from booking_guest o where o.person_id = any ($1))`

package booking

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/availability"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/slot"

	"github.com/google/uuid"
)

// The slugs of refusals, for programs.
const (
	SlotTaken       = "slot-taken"       // somebody else has it, or it is too near to something
	SlotUnavailable = "slot-unavailable" // it was never on offer, or no longer is
	BookingClosed   = "booking-closed"   // cancelled or past
)

// Refused is a time that cannot be booked, with the times nearest to it that
// can be.
type Refused struct {
	Fault        *fault.Error
	Reason       slot.Reason
	Alternatives []slot.Slot
}

// Error is the sentence for the log.
func (r *Refused) Error() string { return r.Fault.Error() }

// Unwrap lets the fault inside be found.
func (r *Refused) Unwrap() error { return r.Fault }

// made is what an operation key remembers of a booking: enough to give the very
// answer that was given then.
type made struct {
	ID     ID        `json:"id"`
	Status Status    `json:"status"`
	Start  time.Time `json:"start"`
	End    time.Time `json:"end"`
}

// Book promises an hour to somebody who has no account. The answer never
// depends on what is known of the address. A second copy of the same act
// returns the booking that the first one made.
//
// Errors: Invalid with fields; ErrNoType, ErrNoCoach; *Refused with slug
// slot-taken or slot-unavailable; slug idempotency-mismatch, together with the
// booking that the key stands for.
func (s *Service) Book(ctx context.Context, r Request) (Booking, error) {
	if r.Type == "" {
		return Booking{}, r.check(availability.TypeOffer{})
	}
	offer, err := s.typeOffer(ctx, r.Type, r.Coach, false)
	if err != nil {
		return Booking{}, err
	}
	if err := r.check(offer); err != nil {
		return Booking{}, err
	}
	r.Key.Fingerprint = s.Links.Fingerprint("book", r.fingerprint())

	var b Booking
	err = s.DB.InTx(ctx, func(tx *pg.Tx) error {
		b, err = s.bookIn(ctx, tx, offer, r)
		return err
	})
	if err == nil {
		s.wake()
		return b, nil
	}
	if earlier, ok, findErr := s.settledBooking(ctx, r.Key); ok || findErr != nil {
		return earlier, findErr
	}
	return Booking{}, s.refuse(ctx, offer, r.Start, "", err)
}

// bookIn is the transaction of Book: lock, look, choose, write.
func (s *Service) bookIn(ctx context.Context, tx *pg.Tx, offer availability.TypeOffer, r Request) (Booking, error) {
	if err := lockCoaches(ctx, tx, offer); err != nil {
		return Booking{}, err
	}
	// The hour is judged by the clock after the wait for the lock.
	now := s.Now()
	coach, err := s.choose(ctx, tx, offer, r.Start, now, "")
	if err != nil {
		return Booking{}, err
	}
	person, _, err := people.FindOrCreate(ctx, tx, r.Email, r.Name, r.Timezone, r.SafeToEmail, now)
	if err != nil {
		return Booking{}, err
	}
	b := newBooking(offer, coach, person, r, now)
	if err := s.insert(ctx, tx, b, offer, r, audit.Actor{Kind: audit.Visitor}, now); err != nil {
		return Booking{}, err
	}
	return b, s.postMade(ctx, tx, b, offer.Practice.RemindBefore(), now)
}

// lockCoaches makes everyone who wants an hour of these coaches wait for each
// other. Ids in order, so that no two wait crosswise.
func lockCoaches(ctx context.Context, tx *pg.Tx, offer availability.TypeOffer) error {
	keys := make([]string, len(offer.Coaches))
	for i, c := range offer.Coaches {
		keys[i] = coachLock(c.ID)
	}
	slices.Sort(keys)
	if err := tx.Lock(ctx, keys...); err != nil {
		return fmt.Errorf("lock coaches: %w", err)
	}
	return nil
}

func coachLock(id people.ID) string { return "coach " + string(id) }

// unfit is the reason for which nobody can take the hour.
type unfit struct{ reason slot.Reason }

func (u unfit) Error() string { return "not offered: " + string(u.reason) }

// choose judges the start with each coach of the offer, by the function that
// drew the page, and picks who takes it. Requests that nobody answered in time
// are written off on the way.
func (s *Service) choose(ctx context.Context, tx *pg.Tx, offer availability.TypeOffer, start, now time.Time, moving ID) (availability.Bookable, error) {
	sq := slot.Query{From: start, To: start.Add(time.Second), Now: now, Moving: string(moving)}
	cal, err := gather(ctx, tx, offer, sq)
	if err != nil {
		return availability.Bookable{}, err
	}
	free, why := judge(offer.Type.Rules(), cal.coaches, start, sq)
	if len(free) == 0 {
		return availability.Bookable{}, unfit{why}
	}
	if err := s.expire(ctx, tx, now, cal.due...); err != nil {
		return availability.Bookable{}, err
	}
	var load map[string]int
	if len(free) > 1 {
		if load, err = readLoad(ctx, tx, offer, now); err != nil {
			return availability.Bookable{}, err
		}
	}
	chosen, _ := offer.Coach(slot.Choose(free, load))
	return chosen, nil
}

// judge lists the coaches who can take the start. With none it gives a reason,
// and of several the one under which the hour could have been had: "just taken"
// is more of a help than "never on offer".
func judge(t slot.Type, coaches []slot.Coach, start time.Time, sq slot.Query) (free []string, why slot.Reason) {
	why = slot.OffGrid
	for _, c := range coaches {
		reason := slot.Check(t, c, start, sq)
		if reason == slot.Offered {
			free = append(free, c.Slug)
		} else if why == slot.OffGrid || isTaken(reason) {
			why = reason
		}
	}
	return free, why
}

// isTaken reports whether a reason means that others were first.
func isTaken(r slot.Reason) bool {
	return r == slot.Booked || r == slot.Buffer || r == slot.Busy || r == slot.DayFull
}

func newBooking(offer availability.TypeOffer, coach availability.Bookable, person people.ID, r Request, now time.Time) Booking {
	t := offer.Type
	b := Booking{
		ID: ID(uuid.NewString()), Status: Confirmed, Start: r.Start.UTC(), End: r.Start.UTC().Add(t.Duration()),
		CalendarUID: uuid.NewString(), Generation: 1, Timezone: r.Timezone, Name: r.Name, Phone: r.Phone, Place: t.Place,
		SafeToEmail: r.SafeToEmail, HasWords: r.words() != words{}, MadeAt: now, ChangedAt: now, AcceptedAt: now,
		PersonID: person, Email: r.Email,
		CoachID: coach.ID, CoachSlug: coach.Slug, CoachName: coach.Name, CoachEmail: coach.Email, CoachZone: coach.Timezone,
		OwnGeneration: 1, MeetingURL: coach.MeetingURL, TypeID: string(t.ID), TypeSlug: t.Slug, TypeName: t.Name,
		Practice: offer.Practice.Name, Discreet: offer.Practice.DiscreetName, ReplyTo: offer.Practice.Email, PracticeZone: offer.Practice.Timezone,
	}
	if t.Approval() > 0 {
		b.Status, b.AcceptedAt = Pending, time.Time{}
		b.ExpiresAt = answerBy(now, t.Approval(), b.Start)
	}
	return b
}

// answerBy is until when a request waits for the coach: as long as the type
// says, and never past the hour itself.
func answerBy(now time.Time, approval time.Duration, start time.Time) time.Time {
	if by := now.Add(approval); by.Before(start) {
		return by
	}
	return start
}

// insert writes the booking, its other client, its operation key and its audit
// line in one statement. A type that is had once per person marks the second one for the
// coach; the person's answer is the same.
func (s *Service) insert(ctx context.Context, tx *pg.Tx, b Booking, offer availability.TypeOffer, r Request, by audit.Actor, now time.Time) error {
	lane, sealed, err := s.sealWords(ctx, tx, b, r.words(), now)
	if err != nil {
		return err
	}
	outcome, err := json.Marshal(made{b.ID, b.Status, b.Start, b.End})
	if err != nil {
		return fmt.Errorf("book: %w", err)
	}
	detail, err := audit.Entry{Detail: change{To: &b.Start, Status: b.Status, Against: b.Against}}.DetailJSON()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		with booked as (
			insert into booking (id, coach_id, type_id, person_id, status, starts_at, ends_at,
				buffer_before_minutes, buffer_after_minutes, calendar_uid, name, timezone, phone, place,
				safe_to_email, repeated, lane_id, words, made_at, changed_at, expires_at, accepted_at, against, engagement_id, known_lane_id, credits, free_until)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
				$16 and exists (
					select from booking e
					where e.person_id = $4 and e.type_id = $3
					  and e.status in ('held', 'pending', 'confirmed', 'completed', 'no_show')),
				nullif($17, '')::uuid, $18, $19, $19, $20, $21, $29, nullif($30, '')::uuid, nullif($31, '')::uuid, $36, $37)
			returning id
		), accompanied as (
			insert into booking_guest (booking_id, person_id, name, timezone, safe_to_email)
			select id, nullif($32, '')::uuid, $33, $34, $35 from booked where $32 <> ''
		), settled as (
			insert into operation (scope, key, fingerprint, outcome, made_at)
			select $22, $23, $24, $25, $19 from booked where $23 <> ''
		)
		select audit_record($19, $27, nullif($28, '')::uuid, 'booking made', id, $26) from booked`,
		b.ID, b.CoachID, b.TypeID, b.PersonID, b.Status, b.Start, b.End,
		offer.Type.BeforeMinutes, offer.Type.AfterMinutes, b.CalendarUID, b.Name, b.Timezone, b.Phone, b.Place,
		b.SafeToEmail, offer.Type.OncePerPerson, lane, sealed, now, instant(b.ExpiresAt), instant(b.AcceptedAt),
		r.Key.Scope, r.Key.Text, r.Key.Fingerprint, string(outcome), detail,
		string(by.Kind), by.ID, b.Against, string(b.Engagement), string(b.KnownLane),
		string(b.Guest.ID), b.Guest.Name, b.Guest.Timezone, b.Guest.SafeToEmail, b.Credits, instant(b.FreeUntil))
	if err != nil {
		return fmt.Errorf("book: %w", err)
	}
	return nil
}

// sealWords seals what the person wrote in their enquiry lane. Without words
// there is no lane.
func (s *Service) sealWords(ctx context.Context, tx *pg.Tx, b Booking, w words, now time.Time) (engagement.LaneID, []byte, error) {
	if w == (words{}) {
		return "", nil, nil
	}
	lane, err := engagement.EnquiryLane(ctx, tx, s.Keys, b.PersonID, now)
	if err != nil {
		return "", nil, err
	}
	plain, err := json.Marshal(w)
	if err != nil {
		return "", nil, fmt.Errorf("book: %w", err)
	}
	sealed, err := lane.Seal(plain, "booking", "words", string(b.ID))
	return lane.ID, sealed, err
}

// settledBooking finds the booking that another copy of this act has made. Of
// one that was sent with another content it gives the booking and the mismatch.
func (s *Service) settledBooking(ctx context.Context, key once.Key) (Booking, bool, error) {
	var was made
	found, err := once.Find(ctx, s.DB, key, &was)
	if !found || err != nil && !fault.Is(err, once.Mismatch) {
		return Booking{}, found, err
	}
	b, findErr := Find(ctx, s.DB, was.ID)
	if findErr != nil {
		return Booking{}, true, findErr
	}
	b.Status, b.Start, b.End = was.Status, was.Start.UTC(), was.End.UTC()
	b.ExpiresAt = time.Time{} // a request had not run out when this was answered
	return b, true, err
}

// refuse turns what stopped an act that wants an hour into what the person is
// told. Whoever lost a race is told so, with the times nearest to the one they
// wanted.
func (s *Service) refuse(ctx context.Context, offer availability.TypeOffer, start time.Time, moving ID, err error) error {
	var u unfit
	switch {
	case errors.As(err, &u):
	case pg.Violates(err, "booking_one_promise"), pg.IsDeadlock(err):
		u = unfit{slot.Booked}
	default:
		return err
	}
	if !isTaken(u.reason) && u.reason != slot.Past && u.reason != slot.Notice {
		return &Refused{Fault: fault.Named(fault.Invalid, SlotUnavailable, sayUnavailable(u.reason)), Reason: u.reason}
	}
	near, nearErr := s.nearest(ctx, offer, start, moving)
	if nearErr != nil {
		return nearErr
	}
	kind, slug := fault.Conflict, SlotTaken
	if !isTaken(u.reason) {
		kind, slug = fault.Invalid, SlotUnavailable
	}
	return &Refused{Fault: fault.Named(kind, slug, sayUnavailable(u.reason)), Reason: u.reason, Alternatives: near}
}

func sayUnavailable(r slot.Reason) string {
	switch r {
	case slot.Past:
		return "This time has passed. Please choose another one; what you typed is kept."
	case slot.Notice:
		return "This time is too soon to be booked now. Please choose a later one; what you typed is kept."
	case slot.Horizon:
		return "This time is further ahead than can be booked now. Please choose an earlier one; what you typed is kept."
	case slot.OffGrid:
		return "This time is not one that can be booked. Please choose one of the times shown; what you typed is kept."
	}
	return "This time has just been taken. Please choose another one; what you typed is kept."
}

// instant is a time as the database takes it: the zero time is no time.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

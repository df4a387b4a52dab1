package booking

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kintsugi/internal/mail"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
)

// Sample is a letter as it would arrive, about a call that nobody booked.
type Sample struct {
	Kind     string
	Title    string // "Booked"
	ToCoach  bool
	Composed mail.Composed
}

// sampleTitles names each kind of letter that can be shown, in the order in
// which a call meets them.
var sampleTitles = []struct{ kind, title string }{
	{letterConfirmed, "Booked"}, {letterRequested, "Asked for"}, {letterAccepted, "Accepted"},
	{letterDeclined, "Declined"}, {letterExpired, "Not answered in time"}, {reminderKinds[0], "Reminder"},
	{letterMoved, "Moved"}, {letterAsked, "Asked to move"}, {letterCancelled, "Cancelled"},
	{letterConfirmedCoach, "Booked"}, {letterRequestedCoach, "Asked for"}, {letterAcceptedCoach, "Accepted"},
	{letterDeclinedCoach, "Declined"}, {letterExpiredCoach, "Not answered in time"}, {letterMovedCoach, "Moved"},
	{letterAskedCoach, "Asked to move"}, {letterCancelledCoach, "Cancelled"}, {letterUnreached, "Could not be delivered"},
}

// Samples composes every kind of letter of this room with the practice's own
// names, about a call by video a week from now. It reads and writes nothing.
// The links in it open nothing, since there is no such booking.
func (s *Service) Samples(p practice.Basics, coach people.Coach, now time.Time) ([]Sample, error) {
	samples := make([]Sample, 0, len(sampleTitles))
	for _, known := range sampleTitles {
		sc, ok := scripts[known.kind]
		if slices.Contains(reminderKinds, known.kind) {
			sc, ok = reminder, true
		}
		if !ok {
			return nil, fmt.Errorf("sample letter: there is no letter %q", known.kind)
		}
		composed, err := s.compose(sampleBooking(p, coach, sc, now), sc)
		if err != nil {
			return nil, fmt.Errorf("sample letter %s: %w", known.kind, err)
		}
		samples = append(samples, Sample{Kind: known.kind, Title: known.title, ToCoach: strings.HasSuffix(known.kind, "-coach"), Composed: *composed})
	}
	return samples, nil
}

// sampleBooking is a call of Sam Taylor, whom nobody knows, in the state that a
// letter is true of.
func sampleBooking(p practice.Basics, coach people.Coach, sc script, now time.Time) Booking {
	start := now.UTC().Truncate(24*time.Hour).AddDate(0, 0, 7).Add(14 * time.Hour)
	b := Booking{
		ID: "00000000-0000-4000-8000-000000000000", CalendarUID: "00000000-0000-4000-8000-000000000001", Generation: 1,
		Status: sc.status, Start: start, End: start.Add(30 * time.Minute), MadeAt: now, ChangedAt: now,
		Timezone: p.Timezone, Name: "Sam Taylor", Email: "sam@example.org", Place: practice.Video, SafeToEmail: true,
		PersonID: "00000000-0000-4000-8000-000000000002", CoachID: coach.ID, CoachSlug: coach.Slug, CoachName: coach.Name,
		CoachEmail: coach.Email, CoachZone: coach.Timezone, MeetingURL: coach.MeetingURL,
		Practice: p.Name, Discreet: p.DiscreetName, ReplyTo: p.Email, PracticeZone: p.Timezone,
	}
	if b.Status == "" {
		b.Status = Confirmed
	}
	switch b.Status {
	case Pending:
		b.ExpiresAt = now.Add(48 * time.Hour)
	case Confirmed, Cancelled:
		b.AcceptedAt = now
	}
	if sc.moved {
		b.MovedFrom = start.Add(-24 * time.Hour)
	}
	if sc.moved || !b.Status.Live() {
		b.Change = 1
	}
	return b
}

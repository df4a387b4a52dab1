package booking

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/civil"
	"kintsugi/internal/mail"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

// script is one kind of letter: to whom, for which state it is true, and what
// it says. The words name neither the kind of call nor the coach nor anything
// that somebody typed: the letter may be read by another, and the address may
// not be the writer's own.
type script struct {
	side    Party
	status  Status // for which it is true; empty: as long as the hour is taken
	subject string // after the discreet name; %s is the day and hour
	first   string // the opening sentence
	more    []string
	invite  bool // carries the calendar entry
	moved   bool // says where the call was before
}

var scripts = map[string]script{
	letterConfirmed: {side: ByPerson, status: Confirmed, subject: "%s", invite: true,
		first: "Your call is booked. The invitation in this email puts it into your calendar."},
	letterConfirmedCoach: {side: ByCoach, status: Confirmed, subject: "booked, %s", invite: true,
		first: "A call has been booked with you."},
	letterRequested: {side: ByPerson, status: Pending, subject: "request for %s",
		first: "Your request has arrived and the hour is kept for you. You will hear from us once it has been accepted."},
	letterRequestedCoach: {side: ByCoach, status: Pending, subject: "please answer: %s",
		first: "Somebody asks for a call with you. The hour is kept for them until you answer."},
	letterAccepted: {side: ByPerson, status: Confirmed, subject: "%s", invite: true,
		first: "Your request was accepted: the call is booked. The invitation in this email puts it into your calendar."},
	letterAcceptedCoach: {side: ByCoach, status: Confirmed, subject: "accepted, %s", invite: true,
		first: "You accepted this call. The invitation in this email puts it into your calendar."},
	letterDeclined: {side: ByPerson, status: Declined, subject: "about %s",
		first: "We are sorry: this hour cannot be given to you. You are welcome to choose another one."},
	letterDeclinedCoach: {side: ByCoach, status: Declined, subject: "declined, %s",
		first: "You declined this call. The hour is free again."},
	letterExpired: {side: ByPerson, status: Expired, subject: "about %s",
		first: "We are sorry: your request was not answered in time, so the hour is no longer kept for you. You are welcome to choose another one."},
	letterExpiredCoach: {side: ByCoach, status: Expired, subject: "ran out, %s",
		first: "This request was not answered in time. The hour is free again, and the person has been told."},
	letterMoved: {side: ByPerson, status: Confirmed, subject: "now %s", invite: true, moved: true,
		first: "Your call has been moved. The invitation in this email changes it in your calendar."},
	letterMovedCoach: {side: ByCoach, status: Confirmed, subject: "moved, now %s", invite: true, moved: true,
		first: "This call has been moved."},
	letterAsked: {side: ByPerson, status: Pending, subject: "request for %s", moved: true,
		first: "You asked to move your call. The new hour is kept for you, and the old one is given up. You will hear from us once it has been accepted."},
	letterAskedCoach: {side: ByCoach, status: Pending, subject: "please answer: %s", moved: true,
		first: "Somebody asks to move a call with you. The new hour is kept for them until you answer."},
	letterCancelled: {side: ByPerson, status: Cancelled, subject: "cancelled, %s", invite: true,
		first: "Your call has been cancelled. The note in this email takes it out of your calendar. You are welcome to choose another time."},
	letterCancelledCoach: {side: ByCoach, status: Cancelled, subject: "cancelled, %s", invite: true,
		first: "This call has been cancelled. The hour is free again."},
	letterUnreached: {side: ByCoach, subject: "undelivered, %s",
		first: "A letter of ours about this call could not be delivered: the mail server does not know the address. It may have been mistyped. The call stands until somebody cancels it."},
}

// fits reports whether the letter is true of a booking with this status.
func (sc script) fits(status Status) bool {
	return status == sc.status || sc.status == "" && status.Live()
}

// reminder is what every reminder says.
var reminder = script{side: ByPerson, status: Confirmed, subject: "%s", first: "This is a reminder of your call."}

// Composers write the letters of this room, each by reading the booking as it
// stands at the moment of sending.
func (s *Service) Composers() map[string]mail.Composer {
	all := map[string]mail.Composer{}
	for kind, sc := range scripts {
		all[kind] = s.composer(sc)
	}
	for _, kind := range reminderKinds {
		all[kind] = s.composer(reminder)
	}
	return all
}

func (s *Service) composer(sc script) mail.Composer {
	return func(ctx context.Context, q pg.Conn, l mail.Queued) (*mail.Composed, error) {
		b, err := Find(ctx, q, ID(l.About))
		if err == ErrNoBooking {
			return nil, mail.Skip("the booking is gone")
		}
		if err != nil {
			return nil, err
		}
		if sc.side == ByPerson {
			own, known := b.As(people.ID(l.Recipient))
			if !known {
				return nil, mail.Skip("the person does not know of it any more")
			}
			b = own
		}
		switch {
		case b.Change != l.Change || !sc.fits(b.Status) || b.Due(l.Now):
			return nil, mail.Skip("the booking has changed since")
		case sc.side == ByCoach && !b.CoachActive:
			return nil, mail.Skip("the coach does not work here any more")
		case sc.side == ByPerson && !b.SafeToEmail:
			return nil, mail.Hold("mail is not safe for this person")
		case b.Status.Live() && !l.Now.Before(b.Start):
			return nil, mail.Skip("the call has begun")
		case sc.side == ByPerson:
			held, why, err := people.MailHeld(ctx, q, b.PersonID)
			if err != nil {
				return nil, err
			}
			if held {
				return nil, mail.Hold(why)
			}
		}
		composed, err := s.compose(b, sc)
		if err != nil {
			return nil, err
		}
		return composed, b.sayCredits(ctx, q, sc, &composed.Letter, l.Now)
	}
}

func (s *Service) compose(b Booking, sc script) (*mail.Composed, error) {
	zone := practice.Zone(b.Timezone)
	to := mail.Address{Email: b.Email}
	if sc.side == ByCoach {
		zone = practice.Zone(b.CoachZone)
		to = mail.Address{Name: b.CoachName, Email: b.CoachEmail}
	}
	at := b.Start.In(zone)
	letter := mail.Letter{
		Subject:    b.Discreet + ": " + fmt.Sprintf(sc.subject, at.Format("Monday 2 January, 15:04")),
		Preheader:  civil.WhenExact(b.Start, zone),
		Greeting:   "Hello,",
		Paragraphs: append([]string{sc.first}, sc.more...),
		Facts:      s.facts(b, sc, zone),
		Actions:    s.actions(b, sc),
		Footer:     []string{fmt.Sprintf("%s sent this email because a call was booked with this address.", b.Discreet)},
	}
	if sc.side == ByCoach {
		letter.Footer = []string{fmt.Sprintf("%s sent this email because the call is with you.", b.Discreet)}
	}
	if b.Engagement != "" && sc.side == ByPerson {
		letter.Footer = []string{fmt.Sprintf("%s sent this email because a call with you is arranged.", b.Discreet)}
	} else if sc.side == ByPerson && b.Status.Live() {
		letter.Closing = append(letter.Closing, "If you did not ask for this call, somebody may have typed your address by mistake. The page behind the link lets you cancel it.")
	}
	if b.Repeated {
		letter.Paragraphs = append(letter.Paragraphs, sayRepeated(sc.side))
	}
	// The words themselves stand on the page alone: somebody else may open this.
	if sc.side == ByPerson && b.HasNote && (sc.moved || !b.Status.Live()) {
		letter.Paragraphs = append(letter.Paragraphs, "There are a few words for you on the page behind the link.")
	}
	// What was never put into a calendar is not taken out of it.
	if sc.invite && b.Status.Live() || !b.Status.Live() && !b.AcceptedAt.IsZero() {
		invitation, err := b.invitation(sc.side)
		if err != nil {
			return nil, err
		}
		letter.Calendar = invitation
	}
	return &mail.Composed{
		From: mail.Address{Name: b.Discreet, Email: b.ReplyTo}, ReplyTo: mail.Address{Name: b.Discreet, Email: b.ReplyTo},
		To: to, Letter: letter,
	}, nil
}

// sayRepeated tells of a call that is had once per person and was booked again.
// It is said to the address alone, never to whoever typed it.
func sayRepeated(side Party) string {
	if side == ByCoach {
		return "This address has booked such a call before."
	}
	return "There has been such a call with this address before. It is meant to be had once, so we may write to you about it."
}

// facts are the lines a reader looks for.
func (s *Service) facts(b Booking, sc script, zone *time.Location) []mail.Fact {
	var facts []mail.Fact
	if sc.moved && !b.MovedFrom.IsZero() {
		facts = append(facts, mail.Fact{Label: "Was", Value: civil.WhenExact(b.MovedFrom, zone)},
			mail.Fact{Label: "Now", Value: civil.WhenExact(b.Start, zone)})
	} else {
		facts = append(facts, mail.Fact{Label: "When", Value: civil.WhenExact(b.Start, zone)})
	}
	facts = append(facts, mail.Fact{Label: "How long", Value: civil.Duration(b.End.Sub(b.Start))})
	if b.Status.Live() {
		facts = append(facts, mail.Fact{Label: "Where", Value: b.where(), URL: b.JoinURL()})
	}
	if sc.side == ByCoach {
		facts = append(facts, mail.Fact{Label: "Who", Value: b.Names()})
		if b.Phone != "" {
			facts = append(facts, mail.Fact{Label: "Number", Value: b.Phone})
		}
		if b.HasWords {
			facts = append(facts, mail.Fact{Label: "They wrote", Value: "Open the page to read it."})
		}
		for _, note := range b.Cautions() {
			facts = append(facts, mail.Fact{Label: "Please note", Value: note})
		}
		if b.Status == Pending {
			facts = append(facts, mail.Fact{Label: "Answer by", Value: civil.WhenExact(b.ExpiresAt, zone)})
		}
	}
	return facts
}

// Cautions are what a coach has to know before they write to anybody or wait
// for anybody.
func (b Booking) Cautions() []string {
	var notes []string
	for _, name := range b.Unsafe() {
		if b.Guest.ID == "" {
			name = "this person"
		}
		notes = append(notes, "Mail is not safe for "+name+". Do not write to them.")
	}
	for _, name := range b.Departed() {
		notes = append(notes, name+" has left, gets no letters about this call and does not see it any more.")
	}
	return notes
}

// actions are the links of a letter. They lead to a page; only a form on it
// acts, because mail scanners open every link.
func (s *Service) actions(b Booking, sc script) []mail.Action {
	page := s.URLFor(b, sc.side)
	switch {
	case sc.side == ByCoach && b.Status == Pending:
		return []mail.Action{{Words: "Accept or decline", URL: page}}
	case sc.side == ByPerson && !b.Status.Live() && b.Engagement == "":
		return []mail.Action{{Words: "Choose another time", URL: s.Site + "/book/" + b.TypeSlug}, {Words: "See this call", URL: page}}
	case !b.Status.Live():
		return []mail.Action{{Words: "See this call", URL: page}}
	}
	acts := []mail.Action{{Words: "See, move or cancel", URL: page}}
	if url := b.JoinURL(); url != "" {
		acts = append(acts, mail.Action{Words: "Join the call", URL: url})
	}
	return acts
}

package engagement

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/mail"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"

	"github.com/google/uuid"
)

// The kinds of letters of this room. None says what it is about: the partner
// may read it, over a shoulder or in a shared inbox.
const (
	letterInvited = "engagement-invited"
	letterNews    = "something-to-see"
	letterCoach   = "engagement-changed-coach"
)

// PostNews tells somebody that there is something to see, without a word of
// what, and in the morning where it is night. About is the id of what it is: the
// same thing is told once a state.
func (s *Service) PostNews(ctx context.Context, tx *pg.Tx, to people.ID, about string, now time.Time) error {
	zone, err := ZoneOf(ctx, tx, to)
	if err != nil {
		return err
	}
	order := NewsOrder(to, about, now)
	order.NotBefore = Awake(now, zone)
	return mail.Post(ctx, tx, now, order)
}

// NewsOrder is the order of PostNews, for whoever sends it at another time.
func NewsOrder(to people.ID, about string, now time.Time) mail.Order {
	return mail.Order{Kind: letterNews, About: about, Change: int(now.Unix() / 60), Recipient: string(to)}
}

// tellCoach lets the coach know that a client has answered or left.
func (s *Service) tellCoach(ctx context.Context, tx *pg.Tx, e Engagement, now time.Time) error {
	return mail.Post(ctx, tx, now, mail.Order{Kind: letterCoach, About: uuid.NewString(), Recipient: string(e.CoachID)})
}

// Words are what a letter says that says nothing: the end of its subject, one
// sentence, and the page behind the sign-in.
type Words struct{ Subject, Say, Path string }

// NewsWords and CoachWords tell a client, and the coach, that there is
// something to see.
var (
	NewsWords  = Words{"there is something to see", "There is something new for you to see. Sign in with this address when it suits you.", "/portal"}
	CoachWords = Words{"something has changed", "Something has changed with the people you work with. Sign in to see it.", "/desk/engagements"}
)

// Composers write the letters of this room.
func (s *Service) Composers() map[string]mail.Composer {
	invited := Words{"there is something for you", "There is something for you. Sign in with this address to see it.", "/portal"}
	all := map[string]mail.Composer{}
	for kind, words := range map[string]Words{letterInvited: invited, letterNews: NewsWords, letterCoach: CoachWords} {
		all[kind] = func(ctx context.Context, q pg.Conn, l mail.Queued) (*mail.Composed, error) {
			return s.Neutral(ctx, q, people.ID(l.Recipient), words)
		}
	}
	return all
}

// Neutral writes a letter that says only that there is something, for the rooms
// above too. It is skipped for who is gone and held for who wants no mail.
func (s *Service) Neutral(ctx context.Context, q pg.Conn, recipient people.ID, say Words) (*mail.Composed, error) {
	to, err := people.Find(ctx, q, recipient)
	if fault.KindOf(err) == fault.NotFound {
		return nil, mail.Skip("the person is gone")
	}
	if err != nil {
		return nil, err
	}
	if to.Email == "" {
		return nil, mail.Skip("the person has no address")
	}
	held, why, err := people.MailHeld(ctx, q, to.ID)
	if err != nil {
		return nil, err
	}
	if held {
		return nil, mail.Hold(why)
	}
	safety, err := people.ContactHistory(ctx, q, to)
	if err != nil {
		return nil, err
	}
	if safety[0].MayEmail == people.No { // also who said so when they first wrote
		return nil, mail.Hold("mail is not safe for this person")
	}
	from, err := s.Letterhead(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("letterhead: %w", err)
	}
	return &mail.Composed{From: from, ReplyTo: from, To: mail.Address{Email: to.Email}, Letter: mail.Letter{
		Subject:    from.Name + ": " + say.Subject,
		Preheader:  "Nothing is said here.",
		Greeting:   "Hello,",
		Paragraphs: []string{say.Say, "If this is not a good moment, leave it: it waits for you."},
		Actions:    []mail.Action{{Words: "Sign in", URL: s.Site + "/sign-in?next=" + say.Path}},
		Footer:     []string{from.Name + " sent this email. The link signs nobody in by itself: a code and, where it matters, a second proof are needed."},
	}}, nil
}

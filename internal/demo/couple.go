package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/intake"
	"kintsugi/internal/note"
	"kintsugi/internal/office"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/questions"
	"kintsugi/internal/reception"
	"kintsugi/internal/slot"
)

// partner is one of the two people whom the demonstration follows further than
// the first call: what they answered and wrote, each for themselves.
type partner struct {
	name, email string
	answers     questions.Answers // to "Before we start"
	forCoach    note.Words        // what they wrote to their coach alone
	forSelf     note.Words        // what they wrote for nobody
	fromCoach   note.Words        // what their coach wrote to them alone
}

// couple are Priya and Tom, who see things differently, as two people do.
func couple() [2]partner {
	return [2]partner{
		{
			name: "Priya Raman", email: "priya.raman@example.com",
			answers: questions.Answers{
				"goal":     {"To stop checking his phone. I do not like who I am when I do it."},
				"happened": {"Messages to somebody from his old office, for most of last year. I found them in March."},
				"tried":    {"Talking about it between us", "Books or a course"},
				"helped":   {"We agreed on a rule for phones. I broke it before he did, and said so."},
				"believe":  {"6"},
			},
			forCoach:  note.Words{Title: "Something for you alone", Body: "I have written to her. Once, in April. She did not answer and I have told nobody.\n\nI do not know yet whether he has to know. I want to talk about it with you first."},
			forSelf:   note.Words{Title: "What I would say to him", Body: "That I was happy on that beach, and that I hate that he was writing to her from it."},
			fromCoach: note.Words{Title: "After our hour, for you", Body: "You said you want to tell him before he finds out, and that you are afraid of the first minute.\n\n- The sentence we found: “I did something in April that I have not told you.”\n- Not on a Sunday evening.\n- You can bring it here, if you would rather not be alone with it."},
		},
		{
			name: "Tom Ellery", email: "tom.ellery@example.com",
			answers: questions.Answers{
				"goal":     {"To be asked about something else than this, now and then."},
				"happened": {"I wrote to somebody I used to work with. It was not what it looks like. It was not nothing either."},
				"tried":    {"Talking about it between us"},
				"helped":   {"Answering every question. Until it was not the last one."},
				"believe":  {"4"},
				"careful":  {"Her father. He does not know, and comes every Sunday."},
			},
			forCoach:  note.Words{Title: "", Body: "I still have one photograph. I cannot say why I keep it. I have not looked at it since summer."},
			forSelf:   note.Words{Title: "List", Body: "- Ring my brother\n- Delete it, or know why not"},
			fromCoach: note.Words{Title: "After our hour, for you", Body: "You asked how long this takes. Nobody knows. What helps is that you answer before you are asked.\n\nThis week: one thing a day that she did not have to ask for."},
		},
	}
}

// forBoth is what the coach wrote after the first hour with both.
var forBoth = note.Words{Title: "After our first hour", Body: `## What we looked at

How a question at eleven at night turns into an argument at one.

## What you agreed to try

- Questions go into the hour on Wednesday. Before that, they are written down.
- Whoever is asked may say: not now, and then says when.

## Next time

What each of you needs in the first minute after coming home.`}

// forTheCoach is what nobody else reads.
var forTheCoach = note.Words{Title: "My own notes", Body: "Both arrive early and sit apart. He looks to her before he answers.\n\nSupervision: what I do with two things that I know and that they do not know of each other."}

// coupleWord is what the coach told each of them in the call, with their last
// name behind it.
const coupleWord = "linden harbour"

// bringCouple begins the work with the couple: both have accepted and signed,
// answered their form alone, and written what only they and their coach read.
// Doing it again changes nothing. It gives the two, for signing in as them.
func bringCouple(ctx context.Context, h House, coach people.Coach) ([]Client, error) {
	r := &reception.Reception{DB: h.Booking.DB, Keys: h.Booking.Keys, Booking: h.Booking, Engagement: h.Engagement, Now: h.Booking.Now}
	var both []Client
	var invited []reception.Invitee
	for _, p := range couple() {
		person, err := h.person(ctx, p)
		if err != nil {
			return nil, err
		}
		both = append(both, Client{Person: person, Name: p.name, Email: p.email})
		invited = append(invited, reception.Invitee{Name: p.name, Email: p.email, Safe: people.Yes, Word: coupleWord + " " + lastOf(p.name)})
	}
	key := once.Key{Scope: scope, Text: "demo-couple", Fingerprint: []byte("couple")}
	var begun engagement.ID
	if found, err := once.Find(ctx, h.Booking.DB, key, &begun); found || err != nil {
		return both, err
	}
	id, err := r.StartEngagement(ctx, coach, invited, engagement.ReadyPolicy(engagement.Confidential, coach.Name), key)
	if err != nil {
		return nil, fmt.Errorf("begin with the couple: %w", err)
	}
	for i, p := range couple() {
		if err := h.comeIn(ctx, r, coach, id, both[i].Person, p.name, invited[i].Word); err != nil {
			return nil, fmt.Errorf("%s comes in: %w", p.name, err)
		}
	}
	for i, p := range couple() {
		if err := h.fillIn(ctx, coach, id, both[i].Person, p); err != nil {
			return nil, fmt.Errorf("%s fills in: %w", p.name, err)
		}
	}
	if err := h.writeNotes(ctx, coach, id, both); err != nil {
		return nil, fmt.Errorf("notes on the couple: %w", err)
	}
	if err := h.giveSessions(ctx, coach, id, both[0].Person); err != nil {
		return nil, fmt.Errorf("sessions of the couple: %w", err)
	}
	return both, h.bookSession(ctx, coach, id)
}

// lastOf is the last word of a name, so that each is told a word of their own.
func lastOf(name string) string {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == ' ' {
			return name[i+1:]
		}
	}
	return name
}

func (h House) person(ctx context.Context, p partner) (id people.ID, err error) {
	err = h.Booking.DB.InTx(ctx, func(tx *pg.Tx) error {
		id, _, err = people.FindOrCreate(ctx, tx, p.email, p.name, "Europe/London", true, h.Booking.Now())
		return err
	})
	return id, err
}

// comeIn accepts and signs as a client does, and stands as one at the desk.
func (h House) comeIn(ctx context.Context, r *reception.Reception, coach people.Coach, id engagement.ID, who people.ID, name, word string) error {
	var refused *fault.Error
	err := h.Booking.DB.InTxAs(ctx, string(who), func(tx *pg.Tx) (err error) {
		refused, err = h.Engagement.Accept(ctx, tx, who, id, word, h.Booking.Now())
		return err
	})
	if refused != nil {
		err = refused
	}
	if err != nil {
		return err
	}
	versions, err := engagement.Policies(ctx, h.Booking.DB, id)
	if err != nil {
		return err
	}
	if err := r.SignPolicy(ctx, who, id, versions[0].ID, name); err != nil {
		return err
	}
	if err := r.SayContact(ctx, who, people.Contact{MayEmail: people.Yes, MayCall: people.Yes, MayLeave: people.No}, reception.Unseen); err != nil {
		return err
	}
	return r.Place(ctx, booking.Viewer{ID: coach.ID, Role: coach.Role}, who, office.Standing{Stage: office.Client})
}

// fillIn sends the form, answers it, alone, and has the coach read it, so that the
// list of who looked is not empty.
func (h House) fillIn(ctx context.Context, coach people.Coach, id engagement.ID, who people.ID, p partner) error {
	forms, now := &intake.Service{Engagement: h.Engagement}, h.Booking.Now()
	var sheets []intake.ID
	err := h.Booking.DB.InTxAs(ctx, string(coach.ID), func(tx *pg.Tx) (err error) {
		sheets, err = forms.Send(ctx, tx, coach.ID, id, intake.Sending{Form: "intake", To: []people.ID{who}}, now)
		return err
	})
	if err != nil {
		return err
	}
	err = h.Booking.DB.InTxAs(ctx, string(who), func(tx *pg.Tx) error {
		draft, err := forms.Save(ctx, tx, who, sheets[0], intake.Typing{Answers: p.answers}, now)
		if err != nil {
			return err
		}
		_, err = forms.HandIn(ctx, tx, who, sheets[0], intake.Seen{Draft: draft.Version}, once.Key{}, now)
		return err
	})
	if err != nil {
		return err
	}
	return h.Booking.DB.InTxAs(ctx, string(coach.ID), func(tx *pg.Tx) error {
		_, err := forms.Read(ctx, tx, coach.ID, sheets[0], now)
		return err
	})
}

// writeNotes writes what each wrote, in the lane where it belongs.
func (h House) writeNotes(ctx context.Context, coach people.Coach, id engagement.ID, both []Client) error {
	notes := &note.Service{DB: h.Booking.DB, Engagement: h.Engagement, Now: h.Booking.Now}
	write := func(author people.ID, lane engagement.LaneID, w note.Words, share bool) error {
		n, err := notes.Begin(ctx, author, lane, "", w, once.Key{})
		if err != nil || !share {
			return err
		}
		return notes.Share(ctx, author, n, 1)
	}
	lanes, err := engagement.Lanes(ctx, h.Booking.DB, coach.ID, id)
	if err != nil {
		return err
	}
	for _, l := range lanes {
		switch l.Kind {
		case engagement.CoachLane:
			err = write(coach.ID, l.ID, forTheCoach, false)
		case engagement.JointLane:
			err = write(coach.ID, l.ID, forBoth, true)
		case engagement.IndividualLane:
			for i, p := range couple() {
				if both[i].Person == l.Of {
					if err = write(both[i].Person, l.ID, p.forCoach, true); err == nil {
						err = write(coach.ID, l.ID, p.fromCoach, true)
					}
				}
			}
		}
		if err != nil {
			return err
		}
	}
	for i, p := range couple() {
		var own engagement.LaneID
		err := h.Booking.DB.InTxAs(ctx, string(both[i].Person), func(tx *pg.Tx) (err error) {
			own, err = h.Engagement.Personal(ctx, tx, both[i].Person, h.Booking.Now())
			return err
		})
		if err != nil {
			return err
		}
		if err := write(both[i].Person, own, p.forSelf, false); err != nil {
			return err
		}
	}
	return nil
}

// giveSessions puts sessions into the couple's wallet, and some into the wallet
// of one of them, of which the other finds nothing.
func (h House) giveSessions(ctx context.Context, coach people.Coach, id engagement.ID, one people.ID) error {
	now := h.Booking.Now()
	return h.Booking.DB.InTx(ctx, func(tx *pg.Tx) error {
		for _, g := range []credit.GiveOf{
			{Holder: credit.Holder{Engagement: id}, Sessions: 6, Types: practice.Slugs{"couple-session"}, Until: now.AddDate(0, 0, 180).Format(time.DateOnly), Reason: "six sessions for two"},
			{Holder: credit.Holder{Person: one}, Sessions: 4, Types: practice.Slugs{"individual-session"}, Until: now.AddDate(0, 0, 120).Format(time.DateOnly), Reason: "four sessions for one"},
		} {
			g.Key = "demo " + g.Reason
			if _, err := credit.Give(ctx, tx, h.Booking.Keys, coach, g, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// bookSession books the couple's next hour, where one is free.
func (h House) bookSession(ctx context.Context, coach people.Coach, id engagement.ID) error {
	zone, err := booking.Zone(coach.Timezone)
	if err != nil {
		return err
	}
	v := booking.Viewer{ID: coach.ID, Role: coach.Role}
	from := slot.DateOf(h.Booking.Now().In(zone)).AddDays(5).Start(zone)
	for hour := range 24 * 10 {
		start := from.Add(time.Duration(hour) * time.Hour)
		if h := start.In(zone).Hour(); h < 9 || h > 18 {
			continue
		}
		_, err := h.Booking.BookSession(ctx, v, booking.Session{Type: "couple-session", Coach: coach.Slug, Start: start, Engagement: id, Use: true,
			Key: once.Key{Scope: scope, Text: "demo-couple-session " + start.Format(time.RFC3339)}}, nil)
		if err == nil {
			return nil
		}
		var against *booking.AgainstRules
		if kind := fault.KindOf(err); kind != fault.Conflict && kind != fault.Invalid && !errors.As(err, &against) {
			return fmt.Errorf("book the couple's hour: %w", err)
		}
	}
	return nil // the visitor, or a holiday, has taken every hour
}

package intake

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"

	"github.com/google/uuid"
)

// Sending is a form that a coach sends by hand.
type Sending struct {
	Form  string      // slug
	To    []people.ID // of a form for the joint lane nobody is named: it goes to both
	DueOn string      // a date, by which it should be answered; may be empty
}

// errNoJoint explains why a form for two is not sent to one.
var errNoJoint = fault.InvalidField("form", "This form is answered by two people, and there are not two here who have accepted. Choose one that goes to one person alone.")

// Send asks clients of a coach to fill in a form. In the joint lane both are
// asked at once; else each who is named, on a sheet that only they and the coach
// know of. A lane that waits for signatures takes it: it is answered later.
//
// Errors: ErrNothing, ErrLaneClosed; Invalid with fields form, to, due_on.
func (s *Service) Send(ctx context.Context, tx *pg.Tx, coach people.ID, in engagement.ID, what Sending, now time.Time) ([]ID, error) {
	lanes, err := ownLanes(ctx, tx, coach, in)
	if err != nil {
		return nil, err
	}
	form, err := practice.FindForm(ctx, tx, what.Form)
	if fault.KindOf(err) == fault.NotFound || err == nil && form.Withdrawn {
		return nil, fault.InvalidField("form", "Choose a form from the list.")
	}
	if err != nil {
		return nil, err
	}
	if what.DueOn, err = readDue(what.DueOn, now); err != nil {
		return nil, err
	}
	targets, err := targetsOf(form.Lane, lanes, what.To)
	if err != nil {
		return nil, err
	}
	var sent []ID
	for _, lane := range targets {
		ids, err := s.ask(ctx, tx, asking{coach: coach, by: coach, form: form, lane: lane, due: what.DueOn}, now)
		if err != nil {
			return nil, err
		}
		if len(ids) == 0 {
			return nil, fault.InvalidField("form", "This form waits to be answered already. Take that one back first, or wait for the answers.")
		}
		sent = append(sent, ids...)
	}
	return sent, nil
}

// ownLanes are the lanes of an engagement, for its coach.
func ownLanes(ctx context.Context, tx *pg.Tx, coach people.ID, in engagement.ID) ([]engagement.LaneInfo, error) {
	lanes, err := engagement.Lanes(ctx, tx, coach, in)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(lanes, func(l engagement.LaneInfo) bool { return l.Kind == engagement.CoachLane }) {
		return nil, engagement.ErrNothing
	}
	return lanes, nil
}

// targetsOf gives the lanes that a form goes into.
func targetsOf(kind string, lanes []engagement.LaneInfo, to []people.ID) ([]engagement.LaneInfo, error) {
	var open, found []engagement.LaneInfo
	for _, l := range lanes {
		if string(l.Kind) == kind && l.ClosedAt.IsZero() {
			open = append(open, l)
		}
	}
	if kind == practice.Joint {
		if len(open) == 0 {
			return nil, errNoJoint
		}
		return open, nil
	}
	for _, l := range open {
		if slices.Contains(to, l.Of) {
			found = append(found, l)
		}
	}
	if len(found) == 0 || len(found) != len(to) {
		return nil, fault.InvalidField("to", "Choose whom to send it to, among those who have accepted.")
	}
	return found, nil
}

// readDue reads by when a form should be answered.
func readDue(text string, now time.Time) (string, error) {
	if text == "" {
		return "", nil
	}
	day, err := time.Parse(time.DateOnly, text)
	switch {
	case err != nil:
		return "", fault.InvalidField("due_on", "Write a date, such as 2026-12-01, or leave this empty.")
	case day.Before(now.Add(-36*time.Hour)) || day.After(now.AddDate(1, 0, 0)):
		return "", fault.InvalidField("due_on", "Choose a day from today on, within a year.")
	}
	return text, nil
}

// asking is a form on its way into one lane.
type asking struct {
	coach    people.ID
	by       people.ID // the coach, or nobody at an occasion
	occasion string
	form     practice.Form
	lane     engagement.LaneInfo
	due      string
}

// ask makes the sheets of one lane. It makes none where one of them waits to be
// answered already.
func (s *Service) ask(ctx context.Context, tx *pg.Tx, a asking, now time.Time) ([]ID, error) {
	if _, _, err := s.Engagement.Write(ctx, tx, a.coach, a.lane.ID); err != nil && err != engagement.ErrLaneWaits {
		return nil, err
	}
	var clients []string
	for _, r := range a.lane.Readers {
		if !r.Coach {
			clients = append(clients, string(r.Person))
		}
	}
	round := ""
	if a.lane.Kind == engagement.JointLane {
		round = uuid.NewString()
		if len(clients) != 2 {
			return nil, errNoJoint
		}
	}
	if err := tx.Lock(ctx, "sheets in "+string(a.lane.ID)); err != nil {
		return nil, err
	}
	var rows []struct {
		ID     ID        `db:"id"`
		Person people.ID `db:"person_id"`
	}
	if err := tx.Select(ctx, &rows, `
		insert into sheet (lane_id, person_id, form_id, form_version, round_id, sent_by, occasion, sent_at, due_on, state, state_at)
		select $1, c, $3, $4, nullif($5, '')::uuid, nullif($6, '')::uuid, nullif($7, ''), $8, nullif($9, '')::date, 'open', $8
		from unnest(cast($2 as uuid[])) as named (c)
		where not exists (
			select from sheet o where o.lane_id = $1 and o.form_id = $3 and o.state = 'open')
		returning id, person_id`,
		a.lane.ID, pg.Array(clients), a.form.ID, a.form.FormVersion.Version, round, string(a.by), a.occasion, now.UTC(), a.due); err != nil {
		return nil, fmt.Errorf("send form: %w", err)
	}
	ids := make([]ID, 0, len(rows))
	for _, row := range rows {
		ids = append(ids, row.ID)
		if err := s.postSent(ctx, tx, row.ID, row.Person, now); err != nil {
			return nil, err
		}
		by := byCoach(a.by)
		if a.by == "" {
			by = audit.Actor{Kind: audit.System}
		}
		if err := audit.Record(ctx, tx, audit.Entry{At: now, Actor: by, Act: "form sent", About: string(a.lane.ID),
			Detail: map[string]string{"item": string(row.ID), "occasion": a.occasion}}); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// SendOn sends what the practice sends by itself when a client books or buys
// for the first time in a lane, joint or individual; what is asked about safety
// is sent with whichever comes first. A second call sends nothing, and neither
// does one for somebody who has not accepted. It may be called in any
// transaction, whoever reads in it.
func (s *Service) SendOn(ctx context.Context, tx *pg.Tx, occasion string, person people.ID, in engagement.ID, kind engagement.LaneKind, now time.Time) error {
	var coach people.ID
	err := tx.Get(ctx, &coach, `
		select e.coach_id
		from engagement e
		join participant m on m.engagement_id = e.id and m.person_id = $2 and m.state = 'accepted'
		where e.id = $1`, string(in), string(person))
	if pg.NoRows(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("send on %s: %w", occasion, err)
	}
	return as(ctx, tx, coach, func() error {
		lanes, err := engagement.Lanes(ctx, tx, coach, in)
		if err != nil {
			return err
		}
		for _, lane := range lanes {
			if !lane.ClosedAt.IsZero() || lane.Kind != engagement.JointLane && lane.Of != person ||
				lane.Kind != kind && lane.Kind != engagement.SafetyLane {
				continue
			}
			if err := s.sendFirst(ctx, tx, occasion, coach, lane, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// Booked sends what goes out with the first hour of a client's own, or of both:
// it hears of each that is promised.
func (s *Service) Booked(ctx context.Context, tx *pg.Tx, b booking.Booking, now time.Time) error {
	kind := engagement.IndividualLane
	if b.Joint {
		kind = engagement.JointLane
	}
	for _, own := range b.Clients() {
		if err := s.SendOn(ctx, tx, practice.FirstBooking, own.PersonID, b.Engagement, kind, now); err != nil {
			return err
		}
	}
	return nil
}

// sendFirst sends what is sent at an occasion in one lane, if it is the first.
func (s *Service) sendFirst(ctx context.Context, tx *pg.Tx, occasion string, coach people.ID, lane engagement.LaneInfo, now time.Time) error {
	first, err := tx.Exec(ctx, `
		insert into sheet_occasion (lane_id, occasion, at) values ($1, $2, $3)
		on conflict on constraint sheet_occasion_pkey do nothing`, lane.ID, occasion, now.UTC())
	if err != nil {
		return fmt.Errorf("send on %s: %w", occasion, err)
	}
	if first == 0 {
		return nil
	}
	forms, err := practice.FormsSentOn(ctx, tx, occasion)
	if err != nil {
		return err
	}
	for _, form := range forms {
		if form.Lane != string(lane.Kind) {
			continue
		}
		if _, err := s.ask(ctx, tx, asking{coach: coach, occasion: occasion, form: form, lane: lane}, now); err != nil {
			return err
		}
	}
	return nil
}

// as acts as somebody for a part of a transaction that another began.
func as(ctx context.Context, tx *pg.Tx, who people.ID, act func() error) error {
	var before string
	if err := tx.Get(ctx, &before, `select coalesce(current_setting('kintsugi.viewer', true), '')`); err != nil {
		return fmt.Errorf("say who reads: %w", err)
	}
	if err := tx.As(ctx, string(who)); err != nil {
		return err
	}
	if err := act(); err != nil {
		return err // the transaction is lost, and who reads in it with it
	}
	return tx.As(ctx, before)
}

// Withdraw takes a form back that was not answered yet; of one that both clients
// were asked, what has not been answered of it. The client keeps what they had
// typed; nobody else ever sees it.
func (s *Service) Withdraw(ctx context.Context, tx *pg.Tx, coach people.ID, in engagement.ID, id ID, now time.Time) error {
	if _, err := ownLanes(ctx, tx, coach, in); err != nil {
		return err
	}
	sheet, err := Find(ctx, tx, coach, id)
	if err != nil {
		return err
	}
	if sheet.Engagement != in {
		return engagement.ErrNothing
	}
	if err := hold(ctx, tx, sheet); err != nil {
		return err
	}
	var taken []ID
	if err := tx.Select(ctx, &taken, `
		update sheet set state = 'withdrawn', state_at = $3
		where lane_id = $4 and (id = $1 or round_id = nullif($2, '')::uuid) and state = 'open'
		returning id`, id, sheet.Round, now.UTC(), sheet.Lane); err != nil {
		return fmt.Errorf("withdraw form: %w", err)
	}
	if len(taken) == 0 && sheet.State != Withdrawn {
		return fault.New(fault.Conflict, "This form has been answered, so it cannot be taken back.")
	}
	for _, one := range taken {
		if err := audit.Record(ctx, tx, audit.Entry{At: now, Actor: byCoach(coach), Act: "form taken back", About: sheet.about(),
			Detail: map[string]ID{"item": one}}); err != nil {
			return err
		}
	}
	return nil
}

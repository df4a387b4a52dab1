package availability

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"kintsugi/internal/calendar"
	"kintsugi/internal/job"
	"kintsugi/internal/outbound"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/slot"
)

// The kinds of jobs: the round that finds what is to be read, and the reading
// of one calendar.
const (
	roundKind = "calendars"
	readKind  = "read-calendar"
)

// How calendars are read.
const (
	readEvery = 10 * time.Minute
	// readAhead is read beyond the furthest start that can be booked, so that an
	// unchanged file need not be read again at every look.
	readAhead = 30 * 24 * time.Hour
	// emptyFor is how long a calendar must come empty before that is believed.
	emptyFor = time.Hour
	// reader changes whenever a file would be read in another way than before.
	reader = "1"
)

// Refresher reads outside calendars in the background. No page waits for it: what
// it read last stays in the database until something better is known.
type Refresher struct {
	DB    *pg.DB
	Fetch *outbound.Client
	// Own tells which of these UIDs are those of a coach's own bookings, which come
	// back when the coach's calendar has taken them in. Nil means none.
	Own func(ctx context.Context, q pg.Conn, coach people.ID, uids []string) ([]string, error)
	Now func() time.Time
	Log *slog.Logger
}

// Register adds the job handlers and answers the work that comes round again.
// Reading waits for other people's servers, so its runner should be one of its
// own.
func (r *Refresher) Register(handlers map[string]job.Handler) []job.Recurring {
	handlers[roundKind] = func(ctx context.Context, _ json.RawMessage) error {
		return r.DB.InTx(ctx, func(tx *pg.Tx) error { return Refresh(ctx, tx, r.Now()) })
	}
	handlers[readKind] = r.read
	return []job.Recurring{job.Every(roundKind, readEvery)}
}

// Refresh has every outside calendar read that is written down, each by a job of
// its own. It takes note of new addresses and forgets those that are gone,
// together with what was read there. Whoever changes addresses or choices calls
// it in the same transaction, so that they take effect at once.
func Refresh(ctx context.Context, tx *pg.Tx, now time.Time) error {
	_, err := tx.Exec(ctx, `
		with written as (
			select distinct h.coach_id, encode(sha256(convert_to(a.address, 'UTF8')), 'hex') as address_hash
			from coach_hours h
			cross join lateral jsonb_array_elements_text(h.busy_calendars) as a(address)
		), gone as (
			delete from calendar_source s
			where not exists (select 1 from written w where w.coach_id = s.coach_id and w.address_hash = s.address_hash)
			returning s.coach_id, cast(s.id as text) as calendar
		), freed as (
			delete from busy b using gone g where b.coach_id = g.coach_id and b.calendar = g.calendar
		)
		insert into calendar_source (coach_id, address_hash, made_at)
		select w.coach_id, w.address_hash, $1 from written w
		on conflict on constraint calendar_source_once do nothing`, now)
	if err != nil {
		return fmt.Errorf("note outside calendars: %w", err)
	}
	var ids []string
	err = tx.Select(ctx, &ids, `
		select s.id from calendar_source s join coach c on c.person_id = s.coach_id
		where c.active
		order by s.fetched_at nulls first, s.id`)
	if err != nil {
		return fmt.Errorf("note outside calendars: %w", err)
	}
	jobs := make([]job.Job, len(ids))
	for i, id := range ids {
		jobs[i] = job.Job{Kind: readKind, Args: readArgs{id}, RunAt: now, Unique: readKind + " " + id}
	}
	return job.Add(ctx, tx, jobs...)
}

type readArgs struct {
	Calendar string `json:"calendar"`
}

// source is a calendar as its reading needs it.
type source struct {
	ID           string     `db:"id"`
	CoachID      people.ID  `db:"coach_id"`
	AddressHash  string     `db:"address_hash"`
	ETag         string     `db:"etag"`
	LastModified string     `db:"last_modified"`
	ReadUntil    *time.Time `db:"read_until"`
	ReadAs       string     `db:"read_as"`
	EmptySince   *time.Time `db:"empty_since"`
	Events       int        `db:"events"`
	Addresses    string     `db:"busy_calendars"`
	IgnoreAllDay bool       `db:"ignore_all_day"`
	Horizon      int        `db:"horizon"`

	hours slot.Hours
}

// read reads the calendar that a job names. What its server does wrong is noted
// with the calendar and is no failure of the job: the next round is near.
func (r *Refresher) read(ctx context.Context, args json.RawMessage) error {
	var a readArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return job.Permanent(fmt.Errorf("read calendar: arguments: %w", err))
	}
	s, err := findSource(ctx, r.DB, a.Calendar)
	if pg.NoRows(err) {
		return nil // the coach took it away meanwhile
	}
	if err != nil {
		return fmt.Errorf("read calendar: %w", err)
	}
	address, ok := s.address()
	if !ok {
		return nil
	}
	began := r.Now()
	until, as := began.Add(time.Duration(s.Horizon+3)*24*time.Hour), s.as()
	var known outbound.Known
	if s.ReadUntil != nil && s.ReadUntil.After(until) && s.ReadAs == as && s.EmptySince == nil {
		known = outbound.Known{ETag: s.ETag, LastModified: s.LastModified}
	}
	answer, err := r.Fetch.Get(ctx, address, known)
	if ctx.Err() != nil {
		return ctx.Err() // we are being stopped; the calendar is not to blame
	}
	if err != nil {
		return r.failed(ctx, s, outbound.ClassOf(err), began)
	}
	if answer.Unchanged {
		return r.unchanged(ctx, s, began)
	}
	busy, err := calendar.ReadBusy(answer.Body, calendar.Reading{
		From: began.Add(-48 * time.Hour), To: until.Add(readAhead),
		Home:         func(label time.Time) *time.Location { return zoneOn(s.hours, slot.DateOf(label)) },
		IgnoreAllDay: s.IgnoreAllDay,
	})
	if err != nil {
		return r.failed(ctx, s, classOf(err), began)
	}
	if busy.Events == 0 && s.Events > 0 && (s.EmptySince == nil || began.Sub(*s.EmptySince) < emptyFor) {
		return r.failed(ctx, s, "suddenly empty", began)
	}
	if err := r.withoutOwn(ctx, s, &busy); err != nil {
		return fmt.Errorf("read calendar: %w", err)
	}
	return r.replace(ctx, s, busy, answer.Known, until.Add(readAhead), as, began)
}

// withoutOwn leaves out the coach's own bookings, which are taken already.
func (r *Refresher) withoutOwn(ctx context.Context, s source, busy *calendar.Busy) error {
	if r.Own == nil || len(busy.Spans) == 0 {
		return nil
	}
	seen := make(map[string]bool)
	var uids []string
	for _, span := range busy.Spans {
		if !seen[span.UID] {
			seen[span.UID] = true
			uids = append(uids, span.UID)
		}
	}
	own, err := r.Own(ctx, r.DB, s.CoachID, uids)
	if err != nil {
		return err
	}
	ours := make(map[string]bool, len(own))
	for _, uid := range own {
		ours[uid] = true
	}
	kept := busy.Spans[:0]
	for _, span := range busy.Spans {
		if !ours[span.UID] {
			kept = append(kept, span)
		}
	}
	busy.Spans = kept
	return nil
}

// classOf is the class of a file that could not be read.
func classOf(err error) string {
	switch {
	case errors.Is(err, calendar.ErrTooLarge):
		return outbound.TooLarge
	case errors.Is(err, calendar.ErrTooMuch):
		return "repeats too much"
	case errors.Is(err, calendar.ErrCutShort):
		return outbound.CutShort
	}
	return "not a calendar"
}

// zoneOn is the zone that a coach lives by on a date. Of trips that overlap the
// one that begins last wins, as it does for their hours.
func zoneOn(h slot.Hours, date slot.Date) *time.Location {
	zone, from := h.Home, slot.Date{}
	for _, t := range h.Travel {
		if !date.Before(t.From) && !t.To.Before(date) && !t.From.Before(from) {
			zone, from = t.Zone, t.From
		}
	}
	return zone
}

// address finds the address that the source stands for.
func (s source) address() (string, bool) {
	var addresses []string
	if err := json.Unmarshal([]byte(s.Addresses), &addresses); err != nil {
		return "", false
	}
	for _, a := range addresses {
		if hash(a) == s.AddressHash {
			return a, true
		}
	}
	return "", false
}

// as names everything besides the file that decides how it is read.
func (s source) as() string {
	text := fmt.Sprint(reader, s.IgnoreAllDay, s.hours.Home)
	for _, t := range s.hours.Travel {
		text += fmt.Sprint(" ", t.From, t.To, t.Zone)
	}
	return hash(text)
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

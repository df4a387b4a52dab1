package reception

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Trace is one line of the audit as somebody may read it.
type Trace struct {
	ID      int64             `db:"id"`
	At      time.Time         `db:"at"`
	Kind    audit.ActorKind   `db:"actor_kind"`
	Actor   string            `db:"actor"`
	ByName  string            `db:"by_name"` // empty for who is no longer here
	Act     string            `db:"act"`
	About   string            `db:"about"`
	Person  string            `db:"person"`     // the person it is about, as an id
	Whom    string            `db:"about_name"` // that person's name
	StartAt *time.Time        `db:"starts_at"`  // of the call it is about
	What    string            `db:"what"`       // of the type, article or form it is about
	Raw     string            `db:"detail"`
	names   map[string]string // of ids in Raw
}

// Search says which lines of the audit are looked for.
type Search struct {
	Act      string    // empty: all
	Person   people.ID // who acted or whom it is about; empty: all
	From, To time.Time // half open
	Before   string    // the mark of the page before
}

// Trail is one page of the audit, the latest line first.
type Trail struct {
	Lines []Trace
	Next  string
}

const tracesPerPage = 50

// ofLanes are the acts on what lies in a lane. That there is something is itself
// private, so a line about it is for those who may read the lane.
const ofLanes = `(a.act like 'note %' or a.act like 'notes %' or a.act like 'form answer%'
	or a.act in ('form sent', 'form taken back', 'consent taken back', 'lane erased', 'lane erased again'))`

// ofTheirs are the acts of a client that are nobody's to know at the desk: that they
// began to write something or threw it away, which their coach finds once it is
// shared, and when they read what was shared with them.
const ofTheirs = `(a.actor_kind = 'person' and a.act in ('note begun', 'note discarded', 'note read', 'notes listed', 'notes searched', 'form answers read'))`

// ReadTrail reads who did what. The owner sees every line but those that would
// tell that something was written to another coach. A coach sees those about
// bookings and engagements with them, and about lanes that they read, but of a
// client's drafts and reading nothing. Ids become names now, as far as they still
// exist, so that a line about somebody erased names nobody.
func ReadTrail(ctx context.Context, q pg.Conn, v booking.Viewer, s Search) (Trail, error) {
	if v.Role == people.Assistant {
		return Trail{}, ErrNobody
	}
	at, id, err := readTraceMark(s.Before)
	if err != nil {
		return Trail{}, err
	}
	args := []any{v.ID, s.From, s.To, at, id, tracesPerPage + 1}
	where := ` and not ` + ofTheirs
	if v.Role != people.Owner {
		where += ` and (exists (select from booking o where o.id = a.about and o.coach_id = $1)
			or exists (select from engagement e where e.id = a.about and e.coach_id = $1)
			or exists (select from lane_reader r where r.lane_id = a.about and r.person_id = $1))`
	} else {
		where += ` and (a.act <> 'enquiry read' or exists (select from booking o where o.id = a.about and o.coach_id = $1))
			and (not ` + ofLanes + ` or exists (select from lane_reader r where r.lane_id = a.about and r.person_id = $1))`
	}
	if s.Act != "" {
		args = append(args, s.Act)
		where += ` and a.act = $` + strconv.Itoa(len(args))
	}
	if s.Person != "" {
		if !isID(string(s.Person)) {
			return Trail{}, nil
		}
		args = append(args, s.Person)
		n := strconv.Itoa(len(args))
		where += ` and (a.actor = $` + n + ` or a.about = $` + n + ` or a.about in (
			select pb.id from booking pb where pb.person_id = $` + n + `
			union all
			select pg.booking_id from booking_guest pg where pg.person_id = $` + n + `))`
	}
	var rows []Trace
	err = q.Select(ctx, &rows, `
		with line as (
			select a.id, a.at, a.actor_kind, a.actor, a.act, a.about, a.detail
			from audit a
			where a.at >= $2 and a.at < $3 and (a.at, a.id) < ($4, $5)`+where+`
			order by a.at desc, a.id desc
			limit $6
		)
		select l.id, l.at, l.actor_kind, coalesce(l.actor::text, '') as actor, coalesce(who.name, '') as by_name,
			l.act, coalesce(l.about::text, '') as about,
			coalesce(coalesce(b.person_id, whom.id)::text, '') as person, coalesce(bp.name, whom.name, '') as about_name,
			b.starts_at, coalesce(t.name, ar.title, fv.name, '') as what, l.detail::text as detail
		from line l
		left join person who on who.id = l.actor
		left join booking b on b.id = l.about
		left join person bp on bp.id = b.person_id
		left join person whom on whom.id = l.about
		left join appointment_type t on t.id = l.about
		left join article ar on ar.id = l.about
		left join form f on f.id = l.about
		left join form_version fv on fv.form_id = f.id and fv.version = f.version
		order by l.at desc, l.id desc`, args...)
	if err != nil {
		return Trail{}, fmt.Errorf("read trail: %w", err)
	}
	var out Trail
	for i := range rows {
		if i == tracesPerPage {
			last := rows[i-1]
			out.Next = last.At.UTC().Format(time.RFC3339Nano) + "_" + strconv.FormatInt(last.ID, 10)
			break
		}
		out.Lines = append(out.Lines, rows[i])
	}
	return out, out.nameIDs(ctx, q, v)
}

var anID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// nameIDs finds the names of the people whose ids the details hold, as far as
// the viewer may know them.
func (t *Trail) nameIDs(ctx context.Context, q pg.Conn, v booking.Viewer) error {
	ids := []string{}
	for _, l := range t.Lines {
		ids = append(ids, anID.FindAllString(l.Raw, -1)...)
	}
	if len(ids) == 0 {
		return nil
	}
	var found []struct {
		ID   string `db:"id"`
		Name string `db:"name"`
	}
	err := q.Select(ctx, &found, `
		select p.id::text as id, p.name
		from person p
		where p.id = any ($3) and (`+sees("p")+` or exists (select from coach c where c.person_id = p.id))`, everyone(v), v.ID, pg.Array(ids))
	if err != nil {
		return fmt.Errorf("name ids: %w", err)
	}
	names := map[string]string{}
	for _, f := range found {
		names[f.ID] = f.Name
	}
	for i := range t.Lines {
		t.Lines[i].names = names
	}
	return nil
}

func readTraceMark(mark string) (time.Time, int64, error) {
	if mark == "" {
		return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), 0, nil
	}
	stamp, number, _ := strings.Cut(mark, "_")
	at, err := time.Parse(time.RFC3339Nano, stamp)
	id, err2 := strconv.ParseInt(number, 10, 64)
	if err != nil || err2 != nil || at.Year() < 1 {
		return time.Time{}, 0, fault.New(fault.NotFound, "This page of the audit does not exist. Begin at the first one.")
	}
	return at.UTC(), id, nil
}

// Acts lists the acts that the viewer can find lines of, for choosing one: that
// there has been another, as of money or of words, is no more theirs than its
// lines.
func Acts(ctx context.Context, q pg.Conn, v booking.Viewer) ([]string, error) {
	var acts []string
	// One step along the index for each act, however many lines there are; and what
	// concerns the viewer, found by what it is about.
	err := q.Select(ctx, &acts, `
		with recursive found as (
			(select act from audit order by act limit 1)
			union all
			select (select a.act from audit a where a.act > found.act order by a.act limit 1)
			from found where found.act is not null
		)
		select a.act from found a where a.act is not null and cast($2 as boolean) and a.act <> 'enquiry read' and not `+ofLanes+`
		union
		select a.act
		from audit a
		where a.about in (
			select o.id from booking o where o.coach_id = $1
			union all
			select e.id from engagement e where e.coach_id = $1
			union all
			select r.lane_id from lane_reader r where r.person_id = $1) and not `+ofTheirs+`
		order by act`, v.ID, v.Role == people.Owner)
	if err != nil {
		return nil, fmt.Errorf("list acts: %w", err)
	}
	return acts, nil
}

// Fact is one thing that the audit holds of an act.
type Fact struct{ Name, Value string }

// longestFact bounds what is shown of one value.
const longestFact = 200

// Facts are the details of a line, flat and in order of their names. Times are
// said by say.
func (t Trace) Facts(say func(time.Time) string) []Fact {
	var detail any
	if json.Unmarshal([]byte(t.Raw), &detail) != nil {
		return nil
	}
	var facts []Fact
	t.flatten("", detail, say, &facts)
	return facts
}

func (t Trace) flatten(name string, value any, say func(time.Time) string, into *[]Fact) {
	switch v := value.(type) {
	case nil:
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			t.flatten(strings.TrimSpace(name+" "+strings.ReplaceAll(k, "_", " ")), v[k], say, into)
		}
	case []any:
		for i, one := range v {
			t.flatten(strings.TrimSpace(name+" "+strconv.Itoa(i+1)), one, say, into)
		}
	default:
		text := fmt.Sprint(v)
		if f, ok := v.(float64); ok {
			text = strconv.FormatFloat(f, 'f', -1, 64)
		}
		if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
			text = say(at)
		}
		// The row of an alarm is for whoever mends the database.
		if anID.FindString(text) == text && text != "" && !(t.Act == engagement.Refused && name == "row") {
			if text = t.names[text]; text == "" {
				text = "something that is not here, or not yours"
			}
		}
		if runes := []rune(text); len(runes) > longestFact {
			text = string(runes[:longestFact]) + "…"
		}
		*into = append(*into, Fact{name, text})
	}
}

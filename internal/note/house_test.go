package note_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/engagement"
	"kintsugi/internal/note"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
	"kintsugi/internal/seal"
	"kintsugi/internal/token"

	"github.com/google/uuid"
)

var at = time.Date(2026, 12, 7, 8, 0, 0, 0, time.UTC)

// house is a coach with a couple who have signed, another coach, and a stranger.
type house struct {
	t          testing.TB
	ctx        context.Context
	db         *pg.DB
	work       *engagement.Service
	notes      *note.Service
	mara, noor people.ID
	a, b, c    people.ID
	id         engagement.ID
}

func open(t testing.TB) *house {
	t.Helper()
	return openOn(t, pgtest.New(t))
}

func openOn(t testing.TB, db *pg.DB) *house {
	t.Helper()
	keys, err := seal.NewKeyset()
	h := &house{t: t, ctx: context.Background(), db: db}
	h.must(err)
	h.work = &engagement.Service{Keys: keys, Links: token.Key(strings.Repeat("k", 32))}
	h.notes = h.another(h.db)
	h.in(func(tx *pg.Tx) (err error) {
		if h.mara, err = people.SaveCoach(h.ctx, tx, people.Coach{Slug: "mara", Name: "Mara", Email: "mara@example.org", Role: people.Member, Timezone: "UTC", Active: true}, at); err != nil {
			return err
		}
		if h.noor, err = people.SaveCoach(h.ctx, tx, people.Coach{Slug: "noor", Name: "Noor", Email: "noor@example.org", Role: people.Owner, Timezone: "UTC", Active: true}, at); err != nil {
			return err
		}
		for i, p := range []*people.ID{&h.a, &h.b, &h.c} {
			name := []string{"Ana", "Ben", "Cal"}[i]
			if *p, _, err = people.FindOrCreate(h.ctx, tx, strings.ToLower(name)+"@example.com", name, "Europe/London", true, at); err != nil {
				return err
			}
		}
		if h.id, err = h.work.Start(h.ctx, tx, h.mara, []engagement.Invitee{{Person: h.a, Word: "harbour"}, {Person: h.b, Word: "lantern"}}, engagement.ReadyPolicy(engagement.Confidential, "Mara"), at); err != nil {
			return err
		}
		return nil
	})
	for who, word := range map[people.ID]string{h.a: "harbour", h.b: "lantern"} {
		h.in(func(tx *pg.Tx) error {
			refused, err := h.work.Accept(h.ctx, tx, who, h.id, word, at)
			if refused != nil {
				return refused
			}
			return err
		})
		h.in(func(tx *pg.Tx) error {
			versions, err := engagement.Policies(h.ctx, tx, h.id)
			if err != nil {
				return err
			}
			return h.work.Sign(h.ctx, tx, who, h.id, versions[0].ID, "A name", at)
		})
	}
	return h
}

func (h *house) another(db *pg.DB) *note.Service {
	return &note.Service{DB: db, Engagement: h.work, Now: func() time.Time { return at }}
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) in(act func(tx *pg.Tx) error) {
	h.t.Helper()
	h.must(h.db.InTx(h.ctx, act))
}

// lane is the lane of a kind that a viewer reads; of one client where it is the
// coach who asks.
func (h *house) lane(viewer people.ID, kind engagement.LaneKind, of people.ID) engagement.LaneInfo {
	h.t.Helper()
	found, err := engagement.Lanes(h.ctx, h.db, viewer, h.id)
	h.must(err)
	for _, l := range found {
		if l.Kind == kind && (of == "" || l.Of == of) {
			return l
		}
	}
	h.t.Fatalf("no %s lane", kind)
	return engagement.LaneInfo{}
}

func (h *house) begin(author people.ID, lane engagement.LaneInfo, title, body string) note.ID {
	h.t.Helper()
	id, err := h.notes.Begin(h.ctx, author, lane.ID, "", note.Words{Title: title, Body: body}, once.Key{})
	h.must(err)
	return id
}

// shared begins a note and shares it.
func (h *house) shared(author people.ID, lane engagement.LaneInfo, title, body string) note.ID {
	h.t.Helper()
	id := h.begin(author, lane, title, body)
	h.must(h.notes.Share(h.ctx, author, id, 1))
	return id
}

func (h *house) titles(viewer people.ID) string {
	h.t.Helper()
	found, err := h.notes.List(h.ctx, viewer, note.Where{})
	h.must(err)
	var titles []string
	for _, n := range found {
		titles = append(titles, n.Words.Title)
	}
	// Made in one instant, so their order is that of random ids.
	return sorted(titles)
}

// call is an hour that the coach has with somebody, and that another client may
// know of too. With no engagement it is from before there was one.
func (h *house) call(in engagement.ID, known engagement.LaneID, with, guest people.ID, start time.Time) string {
	h.t.Helper()
	id := uuid.NewString()
	h.in(func(tx *pg.Tx) error {
		var typed practice.TypeID
		err := tx.Get(h.ctx, &typed, `select id from appointment_type where slug = 'call'`)
		if pg.NoRows(err) {
			typed, err = practice.SaveType(h.ctx, tx, practice.Type{Slug: "call", Name: "Call", DurationMinutes: 60, Place: practice.Video, HorizonDays: 90, Lane: practice.Individual})
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(h.ctx, `
			insert into booking (id, coach_id, type_id, person_id, status, starts_at, ends_at, buffer_before_minutes, buffer_after_minutes,
				name, timezone, place, safe_to_email, made_at, changed_at, engagement_id, known_lane_id)
			values ($1, $2, $3, $4, 'confirmed', $5, $6, 0, 0, 'x', 'UTC', 'video', true, $7, $7, nullif($8, '')::uuid, nullif($9, '')::uuid)`,
			id, h.mara, typed, with, start, start.Add(time.Hour), at, string(in), string(known)); err != nil {
			return err
		}
		if guest == "" {
			return nil
		}
		_, err = tx.Exec(h.ctx, `
			insert into booking_guest (booking_id, person_id, name, timezone, safe_to_email) values ($1, $2, 'x', 'UTC', true)`, id, guest)
		return err
	})
	return id
}

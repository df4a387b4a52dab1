package note_test

import (
	"errors"
	"testing"
	"time"

	"kintsugi/internal/engagement"
	"kintsugi/internal/note"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// A note for both that was said to be about an hour of one of them alone told
// the other one that there was such an hour, and when.
func TestANoteIsAboutNoCallThatOneOfItsReadersMayNotKnowOf(t *testing.T) {
	h := open(t)
	lane := func(kind engagement.LaneKind, of people.ID) engagement.LaneInfo { return h.lane(h.mara, kind, of) }
	coach, joint := lane(engagement.CoachLane, ""), lane(engagement.JointLane, "")
	ofA, ofB := lane(engagement.IndividualLane, h.a), lane(engagement.IndividualLane, h.b)
	hour := func(day int) time.Time { return at.AddDate(0, 0, day) }
	calls := map[string]string{
		"both":    h.call(h.id, joint.ID, h.a, h.b, hour(1)),
		"a alone": h.call(h.id, ofA.ID, h.a, "", hour(2)),
		"a first": h.call("", "", h.a, "", hour(3)), // before there was an engagement
		"a third": h.call("", "", h.c, "", hour(4)), // somebody who is not in it
		"made up": "0b4c8d1e-8a3f-4f66-9c2b-7d5a1e2f3a4b",
	}
	for _, row := range []struct {
		call string
		in   engagement.LaneInfo
		may  bool
	}{
		{"both", joint, true}, {"both", ofA, true}, {"both", ofB, true}, {"both", coach, true},
		{"a alone", joint, false}, {"a alone", ofA, true}, {"a alone", ofB, false}, {"a alone", coach, true},
		{"a first", joint, false}, {"a first", ofA, true}, {"a first", ofB, false}, {"a first", coach, true},
		{"a third", joint, false}, {"a third", coach, false},
		{"made up", joint, false}, {"made up", coach, false},
	} {
		_, err := h.notes.Begin(h.ctx, h.mara, row.in.ID, calls[row.call], note.Words{Body: "x"}, once.Key{})
		if row.may && err != nil || !row.may && !errors.Is(err, engagement.ErrNothing) {
			t.Errorf("a call of %s in the %s lane: %v", row.call, row.in.Kind, err)
		}
	}
}

// One of two left, the hour was kept for the other alone and moved; whoever had
// left still read its new time above the note about it.
func TestWhoLeftACallIsNotToldItsTimeByANoteAboutIt(t *testing.T) {
	h := open(t)
	joint := h.lane(h.mara, engagement.JointLane, "")
	call := h.call(h.id, joint.ID, h.a, h.b, at.AddDate(0, 0, 3))
	id, err := h.notes.Begin(h.ctx, h.mara, joint.ID, call, note.Words{Body: "before we meet"}, once.Key{})
	h.must(err)
	h.must(h.notes.Share(h.ctx, h.mara, id, 1))
	when := func(who people.ID) bool {
		p, err := h.notes.Read(h.ctx, who, id)
		h.must(err)
		return !p.BookingAt.IsZero() && p.Booking == call
	}
	if !when(h.a) || !when(h.b) || !when(h.mara) {
		t.Fatal("somebody who knows of the call is not told when it is")
	}
	h.in(func(tx *pg.Tx) error { return h.work.Leave(h.ctx, tx, h.b, h.id, at.Add(time.Hour)) })
	if when(h.b) {
		t.Error("who left is told when the call is")
	}
	if !when(h.mara) || !when(h.a) {
		t.Error("who stays is not")
	}
}

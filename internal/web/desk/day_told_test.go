package desk_test

import (
	"net/url"
	"strings"
	"testing"

	"kintsugi/internal/booking"
)

// A coach accepted a call of somebody who had said that mail is not safe, read
// that they had been told, and waited for an answer that could not come.
func TestThePageClaimsNoLetterWhereMailIsNotSafe(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b, err := o.Book(o.ctx, booking.Request{Type: "asked", Coach: "mara", Start: onDay(2, 10, 0), Timezone: "Europe/Berlin",
		Name: "Aoife", Email: "aoife@example.com", Phone: "+44 20 7946 0000"})
	o.must(err)
	s := o.post(at(b)+"/accept", url.Values{"from": {"today"}})
	if s.status != 303 || s.to != "/desk?done=accepted-quietly" {
		t.Errorf("%d %s", s.status, s.to)
	}
	if body := whole(t, "today", o.get(s.to), 200); strings.Contains(body, "have been told") || !strings.Contains(body, "nothing was sent") {
		t.Error("the page says that they have been told")
	}
	moved := o.post(at(b)+"/move", url.Values{"start": {"2026-12-09T11:00:00Z"}})
	if moved.to != at(b)+"?done=moved-quietly" {
		t.Errorf("%d %s", moved.status, moved.to)
	}
	if body := whole(t, "the call", o.get(moved.to), 200); !strings.Contains(body, "Mail is not safe for them.") || !strings.Contains(body, "/desk/people/"+string(b.PersonID)) {
		t.Error("the call does not warn, or leads to nobody")
	}
	if s := o.post(at(b)+"/cancel", nil); s.to != at(b)+"?done=cancelled-quietly" {
		t.Errorf("%d %s", s.status, s.to)
	}
}

// After a cancellation the reminders still stand in the outbox, where they are
// dropped when their hour comes. The page must not frighten a coach with them.
func TestRemindersOfACancelledCallAreSaidNotToGoOut(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.asked("meet", "mara", "Ana Alvarez", onDay(3, 10, 0))
	if body := o.get(at(b)).body; !strings.Contains(body, "waits to be sent") {
		t.Fatal("no letter waits")
	}
	o.post(at(b)+"/cancel", nil)
	if body := o.get(at(b)).body; !strings.Contains(body, "will not be sent: the call has changed since") {
		t.Error("the reminder is said to go out")
	}
}

func TestATimeIsReadAsPeopleWriteItAndOpenedTimeLeadsBackToItsDay(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.asked("meet", "mara", "Ana Alvarez", onDay(1, 10, 0))
	o.post(at(b)+"/move", url.Values{"other_date": {"2026-12-09"}, "other_time": {"2.30 pm"}})
	if !o.found(b).Start.Equal(onDay(2, 14, 30)) {
		t.Errorf("moved to %s", o.found(b).Start)
	}
	o.post("/desk/block", url.Values{"coach": {"noor"}, "date": {"2026-12-16"}, "from": {"9"}, "to": {"1 pm"}, "op": {"op-1"}})
	blocks, err := o.Occupied(o.ctx, booking.Viewer{ID: o.mara.ID, Role: o.mara.Role}, ids(o.noor), onDay(0, 0, 0), onDay(14, 0, 0))
	o.must(err)
	if len(blocks) != 1 {
		t.Fatalf("%+v", blocks)
	}
	if s := o.post("/desk/blocks/"+string(blocks[0].ID)+"/open", nil); s.to != "/desk/schedule?done=opened&coach=noor&date=2026-12-16" {
		t.Errorf("%d %s", s.status, s.to)
	}
}

package booking_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
)

// as is a viewer in a role: one of the two coaches by slug, or somebody else.
func (h *house) as(slug string, role people.Role) booking.Viewer {
	h.t.Helper()
	c, err := people.FindCoach(h.ctx, h.DB, slug)
	h.must(err)
	return booking.Viewer{ID: c.ID, Role: role}
}

func (h *house) mara() booking.Viewer { return h.as("mara", people.Member) }

func (h *house) assistant() booking.Viewer {
	return booking.Viewer{ID: people.ID(uuid.NewString()), Role: people.Assistant}
}

func TestWhatIsNotYoursAnswersLikeWhatDoesNotExist(t *testing.T) {
	h := newHouse(t)
	r := ask("ana", at(10, 0))
	r.Message, r.Phone = "CANARY-otter", "+44 20 7946 0000"
	b, err := h.Book(h.ctx, r)
	h.must(err)
	noor := h.as("noor", people.Member)
	for _, id := range []booking.ID{b.ID, booking.ID(uuid.NewString()), "x", "", "urn:uuid:" + b.ID, "{" + b.ID[:34] + "}"} {
		acts := map[string]error{}
		_, acts["find"] = h.FindFor(h.ctx, noor, id)
		_, acts["accept"] = h.AcceptFor(h.ctx, noor, id)
		_, acts["decline"] = h.DeclineFor(h.ctx, noor, id, "")
		_, acts["cancel"] = h.CancelFor(h.ctx, noor, id, "")
		_, acts["move"] = h.MoveFor(h.ctx, noor, booking.Move{ID: id, Start: at(11, 0)})
		_, acts["complete"] = h.Complete(h.ctx, noor, id)
		_, acts["no show"] = h.NoShow(h.ctx, noor, id)
		_, acts["unmark"] = h.Unmark(h.ctx, noor, id)
		_, _, acts["words"] = h.ReadWordsFor(h.ctx, noor, id)
		for act, err := range acts {
			if !errors.Is(err, booking.ErrNotHere) {
				t.Errorf("%s %q: %v", act, id, err)
			}
		}
	}
	for _, v := range []booking.Viewer{h.as("noor", people.Owner), h.assistant()} {
		if _, err := h.FindFor(h.ctx, v, b.ID); err != nil {
			t.Errorf("%s: %v", v.Role, err)
		}
		if _, _, err := h.ReadWordsFor(h.ctx, v, b.ID); !errors.Is(err, booking.ErrNotHere) {
			t.Errorf("%s reads what was written to mara: %v", v.Role, err)
		}
	}
	seen, err := h.FindFor(h.ctx, h.assistant(), b.ID)
	h.must(err)
	if seen.Email+seen.Phone+seen.LaneID+seen.MeetingURL != "" || seen.HasWords || seen.Name != "Person ana" {
		t.Errorf("an assistant sees %+v", seen)
	}
	for _, v := range []booking.Viewer{noor, h.mara(), h.assistant()} {
		list, err := h.Schedule(h.ctx, v, []people.ID{b.CoachID, noor.ID}, at(0, 0), at(23, 0))
		h.must(err)
		if want := v.ID != noor.ID; (len(list) == 1) != want {
			t.Errorf("%s %s sees %d", v.Role, v.ID, len(list))
		}
	}
	_, words, err := h.ReadWordsFor(h.ctx, h.mara(), b.ID)
	h.must(err)
	lines, err := audit.About(h.ctx, h.DB, string(b.ID))
	h.must(err)
	if words.Message != "CANARY-otter" || lines[len(lines)-1].Act != "enquiry read" || lines[len(lines)-1].Actor != string(h.mara().ID) {
		t.Errorf("%+v, %+v", words, lines)
	}
}

// A coach answered in the letter and at the desk at once, one yes and one no;
// another scheduler sent both letters.
func TestAcceptedAndDeclinedAtOnceHasOneOutcomeAndOneSetOfLetters(t *testing.T) {
	h := newHouse(t, withApproval)
	b := h.book("ana", at(10, 0).AddDate(0, 0, 7))
	acts := []func() (booking.Booking, error){
		func() (booking.Booking, error) { return h.AcceptFor(h.ctx, h.mara(), b.ID) },
		func() (booking.Booking, error) { return h.DeclineFor(h.ctx, h.mara(), b.ID, "Sorry.") },
		func() (booking.Booking, error) { return h.Accept(h.ctx, h.coachLink(b)) },
		func() (booking.Booking, error) { return h.Decline(h.ctx, h.coachLink(b)) },
	}
	var wg sync.WaitGroup
	outcomes := make([]error, 12)
	for i := range outcomes {
		wg.Go(func() { _, outcomes[i] = acts[i%4]() })
	}
	wg.Wait()
	told := 0
	for _, err := range outcomes {
		if fault.Is(err, booking.BookingClosed) {
			told++
		} else {
			h.must(err)
		}
	}
	end, err := booking.Find(h.ctx, h.DB, b.ID)
	h.must(err)
	accepted := h.count(`select count(*) from letter where about = $1 and kind like 'call-accepted%'`, b.ID)
	declined := h.count(`select count(*) from letter where about = $1 and kind like 'call-declined%'`, b.ID)
	if told != 6 || accepted+declined != 2 || (end.Status == booking.Confirmed) != (accepted == 2) {
		t.Errorf("%s: %d told, %d letters of yes, %d of no", end.Status, told, accepted, declined)
	}
}

func TestMovingAgainstARuleNamesItFirstAndKeepsItOnRecord(t *testing.T) {
	h := newHouse(t, func(c *practice.Type) { c.NoticeMinutes, c.MaxPerDay = 48*60, 1 })
	h.now = monday.AddDate(0, 0, -7)
	b, other := h.book("ana", at(10, 0)), h.book("ben", at(10, 0).AddDate(0, 0, 1))
	h.now = monday
	early := at(7, 10).AddDate(0, 0, 1)
	_, err := h.MoveFor(h.ctx, h.mara(), booking.Move{ID: b.ID, Start: early})
	var against *booking.AgainstRules
	if !errors.As(err, &against) || !slices.Equal(against.Rules, []booking.Rule{booking.RuleHours, booking.RuleNotice, booking.RuleDayFull}) {
		t.Fatalf("%v %+v", err, against)
	}
	for _, agreed := range [][]booking.Rule{nil, {booking.RuleHours}, {booking.RuleNotice, booking.RuleDayFull}} {
		if _, err := h.MoveFor(h.ctx, h.mara(), booking.Move{ID: b.ID, Start: early, Against: agreed}); !errors.As(err, &against) {
			t.Errorf("with %v: %v", agreed, err)
		}
	}
	if now, _ := booking.Find(h.ctx, h.DB, b.ID); now.Change != 0 {
		t.Error("it was moved all the same")
	}
	moved, err := h.MoveFor(h.ctx, h.mara(), booking.Move{ID: b.ID, Start: early, Against: against.Rules})
	h.must(err)
	if stored, _ := booking.Find(h.ctx, h.DB, b.ID); stored.Against != "hours,notice,day_full" || !moved.Start.Equal(early) {
		t.Errorf("%+v", stored)
	}
	lines, _ := audit.About(h.ctx, h.DB, string(b.ID))
	if last := lines[len(lines)-1]; last.Act != "booking moved" || !strings.Contains(last.Detail, `"against": "hours,notice,day_full"`) || last.Actor != string(h.mara().ID) {
		t.Errorf("%+v", last)
	}
	for name, start := range map[string]time.Time{"another booking": other.Start.Add(15 * time.Minute), "the past": monday.Add(-time.Hour)} {
		_, err := h.MoveFor(h.ctx, h.mara(), booking.Move{ID: b.ID, Start: start,
			Against: booking.ReadRules("hours,grid,notice,horizon,day_full,buffer,busy")})
		var refused *booking.Refused
		if !errors.As(err, &refused) {
			t.Errorf("moved onto %s: %v", name, err)
		}
	}
}

func TestEveryRuleHasItsNameAndItsSentence(t *testing.T) {
	h := newHouse(t, func(c *practice.Type) { c.HorizonDays = 10 })
	h.book("ana", at(10, 0))
	mara := h.mara()
	_, err := h.BlockTime(h.ctx, mara, booking.Block{CoachID: mara.ID, Start: at(15, 0), End: at(16, 0)}, once.Key{})
	h.must(err)
	for start, want := range map[time.Time]booking.Rule{
		at(11, 10): booking.RuleGrid, at(19, 0): booking.RuleHours, at(10, 30): booking.RuleBuffer,
		at(15, 30): booking.RuleBusy, at(9, 0).AddDate(0, 0, 14): booking.RuleHorizon,
	} {
		r := ask("ben", start)
		r.Coach = "mara"
		_, err := h.BookFor(h.ctx, mara, r, nil)
		var against *booking.AgainstRules
		if !errors.As(err, &against) || !slices.Equal(against.Rules, []booking.Rule{want}) || want.Say() == booking.Rule("").Say() {
			t.Errorf("%s: %v %+v", want, err, against)
		}
	}
	if h.count(`select count(*) from booking`) != 1 {
		t.Error("something was booked")
	}
}

func TestTheCoachBooksForSomebody(t *testing.T) {
	h := newHouse(t, withApproval, func(c *practice.Type) { c.Public = false })
	mara := h.mara()
	r := keyed(ask("ana", at(10, 0)), "op-1")
	r.Coach, r.Message = "mara", "not for this form"
	b, err := h.BookFor(h.ctx, mara, r, nil)
	h.must(err)
	again, err := h.BookFor(h.ctx, mara, r, nil)
	h.must(err)
	if b.Status != booking.Confirmed || b.HasWords || again.ID != b.ID || h.count(`select count(*) from booking`) != 1 {
		t.Errorf("%+v, again %s", b, again.ID)
	}
	if got := h.letters(b); !slices.Contains(got, "call-confirmed/0") || !slices.Contains(got, "call-confirmed-coach/0") {
		t.Errorf("letters %v", got)
	}
	if n := h.count(`select count(*) from letter where about = $1 and kind = 'call-confirmed' and stranger`, b.ID); n != 0 {
		t.Error("the letter counts as a stranger's")
	}
	lines, _ := audit.About(h.ctx, h.DB, string(b.ID))
	if lines[0].Act != "booking made" || lines[0].ActorKind != audit.Coach || lines[0].Actor != string(mara.ID) {
		t.Errorf("%+v", lines[0])
	}
	if _, err := h.BookFor(h.ctx, h.as("noor", people.Member), r, nil); err != booking.ErrNoCoach {
		t.Errorf("another coach books for mara: %v", err)
	}
	second := ask("ben", at(14, 0))
	second.Coach = "mara"
	if _, err := h.BookFor(h.ctx, h.assistant(), second, nil); err != nil {
		t.Errorf("an assistant: %v", err)
	}
	second.Start = at(10, 0)
	var refused *booking.Refused
	if _, err := h.BookFor(h.ctx, mara, second, booking.ReadRules("buffer,busy,grid,hours")); !errors.As(err, &refused) {
		t.Errorf("over another call: %v", err)
	}
}

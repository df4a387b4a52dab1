package slot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/slot"
)

// everything is a coach of whom one day shows each reason, and the type for it.
func everything() (slot.Type, slot.Coach, slot.Query) {
	kind := call(hour, hour)
	kind.MinNotice, kind.HorizonDays, kind.MaxPerDay = 2*hour, 2, 2
	kind.BufferAfter = 10 * minutes
	c := coach("UTC", "daily 08:00-18:00")
	c.Taken = []slot.Booking{
		booking("a", "12:00", "13:00", 0, 0),
		{ID: "b", Type: "other", Live: true, Start: at("2026-06-12T12:00:00Z"), End: at("2026-06-12T13:00:00Z")},
		{ID: "c", Type: "call", Live: true, Start: at("2026-06-11T12:00:00Z"), End: at("2026-06-11T13:00:00Z")},
		{ID: "d", Type: "call", Live: true, Start: at("2026-06-11T13:00:00Z"), End: at("2026-06-11T14:00:00Z")},
	}
	c.Busy = []slot.Span{span("16:05", "16:30"), span("12:30", "12:40")}
	q := days("UTC", "2026-06-10", "2026-06-14")
	q.Now = at("2026-06-10T08:30:00Z")
	return kind, c, q
}

func TestRuleTheFirstReasonIsGiven(t *testing.T) {
	kind, c, q := everything()
	slots, refused := slot.Explain(kind, []slot.Coach{c}, q)
	want := map[string]string{
		"2026-06-10": "past notice notice buffer booked - - busy busy -",
		"2026-06-11": strings.Repeat("day_full ", 10),
		"2026-06-12": "- - - buffer booked - - - - -",
		"2026-06-13": strings.Repeat("horizon ", 10),
	}
	for day, reasons := range want {
		for i, reason := range strings.Fields(reasons) {
			start := date(day).Start(time.UTC).Add(time.Duration(8+i) * hour)
			got := slot.Check(kind, c, start, q)
			offered := slices.ContainsFunc(slots, func(s slot.Slot) bool { return s.Start.Equal(start) })
			explained := slices.Index(refused, slot.Refusal{Start: start, Coach: "mara", Reason: slot.Reason(reason)}) >= 0
			if reason == "-" {
				if got != slot.Offered || !offered {
					t.Errorf("%v is refused: %q", start, got)
				}
			} else if string(got) != reason || offered || !explained {
				t.Errorf("%v is %q, offered %v, explained %v, want %q", start, got, offered, explained, reason)
			}
		}
	}
	if len(slots)+len(refused) != 40 {
		t.Errorf("%d offered and %d refused, want 40 together", len(slots), len(refused))
	}
}

func TestRuleCheckSaysWhatIsNoStart(t *testing.T) {
	kind, c, q := everything()
	for _, start := range []string{
		"2026-06-12T09:30:00Z",     // between two starts
		"2026-06-12T07:00:00Z",     // before the window
		"2026-06-12T18:00:00Z",     // as it closes
		"2026-06-12T09:00:01Z",     // a second off
		"2026-06-12T09:00:00.001Z", // less than that
		"2026-06-12T08:59:59.5Z",   // half of one
		"2026-06-10T07:30:00Z",     // past as well, but never a start
	} {
		if got := slot.Check(kind, c, at(start), q); got != slot.OffGrid {
			t.Errorf("%s is %q, want %q", start, got, slot.OffGrid)
		}
	}
	if got := slot.Check(kind, c, at("2026-06-12T11:00:00+02:00"), q); got != slot.Offered {
		t.Errorf("an instant written in another zone is %q", got)
	}
}

func TestRuleExplainOrdersByStartAndCoach(t *testing.T) {
	kind, c, q := everything()
	ann := c
	ann.Slug = "ann"
	_, refused := slot.Explain(kind, []slot.Coach{c, ann}, q)
	if !slices.IsSortedFunc(refused, func(a, b slot.Refusal) int {
		if d := a.Start.Compare(b.Start); d != 0 {
			return d
		}
		return strings.Compare(a.Coach, b.Coach)
	}) {
		t.Errorf("not in order: %v", refused)
	}
}

func TestRuleGatherReachesWhatCanMatter(t *testing.T) {
	kind := call(90*minutes, hour)
	kind.BufferBefore, kind.BufferAfter = 10*minutes, 20*minutes
	from, to := slot.Gather(kind, june10)
	if want := at("2026-06-06T23:50:00Z"); !from.Equal(want) {
		t.Errorf("gathers from %v, want %v", from, want)
	}
	if want := at("2026-06-14T01:50:00Z"); !to.Equal(want) {
		t.Errorf("gathers to %v, want %v", to, want)
	}
}

// A step of nothing and a range of centuries once kept a server busy for ever.
func TestRuleAbsurdInputEnds(t *testing.T) {
	c := coach("UTC", "daily 00:00-24:00")
	wantStarts(t, call(12*hour, 0), c, june10, "2026-06-10 00:00 12:00")
	wantStarts(t, call(12*hour, -hour), c, june10, "2026-06-10 00:00 12:00")
	wantStarts(t, call(0, hour), c, june10, "")
	wantStarts(t, call(-hour, hour), c, june10, "")
	wantStarts(t, call(32*24*hour, hour), c, june10, "")
	wantStarts(t, call(hour, hour), c, slot.Query{From: june10.To, To: june10.From, Now: longAgo}, "")
	wantStarts(t, call(hour, hour), slot.Coach{}, june10, "")
	wantStarts(t, slot.Type{}, slot.Coach{}, slot.Query{}, "")

	ages := slot.Query{From: time.Unix(-1<<62, 0), To: time.Unix(1<<62, 0), Now: longAgo}
	kind := call(time.Nanosecond, time.Nanosecond)
	kind.HorizonDays, kind.MaxPerDay, kind.MinNotice = 1<<62, 1, 1<<62
	slots, _ := slot.Explain(kind, []slot.Coach{coach("UTC", "mon 00:00-00:05")}, ages)
	if len(slots) > 0 {
		t.Errorf("%d starts in the first years of the calendar", len(slots))
	}
	ages.From = longAgo
	kind.MinNotice = 0
	if n := len(slot.Offer(kind, []slot.Coach{coach("UTC", "daily 00:00-00:05")}, ages)); n != 5*1096 {
		t.Errorf("%d starts in three years of five minutes a day", n)
	}
}

package desk_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/people"
)

// whole checks that a page was drawn, with one main heading.
func whole(t *testing.T, what string, s sent, status int) string {
	t.Helper()
	if s.status != status || strings.Count(s.body, "<h1") != 1 || !strings.Contains(s.body, "</html>") {
		t.Errorf("%s: status %d, %d main headings", what, s.status, strings.Count(s.body, "<h1"))
	}
	return s.body
}

func TestTodayShowsTheDayAndWhatWaits(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	empty := whole(t, "an empty day", o.get("/desk"), 200)
	if !strings.Contains(empty, "Nothing stands in the calendar today") || !strings.Contains(empty, `href="/desk/book"`) {
		t.Error("the empty day teaches nothing")
	}
	call := o.asked("meet", "mara", "Ana Alvarez", onDay(0, 10, 0))
	request := o.asked("asked", "mara", "Ben Brook", onDay(2, 10, 0))
	o.asked("meet", "noor", "Cem Celik", onDay(0, 11, 0))
	body := whole(t, "a day", o.get("/desk"), 200)
	for _, want := range []string{"Ana Alvarez", "10:00 to 10:30", "https://meet.example.org/mara", "Ben Brook", at(request) + "/accept", at(request) + "?do=decline"} {
		if !strings.Contains(body, want) {
			t.Errorf("the day lacks %q", want)
		}
	}
	for _, private := range []string{"CANARY", "Cem Celik"} {
		if strings.Contains(body, private) {
			t.Errorf("the day shows %q", private)
		}
	}
	if all := o.get("/desk?coach=all").body; !strings.Contains(all, "Cem Celik") || strings.Contains(all, "https://meet.example.org/noor") {
		t.Error("everybody’s day lacks the other coach’s call, or lets the owner into it")
	}
	o.now = call.End
	if body := o.get("/desk").body; !strings.Contains(body, at(call)+"/no-show") {
		t.Error("nobody is asked how the call went")
	}
	if s := o.post(at(call)+"/no-show", url.Values{"from": {"today"}, "coach": {"mara"}}); s.status != 303 || s.to != "/desk?done=missed&coach=mara" {
		t.Errorf("%+v", s)
	}
	if o.found(call).Status != booking.NoShow {
		t.Error("it is not noted")
	}
}

func TestARequestIsAnsweredFromTodayAndOnlyOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.asked("asked", "mara", "Ben Brook", onDay(2, 10, 0))
	if s := o.post(at(b)+"/accept", url.Values{"from": {"today"}, "coach": {"//evil.example"}}); s.status != 303 || s.to != "/desk?done=accepted" {
		t.Errorf("%+v", s)
	}
	if s := o.post(at(b)+"/accept", nil); s.status != 303 {
		t.Errorf("again: %d", s.status)
	}
	body := whole(t, "a no after the yes", o.post(at(b)+"/decline", url.Values{"words": {"Sorry"}}), 409)
	if !strings.Contains(body, "has been answered") || o.found(b).Status != booking.Confirmed {
		t.Error("the second answer changed something, or is not told")
	}
}

func TestEachViewOfTheScheduleShowsACallOnItsDay(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.asked("meet", "mara", "Ana Alvarez", onDay(1, 14, 30))
	o.asked("meet", "noor", "Cem Celik", onDay(1, 14, 30))
	for _, view := range []string{"week", "day", "list"} {
		body := whole(t, view, o.get("/desk/schedule?date=2026-12-08&view="+view), 200)
		if !strings.Contains(body, "14:30 to 15:00") || !strings.Contains(body, at(b)) || strings.Contains(body, "Cem Celik") {
			t.Errorf("%s: the call is not there, or another coach’s is", view)
		}
		if strings.Contains(o.get("/desk/schedule?view="+view+"&date=2026-12-21").body, "Ana Alvarez") {
			t.Errorf("%s: the call is in another week", view)
		}
	}
	week := o.get("/desk/schedule?date=2026-12-08").body
	if !strings.Contains(week, "from-h14 from-m30 to-h15 to-m0") || !strings.Contains(week, "first-h8 last-h18") {
		t.Error("the call has no place in the grid")
	}
	if all := o.get("/desk/schedule?date=2026-12-08&coach=all").body; !strings.Contains(all, "with Noor Haddad") {
		t.Error("everybody’s week does not say with whom")
	}
	for _, odd := range []string{"date=9999-99-99", "date=x&view=y", "date=0001-01-01", "date=2026-12-08&coach=all&view=list"} {
		whole(t, odd, o.get("/desk/schedule?"+odd), 200)
	}
}

// The clocks go back on 25 October 2026; the hour from 1 to 2 is there twice.
func TestTheNightWhenTheClocksChangeIsDrawnByItsLabels(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.now = time.Date(2026, 10, 24, 8, 0, 0, 0, time.UTC)
	_, err := o.BlockTime(o.ctx, booking.Viewer{ID: o.mara.ID, Role: people.Owner},
		booking.Block{CoachID: o.mara.ID, Start: time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC), End: time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC), Label: "Night"}, opless)
	o.must(err)
	body := whole(t, "the night", o.get("/desk/schedule?date=2026-10-25&view=day"), 200)
	if !strings.Contains(body, "01:30 BST to 01:30 GMT") || !strings.Contains(body, "from-h1 from-m30 to-h2 to-m30") {
		t.Error("the repeated hour is not told apart")
	}
}

func TestWhatIsNotYoursIsNotFoundAtTheDesk(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.asked("asked", "mara", "Ana Alvarez", onDay(3, 10, 0))
	block, err := o.BlockTime(o.ctx, booking.Viewer{ID: o.mara.ID, Role: people.Owner}, booking.Block{CoachID: o.mara.ID, Start: onDay(1, 9, 0), End: onDay(1, 10, 0)}, opless)
	o.must(err)
	o.who = o.noor
	made := "00000000-0000-4000-8000-000000000000"
	for _, path := range []string{"", "/accept", "/decline", "/move", "/cancel", "/complete", "/no-show", "/undo", "/words"} {
		method := map[bool]string{true: "GET", false: "POST"}[path == ""]
		form := url.Values{"other_date": {"2026-12-10"}, "other_time": {"12:00"}}
		theirs, none := o.do(method, at(b)+path, form), o.do(method, "/desk/bookings/"+made+path, form)
		if theirs.status != 404 || theirs.body != strings.ReplaceAll(none.body, made, string(b.ID)) && nonceless(theirs.body) != nonceless(none.body) {
			t.Errorf("%s %s: %d, and not the answer for a made-up id", method, path, theirs.status)
		}
	}
	for _, path := range []string{"/desk/blocks/" + string(block.ID), "/desk?coach=mara", "/desk/schedule?coach=all", "/desk/schedule?coach=mara", "/desk/block?coach=mara", "/desk/bookings/x"} {
		if s := o.get(path); s.status != 404 {
			t.Errorf("%s: %d", path, s.status)
		}
	}
	if s := o.post("/desk/blocks/"+string(block.ID)+"/open", nil); s.status != 404 {
		t.Errorf("noor opens mara’s time: %d", s.status)
	}
	if s := o.post("/desk/book", url.Values{"type": {"meet"}, "coach": {"mara"}}); s.status != 404 {
		t.Errorf("noor books for mara: %d", s.status)
	}
	if o.found(b).Status != booking.Pending || o.get("/desk/schedule?date=2026-12-10").status != 200 {
		t.Error("something changed")
	}
}

var nonce = regexp.MustCompile(`nonce="[^"]*"`)

func nonceless(body string) string { return nonce.ReplaceAllString(body, "") }

func TestAnAssistantSeesHourAndNameAndNothingThatWasWritten(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.asked("meet", "mara", "Ana Alvarez", onDay(0, 10, 0))
	_, _, err := o.ReadWordsFor(o.ctx, booking.Viewer{ID: o.mara.ID, Role: people.Owner}, b.ID)
	o.must(err)
	o.who = o.ines
	for _, path := range []string{"/desk", "/desk/schedule", at(b), at(b) + "?do=cancel", at(b) + "?do=move"} {
		body := whole(t, path, o.get(path), 200)
		if !strings.Contains(body, "Ana Alvarez") {
			t.Errorf("%s lacks the name", path)
		}
		for _, private := range []string{"CANARY", "ana@example.com", "7946", "meet.example.org", "was written", "wrote", `name="words"`} {
			if strings.Contains(body, private) {
				t.Errorf("%s shows an assistant %q", path, private)
			}
		}
	}
	if s := o.post(at(b)+"/words", nil); s.status != 404 || strings.Contains(s.body, "CANARY") {
		t.Errorf("an assistant reads: %d", s.status)
	}
	if s := o.post(at(b)+"/cancel", url.Values{"words": {"from the office"}}); s.status != 303 {
		t.Errorf("an assistant cancels: %d", s.status)
	}
	if got := o.found(b); got.Status != booking.Cancelled || got.HasNote {
		t.Errorf("%+v", got)
	}
	o.who = o.mara
	o.who.Role = people.Owner
	other := o.asked("meet", "noor", "Cem Celik", onDay(0, 12, 0))
	if s := o.post(at(other)+"/words", nil); s.status != 404 || strings.Contains(s.body, "CANARY") {
		t.Errorf("the owner reads what was written to another coach: %d", s.status)
	}
}

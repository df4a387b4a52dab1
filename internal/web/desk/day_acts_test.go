package desk_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/once"
)

var opless once.Key

func TestTheCoachReadsWhatWasWrittenByAFormAndItIsOnRecord(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.asked("meet", "mara", "Ana Alvarez", onDay(0, 10, 0))
	if strings.Contains(o.get(at(b)).body, "CANARY") || o.get(at(b)+"/words").status == 200 {
		t.Error("a link shows the words")
	}
	if body := whole(t, "the words", o.post(at(b)+"/words", nil), 200); !strings.Contains(body, "CANARY-Ana Alvarez") {
		t.Error("they are not shown")
	}
	lines, err := audit.About(o.ctx, o.DB, string(b.ID))
	o.must(err)
	if last := lines[len(lines)-1]; last.Act != "enquiry read" || last.Actor != string(o.mara.ID) {
		t.Errorf("%+v", last)
	}
}

func TestCancellingAsksOnceMoreAndKeepsTheWordsForThePerson(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.asked("meet", "mara", "Ana Alvarez", onDay(1, 10, 0))
	whole(t, "the question", o.get(at(b)+"?do=cancel"), 200)
	long := strings.Repeat("CANARY ", 200)
	body := whole(t, "too long", o.post(at(b)+"/cancel", url.Values{"words": {long}}), 422)
	if !strings.Contains(body, "words-problem") || !strings.Contains(body, strings.TrimSpace(long)) {
		t.Error("what was typed is lost, or the mistake has no name")
	}
	if s := o.post(at(b)+"/cancel", url.Values{"words": {"I am ill, and sorry."}}); s.status != 303 || s.to != at(b)+"?done=cancelled" {
		t.Errorf("%+v", s)
	}
	theirs := o.get("/bookings/" + o.LinkFor(o.found(b), booking.ByPerson)).body
	if !strings.Contains(theirs, "I am ill, and sorry.") {
		t.Error("the person does not see the words")
	}
	if mine := o.get("/bookings/" + o.LinkFor(o.found(b), booking.ByCoach)).body; strings.Contains(mine, "I am ill") {
		t.Error("a link in a letter to the coach shows the words without a look on record")
	}
}

func TestMovingTakesAFreeTimeOrAnotherOneOnceItsRuleIsNamed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.asked("meet", "mara", "Ana Alvarez", onDay(1, 10, 0))
	form := whole(t, "the form", o.get(at(b)+"?do=move&date=2026-12-09"), 200)
	if !strings.Contains(form, `value="2026-12-09T09:00:00Z"`) {
		t.Error("the free times are not there")
	}
	if s := o.post(at(b)+"/move", url.Values{}); s.status != 422 {
		t.Errorf("without a time: %d", s.status)
	}
	odd := url.Values{"other_date": {"2026-12-09"}, "other_time": {"19:10"}, "words": {"Later, please"}, "op": {"op-1"}}
	body := whole(t, "against the rules", o.post(at(b)+"/move", odd), 409)
	if !strings.Contains(body, "outside the hours") || !strings.Contains(body, `name="against" value="hours"`) ||
		!strings.Contains(body, "Later, please") || !strings.Contains(body, `value="19:10"`) {
		t.Error("the rule is not named, or what was typed is lost")
	}
	if !o.found(b).Start.Equal(onDay(1, 10, 0)) {
		t.Error("it was moved before anybody agreed")
	}
	odd.Set("against", "hours")
	for range 2 {
		if s := o.post(at(b)+"/move", odd); s.status != 303 {
			t.Errorf("agreed: %d", s.status)
		}
	}
	if got := o.found(b); !got.Start.Equal(onDay(2, 19, 10)) || got.Change != 1 || got.Against != "hours" {
		t.Errorf("%+v", got)
	}
	if body := o.get(at(b)).body; !strings.Contains(body, "against a rule, knowingly") {
		t.Error("the page does not say that it goes against a rule")
	}
	other := o.asked("meet", "mara", "Ben Brook", onDay(3, 10, 0))
	taken := o.post(at(b)+"/move", url.Values{"other_date": {"2026-12-10"}, "other_time": {"10:15"}, "against": {"grid,buffer,hours,busy,notice"}})
	whole(t, "onto another call", taken, 409)
	if !strings.Contains(taken.body, "nearest free times") || !o.found(b).Start.Equal(onDay(2, 19, 10)) || !o.found(other).Start.Equal(onDay(3, 10, 0)) {
		t.Error("two calls at one time, or no other time is offered")
	}
}

func TestBookingForSomebodyRefillsTheFormUntilItIsRight(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.who = o.noor
	form := url.Values{"type": {"couple"}, "coach": {"noor"}, "start": {"2026-12-08T10:30:00Z"}, "name": {"Dana Doyle"}, "email": {"dana"},
		"timezone": {"Europe/Berlin"}, "op": {"op-7"}}
	whole(t, "the page", o.get("/desk/book?type=couple&date=2026-12-08"), 200)
	body := whole(t, "with mistakes", o.post("/desk/book", form), 422)
	for _, want := range []string{`id="email-problem"`, `id="safe_to_email-problem"`, `value="Dana Doyle"`, `value="2026-12-08T10:30:00Z" checked`, `value="op-7"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the form lacks %s", want)
		}
	}
	form.Set("email", "dana@example.com")
	form.Set("safe_to_email", "yes")
	first, again := o.post("/desk/book", form), o.post("/desk/book", form)
	if first.status != 303 || again.to != first.to {
		t.Errorf("%+v, %+v", first.to, again.to)
	}
	if body := o.get(strings.TrimPrefix(first.to, o.base)).body; !strings.Contains(body, "Dana Doyle") || !strings.Contains(body, "Confirmation") {
		t.Error("the booking or its letter is not shown")
	}
	form.Set("op", "op-8")
	if taken := o.post("/desk/book", form); taken.status != 409 || !strings.Contains(taken.body, "nearest free times") {
		t.Errorf("the same hour again: %d", taken.status)
	}
	form.Set("start", "")
	form.Set("other_date", "2026-12-12") // a Saturday
	form.Set("other_time", "11:00")
	if odd := o.post("/desk/book", form); odd.status != 409 || !strings.Contains(odd.body, "outside the hours") {
		t.Errorf("on a Saturday: %d", odd.status)
	}
	form.Set("against", "hours")
	if s := o.post("/desk/book", form); s.status != 303 {
		t.Errorf("on a Saturday, agreed: %d", s.status)
	}
	for _, typed := range []string{"type=nothing", "coach=mara", "date=x&month=y", "type=asked"} {
		if s := o.get("/desk/book?" + typed); s.status != 200 && s.status != 404 {
			t.Errorf("%s: %d", typed, s.status)
		}
	}
}

func TestBlockedTimeStandsInTheScheduleAndCanBeOpened(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.who = o.noor
	whole(t, "the form", o.get("/desk/block?date=2026-12-09"), 200)
	if s := o.post("/desk/block", url.Values{"date": {"2026-12-09"}, "from": {"12:00"}, "to": {"11:00"}}); s.status != 422 || !strings.Contains(s.body, `id="to-problem"`) {
		t.Errorf("ends before it begins: %d", s.status)
	}
	if s := o.post("/desk/block", url.Values{"date": {"x"}, "from": {"y"}, "to": {"z"}}); s.status != 422 || !strings.Contains(s.body, `id="from-problem"`) {
		t.Errorf("nothing that can be read: %d", s.status)
	}
	s := o.post("/desk/block", url.Values{"date": {"2026-12-09"}, "until": {"2026-12-10"}, "whole": {"yes"}, "label": {"CANARY-dentist"}, "op": {"op-1"}})
	if s.status != 303 {
		t.Fatalf("%+v", s)
	}
	o.post("/desk/block", url.Values{"date": {"2026-12-09"}, "until": {"2026-12-10"}, "whole": {"yes"}, "label": {"CANARY-dentist"}, "op": {"op-1"}})
	blocks, err := o.Occupied(o.ctx, booking.Viewer{ID: o.noor.ID, Role: o.noor.Role}, ids(o.noor), onDay(0, 0, 0), onDay(7, 0, 0))
	o.must(err)
	if len(blocks) != 1 || !blocks[0].Start.Equal(onDay(2, 0, 0)) || blocks[0].End.Sub(blocks[0].Start) != 48*time.Hour {
		t.Fatalf("%+v", blocks)
	}
	one := "/desk/blocks/" + string(blocks[0].ID)
	week := o.get("/desk/schedule").body
	if strings.Count(week, one) != 2 || !strings.Contains(week, "CANARY-dentist") || !strings.Contains(week, "All day") {
		t.Error("it does not stand on both days")
	}
	o.who = o.ines
	if week := o.get("/desk/schedule?coach=noor").body; !strings.Contains(week, "Blocked") || strings.Contains(week, "CANARY") {
		t.Error("the office does not see it, or sees why")
	}
	if body := whole(t, "the block", o.get(one), 200); strings.Contains(body, "CANARY") {
		t.Error("an assistant sees why")
	}
	if s := o.post(one+"/open", nil); s.status != 303 {
		t.Errorf("%+v", s)
	}
	if s := o.get(one); s.status != 404 {
		t.Errorf("opened: %d", s.status)
	}
}

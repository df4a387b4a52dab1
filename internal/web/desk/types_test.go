package desk_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/practice"
)

func typeOfCall(changes ...string) url.Values {
	form := url.Values{"op": {"one-click"}, "name": {"A quiet call"}, "duration": {"20"}, "place": {"phone"}, "buffer_before": {"5"}, "min_notice": {"2"}, "min_notice_unit": {"d"},
		"horizon": {"30"}, "max_per_day": {"3"}, "public": {"yes"}, "approval": {"48"}, "approval_unit": {"h"}, "credits": {"0"}, "lane": {"individual"}, "coaches": {"noor"}}
	for i := 0; i+1 < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}
	return form
}

func TestAnAppointmentTypeIsMadeAndChanged(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	o.get("/desk/types/new").is(200).says("A new appointment type")
	o.post("/desk/types", typeOfCall()).is(303)
	o.post("/desk/types", typeOfCall()).is(303) // the same click, sent twice
	o.post("/desk/types", typeOfCall("op", "another")).is(422).says(`There is an appointment type under "a-quiet-call" already`).holds(`value="A quiet call"`)
	got, err := practice.FindType(o.ctx, o.db, "a-quiet-call")
	o.must(err)
	if got.DurationMinutes != 20 || got.Place != practice.Phone || got.NoticeMinutes != 2*1440 || got.ApprovalMinutes != 2880 || got.MaxPerDay != 3 || !got.Public || got.StepMinutes != 0 || got.BeforeMinutes != 5 {
		t.Errorf("%+v", got)
	}
	o.get("/desk/types").is(200).says("A quiet call", "20 minutes, by phone, free, open to everybody, has to be accepted within 2 days", "with Noor Haddad")
	o.get("/desk/types/a-quiet-call/edit").is(200).holds(`value="2"`, `<option value="d" selected>`)
	o.post("/desk/types/a-quiet-call/edit", typeOfCall("place", "address", "address", "12 Mill Lane, Bath", "public", "", "slot_step", "15")).is(303)
	if got, err = practice.FindType(o.ctx, o.db, "a-quiet-call"); err != nil || got.Place != "12 Mill Lane, Bath" || got.Public || got.StepMinutes != 15 {
		t.Errorf("%+v, %v", got, err)
	}
	lines := o.lines(string(got.ID))
	if len(lines) != 1 || lines[0].Act != "appointment type changed" || !strings.Contains(lines[0].Detail, `"was": "phone"`) {
		t.Errorf("%+v", lines)
	}
}

func TestATypeThatCannotBeIsShownAgainAsTyped(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	o.post("/desk/types/meet/edit", typeOfCall("duration", "0", "name", "", "horizon", "ten", "description", "Typed before")).is(422).
		says("Write a whole number, such as 30.").holds("Typed before", `id="horizon-problem"`)
	o.post("/desk/types/meet/edit", typeOfCall("duration", "2000", "name", " ", "credits", "500")).is(422).
		says("Please fill this in.", `"2000m" is out of bounds; it may be from 1m to 24h.`, "must be a whole number from 0 to 100").holds(`id="duration-problem"`, `id="credits-problem"`)
	form := typeOfCall()
	form.Del("coaches")
	o.post("/desk/types/meet/edit", form).is(422).says("Choose at least one coach.")
	o.post("/desk/types/meet/edit", typeOfCall("coaches", "ash")).is(422).says("Ash is an assistant and sees nobody; name a coach").holds(`href="#coaches"`)
	o.post("/desk/types", typeOfCall("slug", "Not Good")).is(422).says("cannot stand in an address").hides("slug;")
	o.post("/desk/types", typeOfCall("name", "")).is(422).says("Please fill this in.")
	o.get("/desk/types/nothing/edit").is(404)
}

func TestAWithdrawnTypeIsOfferedToNobody(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	o.post("/desk/types/meet/withdraw", url.Values{"act": {"withdraw"}}).is(303)
	o.get("/desk/types?done=withdrawn").is(200).says("Withdrawn. Nobody can book it any more", "Offer it again")
	o.get("/desk/hours/mara/why?type=meet&date=2026-12-08&time=11:00").is(200).says("First call has been withdrawn", "cannot be booked")
	if got, err := practice.Types(o.ctx, o.db); err != nil || len(got) != 1 {
		t.Error(got, err)
	}
	o.post("/desk/types/meet/withdraw", url.Values{"act": {"offer"}}).is(303)
	if got, err := practice.Types(o.ctx, o.db); err != nil || len(got) != 2 {
		t.Error(got, err)
	}
}

func TestATypeCanHaveHoursOfItsOwn(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	form := week("wed", "18:00", "20:00")
	form.Set("own", "yes")
	o.post("/desk/types/meet/hours", form).is(303)
	got, err := practice.FindType(o.ctx, o.db, "meet")
	if err != nil || len(got.Hours) != 1 || len(got.Hours[time.Wednesday]) != 1 {
		t.Error(got.Hours, err)
	}
	o.get("/desk/hours/mara?type=meet").is(200).says("First call has hours of its own", "18:00, 18:30, 19:00, 19:30")
	o.get("/desk/hours/mara/why?type=meet&date=2026-12-08&time=10:00").is(200).says("There are no hours on a Tuesday", "closed, by the hours of First call itself")
	o.post("/desk/types/meet/hours", url.Values{"own": {"yes"}}).is(422).says("Write the hours of this type")
	form.Set("own", "no")
	o.post("/desk/types/meet/hours", form).is(303)
	if got, err = practice.FindType(o.ctx, o.db, "meet"); err != nil || got.Hours != nil {
		t.Error(got.Hours, err)
	}
}

func TestThePackagesOfATypeKeepItsKind(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	o.post("/desk/types", typeOfCall("name", "Alone", "credits", "1")).is(303)
	o.post("/desk/types/couple/edit", typeOfCall("lane", "individual", "coaches", "mara")).is(303) // the only type of its package
}

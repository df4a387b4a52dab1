package desk_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/login"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

func memberForm(changes ...string) url.Values {
	form := url.Values{"name": {"Noor Haddad"}, "email": {"noor@example.org"}, "role": {"coach"}, "timezone": {"Europe/London"}, "meeting_url": {"https://meet.example.org/noor"}, "bio": {"I *listen*."}}
	for i := 0; i+1 < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}
	return form
}

func TestTheOwnerChangesSomebodysRole(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	o.booked("noor", "Sam", time.Date(2026, 12, 10, 9, 0, 0, 0, time.UTC))
	o.get("/desk/team").is(200).says("Noor Haddad", "Coach, noor@example.org 1 call ahead", "Ash Reed", "Assistant")
	o.get("/desk/team/noor/edit").is(200).holds(`value="noor@example.org"`)
	o.post("/desk/team/noor/edit", memberForm("role", "owner")).is(303)
	if got := o.coach("noor"); got.Role != people.Owner || got.Bio != "I *listen*." {
		t.Errorf("%+v", got)
	}
	lines := o.lines(string(o.coach("noor").ID))
	if last := lines[len(lines)-1]; last.Act != "coach changed" || !strings.Contains(last.Detail, `"was": "coach"`) || last.Actor != string(o.coach("mara").ID) {
		t.Errorf("%+v", last)
	}
	o.post("/desk/team/noor/edit", memberForm("role", "assistant")).is(422).says("Appointment type meet: noor is an assistant and sees nobody; name a coach.").holds(`href="#role"`)
	o.post("/desk/team/noor/edit", memberForm("role", "king", "email", "mara@example.org", "timezone", "x")).is(422).
		says("must be one of: owner, coach, assistant", "is not a time zone").holds(`value="mara@example.org"`)
	o.post("/desk/team/noor/edit", memberForm("email", "mara@example.org")).is(422).says("mara@example.org is the address of coach mara already.").holds(`id="email-problem"`)
}

func TestAPracticeKeepsAnOwner(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	o.post("/desk/team/mara/edit", memberForm("name", "Mara Lind", "email", "mara@example.org", "role", "coach")).is(422).
		says("Then the practice would have no owner.")
	o.post("/desk/team/mara/suspend", url.Values{"act": {"suspend"}}).is(409)
	o.post("/desk/team/noor/edit", memberForm("role", "owner")).is(303)
	o.slug = "noor"
	o.post("/desk/team/mara/suspend", url.Values{"act": {"suspend"}}).is(303)
	o.post("/desk/team/noor/edit", memberForm()).is(422).says("Then the practice would have no owner.")
}

func TestWhoIsSuspendedFindsNothingAtTheNextClick(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	o.slug = "noor"
	o.get("/desk/hours/noor").is(200)
	o.slug = "mara"
	if err := o.db.InTx(context.Background(), func(tx *pg.Tx) error {
		_, err := login.SignInAs(context.Background(), tx, o.coach("noor").ID, "a telephone", time.Date(2026, 12, 7, 8, 0, 0, 0, time.UTC))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	o.post("/desk/team/noor/suspend", url.Values{"act": {"suspend"}}).is(303)
	if n := o.count(`select count(*) from session`); n != 0 {
		t.Error("a session waits for the day they are let in again")
	}
	o.get("/desk/team?done=suspended").is(200).says("signed out with their next click", "Suspended")
	o.get("/desk/hours/noor").is(404)
	o.slug = "noor"
	o.get("/desk/hours/noor").is(404)
	o.slug = "mara"
	o.get("/desk/team/noor/edit").is(200).says("They can be let in again")
	o.post("/desk/team/noor/suspend", url.Values{"act": {"restore"}}).is(303)
	o.get("/desk/hours/noor").is(200)
	if n := o.count(`select count(*) from audit where act in ('coach suspended', 'coach let in again') and about = $1`, string(o.coach("noor").ID)); n != 2 {
		t.Errorf("%d lines", n)
	}
}

func TestACoachChangesTheirOwnPageAndNeitherRoleNorAddress(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	o.slug = "noor"
	o.get("/desk/team/noor/profile").is(200).says("About you", "waiting room").hides(`name="role"`, `name="email"`)
	o.post("/desk/team/noor/profile", memberForm("act", "preview", "bio", "I *wait*.")).is(200).holds("<em>wait</em>")
	o.post("/desk/team/noor/profile", memberForm("role", "owner", "email", "other@example.org", "bio", "Now.")).is(303)
	if got := o.coach("noor"); got.Role != people.Member || got.Email != "noor@example.org" || got.Bio != "Now." {
		t.Errorf("%+v", got)
	}
	o.post("/desk/team/noor/profile", memberForm("meeting_url", "javascript:alert(1)")).is(422).says("is not an address on the web")
	o.get("/desk/team/mara/profile").is(404)
}

func TestAnInvitationGoesThroughTheSignIn(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	o.get("/desk/team/invite").is(200).says("kintsugi coach invite EMAIL")
	o.post("/desk/team/invite", url.Values{"name": {"Mara Other"}, "email": {"new@example.org"}, "role": {"coach"}}).is(422)
	var invited []people.ID
	o.desk.Invite = func(_ context.Context, _ *pg.Tx, person people.ID, _ time.Time) error {
		invited = append(invited, person)
		return nil
	}
	o.post("/desk/team/invite", url.Values{"name": {"Mara Other"}, "email": {" New@Example.org "}, "role": {"assistant"}}).is(303)
	if got := o.coach("mara-2"); len(invited) != 1 || got.ID != invited[0] || got.Email != "new@example.org" || got.Role != people.Assistant || !got.Active {
		t.Errorf("%v %+v", invited, got)
	}
	o.post("/desk/team/invite", url.Values{"name": {"Mara"}, "email": {"mara@example.org"}, "role": {"coach"}}).is(422).says("They work here already.").holds(`value="Mara"`)
	o.post("/desk/team/invite", url.Values{"email": {"nobody"}, "role": {"king"}}).is(422).says("Choose what they do here.").holds(`id="email-problem"`)
}

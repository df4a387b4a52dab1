package desk_test

import (
	"net/url"
	"strings"
	"testing"

	"kintsugi/internal/practice"
)

func settingsForm(changes ...string) url.Values {
	form := url.Values{"name": {"Common Ground"}, "discreet_name": {"C G"}, "email": {"hello@example.org"}, "timezone": {"Europe/Paris"}, "currency": {"gbp"},
		"cancel_notice": {"2"}, "cancel_notice_unit": {"d"}, "enquiries_kept": {"90"}, "sessions_rest": {"30"}, "reminder-1": {"1"}, "reminder-1_unit": {"d"}, "reminder-2": {"90"}, "reminder-2_unit": {"m"}}
	for i := 0; i+1 < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}
	return form
}

func TestTheOwnerChangesWhatThePracticeSays(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	const asks = `name="ask_reason" type="checkbox" value="yes" checked`
	o.get("/desk/settings").is(200).holds(`value="Common Ground Coaching"`, asks)
	o.post("/desk/settings", settingsForm()).is(303)
	p, err := practice.Own(o.ctx, o.db)
	if err != nil || p.Name != "Common Ground" || p.Timezone != "Europe/Paris" || p.CancelMinutes != 2880 || p.KeptDays != 90 || p.RestDays != 30 || len(p.Reminders) != 2 || p.Reminders[1] != 90 || p.AskReason {
		t.Errorf("%+v, %v", p, err)
	}
	o.post("/desk/settings", settingsForm("timezone", "Mars/Phobos", "email", "nobody", "reminder-1", "100", "currency", "EUR")).is(422).
		says("is not a time zone", "out of bounds").holds(`value="Mars/Phobos"`, `id="reminder-1-problem"`, `id="email-problem"`)
	o.post("/desk/settings", settingsForm("currency", "EUR")).is(422).says("The price of package six is in GBP").hides("lane")
	o.get("/desk/settings").is(200).holds(`name="ask_reason"`).hides(asks)
	o.post("/desk/settings", settingsForm("email", "nobody", "ask_reason", "yes")).is(422).holds(asks)
	o.post("/desk/settings", settingsForm("sessions_rest", "366")).is(422).holds(`id="sessions_rest-problem"`, `value="366"`)
	o.post("/desk/settings", settingsForm("ask_reason", "yes", "sessions_rest", "0")).is(303)
	o.get("/desk/settings").is(200).holds(`id="sessions_rest" name="sessions_rest"`)
	if p, err = practice.Own(o.ctx, o.db); err != nil || !p.AskReason || p.RestDays != 0 {
		t.Error(p.AskReason, p.RestDays, err)
	}
	none := settingsForm("reminder-1", "", "reminder-2", "")
	o.post("/desk/settings", none).is(303)
	if p, err = practice.Own(o.ctx, o.db); err != nil || p.Reminders == nil || len(p.Reminders) != 0 {
		t.Errorf("%+v, %v", p.Reminders, err)
	}
	if n := o.count(`select count(*) from audit where act = 'settings changed' and detail::text like '%Europe/Paris%Europe/London%'`); n != 1 {
		t.Errorf("%d lines", n)
	}
}

func TestTextsAreShownBeforeTheyAreSaved(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	form := url.Values{"intro": {"You can *begin* here.\n\n<script>alert(1)</script>"}, "privacy": {""}, "terms": {strings.Repeat("Long. ", 3000)}, "act": {"preview"}}
	o.post("/desk/settings/texts", form).is(200).holds("<em>begin</em>", "&lt;script&gt;alert")
	if p, err := practice.Own(o.ctx, o.db); err != nil || p.Intro != "" {
		t.Error(p.Intro, err)
	}
	form.Del("act")
	o.post("/desk/settings/texts", form).is(303)
	if p, err := practice.Own(o.ctx, o.db); err != nil || !strings.HasPrefix(p.Intro, "You can *begin* here.\n") || len(p.Terms) < 10000 {
		t.Error(p.Intro, err)
	}
	o.post("/desk/settings/texts", url.Values{"intro": {strings.Repeat("x", 100_001)}}).is(422).says("This is too long")
}

func TestHelpResourcesAreThePracticesOwnAfterSaving(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	o.get("/desk/settings/help").is(200).says("the list that comes with the program", "GB: Samaritans")
	form := url.Values{}
	for i, line := range [][]string{{"gb", "A friend", "1234", "", "At night"}, {"", "", "", "", ""}, {"FR", "3919", "3919", "https://arretonslesviolences.gouv.fr", ""}} {
		for n, name := range []string{"country", "name", "phone", "url", "note"} {
			form.Set(name+"-"+string(rune('0'+i)), line[n])
		}
	}
	o.post("/desk/settings/help", form).is(303)
	p, err := practice.Own(o.ctx, o.db)
	if err != nil || len(p.Help) != 2 || p.Help[0] != (practice.HelpLine{Country: "GB", Name: "A friend", Phone: "1234", Note: "At night"}) {
		t.Errorf("%+v, %v", p.Help, err)
	}
	form.Set("phone-0", "")
	form.Set("country-2", "France")
	o.post("/desk/settings/help", form).is(422).holds("A friend", `id="country-1-problem"`).says("is not a country")
	form.Set("country-2", "FR")
	o.post("/desk/settings/help", form).is(422).says("Needs a phone or a url, else nobody can reach it.").holds(`id="phone-0-problem"`)
	o.post("/desk/settings/help", url.Values{"act": {"usual"}}).is(303)
	if p, err = practice.Own(o.ctx, o.db); err != nil || p.Help != nil {
		t.Errorf("%+v, %v", p.Help, err)
	}
}

func TestEachLetterIsShownAsItWillArrive(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	list := o.get("/desk/settings/letters").is(200).says("To the person", "To the coach", "Common Ground: ")
	if n := strings.Count(list.body, `href="/desk/settings/letters/`); n != 18 {
		t.Errorf("%d letters", n)
	}
	page := o.get("/desk/settings/letters/call-confirmed").is(200).says("Common Ground <hello@example.org>", "Your call is booked.", "the entry that travels with it says no more")
	page.holds(`src="/desk/settings/letters/call-confirmed/sheet"`, " sandbox>")
	if policy := page.header.Get("Content-Security-Policy"); !strings.HasSuffix(policy, "; frame-src 'self'") || !strings.Contains(policy, "default-src 'none'") {
		t.Error(policy)
	}
	sheet := o.get("/desk/settings/letters/call-confirmed/sheet").is(200)
	sheet.says("Your call is booked.").hides("Mara", "coach", "Coaching", "Sam Taylor")
	if policy := sheet.header.Get("Content-Security-Policy"); !strings.Contains(policy, "sandbox") || !strings.Contains(policy, "frame-ancestors 'self'") || sheet.header.Get("X-Frame-Options") != "SAMEORIGIN" {
		t.Error(sheet.header)
	}
	o.get("/desk/settings/letters/nothing").is(404)
	if n := o.count(`select count(*) from booking`) + o.count(`select count(*) from letter`); n != 0 {
		t.Errorf("the samples left %d traces", n)
	}
}

func TestSettingsTypesAndTeamAreTheOwnersAlone(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	for _, slug := range []string{"noor", "ash"} {
		o.slug = slug
		for _, path := range []string{"/desk/settings", "/desk/settings/look", "/desk/settings/texts", "/desk/settings/help", "/desk/settings/letters", "/desk/settings/letters/call-confirmed",
			"/desk/settings/letters/call-confirmed/sheet", "/desk/types", "/desk/types/new", "/desk/types/meet/edit", "/desk/types/meet/hours",
			"/desk/team", "/desk/team/invite", "/desk/team/mara/edit", "/desk/team/mara/profile"} {
			o.get(path).is(404)
		}
		for _, path := range []string{"/desk/settings", "/desk/settings/look", "/desk/settings/look/logo", "/desk/settings/texts", "/desk/settings/help", "/desk/types", "/desk/types/meet/edit", "/desk/types/meet/hours",
			"/desk/types/meet/withdraw", "/desk/team/invite", "/desk/team/noor/edit", "/desk/team/noor/suspend", "/desk/team/mara/suspend", "/desk/team/mara/profile"} {
			o.post(path, url.Values{"role": {"owner"}, "name": {"x"}}).is(404)
		}
	}
}

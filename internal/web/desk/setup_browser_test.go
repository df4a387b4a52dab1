package desk_test

import (
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/browsertest"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
)

// served puts the desk on a real connection, with its styles and scripts.
func (o *backroom) served() (base string) {
	o.t.Helper()
	r := gin.New()
	r.Use(guard.Headers(o.desk.Origin))
	r.GET("/static/*file", o.desk.Door.Handle(page.Static().Serve))
	o.desk.Routes(r)
	server := httptest.NewServer(r)
	o.t.Cleanup(server.Close)
	return server.URL
}

func TestHoursAndSettingsHurtNobody(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	o.booked("mara", "Sam Taylor", time.Date(2026, 12, 8, 10, 0, 0, 0, time.UTC))
	o.post("/desk/hours/mara/dates", url.Values{"from": {"2026-12-23"}, "to": {"2027-01-02"}, "hours": {"closed"}}).is(303)
	base := o.served()
	for name, options := range map[string][]browsertest.Option{
		"a phone": {browsertest.Phone()}, "a phone in the dark": {browsertest.Phone(), browsertest.Dark()}, "a tablet": {browsertest.Size(768, 1000)},
		"a desk at 200 %": {browsertest.Size(640, 400)}, "a desk in the dark without scripts": {browsertest.ScriptsOff(), browsertest.Dark()},
	} {
		tab := browsertest.New(t, options...)
		for _, path := range []string{"/desk/hours/mara", "/desk/hours/mara/dates", "/desk/hours/noor/travel", "/desk/hours/mara/calendars",
			"/desk/hours/mara/why?type=meet&date=2026-12-08&time=10:00", "/desk/types", "/desk/types/new", "/desk/types/meet/hours", "/desk/settings",
			"/desk/settings/look", "/desk/settings/texts", "/desk/settings/help", "/desk/settings/letters", "/desk/settings/letters/call-confirmed", "/desk/team", "/desk/team/noor/edit"} {
			tab.Open(base + path)
			for _, found := range append(append(tab.TooWide(), tab.Axe()...), tab.Troubles()...) {
				t.Errorf("%s on %s: %s", path, name, found)
			}
		}
	}
}

func TestTheWeekIsSetWithoutScripts(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	tab := browsertest.New(t, browsertest.ScriptsOff(), browsertest.Phone())
	tab.Open(o.served() + "/desk/hours/mara")
	tab.Type("#wed-0", "nine")
	tab.Type("#wed-0-to", "10")
	tab.Click(".act")
	tab.WaitText(".problems", "Wednesday: write times like 09:00")
	if found := tab.Axe(); len(found) > 0 {
		t.Error(found)
	}
	tab.Type("#wed-0", "9")
	tab.Click(".act")
	tab.WaitText(".notice", "Saved.")
	tab.WaitText(".desk-times", "Wednesday 9 December")
	if got := o.hours("mara").Weekly[time.Wednesday]; len(got) != 1 || got[0].String() != "09:00-10:00" {
		t.Error(got)
	}
}

func TestThePreviewFollowsWhatIsTyped(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	tab := browsertest.New(t)
	tab.Open(o.served() + "/desk/hours/mara")
	tab.Type("#wed-0", "15:00")
	tab.Type("#wed-0-to", "16:00")
	tab.WaitText("[data-preview]", "Wednesday 9 December")
	if got := o.hours("mara").Weekly[time.Wednesday]; len(got) != 0 {
		t.Error("typing saved")
	}
	if found := append(tab.Axe(), tab.Troubles()...); len(found) > 0 {
		t.Error(found)
	}
}

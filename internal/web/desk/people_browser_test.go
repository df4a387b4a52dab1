package desk_test

import (
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kintsugi/internal/browsertest"
	"kintsugi/internal/web/page"

	"github.com/gin-gonic/gin"
)

// open puts the parlour on a real address, with its style sheets.
func (p *parlour) open() string {
	r := gin.New()
	r.GET("/static/*file", func(c *gin.Context) { _ = page.Static().Serve(c) })
	r.NoRoute(gin.WrapH(p.http))
	front := httptest.NewServer(r)
	p.t.Cleanup(front.Close)
	return front.URL
}

func TestThePagesOfPeopleHurtNobody(t *testing.T) {
	t.Parallel()
	p := newParlour(t)
	ana := p.booked("mara", "Ana Berg-Featherstonehaugh von der Langen", "ana.berg.with.a.very.long.address@example-of-a-long-domain.example.com", 9)
	two := p.booked("mara", "A. Berg", "a.berg@example.net", 11)
	p.booked("noor", "Ben Moss", "ben@example.com", 9)
	p.leads(p.post(personPath(ana, "/note"), url.Values{"note": {"Mornings only"}, "version": {"0"}}), personPath(ana, "?done=note"))
	p.leads(p.post(personPath(ana, "/note"), url.Values{"note": {"Mornings only, pays by transfer"}, "version": {"1"}}), personPath(ana, "?done=note"))
	p.leads(p.post(personPath(ana, "/contact"), url.Values{"may_email": {"no"}, "may_call": {"yes"}, "may_leave_message": {"no"}, "version": {"0"}}), personPath(ana, "?done=contact"))
	p.leads(p.post(personPath(ana, "/join"), url.Values{"other": {string(two.PersonID)}}), personPath(ana, "?done=joined"))
	front := p.open()
	for name, options := range map[string][]browsertest.Option{
		"phone": {browsertest.Phone()}, "tablet-dark": {browsertest.Size(768, 1000), browsertest.Dark()}, "desk-no-scripts": {browsertest.ScriptsOff()},
	} {
		tab := browsertest.New(t, options...)
		for _, path := range []string{"/desk/people", "/desk/people?show=spam", personPath(ana, ""), personPath(ana, "/contact"), personPath(ana, "/join?q=ben"), personPath(ana, "/erase"),
			personPath(ana, "/export"), "/desk/people/table", "/desk/people/take", "/desk/audit"} {
			tab.Open(front + path)
			for _, found := range append(append(tab.TooWide(), tab.Axe()...), tab.Troubles()...) {
				t.Errorf("%s on %s: %s", path, name, found)
			}
			if dir := os.Getenv("KINTSUGI_TEST_SHOTS"); dir != "" {
				tab.Screenshot(filepath.Join(dir, name+"-"+regexp.MustCompile(`[^a-z]+`).ReplaceAllString(strings.ReplaceAll(path, string(ana.PersonID), "id"), "-")+".png"))
			}
		}
	}
}

func TestATableIsBroughtInWithoutScripts(t *testing.T) {
	t.Parallel()
	p := newParlour(t)
	tab := browsertest.New(t, browsertest.ScriptsOff())
	tab.Open(p.open() + "/desk/people/take")
	tab.Type("#table", "name,email\nZoë,zoe@example.org\n")
	tab.Click("form[enctype] .act")
	tab.WaitText("#would", "What would happen")
	tab.Click(".sheet .act")
	tab.WaitText(".notice", "The people of the table are here")
	if got := tab.Texts(".persons-who a"); len(got) != 1 || got[0] != "Zoë" {
		t.Error(got)
	}
}

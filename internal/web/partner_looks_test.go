package web_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/people"
)

// Ida called the hour of both off and said why, for Noor alone. When Noor opened
// that, Jon's page of looks said that what he had written was read, and where it
// was Jon who wrote, hers did not say it.
func TestALookAtWhatOneWroteOfAnHourForBothIsToldToThatOneAlone(t *testing.T) {
	t.Parallel()
	made := regexp.MustCompile(`"made_at": "[^"]*"`)
	for n, name := range []string{"ida", "jon"} {
		t.Run(name, func(t *testing.T) {
			h := newCallers(t)
			noor := h.signedIn(h.coach("noor").ID)
			writes, other := h.ida, h.jon
			if n == 1 {
				writes, other = other, writes
			}
			look := func(who people.ID) (looks, copied string) {
				t.Helper()
				copied = h.post("/portal/export", url.Values{"as": {"json"}}, h.as(who)).shows(200).body
				return still(h.get("/portal/looks", h.as(who))), made.ReplaceAllString(copied, "")
			}
			id := string(h.session("both", "", hour(9)).ID)
			h.post("/portal/bookings/"+id+"/cancel", url.Values{"reason": {"It is not safe to say it there."}}, h.as(writes)).shows(303)
			before, copyBefore := look(other)
			h.pass(time.Minute)
			if got := h.fetch("POST", "/desk/bookings/"+id+"/words", noor, url.Values{}); got.status != 200 || !strings.Contains(got.body, "not safe to say") {
				t.Fatalf("the coach reads %d", got.status)
			}
			now, copyNow := look(other)
			if now != before {
				t.Errorf("the page of looks tells the partner:\n%s", unlike(before, now))
			}
			if copyNow != copyBefore {
				t.Errorf("the copy tells the partner:\n%s", unlike(copyBefore, copyNow))
			}
			if mine, copied := look(writes); !strings.Contains(mine, "Noor Haddad read what you wrote") || !strings.Contains(copied, `"by": "Noor Haddad"`) {
				t.Error("who wrote it is not told who looked")
			}
			for whose, want := range map[people.ID]int{writes: 1, other: 0} {
				copied := h.fetch("POST", "/desk/people/"+string(whose)+"/export", noor, url.Values{"as": {"json"}}).shows(200)
				_, looks, _ := strings.Cut(copied.body, `"who_read_what_they_wrote"`)
				looks, _, _ = strings.Cut(looks, "]")
				if got := strings.Count(looks, "Noor Haddad"); got != want {
					t.Errorf("a copy that the practice gives out holds %d looks, and not %d", got, want)
				}
			}
		})
	}
}

// The hour of both became Ida's own when Jon had left. What Noor had read of his
// before that is not told to her.
func TestAnHourThatIsKeptForOneTellsNothingOfWhatTheOtherWrote(t *testing.T) {
	t.Parallel()
	h := newCallers(t)
	noor := h.signedIn(h.coach("noor").ID)
	id := string(h.session("both", "", hour(9)).ID)
	h.exec(`insert into audit (at, actor_kind, actor, act, about, detail) values ($1, 'coach', $2, 'enquiry read', $3, jsonb_build_object('of', $4::text))`,
		h.now(), h.coach("noor").ID, id, string(h.jon))
	h.exec(`insert into audit (at, actor_kind, actor, act, about) values ($1, 'coach', $2, 'enquiry read', $3)`, h.now(), h.coach("noor").ID, id)
	before := still(h.get("/portal/looks", h.as(h.ida)))
	h.post("/portal/engagements/"+string(h.id)+"/leave", url.Values{}, h.as(h.jon)).shows(303)
	if got := h.fetch("POST", "/desk/bookings/"+id+"/keep", noor, url.Values{}); got.status != 303 {
		t.Fatalf("it is not kept: %d", got.status)
	}
	if now := still(h.get("/portal/looks", h.as(h.ida))); now != before || strings.Contains(now, "read what you wrote") {
		t.Errorf("the looks tell:\n%s\n%s", unlike(before, now), now)
	}
}

package web_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kintsugi/internal/people"
)

// That something exists is itself private. Two couples are alike, but that in one
// of them Ana has written to her coach alone, for herself, answered forms, begun
// another, and booked an hour. Whatever Ben can fetch is the same in both, but
// for random ids: every page, the files, the feed, the letters in his inbox.
func TestWhatOnePartnerHasAloneChangesNothingThatTheOtherCanFetch(t *testing.T) {
	t.Parallel()
	with, without := benSees(t, true), benSees(t, false)
	if len(with) < 15 {
		t.Errorf("only %d things were compared", len(with))
	}
	for what, seen := range with {
		other, there := without[what]
		if !there {
			t.Errorf("%s is there in one alone", what)
		} else if seen != other {
			t.Errorf("%s tells that Ana has something of her own:\n%s\n--- and without:\n%s", what, changed(other, seen), changed(seen, other))
		}
	}
	for what := range without {
		if _, there := with[what]; !there {
			t.Errorf("%s is there in one alone", what)
		}
	}
}

// benSees gathers all that Ben can fetch, by what it is.
func benSees(t *testing.T, hers bool) map[string]string {
	t.Helper()
	seen := map[string]string{}
	t.Run(fmt.Sprintf("hers=%v", hers), func(t *testing.T) {
		h := staff(t, false)
		h.clientGround()
		c := h.newCouple("Wren", 0, hers)
		cookie := h.signedIn(c.b)
		for _, route := range h.first.engine.Routes() {
			if route.Method != "GET" || !strings.HasPrefix(route.Path, "/portal") {
				continue
			}
			path := strings.NewReplacer(":engagement", string(c.id), ":note", string(c.notes["joint"]), ":sheet", string(c.sheets["bSheet"]),
				":booking", string(c.bookings["joint"]), ":version", "1", ":lane", string(c.laneOf["joint"]),
				":package", "one-three", ":order", string(c.bOrder), ":invoice", string(c.bPaper)).Replace(route.Path)
			if strings.Contains(path, ":") {
				t.Fatalf("%s: say what stands for its parts", route.Path)
			}
			got := h.fetch("GET", path, cookie, nil)
			var lines []string
			for name := range got.header {
				if name != "Date" && name != "X-Request-Id" {
					lines = append(lines, name+" "+strings.Join(got.header[name], ", "))
				}
			}
			slices.Sort(lines)
			seen["GET "+route.Path] = fmt.Sprintln(got.status, strings.Join(lines, "\n")) + got.body
		}
		export := h.fetch("POST", "/portal/export", cookie, map[string][]string{"as": {"json"}})
		// What was made in one instant comes in the order of random ids.
		lines := strings.Split(withoutIDs(export.body), "\n")
		slices.Sort(lines)
		seen["the copy"] = strings.Join(lines, "\n")
		h.toBen(c, seen)
		for what, text := range seen {
			seen[what] = withoutIDs(text)
		}
	})
	return seen
}

// toBen adds the letters to his inbox.
func (h *staffed) toBen(c *couple, seen map[string]string) {
	h.t.Helper()
	h.sendAll()
	ben, err := people.Find(h.ctx, h.db, c.b)
	h.must(err)
	var letters []string
	for _, one := range h.inbox.Taken() {
		if slices.Contains(one.To, ben.Email) {
			letters = append(letters, withoutIDs(readable(one.Data)))
		}
	}
	slices.Sort(letters)
	seen["how many letters"] = fmt.Sprint(len(letters))
	seen["the letters"] = strings.Join(letters, "\n=====\n")
}

var (
	uuids    = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	tokens   = regexp.MustCompile(`[A-Za-z0-9_-]{43,}`)
	ports    = regexp.MustCompile(`(localhost|127\.0\.0\.1):\d+`)
	prefixes = regexp.MustCompile(`\b[A-Z2-9]{4}(-20\d\d-\d{3})\b`) // of the numbers of invoices; what follows tells of gaps
	boundary = regexp.MustCompile(`(?m)^--[A-Za-z0-9]{20,}.*$|boundary="?[A-Za-z0-9]+"?|^Message-I[dD]:.*$|^Date:.*$`)
)

// withoutIDs puts a number in place of each random id, by its first place.
func withoutIDs(text string) string {
	text = boundary.ReplaceAllString(nonces.ReplaceAllString(opKeys.ReplaceAllString(text, "OP"), "NONCE"), "X")
	text = prefixes.ReplaceAllString(ports.ReplaceAllString(text, "HOST"), "PREFIX$1")
	for _, ids := range []*regexp.Regexp{uuids, tokens} {
		known := map[string]string{}
		text = ids.ReplaceAllStringFunc(text, func(id string) string {
			if known[id] == "" {
				known[id] = fmt.Sprintf("ID%d", len(known))
			}
			return known[id]
		})
	}
	return text
}

package web_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/people"
	"kintsugi/internal/pg/pgtest"
)

// accessTable says what every route answers to everybody who can ask.
const accessTable = "testdata/access.txt"

// access is the table as it was read.
type access struct {
	actors []string
	rows   []accessRow
}

type accessRow struct {
	method, route, query string
	cells                map[string]string
}

func (r accessRow) String() string {
	if r.query != "" {
		return r.method + " " + r.route + "?" + r.query
	}
	return r.method + " " + r.route
}

// readAccess reads the table. A row with one word holds for everybody.
func readAccess(t *testing.T) access {
	t.Helper()
	raw, err := os.ReadFile(accessTable)
	if err != nil {
		t.Fatal(err)
	}
	var a access
	for n, line := range strings.Split(string(raw), "\n") {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0 || strings.HasPrefix(line, "#"):
		case fields[0] == "METHOD":
			a.actors = fields[2:]
		case len(fields) != 3 && len(fields) != 2+len(a.actors):
			t.Fatalf("%s:%d has %d cells", accessTable, n+1, len(fields)-2)
		default:
			row := accessRow{method: fields[0], cells: map[string]string{}}
			row.route, row.query, _ = strings.Cut(fields[1], "?")
			for i, actor := range a.actors {
				row.cells[actor] = fields[min(2+i, len(fields)-1)]
			}
			a.rows = append(a.rows, row)
		}
	}
	return a
}

// The generated matrix. C02: a page was added, and nobody had asked who may
// open it.
func TestEveryRouteAnswersEverybodyAsTheTableSays(t *testing.T) {
	t.Parallel()
	h := staff(t, false)
	table := readAccess(t)
	compareRoutes(t, h.first.engine.Routes(), table)
	w := h.watch()
	for _, row := range table.rows {
		t.Run(strings.ReplaceAll(row.String(), "/", "."), func(t *testing.T) {
			was := h.t
			h.t = t
			defer func() { h.t = was }()
			shared := h.scene(row.route, w.sams)
			w.signIn(shared)
			for _, who := range table.actors {
				cell := row.cells[who]
				if row.method == "GET" || refusal(cell) {
					w.judge(t, row, who, cell, shared, w.held[who])
					continue
				}
				s := h.scene(row.route, w.sams) // what is done to it is done to nobody else's
				w.turnTo(s.now)
				w.judge(t, row, who, cell, s, w.cookie(who, s))
			}
		})
	}
	w.afterwards(t)
}

// compareRoutes fails for a route without a row and for a row without a route.
func compareRoutes(t *testing.T, routes gin.RoutesInfo, table access) {
	t.Helper()
	real := map[string]bool{}
	for _, r := range routes {
		real[r.Method+" "+r.Path] = true
	}
	said := map[string]bool{}
	for _, row := range table.rows {
		said[row.method+" "+row.route] = true
		if !real[row.method+" "+row.route] {
			t.Errorf("%s has a row in %s and is no route", row, accessTable)
		}
	}
	for route := range real {
		if !said[route] {
			t.Errorf("%s has no row in %s: say who may", route, accessTable)
		}
	}
}

// refusal reports whether a cell means that nothing may have happened.
func refusal(cell string) bool {
	return slices.Contains([]string{"none", "sign-in", "proof", "no"}, cell)
}

// watcher asks for things as everybody and judges the answers.
type watcher struct {
	*staffed
	sams   map[string]booking.Booking
	person people.ID // somebody who is signed in and does not work here
	tables []string
	print  string            // of the database
	writes string            // how many had written to it then
	held   map[string]string // what everybody's browser holds, in this row
	shown  map[string]bool   // which canaries came to whom
}

func (h *staffed) watch() *watcher {
	h.t.Helper()
	w := &watcher{staffed: h, sams: map[string]booking.Booking{}, shown: map[string]bool{}}
	for i, kind := range []string{"meet", "asked"} {
		w.sams[kind] = h.booked(kind, "sam", time.Date(2026, 12, 8, 10+i, 0, 0, 0, time.UTC), 100_000+i)
	}
	w.person = w.sams["meet"].PersonID
	for _, slug := range []string{"mara", "noor", "olu", "sam", "ash"} {
		id := h.coach(slug).ID
		wrapped, err := h.keys.Wrap([]byte("GEZDGNBVGY3TQOJQ"), "proof app "+string(id))
		h.must(err)
		h.exec(`insert into proof_app (person_id, wrapped, last_step, made_at) values ($1, $2, 0, $3)`, id, wrapped, h.now())
	}
	h.exec(`update coach set active = false where slug = 'sam'`)
	h.write()
	h.must(pgtest.Owner(h.t).Select(h.ctx, &w.tables, `
		select tablename from pg_tables where schemaname = 'public' and tablename not in ('goose_db_version', 'session') order by tablename`))
	return w
}

// fingerprint is what is in every table. Of a session only whether it stands:
// that it was used is no change. While nothing at all is written it is the one
// from before.
func (w *watcher) fingerprint() string {
	w.t.Helper()
	var writes string
	w.must(w.db.Get(w.ctx, &writes, `select pg_snapshot_xmax(pg_current_snapshot())::text`))
	if writes == w.writes {
		return w.print
	}
	parts := []string{`select 'session ' || count(*) from session`}
	for _, table := range w.tables {
		parts = append(parts, fmt.Sprintf(`select '%[1]s ' || count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) from %[1]s t`, table))
	}
	var lines []string
	w.must(w.db.Select(w.ctx, &lines, strings.Join(parts, " union all ")+" order by 1"))
	w.writes, w.print = writes, strings.Join(lines, "\n")
	return w.print
}

// signIn has everybody sign in for a row.
func (w *watcher) signIn(s *scene) {
	w.turnTo(s.now)
	w.held = map[string]string{}
	for _, who := range []string{"half", "stale", "prospect", "person", "assistant", "coach", "other", "owner", "suspended"} {
		w.held[who] = w.cookie(who, s)
	}
}

// cookie is what the browser of an actor brings.
func (w *watcher) cookie(who string, s *scene) string {
	slug := map[string]string{"half": "noor", "assistant": "ash", "coach": "noor", "other": "olu", "owner": "mara", "stale": "mara", "suspended": "sam"}[who]
	var token string
	switch who {
	case "anonymous":
		return ""
	case "prospect": // what they have instead of a session
		if s.call.ID != "" {
			return w.booking.LinkFor(s.call, booking.ByPerson)
		}
		return w.booking.LinkFor(s.sams, booking.ByPerson)
	case "person":
		return w.signedIn(w.person)
	default:
		token = w.signedIn(w.coach(slug).ID)
	}
	switch who {
	case "half":
		w.exec(`update session set proven_at = null, fresh_at = null where person_id = $1`, w.coach(slug).ID) // all of hers have been used
	case "stale":
		w.exec(`update session set fresh_at = $2 where person_id = $1`, w.coach(slug).ID, w.now().Add(-11*time.Minute))
	}
	return token
}

// request asks for a route, or for the same with ids that were made up.
func (w *watcher) request(row accessRow, who, cookie string, s *scene, params map[string]string, madeUp ...string) answer {
	w.t.Helper()
	path := row.route
	for name, value := range params {
		path = strings.Replace(path, name, value, 1)
	}
	if row.query != "" {
		path += "?" + row.query
	}
	var body io.Reader
	kind := ""
	if row.method == "POST" {
		form, program := w.body(row.route, s)
		for _, name := range []string{"coach", "person"} {
			if len(madeUp) > 0 && form.Has(name) {
				form.Set(name, madeUp[0])
			}
		}
		body, kind = strings.NewReader(form.Encode()), "application/x-www-form-urlencoded"
		if program != "" {
			body, kind = strings.NewReader(program), "application/json"
		}
	}
	r, err := http.NewRequest(row.method, w.base+path, body)
	w.must(err)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if row.method == "POST" {
		r.Header.Set("Origin", w.base)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Referer", w.base+"/desk")
	}
	if cookie != "" {
		r.AddCookie(&http.Cookie{Name: "kintsugi", Value: cookie})
	}
	res, err := accessClient.RoundTrip(r)
	w.must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	w.must(err)
	return answer{w.t, res.StatusCode, res.Header, string(text)}
}

var accessClient = &http.Transport{MaxIdleConnsPerHost: 4, DisableCompression: true}

// judge asks as one actor and compares with the cell.
func (w *watcher) judge(t *testing.T, row accessRow, who, cell string, s *scene, cookie string) {
	t.Helper()
	w.turnTo(s.now)
	params := w.params(row.route, s, who)
	before := ""
	// To look changes nothing; who leaves quickly ends their session.
	if row.method == "POST" && refusal(cell) || row.method == "GET" && (who == "coach" || who == "owner") && row.route != "/exit" {
		before = w.fingerprint()
	}
	got := w.request(row, who, cookie, s, params)
	if came := outcome(got); came != cell && !(cell == "no" && got.status >= 400 && got.status < 500) {
		t.Errorf("%s as %s: %s, the table says %s\n%.600s", row, who, came, cell, got.page().words())
	}
	if before != "" {
		if after := w.fingerprint(); after != before {
			t.Errorf("%s as %s changed something:\n%s", row, who, changed(before, after))
		}
	}
	if refusal(cell) && cell != "no" {
		w.likeMadeUp(t, row, who, cookie, s, params, got)
	}
	w.hides(t, row, who, got)
	if strings.HasPrefix(row.route, "/desk") && got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s as %s may be kept: %q", row, who, got.header.Get("Cache-Control"))
	}
}

// outcome is an answer in the words of the table.
func outcome(a answer) string {
	to := a.header.Get("Location")
	switch {
	case a.status == 200:
		return "page"
	case a.status == 404:
		return "none"
	case a.status == 303 && strings.HasPrefix(to, "/sign-in/proof?"), a.status == 303 && strings.HasPrefix(to, "/sign-in/set-up?"):
		return "proof"
	case a.status == 303 && strings.HasPrefix(to, "/sign-in?next"):
		return "sign-in"
	case a.status == 303:
		return "done"
	}
	return fmt.Sprint(a.status)
}

// likeMadeUp fails where a refusal can be told from the answer about something
// that does not exist.
func (w *watcher) likeMadeUp(t *testing.T, row accessRow, who, cookie string, s *scene, params map[string]string, got answer) {
	t.Helper()
	made := map[string]string{}
	for name, value := range params {
		made[name] = madeUp(value)
	}
	asked := row
	other := w.request(row, who, cookie, s, made)
	switch {
	case row.query != "":
		row.query = strings.NewReplacer("=noor", "=made-up", "=all", "=made-up").Replace(row.query)
		other = w.request(row, who, cookie, s, made)
	case row.route == "/desk/block" || row.route == "/desk/book" || row.route == "/desk/engagements/new": // the form says whose
		other = w.request(row, who, cookie, s, made, "made-up")
	case !strings.Contains(row.route, ":") && got.status == 404:
		row.route = "/desk/nothing-of-the-kind"
		for _, quiet := range []string{"/portal", "/sign-in"} { // what is refused there says nothing in the tab
			if strings.HasPrefix(asked.route, quiet) {
				row.route = quiet + "/nothing-of-the-kind"
			}
		}
		other = w.request(row, who, cookie, s, nil)
	}
	if a, b := plain(got, params, asked.query), plain(other, made, row.query); a != b {
		t.Errorf("%s as %s can be told from what does not exist:\n%s\n---\n%s", asked, who, changed(b, a), changed(a, b))
	}
}

// madeUp is a value of the same shape that nothing has.
func madeUp(value string) string {
	switch {
	case len(value) == 36 && strings.Count(value, "-") == 4:
		return madeUpID
	case strings.HasSuffix(value, ".ics"):
		return madeUp(strings.TrimSuffix(value, ".ics")) + ".ics"
	case len(value) > 40:
		return strings.Repeat("A", len(value))
	}
	return "made-up"
}

var (
	nonces = regexp.MustCompile(`nonce-?=?"?[A-Za-z0-9+/=_-]{16,}"?`)
	opKeys = regexp.MustCompile(`name="op" value="[^"]*"`)
)

// plain is an answer without what differs between any two.
func plain(a answer, params map[string]string, query string) string {
	var b strings.Builder
	fmt.Fprintln(&b, a.status)
	var names []string
	for name := range a.header {
		// That a page of the program exists is known from its source; of an id it is not.
		if name != "Date" && name != "X-Request-Id" && name != "Content-Length" && name != "X-Robots-Tag" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintln(&b, name, strings.Join(a.header[name], ", "))
	}
	text := b.String() + a.body
	if query != "" {
		text = strings.NewReplacer(query, "QUERY", url.QueryEscape(query), "QUERY").Replace(text)
	}
	for _, value := range params {
		text = strings.ReplaceAll(text, value, "ID")
	}
	text = opKeys.ReplaceAllString(nonces.ReplaceAllString(text, "NONCE"), "OP")
	return strings.ReplaceAll(text, a.header.Get("X-Request-Id"), "REQUEST")
}

// changed are the lines that differ.
func changed(before, after string) string {
	var lines []string
	old := strings.Split(before, "\n")
	for _, line := range strings.Split(after, "\n") {
		if !slices.Contains(old, line) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

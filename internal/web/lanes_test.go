package web_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/reception"
)

// mayRead says who may find the words of each kind of thing, by actor. What is
// not here is found by nobody.
var mayRead = map[string][]string{
	"coach":         {"coach"},
	"joint":         {"coach", "A", "A by code", "B", "B by code"},
	"jointDraft":    {"coach"},
	"aAlone":        {"coach", "A"},
	"aFrom":         {"coach", "A"},
	"aDraft":        {"A"},
	"aSelf":         {"A"},
	"aSheet":        {"coach", "A"},
	"aSheetDraft":   {"A"},
	"aSafe":         {"coach", "A", "A by code"},
	"bAlone":        {"coach", "B"},
	"bSheet":        {"coach", "B"},
	"jointSessions": {"coach", "A", "A by code", "B", "B by code"},
	"aSessions":     {"coach", "A"},
}

// laneActor is somebody who asks, with what their browser brings.
type laneActor struct{ name, cookie string }

// laneWatch asks for the things of a couple as everybody.
type laneWatch struct {
	*staffed
	couple *couple
	actors []laneActor
	shown  map[string]bool
	asked  int
}

// The heart of the promise: every route and method, as everybody, with the id of
// every thing of every lane. A partner found the other's form under an address
// that only the number of the form was missing from.
func TestNobodyFindsWhatLiesInALaneThatIsNotTheirs(t *testing.T) {
	t.Parallel()
	h := staff(t, false)
	h.clientGround()
	w := &laneWatch{staffed: h, couple: h.newCouple("Wren", 0, true), shown: map[string]bool{}}
	other := h.newCouple("Finch", 1, true)
	former := h.newCouple("Swift", 2, true)
	h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) error { return h.first.engagement.Leave(h.ctx, tx, former.b, former.id, h.now()) }))
	weak := func(person people.ID) string {
		token := h.signedIn(person)
		h.exec(`update session set proven_at = null, fresh_at = null where id = (select id from session where person_id = $1 order by signed_in_at desc, id desc limit 1)`, person)
		return token
	}
	w.actors = []laneActor{
		{"anonymous", ""}, {"A by code", weak(w.couple.a)}, {"B by code", weak(w.couple.b)},
		{"other client", h.signedIn(other.a)}, {"former partner of another", h.signedIn(former.b)},
		{"other coach", h.signedIn(h.coach("olu").ID)}, {"owner", h.signedIn(h.coach("mara").ID)}, {"assistant", h.signedIn(h.coach("ash").ID)},
		{"B", h.signedIn(w.couple.b)}, {"A", h.signedIn(w.couple.a)}, {"coach", h.signedIn(h.coach("noor").ID)},
	}
	for _, method := range []string{"GET", "POST"} {
		for _, route := range h.first.engine.Routes() {
			if route.Method == method && ofClients(route.Path) {
				w.askEverywhere(t, method, route.Path)
			}
		}
	}
	for kind, who := range mayRead {
		for _, name := range who {
			if !w.shown[kind+" to "+name] {
				t.Errorf("%s was never shown to %s, who may read it", kind, name)
			}
		}
	}
	t.Logf("%d requests", w.asked)
	w.record(t)
	w.letters(t)
}

// ofClients reports whether a route shows things of clients.
func ofClients(path string) bool {
	return strings.HasPrefix(path, "/portal") || strings.HasPrefix(path, "/desk/engagements") || path == "/desk" || path == "/desk/schedule" ||
		strings.HasPrefix(path, "/desk/bookings/") || strings.HasPrefix(path, "/desk/people")
}

// acts that would end the scene for the rest of the test, when asked for by
// those who may.
var ending = regexp.MustCompile(`/(leave|erase|discard|end|state|hand-over|withdraw|policy|lock|share|sign-out|decline|contact|cancel|move|spam|join|part)$`)

// askEverywhere asks for a route with every id that could stand in it.
func (w *laneWatch) askEverywhere(t *testing.T, method, route string) {
	t.Helper()
	paths := []string{route}
	for _, param := range regexp.MustCompile(`:[a-z]+`).FindAllString(route, -1) {
		var ids []string
		switch param {
		case ":engagement":
			ids = []string{string(w.couple.id)}
		case ":note":
			for _, id := range w.couple.notes {
				ids = append(ids, string(id))
			}
		case ":sheet":
			for _, id := range w.couple.sheets {
				ids = append(ids, string(id))
			}
		case ":booking":
			for _, id := range w.couple.bookings {
				ids = append(ids, string(id))
			}
		case ":id":
			if strings.HasPrefix(route, "/desk/people") {
				ids = []string{string(w.couple.a), string(w.couple.b)}
			} else {
				for _, id := range w.couple.bookings {
					ids = append(ids, string(id))
				}
			}
		case ":client", ":person":
			ids = []string{string(w.couple.a), string(w.couple.b)}
		case ":lane":
			for _, id := range w.couple.laneOf {
				ids = append(ids, string(id))
			}
		case ":version":
			ids = []string{"1"}
		case ":package":
			ids = []string{"one-three", string(w.couple.offer)}
		case ":order":
			ids = []string{string(w.couple.order), string(w.couple.bOrder)}
		case ":invoice":
			ids = []string{string(w.couple.paper), string(w.couple.bPaper)}
		default:
			t.Fatalf("%s: say what can stand for %s", route, param)
		}
		var more []string
		for _, p := range paths {
			for _, id := range ids {
				more = append(more, strings.Replace(p, param, id, 1))
			}
		}
		paths = more
	}
	for _, path := range paths {
		for _, actor := range w.actors {
			entitled := actor.name == "A" || actor.name == "B" || actor.name == "coach" || strings.HasSuffix(actor.name, "by code")
			if method == "POST" && entitled && ending.MatchString(route) {
				continue
			}
			w.askAs(t, method, path, actor)
		}
	}
}

// askAs asks once and looks for words in the answer that are not for the asker.
func (w *laneWatch) askAs(t *testing.T, method, path string, actor laneActor) {
	t.Helper()
	form := url.Values{}
	if method == "POST" {
		for _, name := range []string{"lane", "body", "title", "version", "sought", "word", "text", "name", "as", "template", "note", "form", "to"} {
			form.Set(name, "1")
		}
		form.Set("sought", "canary")
		form.Set("lane", string(w.couple.laneOf["individualA"]))
		form.Set("person_id", string(w.couple.a))
		form.Set("owner", string(w.couple.b))
		form.Set("op", w.first.guard.NewOp(w.now().Add(-time.Minute)))
	}
	got := w.fetch(method, path, actor.cookie, form)
	w.asked++
	if got.status >= 500 {
		t.Errorf("%s %s as %s answers %d", method, path, actor.name, got.status)
	}
	text := strings.ToLower(got.body + fmt.Sprint(got.header))
	for kind, word := range w.couple.words {
		if !strings.Contains(text, strings.ToLower(word)) {
			continue
		}
		w.shown[kind+" to "+actor.name] = true
		if !slices.Contains(mayRead[kind], actor.name) {
			at := strings.Index(text, strings.ToLower(word))
			t.Errorf("%s %s shows %s to %s: …%.120s…", method, path, kind, actor.name, text[max(0, at-60):])
		}
	}
}

// fetch asks as a browser of ours does.
func (h *staffed) fetch(method, path, cookie string, form url.Values) answer {
	h.t.Helper()
	var body io.Reader
	if method == "POST" {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequest(method, h.base+path, body)
	h.must(err)
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", h.base)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if cookie != "" {
		r.AddCookie(&http.Cookie{Name: "kintsugi", Value: cookie})
	}
	res, err := accessClient.RoundTrip(r)
	h.must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	h.must(err)
	return answer{h.t, res.StatusCode, res.Header, string(text)}
}

// record looks at the record: that something lies in a lane of another coach is
// not for the owner of the practice to learn from it.
func (w *laneWatch) record(t *testing.T) {
	t.Helper()
	lines := func(who people.Coach) (n int) {
		trail, err := reception.ReadTrail(w.ctx, w.db, booking.Viewer{ID: who.ID, Role: who.Role}, reception.Search{From: monday.AddDate(-1, 0, 0), To: monday.AddDate(1, 0, 0)})
		w.must(err)
		for _, line := range trail.Lines {
			if strings.HasPrefix(line.Act, "note") || strings.HasPrefix(line.Act, "form answer") || line.Act == "form sent" {
				n++
			}
		}
		return n
	}
	if n := lines(w.coach("mara")); n > 0 {
		t.Errorf("the record tells the owner of %d acts in lanes of another coach", n)
	}
	noor := w.coach("noor")
	trail, err := reception.ReadTrail(w.ctx, w.db, booking.Viewer{ID: noor.ID, Role: noor.Role}, reception.Search{From: monday.AddDate(-1, 0, 0), To: monday.AddDate(1, 0, 0)})
	w.must(err)
	for next := trail.Next; ; next = trail.Next {
		for _, line := range trail.Lines {
			if line.Kind == audit.Person && (line.Act == "note begun" || line.Act == "note discarded" || line.Act == "note read" || line.Act == "notes listed") {
				t.Errorf("the record tells a coach of “%s” by a client", line.Act)
			}
		}
		if next == "" {
			break
		}
		trail, err = reception.ReadTrail(w.ctx, w.db, booking.Viewer{ID: noor.ID, Role: noor.Role}, reception.Search{From: monday.AddDate(-1, 0, 0), To: monday.AddDate(1, 0, 0), Before: next})
		w.must(err)
	}
	if lines(noor) == 0 {
		t.Error("the record tells a coach nothing of their own lanes")
	}
}

// letters looks for private words in every letter, in the log, and in every
// table, as the owner of the tables, who sees every row.
func (w *laneWatch) letters(t *testing.T) {
	t.Helper()
	taken := w.sendAll()
	if len(taken) < 10 {
		t.Errorf("only %d letters were looked at", len(taken))
	}
	for kind, word := range w.couple.words {
		for _, letter := range taken {
			if strings.Contains(strings.ToLower(letter), strings.ToLower(word)) {
				t.Errorf("a letter holds the words of %s", kind)
			}
		}
		if strings.Contains(w.log.String(), word) {
			t.Errorf("the log holds the words of %s", kind)
		}
	}
	owner := pgtest.Owner(t)
	var tables []string
	w.must(owner.Select(w.ctx, &tables, `select tablename from pg_tables where schemaname = 'public' order by tablename`))
	if len(tables) < 40 {
		t.Errorf("only %d tables were looked at", len(tables))
	}
	for _, table := range tables {
		for _, way := range []string{"WRENCANARY", hex.EncodeToString([]byte("WRENCANARY"))} {
			var n int
			w.must(owner.Get(w.ctx, &n, `select count(*) from `+table+` t where strpos(t::text, $1) > 0`, way))
			if n > 0 {
				t.Errorf("%d rows of %s hold private words in plain", n, table)
			}
		}
	}
}

// sendAll sends what is due and gives it as text.
func (h *staffed) sendAll() []string {
	h.t.Helper()
	stop := h.working(h.first)
	defer stop()
	for range 600 {
		var waiting int
		h.must(h.db.Get(h.ctx, &waiting, `select count(*) from letter where status = 'queued' and not_before <= $1`, h.now()))
		if waiting == 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	var letters []string
	for _, one := range h.inbox.Taken() {
		letters = append(letters, readable(one.Data))
	}
	return letters
}

// readable is a letter with its lines put together again and its encoding undone
// as far as words go.
func readable(raw []byte) string {
	text := strings.ReplaceAll(string(raw), "=\r\n", "")
	for _, block := range regexp.MustCompile(`(?m)(?:^[A-Za-z0-9+/=]{40,}\r?\n?)+`).FindAllString(text, -1) {
		if plain, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(block), "")); err == nil {
			text += "\n" + string(plain)
		}
	}
	return text
}

package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"kintsugi/internal/engagement"
	"kintsugi/internal/intake"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
)

func TestAFormIsFilledInBitByBitOnTwoDevicesAndSent(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	id := p.send("before", p.alex)[p.alex]
	first, second := p.as(p.alex), p.as(p.alex)
	first.fill(id, "save", "goal", "To be heard.").shows(303)
	page := second.get("/portal/forms/" + string(id)).shows(200)
	if !strings.Contains(page.body, "To be heard.") || !strings.Contains(page.body, "Saved for you alone") {
		t.Errorf("on another device: %s", page.page().words())
	}
	second.fill(id, "save", "goal", "To be heard.", "close", "2").shows(303)
	// A required question under a condition is missed by name, and nothing is lost.
	missed := first.fill(id, "send", "goal", "To be heard.", "close", "2", "children", "yes").shows(422)
	if missed.page().id("q-many-problem") == nil || !strings.Contains(missed.body, `href="#q-many"`) || !strings.Contains(missed.body, "To be heard.") {
		t.Errorf("%s", missed.page().words())
	}
	sent := first.fill(id, "send", "goal", "To be heard.", "close", "2", "children", "no", "many", "3", "agree", "yes", "sign", "Alex Stone").shows(303)
	if sent.path() != "/portal/forms/"+string(id) {
		t.Errorf("leads to %s", sent.path())
	}
	words := first.get(sent.path()).shows(200).page().words()
	for _, want := range []string{"To be heard.", "2 of 5", "Alex Stone", "Unchanged since they were signed", "Change my answers"} {
		if !strings.Contains(words, want) {
			t.Errorf("%q is missing in: %s", want, words)
		}
	}
	if strings.Contains(words, "How many?") || strings.Contains(words, "strain") {
		t.Errorf("shows what was not asked, or a result: %s", words)
	}
	// A change is another version.
	change := "/portal/forms/" + string(id) + "/change"
	page = first.get(change).shows(200)
	if strings.Contains(page.body, "Alex Stone") {
		t.Error("a name is signed again by itself")
	}
	p.pass(10 * time.Minute)
	form := first.typed(page, "goal", "To be heard, and to hear.", "close", "2", "children", "no", "agree", "yes", "sign", "Alex Stone")
	form.Set("act", "send")
	first.post("/portal/forms/"+string(id), form).shows(303)
	words = first.get("/portal/forms/" + string(id)).shows(200).page().words()
	if !strings.Contains(words, "To be heard, and to hear.") || !strings.Contains(words, "All that was sent") {
		t.Errorf("%s", words)
	}
	words = first.get("/portal/forms/" + string(id) + "/versions/1").shows(200).page().words()
	if !strings.Contains(words, "To be heard.") || !strings.Contains(words, "older version") {
		t.Errorf("%s", words)
	}
	for _, none := range []string{"/versions/3", "/versions/0", "/versions/x", "/versions/-1", "/versions/99999999999999999999"} {
		first.get("/portal/forms/" + string(id) + none).shows(404)
	}
}

// Whoever holds the inbox has the first proof alone. They must not learn whether
// there is something behind the second.
func TestBehindTheSecondProofThereIsNothingToSeeAndNothingToGuess(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	ids := p.send("before", p.alex)
	safety := p.send("safety", p.alex)[p.alex]
	weak := p.weak(p.alex)
	list := weak.get("/portal/forms").shows(200)
	if strings.Contains(list.body, "Before we start") || !strings.Contains(list.body, "How safe it is") || !strings.Contains(list.body, "second proof") {
		t.Errorf("%s", list.page().words())
	}
	weak.get("/portal/forms/" + string(safety)).shows(200)
	const madeUp = "0d1c2b3a-4f5e-4d6c-8b7a-123456789abc"
	for _, end := range []string{"", "/change", "/versions/1"} {
		there, none := weak.get("/portal/forms/"+string(ids[p.alex])+end), weak.get("/portal/forms/"+madeUp+end)
		a, b := strings.ReplaceAll(there.header.Get("Location"), string(ids[p.alex]), "ID"), strings.ReplaceAll(none.header.Get("Location"), madeUp, "ID")
		if there.status != 303 || none.status != 303 || a != b || !strings.HasPrefix(a, "/sign-in/proof?") {
			t.Errorf("%d %q and %d %q", there.status, a, none.status, b)
		}
	}
	for _, at := range []string{string(ids[p.alex]), madeUp} {
		kept := weak.post("/portal/forms/"+at, url.Values{"q-goal": {"Peace"}, "act": {"send"}}).shows(401)
		if !strings.Contains(kept.body, `name="q-goal" value="Peace"`) {
			t.Errorf("%s", kept.body)
		}
		heard := weak.post("/portal/forms/"+at, url.Values{"q-goal": {"Peace"}}, script).shows(401)
		if heard.body != `{"state":"proof"}` {
			t.Errorf("%s", heard.body)
		}
	}
	if n := p.count(`select count(*) from sheet_draft`); n != 0 {
		t.Errorf("%d drafts", n)
	}
	strong := p.as(p.alex)
	strong.get("/portal/forms/" + madeUp).shows(404)
	if list := strong.get("/portal/forms").shows(200); !strings.Contains(list.body, "Before we start") {
		t.Errorf("%s", list.page().words())
	}
}

// What is asked about safety was open to whoever held the inbox, also after a
// second proof had been set up, with all that had been answered in it.
func TestWhatIsAskedAboutSafetyStandsBehindTheSecondProofOnceThereIsOne(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	strong, weak := p.as(p.alex), p.weak(p.alex)
	before := weak.get("/portal/forms").shows(200)
	id := p.send("safety", p.alex)[p.alex]
	strong.fill(id, "send", "goal", "I sleep elsewhere.").shows(303)
	open := p.send("safety", p.alex)[p.alex]
	at := "/portal/forms/" + string(id)
	if body := weak.get(at).shows(200).body; !strings.Contains(body, "I sleep elsewhere.") {
		t.Error("it is not open while there is no second proof")
	}
	p.exec(`insert into passphrase (person_id, hash, made_at) values ($1, 'x', $2)`, p.alex, p.now())
	for _, end := range []string{"", "/change", "/versions/1"} {
		if got := weak.get(at + end); got.status != 303 || !strings.HasPrefix(got.header.Get("Location"), "/sign-in/proof?") {
			t.Errorf("%s answers %d", end, got.status)
		}
	}
	if got := weak.post("/portal/forms/"+string(open), url.Values{"q-goal": {"x"}}, script).shows(401); got.body != `{"state":"proof"}` {
		t.Errorf("%s", got.body)
	}
	if now := weak.get("/portal/forms").shows(200); nonces.ReplaceAllString(now.body, "") != nonces.ReplaceAllString(before.body, "") {
		t.Errorf("the list tells that there is something:\n%s", changed(before.body, now.body))
	}
	if home := weak.get("/portal").shows(200).body; strings.Contains(home, "How safe it is") {
		t.Error("the first page names it")
	}
	// Of a form for both, what one has answered is theirs until the other has.
	both := p.send("together")[p.alex]
	strong.fill(both, "save", "goal", "Before the other.").shows(303)
	if got := weak.get("/portal/forms/" + string(both)); got.status != 303 {
		t.Errorf("the form for both answers %d", got.status)
	}
	if body := strong.get(at).shows(200).body; !strings.Contains(body, "I sleep elsewhere.") {
		t.Error("both proofs do not open it")
	}
}

// Somebody wrote for an hour, and their session had ended when they pressed the
// button.
func TestWhatWasTypedIsNotLostWhenTheSessionHasEnded(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	id := p.send("before", p.alex)[p.alex]
	b := p.as(p.alex)
	form := b.typed(b.get("/portal/forms/"+string(id)).shows(200), "goal", "Line one\nline \"two\" <b>", "who", "Family", "who", "A friend")
	p.exec(`delete from session where person_id = $1`, p.alex)
	if heard := b.post("/portal/forms/"+string(id), form, script).shows(401); heard.body != `{"state":"signed-out"}` {
		t.Errorf("%s", heard.body)
	}
	form.Set("act", "save")
	held := b.post("/portal/forms/"+string(id), form).shows(401)
	if words := held.page().words(); strings.Contains(words, "line") || !strings.Contains(words, "out of sight") {
		t.Errorf("shows %s", words)
	}
	if held.header.Get("Cache-Control") != "no-store" {
		t.Error("it may be kept")
	}
	// What the page holds, sent again by its own button after signing in.
	again := url.Values{}
	for _, n := range held.page().all("input") {
		if attr(n, "type") == "hidden" {
			again.Add(attr(n, "name"), attr(n, "value"))
		}
	}
	if again.Encode() != form.Encode() {
		t.Errorf("holds %q and was sent %q", again.Encode(), form.Encode())
	}
	b.token = p.signedIn(p.alex)
	again.Set("act", "save")
	b.post("/portal/forms/"+string(id), again).shows(303)
	if page := b.get("/portal/forms/" + string(id)).shows(200); !strings.Contains(page.body, "line &#34;two&#34; &lt;b&gt;") {
		t.Errorf("%s", page.body)
	}
	// The next person on that device.
	other := p.as(p.sam)
	other.post("/portal/forms/"+string(id), form).shows(404)
	other.get("/portal/forms/" + string(id)).shows(404)
}

// saved is what the page's script hears.
type savedReply struct {
	State    string
	Say      string
	Version  int
	Changes  map[string][]string
	Problems map[string]string
	Aside    bool
}

func (b *reader) autosave(id intake.ID, form url.Values) (s savedReply) {
	b.p.t.Helper()
	a := b.post("/portal/forms/"+string(id), form, script)
	if err := json.Unmarshal([]byte(a.body), &s); err != nil {
		b.p.t.Fatalf("%d %s", a.status, a.body)
	}
	return s
}

func TestTheServerStopsInTheMiddleOfASentenceAndAnotherGoesOn(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	id := p.send("before", p.alex)[p.alex]
	b := p.as(p.alex)
	form := b.typed(b.get("/portal/forms/"+string(id)).shows(200), "goal", "I want")
	if s := b.autosave(id, form); s.State != "saved" || s.Version != 1 {
		t.Fatalf("%+v", s)
	}
	b.base = p.another(pgtest.New(t)).base // another process, on a pool of its own
	form.Set("draft", "1")
	form.Set("q-goal", "I want to be heard.")
	if s := b.autosave(id, form); s.State != "saved" || s.Version != 2 || len(s.Changes) != 0 {
		t.Fatalf("%+v", s)
	}
	if page := b.get("/portal/forms/" + string(id)).shows(200); !strings.Contains(page.body, "I want to be heard.") {
		t.Errorf("%s", page.page().words())
	}
}

func TestTwoTabsAreToldOfEachOtherAndBothAreKept(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	id := p.send("before", p.alex)[p.alex]
	b := p.as(p.alex)
	page := b.get("/portal/forms/" + string(id)).shows(200)
	one, two := b.typed(page, "goal", "From the first"), b.typed(page, "close", "4")
	b.autosave(id, one)
	if s := b.autosave(id, two); s.State != "saved" || fmt.Sprint(s.Changes) != "map[q-goal:[From the first]]" || s.Aside {
		t.Errorf("%+v", s)
	}
	// The same question in both: both texts are kept, and the next page shows it.
	two.Set("q-goal", "From the second")
	s := b.autosave(id, two)
	if !s.Aside {
		t.Errorf("%+v", s)
	}
	page = b.get("/portal/forms/" + string(id)).shows(200)
	words := page.page().words()
	if !strings.Contains(words, "Two texts for one question") || !strings.Contains(words, "From the first") || !strings.Contains(words, "From the second") {
		t.Errorf("%s", words)
	}
	// A tab that did not show it sends nothing.
	two.Set("draft", fmt.Sprint(s.Version))
	two.Set("act", "send")
	refused := b.post("/portal/forms/"+string(id), two).shows(409)
	if !strings.Contains(refused.page().words(), "open in another place") {
		t.Errorf("%s", refused.page().words())
	}
	b.post("/portal/forms/"+string(id)+"/draft", url.Values{}).shows(303)
	if words := b.get("/portal/forms/" + string(id)).shows(200).page().words(); strings.Contains(words, "Two texts") || strings.Contains(words, "From the first") {
		t.Errorf("%s", words)
	}
}

// A double click on two replicas, and the partner at the same moment.
func TestHoweverOftenItIsSentThereIsOneSendingEach(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	sheets := p.send("together")
	other := p.another(pgtest.New(t))
	var wait sync.WaitGroup
	for who, id := range sheets {
		b := p.as(who)
		form := b.typed(b.get("/portal/forms/"+string(id)).shows(200), "goal", "Peace", "sign", "A Name")
		form.Set("act", "send")
		for i := range 6 {
			wait.Go(func() {
				at := *b
				if i%2 == 1 {
					at.base = other.base
				}
				if a := at.post("/portal/forms/"+string(id), form); a.status != 303 || a.path() != "/portal/forms/"+string(id) {
					t.Errorf("%d %s", a.status, a.page().words())
				}
			})
		}
	}
	wait.Wait()
	if n := p.count(`select count(*) from sheet_answer a join lane_reader r on r.lane_id = a.lane_id`); n != 0 {
		t.Errorf("readable by nobody: %d", n)
	}
	var sent, signed int
	owner := pgtest.Owner(t)
	p.must(owner.Get(p.ctx, &sent, `select count(*) from sheet_answer`))
	p.must(owner.Get(p.ctx, &signed, `select count(*) from sheet_signature`))
	if sent != 2 || signed != 2 {
		t.Errorf("sent %d times, signed %d", sent, signed)
	}
}

// INT-08.
func TestWhateverIsSentTheFieldIsNamedTheRestIsKeptAndNothingBreaks(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	id := p.send("before", p.alex)[p.alex]
	b := p.as(p.alex)
	page := b.get("/portal/forms/" + string(id)).shows(200)
	for _, bad := range []struct{ about, key, value string }{
		{"a megabyte", "goal", strings.Repeat("a", 1<<20)},
		{"a megabyte of faces", "goal", strings.Repeat("😀", 1<<18)},
		{"a zero byte", "goal", "a\x00b"},
		{"no text", "goal", "a\xff\xfeb"},
		{"a step below the scale", "close", "-3"},
		{"a step that is none", "close", "2.5"},
		{"words for a number", "many", "three"},
		{"a huge number", "many", "99999999999999999999999"},
		{"what is no option", "who", "Everybody"},
		{"what is no date", "since", "2026-02-31"},
		{"what is neither yes nor no", "children", "perhaps"},
		{"half a tick", "agree", "no"},
		{"an endless name", "sign", strings.Repeat("x", 10_000)},
	} {
		for _, act := range []string{"save", "send"} {
			page = b.get("/portal/forms/" + string(id)).shows(200)
			pairs := []string{"children", "yes", "many", "2"}
			if bad.key != "goal" {
				pairs = append(pairs, "goal", "Peace at home")
			} else {
				pairs = append(pairs, "sign", "Peace at home")
			}
			form := b.typed(page, pairs...)
			form.Set("q-"+bad.key, bad.value)
			form.Set("act", act)
			a := b.post("/portal/forms/"+string(id), form).shows(422)
			if n := a.page().id("q-" + bad.key + "-problem"); n == nil && bad.key != "children" {
				t.Errorf("%s, %s: the field is not named: %.600s", bad.about, act, a.page().words())
			}
			if !strings.Contains(a.body, "Peace at home") {
				t.Errorf("%s, %s: the rest is lost", bad.about, act)
			}
		}
		form := b.typed(page, "goal", "Peace at home")
		form.Set("q-"+bad.key, bad.value)
		if s := b.autosave(id, form); s.State != "saved" || s.Problems["q-"+bad.key] == "" {
			t.Errorf("%s, by the script: %+v", bad.about, s)
		}
	}
	for _, good := range []string{"Emoji 👩🏽‍❤️‍👩🏻 and مرحبا بالعالم and שלום", "<script>alert(1)</script>", "=HYPERLINK(\"x\")", "line\r\nline"} {
		b.fill(id, "save", "goal", good).shows(303)
		if page := b.get("/portal/forms/" + string(id)).shows(200); strings.Contains(page.body, "<script>alert") {
			t.Errorf("%q stands as it is", good)
		}
	}
	for name, form := range map[string]url.Values{
		"nothing":         {},
		"no version":      {"act": {"send"}, "q-goal": {"x"}, "draft": {"-5"}, "sent": {"99"}},
		"odd numbers":     {"act": {"save"}, "draft": {"9999999999999999999999"}, "sent": {"x"}, "op": {strings.Repeat("x", 5000)}},
		"unknown fields":  {"act": {"save"}, "q-nothing": {"x"}, "person_id": {string(p.sam)}, "lane_id": {"x"}, "sheet": {"x"}},
		"an act there is": {"act": {"delete"}, "q-goal": {"x"}},
	} {
		if a := b.post("/portal/forms/"+string(id), form); a.status >= 500 || a.status == 404 {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	if status := b.announces(id, 5<<20); status != 413 {
		t.Errorf("five megabytes: %d", status)
	}
	broken := b.post("/portal/forms/"+string(id), nil, func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	})
	if broken.status >= 500 {
		t.Errorf("without a body: %d", broken.status)
	}
	for _, at := range []string{"x", "%00", "%ff", "../forms", strings.Repeat("a", 500)} {
		for _, end := range []string{"", "/change", "/versions/1"} {
			if a := b.get("/portal/forms/" + at + end); a.status >= 500 {
				t.Errorf("%s%s: %d", at, end, a.status)
			}
		}
	}
	anonymous := &reader{p, p.base, ""}
	if status := anonymous.announces(id, 1<<20); status != 413 {
		t.Errorf("somebody unknown has a megabyte held: %d", status)
	}
	anonymous.get("/portal/forms/" + string(id)).shows(303)
}

// announces says how much is to come, and waits for the answer to that.
func (b *reader) announces(id intake.ID, size int64) int {
	b.p.t.Helper()
	r, err := http.NewRequest("POST", b.base+"/portal/forms/"+string(id), strings.NewReader("q-goal=a"))
	b.p.must(err)
	for _, option := range b.options() {
		option(r)
	}
	r.ContentLength = size
	r.Header.Set("Expect", "100-continue")
	res, err := (&http.Transport{ExpectContinueTimeout: 10 * time.Second, DisableKeepAlives: true}).RoundTrip(r)
	b.p.must(err)
	defer res.Body.Close()
	return res.StatusCode
}

// fetched is everything that a client can fetch, without what differs between
// any two answers.
func (b *reader) fetched(more ...string) string {
	b.p.t.Helper()
	var all strings.Builder
	for _, path := range append([]string{"/portal", "/portal/forms", "/portal/readers", "/portal/more",
		"/portal/engagements/" + string(b.p.work), "/portal/engagements/" + string(b.p.work) + "/policy"}, more...) {
		a := b.get(path)
		fmt.Fprintf(&all, "== %s\n%s\n", path, plain(a, nil, ""))
	}
	return all.String()
}

func TestNothingThatAPartnerCanFetchTellsWhatTheOtherWasAskedOrWrote(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	own := p.send("before", p.sam)[p.sam]
	joint := p.send("together")
	sam := p.as(p.sam)
	look := func() string {
		return sam.fetched("/portal/forms/"+string(own), "/portal/forms/"+string(joint[p.sam]), "/portal/forms/"+string(joint[p.alex]))
	}
	before := look()
	check := func(after string) {
		t.Helper()
		if got := look(); got != before {
			t.Fatalf("%s, and it can be seen:\n%s\n---\n%s", after, changed(before, got), changed(got, before))
		}
	}
	private, safety := p.send("before", p.alex)[p.alex], p.send("safety", p.alex)[p.alex]
	check("the other was sent two forms")
	alex := p.as(p.alex)
	for _, id := range []intake.ID{private, safety, joint[p.alex]} {
		alex.fill(id, "save", "goal", "WRENCANARY").shows(303)
	}
	check("the other has begun to type")
	for _, id := range []intake.ID{private, safety, joint[p.alex]} {
		alex.fill(id, "send", "goal", "WRENCANARY", "agree", "yes").shows(303)
	}
	check("the other has sent all of it")
	noor := p.as(p.coach("noor").ID)
	for _, id := range []intake.ID{private, safety, joint[p.alex]} {
		noor.get("/desk/engagements/" + string(p.work) + "/forms/" + string(id)).shows(200)
	}
	check("the coach has read it")
	sam.get("/portal/forms/" + string(private)).shows(404)
	sam.get("/portal/forms/" + string(joint[p.alex])).shows(404)

	sam.fill(joint[p.sam], "send", "goal", "FINCHCANARY").shows(303)
	if a := sam.get("/portal/forms/" + string(joint[p.alex])).shows(200); !strings.Contains(a.body, "WRENCANARY") || strings.Contains(a.body, "Take this back") {
		t.Errorf("%s", a.page().words())
	}
	if a := alex.get("/portal/forms").shows(200); !strings.Contains(a.page().words(), "Answered by both of you") {
		t.Errorf("%s", a.page().words())
	}
	for _, act := range []string{"", "/draft", "/consents"} {
		sam.post("/portal/forms/"+string(joint[p.alex])+act, url.Values{"q-goal": {"x"}, "act": {"send"}}).shows(404)
	}
	sam.get("/portal/forms/" + string(joint[p.alex]) + "/change").shows(404)
}

// Alex sent an answer, thought better of it and sent another, and then Sam answered
// too. Sam could turn back to what Alex had said at first, and read under which
// address Alex signs, which may be one that Sam must not know.
func TestThePartnerReadsWhatCountedWhenBothHadAnsweredAndNothingFromBefore(t *testing.T) {
	p := newPair(t)
	sheets := p.send("together")
	alex, sam := p.as(p.alex), p.as(p.sam)
	id := sheets[p.alex]
	at := "/portal/forms/" + string(id)
	send := func(words string) {
		t.Helper()
		p.pass(time.Minute)
		page := alex.get(at).shows(200)
		if strings.Contains(page.body, "Change my answers") {
			page = alex.get(at + "/change").shows(200)
		}
		form := alex.typed(page, "goal", words, "agree", "yes", "sign", "Alex Stone")
		form.Set("act", "send")
		alex.post(at, form).shows(303)
	}
	send("FIRSTCANARY")
	send("Second thoughts.")
	p.pass(time.Minute)
	sam.fill(sheets[p.sam], "send", "goal", "Mine.").shows(303)
	address := ""
	p.must(p.db.Get(p.ctx, &address, `select email from person where id = $1`, p.alex))
	reads := func(want string) {
		t.Helper()
		for _, path := range []string{"", "/versions/1", "/versions/2", "/versions/3"} {
			if body := sam.get(at + path).body; strings.Contains(body, "FIRSTCANARY") || strings.Contains(body, address) {
				t.Errorf("%s tells it", path)
			}
		}
		words := sam.get(at).shows(200).page().words()
		if !strings.Contains(words, want) || !strings.Contains(words, "Alex Stone") {
			t.Error(words)
		}
		copied := sam.post("/portal/export", url.Values{"as": {"json"}}).shows(200).body
		if strings.Contains(copied, "FIRSTCANARY") || !strings.Contains(copied, want) {
			t.Error(copied)
		}
	}
	reads("Second thoughts.")
	if words := sam.get(at).page().words(); strings.Contains(words, "All that was sent") {
		t.Error("that there was something before is told")
	}
	sam.get(at + "/versions/2").shows(404)
	send("A third time.")
	reads("A third time.")
	if words := sam.get(at + "/versions/1").shows(200).page().words(); !strings.Contains(words, "Second thoughts.") {
		t.Error(words)
	}
	if body := alex.get(at + "/versions/1").shows(200).body; !strings.Contains(body, "FIRSTCANARY") {
		t.Error("who wrote it has lost it")
	}
	if body := p.as(p.coach("noor").ID).get("/desk/engagements/" + string(p.work) + "/forms/" + string(id)).shows(200).body; !strings.Contains(body, "Second thoughts.") || !strings.Contains(body, address) {
		t.Error("the coach does not see what has changed")
	}
}

// LAN-10. What is answered about safety changes nothing else, whatever it says.
func TestWhatIsAnsweredAboutSafetyChangesNoOtherPage(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	looks := map[string]string{}
	for about, pairs := range map[string][]string{
		"all is well": {"goal", "Nothing at all here", "close", "5"},
		"it is not":   {"goal", "I am afraid at home", "close", "1"},
	} {
		id := p.send("safety", p.alex)[p.alex]
		alex := p.as(p.alex)
		alex.fill(id, "send", pairs...).shows(303)
		looks[about] = strings.ReplaceAll(alex.fetched()+p.as(p.sam).fetched(), string(id), "ID")
		p.must(pgtest.Owner(t).InTx(p.ctx, func(tx *pg.Tx) error {
			_, err := tx.Exec(p.ctx, `delete from sheet where id = $1`, id)
			return err
		}))
	}
	if looks["all is well"] != looks["it is not"] {
		t.Errorf("%s", changed(looks["all is well"], looks["it is not"]))
	}
}

func TestAConsentIsTakenBackOnItsPage(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	id := p.send("before", p.alex)[p.alex]
	alex := p.as(p.alex)
	alex.fill(id, "send", "goal", "Peace", "agree", "yes").shows(303)
	page := alex.get("/portal/forms/" + string(id)).shows(200)
	form := url.Values{}
	for _, n := range page.page().all("input") {
		if attr(n, "name") == "consent" {
			form.Set("consent", attr(n, "value"))
		}
	}
	alex.post("/portal/forms/"+string(id)+"/consents", url.Values{"consent": {"x"}}).shows(404)
	for range 2 {
		alex.post("/portal/forms/"+string(id)+"/consents", form).shows(303)
	}
	words := alex.get("/portal/forms/" + string(id)).shows(200).page().words()
	if !strings.Contains(words, "Taken back") || strings.Contains(words, "Take my consent back") {
		t.Errorf("%s", words)
	}
	if words := p.as(p.coach("noor").ID).get("/desk/engagements/" + string(p.work) + "/forms/" + string(id)).shows(200).page().words(); !strings.Contains(words, "Taken back") {
		t.Errorf("the coach does not see it: %s", words)
	}
}

// Alex agreed in the form for both, and took it back before Sam had answered; another
// time after Sam had left. Sam read when, each time.
func TestAConsentThatWasTakenBackBeforeBothHadAnsweredOrAfterTheOtherLeftTellsThemNothing(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	alex, sam := p.as(p.alex), p.as(p.sam)
	takeBack := func(id intake.ID) {
		t.Helper()
		for _, n := range alex.get("/portal/forms/" + string(id)).shows(200).page().all("input") {
			if attr(n, "name") == "consent" {
				alex.post("/portal/forms/"+string(id)+"/consents", url.Values{"consent": {attr(n, "value")}}).shows(303)
				return
			}
		}
		t.Fatal("there is nothing to take back")
	}
	reads := func(id intake.ID) string {
		t.Helper()
		copied := sam.post("/portal/export", url.Values{"as": {"json"}}).shows(200).body
		_, copied, _ = strings.Cut(copied, `"by": "Alex"`)
		copied, _, _ = strings.Cut(copied, `"calls"`)
		return sam.get("/portal/forms/"+string(id)).shows(200).page().words() + copied
	}
	first := p.send("together")
	alex.fill(first[p.alex], "send", "goal", "Peace", "agree", "yes").shows(303)
	p.pass(time.Minute)
	takeBack(first[p.alex])
	p.pass(time.Minute)
	sam.fill(first[p.sam], "send", "goal", "Mine.").shows(303)
	if got := reads(first[p.alex]); !strings.Contains(got, "Peace") || strings.Contains(strings.ToLower(got), "taken") || strings.Contains(got, "How we work") || strings.Contains(got, "Either of us") {
		t.Errorf("before both had answered: %s", got)
	}

	second := p.send("together")
	alex.fill(second[p.alex], "send", "goal", "Peace", "agree", "yes").shows(303)
	sam.fill(second[p.sam], "send", "goal", "Mine.").shows(303)
	p.pass(time.Minute)
	sam.post("/portal/engagements/"+string(p.work)+"/leave", url.Values{}).shows(303)
	before := reads(second[p.alex])
	if !strings.Contains(before, "Either of us") {
		t.Fatal(before)
	}
	p.pass(time.Minute)
	takeBack(second[p.alex])
	if got := reads(second[p.alex]); got != before {
		t.Errorf("after they had left: %s", got)
	}
	if words := alex.get("/portal/forms/" + string(second[p.alex])).shows(200).page().words(); !strings.Contains(words, "Taken back") {
		t.Error("it was not taken back")
	}
}

func TestAFormThatWaitsForSignaturesSaysSoKindly(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	var cleo, dia people.ID
	p.make("Cleo", &cleo)
	p.make("Dia", &dia)
	rooms := p.first.engagement
	p.must(p.db.InTx(p.ctx, func(tx *pg.Tx) (err error) {
		p.work, err = rooms.Start(p.ctx, tx, p.coach("noor").ID, []engagement.Invitee{{Person: cleo, Word: "harbour light"}, {Person: dia, Word: "another light"}},
			engagement.ReadyPolicy(engagement.Confidential, "Noor Haddad"), p.now())
		if err != nil {
			return err
		}
		_, err = rooms.Accept(p.ctx, tx, cleo, p.work, "harbour light", p.now())
		return err
	}))
	id, safety := p.send("before", cleo)[cleo], p.send("safety", cleo)[cleo]
	b := p.as(cleo)
	page := b.get("/portal/forms/" + string(id)).shows(200)
	if words := page.page().words(); !strings.Contains(words, "opens once everybody") || page.page().id("q-goal") != nil {
		t.Errorf("%s", words)
	}
	refused := b.post("/portal/forms/"+string(id), url.Values{"q-goal": {"Peace"}, "act": {"send"}}).shows(409)
	if !strings.Contains(refused.body, "Peace") {
		t.Errorf("what was typed is lost: %s", refused.page().words())
	}
	b.fill(safety, "send", "goal", "I am safe.").shows(303)
}

// The words of a form stand nowhere but where they belong.
func TestNoWordOfAFormStandsInTheLogTheLettersOrTheDatabase(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	id := p.send("before", p.alex)[p.alex]
	joint := p.send("together")
	alex, sam, noor := p.as(p.alex), p.as(p.sam), p.as(p.coach("noor").ID)
	for _, act := range []string{"save", "send"} {
		alex.fill(id, act, "goal", "WRENCANARY", "agree", "yes", "sign", "WRENCANARY Stone").shows(303)
	}
	form := alex.typed(alex.get("/portal/forms/"+string(id)+"/change").shows(200), "goal", "WRENCANARY\x00", "close", "WRENCANARY")
	form.Set("act", "send")
	alex.post("/portal/forms/"+string(id), form).shows(422)
	alex.fill(joint[p.alex], "send", "goal", "WRENCANARY").shows(303)
	sam.fill(joint[p.sam], "send", "goal", "WRENCANARY").shows(303)
	noor.get("/desk/engagements/" + string(p.work) + "/forms/" + string(id)).shows(200)
	if strings.Contains(p.whole.log.String(), "WRENCANARY") {
		t.Error("in the log")
	}
	var tables []string
	owner := pgtest.Owner(t)
	p.must(owner.Select(p.ctx, &tables, `select tablename::text from pg_tables where schemaname = 'public'`))
	for _, table := range tables {
		var n int
		p.must(owner.Get(p.ctx, &n, `select count(*) from `+table+` x where x::text like '%WRENCANARY%' or x::text like '%5752454e43414e415259%'`))
		if n > 0 {
			t.Errorf("in %s", table)
		}
	}
	p.working(p.first)
	p.pass(10 * 24 * time.Hour)
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit) && len(p.inbox.Taken()) < 4; time.Sleep(20 * time.Millisecond) {
	}
	if len(p.inbox.Taken()) < 4 {
		t.Fatalf("%d letters", len(p.inbox.Taken()))
	}
	for _, m := range p.inbox.Taken() {
		text := strings.ToLower(string(m.Read(t).Find("text/plain").Body))
		for _, word := range []string{"wrencanary", "before we start", "what we both want", "form", "alex", "sam", "noor", string(id)} {
			if strings.Contains(text, word) {
				t.Errorf("a letter says %q:\n%s", word, text)
			}
		}
	}
}

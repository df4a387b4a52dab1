package desk_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

const nobodyPath = "/desk/people/00000000-0000-4000-8000-000000000000"

// acts are all acts on a person, with a form that would do them.
func personActs() map[string]url.Values {
	return map[string]url.Values{
		"/note": {"note": {"x"}, "version": {"0"}}, "/contact": {"may_email": {"no"}, "may_call": {"no"}, "may_leave_message": {"no"}, "version": {"0"}},
		"/standing": {"stage": {"client"}}, "/join": {"other": {"x"}}, "/part": {}, "/spam": {}, "/not-spam": {}, "/export": {"as": {"json"}}, "/erase": {"sure": {"yes"}}, "/hand": {"coach": {"x"}},
	}
}

func TestAnotherCoachsPeopleAnswerLikeNobody(t *testing.T) {
	t.Parallel()
	p := newParlour(t)
	ana := p.booked("mara", "Ana Berg", "ana@example.com", 9)
	p.as("noor")
	for _, page := range []string{"", "/contact", "/join", "/export", "/erase"} {
		theirs, nobody := p.get(personPath(ana, page)), p.get(nobodyPath+page)
		if theirs.Code != http.StatusNotFound || theirs.Body.String() != nobody.Body.String() {
			t.Errorf("GET %s: %d", page, theirs.Code)
		}
	}
	for act, form := range personActs() {
		theirs, nobody := p.post(personPath(ana, act), form), p.post(nobodyPath+act, form)
		if theirs.Code != http.StatusNotFound || theirs.Body.String() != nobody.Body.String() {
			t.Errorf("POST %s: %d", act, theirs.Code)
		}
	}
	p.hides(p.shows(p.get("/desk/people"), 200, "Whoever books a call"), "Ana Berg")
	p.hides(p.shows(p.get("/desk/people?q=ana"), 200, "Nobody was found"), "Ana Berg")
	p.shows(p.get("/desk/people/take"), 404)
	p.shows(p.post("/desk/people/take", url.Values{"table": {"name,email\nA,ana@example.com"}}), 404)
}

func TestAnAssistantSeesTheHourTheNameAndHowItStandsAndNoWords(t *testing.T) {
	t.Parallel()
	p := newParlour(t)
	ana := p.booked("mara", "Ana Berg", "ana@example.com", 9)
	p.as("ash")
	body := p.shows(p.get(personPath(ana, "")), 200, "Ana Berg", "Tuesday 8 December, 09:00 (London)", "with Mara Lind", "Office note")
	p.hides(body, "CANARY", "SECRET KIND", "Erase", "Join with", "copy of everything", "Where they stand")
	for _, page := range []string{"/join", "/export", "/erase"} {
		p.shows(p.get(personPath(ana, page)), 404)
	}
	for _, act := range []string{"/standing", "/join", "/part", "/spam", "/not-spam", "/export", "/erase", "/hand"} {
		p.shows(p.post(personPath(ana, act), personActs()[act]), 404)
	}
	p.shows(p.get("/desk/audit"), 404)
	p.shows(p.get("/desk/people/table"), 404)
	p.shows(p.post("/desk/people/table", nil), 404)
	p.leads(p.post(personPath(ana, "/note"), url.Values{"note": {"Mornings only"}, "version": {"0"}}), personPath(ana, "?done=note"))
}

func TestTheOfficeNoteIsSavedRefusedAndNothingTypedIsLost(t *testing.T) {
	t.Parallel()
	p := newParlour(t)
	ana := p.booked("mara", "Ana Berg", "ana@example.com", 9)
	p.leads(p.post(personPath(ana, "/note"), url.Values{"note": {"Mornings only"}, "version": {"0"}}), personPath(ana, "?done=note"))
	p.shows(p.get(personPath(ana, "?done=note")), 200, ">Mornings only</textarea>", "Never what was said in a call", "The note is saved.", "Saved by Mara Lind")
	p.shows(p.post(personPath(ana, "/note"), url.Values{"note": {"Pays by transfer"}, "version": {"0"}}), 409, ">Pays by transfer</textarea>", "What was saved meanwhile", "Mornings only", `name="version" value="1"`)
	long := strings.Repeat("y", 4001)
	p.shows(p.post(personPath(ana, "/note"), url.Values{"note": {long}, "version": {"1"}}), 422, long, `id="note-problem"`)
}

func TestWhatComesNextIsSavedOrSaidWhatToMend(t *testing.T) {
	t.Parallel()
	p := newParlour(t)
	ana := p.booked("mara", "Ana Berg", "ana@example.com", 9)
	p.leads(p.post(personPath(ana, "/standing"), url.Values{"stage": {"invited"}, "next_step": {"Send the offer"}, "next_on": {"2026-12-10"}, "source": {"search"}}), personPath(ana, "?done=standing"))
	p.shows(p.get(personPath(ana, "")), 200, `value="Send the offer"`, `<option value="invited" selected>`, `<option value="search" selected>`)
	p.shows(p.get("/desk/people"), 200, "Next step by Thursday 10 December", "stage-invited")
	p.shows(p.post(personPath(ana, "/standing"), url.Values{"stage": {"ended"}, "next_step": {"Kept words"}, "next_on": {"soon"}}), 422,
		`id="reason-problem"`, `value="Kept words"`, `<option value="ended" selected>`)
	p.clock = p.clock.AddDate(0, 0, 4)
	p.shows(p.get("/desk/people?show=next"), 200, "Ana Berg")
	p.shows(p.get("/desk/people?show=nonsense"), 404)
}

func TestHowToReachSomebodyIsChangedAndItsHistoryKept(t *testing.T) {
	t.Parallel()
	p := newParlour(t)
	ana := p.booked("mara", "Ana Berg", "ana@example.com", 9)
	p.shows(p.get(personPath(ana, "/contact")), 200, "Themselves, when they first wrote", `value="yes" checked`)
	no := url.Values{"may_email": {"no"}, "may_call": {"yes"}, "may_leave_message": {"no"}, "version": {"0"}}
	p.leads(p.post(personPath(ana, "/contact"), no), personPath(ana, "?done=contact"))
	p.shows(p.get(personPath(ana, "")), 200, "Do not write to ana@example.com", "Changed by Mara Lind")
	p.shows(p.get("/desk/people"), 200, "Do not write to them")
	p.shows(p.post(personPath(ana, "/contact"), no), 409, "Somebody has changed this")
	p.shows(p.post(personPath(ana, "/contact"), url.Values{"may_email": {"maybe"}, "version": {"1"}}), 422, `id="may_email-problem"`)
	p.shows(p.get(personPath(ana, "/contact")), 200, "Mail: No · Call: Yes · Message: No")
}

func TestTwoRecordsAreJoinedAndPartedAgain(t *testing.T) {
	t.Parallel()
	p := newParlour(t)
	one, two := p.booked("mara", "Ana Berg", "ana@example.com", 9), p.booked("mara", "A. Berg", "a.berg@example.net", 11)
	p.shows(p.get(personPath(one, "/join?q=berg")), 200, string(two.PersonID), "Nobody is told")
	p.shows(p.post(personPath(one, "/join?q=berg"), url.Values{"other": {string(one.PersonID)}}), 422, `id="other-problem"`)
	p.leads(p.post(personPath(one, "/join"), url.Values{"other": {string(two.PersonID)}}), personPath(one, "?done=joined"))
	p.leads(p.get(personPath(two, "")), personPath(one, ""))
	p.shows(p.get(personPath(one, "")), 200, "ana@example.com", "a.berg@example.net", personPath(two, "/part"), "11:00")
	p.leads(p.post(personPath(two, "/part"), nil), personPath(two, "?done=parted"))
	p.hides(p.shows(p.get(personPath(one, "")), 200), "a.berg@example.net")
	p.shows(p.get("/desk/audit"), 200, "<dt>joined</dt><dd>A. Berg</dd>", "<dt>parted from</dt><dd>Ana Berg</dd>")
}

func TestSpamIsMarkedAndTheMarkTakenOff(t *testing.T) {
	t.Parallel()
	p := newParlour(t)
	ana := p.booked("mara", "Ana Berg", "ana@example.com", 9)
	p.leads(p.post(personPath(ana, "/spam"), nil), personPath(ana, "?done=spam"))
	p.shows(p.get(personPath(ana, "")), 200, "Marked as spam", "Cancelled", "This is no spam")
	p.hides(p.shows(p.get("/desk/people"), 200), "Ana Berg")
	p.shows(p.get("/desk/people?show=spam"), 200, "Ana Berg")
	p.leads(p.post(personPath(ana, "/not-spam"), nil), personPath(ana, "?done=not-spam"))
}

func TestACopyIsMadeOnlyAfterProvingOneselfAgain(t *testing.T) {
	t.Parallel()
	p := newParlour(t)
	ana := p.booked("mara", "Ana Berg", "ana@example.com", 9)
	p.shows(p.get(personPath(ana, "/export")), 200, "Make a copy to read")
	file := p.post(personPath(ana, "/export"), url.Values{"as": {"json"}})
	var copied map[string]any
	if err := json.Unmarshal([]byte(p.shows(file, 200, "CANARY message", "CANARY partner")), &copied); err != nil {
		t.Error(err)
	}
	if d := file.Header().Get("Content-Disposition"); d != `attachment; filename="export.json"` {
		t.Errorf("%q", d)
	}
	paper := p.post(personPath(ana, "/export"), url.Values{"as": {"html"}})
	body := p.shows(paper, 200, "<!doctype html>", "CANARY message", "Tuesday 8 December 2026, 09:00 (London, GMT)", "Mara Lind")
	p.hides(body, "<script", "<style", "href=", "src=")
	p.shows(p.get("/desk/people/table"), 200)
	table := p.post("/desk/people/table", nil)
	p.hides(p.shows(table, 200, `"Ana Berg",ana@example.com`), "CANARY")
	if p.asked != 5 {
		t.Errorf("the second proof was asked for %d times", p.asked)
	}
	if cache := table.Header().Get("Cache-Control"); cache != "no-store" {
		t.Errorf("%q", cache)
	}
	p.as("noor").shows(p.post(personPath(ana, "/export"), url.Values{"as": {"json"}}), 404)
}

func TestErasingAsksFirstAndWaitsForTheCall(t *testing.T) {
	t.Parallel()
	p := newParlour(t)
	ana := p.booked("mara", "Ana Berg", "ana@example.com", 9)
	p.shows(p.get(personPath(ana, "/erase")), 200, "Erase them for good")
	p.shows(p.post(personPath(ana, "/erase"), nil), 422, `id="sure-problem"`)
	p.shows(p.post(personPath(ana, "/erase"), url.Values{"sure": {"yes"}}), 409, "There is a call to come")
	p.clock = p.clock.AddDate(0, 0, 2)
	p.leads(p.post(personPath(ana, "/erase"), url.Values{"sure": {"yes"}}), "/desk/people?done=erased")
	p.shows(p.get(personPath(ana, "")), 404)
	p.hides(p.shows(p.get("/desk/audit"), 200, "person erased", "something that is no longer here"), "Ana Berg")
}

func TestATableIsLookedAtBeforeItIsTakenIn(t *testing.T) {
	t.Parallel()
	p := newParlour(t)
	p.booked("mara", "Ana Berg", "ana@example.com", 9)
	table := "name,email,may_email,coach\r\nZoë,zoe@example.org,no,noor\r\nAna,ana@example.com,,\r\n"
	p.as("ash")
	p.shows(p.upload("/desk/people/take", "file", table), 200, "<strong>1</strong> would be new", "<strong>1</strong> are here already", "never to be written to")
	p.hides(p.shows(p.get("/desk/people"), 200), "Zoë")
	p.shows(p.upload("/desk/people/take", "file", table+"x,nobody,,\r\n"), 422, "Line 4, email:", "Nothing was brought in yet")
	p.shows(p.post("/desk/people/take", url.Values{"table": {table + "x,nobody,,"}, "act": {"take"}}), 422, "Line 4, email:")
	p.shows(p.post("/desk/people/take", url.Values{"table": {"nonsense"}}), 422, `id="table-problem"`)
	p.shows(p.upload("/desk/people/take", "file", "\xff\xfe\x00"), 422, "UTF-8")
	p.leads(p.post("/desk/people/take", url.Values{"table": {table}, "act": {"take"}}), "/desk/people?done=taken")
	p.as("noor").shows(p.get("/desk/people?q=zoe"), 200, "Zoë", "Do not write to them")
}

func TestTheOwnerHandsSomebodyOver(t *testing.T) {
	t.Parallel()
	p := newParlour(t)
	ana := p.booked("mara", "Ana Berg", "ana@example.com", 9)
	noor := p.as("noor").who.ID
	p.as("mara").leads(p.post(personPath(ana, "/hand"), url.Values{"coach": {string(noor)}}), personPath(ana, "?done=handed"))
	p.shows(p.get(personPath(ana, "")), 200, "Handed to Noor Haddad.")
	p.shows(p.post(personPath(ana, "/hand"), url.Values{"coach": {"' or true"}}), 404)
	body := p.as("noor").shows(p.get(personPath(ana, "")), 200, "Ana Berg", "No call yet")
	p.hides(body, "09:00", "Handed to")
}

func TestWhatWasDoneIsReadWithNamesAndWithoutWords(t *testing.T) {
	t.Parallel()
	p := newParlour(t)
	ana := p.booked("mara", "Ana Berg", "ana@example.com", 9)
	p.booked("noor", "Ben Moss", "ben@example.com", 9)
	p.leads(p.post(personPath(ana, "/note"), url.Values{"note": {"CANARY"}, "version": {"0"}}), personPath(ana, "?done=note"))
	all := p.shows(p.get("/desk/audit"), 200, "office note saved", "by Mara Lind", "Call with Ben Moss, Tuesday 8 December, 09:00 (London)", "Somebody on the public pages", "practice file applied")
	p.hides(all, "CANARY")
	narrowed := p.shows(p.get("/desk/audit?person="+string(ana.PersonID)), 200, "Only what Ana Berg did", "office note saved")
	p.hides(narrowed, "Ben Moss")
	p.hides(p.shows(p.get("/desk/audit?act=office+note+saved"), 200), "Call with")
	p.shows(p.get("/desk/audit?from=2020-01-01&to=2020-02-01"), 200, "Nothing was noted in these days")
	p.shows(p.get("/desk/audit?from=yesterday"), 422, `id="from-problem"`)
	p.shows(p.get("/desk/audit?after=x"), 404)
	own := p.as("noor").shows(p.get("/desk/audit"), 200, "Call with Ben Moss", "What concerns your own calls")
	p.hides(own, "Ana Berg", "<strong>office note saved", "<strong>practice file applied")
	hidden := p.shows(p.get("/desk/audit?person="+string(ana.PersonID)), 200, "somebody who is not here")
	p.hides(hidden, "Ana Berg")
}

// Names are shown in many places; each of them is text and nothing else.
func TestHostileNamesAreTextOnEveryPage(t *testing.T) {
	t.Parallel()
	p := newParlour(t)
	name := `<img src=x onerror=alert(1)>"'{{.Page}}%s =1+1`
	ana := p.booked("mara", name, "o'neil+x@example.com", 9)
	p.leads(p.post(personPath(ana, "/note"), url.Values{"note": {"</textarea><script>alert(1)</script>"}, "version": {"0"}}), personPath(ana, "?done=note"))
	for _, path := range []string{"/desk/people", "/desk/people?q=%3Cscript%3Ealert(1)", "/desk/people?show=%3Cb%3E", personPath(ana, ""), personPath(ana, "/contact"), personPath(ana, "/join?q=x"), personPath(ana, "/erase"), personPath(ana, "/export"), "/desk/audit", "/desk/audit?act=%3Cscript%3E&person=%3Cb%3E", "/desk/people?after=%00", "/desk/people?q=%ff%00"} {
		w := p.get(path)
		if w.Code >= 500 {
			t.Errorf("%s: %d", path, w.Code)
		}
		p.hides(w.Body.String(), "<img", "<script>alert", "<b>")
	}
	p.hides(p.post(personPath(ana, "/export"), url.Values{"as": {"html"}}).Body.String(), "<img", "<script>alert")
	p.hides(p.post("/desk/people/take", url.Values{"table": {"name,email,<b>\n<img src=x>,a@example.org,1"}}).Body.String(), "<img", "<b>")
}

package desk_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"kintsugi/internal/practice"
	"kintsugi/internal/questions"
)

// asksFile is a form with a question that depends on another.
const asksFile = `forms: [{slug: intake, name: Before we start, questions: [
	{key: safe, label: Do you feel safe?, type: choice, options: ["Yes", "No"]},
	{key: reach, label: When may we call?, type: text, only_if: {question: safe, is: "No"}},
	{key: close, label: How close?, type: scale, min: 1, max: 5, options: [far, close], required: true}],
	scores: [{key: ease, name: Ease, how: mean, items: [{question: close}], bands: [{from: 1, say: "Low, it seems."}, {from: 3, say: Higher}]}]}]`

func newAsking(t *testing.T) *backroom {
	t.Helper()
	o := newBackroom(t)
	o.apply(asksFile)
	o.slug = "noor"
	return o
}

// pairs is a form that was filled in, with a key of its own.
func pairs(pairs ...string) url.Values {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return form
}

func (o *backroom) form() practice.Form {
	o.t.Helper()
	f, err := practice.FindForm(o.ctx, o.db, "intake")
	o.must(err)
	return f
}

func (o *backroom) draft(slug string) practice.FormDraft {
	o.t.Helper()
	d, found, err := practice.FindFormDraft(o.ctx, o.db, slug)
	o.must(err)
	if !found {
		o.t.Fatalf("nothing is being written on %s", slug)
	}
	return d
}

// use takes a draft into use as the page of the form offers it.
func (o *backroom) use(slug string) spoken {
	o.t.Helper()
	form := regexp.MustCompile(`(?s)/use">.*?</form>`).FindString(o.get("/desk/forms/" + slug).is(200).body)
	fields := pairs()
	for _, m := range regexp.MustCompile(`name="(\w+)" value="([^"]*)"`).FindAllStringSubmatch(form, -1) {
		fields.Set(m[1], m[2])
	}
	return o.post("/desk/forms/"+slug+"/use", fields)
}

func TestAFormIsBegunWrittenAndTakenIntoUse(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	o.slug = "noor"
	o.get("/desk").is(200).says("Forms")
	o.get("/desk/forms").is(200).says("No form is in use yet.")
	o.get("/desk/forms/new").is(200).says("Start from a ready-made form", "Feeling safe", "no partner is told")
	begin := pairs("op", "one-click", "from", "feeling-safe")
	if to := o.post("/desk/forms", begin).is(303).header.Get("Location"); to != "/desk/forms/feeling-safe?done=begun" {
		t.Fatal(to)
	}
	o.post("/desk/forms", begin).is(303) // the same click, sent twice
	o.get("/desk/forms").is(200).says("Being written", "Feeling safe").hides("feeling-safe-2")
	page := o.get("/desk/forms/feeling-safe?done=begun").is(200).says("A draft. Nobody is sent it yet.", "Take it into use", "Do children live with you?", "Answer this only if you chose “Yes” or “Some of the time” for “Do children live with you?”.")
	if strings.Contains(page.body, "/versions") {
		t.Error("a draft has no versions")
	}
	if all, err := practice.AllForms(o.ctx, o.db); err != nil || len(all) != 0 {
		t.Fatalf("%+v, %v", all, err)
	}
	o.use("feeling-safe").is(303)
	f, err := practice.FindForm(o.ctx, o.db, "feeling-safe")
	if err != nil || f.Version != 1 || f.Lane != practice.Safety || f.MadeBy != o.coach("noor").ID || len(f.Questions) != 17 {
		t.Fatalf("version %d of %d questions, %v", f.Version, len(f.Questions), err)
	}
	o.get("/desk/forms/feeling-safe?done=used").is(200).says("In use. Version 1.", "In use from now on.").hides("Take it into use", "Use it like this")
	if _, found, err := practice.FindFormDraft(o.ctx, o.db, "feeling-safe"); found || err != nil {
		t.Error("the draft is still there")
	}
	o.post("/desk/forms", pairs("op", "two", "name", "Feeling safe")).is(303)
	o.get("/desk/forms/feeling-safe-2").is(200).says("Nothing yet.").hides("Take it into use")
	o.post("/desk/forms", pairs("op", "three", "name", " ")).is(422).says("Please fill this in.")
	o.post("/desk/forms", pairs("op", "four", "name", "Über uns: 李")).is(303)
	o.get("/desk/forms/ber-uns").is(200).says("Über uns: 李")
}

func TestAChangedQuestionMakesAVersionOnlyOnceItIsUsed(t *testing.T) {
	t.Parallel()
	o := newAsking(t)
	o.get("/desk/forms/intake/questions/close").is(200).says("Change this question").holds(`value="How close?"`, "far\nclose", `name="required" type="checkbox" value="yes" checked`)
	change := pairs("op", "one-click", "revision", "0", "type", "scale", "label", "How close do you feel?", "min", "0", "max", "10", "options", "far away\r\n\r\nvery close", "after", "reach")
	o.post("/desk/forms/intake/questions/close", change).is(303)
	o.post("/desk/forms/intake/questions/close", change).is(303)
	if d := o.draft("intake"); d.Revision != 1 || o.form().Version != 1 {
		t.Errorf("revision %d, version %d", d.Revision, o.form().Version)
	}
	o.get("/desk/forms").is(200).says("Changes are being written.")
	o.get("/desk/forms/intake").is(200).says("Clients are sent version 1 until you take the changes into use.", "“Ease”: The first band must begin at the least that can come out, 0.").hides("Use it like this")
	o.post("/desk/forms/intake/use", pairs("op", "u", "revision", "1", "version", "1")).is(422).says("Something has to be mended")
	o.get("/desk/forms/intake/scores/ease").is(200).holds("1: Low, it seems.")
	o.post("/desk/forms/intake/scores/ease", pairs("op", "s", "revision", "1", "name", "Ease", "how", "mean", "missing", "fill", "item", "close", "weight-close", "2", "at_least", "1", "bands", "0: Low, it seems.\n2,5: Higher")).is(303)
	o.use("intake").is(303)
	f := o.form()
	if f.Version != 2 || f.Scores[0].Bands[1].From != 250 || f.Scores[0].Items[0].Weight != 2 || f.Questions[2].Required || *f.Questions[2].Max != 10 {
		t.Errorf("%+v", f)
	}
	o.get("/desk/forms/intake/versions").is(200).says("Version 2 (in use)", "by Noor Haddad", "“How close?” now reads “How close do you feel?”.", "may be left open now", "has a new answer, “far away”", "Version 1", "with a practice file")
	o.get("/desk/forms/intake/preview?version=1").is(200).says("As clients saw it in version 1", "How close?").hides("very close")
	o.get("/desk/forms/intake/preview?version=7").is(404)
	lines := o.lines(string(f.ID))
	o.slug = "mara"
	o.get("/desk/audit").is(200).says("form changed", "Before we start")
	if len(lines) != 1 || lines[0].Act != "form changed" || lines[0].Actor != string(o.coach("noor").ID) {
		t.Errorf("%+v", lines)
	}
}

// Two tabs were open on one question, and the second save silently undid the
// first.
func TestTheSecondOfTwoWhoSaveIsToldAndKeepsWhatTheyTyped(t *testing.T) {
	t.Parallel()
	o := newAsking(t)
	mine := pairs("op", "a", "revision", "0", "type", "text", "label", "When may we call you?", "only_if", "safe", "answers_of", "safe", "answers", "No", "after", "safe")
	o.post("/desk/forms/intake/questions/reach", mine).is(303)
	o.slug = "mara"
	theirs := pairs("op", "b", "revision", "0", "type", "long_text", "label", "At which hours?", "help", "In your own time", "after", "safe")
	o.post("/desk/forms/intake/questions/reach", theirs).is(409).says("Somebody changed this form since you opened this page.", "As it stands now", "When may we call you?").
		holds(`value="At which hours?"`, `value="In your own time"`, `value="long_text" selected`, `name="revision" value="1"`)
	if q, _ := o.draft("intake").Find("reach"); q.Label != "When may we call you?" {
		t.Errorf("%+v", q)
	}
	theirs.Set("revision", "1")
	o.post("/desk/forms/intake/questions/reach", theirs).is(303)
	if q, _ := o.draft("intake").Find("reach"); q.Label != "At which hours?" || q.OnlyIf != nil {
		t.Errorf("%+v", q)
	}
	for path, form := range map[string]url.Values{
		"":         pairs("revision", "0", "name", "Typed before", "lane", "joint", "send_on", "manual"),
		"/discard": pairs("revision", "1"),
		"/use":     pairs("revision", "1", "version", "1"),
		"/count":   pairs("revision", "0", "name", "Typed before", "how", "sum", "missing", "fill", "item", "close"),
		"/add":     pairs("revision", "1", "type", "date", "label", "Typed before", "after", "close"),
	} {
		a := o.post("/desk/forms/intake"+path, form).is(409)
		if form.Has("name") || form.Has("label") {
			a.holds(`value="Typed before"`, `name="revision" value="2"`)
		}
	}
	o.post("/desk/forms/intake/questions/close/move", pairs("act", "up", "revision", "0")).is(303)
	if d := o.draft("intake"); d.Revision != 2 || d.Questions[2].Key != "close" {
		t.Errorf("%+v", d)
	}
}

// The practice file was applied while a coach wrote, and their version took the
// change back without a word.
func TestWhoeverWritesIsToldThatTheFileWasAppliedMeanwhile(t *testing.T) {
	t.Parallel()
	o := newAsking(t)
	o.post("/desk/forms/intake", pairs("revision", "0", "name", "Before we begin", "lane", "individual", "send_on", "first_booking")).is(303)
	o.apply(strings.Replace(asksFile, "How close?", "How close now?", 1))
	o.post("/desk/forms/intake/use", pairs("op", "u", "revision", "1", "version", "1")).is(409).says("Look at it as it is now", "is at version 2 now")
	if f := o.form(); f.Version != 2 || f.Name != "Before we start" {
		t.Errorf("%+v", f)
	}
	o.use("intake").is(303)
	if f := o.form(); f.Version != 3 || f.Name != "Before we begin" || f.SendOn != practice.FirstBooking || f.Questions[2].Label != "How close?" {
		t.Errorf("%+v", f)
	}
}

func TestUsingTwiceMakesOneVersion(t *testing.T) {
	t.Parallel()
	o := newAsking(t)
	o.post("/desk/forms/intake", pairs("revision", "0", "name", "Before we begin", "lane", "individual", "send_on", "manual")).is(303)
	form := pairs("op", "one-click", "revision", "1", "version", "1")
	o.post("/desk/forms/intake/use", form).is(303)
	o.post("/desk/forms/intake/use", form).is(303)
	if f := o.form(); f.Version != 2 {
		t.Errorf("version %d", f.Version)
	}
}

func TestAQuestionIsAskedUnderTheAnswersThatWereTicked(t *testing.T) {
	t.Parallel()
	o := newAsking(t)
	add := pairs("op", "a", "revision", "0", "type", "several", "label", "Who knows?", "options", "A friend\nFamily", "after", "close", "only_if", "safe", "required", "yes")
	shown := o.post("/desk/forms/intake/add", add).is(422).says("Tick below under which of its answers this is asked.").holds(`name="answers_of" value="safe"`, `name="answers" value="Yes"`, "A friend\nFamily")
	if shown.status != http.StatusUnprocessableEntity {
		t.Error(shown.status)
	}
	show := pairs("act", "show")
	for key, values := range add {
		show[key] = values
	}
	o.post("/desk/forms/intake/add", show).is(200).holds(`name="answers" value="No"`, `value="Who knows?"`)
	add.Set("answers_of", "safe")
	add["answers"] = []string{"No", "Yes"}
	o.post("/desk/forms/intake/add", add).is(303)
	d := o.draft("intake")
	if q := d.Questions[3]; q.Key != "who_knows" || q.Kind != questions.Several || !q.Required || len(q.OnlyIf.OneOf) != 2 || len(q.Options) != 2 {
		t.Errorf("%+v", q)
	}
	o.get("/desk/forms/intake/questions/who_knows").is(200).holds(`name="answers" value="No" checked`, `<option value="close" selected>`)
	// A scale's steps are ticked too, and without any tick every answer will do.
	o.post("/desk/forms/intake/add", pairs("op", "b", "revision", "1", "type", "text", "label", "Who knows?", "after", "who_knows", "only_if", "close", "answers_of", "close", "answers", "1", "answers", "2")).is(303)
	o.post("/desk/forms/intake/add", pairs("op", "c", "revision", "2", "type", "text", "label", "何ですか", "after", "who_knows_2", "only_if", "reach")).is(303)
	d = o.draft("intake")
	if q := d.Questions[4]; q.Key != "who_knows_2" || strings.Join(q.OnlyIf.OneOf, " ") != "1 2" {
		t.Errorf("%+v", q)
	}
	if q := d.Questions[5]; q.Key != "question" || q.OnlyIf == nil || q.OnlyIf.OneOf != nil {
		t.Errorf("%+v", q)
	}
}

func TestQuestionsMoveAndWhatBreaksThenIsSaid(t *testing.T) {
	t.Parallel()
	o := newAsking(t)
	if to := o.post("/desk/forms/intake/questions/reach/move", pairs("act", "up", "revision", "0")).is(303).header.Get("Location"); to != "/desk/forms/intake#question-reach" {
		t.Error(to)
	}
	o.get("/desk/forms/intake").is(200).says("Question 1, “When may we call?”: It can depend on an earlier question only; move that one above this.").hides("Use it like this")
	o.post("/desk/forms/intake/questions/reach/move", pairs("act", "down", "revision", "1")).is(303)
	o.get("/desk/forms/intake").is(200).says("In use. Version 1.").hides("Use it like this")
	o.get("/desk/forms/intake/questions/close").is(200).says("Something else in this form looks at its answer.")
	o.post("/desk/forms/intake/questions/close/move", pairs("act", "out", "revision", "2")).is(303)
	o.post("/desk/forms/intake/questions/close/move", pairs("act", "out", "revision", "2")).is(303) // the same click, sent twice
	o.get("/desk/forms/intake").is(200).says("“Ease”: There is no question with the key of item 1.")
	o.post("/desk/forms/intake/scores/ease/remove", pairs("revision", "3")).is(303)
	o.get("/desk/forms/intake").is(200).says("Use it like this from now on").hides("Ease")
	o.post("/desk/forms/intake/discard", pairs("revision", "4")).is(303)
	o.get("/desk/forms/intake").is(200).says("In use. Version 1.", "Ease")
}

func TestAFormIsTriedOutAndNothingIsKept(t *testing.T) {
	t.Parallel()
	o := newAsking(t)
	o.get("/desk/forms/intake/preview").is(200).says("As clients see it.", "nothing you type here is kept", "Only you and your coach will be able to read this.", "Answer this only if you chose “No” for “Do you feel safe?”.").
		holds("js/questions.", `data-if="q-safe"`, `data-among="[&#34;No&#34;]"`)
	tables := `select count(*) from audit`
	before := o.count(tables)
	o.post("/desk/forms/intake/preview", pairs("q-safe", "Perhaps", "q-reach", "CANARY words")).is(422).says("Please choose one of the answers given here.", "Please choose an answer.").holds(`value="CANARY words"`, `href="#q-close"`)
	o.post("/desk/forms/intake/preview", pairs("q-safe", "Yes", "q-reach", "CANARY words", "q-close", "4")).is(200).
		says("This would be taken", "How close? 4 of 5", "Ease 4, where 1 to 5 can come out. Higher")
	if o.count(tables) != before {
		t.Error("trying it out left a trace")
	}
	o.post("/desk/forms/intake/preview", pairs("version", "1", "q-close", "1")).is(200).says("Low, it seems.")
	o.post("/desk/forms/intake/preview", pairs("version", "9", "q-close", "1")).is(404)
}

func TestAWithdrawnFormIsSentToNobodyAndComesBack(t *testing.T) {
	t.Parallel()
	o := newAsking(t)
	o.post("/desk/forms/intake/withdraw", pairs("act", "withdraw")).is(303)
	o.get("/desk/forms?done=withdrawn").is(200).says("Withdrawn. It is sent to nobody any more", "Offer it again")
	if f := o.form(); !f.Withdrawn || f.Version != 1 {
		t.Errorf("%+v", f)
	}
	o.get("/desk/forms/intake").is(200).says("Withdrawn, and sent to nobody. Version 1.")
	o.post("/desk/forms/intake/withdraw", pairs("act", "offer")).is(303)
	if f := o.form(); f.Withdrawn {
		t.Error("still withdrawn")
	}
}

// The worst that a browser or a stranger can send is answered with what is
// wrong, and what was typed.
func TestNothingThatIsTypedBreaksAForm(t *testing.T) {
	t.Parallel()
	o := newAsking(t)
	for name, c := range map[string]struct {
		form url.Values
		say  string
	}{
		"nothing":          {pairs(), "Please fill this in."},
		"NUL":              {pairs("type", "text", "label", "a\x00b"), "bytes that are no text"},
		"no UTF-8":         {pairs("type", "choice", "label", "a", "options", "\xff\nb"), "bytes that are no text"},
		"long":             {pairs("type", "text", "label", strings.Repeat("é", 501)), "at most 500 characters"},
		"an unseen label":  {pairs("type", "text", "label", "\u200b"), "Please fill this in."},
		"one answer":       {pairs("type", "choice", "label", "a", "options", "b"), "Give at least two answers to choose from."},
		"twice":            {pairs("type", "choice", "label", "a", "options", "b\nb"), "Two answers are the same."},
		"no number":        {pairs("type", "scale", "label", "a", "min", "one"), "Write a whole number"},
		"a huge number":    {pairs("type", "scale", "label", "a", "max", "99999999999999999999"), "Write a whole number"},
		"backwards":        {pairs("type", "scale", "label", "a", "min", "5", "max", "1"), "beginning with the smaller number"},
		"nothing to sign":  {pairs("type", "signature", "label", "a"), "Please fill this in."},
		"on a later one":   {pairs("type", "text", "label", "a", "only_if", "close", "answers_of", "close", "after", ""), "earlier question only"},
		"on nobody":        {pairs("type", "text", "label", "a", "only_if", "<x>", "after", "close"), "There is no question with the key it depends on."},
		"on another anser": {pairs("type", "text", "label", "a", "only_if", "safe", "answers_of", "safe", "answers", "Perhaps", "after", "close"), "that question 1 does not have"},
	} {
		c.form.Set("op", name)
		c.form.Set("revision", "0")
		a := o.post("/desk/forms/intake/add", c.form)
		if a.status != 422 || !strings.Contains(a.words(), c.say) {
			t.Errorf("%s: %d, %s", name, a.status, a.words())
		}
	}
	for name, c := range map[string]struct {
		form url.Values
		say  string
	}{
		"nothing":     {pairs(), "Please fill this in."},
		"a word":      {pairs("name", "a", "how", "mean", "missing", "fill", "item", "reach"), "item 1 is another kind"},
		"no item":     {pairs("name", "a", "how", "mean", "missing", "fill"), "Name the questions that count."},
		"a weight":    {pairs("name", "a", "how", "mean", "missing", "fill", "item", "close", "weight-close", "-3"), "A weight is a whole number"},
		"a big one":   {pairs("name", "a", "how", "mean", "missing", "fill", "item", "close", "weight-close", "999"), "from 1 to 100"},
		"many needed": {pairs("name", "a", "how", "mean", "missing", "fill", "item", "close", "at_least", "2"), "from 1 to 1"},
		"bands":       {pairs("name", "a", "how", "mean", "missing", "fill", "item", "close", "bands", "low: it seems"), "Begin each line with a number and a colon"},
		"no words":    {pairs("name", "a", "how", "mean", "missing", "fill", "item", "close", "bands", "1:"), "Please fill this in."},
	} {
		c.form.Set("op", name)
		a := o.post("/desk/forms/intake/count", c.form)
		if a.status != 422 || !strings.Contains(a.words(), c.say) {
			t.Errorf("%s: %d, %s", name, a.status, a.words())
		}
	}
	o.post("/desk/forms/intake", pairs("name", "\xff", "lane", "coach", "send_on", "never")).is(422).says("bytes that are no text", "Choose who reads the answers.", "Choose when it is sent.")
	for _, path := range []string{"/nothing", "/%00", "/%ff", "/Intake", "/intake%0a", "/" + strings.Repeat("a", 300), "/intake/questions/nothing", "/intake/questions/%00", "/intake/scores/nothing", "/intake/preview?version=-1", "/intake/preview?version=99999999999999999999", "/nothing/versions", "/nothing/preview"} {
		o.get("/desk/forms" + path).is(404)
	}
	for _, path := range []string{"/nothing", "/%00", "/nothing/use", "/nothing/discard", "/nothing/withdraw", "/nothing/add", "/nothing/preview", "/intake/questions/No-Key", "/intake/questions/nothing/move", "/intake/scores/No-Key"} {
		o.post("/desk/forms"+path, pairs("act", "up")).is(404)
	}
	if _, found, err := practice.FindFormDraft(o.ctx, o.db, "intake"); found || err != nil {
		t.Errorf("something was kept: %v, %v", found, err)
	}
}

func TestTheOfficeHasNothingToDoWithForms(t *testing.T) {
	t.Parallel()
	o := newAsking(t)
	o.slug = "ash"
	o.get("/desk").is(200).hides("/desk/forms")
	for _, path := range []string{"", "/new", "/intake", "/intake/preview", "/intake/versions", "/intake/questions/safe"} {
		o.get("/desk/forms" + path).is(404)
	}
	o.post("/desk/forms/intake/withdraw", pairs("act", "withdraw")).is(404)
}

// Everything a form can ask survives being opened and saved again unchanged.
func TestSavingAQuestionAsItIsChangesNothing(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	o.slug = "noor"
	for _, ready := range []string{"before-we-start", "feeling-safe", "working-together", "your-own-view", "how-the-week-was"} {
		o.post("/desk/forms", pairs("op", ready, "from", ready)).is(303)
		before := o.draft(slugOfReady(o, ready))
		for i, q := range before.Questions {
			body := o.get("/desk/forms/" + before.Slug + "/questions/" + q.Key).is(200).body
			o.post("/desk/forms/"+before.Slug+"/questions/"+q.Key, filled(t, body)).is(303)
			if after := o.draft(before.Slug); after.Revision != before.Revision || questions.Hash(after.Definition) != questions.Hash(before.Definition) {
				t.Fatalf("question %d of %s changed: %s", i, ready, strings.Join(questions.Changes(before.Definition, after.Definition), "\n"))
			}
		}
		for _, s := range before.Scores {
			o.post("/desk/forms/"+before.Slug+"/scores/"+s.Key, filled(t, o.get("/desk/forms/"+before.Slug+"/scores/"+s.Key).is(200).body)).is(303)
			if after := o.draft(before.Slug); after.Revision != before.Revision {
				t.Errorf("%s changed: %+v", s.Key, after.Scores)
			}
		}
	}
}

func slugOfReady(o *backroom, ready string) string {
	drafts, err := practice.FormDrafts(o.ctx, o.db)
	o.must(err)
	for _, d := range drafts {
		if strings.HasPrefix(d.Slug, ready) || ready == "working-together" && d.Slug == "agreement-to-work-together" {
			return d.Slug
		}
	}
	o.t.Fatalf("no draft of %s", ready)
	return ""
}

// filled is what a browser sends of the page's main form when nobody touches it.
func filled(t *testing.T, body string) url.Values {
	t.Helper()
	tree, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	attr := func(n *html.Node, name string) (string, bool) {
		for _, a := range n.Attr {
			if a.Key == name {
				return a.Val, true
			}
		}
		return "", false
	}
	var form *html.Node
	fields := url.Values{}
	for n := range tree.Descendants() {
		if n.Data == "form" {
			if class, _ := attr(n, "class"); form == nil && class == "desk-part" {
				form = n
			}
		}
	}
	if form == nil {
		t.Fatalf("there is no form in\n%s", body)
	}
	for n := range form.Descendants() {
		name, named := attr(n, "name")
		if n.Type != html.ElementNode || !named {
			continue
		}
		value, _ := attr(n, "value")
		_, checked := attr(n, "checked")
		kind, _ := attr(n, "type")
		switch {
		case n.Data == "select":
			for option := range n.Descendants() {
				if _, selected := attr(option, "selected"); selected {
					value, _ = attr(option, "value")
				}
			}
			fields.Add(name, value)
		case n.Data == "textarea":
			if n.FirstChild != nil {
				value = n.FirstChild.Data
			}
			fields.Add(name, strings.ReplaceAll(value, "\n", "\r\n"))
		case n.Data == "input" && ((kind != "checkbox" && kind != "radio") || checked):
			fields.Add(name, value)
		}
	}
	return fields
}

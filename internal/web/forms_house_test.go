package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"kintsugi/internal/browsertest"
	"kintsugi/internal/engagement"
	"kintsugi/internal/intake"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// formsGround is a practice with a form of each lane, beside what staffGround has.
const formsGround = staffGround + `
forms:
  - &before
    slug: before
    name: Before we start
    lane: individual
    questions: &asked
      - {key: welcome, label: Welcome, type: section, text: "Take the time you need."}
      - {key: goal, label: What would you like to be different?, type: long_text, required: true, help: In your own words.}
      - {key: close, label: How close do you feel?, type: scale, min: 1, max: 5, options: [far apart, close]}
      - {key: children, label: Do you have children?, type: yes_no}
      - {key: many, label: How many?, type: number, required: true, min: 1, max: 20, only_if: {question: children, one_of: ["yes"]}}
      - {key: who, label: Who knows?, type: several, options: [A friend, Family, Nobody]}
      - {key: since, label: Together since, type: date}
      - {key: agree, label: How we work, type: consent, text: Either of us may stop at any time.}
      - {key: sign, label: Your name, type: signature, text: What I wrote is true.}
    scores:
      - {key: ease, name: Ease between you, how: sum, items: [{question: close}], bands: [{from: 1, say: The answers speak of strain.}, {from: 4, say: The answers speak of ease.}]}
  - {slug: together, name: What we both want, lane: joint, questions: *asked}
  - {slug: safety, name: How safe it is, lane: safety, questions: *asked}
`

// pair is a practice in which Noor works with Alex and Sam.
type pair struct {
	*staffed
	work      engagement.ID
	alex, sam people.ID
}

func newPair(t testing.TB) *pair {
	t.Helper()
	p := &pair{staffed: staff(t, false)}
	p.apply(formsGround)
	p.make("Alex", &p.alex)
	p.make("Sam", &p.sam)
	p.work = p.engage(p.alex, p.sam)
	return p
}

func (p *pair) make(name string, id *people.ID) {
	p.t.Helper()
	p.must(p.db.InTx(p.ctx, func(tx *pg.Tx) (err error) {
		*id, _, err = people.FindOrCreate(p.ctx, tx, strings.ToLower(name)+"@example.com", name, "Europe/London", true, p.now())
		return err
	}))
}

// engage has Noor work with two people who have accepted and signed.
func (p *pair) engage(clients ...people.ID) (id engagement.ID) {
	p.t.Helper()
	rooms := p.first.engagement
	var invited []engagement.Invitee
	for _, c := range clients {
		invited = append(invited, engagement.Invitee{Person: c, Word: "harbour " + string(c)})
	}
	p.must(p.db.InTx(p.ctx, func(tx *pg.Tx) (err error) {
		id, err = rooms.Start(p.ctx, tx, p.coach("noor").ID, invited, engagement.ReadyPolicy(engagement.Confidential, "Noor Haddad"), p.now())
		return err
	}))
	for _, c := range clients {
		p.must(p.db.InTx(p.ctx, func(tx *pg.Tx) error {
			if refused, err := rooms.Accept(p.ctx, tx, c, id, "harbour "+string(c), p.now()); refused != nil || err != nil {
				p.t.Fatal(refused, err)
			}
			versions, err := engagement.Policies(p.ctx, tx, id)
			if err != nil {
				return err
			}
			return rooms.Sign(p.ctx, tx, c, id, versions[0].ID, "A Name", p.now())
		}))
	}
	return id
}

// send has Noor send a form and gives the sheets by who answers them.
func (p *pair) send(form string, to ...people.ID) map[people.ID]intake.ID {
	p.t.Helper()
	sheets, noor := map[people.ID]intake.ID{}, p.coach("noor").ID
	p.must(p.db.InTxAs(p.ctx, string(noor), func(tx *pg.Tx) error {
		ids, err := p.first.intake.Send(p.ctx, tx, noor, p.work, intake.Sending{Form: form, To: to}, p.now())
		if err != nil {
			return err
		}
		for _, id := range ids {
			s, err := intake.Find(p.ctx, tx, noor, id)
			if err != nil {
				return err
			}
			sheets[s.Person] = id
		}
		return nil
	}))
	return sheets
}

// reader is somebody who asks for pages, by what their browser holds.
type reader struct {
	p     *pair
	base  string
	token string
}

// as signs somebody in, both proofs given.
func (p *pair) as(who people.ID) *reader { return &reader{p, p.base, p.signedIn(who)} }

// weak signs somebody in with the code alone, as whoever holds their inbox can.
func (p *pair) weak(who people.ID) *reader {
	before := []string{}
	p.must(p.db.Select(p.ctx, &before, `select id::text from session`))
	b := p.as(who)
	p.exec(`update session set proven_at = null, fresh_at = null where id <> all ($1)`, pg.Array(before))
	return b
}

func (b *reader) options(more ...func(*http.Request)) []func(*http.Request) {
	return append([]func(*http.Request){func(r *http.Request) {
		if b.token != "" {
			r.AddCookie(&http.Cookie{Name: "kintsugi", Value: b.token})
		}
		if r.Method == http.MethodPost {
			r.Header.Set("Origin", b.base)
			r.Header.Set("Sec-Fetch-Site", "same-origin")
		}
	}}, more...)
}

func (b *reader) get(path string, more ...func(*http.Request)) answer {
	b.p.t.Helper()
	return b.p.request("GET", b.base+path, nil, b.options(more...)...)
}

func (b *reader) post(path string, form url.Values, more ...func(*http.Request)) answer {
	b.p.t.Helper()
	return b.p.request("POST", b.base+path, form, b.options(more...)...)
}

func (p *pair) request(method, target string, form url.Values, options ...func(*http.Request)) answer {
	p.t.Helper()
	return p.whole.send(method, target, form, options...)
}

// script asks as the page's own script does.
func script(r *http.Request) { r.Header.Set("Accept", "application/json") }

var hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// typed is the form of a page with what it hides, and answers by their keys.
func (b *reader) typed(page answer, pairs ...string) url.Values {
	form := url.Values{}
	body := page.body
	if i := strings.Index(body, "data-sheet"); i >= 0 {
		body = body[i:]
	}
	for _, m := range hiddenInput.FindAllStringSubmatch(body, -1) {
		if !form.Has(m[1]) {
			form.Set(m[1], m[2])
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add("q-"+pairs[i], pairs[i+1])
	}
	return form
}

// fill saves or sends a form, from its page.
func (b *reader) fill(id intake.ID, act string, pairs ...string) answer {
	b.p.t.Helper()
	form := b.typed(b.get("/portal/forms/"+string(id)).shows(200), pairs...)
	form.Set("act", act)
	return b.post("/portal/forms/"+string(id), form)
}

// tab opens a browser in which somebody is signed in.
func (p *pair) tab(t *testing.T, who people.ID, options ...browsertest.Option) *browsertest.Tab {
	t.Helper()
	tab := p.visitor(t, options...)
	p.signInTab(tab, who)
	return tab
}

func (p *pair) signInTab(tab *browsertest.Tab, who people.ID) {
	p.t.Helper()
	tab.Open(p.base + "/help-now")
	browsertest.Eval[string](tab, `document.cookie = "kintsugi=`+p.signedIn(who)+`; path=/"`)
}

package web_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"kintsugi/internal/booking"
	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/intake"
	"kintsugi/internal/note"
	"kintsugi/internal/once"
	"kintsugi/internal/payment"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/questions"
	"kintsugi/internal/setup"

	"kintsugi/internal/audit"
)

// sessionGround is what clients have beside the calls of strangers.
const sessionGround = `
appointment_types:
  - {slug: couple, name: Couple session, duration: 60m, slot_step: 30m, place: video, horizon: 300d, lane: joint, credits: 1, coaches: [noor]}
  - {slug: single, name: Individual session, duration: 50m, slot_step: 30m, place: video, horizon: 300d, lane: individual, credits: 1, coaches: [noor]}
packages:
  - {slug: one-three, name: Three for one, sessions: 3, appointment_types: [single], price: 300.00}
forms:
  - {slug: alone, name: Before we start, lane: individual, send_on: manual, questions: [{key: goal, label: What would you like?, type: long_text, required: true}]}
  - {slug: safe, name: How to reach you, lane: safety, send_on: manual, questions: [{key: how, label: How?, type: long_text, required: true}]}
  - {slug: both, name: Your own view, lane: joint, send_on: manual, questions: [{key: view, label: Your view?, type: long_text, required: true}]}
`

// couple is two clients of Noor's, with something of each kind in each lane. The
// words of each kind begin with a canary of their own.
type couple struct {
	id         engagement.ID
	a, b       people.ID
	nameA      string
	notes      map[string]note.ID
	sheets     map[string]intake.ID
	bookings   map[string]booking.ID
	words      map[string]string // canary by kind of thing
	laneOf     map[string]engagement.LaneID
	withHer    bool // A has something of her own
	personalID engagement.LaneID
	order      payment.OrderID // of A's own, with its invoice, and an offer to her
	paper      payment.InvoiceID
	offer      practice.OfferID
	bOrder     payment.OrderID // of B's own
	bPaper     payment.InvoiceID
}

// everything that A can have of her own; B may see none of it.
var ofHers = []string{"aAlone", "aDraft", "aSelf", "aFrom", "aSheet", "aSheetDraft", "aSafe", "aReason", "aSessions"}

func (h *staffed) notesService() *note.Service {
	return &note.Service{DB: h.db, Engagement: h.first.engagement, Now: h.now}
}

func (h *staffed) as(viewer people.ID, act func(tx *pg.Tx) error) {
	h.t.Helper()
	h.must(h.db.InTxAs(h.ctx, string(viewer), act))
}

// clientGround sets up what clients need, once.
func (h *staffed) clientGround() {
	h.t.Helper()
	file, err := setup.Parse("ground.yaml", []byte(sessionGround))
	h.must(err)
	_, err = setup.Apply(h.ctx, h.db, file, audit.Actor{Kind: audit.Operator}, h.now())
	h.must(err)
}

// newCouple makes a couple whose words begin with mark. Without hers, A has
// nothing of her own; everything else is the same.
func (h *staffed) newCouple(mark string, nth int, hers bool) *couple {
	h.t.Helper()
	noor, work := h.coach("noor"), h.first.engagement
	c := &couple{notes: map[string]note.ID{}, sheets: map[string]intake.ID{}, bookings: map[string]booking.ID{}, words: map[string]string{}, laneOf: map[string]engagement.LaneID{}, withHer: hers}
	for _, kind := range append([]string{"joint", "jointDraft", "coach", "bAlone", "bSheet", "bothA", "bothB", "jointSessions"}, ofHers...) {
		c.words[kind] = strings.ToUpper(mark) + "CANARY" + kind + "Q"
	}
	c.nameA = "Ana " + mark
	h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) (err error) {
		if c.a, _, err = people.FindOrCreate(h.ctx, tx, "ana-"+strings.ToLower(mark)+"@example.com", c.nameA, "Europe/London", true, h.now()); err != nil {
			return err
		}
		if c.b, _, err = people.FindOrCreate(h.ctx, tx, "ben-"+strings.ToLower(mark)+"@example.com", "Ben "+mark, "Europe/London", true, h.now()); err != nil {
			return err
		}
		c.id, err = work.Start(h.ctx, tx, noor.ID, []engagement.Invitee{{Person: c.a, Word: "linden one"}, {Person: c.b, Word: "harbour two"}}, engagement.ReadyPolicy(engagement.Confidential, "Noor"), h.now())
		return err
	}))
	for _, who := range []people.ID{c.a, c.b} {
		h.enter(c, who)
	}
	h.fillCouple(c, noor.ID, nth)
	return c
}

// enter accepts and signs.
func (h *staffed) enter(c *couple, who people.ID) {
	h.t.Helper()
	word := "linden one"
	if who == c.b {
		word = "harbour two"
	}
	var refused *fault.Error
	h.as(who, func(tx *pg.Tx) (err error) {
		refused, err = h.first.engagement.Accept(h.ctx, tx, who, c.id, word, h.now())
		return err
	})
	if refused != nil {
		h.t.Fatal(refused)
	}
	h.as(who, func(tx *pg.Tx) error {
		versions, err := engagement.Policies(h.ctx, tx, c.id)
		if err != nil {
			return err
		}
		return h.first.engagement.Sign(h.ctx, tx, who, c.id, versions[0].ID, "A Name", h.now())
	})
}

// fillCouple puts something of each kind into each lane.
func (h *staffed) fillCouple(c *couple, noor people.ID, nth int) {
	h.t.Helper()
	notes := h.notesService()
	lanes, err := engagement.Lanes(h.ctx, h.db, noor, c.id)
	h.must(err)
	for _, l := range lanes {
		key := string(l.Kind)
		switch l.Of {
		case c.a:
			key += "A"
		case c.b:
			key += "B"
		}
		c.laneOf[key] = l.ID
	}
	write := func(kind string, author people.ID, lane engagement.LaneID, share bool) {
		id, err := notes.Begin(h.ctx, author, lane, "", note.Words{Title: c.words[kind] + " title", Body: "Words of " + c.words[kind]}, once.Key{})
		h.must(err)
		if share {
			h.must(notes.Share(h.ctx, author, id, 1))
		}
		c.notes[kind] = id
	}
	write("coach", noor, c.laneOf["coach"], false)
	write("joint", noor, c.laneOf["joint"], true)
	write("jointDraft", noor, c.laneOf["joint"], false)
	write("bAlone", c.b, c.laneOf["individualB"], true)
	h.sheet(c, "bSheet", "alone", c.b, "goal", true)
	v := booking.Viewer{ID: noor, Role: people.Member}
	start := monday.Truncate(24*time.Hour).AddDate(0, 0, 30+nth).Add(10 * time.Hour)
	h.grant(credit.Holder{Engagement: c.id}, 3, "couple", c.words["jointSessions"])
	joint, err := h.booking.BookSession(h.ctx, v, booking.Session{Type: "couple", Coach: "noor", Start: start, Engagement: c.id, Use: true}, nil)
	h.must(err)
	c.bookings["joint"] = joint.ID
	c.bOrder, c.bPaper = h.bought(c.b, "one-three", credit.Holder{Person: c.b})
	hour := start.Add(3 * time.Hour)
	if !c.withHer {
		// The same hour is taken by somebody in both.
		h.must(h.blockHour(noor, hour))
		return
	}
	write("aAlone", c.a, c.laneOf["individualA"], true)
	write("aDraft", c.a, c.laneOf["individualA"], false)
	write("aFrom", noor, c.laneOf["individualA"], true)
	h.as(c.a, func(tx *pg.Tx) (err error) {
		c.personalID, err = h.first.engagement.Personal(h.ctx, tx, c.a, h.now())
		return err
	})
	write("aSelf", c.a, c.personalID, false)
	h.sheet(c, "aSheet", "alone", c.a, "goal", true)
	h.sheet(c, "aSafe", "safe", c.a, "how", true)
	h.sheet(c, "aSheetDraft", "alone", c.a, "goal", false)
	h.grant(credit.Holder{Person: c.a}, 5, "single", c.words["aSessions"])
	own, err := h.booking.BookSession(h.ctx, v, booking.Session{Type: "single", Coach: "noor", Start: hour, Engagement: c.id, For: c.a, Use: true}, nil)
	h.must(err)
	c.bookings["a"] = own.ID
	private := fmt.Sprintf("own-%d", nth)
	h.apply(fmt.Sprintf("packages: [{slug: %s, name: %q, sessions: 2, appointment_types: [single], price: 99.00, visibility: link}]", private, "Two hours, "+c.nameA))
	c.order, c.paper = h.bought(c.a, private, credit.Holder{Person: c.a})
	h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) error {
		p, err := practice.FindAnyPackage(h.ctx, tx, private)
		if err != nil {
			return err
		}
		c.offer, err = practice.OfferPackage(h.ctx, tx, p.VersionID, c.a, noor, h.now())
		return err
	}))
}

func (h *staffed) blockHour(coach people.ID, start time.Time) error {
	_, err := h.booking.BlockTime(h.ctx, booking.Viewer{ID: coach, Role: people.Member}, booking.Block{CoachID: coach, Start: start, End: start.Add(50 * time.Minute)}, once.Key{})
	return err
}

// grant gives sessions, with a reason that is its own canary.
func (h *staffed) grant(to credit.Holder, n int, typeSlug, reason string) {
	h.t.Helper()
	h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) error {
		_, err := credit.Give(h.ctx, tx, h.keys, h.coach("noor"), credit.GiveOf{Holder: to, Sessions: n, Types: practice.Slugs{typeSlug}, Reason: reason, Key: uuid.NewString()}, h.now())
		return err
	}))
}

// sheet sends a form to a client and has them answer it, or only begin to.
func (h *staffed) sheet(c *couple, kind, form string, who people.ID, question string, send bool) {
	h.t.Helper()
	forms := &intake.Service{Engagement: h.first.engagement}
	noor := h.coach("noor").ID
	var ids []intake.ID
	h.as(noor, func(tx *pg.Tx) (err error) {
		ids, err = forms.Send(h.ctx, tx, noor, c.id, intake.Sending{Form: form, To: []people.ID{who}}, h.now())
		return err
	})
	c.sheets[kind] = ids[0]
	h.as(who, func(tx *pg.Tx) error {
		draft, err := forms.Save(h.ctx, tx, who, ids[0], intake.Typing{Answers: questions.Answers{question: {"Answer " + c.words[kind]}}}, h.now())
		if err != nil || !send {
			return err
		}
		_, err = forms.HandIn(h.ctx, tx, who, ids[0], intake.Seen{Draft: draft.Version}, once.Key{}, h.now())
		return err
	})
}

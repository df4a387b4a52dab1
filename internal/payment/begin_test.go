package payment_test

import (
	"encoding/json"
	"testing"

	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/intake"
	"kintsugi/internal/job"
	"kintsugi/internal/payment"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/questions"
	"kintsugi/internal/stripefake"
)

// withForms has one form for two and one for each that go out with a first
// purchase.
func (h *house) withForms() *intake.Service {
	h.t.Helper()
	forms := &intake.Service{Engagement: h.work}
	h.s.Bought = forms.Bought
	h.in(func(tx *pg.Tx) error {
		for slug, lane := range map[string]string{"together": practice.Joint, "alone": practice.Individual} {
			if err := practice.SaveForm(h.ctx, tx, practice.Form{Slug: slug, SendOn: practice.FirstPurchase, FormVersion: practice.FormVersion{Name: slug, Lane: lane,
				Definition: questions.Definition{Questions: []questions.Question{{Key: "goal", Label: "Goal?", Kind: questions.LongText}}}}}, "", h.now); err != nil {
				return err
			}
		}
		return nil
	})
	return forms
}

// follow does what follows from payments, twice, as jobs are done at least once.
func (h *house) follow() {
	h.t.Helper()
	handlers := map[string]job.Handler{}
	h.s.Register(handlers)
	var args []string
	h.must(h.db.Select(h.ctx, &args, `select args::text from job where kind = 'order-bought' order by id`))
	if len(args) == 0 {
		h.t.Error("nothing follows")
	}
	for range 2 {
		for _, a := range args {
			h.must(handlers["order-bought"](h.ctx, json.RawMessage(a)))
		}
	}
}

// sheets counts the forms that somebody was sent in lanes of a kind.
func (h *house) sheets(who people.ID, kind engagement.LaneKind) (n int) {
	h.t.Helper()
	h.must(h.db.InTxAs(h.ctx, string(who), func(tx *pg.Tx) error {
		return tx.Get(h.ctx, &n, `select count(*) from sheet s join lane l on l.id = s.lane_id where s.person_id = $1 and l.kind = $2`, who, string(kind))
	}))
	return n
}

func TestAFirstPurchaseSendsItsFormsOnceAndToWhomTheyBelong(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.withForms()
	for range 2 {
		h.bought(h.sam, "solo-three")
	}
	h.follow()
	if a, b := h.sheets(h.sam, engagement.IndividualLane), h.sheets(h.alex, engagement.IndividualLane); a != 1 || b != 0 {
		t.Errorf("the buyer has %d, the partner %d", a, b)
	}
	if a, b := h.sheets(h.sam, engagement.JointLane), h.sheets(h.alex, engagement.JointLane); a != 0 || b != 0 {
		t.Errorf("what is for both went out with what is for one: %d, %d", a, b)
	}
	h.bought(h.sam, "rebuild-six")
	h.follow()
	if a, b := h.sheets(h.sam, engagement.JointLane), h.sheets(h.alex, engagement.JointLane); a != 1 || b != 1 {
		t.Errorf("both have %d and %d", a, b)
	}
}

// Somebody bought for two before their coach had begun with them, and the
// sessions could be booked by nobody.
func TestWhatIsBoughtBeforeTheWorkBeginsBecomesPartOfIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	forms := h.withForms()
	two, session := h.bought(h.cleo, "rebuild-six")
	open := h.place(h.cleo, "in-parts")
	one, _ := h.bought(h.cleo, "solo-three")
	dispute, err := h.fake.Dispute(h.fake.ChargeOf(session), stripefake.DisputeOf{Amount: 1000})
	h.must(err)
	h.events()
	h.follow() // there is nobody yet to send anything
	var work engagement.ID
	h.in(func(tx *pg.Tx) (err error) {
		if work, err = h.work.Start(h.ctx, tx, h.mara.ID, []engagement.Invitee{{Person: h.cleo, Word: "harbour bell"}}, engagement.ReadyPolicyAlone("Mara"), h.now); err != nil {
			return err
		}
		if refused, err := h.work.Accept(h.ctx, tx, h.cleo, work, "harbour bell", h.now); refused != nil || err != nil {
			t.Fatal(refused, err)
		}
		for range 2 {
			if err := payment.Begin(h.ctx, tx, h.cleo, work, h.now); err != nil {
				return err
			}
			if err := forms.SendBought(h.ctx, tx, work, h.now); err != nil {
				return err
			}
		}
		return nil
	})
	two, one = h.is(two, payment.Paid, 6), h.is(one, payment.Paid, 3)
	if two.Engagement != work || h.find(open).Engagement != work || one.Person != h.cleo {
		t.Errorf("they are in %+v, %+v, %+v", two.Holder(), h.find(open).Holder(), one.Holder())
	}
	lots, err := credit.Of(h.ctx, h.db, h.mara, credit.Holder{Engagement: work})
	h.must(err)
	if len(lots) != 1 || lots[0].Remaining != 6 || lots[0].Holds != 1 {
		t.Errorf("the work has %+v", lots)
	}
	if n := h.sheets(h.cleo, engagement.IndividualLane); n != 1 {
		t.Errorf("%d forms of their own", n)
	}
	// What becomes of the money reaches the sessions where they are now.
	h.must(h.fake.MoveDispute(dispute, "won"))
	h.events()
	if of, err := credit.BySource(h.ctx, h.db, two.Parts[0].Source()); err != nil || of.Held != 0 || of.Left != 6 {
		t.Errorf("after the dispute %+v %v", of, err)
	}
	_, err = h.refund(two, 36000, 3)
	h.must(err)
	h.is(two, payment.PartRefunded, 3)
	if wrong := h.equal(); len(wrong) > 0 {
		t.Error(wrong)
	}
}

func TestOrdersFollowWorkThatIsHandedOver(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o, _ := h.bought(h.sam, "in-parts")
	var next engagement.ID
	h.in(func(tx *pg.Tx) (err error) {
		if next, err = h.work.HandOver(h.ctx, tx, h.mara, h.id, h.noor, h.now); err != nil {
			return err
		}
		if err := credit.Follow(h.ctx, tx, h.id, next); err != nil {
			return err
		}
		return payment.Follow(h.ctx, tx, h.id, next)
	})
	_, err := h.fake.Pay(h.page(o), atStripe)
	h.must(err)
	h.events()
	if o = h.is(o, payment.Paid, 6); o.Engagement != next {
		t.Errorf("the order is of %s", o.Engagement)
	}
	lots, err := credit.Of(h.ctx, h.db, h.noor, credit.Holder{Engagement: next})
	h.must(err)
	sum := 0
	for _, l := range lots {
		sum += l.Remaining
	}
	if sum != 6 {
		t.Errorf("the new work has %d", sum)
	}
}

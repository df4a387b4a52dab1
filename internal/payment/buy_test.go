package payment_test

import (
	"testing"

	"kintsugi/internal/payment"
)

func TestWhoeverPaidSeesItWithoutWaitingForStripesWord(t *testing.T) {
	h := newHouse(t)
	o := h.place(h.sam, "rebuild-six")
	h.is(o, payment.Open, 0)
	session := h.page(o)
	// Coming back without having paid changes nothing.
	if _, err := h.s.Returned(h.ctx, h.sam, o.ID, session); err != nil {
		t.Fatal(err)
	}
	h.is(o, payment.Open, 0)
	back, err := h.fake.Pay(session, atStripe)
	h.must(err)
	if want := site + "/portal/orders/" + string(o.ID) + "?session_id=" + session; back != want {
		t.Errorf("led back to %s, want %s", back, want)
	}
	for range 2 {
		if _, err := h.s.Returned(h.ctx, h.sam, o.ID, session); err != nil {
			t.Fatal(err)
		}
		h.is(o, payment.Paid, 6)
	}
	h.events()
	h.is(o, payment.Paid, 6)
	if n := h.letters("order-receipt"); n != 1 {
		t.Errorf("%d receipts", n)
	}
}

func TestThePartnerFindsNothingOfAnOrder(t *testing.T) {
	h := newHouse(t)
	o, session := h.bought(h.sam, "solo-three")
	if _, err := h.s.Find(h.ctx, nil, h.alex, o.ID); err != payment.ErrNoOrder {
		t.Errorf("the partner is answered %v", err)
	}
	if _, err := h.s.Returned(h.ctx, h.alex, o.ID, session); err != payment.ErrNoOrder {
		t.Errorf("the partner with the session is answered %v", err)
	}
	if _, err := h.s.Pay(h.ctx, h.alex, o.ID, 0); err != payment.ErrNoOrder {
		t.Errorf("paying is answered %v", err)
	}
	if _, err := h.s.Drop(h.ctx, h.alex, o.ID); err != payment.ErrNoOrder {
		t.Errorf("dropping is answered %v", err)
	}
	list, err := h.s.OrdersOf(h.ctx, nil, h.alex)
	h.must(err)
	if len(list) != 0 {
		t.Errorf("lists %d", len(list))
	}
}

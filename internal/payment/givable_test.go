package payment_test

import (
	"fmt"
	"testing"

	"kintsugi/internal/payment"
	"kintsugi/internal/people"
)

// Where sessions came from leads to the money, for whoever may give it back and
// sees the order, and only while there is some.
func TestWhatCanGoBackIsFoundFromTheSessionsByWhoMayGiveIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o, _ := h.bought(h.sam, "rebuild-six")
	other, _ := h.bought(h.alex, "in-parts")
	from := []string{"gift", o.Parts[0].Source(), "a coach's own words", other.Parts[1].Source()} // the second part was not paid
	find := func(v payment.Viewer) string {
		t.Helper()
		found, err := h.s.Givable(h.ctx, v, from)
		h.must(err)
		return fmt.Sprint(found)
	}
	want := fmt.Sprintf("[{%s 1 Rebuild after an affair GBP 72000}]", o.ID)
	for _, v := range []payment.Viewer{h.owner, {ID: h.mara.ID, Role: people.Member}} {
		if got := find(v); got != want {
			t.Errorf("%s finds %s", v.Role, got)
		}
	}
	for _, v := range []payment.Viewer{{ID: h.noor.ID, Role: people.Member}, {ID: h.mara.ID, Role: people.Assistant}} {
		if got := find(v); got != "[]" {
			t.Errorf("%s finds %s", v.Role, got)
		}
	}
	_, err := h.refund(o, 70000, 6)
	h.must(err)
	if got := find(h.owner); got != fmt.Sprintf("[{%s 1 Rebuild after an affair GBP 2000}]", o.ID) {
		t.Errorf("after a part %s", got)
	}
	_, err = h.refund(o, 2000, 0)
	h.must(err)
	if got := find(h.owner); got != "[]" {
		t.Errorf("after all of it %s", got)
	}
}

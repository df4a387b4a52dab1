package stripefake_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"kintsugi/internal/stripefake"

	"github.com/stripe/stripe-go/v76"
)

// paid is a session that was paid, by its charge.
func (b *bench) paid(t *testing.T) (session, charge string) {
	t.Helper()
	session = b.open(t, nil).ID
	b.pay(t, session)
	return session, b.ChargeOf(session)
}

// since are the events after so many, by their names.
func (b *bench) since(n int) []string { return b.kinds()[n:] }

func (b *bench) refunded(t *testing.T, id string) *stripe.Charge {
	t.Helper()
	charge, err := b.client.Charges.Get(id, nil)
	if err != nil {
		t.Fatal(err)
	}
	return charge
}

func TestRefundsAddUpOnTheChargeAndNeverPassIt(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	session, charge := b.paid(t)
	intent := b.read(t, session).PaymentIntent.ID
	before := len(b.Events())
	first, err := b.client.Refunds.New(&stripe.RefundParams{PaymentIntent: &intent, Amount: stripe.Int64(20000), Reason: stripe.String("requested_by_customer")})
	if err != nil || first.Status != "succeeded" || first.Charge.ID != charge || first.PaymentIntent.ID != intent || first.Amount != 20000 {
		t.Fatalf("%+v %v", first, err)
	}
	_, err = b.client.Refunds.New(&stripe.RefundParams{Charge: &charge, Amount: stripe.Int64(52001)})
	wants(t, err, 400, "invalid_request_error", "", "amount")
	_, err = b.client.Refunds.New(&stripe.RefundParams{Charge: &charge, Amount: stripe.Int64(0)})
	wants(t, err, 400, "invalid_request_error", "parameter_invalid_integer", "amount")
	_, err = b.client.Refunds.New(&stripe.RefundParams{})
	wants(t, err, 400, "invalid_request_error", "parameter_missing", "")
	if second, err := b.client.Refunds.New(&stripe.RefundParams{Charge: &charge}); err != nil || second.Amount != 52000 {
		t.Fatalf("the rest: %+v %v", second, err)
	}
	_, err = b.client.Refunds.New(&stripe.RefundParams{Charge: &charge})
	wants(t, err, 400, "invalid_request_error", "charge_already_refunded", "")

	if got := b.since(before); !slices.Equal(got, []string{"charge.refunded", "charge.refunded"}) {
		t.Fatalf("events %v", got)
	}
	for i, want := range []int64{20000, 72000} {
		var seen stripe.Charge
		if err := json.Unmarshal(b.Events()[before+i].Data.Object, &seen); err != nil || seen.AmountRefunded != want || seen.Refunded != (want == 72000) || seen.Refunds != nil {
			t.Fatalf("event %d: %+v %v", i, seen, err)
		}
	}
	list := b.client.Refunds.List(&stripe.RefundListParams{PaymentIntent: &intent})
	n := 0
	for list.Next() {
		n++
	}
	p := &stripe.ChargeParams{}
	p.AddExpand("refunds")
	whole, err := b.client.Charges.Get(charge, p)
	if err != nil || n != 2 || len(whole.Refunds.Data) != 2 {
		t.Fatalf("%d listed, %+v %v", n, whole.Refunds, err)
	}
}

func TestAPendingRefundArrivesOrFails(t *testing.T) {
	for _, row := range []struct {
		name     string
		fails    bool
		uncounts bool
		version  string
		sum      int64
		events   []string
	}{
		{"arrives", false, false, "", 72000, []string{"charge.refunded", "charge.refund.updated"}},
		{"fails and stays counted", true, false, "", 72000, []string{"charge.refunded", "charge.refund.updated"}},
		{"fails and is uncounted", true, true, "", 0, []string{"charge.refunded", "charge.refund.updated"}},
		{"fails under a newer version", true, false, "2024-10-28.acacia", 72000,
			[]string{"charge.refunded", "refund.created", "charge.refund.updated", "refund.updated", "refund.failed"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBench(t, stripefake.Settings{UncountFailedRefunds: row.uncounts, AccountVersion: row.version})
			_, charge := b.paid(t)
			before := len(b.Events())
			b.NextRefund(charge, stripefake.RefundFate{Pending: true, After: 5 * 24 * time.Hour, Fails: row.fails})
			refund, err := b.client.Refunds.New(&stripe.RefundParams{Charge: &charge})
			if err != nil || refund.Status != "pending" || b.refunded(t, charge).AmountRefunded != 72000 {
				t.Fatalf("%+v %v", refund, err)
			}
			b.Pass(5 * 24 * time.Hour)
			now, err := b.client.Refunds.Get(refund.ID, nil)
			if err != nil {
				t.Fatal(err)
			}
			if row.fails && (now.Status != "failed" || now.FailureReason != "expired_or_canceled_card" || now.FailureBalanceTransaction == nil) || !row.fails && now.Status != "succeeded" {
				t.Fatalf("%+v", now)
			}
			if got := b.refunded(t, charge).AmountRefunded; got != row.sum {
				t.Fatalf("the charge says %d, want %d", got, row.sum)
			}
			if got := b.since(before); !slices.Equal(got, row.events) {
				t.Fatalf("events %v, want %v", got, row.events)
			}
			last := b.Events()[before+len(row.events)-1]
			if row.version == "" && last.Data.Previous["status"] != "pending" {
				t.Fatalf("what was before: %v", last.Data.Previous)
			}
		})
	}
}

func TestARefundThatSucceededCanStillFail(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	_, charge := b.paid(t)
	b.NextRefund("", stripefake.RefundFate{After: 10 * 24 * time.Hour, Fails: true, Reason: "lost_or_stolen_card"})
	id, err := b.Refund(charge, 5000)
	if err != nil {
		t.Fatal(err)
	}
	if refund, err := b.RefundNow(id); err != nil || refund.Status != "succeeded" {
		t.Fatalf("%+v %v", refund, err)
	}
	if !b.Settle(id) || b.Settle(id) {
		t.Fatal("a refund is settled once")
	}
	if refund, err := b.RefundNow(id); err != nil || refund.Status != "failed" || refund.FailureReason != "lost_or_stolen_card" {
		t.Fatalf("%+v %v", refund, err)
	}
	events := b.Events()
	if last := events[len(events)-1]; last.Type != "charge.refund.updated" || last.Data.Previous["status"] != "succeeded" {
		t.Fatalf("%+v", last)
	}
}

func TestARefundMadeAtTheDashboardComesOfNoCall(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	_, charge := b.paid(t)
	if _, err := b.Refund(charge, 100); err != nil {
		t.Fatal(err)
	}
	events := b.Events()
	if last := events[len(events)-1]; last.Type != "charge.refunded" || last.Request.ID != "" {
		t.Fatalf("%+v", last)
	}
	if _, err := b.Refund(charge, 72000); err == nil {
		t.Fatal("more was given back than was taken")
	}
	if _, err := b.Refund("ch_0", 1); err == nil {
		t.Fatal("a charge that is not there was refunded")
	}
}

func TestWhatWasNeverPaidIsNotGivenBack(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	session := b.open(t, nil)
	if _, err := b.PayLate(session.ID, stripefake.Buyer{}, time.Hour, true); err != nil {
		t.Fatal(err)
	}
	charge := b.ChargeOf(session.ID)
	_, err := b.client.Refunds.New(&stripe.RefundParams{Charge: &charge})
	wants(t, err, 400, "invalid_request_error", "charge_not_refundable", "")
}

func TestADisputeTakesTheMoneyAndAnInquiryDoesNot(t *testing.T) {
	for _, row := range []struct {
		name    string
		inquiry bool
		moves   []string
		events  []string
		lines   int
	}{
		{"won", false, []string{"under_review", "won"},
			[]string{"charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.updated", "charge.dispute.funds_reinstated", "charge.dispute.closed"}, 2},
		{"lost", false, []string{"lost"}, []string{"charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.closed"}, 1},
		{"an inquiry that ends", true, []string{"warning_under_review", "warning_closed"}, []string{"charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed"}, 0},
		{"an inquiry that becomes a dispute", true, []string{"needs_response", "lost"},
			[]string{"charge.dispute.created", "charge.dispute.updated", "charge.dispute.funds_withdrawn", "charge.dispute.closed"}, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBench(t, stripefake.Settings{})
			session, charge := b.paid(t)
			before := len(b.Events())
			id, err := b.Dispute(charge, stripefake.DisputeOf{Inquiry: row.inquiry, Reason: "product_not_received"})
			if err != nil {
				t.Fatal(err)
			}
			first, err := b.client.Disputes.Get(id, nil)
			if err != nil || first.Charge.ID != charge || first.PaymentIntent.ID != b.read(t, session).PaymentIntent.ID || first.Amount != 72000 || first.Reason != "product_not_received" {
				t.Fatalf("%+v %v", first, err)
			}
			status := stripe.DisputeStatus("needs_response")
			if row.inquiry {
				status = "warning_needs_response"
			}
			if first.Status != status || first.IsChargeRefundable != row.inquiry || !b.refunded(t, charge).Disputed {
				t.Fatalf("at first: %s, refundable %v", first.Status, first.IsChargeRefundable)
			}
			for _, move := range row.moves {
				if err := b.MoveDispute(id, move); err != nil {
					t.Fatal(err)
				}
			}
			if got := b.since(before); !slices.Equal(got, row.events) {
				t.Fatalf("events %v, want %v", got, row.events)
			}
			last, err := b.client.Disputes.Get(id, nil)
			if err != nil || string(last.Status) != row.moves[len(row.moves)-1] || len(last.BalanceTransactions) != row.lines {
				t.Fatalf("%+v %v", last, err)
			}
			if b.MoveDispute(id, "won") == nil {
				t.Fatal("a dispute that has ended moved on")
			}
		})
	}
}

func TestAChargeThatWasChargedBackIsNotGivenBackTwice(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	_, charge := b.paid(t)
	if _, err := b.Dispute(charge, stripefake.DisputeOf{Inquiry: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.client.Refunds.New(&stripe.RefundParams{Charge: &charge, Amount: stripe.Int64(100)}); err != nil {
		t.Fatalf("during an inquiry: %v", err)
	}
	id, err := b.Dispute(charge, stripefake.DisputeOf{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.client.Refunds.New(&stripe.RefundParams{Charge: &charge})
	wants(t, err, 400, "invalid_request_error", "charge_disputed", "")
	if closed, err := b.client.Disputes.Close(id, nil); err != nil || closed.Status != "lost" {
		t.Fatalf("accepted: %+v %v", closed, err)
	}
	list := b.client.Disputes.List(&stripe.DisputeListParams{Charge: &charge})
	n := 0
	for list.Next() {
		n++
	}
	if n != 2 {
		t.Fatalf("%d disputes", n)
	}
}

func TestACallThatTakesTooLongIsDoneAllTheSame(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	_, charge := b.paid(t)
	b.Trouble(stripefake.Trouble{Call: "POST /v1/refunds", Works: true, Wait: time.Minute})
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	p := &stripe.RefundParams{Charge: &charge}
	p.Context = ctx
	if _, err := b.client.Refunds.New(p); err == nil {
		t.Fatal("the call did not stall")
	}
	if b.refunded(t, charge).AmountRefunded != 72000 {
		t.Fatal("the work was not done")
	}
}

func TestTheAccountSaysWhatStandsOnAStatement(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	b.ChangeAccount(func(a *stripefake.Account) {
		a.Name, a.StatementDescriptor, a.ChargesEnabled = "Marigold", "MARIGOLD", false
		a.WithoutTerms()
	})
	account, err := b.client.Accounts.Get()
	if err != nil || account.Settings.Payments.StatementDescriptor != "MARIGOLD" || account.Settings.Dashboard.DisplayName != "Marigold" || account.ChargesEnabled {
		t.Fatalf("%+v %v", account, err)
	}
	p := purchase()
	p.ConsentCollection = &stripe.CheckoutSessionConsentCollectionParams{TermsOfService: stripe.String("required")}
	_, err = b.client.CheckoutSessions.New(p)
	wants(t, err, 400, "invalid_request_error", "", "consent_collection[terms_of_service]")
	session := b.open(t, func(p *stripe.CheckoutSessionParams) {
		p.PaymentIntentData.StatementDescriptorSuffix = stripe.String("Sessions")
	})
	b.pay(t, session.ID)
	if charge := b.refunded(t, b.ChargeOf(session.ID)); charge.CalculatedStatementDescriptor != "MARIGOLD* SESSIONS" {
		t.Fatalf("on the statement: %s", charge.CalculatedStatementDescriptor)
	}
}

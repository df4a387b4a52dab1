package main_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/config"
	"kintsugi/internal/once"
	"kintsugi/internal/payment"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
	"kintsugi/internal/seal"
	"kintsugi/internal/stripefake"
	"kintsugi/internal/stripefake/stripetest"
)

// Somebody paid, nothing was told, and the operator compares by hand.
func TestReconcileMendsAndFailsWhenAPersonIsNeeded(t *testing.T) {
	t.Parallel()
	fake := stripetest.Start(t, stripefake.Settings{})
	keys, err := seal.NewKeyset()
	if err != nil {
		t.Fatal(err)
	}
	text, err := keys.Text()
	if err != nil {
		t.Fatal(err)
	}
	environ := append(home(t), "DATABASE_URL="+pgtest.URL(t), "KINTSUGI_KEYSET="+text, "STRIPE_SECRET_KEY="+stripetest.Key, "STRIPE_API_BASE="+fake.URL, "PUBLIC_URL=http://localhost:8080")
	run(t, environ, "apply", practiceFile(t)).must(t)

	if out := run(t, environ, "stripe", "endpoint").must(t); !strings.HasPrefix(out, "whsec_") || strings.Count(out, "\n") != 1 {
		t.Errorf("prints %q", out)
	} else {
		environ = append(environ, "STRIPE_WEBHOOK_SECRET="+strings.TrimSpace(out))
	}
	if s := run(t, environ, "stripe", "endpoint"); s.code != 1 || !strings.Contains(s.err, "already") {
		t.Errorf("a second endpoint: %d %s", s.code, s.err)
	}

	id, session := orders(t, keys, fake)
	if _, err := fake.Pay(session, stripefake.Buyer{Email: "visitor@example.com"}); err != nil {
		t.Fatal(err)
	}
	if out := run(t, environ, "reconcile").must(t); !strings.Contains(out, "mended: 1\n  order "+string(id)) || !strings.Contains(out, "needs a person: 0") {
		t.Errorf("prints %s", out)
	}
	if out := run(t, environ, "reconcile").must(t); !strings.Contains(out, "mended: 0") {
		t.Errorf("the second time: %s", out)
	}
	if _, err := fake.Dispute(fake.ChargeOf(session), stripefake.DisputeOf{}); err != nil {
		t.Fatal(err)
	}
	said := run(t, environ, "reconcile")
	if said.code != 1 || !strings.Contains(said.out, "dispute d") || !strings.Contains(said.err, "one thing needs a person") {
		t.Errorf("with a dispute: %d %s%s", said.code, said.out, said.err)
	}

	out := run(t, environ, "doctor").out
	for _, line := range []string{"the webhook endpoint is there", "Stripe knows the key", "agrees with Stripe's", "the last event came", "the last comparison with Stripe was", "a payment waits", "STRIPE_API_BASE leads to"} {
		if !strings.Contains(out, line) {
			t.Errorf("doctor does not say %q:\n%s", line, out)
		}
	}
}

func TestWithoutKeysThereIsNothingToCompare(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"reconcile", "stripe endpoint"} {
		s := run(t, append(home(t), "DATABASE_URL="+pgtest.URL(t)), strings.Fields(line)...)
		if s.code != 1 || !strings.Contains(s.err, "STRIPE_SECRET_KEY") {
			t.Errorf("%s: exit %d, %s", line, s.code, s.err)
		}
	}
}

// orders orders the first package for a visitor, up to the page at Stripe.
func orders(t *testing.T, keys *seal.Keyset, fake *stripetest.Stripe) (payment.OrderID, string) {
	t.Helper()
	ctx, db := context.Background(), pgtest.New(t)
	s := &payment.Service{DB: db, Keys: keys, Site: "http://localhost:8080", Now: time.Now, Stripe: config.Stripe{SecretKey: stripetest.Key, APIBase: fake.URL}}
	var buyer people.ID
	if err := db.InTx(ctx, func(tx *pg.Tx) (err error) {
		buyer, _, err = people.FindOrCreate(ctx, tx, "visitor@example.com", "A Visitor", "Europe/London", true, time.Now())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	packages, err := practice.Packages(ctx, db)
	if err != nil || len(packages) == 0 {
		t.Fatalf("nothing is sold: %v", err)
	}
	_, terms, err := payment.TermsOf(ctx, db, packages[0].VersionID)
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.Place(ctx, payment.Purchase{Buyer: buyer, Version: packages[0].VersionID, Agreed: terms.Hash, Key: once.Key{Scope: "test", Text: "1", Fingerprint: []byte("x")}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Pay(ctx, buyer, o.ID, 0); err != nil {
		t.Fatal(err)
	}
	return o.ID, fake.Sessions()[0].ID
}

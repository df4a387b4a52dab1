package payment

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"

	"kintsugi/internal/config"
	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
)

// tolerance is how far the time of a signature may be from now, before or after.
const tolerance = 5 * time.Minute

// BadSignature is the slug of the answer to who cannot prove to be Stripe.
const BadSignature = "bad-signature"

var errSignature = fault.Named(fault.Invalid, BadSignature, "The signature does not fit.")

// Knock takes an event from Stripe. It returns nil once its effect is committed,
// or there is none to have: the kind is not ours, the object is not ours, the
// mode is the other one, it was here before. Any other error means that Stripe
// should send it again.
//
// Errors: slug bad-signature; ErrNotReady while no secret is set.
func (s *Service) Knock(ctx context.Context, body []byte, signature string) error {
	if !s.Ready() {
		return ErrNotReady
	}
	if err := checkSignature(body, signature, s.Stripe.WebhookSecrets, s.wall()); err != nil {
		return err
	}
	e, err := readEvent(body)
	if err != nil {
		return err
	}
	return s.hear(ctx, e)
}

// checkSignature holds a body to every secret that is configured. A blank secret
// would let anybody sign, so it counts as none.
func checkSignature(body []byte, header string, secrets []config.Secret, now time.Time) error {
	var stamp string
	var given [][]byte
	for pair := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		switch name {
		case "t":
			if stamp != "" {
				return errSignature
			}
			stamp = value
		case "v1":
			if sum, err := hex.DecodeString(value); err == nil && len(sum) == sha256.Size {
				given = append(given, sum)
			}
		}
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || len(given) == 0 || now.Sub(time.Unix(seconds, 0)).Abs() > tolerance {
		return errSignature
	}
	right := false
	for _, secret := range secrets {
		if strings.TrimSpace(secret.Reveal()) == "" {
			continue
		}
		mac := hmac.New(sha256.New, []byte(secret.Reveal()))
		mac.Write([]byte(stamp + "."))
		mac.Write(body)
		sum := mac.Sum(nil)
		for _, one := range given {
			right = hmac.Equal(sum, one) || right
		}
	}
	if !right {
		return errSignature
	}
	return nil
}

// hear does what follows from an event that is known to be Stripe's.
func (s *Service) hear(ctx context.Context, e event) error {
	if e.Live != s.live() {
		s.log().Warn("an event of the other mode was left alone", "event", e.ID, "live", e.Live)
		return nil
	}
	known, err := s.knows(ctx, e.ID)
	if err != nil || known {
		return err
	}
	if e.Version != stripe.APIVersion {
		if err := s.oddVersion(ctx, e.Version); err != nil {
			return err
		}
	}
	c, found, err := s.about(ctx, e)
	if err != nil {
		return err
	}
	if !found {
		err = s.DB.InTx(ctx, func(tx *pg.Tx) error {
			_, err := s.note(ctx, tx, e, false, s.Now())
			return err
		})
		if err != nil {
			return fmt.Errorf("hear event: %w", err)
		}
		return nil
	}
	return s.settle(ctx, c, &e)
}

func (s *Service) knows(ctx context.Context, id string) (known bool, err error) {
	if err := s.DB.Get(ctx, &known, `select exists (select from stripe_event where id = $1)`, id); err != nil {
		return false, fmt.Errorf("find event: %w", err)
	}
	return known, nil
}

// oddVersion remembers that events come in another version of Stripe's API than
// ours. They are heard all the same: only the kind and the id are read.
func (s *Service) oddVersion(ctx context.Context, version string) error {
	s.log().Warn("Stripe sends events in another version of its API", "version", version, "ours", stripe.APIVersion)
	return s.DB.InTx(ctx, func(tx *pg.Tx) error {
		if _, err := tx.Exec(ctx, `update stripe_watch set odd_version = $1, odd_version_at = $2`, version, s.Now()); err != nil {
			return fmt.Errorf("note version: %w", err)
		}
		return nil
	})
}

// about finds the try to pay that an event is about, and false when it is about
// nothing of ours.
func (s *Service) about(ctx context.Context, e event) (checkout, bool, error) {
	switch object := e.DataPart.Object.Object; {
	case e.object() == "":
		return checkout{}, false, nil
	case e.ofSession():
		return s.ofSession(ctx, e.object())
	case object == "charge" && strings.HasPrefix(e.Type, "charge."):
		return s.ofCharge(ctx, e.object())
	case object == "refund":
		return s.ofRefund(ctx, e.object())
	case object == "dispute":
		return s.ofDispute(ctx, e.object())
	}
	return checkout{}, false, nil
}

func (s *Service) ofSession(ctx context.Context, id string) (checkout, bool, error) {
	c, found, err := findCheckout(ctx, s.DB, `c.session_id = $1`, id)
	if err != nil || found {
		return c, found, err
	}
	session, err := s.stripe().CheckoutSessions.Get(id, &stripe.CheckoutSessionParams{Params: params(ctx)})
	if isMissing(err) {
		return checkout{}, false, nil
	}
	if err != nil {
		return checkout{}, false, wordless("look at session", err)
	}
	return s.named(ctx, session.Metadata, id)
}

// named finds the try that something at Stripe says it was made for. The answer
// to it may have been lost; then its page is known from here on.
func (s *Service) named(ctx context.Context, metadata map[string]string, session string) (checkout, bool, error) {
	c, found, err := findCheckout(ctx, s.DB, `c.purchase_id::text = $1 and c.part::text = $2 and c.attempt::text = $3`,
		metadata[metaOrder], metadata[metaPart], metadata[metaAttempt])
	if err != nil || !found {
		return checkout{}, false, err
	}
	switch {
	case c.Session == "" && session != "":
		err := s.DB.InTx(ctx, func(tx *pg.Tx) error {
			_, err := tx.Exec(ctx, `update checkout set session_id = $2, changed_at = $3 where id = $1 and session_id is null`, c.ID, session, s.Now())
			return err
		})
		if err != nil && !pg.Violates(err, "checkout_session_once") {
			return checkout{}, false, fmt.Errorf("keep session: %w", err)
		}
		c.Session = session
	case session != "" && c.Session != session:
		// Another page that says it is this one: whoever wrote that was not us.
		return checkout{}, false, nil
	}
	return c, c.Session != "", nil
}

func (s *Service) ofCharge(ctx context.Context, id string) (checkout, bool, error) {
	charge, err := s.stripe().Charges.Get(id, &stripe.ChargeParams{Params: params(ctx)})
	if isMissing(err) {
		return checkout{}, false, nil
	}
	if err != nil {
		return checkout{}, false, wordless("look at charge", err)
	}
	return s.ofIntent(ctx, intentOf(charge.PaymentIntent))
}

func (s *Service) ofRefund(ctx context.Context, id string) (checkout, bool, error) {
	refund, err := s.stripe().Refunds.Get(id, &stripe.RefundParams{Params: params(ctx)})
	if isMissing(err) {
		return checkout{}, false, nil
	}
	if err != nil {
		return checkout{}, false, wordless("look at refund", err)
	}
	return s.ofMoney(ctx, refund.PaymentIntent, refund.Charge)
}

func (s *Service) ofDispute(ctx context.Context, id string) (checkout, bool, error) {
	dispute, err := s.stripe().Disputes.Get(id, &stripe.DisputeParams{Params: params(ctx)})
	if isMissing(err) {
		return checkout{}, false, nil
	}
	if err != nil {
		return checkout{}, false, wordless("look at dispute", err)
	}
	return s.ofMoney(ctx, dispute.PaymentIntent, dispute.Charge)
}

// ofMoney finds the try behind an object that names a payment, a charge or both.
func (s *Service) ofMoney(ctx context.Context, intent *stripe.PaymentIntent, charge *stripe.Charge) (checkout, bool, error) {
	if id := intentOf(intent); id != "" {
		return s.ofIntent(ctx, id)
	}
	if charge == nil || charge.ID == "" {
		return checkout{}, false, nil
	}
	return s.ofCharge(ctx, charge.ID)
}

func intentOf(p *stripe.PaymentIntent) string {
	if p == nil {
		return ""
	}
	return p.ID
}

func (s *Service) ofIntent(ctx context.Context, id string) (checkout, bool, error) {
	if id == "" {
		return checkout{}, false, nil
	}
	c, found, err := findCheckout(ctx, s.DB, `c.payment_intent = $1`, id)
	if err != nil || found {
		return c, found, err
	}
	intent, err := s.stripe().PaymentIntents.Get(id, &stripe.PaymentIntentParams{Params: params(ctx)})
	if isMissing(err) {
		return checkout{}, false, nil
	}
	if err != nil {
		return checkout{}, false, wordless("look at payment", err)
	}
	c, found, err = s.named(ctx, intent.Metadata, "")
	if err != nil || found || intent.Metadata[metaOrder] == "" {
		return c, found, err
	}
	// The page it was paid on is not known here; Stripe knows.
	list := s.stripe().CheckoutSessions.List(&stripe.CheckoutSessionListParams{ListParams: listed(ctx), PaymentIntent: stripe.String(id)})
	for list.Next() {
		if c, found, err := s.named(ctx, list.CheckoutSession().Metadata, list.CheckoutSession().ID); err != nil || found {
			return c, found, err
		}
	}
	return checkout{}, false, wordlessly(list.Err())
}

func wordlessly(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(wordless("list sessions", err).Error())
}

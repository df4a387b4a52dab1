package payment

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"

	"github.com/google/uuid"
	"github.com/stripe/stripe-go/v76"
)

// keysLast is how long an unanswered question is asked again under its key.
// Stripe remembers keys for a day.
const keysLast = 20 * time.Hour

// busyWait is how long a click waits for the answer that another one is getting.
const busyWait = 400 * time.Millisecond

// Pay gives the address at which a part of an order is paid: the page at Stripe
// that is open already, or another one. Where there is nothing left to pay it is
// the order's own page. Part zero is the next one to pay.
//
// Errors: ErrNotReady, ErrNoOrder; Conflict when it cannot be paid now; slugs
// terms-changed and stripe-away.
func (s *Service) Pay(ctx context.Context, buyer people.ID, id OrderID, part int) (string, error) {
	if !s.Ready() {
		return "", ErrNotReady
	}
	for range 8 {
		o, err := Find(ctx, s.DB, buyer, id)
		if err != nil {
			return "", err
		}
		p, err := s.payable(ctx, o, part)
		if err == errNothingToPay {
			return s.orderPage(id), nil
		}
		if err != nil {
			return "", err
		}
		if p.PriceMinor == 0 {
			if err := s.grantFree(ctx, o, p); err != nil {
				return "", err
			}
			return s.orderPage(id), nil
		}
		url, err := s.openPage(ctx, o, p)
		if err == errLookAgain {
			continue
		}
		return url, err
	}
	return "", away("pay", fmt.Errorf("no page after several tries"))
}

func (s *Service) orderPage(id OrderID) string { return s.Site + "/portal/orders/" + string(id) }

// Reasons to go on differently.
var (
	errNothingToPay = fmt.Errorf("nothing is left to pay")
	errLookAgain    = fmt.Errorf("what was found is over; look again")
)

// payable finds the part to pay and whether that can be done now.
func (s *Service) payable(ctx context.Context, o Order, number int) (Part, error) {
	var p Part
	if number == 0 {
		next, ok := o.Next()
		if next.Number == 0 {
			return Part{}, errNothingToPay
		}
		if !ok && next.Status == Processing {
			return Part{}, errOnItsWay
		}
		p = next
	}
	for _, each := range o.Parts {
		if each.Number == number {
			p = each
		}
		if each.Number < number && !each.Status.HasMoney() {
			return Part{}, fault.New(fault.Conflict, "An earlier part of this order is to be paid first.")
		}
	}
	switch {
	case p.Number == 0:
		return Part{}, ErrNoOrder
	case p.Status.HasMoney():
		return Part{}, errNothingToPay
	case p.Status == Processing:
		return Part{}, errOnItsWay
	case o.Status == Cancelled || p.Status == Cancelled:
		return Part{}, fault.New(fault.Conflict, "This order was cancelled. Nothing is to be paid; you can buy the package again.")
	case o.Status == Refunded:
		return Part{}, fault.New(fault.Conflict, "What was paid for this order went back. Nothing more is to be paid.")
	case o.Changed && o.Unpaid():
		if err := s.closePages(ctx, o.ID); err != nil {
			return Part{}, err
		}
		return Part{}, errTermsChanged
	}
	return p, s.stillTheirs(ctx, o)
}

// stillTheirs refuses, and closes what is open, where what an order gives would
// not come to its buyer any more: the work that it is for has ended, or they have
// left it.
func (s *Service) stillTheirs(ctx context.Context, o Order) error {
	theirs, err := o.Person != "", error(nil)
	if o.Engagement != "" {
		theirs, err = worksIn(ctx, s.DB, o.Buyer, o.Engagement)
	}
	if err != nil || theirs {
		return err
	}
	if err := s.closePages(ctx, o.ID); err != nil {
		return err
	}
	return errNotInWork
}

// errNotInWork keeps somebody from paying for sessions that only others could use,
// or nobody.
var errNotInWork = fault.New(fault.Conflict, "The work that these sessions are for has ended for you. Nothing more is to be paid here; please write to us if that is not what you meant.")

// worksIn reports whether somebody is in an engagement that has not ended, or is
// asked into it, as when another coach goes on with it.
func worksIn(ctx context.Context, q pg.Conn, who people.ID, id engagement.ID) (bool, error) {
	all, err := engagement.ListForClient(ctx, q, who)
	return slices.ContainsFunc(all, func(e engagement.Engagement) bool {
		me, ok := e.Client(who)
		return e.ID == id && ok && (me.Place == engagement.Accepted || me.Place == engagement.Invited) && e.State != engagement.Ended
	}), err
}

var errOnItsWay = fault.New(fault.Conflict, "A payment for this is on its way already. Some take a few days; nothing more is to be done.")

// openPage gives the page of the try that is under way, if it still fits and is
// still open; else it begins another try.
func (s *Service) openPage(ctx context.Context, o Order, p Part) (string, error) {
	ask, err := s.question(ctx, s.DB, o, p)
	if err != nil {
		return "", fault.Wrap(fault.Conflict, "This price cannot be paid by card. Please tell us, so that we put it right.", err)
	}
	c, found, err := findCheckout(ctx, s.DB, `c.purchase_id = $1 and c.part = $2 and c.state in ('asking', 'open', 'processing')`, o.ID, p.Number)
	switch {
	case err != nil:
		return "", err
	case !found:
		c, err = s.beginCheckout(ctx, o, p, ask)
		if err != nil {
			return "", err
		}
	case c.State == onItsWay:
		return "", errOnItsWay
	case c.Hash != ask.hash() || c.State == asking && s.Now().Sub(c.MadeAt) > keysLast:
		if err := s.endCheckout(ctx, c.ID); err != nil {
			return "", err
		}
		return "", errLookAgain
	case c.State == opened:
		return s.reusePage(ctx, c)
	}
	return s.askForPage(ctx, c, ask)
}

// reusePage looks whether a page is still open.
func (s *Service) reusePage(ctx context.Context, c checkout) (string, error) {
	session, err := s.stripe().CheckoutSessions.Get(c.Session, &stripe.CheckoutSessionParams{Params: params(ctx)})
	if err != nil && !isMissing(err) {
		return "", away("pay", err)
	}
	if err == nil && session.Status == stripe.CheckoutSessionStatusOpen && session.URL != "" {
		return session.URL, nil
	}
	if isMissing(err) {
		if err := s.writeOff(ctx, c.ID); err != nil {
			return "", err
		}
		return "", errLookAgain
	}
	if err := s.settle(ctx, c, nil); err != nil {
		return "", away("pay", err)
	}
	return "", errLookAgain
}

// beginCheckout writes the next try down before Stripe is asked.
func (s *Service) beginCheckout(ctx context.Context, o Order, p Part, ask question) (c checkout, err error) {
	now := s.Now()
	err = s.DB.InTx(ctx, func(tx *pg.Tx) error {
		// The order as it is now, and held: it may be cancelled, or sold on other
		// terms, at this very moment.
		var hash string
		if err := tx.Get(ctx, &hash, `select terms_hash from purchase where id = $1 and status <> 'cancelled' for update`, o.ID); pg.NoRows(err) || err == nil && hash != o.TermsHash {
			return errLookAgain
		} else if err != nil {
			return err
		}
		return tx.Get(ctx, &c, `
			insert into checkout as c (id, purchase_id, part, attempt, params_hash, price_minor, currency, tax, state, made_at, changed_at)
			select $1, $2, $3, coalesce((select max(attempt) from checkout where purchase_id = $2 and part = $3), 0) + 1, $4, $5, $6, $7, 'asking', $8, $8
			returning `+checkoutColumns,
			uuid.NewString(), o.ID, p.Number, ask.hash(), p.PriceMinor, o.Currency, o.Tax, now)
	})
	if pg.Violates(err, "checkout_one_open") || pg.Violates(err, "checkout_attempt_counted") {
		return checkout{}, errLookAgain // the other tab was faster
	}
	if err == errLookAgain {
		return checkout{}, err
	}
	if err != nil {
		return checkout{}, fmt.Errorf("pay: %w", err)
	}
	return c, nil
}

// askForPage asks Stripe for the page of a try and writes the answer down.
func (s *Service) askForPage(ctx context.Context, c checkout, ask question) (string, error) {
	session, err := s.stripe().CheckoutSessions.New(ask.params(ctx, c.Attempt))
	switch {
	case isRefused(err):
		if _, err := s.giveUp(ctx, c.ID); err != nil {
			return "", err
		}
		s.log().Error("Stripe refuses to open a page to pay on", "order", string(c.Order), "error", wordless("pay", err).Error())
		return "", fault.Wrap(fault.Unavailable, "This cannot be paid right now; the mistake is on our side. Your order is kept and nothing was charged.", wordless("pay", err))
	case isBusy(err):
		// The other click asks the same at this moment, and will have its answer.
		select {
		case <-ctx.Done():
			return "", away("pay", err)
		case <-time.After(busyWait):
			return "", errLookAgain
		}
	case isBroken(err):
		// Stripe keeps this answer for this key. Either a page was made
		// nevertheless, or the next try asks under another key.
		found, looked := s.adopt(ctx, c)
		if looked == nil && found.Session != "" {
			return found.URL, nil
		}
		if looked == nil {
			_, looked = s.giveUp(ctx, c.ID)
		}
		if looked != nil {
			s.log().Warn("a page to pay on is neither there nor given up", "order", string(c.Order), "error", wordless("pay", looked).Error())
		}
		return "", away("pay", err)
	case err != nil:
		return "", away("pay", err)
	}
	kept, err := s.keepPage(ctx, c, session.ID, session.URL)
	if err != nil || kept {
		return session.URL, err
	}
	// The try was ended while Stripe opened the page: nobody may pay on it.
	_, err = s.stripe().CheckoutSessions.Expire(session.ID, &stripe.CheckoutSessionExpireParams{Params: params(ctx)})
	if err != nil && !isRefused(err) && !isMissing(err) {
		return "", away("pay", err)
	}
	return "", errLookAgain
}

// keepPage writes down which page Stripe opened for a try, and reports whether it
// is the one to pay on: it is not where the try was ended meanwhile.
func (s *Service) keepPage(ctx context.Context, c checkout, session, url string) (kept bool, err error) {
	now := s.Now()
	err = s.DB.InTx(ctx, func(tx *pg.Tx) error {
		rows, err := tx.Exec(ctx, `
			update checkout set session_id = $2, url = $3, state = 'open', changed_at = $4
			where id = $1 and state = 'asking'`, c.ID, session, url, now)
		if err != nil {
			return err
		}
		if rows == 0 {
			return tx.Get(ctx, &kept, `select exists (select from checkout where id = $1 and session_id = $2 and state = 'open')`, c.ID, session)
		}
		kept = true
		if _, err := tx.Exec(ctx, `
			update purchase_part set status = 'open'
			where purchase_id = $1 and number = $2 and status in ('failed', 'expired')`, c.Order, c.Part); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update purchase set status = 'open', changed_at = $2 where id = $1 and status in ('failed', 'expired')`, c.Order, now)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("keep page: %w", err)
	}
	return kept, nil
}

// adopt finds the page that was opened for a try whose answer was lost. A try
// that nothing was opened for comes back without a session.
func (s *Service) adopt(ctx context.Context, c checkout) (checkout, error) {
	list := s.stripe().CheckoutSessions.List(&stripe.CheckoutSessionListParams{
		ListParams:   listed(ctx),
		CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: s.wall().Add(-s.Now().Sub(c.MadeAt)).Add(-10 * time.Minute).Unix()},
	})
	for list.Next() {
		session := list.CheckoutSession()
		if isOf(session.Metadata, c) {
			if _, err := s.keepPage(ctx, c, session.ID, session.URL); err != nil {
				return c, err
			}
			c.Session, c.URL, c.State = session.ID, session.URL, opened
			return c, nil
		}
	}
	return c, list.Err()
}

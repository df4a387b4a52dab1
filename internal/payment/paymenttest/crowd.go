// Package paymenttest fills a test's database with what other people bought.
package paymenttest

import (
	"strconv"
	"testing"

	"kintsugi/internal/pg/pgtest"
)

// Crowd adds n orders of other buyers, fifty to each, made one after another over
// five years. Nine in ten are paid, with all that follows: a try, the payment, the
// invoice, sessions of which some are used, and Stripe's event. Every hundredth
// was refunded, and the others ran out unpaid. The newest paid order that there is
// says what was sold.
func Crowd(t testing.TB, n int) {
	t.Helper()
	statements := append([]string{
		// What checks and follows each row is left out: these rows fit, and are many.
		`set session_replication_role = replica`, `set synchronous_commit = off`, `set work_mem = '64MB'`,
		`create temporary table crowd as
			select n, md5('order ' || n)::uuid as id, md5('buyer ' || n / 50)::uuid as buyer, md5('wallet ' || n / 50)::uuid as wallet, n / 50 as payer, n % 50 as place,
				md5('payment ' || n)::uuid as payment, md5('lot ' || n)::uuid as lot, md5('checkout ' || n)::uuid as checkout,
				n % 10 > 0 as paid, n % 100 = 1 as refunded, now() - n * interval '26 minutes' - interval '1 hour' as at
			from generate_series(1, ` + strconv.Itoa(n) + `) n`,
	}, fill...)
	pgtest.Fill(t, append(statements, `drop table crowd, sold`, `vacuum analyze`)...)
}

var fill = []string{
	`create temporary table sold as select o.* from purchase o where o.status = 'paid' order by o.made_at desc limit 1`,
	`insert into person (id, email, name, timezone, made_at, seen_at)
		select distinct on (payer) buyer, 'crowd' || payer || '@example.com', 'One of many', 'UTC', at, at from crowd`,
	`insert into wallet (id, person_id, touched_at) select distinct on (payer) wallet, buyer, at from crowd`,
	`insert into invoice_series (prefix, person_id, made_at)
		select distinct on (payer) translate(lpad(payer::text, 4, '0'), '01', 'ZY'), buyer, at from crowd`,
	`insert into purchase (id, buyer_id, person_id, version_id, status, name, shown_as, sessions, types, lane, valid_days, price_minor, currency, tax, terms, terms_hash, made_at, changed_at)
		select c.id, c.buyer, c.buyer, s.version_id, case when c.refunded then 'refunded' when c.paid then 'paid' else 'expired' end,
			s.name, s.shown_as, s.sessions, s.types, s.lane, s.valid_days, s.price_minor, s.currency, s.tax, 'terms', s.terms_hash, c.at, c.at
		from crowd c, sold s`,
	`insert into purchase_part (purchase_id, number, sessions, price_minor, days_after, due_on, status)
		select c.id, 1, s.sessions, s.price_minor, 0, c.at::date, case when c.refunded then 'refunded' when c.paid then 'paid' else 'expired' end
		from crowd c, sold s`,
	`insert into checkout (id, purchase_id, part, attempt, params_hash, price_minor, currency, tax, session_id, payment_intent, state, made_at, changed_at)
		select c.checkout, c.id, 1, 1, 'hash', s.price_minor, s.currency, s.tax, 'cs_' || n, 'pi_' || n, case when c.paid then 'paid' else 'expired' end, c.at, c.at
		from crowd c, sold s`,
	`insert into payment (id, purchase_id, part, checkout_id, payment_intent, charge_id, amount_minor, subtotal_minor, discount_minor, tax_minor, currency, counts, paid_at)
		select c.payment, c.id, 1, c.checkout, 'pi_' || n, 'ch_' || n, s.price_minor, s.price_minor, 0, 0, s.currency, true, c.at
		from crowd c, sold s where c.paid`,
	`insert into refund (id, payment_id, stripe_id, amount_minor, status, sessions, taken, settled, made_at, changed_at)
		select md5('refund ' || n)::uuid, c.payment, 're_' || n, s.price_minor, 'succeeded', s.sessions, s.sessions, true, c.at, c.at
		from crowd c, sold s where c.refunded`,
	`insert into invoice (id, prefix, year, number, kind, purchase_id, payment_id, lines, subtotal_minor, discount_minor, tax_minor, total_minor, currency, tax, made_on, made_at)
		select md5('invoice ' || n)::uuid, translate(lpad(c.payer::text, 4, '0'), '01', 'ZY'), 2020, c.place + 1, 'invoice', c.id, c.payment, '[]',
			s.price_minor, 0, 0, s.price_minor, s.currency, s.tax, c.at::date, c.at
		from crowd c, sold s where c.paid`,
	`insert into credit_lot (id, wallet_id, types, granted, remaining, source, key, made_at)
		select c.lot, c.wallet, s.types, s.sessions, case when c.refunded then 0 when n % 20 = 3 then 1 else 0 end, c.id || '/1', 'part ' || c.id || '/1', c.at
		from crowd c, sold s where c.paid`,
	`insert into credit_movement (lot_id, kind, amount, key, actor_kind, actor, at)
		select l.id, 'grant', l.granted, 'grant', 'person', c.buyer, c.at from crowd c join credit_lot l on l.id = c.lot`,
	`insert into credit_movement (lot_id, kind, amount, key, actor_kind, at)
		select l.id, 'revoke', l.remaining - l.granted, 'used up', 'system', c.at from crowd c join credit_lot l on l.id = c.lot where l.remaining < l.granted`,
	`insert into stripe_event (id, type, object_id, api_version, made_at, seen_at, found)
		select 'evt_' || n, 'checkout.session.completed', 'cs_' || n, '2023-10-16', at, at, true from crowd`,
	`insert into stripe_event_body (event_id, wrapped, body, seen_at) select 'evt_' || n, '\x00', '\x00', at from crowd where at > now() - interval '30 days'`,
}

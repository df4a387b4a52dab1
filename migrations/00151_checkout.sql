-- Tries to pay a part at Stripe, and what was paid. A try is written down before Stripe is asked, so that an answer that is lost can be asked for again.
-- +goose Up
create table checkout (
    id             uuid        not null,
    purchase_id    uuid        not null,
    part           integer     not null,
    attempt        integer     not null,
    -- What Stripe was asked, so that the same question has the same key.
    params_hash    text        not null,
    price_minor    bigint      not null,
    currency       text        not null,
    tax            text        not null,
    session_id     text,
    payment_intent text,
    url            text        not null default '',
    state          text        not null,
    -- The numbers of the last looks at Stripe that were written down: at the page, and at what became of the money.
    look           bigint      not null default 0,
    look_money     bigint      not null default 0,
    made_at        timestamptz not null,
    changed_at     timestamptz not null,
    constraint checkout_pkey primary key (id),
    constraint checkout_part_exists foreign key (purchase_id, part) references purchase_part (purchase_id, number),
    constraint checkout_attempt_counted unique (purchase_id, part, attempt),
    constraint checkout_session_once unique (session_id),
    constraint checkout_intent_once unique (payment_intent),
    constraint checkout_state_known check (state in ('asking', 'open', 'processing', 'paid', 'failed', 'expired'))
);
-- One page to pay on at a time.
create unique index checkout_one_open on checkout (purchase_id, part) where state in ('asking', 'open', 'processing');
create index checkout_waits on checkout (made_at, id) where state in ('asking', 'open', 'processing');

create table payment (
    id             uuid        not null,
    purchase_id    uuid        not null,
    part           integer     not null,
    checkout_id    uuid,
    -- Null where nothing was left to pay: a session that is fully discounted has none.
    payment_intent text,
    charge_id      text,
    amount_minor   bigint      not null,
    subtotal_minor bigint      not null,
    discount_minor bigint      not null,
    tax_minor      bigint      not null,
    currency       text        not null,
    -- False for what came in twice for one part: no sessions were given for it.
    counts         boolean     not null,
    paid_at        timestamptz not null,
    constraint payment_pkey primary key (id),
    constraint payment_part_exists foreign key (purchase_id, part) references purchase_part (purchase_id, number),
    constraint payment_checkout_exists foreign key (checkout_id) references checkout (id),
    constraint payment_once unique (checkout_id),
    constraint payment_intent_once unique (payment_intent),
    constraint payment_charge_once unique (charge_id),
    constraint payment_amounts_counted check (amount_minor >= 0 and subtotal_minor >= 0 and discount_minor >= 0 and tax_minor >= 0)
);
create unique index payment_counts_once on payment (purchase_id, part) where counts;
create index payment_paid on payment (paid_at, id);

-- Numbers the looks at Stripe, each taken before Stripe is asked: an answer that comes late is told from a newer one.
create sequence stripe_look;

grant select, insert, update on checkout, payment to kintsugi_app;
grant usage on sequence stripe_look to kintsugi_app;

-- Money that went back, or that a bank took back, and what it did to the sessions it was paid for.
-- +goose Up
create table refund (
    id               uuid        not null,
    payment_id       uuid        not null,
    stripe_id        text,
    amount_minor     bigint      not null,
    status           text        not null,
    -- How many sessions go with the money, how many of them were still there to be taken, and what the others are worth.
    sessions         integer     not null,
    taken            integer     not null default 0,
    owed_minor       bigint      not null default 0,
    settled          boolean     not null default false,
    restored         boolean     not null default false,
    -- Why, as office text: one of a few fixed words.
    reason           text        not null default '',
    by_id            uuid,
    made_at          timestamptz not null,
    changed_at       timestamptz not null,
    constraint refund_pkey primary key (id),
    constraint refund_payment_exists foreign key (payment_id) references payment (id),
    constraint refund_by_exists foreign key (by_id) references person (id) on delete set null,
    constraint refund_stripe_once unique (stripe_id),
    constraint refund_amount_counted check (amount_minor > 0),
    constraint refund_sessions_counted check (sessions >= 0 and taken between 0 and sessions and owed_minor >= 0),
    constraint refund_status_known check (status in ('asking', 'refused', 'pending', 'succeeded', 'failed', 'cancelled'))
);
create index refund_payment on refund (payment_id, made_at, id);
create index refund_waits on refund (made_at, id) where status in ('asking', 'pending');

create table dispute (
    id           uuid        not null,
    payment_id   uuid        not null,
    stripe_id    text        not null,
    amount_minor bigint      not null,
    status       text        not null,
    frozen       boolean     not null default false,
    settled      boolean     not null default false,
    taken        integer     not null default 0,
    owed_minor   bigint      not null default 0,
    made_at      timestamptz not null,
    changed_at   timestamptz not null,
    constraint dispute_pkey primary key (id),
    constraint dispute_payment_exists foreign key (payment_id) references payment (id),
    constraint dispute_stripe_once unique (stripe_id),
    constraint dispute_counted check (amount_minor >= 0 and taken >= 0 and owed_minor >= 0)
);
create index dispute_payment on dispute (payment_id, made_at, id);
create index dispute_waits on dispute (made_at, id) where not settled;

grant select, insert, update on refund, dispute to kintsugi_app;

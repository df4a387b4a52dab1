-- Invoices and credit notes: one series of numbers for each payer, so that no number tells of anybody else's purchase. They never change.
-- +goose Up
create table invoice_series (
    prefix    text        not null,
    person_id uuid,
    made_at   timestamptz not null,
    constraint invoice_series_pkey primary key (prefix),
    constraint invoice_series_person_once unique (person_id),
    constraint invoice_series_person_exists foreign key (person_id) references person (id) on delete set null,
    constraint invoice_series_prefix_plain check (prefix ~ '^[A-HJ-NP-TV-Z2-9]{4}$')
);

create table invoice (
    id             uuid        not null,
    prefix         text        not null,
    year           integer     not null,
    number         integer     not null,
    kind           text        not null,
    purchase_id    uuid        not null,
    payment_id     uuid        not null,
    -- The refund that it notes.
    refund_id      uuid,
    -- What it says: lines and totals, in minor units.
    lines          jsonb       not null,
    subtotal_minor bigint      not null,
    discount_minor bigint      not null,
    tax_minor      bigint      not null,
    total_minor    bigint      not null,
    currency       text        not null,
    tax            text        not null,
    made_on        date        not null,
    made_at        timestamptz not null,
    constraint invoice_pkey primary key (id),
    constraint invoice_number_once unique (prefix, year, number),
    constraint invoice_series_exists foreign key (prefix) references invoice_series (prefix),
    constraint invoice_purchase_exists foreign key (purchase_id) references purchase (id),
    constraint invoice_payment_exists foreign key (payment_id) references payment (id),
    constraint invoice_refund_exists foreign key (refund_id) references refund (id),
    constraint invoice_kind_known check (kind in ('invoice', 'credit_note', 'reversal')),
    constraint invoice_counted check (number > 0 and total_minor >= 0)
);
create unique index invoice_once on invoice (payment_id) where kind = 'invoice';
create unique index invoice_of_refund_once on invoice (refund_id, kind) where refund_id is not null;
create index invoice_purchase on invoice (purchase_id, made_at, id);

grant select, insert on invoice_series, invoice to kintsugi_app;

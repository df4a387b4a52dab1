-- Orders: what somebody bought, frozen as it was sold, and the parts it is paid in. Money is kept when a person is erased, without a name.
-- +goose Up
create table purchase (
    id            uuid        not null,
    buyer_id      uuid,
    -- Whose wallet the sessions go into: both clients' of an engagement, or one person's own.
    engagement_id uuid,
    person_id     uuid,
    version_id    uuid        not null,
    status        text        not null,
    name          text        not null,
    -- How Stripe names it: the practice's discreet name and the number of sessions, nothing else.
    shown_as      text        not null,
    sessions      integer     not null,
    types         jsonb       not null,
    lane          text        not null,
    valid_days    integer,
    price_minor   bigint      not null,
    currency      text        not null,
    tax           text        not null,
    terms         text        not null,
    terms_hash    text        not null,
    made_at       timestamptz not null,
    changed_at    timestamptz not null,
    constraint purchase_pkey primary key (id),
    constraint purchase_buyer_exists foreign key (buyer_id) references person (id) on delete set null,
    constraint purchase_engagement_exists foreign key (engagement_id) references engagement (id) on delete set null,
    constraint purchase_person_exists foreign key (person_id) references person (id) on delete set null,
    constraint purchase_version_exists foreign key (version_id) references package_version (id),
    constraint purchase_one_holder check (engagement_id is null or person_id is null),
    constraint purchase_status_known check (status in ('open', 'processing', 'paid', 'part_refunded', 'refunded', 'failed', 'expired', 'cancelled')),
    constraint purchase_sessions_counted check (sessions > 0),
    constraint purchase_price_counted check (price_minor >= 0),
    constraint purchase_tax_known check (tax in ('none', 'inclusive', 'exclusive')),
    constraint purchase_lane_known check (lane in ('joint', 'individual')),
    constraint purchase_hash_whole check (terms_hash ~ '^[0-9a-f]{64}$')
);
create index purchase_buyer on purchase (buyer_id, made_at desc, id);
create index purchase_engagement on purchase (engagement_id) where engagement_id is not null;
create index purchase_person on purchase (person_id) where person_id is not null;
create index purchase_made on purchase (made_at desc, id);
-- A second click, or a second tab, finds the order that is still to be paid.
create unique index purchase_waits_once on purchase (buyer_id, version_id, coalesce(engagement_id, person_id)) where status in ('open', 'failed', 'expired');

create table purchase_part (
    purchase_id uuid    not null,
    number      integer not null,
    sessions    integer not null,
    price_minor bigint  not null,
    days_after  integer not null,
    -- In the practice's zone. The first is due when it is bought; the days of the others are counted from its payment.
    due_on      date    not null,
    status      text    not null,
    constraint purchase_part_pkey primary key (purchase_id, number),
    constraint purchase_part_purchase_exists foreign key (purchase_id) references purchase (id) on delete cascade,
    constraint purchase_part_counted check (number > 0 and sessions > 0 and price_minor >= 0 and days_after >= 0),
    constraint purchase_part_status_known check (status in ('open', 'processing', 'paid', 'part_refunded', 'refunded', 'failed', 'expired', 'cancelled'))
);
create index purchase_part_due on purchase_part (due_on) where status in ('open', 'failed', 'expired');

grant select, insert, update on purchase to kintsugi_app;
grant select, insert, update, delete on purchase_part to kintsugi_app;

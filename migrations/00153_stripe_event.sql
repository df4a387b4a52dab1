-- What Stripe told us, and what there is for a person to decide. An event's id is kept for ever, its body sealed under a key of its own, and both for 30 days.
-- +goose Up
create table stripe_event (
    id          text        not null,
    type        text        not null,
    object_id   text        not null,
    api_version text        not null,
    -- By Stripe's clock.
    made_at     timestamptz not null,
    seen_at     timestamptz not null,
    found       boolean     not null,
    body        bytea,
    body_key    bytea,
    constraint stripe_event_pkey primary key (id),
    constraint stripe_event_key_with_body check ((body is null) = (body_key is null))
);
create index stripe_event_made on stripe_event (made_at desc, id);
create index stripe_event_body on stripe_event (seen_at) where body is not null;
create index stripe_event_object on stripe_event (object_id);

create table payment_review (
    id          uuid        not null,
    -- What does not fit, and what it is about: the same is kept once.
    kind        text        not null,
    about       text        not null,
    purchase_id uuid,
    -- Ids, amounts and states; never a word that somebody wrote.
    detail      jsonb       not null,
    made_at     timestamptz not null,
    settled_at  timestamptz,
    settled_by  uuid,
    constraint payment_review_pkey primary key (id),
    constraint payment_review_once unique (kind, about),
    constraint payment_review_purchase_exists foreign key (purchase_id) references purchase (id),
    constraint payment_review_settler_exists foreign key (settled_by) references person (id) on delete set null
);
create index payment_review_waits on payment_review (made_at, id) where settled_at is null;

-- What the last comparison with Stripe found, one row.
create table stripe_watch (
    one            boolean     not null default true,
    compared_at    timestamptz,
    -- Up to which instant of Stripe's clock every event was read.
    events_until   timestamptz,
    odd_version    text        not null default '',
    odd_version_at timestamptz,
    constraint stripe_watch_pkey primary key (one),
    constraint stripe_watch_one check (one)
);
insert into stripe_watch default values;

grant select, insert, update on stripe_event, payment_review to kintsugi_app;
grant select, update on stripe_watch to kintsugi_app;

-- The body of an event lies in a table of its own, sealed under a key of its own, so that both go after 30 days and keys find what they are needed for; and Stripe's own receipt mails, which no hold can stop, are noticed.
-- +goose Up
alter table stripe_event drop column body, drop column body_key;

create table stripe_event_body (
    event_id text        not null,
    -- The key of this body alone, wrapped under the keyset.
    wrapped  bytea       not null,
    body     bytea       not null,
    seen_at  timestamptz not null,
    constraint stripe_event_body_pkey primary key (event_id),
    constraint stripe_event_body_event_exists foreign key (event_id) references stripe_event (id)
);
create index stripe_event_body_seen on stripe_event_body (seen_at);

-- When a charge last showed that Stripe mails receipts by itself.
alter table stripe_watch add column receipts_at timestamptz;

grant select, insert, update, delete on stripe_event_body to kintsugi_app;

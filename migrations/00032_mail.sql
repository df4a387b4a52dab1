-- Letters are a consequence of an act: queued in its transaction, sent once, and what became of each stays visible.
-- +goose Up
create table letter (
    id            uuid        not null default gen_random_uuid(),
    kind          text        not null,
    about         uuid        not null,
    change        integer     not null,
    recipient     uuid        not null,
    message_id    text        not null,
    status        text        not null default 'queued',
    stranger      boolean     not null default false,
    address_hash  bytea,
    not_before    timestamptz not null,
    made_at       timestamptz not null,
    first_try_at  timestamptz,
    last_try_at   timestamptz,
    sent_at       timestamptz,
    tries         integer     not null default 0,
    last_error    text,
    constraint letter_pk primary key (id),
    constraint letter_once unique (kind, about, change, recipient),
    constraint letter_kind_named check (kind <> ''),
    constraint letter_status_known check (status in ('queued', 'sent', 'skipped', 'held', 'capped', 'failed', 'bounced')),
    constraint letter_sent_dated check ((status = 'sent') = (sent_at is not null))
);

create index letter_about on letter (about, change);
create index letter_cap on letter (address_hash, last_try_at) where stranger;
create index letter_trouble on letter (made_at) where status in ('failed', 'bounced');
create index letter_waiting on letter (not_before) where status = 'queued';

grant select, insert, update, delete on letter to kintsugi_app;

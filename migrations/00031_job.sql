-- What is still to do is written in the transaction that caused it, so that a lost process loses no work.
-- +goose Up
create table job (
    id           uuid        not null default gen_random_uuid(),
    kind         text        not null,
    args         jsonb       not null,
    run_at       timestamptz not null,
    tries        integer     not null default 0,
    takes        integer     not null default 0,
    leased_until timestamptz,
    every        interval,
    unique_key   text,
    last_error   text,
    made_at      timestamptz not null default now(),
    done_at      timestamptz,
    dead_at      timestamptz,
    constraint job_pk primary key (id),
    constraint job_kind_named check (kind <> ''),
    constraint job_tries_counted check (tries >= 0),
    constraint job_every_positive check (every > interval '0'),
    constraint job_ends_once check (done_at is null or dead_at is null)
);

create unique index job_one_live on job (unique_key) where unique_key is not null and done_at is null and dead_at is null;
create index job_due on job (run_at, kind) where done_at is null and dead_at is null;
create index job_done on job (done_at) where done_at is not null;
create index job_dead on job (dead_at) where dead_at is not null;

grant select, insert, update, delete on job to kintsugi_app;

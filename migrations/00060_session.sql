-- Who is signed in, where, and by what code: read at every request, so that what one process ends is over in all of them.
-- +goose Up

-- A code that was asked for. Nobody who has the table has the code: it is
-- derived from the id under a key that lies elsewhere. A row without a person
-- was asked for with an address that nobody may sign in with, or once too
-- often; to whoever asked it looks like any other.
create table sign_in_code (
    id           uuid        not null default gen_random_uuid(),
    asker_hash   text        not null,
    address_hash bytea       not null,
    person_id    uuid,
    code_hash    bytea       not null,
    tries        integer     not null default 0,
    made_at      timestamptz not null,
    expires_at   timestamptz not null,
    used_at      timestamptz,
    constraint sign_in_code_pkey primary key (id),
    constraint sign_in_code_asker_key unique (asker_hash),
    constraint sign_in_code_person_exists foreign key (person_id) references person (id) on delete cascade,
    constraint sign_in_code_tries_counted check (tries >= 0),
    constraint sign_in_code_used_by_someone check (used_at is null or person_id is not null)
);
create index sign_in_code_person on sign_in_code (person_id);
create index sign_in_code_expires on sign_in_code (expires_at);

create table session (
    id           uuid        not null default gen_random_uuid(),
    person_id    uuid        not null,
    token_hash   text        not null,
    device       text        not null,
    signed_in_at timestamptz not null,
    seen_at      timestamptz not null,
    -- Null until the second proof was given.
    proven_at    timestamptz,
    -- When a second proof was given last; delicate changes want a recent one.
    fresh_at     timestamptz,
    constraint session_pkey primary key (id),
    constraint session_token_key unique (token_hash),
    constraint session_person_exists foreign key (person_id) references person (id) on delete cascade,
    constraint session_device_said check (device <> ''),
    constraint session_fresh_is_proven check (fresh_at is null or proven_at is not null)
);
create index session_person on session (person_id, signed_in_at);
create index session_seen on session (seen_at);

-- A browser in which a person has signed in with both proofs. It keeps an
-- allowance of its own, so that nobody can lock the person out by guessing.
create table known_browser (
    token_hash text        not null,
    person_id  uuid        not null,
    made_at    timestamptz not null,
    seen_at    timestamptz not null,
    constraint known_browser_pkey primary key (token_hash),
    constraint known_browser_person_exists foreign key (person_id) references person (id) on delete cascade
);
create index known_browser_person on known_browser (person_id);

-- How often something was tried: codes asked for, codes entered, proofs given.
create table sign_in_count (
    id       bigint generated always as identity,
    kind     text        not null,
    key_hash bytea       not null,
    at       timestamptz not null,
    constraint sign_in_count_pkey primary key (id)
);
create index sign_in_count_key on sign_in_count (kind, key_hash, at);
create index sign_in_count_at on sign_in_count (at);

grant select, insert, update, delete on sign_in_code, session, known_browser, sign_in_count to kintsugi_app;

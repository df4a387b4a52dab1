-- A client changes the address they sign in with: proven at both ends, then a wait in which it can be undone.
-- +goose Up

-- One for each client at most. The new address is sealed and hashed: until it holds, it is nobody's business.
create table address_change (
    person_id    uuid        not null,
    id           uuid        not null default gen_random_uuid(),
    -- The session that asked, which has to type both codes; none once they were typed.
    session_id   uuid,
    wrapped      bytea       not null,
    address_hash bytea       not null,
    -- The old address is proven too, except where no code may be sent to it.
    both_ends    boolean     not null,
    tries        integer     not null default 0,
    asked_at     timestamptz not null,
    confirmed_at timestamptz,
    takes_at     timestamptz,
    -- Somebody else was given the address meanwhile.
    failed_at    timestamptz,
    constraint address_change_pkey primary key (person_id),
    constraint address_change_id_key unique (id),
    constraint address_change_person_exists foreign key (person_id) references person (id) on delete cascade,
    constraint address_change_session_exists foreign key (session_id) references session (id) on delete set null,
    constraint address_change_confirmed_waits check ((confirmed_at is null) = (takes_at is null)),
    constraint address_change_failed_late check (failed_at is null or confirmed_at is not null),
    constraint address_change_tries_counted check (tries >= 0)
);
create index address_change_session on address_change (session_id);
create index address_change_asked on address_change (asked_at);

grant select, insert, update, delete on address_change to kintsugi_app;

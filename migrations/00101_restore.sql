-- A second proof that is lost comes back by a word said in a call and a wait, never by the inbox; some want no letter with a code at all.
-- +goose Up
alter table client_account
    -- Since when no code is sent: a passkey or a passphrase alone lets them in.
    add column letters_off_at timestamptz;

alter table passkey
    -- It is found without being named and asks for a finger, a face or a PIN, so it can stand for both proofs.
    add column alone boolean not null default false;

-- One for each client at most. Only the hash of the word is kept, under a key that lies elsewhere.
create table proof_restore (
    person_id uuid        not null,
    id        uuid        not null default gen_random_uuid(),
    begun_by  uuid        not null,
    word_hash bytea       not null,
    tries     integer     not null default 0,
    begun_at  timestamptz not null,
    opens_at  timestamptz not null,
    ends_at   timestamptz not null,
    constraint proof_restore_pkey primary key (person_id),
    constraint proof_restore_id_key unique (id),
    constraint proof_restore_person_exists foreign key (person_id) references person (id) on delete cascade,
    constraint proof_restore_begun_by_exists foreign key (begun_by) references person (id) on delete cascade,
    constraint proof_restore_waits check (begun_at < opens_at and opens_at < ends_at),
    constraint proof_restore_tries_counted check (tries >= 0)
);
create index proof_restore_begun_by on proof_restore (begun_by);
create index proof_restore_ends on proof_restore (ends_at);

-- Where notices go as well, in a place that the partner does not read. Sealed: it may say to whom somebody turns.
create table safe_contact (
    person_id uuid        not null,
    wrapped   bytea       not null,
    set_at    timestamptz not null,
    constraint safe_contact_pkey primary key (person_id),
    constraint safe_contact_person_exists foreign key (person_id) references person (id) on delete cascade
);

grant select, insert, update, delete on proof_restore, safe_contact to kintsugi_app;

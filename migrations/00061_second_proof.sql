-- The second proof, so that an inbox alone opens nothing: an app that counts, a passkey, and codes on paper for the day both are lost.
-- +goose Up

-- The secret that an authenticator app shares with us, wrapped under the keyset.
create table proof_app (
    person_id uuid        not null,
    wrapped   bytea       not null,
    -- The last half minute whose number was used; none before it is taken again.
    last_step bigint      not null,
    made_at   timestamptz not null,
    constraint proof_app_pkey primary key (person_id),
    constraint proof_app_person_exists foreign key (person_id) references person (id) on delete cascade
);

create table passkey (
    id            uuid        not null default gen_random_uuid(),
    person_id     uuid        not null,
    credential_id bytea       not null,
    credential    jsonb       not null,
    device        text        not null,
    made_at       timestamptz not null,
    used_at       timestamptz not null,
    constraint passkey_pkey primary key (id),
    constraint passkey_credential_key unique (credential_id),
    constraint passkey_person_exists foreign key (person_id) references person (id) on delete cascade
);
create index passkey_person on passkey (person_id, made_at);

-- The question that a passkey answers, asked of one session and used once.
create table passkey_challenge (
    session_id uuid        not null,
    purpose    text        not null,
    data       jsonb       not null,
    made_at    timestamptz not null,
    constraint passkey_challenge_pkey primary key (session_id, purpose),
    constraint passkey_challenge_session_exists foreign key (session_id) references session (id) on delete cascade,
    constraint passkey_challenge_purpose_known check (purpose in ('add', 'prove'))
);

create table recovery_code (
    person_id uuid        not null,
    code_hash bytea       not null,
    made_at   timestamptz not null,
    used_at   timestamptz,
    constraint recovery_code_pkey primary key (person_id, code_hash),
    constraint recovery_code_person_exists foreign key (person_id) references person (id) on delete cascade
);

grant select, insert, update, delete on proof_app, passkey, passkey_challenge, recovery_code to kintsugi_app;

-- Clients sign in too: whoever a coach has invited, from then on, under the address they were invited at.
-- +goose Up
create table client_account (
    person_id   uuid        not null,
    admitted_at timestamptz not null,
    -- Nothing is left for them to see, and no code is sent to them.
    barred_at   timestamptz,
    constraint client_account_pkey primary key (person_id),
    constraint client_account_person_exists foreign key (person_id) references person (id) on delete cascade
);

-- A second proof that can be had without any device: a sentence that only they know. Argon2id; never for those who work here.
create table passphrase (
    person_id uuid        not null,
    hash      text        not null,
    made_at   timestamptz not null,
    constraint passphrase_pkey primary key (person_id),
    constraint passphrase_person_exists foreign key (person_id) references person (id) on delete cascade
);


-- When somebody typed the word that their coach told them: the first second
-- proof of a client is set up in such a session alone, so that whoever holds the
-- inbox cannot set up theirs.
alter table session add column vouched_at timestamptz;

grant select, insert, update, delete on client_account, passphrase to kintsugi_app;

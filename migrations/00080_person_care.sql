-- What has to be known before anybody writes or calls, which records are one person, and to whom somebody was handed.
-- +goose Up
alter table person
    -- Two records of one person both stay, each with its own address and its own
    -- links, so that joining them sends no letter to another inbox and can be undone.
    add column merged_into uuid,
    -- The practice's word that no letter may go there. It wins over what anybody
    -- types into a booking form, and no public page shows it.
    add column mail_held boolean not null default false,
    add column spam_at timestamptz,
    -- A client is not forgotten as an old enquiry.
    add column kept boolean not null default false,
    add constraint person_merged_exists foreign key (merged_into) references person (id) on delete set null,
    add constraint person_merged_elsewhere check (merged_into <> id);
create index person_merged on person (merged_into) where merged_into is not null;

-- The words under which somebody is found: lower case, without accents, each
-- part of a name and of an address by itself. What is typed is cut the same way.
-- +goose StatementBegin
create function person_words(name text, email text) returns tsvector
language sql immutable parallel safe as $$
    select array_to_tsvector(array_remove(string_to_array(translate(
        left(lower(regexp_replace(normalize(name, NFD), '[\u0300-\u036f]', '', 'g')), 400) || ' ' || coalesce(email, ''),
        '@.,;:!?#$%&*+-/=^_`{}|~''"()<>[]\’‘“”–—·',
        '                                       '), ' '), ''))
$$;
-- +goose StatementEnd
create index person_found on person using gin (person_words(name, email));

-- May we mail, call, leave a message: each change is a line of its own, the last one holds.
create table contact_safety (
    person_id         uuid        not null,
    version           integer     not null,
    may_email         text        not null,
    may_call          text        not null,
    may_leave_message text        not null,
    changed_by        uuid        not null,
    changed_at        timestamptz not null,
    constraint contact_safety_pkey primary key (person_id, version),
    constraint contact_safety_person_exists foreign key (person_id) references person (id) on delete cascade,
    constraint contact_safety_known check (may_email in ('yes', 'no')
        and may_call in ('yes', 'no', 'unknown') and may_leave_message in ('yes', 'no', 'unknown'))
);

-- People whom a coach looks after without a booking between them.
create table person_coach (
    person_id uuid        not null,
    coach_id  uuid        not null,
    handed_by uuid,
    handed_at timestamptz not null,
    constraint person_coach_pkey primary key (person_id, coach_id),
    constraint person_coach_person_exists foreign key (person_id) references person (id) on delete cascade,
    constraint person_coach_coach_exists foreign key (coach_id) references coach (person_id) on delete cascade
);
create index person_coach_coach on person_coach (coach_id);

grant select, insert, update, delete on contact_safety, person_coach to kintsugi_app;

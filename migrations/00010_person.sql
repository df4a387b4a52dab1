-- Everybody the practice knows of, under one address each, because a letter must never reach the wrong person.
-- +goose Up
create table person (
    id            uuid        not null default gen_random_uuid(),
    -- Compared after trim and lower case, nothing else; plain ASCII, so that every locale agrees.
    email         text,
    name          text        not null,
    timezone      text,
    safe_to_email boolean     not null default true,
    made_at       timestamptz not null,
    seen_at       timestamptz not null,
    constraint person_pkey primary key (id),
    constraint person_email_key unique (email),
    constraint person_email_plain check (email <> '' and email = lower(btrim(email)) and octet_length(email) <= 254),
    constraint person_name_said check (name <> ''),
    constraint person_timezone_said check (timezone <> '')
);
create index person_seen on person (seen_at, id);

-- A coach is a person with a place in the practice.
create table coach (
    person_id       uuid    not null,
    slug            text    not null,
    role            text    not null,
    timezone        text    not null,
    bio             text    not null default '',
    meeting_url     text    not null default '',
    position        integer not null,
    -- Raising it revokes every address of the coach's calendar feed that was ever given out.
    feed_generation integer not null default 1,
    active          boolean not null default true,
    constraint coach_pkey primary key (person_id),
    constraint coach_slug_key unique (slug),
    constraint coach_person_exists foreign key (person_id) references person (id),
    constraint coach_role_known check (role in ('owner', 'coach', 'assistant')),
    constraint coach_slug_plain check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    constraint coach_feed_generation_counted check (feed_generation > 0)
);

grant select, insert, update, delete on person, coach to kintsugi_app;

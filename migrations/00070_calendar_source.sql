-- How the reading of outside calendars stands: a copy that is old is worth more than none, but its age must be known.
-- +goose Up
create table calendar_source (
    id            uuid        not null default gen_random_uuid(),
    coach_id      uuid        not null,
    -- SHA-256 of the address. The address itself is a secret and stays where the coach wrote it.
    address_hash  text        not null,
    made_at       timestamptz not null,
    -- What the server called the copy that was read last.
    etag          text        not null default '',
    last_modified text        not null default '',
    -- How far ahead, and in which way, that copy was read: an unchanged file still says more as time goes on.
    read_until    timestamptz,
    read_as       text        not null default '',
    fetched_at    timestamptz,
    good_at       timestamptz,
    -- Since when the calendar has come without a single event, which may be a mistake of its server.
    empty_since   timestamptz,
    problem       text        not null default '',
    notes         jsonb       not null default '[]',
    events        integer     not null default 0,
    constraint calendar_source_pkey primary key (id),
    constraint calendar_source_once unique (coach_id, address_hash),
    constraint calendar_source_coach_exists foreign key (coach_id) references coach (person_id) on delete cascade,
    constraint calendar_source_notes_list check (jsonb_typeof(notes) = 'array')
);

-- Null means that hours are offered whatever the age of the copy.
alter table coach_hours
    add column stop_offering_after_hours integer,
    add column ignore_all_day boolean not null default false,
    add constraint coach_hours_stop_offering_counted check (stop_offering_after_hours > 0);

-- What outside calendars take from coaches in a range of time: what was read, and all of it where a calendar
-- has not been read for longer than its coach allows.
-- +goose StatementBegin
create function busy_time(coaches uuid[], range_from timestamptz, range_to timestamptz, at timestamptz)
returns table (coach_id uuid, starts_at timestamptz, ends_at timestamptz)
language sql stable as $$
    select b.coach_id, b.starts_at, b.ends_at
    from busy b
    where b.coach_id = any (coaches) and b.starts_at < range_to and b.ends_at > range_from
    union all
    select distinct s.coach_id, range_from, range_to
    from calendar_source s
    join coach_hours h on h.coach_id = s.coach_id
    where s.coach_id = any (coaches) and range_from < range_to
      and coalesce(s.good_at, s.made_at) + make_interval(hours => h.stop_offering_after_hours) < at
$$;
-- +goose StatementEnd

grant select, insert, update, delete on calendar_source to kintsugi_app;

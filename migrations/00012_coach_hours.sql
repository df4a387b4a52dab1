-- A coach's hours in the practice file's own shape: always read and replaced whole, and turned into instants in one place of the program only.
-- +goose Up
create table coach_hours (
    coach_id       uuid  not null,
    weekly         jsonb not null,
    overrides      jsonb not null,
    travel         jsonb not null,
    busy_calendars jsonb not null,
    constraint coach_hours_pkey primary key (coach_id),
    constraint coach_hours_coach_exists foreign key (coach_id) references coach (person_id) on delete cascade,
    constraint coach_hours_shape check (jsonb_typeof(weekly) = 'object' and jsonb_typeof(overrides) = 'array'
        and jsonb_typeof(travel) = 'array' and jsonb_typeof(busy_calendars) = 'array')
);

-- Busy time read from outside calendars: that somebody is busy, never why.
create table busy (
    coach_id  uuid        not null,
    calendar  text        not null,
    uid       text        not null,
    starts_at timestamptz not null,
    ends_at   timestamptz not null,
    constraint busy_pkey primary key (coach_id, calendar, uid, starts_at),
    constraint busy_coach_exists foreign key (coach_id) references coach (person_id) on delete cascade,
    constraint busy_ends_after_start check (ends_at > starts_at)
);
create index busy_coach_starts on busy (coach_id, starts_at);

grant select, insert, update, delete on coach_hours, busy to kintsugi_app;

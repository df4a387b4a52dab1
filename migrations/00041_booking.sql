-- +goose Up
-- One promised hour between a coach and a person.
create table booking (
    id                    uuid        not null,
    coach_id              uuid        not null,
    type_id               uuid        not null,
    person_id             uuid        not null,
    status                text        not null,
    starts_at             timestamptz not null,
    ends_at               timestamptz not null,
    buffer_before_minutes integer     not null,
    buffer_after_minutes  integer     not null,
    -- SEQUENCE of the calendar entry: one more with every move and cancellation (RFC 5545, 3.8.7.4).
    change                integer     not null default 0,
    calendar_uid          uuid        not null default gen_random_uuid(),
    -- Raising it revokes every link to this booking that was ever sent.
    generation            integer     not null default 1,
    name                  text        not null,
    timezone              text        not null,
    phone                 text        not null default '',
    place                 text        not null,
    safe_to_email         boolean     not null,
    -- Booked although this person had such a call before; the coach sees it, the public answer does not.
    repeated              boolean     not null default false,
    lane_id               uuid,
    words                 bytea,
    reason                bytea,
    ended_by              text        not null default '',
    made_at               timestamptz not null,
    changed_at            timestamptz not null,
    expires_at            timestamptz,
    accepted_at           timestamptz,
    -- Where it was before the last move, for the letter that says "was" and "now".
    moved_from            timestamptz,
    constraint booking_pkey primary key (id),
    constraint booking_coach_exists foreign key (coach_id) references coach (person_id),
    constraint booking_type_exists foreign key (type_id) references appointment_type (id),
    constraint booking_person_exists foreign key (person_id) references person (id),
    constraint booking_lane_exists foreign key (lane_id) references lane (id),
    constraint booking_status_known check (status in
        ('held', 'pending', 'confirmed', 'completed', 'no_show', 'cancelled', 'declined', 'expired')),
    constraint booking_ends_after_start check (ends_at > starts_at),
    constraint booking_pending_expires check (status <> 'pending' or expires_at is not null),
    constraint booking_words_in_lane check (lane_id is not null or (words is null and reason is null)),
    -- The last guard of "one hour, one promise": even a forgotten lock cannot double-book a coach.
    constraint booking_one_promise exclude using gist
        (coach_id with =, tstzrange(starts_at, ends_at) with &&)
        where (status in ('held', 'pending', 'confirmed', 'completed', 'no_show'))
);
create index booking_coach_starts on booking (coach_id, starts_at);
create index booking_person on booking (person_id, starts_at);
create index booking_pending on booking (expires_at) where status = 'pending';

-- What the hours of coaches are taken by: instants, buffers, state and type, nothing about whom.
-- A call lasts at most a day, so the range that an index can use reaches one day back.
-- +goose StatementBegin
create function booking_taken(coaches uuid[], range_from timestamptz, range_to timestamptz)
returns table (id uuid, coach_id uuid, type_id uuid, starts_at timestamptz, ends_at timestamptz,
               buffer_before_minutes integer, buffer_after_minutes integer, status text, expires_at timestamptz)
language sql stable as $$
    select b.id, b.coach_id, b.type_id, b.starts_at, b.ends_at,
           b.buffer_before_minutes, b.buffer_after_minutes, b.status, b.expires_at
    from booking b
    where b.coach_id = any (coaches)
      and b.starts_at >= range_from - interval '1 day'
      and b.starts_at < range_to
      and b.status in ('held', 'pending', 'confirmed', 'completed', 'no_show')
$$;
-- +goose StatementEnd

grant select, insert, update, delete on booking to kintsugi_app;

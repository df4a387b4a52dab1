-- An hour of an engagement: which of its clients may know of it, and the second of two who both do.
-- +goose Up
alter table booking
    add column engagement_id uuid,
    -- The lane whose clients may know of it: the joint one, or one client's own. Null for whoever booked without an engagement.
    add column known_lane_id uuid,
    add constraint booking_engagement_exists foreign key (engagement_id) references engagement (id),
    add constraint booking_known_lane_exists foreign key (known_lane_id) references lane (id),
    add constraint booking_known_in_engagement check ((engagement_id is null) = (known_lane_id is null));
create index booking_engagement on booking (engagement_id, starts_at) where engagement_id is not null;

-- The other client of a booking that both know of, with everything that is theirs
-- alone: their clock, their links, whether they may be written to, and the words
-- between them and the coach, sealed in their own lane.
create table booking_guest (
    booking_id    uuid    not null,
    person_id     uuid    not null,
    name          text    not null,
    timezone      text    not null,
    safe_to_email boolean not null,
    -- Raising it revokes every link of theirs to this booking, and nobody else's.
    generation    integer not null default 1,
    lane_id       uuid,
    reason        bytea,
    note          bytea,
    note_change   integer,
    constraint booking_guest_pkey primary key (booking_id),
    constraint booking_guest_booking_exists foreign key (booking_id) references booking (id) on delete cascade,
    constraint booking_guest_person_exists foreign key (person_id) references person (id),
    constraint booking_guest_lane_exists foreign key (lane_id) references lane (id),
    constraint booking_guest_words_in_lane check (lane_id is not null or (reason is null and note is null)),
    constraint booking_guest_note_of_a_state check (note is null or note_change is not null)
);
create index booking_guest_person on booking_guest (person_id, booking_id);

-- A client may not know of a joint booking once they have left, unless it was over
-- by then. Whoever comes back has new lanes, and nothing of the time between.
-- +goose StatementBegin
create function booking_gone(client uuid, engagement uuid, known_lane uuid, ends_at timestamptz) returns boolean language sql stable as $$
    select exists (
        select from lane l
        where l.id = known_lane and l.kind = 'joint'
          and not coalesce(ends_at <= l.closed_at, false)
          and not exists (
              select from participant m
              where m.engagement_id = engagement and m.person_id = client
                and m.state = 'accepted' and m.accepted_at <= l.made_at))
$$;
-- +goose StatementEnd

grant select, insert, update, delete on booking_guest to kintsugi_app;

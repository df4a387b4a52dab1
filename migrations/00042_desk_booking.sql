-- What the desk adds to a booking: the rules that were knowingly passed over, and the coach's words to the person.
-- +goose Up
alter table booking
    -- Names of rules, comma separated, that somebody of the practice was warned of and passed over.
    add column against text not null default '',
    -- Sealed in the person's lane. It belongs to one state of the booking and is shown no longer than that.
    add column note bytea,
    add column note_change integer,
    add constraint booking_note_in_lane check (note is null or (lane_id is not null and note_change is not null));

-- What is new at the desk is looked for by this, however many bookings there have ever been.
create index booking_coach_changed on booking (coach_id, changed_at);

-- Time that a coach keeps free. The label is for the office and shown to the coach alone.
create table block (
    id        uuid        not null,
    coach_id  uuid        not null,
    starts_at timestamptz not null,
    ends_at   timestamptz not null,
    label     text        not null default '',
    made_at   timestamptz not null,
    constraint block_pkey primary key (id),
    constraint block_coach_exists foreign key (coach_id) references coach (person_id) on delete cascade,
    constraint block_ends_after_start check (ends_at > starts_at),
    constraint block_label_short check (length(label) <= 80)
);
create index block_coach_ends on block (coach_id, ends_at);

grant select, insert, update, delete on block to kintsugi_app;

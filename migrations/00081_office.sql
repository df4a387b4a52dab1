-- Where somebody stands between asking and leaving, and what the office writes about hours and money; its words are sealed like all others.
-- +goose Up
alter table lane drop constraint lane_kind_known;
alter table lane add constraint lane_kind_known check (kind in ('enquiry', 'office'));
create unique index lane_one_office on lane (person_id) where kind = 'office';

-- What is set by hand. The stages before an invitation follow from the bookings.
create table office_standing (
    person_id    uuid        not null,
    stage        text        not null default '',
    stage_at     timestamptz,
    ended_reason text        not null default '',
    source       text        not null default '',
    next_step    bytea,
    next_on      date,
    changed_by   uuid        not null,
    changed_at   timestamptz not null,
    constraint office_standing_pkey primary key (person_id),
    constraint office_standing_person_exists foreign key (person_id) references person (id) on delete cascade,
    constraint office_standing_stage_known check (stage in ('', 'invited', 'client', 'ended')),
    constraint office_standing_stage_dated check ((stage = '') = (stage_at is null)),
    constraint office_standing_end_has_reason check ((stage = 'ended') = (ended_reason <> '')),
    constraint office_standing_step_dated check (next_step is null or next_on is not null)
);
create index office_standing_next on office_standing (next_on) where next_on is not null;

-- One note a person; every saved version stays.
create table office_note (
    person_id  uuid        not null,
    version    integer     not null,
    body       bytea       not null,
    written_by uuid        not null,
    written_at timestamptz not null,
    constraint office_note_pkey primary key (person_id, version),
    constraint office_note_person_exists foreign key (person_id) references person (id) on delete cascade
);

grant select, insert, update, delete on office_standing, office_note to kintsugi_app;

-- +goose Up
-- A lane says who may read what is in it. So far there is one kind: what a
-- person wrote when they asked for a call, read by them and by the coach.
create table lane (
    id        uuid        not null default gen_random_uuid(),
    kind      text        not null,
    person_id uuid        not null,
    made_at   timestamptz not null,
    constraint lane_pkey primary key (id),
    constraint lane_kind_known check (kind in ('enquiry')),
    constraint lane_person_exists foreign key (person_id) references person (id) on delete cascade
);
create unique index lane_one_enquiry on lane (person_id) where kind = 'enquiry';

-- The data key of a lane, wrapped. Destroying it makes every word in the lane unreadable.
create table lane_key (
    lane_id uuid  not null,
    wrapped bytea not null,
    constraint lane_key_pkey primary key (lane_id),
    constraint lane_key_lane_exists foreign key (lane_id) references lane (id) on delete cascade
);

grant select, insert, update, delete on lane, lane_key to kintsugi_app;

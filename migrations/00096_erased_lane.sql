-- A lane whose key was destroyed is never opened again, also not from an older copy of the database: its id is kept here and beside the keyset.
-- +goose Up
create table erased_lane (
    lane_id   uuid        not null,
    erased_at timestamptz not null,
    -- The lane itself may be gone.
    constraint erased_lane_pkey primary key (lane_id)
);

-- An erased lane of a person makes way: whoever writes again gets a new one.
alter table lane drop constraint lane_kind_known, drop constraint lane_in_engagement;
alter table lane
    add constraint lane_kind_known check (kind in ('enquiry', 'office', 'personal', 'coach', 'individual', 'safety', 'joint', 'erased')),
    add constraint lane_in_engagement check ((kind in ('enquiry', 'office', 'personal', 'erased')) = (engagement_id is null));

grant select, insert on erased_lane to kintsugi_app;

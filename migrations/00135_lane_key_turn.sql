-- A lane gets a new data key while people write in it, in steps that a stop may come between: what step each key is at, and since when, is kept here.
-- +goose Up
alter table lane_key
    add column made_at timestamptz not null default now(),
    -- spare: a new key is at hand and seals nothing yet; switched: it seals, and the old one still opens; resealed: nothing lies under the old one any more.
    add column turn    text,
    add column turn_at timestamptz,
    -- How each value begins that is sealed under the newest key. It is no secret.
    add column mark    bytea,
    add constraint lane_key_turn_known check (turn in ('spare', 'switched', 'resealed')),
    add constraint lane_key_turn_dated check ((turn is null) = (turn_at is null)),
    add constraint lane_key_turn_marked check (mark is not null or coalesce(turn, 'spare') = 'spare');
create index lane_key_in_turn on lane_key (turn) where turn is not null;

-- The turn that was begun and has not come to its end.
create table lane_key_turning (
    sole     boolean     not null default true,
    began_at timestamptz not null,
    constraint lane_key_turning_pkey primary key (sole),
    constraint lane_key_turning_one check (sole)
);

grant select on lane_key_turning to kintsugi_app;

-- A client's own calendar feed: made when they ask for it, revoked when they say so.
-- +goose Up
create table client_feed (
    person_id  uuid        not null,
    -- Part of the address; raising it revokes every address before.
    generation integer     not null,
    made_at    timestamptz not null,
    revoked_at timestamptz,
    constraint client_feed_pkey primary key (person_id),
    constraint client_feed_person_exists foreign key (person_id) references person (id) on delete cascade
);

grant select, insert, update, delete on client_feed to kintsugi_app;

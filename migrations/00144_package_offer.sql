-- A coach offers one client a package, with the terms it had then; only that client finds it.
-- +goose Up
create table package_offer (
    id           uuid        not null default gen_random_uuid(),
    version_id   uuid        not null,
    person_id    uuid        not null,
    coach_id     uuid        not null,
    offered_at   timestamptz not null,
    withdrawn_at timestamptz,
    constraint package_offer_pkey primary key (id),
    constraint package_offer_version_exists foreign key (version_id) references package_version (id),
    constraint package_offer_person_exists foreign key (person_id) references person (id) on delete cascade,
    constraint package_offer_coach_exists foreign key (coach_id) references coach (person_id),
    constraint package_offer_withdrawn_later check (withdrawn_at >= offered_at)
);
create unique index package_offer_open_once on package_offer (person_id, version_id) where withdrawn_at is null;
create index package_offer_coach on package_offer (coach_id, offered_at);

grant select, insert, update on package_offer to kintsugi_app;

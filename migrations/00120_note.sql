-- Session notes. That a note exists is itself private, so every table of theirs stands behind row-level security; the words are sealed in the note's lane.
-- +goose Up
create table note (
    id           uuid        not null,
    lane_id      uuid        not null,
    author_id    uuid        not null,
    -- The call it is about, where there is one.
    booking_id   uuid,
    -- The way of keeping secrets that held when it was begun.
    policy_id    uuid,
    version      integer     not null,
    -- The version that the lane's readers see; null while it is a draft, which its author alone sees.
    shared       integer,
    shared_at    timestamptz,
    locked_at    timestamptz,
    locked_name  text,
    locked_hash  bytea,
    made_at      timestamptz not null,
    changed_at   timestamptz not null,
    constraint note_pkey primary key (id),
    constraint note_lane_exists foreign key (lane_id) references lane (id) on delete cascade,
    constraint note_author_exists foreign key (author_id) references person (id),
    constraint note_booking_exists foreign key (booking_id) references booking (id) on delete set null,
    constraint note_policy_exists foreign key (policy_id) references secrets_policy (id) on delete set null,
    constraint note_version_counted check (version > 0 and (shared is null or shared between 1 and version)),
    constraint note_shared_dated check ((shared is null) = (shared_at is null)),
    constraint note_locked_whole check ((locked_at is null) = (locked_hash is null) and (locked_at is null) = (locked_name is null))
);
create index note_lane on note (lane_id, changed_at desc, id);
create index note_booking on note (booking_id) where booking_id is not null;

-- Every saved state of a note. What somebody saved beside another state, in a
-- second tab, is kept as an aside.
create table note_version (
    id       uuid        not null,
    note_id  uuid        not null,
    lane_id  uuid        not null,
    version  integer     not null,
    aside    boolean     not null default false,
    words    bytea       not null,
    saved_at timestamptz not null,
    -- When the lane's readers were given it; null for a state that its author alone has seen.
    shared_at timestamptz,
    constraint note_version_pkey primary key (id),
    constraint note_version_note_exists foreign key (note_id) references note (id) on delete cascade,
    constraint note_version_lane_exists foreign key (lane_id) references lane (id) on delete cascade,
    constraint note_version_once unique (note_id, version)
);

-- What is added to a note that is locked.
create table note_addendum (
    id        uuid        not null,
    note_id   uuid        not null,
    lane_id   uuid        not null,
    author_id uuid        not null,
    words     bytea       not null,
    made_at   timestamptz not null,
    constraint note_addendum_pkey primary key (id),
    constraint note_addendum_note_exists foreign key (note_id) references note (id) on delete cascade,
    constraint note_addendum_lane_exists foreign key (lane_id) references lane (id) on delete cascade,
    constraint note_addendum_author_exists foreign key (author_id) references person (id)
);
create index note_addendum_note on note_addendum (note_id, made_at);

-- Up to which version somebody has read: theirs alone to see.
create table note_read (
    note_id   uuid        not null,
    person_id uuid        not null,
    lane_id   uuid        not null,
    version   integer     not null,
    addenda   integer     not null,
    read_at   timestamptz not null,
    constraint note_read_pkey primary key (note_id, person_id),
    constraint note_read_note_exists foreign key (note_id) references note (id) on delete cascade,
    constraint note_read_lane_exists foreign key (lane_id) references lane (id) on delete cascade,
    constraint note_read_person_exists foreign key (person_id) references person (id) on delete cascade
);

-- A note that is locked stays as it was signed, whoever asks.
-- +goose StatementBegin
create function note_stays_locked() returns trigger language plpgsql as $$
declare
    locked boolean;
begin
    if tg_table_name = 'note' then
        locked := old.locked_at is not null;
    else
        select n.locked_at is not null into locked from note n
        where n.id = case when tg_op = 'INSERT' then new.note_id else old.note_id end;
    end if;
    if locked then
        raise exception 'a locked note stays as it was signed' using errcode = 'check_violation', constraint = 'note_stays_locked';
    end if;
    if tg_op = 'DELETE' then
        return old;
    end if;
    return new;
end
$$;
-- +goose StatementEnd
-- Key rotation, which works as the owner, writes the same words under another key.
create trigger note_stays_locked before update or delete on note
    for each row when (current_user = 'kintsugi_app') execute function note_stays_locked();
create trigger note_version_stays_locked before insert or update or delete on note_version
    for each row when (current_user = 'kintsugi_app') execute function note_stays_locked();

alter table note enable row level security;
alter table note_version enable row level security;
alter table note_addendum enable row level security;
alter table note_read enable row level security;

create policy note_reader on note
    using (lane_id in (select r.lane_id from lane_reader r where r.person_id = kintsugi_viewer())
           and (shared is not null or author_id = kintsugi_viewer()));
create policy note_version_reader on note_version
    using (lane_id in (select r.lane_id from lane_reader r where r.person_id = kintsugi_viewer())
           and (shared_at is not null
                or exists (select from note n where n.id = note_version.note_id and n.author_id = kintsugi_viewer())));
create policy note_addendum_reader on note_addendum
    using (lane_id in (select r.lane_id from lane_reader r where r.person_id = kintsugi_viewer()));
create policy note_read_reader on note_read
    using (person_id = kintsugi_viewer() and lane_id in (select r.lane_id from lane_reader r where r.person_id = kintsugi_viewer()));

-- Ways to begin a note. They hold no word of any client.
create table note_template (
    id         uuid        not null default gen_random_uuid(),
    name       text        not null,
    body       text        not null,
    -- Whose it is; null for the whole practice.
    coach_id   uuid,
    changed_at timestamptz not null,
    constraint note_template_pkey primary key (id),
    constraint note_template_name_said check (name <> ''),
    constraint note_template_coach_exists foreign key (coach_id) references coach (person_id) on delete cascade
);

grant select, insert, update, delete on note to kintsugi_app;
grant select, insert, delete on note_version to kintsugi_app;
grant update (shared_at) on note_version to kintsugi_app;
grant select, insert on note_addendum to kintsugi_app;
grant select, insert, update on note_read to kintsugi_app;
grant select, insert, update, delete on note_template to kintsugi_app;

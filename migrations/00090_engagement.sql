-- A coach's work with one or two clients, and the lanes in it: who may read is said once, here, and only ever shrinks.
-- +goose Up
create table engagement (
    id         uuid        not null default gen_random_uuid(),
    coach_id   uuid        not null,
    state      text        not null,
    state_at   timestamptz not null,
    -- The work of another coach that this one was taken over from. Nothing that was written passes over by itself.
    follows_id uuid,
    made_at    timestamptz not null,
    constraint engagement_pkey primary key (id),
    constraint engagement_coach_exists foreign key (coach_id) references coach (person_id),
    constraint engagement_follows_exists foreign key (follows_id) references engagement (id),
    constraint engagement_follows_another check (follows_id <> id),
    constraint engagement_state_known check (state in ('open', 'paused', 'ended'))
);
create index engagement_coach on engagement (coach_id, made_at, id);

-- A client in it. Each accepts alone, with a word that the coach gave in a call, because the partner may hold the inbox.
create table participant (
    engagement_id uuid        not null,
    person_id     uuid        not null,
    -- There are two places at most; nobody is shown which one somebody has.
    seat          smallint    not null,
    state         text        not null,
    state_at      timestamptz not null,
    invited_at    timestamptz not null,
    invite_ends_at timestamptz not null,
    -- A keyed digest; null where the person is known already and no word is asked for.
    word_hash     bytea,
    word_tries    integer     not null default 0,
    accepted_at   timestamptz,
    constraint participant_pkey primary key (engagement_id, person_id),
    constraint participant_engagement_exists foreign key (engagement_id) references engagement (id) on delete cascade,
    constraint participant_person_exists foreign key (person_id) references person (id),
    constraint participant_seat_known check (seat in (1, 2)),
    constraint participant_state_known check (state in ('invited', 'accepted', 'declined', 'withdrawn', 'left')),
    constraint participant_accepted_dated check (state not in ('accepted', 'left') or accepted_at is not null)
);
create unique index participant_two_seats on participant (engagement_id, seat) where state in ('invited', 'accepted');
create index participant_person on participant (person_id, engagement_id);

-- A lane of an engagement, or of a person where there is none.
alter table lane alter column person_id drop not null;
alter table lane add column engagement_id uuid;
-- What was written stays readable; nothing more is written.
alter table lane add column closed_at timestamptz;
-- An individual lane waits until every client has signed how secrets are kept.
alter table lane add column opened_at timestamptz;
alter table lane drop constraint lane_kind_known;
alter table lane
    add constraint lane_kind_known check (kind in ('enquiry', 'office', 'personal', 'coach', 'individual', 'safety', 'joint')),
    add constraint lane_engagement_exists foreign key (engagement_id) references engagement (id) on delete cascade,
    add constraint lane_in_engagement check ((kind in ('enquiry', 'office', 'personal')) = (engagement_id is null)),
    add constraint lane_of_a_person check ((kind in ('coach', 'joint')) = (person_id is null));
create unique index lane_one_personal on lane (person_id) where kind = 'personal';
create unique index lane_one_coach on lane (engagement_id) where kind = 'coach';
create unique index lane_one_joint on lane (engagement_id) where kind = 'joint' and closed_at is null;
create unique index lane_one_each on lane (engagement_id, kind, person_id) where kind in ('individual', 'safety') and closed_at is null;
create index lane_engagement on lane (engagement_id) where engagement_id is not null;

-- Who may read a lane. Its readers are named when it is made and can only become fewer.
create table lane_member (
    lane_id   uuid        not null,
    person_id uuid        not null,
    part      text        not null,
    since     timestamptz not null,
    until     timestamptz,
    constraint lane_member_pkey primary key (lane_id, person_id),
    constraint lane_member_lane_exists foreign key (lane_id) references lane (id) on delete cascade,
    constraint lane_member_person_exists foreign key (person_id) references person (id) on delete cascade,
    constraint lane_member_part_known check (part in ('client', 'coach'))
);
create index lane_member_person on lane_member (person_id, lane_id) where until is null;

-- +goose StatementBegin
create function lane_member_only_shrinks() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        if not exists (select from lane l where l.id = new.lane_id and l.xmin = pg_current_xact_id()::xid) then
            raise exception 'the readers of a lane are named when it is made' using errcode = 'check_violation', constraint = 'lane_member_only_shrinks';
        end if;
    elsif new.lane_id <> old.lane_id or new.person_id <> old.person_id or new.part <> old.part or new.since <> old.since
        or old.until is not null and new.until is distinct from old.until then
        raise exception 'a reader of a lane can only leave it' using errcode = 'check_violation', constraint = 'lane_member_only_shrinks';
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger lane_member_only_shrinks before insert or update on lane_member
    for each row execute function lane_member_only_shrinks();

-- The one policy of who may read: everything private is joined with it. A coach
-- who was suspended reads nothing, from the next statement on.
create view lane_reader as
    select m.lane_id, m.person_id
    from lane_member m
    where m.until is null
      and (m.part = 'client' or exists (
          select from coach c where c.person_id = m.person_id and c.active and c.role in ('owner', 'coach')));

-- Who reads in this transaction, as the program says when it begins one. Row-level
-- security asks it; where nobody was named, nothing is readable.
-- +goose StatementBegin
create function kintsugi_viewer() returns uuid language sql stable as $$
    select nullif(current_setting('kintsugi.viewer', true), '')::uuid
$$;
-- +goose StatementEnd

-- How secrets are kept between partners: text that each client signs. A new
-- version is in force once everybody has signed it; until then the one before.
create table secrets_policy (
    id            uuid        not null default gen_random_uuid(),
    engagement_id uuid        not null,
    version       integer     not null,
    kind          text        not null,
    body          text        not null,
    body_hash     bytea       not null,
    made_by       uuid        not null,
    made_at       timestamptz not null,
    in_force_at   timestamptz,
    constraint secrets_policy_pkey primary key (id),
    constraint secrets_policy_version_key unique (engagement_id, version),
    constraint secrets_policy_engagement_exists foreign key (engagement_id) references engagement (id) on delete cascade,
    constraint secrets_policy_kind_known check (kind in ('none', 'discretion', 'confidential')),
    constraint secrets_policy_said check (body <> '')
);

create table policy_signature (
    policy_id uuid        not null,
    person_id uuid        not null,
    name      text        not null,
    email     text        not null,
    body_hash bytea       not null,
    signed_at timestamptz not null,
    constraint policy_signature_pkey primary key (policy_id, person_id),
    constraint policy_signature_policy_exists foreign key (policy_id) references secrets_policy (id) on delete cascade,
    constraint policy_signature_person_exists foreign key (person_id) references person (id)
);
create index policy_signature_person on policy_signature (person_id);

grant select, insert, update, delete on engagement, participant to kintsugi_app;
grant select, insert, update on lane_member to kintsugi_app;
grant select, insert on secrets_policy, policy_signature to kintsugi_app;
grant update (in_force_at) on secrets_policy to kintsugi_app;
grant select on lane_reader to kintsugi_app;

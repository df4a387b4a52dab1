-- A form that was sent to a client, what they are writing and what they sent: each answers alone, and only who may read it ever finds that it is there.
-- +goose Up
create table sheet (
    id           uuid        not null default gen_random_uuid(),
    lane_id      uuid        not null,
    person_id    uuid        not null,
    form_id      uuid        not null,
    form_version integer     not null,
    -- Sheets of both clients that are read together once both are answered.
    round_id     uuid,
    -- Null where the form was sent by itself, at the occasion.
    sent_by      uuid,
    occasion     text,
    sent_at      timestamptz not null,
    due_on       date,
    state        text        not null default 'open',
    state_at     timestamptz not null,
    -- From when on the other client reads the answers.
    shared_at    timestamptz,
    constraint sheet_pkey primary key (id),
    constraint sheet_whose unique (id, lane_id, person_id),
    constraint sheet_lane_exists foreign key (lane_id) references lane (id) on delete cascade,
    constraint sheet_person_exists foreign key (person_id) references person (id),
    constraint sheet_form_exists foreign key (form_id, form_version) references form_version (form_id, version),
    constraint sheet_sender_exists foreign key (sent_by) references coach (person_id),
    constraint sheet_sent_somehow check ((sent_by is null) = (occasion is not null)),
    constraint sheet_occasion_known check (occasion in ('first_booking', 'first_purchase')),
    constraint sheet_state_known check (state in ('open', 'submitted', 'withdrawn')),
    constraint sheet_shared_answered check (shared_at is null or state = 'submitted')
);
create unique index sheet_one_open on sheet (lane_id, person_id, form_id) where state = 'open';
create index sheet_person on sheet (person_id, sent_at);
create index sheet_round on sheet (round_id) where round_id is not null;

-- What happened in a lane for the first time, so that what is sent then is sent once.
create table sheet_occasion (
    lane_id  uuid        not null,
    occasion text        not null,
    at       timestamptz not null,
    constraint sheet_occasion_pkey primary key (lane_id, occasion),
    constraint sheet_occasion_lane_exists foreign key (lane_id) references lane (id) on delete cascade,
    constraint sheet_occasion_occasion_known check (occasion in ('first_booking', 'first_purchase'))
);

-- What was typed and not sent. Nobody but its writer ever finds it. An aside is
-- what another page had typed into the same question at the same time.
create table sheet_draft (
    id        uuid        not null,
    sheet_id  uuid        not null,
    lane_id   uuid        not null,
    person_id uuid        not null,
    version   integer     not null,
    aside     boolean     not null,
    answers   bytea       not null,
    saved_at  timestamptz not null,
    constraint sheet_draft_pkey primary key (id),
    constraint sheet_draft_version_key unique (sheet_id, version, aside),
    constraint sheet_draft_sheet_exists foreign key (sheet_id, lane_id, person_id) references sheet (id, lane_id, person_id) on delete cascade,
    constraint sheet_draft_counted check (version > 0)
);

-- What was sent. A change is another version, and none is ever changed.
create table sheet_answer (
    id        uuid        not null,
    sheet_id  uuid        not null,
    lane_id   uuid        not null,
    person_id uuid        not null,
    version   integer     not null,
    answers   bytea       not null,
    -- How secrets were kept when it was sent; null before anything was signed.
    policy_id uuid,
    sent_at   timestamptz not null,
    constraint sheet_answer_pkey primary key (id),
    constraint sheet_answer_version_key unique (sheet_id, version),
    constraint sheet_answer_sheet_exists foreign key (sheet_id, lane_id, person_id) references sheet (id, lane_id, person_id) on delete cascade,
    constraint sheet_answer_policy_exists foreign key (policy_id) references secrets_policy (id),
    constraint sheet_answer_counted check (version > 0)
);

-- What was agreed to or signed in it: the exact words, sealed, and their hash.
create table sheet_signature (
    id            uuid        not null,
    answer_id     uuid        not null,
    sheet_id      uuid        not null,
    lane_id       uuid        not null,
    person_id     uuid        not null,
    body          bytea       not null,
    text_hash     text        not null,
    signed_at     timestamptz not null,
    taken_back_at timestamptz,
    constraint sheet_signature_pkey primary key (id),
    constraint sheet_signature_answer_exists foreign key (answer_id) references sheet_answer (id) on delete cascade,
    constraint sheet_signature_sheet_exists foreign key (sheet_id, lane_id, person_id) references sheet (id, lane_id, person_id) on delete cascade,
    constraint sheet_signature_hash_whole check (text_hash ~ '^[0-9a-f]{64}$'),
    constraint sheet_signature_taken_back_later check (taken_back_at >= signed_at)
);
create index sheet_signature_answer on sheet_signature (answer_id);

-- Who reads in a lane and as what, as far as the one who reads now goes.
create view lane_part as
    select r.lane_id, m.part
    from lane_reader r
    join lane_member m on m.lane_id = r.lane_id and m.person_id = r.person_id
    where r.person_id = kintsugi_viewer();

-- A sheet is found by its client, by the coach, and by the other client of the
-- lane once it is shared. A coach sends it; only the client answers.
alter table sheet enable row level security;
create policy sheet_reader on sheet for select using (exists (
    select from lane_part p
    where p.lane_id = sheet.lane_id and (p.part = 'coach' or sheet.person_id = kintsugi_viewer() or sheet.shared_at is not null)));
create policy sheet_sender on sheet for insert with check (exists (
    select from lane_part p where p.lane_id = sheet.lane_id and p.part = 'coach'));
create policy sheet_changer on sheet for update using (exists (
    select from lane_part p
    where p.lane_id = sheet.lane_id and (p.part = 'coach' or sheet.person_id = kintsugi_viewer())));

alter table sheet_occasion enable row level security;
create policy sheet_occasion_sender on sheet_occasion using (exists (
    select from lane_part p where p.lane_id = sheet_occasion.lane_id and p.part = 'coach'));

alter table sheet_draft enable row level security;
create policy sheet_draft_writer on sheet_draft using (
    person_id = kintsugi_viewer() and lane_id in (select p.lane_id from lane_part p));

alter table sheet_answer enable row level security;
create policy sheet_answer_reader on sheet_answer for select using (
    lane_id in (select p.lane_id from lane_part p) and sheet_id in (select s.id from sheet s));
create policy sheet_answer_writer on sheet_answer for insert with check (
    person_id = kintsugi_viewer() and lane_id in (select p.lane_id from lane_part p));

alter table sheet_signature enable row level security;
create policy sheet_signature_reader on sheet_signature for select using (
    lane_id in (select p.lane_id from lane_part p) and sheet_id in (select s.id from sheet s));
create policy sheet_signature_writer on sheet_signature for insert with check (
    person_id = kintsugi_viewer() and lane_id in (select p.lane_id from lane_part p));
create policy sheet_signature_taker on sheet_signature for update using (
    person_id = kintsugi_viewer() and lane_id in (select p.lane_id from lane_part p));

-- Shares a round when nobody of it is still asked. It sees what neither client
-- sees alone, which is why it answers nothing.
-- +goose StatementBegin
create function sheet_share(round uuid, at timestamptz) returns void
language sql security definer set search_path = public, pg_temp as $$
    update sheet s set shared_at = at
    where s.round_id = round and s.shared_at is null
      and not exists (select from sheet o where o.round_id = round and o.state <> 'submitted')
$$;
-- +goose StatementEnd

grant select, insert on sheet, sheet_occasion, sheet_draft, sheet_answer, sheet_signature to kintsugi_app;
grant update (state, state_at) on sheet to kintsugi_app;
grant delete on sheet_draft to kintsugi_app;
grant update (taken_back_at) on sheet_signature to kintsugi_app;
grant select on lane_part to kintsugi_app;

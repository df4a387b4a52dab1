-- What was asked stays as it was asked: each change of a form's name, lane or questions is a version of its own, and none is ever changed or deleted.
-- +goose Up
create table form_version (
    form_id    uuid        not null,
    version    integer     not null,
    name       text        not null,
    lane       text        not null,
    definition jsonb       not null,
    hash       text        not null,
    made_at    timestamptz not null,
    made_by    uuid,
    constraint form_version_pkey primary key (form_id, version),
    constraint form_version_form_exists foreign key (form_id) references form (id),
    constraint form_version_counted check (version > 0),
    constraint form_version_name_said check (name <> ''),
    constraint form_version_lane_known check (lane in ('individual', 'joint', 'safety')),
    constraint form_version_hash_whole check (hash ~ '^[0-9a-f]{64}$')
);

-- A string as the program writes JSON, so that the hash of an old form is the one the program would take.
-- +goose StatementBegin
create function pg_temp.said(t text) returns text language sql as $$
    select replace(replace(replace(replace(replace(to_json(t)::text, '&', '\u0026'), '<', '\u003c'), '>', '\u003e'), chr(8232), '\u2028'), chr(8233), '\u2029')
$$;
-- +goose StatementEnd

-- A kind of question by the one name it now has. Words that nobody knows asked for words.
-- +goose StatementBegin
create function pg_temp.kind(q jsonb) returns text language sql as $$
    select case
        when q ->> 'type' in ('text', 'long_text', 'choice', 'several', 'scale', 'date', 'yes_no', 'number', 'consent', 'signature', 'section') then q ->> 'type'
        when q ->> 'type' = 'short_text' then 'text'
        when q ->> 'type' in ('single_choice', 'one_choice') then 'choice'
        when q ->> 'type' in ('choices', 'multiple_choice', 'multi_choice') then 'several'
        when q ->> 'type' in ('yesno', 'boolean') then 'yes_no'
        when q ->> 'type' = 'section_text' then 'section'
        when jsonb_array_length(coalesce(q -> 'options', '[]')) > 1 then 'choice'
        else 'long_text'
    end
$$;
-- +goose StatementEnd

insert into form_version (form_id, version, name, lane, definition, hash, made_at)
select id, 1, name, lane, text::jsonb, encode(sha256(convert_to('kintsugi form 1' || chr(10) || text, 'UTF8')), 'hex'), now()
from (
    select f.id, f.name, f.lane, '{"questions":[' || coalesce(string_agg(
        '{"key":' || pg_temp.said(q ->> 'key')
        || ',"label":' || pg_temp.said(q ->> 'label')
        || ',"type":' || pg_temp.said(pg_temp.kind(q))
        || case when q ->> 'required' = 'true' then ',"required":true' else '' end
        || case when coalesce(q ->> 'help', '') <> '' then ',"help":' || pg_temp.said(q ->> 'help') else '' end
        || case when jsonb_array_length(coalesce(q -> 'options', '[]')) > 0
            then ',"options":[' || (select string_agg(pg_temp.said(o), ',' order by i) from jsonb_array_elements_text(q -> 'options') with ordinality as x (o, i)) || ']'
            else '' end
        || coalesce(',"min":' || (q ->> 'min'), '')
        || coalesce(',"max":' || (q ->> 'max'), '')
        || '}', ',' order by nth), '') || ']}' as text
    from form f
    left join lateral jsonb_array_elements(f.questions) with ordinality as e (q, nth) on true
    group by f.id, f.name, f.lane
) old;

-- The form points at the version that is sent from now on; what it says stands there alone.
alter table form add column version integer not null default 1;
alter table form alter column version drop default;
alter table form drop column name, drop column lane, drop column questions;
alter table form add constraint form_version_current foreign key (id, version) references form_version (form_id, version) deferrable initially deferred;

-- What is being written and not in use yet, one draft a form, also of a form that is not there yet.
create table form_draft (
    slug       text        not null,
    name       text        not null,
    lane       text        not null,
    send_on    text        not null,
    definition jsonb       not null,
    base       integer     not null,
    revision   integer     not null,
    changed_at timestamptz not null,
    changed_by uuid        not null,
    constraint form_draft_pkey primary key (slug),
    constraint form_draft_slug_plain check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    constraint form_draft_lane_known check (lane in ('individual', 'joint', 'safety')),
    constraint form_draft_send_on_known check (send_on in ('first_booking', 'first_purchase', 'manual')),
    constraint form_draft_counted check (base >= 0 and revision > 0)
);

revoke delete on form from kintsugi_app;
grant select, insert on form_version to kintsugi_app;
grant select, insert, update, delete on form_draft to kintsugi_app;

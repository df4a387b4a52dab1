-- +goose Up
-- What was done, by whom, when: the program can add to it and read it, never change it.
create table audit (
    id         bigint generated always as identity,
    at         timestamptz not null,
    actor_kind text        not null,
    actor      uuid,
    act        text        not null,
    about      uuid,
    detail     jsonb       not null default '{}',
    constraint audit_pkey primary key (id),
    constraint audit_actor_kind_known check (actor_kind in ('person', 'coach', 'visitor', 'operator', 'system'))
);
create index audit_about on audit (about, id);

-- The one way to add a line, so that an act can write its audit in its own statement.
-- +goose StatementBegin
create function audit_record(at timestamptz, actor_kind text, actor uuid, act text, about uuid, detail jsonb)
returns void language sql as $$
    insert into audit (at, actor_kind, actor, act, about, detail)
    values (at, actor_kind, actor, act, about, detail)
$$;
-- +goose StatementEnd

grant select, insert on audit to kintsugi_app;

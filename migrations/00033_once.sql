-- +goose Up
-- Operation keys: an act that is sent twice happens once and ends in the same page.
create table operation (
    scope       text        not null,
    key         text        not null,
    fingerprint bytea       not null,
    outcome     jsonb       not null,
    made_at     timestamptz not null,
    constraint operation_pkey primary key (scope, key)
);
create index operation_made_at on operation (made_at);

grant select, insert, delete on operation to kintsugi_app;

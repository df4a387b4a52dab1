-- +goose Up
-- The server's own keys, wrapped under the keyset that lives outside the database.
create table server_key (
    name    text        not null,
    wrapped bytea       not null,
    made_at timestamptz not null,
    constraint server_key_pkey primary key (name)
);

grant select, insert, update on server_key to kintsugi_app;

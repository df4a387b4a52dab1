-- The practice's own colour and logo. What every page needs of them stands beside its name, so that no page asks twice; the picture itself does not.
-- +goose Up
alter table practice
    add column colour text,
    add column colour_dark text,
    -- {"hash", "width", "height", "plate", "discreet"}; null shows the bowl.
    add column logo jsonb,
    add constraint practice_colour_plain check (colour ~ '^#[0-9a-f]{6}$' and colour_dark ~ '^#[0-9a-f]{6}$'),
    add constraint practice_colour_dark_beside_another check (colour is not null or colour_dark is null),
    add constraint practice_logo_shape check (jsonb_typeof(logo) = 'object' and logo ? 'hash');

-- The picture as we drew it again, known by its content, so that a browser may keep it.
create table logo (
    hash    text        not null,
    body    bytea       not null,
    made_at timestamptz not null,
    constraint logo_pkey primary key (hash),
    constraint logo_hash_plain check (hash ~ '^[0-9a-f]{24}$')
);

grant select, insert, update, delete on logo to kintsugi_app;

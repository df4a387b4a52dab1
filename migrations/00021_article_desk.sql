-- +goose Up
-- An article that is given another address is still found under its old ones,
-- and can be shown to somebody before it appears.
alter table article add column preview_generation integer not null default 1;

create table article_slug (
    slug       text        not null,
    article_id uuid        not null,
    left_at    timestamptz not null,
    constraint article_slug_pkey primary key (slug),
    constraint article_slug_article_exists foreign key (article_id) references article (id) on delete cascade
);

grant select, insert, update, delete on article_slug to kintsugi_app;

-- Articles lead strangers to the first call; an unpublished one is seen by nobody.
-- +goose Up
create table article (
    id           uuid        not null default gen_random_uuid(),
    slug         text        not null,
    title        text        not null,
    summary      text        not null default '',
    body         text        not null,
    author_id    uuid,
    type_slug    text        not null default '',
    published_at timestamptz,
    changed_at   timestamptz not null,
    constraint article_pkey primary key (id),
    constraint article_slug_key unique (slug),
    constraint article_slug_plain check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    constraint article_title_said check (title <> ''),
    constraint article_author_exists foreign key (author_id) references coach (person_id) on delete set null
);
create index article_published on article (published_at desc, id) where published_at is not null;

grant select, insert, update, delete on article to kintsugi_app;

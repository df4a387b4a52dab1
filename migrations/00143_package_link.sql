-- The private link of a package is derived; raising its generation revokes every one that was given away.
-- +goose Up
alter table package
    add column link_generation integer not null default 1,
    add constraint package_link_generation_counted check (link_generation > 0);

-- Every state of a note that was saved stays: one that was saved beside another is put aside once it is dealt with, and the program removes none.
-- +goose Up
alter table note_version add column settled_at timestamptz;
revoke delete on note_version from kintsugi_app;
grant update (settled_at) on note_version to kintsugi_app;

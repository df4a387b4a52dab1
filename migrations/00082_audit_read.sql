-- The audit is read by time, by act and by who acted, a page at a time however long it grows.
-- +goose Up
create index audit_at on audit (at, id);
create index audit_act on audit (act, at, id);
create index audit_actor on audit (actor, at, id) where actor is not null;

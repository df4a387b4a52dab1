-- A coach may leave what is unused for two as it is, after one of the two has left or the work has ended. They are asked once, and again when more comes back.
-- +goose Up
alter table wallet add column kept_at timestamptz;
grant update (kept_at) on wallet to kintsugi_app;

-- The papers of what somebody bought for both are numbered by themselves, since a partner may be handed them and would count what is missing.
-- +goose Up
alter table invoice_series drop constraint invoice_series_person_once;
-- Whose sessions they are about: empty for the payer's own. It keeps series apart and is no reference.
alter table invoice_series add column for_engagement uuid;
create unique index invoice_series_once on invoice_series (person_id, coalesce(for_engagement, '00000000-0000-0000-0000-000000000000'::uuid)) where person_id is not null;

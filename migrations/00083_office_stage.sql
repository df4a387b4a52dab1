-- Clients are listed without looking at everybody who ever asked for a call.
-- +goose Up
create index office_standing_stage on office_standing (stage) where stage <> '';

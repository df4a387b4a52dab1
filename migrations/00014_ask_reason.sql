-- Whether a person who cancels is asked for a reason. Some practices would rather not ask.
-- +goose Up
alter table practice add column ask_reason boolean not null default true;

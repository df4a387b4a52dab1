-- After how many days in which nothing happened to sessions that are left they are named to whoever could use them. Some practices see their clients once a month, some would rather not say it at all: zero is never.
-- +goose Up
alter table practice
    add column sessions_rest_days integer not null default 21,
    add constraint practice_sessions_rest_bounded check (sessions_rest_days between 0 and 365);

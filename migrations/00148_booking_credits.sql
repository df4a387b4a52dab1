-- A booking that uses sessions: how many, and until when it can be moved or called off without losing them, as it was said when it was booked.
-- +goose Up
alter table booking
    add column credits integer not null default 0,
    add column free_until timestamptz,
    add constraint booking_credits_counted check (credits >= 0),
    add constraint booking_credits_have_a_deadline check (credits = 0 or free_until is not null);

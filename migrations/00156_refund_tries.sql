-- Stripe keeps the answer that something broke under the key of the question: a refund that is asked for again after that needs another key.
-- +goose Up
alter table refund add column tries integer not null default 0;

-- A payment that was on its way can fail after the same package was ordered again: then two orders wait to be paid, and neither must keep the other from being written down. A second click is kept off by a lock.
-- +goose Up
drop index purchase_waits_once;
create index purchase_waits on purchase (buyer_id, version_id) where status in ('open', 'failed', 'expired');

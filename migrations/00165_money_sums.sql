-- A coach's money is found from the coach's clients, and what is owed or still to come from indexes of nothing else.
-- +goose Up
create index payment_purchase on payment (purchase_id);
create index refund_owed on refund (payment_id) where owed_minor > 0;
create index purchase_part_later on purchase_part (purchase_id) where number > 1 and status in ('open', 'failed', 'expired');
drop index credit_lot_live;
create index credit_lot_live on credit_lot (wallet_id) include (remaining, holds, expires_on) where remaining > 0;

-- What is left is looked at every day, what is used up hardly ever.
-- +goose Up
create index credit_lot_live on credit_lot (wallet_id) where remaining > 0;

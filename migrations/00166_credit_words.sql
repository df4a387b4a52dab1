-- What a coach writes with an act on sessions is sealed like all that is written about somebody; the reasons that follow from a rule stay plain.
-- +goose Up
alter table credit_movement
    add column lane_id uuid,
    add column words bytea,
    add constraint credit_movement_lane_exists foreign key (lane_id) references lane (id) on delete set null;
create index credit_movement_lane on credit_movement (lane_id) where lane_id is not null;

-- +goose StatementBegin
create or replace function wallet_without_holder() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if new.person_id is null and old.person_id is not null or new.engagement_id is null and old.engagement_id is not null then
        update credit_movement m set reason = '', words = null, lane_id = null, actor = null
        from credit_lot l
        where l.id = m.lot_id and l.wallet_id = new.id;
    end if;
    return null;
end
$$;
-- +goose StatementEnd

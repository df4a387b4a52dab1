-- Sessions that were paid for or given: wallets, lots with what is left of each, and the movements that are the whole truth about it.
-- +goose Up
-- A wallet belongs to an engagement, for sessions of both, or to one person, for their own. It outlives whoever held it, without a name.
create table wallet (
    id            uuid        not null default gen_random_uuid(),
    engagement_id uuid,
    person_id     uuid,
    -- Written by every act on the wallet, first: so they follow one another.
    touched_at    timestamptz not null,
    constraint wallet_pkey primary key (id),
    constraint wallet_engagement_key unique (engagement_id),
    constraint wallet_person_key unique (person_id),
    constraint wallet_engagement_exists foreign key (engagement_id) references engagement (id) on delete set null,
    constraint wallet_person_exists foreign key (person_id) references person (id) on delete set null,
    constraint wallet_one_holder check (engagement_id is null or person_id is null)
);

-- Sessions that came together: what they can be used for, until when, and from where.
create table credit_lot (
    id         uuid        not null default gen_random_uuid(),
    wallet_id  uuid        not null,
    -- Slugs of appointment types. They do not change when a package does.
    types      jsonb       not null,
    granted    integer     not null,
    -- Kept by the movements alone: it is their sum.
    remaining  integer     not null default 0,
    -- The last day, in the practice's zone, on which a session may begin. Null: no end.
    expires_on date,
    -- Above zero while the payment is in question.
    holds      integer     not null default 0,
    source     text        not null,
    key        text        not null,
    made_at    timestamptz not null,
    constraint credit_lot_pkey primary key (id),
    constraint credit_lot_key_key unique (key),
    constraint credit_lot_wallet_exists foreign key (wallet_id) references wallet (id),
    constraint credit_lot_granted_counted check (granted > 0),
    constraint credit_lot_never_below_zero check (remaining >= 0),
    constraint credit_lot_holds_counted check (holds >= 0),
    constraint credit_lot_for_something check (jsonb_typeof(types) = 'array' and jsonb_array_length(types) > 0),
    constraint credit_lot_source_said check (source <> '' and key <> '')
);
create index credit_lot_wallet on credit_lot (wallet_id, made_at, id);
create index credit_lot_source on credit_lot (source);
create index credit_lot_expires on credit_lot (expires_on) where remaining > 0 and expires_on is not null;

-- What happened to a lot. It only grows; what was wrong is put right by another movement.
create table credit_movement (
    id         bigint      generated always as identity,
    lot_id     uuid        not null,
    kind       text        not null,
    amount     integer     not null,
    -- What makes an act harmless the second time.
    key        text        not null,
    reason     text        not null default '',
    actor_kind text        not null,
    actor      uuid,
    booking_id uuid,
    -- The hour it was for and what kind it was, as they were then: the booking itself may be forgotten.
    starts_at  timestamptz,
    type       text        not null default '',
    -- The last day from here on, of a lot that was made to last longer.
    expires_on date,
    at         timestamptz not null,
    constraint credit_movement_pkey primary key (id),
    constraint credit_movement_key_key unique (lot_id, key),
    constraint credit_movement_lot_exists foreign key (lot_id) references credit_lot (id),
    constraint credit_movement_kind_known check (kind in
        ('grant', 'use', 'move', 'return', 'forfeit', 'reinstate', 'expire', 'revoke', 'freeze', 'thaw', 'adjust', 'extend')),
    constraint credit_movement_signed check (case
        when kind in ('grant', 'return') then amount > 0
        when kind in ('use', 'expire') then amount < 0
        when kind = 'revoke' then amount <= 0
        when kind = 'adjust' then amount <> 0
        else amount = 0 end),
    constraint credit_movement_of_a_booking check (kind not in ('use', 'move', 'return', 'forfeit', 'reinstate') or booking_id is not null),
    constraint credit_movement_actor_known check (actor_kind in ('person', 'coach', 'visitor', 'operator', 'system'))
);
create index credit_movement_booking on credit_movement (booking_id) where booking_id is not null;

-- The one way in which a lot changes.
-- +goose StatementBegin
create function credit_moved() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    update credit_lot l
    set remaining = l.remaining + new.amount,
        holds = l.holds + case new.kind when 'freeze' then 1 when 'thaw' then -1 else 0 end,
        expires_on = case when new.kind = 'extend' or new.expires_on is not null then new.expires_on else l.expires_on end
    where l.id = new.lot_id;
    return null;
end
$$;
-- +goose StatementEnd
create trigger credit_moved after insert on credit_movement for each row execute function credit_moved();

-- When a person is erased, numbers and days stay, as the accounts need them; words and names go.
-- +goose StatementBegin
create function wallet_without_holder() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if new.person_id is null and old.person_id is not null or new.engagement_id is null and old.engagement_id is not null then
        update credit_movement m set reason = '', actor = null
        from credit_lot l
        where l.id = m.lot_id and l.wallet_id = new.id;
    end if;
    return null;
end
$$;
-- +goose StatementEnd
create trigger wallet_without_holder after update of person_id, engagement_id on wallet for each row execute function wallet_without_holder();

grant select, insert on wallet, credit_movement to kintsugi_app;
grant update (touched_at) on wallet to kintsugi_app;
grant select, insert (wallet_id, types, granted, expires_on, source, key, made_at) on credit_lot to kintsugi_app;

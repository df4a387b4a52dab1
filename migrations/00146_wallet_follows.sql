-- When work is handed to another coach, the sessions that are left for both go with it: they were paid for, and the work that they were for has ended.
-- +goose Up
-- +goose StatementBegin
create function wallet_follow(was uuid, next uuid) returns void language sql security definer set search_path = public, pg_temp as $$
    update wallet w set engagement_id = next
    where w.engagement_id = was
      and exists (select from engagement e where e.id = next and e.follows_id = was)
      and not exists (select from wallet o where o.engagement_id = next)
$$;
-- +goose StatementEnd

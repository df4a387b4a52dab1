-- The program works as kintsugi_app, which owns nothing, so that a slip in it can neither change a table's shape nor rewrite the audit.
-- +goose Up

-- The booking table forbids two hours at once for one coach; comparing a plain
-- id inside such a constraint needs btree_gist.
-- +goose StatementBegin
do $$
begin
  create extension if not exists btree_gist;
exception
  when undefined_file or feature_not_supported then
    raise exception 'the PostgreSQL server has no extension btree_gist: install its contrib package (postgresql-contrib on most systems), then start again';
  when insufficient_privilege then
    raise exception 'the role % may not create the extension btree_gist: let a superuser run deploy/roles.sql on this database, then start again', current_user;
end
$$;
-- +goose StatementEnd

-- Roles belong to the whole server, so two databases that are brought up to
-- date at the same moment meet here; the loser looks again.
-- +goose StatementBegin
do $$
declare
  may_become text := case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end;
begin
  for attempt in 1..50 loop
    begin
      if not exists (select from pg_roles where rolname = 'kintsugi_app') then
        create role kintsugi_app nologin;
      end if;
      if not pg_has_role(current_user, 'kintsugi_app', may_become) then
        execute format('grant kintsugi_app to %I', current_user);
      end if;
      return;
    exception
      when duplicate_object or unique_violation then
        null;
      when insufficient_privilege then
        raise exception 'the role % may not create the role kintsugi_app or become it: let a superuser run deploy/roles.sql on this database, then start again', current_user;
      when internal_error then
        if sqlerrm not like 'tuple concurrently %' or attempt = 50 then
          raise;
        end if;
    end;
    perform pg_sleep(0.02);
  end loop;
  raise exception 'the role kintsugi_app could not be made, because other databases of this server kept changing it: start again';
end
$$;
-- +goose StatementEnd

-- The schema belongs to the server's superuser where the database does; the
-- grant is then a mere notice, and everybody may use the schema anyway.
grant usage on schema public to kintsugi_app;

-- The program asks which migrations have been done before it says it is ready.
grant select on goose_db_version to kintsugi_app;

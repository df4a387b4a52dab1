-- What a superuser does once where the database's owner may not: the extension
-- that the bookings need, and the role that the program works as.
--
--   psql -v owner=NAME -d DATABASE -f deploy/roles.sql
--
-- NAME is the role in DATABASE_URL. It brings the tables up to date and owns
-- them; the running program gives up its rights and works as kintsugi_app.
-- Running this twice changes nothing.

\set ON_ERROR_STOP on

create extension if not exists btree_gist;

select 'create role kintsugi_app nologin'
where not exists (select from pg_roles where rolname = 'kintsugi_app')
\gexec

grant kintsugi_app to :"owner";

grant usage, create on schema public to :"owner";
grant usage on schema public to kintsugi_app;

-- How often someone asked is counted where every process sees it, under a keyed hash so that no address is stored; unlogged, because a count that a crash forgets costs nothing and a write-ahead record of it would.
-- +goose Up
create unlogged table limit_bucket (
	name text not null,
	key_hash bytea not null,
	tat timestamptz not null,
	constraint limit_bucket_pkey primary key (name, key_hash)
);

comment on column limit_bucket.tat is 'theoretical arrival time of the next allowed act (GCRA)';

grant select, insert, update, delete on limit_bucket to kintsugi_app;

-- +goose Up
-- One way to add a job, so that an act can write what follows from it in its own statement and save a round trip.
-- +goose StatementBegin
create function job_add(kind text, args jsonb, run_at timestamptz, unique_key text default null)
returns void language sql as $$
    insert into job (kind, args, run_at, unique_key)
    values (kind, coalesce(args, 'null'), run_at, unique_key)
    on conflict (unique_key) where unique_key is not null and done_at is null and dead_at is null do nothing
$$;
-- +goose StatementEnd

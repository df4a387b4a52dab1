-- The name that a note is signed with is sealed beside what it stands for. What was signed before keeps its name as it lies there: a locked note does not change.
-- +goose Up
alter table note
    add column locked_as bytea,
    drop constraint note_locked_whole,
    add constraint note_locked_whole check (
        (locked_at is null) = (locked_hash is null) and (locked_at is null) = (locked_name is null and locked_as is null));

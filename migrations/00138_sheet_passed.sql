-- A client passes on what they sent to the coach before, by their own act: it is written once more, in the space that they have with the coach now.
-- +goose Up
alter table sheet
    add column passed_from uuid,
    add column passed_at timestamptz,
    add constraint sheet_passed_exists foreign key (passed_from) references sheet (id) on delete set null,
    add constraint sheet_passed_once unique (passed_from, lane_id),
    add constraint sheet_passed_somewhen check (passed_from is null or passed_at is not null);

create policy sheet_passer on sheet for insert with check (
    person_id = kintsugi_viewer() and passed_at is not null and state = 'submitted'
    and exists (select from lane_part p where p.lane_id = sheet.lane_id and p.part = 'client'));

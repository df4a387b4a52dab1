-- What was sold keeps its terms: each change of a package becomes a version of its own that never changes.
-- +goose Up
create table package_version (
    id          uuid        not null default gen_random_uuid(),
    package_id  uuid        not null,
    version     integer     not null,
    name        text        not null,
    description text        not null,
    sessions    integer     not null,
    price_minor bigint      not null,
    currency    text        not null,
    tax         text        not null,
    valid_days  integer,
    lane        text        not null,
    instalments jsonb       not null,
    made_at     timestamptz not null,
    made_by     uuid,
    constraint package_version_pkey primary key (id),
    constraint package_version_counted_once unique (package_id, version),
    constraint package_version_package_exists foreign key (package_id) references package (id),
    constraint package_version_counted check (version > 0),
    constraint package_version_name_said check (name <> ''),
    constraint package_version_sessions_counted check (sessions > 0),
    constraint package_version_price_counted check (price_minor >= 0),
    constraint package_version_currency_plain check (currency ~ '^[A-Z]{3}$'),
    constraint package_version_tax_known check (tax in ('none', 'inclusive', 'exclusive')),
    constraint package_version_valid_days_counted check (valid_days > 0),
    constraint package_version_lane_known check (lane in ('joint', 'individual')),
    constraint package_version_instalments_listed check (jsonb_typeof(instalments) = 'array')
);

-- What the sessions of a version can be used for.
create table package_version_type (
    version_id uuid    not null,
    type_id    uuid    not null,
    position   integer not null,
    constraint package_version_type_pkey primary key (version_id, type_id),
    constraint package_version_type_version_exists foreign key (version_id) references package_version (id),
    constraint package_version_type_type_exists foreign key (type_id) references appointment_type (id)
);
create index package_version_type_type on package_version_type (type_id);

insert into package_version (package_id, version, name, description, sessions, price_minor, currency, tax, valid_days, lane, instalments, made_at)
select p.id, 1, p.name, p.description, p.sessions, p.price_minor, p.currency, 'none', p.valid_days,
    coalesce((
        select t.lane
        from package_type pt
        join appointment_type t on t.id = pt.type_id
        where pt.package_id = p.id
        order by pt.position, t.id
        limit 1), 'individual'),
    '[]', now()
from package p;

insert into package_version_type (version_id, type_id, position)
select v.id, pt.type_id, pt.position
from package_version v
join package_type pt on pt.package_id = v.package_id;

drop table package_type;

-- The package points at the version that is sold from now on; its terms stand there alone.
alter table package add column version integer not null default 1, add column visibility text not null default 'visible';
update package set visibility = 'withdrawn' where withdrawn;
alter table package alter column version drop default, alter column visibility drop default;
alter table package
    drop column name, drop column description, drop column sessions, drop column price_minor,
    drop column currency, drop column valid_days, drop column withdrawn;
alter table package
    add constraint package_current foreign key (id, version) references package_version (package_id, version) deferrable initially deferred,
    add constraint package_visibility_known check (visibility in ('visible', 'link', 'withdrawn'));

revoke delete on package from kintsugi_app;
grant select, insert on package_version, package_version_type to kintsugi_app;

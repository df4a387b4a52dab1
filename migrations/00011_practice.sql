-- The practice and what it offers, as the practice file says it; what is null was not said and follows the program's default.
-- +goose Up
create table practice (
    singular              boolean     not null default true,
    name                  text        not null,
    discreet_name         text        not null,
    timezone              text        not null,
    currency              text        not null,
    email                 text        not null,
    cancel_notice_minutes integer     not null,
    enquiries_kept_days   integer     not null,
    reminders             jsonb,
    help                  jsonb,
    intro                 text,
    privacy               text,
    terms                 text,
    changed_at            timestamptz not null,
    constraint practice_pkey primary key (singular),
    constraint practice_singular check (singular),
    constraint practice_name_said check (name <> '' and discreet_name <> ''),
    constraint practice_currency_plain check (currency ~ '^[A-Z]{3}$'),
    constraint practice_cancel_notice_counted check (cancel_notice_minutes >= 0),
    constraint practice_enquiries_kept_counted check (enquiries_kept_days > 0)
);

-- What can be booked. A withdrawn type is offered to nobody; its bookings stay.
create table appointment_type (
    id                    uuid    not null default gen_random_uuid(),
    slug                  text    not null,
    name                  text    not null,
    description           text    not null default '',
    duration_minutes      integer not null,
    place                 text    not null,
    slot_step_minutes     integer,
    buffer_before_minutes integer not null,
    buffer_after_minutes  integer not null,
    min_notice_minutes    integer not null,
    horizon_days          integer not null,
    max_per_day           integer,
    public                boolean not null,
    once_per_person       boolean not null,
    approval_minutes      integer not null,
    credits               integer not null,
    lane                  text    not null,
    hours                 jsonb,
    withdrawn             boolean not null default false,
    position              integer not null,
    constraint appointment_type_pkey primary key (id),
    constraint appointment_type_slug_key unique (slug),
    constraint appointment_type_slug_plain check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    constraint appointment_type_name_said check (name <> '' and place <> ''),
    -- The range that finds taken time reaches one day back, so nothing may last longer.
    constraint appointment_type_lasts_at_most_a_day check (duration_minutes between 1 and 1440),
    constraint appointment_type_step_counted check (slot_step_minutes between 1 and 1440),
    constraint appointment_type_buffers_at_most_a_day check (buffer_before_minutes between 0 and 1440 and buffer_after_minutes between 0 and 1440),
    constraint appointment_type_notice_counted check (min_notice_minutes >= 0 and approval_minutes >= 0),
    constraint appointment_type_horizon_counted check (horizon_days >= 0),
    constraint appointment_type_max_per_day_counted check (max_per_day > 0),
    constraint appointment_type_credits_counted check (credits >= 0),
    constraint appointment_type_lane_known check (lane in ('joint', 'individual'))
);

-- Who holds appointments of a type, in the order of the practice file.
create table type_coach (
    type_id  uuid    not null,
    coach_id uuid    not null,
    position integer not null,
    constraint type_coach_pkey primary key (type_id, coach_id),
    constraint type_coach_type_exists foreign key (type_id) references appointment_type (id) on delete cascade,
    constraint type_coach_coach_exists foreign key (coach_id) references coach (person_id) on delete cascade
);
create index type_coach_coach on type_coach (coach_id);

-- Sessions sold together. Terms are copied into each order, so changing a package changes no sale.
create table package (
    id          uuid    not null default gen_random_uuid(),
    slug        text    not null,
    name        text    not null,
    description text    not null default '',
    sessions    integer not null,
    price_minor bigint  not null,
    currency    text    not null,
    valid_days  integer,
    withdrawn   boolean not null default false,
    position    integer not null,
    constraint package_pkey primary key (id),
    constraint package_slug_key unique (slug),
    constraint package_slug_plain check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    constraint package_name_said check (name <> ''),
    constraint package_sessions_counted check (sessions > 0),
    constraint package_price_counted check (price_minor >= 0),
    constraint package_currency_plain check (currency ~ '^[A-Z]{3}$'),
    constraint package_valid_days_counted check (valid_days > 0)
);

-- What the sessions of a package can be used for.
create table package_type (
    package_id uuid    not null,
    type_id    uuid    not null,
    position   integer not null,
    constraint package_type_pkey primary key (package_id, type_id),
    constraint package_type_package_exists foreign key (package_id) references package (id) on delete cascade,
    constraint package_type_type_exists foreign key (type_id) references appointment_type (id)
);
create index package_type_type on package_type (type_id);

-- Questions that are sent to clients.
create table form (
    id        uuid    not null default gen_random_uuid(),
    slug      text    not null,
    name      text    not null,
    lane      text    not null,
    send_on   text    not null,
    questions jsonb   not null,
    withdrawn boolean not null default false,
    position  integer not null,
    constraint form_pkey primary key (id),
    constraint form_slug_key unique (slug),
    constraint form_slug_plain check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    constraint form_name_said check (name <> ''),
    constraint form_lane_known check (lane in ('individual', 'joint', 'safety')),
    constraint form_send_on_known check (send_on in ('first_booking', 'first_purchase', 'manual'))
);

grant select, insert, update, delete on practice, appointment_type, type_coach, package, package_type, form to kintsugi_app;

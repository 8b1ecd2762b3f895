-- Runs on PostgreSQL and on H2 in its PostgreSQL mode.

create table users (
    id          uuid primary key,
    name        varchar(512)             not null,
    email       varchar(254)             not null,
    email_key   varchar(254)             not null,
    language    varchar(35)              not null,
    create_time timestamp with time zone not null,
    update_time timestamp with time zone not null,
    version     bigint                   not null,
    constraint users_email_key unique (email_key)
);

-- The first answer to each CreateUser with a request_id.
create table create_requests (
    request_id  uuid primary key,
    user_id     uuid                     not null,
    name        varchar(512)             not null,
    email       varchar(254)             not null,
    language    varchar(35)              not null,
    create_time timestamp with time zone not null
);

create index create_requests_create_time on create_requests (create_time);

-- What page tokens are signed with: one row.
create table page_token_key (
    id     integer primary key,
    secret bytea not null
);

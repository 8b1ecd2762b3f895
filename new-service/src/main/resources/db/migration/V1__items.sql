-- Runs on PostgreSQL and on H2.
create table items (
    name        varchar(64) primary key,
    description text not null
);

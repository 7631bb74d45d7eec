-- Files that the service keeps, each with the organisation that it belongs to.
create schema files;
create table files.files (
    sha256     text not null,
    org        text not null,
    name       text not null,
    size       bigint not null,
    media_type text not null,
    expires_at timestamptz,
    primary key (sha256, org)
);
grant usage on schema files to {role};
grant select, insert, delete on files.files to {role};

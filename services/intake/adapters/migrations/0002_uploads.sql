-- How far each uploaded workbook has come. What became of its rows is in the journal; this table
-- only says what the page shows and where an interrupted acceptance goes on.
create schema workbook;
create table workbook.uploads (
    upload_id   uuid primary key,
    receipt     text not null unique,
    org         text not null,
    account     text not null,
    role        text not null,
    file_sha256 text not null,
    file_name   text not null,
    file_size   bigint not null,
    uploaded_at timestamptz not null,
    state       text not null check (state in ('checked', 'accepting', 'accepted', 'failed')),
    mode        text,
    report      jsonb not null,
    done        integer not null default 0,
    result      jsonb
);
create index on workbook.uploads (org, uploaded_at desc);
create unique index on workbook.uploads (org, account, file_sha256) where state = 'checked';
grant usage on schema workbook to {role};
grant select, insert, update on workbook.uploads to {role};

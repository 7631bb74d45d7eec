-- Who looked at whose name and telephone, why, and when: ids only, rows that nobody takes back.
-- A marked workbook holds those of a whole sheet; it is one row with the upload that it belongs to.
create table contacts.reads (
    at           timestamptz not null,
    account      text not null,
    on_behalf_of text not null,
    role         text not null,
    org          text not null,
    owner_org    text not null,
    project_id   uuid,
    contact_id   uuid,
    upload_id    uuid,
    purpose      text not null check (purpose in ('REACH', 'VERIFY', 'MARKED_FILE', 'ERASURE')),
    correlation  text not null
);
create index on contacts.reads (at desc);
create index on contacts.reads (owner_org, at desc);
create index on contacts.reads (project_id, at desc);

-- What was erased on whose request; the facts say it of each project, this of the request.
create table contacts.erasures (
    erasure_id      uuid primary key,
    at              timestamptz not null,
    account         text not null,
    role            text not null,
    org             text not null,
    reason          text not null,
    document_number text not null,
    contacts        integer not null,
    projects        integer not null,
    uploads         integer not null
);
create index on contacts.erasures (at desc);

create function contacts.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'what was noted is never changed: % on %', tg_op, tg_table_name
        using errcode = 'SK900';
end $$;
do $$
declare
    noted text;
begin
    foreach noted in array array['reads', 'erasures'] loop
        execute format('create trigger never_changed before update or delete on contacts.%s '
                       'for each row execute function contacts.refuse_change()', noted);
        execute format('create trigger never_emptied before truncate on contacts.%s '
                       'for each statement execute function contacts.refuse_change()', noted);
    end loop;
end $$;
grant select, insert on contacts.reads, contacts.erasures to {role};
grant delete on contacts.contacts to {role};
-- Whoever is looked for is looked for by his name.
create index on contacts.contacts (name);

alter table workbook.uploads add column erased boolean not null default false;

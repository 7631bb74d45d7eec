-- Who is responsible for a project: name and telephone, kept outside the facts and erasable.
-- A row is never changed: another name or number is another contact.
create schema contacts;
create table contacts.contacts (
    contact_id uuid primary key,
    name       text not null,
    phone      text not null,
    project_id uuid not null,
    recorded   timestamptz not null
);
create index on contacts.contacts (project_id);
grant usage on schema contacts to {role};
grant select, insert on contacts.contacts to {role};

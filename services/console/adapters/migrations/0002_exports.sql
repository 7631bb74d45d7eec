-- Who took which list away as a file, under which filter: rows that nobody takes back.
create table console.exports (
    export_id    uuid primary key,
    at           timestamptz not null default now(),
    account      text not null,
    on_behalf_of text not null,
    role         text not null,
    org          text not null,
    list         text not null,
    asked        text not null,
    format       text not null,
    rows         integer not null check (rows >= 0),
    sha256       text not null,
    correlation  text not null
);
create index exports_by_instant on console.exports (at desc);
create index exports_by_account on console.exports (account, at desc);

create function console.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'what was noted is never changed: % on %', tg_op, tg_table_name
        using errcode = 'SK900';
end $$;
create trigger never_changed before update or delete on console.exports
    for each row execute function console.refuse_change();
create trigger never_emptied before truncate on console.exports
    for each statement execute function console.refuse_change();
grant select, insert on console.exports to {role};

-- What operators do about facts set aside: try again, or decide to go on without one.
set local role {role};
-- `attempts` counts the replays that tried this fact and left it here.
alter table viewing.waiting
    add column attempts      integer not null default 0,
    add column last_tried    timestamptz,
    add column last_tried_by text;
grant usage, create on schema viewing to session_user;
reset role;

-- Facts that an operator gave up for a view: never folded by it, also when it is made anew. A
-- decision is no read model: it cannot be made again from the topics, so it belongs to the owner
-- of the database, and nobody changes it.
create table viewing.discarded (
    view       text not null,
    stream     text not null,
    version    integer not null,
    event_id   text,
    reason     text not null check (length(btrim(reason)) > 0),
    by_account text not null,
    at         timestamptz not null default now(),
    topic      text not null,
    partition  integer not null,
    "offset"   bigint not null,
    key        bytea,
    headers    bytea not null,
    body       bytea not null,
    error      text not null,
    since      timestamptz not null,
    primary key (view, stream, version)
);

create function viewing.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'what was discarded stays written down';
end $$;
create trigger never_changed before update or delete on viewing.discarded
    for each row execute function viewing.refuse_change();
create trigger never_emptied before truncate on viewing.discarded
    for each statement execute function viewing.refuse_change();
grant select, insert on viewing.discarded to {role};

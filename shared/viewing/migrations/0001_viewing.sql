-- What a service has read of other services' topics. The schema belongs to the service's role:
-- everything in it can be thrown away and made again from the topics.
create schema viewing authorization {role};
create schema views authorization {role};
set local role {role};

-- The next offset per view and partition, moved by compare-and-set in the batch's transaction.
-- `current_at` is when (in real time) nothing was left to read of it: a page is as old as that.
create table viewing.offsets (
    view        text not null,
    topic       text not null,
    partition   integer not null,
    next_offset bigint not null default 0,
    marker      uuid,
    current_at  timestamptz,
    primary key (view, topic, partition)
);

create function viewing.refuse_backwards() returns trigger language plpgsql as $$
begin
    if new.next_offset < old.next_offset then
        raise exception 'the offset of % would go back from % to %',
            old.view, old.next_offset, new.next_offset;
    end if;
    return new;
end $$;
create trigger never_backwards before update on viewing.offsets
    for each row execute function viewing.refuse_backwards();

-- Facts that cannot be applied yet, kept as they came: one ran ahead of its stream, one failed,
-- or one queues behind such a one. Later facts of the same stream queue; all other streams flow.
create table viewing.waiting (
    view      text not null,
    stream    text not null,
    version   integer not null,
    reason    text not null check (reason in ('ahead', 'failed', 'queued')),
    error     text not null,
    topic     text not null,
    partition integer not null,
    "offset"  bigint not null,
    key       bytea,
    headers   bytea not null,
    body      bytea not null,
    since     timestamptz not null default now(),
    primary key (view, stream, version)
);
reset role;

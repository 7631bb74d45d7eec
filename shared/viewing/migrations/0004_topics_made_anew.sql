set local role {role};

-- Where a view stood in a topic that was then made anew, and what it stood on.
create table viewing.adopted (
    at          timestamptz not null default now(),
    by          text not null default session_user,
    view        text not null,
    topic       text not null,
    partition   integer not null,
    next_offset bigint not null,
    marker      uuid
);

-- Let every view read partitions from their beginning whose marker is another than the one given:
-- the one way for an offset to go back. Rows and versions stay, so what was read before is dropped
-- as a repeat. Returns how many views and partitions stand anew.
create function viewing.adopt(of_topic text, of_partition integer[], markers uuid[])
returns integer language plpgsql as $$
declare
    adopted integer;
begin
    with gone as (
        delete from viewing.offsets o
        using unnest(of_partition, markers) as m(partition, marker)
        where o.topic = of_topic and o.partition = m.partition
            and o.marker is distinct from m.marker and o.next_offset > 0
        returning o.view, o.topic, o.partition, o.next_offset, o.marker
    )
    insert into viewing.adopted (view, topic, partition, next_offset, marker) select * from gone;
    get diagnostics adopted = row_count;
    return adopted;
end $$;
reset role;

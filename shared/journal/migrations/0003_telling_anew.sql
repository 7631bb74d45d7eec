-- How far each partition reached, so that a topic which lost its end is known.
alter table journal.markers add column reached bigint not null default 0;

-- Topics that hold everything up to a position: while the journal is told anew to others, nothing
-- up to there is sent to these again.
create table journal.kept (
    topic text primary key,
    up_to bigint not null
);

-- Every time that the journal was told anew: which topics, why, and what was given up.
create table journal.retellings (
    number       bigint generated always as identity primary key,
    at           timestamptz not null default now(),
    by           text not null default session_user,
    topics       text[] not null,
    reason       text not null,
    acknowledged bigint not null,
    markers      jsonb not null
);
create trigger never_changed before update or delete on journal.retellings
    for each row execute function journal.refuse_change();
create trigger never_emptied before truncate on journal.retellings
    for each statement execute function journal.refuse_change();

drop function journal.acknowledge(bigint, bigint);
drop function journal.marker_sent(text, integer);

-- Move the acknowledged position from one value to the next and note how far the partitions now
-- reach; false, and nothing is written, when another leader moved it.
create function journal.acknowledge(
    was bigint, becomes bigint, of_topic text[], of_partition integer[], reaches bigint[]
) returns boolean
language plpgsql security definer set search_path = journal, pg_temp as $$
begin
    update journal.relay set acknowledged = becomes where acknowledged = was and becomes >= was;
    if not found then
        return false;
    end if;
    update journal.markers m set reached = f.reaches
    from unnest(of_topic, of_partition, reaches) as f(topic, partition, reaches)
    where m.topic = f.topic and m.partition = f.partition and m.reached < f.reaches;
    return true;
end $$;

create function journal.marker_sent(of_topic text, of_partition integer, reaches bigint)
returns void language sql security definer set search_path = journal, pg_temp as $$
    update journal.markers set sent = true, reached = greatest(reached, reaches)
    where topic = of_topic and partition = of_partition;
$$;

-- Tell topics anew from the first position: they were made anew and are empty. Positions and chains
-- stay what they are. Only the owner of the database may, while no relay leads.
create function journal.tell_anew(lost text[], why text) returns void
language plpgsql security definer set search_path = journal, pg_temp as $$
declare
    stood bigint;
begin
    select r.acknowledged into stood from journal.relay r for update;
    insert into journal.retellings (topics, reason, acknowledged, markers)
    select lost, why, stood, coalesce(jsonb_agg(to_jsonb(m)), '[]')
    from journal.markers m where m.topic = any (lost);
    insert into journal.kept as k
    select distinct m.topic, stood from journal.markers m where m.topic <> all (lost)
    on conflict (topic) do update set up_to = greatest(k.up_to, excluded.up_to);
    delete from journal.kept where topic = any (lost);
    delete from journal.markers where topic = any (lost);
    update journal.relay set acknowledged = 0;
end $$;

revoke all on function journal.acknowledge, journal.marker_sent, journal.tell_anew from public;
grant select on journal.kept, journal.retellings to {role};
grant execute on function journal.acknowledge, journal.marker_sent to {role};

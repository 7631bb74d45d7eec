-- The journal of one service: facts are inserted, never changed. The service's role reads the
-- tables and calls the functions; only the owner of the database could write around them, and
-- the triggers stop the owner as well.

create schema journal;

create table journal.streams (
    stream       text primary key,
    partitionkey text not null,
    version      integer not null,
    chain        bytea not null,
    recorded     timestamptz not null
) with (fillfactor = 70);

create table journal.events (
    stream   text not null,
    version  integer not null check (version > 0),
    event_id uuid not null,
    kind     text not null,
    recorded timestamptz not null,
    envelope bytea not null,
    payload  bytea not null,
    chain    bytea not null,
    primary key (stream, version),
    constraint event_size check (octet_length(envelope) + octet_length(payload) <= 262144)
) partition by hash (stream);

-- What must be unique, and who holds it. A later fact may free it.
create table journal.claims (
    scope  text not null,
    value  text not null,
    stream text not null,
    primary key (scope, value)
);

create table journal.commands (
    command_id text primary key,
    body_hash  bytea not null,
    reply      bytea not null,
    recorded   timestamptz not null
);

-- The queue of facts that nobody outside has been told yet. Without CACHE on its sequence the
-- turns of one stream ascend, because version n+1 can only be inserted after n has committed.
create table journal.untold (
    turn    bigint generated always as identity primary key,
    stream  text not null,
    version integer not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, fillfactor = 90);

-- The order in which facts are told: dense, one chain over the whole service.
create table journal.told (
    position bigint primary key,
    event_id uuid not null unique,
    stream   text not null,
    version  integer not null,
    chain    bytea not null
);

-- How far Kafka has acknowledged: everything up to this position, nothing beyond.
create table journal.relay (
    one          boolean primary key default true check (one),
    acknowledged bigint not null
);
insert into journal.relay (acknowledged) values (0);

-- The first record of each partition names its incarnation. It is decided here before it is
-- sent, so that a marker sent twice is the same marker.
create table journal.markers (
    topic     text not null,
    partition integer not null,
    marker    uuid not null,
    sent      boolean not null default false,
    primary key (topic, partition)
);

create function journal.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'facts are never changed: % on %', tg_op, tg_table_name using errcode = 'SK900';
end $$;

do $$
begin
    for n in 0..7 loop
        execute format('create table journal.events_%s partition of journal.events '
                       'for values with (modulus 8, remainder %s)', n, n);
        execute format('create trigger never_changed before update or delete on journal.events_%s '
                       'for each row execute function journal.refuse_change()', n);
        execute format('create trigger never_emptied before truncate on journal.events_%s '
                       'for each statement execute function journal.refuse_change()', n);
    end loop;
end $$;
create trigger never_emptied before truncate on journal.events
    for each statement execute function journal.refuse_change();
create trigger never_changed before update or delete on journal.told
    for each row execute function journal.refuse_change();
create trigger never_emptied before truncate on journal.told
    for each statement execute function journal.refuse_change();

-- Append facts to several streams, all or nothing. Streams come sorted and each once; claims
-- come sorted. Raises SK001 (streams moved, named in DETAIL), SK002 (claims taken, in DETAIL),
-- SK004 (recorded would decrease); a repeated command breaks the key of journal.commands.
create function journal.append(
    streams text[], keys text[], expected integer[], recorded_at timestamptz,
    ev_stream integer[], ev_id uuid[], ev_kind text[], ev_envelope bytea[], ev_payload bytea[],
    free_stream integer[], free_scope text[], free_value text[],
    take_stream integer[], take_scope text[], take_value text[],
    commands text[], body_hashes bytea[], replies bytea[]
) returns void
language plpgsql security definer set search_path = journal, pg_temp as $$
declare
    versions integer[] := expected;
    chains   bytea[] := array[]::bytea[];
    moved    text[] := array[]::text[];
    head     record;
    n        integer;
    e        integer;
    ev_version integer[] := array[]::integer[];
    ev_chain   bytea[] := array[]::bytea[];
    inserted integer;
    taken    json;
begin
    for n in 1 .. cardinality(streams) loop
        if expected[n] = 0 then
            insert into journal.streams values (streams[n], keys[n], 0, '', '-infinity')
            on conflict (stream) do nothing;
        end if;
        select s.version, s.chain, s.recorded into head
        from journal.streams s where s.stream = streams[n] for update;
        if not found or head.version <> expected[n] then
            moved := moved || streams[n];
        elsif recorded_at < head.recorded then
            raise exception 'recorded would decrease in %', streams[n] using errcode = 'SK004';
        end if;
        chains := chains || coalesce(head.chain, '');
    end loop;
    if cardinality(moved) > 0 then
        raise exception 'streams moved' using errcode = 'SK001', detail = array_to_json(moved)::text;
    end if;

    for e in 1 .. cardinality(ev_id) loop
        n := ev_stream[e];
        versions[n] := versions[n] + 1;
        chains[n] := sha256(chains[n] || sha256(ev_envelope[e]) || sha256(ev_payload[e]));
        ev_version := ev_version || versions[n];
        ev_chain := ev_chain || chains[n];
    end loop;

    if cardinality(ev_id) > 0 then
        insert into journal.events
            (stream, version, event_id, kind, recorded, envelope, payload, chain)
        select streams[f.n], f.version, f.event_id, f.kind, recorded_at, f.envelope, f.payload, f.chain
        from unnest(ev_stream, ev_version, ev_id, ev_kind, ev_envelope, ev_payload, ev_chain)
            as f(n, version, event_id, kind, envelope, payload, chain);
        get diagnostics inserted = row_count;
        if inserted <> cardinality(ev_id) then
            raise exception 'inserted % of % facts', inserted, cardinality(ev_id);
        end if;
        insert into journal.untold (stream, version)
        select streams[f.n], f.version
        from unnest(ev_stream, ev_version) with ordinality as f(n, version, turn) order by f.turn;
        update journal.streams s
        set version = f.version, chain = f.chain, recorded = recorded_at
        from unnest(streams, versions, chains) as f(stream, version, chain)
        where s.stream = f.stream and s.version <> f.version;
    end if;

    if cardinality(free_stream) > 0 then
        delete from journal.claims c
        using unnest(free_stream, free_scope, free_value) as f(n, scope, value)
        where c.scope = f.scope and c.value = f.value and c.stream = streams[f.n];
    end if;
    if cardinality(take_stream) > 0 then
        insert into journal.claims (scope, value, stream)
        select f.scope, f.value, streams[f.n]
        from unnest(take_stream, take_scope, take_value) as f(n, scope, value)
        on conflict (scope, value) do nothing;
        get diagnostics inserted = row_count;
        if inserted <> cardinality(take_stream) then
            select json_agg(json_build_array(streams[f.n], f.scope, f.value)) into taken
            from unnest(take_stream, take_scope, take_value) as f(n, scope, value)
            join journal.claims c on c.scope = f.scope and c.value = f.value
            where c.stream <> streams[f.n];
            raise exception 'claims taken' using errcode = 'SK002', detail = coalesce(taken, '[]')::text;
        end if;
    end if;

    if cardinality(commands) > 0 then
        insert into journal.commands (command_id, body_hash, reply, recorded)
        select c.command_id, c.body_hash, c.reply, recorded_at
        from unnest(commands, body_hashes, replies) as c(command_id, body_hash, reply)
        order by c.command_id;
    end if;
end $$;

-- Give the untold facts, in the order of the queue, dense positions in the journal chain.
-- Only the leader of the relay calls it. Returns how many it moved.
create function journal.sequence(most integer) returns integer
language plpgsql security definer set search_path = journal, pg_temp as $$
declare
    last_position bigint := 0;
    link bytea := '';
    fact record;
    turns bigint[] := array[]::bigint[];
begin
    select t.position, t.chain into fact from journal.told t order by t.position desc limit 1;
    if found then
        last_position := fact.position;
        link := fact.chain;
    end if;
    for fact in
        select u.turn, u.stream, u.version, e.event_id, e.chain
        from journal.untold u join journal.events e on e.stream = u.stream and e.version = u.version
        order by u.turn limit most
    loop
        last_position := last_position + 1;
        link := sha256(link || fact.chain);
        insert into journal.told values (last_position, fact.event_id, fact.stream, fact.version, link);
        turns := turns || fact.turn;
    end loop;
    if cardinality(turns) > 0 then
        delete from journal.untold where turn = any (turns);
    end if;
    return cardinality(turns);
end $$;

-- Move the acknowledged position from one value to the next; false when another leader did.
create function journal.acknowledge(was bigint, becomes bigint) returns boolean
language plpgsql security definer set search_path = journal, pg_temp as $$
begin
    update journal.relay set acknowledged = becomes where acknowledged = was and becomes >= was;
    return found;
end $$;

create function journal.choose_marker(of_topic text, of_partition integer, candidate uuid)
returns uuid language sql security definer set search_path = journal, pg_temp as $$
    insert into journal.markers (topic, partition, marker)
    values (of_topic, of_partition, candidate)
    on conflict (topic, partition) do update set marker = markers.marker
    returning marker;
$$;

create function journal.marker_sent(of_topic text, of_partition integer) returns void
language sql security definer set search_path = journal, pg_temp as $$
    update journal.markers set sent = true where topic = of_topic and partition = of_partition;
$$;

revoke all on schema journal from public;
revoke all on all functions in schema journal from public;
grant usage on schema journal to {role};
grant select on all tables in schema journal to {role};
grant execute on function journal.append, journal.sequence, journal.acknowledge,
    journal.choose_marker, journal.marker_sent to {role};

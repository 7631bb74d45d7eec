-- Appends of several callers travel in one call: each stream brings its own time of recording,
-- and a stream costs one statement when it begins and two afterwards, always through its key (a
-- plan made while the table was small must not read it whole when it has grown).
drop function journal.append(
    text[], text[], integer[], timestamptz, integer[], uuid[], text[], bytea[], bytea[],
    integer[], text[], text[], integer[], text[], text[], text[], bytea[], bytea[]);

-- Append facts to several streams, all or nothing. Streams come sorted and each once, facts in
-- the order of their streams; claims come sorted. Raises SK001 (streams moved, named in DETAIL),
-- SK002 (claims taken, in DETAIL), SK004 (recorded would decrease); a repeated command breaks the
-- key of journal.commands.
create function journal.append(
    streams text[], keys text[], expected integer[], recorded_at timestamptz[],
    ev_stream integer[], ev_id uuid[], ev_kind text[], ev_envelope bytea[], ev_payload bytea[],
    free_stream integer[], free_scope text[], free_value text[],
    take_stream integer[], take_scope text[], take_value text[],
    commands text[], body_hashes bytea[], replies bytea[], remembered_at timestamptz[]
) returns void
language plpgsql security definer set search_path = journal, pg_temp as $$
declare
    moved    text[] := array[]::text[];
    head     record;
    at_version integer;
    link     bytea;
    n        integer;
    e        integer := 1;
    facts    integer := cardinality(ev_id);
    ev_version integer[] := array[]::integer[];
    ev_chain   bytea[] := array[]::bytea[];
    inserted integer;
    taken    json;
begin
    for n in 1 .. cardinality(streams) loop
        link := '';
        if expected[n] > 0 then
            select s.version, s.chain, s.recorded into head
            from journal.streams s where s.stream = streams[n] for update;
            if not found or head.version <> expected[n] then
                moved := moved || streams[n];
            elsif recorded_at[n] < head.recorded then
                raise exception 'recorded would decrease in %', streams[n] using errcode = 'SK004';
            else
                link := head.chain;
            end if;
        end if;
        at_version := expected[n];
        while e <= facts and ev_stream[e] = n loop
            at_version := at_version + 1;
            link := sha256(link || sha256(ev_envelope[e]) || sha256(ev_payload[e]));
            ev_version := ev_version || at_version;
            ev_chain := ev_chain || link;
            e := e + 1;
        end loop;
        if expected[n] = 0 then
            insert into journal.streams as s
            values (streams[n], keys[n], at_version, link, recorded_at[n])
            on conflict (stream) do update
            set version = excluded.version, chain = excluded.chain, recorded = excluded.recorded
            where s.version = 0;
            if not found then
                moved := moved || streams[n];
            end if;
        elsif at_version > expected[n] then
            update journal.streams s
            set version = at_version, chain = link, recorded = recorded_at[n]
            where s.stream = streams[n];
        end if;
    end loop;
    if cardinality(moved) > 0 then
        raise exception 'streams moved' using errcode = 'SK001', detail = array_to_json(moved)::text;
    end if;

    if facts > 0 then
        insert into journal.events
            (stream, version, event_id, kind, recorded, envelope, payload, chain)
        select streams[f.n], f.version, f.event_id, f.kind, recorded_at[f.n],
            f.envelope, f.payload, f.chain
        from unnest(ev_stream, ev_version, ev_id, ev_kind, ev_envelope, ev_payload, ev_chain)
            as f(n, version, event_id, kind, envelope, payload, chain);
        get diagnostics inserted = row_count;
        if inserted <> facts then
            raise exception 'inserted % of % facts', inserted, facts;
        end if;
        insert into journal.untold (stream, version)
        select streams[f.n], f.version
        from unnest(ev_stream, ev_version) with ordinality as f(n, version, turn) order by f.turn;
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
        select c.command_id, c.body_hash, c.reply, c.recorded
        from unnest(commands, body_hashes, replies, remembered_at)
            as c(command_id, body_hash, reply, recorded)
        order by c.command_id;
    end if;
end $$;

revoke all on function journal.append from public;
grant execute on function journal.append to {role};

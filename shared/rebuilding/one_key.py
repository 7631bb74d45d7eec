"""Makes the row of one key anew, in the live tables, while everything else goes on."""

from collections.abc import Mapping
from typing import Any

import asyncpg
from aiokafka.partitioner import DefaultPartitioner

from shared.postgres import Connection
from shared.rebuilding.filling import refuse_new_failures
from shared.rebuilding.refusing import RebuildRefused
from shared.rebuilding.swapping import offsets_of
from shared.topics import Offsets, Topics, reading
from shared.viewing import tables
from shared.viewing.folding import Folding
from shared.viewing.hearing import Broken, Heard, Record, hear
from shared.viewing.store import discarded, parked
from shared.viewing.view import Owner, View

_partition_of = DefaultPartitioner()


async def rebuild_key(
    view: View, database_url: str, client: Mapping[str, Any], key: str
) -> tuple[int, bool]:
    """Fold one key's facts from the beginning and write its row and history again.

    The partitions that hold its facts stand still only for the last records and the writing.

    Returns:
        how many facts the key has, and whether its row was another before.

    Raises:
        RebuildRefused: no such key, or a fact fails now that was applied before.
    """
    connection = await asyncpg.connect(database_url, timeout=5)
    try:
        async with reading(client, view.topics) as topics:
            return await _rebuild(connection, topics, view, key)
    finally:
        await connection.close(timeout=5)


async def _rebuild(
    connection: asyncpg.Connection, topics: Topics, view: View, key: str
) -> tuple[int, bool]:
    places = topics.places
    if all(owner.keyed_by_partition for owner in view.owners):
        numbers = sorted({number for _, number in places})
        # None is available, so that the partitioner never chooses among them by chance.
        number = _partition_of(key.encode(), numbers, numbers)
        places = tuple(place for place in places if place[1] == number)
    folding = Folding(
        view,
        waiting=await parked(connection, view),
        discarded=await discarded(connection, view),
    )
    stands = dict.fromkeys(places, 0)
    facts = await _read(folding, topics, key, stands, await _stored(connection, view, places))
    async with connection.transaction():
        until = await _stored(connection, view, places, lock=True)
        facts |= await _read(folding, topics, key, stands, until)
        if not facts:
            raise RebuildRefused(f"视图 {view.name} 没有可以计入 {key} 的事实。")
        refuse_new_failures(folding)
        changed = await _write(connection, view, folding, key)
    return len(facts), changed


async def _stored(
    connection: Connection, view: View, places: tuple[tuple[str, int], ...], *, lock: bool = False
) -> dict[tuple[str, int], int]:
    stored = await offsets_of(connection, view, lock=lock)
    return {place: stored.get(place, 0) for place in places}


async def _read(
    folding: Folding,
    topics: Topics,
    key: str,
    stands: dict[tuple[str, int], int],
    until: Offsets,
) -> set[tuple[str, int]]:
    """Fold what may belong to a key; give the facts that do.

    Where rows are not those of the partition key, a stream has facts of several rows and is only
    understood as a whole.
    """
    facts = set()
    async for batches in topics.read(stands, until):
        for (topic, partition), records in batches.items():
            owner = folding.view.owner_of(topic)
            for r in records:
                if owner.keyed_by_partition and r.key != key.encode():
                    continue
                record = Record(topic, partition, r.offset, r.key, r.headers, r.value)
                what = hear(record, owner)
                if isinstance(what, Heard | Broken):
                    folding.take(record, what)
                    if owner.keyed_by_partition or _is_of(what, owner, key):
                        facts.add((what.stream, what.version))
    stands.update(until)
    return facts


def _is_of(what: Heard | Broken, owner: Owner[Any], key: str) -> bool:
    return (
        isinstance(what, Heard) and what.told is not None and key in owner.keys_or_none(what.told)
    )


async def _write(connection: Connection, view: View, folding: Folding, key: str) -> bool:
    before = await connection.fetchval(f"select t::text from {view.table} t where key = $1", key)
    await connection.execute(f"delete from {view.table} where key = $1", key)
    for owner in view.owners:
        row = folding.rows[owner.name].get(key)
        if row is not None:
            await tables.upsert(connection, view, owner, [key], [row])
    for table, owner in view.histories.items():
        await connection.execute(f"delete from {table} where key = $1", key)
        states = [one for one in folding.past_of(owner, closing=True) if one[0] == key]
        await tables.remember(connection, view, owner, states)
    if all(owner.keyed_by_partition for owner in view.owners):
        await tables.record_versions(connection, view, sorted(folding.versions.items()))
    after = await connection.fetchval(f"select t::text from {view.table} t where key = $1", key)
    return bool(before != after)

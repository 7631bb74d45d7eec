"""Every view of every service: the golden samples heard again, in any batches, change nothing."""

import io
import json
from collections import Counter
from typing import Any

import asyncpg
import pytest

from contracts import writing
from contracts.envelope import Envelope
from shared.journal import canonical, open_pool
from shared.relay import headers_of
from shared.viewing import Heard, Record, View, ViewStore, hear
from tests.architecture.test_wiring import described
from tests.architecture.tree import services
from tests.conftest import VIEWING, NewDatabase
from tests.shared.reading import Reading

VIEWS = [view for name in services() for view in described(name).views]


def golden(view: View, *, without: frozenset[str] = frozenset()) -> list[Record]:
    """Give the samples as the relay would tell them, each stream numbered without a gap."""
    stored = [
        json.loads(sample.read_text("utf-8"))
        for sample in sorted((writing.ROOT / "samples").glob("*.json"))
    ]
    stored.sort(key=lambda one: int(one["envelope"]["streamversion"]))
    numbers: Counter[str] = Counter()
    records = []
    for position, one in enumerate(stored, start=1):
        envelope = one["envelope"]
        kind = envelope["type"]
        topic = described(kind.partition(".")[0]).topic_of(kind)
        if topic not in view.topics or kind in without:
            continue
        numbers[envelope["subject"]] += 1
        envelope["streamversion"] = str(numbers[envelope["subject"]])
        headers: list[tuple[str, bytes | None]] = [
            *headers_of(Envelope.model_validate(envelope).model_dump(), position, b"\1")
        ]
        key = envelope["partitionkey"].encode()
        records.append(Record(topic, 0, 0, key, headers, canonical(one["payload"])))
    return records


def ending(view: View) -> frozenset[str]:
    """The facts that take a row with them, and whatever was wrong in it."""
    standing: dict[tuple[str, str], Any] = {}
    kinds = set()
    for record in golden(view):
        owner = view.owner_of(record.topic)
        what = hear(record, owner)
        if isinstance(what, Heard) and what.told is not None:
            for key, told in owner.rows_of(what.told):
                place = owner.name, key
                after = owner.fold(standing.get(place), told)
                if after is None and place in standing:
                    kinds.add(what.kind)
                elif after is not None:
                    standing[place] = after
    return frozenset(kinds)


async def rows(pool: asyncpg.Pool, view: View) -> list[bytes]:
    written = io.BytesIO()
    for table in (view.table, view.streams):
        schema, _, name = table.partition(".")
        await pool.copy_from_table(name, schema_name=schema, output=written)
    return sorted(written.getvalue().splitlines())


@pytest.mark.parametrize("ended", [True, False])
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
async def test_the_golden_samples_twice_make_the_rows_of_once(
    new_database: NewDatabase, view: View, *, ended: bool
) -> None:
    records = golden(view, without=frozenset() if ended else ending(view))
    assert records
    heard = {
        "at once": [records],
        "one by one": [[record] for record in records],
        "twice": [records, records],
        "each twice": [[record, record] for record in records],
        "backwards": [[record] for record in reversed(records)],
    }
    results = {}
    for how, batches in heard.items():
        pool = await open_pool(await new_database(VIEWING))
        try:
            store = ViewStore(pool, view)
            await store.open()
            reading = Reading(store)
            for batch in batches:
                await reading.take(*batch)
            assert await reading.aside() == [], how
            results[how] = await rows(pool, view)
        finally:
            await pool.close()
    streams = {dict(one.headers)["ce_subject"] for one in records}
    assert ended or len(results["at once"]) > len(streams)
    assert all(result == results["at once"] for result in results.values())

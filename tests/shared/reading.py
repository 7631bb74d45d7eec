"""A small view of the ledger, and records as they come from Kafka, for tests of reading."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

import asyncpg
import pytest

from contracts.envelope import MARKER_KIND, Fact, instant
from shared.relay import headers_of
from shared.viewing import Broken, Heard, Marked, Owner, Record, Told, View, ViewStore, hear
from tests.shared.ledger import Put
from tests.shared.writing import surrounded

TOPIC, OTHER_TOPIC = "siku.test.v1", "siku.other.v1"


class Looked(Fact):
    """Somebody looked: a kind that no view here folds."""

    kind: Literal["test.ledger.looked.v1"] = "test.ledger.looked.v1"


class Balance(NamedTuple):
    """What was put in, how often that was applied, the last label, the last version."""

    total: int
    applied: int
    label: str | None
    version: int


class Unlucky(Exception):
    """An amount that the fold cannot bear."""


def fold(row: Balance | None, told: Told) -> Balance | None:
    """Add up; 0 clears the row, 13 is a mistake of the fold."""
    fact = told.fact
    assert isinstance(fact, Put)
    if fact.amount == 13:
        raise Unlucky
    if fact.amount == 0:
        return None
    before = row or Balance(0, 0, "", 0)
    return Balance(
        before.total + fact.amount,
        before.applied + 1,
        fact.label or before.label,
        told.envelope.version,
    )


def ledger_view(topic: str = TOPIC, *, version: int = 1, history: bool = False) -> View:
    """One row per stream, filled by one owner."""
    owner = Owner("test", topic, Balance, {"test.ledger.put.v1": Put}, fold)
    return View("balances", version, (owner,), ("(total)",), history=history)


def record(
    stream: str,
    version: int,
    fact: Fact | None = None,
    *,
    topic: str = TOPIC,
    partition: int = 0,
    offset: int = 0,
    headers: Mapping[str, bytes | None] | None = None,
    body: bytes | None = b"",
    recorded: datetime | None = None,
) -> Record:
    """Make a record; ``headers`` and ``body`` replace what would be right."""
    envelope, fact = surrounded(stream, version, fact or Put(amount=version))[0]
    if recorded is not None:
        envelope = envelope.model_copy(update={"time": instant(recorded)})
    right: list[tuple[str, bytes | None]] = [*headers_of(envelope.model_dump(), version, b"chain")]
    changed = headers or {}
    return Record(
        topic,
        partition,
        offset,
        envelope.partitionkey.encode(),
        [(name, changed.get(name, value)) for name, value in right],
        fact.model_dump_json().encode() if body == b"" else body,
    )


def marker(name: str, *, topic: str = TOPIC, partition: int = 0) -> Record:
    """Make the record that names a partition's incarnation."""
    headers: list[tuple[str, bytes | None]] = [
        ("ce_type", MARKER_KIND.encode()),
        ("marker", name.encode()),
    ]
    return Record(topic, partition, 0, None, headers, b"{}")


_QUERIES = {
    "balances": (
        "select * from views.balances order by key",
        "select * from views.balances_streams order by stream",
    ),
    "shares": (
        "select * from views.shares order by key",
        "select * from views.shares_streams order by stream",
    ),
    "halves": (
        "select * from views.halves order by key",
        "select * from views.halves_streams order by stream",
    ),
}


class Reading:
    """Hands records to a store as a worker would, at the offsets where it stands."""

    def __init__(self, store: ViewStore) -> None:
        """Stand nowhere yet."""
        self.store = store
        self.stands: dict[tuple[str, int], int] = {}

    async def take(self, *records: Record) -> None:
        """Apply records as one batch, at the next offsets of their partitions."""
        tps = sorted({(r.topic, r.partition) for r in records})
        if missing := [tp for tp in tps if tp not in self.stands]:
            self.stands |= await self.store.offsets(missing)
        ends = dict(self.stands)
        placed = []
        for one in records:
            tp = one.topic, one.partition
            placed.append(one._replace(offset=ends[tp]))
            ends[tp] += 1
        await self.store.apply([(*tp, self.stands[tp], ends[tp]) for tp in tps], placed)
        self.stands = ends

    async def row(self, key: str) -> dict[str, Any] | None:
        """Give the row of a key."""
        rows, _, _ = await self.everything()
        return next((row for row in rows if row["key"] == key), None)

    async def version(self, stream: str) -> int | None:
        """Give the recorded version of a stream."""
        _, versions, _ = await self.everything()
        return next((row["version"] for row in versions if row["stream"] == stream), None)

    async def aside(self) -> list[tuple[str, int, str]]:
        """Give what is set aside."""
        return [
            (row["stream"], row["version"], row["reason"])
            for row in await self.store.pool.fetch(
                "select stream, version, reason from viewing.waiting order by stream, version"
            )
        ]

    async def everything(self) -> list[list[Any]]:
        """Give all rows of the view, the versions and what is set aside."""
        of_rows, of_versions = _QUERIES[self.store.view.name]
        rows = await self.store.pool.fetch(of_rows)
        versions = await self.store.pool.fetch(of_versions)
        return [[dict(row) for row in rows], [dict(row) for row in versions], await self.aside()]


async def contents(pool: asyncpg.Pool, view: View) -> list[list[dict[str, Any]]]:
    """Give every row of every table of a view, in the order of their columns."""
    return [
        [dict(row) for row in await pool.fetch(f"select * from {table} order by 1, 2")]
        for table in view.tables
    ]


async def opened(pool: asyncpg.Pool, view: View) -> Reading:
    """Make the view's tables and stand at its beginning."""
    store = ViewStore(pool, view)
    await store.open()
    return Reading(store)


class Left(NamedTuple):
    """The columns of the left owner."""

    left_total: int
    left_seen: str


class Right(NamedTuple):
    """The columns of the right owner."""

    right_total: int
    right_count: int


def _key(told: Told) -> str:
    return told.envelope.subject.rpartition("/")[2]


def _fold_left(row: Left | None, told: Told) -> Left | None:
    amount = _amount(told)
    if amount == 0:
        return None
    before = row or Left(0, "")
    return Left(before.left_total + amount, f"{before.left_seen}{amount}.")


def _fold_right(row: Right | None, told: Told) -> Right | None:
    amount = _amount(told)
    if amount == 0:
        return None
    before = row or Right(0, 0)
    return Right(before.right_total + amount, before.right_count + 1)


def _amount(told: Told) -> int:
    assert isinstance(told.fact, Put)
    return told.fact.amount


_Fold = Callable[[Any, Told], Any]


def two_owners(left_topic: str = TOPIC, right_topic: str = OTHER_TOPIC) -> View:
    """One row per key, each half filled from a topic of its own."""
    kinds: Mapping[str, type[Fact]] = {"test.ledger.put.v1": Put}
    left: _Fold = _fold_left
    right: _Fold = _fold_right
    return View(
        "halves",
        1,
        (
            Owner("left", left_topic, Left, kinds, left, _key),
            Owner("right", right_topic, Right, kinds, right, _key),
        ),
    )


def shared_out(topic: str = TOPIC) -> View:
    """One row for each name in a fact's label."""

    def shares(told: Told) -> tuple[str, ...]:
        assert isinstance(told.fact, Put)
        names = told.fact.label.split("+")
        return tuple(f"{told.envelope.partitionkey}|{name}" for name in names)

    def share(row: Right | None, told: Told) -> Right | None:
        if told.key.endswith("|spoilt"):
            raise ValueError(told.key)
        return _fold_right(row, told)

    kinds: Mapping[str, type[Fact]] = {"test.ledger.put.v1": Put}
    owner = Owner("test", topic, Right, kinds, share, keys=shares)
    return View("shares", 1, (owner,), history=True)


def repaired_by(monkeypatch: pytest.MonkeyPatch, right: Callable[[Record], Record]) -> None:
    """Let the code go on as if it read, of each record that it cannot read, the right one."""

    def hear_better(one: Record, owner: Owner[Any]) -> Heard | Marked | Broken:
        what = hear(one, owner)
        return hear(right(one), owner) if isinstance(what, Broken) else what

    for module in ("folding", "store", "parking"):
        monkeypatch.setattr(f"shared.viewing.{module}.hear", hear_better)

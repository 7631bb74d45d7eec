"""What Kafka holds, fact by fact, as fingerprints that the journal's can be compared with."""

import asyncio
import itertools
import multiprocessing
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any, NamedTuple

from aiokafka import ConsumerRecord

from contracts.envelope import MARKER_KIND
from shared.collecting import collect_seldom
from shared.topics import Offsets, Place, reading
from shared.verifying.ledger import Ledger
from shared.verifying.shape import Shape

WORTH_PROCESSES = 50_000
"""With fewer records, starting processes takes longer than it saves."""
PROCESSES = 2
MANY = 100_000
"""So many repeats of what was compared another day are compared again, so many faults kept."""

_MARKER = ("ce_type", MARKER_KIND.encode())


class Asked(NamedTuple):
    """What to read: spans of topics, which facts count, where to enter them.

    Positions up to ``base`` were compared another day; those beyond ``last`` are newer than the
    journal's cut; beyond ``known`` nothing was ever told.
    """

    client: Mapping[str, Any]
    tells: Mapping[str, str]
    since: Offsets
    until: Offsets
    ledger: Path
    base: int
    last: int
    known: int

    @property
    def topics(self) -> list[str]:
        """Every topic of the service, in the order in which places are numbered."""
        return sorted(set(self.tells.values()))

    @property
    def records(self) -> int:
        """How many records there are to read."""
        return sum(end - self.since[place] for place, end in self.until.items())


class Found(NamedTuple):
    """What was found beside the fingerprints.

    ``wrong`` is (code, where, expected, found). ``old`` are records of earlier positions with
    their fingerprints, ``unread`` counts those beyond many; ``late`` are positions that came
    after a higher one of their partition. ``goes_on`` is where the next reading begins, so that
    it meets every position beyond ``last``.
    """

    repeats: int
    wrong: list[tuple[str, str, str, str]]
    old: list[tuple[int, bytes, str]]
    unread: int
    late: list[int]
    goes_on: dict[Place, int]


async def scan(asked: Asked, advance: Callable[[int], None]) -> Found:
    """Read all that is asked for; large readings are shared between processes.

    Raises:
        TopicMissing: a topic does not exist or may not be read.
        KafkaError, OSError: the broker cannot be reached.
    """
    if asked.records < WORTH_PROCESSES:
        return await _scan(asked, advance)
    places = sorted(asked.until, key=lambda place: asked.until[place] - asked.since[place])
    shares = [
        asked._replace(until={place: asked.until[place] for place in places[turn::PROCESSES]})
        for turn in range(PROCESSES)
    ]
    spawn = multiprocessing.get_context("spawn")
    counter = spawn.Value("q")
    with ProcessPoolExecutor(PROCESSES, spawn, _begin, (counter,)) as pool:
        loop = asyncio.get_running_loop()
        parts = [loop.run_in_executor(pool, _scan_alone, share) for share in shares]
        seen = 0
        while (await asyncio.wait(parts, timeout=0.2))[1]:
            now = counter.value
            advance(now - seen)
            seen = now
        found = [await part for part in parts]
    advance(asked.records - seen)
    return Found(
        sum(part.repeats for part in found),
        list(itertools.chain.from_iterable(part.wrong for part in found)),
        list(itertools.chain.from_iterable(part.old for part in found)),
        sum(part.unread for part in found),
        list(itertools.chain.from_iterable(part.late for part in found)),
        {place: offset for part in found for place, offset in part.goes_on.items()},
    )


_counter: "Synchronized[int]"


def _begin(counter: "Synchronized[int]") -> None:
    global _counter  # noqa: PLW0603 - a shared value reaches a pooled process only this way
    _counter = counter
    collect_seldom()


def _scan_alone(asked: Asked) -> Found:
    def advance(count: int) -> None:
        with _counter.get_lock():
            _counter.value += count

    return asyncio.run(_scan(asked, advance))


async def _scan(asked: Asked, advance: Callable[[int], None]) -> Found:
    with Ledger(asked.ledger, asked.base, asked.last) as ledger:
        scanning = _Scanning(asked, ledger)
        async with reading(asked.client, asked.topics) as topics:
            async for batches in topics.read(asked.since, asked.until):
                for place, records in batches.items():
                    scanning.take(place, records)
                    advance(len(records))
        return scanning.found()


class _Scanning:
    """Enters records into the ledger."""

    def __init__(self, asked: Asked, ledger: Ledger) -> None:
        self._asked = asked
        self._ledger = ledger
        self._numbers = {place: number for number, place in enumerate(sorted(asked.since))}
        self._highest = dict.fromkeys(asked.until, asked.base)
        self._shapes: dict[tuple[str, ...], Shape] = {}
        self._topics: dict[bytes, str] = {}
        self._found = Found(0, [], [], 0, [], dict(asked.until))
        self._repeats = self._unread = 0

    def found(self) -> Found:
        return self._found._replace(repeats=self._repeats, unread=self._unread)

    def take(self, place: Place, records: Iterable[ConsumerRecord[bytes, bytes]]) -> None:
        asked, ledger, found = self._asked, self._ledger, self._found
        number, highest = self._numbers[place], self._highest[place]
        for record in records:
            try:
                read = self._read(record)
                if read is None:
                    continue
                position, fingerprint, topic, key = read
            except (ValueError, KeyError, IndexError, TypeError) as error:
                self._wrong("kafka_unreadable", place, record, "", repr(error))
                continue
            if topic != place[0] or key != record.key:
                said = f"{place[0]} {(record.key or b'').decode(errors='replace')}"
                self._wrong("kafka_misplaced", place, record, f"{topic} {key.decode()}", said)
            if position > asked.last:
                if position > asked.known:
                    self._wrong("kafka_unknown", place, record, "", f"第 {position} 位")
                else:
                    found.goes_on[place] = min(found.goes_on[place], record.offset)
            elif position <= asked.base:
                self._repeats += 1
                if len(found.old) < MANY:
                    where = f"{place[0]}/{place[1]}@{record.offset}"
                    found.old.append((position, fingerprint, where))
                else:
                    self._unread += 1
            elif entered := ledger.enter(position, fingerprint, record.offset << 16 | number):
                self._repeats += 1
                if entered != fingerprint:
                    said = f"另一条同为第 {position} 位的记录"
                    self._wrong("kafka_changed", place, record, said, "内容不同")
            elif position < highest:
                found.late.append(position)
            else:
                highest = position
        self._highest[place] = highest

    def _wrong(
        self, code: str, place: Place, record: ConsumerRecord[bytes, bytes], *said: str
    ) -> None:
        expected, found = said
        where = f"{place[0]}/{place[1]}@{record.offset}"
        if len(self._found.wrong) < MANY:
            self._found.wrong.append((code, where, expected, found))

    def _read(self, record: ConsumerRecord[bytes, bytes]) -> tuple[int, bytes, str, bytes] | None:
        """Give position, fingerprint, topic and partition key; None for a marker.

        Raises:
            ValueError, KeyError, IndexError, TypeError: it is not as the relay tells a fact.
        """
        names, values = zip(*record.headers, strict=True)
        shape = self._shapes.get(names)
        if shape is None:
            if _MARKER in record.headers:
                return None
            shape = self._shapes[names] = Shape(names)
        kind = values[shape.kind]
        topic = self._topics.get(kind)
        if topic is None:
            room = kind.decode().split(".")[1]
            topic = self._topics[kind] = self._asked.tells[room]
        own = (values[shape.id], kind, values[shape.version], values[shape.stream])
        fingerprint = sha256(
            sha256(shape.envelope(values)).digest()
            + sha256(record.value).digest()
            + bytes.fromhex(values[shape.chain].decode())
            + b" ".join(own)
        ).digest()
        return int(values[shape.position]), fingerprint, topic, values[shape.partition_key]


def place_of(noted: int, places: Iterable[Place]) -> tuple[Place, int]:
    """Give partition and offset of what was noted in the ledger beside a position."""
    return sorted(places)[noted & 0xFFFF], noted >> 16

"""When a topic is lost: makes it anew, has the whole journal told on it, lets the views adopt it.

Every step can be cut off and done again. What is decided is written in the journal in one
transaction; the telling itself is the relay's ordinary work from the first position on, so this
command may die and the relay goes on without it.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
from confluent_kafka.admin import AdminClient

from deploy.kafka_rights import SECONDS, make_topics
from deploy.stack import Topic
from shared.incarnations import TopicLost, look
from shared.relay import Relay, room_for, told_on

ROOM_SECONDS = 60.0
STILL_SECONDS = 90.0


class NotRepublished(Exception):
    """It could not be done; the message says why and what helps."""


@dataclass(frozen=True)
class Teller:
    """A service whose journal is told: its database as owner, its topics, its relay."""

    name: str
    owner_url: str
    topics: Sequence[Topic]
    relay: Relay
    client: Mapping[str, Any]

    @property
    def topic_names(self) -> list[str]:
        """The names of its topics."""
        return [topic.name for topic in self.topics]


@dataclass(frozen=True)
class Stands:
    """How far a journal is told."""

    acknowledged: int
    told: int
    untold: int


async def stands(connection: asyncpg.Connection) -> Stands:
    """Ask the journal how far it is told."""
    (row,) = await connection.fetch(
        "select (select acknowledged from journal.relay) as acknowledged, "
        "coalesce((select max(position) from journal.told), 0) as told, "
        "(select count(*) from journal.untold) as untold"
    )
    return Stands(row["acknowledged"], row["told"], row["untold"])


async def lost_topics(teller: Teller, connection: asyncpg.Connection) -> dict[str, str]:
    """Give the topics that are not what the journal told on, and what is wrong with each."""
    try:
        await look(teller.client, await told_on(connection, teller.topic_names))
    except TopicLost as lost:
        return lost.topics
    return {}


async def make_anew(teller: Teller, admin: AdminClient, tell: Callable[[str], None]) -> list[str]:
    """Make lost topics anew and have the journal told from its first position; give their names.

    Does nothing when no topic is lost. What is left of a lost topic is deleted: the journal holds
    all of it. No relay leads meanwhile.

    Raises:
        NotRepublished: the relay does not make room.
    """
    async with _connected(teller.owner_url) as connection:
        try:
            async with room_for(connection, teller.name, ROOM_SECONDS):
                lost = await lost_topics(teller, connection)
                if not lost:
                    return []
                for what in lost.values():
                    tell(what)
                await asyncio.to_thread(
                    _replace, admin, [topic for topic in teller.topics if topic.name in lost]
                )
                # Cut off before this line, the empty topics are found lost again.
                await connection.execute(
                    "select journal.tell_anew($1, $2)", sorted(lost), "；".join(lost.values())
                )
        except TimeoutError as error:
            raise NotRepublished(
                f"{teller.name} 的转发进程没有让位。请先停掉它，再运行一次。"
            ) from error
    return sorted(lost)


def _replace(admin: AdminClient, topics: Sequence[Topic]) -> None:
    names = {topic.name for topic in topics}
    if there := names & _present(admin):
        for future in admin.delete_topics(sorted(there)).values():
            future.result(SECONDS)
    limit = time.monotonic() + SECONDS
    while names & _present(admin):
        if time.monotonic() > limit:
            raise NotRepublished(f"Kafka 没有删除 {'、'.join(sorted(names))}。请再运行一次。")
        time.sleep(0.1)
    make_topics(admin, topics)


def _present(admin: AdminClient) -> set[str]:
    return set(admin.list_topics(timeout=SECONDS).topics)


async def until_told(teller: Teller, progress: Callable[[Stands], None]) -> None:
    """Wait until all is told that has a position now; where no relay runs, tell it from here.

    Raises:
        NotRepublished: nothing moves any more.
    """
    relaying = asyncio.create_task(teller.relay.run())
    loop = asyncio.get_running_loop()
    try:
        async with _connected(teller.owner_url) as connection:
            first, moved = await stands(connection), loop.time()
            before, goal = first.acknowledged, first.told
            while (now := await stands(connection)).acknowledged < goal:
                progress(now)
                if now.acknowledged != before:
                    before, moved = now.acknowledged, loop.time()
                if loop.time() - moved > STILL_SECONDS or relaying.done():
                    ended = relaying.exception() if relaying.done() else None
                    why = teller.relay.wrong or (ended and repr(ended)) or "请看转发进程的日志"
                    raise NotRepublished(
                        f"停在第 {now.acknowledged} 位不动：{why}。处理后再运行一次，接着发。"
                    )
                await asyncio.sleep(0.2)
            progress(now)
    finally:
        relaying.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await relaying


async def adopt(teller: Teller, readers: Sequence[str]) -> int:
    """Let the views of these databases read topics anew whose markers they do not know.

    Gives how many partitions of views stand at their beginning again. Rows are untouched: what
    was read before is dropped as a repeat.
    """
    async with _connected(teller.owner_url) as connection:
        rows = await connection.fetch(
            "select topic, array_agg(partition) as partitions, array_agg(marker) as markers "
            "from journal.markers where sent and topic = any($1) group by topic order by topic",
            teller.topic_names,
        )
    adopted = 0
    for url in readers:
        async with _connected(url) as connection:
            for row in rows:
                adopted += await connection.fetchval(
                    "select viewing.adopt($1, $2, $3)",
                    row["topic"],
                    row["partitions"],
                    row["markers"],
                )
    return adopted


@contextlib.asynccontextmanager
async def _connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        yield connection
    finally:
        await connection.close(timeout=2)

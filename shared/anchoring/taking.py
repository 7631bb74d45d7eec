"""Takes the anchor of each business day beside the relay that leads: chosen, written, told.

The document of a day is chosen in the journal's database first; writing it and telling it can then
be repeated by whoever leads next until both are done.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from prometheus_client import Gauge

from contracts.anchor import ANCHOR_KIND, ANCHORS_TOPIC, Anchor
from shared.anchoring.signing import FOLDER, key_of, sign, write_once
from shared.clock import Clock
from shared.verifying.journal import connect, standing_at

_LOOK = 1.0
_AGAIN = 30.0
_PATIENCE = 20.0
# A wire that says nothing any more must not hold up the anchors of all days to come.
_MOST = 300.0

log = structlog.get_logger()

last_anchor = Gauge(
    "siku_anchor_last_timestamp_seconds", "When the journal was last anchored", ["service"]
)


class AnchorDiffers(Exception):
    """A file with the name of this anchor holds something else; it is left as it is."""


class Anchoring:
    """The anchors of one service's journal."""

    def __init__(
        self,
        service: str,
        database_url: str,
        client: Mapping[str, Any],
        home: Path,
        leads: Callable[[], bool],
        topic: str = ANCHORS_TOPIC,
    ) -> None:
        """Bind to the journal, to Kafka and to the home; ``leads`` tells whose turn it is."""
        self._service = service
        self._database_url = database_url
        self._client = client
        self._home = home
        self._leads = leads
        self._topic = topic
        self._clock = Clock(home)

    async def run(self) -> None:
        """Anchor each business day while this process leads, until cancelled.

        What fails is said in the log and tried again; the metric grows old meanwhile.
        """
        done: date | None = None
        while True:
            pause = _LOOK
            today = self._clock.today()
            if self._leads() and today != done:
                try:
                    async with asyncio.timeout(_MOST):
                        await self.anchor(today)
                    done = today
                except Exception:
                    # Whatever it is, the relay beside it must go on.
                    log.exception("anchor_not_taken", service=self._service)
                    pause = _AGAIN
            await asyncio.sleep(pause)

    async def anchor(self, today: date) -> None:
        """Anchor a day that has none, and finish what an earlier attempt left unfinished.

        Raises:
            AnchorDiffers: the file of that day holds something else.
            OSError, asyncpg.PostgresError, KafkaError: something cannot be reached.
        """
        connection = await connect(self._database_url)
        try:
            if not await connection.fetchval(
                "select exists (select from journal.anchors where day = $1)", today
            ):
                await self._choose(connection, today)
            for row in await connection.fetch(
                "select day, document from journal.anchors where not told order by day"
            ):
                await self._lay_down(row["day"], row["document"])
                await connection.execute("select journal.anchor_told($1)", row["day"])
            taken = await connection.fetchval(
                "select max(taken_at) from journal.anchors where told"
            )
            last_anchor.labels(self._service).set(taken.timestamp())
        finally:
            await connection.close(timeout=2)

    async def _choose(self, connection: asyncpg.Connection, today: date) -> None:
        position = await connection.fetchval("select coalesce(max(position), 0) from journal.told")
        stands = await standing_at(connection, position)
        anchor = Anchor(
            service=self._service,
            day=today,
            taken=datetime.now(UTC),
            position=stands.position,
            chain=stands.chain,
            streams=stands.streams,
            heads=stands.heads,
        )
        document = sign(anchor, key_of(self._home))
        await connection.execute("select journal.choose_anchor($1, $2)", today, document)
        log.info("anchored", service=self._service, day=today.isoformat(), position=position)

    async def _lay_down(self, day: date, document: bytes) -> None:
        """Write the file, unless it is there, and tell Kafka; again is the same again."""
        path = self._home / FOLDER / f"{day.isoformat()}.{self._service}.json"
        path.parent.mkdir(exist_ok=True)
        write_once(path, document)
        if path.read_bytes() != document:
            raise AnchorDiffers(str(path))
        async with self._producing() as producer:
            await producer.send_and_wait(
                self._topic,
                value=document,
                key=self._service.encode(),
                headers=[
                    ("ce_type", ANCHOR_KIND.encode()),
                    ("ce_subject", day.isoformat().encode()),
                    ("content-type", b"application/json"),
                ],
            )

    @contextlib.asynccontextmanager
    async def _producing(self) -> AsyncIterator[AIOKafkaProducer]:
        producer = AIOKafkaProducer(**self._client, acks="all", enable_idempotence=True)
        try:
            async with asyncio.timeout(_PATIENCE):
                await producer.start()
                yield producer
        finally:
            with contextlib.suppress(KafkaError, TimeoutError, OSError):
                await asyncio.wait_for(producer.stop(), _PATIENCE)

"""Dossiers in a journal of their own, told to intake's view without a broker."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg

from contracts.envelope import Envelope
from contracts.intake import TOPIC
from services.intake.dossier import DossierEvent, stream_of
from services.intake.views.open_terms import VIEW
from shared.journal import MOST_STREAMS, Journal, Writing
from shared.relay import headers_of
from shared.viewing import Record
from tests.shared.reading import Reading, opened
from tests.shared.writing import surrounded


class OwnFacts:
    """The journal of intake and the view over it."""

    def __init__(self, pool: asyncpg.Pool, reading: Reading) -> None:
        """Begin with what is there."""
        self.pool = pool
        self.journal = Journal(pool, "intake")
        self._reading = reading
        self._heard = 0

    async def happen(self, *facts: DossierEvent) -> UUID:
        """Let a new dossier have these facts; give its project."""
        (project_id,) = await self.happen_often(facts, 1)
        return project_id

    async def happen_often(self, facts: Sequence[DossierEvent], times: int) -> list[UUID]:
        """Let so many new dossiers have these facts; give their projects."""
        projects = [uuid4() for _ in range(times)]
        for begin in range(0, times, MOST_STREAMS):
            writings = [
                self._writing(project_id, 0, facts)
                for project_id in projects[begin : begin + MOST_STREAMS]
            ]
            await self.journal.append(writings, datetime.now(UTC))
        return projects

    async def go_on(self, project_id: UUID, *facts: DossierEvent) -> None:
        """Let something more happen to a dossier."""
        version = (await self.journal.load(stream_of(project_id))).version
        await self.journal.append([self._writing(project_id, version, facts)], datetime.now(UTC))

    async def hear(self) -> None:
        """Let the view hear everything that happened."""
        while await self.pool.fetchval("select journal.sequence(500)"):
            pass
        rows = await self.pool.fetch(
            "select t.position, e.envelope, e.payload from journal.told t "
            "join journal.events e using (stream, version) where position > $1 order by 1",
            self._heard,
        )
        if rows:
            await self._reading.take(*map(_record, rows))
            self._heard = rows[-1]["position"]

    async def told(self, kind: str) -> list[dict[str, object]]:
        """Give every fact of a kind, in the order of being recorded."""
        rows = await self.pool.fetch(
            "select payload from journal.events where kind = $1 order by recorded, stream, version",
            kind,
        )
        return [json.loads(row["payload"]) for row in rows]

    def _writing(self, project_id: UUID, version: int, facts: Sequence[DossierEvent]) -> Writing:
        stream = stream_of(project_id)
        own = [fact.model_copy(update={"project_id": project_id}) for fact in facts]
        told = [
            (envelope.model_copy(update={"partitionkey": str(project_id)}), fact)
            for envelope, fact in surrounded(stream, version + 1, *own)
        ]
        return Writing(stream, str(project_id), version, told)


async def own_facts(pool: asyncpg.Pool) -> OwnFacts:
    """Stand at the beginning of a journal."""
    return OwnFacts(pool, await opened(pool, VIEW))


def _record(row: asyncpg.Record) -> Record:
    envelope = Envelope.model_validate_json(row["envelope"])
    headers = headers_of(envelope.model_dump(), row["position"], b"chain")
    key = envelope.partitionkey.encode()
    return Record(TOPIC, 0, 0, key, [*headers], row["payload"])

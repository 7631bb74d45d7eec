"""Dossiers in a journal of their own, told to intake's view without a broker."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from uuid import UUID, uuid4

import asyncpg

from contracts.approval_tracking import REFERENCE_TOPIC, Holiday, YearRevised
from contracts.envelope import Envelope, Fact
from contracts.intake import TOPIC, ProgressEvent, SigningEvent
from contracts.reference import calendar_years
from services.intake.dossier import DossierEvent, stream_of
from services.intake.progress.decider import stream_of as progress_stream_of
from services.intake.signing.decider import stream_of as signing_stream_of
from services.intake.views.open_terms import VIEW
from services.intake.views.working_days import WORKING_DAYS
from shared.clock import DEMONSTRATION_START, SHANGHAI
from shared.journal import MOST_STREAMS, Journal, Writing
from shared.relay import headers_of
from shared.viewing import Record, View
from tests.shared.reading import Reading, marker, opened, record
from tests.shared.writing import surrounded

BEGINNING = DEMONSTRATION_START.date()


class OwnFacts:
    """The journal of intake and the view over it."""

    def __init__(self, pool: asyncpg.Pool, reading: Reading, calendar: Reading) -> None:
        """Begin with what is there."""
        self.pool = pool
        self.journal = Journal(pool, "intake")
        self._reading = reading
        self._calendar = calendar
        self._heard = self._editions = 0

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

    async def work(self, project_id: UUID, *facts: ProgressEvent) -> None:
        """Let something happen to a project's months and works."""
        own = [fact.model_copy(update={"project_id": project_id}) for fact in facts]
        await self._also(progress_stream_of(project_id), str(project_id), own)

    async def sign(self, *facts: SigningEvent, signing_id: UUID | None = None) -> UUID:
        """Let something happen to a signing, to a new one if none is named."""
        signing_id = signing_id or uuid4()
        own = [fact.model_copy(update={"signing_id": signing_id}) for fact in facts]
        stream = signing_stream_of(signing_id)
        await self._also(stream, stream, own)
        return signing_id

    async def _also(self, stream: str, key: str, facts: Sequence[Fact]) -> None:
        version = (await self.journal.load(stream)).version
        told = [
            (envelope.model_copy(update={"partitionkey": key}), fact)
            for envelope, fact in surrounded(stream, version + 1, *facts)
        ]
        await self.journal.append([Writing(stream, key, version, told)], datetime.now(UTC))

    async def tell(self) -> None:
        """Tell everything that happened, as the relay does, to a topic of one partition."""
        while await self.pool.fetchval("select journal.sequence(500)"):
            pass
        last = await self.pool.fetchval("select max(position) from journal.told")
        # The marker is the first record, so each fact lies at the offset of its position.
        await self.pool.fetchval(
            "select journal.acknowledge(acknowledged, $1, $2, $3, $4) from journal.relay",
            last,
            [TOPIC],
            [0],
            [last + 1],
        )

    async def hear(self) -> None:
        """Tell everything that happened, and let the view hear it."""
        await self.tell()
        rows = await self.pool.fetch(
            "select t.position, e.envelope, e.payload from journal.told t "
            "join journal.events e using (stream, version) where position > $1 order by 1",
            self._heard,
        )
        for begin in range(0, len(rows), 5000):
            await self._reading.take(*map(_record, rows[begin : begin + 5000]))
        if rows:
            self._heard = rows[-1]["position"]

    async def revise(self, *days_off: date, on: date = BEGINNING) -> int:
        """Let the calendar of 2019 be heard as revised on a day; give its edition."""
        known = next(year for year in calendar_years() if year.year == 2019)
        self._editions += 1
        fact = YearRevised(
            year=2019,
            notices=("国办发明电〔2018〕15号", f"国办发明电〔2019〕{self._editions}号"),
            reason="调整",
            source="按通知录入",
            holidays=(
                *(Holiday(name=o.name, first=o.first, last=o.last) for o in known.holidays),
                *(Holiday(name="调整", first=day, last=day) for day in days_off),
            ),
            make_up_days=tuple(known.make_up_days),
        )
        recorded = datetime.combine(on, time(9), SHANGHAI)
        told = record(
            "calendar-2019", self._editions, fact, topic=REFERENCE_TOPIC, recorded=recorded
        )
        await self._calendar.take(told)
        return self._editions

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


async def own_facts(pool: asyncpg.Pool, view: View = VIEW) -> OwnFacts:
    """Stand at the beginning of a journal, its topic and its views."""
    name = uuid4()
    await pool.execute("select journal.choose_marker($1, 0, $2)", TOPIC, name)
    await pool.execute("select journal.marker_sent($1, 0, 1)", TOPIC)
    reading = await opened(pool, view)
    await reading.take(marker(str(name), topic=TOPIC))
    return OwnFacts(pool, reading, await opened(pool, WORKING_DAYS.view))


def _record(row: asyncpg.Record) -> Record:
    envelope = Envelope.model_validate_json(row["envelope"])
    headers = headers_of(envelope.model_dump(), row["position"], b"chain")
    key = envelope.partitionkey.encode()
    return Record(TOPIC, 0, 0, key, [*headers], row["payload"])

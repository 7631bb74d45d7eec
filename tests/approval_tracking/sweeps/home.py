"""The journal of approval_tracking and its views, told and heard without a broker."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson

from contracts import approval_tracking, identity, intake
from contracts.approval_tracking import Holiday, YearRevised
from contracts.envelope import Envelope, Fact
from contracts.intake import (
    Builder,
    Category,
    LeadSide,
    Location,
    Pool,
    ProjectCorrected,
    ProjectFacts,
    ProjectPooled,
)
from contracts.reference import calendar_years
from services.approval_tracking.approval_plan.commands import Command
from services.approval_tracking.approval_plan.decider import PLAN, stream_of
from services.approval_tracking.views import open_items, planned_projects
from services.approval_tracking.views.units import UNITS
from services.approval_tracking.views.working_days import WORKING_DAYS
from shared.clock import SHANGHAI
from shared.deciding import Ask, Cause, handle
from shared.journal import Journal
from shared.relay import headers_of
from shared.viewing import Record
from tests.shared.reading import Reading, marker, opened, record

OWN, TOPIC = "siku.approval_tracking.v1", intake.TOPIC


class Home:
    """What the sweeps look into, and what of it was heard."""

    def __init__(self, pool: asyncpg.Pool, readings: dict[str, Reading]) -> None:
        """Begin with what is there."""
        self.pool = pool
        self.journal = Journal(pool, "approval_tracking")
        self._readings = readings
        self._told: dict[str, int] = {}
        self._heard = self._editions = 0

    async def pooled(self, pool: Pool = Pool.PREP, **columns: Any) -> UUID:
        """Let intake tell of a project that has entered a pool."""
        project_id = uuid4()
        await self.happen(
            project_id,
            ProjectPooled(
                project_id=project_id,
                owner_org="JC-ZZ",
                owner_name="泽州县",
                revision=1,
                facts=facts_of(**columns),
                pool=pool,
                transition="T02",
                report_month="2019-04",
                approved_on=date(2019, 4, 22),
            ),
        )
        return project_id

    async def corrected(self, project_id: UUID, **columns: Any) -> None:
        """Let intake tell that a project's columns are others now."""
        await self.happen(
            project_id,
            ProjectCorrected(
                project_id=project_id,
                application_id=uuid4(),
                revision=3,
                facts=facts_of(**columns),
                changed=tuple(columns),
                reason="重新核定",
                corrected_on=date(2019, 4, 22),
            ),
        )

    async def happen(self, project_id: UUID, fact: Fact, stream: str = "project") -> None:
        """Let intake tell something of a project."""
        name = f"{stream}-{project_id}"
        self._told[name] = self._told.get(name, 0) + 1
        key = {"ce_partitionkey": str(project_id).encode()}
        told = record(name, self._told[name], fact, topic=TOPIC, headers=key)
        await self._readings["planned_projects"].take(told)

    async def ask(self, project_id: UUID, command: Command, at: date) -> Sequence[Fact]:
        """Let somebody ask something of a plan; give what came of it."""
        now = datetime.combine(at, time(9), SHANGHAI)
        ask: Any = Ask(stream_of(project_id), str(project_id), command, lambda _: b"")
        asked = await handle(
            self.journal, PLAN, ask, Cause("a", "approver", "D-NRP", now, "c", "c")
        )
        return asked.wrote.facts if asked.wrote else ()

    async def hear(self) -> None:
        """Tell everything that happened, and let the views hear it."""
        while await self.pool.fetchval("select journal.sequence(500)"):
            pass
        rows = await self.pool.fetch(
            "select t.position, e.envelope, e.payload from journal.told t "
            "join journal.events e using (stream, version) where position > $1 order by 1",
            self._heard,
        )
        if not rows:
            return
        last = rows[-1]["position"]
        # The marker is the first record, so each fact lies at the offset of its position.
        await self.pool.fetchval(
            "select journal.acknowledge(acknowledged, $1, $2, $3, $4) from journal.relay",
            last,
            [OWN],
            [0],
            [last + 1],
        )
        for name in ("planned_projects", "open_items"):
            await self._readings[name].take(*map(_record, rows))
        self._heard = last

    async def revise(self, *days_off: date, on: date) -> int:
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
        told = record(
            "calendar-2019",
            self._editions,
            fact,
            topic=approval_tracking.REFERENCE_TOPIC,
            recorded=datetime.combine(on, time(9), SHANGHAI),
        )
        await self._readings["working_days"].take(told)
        WORKING_DAYS.__dict__["_last"] = None
        return self._editions

    async def facts(self, project_id: UUID) -> list[dict[str, Any]]:
        """Give what is stored of a plan."""
        rows = await self.pool.fetch(
            "select payload from journal.events where stream = $1 order by version",
            stream_of(project_id),
        )
        return [orjson.loads(row["payload"]) for row in rows]

    async def kinds(self, project_id: UUID) -> list[str]:
        """Name what is stored of a plan."""
        return [fact["kind"].split(".")[2] for fact in await self.facts(project_id)]


def facts_of(**columns: Any) -> ProjectFacts:
    """Give the columns of an enterprise's factory in 泽州县."""
    return ProjectFacts(
        **{
            "name": "巴公精密铸造园",
            "location": Location(region="140525"),
            "builder": Builder(name="金泽铸造有限公司"),
            "lead_side": LeadSide.MARKET,
            "category": Category.TRADITIONAL,
            "industry": "3391",
            "total_investment": 300_000_000,
            **columns,
        }
    )


async def home_on(pool: asyncpg.Pool) -> Home:
    """Stand at the beginning of a journal, its topics and its views; the units are known."""
    name = uuid4()
    await pool.execute("select journal.choose_marker($1, 0, $2)", OWN, name)
    await pool.execute("select journal.marker_sent($1, 0, 1)", OWN)
    views = (planned_projects.VIEW, open_items.VIEW, WORKING_DAYS.view, UNITS.view)
    readings = {view.name: await opened(pool, view) for view in views}
    for own in ("planned_projects", "open_items"):
        await readings[own].take(marker(str(name), topic=OWN))
    county = identity.OrganisationEstablished(
        organisation_id="JC-ZZ",
        name="泽州县人民政府",
        short_name="泽州县",
        aliases=(),
        organisation_kind="county",
        region="140525",
        zone_id="",
        planning_body=True,
        path="county",
        valid_from=date(2019, 1, 1),
    )
    await readings["units"].take(
        record("organisation-JC-ZZ", 1, county, topic=identity.REFERENCE_TOPIC)
    )
    return Home(pool, readings)


def _record(row: asyncpg.Record) -> Record:
    envelope = Envelope.model_validate_json(row["envelope"])
    headers = headers_of(envelope.model_dump(), row["position"], b"chain")
    return Record(OWN, 0, 0, envelope.partitionkey.encode(), [*headers], row["payload"])

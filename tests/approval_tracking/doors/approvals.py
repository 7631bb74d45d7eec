"""Projects in 前期库 with their plans, on a real database, and hands at the doors of approvals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import orjson

from contracts import approval_tracking, intake
from contracts.approval_tracking import Circumstances, LandMode, Management
from contracts.envelope import Fact
from contracts.intake import Builder, Location, Pool, ProjectFacts, ProjectPooled
from services.approval_tracking.approval_plan.commands import DrawUpPlan
from services.approval_tracking.approval_plan.decider import PLAN, stream_of
from services.approval_tracking.surroundings import drawing
from services.approval_tracking.views import planned_projects
from services.approval_tracking.views.planned_projects import ProjectRow
from services.approval_tracking.views.units import UNITS
from services.approval_tracking.views.working_days import WORKING_DAYS
from shared.deciding import Ask, Cause, handle
from shared.relay import headers_of
from shared.service import Runtime
from shared.viewing import Record
from tests.intake.doors.office import Office, fresh, key
from tests.shared.reading import Reading, opened
from tests.shared.writing import surrounded

SOCIAL = Circumstances(management=Management.FILING, flow="SY", land_mode=LandMode.GRANTED)
COMMITTED = Circumstances(management=Management.FILING, flow="CN", land_mode=LandMode.GRANTED)
PUBLIC = Circumstances(management=Management.APPROVAL, flow="GF", land_mode=LandMode.ALLOCATED)


@dataclass(frozen=True)
class Approvals:
    """The doors of approvals, and what they have heard of projects."""

    office: Office
    projects: Reading

    async def planned(
        self,
        owner: str = "JC-ZZ",
        region: str = "140525",
        of: Circumstances = SOCIAL,
        zone_id: str | None = None,
    ) -> str:
        """Give a project whose plan was drawn up."""
        project_id = uuid4()
        facts = ProjectFacts(
            name=fresh(), location=Location(region=region, zone_id=zone_id), builder=Builder()
        )
        await self.projects.take(
            _told(
                project_id,
                ProjectPooled(
                    project_id=project_id,
                    owner_org=owner,
                    owner_name=owner,
                    revision=1,
                    facts=facts,
                    pool=Pool.PREP,
                    transition="T02",
                    report_month="2019-04",
                    approved_on=date(2019, 4, 22),
                ),
            )
        )
        row = ProjectRow(owner_org=owner, region=region, zone_id=zone_id, revision=1)
        await drawn_up(self.office.app.state.runtime, project_id, row, of)
        return str(project_id)

    async def hear_of_plans(self) -> None:
        """Let the view hear of every plan that was told, as it would from Kafka."""
        rows = await self.office.pool.fetch(
            "select envelope, payload from journal.events"
            " where stream like 'approval-%' order by recorded, stream, version"
        )
        for row in rows:
            envelope = orjson.loads(row["envelope"])
            headers: list[tuple[str, bytes | None]] = [*headers_of(envelope, 1, b"\1")]
            key = envelope["partitionkey"].encode()
            await self.projects.take(
                Record(approval_tracking.TOPIC, 0, 0, key, headers, row["payload"])
            )

    async def act(self, who: str, project_id: str, item: str, act: str, **body: Any) -> Any:
        """Ask for an act that is not refused; give the reply."""
        answer = await self.ask(who, project_id, item, act, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ask(self, who: str, project_id: str, item: str, act: str, **body: Any) -> Any:
        """Ask for an act; give the answer, whatever it is."""
        path = f"/plans/{project_id}/items/{item}/{act}"
        return await self.office.ask(who, "POST", path, body, Idempotency_Key=key())

    async def plan(self, who: str, project_id: str) -> Any:
        """Read a plan."""
        answer = await self.office.ask(who, "GET", f"/plans/{project_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def item(self, who: str, project_id: str, item: str) -> Any:
        """Read an item of a plan."""
        plan = await self.plan(who, project_id)
        return next(one for one in plan["items"] if one["item"] == item)

    async def facts(self, project_id: str) -> list[tuple[dict[str, str], dict[str, Any]]]:
        """Give the facts of a plan as stored, each with its envelope."""
        rows = await self.office.pool.fetch(
            "select envelope, payload from journal.events where stream = $1 order by version",
            f"approval-{project_id}",
        )
        return [(orjson.loads(row["envelope"]), orjson.loads(row["payload"])) for row in rows]

    async def kinds(self, project_id: str) -> Sequence[str]:
        """Name what was told of a plan, after it was drawn up."""
        return [fact["kind"].split(".")[2] for _, fact in (await self.facts(project_id))[1:]]


async def drawn_up(
    runtime: Runtime, project_id: UUID, project: ProjectRow, of: Circumstances
) -> None:
    """Draw up the plan of a project in such circumstances."""
    today = runtime.clock.today()
    units = await UNITS.in_force(runtime.pool)
    command = DrawUpPlan(
        project_id=project_id,
        on=today,
        owner_org=project.owner_org or "",
        project_revision=project.revision or 0,
        circumstances=of,
        draw=drawing(project, units, today),
        days=await WORKING_DAYS.in_force(runtime.pool),
    )
    asked: Any = Ask(
        stream_of(project_id), str(project_id), command, lambda wrote: wrote.token.encode()
    )
    cause = Cause("system", "system", "system", runtime.clock.now(), "c", "c")
    await handle(runtime.journal, PLAN, asked, cause)


async def approvals_of(office: Office) -> Approvals:
    """Let the doors hear of projects."""
    return Approvals(office, await opened(office.pool, planned_projects.VIEW))


def _told(project_id: UUID, fact: Fact) -> Record:
    ((envelope, _),) = surrounded(f"project-{project_id}", 1, fact)
    envelope = envelope.model_copy(update={"partitionkey": str(project_id)})
    headers: list[tuple[str, bytes | None]] = [*headers_of(envelope.model_dump(), 1, b"\1")]
    body = fact.model_dump_json().encode()
    return Record(intake.TOPIC, 0, 0, str(project_id).encode(), headers, body)

"""A project's plan of approvals over HTTP: read whole, its circumstances, its agent."""

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import orjson
from fastapi import Depends, FastAPI, Request, Response

from contracts.approval_tracking import Circumstances, PlanEvent
from services.approval_tracking.approval_plan.circumstances import problems_in
from services.approval_tracking.approval_plan.commands import (
    AppointAgent,
    By,
    Command,
    ReleaseAgent,
    StateCircumstances,
)
from services.approval_tracking.approval_plan.decider import PLAN, stream_of
from services.approval_tracking.approval_plan.states import Plan, PlanState
from services.approval_tracking.doors.acting import Asker, by, demand_any, may_state
from services.approval_tracking.doors.outcomes import Telling
from services.approval_tracking.doors.plan_forms import AgentForm, CircumstancesForm, ReleaseForm
from services.approval_tracking.doors.showing import shown
from services.approval_tracking.policies import catalogue_of, policy_of
from services.approval_tracking.surroundings import drawing
from services.approval_tracking.views.planned_projects import ProjectRow, planned
from services.approval_tracking.views.units import UNITS
from services.approval_tracking.views.working_days import WORKING_DAYS
from shared.commanding import Asking, asking, kept_reply, replied
from shared.deciding import Ask, Wrote, handle
from shared.refusals import NotAllowed, NotFound, Problem, UnreadableInput
from shared.scope import APPROVAL_SCOPES
from shared.seeing import Row
from shared.service import Runtime
from shared.tokens import Actor, actor_of
from shared.units import Units

Asks = Annotated[Asking, Depends(asking)]
Who = Annotated[Actor, Depends(actor_of)]
_TAG: list[Any] = ["approval_plan"]


def plan_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add the routes of a plan as a whole."""
    door = _Plans(runtime)

    @app.get("/plans/{project_id}", tags=_TAG, summary="一个项目的审批计划")
    async def read(actor: Who, project_id: UUID, request: Request) -> Response:
        return await door.read(actor, project_id, request.headers.get("if-none-match", ""))

    @app.post("/plans/{project_id}/circumstances", tags=_TAG, summary="说明项目情况，调整计划")
    async def state(ask: Asks, project_id: UUID, body: CircumstancesForm) -> Response:
        return await door.state(ask, project_id, body)

    @app.post("/plans/{project_id}/agent", tags=_TAG, summary="确定代办员")
    async def appoint(ask: Asks, project_id: UUID, body: AgentForm) -> Response:
        return await door.appoint(ask, project_id, body)

    @app.post("/plans/{project_id}/agent/release", tags=_TAG, summary="解除代办")
    async def release(ask: Asks, project_id: UUID, body: ReleaseForm) -> Response:
        return await door.release(ask, project_id, body)


class Seen(NamedTuple):
    """A plan that somebody may know of, with what was heard of its project."""

    project: ProjectRow
    plan: Plan


class Door:
    """What the routes of plans and of items share."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def units(self) -> Units:
        """Give the units as far as they were heard."""
        return await UNITS.in_force(self._runtime.pool)

    async def asker(self, actor: Actor) -> Asker:
        """Give who asks, with what is his."""
        units = await self.units()
        return Asker(actor, units.reader(actor, self._runtime.clock.today()))

    async def by(self, actor: Actor) -> By:
        """Give who asks, for a command."""
        return by(actor, await self.units(), self._runtime.clock.today())

    async def look(self, asker: Asker, project_id: UUID) -> Callable[[PlanState], "Seen"]:
        """Give what gives a plan, or refuses it to whom it is none, as if it were absent."""
        scope = APPROVAL_SCOPES.seen_by(asker.reader)
        project = await planned(self._runtime.pool, project_id)

        def look(plan: PlanState) -> Seen:
            if project is None or not isinstance(plan, Plan):
                raise absent()
            if not scope.holds(row_of(project.project, plan)):
                raise absent()
            return Seen(project.project, plan)

        return look

    async def visible(self, asker: Asker, project_id: UUID) -> tuple[int, "Seen"]:
        """Give a plan that the asker may know of, and the version of its stream.

        Raises:
            NotFound: there is none, or it is out of his sight.
        """
        history = await self._runtime.journal.load(stream_of(project_id))
        look = await self.look(asker, project_id)
        return history.version, look(PLAN.fold(history.payloads))

    async def common(self, actor: Actor) -> dict[str, Any]:
        """Give what every act of somebody begins with, whatever item it is about."""
        return {
            "on": self._runtime.clock.today(),
            "by": await self.by(actor),
            "days": await WORKING_DAYS.in_force(self._runtime.pool),
            "catalogue_of": catalogue_of,
        }

    async def telling(self) -> Telling:
        """Give what words a reply."""
        return Telling(await self.units(), self._runtime.clock.today())


class _Plans(Door):
    """What stands behind the routes of a plan as a whole."""

    async def read(self, actor: Actor, project_id: UUID, seen: str) -> Response:
        asker = await self.asker(actor)
        version, (project, plan) = await self.visible(asker, project_id)
        etag = f'"{version}"'
        if seen == etag:
            return Response(status_code=304, headers={"ETag": etag})
        body = shown(
            project_id,
            project.name or "",
            version,
            plan,
            asker,
            {**await self.common(actor), "project_id": project_id},
            catalogue_of(self._runtime.clock.today()),
        )
        return Response(orjson.dumps(body), media_type="application/json", headers={"ETag": etag})

    async def state(self, ask: Asking, project_id: UUID, body: CircumstancesForm) -> Response:
        demand_any(ask.actor, "apply_for_items", "steer_approvals")
        asker = await self.asker(ask.actor)
        _, (of, plan) = await self.visible(asker, project_id)
        if not may_state(asker, plan):
            raise NotAllowed("只有项目单位、它的代办员和统筹审批的单位能说明项目情况。")
        today = self._runtime.clock.today()
        stated = Circumstances(
            management=body.management,
            flow=body.flow,
            land_mode=body.land_mode,
            answers={name: given for name, given in body.answers.items() if given is not None},
        )
        if problems := list(problems_in(stated, catalogue_of(today))):
            raise UnreadableInput(f"有 {len(problems)} 处填写有误，请按提示修改。", errors=problems)
        command = StateCircumstances(
            project_id=project_id,
            on=today,
            by=await self.by(ask.actor),
            management=body.management,
            flow=body.flow,
            land_mode=body.land_mode,
            answers=body.answers,
            draw=drawing(of, await self.units(), today),
            days=await WORKING_DAYS.in_force(self._runtime.pool),
            reason=body.reason,
        )
        return await self.handle(ask, asker, command)

    async def appoint(self, ask: Asking, project_id: UUID, body: AgentForm) -> Response:
        demand_any(ask.actor, "steer_approvals")
        today = self._runtime.clock.today()
        if (await self.units()).get(body.agent_org, today) is None:
            message = f"“{body.agent_org}”不在机构名录中。"
            problem = Problem(
                "agent_org", "代办员单位", "unit_unknown", message, "请选现有的单位。"
            )
            raise UnreadableInput("没有这个单位。", errors=[problem])
        command = AppointAgent(
            project_id=project_id,
            on=today,
            by=await self.by(ask.actor),
            agent=body.agent,
            agent_org=body.agent_org,
        )
        return await self.handle(ask, await self.asker(ask.actor), command)

    async def release(self, ask: Asking, project_id: UUID, body: ReleaseForm) -> Response:
        demand_any(ask.actor, "steer_approvals")
        command = ReleaseAgent(
            project_id=project_id,
            on=self._runtime.clock.today(),
            by=await self.by(ask.actor),
            reason=body.reason,
        )
        return await self.handle(ask, await self.asker(ask.actor), command)

    async def handle(
        self, ask: Asking, asker: Asker, command: StateCircumstances | AppointAgent | ReleaseAgent
    ) -> Response:
        """Carry out a command about the plan as a whole."""
        project_id, telling = command.project_id, await self.telling()

        look = await self.look(asker, project_id)

        def admit(plan: PlanState) -> None:
            look(plan)

        def reply(wrote: Wrote[PlanState, PlanEvent]) -> bytes:
            return kept_reply(200, telling.reply(project_id, wrote), wrote)

        asked: Ask[Command, PlanState, PlanEvent] = Ask(
            stream_of(project_id),
            str(project_id),
            command,
            reply,
            identity=ask.identity,
            if_match=ask.if_match,
            admit=admit,
        )
        policy = policy_of("approval_plan", command.on).sha256
        return replied(await handle(self._runtime.journal, PLAN, asked, ask.under(policy)))


def row_of(project: ProjectRow, plan: Plan) -> Row:
    """Give what of a plan decides who sees it."""
    return {
        "owner_org": project.owner_org,
        "region": project.region,
        "zone_id": project.zone_id,
        "pool": project.pool,
        "approving": approving(plan),
    }


def approving(plan: Plan) -> str:
    """Name the offices that have an item of a plan, as scopes read them."""
    offices = {
        office
        for item in plan.items.values()
        for office in (item.planned.handling, item.planned.competent)
    }
    return f",{','.join(sorted(offices))},"


def absent() -> NotFound:
    """Say that there is no such plan, whether there is one or not."""
    return NotFound("没有这个项目的审批计划，或它不在你单位的范围内。")

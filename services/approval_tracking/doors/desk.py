"""工作交接: items of an officer go to a colleague at once, each with its own outcome."""

from collections.abc import Iterator, Sequence
from uuid import UUID

import orjson
from fastapi import FastAPI, Response

from contracts.approval_tracking import PlanEvent
from services.approval_tracking.approval_plan.commands import Command, HandOver
from services.approval_tracking.approval_plan.decider import PLAN, stream_of
from services.approval_tracking.approval_plan.states import PlanState
from services.approval_tracking.doors.acting import Asker, demand_role
from services.approval_tracking.doors.items import Items
from services.approval_tracking.doors.plan_forms import DeskForm
from services.approval_tracking.doors.plans import Asks
from services.approval_tracking.policies import policy_of
from shared.commanding import Asking, key_required
from shared.deciding import Ask, Asked, handle_many
from shared.deciding import Command as Identity
from shared.journal import digest
from shared.refusals import Refusal
from shared.service import Runtime

Place = tuple[UUID, str]


def desk_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add the route that hands a desk over."""
    door = _Desk(runtime)

    @app.post("/desk/hand-over", tags=["item"], summary="批量转办、放回")
    async def hand_over(ask: Asks, body: DeskForm) -> Response:
        return await door.hand_over(ask, body)


class _Desk(Items):
    """What stands behind the route."""

    async def hand_over(self, ask: Asking, body: DeskForm) -> Response:
        demand_role(ask.actor, HandOver)
        key = key_required(ask)
        asker, common = await self.asker(ask.actor), await self.common(ask.actor)
        spelled = digest(body.model_dump_json(exclude={"items"}).encode())
        places = list(dict.fromkeys((one.project_id, one.item) for one in body.items))
        outcomes: dict[Place, Asked[PlanState, PlanEvent] | Refusal] = {}
        policy = policy_of("approval_plan", self._runtime.clock.today()).sha256
        for batch in _batches(places):
            asks = [
                await self._asked(
                    asker,
                    HandOver(
                        **common,
                        project_id=project_id,
                        item=item,
                        officer=body.officer,
                        reason=body.reason,
                    ),
                    Identity(f"{key}:{project_id}:{item}", spelled),
                )
                for project_id, item in batch
            ]
            done = await handle_many(self._runtime.journal, PLAN, asks, ask.under(policy))
            outcomes |= dict(zip(batch, done, strict=True))
        told = [outcomes[place] for place in places]
        to = "转给同事" if body.officer else "放回本单位待办"
        count = sum(isinstance(one, Asked) for one in told)
        refused = [
            {"project_id": str(project_id), "item": item, "code": one.code, "why": one.detail}
            for (project_id, item), one in zip(places, told, strict=True)
            if isinstance(one, Refusal)
        ]
        left = f"，{len(refused)} 项没有办成，原因见各项" if refused else ""
        return Response(
            orjson.dumps(
                {
                    "done": count,
                    "repeated": sum(isinstance(one, Asked) and one.wrote is None for one in told),
                    "wrote": [one.reply.decode() for one in told if isinstance(one, Asked)],
                    "refused": refused,
                    "message": f"已把 {count} 项{to}{left}。",
                }
            ),
            media_type="application/json",
        )

    async def _asked(
        self, asker: Asker, command: HandOver, identity: Identity
    ) -> Ask[Command, PlanState, PlanEvent]:
        return Ask(
            stream_of(command.project_id),
            str(command.project_id),
            command,
            lambda wrote: wrote.token.encode(),
            identity=identity,
            admit=await self.admit_act(asker, command),
        )


def _batches(places: Sequence[Place]) -> Iterator[list[Place]]:
    """Deal items out so that each batch asks every plan for one thing at most."""
    left = list(places)
    while left:
        batch = {project_id: (project_id, item) for project_id, item in reversed(left)}
        yield (chosen := list(batch.values()))
        left = [place for place in left if place not in set(chosen)]

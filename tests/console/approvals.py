"""A project's approvals being told: plans of the real catalogue, acts decided by the real rules."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import asyncpg

from contracts.approval_tracking import (
    Circumstances,
    LandMode,
    Management,
    PlanEvent,
    PlannedItem,
)
from contracts.envelope import Envelope, instant
from services.approval_tracking.approval_plan.commands import (
    Acted,
    By,
    Command,
    DrawUpPlan,
    TellDue,
)
from services.approval_tracking.approval_plan.decider import PLAN
from services.approval_tracking.approval_plan.drawing import Drawn, Offices, draw_up
from services.approval_tracking.approval_plan.states import PlanState
from services.approval_tracking.policies import catalogue_of
from services.console.wiring import AWAITED
from shared.clock import SHANGHAI
from shared.viewing import Told
from tests.approval_tracking.plans import DAYS
from tests.console.builders import POLICY, Dossier, hear

OFFICER = By(account="account-shenpi", role="approver", org="D-NRP")
PREP = date(2019, 4, 22)
FILED = Circumstances(
    management=Management.FILING, flow="SY", land_mode=LandMode.GRANTED, answers={}
)


@dataclass
class Approvals:
    """One project's approvals; each act is told at noon of its day, in the order of asking."""

    project: Dossier
    state: PlanState = PLAN.initial
    told: list[Told] = field(default_factory=list)

    def drawn_up(self, on: date = PREP, circumstances: Circumstances = FILED) -> "Approvals":
        """The plan was drawn up."""
        return self.asked(
            DrawUpPlan(
                project_id=self.project.project_id,
                on=on,
                owner_org=self.project.org,
                project_revision=1,
                circumstances=circumstances,
                draw=self._draw(on),
                days=DAYS,
            )
        )

    def did(
        self, act: Callable[..., Acted], item: str, on: date, by: By = OFFICER, **more: Any
    ) -> "Approvals":
        """Somebody did something about an item on a day."""
        return self.asked(
            act(
                project_id=self.project.project_id,
                on=on,
                by=by,
                item=item,
                days=DAYS,
                catalogue_of=catalogue_of,
                **more,
            ),
            by,
        )

    def come_to(self, on: date) -> "Approvals":
        """The clock told what a day had brought."""
        due = TellDue(
            project_id=self.project.project_id,
            on=on,
            days=DAYS,
            catalogue_of=catalogue_of,
            revised_on=PREP,
        )
        return self.asked(due)

    def asked(self, command: Command, by: By | None = None) -> "Approvals":
        """Carry a command out and tell what it came to."""
        facts = PLAN.decide(command, self.state)
        for fact in facts:
            self.state = PLAN.evolve(self.state, fact)
            self.told.append(self._telling(fact, command.on, by))
        return self

    def _draw(self, on: date) -> Any:
        def draw(
            circumstances: Circumstances,
            *,
            begun: Sequence[PlannedItem] = (),
            accepted: Collection[str] = (),
        ) -> Drawn:
            offices = Offices(self.project.org, self.project.org)
            return draw_up(circumstances, catalogue_of(on), offices, begun, accepted)

        return draw

    def _telling(self, fact: PlanEvent, on: date, by: By | None) -> Told:
        version = len(self.told) + 1
        stream = f"approval-{self.project.project_id}"
        event_id = str(uuid5(NAMESPACE_URL, f"{stream} {version}"))
        noon = datetime.combine(on, datetime.min.time(), SHANGHAI) + timedelta(hours=11)
        envelope = Envelope(
            id=event_id,
            type=fact.kind,
            source="/siku/approval_tracking",
            subject=stream,
            time=instant(noon.astimezone(UTC)),
            partitionkey=str(self.project.project_id),
            streamversion=str(version),
            occurred=on.isoformat(),
            actoraccount=by.account if by else "system",
            actorrole=by.role if by else "system",
            actororg=by.org if by else "system",
            correlationid=event_id,
            causationid=event_id,
            policy=POLICY,
        )
        payload = fact.model_dump_json().encode()
        return Told(envelope, fact, version, sha256(payload).hexdigest(), payload)


async def hear_of(pool: asyncpg.Pool, approvals: Approvals) -> None:
    """Let the console hear of approvals; what it has heard before it drops as a repeat."""
    for view in AWAITED["approval"]:
        await hear(pool, view, approvals.told)

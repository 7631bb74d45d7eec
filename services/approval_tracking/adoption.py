"""A row of results that a plan takes: the plan and the row that waited are told together.

They are two streams and two deciders; one of both lets an append hold both or neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, assert_never

from pydantic import Field, TypeAdapter

from contracts.approval_tracking import PlanEvent, ResultEvent
from services.approval_tracking.approval_plan.commands import Acted
from services.approval_tracking.approval_plan.decider import PLAN
from services.approval_tracking.approval_plan.states import INITIAL, PlanState
from services.approval_tracking.result.commands import MatchResult
from services.approval_tracking.result.decider import RESULT, NotSetAside, Result
from shared.deciding import Decider

AdoptionEvent = PlanEvent | ResultEvent
AdoptionCommand = MatchResult | tuple[Acted, ...]
"""What is asked of the row that waited, or else of the plan."""


@dataclass(frozen=True)
class Adoption:
    """What either stream has come to; of the other it knows nothing."""

    plan: PlanState = INITIAL
    result: Result = field(default_factory=NotSetAside)


def decide(command: AdoptionCommand, adoption: Adoption) -> Sequence[AdoptionEvent]:
    """Answer what is asked of one of the streams."""
    match command:
        case MatchResult():
            return RESULT.decide(command, adoption.result)
        case tuple():
            return told(command, adoption.plan)[0]
        case _:
            assert_never(command)


def told(commands: Sequence[Acted], plan: PlanState) -> tuple[list[PlanEvent], PlanState]:
    """Ask a plan one thing after another; give its facts and what it is then."""
    facts: list[PlanEvent] = []
    for command in commands:
        for fact in PLAN.decide(command, plan):
            facts.append(fact)
            plan = PLAN.evolve(plan, fact)
    return facts, plan


def evolve(adoption: Adoption, event: AdoptionEvent) -> Adoption:
    """Take in a fact of either stream."""
    if isinstance(event, ResultEvent):
        return replace(adoption, result=RESULT.evolve(adoption.result, event))
    return replace(adoption, plan=PLAN.evolve(adoption.plan, event))


ADOPTION: Decider[AdoptionCommand, Adoption, AdoptionEvent] = Decider(
    initial=Adoption(),
    decide=decide,
    evolve=evolve,
    read=TypeAdapter(Annotated[AdoptionEvent, Field(discriminator="kind")]),
    by_clock=lambda event: not isinstance(event, ResultEvent) and PLAN.by_clock(event),
)

"""A small catalogue of our own, and plans drawn with it, for stories about plans of approvals."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from contracts.approval_tracking import (
    Circumstances,
    ClockSort,
    ItemState,
    ItemTerm,
    LandMode,
    Management,
    Need,
    PlanEvent,
    PlannedItem,
    Stage,
    StageLimit,
    Track,
    Unit,
)
from contracts.reference import calendar_years
from services.approval_tracking.approval_plan.catalogue import Procedure, Terms
from services.approval_tracking.approval_plan.commands import (
    By,
    Command,
    DrawUpPlan,
    ItemCommand,
    TellDue,
)
from services.approval_tracking.approval_plan.decider import PLAN
from services.approval_tracking.approval_plan.drawing import Drawn
from services.approval_tracking.approval_plan.states import Item, Plan, PlanState
from shared.deadline import Calendar, Policy
from shared.testing import Story
from shared.working_days import FILE, InForce

PROJECT = UUID("0190d3a4-0000-7000-8000-000000000001")
DAYS = InForce(Calendar(calendar_years()), FILE)
APRIL_22, APRIL_23 = date(2019, 4, 22), date(2019, 4, 23)
LAST_DAY = date(2019, 12, 31)
OFFICER = By(account="a-officer", role="approver", org="D-NRP")
COLLEAGUE = By(account="a-colleague", role="approver", org="D-NRP")
UNIT = By(account="a-unit", role="county_reporter", org="JC-ZZ")
CITY = By(account="a-city", role="city_reviewer", org="D-DRC")


def days(length: int) -> ItemTerm:
    return ItemTerm(length=length, unit=Unit.WORKING_DAYS)


def every_day(length: int) -> ItemTerm:
    return ItemTerm(length=length, unit=Unit.CALENDAR_DAYS)


YELLOW = Policy(yellow_percent=50, yellow_working_days=3)


@dataclass(frozen=True)
class SmallCatalogue:
    """One edition: the terms of the items below."""

    valid_from: date
    of: Mapping[str, Terms]
    receipt_days: int = 5
    commitment_days: int = 60
    follow_up_days: int = 10
    yellow: Policy = YELLOW
    procedures: Mapping[str, Procedure] = field(
        default_factory=lambda: {"EXPERTS": Procedure("专家评审", "行政许可法第四十五条")}
    )

    def terms(self, item: str, of: Circumstances) -> Terms:  # noqa: ARG002
        return self.of[item]

    def extension(self, item: str) -> int:
        return 10 if self.of[item].statutory == days(20) else 0


_EARLY = SmallCatalogue(
    date(2019, 1, 1),
    {
        "A01": Terms(days(0), days(1)),
        "A10": Terms(days(20), days(10)),
        "A06": Terms(days(20), days(7)),
        "B05": Terms(days(20), days(7)),
        "C01": Terms(days(15), days(10)),
        "C03": Terms(None, None),
        "C06": Terms(every_day(15), days(5)),
        "D01": Terms(days(20), days(5)),
        "D06": Terms(None, None),
    },
)
_LATER = SmallCatalogue(date(2019, 4, 23), {**_EARLY.of, "C06": Terms(every_day(7), days(5))})


def catalogue_of(day: date) -> SmallCatalogue:
    return _LATER if day >= _LATER.valid_from else _EARLY


def planned(item: str, stage: Stage, **more: Any) -> PlannedItem:
    statutory, promised = _LATER.of[item]
    return PlannedItem(
        **{
            "item": item,
            "name": f"事项{item}",
            "stage": stage,
            "track": Track.MAIN,
            "need": Need.REQUIRED,
            "competent": "D-NRP",
            "handling": "D-NRP",
            "statutory": statutory,
            "promised": promised,
            **more,
        }
    )


ITEMS = (
    planned("A01", Stage.SITING),
    planned("A10", Stage.SITING, after=("A01",)),
    planned("A06", Stage.SITING, after=("A01",), need=Need.COMMITTED, gate=True),
    planned("B05", Stage.DESIGN, after=("A10",)),
    planned("C01", Stage.PERMIT, after=("A10",), beside=("B05",)),
    planned("C03", Stage.PERMIT, after=("A10",), track=Track.OUTSIDE),
    planned("C06", Stage.PERMIT, after=("B05", "C01", "C03"), gate=True),
    planned("D01", Stage.ACCEPTANCE, after=("C06",)),
    planned("D06", Stage.ACCEPTANCE, after=("C06",), track=Track.PARALLEL, handling="JC-ZZ"),
)
STAGES = (
    StageLimit(stage=Stage.SITING, name="立项用地规划许可", limit=15),
    StageLimit(stage=Stage.DESIGN, name="工程建设许可", limit=20),
    StageLimit(stage=Stage.PERMIT, name="施工许可", limit=20),
    StageLimit(stage=Stage.ACCEPTANCE, name="竣工验收", limit=15),
)
CIRCUMSTANCES = Circumstances(
    management=Management.FILING, flow="CN", land_mode=LandMode.GRANTED, answers={"energy": 2000}
)


def draw(
    circumstances: Circumstances,
    *,
    begun: Sequence[PlannedItem] = (),
    accepted: Collection[str] = (),
) -> Drawn:
    """Draw the small plan; a project that uses little energy needs no review of it."""
    held = {one.item: one for one in begun}
    energy = circumstances.answers.get("energy", 0)
    items = [held.get(one.item, one) for one in ITEMS if one.item != "A06" or energy]
    items += [one for one in begun if one not in items]
    return Drawn(date(2019, 1, 1), "承诺制一般工业", tuple(items), STAGES, 120)


def draw_up(on: date = APRIL_22, **more: Any) -> DrawUpPlan:
    return DrawUpPlan(
        **{
            "project_id": PROJECT,
            "on": on,
            "owner_org": "JC-ZZ",
            "project_revision": 1,
            "circumstances": CIRCUMSTANCES,
            "draw": draw,
            "days": DAYS,
            **more,
        }
    )


def act(kind: type[ItemCommand], item: str, day: date = APRIL_22, **more: Any) -> Any:
    """Ask for an act on an item on a day; it is asked on that day, unless ``on`` is given."""
    return kind(
        **{
            "project_id": PROJECT,
            "on": day,
            "happened_on": day,
            "by": OFFICER,
            "item": item,
            "days": DAYS,
            "catalogue_of": catalogue_of,
            **more,
        }
    )


def tell_due(on: date, known: InForce = DAYS, revised_on: date = APRIL_22) -> TellDue:
    return TellDue(
        project_id=PROJECT, on=on, days=known, revised_on=revised_on, catalogue_of=catalogue_of
    )


def told(*commands: Command) -> list[PlanEvent]:
    """Give what commands come to, one after another, from the beginning."""
    state: PlanState = PLAN.initial
    facts: list[PlanEvent] = []
    for command in commands:
        for fact in PLAN.decide(command, state):
            state = PLAN.evolve(state, fact)
            facts.append(fact)
    return facts


def after(*commands: Command) -> Story[Command, PlanState, PlanEvent]:
    """Give a story in which these commands were carried out."""
    return Story(PLAN).given(*told(*commands))


def plan_in(story: Story[Command, PlanState, PlanEvent]) -> Plan:
    """Give the plan of a story."""
    assert isinstance(story.state, Plan)
    return story.state


def item_in(story: Story[Command, PlanState, PlanEvent], name: str) -> Item:
    """Give an item of a story's plan."""
    return plan_in(story).items[name]


def state_of(story: Story[Command, PlanState, PlanEvent], name: str) -> ItemState:
    return item_in(story, name).state


def due_of(story: Story[Command, PlanState, PlanEvent], name: str, sort: ClockSort) -> date | None:
    return item_in(story, name).attempt.clocks[sort].due

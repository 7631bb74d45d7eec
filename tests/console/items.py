"""Plans and items of approvals as the console hears of them, counted on the real calendar."""

from datetime import date, datetime, time
from typing import Any

import asyncpg

from contracts.approval_tracking import (
    Circumstances,
    Clock,
    ClockSort,
    ItemAccepted,
    ItemGranted,
    ItemPaused,
    ItemTaken,
    LandMode,
    Management,
    Need,
    PlanDrawnUp,
    PlannedItem,
    ReadyToStart,
    Stage,
    StartedWithoutPermit,
    Track,
    Unit,
)
from contracts.envelope import Fact
from contracts.reference import calendar_years
from services.console.wiring import AWAITED
from shared.clock import SHANGHAI
from shared.deadline import Calendar, Pause, Period, Policy, Term, deadline
from shared.deadline import Unit as Counted
from tests.console.builders import SYSTEM, Dossier, _reference, hear

CALENDAR = Calendar(calendar_years())
YELLOW = Policy(yellow_percent=50, yellow_working_days=3)
NAMES = {
    "A13": "建设用地规划许可证",
    "B05": "设计方案审查",
    "B07": "建设工程规划许可证",
    "B01": "环境影响评价审批",
    "C06": "施工许可证",
}
OFFICES = {"A13": "D-NRP", "B05": "D-NRP", "B07": "D-NRP", "B01": "D-EEB", "C06": "D-ASP"}
PROMISED = {"A13": 5, "B05": 7, "B07": 7, "B01": 15, "C06": 5}


class Plan:
    """A project's plan being told, fact after fact, each on its day."""

    def __init__(self, dossier: Dossier) -> None:
        """Begin before anything was told."""
        self.dossier = dossier
        self.told: list[tuple[Fact, date]] = []
        self._accepted: dict[str, date] = {}

    def _tell(self, on: date, fact: Fact) -> "Plan":
        self.told.append((fact, on))
        return self

    def drawn_up(self, on: date, **changes: Any) -> "Plan":
        """The plan was drawn up, with all the items that are named here."""
        fields: dict[str, Any] = {
            "project_id": self.dossier.project_id,
            "owner_org": self.dossier.org,
            "edition": 1,
            "project_revision": self.dossier.revision,
            "circumstances": Circumstances(
                management=Management.FILING, flow="SY", land_mode=LandMode.GRANTED
            ),
            "flow_name": "一般社会投资（出让地）",
            "catalogue": date(2019, 4, 23),
            "items": tuple(map(planned, NAMES)),
            "stages": (),
            "total_limit": 120,
            "drawn_up_on": on,
        }
        return self._tell(on, PlanDrawnUp(**{**fields, **changes}))

    def accepted(self, item: str, on: date) -> "Plan":
        """An office took an item on."""
        self._accepted[item] = on
        fact = ItemAccepted(
            **self._of(item),
            handling=OFFICES[item],
            accepted_on=on,
            catalogue=date(2019, 4, 23),
            clocks=clocks(item, on, on),
        )
        return self._tell(on, fact)

    def taken(self, item: str, officer: str, on: date) -> "Plan":
        """An officer took an item on."""
        return self._tell(on, ItemTaken(**self._of(item), officer=officer))

    def paused(self, item: str, first: date) -> "Plan":
        """The clock of an item stands still from a day on."""
        stopped = clocks(
            item,
            self._accepted[item],
            first,
            pauses=(Pause(first, None, "专家评审", "行政许可法第四十五条"),),
        )
        fact = ItemPaused(
            **self._of(item),
            procedure="EXPERT_REVIEW",
            reason="专家评审",
            basis="行政许可法第四十五条",
            notice="晋规资停〔2019〕3号",
            first=first,
            expected_days=10,
            clocks=stopped,
        )
        return self._tell(first, fact)

    def granted(self, item: str, on: date, **changes: Any) -> "Plan":
        """An item was granted; whether late is counted."""
        stood = clocks(item, self._accepted[item], on)
        fields: dict[str, Any] = {
            **self._of(item),
            "handling": OFFICES[item],
            "granted_on": on,
            "document_number": f"晋市审〔2019〕{item}号",
            "late": tuple(one.sort for one in stood if one.red_from and on >= one.red_from),
            "clocks": stood,
        }
        return self._tell(on, ItemGranted(**{**fields, **changes}))

    def ready(self, on: date) -> "Plan":
        """Everything is there that must be before building starts."""
        return self._tell(
            on, ReadyToStart(project_id=self.dossier.project_id, items=("C06",), ready_on=on)
        )

    def started_unready(self, on: date) -> "Plan":
        """Building was told to have started before."""
        fact = StartedWithoutPermit(
            project_id=self.dossier.project_id, started_on=on, missing=("C06",), told_on=on
        )
        return self._tell(on, fact)

    def also(self, fact: Fact, on: date) -> "Plan":
        """Something else happened."""
        return self._tell(on, fact)

    def _of(self, item: str) -> dict[str, Any]:
        return {"project_id": self.dossier.project_id, "item": item, "attempt": 1}


def planned(item: str, **changes: Any) -> PlannedItem:
    """An item as a plan holds it."""
    fields: dict[str, Any] = {
        "item": item,
        "name": NAMES[item],
        "stage": Stage.SITING,
        "track": Track.MAIN,
        "need": Need.REQUIRED,
        "competent": "D-HCB" if item == "C06" else OFFICES[item],
        "handling": OFFICES[item],
        "gate": item == "C06",
    }
    return PlannedItem(**{**fields, **changes})


def clocks(
    item: str, start: date, on: date, *, pauses: tuple[Pause, ...] = ()
) -> tuple[Clock, Clock]:
    """Give both clocks of an item as they stand on a day."""
    return (
        _clock(ClockSort.STATUTORY, Term(20, Counted.WORKING_DAYS), start, on, pauses),
        _clock(ClockSort.PROMISED, Term(PROMISED[item], Counted.WORKING_DAYS), start, on, pauses),
    )


def _clock(sort: ClockSort, term: Term, start: date, on: date, pauses: tuple[Pause, ...]) -> Clock:
    found = deadline(Period(start, term, YELLOW, pauses=pauses), CALENDAR, on)
    return Clock(
        sort=sort,
        unit=Unit.WORKING_DAYS,
        start=start,
        total=found.total,
        elapsed=found.elapsed,
        due=found.due,
        yellow_from=found.yellow_from,
        red_from=found.red_from,
        provisional=found.provisional,
        calendar=0,
    )


async def hear_of_approvals(pool: asyncpg.Pool, *plans: Plan) -> None:
    """Let the console hear what was told of plans and their items."""
    told = []
    for plan in plans:
        key = str(plan.dossier.project_id)
        for version, (fact, on) in enumerate(plan.told, start=1):
            at = datetime.combine(on, time(10), SHANGHAI)
            one = _reference(fact, f"approval-{key}", version, at, SYSTEM)
            source = {"partitionkey": key, "source": "/siku/approval_tracking"}
            told.append(one._replace(envelope=one.envelope.model_copy(update=source)))
    for view in AWAITED["approval"]:
        await hear(pool, view, told)

"""Fills a demonstration: every body reports, the city and the province review in bulk.

Each workbook goes in under the example account of its own body, by the doors that the pages use,
and the reviewers' example accounts decide, so every fact names who could have done it. Run again
it goes on where it was cut off and doubles nothing.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

from contracts.reference import example_accounts
from contracts.reference.organisations import Organisation, planning_bodies
from examples.doors import Doors, Refused
from examples.projects import ON, projects
from examples.sheets import name_of, workbook_of

Step = Literal["报送", "市级初审", "省级审核"]

_AT_ONCE = 100
_TOGETHER = 4
_CITY, _PROVINCE = "shichushen", "shengshenhe"
_REPORTERS = {"county_reporter", "dept_reporter", "enterprise"}


class Fate(Enum):
    """What a demonstration makes of a project."""

    POOLED = "已入谋划库"
    WITH_CITY = "待市级初审"
    WITH_PROVINCE = "待省级审核"
    BACK_FROM_CITY = "市级退回"
    BACK_FROM_PROVINCE = "省级退回"


@dataclass(frozen=True)
class Progress:
    """How far the loading has come: so many of so many projects in this step."""

    step: Step
    done: int
    total: int
    at: str = ""


@dataclass
class Loaded:
    """What a loading came to. ``reported`` and ``reviewed`` count what was new this time."""

    projects: int = 0
    yuan: int = 0
    reported: int = 0
    reviewed: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return self.reported + self.reviewed > 0


Watch = Callable[[Progress], None]


def fate_of(number: int) -> Fate:
    """Say what a demonstration makes of the project with this place in the list."""
    match number % 20:
        case 3:
            return Fate.WITH_CITY
        case 9:
            return Fate.WITH_PROVINCE
        case 14:
            return Fate.BACK_FROM_CITY if number % 40 < 20 else Fate.BACK_FROM_PROVINCE
        case _:
            return Fate.POOLED


def fates() -> dict[Fate, int]:
    """Count what becomes of the projects."""
    found = [fate_of(number) for number in range(len(projects()))]
    return {fate: found.count(fate) for fate in Fate}


async def load(doors: Doors, watch: Watch) -> Loaded:
    """Load the example city through the doors of a demonstration.

    Raises:
        Refused: it is no demonstration, or a door said no.
        httpx.HTTPError: a service does not answer.
    """
    password = await doors.example_password()
    if password is None:
        raise Refused("这是正式环境，没有示例账号；示例城市只装入演示环境。")
    examples = await asyncio.to_thread(projects)
    loaded = Loaded(len(examples), sum(one.facts.total_investment or 0 for one in examples))
    ids = await _report(doors, password, watch, loaded)
    of: dict[Fate, list[str]] = {fate: [] for fate in Fate}
    for number, project_id in enumerate(ids):
        if project_id is not None:
            of[fate_of(number)].append(project_id)
    back = of[Fate.BACK_FROM_PROVINCE]
    city = _Desk(await doors.signed_in(_CITY, password), "first", "市级初审", watch, loaded)
    onward = [*of[Fate.POOLED], *of[Fate.WITH_PROVINCE], *back]
    await city.decide(
        ("PASS", "要素齐全，同意上报。", onward),
        ("RETURN", "请补充资金来源的证明材料。", of[Fate.BACK_FROM_CITY]),
    )
    reviewer = await doors.signed_in(_PROVINCE, password)
    province = _Desk(reviewer, "final", "省级审核", watch, loaded)
    await province.decide(
        ("PASS", "同意入库。", of[Fate.POOLED]),
        ("RETURN", "请核实建设规模与总投资是否相称。", back),
    )
    return loaded


Ids = list[str | None]
"""Projects in the order of the list; None where nobody can say any more which one it was."""


async def _report(doors: Doors, password: str, watch: Watch, loaded: Loaded) -> Ids:
    """Have every body report; give the ids of the projects."""
    reporters = {
        account.organisation: account.username
        for account in example_accounts()
        if account.role in _REPORTERS
    }
    few = asyncio.Semaphore(_TOGETHER)
    done = 0
    watch(Progress("报送", 0, loaded.projects))

    async def report(unit: Organisation) -> Ids:
        nonlocal done
        async with few:
            clerk = await doors.signed_in(reporters[unit.id], password)
            ids, new = await _report_one(clerk, unit)
        loaded.reported += new
        done += len(ids)
        watch(Progress("报送", done, loaded.projects, unit.short_name))
        return ids

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(report(unit)) for unit in planning_bodies(ON)]
    except ExceptionGroup as several:
        # One reason is enough: the others were most likely refused for the same.
        raise several.exceptions[0] from None
    return [project_id for task in tasks for project_id in task.result()]


async def _report_one(clerk: Doors, unit: Organisation) -> tuple[Ids, int]:
    name = name_of(unit)
    begun = [
        one
        for one in await clerk.ask("GET", "/workbooks")
        if one["file_name"] == name and one["state"] in {"accepting", "accepted"}
    ]
    if begun and not begun[0]["kept_until"]:
        # Loaded long ago: sent again, what was returned meanwhile would be reported anew.
        return [None] * begun[0]["rows"], 0
    upload = begun[0] if begun else await clerk.send(name, await _workbook(unit))
    if upload["wrong"]:
        raise Refused("；".join((await clerk.troubles(upload))[:5]))
    was_there = upload["state"] == "accepted"
    taken = await clerk.take_in(upload, "all")
    rows = await clerk.rows(upload, everything=True)
    return [row["project_id"] for row in rows], 0 if was_there else taken.accepted


async def _workbook(unit: Organisation) -> bytes:
    return await asyncio.to_thread(workbook_of, unit)


@dataclass
class _Desk:
    """One level of review, at work."""

    doors: Doors
    level: str
    step: Step
    watch: Watch
    loaded: Loaded

    async def decide(self, *verdicts: tuple[str, str, Sequence[str]]) -> None:
        """Give each verdict with its opinion on its projects, some at a time."""
        total = sum(len(ids) for _, _, ids in verdicts)
        done = 0
        self.watch(Progress(self.step, 0, total))
        for verdict, opinion, ids in verdicts:
            for chunk in _chunks(ids):
                said = await self.doors.ask(
                    "POST",
                    f"/reviews/{self.level}",
                    # The same every time: what was decided before is not decided again.
                    key=f"demo-{self.level}-{verdict}",
                    json={
                        "projects": [{"project_id": one, "on_revision": 1} for one in chunk],
                        "verdict": verdict,
                        "opinion": opinion,
                    },
                )
                self.loaded.reviewed += said["done"] - said["repeated"]
                self.loaded.refused += said["refused"]
                done += len(chunk)
                self.watch(Progress(self.step, done, total))


def _chunks(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[begin : begin + _AT_ONCE] for begin in range(0, len(ids), _AT_ONCE))

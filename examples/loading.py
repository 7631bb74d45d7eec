"""Fills a demonstration: stock, reports of every body, reviews in bulk, signings, moves.

Each workbook goes in under the example account of its own body, by the doors that the pages use,
and the reviewers' example accounts decide, so every fact names who could have done it. Run again
it goes on where it was cut off and doubles nothing.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

from contracts.reference import example_accounts
from contracts.reference.organisations import Organisation, planning_bodies
from examples import living
from examples.doors import Doors, Refused
from examples.projects import ON, projects
from examples.sheets import name_of, workbook_of

Step = Literal["期初装入", "报送", "市级初审", "省级审核", "招商签约", "调库", "标签"]

_AT_ONCE = 100
_TOGETHER = 4
_CITY, _PROVINCE = "shichushen", "shengshenhe"
_REPORTERS = {"county_reporter", "dept_reporter", "enterprise"}
_SIGNERS = {*_REPORTERS, "invest_office"}


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
    """What a loading came to.

    ``stocked``, ``reported`` and ``reviewed`` count what was new this time; ``signed`` and
    ``moved`` what there is.
    """

    projects: int = 0
    yuan: int = 0
    stocked: int = 0
    reported: int = 0
    reviewed: int = 0
    signed: int = 0
    moved: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return self.stocked + self.reported + self.reviewed > 0


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
    desk = await doors.signed_in(_CITY, password)
    await _load_stock(desk, watch, loaded)
    ids = await _report(doors, password, watch, loaded)
    of: dict[Fate, list[str]] = {fate: [] for fate in Fate}
    for number, project_id in enumerate(ids):
        if project_id is not None:
            of[fate_of(number)].append(project_id)
    back = of[Fate.BACK_FROM_PROVINCE]
    city = _Desk(desk, "first", "市级初审", watch, loaded)
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
    units = await _units(doors, password)
    await _sign(units, ids, watch, loaded)
    await _move(units, (city, province), ids, watch, loaded)
    await _tag(desk, ids, watch)
    return loaded


async def _units(doors: Doors, password: str) -> dict[str, Doors]:
    """Sign every unit in that reports or signs."""
    return {
        account.organisation: await doors.signed_in(account.username, password)
        for account in example_accounts()
        if account.role in _SIGNERS
    }


async def _load_stock(city: Doors, watch: Watch, loaded: Loaded) -> None:
    portions = living.loads()
    total, done = sum(map(len, portions)), 0
    watch(Progress("期初装入", 0, total))
    for number, rows in enumerate(portions):
        said = await living.load_stock(city, rows, number)
        loaded.stocked += said["loaded"]
        loaded.refused += [
            {"project_id": one["name"], "why": one["why"]}
            for one in said["rows"]
            if one["result"] == "REFUSED"
        ]
        done += len(rows)
        watch(Progress("期初装入", done, total))


async def _sign(units: Mapping[str, Doors], ids: "Ids", watch: Watch, loaded: Loaded) -> None:
    everything = living.all_signings()
    watch(Progress("招商签约", 0, len(everything)))
    for number, one in enumerate(everything):
        project = None
        if one.project is not None and fate_of(one.project) is Fate.POOLED:
            project = ids[one.project]
        await living.sign(units[one.owner], number, one, project)
        loaded.signed += 1
        watch(Progress("招商签约", number + 1, len(everything)))
    await living.hold_events(units)


async def _tag(city: Doors, ids: "Ids", watch: Watch) -> None:
    """Have the city mark what has entered a pool with the programmes that its form shows."""
    meant = [
        (project_id, code)
        for place, project_id in enumerate(ids)
        if project_id is not None and fate_of(place) is Fate.POOLED
        for code in living.tags_of(projects()[place].facts)
    ]
    watch(Progress("标签", 0, len(meant)))
    for done, (project_id, code) in enumerate(meant, start=1):
        await living.tag(city, project_id, code)
        watch(Progress("标签", done, len(meant)))


async def _move(
    units: Mapping[str, Doors],
    desks: tuple["_Desk", "_Desk"],
    ids: "Ids",
    watch: Watch,
    loaded: Loaded,
) -> None:
    """Have some projects move on: into preparation, then some of them to building."""
    pooled = [
        number
        for number, project_id in enumerate(ids)
        if project_id is not None and fate_of(number) is Fate.POOLED
    ]
    moves = living.movable(pooled)
    total = sum(map(len, moves.values()))
    watch(Progress("调库", 0, total))
    for transition, places in moves.items():
        revisions = {}
        for place in places:
            project_id = ids[place]
            if project_id is not None:
                unit = units[projects()[place].owner]
                revisions[project_id] = await living.apply(unit, project_id, transition)
        for desk in desks:
            await desk.pass_on(transition, revisions)
        loaded.moved += len(revisions)
        watch(Progress("调库", loaded.moved, total))


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
                await self._judge(verdict, opinion, dict.fromkeys(chunk, 1))
                done += len(chunk)
                self.watch(Progress(self.step, done, total))

    async def pass_on(self, transition: str, revisions: Mapping[str, int]) -> None:
        """Pass applications for a move, each in the edition that was applied with."""
        if revisions:
            await self._judge("PASS", "条件具备，同意。", revisions, f"-{transition}")

    async def _judge(
        self, verdict: str, opinion: str, revisions: Mapping[str, int], of: str = ""
    ) -> None:
        said = await self.doors.ask(
            "POST",
            f"/reviews/{self.level}",
            # The same every time: what was decided before is not decided again.
            key=f"demo-{self.level}-{verdict}{of}",
            json={
                "projects": [
                    {"project_id": one, "on_revision": revision}
                    for one, revision in revisions.items()
                ],
                "verdict": verdict,
                "opinion": opinion,
            },
        )
        self.loaded.reviewed += said["done"] - said["repeated"]
        self.loaded.refused += said["refused"]


def _chunks(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[begin : begin + _AT_ONCE] for begin in range(0, len(ids), _AT_ONCE))

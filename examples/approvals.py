"""Takes the example city's projects through their permits, day by day on the simulated clock.

Everybody does his own acts by the doors that the pages use: the unit hands in, the office behind
an item accepts, asks for corrections, pauses, grants. What is due follows from where each plan
stands and from the story of its project, so a walk that was cut off goes on.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from contracts.reference import example_accounts
from examples.doors import ApprovalDoors, Doors, Refused
from examples.permits import Step, Story, answers_of, due_steps, story_of
from examples.projects import ON

LASTS = timedelta(days=100)
"""From the first day of a demonstration: by then the fast are through and most are half way."""
_FRESH = 120.0
"""Seconds after which somebody signs in anew; a token lives a few minutes."""
_TOGETHER = 4
_STANDS = 10.0
"""Seconds in which no further plan may come: the example city is loaded in the background."""
_REPORTERS = ("county_reporter", "dept_reporter", "enterprise")
_AGENT = "daiban"
_OWN = "OWN"
"""Whose matter an item is that the project's unit does itself."""
_PLATFORM = "山西省投资项目在线审批监管平台（示例）"
_HASTY = 3
"""The place in the list of the project that begins to build before it may."""
_HASTY_AFTER, _STARTS_AFTER = timedelta(days=40), timedelta(days=5)

Row = Mapping[str, Any]
NextDay = Callable[[], Awaitable[date]]
"""Moves the simulated clock to the next morning and gives the day."""


@dataclass(frozen=True)
class Walk:
    """How far a walk has come: the day, the last one, and what was done so far."""

    day: date
    until: date
    acts: int


@dataclass
class Walked:
    """What a walk came to. ``left`` are the acts that a door refused, with what it said."""

    plans: int = 0
    acts: int = 0
    granted: int = 0
    corrections: int = 0
    pauses: int = 0
    ready: int = 0
    completed: int = 0
    left: dict[str, str] = field(default_factory=dict)


Watch = Callable[[Walk], None]


class _People:
    """The example accounts, each signed in when he is needed."""

    def __init__(self, approvals: ApprovalDoors, intake: Doors, password: str) -> None:
        self._approvals = approvals
        self._intake = intake
        self._password = password
        self._in: dict[str, tuple[float, ApprovalDoors]] = {}
        self._units: dict[str, str] = {}
        self._offices: dict[str, str] = {}
        for account in example_accounts():
            if account.role in _REPORTERS:
                self._units.setdefault(account.organisation, account.username)
            if account.role == "approver":
                self._offices.setdefault(account.organisation, account.username)

    async def named(self, username: str) -> ApprovalDoors:
        """Give approval tracking's door with an account before it."""
        since, door = self._in.get(username, (-_FRESH, self._approvals))
        if time.monotonic() - since > _FRESH:
            door = await self._approvals.signed_in(username, self._password)
            self._in[username] = time.monotonic(), door
        return door

    async def of_unit(self, organisation: str) -> ApprovalDoors:
        """Give approval tracking's door with a unit's reporter before it."""
        return await self.named(self._units[organisation])

    async def of_office(self, item: Mapping[str, Any]) -> ApprovalDoors:
        """Give the same with the office behind an item; what is the unit's own it does itself."""
        office = item["handling"]
        own = item["competent"] == _OWN or office not in self._offices
        return await self.named((self._units if own else self._offices)[office])

    async def at_intake(self, organisation: str) -> Doors:
        """Give intake's door with the unit that reported a project before it."""
        return await self._intake.signed_in(self._units[organisation], self._password)


@dataclass
class _Project:
    """A project on its way: its story, and its plan as it was read last."""

    project_id: str
    name: str
    code: str
    owner: str
    place: int
    story: Story
    plan: Mapping[str, Any]


async def walk(
    approvals: ApprovalDoors, intake: Doors, next_day: NextDay, today: date, watch: Watch
) -> Walked:
    """Walk from today to the last day; give what it came to.

    Raises:
        Refused: it is no demonstration, or no project has a plan.
        httpx.HTTPError: a service does not answer.
    """
    password = await approvals.example_password()
    if password is None:
        raise Refused("这是正式环境，没有示例账号；办理过程只在演示环境里演示。")
    people = _People(approvals, intake, password)
    projects = await _projects(people)
    if not projects:
        raise Refused("还没有项目有审批计划。请先 siku demo 装入示例城市，过几秒再来。")
    walked, until = Walked(plans=len(projects)), ON + LASTS
    town = _Town(people, projects, walked)
    await town.prepare(today)
    watch(Walk(today, until, walked.acts))
    while True:
        await town.work(today)
        watch(Walk(today, until, walked.acts))
        if today >= until:
            break
        today = await next_day()
    walked.ready = sum(bool(one.plan["ready"]) for one in projects)
    walked.completed = sum(bool(one.plan["acceptance_completed"]) for one in projects)
    return walked


async def standing(read: Callable[[], Awaitable[list[Row]]], stands: float) -> list[Row]:
    """Read rows until as many are there as so many seconds before: a city may still be loading."""
    rows = await read()
    while True:
        await asyncio.sleep(stands)
        later = await read()
        if len(later) == len(rows):
            return later
        rows = later


async def _plans(agent: ApprovalDoors) -> list[Row]:
    rows: list[Row] = []
    after = ""
    while True:
        said = await agent.ask("GET", f"/plans?after={after}")
        rows += said["plans"]
        if not said["next"]:
            return rows
        after = said["next"]


async def _projects(people: _People) -> list[_Project]:
    agent = await people.named(_AGENT)
    rows = await standing(lambda: _plans(agent), _STANDS)
    found = []
    for place, row in enumerate(sorted(rows, key=lambda row: (row["name"], row["project_id"]))):
        project_id, name = row["project_id"], row["name"]
        if row["closed"]:
            continue
        plan = await agent.ask("GET", f"/plans/{project_id}")
        found.append(
            _Project(
                project_id,
                name,
                row["project_code"] or "",
                row["owner_org"],
                place,
                story_of(name, place),
                plan,
            )
        )
    return found


class _Town:
    """Everybody at work on the projects."""

    def __init__(self, people: _People, projects: list[_Project], walked: Walked) -> None:
        self._people = people
        self._projects = projects
        self._walked = walked
        self._few = asyncio.Semaphore(_TOGETHER)

    async def prepare(self, today: date) -> None:
        """Have agents appointed, circumstances stated, and results of another platform come in."""
        agent = await self._people.named(_AGENT)
        await self._import(agent, today)
        account = next(one for one in example_accounts() if one.username == _AGENT)
        for one in self._projects:
            place = f"/plans/{one.project_id}"
            asked = sorted({key for item in one.plan["items"] for key in item["unanswered"]})
            if asked and one.place % 5:
                unit = await self._people.of_unit(one.owner)
                body = {
                    **{key: one.plan[key] for key in ("management", "flow", "land_mode")},
                    "answers": answers_of(one.name, asked),
                    "reason": "按可行性研究报告填写（示例）。",
                }
                await self._do(unit, f"{place}/circumstances", body, f"demo-{one.project_id}-facts")
            if one.place % 3 == 0 and not one.plan["agent"]:
                body = {"agent": agent.account, "agent_org": account.organisation}
                await self._do(agent, f"{place}/agent", body, f"demo-{one.project_id}-agent")
            one.plan = await agent.ask("GET", place)

    async def _import(self, agent: ApprovalDoors, today: date) -> None:
        """Let the provincial platform tell of codes that it gave, and of what fits nowhere here."""
        coded = [one for one in self._projects if one.code and one.place % 4 == 1][:8]
        rows = [
            {
                "platform": _PLATFORM,
                "project_code": one.code,
                "project_name": one.name,
                "item": "A01",
                "step": "办结",
                "happened_on": ON.isoformat(),
                "document_number": one.code,
            }
            for one in coded
            if today >= ON
        ]
        if coded:
            rows += _strange(coded[0])
        if rows:
            await agent.ask("POST", "/results", json={"rows": rows})

    async def work(self, today: date) -> None:
        """Have done what is due today in every plan."""
        await asyncio.gather(*(self._work_on(one, today) for one in self._projects))

    async def _work_on(self, one: _Project, today: date) -> None:
        async with self._few:
            steps = list(due_steps(one.plan, one.story, today))
            for step in steps:
                await self._step(one, step)
            if await self._build(one, today) or steps:
                agent = await self._people.named(_AGENT)
                one.plan = await agent.ask("GET", f"/plans/{one.project_id}")

    async def _step(self, one: _Project, step: Step) -> None:
        item = next(item for item in one.plan["items"] if item["item"] == step.item)
        key = f"demo-{one.project_id}-{step.item}-{step.act}-{item['attempt']}-{item['since']}"
        path = f"/plans/{one.project_id}/items/{step.item}/{step.act}"
        people = self._people
        door = await (people.of_unit(one.owner) if step.by_unit else people.of_office(item))
        if await self._do(door, path, step.body, key):
            self._walked.granted += step.act == "grant"
            self._walked.corrections += step.act == "ask-corrections"
            self._walked.pauses += step.act == "pause"

    async def _build(self, one: _Project, today: date) -> bool:
        """Begin to build: who is ready some days later, and one that is not."""
        hasty = one.place == _HASTY and today == ON + _HASTY_AFTER
        permit = next((i for i in one.plan["items"] if i["item"] == "C06"), None)
        granted = permit["done_on"] if permit else None
        begins = (
            bool(one.plan["ready"])
            and granted is not None
            and today == date.fromisoformat(granted) + _STARTS_AFTER
        )
        if not (hasty or begins):
            return False
        number = permit["document_number"] if permit and begins else "示例开工报告〔2019〕1号"
        body = {
            "what": "STARTED",
            "happened_on": today.isoformat(),
            "evidence": [{"sort": "start_report", "document_number": number}],
        }
        unit = await self._people.at_intake(one.owner)
        try:
            key = f"demo-{one.project_id}-start"
            await unit.ask("POST", f"/projects/{one.project_id}/works", key=key, json=body)
        except Refused as refused:
            self._walked.left[f"{one.name} 开工"] = str(refused)
        return True

    async def _do(self, door: ApprovalDoors, path: str, body: Mapping[str, Any], key: str) -> bool:
        try:
            await door.ask("POST", path, key=key, json=dict(body))
        except Refused as refused:
            self._walked.left[path] = str(refused)
            return False
        self._walked.acts += 1
        return True


def _strange(one: _Project) -> list[dict[str, str]]:
    """Give rows that a platform tells and no plan takes."""
    told = {"platform": _PLATFORM, "happened_on": ON.isoformat()}
    return [
        {
            **told,
            "project_code": "2019-140500-47-03-099001",
            "project_name": "邻市项目（示例）",
            "item": "A13",
            "step": "办结",
            "document_number": "地字第140500201900001号",
        },
        {**told, "project_code": one.code, "item": "特种设备使用登记", "step": "受理"},
        {**told, "project_code": one.code, "item": "C06", "step": "办结"},
    ]

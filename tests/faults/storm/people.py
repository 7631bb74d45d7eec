"""Who works through the storm: units that draft, revise and report, reviewers who pass or return.

Every command has a key of its own and is sent until it is answered, sometimes twice at once. Some
drafts are sent once and given up: such a command may have been carried out, but never twice.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.faults.clerks import Caller, form

REPORTERS = ("chengqu", "zezhou", "gaoping", "yangcheng", "lingchuan", "qinshui")
CITY = ("shichushen", "shichushen2")
PROVINCE = ("shengshenhe",)
_TWICE, _GIVEN_UP, _RETURNED, _SENT_BACK = 0.05, 0.04, 0.2, 0.1

DRAFTED = "intake.project.drafted.v1"
REVISED = "intake.project.revised.v1"
POOLED = "intake.project.pooled.v1"
SUBMITTED = "intake.review.submitted.v1"
PASSED_FIRST = "intake.review.passed_first.v1"
RETURNED = "intake.review.returned.v1"
APPROVED = "intake.review.approved.v1"


@dataclass(frozen=True)
class Acknowledged:
    """A command that was answered: the dossier, its version afterwards, the facts it must be."""

    project_id: str
    version: int
    kinds: tuple[str, ...]


@dataclass
class Book:
    """What everybody sent and what was answered."""

    sent: set[str] = field(default_factory=set)
    acknowledged: dict[str, Acknowledged] = field(default_factory=dict)
    given_up: set[str] = field(default_factory=set)
    newest: Acknowledged | None = None
    answers: int = 0

    def note(self, key: str, reply: dict[str, Any], kinds: tuple[str, ...]) -> None:
        """Write an answer down."""
        self.newest = Acknowledged(reply["project_id"], reply["version"], kinds)
        self.acknowledged[key] = self.newest
        self.answers += 1


@dataclass(frozen=True)
class Case:
    """A dossier on a desk, in the edition that lies there."""

    project_id: str
    revision: int
    reporter: str


Review = Callable[[str, Case, str], Awaitable[None]]


class Office:
    """Everybody at work, desk to desk."""

    def __init__(self, callers: dict[str, Caller], pause: float) -> None:
        """Give everybody a desk; ``pause`` is the longest rest between two commands."""
        self.callers = callers
        self.book = Book()
        self._pause = pause
        self._city: asyncio.Queue[Case] = asyncio.Queue()
        self._province: asyncio.Queue[Case] = asyncio.Queue()
        self._back: dict[str, asyncio.Queue[Case]] = {name: asyncio.Queue() for name in REPORTERS}

    async def work(self, over: asyncio.Event) -> None:
        """Work until it is over; whatever was begun is finished."""
        async with asyncio.TaskGroup() as together:
            for name in REPORTERS:
                together.create_task(self._report(name, over), name=name)
            for name in CITY:
                together.create_task(self._review(name, self._city, self._review_first, over))
            for name in PROVINCE:
                together.create_task(self._review(name, self._province, self._review_finally, over))

    async def _report(self, name: str, over: asyncio.Event) -> None:
        number = 0
        dice = self.callers[name].dice
        while not over.is_set():
            number += 1
            if dice.random() < _GIVEN_UP:
                await self._give_up(name, f"{name}-{number}-given-up")
            while not self._back[name].empty():
                case = self._back[name].get_nowait()
                revision = await self._revise(name, case.project_id, f"{name}-{number}-back")
                await self._submit(name, case.project_id, revision, f"{name}-{number}-again")
                number += 1
            await self._new_dossier(name, f"{name}-{number}")

    async def _new_dossier(self, name: str, key: str) -> None:
        dice = self.callers[name].dice
        body = form(key, dice)
        if dice.random() < 0.3:
            reply = await self._carry_out(
                name, "POST", "/projects?report=true", body, key, (DRAFTED, SUBMITTED)
            )
            self._city.put_nowait(Case(reply["project_id"], reply["revision"], name))
            return
        reply = await self._carry_out(name, "POST", "/projects", body, key, (DRAFTED,))
        project_id, revision = reply["project_id"], reply["revision"]
        for turn in range(dice.randint(0, 3)):
            revision = await self._revise(name, project_id, f"{key}-revised-{turn}")
        await self._submit(name, project_id, revision, f"{key}-reported")

    async def _revise(self, name: str, project_id: str, key: str) -> int:
        body = form(key, self.callers[name].dice)
        reply = await self._carry_out(name, "PUT", f"/projects/{project_id}", body, key, (REVISED,))
        return int(reply["revision"])

    async def _submit(self, name: str, project_id: str, revision: int, key: str) -> None:
        path = f"/projects/{project_id}/report"
        await self._carry_out(name, "POST", path, {"not_secret": True}, key, (SUBMITTED,))
        self._city.put_nowait(Case(project_id, revision, name))

    async def _give_up(self, name: str, key: str) -> None:
        """Send a draft and do not wait for the answer."""
        caller = self.callers[name]
        self.book.given_up.add(key)
        try:
            async with asyncio.timeout(caller.dice.uniform(0.005, 0.1)):
                await caller.send("POST", "/projects", form(key, caller.dice), key)
        except (TimeoutError, httpx.HTTPError):
            return

    async def _review(
        self, name: str, desk: "asyncio.Queue[Case]", review: Review, over: asyncio.Event
    ) -> None:
        number = 0
        while not over.is_set():
            try:
                async with asyncio.timeout(0.2):
                    case = await desk.get()
            except TimeoutError:
                continue
            number += 1
            await review(name, case, f"{name}-{number}")

    async def _review_first(self, name: str, case: Case, key: str) -> None:
        returns = self.callers[name].dice.random() < _RETURNED
        await self._carry_out(
            name,
            "POST",
            f"/projects/{case.project_id}/first-review",
            {
                "verdict": "RETURN" if returns else "PASS",
                "on_revision": case.revision,
                "opinion": "请补充资金来源说明。" if returns else "同意。",
            },
            key,
            (RETURNED,) if returns else (PASSED_FIRST,),
        )
        (self._back[case.reporter] if returns else self._province).put_nowait(case)

    async def _review_finally(self, name: str, case: Case, key: str) -> None:
        returns = self.callers[name].dice.random() < _SENT_BACK
        await self._carry_out(
            name,
            "POST",
            f"/projects/{case.project_id}/final-review",
            {
                "verdict": "RETURN" if returns else "PASS",
                "on_revision": case.revision,
                "opinion": "请市里重新核对。" if returns else "同意入库。",
                "to": "CITY" if returns else "REPORTER",
            },
            key,
            (RETURNED,) if returns else (APPROVED, POOLED),
        )
        if returns:
            self._city.put_nowait(case)

    async def _carry_out(
        self,
        name: str,
        method: str,
        path: str,
        body: dict[str, Any],
        key: str,
        kinds: tuple[str, ...],
    ) -> dict[str, Any]:
        """Send a command until it is answered, sometimes twice at once, and note the answer."""
        caller = self.callers[name]
        self.book.sent.add(key)
        times = 2 if caller.dice.random() < _TWICE else 1
        replies = await asyncio.gather(
            *(caller.insist(method, path, body, key) for _ in range(times))
        )
        if any(reply != replies[0] for reply in replies):
            raise AssertionError(f"{key}: one command, two answers: {replies}")
        self.book.note(key, replies[0], kinds)
        await asyncio.sleep(caller.dice.uniform(0, self._pause))
        return replies[0]


async def office(
    http: httpx.AsyncClient, identity: str, doors: list[str], seed: int, pause: float = 0.3
) -> Office:
    """Call everybody to work."""
    examples = (await http.get(f"{identity}/accounts/examples")).json()
    return Office(
        {
            name: Caller(
                http,
                identity,
                doors,
                name,
                examples["password"],
                random.Random(f"{seed}-{name}"),  # noqa: S311
            )
            for name in (*REPORTERS, *CITY, *PROVINCE)
        },
        pause,
    )

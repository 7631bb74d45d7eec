"""One verdict on many projects, sent on in parts beside the requests; kept until it was looked at.

Only the progress is kept here. What is decided is intake's, and each part goes out under a key of
its own, so a part that is sent again happens once.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import structlog
from pydantic import JsonValue

from services.console.adapters.intake import IntakeRefused
from services.console.adapters.office import Begun
from services.console.adapters.workbooks import Refused, Reviewed
from services.console.pages.frame import Site
from services.console.pages.session import Visit
from shared.refusals import NotSignedIn, Unavailable

PART = 500
_PATIENCE = 120.0
_PAUSE = 2.0
_KEPT = 64

log = structlog.get_logger()


@dataclass(frozen=True)
class Item:
    """A project on the edition that was looked at."""

    project_id: str
    revision: int
    name: str = ""
    owner_name: str = ""
    money: int = 0


@dataclass
class Work:
    """One verdict on many projects, and how far it has come."""

    work_id: str
    account: str
    path: str
    body: Mapping[str, JsonValue]
    items: Sequence[Item]
    state: Literal["running", "finished", "halted"] = "running"
    tried: int = 0
    done: int = 0
    done_money: int = 0
    wrote: str = ""
    term: Begun | None = None
    why: str = ""
    waiting: bool = False
    refused: list[tuple[Item, Refused]] = field(default_factory=list)

    @property
    def mark(self) -> str:
        """Changes whenever there is something new to show."""
        return f"{self.state}-{self.tried}-{'waiting' if self.waiting else 'going'}"

    def parts(self) -> Iterator[tuple[int, Sequence[Item]]]:
        """Give the parts that go out together, with their numbers."""
        for number, begin in enumerate(range(0, len(self.items), PART)):
            yield number, self.items[begin : begin + PART]

    def note(self, part: Sequence[Item], reviewed: Reviewed) -> None:
        """Note what became of a part."""
        by_id = {item.project_id: item for item in part}
        refused = {one.project_id: one for one in reviewed.refused if one.project_id in by_id}
        self.refused += [(by_id[project_id], one) for project_id, one in refused.items()]
        self.tried += len(part)
        self.done += len(part) - len(refused)
        self.done_money += sum(item.money for item in part if item.project_id not in refused)
        self.wrote = reviewed.wrote[-1] if reviewed.wrote else self.wrote
        self.term = reviewed.term or self.term


class Works:
    """The bulk work that runs or has lately run in this process."""

    def __init__(self, site: Site) -> None:
        """Bind to what the pages stand on."""
        self._site = site
        self._works: OrderedDict[str, Work] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    def find(self, work_id: str, visit: Visit) -> Work | None:
        """Give a work of this account."""
        work = self._works.get(work_id)
        return work if work and work.account == visit.actor.account else None

    def begin(self, work: Work, visit: Visit) -> None:
        """Begin a work; what has begun under its id goes on as it is."""
        if work.work_id in self._works:
            return
        self._works[work.work_id] = work
        for old in [key for key, one in self._works.items() if one.state != "running"][:-_KEPT]:
            del self._works[old]
        task = asyncio.create_task(self._carry_out(work, visit))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry_out(self, work: Work, visit: Visit) -> None:
        try:
            for number, part in work.parts():
                work.note(part, await self._send(work, number, part, visit))
            work.state = "finished"
        except IntakeRefused as refused:
            work.why = refused.problem.detail or refused.problem.title
        except NotSignedIn:
            work.why = "登录已到期，请重新登录后把余下的再办一次。"
        except Unavailable as silent:
            work.why = f"{silent.detail}请稍后把余下的再办一次，办过的不会重复。"
        finally:
            work.waiting = False
            if work.state == "running":
                work.state = "halted"
                work.why = work.why or "中途停下了，请把余下的再办一次，办过的不会重复。"

    async def _send(self, work: Work, number: int, part: Sequence[Item], visit: Visit) -> Reviewed:
        projects: list[JsonValue] = [
            {"project_id": item.project_id, "on_revision": item.revision} for item in part
        ]
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                token = await self._site.sessions.token(visit.session, "intake")
                answer = await self._site.intake.review_many(
                    token,
                    work.path,
                    {**work.body, "projects": projects},
                    key=f"{work.work_id}-{number}",
                )
            except Unavailable as silent:
                if time.monotonic() > until:
                    raise
                log.warning("bulk_review_waits", work=work.work_id, error=silent.detail)
                work.waiting = True
                await asyncio.sleep(_PAUSE)
            else:
                work.waiting = False
                return Reviewed.model_validate_json(answer)

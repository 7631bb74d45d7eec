"""示例城市: one click fills a demonstration, so that the first look at the board is full of life.

The console speaks for nobody here: each body's workbook goes in under the example account of that
body, and the reviewers' example accounts decide. A real home has no such accounts and no such page.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Literal, get_args

import structlog
from fastapi import APIRouter, Request, Response

from examples.doors import FAILURES, Refused
from examples.loading import Loaded, Progress, Step, Watch, fates
from examples.signings import signings
from examples.stock import stock, total
from services.console.pages import importing
from services.console.pages.frame import Site
from services.console.pages.session import Visit
from shared.refusals import NotAllowed, NotFound
from shared.scope import may

Load = Callable[[Watch], Awaitable[Loaded]]

ADDRESS = "/example-city"
STEPS: tuple[Step, ...] = get_args(Step)
_SILENT = "身份或申报服务暂时没有回应。"

log = structlog.get_logger()


@dataclass
class Loading:
    """One loading, and how far it has come."""

    state: Literal["running", "finished", "halted"] = "running"
    progress: Progress | None = None
    loaded: Loaded | None = None
    why: str = ""

    @property
    def mark(self) -> str:
        """Changes whenever there is something new to show."""
        return f"{self.state}-{self.step}-{self.progress.done if self.progress else 'none'}"

    @property
    def step(self) -> int:
        """Which step is at work."""
        return STEPS.index(self.progress.step) if self.progress else 0


class Loader:
    """The loading that runs or has lately run in this process; only its progress is kept here."""

    def __init__(self, load: Load) -> None:
        """Bind to what carries it out."""
        self._load = load
        self._task: asyncio.Task[None] | None = None
        self.last: Loading | None = None

    def begin(self) -> None:
        """Begin a loading, unless one runs."""
        if self.last is None or self.last.state != "running":
            self.last = Loading()
            self._task = asyncio.create_task(self._carry_out(self.last))

    async def _carry_out(self, loading: Loading) -> None:
        def watch(progress: Progress) -> None:
            loading.progress = progress

        try:
            loading.loaded = await self._load(watch)
            loading.state = "finished"
        except FAILURES as failed:
            log.warning("example_city_halted", error=repr(failed))
            loading.why = str(failed) if isinstance(failed, Refused) else _SILENT
        finally:
            if loading.state == "running":
                loading.state = "halted"
                loading.why = loading.why or "中途停下了。"


def pages(site: Site) -> APIRouter:
    """Give the routes of the example city."""
    router = APIRouter()
    loader = Loader(site.load_examples)

    async def operator(request: Request) -> Visit:
        if not site.clock.demonstration:
            raise NotFound("没有这个地址。")
        visit = await site.visit(request)
        if not may(visit.actor, "operate"):
            raise NotAllowed("示例城市由系统管理员装入，请用 admin 登录。")
        return visit

    @router.get(ADDRESS)
    async def show(request: Request, seen: str = "") -> Response:
        visit = await operator(request)
        loading = loader.last
        if loading and seen == loading.mark and request.headers.get("HX-Request"):
            return Response(status_code=204)
        # The page shows one moment of a loading that goes on while it is put together.
        loading = replace(loading) if loading else None
        return await site.render(
            request,
            "example_city.html",
            visit,
            title="示例城市",
            current="examples",
            loading=loading,
            steps=_steps(loading),
            fates=fates(),
            stock={"count": len(stock()), "yi": f"{total():.1f}"},
            signings=len(signings()),
        )

    @router.post(ADDRESS)
    async def begin(request: Request) -> Response:
        await operator(request)
        loader.begin()
        return site.turn(request, ADDRESS)

    return router


def _steps(loading: Loading | None) -> tuple[importing.Step, ...]:
    """Say which step is done, at work or to come; the last one is to look at it."""
    notes = (
        "以前年度的存量项目",
        "31 家单位各报一份附件 1",
        "市发改委批量办理",
        "省发改委批量办理",
        "线索、合同和市外活动",
        "转前期、转建设",
        "专项和名单",
    )
    at = loading.step if loading else -1
    whole = loading is not None and loading.state == "finished"
    steps = []
    for number, (name, note) in enumerate(zip(STEPS, notes, strict=True)):
        state: Literal["past", "now", ""] = "now" if number == at else ""
        if whole or number < at:
            state = "past"
        counted = loading.progress if loading and state == "now" else None
        words = f"{counted.done:,} / {counted.total:,} 项" if counted else note
        steps.append(importing.Step(name, state, words))
    return (*steps, importing.Step("看板", "now" if whole else "", "四库看板随即更新"))

"""The calendar's HTTP door: everybody signed in may read it, one role keeps it."""

import asyncio
from typing import Annotated, Any
from urllib.parse import quote

import orjson
from fastapi import Depends, FastAPI, Request, Response, UploadFile

from contracts.approval_tracking import CALENDAR, YearEvent
from services.approval_tracking.calendar.commands import CalendarCommand, Days
from services.approval_tracking.calendar.decider import YEAR, NotEntered, Year, stream_of
from services.approval_tracking.calendar.sheet import LARGEST, read_sheet, write_sheet
from services.approval_tracking.doors.calendar_forms import (
    CheckForm,
    EstimateForm,
    PublishForm,
    ReviseForm,
    shown,
    written,
)
from shared.commanding import Asking, asking, kept_reply, replied
from shared.deadline.calendars import FIRST, LAST
from shared.deciding import Ask, Wrote, handle
from shared.refusals import NotAllowed, NotFound
from shared.scope import may
from shared.service import Runtime
from shared.spreadsheets import Spreadsheet
from shared.tokens import Actor, actor_of

Asks = Annotated[Asking, Depends(asking)]
Who = Annotated[Actor, Depends(actor_of)]


def calendar_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add the calendar's routes."""
    door = _Door(runtime)

    @app.get("/calendar/years", tags=["calendar"], summary="各年工作日历")
    async def years(_: Who) -> list[dict[str, Any]]:
        return await door.years()

    @app.get("/calendar/years/{year}", tags=["calendar"], summary="一年的工作日历")
    async def one(_: Who, year: int, request: Request) -> Response:
        version, found = await door.load(year)
        if isinstance(found, NotEntered):
            raise NotFound(f"{year} 年的工作日历还没有录入，期限按周一至周五暂计。")
        etag = f'"{version}"'
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers={"ETag": etag})
        return Response(
            orjson.dumps(shown(year, version, found)),
            media_type="application/json",
            headers={"ETag": etag},
        )

    @app.get(
        "/calendar/years/{year}/sheet",
        tags=["calendar"],
        summary="一年的表格，可改后上传",
        response_class=Spreadsheet,
    )
    async def sheet(actor: Who, year: int) -> Response:
        return await door.sheet(actor, year)

    @app.post("/calendar/years/{year}/sheet", tags=["calendar"], summary="读取表格，不写入")
    async def read_file(actor: Who, year: int, file: UploadFile) -> dict[str, Any]:
        _demand_keeper(actor)
        data = await file.read(LARGEST + 1)
        return written(await asyncio.to_thread(read_sheet, data, year))

    @app.post("/calendar/years/{year}/publish", tags=["calendar"], summary="公布一年")
    async def publish(ask: Asks, year: int, body: PublishForm) -> Response:
        return await door.carry_out(ask, body.command(year))

    @app.post("/calendar/years/{year}/revise", tags=["calendar"], summary="按新通知修订一年")
    async def revise(ask: Asks, year: int, body: ReviseForm) -> Response:
        return await door.carry_out(ask, body.command(year))

    @app.post("/calendar/years/{year}/estimate", tags=["calendar"], summary="暂定没有通知的一年")
    async def estimate(ask: Asks, year: int, body: EstimateForm) -> Response:
        return await door.carry_out(ask, body.command(year))

    @app.post("/calendar/years/{year}/check", tags=["calendar"], summary="只核对，不写入")
    async def check(actor: Who, year: int, body: CheckForm) -> dict[str, Any]:
        return await door.check(actor, body.command(year))


class _Door:
    """What the calendar's routes share."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def years(self) -> list[dict[str, Any]]:
        numbers = range(FIRST.year, LAST.year + 1)
        found = await self._runtime.journal.load_many([stream_of(year) for year in numbers])
        return [
            shown(year, history.version, YEAR.fold(history.payloads))
            for year in numbers
            if (history := found[stream_of(year)]).version
        ]

    async def load(self, year: int) -> tuple[int, Year]:
        history = await self._runtime.journal.load(stream_of(year))
        return history.version, YEAR.fold(history.payloads)

    async def sheet(self, actor: Actor, year: int) -> Response:
        _demand_keeper(actor)
        if not FIRST.year <= year <= LAST.year:
            raise NotFound(f"工作日历只有 {FIRST.year} 至 {LAST.year} 年。")
        _, found = await self.load(year)
        days = Days((), ()) if isinstance(found, NotEntered) else found.days
        name = quote(f"{year}年工作日历.xlsx")
        return Spreadsheet(
            await asyncio.to_thread(write_sheet, year, days),
            headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
        )

    async def check(self, actor: Actor, command: CalendarCommand) -> dict[str, Any]:
        _demand_keeper(actor)
        version, year = await self.load(command.year)
        return {"version": version, "new": bool(YEAR.decide(command, year))}

    async def carry_out(self, ask: Asking, command: CalendarCommand) -> Response:
        _demand_keeper(ask.actor)

        def reply(wrote: Wrote[Year, YearEvent]) -> bytes:
            return kept_reply(200, shown(command.year, wrote.version, wrote.state), wrote)

        asked = await handle(
            self._runtime.journal,
            YEAR,
            Ask(
                stream_of(command.year),
                CALENDAR,
                command,
                reply,
                identity=ask.identity,
                if_match=ask.if_match,
            ),
            ask.cause,
        )
        return replied(asked)


def _demand_keeper(actor: Actor) -> None:
    if not may(actor, "keep_calendar"):
        raise NotAllowed("你的角色不能维护工作日历。请由系统管理员按放假通知录入。")

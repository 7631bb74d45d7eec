"""办理结果 over HTTP: rows of other platforms are taken, or wait for a person who settles them.

A load may be sent again whole: what was taken or set aside before is nothing new. So nothing of a
sheet is kept: it is checked, marked and taken from the file that comes along each time.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, FastAPI, Query, Response, UploadFile
from pydantic import AfterValidator

from contracts.approval_tracking import ResultEvent
from services.approval_tracking.adoption import ADOPTION
from services.approval_tracking.approval_plan.decider import PLAN
from services.approval_tracking.approval_plan.decider import stream_of as plan_stream_of
from services.approval_tracking.doors.acting import by
from services.approval_tracking.doors.result_forms import (
    MOST_ROWS,
    DismissForm,
    MatchForm,
    ResultsForm,
    outcome,
    shown_result,
)
from services.approval_tracking.doors.result_rows import Load, Row, Said, match_ask, plan_ask
from services.approval_tracking.policies import catalogue_of, policy_of
from services.approval_tracking.result.adopting import Adopting, UnknownCode
from services.approval_tracking.result.commands import DismissResult, ResultCommand
from services.approval_tracking.result.decider import (
    RESULT,
    Matched,
    Result,
    ResultAlreadySettled,
    Waiting,
    absent,
    stream_of,
)
from services.approval_tracking.result.sheet import CODE_TITLE, said_in, write_template
from services.approval_tracking.views import results_aside
from services.approval_tracking.views.planned_projects import coded
from services.approval_tracking.views.units import UNITS
from services.approval_tracking.views.working_days import WORKING_DAYS
from shared.commanding import Asking, asking, key_required
from shared.deciding import Ask, Cause, handle, handle_many
from shared.refusals import NotAllowed, Refusal
from shared.scope import may
from shared.service import Runtime
from shared.spreadsheets import Spreadsheet, spreadsheet
from shared.tokens import Actor, actor_of
from shared.workbook.limits import LARGEST, check_container
from shared.workbook.marking import CellProblem, TablePlace
from shared.workbook.refusals import TooManyRows
from shared.workbook.table import TableRead
from shared.workbook.table_child import mark_in_child, table_in_child

Asks = Annotated[Asking, Depends(asking)]
Who = Annotated[Actor, Depends(actor_of)]
State = Literal["WAITING", "MATCHED", "DISMISSED"]
PAGE = 50
_TAGS: list[Any] = ["result"]


def _place(after: str) -> str:
    """Refuse a place in the list that begins with no day."""
    if after:
        date.fromisoformat(after.partition(" ")[0])
    return after


After = Annotated[
    str,
    Query(pattern=r"^(\d{4}-\d{2}-\d{2} result-[0-9a-f-]{36})?$"),
    AfterValidator(_place),
]


def result_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add the routes of results."""
    door = _Results(runtime)

    @app.post("/results", tags=_TAGS, summary="导入办理结果")
    async def load(ask: Asks, body: ResultsForm) -> dict[str, Any]:
        return await door.load(ask, body.said())

    @app.get("/results", tags=_TAGS, summary="没有对上的办理结果")
    async def listed(
        actor: Who,
        state: State = "WAITING",
        after: After = "",
    ) -> dict[str, Any]:
        _demand(actor)
        return await door.listed(state, after)

    @app.get("/results/template", tags=_TAGS, summary="办理结果表模板", response_class=Spreadsheet)
    async def template(actor: Who) -> Response:
        _demand(actor)
        return await door.template()

    @app.post("/results/workbook", tags=_TAGS, summary="导入一份表；check=true 只核对")
    async def workbook(ask: Asks, file: UploadFile, *, check: bool = False) -> dict[str, Any]:
        _demand(ask.actor)
        return await door.workbook(ask, await file.read(LARGEST + 1), check=check)

    @app.post(
        "/results/workbook/marked",
        tags=_TAGS,
        summary="核对一份表，标出有错的单元格",
        response_class=Spreadsheet,
    )
    async def marked(ask: Asks, file: UploadFile) -> Response:
        _demand(ask.actor)
        return await door.marked(ask, await file.read(LARGEST + 1))

    @app.get("/results/{result_id}", tags=_TAGS, summary="一行没有对上的办理结果")
    async def one(actor: Who, result_id: UUID) -> dict[str, Any]:
        _demand(actor)
        return await door.one(result_id)

    @app.post("/results/{result_id}/match", tags=_TAGS, summary="匹配到项目和事项")
    async def match(ask: Asks, result_id: UUID, body: MatchForm) -> dict[str, Any]:
        _demand(ask.actor)
        return await door.match(ask, result_id, body)

    @app.post("/results/{result_id}/dismiss", tags=_TAGS, summary="不采用")
    async def dismiss(ask: Asks, result_id: UUID, body: DismissForm) -> dict[str, Any]:
        _demand(ask.actor)
        return await door.dismiss(ask, result_id, body)


def _demand(actor: Actor) -> None:
    if not may(actor, "import_results"):
        raise NotAllowed("你的角色不能导入办理结果。请由市发改委、代办员或有此权限的机器账号办理。")


class _Results:
    """What the routes share."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def load(self, ask: Asking, said: list[Said]) -> dict[str, Any]:
        """Take rows: each comes to something, and all that it came to is said."""
        _demand(ask.actor)
        load = await self._load(ask)
        return outcome(await load.taken(await load.judged(said), self._cause(ask)))

    async def workbook(self, ask: Asking, data: bytes, *, check: bool) -> dict[str, Any]:
        """Take the rows of a sheet, or say what would become of them."""
        read = await self._read(data)
        load = await self._load(ask)
        rows = await load.judged(_said(read))
        return outcome(rows if check else await load.taken(rows, self._cause(ask)))

    async def marked(self, ask: Asking, data: bytes) -> Response:
        """Give the same file with every wrong cell marked, and what no plan would take."""
        read = await self._read(data)
        rows = await (await self._load(ask)).judged(_said(read))
        problems = {row.number: found for row in rows if (found := _cells(row, read))}
        table = TablePlace(read.sheet, read.header_row, read.columns)
        return spreadsheet(await mark_in_child(data, table, problems), "办理结果（已标注）.xlsx")

    async def template(self) -> Response:
        """Give the empty sheet."""
        today = self._runtime.clock.today()
        items = {code: one.name for code, one in catalogue_of(today).items.items()}
        made = await asyncio.to_thread(write_template, items, today)
        return spreadsheet(made, "办理结果.xlsx")

    async def listed(self, state: str, after: str) -> dict[str, Any]:
        """Give rows of a state, the latest first; what was settled just now is seen at once."""
        day, _, key = after.partition(" ")
        place = (date.fromisoformat(day), key) if after else None
        pool, journal = self._runtime.pool, self._runtime.journal
        found = await results_aside.listed(pool, state, place, PAGE)
        told = await journal.load_many([stream_of(one.result_id) for one in found])
        rows = []
        for one in found:
            history = told[stream_of(one.result_id)]
            result = RESULT.fold(history.payloads)
            rows.append(shown_result(one.result_id, history.version, result))
        last = found[-1] if len(found) == PAGE else None
        return {
            "counts": await results_aside.counted(pool),
            "rows": [row for row in rows if row["state"] == state],
            "next": f"{last.row.came_on} {stream_of(last.result_id)}" if last else None,
        }

    async def one(self, result_id: UUID) -> dict[str, Any]:
        """Give a row as it stands."""
        return shown_result(result_id, *await self._result(result_id))

    async def match(self, ask: Asking, result_id: UUID, body: MatchForm) -> dict[str, Any]:
        """Let the plan take a row, and settle the row in the same append."""
        key_required(ask)
        _, result = await self._result(result_id)
        adopting = await self._adopting(ask.actor)
        project_id = (await self._projects([body.project_code])).get(body.project_code)
        if project_id is None:
            raise UnknownCode(f"没有项目用代码 {body.project_code}，或它还不在库中。")
        match result:
            case Waiting(row=row):
                history = await self._runtime.journal.load(plan_stream_of(project_id))
                plan = PLAN.fold(history.payloads)
                commands = adopting.commands(row, project_id, body.item, plan)
                asks = [plan_ask(row, commands), match_ask(row, commands[0], adopting)]
                for one in await handle_many(
                    self._runtime.journal, ADOPTION, asks, self._cause(ask), together=True
                ):
                    if isinstance(one, Refusal):
                        raise one
            case Matched(project_id=same, item=item) if (same, item) == (project_id, body.item):
                pass
            case _:
                raise ResultAlreadySettled("这一行已经处理过，请刷新页面。")
        return await self.one(result_id)

    async def dismiss(self, ask: Asking, result_id: UUID, body: DismissForm) -> dict[str, Any]:
        """Settle a row that no plan shall take."""
        key_required(ask)
        await self._result(result_id)
        stream = stream_of(result_id)
        command = DismissResult(
            result_id=result_id, on=self._runtime.clock.today(), reason=body.reason
        )
        dismissal: Ask[ResultCommand, Result, ResultEvent] = Ask(
            stream,
            stream,
            command,
            lambda wrote: wrote.token.encode(),
            identity=ask.identity,
            if_match=ask.if_match,
        )
        await handle(self._runtime.journal, RESULT, dismissal, ask.cause)
        return await self.one(result_id)

    async def _result(self, result_id: UUID) -> tuple[int, Result]:
        history = await self._runtime.journal.load(stream_of(result_id))
        if not history.version:
            raise absent()
        return history.version, RESULT.fold(history.payloads)

    async def _read(self, data: bytes) -> TableRead:
        check_container(data)
        read = await table_in_child(data, CODE_TITLE)
        if len(read.rows) > MOST_ROWS:
            raise TooManyRows(f"超过 {MOST_ROWS:,} 行。请分成几份上传。")
        return read

    async def _load(self, ask: Asking) -> Load:
        return Load(self._runtime.journal, await self._adopting(ask.actor), self._projects)

    async def _adopting(self, actor: Actor) -> Adopting:
        today, pool = self._runtime.clock.today(), self._runtime.pool
        asker = by(actor, await UNITS.in_force(pool), today)
        return Adopting(asker, today, await WORKING_DAYS.in_force(pool), catalogue_of)

    async def _projects(self, codes: Sequence[str]) -> Mapping[str, UUID]:
        return await coded(self._runtime.pool, codes)

    def _cause(self, ask: Asking) -> Cause:
        return ask.under(policy_of("approval_plan", self._runtime.clock.today()).sha256)


def _said(read: TableRead) -> list[Said]:
    return [(row.number, said_in(row.cells)) for row in read.rows]


def _cells(row: Row, read: TableRead) -> list[CellProblem]:
    """Put what is wrong to its cell; what no plan would take to the project code, as a hint."""
    letter = partial(_letter, read)
    found = [
        CellProblem(one.field, letter(one.label), one.rule, one.message, one.remedy)
        for one in row.problems
    ]
    if row.verdict == "SET_ASIDE":
        remedy = "导入后留待人工匹配。"
        title = CODE_TITLE
        found.append(
            CellProblem("project_code", letter(title), row.code, row.why, remedy, hint=True)
        )
    return found


def _letter(read: TableRead, title: str) -> str:
    return read.columns.get(title, read.columns[CODE_TITLE])

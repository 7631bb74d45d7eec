"""The sheet of a month at the door: fetched with the unit's projects in it, checked, taken in.

A sheet that is sent lies with the unit's files for as long as evidence that nothing names; what is
checked is found anew each time, against what has been reported by then.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, Path, Response, UploadFile

from contracts.intake import ProgressEvent
from services.intake.doors.acting import by, own_unit
from services.intake.doors.forms import Body, in_ten_thousands
from services.intake.doors.http import Door, demand_act
from services.intake.doors.progress import AMonth
from services.intake.doors.progress_rows import Checking, Own, Row
from services.intake.doors.workbooks import refuse_telling_name
from services.intake.dossier import DOSSIER, project_of
from services.intake.policies import policy_of, report_due, report_rules_of
from services.intake.progress.commands import Command, MonthDue, ReportProgress
from services.intake.progress.decider import PROGRESS, stream_of
from services.intake.progress.sheet import PROJECT, Line, write_sheet
from services.intake.progress.states import Progress
from services.intake.progress.underway import underway
from services.intake.project.decider import Dossier
from services.intake.views.working_days import WORKING_DAYS
from shared.commanding import Asking, asking, key_required
from shared.deadline.terms import months_after
from shared.deciding import Ask, Asked, handle_many
from shared.deciding import Command as Identity
from shared.journal import MOST_STREAMS
from shared.refusals import Refusal
from shared.service import Runtime
from shared.spreadsheets import XLSX, Spreadsheet, spreadsheet
from shared.tokens import Actor, actor_of
from shared.workbook.limits import LARGEST, check_container
from shared.workbook.marking import TablePlace
from shared.workbook.table import TableRead
from shared.workbook.table_child import mark_in_child, table_in_child

Asks = Annotated[Asking, Depends(asking)]
Who = Annotated[Actor, Depends(actor_of)]
Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


class TakeForm(Body):
    """接收: the rows that are right; the sheet stands in the address."""


def progress_sheet_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add the routes of a month's sheet."""
    door = _Sheets(runtime)
    place = "/progress/{month}/workbook"

    @app.get(
        place,
        tags=["progress"],
        summary="一个月的表，已填好本单位的项目",
        response_class=Spreadsheet,
    )
    async def template(actor: Who, month: AMonth) -> Response:
        demand_act(actor, "report")
        return await door.template(actor, month)

    @app.post(place, status_code=201, tags=["progress"], summary="上传并核对，不写入月报")
    async def receive(ask: Asks, month: AMonth, file: UploadFile) -> dict[str, Any]:
        demand_act(ask.actor, "report")
        data = await file.read(LARGEST + 1)
        return await door.receive(ask, month, data, file.filename or "月报.xlsx")

    @app.get(place + "/{sha256}", tags=["progress"], summary="核对结果")
    async def checked(ask: Asks, month: AMonth, sha256: Sha256) -> dict[str, Any]:
        demand_act(ask.actor, "report")
        return await door.checked(ask, month, sha256)

    @app.get(
        place + "/{sha256}/marked",
        tags=["progress"],
        summary="标注文件",
        response_class=Spreadsheet,
    )
    async def marked(ask: Asks, month: AMonth, sha256: Sha256) -> Response:
        demand_act(ask.actor, "report")
        return await door.marked(ask, month, sha256)

    @app.post(place + "/{sha256}/take", tags=["progress"], summary="接收正确的行")
    async def take(ask: Asks, month: AMonth, sha256: Sha256, _: TakeForm) -> dict[str, Any]:
        demand_act(ask.actor, "report")
        return await door.take(ask, month, sha256)


class _Sheets:
    """What the routes share."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._dossiers = Door(runtime)

    async def template(self, actor: Actor, month: str) -> Response:
        own = await self._own(actor)
        unit = own_unit(actor, await self._dossiers.units(), self._runtime.clock.today())
        before = f"{months_after(date.fromisoformat(f'{month}-01'), -1):%Y-%m}"
        lines = [
            Line(
                str(project_id),
                one.project.name,
                in_ten_thousands(
                    one.progress.invested_in_year(before) if before[:4] == month[:4] else 0
                ),
                in_ten_thousands(one.progress.invested_until(before)),
                "" if (total := one.project.total_investment) is None else in_ten_thousands(total),
                one.progress.milestones_before(month),
            )
            for project_id, one in own.items()
            if one.project.goes_on
        ]
        rules = report_rules_of(self._runtime.clock.today())
        return spreadsheet(write_sheet(month, unit.short_name, lines, rules), f"{month}月报.xlsx")

    async def receive(self, ask: Asking, month: str, data: bytes, name: str) -> dict[str, Any]:
        """Keep a sheet and check it; nothing of it is reported yet."""
        refuse_telling_name(name)
        check_container(data)
        read = await table_in_child(data, PROJECT)
        days = policy_of("evidence", self._runtime.clock.today()).values
        until = ask.cause.now + timedelta(days=days["unnamed_expire_after_days"])
        kept = await self._runtime.files.keep(data, name[:200], XLSX, ask.actor.org, until)
        return _shown(kept.sha256, read, await self._rows(ask, month, read))

    async def checked(self, ask: Asking, month: str, sha256: str) -> dict[str, Any]:
        """Check a sheet again that was sent before."""
        read = await table_in_child(await self._kept(ask, sha256), PROJECT)
        return _shown(sha256, read, await self._rows(ask, month, read))

    async def marked(self, ask: Asking, month: str, sha256: str) -> Response:
        """Give the same file with every wrong cell marked."""
        data = await self._kept(ask, sha256)
        read = await table_in_child(data, PROJECT)
        rows = await self._rows(ask, month, read)
        table = TablePlace(read.sheet, read.header_row, read.columns)
        problems = {row.number: row.problems for row in rows if row.problems}
        return spreadsheet(
            await mark_in_child(data, table, problems), f"{month}月报（已标注）.xlsx"
        )

    async def take(self, ask: Asking, month: str, sha256: str) -> dict[str, Any]:
        """Report what is right; a row that was taken in before is nothing new."""
        key = key_required(ask)
        read = await table_in_child(await self._kept(ask, sha256), PROJECT)
        rows = await self._rows(ask, month, read)
        asks = [_asked(row.command, key, sha256) for row in rows if row.command]
        cause = ask.under(policy_of("progress", self._runtime.clock.today()).sha256)
        outcomes: list[Asked[Progress, ProgressEvent] | Refusal] = []
        for begin in range(0, len(asks), MOST_STREAMS):
            part = asks[begin : begin + MOST_STREAMS]
            outcomes += await handle_many(self._runtime.journal, PROGRESS, part, cause)
        refused = [one.detail for one in outcomes if isinstance(one, Refusal)]
        written = [one.reply.decode() for one in outcomes if isinstance(one, Asked)]
        return {
            "reported": len(written),
            "wrote": written,
            "refused": refused,
            "left": sum(row.verdict in {"WRONG", "HINTS"} for row in rows),
            "unchanged": sum(row.verdict == "UNCHANGED" for row in rows),
        }

    async def _kept(self, ask: Asking, sha256: str) -> bytes:
        return await self._runtime.files.read(sha256, ask.actor.org, ask.cause.now)

    async def _rows(self, ask: Asking, month: str, read: TableRead) -> list[Row]:
        today, units = self._runtime.clock.today(), await self._dossiers.units()
        due = report_due(month, await WORKING_DAYS.in_force(self._runtime.pool))
        checking = Checking(
            today, by(ask.actor, units, today), MonthDue(month=month, due=due), units
        )
        return checking.rows(read, await self._own(ask.actor))

    async def _own(self, actor: Actor) -> dict[UUID, Own]:
        """Give the projects of the unit, and of those that it took over, in order of their names.

        Every project holds its name for its unit.
        """
        units, today = await self._dossiers.units(), self._runtime.clock.today()
        journal = self._runtime.journal
        streams = [
            stream
            for org in (actor.org, *units.heir_of(actor.org, today))
            for stream in await journal.streams_holding(f"name:{org}")
        ]
        dossiers = {
            project_of(stream): DOSSIER.fold(history.payloads).project
            for stream, history in (await journal.load_many(streams)).items()
        }
        found = {key: underway(one) for key, one in dossiers.items() if isinstance(one, Dossier)}
        told = await journal.load_many([stream_of(project_id) for project_id in found])
        own = {
            key: Own(one, PROGRESS.fold(told[stream_of(key)].payloads))
            for key, one in found.items()
        }
        return dict(sorted(own.items(), key=lambda one: one[1].project.name))


def _asked(command: ReportProgress, key: str, sha256: str) -> Ask[Command, Progress, ProgressEvent]:
    stream = stream_of(command.project_id)
    return Ask(
        stream,
        str(command.project_id),
        command,
        lambda wrote: wrote.token.encode(),
        identity=Identity(f"{key}:{command.project_id}", bytes.fromhex(sha256)),
    )


def _shown(sha256: str, read: TableRead, rows: Sequence[Row]) -> dict[str, Any]:
    counts = {
        verdict.lower(): sum(row.verdict == verdict for row in rows)
        for verdict in ("ACCEPTABLE", "WRONG", "HINTS", "UNCHANGED", "EMPTY")
    }
    return {
        "sha256": sha256,
        "sheet": read.sheet,
        **counts,
        "rows": [
            {
                "number": row.number,
                "project_id": row.project_id,
                "name": row.name,
                "verdict": row.verdict,
                "problems": [asdict(problem) for problem in row.problems],
            }
            for row in rows
            if row.verdict != "EMPTY"
        ],
    }

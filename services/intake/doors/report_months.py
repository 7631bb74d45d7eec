"""本月无新增 over HTTP: said by a planning body of its own month, and taken back."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Path, Response

from contracts.intake import Month, ReportMonthEvent
from services.intake.doors.acting import own_unit
from services.intake.doors.forms import Body
from services.intake.dossier import DOSSIER
from services.intake.policies import policy_of
from services.intake.report_month.commands import ReportNothingNew, WithdrawNothingNew
from services.intake.report_month.decider import REPORT_MONTH, ReportMonth, stream_of
from services.intake.report_month.standing import stands_reported
from services.intake.views.units import UNITS
from shared.commanding import Asking, asking, kept_reply, key_required, replied
from shared.deciding import Ask, Wrote, handle
from shared.refusals import NotAllowed
from shared.scope import may
from shared.service import Runtime
from shared.units import Unit

Asks = Annotated[Asking, Depends(asking)]
AMonth = Annotated[Month, Path()]


class NothingNewForm(Body):
    """本月无新增; the month stands in the address, the body in the token."""


def report_month_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add the routes of a body's month."""
    door = _Door(runtime)

    @app.post(
        "/report-months/{month}/nothing-new",
        tags=["report_month"],
        summary="报本月无新增（零报告）",
    )
    async def report(ask: Asks, month: AMonth, _: NothingNewForm) -> Response:
        return await door.report(ask, month)

    @app.post(
        "/report-months/{month}/nothing-new/withdraw",
        tags=["report_month"],
        summary="撤回本月无新增",
    )
    async def withdraw(ask: Asks, month: AMonth, _: NothingNewForm) -> Response:
        return await door.withdraw(ask, month)


class _Door:
    """What the routes share."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def report(self, ask: Asking, month: str) -> Response:
        unit = await self._unit(ask)
        command = ReportNothingNew(
            org=ask.actor.org,
            org_name=unit.short_name,
            planning_body=unit.planning_body and unit.stands_on(self._runtime.clock.today()),
            month=month,
            on=self._runtime.clock.today(),
            projects=await self._reported(ask.actor.org, month),
        )
        return await self._handle(
            ask,
            command,
            f"已报 {month} 本月无新增（零报告），计为已报送。当月之内可以撤回，也可以再报项目。",
        )

    async def withdraw(self, ask: Asking, month: str) -> Response:
        await self._unit(ask)
        command = WithdrawNothingNew(org=ask.actor.org, month=month, on=self._runtime.clock.today())
        return await self._handle(
            ask, command, f"已撤回 {month} 的本月无新增。没有报送项目的，本月又是未报。"
        )

    async def _unit(self, ask: Asking) -> Unit:
        if not may(ask.actor, "report"):
            raise NotAllowed("你的角色不能报本月无新增。请用有这项职责的账号登录。")
        units = await UNITS.in_force(self._runtime.pool)
        return own_unit(ask.actor, units, self._runtime.clock.today())

    async def _reported(self, org: str, month: str) -> int:
        """Count the unit's projects that stand reported for a month.

        Every dossier holds its name for its unit; what was rejected for good holds none, and
        whoever has reported nothing else may well have nothing new.
        """
        streams = await self._runtime.journal.streams_holding(f"name:{org}")
        histories = await self._runtime.journal.load_many(streams)
        return sum(
            stands_reported(map(DOSSIER.read.validate_json, history.payloads), month)
            for history in histories.values()
        )

    async def _handle(
        self, ask: Asking, command: ReportNothingNew | WithdrawNothingNew, message: str
    ) -> Response:
        key_required(ask)
        stream = stream_of(command.org, command.month)

        def reply(wrote: Wrote[ReportMonth, ReportMonthEvent]) -> bytes:
            body: dict[str, Any] = {
                "org": command.org,
                "month": command.month,
                "version": wrote.version,
                "message": message,
            }
            return kept_reply(200, body, wrote)

        return replied(
            await handle(
                self._runtime.journal,
                REPORT_MONTH,
                Ask(
                    stream,
                    stream,
                    command,
                    reply,
                    identity=ask.identity,
                    if_match=ask.if_match,
                ),
                ask.under(policy_of("report_month", command.on).sha256),
            )
        )

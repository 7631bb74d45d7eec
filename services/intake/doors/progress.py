"""月报 and 开停复竣 over HTTP: looked up, asked, answered; the form as it stands."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Depends, FastAPI, Path, Response

from contracts.intake import Evidence, Month, ProgressEvent
from services.intake.adapters.evidence import keeping, of_project
from services.intake.doors.acting import by
from services.intake.doors.evidence import EvidenceForm, evidence_of
from services.intake.doors.forms import in_ten_thousands, yuan
from services.intake.doors.http import Door, demand_act
from services.intake.doors.progress_forms import (
    OpeningForm,
    ProgressForm,
    RectifyForm,
    WorkForm,
    opened,
    written,
)
from services.intake.policies import policy_of, report_due, report_rules_of, work_rules_of
from services.intake.progress.commands import (
    Command,
    MonthDue,
    OpenProgress,
    RecordWork,
    RectifyWork,
    ReportProgress,
)
from services.intake.progress.decider import PROGRESS, stream_of
from services.intake.progress.measures import physical_percent
from services.intake.progress.order import NAMES
from services.intake.progress.rules import LABELS
from services.intake.progress.states import Progress
from services.intake.progress.underway import Underway, underway
from services.intake.project.commands import By
from services.intake.project.decider import owned_by_anybody
from services.intake.views.working_days import WORKING_DAYS
from shared.commanding import Asking, asking, kept_reply, key_required, replied
from shared.deadline.terms import months_after
from shared.deciding import Ask, Wrote, handle
from shared.refusals import NotFound, Problem, UnreadableInput
from shared.service import Runtime
from shared.tokens import Actor, actor_of
from shared.units import Units
from shared.wording import spoken_day

Asks = Annotated[Asking, Depends(asking)]
Who = Annotated[Actor, Depends(actor_of)]
AMonth = Annotated[Month, Path(pattern=r"^20\d{2}-(0[1-9]|1[0-2])$")]
"""A month of the address: one that the calendar can count in, with the one after it."""

Outcome = Callable[[Command, Progress], Mapping[str, Any]]
"""Says what a command came to."""


def progress_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add the routes of months and works."""
    door = ProgressDoor(runtime)

    @app.get("/projects/{project_id}/progress", tags=["progress"], summary="期初、各月和开停复竣")
    async def whole(actor: Who, project_id: UUID) -> Response:
        return await door.whole(actor, project_id)

    @app.get("/projects/{project_id}/progress/{month}", tags=["progress"], summary="一个月的月报")
    async def one_month(actor: Who, project_id: UUID, month: AMonth) -> Response:
        return await door.one_month(actor, project_id, month)

    @app.post(
        "/projects/{project_id}/progress/{month}", tags=["progress"], summary="报月报、更正月报"
    )
    async def report(ask: Asks, project_id: UUID, month: AMonth, body: ProgressForm) -> Response:
        return await door.report(ask, project_id, month, body)

    @app.post("/projects/{project_id}/opening", tags=["progress"], summary="填期初累计")
    async def open_(ask: Asks, project_id: UUID, body: OpeningForm) -> Response:
        return await door.open(ask, project_id, body)

    @app.post(
        "/projects/{project_id}/works",
        tags=["progress"],
        summary="登记开工、停工、复工、未停工、竣工",
    )
    async def record(ask: Asks, project_id: UUID, body: WorkForm) -> Response:
        return await door.record(ask, project_id, body)

    @app.post("/projects/{project_id}/works/rectify", tags=["progress"], summary="更正一条登记")
    async def rectify(ask: Asks, project_id: UUID, body: RectifyForm) -> Response:
        return await door.rectify(ask, project_id, body)


class ProgressDoor:
    """What the routes share."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._dossiers = Door(runtime)

    async def report(
        self, ask: Asking, project_id: UUID, month: str, body: ProgressForm
    ) -> Response:
        demand_act(ask.actor, "report")
        command = await self.reporting(ask, project_id, month, body)
        return await self._handle(ask, command, command.evidence, _reported)

    async def reporting(
        self, ask: Asking, project_id: UUID, month: str, body: ProgressForm
    ) -> ReportProgress:
        """Give the command that a form asks for."""
        today = self._runtime.clock.today()
        who, project = await self._asked(ask, project_id)
        return report_of(
            body,
            project_id=project_id,
            on=today,
            by=who,
            project=project,
            month=MonthDue(month=month, due=await self.due(month)),
            units=await self._dossiers.units(),
            evidence=await self._evidence(ask, project_id, body.evidence),
        )

    async def open(self, ask: Asking, project_id: UUID, body: OpeningForm) -> Response:
        demand_act(ask.actor, "report")
        today = self._runtime.clock.today()
        who, project = await self._asked(ask, project_id)
        command = OpenProgress(
            project_id=project_id,
            on=today,
            by=who,
            project=project,
            as_of=body.as_of,
            invested_in_all=yuan(body.invested_in_all),
            invested_this_year=yuan(body.invested_this_year),
            milestones=tuple(one.reached() for one in body.milestones),
            evidence=await self._evidence(ask, project_id, body.evidence),
            rules=report_rules_of(today),
        )
        said = (
            f"已填期初累计：到 {body.as_of} 完成 {body.invested_in_all:.2f} 万元。"
            "第一份月报报出以前可以改。"
        )
        return await self._handle(ask, command, command.evidence, lambda *_: {"message": said})

    async def record(self, ask: Asking, project_id: UUID, body: WorkForm) -> Response:
        demand_act(ask.actor, "report")
        today = self._runtime.clock.today()
        who, project = await self._asked(ask, project_id)
        command = RecordWork(
            project_id=project_id,
            on=today,
            by=who,
            project=project,
            what=body.what,
            happened_on=body.happened_on,
            note=body.note or "",
            evidence=await self._evidence(ask, project_id, body.evidence),
            rules=work_rules_of(today),
        )
        said = f"已登记 {body.happened_on} {NAMES[body.what]}。记错了的，用更正改，原来的记录保留。"
        return await self._handle(ask, command, command.evidence, lambda *_: {"message": said})

    async def rectify(self, ask: Asking, project_id: UUID, body: RectifyForm) -> Response:
        demand_act(ask.actor, "report")
        who, project = await self._asked(ask, project_id)
        command = RectifyWork(
            project_id=project_id,
            on=self._runtime.clock.today(),
            by=who,
            project=project,
            what=body.what,
            was_on=body.was_on,
            is_on=body.is_on,
            reason=body.reason,
        )
        became = f"更正为 {body.is_on}" if body.is_on else "撤销"
        said = f"{body.was_on} {NAMES[body.what]}已{became}，原来的记录保留。"
        return await self._handle(ask, command, (), lambda *_: {"message": said})

    async def whole(self, actor: Actor, project_id: UUID) -> Response:
        """Answer with everything that was told of a project's months and works."""
        project = await self._seen(actor, project_id)
        version, progress = await self._progress(project_id)
        rules = report_rules_of(self._runtime.clock.today())
        latest = max(progress.months, default="")
        reached = progress.milestones_before("9999-12")
        return _json(
            {
                "project_id": str(project_id),
                "name": project.name,
                "pool": project.pool,
                "total_investment": _wan(project.total_investment),
                "opening": progress.opening and opened(progress.opening),
                "months": [
                    {
                        "month": month,
                        "edition": report.edition,
                        "late": report.late,
                        "due": report.due.isoformat(),
                        "reported_on": report.reported_on.isoformat(),
                        "invested_this_year": _wan(progress.invested_in_year(month)),
                        "invested_in_all": _wan(progress.invested_until(month)),
                        **written(report),
                    }
                    for month, report in sorted(progress.months.items())
                ],
                "missed": sorted(progress.missed - progress.months.keys()),
                "works": [{"what": w.what, "on": w.on.isoformat()} for w in progress.works],
                "physical_percent": physical_percent(reached, rules),
                "invested_in_all": _wan(progress.invested_until(latest or "9999-12")),
                "version": version,
            },
            version,
        )

    async def one_month(self, actor: Actor, project_id: UUID, month: str) -> Response:
        """Answer with a month as it stands, and with what of the month before goes on."""
        project = await self._seen(actor, project_id)
        version, progress = await self._progress(project_id)
        rules = report_rules_of(self._runtime.clock.today())
        report = progress.months.get(month)
        last = max((m for m in progress.months if m < month), default=None)
        before = f"{months_after(date.fromisoformat(f'{month}-01'), -1):%Y-%m}"
        return _json(
            {
                "project_id": str(project_id),
                "name": project.name,
                "pool": project.pool,
                "owner_org": project.owner_org,
                "total_investment": _wan(project.total_investment),
                "month": month,
                "due": (await self.due(month)).isoformat(),
                "edition": report.edition if report else 0,
                "late": report.late if report else None,
                "reported_on": report.reported_on.isoformat() if report else None,
                "report": report and written(report),
                "last_month": last,
                "last": written(progress.months[last]) if last else None,
                "milestones": [
                    {"code": one.code, "name": one.name, "weight": one.weight}
                    for one in rules.milestones
                ],
                "reached_before": dict(progress.milestones_before(month)),
                "invested_until_before": _wan(progress.invested_until(before)),
                "invested_this_year_before": _wan(
                    progress.invested_in_year(before) if before[:4] == month[:4] else 0
                ),
                "started_on": progress.started_on and progress.started_on.isoformat(),
                "version": version,
            },
            version,
        )

    async def due(self, month: str) -> date:
        """Give until when a month is to be reported, on the calendar in force."""
        return report_due(month, await WORKING_DAYS.in_force(self._runtime.pool))

    async def _asked(self, ask: Asking, project_id: UUID) -> tuple[By, Underway]:
        project = await self._seen(ask.actor, project_id)
        units = await self._dossiers.units()
        who = by(ask.actor, units, self._runtime.clock.today())
        if not who.works_for(project.owner_org):
            raise _absent()
        return who, project

    async def _seen(self, actor: Actor, project_id: UUID) -> Underway:
        """Give a project that the actor may know of."""
        _, dossier = await self._dossiers.visible(actor, project_id)
        return underway(owned_by_anybody(dossier.project))

    async def _progress(self, project_id: UUID) -> tuple[int, Progress]:
        history = await self._runtime.journal.load(stream_of(project_id))
        return history.version, PROGRESS.fold(history.payloads)

    async def _evidence(
        self, ask: Asking, project_id: UUID, papers: Sequence[EvidenceForm]
    ) -> tuple[Evidence, ...]:
        return await evidence_of(self._runtime, ask, papers, of_project(project_id))

    async def _handle(
        self,
        ask: Asking,
        command: Command,
        evidence: Sequence[Evidence],
        outcome: Outcome,
    ) -> Response:
        key_required(ask)
        stream, today = stream_of(command.project_id), self._runtime.clock.today()

        def reply(wrote: Wrote[Progress, ProgressEvent]) -> bytes:
            body = {
                "project_id": str(command.project_id),
                "version": wrote.version,
                **outcome(command, wrote.state),
            }
            return kept_reply(200, body, wrote)

        owner = of_project(command.project_id)
        return replied(
            await handle(
                self._runtime.journal,
                PROGRESS,
                Ask(
                    stream,
                    str(command.project_id),
                    command,
                    reply,
                    identity=ask.identity,
                    if_match=ask.if_match,
                    also=keeping(evidence, ask.actor.org, owner, ask.cause.now),
                ),
                ask.under(policy_of("progress", today).sha256),
            )
        )


def report_of(
    body: ProgressForm,
    *,
    project_id: UUID,
    on: date,
    by: By,
    project: Underway,
    month: MonthDue,
    units: Units,
    evidence: tuple[Evidence, ...] = (),
) -> ReportProgress:
    """Give the command that a form asks for, from whichever door it came.

    Raises:
        UnreadableInput: somebody is asked to solve a problem who is no unit.
    """
    asked = [(n, one.asks) for n, one in enumerate(body.problems) if one.asks]
    unknown = [n for n, org in asked if units.known(org, on) is None]
    if unknown:
        label = LABELS["problems.asks"]
        raise UnreadableInput(
            "请谁协调要从单位清单中选。",
            errors=[
                Problem(
                    f"problems.{n}.asks",
                    label,
                    "unknown_unit",
                    f"{label}不在单位清单里。",
                    "请从清单中选，或留空。",
                )
                for n in unknown
            ],
        )
    return ReportProgress(
        project_id=project_id,
        on=on,
        by=by,
        project=project,
        month=month.month,
        due=month.due,
        invested=body.invested.invested(),
        funds=body.received(),
        milestones=tuple(one.reached() for one in body.milestones),
        problems=body.named(),
        text=body.text or "",
        evidence=evidence,
        reason=body.reason or "",
        accepted_hints=tuple(body.accepted_hints),
        rules=report_rules_of(on),
    )


def _reported(command: Command, progress: Progress) -> Mapping[str, Any]:
    """Say what was reported, whether in time, and what it adds up to."""
    if not isinstance(command, ReportProgress):
        raise TypeError(command)
    report = progress.months[command.month]
    due = spoken_day(report.due, command.on)
    if report.edition > 1:
        told = f"已更正 {report.month} 月报，现在是第 {report.edition} 版，原来的都保留"
    elif report.late:
        told = f"已报 {report.month} 月报，截止日是{due}，计为迟报"
    else:
        told = f"已按时报 {report.month} 月报，截止日是{due}"
    return {
        "month": report.month,
        "edition": report.edition,
        "late": report.late,
        "due": report.due.isoformat(),
        "invested_this_year": _wan(progress.invested_in_year(report.month)),
        "invested_in_all": _wan(progress.invested_until(report.month)),
        "physical_percent": physical_percent(progress.milestones_before("9999-12"), command.rules),
        "message": f"{told}。",
    }


def _absent() -> NotFound:
    return NotFound("没有这个项目，或它不在你单位的范围内。")


def _wan(amount: int | None) -> str | None:
    return None if amount is None else in_ten_thousands(amount)


def _json(body: dict[str, Any], version: int) -> Response:
    return Response(
        orjson.dumps(body), media_type="application/json", headers={"ETag": f'"{version}"'}
    )

"""期初装入 over HTTP: rows of stock with their days, figures and papers; all of them or each."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

from fastapi import FastAPI
from pydantic import Field

from contracts.intake import Evidence, Pool
from services.intake.adapters import contacts, evidence
from services.intake.adapters.evidence import of_project
from services.intake.doors.acting import ended
from services.intake.doors.evidence import Papers, evidence_of
from services.intake.doors.forms import Body, Line, OpenAmount, ProjectForm, yuan
from services.intake.doors.http import Asks, demand_act
from services.intake.doors.progress_forms import MilestoneForm, OpenDay
from services.intake.dossier import stream_of
from services.intake.opening import OPENING, Stock, StockCommand, StockEvent
from services.intake.policies import form_of, policy_of, report_rules_of, work_rules_of
from services.intake.progress.commands import Command, OpenProgress, RecordWork
from services.intake.progress.decider import stream_of as progress_stream_of
from services.intake.progress.states import What
from services.intake.progress.underway import Underway
from services.intake.project.commands import By, EnterStock
from services.intake.project.decider import refuse_secret
from services.intake.project.rules import LABELS, claimed_name
from services.intake.views.units import UNITS
from shared.commanding import Asking
from shared.deciding import Ask, Asked, Cause, LeftUndone, handle_many, new_id
from shared.journal import MOST_STREAMS, Claim
from shared.postgres import Connection
from shared.refusals import Problem, Refusal, UnreadableInput
from shared.service import Runtime
from shared.units import Unit

STOCK = UUID("7f1d0a53-5b43-5d8e-9a38-0f0f4c6f51d2")
"""The name space in which a unit and a name give the id of stock."""
MOST_ROWS = MOST_STREAMS // 2
"""Each row is two streams, and one append takes no more of them."""

StockAsk = Ask[StockCommand, Stock, StockEvent]


class OpeningRow(ProjectForm):
    """One project of the stock: 附件1 as far as it is known, and how it stood on a day.

    ``invested_in_all`` and ``invested_this_year`` are 万元 up to the day of the load's ``as_of``;
    ``evidence`` names at least where the project was listed (``source_document``).
    """

    owner: Line
    pool: Pool
    entered_on: date
    pool_since: OpenDay = None
    invested_in_all: OpenAmount = None
    invested_this_year: OpenAmount = None
    started_on: OpenDay = None
    finished_on: OpenDay = None
    milestones: Annotated[tuple[MilestoneForm, ...], Field(max_length=20)] = ()
    evidence: Papers = ()


class OpeningLoadForm(Body):
    """A load: as of which day its figures are, and its rows."""

    mode: Literal["all", "valid"] = "valid"
    not_secret: bool = False
    as_of: date
    rows: Annotated[tuple[OpeningRow, ...], Field(min_length=1, max_length=MOST_ROWS)]


class OwnerUnknown(UnreadableInput):
    """The unit of a row is none of ours."""

    code = "owner_unknown"


@dataclass(frozen=True)
class _Row:
    """What is asked for a row, or why nothing can be."""

    number: int
    name: str
    project_id: UUID | None = None
    asks: tuple[StockAsk, ...] = ()
    refused: Refusal | None = None


def opening_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add the route of the load."""
    door = _Opening(runtime)

    @app.post("/opening", tags=["project"], summary="装入期初存量项目")
    async def load(ask: Asks, body: OpeningLoadForm) -> dict[str, Any]:
        demand_act(ask.actor, "load_opening")
        refuse_secret(body.not_secret)
        return await door.load(ask, body)


class _Opening:
    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def load(self, ask: Asking, body: OpeningLoadForm) -> dict[str, Any]:
        """Load the rows: all or none of them in one append, or each for itself."""
        known = await self._known(body.rows)
        rows = [
            await self._row(ask, body, number, known) for number in range(1, len(body.rows) + 1)
        ]
        cause = ask.under(policy_of("project", self._runtime.clock.today()).sha256)
        if body.mode == "all":
            rows = _once_each(rows)
            if any(row.refused for row in rows):
                return _told([_result(row, [LeftUndone(_UNDONE)]) for row in rows])
            outcomes = await self._append(cause, [one for row in rows for one in row.asks])
            return _told(
                [
                    _result(row, outcomes[2 * place : 2 * place + 2])
                    for place, row in enumerate(rows)
                ]
            )
        return _told([_result(row, await self._append(cause, row.asks)) for row in rows])

    async def _append(
        self, cause: Cause, asks: Sequence[StockAsk]
    ) -> list[Asked[Stock, StockEvent] | Refusal]:
        return await handle_many(self._runtime.journal, OPENING, asks, cause, together=True)

    async def _known(self, rows: Sequence[OpeningRow]) -> dict[Claim, UUID]:
        """Find the projects that hold the rows' names and codes already."""
        units, today = await UNITS.in_force(self._runtime.pool), self._runtime.clock.today()
        claims = []
        for row in rows:
            unit = units.named(row.owner, today)
            if unit is not None:
                claims += _claims(row, unit)
        held = await self._runtime.journal.holders(claims)
        return {claim: UUID(stream.removeprefix("project-")) for claim, stream in held.items()}

    async def _row(
        self, ask: Asking, body: OpeningLoadForm, number: int, known: dict[Claim, UUID]
    ) -> _Row:
        row, today = body.rows[number - 1], self._runtime.clock.today()
        units = await UNITS.in_force(self._runtime.pool)
        unit = units.named(row.owner, today)
        try:
            if unit is None:
                raise _unknown(row.owner)
            there = [known[claim] for claim in _claims(row, unit) if claim in known]
            project_id = there[0] if there else uuid5(STOCK, f"{unit.id}\n{claimed_name(row.name)}")
            papers = await evidence_of(self._runtime, ask, row.evidence, of_project(project_id))
        except Refusal as refusal:
            return _Row(number, row.name, refused=refusal)
        contact = row.contact_as_typed()
        contact_id = new_id() if contact else None
        keeps: list[_Write | None] = [
            evidence.keeping(papers, ask.actor.org, of_project(project_id), ask.cause.now)
        ]
        if contact and contact_id and not there:
            keeps.append(contacts.keeping(contact_id, contact, project_id, ask.cause.now))
        by = By(account=ask.actor.account, org=unit.id)
        enter = EnterStock(
            project_id=project_id,
            by=by,
            owner_name=unit.short_name,
            ended=ended(unit, units, today),
            facts=row.facts(contact_id),
            form=form_of(today, contact),
            pool=row.pool,
            entered_on=row.entered_on,
            pool_since=row.pool_since,
            papers=papers,
            on=today,
        )
        behalf = "" if unit.id == ask.actor.org else unit.id
        asks = (
            StockAsk(
                stream_of(project_id),
                str(project_id),
                enter,
                _nothing,
                on_behalf_of=behalf,
                also=_all_of([keep for keep in keeps if keep]),
            ),
            StockAsk(
                progress_stream_of(project_id),
                str(project_id),
                tuple(_progress(row, body.as_of, enter, today)),
                _nothing,
                on_behalf_of=behalf,
            ),
        )
        return _Row(number, row.name, project_id, asks)


class RowTwice(Refusal):
    """All or none was asked, and two rows are one project."""

    code = "row_twice"
    title = "没有装入"


def _once_each(rows: Sequence[_Row]) -> list[_Row]:
    first: dict[UUID, int] = {}
    found = []
    for row in rows:
        twin = first.setdefault(row.project_id, row.number) if row.project_id else row.number
        again = (
            RowTwice(f"与第 {twin} 行是同一个项目，请合并成一行。") if twin != row.number else None
        )
        found.append(replace(row, refused=row.refused or again))
    return found


_UNDONE = "同一批中有装不进的，按“全部或都不”这一件没有装入。"
_Write = Callable[[Connection], Awaitable[None]]


def _nothing(_: object) -> bytes:
    return b""


def _all_of(writes: Sequence[_Write]) -> _Write | None:
    if not writes:
        return None

    async def write(connection: Connection) -> None:
        for one in writes:
            await one(connection)

    return write


def _claims(row: OpeningRow, unit: Unit) -> list[Claim]:
    """Give what the row's project would hold; a code outweighs a name."""
    coded = [Claim("project_code", row.project_code)] if row.project_code else []
    return [*coded, Claim(f"name:{unit.id}", claimed_name(row.name))]


def _unknown(owner: str) -> OwnerUnknown:
    label = LABELS["owner"]
    return OwnerUnknown(
        f"“{owner}”不在单位名录中。",
        errors=[
            Problem(
                "owner",
                label,
                "owner_unknown",
                f"{label}“{owner}”不在单位名录中。",
                "请填机构编号、全称或简称。",
            )
        ],
    )


def _progress(row: OpeningRow, as_of: date, enter: EnterStock, today: date) -> list[Command]:
    """Give what the project had done, on the project as it is once it has entered."""
    project = Underway(
        enter.by.org,
        enter.owner_name,
        row.name,
        enter.facts.total_investment,
        pool=row.pool,
        since=row.entered_on,
    )
    commands: list[Command] = []
    if row.invested_in_all is not None or row.milestones:
        commands.append(
            OpenProgress(
                project_id=enter.project_id,
                on=today,
                by=enter.by,
                project=project,
                as_of=as_of,
                invested_in_all=yuan(row.invested_in_all or Decimal(0)),
                invested_this_year=yuan(row.invested_this_year or Decimal(0)),
                milestones=tuple(one.reached() for one in row.milestones),
                evidence=_source(enter.papers),
                rules=report_rules_of(today),
            )
        )
    works: tuple[tuple[What, date | None], ...] = (
        ("STARTED", row.started_on),
        ("FINISHED", row.finished_on),
    )
    commands += [
        RecordWork(
            project_id=enter.project_id,
            on=today,
            by=enter.by,
            project=project,
            what=what,
            happened_on=day,
            evidence=_source(enter.papers),
            rules=work_rules_of(today),
        )
        for what, day in works
        if day is not None
    ]
    return commands


def _source(papers: Sequence[Evidence]) -> tuple[Evidence, ...]:
    return tuple(paper for paper in papers if paper.sort == "source_document")


def _result(row: _Row, outcomes: Sequence[Asked[Stock, StockEvent] | Refusal]) -> dict[str, Any]:
    """Say what became of a row; what was left undone for another's sake says so."""
    refusals = [one for one in outcomes if isinstance(one, Refusal)]
    refused = row.refused or next(
        (one for one in refusals if not isinstance(one, LeftUndone)), next(iter(refusals), None)
    )
    told = [one.wrote for one in outcomes if isinstance(one, Asked) and one.wrote]
    loaded = any(wrote.facts for wrote in told)
    return {
        "number": row.number,
        "name": row.name,
        "project_id": None if row.project_id is None or refused else str(row.project_id),
        "result": "REFUSED" if refused else "LOADED" if loaded else "UNCHANGED",
        "why": refused.detail if refused else "",
        "errors": [vars(problem) for problem in refused.errors] if refused else [],
    }


def _told(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    counts = {
        result: sum(row["result"] == result for row in rows)
        for result in ("LOADED", "UNCHANGED", "REFUSED")
    }
    return {
        "loaded": counts["LOADED"],
        "unchanged": counts["UNCHANGED"],
        "refused": counts["REFUSED"],
        "message": f"装入 {counts['LOADED']} 项，无变化 {counts['UNCHANGED']} 项，"
        f"没有装入 {counts['REFUSED']} 项。",
        "rows": list(rows),
    }

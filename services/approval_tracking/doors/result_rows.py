"""The rows of a load of results: each judged on the plan as it stands, then taken or set aside.

A row is known by what it tells (platform, code, item, step, day), and so is its command: sent
again it is nothing new. Rows of one plan are taken in the order of their days.
"""

import hashlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from contracts.approval_tracking import ResultEvent, ResultRow
from services.approval_tracking.adoption import (
    ADOPTION,
    Adoption,
    AdoptionCommand,
    AdoptionEvent,
    told,
)
from services.approval_tracking.approval_plan.commands import Acted
from services.approval_tracking.approval_plan.decider import PLAN
from services.approval_tracking.approval_plan.decider import stream_of as plan_stream_of
from services.approval_tracking.approval_plan.states import PlanState
from services.approval_tracking.result.adopting import (
    ORDER,
    Adopting,
    ToldOtherwise,
    UnknownCode,
)
from services.approval_tracking.result.commands import MatchResult, ResultCommand, SetAside
from services.approval_tracking.result.decider import (
    RESULT,
    NotSetAside,
    Result,
    Waiting,
    result_id_of,
    stream_of,
)
from services.approval_tracking.result.reading import read_row
from shared.deciding import Ask, Asked, Cause, Command, handle_many
from shared.journal import MOST_STREAMS, Journal
from shared.refusals import BusyStream, CommandReused, Problem, Refusal, UnreadableInput

Verdict = Literal["ACCEPTABLE", "APPLIED", "UNCHANGED", "SET_ASIDE", "WRONG", "LEFT"]
"""LEFT: others were at the same plan all the time; sent again it will be taken."""
Said = tuple[int, Mapping[str, str]]
"""A row as it came: its number, and its cells by the names of the columns."""
ProjectsCoded = Callable[[Sequence[str]], Awaitable[Mapping[str, UUID]]]
PlanAsk = Ask[AdoptionCommand, Adoption, AdoptionEvent]


@dataclass(frozen=True)
class Row:
    """A row and what becomes of it: ``code`` and ``why`` where it is set aside."""

    number: int
    verdict: Verdict
    said: Mapping[str, str]
    row: ResultRow | None = None
    result_id: UUID | None = None
    project_id: UUID | None = None
    item: str | None = None
    code: str = ""
    why: str = ""
    problems: tuple[Problem, ...] = ()
    commands: tuple[Acted, ...] = ()
    waits: bool = False


@dataclass(frozen=True)
class Load:
    """A load of rows: what they are held against, and by which rules."""

    journal: Journal
    adopting: Adopting
    projects_coded: ProjectsCoded

    async def judged(self, rows: Sequence[Said]) -> list[Row]:
        """Say of every row what would become of it; nothing is written."""
        read = [self._read(number, said) for number, said in rows]
        known = [row for row in read if row.row is not None]
        settled = await self._results([_id(row) for row in known])
        kept = await self.journal.replies_to([_command_id(_id(row)) for row in known])
        projects = await self.projects_coded(
            sorted({row.row.project_code for row in known if row.row is not None})
        )
        plans = await self._plans(set(projects.values()))
        found = {row.number: row for row in read}
        seen: dict[UUID, int] = {}
        for row in sorted(known, key=_in_order):
            result_id, said = _id(row), _row(row)
            one = replace(
                row,
                project_id=projects.get(said.project_code),
                waits=isinstance(settled[result_id], Waiting),
            )
            if result_id in seen:
                judged = _unchanged(one, f"与第 {seen[result_id]} 行说的是同一步。")
            elif not isinstance(settled[result_id], NotSetAside | Waiting):
                judged = _unchanged(one, "这一行已由人工处理过。")
            elif reply := kept.get(_command_id(result_id)):
                judged = (
                    _unchanged(one, "这一行以前已经导入。")
                    if reply.body_hash == _body_hash(said)
                    else _aside(one, _told_otherwise())
                )
            else:
                judged = self._judged(one, plans)
            seen.setdefault(result_id, row.number)
            found[row.number] = judged
        return [found[number] for number, _ in rows]

    async def taken(self, rows: Sequence[Row], cause: Cause) -> list[Row]:
        """Take what can be taken, set aside what a plan refuses; give what became of each."""
        found = {row.number: row for row in rows}
        for turn in _turns(rows):
            # A project that others kept busy waits with all that follows.
            busy = {row.project_id for row in found.values() if row.verdict == "LEFT"}
            left = [replace(row, verdict="LEFT") for row in turn if row.project_id in busy]
            going = [row for row in turn if row.project_id not in busy]
            for row in (*left, *await self._turn(going, cause)):
                found[row.number] = row
        await self._set_aside([r for r in found.values() if r.verdict == "SET_ASIDE"], cause)
        return [found[row.number] for row in rows]

    def _read(self, number: int, said: Mapping[str, str]) -> Row:
        try:
            row = read_row(said, self.adopting.on)
        except UnreadableInput as wrong:
            return Row(number, "WRONG", said, why=wrong.detail, problems=tuple(wrong.errors))
        return Row(number, "ACCEPTABLE", said, row, result_id_of(row), item=row.item)

    def _judged(self, row: Row, plans: dict[UUID, PlanState]) -> Row:
        said, project_id = _row(row), row.project_id
        try:
            if project_id is None:
                raise UnknownCode(f"没有项目用代码 {said.project_code}，或它还不在库中。")
            plan = plans[project_id]
            commands = self.adopting.commands(said, project_id, said.item, plan)
            facts, plans[project_id] = told(commands, plan)
        except Refusal as refusal:
            return _aside(row, refusal)
        if facts or row.waits:
            return replace(row, item=commands[0].item, commands=commands)
        return _unchanged(row, "审批计划里已经是这样。")

    async def _results(self, result_ids: Sequence[UUID]) -> dict[UUID, Result]:
        told = await self.journal.load_many([stream_of(one) for one in result_ids])
        return {one: RESULT.fold(told[stream_of(one)].payloads) for one in result_ids}

    async def _plans(self, projects: set[UUID]) -> dict[UUID, PlanState]:
        told = await self.journal.load_many([plan_stream_of(one) for one in projects])
        return {one: PLAN.fold(told[plan_stream_of(one)].payloads) for one in projects}

    async def _turn(self, rows: Sequence[Row], cause: Cause) -> list[Row]:
        """Take one row of each plan; what waited is settled in the append that takes it."""
        found = []
        plain = [row for row in rows if not row.waits]
        for begin in range(0, len(plain), MOST_STREAMS):
            part = plain[begin : begin + MOST_STREAMS]
            asks = [plan_ask(_row(row), row.commands) for row in part]
            outcomes = await handle_many(self.journal, ADOPTION, asks, cause)
            found += [_after(row, one) for row, one in zip(part, outcomes, strict=True)]
        for row in rows:
            if row.waits:
                said = _row(row)
                asks = [
                    plan_ask(said, row.commands),
                    match_ask(said, row.commands[0], self.adopting),
                ]
                first, _ = await handle_many(self.journal, ADOPTION, asks, cause, together=True)
                found.append(_after(row, first))
        return found

    async def _set_aside(self, rows: Sequence[Row], cause: Cause) -> None:
        asks: list[Ask[ResultCommand, Result, ResultEvent]] = [
            Ask(
                stream_of(_id(row)),
                stream_of(_id(row)),
                SetAside(
                    result_id=_id(row),
                    on=self.adopting.on,
                    row=_row(row),
                    code=row.code,
                    why=row.why,
                ),
                _nothing,
            )
            for row in rows
        ]
        for begin in range(0, len(asks), MOST_STREAMS):
            part = asks[begin : begin + MOST_STREAMS]
            for outcome in await handle_many(self.journal, RESULT, part, cause):
                if isinstance(outcome, Refusal):
                    raise outcome


def plan_ask(row: ResultRow, commands: tuple[Acted, ...]) -> PlanAsk:
    """Ask a plan to take a row; the row itself names the command."""
    project_id = commands[0].project_id
    return Ask(
        plan_stream_of(project_id),
        str(project_id),
        commands,
        lambda wrote: wrote.token.encode(),
        identity=Command(_command_id(result_id_of(row)), _body_hash(row)),
    )


def match_ask(row: ResultRow, command: Acted, adopting: Adopting) -> PlanAsk:
    """Settle a row that waited; it is asked together with the plan that takes it."""
    result_id = result_id_of(row)
    match = MatchResult(
        result_id=result_id,
        on=adopting.on,
        project_id=command.project_id,
        item=command.item,
    )
    return Ask(stream_of(result_id), stream_of(result_id), match, _nothing)


def _after(row: Row, outcome: Asked[Adoption, AdoptionEvent] | Refusal) -> Row:
    match outcome:
        case BusyStream():
            return replace(row, verdict="LEFT", why=outcome.detail)
        case CommandReused():
            return _aside(row, _told_otherwise())
        case Refusal():
            return _aside(row, outcome)
        case Asked(wrote=None):
            return _unchanged(row, "这一行以前已经导入。")
        case _:
            return replace(row, verdict="APPLIED")


def _turns(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Give the rows to be taken in turns: in each at most one of every plan, in order."""
    queues: dict[UUID | None, list[Row]] = {}
    for row in sorted((r for r in rows if r.verdict == "ACCEPTABLE"), key=_in_order):
        queues.setdefault(row.project_id, []).append(row)
    for turn in range(max(map(len, queues.values()), default=0)):
        yield [queue[turn] for queue in queues.values() if turn < len(queue)]


def _in_order(row: Row) -> tuple[object, ...]:
    said = _row(row)
    return (said.happened_on, ORDER[said.step], row.number)


def _aside(row: Row, refusal: Refusal) -> Row:
    return replace(row, verdict="SET_ASIDE", code=refusal.code, why=refusal.detail)


def _unchanged(row: Row, why: str) -> Row:
    return replace(row, verdict="UNCHANGED", why=why)


def _told_otherwise() -> ToldOtherwise:
    return ToldOtherwise(
        "这个平台同一天的同一步已经导入过，而文号、有效期或原因与这一次不同。"
        "以这一次为准的，请在那个事项上更正。"
    )


def _row(row: Row) -> ResultRow:
    if row.row is None:
        raise ValueError(row.number)
    return row.row


def _id(row: Row) -> UUID:
    return result_id_of(_row(row))


def _command_id(result_id: UUID) -> str:
    return f"result:{result_id}"


def _body_hash(row: ResultRow) -> bytes:
    return hashlib.sha256(row.model_dump_json().encode()).digest()


def _nothing(_: object) -> bytes:
    return b""

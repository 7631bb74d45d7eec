"""What may happen to a row of results that no plan took: it waits, and a person settles it once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, assert_never
from uuid import UUID, uuid5

from pydantic import Field, TypeAdapter

from contracts.approval_tracking import (
    ResultDismissed,
    ResultEvent,
    ResultMatched,
    ResultRow,
    ResultSetAside,
)
from services.approval_tracking.result.commands import (
    DismissResult,
    MatchResult,
    ResultCommand,
    SetAside,
)
from services.approval_tracking.result.rules import LONGEST_TEXT, text_problems
from shared.deciding import Decider
from shared.refusals import NotFound, Refusal, UnreadableInput

_RESULTS = UUID("0a8c3c5e-7a0b-5f57-9a55-0d5b1c4d9f21")
"""The name space of rows: what says that two of them tell the same."""


@dataclass(frozen=True)
class NotSetAside:
    """No such row waits, and none ever did."""


@dataclass(frozen=True)
class Waiting:
    """A row that a person has to settle, and why no plan took it."""

    row: ResultRow
    why: str
    came_on: date


@dataclass(frozen=True)
class Matched:
    """A row that a plan has taken."""

    was: Waiting
    project_id: UUID
    item: str
    settled_on: date


@dataclass(frozen=True)
class Dismissed:
    """A row that is not to be taken."""

    was: Waiting
    reason: str
    settled_on: date


Result = NotSetAside | Waiting | Matched | Dismissed


class ResultAlreadySettled(Refusal):
    """Somebody has settled the row otherwise."""

    code = "result_already_settled"
    title = "这一行已经处理过"


def decide(command: ResultCommand, result: Result) -> Sequence[ResultEvent]:
    """Answer a command."""
    match command:
        case SetAside():
            return set_aside(command, result)
        case MatchResult():
            return match_to(command, result)
        case DismissResult():
            return dismiss(command, result)
        case _:
            assert_never(command)


def set_aside(ask: SetAside, result: Result) -> Sequence[ResultEvent]:
    """Keep a row once; that it is sent again neither wakes nor changes it."""
    match result:
        case NotSetAside():
            return [
                ResultSetAside(
                    result_id=ask.result_id,
                    row=ask.row,
                    code=ask.code,
                    why=ask.why,
                    came_on=ask.on,
                )
            ]
        case Waiting() | Matched() | Dismissed():
            return []
        case _:
            assert_never(result)


def match_to(ask: MatchResult, result: Result) -> Sequence[ResultEvent]:
    """Settle a row that a plan takes."""
    match result:
        case Waiting():
            return [
                ResultMatched(
                    result_id=ask.result_id,
                    project_id=ask.project_id,
                    item=ask.item,
                    matched_on=ask.on,
                )
            ]
        case Matched(project_id=project_id, item=item):
            if (project_id, item) == (ask.project_id, ask.item):
                return []
            raise ResultAlreadySettled("这一行已匹配到别的项目或事项。记错的，请在那个事项上更正。")
        case Dismissed():
            raise ResultAlreadySettled("这一行已标为不采用。确要采用的，请在那个事项上直接登记。")
        case NotSetAside():
            raise absent()
        case _:
            assert_never(result)


def dismiss(ask: DismissResult, result: Result) -> Sequence[ResultEvent]:
    """Settle a row that no plan shall take, and say why."""
    match result:
        case Waiting():
            if problems := list(text_problems("reason", ask.reason, LONGEST_TEXT)):
                raise UnreadableInput("不采用的理由需要修改。", errors=problems)
            return [
                ResultDismissed(
                    result_id=ask.result_id, reason=ask.reason.strip(), dismissed_on=ask.on
                )
            ]
        case Dismissed():
            return []
        case Matched():
            raise ResultAlreadySettled("这一行已匹配并记入项目。记错的，请在那个事项上更正。")
        case NotSetAside():
            raise absent()
        case _:
            assert_never(result)


def absent() -> NotFound:
    """Give the refusal of a row that is not there."""
    return NotFound("没有这一行待匹配的办理结果。")


def evolve(result: Result, event: ResultEvent) -> Result:
    """Take in a fact."""
    match event:
        case ResultSetAside():
            return Waiting(event.row, event.why, event.came_on)
        case ResultMatched():
            if not isinstance(result, Waiting):
                return result
            return Matched(result, event.project_id, event.item, event.matched_on)
        case ResultDismissed():
            if not isinstance(result, Waiting):
                return result
            return Dismissed(result, event.reason, event.dismissed_on)
        case _:
            assert_never(event)


def result_id_of(row: ResultRow) -> UUID:
    """Give a row its id: what one platform says of one step of one item on one day."""
    told = (row.platform, row.project_code, row.item, row.step.value, row.happened_on.isoformat())
    return uuid5(_RESULTS, "\n".join(told))


def stream_of(result_id: UUID) -> str:
    """Give the stream of a row."""
    return f"result-{result_id}"


RESULT: Decider[ResultCommand, Result, ResultEvent] = Decider(
    initial=NotSetAside(),
    decide=decide,
    evolve=evolve,
    read=TypeAdapter(Annotated[ResultEvent, Field(discriminator="kind")]),
)

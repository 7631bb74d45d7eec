"""Rows are taken in the order of their days, or set aside; sent again they are nothing new."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from contracts.approval_tracking import ItemState
from services.approval_tracking.approval_plan.decider import PLAN, stream_of
from services.approval_tracking.approval_plan.states import Plan
from services.approval_tracking.doors.result_rows import Load, Row, Said
from services.approval_tracking.result.adopting import Adopting
from services.approval_tracking.result.commands import DismissResult
from services.approval_tracking.result.decider import RESULT, Dismissed, Matched, Waiting
from services.approval_tracking.result.decider import stream_of as result_stream
from shared.deciding import Ask, Cause, handle
from shared.journal import Journal
from tests.approval_tracking.plans import DAYS, PROJECT, catalogue_of, draw_up
from tests.approval_tracking.result.test_adopting import PLATFORM

MAY_20 = date(2019, 5, 20)
CODE, OTHER = "2019-140525-34-03-002187", "2019-140525-34-03-009999"
CAUSE = Cause(
    "m-platform", "city_reviewer", "D-DRC", datetime(2019, 5, 20, 1, tzinfo=UTC), "c", "c"
)


@pytest.fixture
async def journal(journal_pool: asyncpg.Pool) -> Journal:
    """A journal with one plan."""
    journal = Journal(journal_pool, "approval_tracking")
    ask: Any = Ask(stream_of(PROJECT), str(PROJECT), draw_up(), lambda _: b"")
    await handle(journal, PLAN, ask, CAUSE)
    return journal


def load_on(journal: Journal, known: Mapping[str, UUID] | None = None) -> Load:
    codes = {CODE: PROJECT} if known is None else known

    async def coded(asked: Sequence[str]) -> Mapping[str, UUID]:
        return {code: codes[code] for code in asked if code in codes}

    return Load(journal, Adopting(PLATFORM, MAY_20, DAYS, catalogue_of), coded)


def said(number: int, item: str, step: str, day: int, **more: str) -> Said:
    row = {
        "platform": "省在线平台",
        "project_code": CODE,
        "item": item,
        "step": step,
        "happened_on": f"2019年5月{day}日",
        **more,
    }
    return number, row


async def send(load: Load, *rows: Said) -> list[Row]:
    return await load.taken(await load.judged(rows), CAUSE)


async def plan_of(journal: Journal) -> Plan:
    plan = PLAN.fold((await journal.load(stream_of(PROJECT))).payloads)
    assert isinstance(plan, Plan)
    return plan


def verdicts(rows: Sequence[Row]) -> list[str]:
    return [row.verdict for row in rows]


WHOLE_WAY = (
    said(2, "A01", "办结", 8, document_number=CODE),
    said(3, "A01", "受理", 7),
    said(4, "A10", "办结", 13, document_number="晋市备〔2019〕12号"),
    said(5, "A10", "受理", 9),
)


async def test_rows_of_one_plan_are_taken_in_the_order_of_their_days(journal: Journal) -> None:
    assert verdicts(await send(load_on(journal), *WHOLE_WAY)) == ["APPLIED"] * 4
    plan = await plan_of(journal)
    assert plan.items["A10"].state is ItemState.GRANTED
    assert plan.items["A10"].attempt.done_on == date(2019, 5, 13)


async def test_a_file_that_is_sent_twice_changes_nothing(journal: Journal) -> None:
    await send(load_on(journal), *WHOLE_WAY)
    version = (await journal.load(stream_of(PROJECT))).version
    assert verdicts(await send(load_on(journal), *WHOLE_WAY)) == ["UNCHANGED"] * 4
    assert (await journal.load(stream_of(PROJECT))).version == version


async def test_the_same_row_twice_in_one_file_is_taken_once(journal: Journal) -> None:
    rows = await send(load_on(journal), said(2, "A01", "受理", 7), said(3, "A01", "受理", 7))
    assert verdicts(rows) == ["APPLIED", "UNCHANGED"]
    assert "第 2 行" in rows[1].why


async def test_checking_a_file_writes_nothing_and_says_what_would_be(journal: Journal) -> None:
    before = (await journal.load(stream_of(PROJECT))).version
    rows = await load_on(journal).judged(
        [*WHOLE_WAY, said(6, "A10", "收件", 32), said(7, "X99", "受理", 9)]
    )
    assert verdicts(rows) == [*["ACCEPTABLE"] * 4, "WRONG", "SET_ASIDE"]
    assert rows[4].problems[0].field == "happened_on"
    assert (await journal.load(stream_of(PROJECT))).version == before


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (said(2, "A01", "受理", 7, project_code=OTHER), "unknown_code"),
        (said(2, "X99", "受理", 7), "no_such_item"),
        (said(2, "A10", "办结", 7), "not_in_that_state"),
        (said(2, "A10", "受理", 7), "predecessors_open"),
    ],
)
async def test_what_no_plan_takes_waits_with_the_reason(
    journal: Journal, row: Said, code: str
) -> None:
    (after,) = await send(load_on(journal), row)
    assert (after.verdict, after.code) == ("SET_ASIDE", code)
    assert after.result_id is not None
    waits = RESULT.fold((await journal.load(result_stream(after.result_id))).payloads)
    assert isinstance(waits, Waiting)
    assert waits.why == after.why


async def test_a_wrong_row_leaves_the_others_alone(journal: Journal) -> None:
    rows = await send(load_on(journal), said(2, "A01", "开工", 7), said(3, "A01", "受理", 7))
    assert verdicts(rows) == ["WRONG", "APPLIED"]


async def test_a_row_that_waited_is_settled_when_it_is_sent_again_and_fits(
    journal: Journal,
) -> None:
    row = said(2, "A01", "受理", 7)
    (waits,) = await send(load_on(journal, {}), row)
    (taken,) = await send(load_on(journal), row)
    assert (waits.verdict, taken.verdict) == ("SET_ASIDE", "APPLIED")
    assert taken.result_id is not None
    result = RESULT.fold((await journal.load(result_stream(taken.result_id))).payloads)
    assert isinstance(result, Matched)
    assert (result.project_id, result.item) == (PROJECT, "A01")


async def test_a_row_that_was_dismissed_is_not_taken_when_it_comes_again(journal: Journal) -> None:
    row = said(2, "A01", "受理", 7)
    (waits,) = await send(load_on(journal, {}), row)
    assert waits.result_id is not None
    dismissal: Any = Ask(
        result_stream(waits.result_id),
        result_stream(waits.result_id),
        DismissResult(result_id=waits.result_id, on=MAY_20, reason="不是本市项目。"),
        lambda _: b"",
    )
    await handle(journal, RESULT, dismissal, CAUSE)
    assert verdicts(await send(load_on(journal), row)) == ["UNCHANGED"]
    result = RESULT.fold((await journal.load(result_stream(waits.result_id))).payloads)
    assert isinstance(result, Dismissed)
    assert (await plan_of(journal)).items["A01"].state is ItemState.NOT_BEGUN


async def test_the_same_step_told_otherwise_waits_and_changes_nothing(journal: Journal) -> None:
    await send(load_on(journal), *WHOLE_WAY)
    (again,) = await send(
        load_on(journal), said(2, "A10", "办结", 13, document_number="另一个文号")
    )
    assert (again.verdict, again.code) == ("SET_ASIDE", "told_otherwise")
    number = (await plan_of(journal)).items["A10"].attempt.document_number
    assert number == "晋市备〔2019〕12号"

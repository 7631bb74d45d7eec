"""Reading happens in a process of its own, whose end is a refusal and nothing worse."""

import asyncio

import pytest

from services.intake.adapters import workbook_child
from services.intake.adapters.workbook_child import read_in_child
from shared.workbook import child
from shared.workbook.marking import mark_workbook
from shared.workbook.refusals import (
    ForbiddenMarkup,
    NoHeaderFound,
    NotAWorkbook,
    ReadingCutOff,
)
from shared.workbook.table import read_table
from shared.workbook.table_child import mark_in_child, table_in_child
from tests.intake.workbook.files import PROJECT, cells, packed, parts, read, sheet, table

GOOD = sheet(table(PROJECT, cells(total_investment="1.2亿元")))


async def test_the_child_reads_what_we_would_read() -> None:
    assert await read_in_child(GOOD, "谋划项目.xlsx") == read(GOOD)
    assert await table_in_child(GOOD, "项目名称") == read_table(GOOD, "项目名称")


async def test_the_child_marks_what_we_would_mark() -> None:
    known = read(GOOD)
    problems = {row.number: [*row.problems] for row in known.rows}
    back = await mark_in_child(GOOD, known.place, problems)
    assert read(back) == read(mark_workbook(GOOD, known.place, problems))


async def test_a_refusal_of_the_child_is_our_refusal() -> None:
    with pytest.raises(NoHeaderFound, match="项目名称"):
        await read_in_child(sheet([["姓名"], ["张示例"]]), "名单.xlsx")
    with pytest.raises(NoHeaderFound, match="项目代码"):
        await table_in_child(sheet([["姓名"], ["张示例"]]), "项目代码")
    with pytest.raises(ForbiddenMarkup):
        await read_in_child(packed(parts("<!DOCTYPE a>", "")), "a.xlsx")


async def test_what_is_no_workbook_never_reaches_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object) -> bytes:
        raise AssertionError

    monkeypatch.setattr(workbook_child, "in_child", never)
    with pytest.raises(NotAWorkbook):
        await read_in_child(b"%PDF-1.7", "a.xlsx")


async def test_a_child_that_takes_too_long_is_ended() -> None:
    with pytest.raises(ReadingCutOff, match="没有写入任何内容"):
        await read_in_child(GOOD, "a.xlsx", seconds=0.01)


async def test_a_child_that_needs_too_much_memory_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    greedy = (
        "from services.intake.adapters.workbook_child import work; "
        "from shared.workbook import child; "
        "child.answer(lambda *asked: (bytes(child.MOST_MEMORY), work(*asked))[1])"
    )
    monkeypatch.setattr(workbook_child, "_PROGRAM", ("-c", greedy))
    with pytest.raises(ReadingCutOff):
        await read_in_child(GOOD, "a.xlsx")


async def test_a_child_that_only_computes_is_ended_by_its_own_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # It would come to an end, and to a right answer, were it let.
    busy = (
        "from services.intake.adapters.workbook_child import work; import time; "
        "from shared.workbook import child; "
        "child.answer(lambda *asked: ("
        "all(iter(lambda: time.process_time() < 5, False)), work(*asked))[1])"
    )
    monkeypatch.setattr(workbook_child, "_PROGRAM", ("-c", busy))
    monkeypatch.setattr(child, "_whole", lambda _: 1)
    with pytest.raises(ReadingCutOff):
        await read_in_child(GOOD, "a.xlsx", seconds=60)


async def test_a_child_that_is_killed_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    kill = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    monkeypatch.setattr(workbook_child, "_PROGRAM", ("-c", kill))
    with pytest.raises(ReadingCutOff):
        await read_in_child(GOOD, "a.xlsx")


async def test_a_child_that_talks_nonsense_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_child, "_PROGRAM", ("-c", "print('done'); print('{}')"))
    with pytest.raises(ReadingCutOff):
        await read_in_child(GOOD, "a.xlsx")


async def test_the_child_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIKU_DATABASE_URL", "postgresql://secret")
    says = "import json, os; print('refused'); " + (
        "print(json.dumps({'code': 'no_header_found', 'detail': ' '.join(os.environ)}))"
    )
    monkeypatch.setattr(workbook_child, "_PROGRAM", ("-c", says))
    with pytest.raises(NoHeaderFound) as told:
        await read_in_child(GOOD, "a.xlsx")
    assert "PYTHONUTF8" in told.value.detail
    assert "SIKU" not in told.value.detail


async def test_one_that_waits_no_longer_leaves_no_child_behind() -> None:
    task = asyncio.create_task(read_in_child(GOOD, "a.xlsx"))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await read_in_child(GOOD, "a.xlsx")).rows

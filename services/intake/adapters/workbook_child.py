"""Reads workbooks in a process of its own, with little memory and little time.

What is uploaded was written by others. The child holds no connection and no secret, answers in
JSON, and is ended when it takes too long; its end is a refusal like any other.
"""

import asyncio
import json
import resource
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from services.intake.workbook.marking import mark_workbook
from services.intake.workbook.reading import WorkbookRead, read_workbook
from services.intake.workbook.refusals import REFUSALS, ReadingCutOff
from services.intake.workbook.row_reading import CellProblem
from services.intake.workbook.table import TableRead, read_table
from shared.workbook.limits import check_container
from shared.workbook.refusals import UnfitWorkbook

MOST_MEMORY = 700 * 1024 * 1024
"""Of addresses; what is really used stays far below."""
_ROOT = Path(__file__).parents[3]
_PROGRAM = ("-m", "services.intake.adapters.workbook_child")
_ENVIRONMENT = {"PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
"""Nothing of ours: the settings of the parent hold passwords."""
_AT_ONCE = 2
_BY_CODE = {refusal.code: refusal for refusal in REFUSALS}


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Question:
    """What the child is asked: to read 附件1, or a ``table`` by a title; or to mark problems."""

    name: str
    seconds: int
    table: str = ""
    read: WorkbookRead | None = None
    problems: Mapping[int, Sequence[CellProblem]] | None = None


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Refused:
    """Why the child did not read."""

    code: str
    detail: str


_QUESTION = TypeAdapter(Question)
_REFUSED = TypeAdapter(Refused)
_READ = TypeAdapter(WorkbookRead)
_TABLE = TypeAdapter(TableRead)
_gate: list[tuple[asyncio.AbstractEventLoop, asyncio.Semaphore]] = []


async def read_in_child(data: bytes, name: str, seconds: float = 20) -> WorkbookRead:
    """Read a workbook in a child process.

    Raises:
        UnfitWorkbook: the file is not read; one of its kinds says why.
    """
    check_container(data)
    answer = await _ask(Question(name, _whole(seconds)), data, seconds)
    try:
        return _READ.validate_json(answer)
    except ValidationError as error:
        raise _cut_off() from error


async def table_in_child(data: bytes, title: str, seconds: float = 20) -> TableRead:
    """Read a table that has a column of this title, in a child process.

    Raises:
        UnfitWorkbook: the file is not read; one of its kinds says why.
    """
    check_container(data)
    answer = await _ask(Question("", _whole(seconds), table=title), data, seconds)
    try:
        return _TABLE.validate_json(answer)
    except ValidationError as error:
        raise _cut_off() from error


async def mark_in_child(
    data: bytes,
    read: WorkbookRead,
    problems: Mapping[int, Sequence[CellProblem]],
    seconds: float = 120,
) -> bytes:
    """Mark a workbook in a child process; what the parent holds stays small.

    Raises:
        UnfitWorkbook: the file is not read; one of its kinds says why.
    """
    question = Question("", _whole(seconds), read=read, problems=problems)
    return await _ask(question, data, seconds)


def _whole(seconds: float) -> int:
    return max(1, round(seconds + 0.5))


async def _ask(question: Question, data: bytes, seconds: float) -> bytes:
    async with _semaphore():
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *_PROGRAM,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=_ROOT,
            env=_ENVIRONMENT,
        )
        try:
            asked = _QUESTION.dump_json(question)
            said, _ = await asyncio.wait_for(
                process.communicate(asked + b"\n" + data), timeout=seconds
            )
        except TimeoutError as error:
            raise _cut_off() from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    verdict, _, answer = said.partition(b"\n")
    if verdict == b"done":
        return answer
    if verdict == b"refused":
        raise _refusal(answer)
    raise _cut_off()


def _refusal(answer: bytes) -> UnfitWorkbook:
    try:
        refused = _REFUSED.validate_json(answer)
    except ValidationError:
        return _cut_off()
    return _BY_CODE.get(refused.code, UnfitWorkbook)(refused.detail)


def _semaphore() -> asyncio.Semaphore:
    """Let only few children run at once in this process, whatever arrives on the last day."""
    loop = asyncio.get_running_loop()
    if not _gate or _gate[0][0] is not loop:
        _gate[:] = [(loop, asyncio.Semaphore(_AT_ONCE))]
    return _gate[0][1]


def _cut_off() -> ReadingCutOff:
    return ReadingCutOff(
        "读取这个文件用的时间或内存太多，已中止，没有写入任何内容。"
        "请新建一份模板，把内容以“值”粘贴过去后再传，或分成几份。"
    )


def main() -> None:
    """Answer one question from the standard input."""
    asked, _, data = sys.stdin.buffer.read().partition(b"\n")
    question = _QUESTION.validate_json(asked)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (question.seconds, question.seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        if question.read is not None and question.problems is not None:
            answer = mark_workbook(data, question.read, question.problems)
        elif question.table:
            answer = _TABLE.dump_json(read_table(data, question.table))
        else:
            answer = _READ.dump_json(read_workbook(data, question.name))
        sys.stdout.buffer.write(b"done\n" + answer)
    except UnfitWorkbook as refusal:
        refused = asdict(Refused(refusal.code, refusal.detail))
        sys.stdout.buffer.write(b"refused\n" + json.dumps(refused).encode())
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()

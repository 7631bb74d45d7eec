"""Works on a file from outside in a process of its own, with little memory and little time.

What is uploaded was written by others. The child holds no connection and no secret, answers on
its standard output, and is ended when it takes too long; its end is a refusal like any other.
"""

import asyncio
import resource
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from shared.workbook.refusals import REFUSALS, ReadingCutOff, UnfitWorkbook

MOST_MEMORY = 700 * 1024 * 1024
"""Of addresses; what is really used stays far below."""
_ROOT = Path(__file__).parents[2]
_ENVIRONMENT = {"PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
"""Nothing of ours: the settings of the parent hold passwords."""
_AT_ONCE = 2
_BY_CODE = {refusal.code: refusal for refusal in REFUSALS}


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Refused:
    """Why the child did not do what it was asked."""

    code: str
    detail: str


_REFUSED = TypeAdapter(Refused)
_gate: list[tuple[asyncio.AbstractEventLoop, asyncio.Semaphore]] = []


async def in_child(program: Sequence[str], question: bytes, data: bytes, seconds: float) -> bytes:
    """Put a question of one line about a file to a child, and give its answer.

    ``program`` are the arguments of a Python that calls ``answer``. Few children run at once in
    this process, whatever arrives on the last day.

    Raises:
        UnfitWorkbook: the file is not taken; one of its kinds says why. ``ReadingCutOff`` where
            the child took too much time or memory, or talked nonsense.
    """
    async with _semaphore():
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *program,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=_ROOT,
            env=_ENVIRONMENT,
        )
        try:
            asked = b"%d\n%b\n%b" % (_whole(seconds), question, data)
            said, _ = await asyncio.wait_for(process.communicate(asked), timeout=seconds)
        except TimeoutError as error:
            raise cut_off() from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    verdict, _, answered = said.partition(b"\n")
    if verdict == b"done":
        return answered
    if verdict == b"refused":
        raise _refusal(answered)
    raise cut_off()


def _whole(seconds: float) -> int:
    return max(1, round(seconds + 0.5))


def _refusal(answered: bytes) -> UnfitWorkbook:
    try:
        refused = _REFUSED.validate_json(answered)
    except ValidationError:
        return cut_off()
    return _BY_CODE.get(refused.code, UnfitWorkbook)(refused.detail)


def _semaphore() -> asyncio.Semaphore:
    loop = asyncio.get_running_loop()
    if not _gate or _gate[0][0] is not loop:
        _gate[:] = [(loop, asyncio.Semaphore(_AT_ONCE))]
    return _gate[0][1]


def cut_off() -> ReadingCutOff:
    """Give the refusal of a file whose child came to no end."""
    return ReadingCutOff(
        "读取这个文件用的时间或内存太多，已中止，没有写入任何内容。"
        "请新建一份模板，把内容以“值”粘贴过去后再传，或分成几份。"
    )


def answer(work: Callable[[bytes, bytes], bytes]) -> None:
    """Be the child: answer one question about one file from the standard input, under limits."""
    seconds, _, rest = sys.stdin.buffer.read().partition(b"\n")
    question, _, data = rest.partition(b"\n")
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        sys.stdout.buffer.write(b"done\n" + work(question, data))
    except UnfitWorkbook as refusal:
        refused = _REFUSED.dump_json(Refused(refusal.code, refusal.detail))
        sys.stdout.buffer.write(b"refused\n" + refused)
    sys.stdout.buffer.flush()

"""`siku import opening`: sends a sheet of stock to intake's door, and tells what became of it."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path
from typing import Any

from deploy.embedded.home import Home
from deploy.importing import Tell, open_doors
from deploy.opening_sheet import Line, UnfitSheet, read_sheet
from examples.doors import Doors, Mode, Refused

SECRET = "SIKU_MACHINE_SECRET"  # noqa: S105 -- the name of the variable, not a secret
AT_ONCE = 250
"""What one append takes; the door takes no more."""
_WHAT = {"LOADED": "已装入", "UNCHANGED": "无变化", "REFUSED": "没有装入"}


async def load_opening(
    home: Home,
    path: Path,
    as_of: date,
    mode: Mode,
    come_in: Callable[[Doors], Any],
    tell: Tell,
) -> bool:
    """Load a sheet; tell each row that is not in, the counts, and whether all are.

    Raises:
        Refused: nothing runs there, the sheet cannot be read, or the door said no.
    """
    try:
        lines = read_sheet(path)
    except UnfitSheet as unfit:
        raise Refused(str(unfit)) from unfit
    wrong = [line for line in lines if line.wrong]
    for line in wrong:
        tell(f"  第 {line.number} 行：{''.join(line.wrong)}")
    if mode == "all" and wrong:
        tell(f"有 {len(wrong)} 行填写有误，按“全部或都不”，一行也没有装入。")
        return False
    sound = [line for line in lines if not line.wrong]
    if mode == "all" and len(sound) > AT_ONCE:
        raise Refused(f"“全部或都不”一次最多 {AT_ONCE} 行，这份有 {len(sound)} 行。请分成几份。")
    counts = dict.fromkeys(_WHAT, 0)
    async with AsyncExitStack() as stack:
        doors = await open_doors(home, stack)
        for some in _parts(sound):
            # A machine's token lives less than a minute.
            operator = await come_in(doors)
            answer = await operator.ask("POST", "/opening", json=_body(some, as_of, mode))
            for row in answer["rows"]:
                counts[row["result"]] += 1
                if row["result"] == "REFUSED":
                    tell(f"  第 {some[row['number'] - 1].number} 行“{row['name']}”：{_why(row)}")
    said = "，".join(f"{_WHAT[result]} {count}" for result, count in counts.items())
    tell(f"{path.name}：{len(lines)} 行，{said}，填写有误 {len(wrong)}。")
    return not wrong and not counts["REFUSED"]


def by_machine(machine: str, secret: Callable[[], str]) -> Callable[[Doors], Any]:
    """Let a machine account come in; its secret comes from the environment, or is asked for."""
    known: list[str] = []

    async def come_in(doors: Doors) -> Doors:
        if not known:
            known.append(os.environ.get(SECRET) or secret())
        return await doors.machine_in(machine, known[0])

    return come_in


def by_account(username: str, password: Callable[[], str]) -> Callable[[Doors], Any]:
    """Let an account of a demonstration come in."""

    async def come_in(doors: Doors) -> Doors:
        known = await doors.example_password(username)
        return await doors.signed_in(username, known or password())

    return come_in


def _parts(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    for begin in range(0, len(lines), AT_ONCE):
        yield lines[begin : begin + AT_ONCE]


def _body(lines: Sequence[Line], as_of: date, mode: Mode) -> dict[str, Any]:
    rows = [dict(line.body) for line in lines]
    return {"as_of": as_of.isoformat(), "mode": mode, "not_secret": True, "rows": rows}


def _why(row: dict[str, Any]) -> str:
    told = "".join(f"{error['message']}{error['remedy']}" for error in row["errors"])
    return told or str(row["why"])

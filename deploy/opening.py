"""`siku import opening`: sends a sheet of stock to intake's door, and tells what became of it."""

from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path
from typing import Any

from deploy.coming_in import ComeIn
from deploy.embedded.home import Home
from deploy.importing import Tell, open_door
from deploy.opening_sheet import Line, UnfitSheet, read_sheet
from examples.doors import Doors, Mode, Refused

AT_ONCE = 250
"""What one append takes; the door takes no more."""
_WHAT = {"LOADED": "已装入", "UNCHANGED": "无变化", "REFUSED": "没有装入"}


async def load_opening(
    home: Home,
    path: Path,
    as_of: date,
    mode: Mode,
    come_in: ComeIn,
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
        doors = await open_door(home, stack, Doors)
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


def _parts(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    for begin in range(0, len(lines), AT_ONCE):
        yield lines[begin : begin + AT_ONCE]


def _body(lines: Sequence[Line], as_of: date, mode: Mode) -> dict[str, Any]:
    rows = [dict(line.body) for line in lines]
    return {"as_of": as_of.isoformat(), "mode": mode, "not_secret": True, "rows": rows}


def _why(row: dict[str, Any]) -> str:
    told = "".join(f"{error['message']}{error['remedy']}" for error in row["errors"])
    return told or str(row["why"])

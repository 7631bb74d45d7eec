"""Where the table begins: the rows of the header, the column of each field, the unit of money."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.intake.workbook.cells import UNITS, Unit
from services.intake.workbook.columns import (
    BY_KEY,
    COLUMNS,
    FUNDING_TEXT,
    HELD,
    IGNORED_TITLES,
    JOINED,
    PLACE,
    REQUIRED,
    YEARS,
)
from shared.workbook.cells import Value, half_width, shown

SEARCHED_ROWS = 30
_DEEPEST = 3
_FEWEST = 5
_WIDEST = 200

Grid = Sequence[Sequence[Value]]
Range = tuple[tuple[int, int], tuple[int, int]]

_BRACKETS = re.compile(r"[(\[【〔].*?[)\]】〕]")
_MARKS = re.compile(r"[^\w]")
_NUMBERING = re.compile(r"^(?:\d{1,2}|[一二三四五六七八九十]{1,3})[.、]")
_UNIT = re.compile(r"亿元|万元|(?<![\u4e00-\u9fff])元(?![\u4e00-\u9fff])")
_UNIT_ABOVE = re.compile(r"单位[:为]?\(?(亿元|万元|元)")


@dataclass(frozen=True)
class Header:
    """The header of 附件1 as one file has it; rows and columns are counted from 0."""

    first: int
    last: int
    columns: Mapping[str, int]
    units: Mapping[str, Unit]
    titles: Mapping[str, str]
    unknown: tuple[tuple[int, str], ...]
    twice: tuple[tuple[int, str], ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The titles of required columns that the file lacks."""
        return tuple(
            column.title
            for column in REQUIRED
            if column.key not in self.columns
            and not (column.key in {"location.region", "location.address"} and self.has_place)
        )

    @property
    def has_place(self) -> bool:
        """Whether the county and the address stand in one column."""
        return PLACE in self.columns


def find_header(grid: Grid, merged: Sequence[Range]) -> Header | None:
    """Find the rows that name the most columns; None where nothing looks like 附件1."""
    filled = _filled(grid, merged)
    best: Header | None = None
    for last in range(len(filled)):
        for depth in range(1, min(_DEEPEST, last + 1) + 1):
            header = _read(filled, last - depth + 1, last)
            if header is not None and (best is None or len(header.columns) > len(best.columns)):
                best = header
    return best


def _filled(grid: Grid, merged: Sequence[Range]) -> list[list[str]]:
    """Write the text of a merged range into each of its cells."""
    texts = [[shown(value) for value in row[:_WIDEST]] for row in grid[:SEARCHED_ROWS]]
    for (top, left), (bottom, right) in merged:
        if top >= len(texts) or left >= len(texts[top]):
            continue
        text = texts[top][left]
        for row in range(top, min(bottom + 1, len(texts))):
            for column in range(left, min(right + 1, len(texts[row]))):
                texts[row][column] = text
    return texts


def _read(texts: Sequence[Sequence[str]], first: int, last: int) -> Header | None:
    columns: dict[str, int] = {}
    titles: dict[str, str] = {}
    exact: set[str] = set()
    unknown: list[tuple[int, str]] = []
    twice: list[tuple[int, str]] = []
    for place in range(len(texts[last])):
        stack = _stack([texts[row][place] for row in range(first, last + 1)])
        if not stack:
            continue
        key = _key_of(stack)
        if key is None:
            if not {plain for text in stack for plain in _spellings(text)} & IGNORED_TITLES:
                unknown.append((place, stack[-1]))
            continue
        official = key in BY_KEY and stack[-1] == BY_KEY[key].title
        if key in columns and not (official and key not in exact):
            twice.append((place, stack[-1]))
            continue
        if key in columns:
            twice.append((columns[key], titles[key]))
        columns[key], titles[key] = place, stack[-1]
        if official:
            exact.add(key)
    if PLACE in columns and "location.region" in columns:
        if "location.address" not in columns:
            columns["location.address"] = columns[PLACE]
            titles["location.address"] = titles[PLACE]
        del columns[PLACE]
    twice += [
        (columns.pop(key), titles[key])
        for key in (YEARS, FUNDING_TEXT)
        if key in columns and any(held in columns for held in HELD[key])
    ]
    if "name" not in columns or len(columns) < _FEWEST:
        return None
    above = " ".join({text for row in texts[:first] for text in row})
    return Header(
        first=first,
        last=last,
        columns=columns,
        units=_units(texts, first, last, columns, above),
        titles=titles,
        unknown=tuple(unknown),
        twice=tuple(twice),
    )


def _stack(texts: Sequence[str]) -> list[str]:
    found: list[str] = []
    for text in texts:
        if text and (not found or found[-1] != text):
            found.append(text)
    return found


def _spellings(text: str) -> tuple[str, ...]:
    """Give a title with what its brackets hold, and without."""
    # Width and letter case are not what tells columns apart.
    plain = "".join(unicodedata.normalize("NFKC", text).split()).casefold()
    plain = _NUMBERING.sub("", plain).strip("*＊")
    with_brackets = _MARKS.sub("", _UNIT.sub("", plain))
    without = _MARKS.sub("", _UNIT.sub("", _BRACKETS.sub("", plain)))
    return (with_brackets, without)


def _known() -> dict[str, str]:
    known: dict[str, str] = {}
    for column in COLUMNS:
        for name in (column.title, *column.aliases):
            known.setdefault(_spellings(name)[0], column.key)
    for key, (title, aliases) in JOINED.items():
        for name in (title, *aliases):
            known.setdefault(_spellings(name)[0], key)
    return known


_KEYS = _known()


def _key_of(stack: Sequence[str]) -> str | None:
    """Name the field of a column: by the names above it together, its own, the one above."""
    for begin in range(len(stack)):
        joined = stack[begin:]
        for which in (0, 1):
            name = "".join(_spellings(text)[which] for text in joined)
            if name in _KEYS:
                return _KEYS[name]
    # 资金来源 | 预算 | 万元: the last row may hold nothing but a unit.
    if len(stack) > 1 and not any(_spellings(stack[-1])):
        return _key_of(stack[:-1])
    return None


def _units(
    texts: Sequence[Sequence[str]],
    first: int,
    last: int,
    columns: Mapping[str, int],
    above: str,
) -> dict[str, Unit]:
    """Take the unit from the column's own title, else from above the table, else 万元."""
    general = _unit_above(above) or "万元"
    units: dict[str, Unit] = {}
    for key, place in columns.items():
        if key == FUNDING_TEXT or (key in BY_KEY and BY_KEY[key].kind == "money"):
            own = " ".join(texts[row][place] for row in range(first, last + 1))
            units[key] = _unit_in(own) or general
    return units


def _unit_in(title: str) -> Unit | None:
    plain = half_width(title)
    if "亿元" in plain:
        return "亿元"
    if "万元" in plain:
        return "万元"
    return "元" if "(元)" in plain else None


def _unit_above(text: str) -> Unit | None:
    # A title may speak of 亿元以上项目: only what is called a unit counts.
    found = _UNIT_ABOVE.search(half_width(text))
    return UNITS[found[1]] if found else None

"""The clerk's sheet as he knows it: his rows, his column letters, his words, and what is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from services.console.adapters.workbooks import Cell, Row, Upload
from services.console.pages import words

PAGE_ROWS = 50
TITLES: Mapping[str, str] = {
    "owner": "报送单位",
    "name": "项目名称",
    "project_code": "项目代码",
    "content": "建设内容",
    "location.region": "建设地点（县区）",
    "location.address": "建设地点（详址）",
    "location.zone_id": "开发区",
    "builder.name": "组织（建设）单位",
    "builder.uscc": "统一社会信用代码",
    "total_investment": "总投资",
    "funding": "资金来源",
    **{f"funding.{source}": name for source, name in words.FUNDING_SOURCES.items()},
    "planned_start": "计划开工时间",
    "contact.name": "项目负责人",
    "contact.phone": "联系电话",
    "category": "产业类别",
    "track": "谋划方向",
    "lead_side": "主导方",
    "industry": "行业代码",
    "preparation": "前期进展",
    "build_from": "建设起始年月",
    "build_until": "建设终止年月",
    "annual_plan": "年度计划",
    "needs": "需协调问题",
    "remarks": "备注",
}
_ALWAYS = (
    "name",
    "location.region",
    "builder.name",
    "total_investment",
    "planned_start",
    "contact.phone",
)
_MONEY = ("total_investment", "funding.")

Show = Literal["trouble", "wrong", "hint", "acceptable", "unchanged", "all"]


class Looking(BaseModel):
    """Which rows are looked at; it lives in the address."""

    show: Show = "trouble"
    page: int = 1
    seen: str = ""


@dataclass(frozen=True)
class Column:
    """A column of the clerk's file: its letter there, and its title."""

    key: str
    letter: str
    title: str

    @property
    def money(self) -> bool:
        """Whether figures stand in it."""
        return self.key.startswith(_MONEY)


@dataclass(frozen=True)
class MarkedCell:
    """What the clerk typed, and what is said about it."""

    column: Column
    typed: str
    said: tuple[Cell, ...] = ()

    @property
    def css(self) -> str:
        """The frame around the cell."""
        if not self.said:
            return ""
        return "doubt" if all(one.hint for one in self.said) else "wrong"


@dataclass(frozen=True)
class MarkedRow:
    """A row with its cells in the order of the file."""

    number: int
    verdict: str
    cells: tuple[MarkedCell, ...]


@dataclass(frozen=True)
class Sheet:
    """One page of rows."""

    columns: tuple[Column, ...] = ()
    rows: tuple[MarkedRow, ...] = ()
    count: int = 0
    page: int = 1
    last: int = 1


def sheet_of(upload: Upload, rows: Sequence[Row], looking: Looking) -> Sheet:
    """Lay the rows out as the clerk's file has them, one page of them."""
    wanted = [row for row in rows if _wanted(row, looking.show)]
    last = max(1, -(-len(wanted) // PAGE_ROWS))
    page = min(max(1, looking.page), last)
    part = wanted[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    columns = _columns(upload, part)
    return Sheet(columns, tuple(_marked(row, columns) for row in part), len(wanted), page, last)


def _wanted(row: Row, show: Show) -> bool:
    match show:
        case "trouble":
            return bool(row.problems)
        case "wrong":
            return row.verdict == "wrong"
        case "hint":
            return row.verdict != "wrong" and bool(row.problems)
        case "acceptable" | "unchanged":
            return row.verdict == show
        case "all":
            return True


def _columns(upload: Upload, rows: Sequence[Row]) -> tuple[Column, ...]:
    letters = dict(upload.columns)
    touched = set()
    for row in rows:
        for problem in row.problems:
            touched.add(problem.key)
            letters.setdefault(problem.key, problem.letter)
    order = list(TITLES)
    unit = f"（{upload.unit}）" if upload.unit else ""
    columns = [
        Column(
            key,
            letters.get(key, ""),
            f"{TITLES.get(key, key)}{unit if key.startswith(_MONEY) else ''}",
        )
        for key in {*_ALWAYS, *touched}
    ]

    def in_form(column: Column) -> int:
        return order.index(column.key) if column.key in order else len(order)

    def in_file(column: Column) -> tuple[bool, int, str, int]:
        # What the file does not have stands last; Z stands before AA.
        return not column.letter, len(column.letter), column.letter, in_form(column)

    # As long as only some letters are known, the order of the form serves better.
    return tuple(sorted(columns, key=in_file if upload.columns else in_form))


def _marked(row: Row, columns: Sequence[Column]) -> MarkedRow:
    cells = []
    for column in columns:
        said = tuple(one for one in row.problems if one.key == column.key)
        typed = row.typed.get(column.key, "")
        cells.append(MarkedCell(column, typed, said))
    return MarkedRow(row.number, row.verdict, tuple(cells))

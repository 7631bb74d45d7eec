"""Reads the rows below a header: each for the form that it means, with what is wrong in it.

Reading complains only of what it cannot take for anything (no number, no month, no known choice)
and remarks on what people do not see (formulas, hidden rows). The form's rules come later.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from contracts.intake import FundingSource
from services.intake.workbook import cells
from services.intake.workbook.cells import Unreadable
from services.intake.workbook.columns import (
    BY_KEY,
    FUNDING_TEXT,
    HELD,
    JOINED,
    PLACE,
    YEARS,
    Column,
)
from services.intake.workbook.header import Grid, Header
from services.intake.workbook.joined import shares, years
from shared.workbook.cells import Value, half_width, letter_of, shown
from shared.workbook.limits import SheetMarks
from shared.workbook.marking import CellProblem

_NOTE = re.compile(
    r"(注|备注|说明|附注|填表说明|填报说明|填表|填报|制表|审核|复核|签字|盖章|单位负责人|联系人|报送日期|填表日期)"
    r"(人|单位|日期|时间|意见)?\s*[:：1１一]"
)
_SUM = re.compile(r"(合\s*计|总\s*计|小\s*计|共\s*计)")
_GROUP = re.compile(r"[（(]?[一二三四五六七八九十]{1,3}[）)、.．]")
_EXAMPLE = re.compile(r"(例|示例|样例|填写示例|举例)[:：]?")
_SHOWN_LENGTH = 300
SHOWN_AT = {PLACE: ("location.address", "location.region"), YEARS: HELD[YEARS]}
"""Under which of our columns a column that holds several is shown; problems stand at the first."""


@dataclass(frozen=True)
class RowRead:
    """A row: its number in the file, what was typed, and the form that is meant."""

    number: int
    owner: str | None
    body: Mapping[str, JsonValue]
    typed: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[CellProblem, ...] = ()


class RowReader:
    """Reads the rows below one header."""

    def __init__(self, header: Header, marks: SheetMarks) -> None:
        """Bind to a header and to what the cells do not say themselves."""
        self._header = header
        self._marks = marks
        self.remarks: list[str] = []
        self.places = dict(header.columns)
        for joined in SHOWN_AT:
            if joined in self.places:
                for held in HELD[joined]:
                    self.places.setdefault(held, self.places[joined])

    def rows(self, grid: Grid) -> list[RowRead]:
        """Read every row that holds a project."""
        rows = []
        skipped: list[str] = []
        for index in range(self._header.last + 1, len(grid)):
            values = grid[index]
            typed = {
                key: shown(values[place])
                for key, place in self._header.columns.items()
                if place < len(values) and values[place] != ""
            }
            typed = {key: text for key, text in typed.items() if text}
            if not typed and not self._is_lost(index + 1):
                continue
            if self._is_no_project(values, typed):
                skipped.append(str(index + 1))
                continue
            rows.append(self._row(index + 1, values, typed))
        if skipped:
            shown_numbers = "、".join(skipped[:10]) + ("等" if len(skipped) > 10 else "")
            self.remarks.append(f"第 {shown_numbers} 行是说明、合计或重复的表头，没有读入。")
        return rows

    def _is_lost(self, number: int) -> bool:
        """Tell whether our columns hold formulas, in this row, of which no result was kept."""
        computed = self._marks.formulas.get(number, {})
        ours = {place + 1 for place in self._header.columns.values()}
        return any(place in ours and not blank for place, blank in computed.items())

    def _is_no_project(self, values: Sequence[Value], typed: Mapping[str, str]) -> bool:
        texts = [text for value in values if (text := shown(value))]
        if not texts:
            return False
        first = texts[0]
        if _EXAMPLE.fullmatch(first):
            return True
        if _SUM.match(first) or _SUM.fullmatch(typed.get("name", "")):
            return True
        if len(typed) <= 3 and _NOTE.match(first):
            return True
        if len(set(texts)) == 1 and _GROUP.match(first):
            return True
        if typed.get("name") == self._header.titles["name"]:
            return True
        # The line "1 2 3 …" that forms print under their header.
        return len(texts) >= 5 and all(text.isdecimal() and len(text) <= 2 for text in texts)

    def _row(
        self,
        number: int,
        values: Sequence[Value],
        typed: Mapping[str, str],
    ) -> RowRead:
        problems: list[CellProblem] = []
        body: dict[str, JsonValue] = {}
        owner: str | None = None
        funding: Value = ""
        for key, place in self._header.columns.items():
            value = values[place] if place < len(values) else ""
            remark = self._about_formula(key, number, value)
            if remark is not None:
                problems.append(remark)
            if value == "" or (remark is not None and not remark.hint):
                continue
            if key == PLACE:
                self._put_place(shown(value), body)
                continue
            if key == YEARS:
                problems += self._put_years(value, body)
                continue
            if key == FUNDING_TEXT:
                funding = value
                continue
            try:
                read = self._value(BY_KEY[key], value)
            except Unreadable as reason:
                problems.append(self._problem(key, reason.rule, reason.message, reason.remedy))
                continue
            if key == "owner":
                owner = read
            elif read is not None:
                _put(body, key, read)
        # Last, because it may speak of the total.
        problems += self._put_funding(funding, body)
        if number in self._marks.hidden:
            problems.append(
                self._problem(
                    "name",
                    "hidden_row",
                    f"第 {number} 行是隐藏行，也已读入。",
                    "不想报送的请删去这一行。",
                    hint=True,
                )
            )
        return RowRead(
            number=number,
            owner=owner,
            body=body,
            typed={key: text[:_SHOWN_LENGTH] for key, text in self._typed(typed).items()},
            problems=tuple(problems),
        )

    def _value(self, column: Column, value: Value) -> str | None:
        match column.kind:
            case "money":
                amount = cells.amount(value, self._header.units[column.key], column.title)
                # A source without money is an empty column.
                no_source = column.key.startswith("funding.") and amount == "0"
                return None if no_source else amount
            case "month":
                return cells.month(value, column.title)
            case "choice":
                return cells.choice(value, column)
            case "code":
                return cells.code(value, column)
            case "text":
                return cells.free_text(value)

    def _about_formula(self, key: str, number: int, value: Value) -> CellProblem | None:
        place = self._header.columns[key]
        may_be_blank = self._marks.formulas.get(number, {}).get(place + 1)
        where = f"{letter_of(place)}{number}"
        cell_key = SHOWN_AT.get(key, (key,))[0]
        if place + 1 in self._marks.errors.get(number, ()):
            return self._problem(
                cell_key,
                "formula_error",
                f"{where} 显示的是错误值（如 #REF!、#DIV/0!）。",
                "请改正公式，或直接填写数值。",
            )
        if may_be_blank is None or (value == "" and may_be_blank):
            return None
        if value == "":
            return self._problem(
                cell_key,
                "formula_without_value",
                f"{where} 是公式，文件里没有存它的结果。",
                "请用 WPS 或 Excel 打开、保存后再传，或直接填写数值。",
            )
        return self._problem(
            cell_key,
            "formula_value",
            f"{where} 单元格是公式，已取其现值“{shown(value)[:30]}”。",
            "请核对现值；不对的请直接填写数值。",
            hint=True,
        )

    def _put_place(self, text: str, body: dict[str, JsonValue]) -> None:
        region, _ = cells.region_in(half_width(text))
        if region is not None:
            _put(body, "location.region", region)
        _put(body, "location.address", text)

    def _put_years(self, value: Value, body: dict[str, JsonValue]) -> Iterator[CellProblem]:
        title, _ = JOINED[YEARS]
        begin, end = HELD[YEARS]
        try:
            read = years(value, title)
        except Unreadable as reason:
            # The form does without these months, so the row is not barred.
            yield self._problem(begin, reason.rule, reason.message, reason.remedy, hint=True)
            return
        if read is None:
            return
        _put(body, begin, read.begin)
        _put(body, end, read.end)
        if read.by_year:
            yield self._problem(
                begin,
                "build_years_by_year",
                f"{title}“{shown(value)[:30]}”没有写全月份，按 {read.begin} 至 {read.end} 读入。",
                "不对的请写成 2019-06 至 2021-12。",
                hint=True,
            )

    def _put_funding(self, value: Value, body: dict[str, JsonValue]) -> Iterator[CellProblem]:
        if value == "":
            return
        title, _ = JOINED[FUNDING_TEXT]
        known = body.get("total_investment")
        total = known if isinstance(known, str) else None
        try:
            read = shares(value, self._header.units[FUNDING_TEXT], total, title)
        except Unreadable as reason:
            yield self._problem(FUNDING_TEXT, reason.rule, reason.message, reason.remedy)
            return
        if read is None:
            return
        for source, amount in read.amounts.items():
            _put(body, f"funding.{source}", amount)
        if read.of_total:
            yield self._problem(
                FUNDING_TEXT,
                "funding_of_total",
                f"{title}“{shown(value)[:30]}”没有写全金额，按总投资 {total} 万元折算。",
                "另有来源或金额不同的，请分别写明金额。",
                hint=True,
            )

    def _typed(self, typed: Mapping[str, str]) -> dict[str, str]:
        """Show what stands in one column under ours."""
        return {at: text for key, text in typed.items() for at in SHOWN_AT.get(key, (key,))}

    def _problem(
        self, key: str, rule: str, message: str, remedy: str, *, hint: bool = False
    ) -> CellProblem:
        letter = letter_of(self.places[key]) if key in self.places else ""
        return CellProblem(key, letter, rule, message, remedy, hint)


def _put(body: dict[str, JsonValue], key: str, value: str) -> None:
    """Put a value where the form has it."""
    top, _, part = key.partition(".")
    if top == "funding":
        sources = body.setdefault("funding", [])
        if isinstance(sources, list):
            sources.append({"source": FundingSource(part).value, "amount": value})
    elif part:
        inner = body.setdefault(top, {})
        if isinstance(inner, dict):
            inner[part] = value
    else:
        body[key] = value

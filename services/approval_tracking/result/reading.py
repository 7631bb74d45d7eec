"""From what stands in a sheet or a message to a row of results, or what is wrong with it."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date

from contracts.approval_tracking import ResultRow, ResultStep
from services.approval_tracking.result.rules import STEPS, problem, row_problems
from shared.refusals import Problem, UnreadableInput

_DAY = re.compile(
    r"(?P<year>(?:19|20)\d{2})(?:年|[-./])(?P<month>\d{1,2})(?:月|[-./])(?P<day>\d{1,2})日?"
    r"(?:[T ].*)?",
    re.ASCII,
)
_LONGEST_PAUSE = 366
_NEEDED = ("platform", "project_code", "item", "step", "happened_on")


def read_row(said: Mapping[str, str], on: date) -> ResultRow:
    """Read a row by the names of its columns, as of a day; what is left out is empty.

    Raises:
        UnreadableInput: it names each column that is wrong, with the way out.
    """
    cells = {name: text for name, typed in said.items() if (text := typed.strip())}
    problems = [
        problem(name, "required", "没有填写。", "请照来源平台填写。")
        for name in _NEEDED
        if name not in cells
    ]
    step = _step(cells.get("step"))
    happened_on = _day("happened_on", cells.get("happened_on"))
    valid_until = _day("valid_until", cells.get("valid_until"))
    days = _days(cells.get("expected_days"))
    read = (step, happened_on, valid_until, days)
    problems += [one for one in read if isinstance(one, Problem)]
    if (
        problems
        or not isinstance(step, ResultStep)
        or not isinstance(happened_on, date)
        or isinstance(valid_until, Problem)
        or isinstance(days, Problem)
    ):
        raise _unreadable(problems)
    row = ResultRow(
        project_code=_half_width(cells["project_code"]),
        project_name=cells.get("project_name"),
        item=_half_width(cells["item"]),
        step=step,
        happened_on=happened_on,
        document_number=cells.get("document_number"),
        valid_until=valid_until,
        reason=cells.get("reason"),
        basis=cells.get("basis"),
        procedure=cells.get("procedure"),
        expected_days=days,
        platform=cells["platform"],
    )
    if problems := row_problems(row, on):
        raise _unreadable(problems)
    return row


def _unreadable(problems: list[Problem]) -> UnreadableInput:
    return UnreadableInput(f"有 {len(problems)} 处填写有误，请按提示修改。", errors=problems)


def _step(typed: str | None) -> ResultStep | Problem | None:
    if typed is None:
        return None
    if step := STEPS.get(typed):
        return step
    try:
        return ResultStep(typed.upper())
    except ValueError:
        return problem(
            "step",
            "choice",
            f"“{typed[:50]}”不在可选范围内。",
            f"请从{'、'.join(STEPS)}中选。",
        )


def _day(field: str, typed: str | None) -> date | Problem | None:
    if typed is None:
        return None
    if read := _DAY.fullmatch(unicodedata.normalize("NFKC", typed)):
        try:
            return date(int(read["year"]), int(read["month"]), int(read["day"]))
        except ValueError:
            pass
    return problem(field, "day", f"“{typed[:50]}”不是日期。", "请按“年-月-日”填写，如 2019-04-19。")


def _days(typed: str | None) -> int | Problem | None:
    if typed is None:
        return None
    text = _half_width(typed)
    if re.fullmatch(r"\d{1,3}", text, re.ASCII) and 1 <= int(text) <= _LONGEST_PAUSE:
        return int(text)
    return problem(
        "expected_days",
        "range",
        f"“{typed[:50]}”不是 1 至 {_LONGEST_PAUSE} 的整数。",
        "请填预计停表的天数。",
    )


def _half_width(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())

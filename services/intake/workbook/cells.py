"""One cell: what a clerk typed, and the text, amount, month or code that is meant by it."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Literal

from services.intake.workbook.columns import BY_KEY, SPELLINGS, Column
from shared.workbook.cells import EXACT_DIGITS, Value, half_width, shown

Unit = Literal["万元", "亿元", "元"]

_IN_TEN_THOUSANDS: dict[Unit, Decimal] = {
    "万元": Decimal(1),
    "亿元": Decimal(10_000),
    "元": Decimal("0.0001"),
}
_SERIAL_BEGINS = date(1899, 12, 30)
_FIRST_SERIAL, _LAST_SERIAL = 29_221, 73_415
"""1980 and 2100: a bare number between them is a day that lost its date format."""
_LONGEST_AMOUNT = Decimal(10) ** 11
BLANKS = {"", "-", "--", "—", "——", "/", "／", "无", "\\"}
_NO_ZONE = {"否", "不在", "不在开发区"}

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", re.ASCII)
_WITH_UNIT = re.compile(r"(?P<number>[+-]?[\d,.]+)(?P<unit>亿元|亿|万元|万|元)", re.ASCII)
UNITS: dict[str, Unit] = {"亿元": "亿元", "亿": "亿元", "万元": "万元", "万": "万元", "元": "元"}
_MONTH = re.compile(
    r"(?P<year>(?:19|20)\d{2})(?:年|[-./])(?P<month>\d{1,2})"
    r"(?:月份?(?:\d{1,2}[日号]|[上中下]旬|[初中底末])?|[-./]\d{1,2}(?:[T\s].*)?)?",
    re.ASCII,
)
_MONTH_IN_DIGITS = re.compile(
    r"(?P<year>(?:19|20)\d{2})(?P<month>0[1-9]|1[0-2])(?:\d{2})?", re.ASCII
)
_INDUSTRY = re.compile(r"[A-Ta-t]?(?P<code>\d{2,4})(?:\D.*)?", re.ASCII | re.DOTALL)


class Unreadable(Exception):
    """A cell cannot be taken for what its column asks."""

    def __init__(self, rule: str, message: str, remedy: str) -> None:
        """Say which rule, what is wrong and what to do."""
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.remedy = remedy


def amount(value: Value, unit: Unit, title: str) -> str | None:
    """Read an amount as 万元; None where the cell means nothing.

    Raises:
        Unreadable: it is no amount, or not one that can be kept exactly.
    """
    if isinstance(value, bool | date | time | timedelta):
        raise _no_number(shown(value), title)
    typed = shown(value)
    text = half_width(typed).removeprefix("¥").removeprefix("￥")
    if text in BLANKS:
        return None
    if (labelled := _WITH_UNIT.fullmatch(text)) is not None:
        text = labelled["number"]
        written = UNITS[labelled["unit"]]
        if written != unit:
            raise _other_unit(typed, text, written, unit, title)
    if not (_NUMBER.fullmatch(text) or _GROUPED.fullmatch(text)):
        raise _no_number(typed, title)
    number = Decimal(text.replace(",", "")) * _IN_TEN_THOUSANDS[unit]
    if number < 0:
        raise Unreadable("amount_negative", f"{title}不能小于 0。", "请核对后重填。")
    if number >= _LONGEST_AMOUNT:
        raise Unreadable("amount_too_large", f"{title}位数太多。", "请核对单位是否为万元。")
    if number != number.quantize(Decimal("0.01")):
        raise Unreadable(
            "amount_decimals",
            f"{title}折合 {number.normalize():f} 万元，小数超过 2 位。",
            "请按万元填到两位小数；公式算出的请用 ROUND 取两位。",
        )
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _no_number(typed: str, title: str) -> Unreadable:
    return Unreadable("amount", f"{title}“{typed[:50]}”不是数。", "请只填数字，如 93500。")


def _other_unit(typed: str, text: str, written: Unit, unit: Unit, title: str) -> Unreadable:
    try:
        meant = Decimal(text.replace(",", "")) * _IN_TEN_THOUSANDS[written]
        number = f"{(meant / _IN_TEN_THOUSANDS[unit]).normalize():f}"
        remedy = f"若指 {text} {written}，请填 {number}。"
    except InvalidOperation:
        remedy = "请只填数字，如 93500。"
    message = f"{title}填了“{typed[:50]}”，而这一列的单位是{unit}。"
    return Unreadable("amount_unit", message, remedy)


def month(value: Value, title: str) -> str | None:
    """Read a month as YYYY-MM; None where the cell means nothing.

    Raises:
        Unreadable: no month is meant, or it could be one of two.
    """
    if isinstance(value, datetime | date):
        return f"{value.year:04d}-{value.month:02d}"
    typed = shown(value)
    text = half_width(typed)
    if text in BLANKS:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        if _FIRST_SERIAL <= value <= _LAST_SERIAL:
            day = _SERIAL_BEGINS + timedelta(days=int(value))
            return f"{day.year:04d}-{day.month:02d}"
        if re.fullmatch(r"(?:19|20)\d{2}\.1", text, re.ASCII):
            raise Unreadable(
                "month_ambiguous",
                f"{title}“{typed}”可能是 1 月，也可能是 10 月（表格去掉了末尾的 0）。",
                f"请写成 {text[:4]}-01 或 {text[:4]}-10。",
            )
    found = _MONTH.fullmatch(text) or _MONTH_IN_DIGITS.fullmatch(text)
    if found is None or not 1 <= int(found["month"]) <= 12:
        raise Unreadable(
            "month", f"{title}“{typed[:50]}”不是年月。", "请按“年-月”填写，如 2020-03。"
        )
    return f"{found['year']}-{int(found['month']):02d}"


def code(value: Value, column: Column) -> str | None:
    """Read a code or telephone number as text; None where the cell means nothing.

    Raises:
        Unreadable: the file no longer holds all digits, or there are far too many.
    """
    typed = shown(value)
    text = half_width(typed)
    if text in BLANKS or text in {"暂无", "未赋码", "无代码"}:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        if abs(value) >= 10**EXACT_DIGITS:
            raise Unreadable(
                "digits_lost",
                f"{column.title}存成了数字，第 15 位以后已经丢失。",
                "请先把这一格设为“文本”格式，再重新填写。",
            )
        if column.key == "industry" and text.isdecimal():
            text = text.zfill(2)
    if column.key == "industry":
        text = _industry(typed, text, column)
    elif column.key == "builder.uscc":
        text = text.upper()
    if len(text) > 50:
        raise Unreadable(
            "code_too_long", f"{column.title}有 {len(text)} 个字。", "这一栏只填号码，请核对。"
        )
    return text


def _industry(typed: str, text: str, column: Column) -> str:
    if (coded := _INDUSTRY.fullmatch(text)) is not None:
        return coded["code"]
    for label, known in column.choices.items():
        if half_width(label)[2:] == text:
            return known
    raise Unreadable(
        "industry_code",
        f"{column.title}“{typed[:50]}”不是 GB/T 4754-2017 的行业代码。",
        "请按项目投产后的主要产品填 2–4 位数字，大类 01–97。",
    )


def choice(value: Value, column: Column) -> str | None:
    """Read a choice by its label, its code or a known spelling; None where the cell is blank.

    Raises:
        Unreadable: the column does not offer this.
    """
    typed = shown(value)
    text = half_width(typed)
    if text in BLANKS:
        return None
    labelled = _labels(column.key).get(text)
    if labelled is not None:
        return labelled
    spelled = SPELLINGS.get(column.key, {}).get(text)
    if spelled is not None:
        return str(spelled)
    if text.upper() in column.choices.values():
        return text.upper()
    if column.key == "location.region":
        return region_in(text)[0] or _as_typed(text, column)
    if column.key == "location.zone_id":
        return None if text in _NO_ZONE else _zone(text) or _as_typed(text, column)
    raise Unreadable(
        "choice",
        f"{column.title}“{typed[:50]}”不在可选范围内。",
        "请从" + "、".join(column.choices) + "中选。",
    )


@cache
def _labels(key: str) -> dict[str, str]:
    return {half_width(label): str(known) for label, known in BY_KEY[key].choices.items()}


def _as_typed(text: str, column: Column) -> str:
    """Leave it to the form's rule, which knows what holds on the day."""
    if len(text) > 50:
        raise Unreadable("choice", f"{column.title}不在可选范围内。", "请从下拉中选。")
    return text


def free_text(value: Value) -> str | None:
    """Read free text; None where the cell means nothing."""
    text = shown(value)
    return None if text in BLANKS - {"无"} else text


def region_in(text: str) -> tuple[str | None, str]:
    """Find the county at the beginning of a place; give its code and the rest."""
    rest = text.removeprefix("山西省").removeprefix("晋城市").removeprefix("晋城")
    for name, known in BY_KEY["location.region"].choices.items():
        if rest.startswith(name):
            return known, rest[len(name) :]
        short = name[:-1]
        if len(short) >= 2 and rest == short:
            return known, ""
    return None, text


def _zone(text: str) -> str | None:
    for label, known in BY_KEY["location.zone_id"].choices.items():
        place = label.removesuffix("经开区")
        names = {
            f"{place}{city}{kind}"
            for city in ("", "市", "县")
            for kind in ("经济技术开发区", "开发区", "经济开发区", "经开区")
        }
        if text in names:
            return known
    return None

"""One cell that holds what the form asks in several: 建设起止年限, 资金来源 in words."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal

from contracts.intake import FundingSource
from services.intake.workbook.cells import (
    BLANKS,
    UNITS,
    Unit,
    Unreadable,
    amount,
)
from services.intake.workbook.columns import FUNDING
from shared.workbook.cells import Value, half_width, shown

_POINT = (
    r"(?P<{0}year>(?:19|20)\d{{2}})"
    r"(?:年(?:(?P<{0}spoken>\d{{1,2}})月份?(?:\d{{1,2}}[日号]|[上中下]旬|[初中底末])?|[初中底末])?"
    r"|[-./](?P<{0}month>\d{{1,2}})(?!\d)(?:[-./]\d{{1,2}}(?!\d))?"
    r"|(?P<{0}digits>0[1-9]|1[0-2])(?!\d))?"
)
_YEARS = re.compile(
    rf"[自从由]?{_POINT.format('from_')}(?:起|开工|开始)?"
    rf"(?:[-—–―─~_至到,;、]+(?:{_POINT.format('until_')}|(?P<same_year>\d{{1,2}})月份?[底末]?)"
    r"(?:止|竣工|完工|建成|投产)?)?",
    re.ASCII,
)
_BRACKETS = re.compile(r"\(.*?\)")

_SPOKEN = {
    FundingSource.BUDGET: ("中央预算内投资", "中央预算内", "财政投资", "财政拨款", "财政"),
    FundingSource.LOAN: ("申请贷款", "融资贷款"),
    FundingSource.SELF_RAISED: ("单位自筹", "业主自筹", "自行筹措", "自有资金", "企业自有资金"),
}
"""What people say in a sentence and would not write above a column."""
_SOURCES = {
    name: source
    for source, (title, aliases) in FUNDING.items()
    for name in (title, *aliases, *_SPOKEN.get(source, ()))
}
_TOKEN = re.compile(
    r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*(?P<unit>亿元|亿|万元|万|元|%)?"
    rf"|(?P<name>{'|'.join(sorted(_SOURCES, key=len, reverse=True))})"
    r"|[\s,;、。:+()]+|其中|申请|争取|和|及|与|为",
    re.ASCII,
)


@dataclass(frozen=True)
class Years:
    """When building begins and ends; ``by_year`` when a month was not written."""

    begin: str
    end: str
    by_year: bool


@dataclass(frozen=True)
class Shares:
    """The sources with their amounts in 万元; ``of_total`` when those follow from the total."""

    amounts: dict[FundingSource, str]
    of_total: bool


def years(value: Value, title: str) -> Years | None:
    """Read 建设起止年限 in one cell; None where it means nothing.

    Raises:
        Unreadable: no beginning and end are meant.
    """
    typed = shown(value)
    text = half_width(typed)
    if text in BLANKS:
        return None
    found = None if _is_time(value) else _YEARS.fullmatch(_BRACKETS.sub("", text))
    if found is None:
        raise _no_years(typed, title)
    begin = _month(found, "from_")
    if found["until_year"]:
        end_year, end = found["until_year"], _month(found, "until_")
    else:
        end_year = found["from_year"]
        end = int(found["same_year"]) if found["same_year"] else None
        # 2019年 alone is that year; 2019年6月 alone names one of the two ends.
        if begin is not None and end is None:
            raise _no_years(typed, title)
    if any(month is not None and not 1 <= month <= 12 for month in (begin, end)):
        raise _no_years(typed, title)
    return Years(
        f"{found['from_year']}-{begin or 1:02d}",
        f"{end_year}-{end or 12:02d}",
        by_year=begin is None or end is None,
    )


def _is_time(value: Value) -> bool:
    return isinstance(value, bool | date | time | timedelta)


def _month(found: re.Match[str], end: str) -> int | None:
    digits = found[f"{end}spoken"] or found[f"{end}month"] or found[f"{end}digits"]
    return int(digits) if digits else None


def _no_years(typed: str, title: str) -> Unreadable:
    return Unreadable(
        "build_years_text",
        f"{title}“{typed[:50]}”没有读懂，这一格没有读入。",
        "请写成 2019-06 至 2021-12。",
    )


def shares(value: Value, unit: Unit, total: str | None, title: str) -> Shares | None:
    """Read 资金来源 as people write it in one cell; None where it means nothing.

    A single source without an amount is the whole of ``total``; per cents are parts of it.

    Raises:
        Unreadable: it is not clear how much comes from where.
    """
    typed = shown(value)
    if half_width(typed) in BLANKS:
        return None
    tokens = _tokens(typed, title)
    order = "".join("N" if token["name"] else "A" for token in tokens)
    of_total = order == "N" or any(token["unit"] == "%" for token in tokens)
    if of_total and total is None:
        raise _no_shares(typed, title, "又没有总投资可以对照。")
    if order == "N":
        return Shares({_SOURCES[tokens[0]["name"]]: total or ""}, of_total=True)
    if not order or order not in {"NA" * (len(order) // 2), "AN" * (len(order) // 2)}:
        raise _no_shares(typed, title, "看不出每种来源各是多少。")
    sums: dict[FundingSource, Decimal] = {}
    for one, other in zip(tokens[::2], tokens[1::2], strict=True):
        name, figure = (one, other) if one["name"] else (other, one)
        source = _SOURCES[name["name"]]
        sums[source] = sums.get(source, Decimal(0)) + _amount(figure, unit, total, title)
    amounts = {source: f"{part.normalize():f}" for source, part in sums.items() if part}
    return Shares(amounts, of_total)


def _tokens(typed: str, title: str) -> list[re.Match[str]]:
    text = unicodedata.normalize("NFKC", typed).strip()
    tokens: list[re.Match[str]] = []
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise _no_shares(typed, title, f"不认识“{text[place : place + 10]}”。")
        place = found.end()
        if found["name"] or found["number"]:
            tokens.append(found)
    return tokens


def _amount(figure: re.Match[str], unit: Unit, total: str | None, title: str) -> Decimal:
    number, written = figure["number"], figure["unit"]
    if written == "%":
        part = Decimal(total or 0) * Decimal(number.replace(",", "")) / 100
        return Decimal(amount(f"{part.normalize():f}", "万元", title) or 0)
    return Decimal(amount(number, UNITS.get(written or "", unit), title) or 0)


def _no_shares(typed: str, title: str, why: str) -> Unreadable:
    return Unreadable(
        "funding_text",
        f"{title}“{typed[:50]}”没有读懂：{why}",
        "请写明每种来源和金额，如“自筹 5000万元，银行贷款 3000万元”，或按模板分列填写。",
    )

"""Says in Chinese what is wrong with a field: field, rule, sentence, remedy; and days in words."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from shared.refusals import Problem

_NO_DATE = ("不是日期。", "请按“年-月-日”填写，如 2019-05-01。")
# pydantic's error type -> (sentence, remedy); the error's own limits fill the braces.
_SENTENCES: dict[str, tuple[str, str]] = {
    "missing": ("没有填写。", "请填写。"),
    "extra_forbidden": ("没有这一栏。", "请删去这一栏，或核对栏名。"),
    "string_type": ("应当是文字。", "请填文字。"),
    "string_too_short": ("少于 {min_length} 个字。", "请补足。"),
    "string_too_long": ("超过 {max_length} 个字。", "请压缩到 {max_length} 个字以内。"),
    "string_pattern_mismatch": ("格式不对。", "请按 {pattern} 的格式填写。"),
    "string_unicode": ("里有无法显示的字符。", "请删去后重新键入。"),
    "date_type": _NO_DATE,
    "date_parsing": _NO_DATE,
    "date_from_datetime_parsing": _NO_DATE,
    "date_from_datetime_inexact": _NO_DATE,
    "month": ("应为年月。", "请按“年-月”填写，如 2020-03。"),
    "decimal_parsing": ("不是数。", "请只填数字，如 93500.00。"),
    "decimal_type": ("不是数。", "请只填数字，如 93500.00。"),
    "finite_number": ("不是数。", "请只填数字，如 93500.00。"),
    "decimal_max_places": ("小数超过 {decimal_places} 位。", "请按万元填到两位小数。"),
    "decimal_max_digits": ("位数太多。", "请核对单位是否为万元。"),
    "decimal_whole_digits": ("位数太多。", "请核对单位是否为万元。"),
    "greater_than": ("应当大于 {gt}。", "请核对后重填。"),
    "greater_than_equal": ("不能小于 {ge}。", "请核对后重填。"),
    "less_than_equal": ("不能大于 {le}。", "请核对后重填。"),
    "enum": ("不在可选范围内。", "请从 {expected} 中选。"),
    "literal_error": ("不在可选范围内。", "请从 {expected} 中选。"),
    "bool_type": ("应当是“是”或“否”。", "请填 true 或 false。"),
    "bool_parsing": ("应当是“是”或“否”。", "请填 true 或 false。"),
    "int_type": ("应当是整数。", "请填整数。"),
    "int_parsing": ("应当是整数。", "请填整数。"),
    "uuid_parsing": ("编号格式不对。", "请核对地址中的编号。"),
    "list_type": ("应当是一组值。", "请按列表填写。"),
    "tuple_type": ("应当是一组值。", "请按列表填写。"),
    "too_long": ("超过 {max_length} 项。", "请删减。"),
    "unfit_text": ("{sentence}", "{remedy}"),
    "json_invalid": ("内容不是合法的 JSON。", "请核对括号、引号和编码（UTF-8）。"),
    "model_attributes_type": ("应当是一个对象。", "请按接口说明填写。"),
    "dict_type": ("应当是一个对象。", "请按接口说明填写。"),
}
_WHERE = {"body", "query", "path", "header"}


_WEEKDAYS = "一二三四五六日"


def spoken_day(day: date, today: date) -> str:
    """Write a day as a notice says it: 4月25日（周四）, with its year where that is another."""
    year = "" if day.year == today.year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日（{weekday(day)}）"


def weekday(day: date) -> str:
    """Write the day of the week: 周四."""
    return f"周{_WEEKDAYS[day.weekday()]}"


def problems_of(errors: Sequence[Any], labels: Mapping[str, str]) -> list[Problem]:
    """Word pydantic's errors; ``labels`` gives the Chinese name of a field."""
    found = []
    for error in errors:
        place = [str(part) for part in error["loc"] if part not in _WHERE]
        name = ".".join(place) or "body"
        words = [part for part in place if not part.isdecimal()]
        label = labels.get(".".join(words)) or labels.get(words[-1] if words else "") or name
        label = "内容" if label == "body" else label
        sentence, remedy = _SENTENCES.get(error["type"], ("填写有误。", "请核对后重填。"))
        limits = {key: str(value) for key, value in (error.get("ctx") or {}).items()}
        found.append(
            Problem(
                field=name,
                label=label,
                rule=str(error["type"]),
                message=f"{label}{_filled(sentence, limits)}",
                remedy=_filled(remedy, limits),
            )
        )
    return found


def _filled(sentence: str, limits: Mapping[str, str]) -> str:
    for name, value in limits.items():
        # Choices come as 'A', 'B' or 'C'.
        spelled = value.replace("' or '", "'、'").replace("', '", "'、'") if "'" in value else value
        sentence = sentence.replace("{" + name + "}", spelled)
    return sentence

"""What a record looks like without what it says: names, kinds and lengths of values.

Operators mend the machine and have no business with the content: a fact may be confidential, and
a damaged record may hold anything. Identifiers are shown, for they lead to the fact.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

MOST_LINES = 200
MOST_CHARACTERS = 200
_IDENTIFIER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Line:
    """One place of a record and what stands there."""

    place: str
    what: str
    readable: bool = True


def header_lines(headers: tuple[tuple[str, bytes | None], ...]) -> list[Line]:
    """Describe headers: the envelope holds no business data and is shown as it is."""
    return [_header(name, value) for name, value in headers[:MOST_LINES]]


def body_lines(body: bytes) -> list[Line]:
    """Describe a body: its outline if it is JSON, else where it stops being readable."""
    if not body:
        return [Line("", "空", readable=False)]
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return [Line("", f"第 {error.start + 1} 个字节起不是 UTF-8", readable=False)]
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        where = f"第 {error.lineno} 行第 {error.colno} 列"
        return [Line("", f"不是 JSON：读到{where}为止", readable=False)]
    lines: list[Line] = []
    for line in _lines("", value):
        if len(lines) == MOST_LINES:
            lines.append(Line("", f"只列出前 {MOST_LINES} 项"))
            break
        lines.append(line)
    return lines


def text_or_bytes(value: bytes | None) -> Line:
    """Describe a key: text, or its bytes where it is none."""
    return _header("", value)


def _header(name: str, value: bytes | None) -> Line:
    if value is None:
        return Line(name, "没有值", readable=False)
    try:
        text = value.decode()
    except UnicodeDecodeError:
        shown = value[: MOST_CHARACTERS // 2].hex(" ")
        return Line(name, f"不是 UTF-8：{shown}", readable=False)
    return Line(name, _shortened(text))


def _lines(place: str, value: Any) -> Iterator[Line]:
    match value:
        case dict() if value:
            for name, part in value.items():
                short = _shortened(name)
                yield from _lines(f"{place}.{short}" if place else short, part)
        case list() if value:
            yield Line(place, f"{len(value)} 项")
            for number, part in enumerate(value):
                yield from _lines(f"{place}[{number}]", part)
        case _:
            yield Line(place, _kind_of(value))


def _kind_of(value: Any) -> str:
    match value:
        case None:
            return "空"
        case bool():
            return "是或否"
        case int():
            return "整数"
        case float():
            return "小数"
        case str() if _IDENTIFIER.fullmatch(value):
            return value
        case str():
            return f"文字，{len(value)} 字"
        case _:
            return "空的列表或对象"


def _shortened(text: str) -> str:
    visible = "".join(c if c.isprintable() else "�" for c in text)
    if len(visible) <= MOST_CHARACTERS:
        return visible
    return f"{visible[:MOST_CHARACTERS]}……（共 {len(text)} 字）"

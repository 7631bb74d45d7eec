"""Takes out of every log line what belongs to a person or opens a door, wherever it stands.

A second line of defence: nothing writes such things on purpose. Values are looked at, however deep
they lie, and so are the texts of exceptions.
"""

import re
from collections.abc import Mapping
from typing import Any

from shared.free_text import IDENTITY, PHONE

GONE = "[已隐去]"
_DEEPEST = 12
"""Whatever lies deeper is written as one text: nothing is so deep that we write."""

# Its name is enough to keep a value out, whatever it looks like.
_SECRET = re.compile(
    r"passw|secret|token|credential|authorization|cookie|session|private_key|api_?key",
    re.IGNORECASE,
)
# One pass, in time that grows with the text: nothing repeats without a bound or a fixed begin. What
# may stand comes first, or digits of an id would be taken for a telephone.
_PATTERN = re.compile(
    "|".join(
        (
            r"(?P<id>\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"
            r"|\b(?=[0-9]*[a-fA-F])[0-9a-fA-F]{32,128}\b"
            r"|\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+)",
            r"(?P<jwt>(?<![\w-])eyJ[\w-]{4,}\.[\w-]+\.[\w-]*)",
            r"(?P<bearer>\b(?:Bearer|Basic)\s+[\w.~+/=-]{6,})",
            r"(?P<login>(?<=://)[^\s:/@]{0,200}:[^\s/@]{1,200}(?=@))",
            r"(?P<named>(?:password|passwd|secret|token|session|cookie)[\w-]{0,40}"
            r"[\"']?\s{0,3}[=:]\s{0,3}[\"']?[^\s\"',;&)}\]]+)",
            f"(?P<identity>{IDENTITY})",
            f"(?P<phone>{PHONE})",
        )
    ),
    re.ASCII | re.IGNORECASE,
)
_WIDE = str.maketrans({chr(0xFF01 + n): chr(0x21 + n) for n in range(94)} | {"　": " "})


def redact(_: Any, __: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """Structlog processor: give the event without telephones, identity numbers and secrets."""
    return _named(event, 0)


def redacted(text: str) -> str:
    """Give a text without telephones, identity numbers and secrets."""
    return _PATTERN.sub(_kept, text.translate(_WIDE))


def _named(values: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    return {redacted(str(name)): _of(str(name), one, depth) for name, one in values.items()}


def _of(name: str, value: Any, depth: int) -> Any:
    if _SECRET.search(name) and not isinstance(value, bool | None):
        return GONE
    return _value(value, depth)


def _value(value: Any, depth: int) -> Any:
    match value:
        case bool() | float() | None:
            return value
        case int():
            return value if redacted(str(value)) == str(value) else GONE
        case str():
            return redacted(value)
        case _ if depth >= _DEEPEST:
            return redacted(repr(value))
        case Mapping():
            return {redacted(str(key)): _of(str(key), one, depth + 1) for key, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_value(one, depth + 1) for one in value]
        case _:
            return redacted(repr(value))


def _kept(found: re.Match[str]) -> str:
    if found["id"]:
        return found["id"]
    if found["named"]:
        name, sign, _ = re.split(r"([=:])", found["named"], maxsplit=1)
        return f"{name}{sign}{GONE}"
    return GONE

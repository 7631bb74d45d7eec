"""What no text may hold that many people see: personal numbers, marks of secrecy, odd characters.

The patterns serve the doors, which refuse a text, and the logs, which blank it.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal

from pydantic_core import PydanticCustomError

Flaw = Literal["unprintable", "phone", "identity", "secret"]

# As people write numbers: in groups, with blanks or hyphens, the area code in brackets.
PHONE = r"(?<!\d)(?:1[3-9]\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}\)?[ -]?[2-9]\d{6,7})(?!\d)"
IDENTITY = r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])"
_PHONE, _IDENTITY = re.compile(PHONE, re.ASCII), re.compile(IDENTITY, re.ASCII)
# 国家秘密标志 is the level with a star (保守国家秘密法实施条例); else the level is named as such.
_SECRET = re.compile(r"(?:绝密|机密|秘密)\s{0,3}[★☆]|密级\s{0,3}:?\s{0,3}(?:绝密|机密|秘密)")
# Control characters but tab and line ends, and halves of surrogate pairs.
_UNPRINTABLE = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


_SAID: dict[Flaw, tuple[str, str]] = {
    "unprintable": ("里有无法显示的字符。", "多由复制带入，请删去后重新键入。"),
    "phone": ("里有电话号码。", "请删去；这里的文字许多人都看得到。"),
    "identity": ("里有身份证号。", "请删去，本系统不收集身份证号。"),
    "secret": ("里有密级标志。", "本系统不处理涉密信息，没有保存任何内容。"),
}


def flaws(text: str) -> Iterator[Flaw]:
    """Name what a text holds and should not; each at most once."""
    # PostgreSQL and JSON readers refuse some of these, so none gets in.
    if _UNPRINTABLE.search(text):
        yield "unprintable"
    plain = unicodedata.normalize("NFKC", text)
    if _PHONE.search(plain):
        yield "phone"
    if any(_is_identity_number(match) for match in _IDENTITY.findall(plain)):
        yield "identity"
    if is_marked_secret(text):
        yield "secret"


def fit(text: str) -> str:
    """Give a text that many people may see: what ends the annotation of a form's line.

    Raises:
        PydanticCustomError: ``unfit_text``, with what is wrong and the remedy in its context.
    """
    for flaw in flaws(text):
        sentence, remedy = _SAID[flaw]
        raise PydanticCustomError(
            "unfit_text", "{sentence}", {"sentence": sentence, "remedy": remedy}
        )
    return text


def is_marked_secret(text: str) -> bool:
    """Tell whether a text bears the mark of a state secret."""
    return _SECRET.search(unicodedata.normalize("NFKC", text)) is not None


def _is_identity_number(text: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(text, _WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == text[-1].upper()

"""One cell, whatever its table: its value, its text as the clerk sees it, its column's letters."""

import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal

Value = int | float | str | bool | time | date | datetime | timedelta
EXACT_DIGITS = 15
"""So many digits a number in a cell holds exactly."""


def shown(value: Value) -> str:
    """Give a cell as the clerk sees it, more or less."""
    match value:
        case bool():
            return "是" if value else "否"
        case str():
            return value.strip()
        case float() if value.is_integer() and abs(value) < 10**EXACT_DIGITS:
            return str(int(value))
        case float():
            return _plain(value)
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)


def _plain(number: float) -> str:
    """Write a number without the noise that binary fractions carry, and without an exponent."""
    exact = Decimal(repr(number))
    if exact.is_finite() and len(exact.as_tuple().digits) > EXACT_DIGITS:
        exact = Decimal(f"{number:.{EXACT_DIGITS}g}")
    text = f"{exact:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def half_width(text: str) -> str:
    """Give digits, letters and marks in half width, without any blank."""
    wide = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return "".join(wide.split())


def letter_of(place: int) -> str:
    """Give the letters of a column that is counted from 0."""
    letters = ""
    number = place + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters

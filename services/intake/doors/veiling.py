"""What a list of rows shows of whom to call: enough to find the cell, not enough to call."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from shared.workbook.marking import CellProblem

_PERSONAL = ("contact.name", "contact.phone")


def veiled(typed: Mapping[str, str], problems: Sequence[CellProblem]) -> dict[str, Any]:
    """Give the cells of a row and what is wrong with them; no name, no telephone is whole."""
    shown, said = dict(typed), [asdict(problem) for problem in problems]
    for key in _PERSONAL:
        whole = typed.get(key, "")
        if not whole:
            continue
        shown[key] = _veiled(whole)
        for problem in said:
            for words in ("message", "remedy"):
                problem[words] = problem[words].replace(whole, shown[key])
    return {"typed": shown, "problems": said}


def _veiled(typed: str) -> str:
    return f"{typed[:3]}****{typed[-3:]}" if len(typed) > 7 else f"{typed[:1]}****"

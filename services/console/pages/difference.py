"""What changed between two editions of a dossier, word by word inside each column."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from contracts.intake import ProjectFacts
from services.console.pages import words
from services.console.pages.fields import FIELDS, Field, funding_sum, text_of

_WORD = re.compile(r"\d{4}年\d{1,2}月|\d[\d,.]*|[A-Za-z]+|\s+|.", re.DOTALL)
_ISLAND = 1  # equal text this short between two changes reads better as part of the change


@dataclass(frozen=True)
class Piece:
    """A run of text, changed or not."""

    text: str
    changed: bool


@dataclass(frozen=True)
class Change:
    """One column in both editions. A note says the consequence, ``balanced`` if it is well."""

    field: Field
    old: tuple[Piece, ...]
    new: tuple[Piece, ...]
    old_note: str = ""
    old_balanced: bool = True
    new_note: str = ""
    new_balanced: bool = True
    personal: bool = False


def compare(old: ProjectFacts | None, new: ProjectFacts, on: date) -> tuple[Change, ...]:
    """Give the columns that differ; without an older edition, every column that is filled in."""
    found = []
    for field in FIELDS:
        before = text_of(field.key, old, on) if old else ""
        after = text_of(field.key, new, on)
        if field.key == "contact" and old is not None:
            if old.contact_id != new.contact_id:
                found.append(Change(field, (), (), personal=True))
            continue
        if before == after:
            continue
        left, right = pieces(before, after) if old else ((), (Piece(after, changed=False),))
        found.append(_with_notes(Change(field, left, right), old, new))
    return tuple(found)


def unchanged(old: ProjectFacts, new: ProjectFacts, on: date) -> tuple[tuple[Field, str], ...]:
    """Give the filled columns that are the same in both editions."""
    return tuple(
        (field, text_of(field.key, new, on))
        for field in FIELDS
        if text_of(field.key, new, on)
        and text_of(field.key, old, on) == text_of(field.key, new, on)
        and (field.key != "contact" or old.contact_id == new.contact_id)
    )


def pieces(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Mark what was taken out of ``old`` and what was put into ``new``."""
    left, right = _WORD.findall(old), _WORD.findall(new)
    steps = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    olds: list[Piece] = []
    news: list[Piece] = []
    for number, (step, left_from, left_to, right_from, right_to) in enumerate(steps):
        before, after = "".join(left[left_from:left_to]), "".join(right[right_from:right_to])
        island = step == "equal" and 0 < number < len(steps) - 1 and len(before) <= _ISLAND
        changed = step != "equal" or (island and not before.isspace() and before not in "，。；、")
        _add(olds, before, changed=changed)
        _add(news, after, changed=changed)
    return tuple(olds), tuple(news)


def _add(run: list[Piece], text: str, *, changed: bool) -> None:
    if not text:
        return
    if run and run[-1].changed == changed:
        run[-1] = Piece(run[-1].text + text, changed)
    else:
        run.append(Piece(text, changed))


def _with_notes(change: Change, old: ProjectFacts | None, new: ProjectFacts) -> Change:
    match change.field.key:
        case "total_investment":
            note = _growth(old.total_investment if old else None, new.total_investment)
            return Change(change.field, change.old, change.new, new_note=note)
        case "funding":
            old_note, old_balanced = _balance(old) if old else ("", True)
            new_note, new_balanced = _balance(new)
            return Change(
                change.field,
                change.old,
                change.new,
                old_note,
                old_balanced,
                new_note,
                new_balanced,
            )
    return change


def _growth(old: int | None, new: int | None) -> str:
    if old is None or new is None or old == new:
        return ""
    sign = "+" if new > old else "−"
    share = f"（{sign}{words.percent(abs(new - old), old)}）" if old else ""
    return f"{sign}{words.wan(abs(new - old))} 万元{share}"


def _balance(facts: ProjectFacts) -> tuple[str, bool]:
    total, rows = facts.total_investment, funding_sum(facts)
    if not facts.funding or total is None:
        return "", True
    if rows == total:
        return f"合计 {words.wan(rows)}，与总投资一致", True
    return f"合计 {words.wan(rows)}，与总投资差 {words.wan(abs(total - rows))}", False


def summary(changes: Sequence[Change]) -> str:
    """Name the columns that changed, in one line."""
    return "、".join(change.field.label for change in changes)

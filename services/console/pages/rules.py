"""The rules that the pages quote: the terms of review on a day, as intake published them."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import assert_never

from contracts.intake import Holder
from shared.deadline import Policy

REVIEW = "review"
REPORT_MONTH = "report_month"
PROGRESS = "progress"


@dataclass(frozen=True)
class RulesFile:
    """One file of rules as it was told."""

    room: str
    valid_from: date
    sha256: str
    text: str
    told_at: datetime

    @property
    def values(self) -> Mapping[str, object]:
        """What the file says; nothing where it cannot be read."""
        return _values(self.text)


_NOT_SAID = Policy()


@dataclass(frozen=True)
class Terms:
    """Working days of each step of review; ``None`` as long as no rule has arrived.

    ``source`` names what a term rests on where no law or plan settles it.
    """

    first_review: int | None = None
    final_review: int | None = None
    resubmission: int | None = None
    yellow: Policy = _NOT_SAID
    source: str = ""
    sha256: str = ""

    def of(self, holder: Holder) -> int | None:
        """Give the working days of whoever has the dossier."""
        match holder:
            case Holder.CITY:
                return self.first_review
            case Holder.PROVINCE:
                return self.final_review
            case Holder.REPORTER:
                return self.resubmission
            case _:
                assert_never(holder)


@dataclass(frozen=True)
class Rules:
    """Every file of one room, by its first day; a file told again stands for the one before."""

    files: Mapping[date, RulesFile]

    def on(self, day: date) -> Terms:
        """Give the terms of a day."""
        file = self.file_on(day)
        return _terms(file) if file else Terms()

    def phrases_on(self, day: date) -> Mapping[str, tuple[str, ...]]:
        """Give the standard phrases of a day (常用语), by verdict."""
        file = self.file_on(day)
        told = file.values.get("phrases") if file else None
        if not isinstance(told, Mapping):
            return {}
        return {
            str(verdict): tuple(str(line) for line in lines)
            for verdict, lines in told.items()
            if isinstance(lines, list)
        }

    def file_on(self, day: date) -> RulesFile | None:
        """Give the file in force on a day; before the first one, the first one counts."""
        if not self.files:
            return None
        begun = [valid_from for valid_from in self.files if valid_from <= day]
        return self.files[max(begun) if begun else min(self.files)]


def rules_of(told: Sequence[RulesFile]) -> Rules:
    """Put the files of one room in order of their days; of one day the last told counts."""
    return Rules({file.valid_from: file for file in sorted(told, key=lambda file: file.told_at)})


def _terms(policy: RulesFile) -> Terms:
    values = policy.values
    return Terms(
        first_review=number(values.get("first_review_days")),
        final_review=number(values.get("final_review_days")),
        resubmission=number(values.get("resubmission_days")),
        yellow=_yellow(values.get("yellow")),
        source=str(values.get("source", "")),
        sha256=policy.sha256,
    )


def _yellow(table: object) -> Policy:
    values = table if isinstance(table, Mapping) else {}
    return Policy(
        yellow_percent=number(values.get("percent")),
        yellow_working_days=number(values.get("working_days")),
    )


@lru_cache(maxsize=64)
def _values(text: str) -> Mapping[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def number(value: object) -> int | None:
    """Give a number of a file; None for whatever is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None

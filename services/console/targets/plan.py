"""The targets of a year as dated data: goal, formula, who leads, where it is written."""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter
from pydantic.dataclasses import dataclass

from services.console.targets.parts import Part, What

_FILES = Path(__file__).parent
_STRICT = ConfigDict(extra="forbid")

Code = Annotated[str, StringConstraints(pattern=r"^[KG]\d{2}$")]
Measure = Literal["count", "money", "rate"]
By = Literal["count", "money"]
Each = Literal["", "county", "department", "group", "body", "zone", "region"]


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Variant:
    """Another way to count a rate, shown beside the one that has the goal."""

    name: str
    by: By
    counts: tuple[str, ...]
    of: tuple[str, ...]
    text: str


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Target:
    """What is to be reached by ``until``; with ``each`` every unit of a kind has it as its own.

    ``goal`` is in yuan, projects or percent, after its ``measure``.
    """

    code: Code
    name: str
    lead: str
    measure: Measure
    unit: str
    goal: int
    text: str
    source: str
    counts: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    each: Each = ""
    only: tuple[str, ...] = ()
    # A word of Python's cannot name a field.
    without: Annotated[tuple[str, ...], Field(alias="except")] = ()
    least: int = 0
    over: int = 0
    tag: str = ""
    teller: str = ""
    until: date | None = None
    variant: tuple[Variant, ...] = ()

    @property
    def key(self) -> str:
        """Tells it from another one of the same code: that of the city, or of each unit."""
        return f"{self.code}-{self.each}" if self.each else self.code

    def signed(self, written: tuple[str, ...]) -> tuple[tuple[int, Part], ...]:
        """Read what is added up and, with a leading ``-``, taken off."""
        return tuple(
            (
                -1 if one.startswith("-") else 1,
                Part(What(one.removeprefix("-")), self.least, self.over, self.tag),
            )
            for one in written
        )

    @property
    def parts(self) -> tuple[Part, ...]:
        """Everything that it counts, its variants too, each once."""
        written = [*self.counts, *self.of]
        for variant in self.variant:
            written += [*variant.counts, *variant.of]
        return tuple(dict.fromkeys(part for _, part in self.signed(tuple(written))))


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Targets:
    """The targets of one file, in force from its first to its last day."""

    valid_from: date
    valid_to: date
    target: tuple[Target, ...]

    def of_code(self, code: str) -> tuple[Target, ...]:
        """Give the targets of a code: mostly one, two where city and units have goals."""
        return tuple(one for one in self.target if one.code == code)

    @property
    def parts(self) -> tuple[Part, ...]:
        """Everything that any of them counts, each once."""
        return tuple(dict.fromkeys(part for one in self.target for part in one.parts))


def targets_on(day: date) -> Targets | None:
    """Give the targets in force on a day; None where no file holds for it."""
    return next((one for one in _files() if one.valid_from <= day <= one.valid_to), None)


@cache
def _files() -> tuple[Targets, ...]:
    read = TypeAdapter(Targets)
    return tuple(
        read.validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
        for path in sorted(_FILES.glob("*.toml"))
    )

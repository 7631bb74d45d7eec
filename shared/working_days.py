"""Which days are worked, as it was told so far? One view for every service that counts terms.

The calendar in force takes each year's last edition, over the years that are known beforehand.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from contracts.envelope import Fact
from shared.deadline import Calendar, Year
from shared.reference import NOTHING_HEARD, EditionRow, Reference, row_of
from shared.viewing import Told

NAME, VERSION = "working_days", 2
FILE = NOTHING_HEARD
"""The edition before anything was heard: the years of the reference data alone."""


class InForce(NamedTuple):
    """A calendar and its edition: ``FILE``, or the position of the last fact that it rests on."""

    calendar: Calendar
    edition: int


def fold(_: EditionRow | None, told: Told) -> EditionRow:
    """Write the edition of a year down."""
    if not isinstance(told.fact, Year):
        raise TypeError(told.fact.kind)
    return row_of(told)


def working_days(
    owner: str,
    topic: str,
    kinds: Mapping[str, type[Fact]],
    known: Sequence[Year],
    ignored: Mapping[str, str] | None = None,
) -> Reference[InForce]:
    """Read the years ``kinds`` of a topic; ``known`` are the years of the reference data."""

    def lay_out(told: Sequence[Fact], edition: int) -> InForce:
        heard = (fact for fact in told if isinstance(fact, Year))
        return InForce(Calendar([*known, *heard]), edition)

    return Reference(
        NAME,
        VERSION,
        owner=owner,
        topic=topic,
        kinds=kinds,
        fold=fold,
        lay_out=lay_out,
        ignored=ignored,
    )

"""What acts on items ask of the rules: the catalogue of a day, and how a plan is drawn with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from contracts.approval_tracking import Circumstances, ItemTerm, PlannedItem, StageLimit
from shared.deadline import Policy


class Terms(NamedTuple):
    """How long an item may take: by law, and as promised."""

    statutory: ItemTerm | None
    promised: ItemTerm | None


class Procedure(NamedTuple):
    """What stops the clock (特别程序), and the article that says so."""

    name: str
    basis: str


class Catalogue(Protocol):
    """One edition of the catalogue, so far as acts on items ask it. Days are working days."""

    @property
    def valid_from(self) -> date:
        """The first day of the edition."""

    @property
    def receipt_days(self) -> int:
        """Within which an office accepts or asks for corrections (行政许可法 32)."""

    @property
    def commitment_days(self) -> int:
        """Within which a commitment is checked."""

    @property
    def follow_up_days(self) -> int:
        """Within which what was missing at a grant is there."""

    @property
    def yellow(self) -> Policy:
        """When a clock warns."""

    @property
    def procedures(self) -> Mapping[str, Procedure]:
        """What may stop a clock."""

    def terms(self, item: str, of: Circumstances) -> Terms:
        """Give how long an item may take in a project of these circumstances."""

    def extension(self, item: str) -> int:
        """Give by how many days the law lets an item be extended, once; 0 for none."""


CatalogueOf = Callable[[date], Catalogue]
"""Gives the edition of a day."""


@dataclass(frozen=True)
class Drawn:
    """A plan as it is drawn up from circumstances, before anything of it has begun."""

    flow_name: str
    items: tuple[PlannedItem, ...]
    stages: tuple[StageLimit, ...]
    total_limit: int | None


Draw = Callable[[Circumstances], Drawn]
"""Draws a plan up from circumstances; the catalogue of the day and the offices are in it."""

"""What acts on items ask of the catalogue, and how a plan is drawn with it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Protocol, runtime_checkable

from contracts.approval_tracking import Circumstances, PlannedItem
from services.approval_tracking.approval_plan.catalogue import Procedure, Terms
from services.approval_tracking.approval_plan.drawing import Drawn
from shared.deadline import Policy


class Edition(Protocol):
    """An edition of the catalogue, so far as acts on items ask it. Days are working days."""

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


CatalogueOf = Callable[[date], Edition]
"""Gives the edition of a day."""


@runtime_checkable
class Draw(Protocol):
    """Draws a plan up; the catalogue of the day and the offices are in it."""

    def __call__(
        self,
        circumstances: Circumstances,
        *,
        begun: Sequence[PlannedItem] = (),
        accepted: Collection[str] = (),
    ) -> Drawn:
        """Draw around the items that have begun."""

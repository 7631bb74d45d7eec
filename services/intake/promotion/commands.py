"""What may be asked of an event to win investors."""

from collections.abc import Sequence
from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.intake import Evidence
from services.intake.project.commands import By, Ended
from services.intake.signing.commands import Bounds


class PromotionCommand(BaseModel):
    """A command of this room. ``oversees``: whoever asks keeps the events of the whole city."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    promotion_id: UUID
    by: By
    bounds: Bounds
    oversees: bool = False


class RecordPromotion(PromotionCommand):
    """Record an event that one's own unit held; ``own_places`` are names of places in the city."""

    org_name: str
    ended: Ended | None = None
    level: Literal["CITY", "COUNTY"]
    title: str
    place: str
    own_places: Sequence[str]
    outside_city: bool
    held_on: date
    evidence: tuple[Evidence, ...] = ()


class WithdrawPromotion(PromotionCommand):
    """Take an event back that was entered in error."""

    reason: str

"""What is told of 招商活动: events to win investors, of which those outside the city count."""

from datetime import date
from typing import Literal
from uuid import UUID

from contracts.envelope import Fact
from contracts.intake.words import Evidence


class PromotionHeld(Fact):
    """A unit went out to win investors (招商活动). Only those outside the city are counted."""

    kind: Literal["intake.promotion.held.v1"] = "intake.promotion.held.v1"
    promotion_id: UUID
    org: str
    org_name: str
    level: Literal["CITY", "COUNTY"]
    title: str
    place: str
    outside_city: bool
    held_on: date
    evidence: tuple[Evidence, ...] = ()


class PromotionWithdrawn(Fact):
    """An event was entered in error."""

    kind: Literal["intake.promotion.withdrawn.v1"] = "intake.promotion.withdrawn.v1"
    promotion_id: UUID
    reason: str
    withdrawn_on: date

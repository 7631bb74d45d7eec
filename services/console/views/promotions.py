"""Which events to win investors were held, by whom, and which of them outside the city?"""

from datetime import date
from typing import NamedTuple

from contracts import intake
from contracts.intake import PromotionEvent, PromotionHeld, PromotionWithdrawn
from shared.viewing import Owner, Told, View

NAME, VERSION = "promotions", 1


class PromotionRow(NamedTuple):
    """One event; only those ``outside_city`` count, at the ``level`` of who held it."""

    org: str
    org_name: str
    level: str
    title: str
    place: str
    outside_city: bool
    held_on: date
    version: int


def fold(_: PromotionRow | None, told: Told) -> PromotionRow | None:
    """Write an event down; one that was entered in error is not there."""
    event: PromotionEvent = told.fact  # type: ignore[assignment]
    match event:
        case PromotionHeld():
            return PromotionRow(
                org=event.org,
                org_name=event.org_name,
                level=event.level,
                title=event.title,
                place=event.place,
                outside_city=event.outside_city,
                held_on=event.held_on,
                version=told.envelope.version,
            )
        case PromotionWithdrawn():
            return None


VIEW = View(
    name=NAME,
    version=VERSION,
    owners=(
        Owner(
            name=intake.SERVICE,
            topic=intake.TOPIC,
            row=PromotionRow,
            kinds=intake.PROMOTION_KINDS,
            ignored=intake.not_of_a(
                "an event",
                intake.DOSSIER_KINDS,
                intake.PROGRESS_KINDS,
                intake.SIGNING_KINDS,
                intake.UPLOAD_KINDS,
            ),
            fold=fold,
        ),
    ),
    indexes=("(held_on)", "(org)"),
    history=True,  # Told of every project, of interest to few: each batch costs a transaction.
    gathers=True,
)

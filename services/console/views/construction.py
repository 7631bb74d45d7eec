"""When was ground first broken for a project, as it is recorded by now?"""

from datetime import date
from typing import NamedTuple

from contracts import intake
from contracts.envelope import Fact
from contracts.intake import ConstructionRectified, ConstructionStarted
from shared.viewing import Owner, Told, View

NAME, VERSION = "construction", 1


class ConstructionRow(NamedTuple):
    """One project whose works have begun."""

    started_on: date


def fold(row: ConstructionRow | None, told: Told) -> ConstructionRow | None:
    """Write down the first day of the works; rectified, it is another day or none."""
    event: ConstructionStarted | ConstructionRectified = told.fact  # type: ignore[assignment]
    match event:
        case ConstructionStarted():
            return ConstructionRow(event.started_on)
        case ConstructionRectified(what="STARTED"):
            return ConstructionRow(event.is_on) if event.is_on else None
        case ConstructionRectified():
            return row


_KINDS: dict[str, type[Fact]] = {
    fact.model_fields["kind"].default: fact for fact in (ConstructionStarted, ConstructionRectified)
}

VIEW = View(
    name=NAME,
    version=VERSION,
    owners=(
        Owner(
            name=intake.SERVICE,
            topic=intake.TOPIC,
            row=ConstructionRow,
            kinds=_KINDS,
            ignored={
                **{
                    kind: "does not say when the works began"
                    for kind in intake.PROGRESS_KINDS
                    if kind not in _KINDS
                },
                **intake.not_of_a(
                    "the works",
                    intake.DOSSIER_KINDS,
                    intake.SIGNING_KINDS,
                    intake.PROMOTION_KINDS,
                    intake.UPLOAD_KINDS,
                ),
            },
            fold=fold,
        ),
    ),
    indexes=("(started_on)",),
    history=True,  # Told of every project, of interest to few: each batch costs a transaction.
    gathers=True,
)

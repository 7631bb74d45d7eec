"""Opening stock (期初存量): a project and what it had done before, told together.

They are two streams, a project's own and that of its months and works, and two deciders; one of
both lets an append hold both or neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, assert_never

from pydantic import Field, TypeAdapter

from contracts.intake import DossierEvent, ProgressEvent
from services.intake.dossier import DOSSIER, Dossier
from services.intake.progress.commands import Command as ProgressCommand
from services.intake.progress.decider import PROGRESS
from services.intake.progress.states import Progress
from services.intake.project.commands import EnterStock
from shared.deciding import Decider
from shared.journal import Claim

StockEvent = DossierEvent | ProgressEvent
StockCommand = EnterStock | tuple[ProgressCommand, ...]
"""What is asked of a project's own stream, or else of that of its months and works."""


@dataclass(frozen=True)
class Stock:
    """What either stream has made of a project; of the other it knows nothing."""

    dossier: Dossier = field(default_factory=Dossier)
    progress: Progress = field(default_factory=Progress)


def decide(command: StockCommand, stock: Stock) -> Sequence[StockEvent]:
    """Answer what is asked of one of the streams."""
    match command:
        case EnterStock():
            return DOSSIER.decide((command,), stock.dossier)
        case tuple():
            return _told(command, stock.progress)
        case _:
            assert_never(command)


def _told(commands: Sequence[ProgressCommand], progress: Progress) -> Sequence[ProgressEvent]:
    facts: list[ProgressEvent] = []
    for command in commands:
        for fact in PROGRESS.decide(command, progress):
            facts.append(fact)
            progress = PROGRESS.evolve(progress, fact)
    return facts


def evolve(stock: Stock, event: StockEvent) -> Stock:
    """Take in a fact of either stream."""
    if isinstance(event, ProgressEvent):
        return replace(stock, progress=PROGRESS.evolve(stock.progress, event))
    return replace(stock, dossier=DOSSIER.evolve(stock.dossier, event))


def holds(stock: Stock) -> frozenset[Claim]:
    """Give the claims of a project."""
    return DOSSIER.holds(stock.dossier)


OPENING: Decider[StockCommand, Stock, StockEvent] = Decider(
    initial=Stock(),
    decide=decide,
    evolve=evolve,
    read=TypeAdapter(Annotated[StockEvent, Field(discriminator="kind")]),
    holds=holds,
    claimed=DOSSIER.claimed,
)

"""View workers with a handler that fails at random; the console's with the tally beside.

Run like `shared.running`: ``python -m tests.faults.storm.trembling console views``.
"""

import random
import sys
from collections.abc import Sequence
from dataclasses import replace

import structlog

import services.console.main
import shared.service
import shared.viewing.worker
from services.intake.main import SERVICE as INTAKE
from shared.running import main
from shared.viewing import Record, ViewStore
from shared.viewing.store import Batch, Span, apply_together
from tests.faults.storm import tally

BEFORE = 0.03
AFTER = 0.02

log = structlog.get_logger()


class Trembled(Exception):
    """The handler failed for no reason."""


class TremblingStore(ViewStore):
    """Fails before a batch is written, or when it is committed and nobody knows."""

    async def apply(self, spans: Sequence[Span], records: Sequence[Record]) -> None:
        """Apply a batch, or not, or fail all the same."""
        _tremble("before", BEFORE, self)
        await super().apply(spans, records)
        _tremble("after", AFTER, self)


async def apply_trembling(batches: Sequence[Batch]) -> None:
    """Apply the batches of several views, or not, or fail all the same."""
    stores = [batch.store for batch in batches]
    _tremble("before", BEFORE, *stores)
    await apply_together(batches)
    _tremble("after", AFTER, *stores)


def _tremble(when: str, chance: float, *stores: ViewStore) -> None:
    if random.random() < chance:  # noqa: S311
        log.warning("trembled", views=[store.view.name for store in stores], when=when)
        # Half of the time what is wrong is wrong with one view, which each then meets alone.
        raise Trembled(when) if random.random() < 0.5 else ValueError(when)  # noqa: S311


console = services.console.main.SERVICE
CONSOLE = replace(console, views=(*console.views, tally.VIEW))
KEEPERS = (CONSOLE, INTAKE)
"""The services that keep views, as the storm runs them."""


if __name__ == "__main__":
    services.console.main.SERVICE = CONSOLE
    vars(shared.service)["ViewStore"] = TremblingStore
    vars(shared.viewing.worker)["apply_together"] = apply_trembling
    main(sys.argv[1], sys.argv[2])

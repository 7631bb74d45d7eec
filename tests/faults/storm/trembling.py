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
from services.intake.main import SERVICE as INTAKE
from shared.running import main
from shared.viewing import Record, ViewStore
from shared.viewing.store import Span
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
        self._tremble("before", BEFORE)
        await super().apply(spans, records)
        self._tremble("after", AFTER)

    def _tremble(self, when: str, chance: float) -> None:
        if random.random() < chance:  # noqa: S311
            log.warning("trembled", view=self.view.name, when=when)
            raise Trembled(when)


console = services.console.main.SERVICE
CONSOLE = replace(console, views=(*console.views, tally.VIEW))
KEEPERS = (CONSOLE, INTAKE)
"""The services that keep views, as the storm runs them."""


if __name__ == "__main__":
    services.console.main.SERVICE = CONSOLE
    vars(shared.service)["ViewStore"] = TremblingStore
    main(sys.argv[1], sys.argv[2])

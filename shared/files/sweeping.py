"""The round that deletes expired files, again and again, in business time."""

import asyncio

import asyncpg
import structlog
from prometheus_client import Counter

from shared.clock import Clock
from shared.files import Files

EVERY = 60.0
"""Seconds of real time: a demonstration's clock may jump."""

log = structlog.get_logger()

files_expired = Counter("siku_files_expired_total", "Files deleted because their term was over")


async def sweep_for_ever(files: Files, clock: Clock, every: float = EVERY) -> None:
    """Sweep until cancelled; what is not reachable now is swept the next time."""
    while True:
        try:
            gone = await files.sweep(clock.now())
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("sweep_failed", error=repr(error))
        else:
            if gone:
                files_expired.inc(gone)
                log.info("files_expired", count=gone)
        await asyncio.sleep(every)

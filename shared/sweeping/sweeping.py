"""Looks for what became due, asks the streams, appends 500 at a time: each minute and each day.

Killed anywhere it has told what it appended and goes on with the rest; two at once meet in the
streams' expected versions. A stream that fails is set aside and stops no other.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import asyncpg
import structlog
from prometheus_client import Counter, Gauge

from shared.clock import Clock
from shared.deciding import Cause, handle_many
from shared.journal import MOST_STREAMS, Journal
from shared.refusals import Refusal, Unavailable
from shared.sweeping.aside import Failing, failing, last_runs, note_run, set_aside, take_back
from shared.sweeping.sweep import Due, Moment, Page, Sweep
from shared.viewing.hearing import said

EVERY = 60.0
"""Seconds of real time between two runs of one day; a new business day is looked at at once."""

_LOOK = 1.0

log = structlog.get_logger()

last_success = Gauge(
    "siku_sweep_last_success_timestamp_seconds", "When a run last came to its end", ["sweep"]
)
run_seconds = Gauge("siku_sweep_seconds", "How long that run took", ["sweep"])
failing_streams = Gauge("siku_sweep_failing", "Streams set aside", ["sweep"])
failing_seconds = Gauge("siku_sweep_failing_seconds", "Age of the oldest set aside", ["sweep"])
found_total = Counter("siku_sweep_found_total", "Streams asked what became due", ["sweep"])
told_total = Counter("siku_sweep_told_total", "Facts told because they were due", ["sweep"])
failed_total = Counter("siku_sweep_failed_total", "Streams that could not be asked", ["sweep"])

AnySweep = Sweep[Any, Any, Any]


@dataclass
class Swept:
    """What a run came to: streams asked, facts told, and what failed with its error."""

    found: int = 0
    told: int = 0
    errors: dict[str, str] = field(default_factory=dict)

    def add(self, other: "Swept") -> None:
        """Take in what another part of the run came to."""
        self.found += other.found
        self.told += other.told
        self.errors |= other.errors


class Sweeping:
    """The sweeps of one service in one process."""

    def __init__(
        self, service: str, sweeps: Sequence[AnySweep], pool: asyncpg.Pool, clock: Clock
    ) -> None:
        """Bind to the service's journal."""
        self._service = service
        self._sweeps = sweeps
        self._pool = pool
        self._clock = clock
        self._journal = Journal(pool, service)

    async def run(self) -> None:
        """Sweep until cancelled: every minute, and as soon as a business day begins.

        A demonstration's clock may jump over many days: the day it lands on is swept. In between
        the prompt sweeps look every second.
        """
        swept_for, swept_at = None, 0.0
        while True:
            today, now = self._clock.today(), time.monotonic()
            if today != swept_for or now - swept_at >= EVERY:
                swept_for, swept_at = today, now
                await self.round()
            else:
                await self.round(only_prompt=True)
            await asyncio.sleep(_LOOK)

    async def round(self, *, at_once: bool = False, only_prompt: bool = False) -> dict[str, Swept]:
        """Run each sweep once, unless another process does; give what they came to.

        One that does not come to its end is logged and begun again the next time, and the others
        have their turn. With ``at_once`` what was set aside is tried whatever its pause. With
        ``only_prompt`` the prompt ones alone look, and say nothing where they find nothing.
        """
        done: dict[str, Swept] = {}
        for sweep in self._sweeps:
            if only_prompt and not sweep.prompt:
                continue
            try:
                async with self._alone(sweep) as alone:
                    if alone:
                        done[sweep.name] = await self.sweep(
                            sweep, at_once=at_once, quiet=only_prompt
                        )
            except Exception as error:
                if _is_outside(error):
                    log.warning("sweep_put_off", sweep=sweep.name, error=repr(error))
                else:
                    log.exception("sweep_broken", sweep=sweep.name)
        if not only_prompt or any(swept.found for swept in done.values()):
            await self._show()
        return done

    async def sweep(self, sweep: AnySweep, *, at_once: bool = False, quiet: bool = False) -> Swept:
        """Run a sweep once; a ``quiet`` run that finds nothing leaves no trace.

        Exactly once is each stream's own affair: two may run at the same time.

        Raises:
            OSError, asyncpg.PostgresError, asyncpg.InterfaceError: the database is away; what was
                told until then stays told.
        """
        began = time.monotonic()
        moment = Moment(self._pool, self._clock.today(), self._clock)
        aside = await failing(self._pool, sweep.name)
        swept = Swept()
        async for page in _pages(sweep, moment, aside, at_once=at_once):
            part = await self._ask(sweep, page, moment)
            await self._keep(sweep, page, part, aside)
            swept.add(part)
        if quiet and not swept.found:
            return swept
        seconds = time.monotonic() - began
        failed = len(swept.errors)
        await note_run(
            self._pool, sweep.name, moment.today, swept.found, swept.told, failed, seconds
        )
        log.info(
            "swept",
            sweep=sweep.name,
            day=moment.today.isoformat(),
            found=swept.found,
            told=swept.told,
            failed=failed,
            seconds=round(seconds, 3),
        )
        return swept

    async def _ask(self, sweep: AnySweep, page: Page[Any, Any, Any], moment: Moment) -> Swept:
        """Ask all streams of a page together; where that fails, each half, down to the one."""
        try:
            outcomes = await handle_many(
                self._journal,
                sweep.decider,
                [due.ask() for due in page.due],
                self._cause(sweep, moment),
                beside=page.beside,
            )
        except Exception as error:
            if _is_outside(error):
                raise
            if len(page.due) == 1:
                return Swept(1, 0, {page.due[0].stream: said(error)})
            half = len(page.due) // 2
            swept = await self._ask(sweep, replace(page, due=page.due[:half]), moment)
            swept.add(await self._ask(sweep, replace(page, due=page.due[half:]), moment))
            return swept
        swept = Swept(len(page.due))
        for due, outcome in zip(page.due, outcomes, strict=True):
            if isinstance(outcome, Refusal):
                swept.errors[due.stream] = f"{outcome.code}: {outcome.detail}"
            elif outcome.wrote is not None:
                swept.told += len(outcome.wrote.facts)
        return swept

    async def _keep(
        self,
        sweep: AnySweep,
        page: Page[Any, Any, Any],
        part: Swept,
        aside: Mapping[str, Failing],
    ) -> None:
        """Set aside what failed, and take back what failed before and does no more."""
        found_total.labels(sweep.name).inc(part.found)
        told_total.labels(sweep.name).inc(part.told)
        failed_total.labels(sweep.name).inc(len(part.errors))
        for stream, error in part.errors.items():
            log.warning("sweep_item_failed", sweep=sweep.name, stream=stream, error=error)
        if part.errors:
            await set_aside(self._pool, sweep.name, part.errors)
        mended = [
            due.stream for due in page.due if due.stream in aside and due.stream not in part.errors
        ]
        if mended:
            await take_back(self._pool, sweep.name, mended)

    def _cause(self, sweep: AnySweep, moment: Moment) -> Cause:
        why = f"sweep:{sweep.name}:{moment.today}"
        return Cause(
            account="system",
            role="system",
            org="system",
            now=self._clock.now(),
            correlation_id=why,
            causation_id=why,
            policy=sweep.policy(moment.today),
        )

    @asynccontextmanager
    async def _alone(self, sweep: AnySweep) -> AsyncIterator[bool]:
        """Tell whether nobody else runs this sweep now; two would only do the work twice."""
        name = f"sweep:{self._service}:{sweep.name}"
        async with self._pool.acquire() as connection:
            alone = await connection.fetchval("select pg_try_advisory_lock(hashtext($1))", name)
            try:
                yield alone
            finally:
                if alone:
                    await connection.execute("select pg_advisory_unlock(hashtext($1))", name)

    async def _show(self) -> None:
        """Show what the last runs came to, in whichever process they were."""
        try:
            runs = await last_runs(self._pool)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("sweeps_not_shown", error=repr(error))
            return
        for ran in runs:
            last_success.labels(ran.sweep).set(ran.ended.timestamp())
            run_seconds.labels(ran.sweep).set(ran.seconds)
            failing_streams.labels(ran.sweep).set(ran.aside)
            failing_seconds.labels(ran.sweep).set(ran.oldest_seconds)


async def _pages(
    sweep: AnySweep, moment: Moment, aside: Mapping[str, Failing], *, at_once: bool
) -> AsyncIterator[Page[Any, Any, Any]]:
    """Give what failed before and may be tried again, then all else that is found."""
    tried = [stream for stream, one in aside.items() if at_once or not one.waits]
    for begin in range(0, len(tried), MOST_STREAMS):
        streams = tried[begin : begin + MOST_STREAMS]
        page = await sweep.again(moment, streams)
        found = {due.stream for due in page.due}
        await take_back(moment.pool, sweep.name, [s for s in streams if s not in found])
        yield page
    async for page in sweep.find(moment):
        due: list[Due[Any, Any, Any]] = [one for one in page.due if one.stream not in aside]
        if due:
            yield replace(page, due=due)


def _is_outside(error: Exception) -> bool:
    """Tell whether the database is away, full or stopped, for which no stream is to blame."""
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "08").startswith(("08", "53", "57", "58"))
    # The driver's word for a value that it cannot send is an InterfaceError too.
    away = OSError | asyncpg.InterfaceError | asyncpg.InternalClientError | Unavailable
    return isinstance(error, away) and not isinstance(error, ValueError)

"""`siku sweep`: how the sweeps of a running stack get on, what they set aside, and one run now."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg
import structlog

from deploy.embedded.home import Home
from deploy.parking import STILL_ASIDE
from deploy.rebuilding import offices
from shared.clock import Clock
from shared.journal import open_pool
from shared.service import Service
from shared.sweeping import Failing, Ran, Sweeping, failing, last_runs

Say = Callable[[str], None]
FAILURES = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)


def show(home: Home, say: Say, *, now: bool) -> int:
    """Say how the sweeps get on, after a run ``now`` if that is asked for; give the exit code.

    0 = all went well, 1 = could not be done, 3 = streams are set aside.
    """
    if "SIKU_DATABASE_URL" not in os.environ and not home.is_held():
        say(f"没有在运行：{home.path}")
        return 1
    # What is answered goes to standard output; what happens beside it does not.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    try:
        return asyncio.run(_show(home, say, now=now))
    except FAILURES as error:
        say(f"没有办成：{error}")
        return 1


async def _show(home: Home, say: Say, *, now: bool) -> int:
    aside = 0
    async for service, pool, clock in _opened(home):
        if now:
            sweeping = Sweeping(service.name, service.sweeps, pool, clock)
            done = await sweeping.round(at_once=True)
            for sweep in service.sweeps:
                if sweep.name not in done:
                    say(f"{service.name} {sweep.name}：没有跑成，或别的进程正在扫描，见日志")
        runs = {ran.sweep: ran for ran in await last_runs(pool)}
        for sweep in service.sweeps:
            say(f"{service.name} {sweep.name}：{_ran(runs.get(sweep.name))}")
            for line in await sweep.standing(pool) if sweep.standing else ():
                say(f"  {line}")
            for one in (await failing(pool, sweep.name)).values():
                aside += 1
                say(f"  {_failing(one)}")
    return STILL_ASIDE if aside else 0


async def _opened(home: Home) -> AsyncIterator[tuple[Service, asyncpg.Pool, Clock]]:
    for service, settings in offices(home):
        if service.sweeps:
            async with _pool(settings.database_url.get_secret_value()) as pool:
                yield service, pool, Clock(settings.home)


@asynccontextmanager
async def _pool(url: str) -> AsyncIterator[asyncpg.Pool]:
    pool = await open_pool(url, most=3)
    try:
        yield pool
    finally:
        await pool.close()


def _ran(ran: Ran | None) -> str:
    if ran is None:
        return "还没有跑完过一次"
    ago = (datetime.now(UTC) - ran.ended).total_seconds()
    return (
        f"{ago:.0f} 秒前跑完（业务日 {ran.today}），问了 {ran.found} 条流，说了 {ran.told} 件，"
        f"失败 {ran.failed} 条，用时 {ran.seconds:.1f} 秒；搁置 {ran.aside} 条"
    )


def _failing(one: Failing) -> str:
    since = f"{one.since.astimezone():%Y-%m-%d %H:%M:%S}"
    next_try = f"{one.next_try.astimezone():%H:%M:%S}"
    return f"{one.stream}  自 {since} 起试过 {one.attempts} 次，下次 {next_try}：{one.error[:200]}"

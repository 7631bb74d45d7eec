"""What must hold after a storm, I1 to I8, each a plain check with a sentence for its failure."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from deploy.stack import VERIFIER
from services.intake.main import SERVICE as INTAKE
from shared.verifying import Asking, Checked
from shared.verifying import examine as examine_all
from tests.faults.storm import in_the_journal, in_the_views
from tests.faults.storm.found import Found
from tests.faults.storm.people import Book
from tests.faults.storm.strays import AGAIN, kind_of, name_of
from tests.faults.storm.town import Town, reading
from tests.faults.storm.trembling import CONSOLE
from tests.shared.broker import reach, read_all

UNDER_WAY = 90.0


async def examine(town: Town, book: Book, tell: Callable[[str], None]) -> Found:
    """Check everything; give what was counted and every violation."""
    found = Found()
    records = await _all_records(town)
    checks: list[tuple[str, Callable[[], Awaitable[None]]]] = [
        ("I2 I3 I4 I5 I7", lambda: _verified(town, records, found)),
        ("I1", lambda: in_the_journal.commands(town, book, found)),
        ("I4", lambda: in_the_journal.topic(town, records, found)),
        ("I5", lambda: in_the_views.aside(town, records, found)),
        ("I6", lambda: in_the_views.ledger(town, found)),
        ("I8", lambda: in_the_views.rebuilt(town, found)),
    ]
    for name, check in checks:
        before = len(found.violations)
        await check()
        tell(f"{name}: {'violated' if len(found.violations) > before else 'holds'}")
    return found


async def _all_records(town: Town) -> list[Any]:
    """Wait until everything is told, then read the topics."""
    with suppress(TimeoutError):
        async with asyncio.timeout(UNDER_WAY), reading(town.stack, "intake") as intake:
            while await intake.fetchval(
                "select exists(select from journal.untold) or acknowledged <> "
                "(select max(position) from journal.told) from journal.relay"
            ):
                await asyncio.sleep(0.1)
    return await read_all(town.stack, *INTAKE.topics)


async def _verified(town: Town, records: list[Any], found: Found) -> None:
    """I2 to I5, I7 as `siku verify` sees them; what it finds of strays is right and left out."""
    strays = [record for record in records if kind_of(record) not in {None, AGAIN}]
    known = {f"{r.topic}/{r.partition}@{r.offset}" for r in strays} | {
        f"{view.name}: {name_of(record)}" for _, view in in_the_views.KEPT for record in strays
    }
    report = await examine_all(
        [
            Checked(INTAKE, town.stack.admin_database_url("intake")),
            Checked(CONSOLE, town.stack.admin_database_url("console")),
        ],
        reach(town.stack, VERIFIER),
        Asking(patience=UNDER_WAY),
    )
    wrong = [one for one in report.differences if one.where not in known]
    found.must_not("I2–I5, I7", wrong, "siku verify")

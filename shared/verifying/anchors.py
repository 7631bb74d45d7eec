"""A journal against its anchors, with nothing but its database: no Kafka, no views.

Within the journal the chains are counted again from what the facts hold, so a fact that was edited
or removed is named; chains that somebody counted anew fit one another but no longer the anchor.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from contracts.anchor import Anchor
from shared.verifying.checking import Checked, Progress
from shared.verifying.journal import JournalCheck, connect
from shared.verifying.ledger import Ledger
from shared.verifying.report import Report, Standing, UnusableResult


async def compare_with_anchors(
    services: Sequence[Checked],
    anchors: Sequence[Anchor],
    *,
    tell: Callable[[str], None] = lambda _: None,
    progress: Progress = lambda _stage, _done, _total: None,
) -> Report:
    """Check the journals of the anchors' services; what is wrong is in the report's differences.

    Raises:
        UnusableResult: an anchor is of a service whose database is not named.
        OSError, asyncpg.PostgresError: a database cannot be reached.
    """
    began = time.monotonic()
    report = Report(tell=tell)
    reachable = {checked.service.name: checked for checked in services if checked.service.writes}
    for name in sorted({anchor.service for anchor in anchors}):
        if name not in reachable:
            raise UnusableResult(f"存证是服务 {name} 的，没有给出它的数据库")
        own = sorted(
            (one for one in anchors if one.service == name), key=lambda one: (one.position, one.day)
        )
        await _compare(reachable[name], own, report, progress)
    report.conclude(time.monotonic() - began)
    return report


async def _compare(
    checked: Checked, anchors: Sequence[Anchor], report: Report, progress: Progress
) -> None:
    name = checked.service.name
    journal = JournalCheck(checked.database_url, name, report)
    connection = await connect(checked.database_url)
    try:
        last = await journal.sequenced(connection)
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            progress(f"{name} 日志", done, last)

        with (
            tempfile.TemporaryDirectory(prefix="siku-verify-") as folder,
            Ledger(Path(folder) / "journal", 0, last, make=True) as ledger,
        ):
            facts = await journal.check(ledger, advance)
        report.facts += facts
        report.add(f"{name}: {facts} 件事实的流链，总链到第 {last} 位")
        for anchor in anchors:
            stood = Standing(
                position=anchor.position,
                chain=anchor.chain,
                streams=anchor.streams,
                heads=anchor.heads,
                topics={},
            )
            same = await journal.goes_on_from(connection, stood)
            verdict = "相符" if same else "不符，当日以前的内容已不是原样"
            report.add(f"{name}: {anchor.day} 存证（第 {anchor.position} 位）{verdict}")
    finally:
        await connection.close()

"""The order of a verification: each journal, each topic against its journal, then the views."""

import asyncio
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shared.incarnations import first_markers
from shared.service import Service
from shared.topics import Offsets, Place, TopicMissing, reading
from shared.verifying.comparing import compare
from shared.verifying.journal import JournalCheck, connect, standing_at
from shared.verifying.kafka import Asked, scan
from shared.verifying.ledger import Ledger
from shared.verifying.report import Reached, Report, Standing
from shared.verifying.rows import RowCheck, Sampled
from shared.verifying.views import ViewCheck
from shared.viewing import View

PATIENCE = 20.0

Progress = Callable[[str, int, int], None]
"""Hears how far a stage has come: its name, what is done, what there is to do."""


class Different(Exception):
    """The system does not tell the same story everywhere; the report says where."""

    def __init__(self, report: Report) -> None:
        """Carry the report."""
        super().__init__("\n".join(map(str, report.differences)))
        self.report = report


@dataclass(frozen=True)
class Checked:
    """A service and its database, as somebody who may read everything sees it."""

    service: Service
    database_url: str


@dataclass(frozen=True)
class Asking:
    """How much is checked.

    ``since`` is an earlier result: only what came after it is checked, and that what it saw is
    still there; ``whole`` checks everything all the same. ``rows`` says of how many rows the
    views are folded again: all, a sample, or none.
    """

    since: Report | None = None
    whole: bool = False
    rows: Sampled | bool = True
    patience: float = PATIENCE


@dataclass
class Verification:
    """One run over services, topics and views."""

    services: Sequence[Checked]
    client: Mapping[str, Any]
    asking: Asking = field(default_factory=Asking)
    tell: Callable[[str], None] = lambda _: None
    progress: Progress = lambda _stage, _done, _total: None

    async def run(self) -> Report:
        """Check everything and give the report."""
        began = time.monotonic()
        self._report = Report(tell=self.tell)
        since = self.asking.since
        self._report.since = since.begun if since else None
        self._ends: dict[Place, int] = {}
        if since is None:
            self._report.add("没有上次的结果：日志与主题的末尾若被一并截去，看不出来")
        for checked in self.services:
            if checked.service.writes:
                before = since.standings.get(checked.service.name) if since else None
                await self._journal(checked, before)
        for checked in self.services:
            for view in checked.service.views:
                await self._view(checked, view)
        self._report.conclude(time.monotonic() - began)
        return self._report

    async def _journal(self, checked: Checked, before: Standing | None) -> None:
        service, report = checked.service, self._report
        journal = JournalCheck(checked.database_url, service.name, report)
        async with AsyncExitStack() as stack:
            connection = await connect(checked.database_url)
            stack.push_async_callback(connection.close)
            cut = await journal.cut(connection, self.asking.patience)
            goes_on = before is not None and await journal.goes_on_from(connection, before)
            try:
                topics = await stack.enter_async_context(reading(self.client, service.topics))
            except TopicMissing as error:
                report.differs("topic_missing", service.name, str(error))
                return
            begins, ends = await topics.begins(), await topics.ends()
            self._ends |= ends
            found_markers = await first_markers(topics, begins, ends)
            markers = {place: str(found_markers.get(place) or "") for place in ends}
            since, base = begins, 0
            if before is not None and goes_on and before.position <= cut:
                reached = self._reached(before, markers, begins, ends)
                if reached is not None and not self.asking.whole:
                    since, base = reached, before.position
            known = await connection.fetchval("select coalesce(max(position), 0) from journal.told")
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="siku-verify-")))
            ours, theirs = (
                stack.enter_context(Ledger(folder / name, base, cut, make=True))
                for name in ("journal", "kafka")
            )
            asked = Asked(
                dict(self.client),
                dict(service.tells),
                since,
                ends,
                folder / "kafka",
                base,
                cut,
                known,
            )
            facts, found = await asyncio.gather(
                journal.check(ours, self._stage(f"{service.name} 日志", cut - base)),
                scan(asked, self._stage(f"{service.name} Kafka", asked.records)),
            )
            before_comparing = len(report.differences)
            await compare(service.name, connection, topics, ours, theirs, found, report)
            standing = await standing_at(connection, cut)
        report.standings[service.name] = standing.model_copy(
            update={"topics": _reached_now(ends | found.goes_on, markers)}
        )
        report.facts += facts
        report.repeats += found.repeats
        from_there = f"自第 {base} 位之后，" if base else ""
        report.add(f"{service.name}: {from_there}{facts} 件事实的流链，总链到第 {cut} 位")
        if found.unread:
            report.add(f"{service.name}: 另有 {found.unread} 条旧事实的重复没有比较，请从头核对")
        same = len(report.differences) == before_comparing
        report.add(
            f"{service.name}: {from_there}{asked.records} 条 Kafka 记录，"
            f"重复 {found.repeats} 条" + ("，与日志一致" if same else "")
        )

    def _reached(
        self, before: Standing, markers: Mapping[Place, str], begins: Offsets, ends: Offsets
    ) -> dict[Place, int] | None:
        """Give where to read on; None when the topics are not those of the earlier result."""
        reached = {
            (topic, number): one
            for topic, partitions in before.topics.items()
            for number, one in partitions.items()
        }
        if reached.keys() != ends.keys():
            self.tell("主题或分区数与上次不同，从头核对")
            return None
        for place, one in reached.items():
            where = f"{place[0]}/{place[1]}"
            if one.marker and one.marker != markers[place]:
                self.tell(f"{where} 已重建，从头核对")
                return None
            if one.offset > ends[place]:
                self._report.differs("topic_cut", where, one.offset, ends[place])
                return None
        return {place: max(one.offset, begins[place]) for place, one in reached.items()}

    async def _view(self, checked: Checked, view: View) -> None:
        report = self._report
        writers = [
            other
            for other in self.services
            if set(other.service.topics) & set(view.topics)
            and other.service.name in report.standings
        ]
        async with AsyncExitStack() as stack:
            connection = await connect(checked.database_url)
            stack.push_async_callback(connection.close)
            check = ViewCheck(connection, view, report)
            if not await check.made():
                return
            await check.reaches(self._ends, self.asking.patience)
            async with reading(self.client, view.topics) as topics:
                stored = await check.stored()
                check.not_beyond(stored, await topics.ends())
            aside = await check.list_aside()
            journals = []
            streams = rows = 0
            for other in writers:
                journal = await connect(other.database_url)
                stack.push_async_callback(journal.close)
                journals.append(journal)
                position = report.standings[other.service.name].position
                streams += await check.versions(journal, other.service, position, aside)
            if {topic for other in writers for topic in other.service.topics} >= set(view.topics):
                await check.unknown(journals)
            report.add(f"视图 {view.name}: 已读到末尾，{streams} 条流的版本")
            if self.asking.rows is False:
                return
            for other, journal in zip(writers, journals, strict=True):
                compared = RowCheck(journal, connection, other.service, view, report)
                advance = self._stage(f"视图 {view.name}", streams)
                rows += await (
                    compared.sampled(self.asking.rows, advance)
                    if isinstance(self.asking.rows, Sampled)
                    else compared.full(advance)
                )
        report.rows += rows
        report.add(f"视图 {view.name}: {rows} 行重算并逐列比较")

    def _stage(self, name: str, total: int) -> Callable[[int], None]:
        done = 0
        self.progress(name, 0, total)

        def advance(count: int) -> None:
            nonlocal done
            done += count
            self.progress(name, done, total)

        return advance


def _reached_now(offsets: Offsets, markers: Mapping[Place, str]) -> dict[str, dict[int, Reached]]:
    """Lay out how far each partition was read, topic by topic."""
    topics: dict[str, dict[int, Reached]] = {}
    for place, offset in sorted(offsets.items()):
        topic, number = place
        reached = Reached(offset=offset, marker=markers[place])
        topics.setdefault(topic, {})[number] = reached
    return topics


async def examine(
    services: Sequence[Checked],
    client: Mapping[str, Any],
    asking: Asking | None = None,
    *,
    tell: Callable[[str], None] = lambda _: None,
    progress: Progress = lambda _stage, _done, _total: None,
) -> Report:
    """Check services, topics and views; what is wrong is in the report's differences.

    ``client`` reaches Kafka as a principal that may read every topic. What is still on its way
    gets ``asking.patience`` seconds to arrive.

    Raises:
        KafkaError, OSError, asyncpg.PostgresError: something cannot be reached.
    """
    return await Verification(services, client, asking or Asking(), tell, progress).run()


async def verify(
    services: Sequence[Checked], client: Mapping[str, Any], asking: Asking | None = None
) -> Report:
    """Examine, and let nobody go on with a system that is not sound.

    Raises:
        Different: something is not as it must be.
    """
    report = await examine(services, client, asking)
    if report.differences:
        raise Different(report)
    return report

"""One anchor a business day: signed, told, written once, whoever crashes meanwhile."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka.errors import KafkaError

from contracts.anchor import ANCHOR_KIND
from deploy.embedded.launcher import Stack
from shared.anchoring import published_fingerprint, read_anchor
from shared.anchoring.signing import key_of
from shared.anchoring.taking import AnchorDiffers, Anchoring, last_anchor
from shared.clock import Clock, advance, open_home
from shared.journal import Journal, open_pool
from tests.conftest import JOURNAL, NewDatabase
from tests.shared.broker import new_topic, reach, read_all, until
from tests.shared.ledger import put
from tests.shared.verifying.system import owner_of

DAY = date(2019, 4, 22)


@dataclass
class Office:
    """A journal with three facts, a home in demonstration time, a topic for anchors."""

    servers: Stack
    url: str
    owner: asyncpg.Connection
    home: Path
    topic: str

    def anchoring(
        self, leads: Callable[[], bool] = lambda: True, topic: str | None = None
    ) -> Anchoring:
        where = topic or self.topic
        return Anchoring("test", self.url, reach(self.servers), self.home, leads, where)

    def files(self) -> list[str]:
        return sorted(path.name for path in (self.home / "anchors").glob("2*"))

    async def told(self) -> list[Any]:
        return await read_all(self.servers, self.topic)


@pytest.fixture
async def office(
    servers: Stack, new_database: NewDatabase, tmp_path: Path
) -> AsyncIterator[Office]:
    url = await new_database(JOURNAL)
    open_home(tmp_path, real=False)
    pool = await open_pool(url)
    for amount in (1, 2, 3):
        await put(Journal(pool, "test"), "a", amount)
    await pool.fetchval("select journal.sequence(2)")
    await pool.close()
    owner = await owner_of(servers, url)
    yield Office(servers, url, owner, tmp_path, await new_topic(servers, 1))
    await owner.close()


async def test_a_day_is_anchored_with_what_the_journal_came_to(office: Office) -> None:
    await office.anchoring().anchor(DAY)
    assert office.files() == ["2019-04-22.test.json"]
    document = (office.home / "anchors" / "2019-04-22.test.json").read_bytes()
    anchor = read_anchor(document, published_fingerprint(office.home))
    assert (anchor.service, anchor.day, anchor.position, anchor.streams) == ("test", DAY, 2, 1)
    chain = "select encode(chain, 'hex') from journal.told where position = 2"
    assert anchor.chain == await office.owner.fetchval(chain)
    [told] = await office.told()
    assert (told.key, told.value) == (b"test", document)
    assert dict(told.headers)["ce_type"] == ANCHOR_KIND.encode()


async def test_a_journal_without_facts_is_anchored_as_empty(
    office: Office, new_database: NewDatabase
) -> None:
    empty = Anchoring(
        "empty",
        await new_database(JOURNAL),
        reach(office.servers),
        office.home,
        lambda: True,
        office.topic,
    )
    await empty.anchor(DAY)
    document = (office.home / "anchors" / "2019-04-22.empty.json").read_bytes()
    anchor = read_anchor(document, published_fingerprint(office.home))
    assert (anchor.position, anchor.chain, anchor.streams) == (0, "", 0)


async def test_a_day_has_one_anchor_however_often_the_process_begins_anew(office: Office) -> None:
    for _ in range(3):
        await office.anchoring().anchor(DAY)
    await office.anchoring().anchor(DAY + timedelta(days=1))
    assert office.files() == ["2019-04-22.test.json", "2019-04-23.test.json"]
    assert len(await office.told()) == 2


async def test_two_that_lead_at_the_same_moment_lay_down_the_same(office: Office) -> None:
    await asyncio.gather(*(office.anchoring().anchor(DAY) for _ in range(4)))
    assert office.files() == ["2019-04-22.test.json"]
    assert len({record.value for record in await office.told()}) == 1


async def test_what_kafka_did_not_take_is_told_later_as_it_was(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.anchoring.taking._PATIENCE", 1.5)
    with pytest.raises((KafkaError, TimeoutError)):
        await office.anchoring(topic="siku.no.such.topic").anchor(DAY)
    written = (office.home / "anchors" / "2019-04-22.test.json").read_bytes()
    await office.anchoring().anchor(DAY + timedelta(days=1))
    assert [json.loads(one.value)["anchor"]["day"] for one in await office.told()] == [
        "2019-04-22",
        "2019-04-23",
    ]
    assert (await office.told())[0].value == written


async def test_a_file_that_holds_something_else_is_left_as_it_is_and_raises_the_alarm(
    office: Office,
) -> None:
    (office.home / "anchors").mkdir()
    path = office.home / "anchors" / "2019-04-22.test.json"
    path.write_text("somebody else's")
    with pytest.raises(AnchorDiffers):
        await office.anchoring().anchor(DAY)
    assert path.read_text() == "somebody else's"
    assert await office.told() == []


async def test_who_does_not_lead_takes_no_anchor_and_who_leads_takes_each_new_day(
    office: Office,
) -> None:
    asked: list[bool] = []

    def not_mine() -> bool:
        asked.append(False)
        return False

    standing_by = asyncio.create_task(office.anchoring(not_mine).run())

    async def passed_over() -> bool:
        return len(asked) > 1

    await until(passed_over, what="a stand-by that had its turn")
    assert office.files() == []
    leading = asyncio.create_task(office.anchoring().run())
    today = Clock(office.home).today()

    async def anchored(days: int) -> None:
        async def there() -> bool:
            return len(office.files()) == days and len(await office.told()) == days

        await until(there, what=f"{days} anchors")

    await anchored(1)
    advance(office.home, timedelta(days=3))
    await anchored(2)
    for task in (standing_by, leading):
        task.cancel()
    landed = today + timedelta(days=3)
    assert office.files() == [f"{today}.test.json", f"{landed}.test.json"]


async def test_the_metric_says_in_real_time_when_the_last_anchor_was_taken(
    office: Office,
) -> None:
    await office.anchoring().anchor(DAY)
    said = last_anchor.labels("test")._value.get()
    taken = await office.owner.fetchval("select extract(epoch from taken_at) from journal.anchors")
    assert said == pytest.approx(float(taken))
    await office.owner.execute("alter table journal.anchors disable trigger never_changed")
    await office.owner.execute(
        "update journal.anchors set taken_at = taken_at - interval '27 hours'"
    )
    await office.anchoring().anchor(DAY)
    assert last_anchor.labels("test")._value.get() == pytest.approx(said - 27 * 3600, abs=1)


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as many:
        keys = list(many.map(key_of, [tmp_path] * 8))
    assert {key.thumbprint() for key in keys} == {published_fingerprint(tmp_path)}
    private = tmp_path / "anchor-key.json"
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert "d" not in json.loads((tmp_path / "anchors" / "key.json").read_bytes())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["anchor-key.json", "anchors"]

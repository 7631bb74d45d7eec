"""A topic is lost: noticed, told anew, adopted; nothing happens twice, nothing is missed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient
from fastapi import FastAPI

from deploy.embedded.launcher import Stack
from deploy.kafka_rights import connect, make_topics
from deploy.republishing import NotRepublished, Teller, adopt, make_anew, stands, until_told
from deploy.stack import Topic
from shared.journal import Journal, open_pool
from shared.relay import Relay
from shared.service import Runtime, Service
from shared.verifying import Checked, Report, verify
from tests.conftest import JOURNAL, VIEWING, NewDatabase
from tests.shared.broker import is_marker, new_topic, positions, reach, read_all, relaying, until
from tests.shared.ledger import put
from tests.shared.reader import Reader, working
from tests.shared.reading import ledger_view

STREAMS = [f"s{n}" for n in range(8)]


def no_doors(_: FastAPI, __: Runtime) -> None:
    """Answer nothing."""


@dataclass
class Office:
    """A service that writes, tells and reads itself, with everything running."""

    reader: Reader
    owner: asyncpg.Connection
    owner_url: str
    other_topic: str
    admin: AdminClient

    @property
    def journal(self) -> Journal:
        return Journal(self.reader.pool, "test")

    @property
    def topics(self) -> list[str]:
        return [self.reader.topic, self.other_topic]

    def relay(self) -> Relay:
        return Relay(
            self.reader.url, reach(self.reader.servers), "test", self._topic_of, self.topics
        )

    def _topic_of(self, _: str) -> str:
        return self.reader.topic

    @property
    def teller(self) -> Teller:
        topics = [Topic(name, 3) for name in self.topics]
        client = reach(self.reader.servers)
        return Teller("test", self.owner_url, topics, self.relay(), client)

    async def put_everywhere(self) -> None:
        for stream in STREAMS:
            await put(self.journal, stream, 1)

    async def told(self) -> bool:
        now = await stands(self.owner)
        return now.untold == 0 and now.acknowledged == now.told

    async def republish(self) -> tuple[list[str], int]:
        """Do what the operator's command does."""
        names = await make_anew(self.teller, self.admin, lambda _: None)
        await until_told(self.teller, lambda _: None)
        return names, await adopt(self.teller, [self.owner_url])

    async def verified(self) -> Report:
        view = ledger_view(self.reader.topic)
        service = Service("test", "试", no_doors, {"ledger": self.reader.topic}, (view,))
        return await verify([Checked(service, self.owner_url)], reach(self.reader.servers))


@pytest.fixture
async def office(
    servers: Stack, new_database: NewDatabase, tmp_path: Path
) -> AsyncIterator[Office]:
    url = await new_database(JOURNAL, VIEWING)
    pool = await open_pool(url)
    place = urlsplit(servers.admin_database_url())._replace(path=urlsplit(url).path)
    owner = await asyncpg.connect(urlunsplit(place))
    reader = Reader(servers, url, pool, await new_topic(servers, 3), tmp_path)
    admin = await asyncio.to_thread(connect, servers.kafka, servers.kafka_login()[1])
    yield Office(reader, owner, urlunsplit(place), await new_topic(servers, 3), admin)
    await owner.close()
    await pool.close()


@pytest.fixture(autouse=True)
def _looking_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.relay.LOOK_EVERY", 0.5)
    monkeypatch.setattr("shared.relay._LOOK_AGAIN", 0.5)
    monkeypatch.setattr("shared.viewing.worker.LOOK_EVERY", 1)
    monkeypatch.setattr("shared.viewing.worker._LOOK_AGAIN", 1)


Trouble = Callable[[Office], None]


def gone(office: Office) -> None:
    """The topic is deleted."""
    office.admin.delete_topics([office.reader.topic])[office.reader.topic].result(20)


def made_anew(office: Office) -> None:
    """The topic is deleted and made anew, empty: offsets stand beyond its end."""
    gone(office)
    while office.reader.topic in office.admin.list_topics().topics:
        pass
    make_topics(office.admin, [Topic(office.reader.topic, 3)])


def cut(office: Office) -> None:
    """Retention takes the first records of each partition away."""
    places = [TopicPartition(office.reader.topic, partition, 1) for partition in range(3)]
    for future in office.admin.delete_records(places).values():
        future.result(20)


def cut_wholly(office: Office) -> None:
    """Retention takes everything away."""
    places = [TopicPartition(office.reader.topic, partition, -1) for partition in range(3)]
    for future in office.admin.delete_records(places).values():
        future.result(20)


@pytest.mark.parametrize("trouble", [gone, made_anew, cut, cut_wholly])
async def test_a_lost_topic_is_noticed_told_anew_and_read_on(
    office: Office, trouble: Trouble
) -> None:
    reader = office.reader
    relay, workers = office.relay(), reader.workers()
    owning = workers.workers[0].owning
    async with AsyncExitStack() as running:
        telling = await running.enter_async_context(relaying(relay))
        reading = await running.enter_async_context(working(workers))
        await office.put_everywhere()
        await office.put_everywhere()
        await until(office.told, what="everything told")
        await reader.read_to_the_end()
        before = await reader.applied()
        await asyncio.to_thread(trouble, office)

        async def noticed() -> bool:
            return relay.lost is not None and owning.failed is not None

        await until(noticed, seconds=60, what="relay and view notice")
        assert reader.topic in (relay.wrong or "")
        assert reader.topic in (workers.wrong or "")
        await office.put_everywhere()
        await asyncio.sleep(1)
        assert (await stands(office.owner)).acknowledged == 2 * len(STREAMS)
        assert await reader.applied() == before

        assert await office.republish() == ([reader.topic], 3)
        await reader.read_to_the_end(60)
        assert await reader.applied() == dict.fromkeys(STREAMS, (3, 3))
        assert await reader.aside() == []

        async def well() -> bool:
            return relay.wrong is None and workers.wrong is None

        await until(well, what="relay and view are well again")
        await put(office.journal, "s0", 1)
        await until(office.told, what="the next fact is told")
        await reader.read_to_the_end()
        assert not telling.done()
        assert not reading.done()
    assert (await reader.applied())["s0"] == (4, 4)
    report = await office.verified()
    assert report.set_aside == []
    records = await read_all(reader.servers, reader.topic)
    assert sorted(positions(records)) == list(range(1, 3 * len(STREAMS) + 2))
    assert [r.offset for r in records if is_marker(r)] == [0, 0, 0]


async def test_a_relay_looks_at_its_topics_before_it_tells(office: Office) -> None:
    async with relaying(office.relay()):
        await office.put_everywhere()
        await until(office.told, what="everything told")
    await asyncio.to_thread(made_anew, office)
    await put(office.journal, "s0", 1)
    relay = office.relay()
    async with relaying(relay):

        async def noticed() -> bool:
            return "曾有" in (relay.lost or "")

        await until(noticed, what="the relay notices")
    assert (await stands(office.owner)).acknowledged == len(STREAMS)
    assert await read_all(office.reader.servers, office.reader.topic) == []


async def test_a_view_that_has_read_everything_notices_a_cut_while_it_runs(office: Office) -> None:
    """Nothing is missing to it, but whoever made it anew would make it of less."""
    workers = office.reader.workers()
    async with relaying(office.relay()):
        await office.put_everywhere()
        await until(office.told, what="everything told")
    async with working(workers) as reading:
        await office.reader.read_to_the_end()
        await asyncio.to_thread(cut, office)

        async def noticed() -> bool:
            return "开头被截去" in (workers.wrong or "")

        await until(noticed, what="the view notices")
        assert not reading.done()


async def test_it_can_be_cut_off_anywhere_and_done_again(office: Office) -> None:
    reader = office.reader
    async with relaying(office.relay()):
        await office.put_everywhere()
        await until(office.told, what="everything told")
    async with working(reader.workers()):
        await reader.read_to_the_end()
        await asyncio.to_thread(gone, office)
        # Cut off when the topic is made and nothing is written down yet.
        await office.owner.execute("alter function journal.tell_anew rename to taken_away")
        with pytest.raises(asyncpg.UndefinedFunctionError):
            await office.republish()
        await office.owner.execute("alter function journal.taken_away rename to tell_anew")
        # Cut off when it is written down and nothing is told yet.
        assert await make_anew(office.teller, office.admin, lambda _: None) == [reader.topic]
        assert (await stands(office.owner)).acknowledged == 0
        # Cut off when everything is told and nothing is adopted yet.
        await until_told(office.teller, lambda _: None)
        names, adopted = await office.republish()
        assert names == []
        assert adopted > 0
        await reader.read_to_the_end(60)
        assert await office.republish() == ([], 0)
    assert await reader.applied() == dict.fromkeys(STREAMS, (1, 1))
    await office.verified()
    assert await office.owner.fetchval("select count(*) from journal.retellings") == 1
    assert await office.owner.fetchval("select count(*) from viewing.adopted") == adopted


async def test_what_a_sound_topic_holds_is_not_sent_to_it_again(office: Office) -> None:
    """Facts of one journal go to two topics, one of which is lost."""

    def topic_of(kind: str) -> str:
        return office.other_topic if kind.endswith("put.v1") else office.reader.topic

    relay = office.relay()
    relay._topic_of = topic_of
    async with relaying(relay):
        await office.put_everywhere()
        await until(office.told, what="everything told")
        await asyncio.to_thread(made_anew, office)
        assert await make_anew(office.teller, office.admin, lambda _: None) == [office.reader.topic]
        await put(office.journal, "s0", 1)
        await until(office.told, what="everything told again")
    records = await read_all(office.reader.servers, office.other_topic)
    assert sorted(positions(records)) == list(range(1, len(STREAMS) + 2))
    assert sum(map(is_marker, records)) == 3


async def test_a_topic_with_records_of_another_journal_is_not_told_on(office: Office) -> None:
    """As after a journal was put back from a backup that knows nothing of the topic."""
    async with relaying(office.relay()):
        await office.put_everywhere()
        await until(office.told, what="everything told")
    await office.owner.execute("delete from journal.markers")
    await put(office.journal, "s0", 1)
    relay = office.relay()
    async with relaying(relay):

        async def noticed() -> bool:
            return relay.lost is not None

        await until(noticed, what="the relay notices")
        assert not await office.told()
    assert len(positions(await read_all(office.reader.servers, office.reader.topic))) == len(
        STREAMS
    )


async def test_a_relay_that_leads_makes_room_and_leads_again(office: Office) -> None:
    relay = office.relay()
    async with relaying(relay):
        await put(office.journal, "s", 1)
        await until(office.told, what="everything told")
        assert relay.leads
        assert await make_anew(office.teller, office.admin, lambda _: None) == []

        async def leads() -> bool:
            return relay.leads

        await until(leads, what="the relay leads again")
        await put(office.journal, "s", 1)
        await until(office.told, what="everything told")


async def test_a_relay_that_makes_no_room_is_named(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.republishing.ROOM_SECONDS", 1.0)
    await office.owner.execute("select pg_advisory_lock(hashtext('relay:test'))")
    with pytest.raises(NotRepublished, match="没有让位"):
        await make_anew(office.teller, office.admin, lambda _: None)


async def test_a_relay_that_ends_early_says_how_it_ended(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with relaying(office.relay()):
        await office.put_everywhere()
        await until(office.told, what="everything told")
    await asyncio.to_thread(gone, office)
    await make_anew(office.teller, office.admin, lambda _: None)

    async def ends(_: Relay) -> None:
        raise RuntimeError("no room on the disk")

    monkeypatch.setattr(Relay, "run", ends)
    with pytest.raises(NotRepublished, match="no room on the disk"):
        await until_told(office.teller, lambda _: None)

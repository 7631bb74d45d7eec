"""`siku parked` on a running stack: what it lists, shows, replays and gives up, and how it ends."""

import asyncio
import getpass
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import pytest

from contracts.intake import TOPIC
from deploy.embedded.launcher import Stack
from deploy.stack import role_of
from services.console.views import four_pools, project_history
from services.intake.views import open_terms
from shared.journal import open_pool
from shared.migrating import migrate, trees_of
from shared.relay import headers_of
from shared.viewing import Record, View, ViewStore
from tests.console.builders import Dossier

TELLING = Dossier(name="星禾陶瓷").drafted().submitted().passed_first()
STREAM = f"project-{TELLING.project_id}"
VIEWS = (four_pools.VIEW, project_history.VIEW)


@dataclass
class Console:
    """A stack whose views have read a damaged fact; nobody runs but the servers."""

    servers: Stack
    pool: asyncpg.Pool

    async def run(self, *arguments: str, answer: str = "") -> tuple[int, str]:
        """Run the command line; give its exit code and what it said."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "deploy.cli", "parked", *arguments),
            *("--home", str(self.servers.home.path)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        said, _ = await process.communicate(answer.encode())
        return process.returncode or 0, said.decode()

    async def repair(self) -> None:
        """Put right what was damaged, where it lies."""
        right = TELLING.told[1].payload
        await self.pool.execute("update viewing.waiting set body = $1 where version = 2", right)


@asynccontextmanager
async def having_read(
    servers: Stack, service: str, views: Sequence[View]
) -> AsyncIterator[asyncpg.Pool]:
    """Let the views of a service read a dossier whose second fact is damaged."""
    owner = await asyncpg.connect(servers.admin_database_url(service))
    await migrate(owner, trees_of(service), role_of(service))
    pool = await open_pool(servers.database_url(service))
    for view in views:
        store = ViewStore(pool, view)
        await store.open()
        stands = (await store.offsets([(TOPIC, 0)]))[TOPIC, 0]
        await store.apply(
            [(TOPIC, 0, stands, stands + 3)],
            [
                Record(
                    TOPIC,
                    0,
                    stands + n,
                    told.envelope.partitionkey.encode(),
                    [*headers_of(told.envelope.model_dump(), told.position, b"chain")],
                    b'{"round": "\xe4\xb8\x8d\xe5\x85\xac\xe5\xbc\x80"}'
                    if n == 1
                    else told.payload,
                )
                for n, told in enumerate(TELLING.told)
            ],
        )
    yield pool
    await pool.close()
    async with owner.transaction():
        await owner.execute("set local session_replication_role = replica")
        await owner.execute("delete from viewing.waiting; delete from viewing.discarded")
        for view in views:
            await owner.execute(f"delete from {view.table}; delete from {view.streams}")
    await owner.close()


@pytest.fixture
async def console(servers: Stack) -> AsyncIterator[Console]:
    async with (
        having_read(servers, "console", VIEWS) as pool,
        having_read(servers, "intake", ()),
        having_read(servers, "approval_tracking", ()),
    ):
        yield Console(servers, pool)


async def test_the_list_names_what_waits_and_ends_with_3(console: Console) -> None:
    code, said = await console.run("list")
    assert code == 3
    assert f"出错   four_pools {STREAM} 2  intake.review.submitted.v1  后面排队 1" in said
    assert "共搁置 4 件（出错 2，排队 2）。" in said
    code, said = await console.run("list", "--view", "four_pools", "--reason", "failed", "--json")
    found = json.loads(said)
    assert (code, found["total"], found["streams"]) == (3, 1, 1)
    assert (found["facts"][0]["stream"], found["facts"][0]["version"]) == (STREAM, 2)


async def test_every_service_that_keeps_views_is_looked_into(console: Console) -> None:
    async with having_read(console.servers, "intake", (open_terms.VIEW,)):
        code, said = await console.run("list")
        assert (code, "共搁置 6 件（出错 3，排队 3）。" in said) == (3, True), said
        code, said = await console.run("show", "open_terms", STREAM, "2")
        assert (code, TELLING.told[1].envelope.id in said) == (0, True), said
        code, said = await console.run("replay", "open_terms")
        assert (code, "仍搁置 2 件" in said) == (3, True), said


async def test_a_fact_is_shown_by_its_outline_and_in_full_only_when_asked(
    console: Console,
) -> None:
    place = ("show", "four_pools", STREAM, "2")
    code, said = await console.run(*place)
    assert code == 0
    for shown in (TELLING.told[1].envelope.id, "文字，3 字", f"{TOPIC} 分区 0", "ValidationError"):
        assert shown in said
    assert "不公开" not in said
    assert "不公开" in (await console.run(*place, "--body"))[1]
    document = json.loads((await console.run(*place, "--json"))[1])
    assert (document["fact"]["behind"], document["text"]) == (1, None)
    code, said = await console.run("show", "four_pools", STREAM, "9")
    assert (code, "没有搁置的事实" in said) == (1, True)


async def test_a_replay_ends_with_3_until_everything_goes_on(console: Console) -> None:
    code, said = await console.run("replay", "four_pools", STREAM)
    assert code == 3
    assert "仍搁置 2 件" in said
    by = await console.pool.fetchval("select last_tried_by from viewing.waiting where attempts > 0")
    assert by == f"cli:{getpass.getuser()}"
    await console.repair()
    code, said = await console.run("replay")
    assert code == 0
    assert said.count("办理 2 件，已接上") == 2
    assert (await console.run("list"))[0] == 0
    stage = await console.pool.fetchval(
        "select stage from views.four_pools where key = $1", str(TELLING.project_id)
    )
    assert stage == "CITY_PASSED"


async def test_giving_up_asks_first_and_wants_a_reason(console: Console) -> None:
    place = ("discard", "four_pools", STREAM)
    assert (await console.run(*place, "2"))[0] == 2
    code, _ = await console.run(*place, "2", "--reason", "源数据有误", answer="n\n")
    assert code == 1
    code, said = await console.run(*place, "3", "--reason", "源数据有误", "--yes")
    assert (code, "前面出错的那件" in said) == (1, True)
    assert await console.pool.fetchval("select count(*) from viewing.discarded") == 0
    code, said = await console.run(*place, "2", "--reason", "源数据有误", "--yes", "--json")
    outcome = json.loads(said)["outcomes"][0]
    assert (code, outcome["applied"], outcome["left"]) == (0, 1, 0)
    row = await console.pool.fetchrow("select * from viewing.discarded")
    assert row is not None
    assert (row["version"], row["reason"]) == (2, "源数据有误")
    assert row["by_account"] == f"cli:{getpass.getuser()}"


async def test_what_is_not_there_is_said_and_ends_with_1(
    console: Console, tmp_path: object
) -> None:
    code, said = await console.run("list", "--view", "nowhere")
    assert (code, "没有视图 nowhere" in said) == (1, True)
    code, said = await console.run("replay", "four_pools", "nobody")
    assert (code, "没有搁置的事实" in said) == (1, True)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.cli", "parked", "list", "--home", str(tmp_path)),
        stdout=asyncio.subprocess.PIPE,
    )
    said_there, _ = await process.communicate()
    assert (process.returncode, "没有在运行" in said_there.decode()) == (1, True)

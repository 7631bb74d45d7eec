"""Two processes sweep and one is killed in the middle, again and again: each term is told once.

First the calendar is revised and every open term moves, then a day comes on which all are overdue;
one dossier cannot be read, and some are reported while the sweep runs.
"""

import asyncio
import itertools
import sys
import time
from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from contracts.envelope import Fact
from deploy.embedded.launcher import Stack
from deploy.stack import PROCESSES, VERIFIER, Process
from services.approval_tracking.main import SERVICE as APPROVAL_TRACKING
from services.console.main import SERVICE as CONSOLE
from services.intake.dossier import DOSSIER, Dossier, DossierCommand, DossierEvent, stream_of
from services.intake.main import SERVICE as INTAKE
from services.intake.policies import form_of, terms_on
from shared.clock import Clock, advance
from shared.deciding import Ask, Cause, handle_many
from shared.journal import MOST_STREAMS, Journal, Writing, open_pool
from shared.refusals import Refusal
from shared.verifying import Checked, verify
from tests.intake.dossiers import DAYS, OFFICER, draft, facts, report
from tests.shared.broker import reach
from tests.shared.writing import surrounded

REPORTED, LATER = 1_500, 40
APRIL_22, APRIL_25 = date(2019, 4, 22), date(2019, 4, 25)
SWEEPERS = ("intake.views", "intake.views.2")
PATIENCE = 180.0
MOVED, OVERDUE = "intake.review.term_moved.v1", "intake.review.overdue.v1"

pytestmark = pytest.mark.faults

_numbers = itertools.count(1)


@pytest.fixture
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """A city of its own in which two processes sweep."""
    rows = (*PROCESSES, Process("intake", "views", 0, 2))
    async with Stack(home=tmp_path_factory.mktemp("swept"), processes=rows) as stack:
        yield stack


class Unreadable(Fact):
    """What no program of ours ever tells: a fact without what belongs to it."""

    kind: str = "intake.project.revised.v1"


async def test_each_term_is_moved_once_and_told_overdue_once_whoever_is_killed(
    town: Stack,
) -> None:
    pool = await open_pool(town.database_url("intake"))
    try:
        clock = Clock(town.home.path)
        reported = await report_many(pool, clock, REPORTED)
        await heard(pool, len(reported))
        await revise_the_calendar(town)
        await killed_in_the_middle(town, pool, MOVED)
        await told(pool, MOVED, reported)
        await recount_is_done(pool, REPORTED)

        broken = reported.pop()
        await spoil(pool, broken)
        advance(town.home.path, timedelta(days=1))
        advance(town.home.path, timedelta(days=9))
        await killed_in_the_middle(town, pool, OVERDUE)
        # These come into the view while it is swept; a later run finds them.
        late = await report_many(pool, clock, LATER, on=APRIL_22)
        await told(pool, OVERDUE, [*reported, *late], town)
        code, said = await siku_sweep(town)
        assert (code, stream_of(broken) in said, "ValidationError" in said) == (3, True, True), said
        before = await pool.fetchval("select count(*) from journal.events")
        await siku_sweep(town, "--now")
        assert await pool.fetchval("select count(*) from journal.events") == before
    finally:
        await pool.close()
    described = (APPROVAL_TRACKING, INTAKE, CONSOLE)
    found = await verify(
        [Checked(one, town.admin_database_url(one.name)) for one in described],
        reach(town, VERIFIER),
    )
    assert {one.stream for one in found.set_aside} == {stream_of(broken)}


async def report_many(
    pool: asyncpg.Pool, clock: Clock, number: int, on: date = APRIL_22
) -> list[UUID]:
    """Let dossiers be reported on a day, on the calendar of the file."""
    projects = [uuid4() for _ in range(number)]
    terms, form = terms_on(on, DAYS), form_of(on, OFFICER)
    cause = Cause("clerk", "county_reporter", "JC-ZZ", clock.now(), "reported", "reported")
    for begin in range(0, number, MOST_STREAMS):
        asks: list[Ask[Sequence[DossierCommand], Dossier, DossierEvent]] = [
            Ask(
                stream_of(project_id),
                str(project_id),
                (
                    draft(
                        facts(name=f"扫描示例第 {next(_numbers)} 号"),
                        project_id=project_id,
                        form=form,
                    ),
                    report(project_id=project_id, on=on, form=form, terms=terms),
                ),
                lambda wrote: wrote.token.encode(),
            )
            for project_id in projects[begin : begin + MOST_STREAMS]
        ]
        outcomes = await handle_many(Journal(pool, "intake"), DOSSIER, asks, cause)
        assert not [one for one in outcomes if isinstance(one, Refusal)]
    return projects


async def heard(pool: asyncpg.Pool, number: int) -> None:
    """Wait until the view knows so many open terms."""
    async with asyncio.timeout(PATIENCE):
        while await pool.fetchval("select count(*) from views.open_terms") < number:
            await asyncio.sleep(0.1)


async def revise_the_calendar(town: Stack) -> None:
    """Take the last day of every term off, as the administrator does."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        examples = (await http.get(town.url("identity.web") + "/accounts/examples")).json()
        asked = {
            "grant_type": "password",
            "username": "admin",
            "password": examples["password"],
            "audience": "approval_tracking",
        }
        token = (await http.post(town.url("identity.web") + "/token", data=asked)).json()
        headers = {
            "Authorization": f"Bearer {token['access_token']}",
            "Idempotency-Key": "revised",
        }
        place = town.url("approval_tracking.web") + "/calendar/years/2019"
        year = (await http.get(place, headers=headers)).json()
        day = APRIL_25.isoformat()
        body = {
            "notice": "国办发明电〔2019〕9号",
            "reason": "临时放假一天",
            "holidays": [*year["holidays"], {"name": "临时放假", "first": day, "last": day}],
            "make_up_days": year["make_up_days"],
        }
        answer = await http.post(f"{place}/revise", json=body, headers=headers)
        assert answer.status_code == 200, answer.text


async def count_of(pool: asyncpg.Pool, kind: str) -> int:
    found: int = await pool.fetchval("select count(*) from journal.events where kind = $1", kind)
    return found


async def killed_in_the_middle(town: Stack, pool: asyncpg.Pool, kind: str) -> None:
    """Kill both sweepers as soon as something of a kind is told, each time that more is."""
    async with asyncio.timeout(PATIENCE):
        while not (seen := await count_of(pool, kind)):
            await asyncio.sleep(0.002)
        for name in SWEEPERS:
            town.kill(name)
    assert seen < REPORTED - 1, "the kill came too late to be one in the middle"


async def told(
    pool: asyncpg.Pool, kind: str, projects: Sequence[UUID], town: Stack | None = None
) -> None:
    """Wait until every project is told of, and see that each is told of once."""
    limit = time.monotonic() + PATIENCE
    while await count_of(pool, kind) < len(projects) and time.monotonic() < limit:
        await asyncio.sleep(0.5)
        if town is not None:
            await siku_sweep(town, "--now")
    rows = await pool.fetch("select stream from journal.events where kind = $1", kind)
    assert sorted(row["stream"] for row in rows) == sorted(map(stream_of, projects))


async def recount_is_done(pool: asyncpg.Pool, moved: int) -> None:
    """Wait until the recount says that it is finished, and that it counted what it moved."""
    async with asyncio.timeout(PATIENCE):
        while not await pool.fetchval(
            "select finished is not null from terms.recounts order by edition desc limit 1"
        ):
            await asyncio.sleep(0.2)
    last = await pool.fetchrow("select * from terms.recounts order by edition desc limit 1")
    assert last is not None
    assert (last["open"], last["moved"]) == (moved, moved)


async def spoil(pool: asyncpg.Pool, project_id: UUID) -> None:
    """Put a fact into a dossier that nobody can read."""
    stream, journal = stream_of(project_id), Journal(pool, "intake")
    history = await journal.load(stream)
    told = [
        (envelope.model_copy(update={"partitionkey": str(project_id)}), fact)
        for envelope, fact in surrounded(stream, history.version + 1, Unreadable())
    ]
    assert history.recorded is not None
    writing = Writing(stream, str(project_id), history.version, told)
    await journal.append([writing], history.recorded)


async def siku_sweep(town: Stack, *words: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.cli", "sweep", *words, "--home", str(town.home.path)),
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()

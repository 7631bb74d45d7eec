"""`siku sweep`, as an operator types it beside a running stack."""

import asyncio
import re
import sys
from pathlib import Path

import asyncpg
import httpx

from deploy.embedded.launcher import Stack


async def siku(home: Path, *words: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.cli", "sweep", *words, "--home", str(home)),
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


async def test_it_says_when_each_sweep_ran_and_runs_it_when_asked(city: Stack) -> None:
    async with asyncio.timeout(30):
        while "秒前跑完" not in (answer := await siku(city.home.path))[1]:
            await asyncio.sleep(0.5)
    code, said = answer
    assert (code, "intake tell_overdue_reviews：" in said) == (0, True), said
    code, said = await siku(city.home.path, "--now")
    found = re.search(r"^intake tell_overdue_reviews：(\d+) 秒前跑完", said, re.MULTILINE)
    assert found is not None, said
    assert (code, int(found[1]) < 10) == (0, True), said


async def test_its_metrics_stand_beside_those_of_the_views(city: Stack) -> None:
    async with asyncio.timeout(30), httpx.AsyncClient(trust_env=False) as http:
        metric = 'siku_sweep_last_success_timestamp_seconds{sweep="tell_overdue_reviews"} 1.'
        while metric not in (await http.get(f"{city.url('intake.views')}/metrics")).text:
            await asyncio.sleep(0.5)


async def test_what_is_set_aside_is_listed_with_its_error_and_ends_with_3(city: Stack) -> None:
    stream = "project-00000000-0000-7000-8000-000000000001"
    owner = await asyncpg.connect(city.admin_database_url("intake"))
    await owner.execute(
        "insert into sweeping.aside (sweep, stream, error, next_try) "
        "values ('tell_overdue_reviews', $1, 'ZeroDivisionError()', now() + interval '1 hour')",
        stream,
    )
    await owner.close()
    code, said = await siku(city.home.path)
    assert (code, f"{stream}  自" in said, "试过 1 次" in said) == (3, True, True), said
    assert "ZeroDivisionError()" in said
    # There is no such project: when it is tried again, nothing is left to say.
    code, said = await siku(city.home.path, "--now")
    assert (code, stream in said) == (0, False), said


async def test_a_stack_that_does_not_run_is_not_swept(tmp_path: Path) -> None:
    code, said = await siku(tmp_path)
    assert (code, "没有在运行" in said) == (1, True)

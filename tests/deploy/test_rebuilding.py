"""`siku rebuild`, as an operator types it beside a running stack."""

import asyncio
import sys

from deploy.embedded.launcher import Stack


async def siku(stack: Stack, *words: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.cli", "rebuild", *words, "--home", str(stack.home.path)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


async def test_a_view_is_rebuilt_looked_at_and_cleared_up(city: Stack) -> None:
    code, said = await siku(city, "policies", "--verify", "--keep")
    assert (code, "视图 policies 已重建并替换：逐行核对一致" in said) == (0, True), said
    assert "读取事实" in said
    code, said = await siku(city, "status")
    assert (code, "policies 第" in said, "替换下的表保留" in said) == (0, True, True), said
    code, said = await siku(city, "abort", "policies")
    assert (code, "没有正在进行的重建" in said) == (1, True), said
    code, said = await siku(city, "prune", "policies")
    assert (code, "清除了 1 代" in said) == (0, True), said


async def test_the_views_of_every_service_can_be_rebuilt(city: Stack) -> None:
    code, said = await siku(city, "open_terms", "--verify")
    assert (code, "视图 open_terms 已重建并替换：逐行核对一致" in said) == (0, True), said


async def test_a_view_that_two_services_keep_is_named_with_its_service(city: Stack) -> None:
    code, said = await siku(city, "working_days")
    assert (code, "console.working_days、" in said, "intake.working_days、" in said) == (
        2,
        True,
        True,
    ), said
    code, said = await siku(city, "intake.working_days", "--verify")
    assert (code, "视图 working_days 已重建并替换：逐行核对一致" in said) == (0, True), said
    code, said = await siku(city, "status")
    assert (code, "intake.working_days 第" in said) == (0, True), said


async def test_a_view_that_is_not_there_is_answered_with_those_that_are(city: Stack) -> None:
    code, said = await siku(city, "five_pools")
    assert code == 2
    assert "four_pools" in said
    code, said = await siku(city, "four_pools", "--key", "nobody")
    assert (code, "没有可以计入 nobody 的事实" in said) == (1, True), said

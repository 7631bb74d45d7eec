"""`siku relay` on a whole stack: says how the topics are, and brings a lost one back."""

import asyncio
import sys
from collections.abc import AsyncIterator

import pytest

from deploy.embedded.launcher import Stack
from deploy.kafka_rights import connect

TOPIC = "siku.intake.reference.v1"


@pytest.fixture(scope="module")
async def stack() -> AsyncIterator[Stack]:
    """A stack of its own, because the test harms it."""
    async with Stack() as stack:
        yield stack


async def siku(stack: Stack, *arguments: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.cli", *arguments, "--home", str(stack.home.path)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


def lose(stack: Stack) -> None:
    """Delete the topic on which the rules in force are told."""
    admin = connect(stack.kafka, stack.kafka_login()[1])
    admin.delete_topics([TOPIC])[TOPIC].result(20)


async def test_an_operator_sees_a_lost_topic_and_brings_it_back(stack: Stack) -> None:
    code, said = await siku(stack, "verify")
    assert code == 0, said
    code, said = await siku(stack, "relay")
    assert code == 0, said
    assert f"{TOPIC}：完好" in said
    code, said = await siku(stack, "relay", "--republish", "--yes")
    assert code == 0, said
    assert "不必重发" in said

    await asyncio.to_thread(lose, stack)
    code, said = await siku(stack, "relay", "intake")
    assert code == 1, said
    assert f"主题 {TOPIC} 不存在" in said
    assert "siku relay --republish intake" in said
    code, said = await siku(stack, "relay", "intake", "--republish", "--yes")
    assert code == 0, said
    assert "已重发完毕" in said
    code, said = await siku(stack, "relay")
    assert code == 0, said
    assert "全部重发过 1 次" in said
    code, said = await siku(stack, "verify")
    assert code == 0, said
    await stack.wait_ready()


async def test_a_service_that_tells_nothing_is_named(stack: Stack) -> None:
    code, said = await siku(stack, "relay", "console")
    assert code == 2
    assert "没有名为 console 的服务。有：identity、approval_tracking、intake" in said

"""How long from "accepted" until the console's view holds it, at 50 and at 200 reports a second?

Also: how long a command takes over HTTP at that rate, how much processor time all processes
spend on it (which a busy machine changes least), how long the stack takes to start, how much memory
it holds when idle.
"""

import asyncio
import statistics
import time
from typing import Any
from uuid import uuid4

import asyncpg
import httpx

from bench.rounds import note
from deploy.embedded.launcher import Stack
from deploy.embedded.outside import memory, processor_time

RATES, SECONDS = (50, 200), 10


def report(number: int) -> dict[str, Any]:
    """Give a complete form."""
    return {
        "name": f"测算项目 {number} 号 {uuid4().hex[:6]}",
        "content": "新建生产车间 4 座共 6.2 万平方米，年产氧化铝陶瓷基板 1,200 万片",
        "location": {"region": "140525", "address": "巴公镇（示例地块）"},
        "builder": {"name": "晋城示例新材料有限公司"},
        "total_investment": "93500.00",
        "funding": [{"source": "SELF_RAISED", "amount": "93500.00"}],
        "planned_start": "2019-09",
        "contact": {"name": "秦示例", "phone": "13900000000"},
        "category": "EMERGING",
        "track": "INDUSTRIAL_CHAIN",
        "lead_side": "MARKET",
        "industry": "30",
        "not_secret": True,
    }


async def sign_in(stack: Stack, client: httpx.AsyncClient) -> None:
    """Let the client ask as one of the example accounts."""
    examples = (await client.get(stack.url("identity.web") + "/accounts/examples")).json()
    answer = await client.post(
        stack.url("identity.web") + "/token",
        data={
            "grant_type": "password",
            "username": "zezhou",
            "password": examples["password"],
            "audience": "intake",
        },
    )
    client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"


async def main() -> None:
    """Measure on a whole, durable stack."""
    began = time.monotonic()
    # One account reports everything, faster than any clerk may.
    async with Stack(durable=True, environment={"SIKU_WRITES_A_MINUTE": "0"}) as stack:
        note("start", time.monotonic() - began, "s", None, None)
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            await sign_in(stack, client)
            url = stack.url("intake.web") + "/projects?report=true"
            console = await asyncpg.connect(stack.admin_database_url("console"))
            waits: list[float] = []
            replies: list[float] = []
            awaited: dict[str, tuple[int, float]] = {}

            async def watch() -> None:
                while True:
                    for row in await console.fetch(
                        "select stream, version from views.four_pools_streams "
                        "where stream = any($1)",
                        list(awaited),
                    ):
                        version, accepted = awaited.get(row["stream"], (0, 0.0))
                        if accepted and row["version"] >= version:
                            del awaited[row["stream"]]
                            waits.append(time.perf_counter() - accepted)
                    await asyncio.sleep(0.002)

            async def one(number: int) -> None:
                asked = time.perf_counter()
                reply = await client.post(
                    url, json=report(number), headers={"Idempotency-Key": uuid4().hex}
                )
                accepted = time.perf_counter()
                replies.append(accepted - asked)
                stream, _, version = reply.headers["Siku-Wrote"].rpartition("@")
                awaited[stream] = (int(version), accepted)

            async def all_seen() -> None:
                while awaited:
                    await asyncio.sleep(0.01)

            watching = asyncio.create_task(watch())
            for number in range(5):
                await one(number)
            for rate in RATES:
                await all_seen()
                waits.clear()
                replies.clear()
                tasks = []
                spent = sum(processor_time(stack.home).values())
                begin = time.perf_counter()
                for number in range(rate * SECONDS):
                    await asyncio.sleep(max(0.0, begin + number / rate - time.perf_counter()))
                    tasks.append(asyncio.create_task(one(number)))
                await asyncio.gather(*tasks)
                await all_seen()
                share = (sum(processor_time(stack.home).values()) - spent) * 1000 / len(tasks)
                note(f"processor at {rate}/s", share, "ms each", None, None)
                for name, values in (("command_http", replies), ("end_to_end", waits)):
                    cuts = statistics.quantiles(values, n=100)
                    note(f"{name} p50 at {rate}/s", cuts[49] * 1000, "ms", None, None)
                    note(f"{name} p99 at {rate}/s", cuts[98] * 1000, "ms", None, None)
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await console.close()
        await asyncio.sleep(5)
        note("memory", sum(memory(stack.home).values()) / 2**20, "MB", None, None)


if __name__ == "__main__":
    asyncio.run(main())

"""How long do twelve monthly reports of every project of all 31 bodies take through the API?

Thirteen projects a body, 4,836 reports (``SIKU_BENCH_MONTHS`` for fewer months), each with figures
by use and by source, milestones and a problem; ``SIKU_BENCH_AT_ONCE`` are under way at once. Also:
how long a report takes, and how long until the console's list has the last of them.
"""

import asyncio
import os
import statistics
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx

from bench.rounds import note
from contracts.reference import example_accounts
from contracts.reference.organisations import organisation
from deploy.embedded.launcher import Stack
from examples.doors import Doors
from shared.clock import DEMONSTRATION_START, advance
from shared.scope import REPORTERS

MONTHS = int(os.environ.get("SIKU_BENCH_MONTHS", "12"))
AT_ONCE = int(os.environ.get("SIKU_BENCH_AT_ONCE", "8"))
EACH, BODIES = 13, 31
MOST_SECONDS = 180.0
CITY, PROVINCE = "shichushen", "shengshenhe"

# In letters: eleven digits in a row would be a telephone number.
_LETTERS = str.maketrans("0123456789", "ghijklmnop")


def reporters() -> list[str]:
    """Give one account of each planning body."""
    found: dict[str, str] = {}
    for account in example_accounts():
        unit = organisation(account.organisation, DEMONSTRATION_START.date())
        if unit is not None and unit.planning_body and account.role in REPORTERS:
            found.setdefault(unit.id, account.username)
    return list(found.values())


def project(number: int) -> dict[str, Any]:
    """Give a complete form of 9.35 亿元."""
    return {
        "name": f"{uuid4().hex.translate(_LETTERS)} 月报测算项目 {number} 号",
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


def report(number: int) -> dict[str, Any]:
    """Give a month as a clerk fills it in."""
    return {
        "invested": {"equipment": f"{300 + number}", "other": "100"},
        "funds": [{"source": "SELF_RAISED", "amount": "500"}, {"source": "LOAN", "amount": "200"}],
        "milestones": [
            {"milestone": "procedures", "percent": 100, "reached_on": "2019-04-22"},
            {"milestone": "foundation", "percent": min(99, 8 * number)},
        ],
        "problems": [{"text": "场地内有一条通信光缆待迁改。", "asks": "D-BDA"}],
        "text": "设备基础施工，主要设备陆续到货。",
    }


async def settle(doors: Doors, password: str) -> list[tuple[Doors, str]]:
    """Let every body bring its projects into a pool; give who reports for which."""
    gate, owned = asyncio.Semaphore(AT_ONCE), []

    async def begin(clerk: Doors, number: int) -> tuple[Doors, str]:
        async with gate:
            begun = await clerk.ask(
                "POST", "/projects?report=true", uuid4().hex, json=project(number)
            )
        return clerk, begun["project_id"]

    clerks = [await doors.signed_in(name, password) for name in reporters()]
    owned = await asyncio.gather(
        *(begin(clerk, EACH * n + k) for n, clerk in enumerate(clerks) for k in range(EACH))
    )
    judged = [{"project_id": project_id, "on_revision": 1} for _, project_id in owned]
    for name, level in ((CITY, "first"), (PROVINCE, "final")):
        reviewer = await doors.signed_in(name, password)
        body = {"verdict": "PASS", "projects": judged}
        said = await reviewer.ask("POST", f"/reviews/{level}", uuid4().hex, json=body)
        if said["refused"]:
            raise AssertionError(said["refused"][0])
    return list(owned)


async def main() -> None:
    """Measure on a whole, durable stack."""
    limits = {"SIKU_WRITES_A_MINUTE": "0", "SIKU_READS_A_MINUTE": "0"}
    async with (
        Stack(durable=True, environment=limits) as stack,
        httpx.AsyncClient(base_url=stack.url("identity.web"), trust_env=False) as identity,
        httpx.AsyncClient(base_url=stack.url("intake.web"), trust_env=False, timeout=60) as intake,
    ):
        doors = Doors(identity, intake)
        password = await doors.example_password() or ""
        owned = await settle(doors, password)
        if len(owned) != EACH * BODIES:
            raise AssertionError(f"{len(owned)} projects")
        advance(stack.home.path, timedelta(days=370))
        months = [f"{2019 + (3 + n) // 12}-{(3 + n) % 12 + 1:02}" for n in range(MONTHS)]
        seconds: list[float] = []
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(clerk: Doors, project_id: str, month: str, number: int) -> None:
            async with gate:
                began = time.perf_counter()
                path = f"/projects/{project_id}/progress/{month}"
                await clerk.ask("POST", path, uuid4().hex, json=report(number))
                seconds.append(time.perf_counter() - began)

        began = time.perf_counter()
        # Month after month, as it would be; the tokens of a demonstration hold that long.
        for number, month in enumerate(months, start=1):
            await asyncio.gather(
                *(one(clerk, project_id, month, number) for clerk, project_id in owned)
            )
        took = time.perf_counter() - began
        note("monthly reports", len(seconds), "reports", None, None)
        note("all of them through the API", took, "s", MOST_SECONDS, took / MOST_SECONDS)
        cuts = statistics.quantiles(seconds, n=100)
        note("monthly report p50", cuts[49] * 1000, "ms", None, None)
        note("monthly report p99", cuts[98] * 1000, "ms", None, None)
        console = await asyncpg.connect(stack.admin_database_url("console"))
        while await console.fetchval(
            "select count(*) from views.progress_months where edition > 0"
        ) < len(seconds):
            await asyncio.sleep(0.05)
        note("until the list has the last", time.perf_counter() - began - took, "s", None, None)
        await console.close()


if __name__ == "__main__":
    asyncio.run(main())

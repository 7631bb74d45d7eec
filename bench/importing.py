"""How many rows a second does a workbook's check come to, from the upload to the report?

The bound is calamine reading the same file and nothing else. The workbook has 10,000 rows
(``SIKU_BENCH_ROWS``); every round uploads another one, because the same content is remembered.
Also: how long until all of it is taken in and waits at the city's desk.
"""

import asyncio
import itertools
import os
import time
from dataclasses import replace
from io import BytesIO

import asyncpg
import httpx
from python_calamine import CalamineWorkbook

from bench.rounds import compare, note
from contracts.reference.organisations import organisation
from deploy.embedded.launcher import Stack
from examples.doors import Doors
from examples.projects import ON, Example, projects
from examples.sheets import workbook

ROWS = int(os.environ.get("SIKU_BENCH_ROWS", "10000"))
ROUNDS = 3
CLERK, UNIT = "zezhou", "JC-ZZ"


def a_workbook(number: int) -> bytes:
    """Write a workbook whose projects nobody has seen."""
    own = [one for one in projects() if one.owner == UNIT and one.facts.project_code is None]
    unit = organisation(UNIT, ON)
    if unit is None:
        raise LookupError(UNIT)
    many = itertools.islice(itertools.cycle(own), ROWS)
    return workbook(unit, [_named(one, f"{number}-{n}") for n, one in enumerate(many)], "template")


def _named(one: Example, mark: str) -> Example:
    return replace(one, facts=one.facts.model_copy(update={"name": f"{one.facts.name}{mark}"}))


async def main() -> None:
    """Measure on a whole, durable stack."""
    async with (
        Stack(durable=True) as stack,
        httpx.AsyncClient(base_url=stack.url("identity.web"), trust_env=False) as identity,
        httpx.AsyncClient(base_url=stack.url("intake.web"), trust_env=False, timeout=300) as intake,
    ):
        doors = Doors(identity, intake)
        password = await doors.example_password(CLERK)
        clerk = await doors.signed_in(CLERK, password or "")
        numbers = itertools.count()
        books = [await asyncio.to_thread(a_workbook, next(numbers)) for _ in range(ROUNDS)]
        left = iter(books)
        uploads = []

        async def ours() -> float:
            data = next(left)
            began = time.perf_counter()
            report = await clerk.send("附件1.xlsx", data)
            seconds = time.perf_counter() - began
            uploads.append(report)
            return float(report["rows"] / seconds)

        async def bound() -> float:
            began = time.perf_counter()
            sheet = CalamineWorkbook.from_filelike(BytesIO(books[0])).get_sheet_by_index(0)
            rows = sheet.to_python()
            return len(rows) / (time.perf_counter() - began)

        await compare("import", "rows/s", ours, bound, ROUNDS)
        console = await asyncpg.connect(stack.admin_database_url("console"))
        began = time.perf_counter()
        taken = await clerk.take_in(uploads[0], "valid")
        while (
            await console.fetchval(
                "select count(*) from views.four_pools where stage = 'SUBMITTED'"
            )
            < taken.accepted
        ):
            await asyncio.sleep(0.05)
        seconds = time.perf_counter() - began
        note(f"import of {taken.accepted} rows to the desk", seconds, "s", None, None)
        await console.close()


if __name__ == "__main__":
    asyncio.run(main())

"""How many facts a second do 16 writers append, encoding and hashing included?

The bound is pgbench calling the same SQL function with a ready-made fact of the same size.
"""

import asyncio
import re
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg

from bench.rounds import compare
from contracts.intake import ProjectDrafted, ProjectFacts
from deploy.embedded.launcher import Stack
from shared.journal import Journal, Writing, canonical, open_pool
from shared.migrating import migrate
from tests.shared.writing import surrounded

WRITERS, SECONDS = 16, 3.0
ROOT = Path(__file__).parent.parent
FACT = ProjectDrafted(
    project_id=uuid4(),
    owner_org="JC-ZZ",
    owner_name="泽州县",
    revision=1,
    facts=ProjectFacts(name="高性能陶瓷材料产业园", content="新建生产车间四座，" * 12),
)


async def ours(journal: Journal) -> float:
    """Append new streams through the journal."""
    until = time.monotonic() + SECONDS
    count = 0

    async def write() -> None:
        nonlocal count
        while time.monotonic() < until:
            stream = f"project-{uuid4()}"
            facts = surrounded(stream, 1, FACT)
            await journal.append([Writing(stream, stream, 0, facts)], datetime.now(UTC))
            count += 1

    await asyncio.gather(*(write() for _ in range(WRITERS)))
    return count / SECONDS


async def pgbench(url: str) -> float:
    """Call the function as fast as pgbench can."""
    envelope, fact = surrounded("project-" + "0" * 36, 1, FACT)[0]
    script = (
        "\\set a random(1, 9000000000000000)\n\\set b random(1, 9000000000000000)\n"
        "select journal.append(array['p-' || :a || '-' || :b], array['k'], array[0], array[now()], "
        "array[1], array[gen_random_uuid()], array['intake.project.drafted.v1'], "
        f"array['\\x{canonical(envelope.model_dump()).hex()}'::bytea], "
        f"array['\\x{canonical(fact.model_dump(mode='json')).hex()}'::bytea], "
        "array[]::int[], array[]::text[], array[]::text[], "
        "array[]::int[], array[]::text[], array[]::text[], "
        "array[]::text[], array[]::bytea[], array[]::bytea[], array[]::timestamptz[]);\n"
    )
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        process = await asyncio.create_subprocess_exec(
            *["pgbench", "-n", "-c", str(WRITERS), "-j", "1", "-T", str(int(SECONDS))],
            *["-M", "prepared", "-f", file.name, url],
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
    found = re.search(rb"tps = ([0-9.]+)", said)
    if found is None:
        raise RuntimeError(said.decode())
    return float(found[1])


async def main() -> None:
    """Measure on a durable PostgreSQL."""
    async with Stack(services=(), durable=True, migrate=False) as stack:
        url = stack.admin_database_url("intake")
        owner = await asyncpg.connect(url)
        await migrate(
            owner, [("journal", ROOT / "shared/journal/migrations")], urlsplit(url).username or ""
        )
        await owner.close()
        pool = await open_pool(url, most=WRITERS)
        journal = Journal(pool, "bench")
        await compare("append", "facts/s", lambda: ours(journal), lambda: pgbench(url))
        await pool.close()


if __name__ == "__main__":
    asyncio.run(main())

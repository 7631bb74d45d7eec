"""How many facts a second do 16 writers append, encoding and hashing included?

The bound is pgbench with as many clients, calling the same SQL function with one ready-made fact of
the same size. The journal lets appends share a call, so it may do better; the bound of the second
row shares calls in the same way (two clients, eight streams a call) and is the machine's limit.
"""

import asyncio
import re
import tempfile
import time
from collections.abc import Iterable
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


async def pgbench(url: str, clients: int, facts: int) -> float:
    """Call the function as fast as pgbench can, for so many new streams a call."""
    envelope, fact = surrounded("project-" + "0" * 36, 1, FACT)[0]
    each = range(1, facts + 1)

    def array(kind: str, values: Iterable[str] = ()) -> str:
        return f"array[{','.join(values)}]::{kind}[]"

    said = canonical(envelope.model_dump()).hex(), canonical(fact.model_dump(mode="json")).hex()
    none = [array(kind) for kind in ("int", "text", "text")]
    arguments = [
        array("text", (f"'p-' || :a || '-' || :b || '-{n}'" for n in each)),
        array("text", ("'k'" for _ in each)),
        array("int", ("0" for _ in each)),
        array("timestamptz", ("now()" for _ in each)),
        array("int", (str(n) for n in each)),
        array("uuid", ("gen_random_uuid()" for _ in each)),
        array("text", ("'intake.project.drafted.v1'" for _ in each)),
        *(array("bytea", (f"'\\x{part}'" for _ in each)) for part in said),
        *none,
        *none,
        *(array(kind) for kind in ("text", "bytea", "bytea", "timestamptz")),
    ]
    script = (
        "\\set a random(1, 9000000000000000)\n\\set b random(1, 9000000000000000)\n"
        f"select journal.append({','.join(arguments)});\n"
    )
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        process = await asyncio.create_subprocess_exec(
            *["pgbench", "-n", "-c", str(clients), "-j", "1", "-T", str(int(SECONDS))],
            *["-M", "prepared", "-f", file.name, url],
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        answer, _ = await process.communicate()
    found = re.search(rb"tps = ([0-9.]+)", answer)
    if found is None:
        raise RuntimeError(answer.decode())
    return float(found[1]) * facts


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
        await compare("append", "facts/s", lambda: ours(journal), lambda: pgbench(url, WRITERS, 1))
        await compare(
            "append_shared", "facts/s", lambda: ours(journal), lambda: pgbench(url, 2, WRITERS // 2)
        )
        await pool.close()


if __name__ == "__main__":
    asyncio.run(main())

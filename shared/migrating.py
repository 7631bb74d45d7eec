"""Brings a service's database to the present schema: numbered SQL files, once each, in order.

Runs as the owner of the database, never as the service: the service's role may only read and
insert where the journal is concerned. A file that changed after it was applied is an error.
"""

import asyncio
import hashlib
import importlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path

import asyncpg

_SHARED = Path(__file__).parent


class ChangedMigration(Exception):
    """A migration that is already applied reads differently now."""


async def migrate(owner: asyncpg.Connection, trees: Iterable[tuple[str, Path]], role: str) -> int:
    """Apply what is missing of every tree and give the number of files applied.

    Each file runs in a transaction of its own together with its entry in ``migrations``; two
    migrators wait for each other. ``{role}`` in a file stands for the service's login role.

    Raises:
        ChangedMigration: an applied file was edited.
    """
    applied = 0
    await owner.execute("select pg_advisory_lock(hashtext('siku migrations'))")
    try:
        await owner.execute(
            "create table if not exists migrations"
            "(tree text, file text, sha256 text not null, primary key (tree, file))"
        )
        known = {
            (row["tree"], row["file"]): row["sha256"]
            for row in await owner.fetch("select tree, file, sha256 from migrations")
        }
        for tree, folder in trees:
            for path in sorted(folder.glob("[0-9]*.sql")):
                text = path.read_text(encoding="utf-8")
                digest = hashlib.sha256(text.encode()).hexdigest()
                if (tree, path.name) in known:
                    if known[tree, path.name] != digest:
                        raise ChangedMigration(f"{tree}/{path.name}")
                    continue
                async with owner.transaction():
                    await owner.execute(text.replace("{role}", f'"{role}"'))
                    await owner.execute(
                        "insert into migrations values ($1, $2, $3)", tree, path.name, digest
                    )
                applied += 1
    finally:
        await owner.execute("select pg_advisory_unlock(hashtext('siku migrations'))")
    return applied


def trees_of(service: str) -> list[tuple[str, Path]]:
    """Give the migration trees that a service needs, the shared ones first."""
    described = importlib.import_module(f"services.{service}.main").SERVICE
    trees = []
    if described.writes:
        trees.append(("journal", _SHARED / "journal" / "migrations"))
    if described.views:
        trees.append(("viewing", _SHARED / "viewing" / "migrations"))
    if described.sweeps:
        trees.append(("sweeping", _SHARED / "sweeping" / "migrations"))
    if described.keeps_files:
        trees.append(("files", _SHARED / "files" / "migrations"))
    if described.migrations is not None:
        trees.append((service, described.migrations))
    return trees


async def _main(service: str) -> None:
    owner = await asyncpg.connect(os.environ["SIKU_ADMIN_DATABASE_URL"])
    try:
        count = await migrate(owner, trees_of(service), os.environ["SIKU_DATABASE_ROLE"])
    finally:
        await owner.close()
    sys.stdout.write(f"{service}: {count} migrations applied\n")


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))

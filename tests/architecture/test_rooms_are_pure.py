"""Rooms decide from what they are handed: no clock, no chance, no outside world."""

import ast
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, parsed, rooms

CALLS = {"now", "utcnow", "today", "fromtimestamp", "uuid1", "uuid4", "uuid6", "uuid7", "new_id"}
MODULES = {
    "asyncio",
    "asyncpg",
    "httpx",
    "logging",
    "os",
    "random",
    "secrets",
    "socket",
    "structlog",
    "subprocess",
    "time",
    "uuid_utils",
}


def impurities(tree: ast.Module) -> list[str]:
    """Name what makes a module's answers depend on more than its questions."""
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) | ast.Name(id=name) if name in CALLS:
                found.append(name)
            case ast.Import(names=aliases):
                found += [a.name for a in aliases if a.name.partition(".")[0] in MODULES]
            case ast.ImportFrom(module=module, names=aliases):
                found += [a.name for a in aliases if a.name in CALLS]
                if str(module).partition(".")[0] in MODULES:
                    found.append(str(module))
            case ast.AsyncFunctionDef(name=name) | ast.Global(names=[name, *_]):
                found.append(name)
            case ast.Call(func=ast.Name(id="open" | "print" | "input" as name)):
                found.append(name)
    return found


def test_there_are_rooms() -> None:
    assert {"decider.py", "dossier.py", "rules.py"} <= {path.name for path in rooms()}


@pytest.mark.parametrize("path", rooms(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_knows_neither_clock_nor_chance_nor_world(path: Path) -> None:
    assert impurities(parsed(path)) == []


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("from datetime import datetime\ndatetime.now()", "now"),
        ("import datetime\ndatetime.date.today()", "today"),
        ("from datetime import datetime as d\nd.utcnow()", "utcnow"),
        ("from uuid import uuid4", "uuid4"),
        ("import uuid\nuuid.uuid7()", "uuid7"),
        ("import random", "random"),
        ("from time import monotonic", "time"),
        ("async def decide(): ...", "decide"),
        ("open('x')", "open"),
        ("from shared.deciding import new_id", "new_id"),
    ],
)
def test_each_impurity_is_found(code: str, named: str) -> None:
    assert named in impurities(ast.parse(code))


def test_what_is_handed_in_may_be_used() -> None:
    code = "from datetime import date\nfrom uuid import UUID, uuid5\ndef f(day: date): return day"
    assert impurities(ast.parse(code)) == []

"""Whoever was erased is gone from databases, files, topics and logs: killed, rebuilt, restored."""

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from deploy.embedded.launcher import Stack
from deploy.stack import database_of
from shared.workbook.texts import texts_in
from tests.browser.visitor import FORM, PASSWORD
from tests.intake.doors.test_workbooks import XLSX, sheet
from tests.shared.broker import read_all

NAME, PHONE = "端木忘机", "13977560088"
OFFICER = {"name": NAME, "phone": PHONE}
DATABASES = ("intake", "identity", "console", "approval_tracking")

pytestmark = pytest.mark.faults


class Door:
    """Intake's door for some accounts."""

    def __init__(self, stack: Stack, http: httpx.AsyncClient) -> None:
        self._stack, self._http = stack, http

    async def ask(self, who: str, method: str, path: str, body: Any = None, **more: Any) -> Any:
        signed_in = await self._http.post(
            f"{self._stack.url('identity.web')}/token",
            data={
                "grant_type": "password",
                "username": who,
                "password": PASSWORD,
                "audience": "intake",
            },
        )
        headers = {
            "Authorization": f"Bearer {signed_in.json()['access_token']}",
            "Idempotency-Key": str(uuid4()),
        }
        answer = await self._http.request(
            method, f"{self._stack.url('intake.web')}{path}", json=body, headers=headers, **more
        )
        assert answer.is_success, answer.text
        return answer


@asynccontextmanager
async def doors(stack: Stack) -> AsyncIterator[Door]:
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        yield Door(stack, http)


def dumped(stack: Stack, service: str, path: Path) -> Path:
    """Dump a service's database as an operator does, as text."""
    program = shutil.which("pg_dump") or next(
        str(one) for one in Path("/usr/lib/postgresql").glob("*/bin/pg_dump")
    )
    subprocess.run(
        [program, "--dbname", stack.admin_database_url(service), "--file", str(path)], check=True
    )
    return path


async def everything(stack: Stack, folder: Path) -> dict[str, str]:
    """All that the system keeps, as text, by where it lies; bytea as its bytes read."""
    held: dict[str, str] = {}
    for service in DATABASES:
        held[service] = dumped(stack, service, folder / f"{service}-{uuid4()}.sql").read_text()
        owner = await asyncpg.connect(stack.admin_database_url(service))
        columns = await owner.fetch(
            "select format('select convert_from(%I, ''utf8'') from %I.%I', column_name,"
            " table_schema, table_name) as query from information_schema.columns"
            " where data_type = 'bytea' and table_schema = 'journal'"
            " and column_name in ('envelope', 'payload', 'reply')"
        )
        rows = [row[0] for column in columns for row in await owner.fetch(column["query"])]
        held[f"{service}, bytes"] = "\n".join(map(str, rows))
        await owner.close()
    topics = ("siku.intake.v1", "siku.intake.reference.v1", "siku.identity.reference.v1")
    held["topics"] = "\n".join(
        f"{record.headers} {(record.value or b'').decode('utf-8', 'replace')}"
        for record in await read_all(stack, *topics)
    )
    home = stack.home.path
    for path in home.rglob("*"):
        inside = path.relative_to(home).parts[0]
        if path.is_file() and inside not in {"postgres", "kafka"}:
            held[str(path.relative_to(home))] = "\n".join(texts_in(path.read_bytes()))
    return held


def told_of(held: dict[str, str]) -> list[str]:
    """Name the places that speak of the person."""
    return [place for place, text in held.items() if NAME in text or PHONE in text]


async def prepared(door: Door) -> str:
    """Let the person stand in a pooled project, in an edition, in files and in a reading."""
    body = {**FORM, "name": "要被忘记的项目", "contact": OFFICER}
    project: str = (await door.ask("zezhou", "POST", "/projects?report=true", body)).json()[
        "project_id"
    ]
    verdict = {"verdict": "PASS", "on_revision": 1}
    await door.ask("shichushen", "POST", f"/projects/{project}/first-review", verdict)
    await door.ask("shengshenhe", "POST", f"/projects/{project}/final-review", verdict)
    await door.ask("zezhou", "POST", f"/projects/{project}/contact/reading", {"purpose": "REACH"})
    row = {"name": "表里的项目", "contact.name": NAME, "contact.phone": PHONE}
    files = {"file": ("4月.xlsx", sheet(row, {"name": "", "contact.phone": "12"}), XLSX)}
    upload = (
        await door.ask("zezhou", "POST", "/workbooks", data={"not_secret": "true"}, files=files)
    ).json()["upload_id"]
    await door.ask("zezhou", "GET", f"/workbooks/{upload}/marked")
    await door.ask("zezhou", "POST", f"/workbooks/{upload}/accept", {"mode": "valid"})
    async with asyncio.timeout(60):
        while (await door.ask("zezhou", "GET", f"/workbooks/{upload}")).json()["state"] not in {
            "accepted",
            "failed",
        }:
            await asyncio.sleep(0.2)
    return project


def is_listed(path: Path) -> bool:
    """Tell whether a whole line stands on the list."""
    return path.exists() and path.read_text().endswith("\n")


def put_back(stack: Stack, dump: Path) -> None:
    """Read a dump into intake's empty database."""
    program = shutil.which("psql") or next(
        str(one) for one in Path("/usr/lib/postgresql").glob("*/bin/psql")
    )
    subprocess.run(
        [program, "-qv", "ON_ERROR_STOP=1", "-d", stack.admin_database_url("intake"), "-f", dump],
        check=True,
        stdout=subprocess.DEVNULL,
    )


async def killed_in_between(stack: Stack, door: Door) -> None:
    """Erase the person; kill intake when he stands on the list and nothing is deleted yet."""
    seen = (await door.ask("admin", "POST", "/erasures/search", OFFICER)).json()
    assert (seen["contacts"], seen["uploads"]) == (2, 1)
    owner = await asyncpg.connect(stack.admin_database_url("intake"))
    await owner.execute("begin")
    # The search reads past this lock, the deletion waits for it.
    await owner.execute("lock table contacts.contacts in exclusive mode")
    body = {
        **OFFICER,
        "contacts": 2,
        "uploads": 1,
        "reason": "CONSENT_WITHDRAWN",
        "document_number": "晋市数函〔2019〕7号",
    }
    erasing = asyncio.create_task(door.ask("admin", "POST", "/erasures", body))
    listed = stack.home.path / "erasures" / "intake.jsonl"
    async with asyncio.timeout(30):
        while not is_listed(listed):
            await asyncio.sleep(0.01)
        while not await owner.fetchval("select exists (select from pg_locks where not granted)"):
            await asyncio.sleep(0.01)
    assert await owner.fetchval("select count(*) from contacts.contacts where name = $1", NAME) == 2
    restarts = stack.children["intake.web"].restarts
    stack.kill("intake.web")
    with pytest.raises((httpx.HTTPError, AssertionError)):
        await erasing
    await owner.execute("rollback")
    await owner.close()
    async with asyncio.timeout(60):
        while stack.children["intake.web"].restarts == restarts:
            await asyncio.sleep(0.05)
    await stack.wait_ready()


def rebuilt(stack: Stack, view: str) -> None:
    """Make a view anew from the topics, as an operator does."""
    siku = Path(sys.executable).parent / "siku"
    subprocess.run(
        [str(siku), "rebuild", view, "--home", str(stack.home.path), "--verify"],
        check=True,
        capture_output=True,
    )


async def restored(stack: Stack, dump: Path) -> None:
    """Put the database of a backup in place of intake's own."""
    database = database_of("intake")
    admin = await asyncpg.connect(stack.admin_database_url())
    await admin.execute(f"drop database {database} with (force)")
    await admin.execute(f"create database {database}")
    await admin.close()
    await asyncio.to_thread(put_back, stack, dump)


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that the server's own user may enter: elsewhere its cluster would end with a stack."""
    with tempfile.TemporaryDirectory(prefix="siku-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


async def test_whoever_was_erased_comes_back_from_nowhere(home: Path, tmp_path: Path) -> None:
    async with Stack(home=home) as stack:
        async with doors(stack) as door:
            project = await prepared(door)
            before = await everything(stack, tmp_path)
            assert {"intake"} <= set(told_of(before))
            assert any(place.startswith("files/") for place in told_of(before))
            lines = "".join(text for place, text in before.items() if place.startswith("log/"))
            assert "contact/reading" in lines
            for secret in (NAME, PHONE, PASSWORD, "eyJ", "Bearer"):
                assert secret not in lines + before["topics"], secret
            backup = dumped(stack, "intake", tmp_path / "backup.sql")
            shutil.copytree(home / "files", tmp_path / "files")
            await killed_in_between(stack, door)
            assert told_of(await everything(stack, tmp_path)) == []
            shown = (await door.ask("zezhou", "GET", f"/projects/{project}/contact")).json()
            assert shown["erased"] is True
            kinds = json.dumps(before["topics"])
            assert "contact_erased" not in kinds
        for view in ("four_pools", "project_history", "open_terms"):
            rebuilt(stack, view)
        assert told_of(await everything(stack, tmp_path)) == []
    async with Stack(home=home, services=()) as servers:
        await restored(servers, backup)
        shutil.copytree(tmp_path / "files", home / "files", dirs_exist_ok=True)
        assert {"intake"} <= set(told_of(await everything(servers, tmp_path)))
    async with Stack(home=home) as stack, doors(stack) as door:
        assert told_of(await everything(stack, tmp_path)) == []
        shown = (await door.ask("zezhou", "GET", f"/projects/{project}/contact")).json()
        assert shown["erased"] is True
        await door.ask(
            "zezhou",
            "PUT",
            f"/projects/{project}/contact",
            {"name": "李四", "phone": "13835601234"},
        )

"""What the launcher promises, on a real PostgreSQL and a real Kafka with dummy services."""

import asyncio
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from signal import SIGKILL, SIGTERM

import asyncpg
import pytest
import typer

from deploy.cli import choose_ports, duration
from deploy.embedded import guard, jars, outside
from deploy.embedded.children import NotReady
from deploy.embedded.following import LARGEST, Following, readable
from deploy.embedded.home import Home, HomeBusy, StackNote, default_cache
from deploy.embedded.launcher import ROOT, Stack
from deploy.embedded.ports import LOOPBACK, PortTaken, free_ports, ports_from, usual_ports
from deploy.kafka_rights import connect
from deploy.stack import CONSOLE_CLIENT, Link, variables
from tests.deploy.conftest import Heard
from tests.deploy.dummy import Broken, Dummy


async def test_everything_answers_and_is_listed(dummies: Stack) -> None:
    found = await outside.status(dummies.home)
    assert found["ready"]
    assert [row["name"] for row in found["processes"]][2:] == ["identity.web", "console.web"]
    assert {row["name"] for row in found["processes"]} >= {"postgres", "kafka"}


async def test_status_for_scripts_is_json(dummies: Stack) -> None:
    command = [sys.executable, "-m", "deploy.cli", "status", "--wait", "20", "--json", "--memory"]
    asked = await asyncio.to_thread(
        subprocess.run,
        [*command, "--home", str(dummies.home.path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    said = json.loads(asked.stdout)
    assert said["ready"] is True
    assert said["console"] == dummies.url("console.web")
    assert {"name", "pid", "port", "ready"} <= set(said["processes"][0])
    assert said["memory"]["kafka"] > 50 * 2**20
    assert said["memory_sum"] == sum(said["memory"].values())


def test_secrets_are_for_the_owner_only(dummies: Stack) -> None:
    for name in ("secrets.json", "kafka/server.properties"):
        assert stat.S_IMODE((dummies.home.path / name).stat().st_mode) == 0o600


def test_secrets_stay_and_grow(tmp_path: Path) -> None:
    first = Home(tmp_path / "home").make().secrets()
    assert Home(tmp_path / "home").make().secrets() == first
    passwords = [*first["database"].values(), *first["kafka"].values()]
    assert len(set(passwords)) == len(passwords)


def test_a_home_of_before_there_were_clients_gets_their_secrets(tmp_path: Path) -> None:
    home = Home(tmp_path / "home").make()
    first = home.secrets()
    older = {"database": first["database"], "kafka": first["kafka"]}
    (home.path / "secrets.json").write_text(json.dumps(older))
    after = home.secrets()
    assert (after["database"], after["kafka"]) == (first["database"], first["kafka"])
    assert len(after["clients"][CONSOLE_CLIENT]) == 48


async def test_a_crashed_process_comes_back_with_growing_pauses(
    dummies: Stack, heard: Heard
) -> None:
    for pause in ("0.5", "1", "2"):
        before = dummies.pid("identity.web")
        dummies.kill("identity.web")
        while dummies.children["identity.web"].pid in {before, None}:
            await asyncio.sleep(0.02)
        await dummies.wait_ready()
        assert heard[-1] == (f"identity.web was ended by SIGKILL; starting it again in {pause} s")
    assert dummies.children["identity.web"].restarts == 3


@pytest.mark.parametrize("name", ["postgres", "kafka"])
async def test_the_servers_come_back_too(dummies: Stack, name: str) -> None:
    before = dummies.pid(name)
    dummies.kill(name)
    while dummies.children[name].pid in {before, None}:
        await asyncio.sleep(0.02)
    await dummies.wait_ready()
    assert (await outside.status(dummies.home))["ready"]


async def test_a_home_has_one_launcher(dummies: Stack) -> None:
    with pytest.raises(HomeBusy):
        await Stack(dummies.home.path).start()


async def test_a_port_in_use_is_named(dummies: Stack, tmp_path: Path) -> None:
    taken = dummies.ports | {"console.views": dummies.ports["kafka"]}
    second = Stack(tmp_path, ports=taken)
    with pytest.raises(PortTaken, match=f"console.views {dummies.ports['kafka']}"):
        await second.start()
    await second.stop()


async def test_a_given_server_is_used_instead_of_an_own_one(
    dummies: Stack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with Stack(services=()) as given:
        monkeypatch.setenv("DATABASE_URL", given.admin_database_url())
        async with Stack(tmp_path, services=()) as second:
            assert set(second.children) == {"kafka"}
            connection = await asyncpg.connect(second.database_url("intake"))
            assert await connection.fetchval("select current_user") == "svc_intake"
            await connection.close()


async def test_instances_have_ports_of_their_own_and_reach_kafka_through_their_own_door() -> None:
    door, elsewhere = free_ports(["door", "elsewhere"]).values()
    link = Link(postgres=f"{LOOPBACK}:{elsewhere}", kafka=f"localhost:{door}", kafka_door=door)
    rows = (Dummy("identity", "web", 8002), Dummy("identity", "web", 8002, instance=2))
    async with Stack(
        services=["identity"], processes=rows, migrate=False, links={rows[1].name: link}
    ) as stack:
        assert {"identity.web", "identity.web.2"} < set(stack.children)
        assert stack.url("identity.web") != stack.url("identity.web.2")
        first, second = (variables(row, stack.place) for row in rows)
        assert second["SIKU_INSTANCE"] == "2"
        assert (first["SIKU_KAFKA"], second["SIKU_KAFKA"]) == (stack.kafka, link.kafka)
        assert f"@{link.postgres}/" in second["SIKU_DATABASE_URL"]
        admin = connect(f"{LOOPBACK}:{door}", stack.kafka_login()[1])
        (broker,) = (await asyncio.to_thread(admin.list_topics, timeout=10)).brokers.values()
        assert f"{broker.host}:{broker.port}" == link.kafka


async def test_looking_at_a_home_makes_none(tmp_path: Path) -> None:
    assert not (await outside.status(Home(tmp_path / "nowhere")))["ready"]
    assert not outside.stop(Home(tmp_path / "nowhere"))
    assert not (tmp_path / "nowhere").exists()


async def test_two_stacks_live_side_by_side(dummies: Stack) -> None:
    async with Stack(services=()) as second:
        assert not set(second.ports.values()) & set(dummies.ports.values())
        assert second.pid("kafka") != dummies.pid("kafka")
        assert (await outside.status(second.home))["ready"]
        assert (await outside.status(dummies.home))["ready"]
        kept = second.home.path
    assert not kept.exists()
    assert (await outside.status(dummies.home))["ready"]


@pytest.fixture
def plain_home() -> Iterator[Path]:
    """A home that a plain user may use, with the jars that are there already."""
    with tempfile.TemporaryDirectory(prefix="siku-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        Home(home / "home").make()
        cache = home / "cache"
        cache.mkdir()
        shutil.copytree(jars.folder_in(default_cache()), jars.folder_in(cache))
        for start_up_cache in default_cache().glob("kafka-*.*"):
            shutil.copy(start_up_cache, cache)
        yield home


def launch(home: Path, *, plainly: bool) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.deploy.launch", str(home / "home")]
    if plainly and os.geteuid() == 0:
        for path in (home, *home.rglob("*")):
            shutil.chown(path, 65534, 65534)
        # Reading is lent, because the interpreter itself may lie in root's own folder.
        lent = [f"--{kind}-caps=+dac_read_search" for kind in ("inh", "ambient")]
        # Without this bit access(2), with which Java looks before it reads, ignores what is lent.
        lent.append("--securebits=+no_setuid_fixup")
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *lent, *command]
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | {"SIKU_CACHE": str(home / "cache")})


async def when_ready(home: Path) -> StackNote:
    found = await outside.wait_ready(Home(home), 60)
    note = Home(home).read_note()
    assert found["ready"]
    assert note is not None
    return note


def descendants(pids: set[int]) -> set[int]:
    """Return the processes and all that came from them, whatever session they are in."""
    parents = {
        int(entry.name): outside._parent(int(entry.name)) for entry in Path("/proc").glob("[0-9]*")
    }
    while more := {pid for pid, parent in parents.items() if parent in pids} - pids:
        pids = pids | more
    return pids


def command_line(pid: int) -> bytes:
    return read_of(pid, "cmdline")


def read_of(pid: int, what: str) -> bytes:
    """Read a file of a process; nothing when the process ends before or while it is read."""
    try:
        return Path(f"/proc/{pid}/{what}").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def alive(pids: set[int]) -> dict[int, str]:
    status = {pid: read_of(pid, "status").decode() for pid in pids}
    return {
        pid: text.splitlines()[0]
        for pid, text in status.items()
        if text and "State:\tZ" not in text
    }


@pytest.mark.parametrize("plainly", [False, True], ids=["as we are", "as a plain user"])
async def test_killing_the_launcher_leaves_nothing(plain_home: Path, *, plainly: bool) -> None:
    launcher = launch(plain_home, plainly=plainly)
    note = await when_ready(plain_home / "home")
    everything = descendants({launcher.pid}) | set(guard.carriers(note["token"]))
    names = " ".join(alive(everything).values())
    assert "postgres" in names
    assert "java" in names
    assert "sleep" in names
    os.kill(note["launcher"], SIGKILL)
    await asyncio.to_thread(launcher.wait)
    for _ in range(150):
        if not alive(everything):
            break
        await asyncio.sleep(0.1)
    assert alive(everything) == {}
    assert guard.carriers(note["token"]) == []


async def test_stopping_leaves_nothing_and_the_home_starts_again(plain_home: Path) -> None:
    for _ in range(2):
        launcher = launch(plain_home, plainly=False)
        note = await when_ready(plain_home / "home")
        everything = descendants({launcher.pid}) | set(guard.carriers(note["token"]))
        stopped = asyncio.create_task(asyncio.to_thread(outside.stop, Home(plain_home / "home")))
        await asyncio.to_thread(launcher.wait)
        assert await stopped
        assert alive(everything) == {}


async def test_leftovers_of_the_last_launcher_are_cleared(plain_home: Path) -> None:
    launcher = launch(plain_home, plainly=False)
    note = await when_ready(plain_home / "home")
    for pid in descendants({launcher.pid}):
        if b"guard.py" in command_line(pid):
            os.kill(pid, SIGKILL)
    os.kill(launcher.pid, SIGKILL)
    await asyncio.to_thread(launcher.wait)
    assert "sleep" in " ".join(alive(set(guard.carriers(note["token"]))).values())
    again = launch(plain_home, plainly=False)
    second = await when_ready(plain_home / "home")
    assert guard.carriers(note["token"]) == []
    os.kill(again.pid, SIGTERM)
    await asyncio.to_thread(again.wait)
    assert guard.carriers(second["token"]) == []


async def test_a_service_that_never_starts_is_named_with_its_log(tmp_path: Path) -> None:
    broken = (Broken("identity", "web", 8002),)
    with pytest.raises(NotReady, match=r"identity.web\n(?s:.*)no such office"):
        async with Stack(tmp_path / "home", services=["identity"], processes=broken, migrate=False):
            pytest.fail("it cannot be ready")
    assert guard.carriers(json.loads((tmp_path / "home" / "stack.json").read_text())["token"]) == []


def test_ports_are_asked_for_or_remembered(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert choose_ports(home, None, free=False) == usual_ports()
    assert choose_ports(home, 41000, free=False)["console.web"] == 41000
    assert sorted(ports_from(41000).values()) == list(range(41000, 41000 + len(usual_ports())))
    home.write_note(
        {
            "home": str(tmp_path),
            "launcher": 1,
            "token": "",
            "complete": False,
            "console": "",
            "ports": ports_from(42000),
            "processes": [],
        }
    )
    assert choose_ports(home, None, free=False) == ports_from(42000)
    shutil.copytree(tmp_path, tmp_path / "copy")
    assert Home(tmp_path / "copy").read_note() is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90s", timedelta(seconds=90)), ("1d12h", timedelta(days=1, hours=12))],
)
def test_durations_are_read(text: str, expected: timedelta) -> None:
    assert duration(text) == expected


@pytest.mark.parametrize("text", ["", "3", "-1d", "3d x", "d"])
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        duration(text)


def test_json_logs_are_told_to_a_person() -> None:
    line = '{"event": "listening", "level": "info", "timestamp": "2019-04-22T09:00:01Z", "port": 1}'
    assert readable(line) == "09:00:01 info listening port=1"
    crashed = '{"event": "worker_ended", "exception": [{"exc_type": "A", "exc_value": "b"}]}'
    assert readable(crashed) == "worker_ended exception=A: b"
    assert readable("{broken") == "{broken"


def test_logs_are_followed_from_now_and_set_aside_when_large(tmp_path: Path) -> None:
    log = tmp_path / "intake.web.log"
    log.write_text("old\n")
    (tmp_path / "siku.log").write_text("")
    following = Following(tmp_path)
    (tmp_path / "siku.log").write_text("what was shown\n")
    with log.open("a") as file:
        file.write("new\nhalf")
    assert list(following.look()) == [("intake.web", "new")]
    with log.open("a") as file:
        file.write(" done\n" + "x" * LARGEST + "\n")
    assert next(iter(list(following.look()))) == ("intake.web", "half done")
    assert log.stat().st_size == 0
    assert (tmp_path / "intake.web.log.1").stat().st_size > LARGEST

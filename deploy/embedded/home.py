"""What a stack keeps on disk: its secrets, its ports, its logs and the note of what is running."""

import fcntl
import json
import os
import secrets
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self, TypedDict

from deploy.stack import (
    ADMIN,
    CONSOLE_CLIENT,
    KAFKA_ADMIN,
    KAFKA_CONTROLLER,
    PRINCIPALS,
    SERVICES,
    role_of,
)


class HomeBusy(Exception):
    """Another launcher already runs in this home."""


class Secrets(TypedDict):
    """Passwords by role of PostgreSQL, by principal of Kafka and by client of the issuer."""

    database: dict[str, str]
    kafka: dict[str, str]
    clients: dict[str, str]


class ProcessNote(TypedDict):
    """What the launcher knows about one process."""

    name: str
    pid: int | None
    port: int
    state: str
    restarts: int


class StackNote(TypedDict):
    """What `stack.json` holds for commands that come from outside."""

    home: str
    launcher: int
    token: str
    complete: bool
    console: str
    ports: dict[str, int]
    processes: list[ProcessNote]


def default_home() -> Path:
    """Return SIKU_HOME, or the place that PostgreSQL's own user can reach when we are root."""
    if said := os.environ.get("SIKU_HOME"):
        return Path(said).resolve()
    return Path("/var/lib/siku") if os.geteuid() == 0 else Path.home() / ".local/share/siku"


def default_cache() -> Path:
    """Return the folder shared by all stacks of this user: Kafka's jars and start-up caches."""
    if said := os.environ.get("SIKU_CACHE"):
        return Path(said).resolve()
    return Path("/var/cache/siku") if os.geteuid() == 0 else Path.home() / ".cache/siku"


def write_whole(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a file so that a reader sees the old text or the new one, never a part."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).chmod(mode)
    Path(name).rename(path)


class Home:
    """The folder of one stack."""

    def __init__(self, path: Path) -> None:
        """Name the files; looking at a home that is not there makes none."""
        self.path = path
        self.logs = path / "log"
        self.note = path / "stack.json"

    def make(self) -> Self:
        """Make the folder if it is missing; others may pass through it but not list it."""
        if not self.path.exists():
            self.path.mkdir(parents=True)
            self.path.chmod(0o711)
        self.logs.mkdir(exist_ok=True, mode=0o750)
        return self

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the home for one launcher.

        Raises:
            HomeBusy: another launcher holds it.
        """
        with (self.path / "lock").open("a") as file:
            if not _lock(file, patience=1.0):
                raise HomeBusy(str(self.path))
            yield

    def is_held(self) -> bool:
        """Tell whether a launcher runs in this home."""
        if not self.path.exists():
            return False
        with (self.path / "lock").open("a") as file:
            return not _lock(file, patience=0.0)

    def secrets(self) -> Secrets:
        """Read the passwords, making those that are missing."""
        path = self.path / "secrets.json"
        known: dict[str, dict[str, str]] = json.loads(path.read_text()) if path.exists() else {}
        filled: Secrets = {
            "database": _filled(known.get("database", {}), [ADMIN, *map(role_of, SERVICES)]),
            "kafka": _filled(
                known.get("kafka", {}),
                [KAFKA_ADMIN, KAFKA_CONTROLLER, *(principal.name for principal in PRINCIPALS)],
            ),
            "clients": _filled(known.get("clients", {}), [CONSOLE_CLIENT]),
        }
        if filled != known:
            write_whole(path, json.dumps(filled, indent=2) + "\n")
        return filled

    def write_note(self, note: StackNote) -> None:
        """Say what is running."""
        write_whole(self.note, json.dumps(note, indent=2) + "\n", mode=0o644)

    def read_note(self) -> StackNote | None:
        """Return what ran here last; the note in a copied home is about another one."""
        try:
            note: StackNote = json.loads(self.note.read_text())
        except FileNotFoundError:
            return None
        return note if note["home"] == str(self.path) else None


def _lock(file: IO[str], patience: float) -> bool:
    """Take the lock; somebody who only looks whether it is taken holds it for an instant."""
    limit = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= limit:
                return False
            time.sleep(0.05)
        else:
            return True


def _filled(known: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    return {**known, **{name: secrets.token_hex(24) for name in names if name not in known}}

"""PostgreSQL from the system's own binaries: version 15 or newer, one cluster per home."""

import hashlib
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import asyncpg

from deploy.embedded.children import run_to_end
from deploy.embedded.following import tail
from deploy.embedded.home import Home
from deploy.embedded.ports import LOOPBACK
from deploy.stack import ADMIN, with_tls

LEAST = 15
ACCOUNT = "postgres"

SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "120",
    "shared_buffers": "96MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "512MB",
    "huge_pages": "off",
    "jit": "off",
    "autovacuum_max_workers": "2",
    "max_parallel_workers": "2",
    "max_worker_processes": "4",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m %u@%d ",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "password_encryption": "scram-sha-256",
}
# Only for stacks that are thrown away: a power cut would lose data, a killed process does not.
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}


class NoPostgres(Exception):
    """No PostgreSQL of a usable version is installed, or its data cannot be placed."""


def find_binaries() -> Path:
    """Return the folder of initdb and postgres: PG_BIN, the PATH, or the newest of Debian's.

    Raises:
        NoPostgres: none is new enough.
    """
    candidates = []
    if said := os.environ.get("PG_BIN"):
        candidates.append(Path(said))
    if on_path := shutil.which("initdb"):
        candidates.append(Path(on_path).resolve().parent)
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    candidates += sorted(debian, key=lambda path: _number(path.parent.name), reverse=True)
    for candidate in candidates:
        program = candidate / "postgres"
        if program.exists() and (candidate / "initdb").exists():
            asked = subprocess.run(
                [program, "--version"], capture_output=True, text=True, check=False
            )
            if _number(asked.stdout) >= LEAST:
                return candidate
    raise NoPostgres(
        f"no PostgreSQL {LEAST} or newer found; install it (apt-get install postgresql), "
        "set PG_BIN to the folder of initdb, or DATABASE_URL to a running server"
    )


def _number(text: str) -> int:
    match = re.search(r"\d+", text)
    return int(match[0]) if match else 0


def account() -> str | None:
    """Return the user that runs the server: PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return None
    for name in (ACCOUNT, "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise NoPostgres("PostgreSQL cannot run as root and there is no user to run it as")


def data_folder(home: Home, *, durable: bool) -> Path:
    """Return where the cluster lies.

    The server's own user must be able to walk to it. A home under a closed folder (root's own, or
    the one that pytest makes) is fine for a stack that is thrown away: its cluster lies beside it.

    Raises:
        NoPostgres: a lasting home lies where the server's user cannot go.
    """
    way = (home.path, *home.path.parents)
    if os.geteuid() != 0 or all(folder.stat().st_mode & 0o001 for folder in way):
        return home.path / "postgres"
    if durable:
        raise NoPostgres(
            f"{home.path} lies in a folder that only root may enter; "
            "choose a home below /var/lib, for instance"
        )
    digest = hashlib.sha256(str(home.path).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"siku-postgres-{digest}"


TLS = {"ssl": "on", "ssl_min_protocol_version": "TLSv1.2"}
RULES_OF_TLS = Path(__file__).parent.parent / "compose" / "pg_hba.conf"


class Postgres:
    """The cluster of one home."""

    def __init__(
        self, home: Home, port: int, password: str, *, durable: bool, tls: Path | None = None
    ) -> None:
        """Find the binaries and the place of the cluster.

        ``tls`` is what deploy.compose.certificates made.
        """
        self._tls = tls
        self.binaries = find_binaries()
        self.user = account()
        self.data = data_folder(home, durable=durable)
        self.log = home.logs / "postgres.log"
        self._home = home
        self._port = port
        self._password = password
        self._durable = durable

    async def prepare(self, environment: Mapping[str, str]) -> None:
        """Make the cluster if the home has none.

        Raises:
            NoPostgres: initdb failed; the message carries what it said.
        """
        if (self.data / "PG_VERSION").exists():
            return
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        with tempfile.NamedTemporaryFile("w", prefix="siku-") as password:
            password.write(self._password)
            password.flush()
            if self.user is not None:
                shutil.chown(self.data, self.user)
                shutil.chown(password.name, self.user)
            arguments = [
                str(self.binaries / "initdb"), f"--pgdata={self.data}", f"--username={ADMIN}",
                "--auth=scram-sha-256", f"--pwfile={password.name}", "--encoding=UTF8",
                "--locale=C.UTF-8", *([] if self._durable else ["--no-sync"]),
            ]  # fmt: skip
            if await run_to_end(arguments, environment, self.log, user=self.user) != 0:
                shutil.rmtree(self.data, ignore_errors=True)
                raise NoPostgres(f"initdb failed\n{tail(self.log)}")
        if self._tls is not None:
            self._take_over(self._tls / "postgres.crt", "server.crt")
            self._take_over(self._tls / "postgres.key", "server.key")
            self._take_over(RULES_OF_TLS, "pg_hba.conf")

    def _take_over(self, source: Path, name: str) -> None:
        """Copy a file into the cluster: the server takes a key only that is its own."""
        target = self.data / name
        target.write_bytes(source.read_bytes())
        target.chmod(0o600)
        if self.user is not None:
            shutil.chown(target, self.user)

    def arguments(self) -> list[str]:
        """Return the command line of the server."""
        settings = SETTINGS | {"port": str(self._port)} | ({} if self._durable else NOT_DURABLE)
        settings |= {} if self._tls is None else TLS
        options = [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]
        return [str(self.binaries / "postgres"), "-D", str(self.data), *options]

    async def answers(self) -> bool:
        """Tell whether the server lets the administrator in."""
        url = f"postgresql://{ADMIN}:{self._password}@{LOOPBACK}:{self._port}"
        return await answers(url if self._tls is None else with_tls(url, self._tls / "ca.pem"))

    def discard(self) -> None:
        """Remove a cluster that lies outside the home."""
        if self.data.parent != self._home.path:
            shutil.rmtree(self.data, ignore_errors=True)


async def answers(url: str) -> bool:
    """Tell whether a server lets this role in."""
    try:
        connection = await asyncpg.connect(url, database="postgres", timeout=2)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    await connection.close()
    return True

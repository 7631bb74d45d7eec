"""Start, watch and stop a whole stack; `siku up` and the tests use the same class.

Why a launcher of our own: honcho knows neither order nor readiness nor restarts, circus leaves its
children behind when it is killed, and a PID namespace (`unshare --kill-child`) needs root and hides
the real process ids from whoever wants to look or to test a crash. Here three things together see
to it that nothing outlives a launcher, for root and for a plain user alike: the kernel signals each
direct child (PR_SET_PDEATHSIG), `guard` ends whatever carries the stack's token, and the next start
looks for leftovers of the last one.
"""

import asyncio
import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from signal import Signals
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

import asyncpg

from deploy.databases import make_databases
from deploy.embedded import guard, postgres
from deploy.embedded.children import Child, NotReady, Recipe, run_to_end
from deploy.embedded.following import tail
from deploy.embedded.home import Home, default_cache
from deploy.embedded.kafka import Kafka, KafkaPorts, NoKafka
from deploy.embedded.ports import (
    CONTROLLER,
    KAFKA,
    LOOPBACK,
    POSTGRES,
    check_free,
    free_ports,
    usual_ports,
)
from deploy.stack import (
    ADMIN,
    KAFKA_ADMIN,
    PRINCIPALS,
    PROCESSES,
    SERVICES,
    Link,
    Place,
    Process,
    database_of,
    migration_variables,
    variables,
)
from shared.clock import open_home

ROOT = Path(__file__).resolve().parent.parent.parent
READY_SECONDS = 120.0


class StepFailed(Exception):
    """A step of the start failed; the message carries the end of its log."""


class Stack:
    """A PostgreSQL, a Kafka and the services on top of them, as an async context manager.

    ``async with Stack() as stack`` makes a home that is thrown away, on free ports and with fsync
    off. A test that needs only the two servers says ``services=()``; the databases, roles, topics
    and principals of all services are there in any case::

        @pytest.fixture(scope="session")
        async def stack(tmp_path_factory):
            async with Stack(home=tmp_path_factory.mktemp("home"), services=()) as stack:
                yield stack

    ``stack.url("intake.web")``, ``stack.admin_database_url("intake")``,
    ``stack.database_url("intake")``, ``stack.kafka``, ``stack.kafka_login("admin")`` give the
    addresses; ``stack.pid("kafka")``, ``stack.kill("kafka", SIGKILL)`` and
    ``await stack.wait_ready()`` are for tests of crashes. Whatever was killed is started again
    with back-off, as in a real stack.
    """

    def __init__(
        self,
        home: Path | None = None,
        *,
        services: Iterable[str] = SERVICES,
        processes: Sequence[Process] = PROCESSES,
        ports: Mapping[str, int] | None = None,
        durable: bool = False,
        real: bool = False,
        migrate: bool = True,
        environment: Mapping[str, str] | None = None,
        links: Mapping[str, Link] | None = None,
        tls: Path | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        """Describe a stack; nothing happens before it is entered.

        Args:
            home: where everything is kept; a temporary folder when left out.
            services: which services are migrated and started.
            processes: the table of processes; tests of the launcher put their own.
            ports: the port of each process, of "postgres", "kafka" and "kafka.controller".
            durable: keep data through a power cut. Tests do without.
            real: open a new home on real time instead of demonstration time.
            migrate: bring the databases of the services to their present schema.
            environment: further variables for the services.
            links: by the name of a process, what stands between it and the servers.
            tls: a folder of deploy.compose.certificates; both servers are then reached by TLS.
            tell: hears one line per noteworthy happening.
        """
        self._exits = ExitStack()
        if home is None:
            temporary = tempfile.TemporaryDirectory(prefix="siku-", ignore_cleanup_errors=True)
            home = Path(self._exits.enter_context(temporary))
            home.chmod(0o711)
        self.home = Home(home.resolve())
        self._services = tuple(services)
        self._processes = [one for one in processes if one.service in self._services]
        self.ports = dict(ports) if ports is not None else free_ports(usual_ports(processes))
        self._links = dict(links or {})
        self._tls = tls
        self._durable = durable
        self._real = real
        self._migrate = migrate
        self._tell = tell or (lambda _: None)
        self._token = secrets.token_hex(16)
        self._guard: subprocess.Popen[bytes] | None = None
        self._cluster: postgres.Postgres | None = None
        self._tiers: list[list[Child]] = []
        self._extra = dict(environment or {})
        self._place: Place | None = None
        self._complete = False

    # Addresses.

    @property
    def place(self) -> Place:
        """Return the addresses and passwords of the running stack."""
        if self._place is None:
            raise StepFailed("the stack was not started")
        return self._place

    @property
    def kafka(self) -> str:
        """Return the bootstrap address of Kafka."""
        return self.place.kafka

    def kafka_login(self, principal: str = KAFKA_ADMIN) -> tuple[str, str]:
        """Return user and password of a principal ("admin", "svc-intake", "svc-verify" ...)."""
        return principal, self.place.kafka_passwords[principal]

    def url(self, name: str) -> str:
        """Return the address of a process, such as "intake.web"."""
        return self.place.urls[name]

    def admin_database_url(self, service: str | None = None) -> str:
        """Return a service's database as its owner sees it; without one, the maintenance one."""
        database = database_of(service) if service is not None else "postgres"
        return self.place.database_url(self.place.admin, database)

    def database_url(self, service: str) -> str:
        """Return a service's database as the service itself sees it."""
        return self.place.database_url(f"svc_{service}", database_of(service))

    # Processes.

    @property
    def children(self) -> dict[str, Child]:
        """Return everything that is kept running, by name."""
        return {child.recipe.name: child for tier in self._tiers for child in tier}

    def pid(self, name: str) -> int:
        """Return the process id of "postgres", "kafka" or a process such as "intake.relay".

        Raises:
            ProcessLookupError: it is not running at this moment.
        """
        pid = self.children[name].pid
        if pid is None:
            raise ProcessLookupError(name)
        return pid

    def kill(self, name: str, number: Signals = Signals.SIGKILL) -> None:
        """Send a signal to one process."""
        os.kill(self.pid(name), number)

    async def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        """Wait until everything answers.

        Raises:
            NotReady: something did not; the message carries the end of its log.
        """
        async with asyncio.timeout(seconds + 1):
            for child in self.children.values():
                await child.wait_ready(seconds)

    async def __aenter__(self) -> Self:
        """Start everything and wait until it is ready."""
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop everything."""
        await self.stop()

    async def start(self) -> None:
        """Start everything in order.

        Raises:
            HomeBusy: another launcher runs in this home.
            PortTaken: something else listens on one of the ports.
            StepFailed: a step failed.
            NotReady: a process did not answer in time.
        """
        self._exits.enter_context(self.home.make().held())
        if (note := self.home.read_note()) is not None:
            await asyncio.to_thread(guard.end_all, note["token"], guard.GRACE_SECONDS)
        check_free(self.ports)
        self._start_guard()
        try:
            async with asyncio.TaskGroup() as together:
                together.create_task(self._start_postgres())
                together.create_task(self._start_kafka())
        except* (StepFailed, NotReady, postgres.NoPostgres, NoKafka, OSError) as failed:
            raise failed.exceptions[0] from None
        open_home(self.home.path, real=self._real)
        await self._start_services()

    async def stop(self) -> None:
        """Stop everything in reverse order and leave nothing behind."""
        for tier in reversed(self._tiers):
            await asyncio.gather(*(child.stop() for child in tier))
        self._tiers.clear()
        # What a service started in a session of its own has heard no signal yet.
        await asyncio.to_thread(guard.end_all, self._token, 0.0)
        if self._guard is not None:
            self._guard.communicate(b".")
            self._guard = None
        if self._cluster is not None:
            self._cluster.discard()
        self._exits.close()

    # Steps.

    def _environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("PG") and name != "DATABASE_URL"
        }
        return kept | {
            "SIKU_STACK": self._token,
            "SIKU_HOME": str(self.home.path),
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
            "MALLOC_ARENA_MAX": "2",
        }

    def _start_guard(self) -> None:
        program = [sys.executable, "-I", "-S", guard.__file__, self._token]
        self._guard = subprocess.Popen(program, stdin=subprocess.PIPE, start_new_session=True)

    def _child(self, recipe: Recipe) -> Child:
        return Child(recipe, self._tell, self._write_note)

    def _write_note(self) -> None:
        self.home.write_note(
            {
                "home": str(self.home.path),
                "launcher": os.getpid(),
                "token": self._token,
                "complete": self._complete,
                "console": self.place.urls.get("console.web", "") if self._place else "",
                "ports": self.ports,
                "processes": [
                    {
                        "name": name,
                        "pid": child.pid,
                        "port": child.recipe.port,
                        "state": child.state,
                        "restarts": child.restarts,
                    }
                    for name, child in self.children.items()
                ],
            }
        )

    async def _start_postgres(self) -> None:
        place = local_place(self.home, self.ports, self._processes, self._links)
        authority = str(self._tls / "ca.pem") if self._tls is not None else ""
        self._place = replace(place, authority=authority)
        if given := os.environ.get("DATABASE_URL"):
            if not await postgres.answers(given):
                raise StepFailed("the server of DATABASE_URL does not let us in")
        else:
            port = self.ports[POSTGRES]
            password = self.place.database_passwords[ADMIN]
            cluster = postgres.Postgres(
                self.home, port, password, durable=self._durable, tls=self._tls
            )
            self._cluster = cluster
            environment = self._environment()
            await cluster.prepare(environment)
            child = self._child(
                Recipe(
                    name=POSTGRES,
                    port=port,
                    arguments=cluster.arguments(),
                    environment=environment,
                    log=cluster.log,
                    ready=cluster.answers,
                    # Fast shutdown: ends the sessions, writes a checkpoint, needs no recovery.
                    stop_signal=Signals.SIGINT,
                    user=cluster.user,
                )
            )
            # PostgreSQL is stopped last: it heads the first tier.
            self._tiers.insert(0, [child])
            child.start()
            await child.wait_ready(READY_SECONDS)
        owner = await asyncpg.connect(self.admin_database_url())
        try:
            await make_databases(owner, SERVICES, self.place.database_passwords)
        finally:
            await owner.close()
        if self._migrate:
            await asyncio.gather(*map(self._migrate_service, self._services))

    async def _migrate_service(self, service: str) -> None:
        environment = self._environment() | migration_variables(service, self.place)
        await self._step(f"migrating.{service}", "shared.migrating", environment, service)

    async def _start_kafka(self) -> None:
        passwords = self.home.secrets()["kafka"]
        doors = {link.kafka_door: link.kafka for link in self._links.values() if link.kafka_door}
        ports = KafkaPorts(self.ports[KAFKA], self.ports[CONTROLLER], doors)
        broker = Kafka(self.home, default_cache(), ports, passwords, self._tls)
        environment = self._environment()
        await broker.prepare(environment)
        child = self._child(
            Recipe(
                name=KAFKA,
                port=self.ports[KAFKA],
                arguments=broker.arguments(),
                environment=broker.environment(environment),
                log=broker.log,
                ready=broker.answers,
                # The first clean stop writes the start-up cache, which takes some seconds.
                grace=30.0,
                after_stop=broker.keep_start_up_cache,
            )
        )
        self._tiers.append([child])
        child.start()
        await child.wait_ready(READY_SECONDS)
        wanted = {one.name: passwords[one.name] for one in PRINCIPALS}
        environment |= {
            "SIKU_KAFKA": broker.address,
            "SIKU_KAFKA_ADMIN_PASSWORD": passwords[KAFKA_ADMIN],
            "SIKU_KAFKA_PASSWORDS": json.dumps(wanted),
            **({"SIKU_AUTHORITY": str(self._tls / "ca.pem")} if self._tls is not None else {}),
        }
        await self._step("kafka-rights", "deploy.kafka_rights", environment)

    async def _step(
        self, name: str, module: str, environment: Mapping[str, str], *arguments: str
    ) -> None:
        log = self.home.logs / f"{name}.log"
        if await run_to_end([sys.executable, "-m", module, *arguments], environment, log) != 0:
            raise StepFailed(f"{name} failed\n{tail(log)}")

    async def _start_services(self) -> None:
        children = [
            self._child(
                Recipe(
                    name=process.name,
                    port=self.ports[process.name],
                    arguments=[sys.executable, *process.arguments],
                    environment=self._environment() | variables(process, self.place) | self._extra,
                    log=self.home.logs / f"{process.name}.log",
                    ready=partial(is_ready, self.ports[process.name]),
                )
            )
            for process in self._processes
        ]
        self._tiers.append(children)
        for child in children:
            child.start()
        await self.wait_ready()
        self._complete = True
        self._write_note()


def local_place(
    home: Home,
    ports: Mapping[str, int],
    processes: Iterable[Process] = PROCESSES,
    links: Mapping[str, Link] | None = None,
) -> Place:
    """Return the addresses and passwords of a stack on this machine."""
    known = home.secrets()
    postgres_at, admin = f"{LOOPBACK}:{ports[POSTGRES]}", ADMIN
    passwords = dict(known["database"])
    if given := os.environ.get("DATABASE_URL"):
        parts = urlsplit(given)
        postgres_at, admin = f"{parts.hostname}:{parts.port or 5432}", unquote(parts.username or "")
        passwords[admin] = unquote(parts.password or "")
    return Place(
        home=str(home.path),
        listen=LOOPBACK,
        ports=ports,
        urls={one.name: f"http://{LOOPBACK}:{ports[one.name]}" for one in processes},
        postgres=postgres_at,
        kafka=f"{LOOPBACK}:{ports[KAFKA]}",
        database_passwords=passwords,
        kafka_passwords=known["kafka"],
        client_secrets=known["clients"],
        admin=admin,
        links=links or {},
    )


async def is_ready(port: int) -> bool:
    """Ask a process of ours whether it is ready."""
    try:
        async with asyncio.timeout(3):
            reader, writer = await asyncio.open_connection(LOOPBACK, port)
            writer.write(b"GET /readyz HTTP/1.1\r\nHost: siku\r\nConnection: close\r\n\r\n")
            status = await reader.readline()
            writer.close()
    except (OSError, TimeoutError):
        return False
    return status.split(b" ")[1:2] == [b"200"]

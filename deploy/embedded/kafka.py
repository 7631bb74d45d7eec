"""Apache Kafka in KRaft mode as one process: broker and controller, both behind SASL.

Clients authenticate with SCRAM-SHA-512. The controller listens on loopback and asks for a password
of its own: an anonymous visitor there would count as the cluster itself.
"""

import asyncio
import base64
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.embedded import jars
from deploy.embedded.children import run_to_end
from deploy.embedded.following import tail
from deploy.embedded.home import Home, write_whole
from deploy.embedded.java import Java, StartUpCache, find_java, start_up_cache
from deploy.embedded.ports import LOOPBACK
from deploy.stack import KAFKA_ADMIN, KAFKA_CONTROLLER

LOG_SETTINGS = Path(__file__).with_name("log4j2.properties")
MEMORY = ("-Xmx256m", "-Xms64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")

# The same whether the broker is ours or the one of the official image.
COMMON_SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "inter.broker.listener.name": "CLIENT",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CLIENT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
    "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
    "sasl.mechanism.controller.protocol": "PLAIN",
    "listener.name.client.sasl.enabled.mechanisms": "SCRAM-SHA-512",
    "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": f"User:{KAFKA_ADMIN};User:{KAFKA_CONTROLLER}",
    "allow.everyone.if.no.acl.found": "false",
    "auto.create.topics.enable": "false",
    "log.retention.ms": "-1",
    "min.insync.replicas": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "4",
    # After a crash the only broker waits for its own old session to end before it may come back.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    "group.initial.rebalance.delay.ms": "0",
    # The default of 128 MB for the cleaner alone would not fit into the small heap.
    "log.cleaner.dedupe.buffer.size": "8388608",
    "log.cleaner.threads": "1",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "background.threads": "4",
}


class NoKafka(Exception):
    """Kafka could not be fetched or formatted."""


def password_settings(admin: str, controller: str) -> dict[str, str]:
    """Return the settings that hold the broker's own passwords."""
    scram = "org.apache.kafka.common.security.scram.ScramLoginModule required"
    plain = "org.apache.kafka.common.security.plain.PlainLoginModule required"
    return {
        "listener.name.client.scram-sha-512.sasl.jaas.config": (
            f'{scram} username="{KAFKA_ADMIN}" password="{admin}";'
        ),
        "listener.name.controller.plain.sasl.jaas.config": (
            f'{plain} username="{KAFKA_CONTROLLER}" password="{controller}" '
            f'user_{KAFKA_CONTROLLER}="{controller}";'
        ),
    }


def tls_settings(key: str, authority: str) -> dict[str, str]:
    """Return what makes clients come by TLS: the broker's key and certificate, whom to trust.

    The broker is a client of its own listener.
    """
    protocols = COMMON_SETTINGS["listener.security.protocol.map"]
    return {
        "listener.security.protocol.map": protocols.replace(
            "CLIENT:SASL_PLAINTEXT", "CLIENT:SASL_SSL"
        ),
        "listener.name.client.ssl.keystore.type": "PEM",
        "listener.name.client.ssl.keystore.location": key,
        "listener.name.client.ssl.truststore.type": "PEM",
        "listener.name.client.ssl.truststore.location": authority,
        "listener.name.client.ssl.enabled.protocols": "TLSv1.3,TLSv1.2",
    }


@dataclass(frozen=True)
class KafkaPorts:
    """Where clients and where the controller are heard.

    ``doors`` are further ports for clients, each with the address that it advertises.
    """

    client: int
    controller: int
    doors: Mapping[int, str] = field(default_factory=dict)


class Kafka:
    """The broker of one home."""

    def __init__(
        self,
        home: Home,
        cache: Path,
        ports: KafkaPorts,
        passwords: Mapping[str, str],
        tls: Path | None = None,
    ) -> None:
        """Name the files; nothing is fetched yet. ``tls`` holds what makes clients come by TLS."""
        self._tls = tls
        self.folder = home.path / "kafka"
        self.log = home.logs / "kafka.log"
        self._cache = cache
        self._ports = ports
        self._passwords = passwords
        self._jars = jars.folder_in(cache)
        self._java: Java | None = None
        self._start_up: StartUpCache | None = None

    @property
    def address(self) -> str:
        """Return where clients connect."""
        return f"{LOOPBACK}:{self._ports.client}"

    async def prepare(self, environment: Mapping[str, str]) -> None:
        """Fetch the jars, write the settings, format the storage of a new home.

        Raises:
            NoKafka: with what the failing step said.
        """
        self.folder.mkdir(mode=0o700, exist_ok=True)
        (self.folder / "temporary").mkdir(exist_ok=True)
        self._cache.mkdir(parents=True, exist_ok=True)
        if await asyncio.to_thread(jars.wrong_jars, self._jars):
            fetching = [sys.executable, "-m", "deploy.embedded.jars", str(self._jars)]
            await self._must(fetching, environment, "fetching the jars of Kafka failed")
        java = await asyncio.to_thread(find_java)
        self._java = java
        self._start_up = start_up_cache(java, self._cache, jars.list_digest())
        write_whole(self.folder / "server.properties", self._settings())
        if not (self.folder / "data" / "meta.properties").exists():
            await self._format(java, self._start_up, environment)

    async def _format(
        self, java: Java, start_up: StartUpCache, environment: Mapping[str, str]
    ) -> None:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        scram = f"SCRAM-SHA-512=[name={KAFKA_ADMIN},password={self._passwords[KAFKA_ADMIN]}]"
        # Every user of the machine can read a command line, so the password goes into a file.
        asked = self.folder / "format.arguments"
        write_whole(
            asked,
            # With "=", since an id may begin with a dash and would look like an option.
            f"kafka.tools.StorageTool format --cluster-id={cluster} --standalone "
            f'--config "{self.folder / "server.properties"}" --add-scram "{scram}"\n',
        )
        # It prints what it derives from the password, so its words go to a file of its own.
        said = self.folder / "format.log"
        said.touch(mode=0o600)
        command = [*self._java_command(java, start_up.reading()), f"@{asked}"]
        try:
            if await run_to_end(command, self.environment(environment), said) != 0:
                words = [line for line in tail(said).splitlines() if "password" not in line.lower()]
                raise NoKafka("\n".join(["formatting failed", *words]))
        finally:
            asked.unlink()
            said.unlink()

    async def _must(self, arguments: list[str], environment: Mapping[str, str], why: str) -> None:
        if await run_to_end(arguments, environment, self.log) != 0:
            raise NoKafka(f"{why}\n{tail(self.log)}")

    def _settings(self) -> str:
        client = f"CLIENT://{LOOPBACK}:{self._ports.client}"
        controller = f"{LOOPBACK}:{self._ports.controller}"
        settings = COMMON_SETTINGS | {
            "controller.quorum.bootstrap.servers": controller,
            "listeners": f"{client},CONTROLLER://{controller}",
            "advertised.listeners": client,
            "log.dirs": str(self.folder / "data"),
        }
        settings |= password_settings(
            self._passwords[KAFKA_ADMIN], self._passwords[KAFKA_CONTROLLER]
        )
        if self._tls is not None:
            settings |= tls_settings(str(self._tls / "kafka.pem"), str(self._tls / "ca.pem"))
        for number, (port, advertised) in enumerate(self._ports.doors.items(), start=1):
            name = f"DOOR{number}"
            settings["listeners"] += f",{name}://{LOOPBACK}:{port}"
            settings["advertised.listeners"] += f",{name}://{advertised}"
            settings["listener.security.protocol.map"] += f",{name}:SASL_PLAINTEXT"
            for setting in ("sasl.enabled.mechanisms", "scram-sha-512.sasl.jaas.config"):
                settings[f"listener.name.{name.lower()}.{setting}"] = settings[
                    f"listener.name.client.{setting}"
                ]
        return "".join(f"{name}={value}\n" for name, value in settings.items())

    def environment(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return the variables of the broker: the class path is too long for a command line."""
        jars_in_order = sorted(str(path) for path in self._jars.glob("*.jar"))
        return {**given, "CLASSPATH": ":".join(jars_in_order)}

    def _java_command(self, java: Java, cache_options: list[str]) -> list[str]:
        return [
            java.program, *MEMORY, "-XX:-UsePerfData", *cache_options,
            f"-Djava.io.tmpdir={self.folder / 'temporary'}",
            f"-Dlog4j2.configurationFile={LOG_SETTINGS}",
        ]  # fmt: skip

    def arguments(self) -> list[str]:
        """Return the command line of the broker."""
        if self._java is None or self._start_up is None:
            raise NoKafka("not prepared")
        command = self._java_command(self._java, self._start_up.options())
        return [*command, "kafka.Kafka", str(self.folder / "server.properties")]

    def keep_start_up_cache(self) -> None:
        """After a clean stop, keep what makes the next start quick."""
        if self._start_up is not None:
            self._start_up.keep()

    async def answers(self) -> bool:
        """Tell whether the broker accepts connections; its rights are set right after."""
        try:
            _, writer = await asyncio.open_connection(LOOPBACK, self._ports.client)
        except OSError:
            return False
        writer.close()
        return True

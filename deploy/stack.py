"""The one table of what runs: processes, databases, topics, principals and their variables.

The embedded launcher and the test of `docker-compose.yml` read the same rows, so the two ways of
running Siku cannot drift apart.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from contracts.anchor import ANCHORS_TOPIC

ADMIN = "siku_admin"
KAFKA_ADMIN = "admin"
KAFKA_CONTROLLER = "controller"
VERIFIER = "svc-verify"
CONSOLE_CLIENT = "siku-console"
POSTGRES_PORT = 25432
KAFKA_PORT = 29092
CONTROLLER_PORT = 29093


@dataclass(frozen=True)
class Process:
    """One operating-system process: a part of a service that answers HTTP on its own port.

    Several instances of a part share its work; each has a number of its own.
    """

    service: str
    part: str
    port: int
    instance: int = 1

    @property
    def name(self) -> str:
        """Return the name used in logs, status and the compose file."""
        number = f".{self.instance}" if self.instance > 1 else ""
        return f"{self.service}.{self.part}{number}"

    @property
    def arguments(self) -> tuple[str, ...]:
        """Return what follows `python` on the command line."""
        return ("-m", "shared.running", self.service, self.part)


# In the order of starting: whoever issues tokens first, whoever shows things last.
PROCESSES = (
    Process("identity", "web", 8002),
    Process("identity", "relay", 8102),
    Process("approval_tracking", "web", 8003),
    Process("approval_tracking", "relay", 8103),
    Process("approval_tracking", "views", 8203),
    Process("intake", "web", 8001),
    Process("intake", "relay", 8101),
    Process("intake", "views", 8201),
    Process("console", "web", 8000),
    Process("console", "views", 8200),
)
SERVICES = tuple(dict.fromkeys(process.service for process in PROCESSES))


def database_of(service: str) -> str:
    """Return the database of a service; nobody else may connect to it."""
    return f"siku_{service}"


def role_of(service: str) -> str:
    """Return the login role of a service in PostgreSQL."""
    return f"svc_{service}"


def principal_of(service: str) -> str:
    """Return the Kafka principal of a service."""
    return f"svc-{service}"


@dataclass(frozen=True)
class Topic:
    """A topic that is made at set-up, never by a client."""

    name: str
    partitions: int = 12

    @property
    def settings(self) -> dict[str, str]:
        """Return the settings that make a topic keep every fact for ever."""
        return {"retention.ms": "-1", "cleanup.policy": "delete"}


TOPICS = (
    Topic("siku.intake.v1"),
    Topic("siku.intake.reference.v1"),
    Topic("siku.approval_tracking.v1"),
    Topic("siku.approval_tracking.reference.v1"),
    Topic(ANCHORS_TOPIC),
    Topic("siku.identity.reference.v1"),
)


@dataclass(frozen=True)
class Grant:
    """One right of a principal on a topic or a consumer group."""

    kind: Literal["topic", "group"]
    name: str
    operation: Literal["READ", "WRITE"]
    prefixed: bool = False


@dataclass(frozen=True)
class Principal:
    """Who may do what on Kafka; whatever is not granted is refused."""

    name: str
    grants: tuple[Grant, ...] = ()


PRINCIPALS = (
    Principal(
        principal_of("identity"),
        (
            Grant("topic", "siku.identity.reference.v1", "WRITE"),
            Grant("topic", "siku.identity.reference.v1", "READ"),
            Grant("topic", ANCHORS_TOPIC, "WRITE"),
        ),
    ),
    Principal(
        principal_of("approval_tracking"),
        (
            Grant("topic", "siku.approval_tracking.v1", "WRITE"),
            Grant("topic", "siku.approval_tracking.v1", "READ"),
            Grant("topic", "siku.approval_tracking.reference.v1", "WRITE"),
            Grant("topic", "siku.approval_tracking.reference.v1", "READ"),
            Grant("topic", "siku.intake.v1", "READ"),
            Grant("topic", "siku.identity.reference.v1", "READ"),
            Grant("topic", ANCHORS_TOPIC, "WRITE"),
            Grant("group", "approval_tracking.", "READ", prefixed=True),
        ),
    ),
    Principal(
        principal_of("intake"),
        (
            Grant("topic", "siku.intake.v1", "WRITE"),
            Grant("topic", "siku.intake.v1", "READ"),
            Grant("topic", "siku.intake.reference.v1", "WRITE"),
            Grant("topic", "siku.intake.reference.v1", "READ"),
            Grant("topic", "siku.approval_tracking.v1", "READ"),
            Grant("topic", "siku.approval_tracking.reference.v1", "READ"),
            Grant("topic", "siku.identity.reference.v1", "READ"),
            Grant("topic", ANCHORS_TOPIC, "WRITE"),
            Grant("group", "intake.", "READ", prefixed=True),
        ),
    ),
    Principal(
        principal_of("console"),
        (
            Grant("topic", "siku.intake.v1", "READ"),
            Grant("topic", "siku.intake.reference.v1", "READ"),
            Grant("topic", "siku.approval_tracking.v1", "READ"),
            Grant("topic", "siku.approval_tracking.reference.v1", "READ"),
            Grant("topic", "siku.identity.reference.v1", "READ"),
            Grant("group", "console.", "READ", prefixed=True),
        ),
    ),
    Principal(
        VERIFIER,
        (
            Grant("topic", "siku.", "READ", prefixed=True),
            Grant("group", "verify.", "READ", prefixed=True),
        ),
    ),
)


@dataclass(frozen=True)
class Link:
    """The addresses that one process is given when something stands between it and the servers.

    Kafka sends its clients on to the address that it advertises, so behind ``kafka`` there must be
    a listener of its own: ``kafka_door`` is its port.
    """

    postgres: str
    kafka: str
    kafka_door: int | None = None


def with_tls(url: str, authority: str | Path) -> str:
    """Return an address of PostgreSQL that only the server of that name answers, by TLS."""
    return f"{url}?sslmode=verify-full&sslrootcert={authority}"


@dataclass(frozen=True)
class Place:
    """Where a stack lives: the addresses and passwords that the table itself does not know.

    ``authority`` is the certificate by which PostgreSQL and Kafka are known; without it they are
    reached without TLS, which is for one machine alone. Browsers find identity at ``issuer`` and
    the console at ``public``, where those are other addresses than services use.
    """

    home: str
    listen: str
    ports: Mapping[str, int]
    urls: Mapping[str, str]
    postgres: str
    kafka: str
    database_passwords: Mapping[str, str]
    kafka_passwords: Mapping[str, str]
    client_secrets: Mapping[str, str]
    admin: str = ADMIN
    issuer: str = ""
    public: str = ""
    metrics_token: str = ""
    authority: str = ""
    links: Mapping[str, Link] = field(default_factory=dict)

    def database_url(self, role: str, database: str, at: str | None = None) -> str:
        """Return the address of a database as seen by one role."""
        password = quote(self.database_passwords[role], safe="")
        server = at or self.postgres
        url = f"postgresql://{quote(role, safe='')}:{password}@{server}/{database}"
        return with_tls(url, self.authority) if self.authority else url


def variables(process: Process, place: Place) -> dict[str, str]:
    """Return every environment variable that a process is given."""
    service = process.service
    principal = principal_of(service)
    link = place.links.get(process.name)
    postgres, kafka = (link.postgres, link.kafka) if link else (place.postgres, place.kafka)
    addresses = {
        f"SIKU_{name.upper()}_URL": place.urls[f"{name}.web"]
        for name in SERVICES
        if f"{name}.web" in place.urls
    }
    return {
        "SIKU_HOME": place.home,
        "SIKU_HOST": place.listen,
        "SIKU_PORT": str(place.ports[process.name]),
        "SIKU_DATABASE_URL": place.database_url(role_of(service), database_of(service), postgres),
        "SIKU_KAFKA": kafka,
        "SIKU_KAFKA_USER": principal,
        "SIKU_KAFKA_PASSWORD": place.kafka_passwords[principal],
        **({"SIKU_INSTANCE": str(process.instance)} if process.instance > 1 else {}),
        **({"SIKU_AUTHORITY": place.authority} if place.authority else {}),
        **({"SIKU_METRICS_TOKEN": place.metrics_token} if place.metrics_token else {}),
        **addresses,
        **_signing_in(service, place),
    }


def _signing_in(service: str, place: Place) -> dict[str, str]:
    """Return what a service is told of the issuer, and what the two ends of a sign-in share."""
    secret, home = (
        place.client_secrets[CONSOLE_CLIENT],
        place.public or place.urls.get("console.web", ""),
    )
    told: dict[str, str] = {}
    if place.issuer:
        told |= {"SIKU_ISSUER": place.issuer, "SIKU_ISSUER_INSIDE": place.urls["identity.web"]}
    if service == "console":
        told |= {"SIKU_PUBLIC_URL": home, "SIKU_CLIENT_SECRET": secret}
    if service == "identity":
        console = {
            "client_id": CONSOLE_CLIENT,
            "secret": secret,
            "audience": "console",
            "redirect_uris": [f"{home}/signed-in"],
            "signed_out_uris": [f"{home}/signed-out"],
            "exchanges": list(SERVICES),
        }
        told["SIKU_CLIENTS"] = json.dumps([console])
    return told


def migration_variables(service: str, place: Place) -> dict[str, str]:
    """Return what the migration of a service is given."""
    return {
        "SIKU_HOME": place.home,
        "SIKU_ADMIN_DATABASE_URL": place.database_url(place.admin, database_of(service)),
        "SIKU_DATABASE_ROLE": role_of(service),
    }

"""Make Kafka's principals, rights and topics what the table says; run at every start.

Runs as a short process of its own (`python -m deploy.kafka_rights`), because the client library
is large and the launcher stays resident. Reads the address from SIKU_KAFKA, the administrator's
password from SIKU_KAFKA_ADMIN_PASSWORD and the passwords of all principals, as a JSON object,
from SIKU_KAFKA_PASSWORDS; SIKU_AUTHORITY, where there is TLS, names the certificate to trust.
"""

import json
import os
import sys
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from typing import Any, TypeVar

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialAlteration,
    UserScramCredentialUpsertion,
)

from deploy.stack import KAFKA_ADMIN, PRINCIPALS, TOPICS, Grant, Principal, Topic

SECONDS = 20.0
# A filter says "any" with None, which the library's annotations do not know.
ANYTHING: Any = None
Key = TypeVar("Key")
Value = TypeVar("Value")


class WrongTopic(Exception):
    """A topic exists with another number of partitions: its keys would move."""


def bindings_of(principal: Principal) -> set[AclBinding]:
    """Return the access rules of one principal."""
    return {_binding(principal, grant) for grant in principal.grants}


def _binding(principal: Principal, grant: Grant) -> AclBinding:
    return AclBinding(
        ResourceType.TOPIC if grant.kind == "topic" else ResourceType.GROUP,
        grant.name,
        ResourcePatternType.PREFIXED if grant.prefixed else ResourcePatternType.LITERAL,
        f"User:{principal.name}",
        "*",
        AclOperation.WRITE if grant.operation == "WRITE" else AclOperation.READ,
        AclPermissionType.ALLOW,
    )


def _all(futures: Mapping[Key, "Future[Value]"]) -> dict[Key, Value]:
    return {key: future.result(SECONDS) for key, future in futures.items()}


def set_passwords(admin: AdminClient, passwords: Mapping[str, str]) -> None:
    """Give every principal its SCRAM-SHA-512 password."""
    wanted: list[UserScramCredentialAlteration] = [
        UserScramCredentialUpsertion(
            name,
            ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 8192),
            password.encode(),
        )
        for name, password in passwords.items()
    ]
    _all(admin.alter_user_scram_credentials(wanted, request_timeout=SECONDS))


def set_rights(admin: AdminClient, principals: Iterable[Principal]) -> None:
    """Grant what is missing and take away what the table no longer grants."""
    everything = AclBindingFilter(
        ResourceType.ANY, ANYTHING, ResourcePatternType.ANY, ANYTHING, ANYTHING, AclOperation.ANY,
        AclPermissionType.ANY,
    )  # fmt: skip
    present = set(admin.describe_acls(everything, request_timeout=SECONDS).result(SECONDS))
    wanted = {binding for principal in principals for binding in bindings_of(principal)}
    if missing := wanted - present:
        _all(admin.create_acls(list(missing), request_timeout=SECONDS))
    if surplus := present - wanted:
        filters = [
            AclBindingFilter(
                rule.restype, rule.name, rule.resource_pattern_type, rule.principal, rule.host,
                rule.operation, rule.permission_type,
            )
            for rule in surplus
        ]  # fmt: skip
        _all(admin.delete_acls(filters, request_timeout=SECONDS))


def make_topics(admin: AdminClient, topics: Iterable[Topic]) -> None:
    """Make the topics that are missing; refuse to go on with one of another width.

    Raises:
        WrongTopic: a topic exists with another number of partitions.
    """
    present = admin.list_topics(timeout=SECONDS).topics
    missing = []
    for topic in topics:
        if topic.name not in present:
            missing.append(
                NewTopic(topic.name, topic.partitions, replication_factor=1, config=topic.settings)
            )
        elif (found := len(present[topic.name].partitions)) != topic.partitions:
            raise WrongTopic(f"{topic.name}: {found} partitions, {topic.partitions} wanted")
    if missing:
        _all(admin.create_topics(missing, request_timeout=SECONDS))


def connect(address: str, password: str, seconds: float = 60.0, authority: str = "") -> AdminClient:
    """Return a client once the broker answers; a broker that just started is asked again.

    With ``authority``, the certificate by which the broker is known, it is reached by TLS.

    Raises:
        KafkaException: the broker did not answer in time.
    """
    admin = AdminClient(
        {
            "bootstrap.servers": address,
            "security.protocol": "SASL_SSL" if authority else "SASL_PLAINTEXT",
            **({"ssl.ca.location": authority} if authority else {}),
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": KAFKA_ADMIN,
            "sasl.password": password,
            "reconnect.backoff.ms": 50,
            "reconnect.backoff.max.ms": 500,
            "log_level": 2,
        }
    )
    limit = time.monotonic() + seconds
    while True:
        try:
            if admin.list_topics(timeout=2.0).brokers:
                return admin
        except KafkaException:
            if time.monotonic() > limit:
                raise
            time.sleep(0.1)


def main() -> int:
    """Bring the broker in line with the table."""
    environment = os.environ
    admin = connect(
        environment["SIKU_KAFKA"],
        environment["SIKU_KAFKA_ADMIN_PASSWORD"],
        authority=environment.get("SIKU_AUTHORITY", ""),
    )
    passwords: dict[str, str] = json.loads(environment["SIKU_KAFKA_PASSWORDS"])
    set_passwords(admin, passwords)
    set_rights(admin, PRINCIPALS)
    make_topics(admin, TOPICS)
    return 0


if __name__ == "__main__":
    sys.exit(main())

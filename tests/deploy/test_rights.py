"""Nobody reaches what is not his, in PostgreSQL and in Kafka, from the first start."""

import asyncio
import importlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiokafka.errors
import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from confluent_kafka import KafkaException
from confluent_kafka import TopicPartition as ConfluentPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
)

from contracts.anchor import ANCHORS_TOPIC
from deploy.embedded.launcher import Stack
from deploy.embedded.ports import CONTROLLER
from deploy.kafka_rights import bindings_of, connect, set_rights
from deploy.stack import PRINCIPALS, SERVICES, TOPICS, Grant, Principal, database_of


def reach(stack: Stack, principal: str, password: str | None = None) -> dict[str, str]:
    user, known = stack.kafka_login(principal)
    return {
        "bootstrap_servers": stack.kafka,
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": user,
        "sasl_plain_password": known if password is None else password,
    }


@asynccontextmanager
async def producing(
    stack: Stack, principal: str, password: str | None = None
) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        **reach(stack, principal, password), acks="all", enable_idempotence=True
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


def written_by(service: str) -> set[str]:
    """Give the topics that a service may write: its own, and where each journal is anchored."""
    described = importlib.import_module(f"services.{service}.main").SERVICE
    return {*described.topics, ANCHORS_TOPIC} if described.writes else set()


def read_by(service: str) -> set[str]:
    """Give the topics that a service reads, and those of its own that its relay looks at."""
    described = importlib.import_module(f"services.{service}.main").SERVICE
    return {*described.topics, *(topic for view in described.views for topic in view.topics)}


@pytest.mark.parametrize("principal", PRINCIPALS, ids=lambda one: one.name)
async def test_each_topic_is_written_by_its_owner_and_by_nobody_else(
    dummies: Stack, principal: Principal
) -> None:
    service = principal.name.removeprefix("svc-")
    mine = written_by(service) if service in SERVICES else set()
    written = set()
    for topic in TOPICS:
        try:
            # One who was refused is refused everything afterwards: a producer for each topic.
            async with producing(dummies, principal.name) as producer:
                await producer.send_and_wait(topic.name, b"{}", key=b"one")
        except aiokafka.errors.KafkaError:
            continue
        written.add(topic.name)
    assert written == mine


@pytest.mark.parametrize("principal", PRINCIPALS, ids=lambda one: one.name)
async def test_each_reader_reads_what_it_hears_and_nothing_else(
    dummies: Stack, principal: Principal
) -> None:
    service = principal.name.removeprefix("svc-")
    heard = read_by(service) if service in SERVICES else {topic.name for topic in TOPICS}
    read = {topic.name for topic in TOPICS if await may_read(dummies, principal.name, topic.name)}
    assert read == heard


async def may_read(stack: Stack, principal: str, topic: str) -> bool:
    """Tell whether a principal is given records; whoever may write sees offsets, and no record."""
    async with consumer_of(stack, principal) as consumer:
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        try:
            await asyncio.wait_for(consumer.beginning_offsets([partition]), 3)
        except (aiokafka.errors.KafkaError, TimeoutError):
            return False
        await consumer.seek_to_beginning(partition)
        try:
            await asyncio.wait_for(consumer.getone(), 1)
        except aiokafka.errors.TopicAuthorizationFailedError:
            return False
        except TimeoutError:
            return True
        return True


@pytest.mark.parametrize("principal", PRINCIPALS, ids=lambda one: one.name)
async def test_no_service_makes_empties_changes_or_deletes_a_topic_or_takes_a_right(
    dummies: Stack, principal: Principal
) -> None:
    user, password = dummies.kafka_login(principal.name)
    admin = AdminClient(
        {
            "bootstrap.servers": dummies.kafka,
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": user,
            "sasl.password": password,
            "log_level": 2,
        }
    )
    topic = TOPICS[0].name
    forgetful = ConfigEntry("retention.ms", "1", incremental_operation=AlterConfigOpType.SET)
    shorter = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[forgetful])
    everything = Principal(principal.name, (Grant("topic", topic, "WRITE"),))

    def attempts() -> Iterator[dict[Any, Any]]:
        yield admin.create_topics([NewTopic("siku.intake.v9", 1, replication_factor=1)])
        yield admin.delete_topics([topic])
        yield admin.create_partitions([NewPartitions(topic, 24)])
        yield admin.incremental_alter_configs([shorter])
        yield admin.delete_records([ConfluentPartition(topic, 0, 1)])
        yield admin.create_acls(list(bindings_of(everything)))

    # To whom a topic does not exist, the client finds no leader of it to ask.
    def refused() -> int:
        count = 0
        for asked in attempts():
            for future in asked.values():
                with pytest.raises(
                    KafkaException, match=r"AUTHORIZATION_FAILED|UNKNOWN_TOPIC|No leaders found"
                ):
                    future.result(10)
                count += 1
        return count

    assert await asyncio.to_thread(refused) == 6


async def test_nobody_writes_in_transactions(dummies: Stack) -> None:
    user = reach(dummies, "svc-intake")
    producer = AIOKafkaProducer(**user, transactional_id="intake.relay")
    with pytest.raises(aiokafka.errors.KafkaError):
        await asyncio.wait_for(producer.start(), 10)
    await producer.stop()


async def test_nobody_makes_topics_by_writing(dummies: Stack) -> None:
    with pytest.raises(aiokafka.errors.KafkaError):
        async with producing(dummies, "svc-intake") as producer:
            await asyncio.wait_for(producer.send_and_wait("siku.intake.v2", b"{}"), 5)
    admin = connect(dummies.kafka, dummies.kafka_login()[1])
    assert "siku.intake.v2" not in admin.list_topics(timeout=5).topics


@asynccontextmanager
async def consumer_of(stack: Stack, principal: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(**reach(stack, principal), group_id=None)
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


@asynccontextmanager
async def consuming(stack: Stack, principal: str, group: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        "siku.intake.v1",
        **reach(stack, principal),
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


@pytest.mark.parametrize(
    ("principal", "group"),
    [("svc-console", "console.board"), ("svc-verify", "verify.once"), ("svc-intake", "intake.x")],
)
async def test_readers_read(dummies: Stack, principal: str, group: str) -> None:
    async with producing(dummies, "svc-intake") as producer:
        await producer.send_and_wait("siku.intake.v1", b"{}", key=b"one")
    async with consuming(dummies, principal, group) as consumer:
        heard = await asyncio.wait_for(consumer.getone(), 20)
        assert heard.value == b"{}"


async def test_a_foreign_group_is_refused(dummies: Stack) -> None:
    with pytest.raises(aiokafka.errors.GroupAuthorizationFailedError):
        async with consuming(dummies, "svc-console", "intake.relay") as consumer:
            await asyncio.wait_for(consumer.getone(), 20)


async def test_whoever_has_no_right_reads_nothing(dummies: Stack) -> None:
    with pytest.raises(aiokafka.errors.KafkaError):
        async with consuming(dummies, "svc-identity", "console.board") as consumer:
            await asyncio.wait_for(consumer.getone(), 10)


async def test_a_wrong_password_is_refused(dummies: Stack) -> None:
    with pytest.raises(aiokafka.errors.KafkaError):
        async with producing(dummies, "svc-intake", "wrong"):
            pass


async def test_without_a_password_nobody_gets_in(dummies: Stack) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=dummies.kafka, request_timeout_ms=3000)
    with pytest.raises(aiokafka.errors.KafkaError):
        await producer.start()
    await producer.stop()


async def test_the_controller_asks_visitors_for_a_password(dummies: Stack) -> None:
    """An anonymous visitor would count as the cluster itself."""
    reader, writer = await asyncio.open_connection("127.0.0.1", dummies.ports[CONTROLLER])
    # DESCRIBE_CLUSTER v0 without any SASL handshake before it.
    request = bytes.fromhex("003c 0000 00000001 ffff 00 00 00".replace(" ", ""))
    writer.write(len(request).to_bytes(4, "big") + request)
    async with asyncio.timeout(10):
        assert await reader.read() == b""
    writer.close()


def settings_of(admin: AdminClient, topic: str) -> dict[str, str]:
    asked = ConfigResource(ResourceType.TOPIC, topic)
    found = admin.describe_configs([asked])[asked].result(10)
    return {name: entry.value for name, entry in found.items()}


def test_topics_keep_everything_for_ever(dummies: Stack) -> None:
    admin = connect(dummies.kafka, dummies.kafka_login()[1])
    present = admin.list_topics(timeout=5).topics
    for topic in TOPICS:
        assert len(present[topic.name].partitions) == topic.partitions == 12
        settings = settings_of(admin, topic.name)
        assert settings["retention.ms"] == "-1"
        assert settings["retention.bytes"] == "-1"
        assert settings["cleanup.policy"] == "delete"


async def test_a_right_taken_from_the_table_is_taken_from_the_broker(dummies: Stack) -> None:
    admin = connect(dummies.kafka, dummies.kafka_login()[1])
    extra = Principal("svc-identity", (Grant("topic", "siku.intake.v1", "WRITE"),))
    others = [one for one in PRINCIPALS if one.name != "svc-identity"]
    set_rights(admin, [*others, extra])
    async with producing(dummies, "svc-identity") as producer:
        await producer.send_and_wait("siku.intake.v1", b"{}", key=b"one")
    set_rights(admin, PRINCIPALS)
    with pytest.raises(aiokafka.errors.KafkaError):
        async with producing(dummies, "svc-identity") as producer:
            await producer.send_and_wait("siku.intake.v1", b"{}", key=b"one")


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("other", SERVICES)
async def test_each_role_enters_its_own_database_only(
    dummies: Stack, service: str, other: str
) -> None:
    url = dummies.database_url(service)
    foreign = url.replace(f"/{database_of(service)}", f"/{database_of(other)}")
    if service == other:
        connection = await asyncpg.connect(url)
        assert await connection.fetchval("select current_database()") == database_of(service)
        await connection.close()
    else:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(foreign)


async def test_a_service_role_makes_nothing(dummies: Stack) -> None:
    connection = await asyncpg.connect(dummies.database_url("intake"))
    for statement in ("create table x (n int)", "create schema x", "create role x"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    await connection.close()


async def test_postgres_listens_on_loopback_with_passwords_only(dummies: Stack) -> None:
    owner = await asyncpg.connect(dummies.admin_database_url())
    assert await owner.fetchval("show listen_addresses") == "127.0.0.1"
    assert await owner.fetchval("show unix_socket_directories") == ""
    methods = await owner.fetch("select distinct auth_method from pg_hba_file_rules")
    assert [row["auth_method"] for row in methods] == ["scram-sha-256"]
    await owner.close()

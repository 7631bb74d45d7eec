"""Nobody reaches what is not his, in PostgreSQL and in Kafka, from the first start."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiokafka.errors
import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from deploy.embedded.launcher import Stack
from deploy.embedded.ports import CONTROLLER
from deploy.kafka_rights import connect, set_rights
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


async def test_the_owner_writes_its_topics(dummies: Stack) -> None:
    for topic in TOPICS:
        async with producing(dummies, f"svc-{topic.name.split('.')[1]}") as producer:
            told = await producer.send_and_wait(topic.name, b"{}", key=b"one")
            assert told.offset >= 0


async def test_nobody_else_writes_the_working_days(dummies: Stack) -> None:
    async with producing(dummies, "svc-intake") as producer:
        with pytest.raises(aiokafka.errors.TopicAuthorizationFailedError):
            await producer.send_and_wait("siku.approval_tracking.reference.v1", b"{}", key=b"1")


@pytest.mark.parametrize("principal", ["svc-console", "svc-identity", "svc-verify"])
async def test_nobody_else_writes_them(dummies: Stack, principal: str) -> None:
    with pytest.raises(aiokafka.errors.KafkaError):
        async with producing(dummies, principal) as producer:
            await producer.send_and_wait("siku.intake.v1", b"{}", key=b"one")


async def test_nobody_makes_topics_by_writing(dummies: Stack) -> None:
    with pytest.raises(aiokafka.errors.KafkaError):
        async with producing(dummies, "svc-intake") as producer:
            await asyncio.wait_for(producer.send_and_wait("siku.intake.v2", b"{}"), 5)
    admin = connect(dummies.kafka, dummies.kafka_login()[1])
    assert "siku.intake.v2" not in admin.list_topics(timeout=5).topics


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

"""By TLS alone, from the server of that name: PostgreSQL and Kafka as Compose runs them."""

import ssl
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiokafka.errors
import asyncpg
import pytest
from aiokafka import AIOKafkaProducer
from cryptography import x509
from pydantic import SecretStr

from deploy.compose.certificates import LIFETIME, SERVERS, write
from deploy.embedded.launcher import Stack
from deploy.embedded.ports import LOOPBACK
from deploy.stack import with_tls
from shared.settings import Settings


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certified") / "tls"
    write(folder, LOOPBACK)
    return folder


@pytest.fixture(scope="module")
async def guarded(tls: Path) -> AsyncIterator[Stack]:
    """Both servers with the settings of Compose; what Compose names otherwise is this machine."""
    async with Stack(services=(), migrate=False, tls=tls) as stack:
        yield stack


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority that signed neither of them, under the same name."""
    folder = tmp_path_factory.mktemp("foreign") / "tls"
    write(folder, LOOPBACK)
    return folder / "ca.pem"


def bare(stack: Stack) -> str:
    return stack.database_url("intake").partition("?")[0]


async def test_a_service_reaches_its_database_by_tls(guarded: Stack) -> None:
    connection = await asyncpg.connect(guarded.database_url("intake"))
    [row] = await connection.fetch(
        "select ssl, version from pg_stat_ssl where pid = pg_backend_pid()"
    )
    await connection.close()
    assert row["ssl"]
    assert row["version"] in {"TLSv1.2", "TLSv1.3"}


async def test_without_tls_nobody_reaches_a_database(guarded: Stack) -> None:
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError, match="no encryption"):
        await asyncpg.connect(f"{bare(guarded)}?sslmode=disable")


async def test_another_authority_does_not_vouch_for_the_database(
    guarded: Stack, foreign: Path
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        await asyncpg.connect(with_tls(bare(guarded), foreign))


async def test_a_server_of_another_name_is_not_the_database(guarded: Stack, tls: Path) -> None:
    elsewhere = bare(guarded).replace(LOOPBACK, "localhost")
    with pytest.raises(ssl.SSLCertVerificationError, match="localhost"):
        await asyncpg.connect(with_tls(elsewhere, tls / "ca.pem"))


def settings(stack: Stack, authority: Path | None, kafka: str = "") -> Settings:
    user, password = stack.kafka_login("svc-intake")
    return Settings(
        home=stack.home.path,
        kafka=kafka or stack.kafka,
        kafka_user=user,
        kafka_password=SecretStr(password),
        authority=authority,
    )


async def told(reach: Settings) -> int:
    producer = AIOKafkaProducer(**reach.client(), acks="all", request_timeout_ms=3000)
    try:
        await producer.start()
        sent = await producer.send_and_wait("siku.intake.v1", b"{}", key=b"one")
    finally:
        await producer.stop()
    return int(sent.offset)


async def test_a_service_tells_kafka_by_tls(guarded: Stack, tls: Path) -> None:
    assert await told(settings(guarded, tls / "ca.pem")) >= 0


async def test_without_tls_nobody_tells_kafka_anything(guarded: Stack) -> None:
    with pytest.raises(aiokafka.errors.KafkaError):
        await told(settings(guarded, None))


async def test_another_authority_does_not_vouch_for_kafka(guarded: Stack, foreign: Path) -> None:
    with pytest.raises(aiokafka.errors.KafkaError):
        await told(settings(guarded, foreign))


async def test_a_server_of_another_name_is_not_kafka(guarded: Stack, tls: Path) -> None:
    elsewhere = guarded.kafka.replace(LOOPBACK, "localhost")
    with pytest.raises(aiokafka.errors.KafkaError):
        await told(settings(guarded, tls / "ca.pem", elsewhere))


def test_only_the_owner_enters_the_folder_and_no_key_of_the_authority_is_kept(tls: Path) -> None:
    assert stat.S_IMODE(tls.stat().st_mode) == 0o700
    assert sorted(path.name for path in tls.iterdir()) == [
        "ca.pem",
        *("kafka.crt", "kafka.key", "kafka.pem"),
        *("postgres.crt", "postgres.key"),
    ]


def test_a_certificate_is_for_one_server_for_two_years_and_signs_nothing(tls: Path) -> None:
    for name in SERVERS:
        certificate = x509.load_pem_x509_certificate((tls / f"{name}.crt").read_bytes())
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName) == [name]
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        assert not constraints.ca
        left = certificate.not_valid_after_utc - datetime.now(UTC)
        assert LIFETIME - timedelta(hours=1) < left <= LIFETIME

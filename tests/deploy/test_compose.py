"""The compose file is valid and runs what the table says, no more and no less."""

import asyncio
import importlib
import json
import os
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import asyncpg
import check_jsonschema
import jsonschema
import pytest
import yaml

from contracts.anchor import ANCHORS_TOPIC
from deploy.compose import secrets
from deploy.embedded.kafka import COMMON_SETTINGS, MEMORY, password_settings, tls_settings
from deploy.embedded.launcher import ROOT, Stack
from deploy.embedded.postgres import RULES_OF_TLS, TLS
from deploy.stack import (
    ADMIN,
    CONSOLE_CLIENT,
    KAFKA_PORT,
    PRINCIPALS,
    PROCESSES,
    SERVICES,
    Place,
    Process,
    principal_of,
    role_of,
    variables,
    with_tls,
)

SECRETS = dict(line.split("=") for line in secrets.lines())


def interpolated(text: str) -> str:
    """Fill in passwords as Compose does."""
    return re.sub(r"\$\{(\w+):\?\}", lambda match: SECRETS[match[1]], text)


COMPOSE: dict[str, Any] = yaml.safe_load(interpolated((ROOT / "docker-compose.yml").read_text()))
DATABASE_PASSWORDS = {
    role_of(service): SECRETS[f"SIKU_DATABASE_{service.upper()}_PASSWORD"] for service in SERVICES
}
KAFKA_PASSWORDS = {
    principal.name: SECRETS[f"SIKU_KAFKA_{principal.name.removeprefix('svc-').upper()}_PASSWORD"]
    for principal in PRINCIPALS
}


def service_of(process: Process) -> str:
    # A name of a host has no underscore.
    return process.name.replace(".", "-").replace("_", "-")


PUBLISHED = {"console.web", "identity.web"}
PLACE = Place(
    home="/var/lib/siku",
    listen="0.0.0.0",  # noqa: S104  inside the container; only the console's port is published
    ports={process.name: process.port for process in PROCESSES},
    urls={process.name: f"http://{service_of(process)}:{process.port}" for process in PROCESSES},
    postgres="postgres:5432",
    kafka=f"kafka:{KAFKA_PORT}",
    database_passwords=DATABASE_PASSWORDS,
    kafka_passwords=KAFKA_PASSWORDS,
    client_secrets={CONSOLE_CLIENT: SECRETS["SIKU_CLIENT_SECRET"]},
    issuer="http://127.0.0.1:8002",
    public="http://127.0.0.1:8000",
    metrics_token=SECRETS["SIKU_METRICS_TOKEN"],
    authority="/etc/siku/authority.pem",
)


def test_it_fits_the_compose_schema() -> None:
    vendored = Path(check_jsonschema.__file__).parent / "builtin_schemas" / "vendor"
    schema = json.loads((vendored / "compose-spec.json").read_text())
    jsonschema.validate(COMPOSE, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(COMPOSE | {"services": {"web": {"imagee": "x"}}}, schema)


def test_it_runs_every_process_and_nothing_else() -> None:
    ours = {service_of(process) for process in PROCESSES}
    assert set(COMPOSE["services"]) == ours | {"postgres", "kafka", "prepare"}


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_a_process_gets_the_same_command_variables_and_port(process: Process) -> None:
    described = COMPOSE["services"][service_of(process)]
    assert described["command"] == ["python", *process.arguments]
    assert described["environment"] == variables(process, PLACE)
    assert "SIKU_PORT" in described["healthcheck"]["test"][-1]
    assert described["depends_on"] == {"prepare": {"condition": "service_completed_successfully"}}
    published = described.get("ports", [])
    loopback = [f"127.0.0.1:{process.port}:{process.port}"]
    assert published == (loopback if process.name in PUBLISHED else [])


def test_only_what_a_browser_needs_is_published() -> None:
    published = {name for name, one in COMPOSE["services"].items() if "ports" in one}
    assert published == {name.replace(".", "-") for name in PUBLISHED}


def test_the_preparing_job_knows_every_role_and_principal() -> None:
    environment = COMPOSE["services"]["prepare"]["environment"]
    assert json.loads(environment["SIKU_DATABASE_PASSWORDS"]) == DATABASE_PASSWORDS
    assert json.loads(environment["SIKU_KAFKA_PASSWORDS"]) == KAFKA_PASSWORDS
    assert environment["SIKU_KAFKA"] == PLACE.kafka
    admin = f"postgresql://{ADMIN}:{SECRETS['SIKU_ADMIN_PASSWORD']}@postgres:5432/postgres"
    assert environment["SIKU_ADMIN_DATABASE_URL"] == with_tls(admin, PLACE.authority)
    assert environment["SIKU_AUTHORITY"] == PLACE.authority
    assert COMPOSE["services"]["postgres"]["environment"]["POSTGRES_USER"] == ADMIN


async def test_the_preparing_job_can_run_again_and_again(dummies: Stack, tmp_path: Path) -> None:
    described = COMPOSE["services"]["prepare"]
    given = {
        "SIKU_HOME": str(tmp_path),
        "SIKU_ADMIN_DATABASE_URL": dummies.admin_database_url(),
        "SIKU_DATABASE_PASSWORDS": json.dumps(dummies.place.database_passwords),
        "SIKU_KAFKA": dummies.kafka,
        "SIKU_KAFKA_ADMIN_PASSWORD": dummies.kafka_login()[1],
        "SIKU_KAFKA_PASSWORDS": json.dumps(
            {one.name: dummies.kafka_login(one.name)[1] for one in PRINCIPALS}
        ),
    }
    # On this machine the servers are reached without TLS.
    assert {*given, "SIKU_AUTHORITY"} == set(described["environment"])
    for _ in range(2):
        job = await asyncio.create_subprocess_exec(
            sys.executable, *described["command"][1:], env=os.environ | given, cwd=ROOT
        )
        assert await job.wait() == 0
    assert (tmp_path / "clock").exists()
    owner = await asyncpg.connect(dummies.admin_database_url("intake"))
    assert await owner.fetchval("select count(*) from migrations") > 0
    await owner.close()


def test_its_topics_and_rights_are_those_of_the_table() -> None:
    """The job runs the very module that the launcher runs, and that module reads the table."""
    job = importlib.import_module("deploy.preparing")
    assert job.kafka_rights.TOPICS is importlib.import_module("deploy.stack").TOPICS
    assert COMPOSE["services"]["prepare"]["command"] == ["python", "-m", "deploy.preparing"]


def test_kafka_runs_on_the_settings_of_the_embedded_one() -> None:
    text = (ROOT / "deploy" / "compose" / "server.properties").read_text()
    lines = [line.split("=", 1) for line in text.splitlines() if not line.startswith("#")]
    found = {line[0]: line[1] for line in lines}
    expected = COMMON_SETTINGS | password_settings("@ADMIN@", "@CONTROLLER@")
    expected |= tls_settings("/run/secrets/kafka_key", PLACE.authority)
    assert expected.items() <= found.items()
    assert set(found) - set(expected) == {
        "controller.quorum.bootstrap.servers",
        "listeners",
        "advertised.listeners",
        "log.dirs",
    }
    assert found["listeners"].endswith("CONTROLLER://127.0.0.1:29093")
    assert found["advertised.listeners"] == f"CLIENT://{PLACE.kafka}"
    kafka = COMPOSE["services"]["kafka"]
    assert kafka["environment"]["KAFKA_HEAP_OPTS"].split() == list(MEMORY[:2])
    versions = (ROOT / "deploy" / "embedded" / "kafka-jars.txt").read_text()
    assert f"org.apache.kafka kafka_2.13 {kafka['image'].split(':')[1]} " in versions


def test_each_server_shows_a_certificate_that_every_process_can_check() -> None:
    files = {name: one["file"].removeprefix("./tls/") for name, one in COMPOSE["secrets"].items()}
    assert files == {
        "kafka_key": "kafka.pem",
        "postgres_certificate": "postgres.crt",
        "postgres_key": "postgres.key",
    }
    mounted = f"./tls/ca.pem:{PLACE.authority}:ro"
    for name, described in COMPOSE["services"].items():
        if name != "postgres":
            assert mounted in described["volumes"], name
    assert set(COMPOSE["services"]["kafka"]["secrets"]) == {"kafka_key"}
    assert set(COMPOSE["services"]["postgres"]["secrets"]) == set(files) - {"kafka_key"}
    assert "tls/" in (ROOT / ".gitignore").read_text().splitlines()
    assert "!tls" not in (ROOT / ".dockerignore").read_text()


def test_postgres_lets_nobody_in_over_the_network_without_tls() -> None:
    started = (ROOT / "deploy" / "compose" / "start-postgres.sh").read_text()
    assert {"ssl=on", "hba_file=/etc/siku/pg_hba.conf"} <= set(re.findall(r"-c (\S+)", started))
    assert {f"{name}={value}" for name, value in TLS.items()} <= set(
        re.findall(r"-c (\S+)", started)
    )
    rules = [line.split() for line in RULES_OF_TLS.read_text().splitlines() if line[0] != "#"]
    assert [(rule[0], rule[-1]) for rule in rules] == [
        ("local", "scram-sha-256"),
        ("hostssl", "scram-sha-256"),
    ]


def test_every_password_is_asked_for_and_made() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    assert set(re.findall(r"\$\{(\w+)", text)) == set(secrets.NAMES)


def test_the_image_runs_as_nobody_in_particular() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert "USER 10001" in lines
    assert "--require-hashes" in "".join(line for line in lines if "pip install" in line)


def test_the_image_holds_every_package_that_a_process_may_import() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = project["tool"]["setuptools"]["packages"]["find"]["include"]
    sent = (ROOT / ".dockerignore").read_text().splitlines()
    assert {f"!{package.rstrip('*')}" for package in packages} <= set(sent)


def test_prometheus_asks_every_process_with_the_token_and_rings_by_our_rules() -> None:
    collecting = yaml.safe_load((ROOT / "deploy" / "prometheus.yml").read_text("utf-8"))
    assert collecting["rule_files"] == ["alerts.yml"]
    [job] = collecting["scrape_configs"]
    targets = [target for group in job["static_configs"] for target in group["targets"]]
    assert sorted(targets) == sorted(f"{service_of(one)}:{one.port}" for one in PROCESSES)
    assert job["authorization"]["type"] == "Bearer"
    # The token is read from a file that the operator makes; none stands in the configuration.
    assert set(job["authorization"]) == {"type", "credentials_file"}
    assert job.get("metrics_path", "/metrics") == "/metrics"


@pytest.mark.parametrize("service", SERVICES)
def test_the_table_has_every_part_of_every_service(service: str) -> None:
    described = importlib.import_module(f"services.{service}.main").SERVICE
    parts = {process.part for process in PROCESSES if process.service == service}
    assert parts == set(described.parts)
    told = {*described.topics, ANCHORS_TOPIC} if described.writes else set()
    rights = {one.name: one.grants for one in PRINCIPALS}[principal_of(service)]
    assert told == {right.name for right in rights if right.operation == "WRITE"}

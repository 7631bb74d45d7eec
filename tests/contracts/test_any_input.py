"""Whatever is sent to a described address is answered as the description says, and never with 5xx.

Inputs are dealt from each service's OpenAPI document, such as it allows and such as it forbids.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from contracts import writing
from deploy.embedded.launcher import Stack
from tests.doors import opened

CASES = 8
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
WHO = ("zezhou", "shichushen", "shengshenhe", "admin", "jinmei", "nobody")


def described(service: str) -> Any:
    """Read a service's committed document."""
    document = writing.ROOT / "openapi" / f"{service}.json"
    return schemathesis.openapi.from_dict(json.loads(document.read_text("utf-8")))


OPERATIONS = [
    (service, found.ok().label)
    for service in writing.WITH_API
    for found in described(service).get_all_operations()
]


@dataclass(frozen=True)
class Office:
    """A running service, and what its document says."""

    http: httpx.AsyncClient
    operations: dict[str, Any]


@pytest.fixture(scope="module")
async def offices(
    servers: Stack, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[dict[str, Office]]:
    """Every service that has a document, each on an empty database in a demonstration home."""
    async with AsyncExitStack() as open_doors:
        running = {}
        for service in writing.WITH_API:
            home = tmp_path_factory.mktemp(service)
            door = opened(writing.services()[service], servers, home, f"test_any_input_{service}")
            _, http = await open_doors.enter_async_context(door)
            running[service] = Office(
                http,
                {found.ok().label: found.ok() for found in described(service).get_all_operations()},
            )
        yield running


@pytest.mark.parametrize(("service", "label"), OPERATIONS)
async def test_whatever_is_sent_is_answered_as_described(
    offices: dict[str, Office], service: str, label: str
) -> None:
    office, loop = offices[service], asyncio.get_running_loop()
    operation = office.operations[label]

    def ask(case: Case[Any], who: str) -> None:
        sent = case.as_transport_kwargs(base_url=f"http://{service}")
        headers = {**(sent.get("headers") or {}), "Authorization": f"Bearer {who}"}
        request = office.http.build_request(
            sent["method"],
            sent["url"],
            params=sent.get("params"),
            headers=headers,
            **_body(sent),
        )
        request.read()
        answer = asyncio.run_coroutine_threadsafe(office.http.send(request), loop).result(30)
        case.validate_response(answer, checks=CHECKS)

    def attempt(mode: GenerationMode) -> Callable[[], None]:
        dealt = given(case=operation.as_strategy(generation_mode=mode), who=st.sampled_from(WHO))
        bounded = settings(
            max_examples=CASES,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        return bounded(dealt(ask))

    await asyncio.to_thread(attempt(GenerationMode.POSITIVE))
    if takes_input(operation):
        await asyncio.to_thread(attempt(GenerationMode.NEGATIVE))
    else:
        # What takes no input can be given no wrong one.
        with pytest.raises(Unsatisfiable):
            await asyncio.to_thread(attempt(GenerationMode.NEGATIVE))


def takes_input(operation: Any) -> bool:
    """Tell whether an operation is described with anything that could be given wrongly."""
    return bool(operation.body) or any(True for _ in operation.iter_parameters())


def _body(sent: dict[str, Any]) -> dict[str, Any]:
    """Give the body in the words of the one client that was dealt in those of another."""
    if (parts := sent.get("files")) is not None:
        return {"files": [(name, _part(value)) for name, value in parts]}
    if sent.get("json") is not None:
        return {"json": sent["json"]}
    data = sent.get("data")
    return {"content": data} if isinstance(data, bytes | str) else {"data": data}


def _part(value: Any) -> Any:
    if isinstance(value, tuple):
        name, content, *kind = value
        return (name, _part(content), *kind)
    return value if isinstance(value, bytes | str) else str(value)

"""Whatever a service answers, it carries the same headers and gives nothing of its inside away."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Annotated

import httpx
import pytest
import structlog
from fastapi import Depends, FastAPI
from prometheus_client import REGISTRY

from shared.refusals import NotSignedIn
from shared.service import Runtime, Service, app_of
from shared.settings import Settings
from shared.tokens import Actor, actor_of

HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
}
SECRET = "select password_hash from identity.accounts"


class KnownTokens:
    """Takes a name for a token of it."""

    async def verify(self, token: str) -> Actor:
        if token == "nobody":
            raise NotSignedIn("登录已失效。")
        return Actor(f"account-{token}", token, "admin", "T", "T")


def doors(app: FastAPI, _: Runtime) -> None:
    @app.get("/numbers/{number}")
    async def read(number: int) -> int:
        return number

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError(SECRET)

    @app.post("/work")
    async def work(actor: Annotated[Actor, Depends(actor_of)]) -> str:
        return actor.account


Answering = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def answering(tmp_path: Path) -> Answering:
    """Give a client of a service that touches no database."""

    @asynccontextmanager
    async def answer(
        part: str = "web", client: str = "127.0.0.1", **settings: object
    ) -> AsyncIterator[httpx.AsyncClient]:
        service = Service("test", "试", doors, tells={"room": "siku.test.v1"}, most_bytes=1000)
        app = app_of(service, part, Settings.model_validate({"home": tmp_path, **settings}))
        if part == "web":
            app.state.runtime.tokens = KnownTokens()
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(client, 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            yield http

    return answer


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/numbers/7", 200),
        ("GET", "/livez", 200),
        ("POST", "/work", 401),
        ("GET", "/nowhere", 404),
        ("DELETE", "/work", 405),
        ("POST", "/work", 413),
        ("GET", "/numbers/seven", 422),
        ("GET", "/broken", 500),
    ],
)
async def test_every_answer_runs_nothing_stands_in_no_frame_and_is_kept_nowhere(
    answering: Answering, method: str, path: str, status: int
) -> None:
    async with answering() as http:
        body = b"x" * 2000 if status == 413 else None
        answer = await http.request(method, path, content=body)
    assert answer.status_code == status
    assert HEADERS.items() <= dict(answer.headers).items()
    assert "strict-transport-security" not in answer.headers
    assert "server" not in answer.headers


async def test_behind_tls_browsers_are_told_to_come_back_by_tls_alone(
    answering: Answering,
) -> None:
    async with answering(only_tls=True) as http:
        answer = await http.get("/nowhere")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_an_error_of_ours_says_its_number_and_nothing_of_what_went_wrong(
    answering: Answering,
) -> None:
    with structlog.testing.capture_logs() as lines:
        async with answering() as http:
            answer = await http.get("/broken", headers={"X-Correlation-Id": "one-two"})
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (problem["code"], problem["correlation_id"]) == ("unexpected", "one-two")
    assert answer.headers["x-correlation-id"] == "one-two"
    for inside in ("select", "RuntimeError", "Traceback", ".py"):
        assert inside not in answer.text
    assert [line["event"] for line in lines if line["log_level"] == "error"] == ["unexpected_error"]


async def test_an_error_of_ours_is_counted_as_one(answering: Answering) -> None:
    def counted() -> float:
        labels = {"route": "/broken", "method": "GET", "status": "500"}
        return REGISTRY.get_sample_value("siku_http_requests_total", labels) or 0.0

    before = counted()
    async with answering() as http:
        await http.get("/broken")
    assert counted() == before + 1


async def test_who_asks_too_often_is_told_when_to_come_back(
    answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with answering(writes_a_minute=3) as http:

        async def ask(who: str, **headers: str) -> httpx.Response:
            return await http.post("/work", headers={"Authorization": f"Bearer {who}", **headers})

        monkeypatch.setattr("shared.limiting.time.monotonic", lambda: 0.0)
        assert [(await ask("zezhou")).status_code for _ in range(4)] == [200, 200, 200, 429]
        refused = await ask("zezhou")
        assert refused.headers["retry-after"] == "20"
        assert refused.headers["content-type"] == "application/problem+json"
        problem = refused.json()
        assert (problem["code"], problem["title"]) == ("too_many_requests", "办理太频繁")
        assert problem["detail"].startswith("同一操作一分钟内太多次，请在 20 秒后再试")
        assert (await ask("gaoping")).status_code == 200
        elsewhere = {"X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9"}
        assert (await ask("zezhou", **elsewhere)).status_code == 429


async def test_a_token_that_does_not_hold_uses_up_nobodys_turns(answering: Answering) -> None:
    async with answering(writes_a_minute=1) as http:
        for _ in range(5):
            answer = await http.post("/work", headers={"Authorization": "Bearer nobody"})
            assert answer.status_code == 401


TOKEN = "collector-7f3a"


@pytest.mark.parametrize("part", ["web", "relay"])
@pytest.mark.parametrize(
    ("client", "headers", "token", "status"),
    [
        ("127.0.0.1", {}, "", 200),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, "", 404),
        ("10.0.0.9", {}, "", 404),
        ("10.0.0.9", {"Authorization": "Bearer "}, "", 404),
        ("10.0.0.9", {"X-Forwarded-For": "127.0.0.1"}, "", 404),
        ("10.0.0.9", {}, TOKEN, 404),
        ("10.0.0.9", {"Authorization": "Bearer wrong"}, TOKEN, 404),
        ("10.0.0.9", {"Authorization": "Bearer 令牌".encode()}, TOKEN, 404),
        ("10.0.0.9", {"Authorization": f"Bearer {TOKEN}"}, TOKEN, 200),
    ],
)
async def test_metrics_are_for_this_machine_and_for_whoever_collects_them(
    answering: Answering,
    part: str,
    client: str,
    headers: dict[str, str],
    token: str,
    status: int,
) -> None:
    async with answering(part, client, metrics_token=token) as http:
        answer = await http.get("/metrics", headers=headers)
    assert answer.status_code == status
    assert ("siku_http_requests_total" in answer.text) == (status == 200)


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/docs/oauth2-redirect"])
async def test_nobody_is_handed_a_description_of_the_inside(
    answering: Answering, path: str
) -> None:
    async with answering() as http:
        assert (await http.get(path)).status_code == 404


async def test_why_a_process_is_not_ready_is_said_to_this_machine_alone(
    answering: Answering,
) -> None:
    async with answering("views", "10.0.0.9") as http:
        answer = await http.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "not ready"})
    async with answering("views") as http:
        assert (await http.get("/readyz")).json()["why"] == "views: not started"

"""Every service that keeps views has the operators' door; what it gives is for operators alone."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI

from shared.refusals import NotSignedIn
from shared.service import Runtime, Service, web_app
from shared.settings import Settings
from shared.tokens import Actor
from shared.viewing import View
from shared.viewing.store import ViewStore
from tests.conftest import VIEWING, NewDatabase
from tests.shared.reading import Reading, ledger_view, record

SECRET = "13935600001"


class KnownTokens:
    """Takes a role's name for a token of it."""

    async def verify(self, token: str) -> Actor:
        if token not in {"admin", "city_reviewer"}:
            raise NotSignedIn("登录已失效。")
        return Actor(f"account-{token}", token, token, "T", "T")


def no_doors(_: FastAPI, __: Runtime) -> None:
    """Answer nothing else."""


Opened = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
async def opened(new_database: NewDatabase, tmp_path: Path) -> Opened:
    url = await new_database(VIEWING)

    @asynccontextmanager
    async def open_with(*views: View, role: str = "admin") -> AsyncIterator[httpx.AsyncClient]:
        settings = Settings.model_validate({"home": tmp_path, "database_url": url})
        app = web_app(Service("test", "试", no_doors, views=views), settings)
        app.state.runtime.tokens = KnownTokens()
        async with app.router.lifespan_context(app):
            for view in views:
                store = ViewStore(app.state.runtime.pool, view)
                await store.open()
                await Reading(store).take(
                    record("s", 1), record("s", 2, body=f'{{"amount": "x{SECRET}"}}'.encode())
                )
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(app),
                base_url="http://test",
                headers={"Authorization": f"Bearer {role}"},
            ) as client:
                yield client

    return open_with


async def test_a_service_with_views_lists_shows_replays_and_gives_up(opened: Opened) -> None:
    async with opened(ledger_view()) as client:
        found = (await client.get("/viewing/parked")).json()
        assert (found["views"], found["total"], found["pages"]) == (["balances"], 1, 1)
        place = {"view": "balances", "stream": "s", "version": "2"}
        shown = await client.get("/viewing/parked/fact", params=place)
        assert SECRET not in shown.text
        lines = shown.json()["body"]
        assert lines == [{"place": "amount", "what": "文字，12 字", "readable": True}]
        tried = await client.post("/viewing/parked/replay", json={"view": "balances"})
        assert [one["left"] for one in tried.json()["outcomes"]] == [1]
        given = await client.post(
            "/viewing/parked/discard", json=place | {"version": 2, "reason": "源数据有误"}
        )
        assert given.json()["outcomes"][0]["left"] == 0
        assert (await client.get("/viewing/parked")).json()["total"] == 0
        (one,) = (await client.get("/viewing/discarded")).json()["discarded"]
        assert (one["by_account"], one["reason"]) == ("account-admin", "源数据有误")


async def test_a_service_without_views_has_no_such_door(opened: Opened) -> None:
    async with opened() as client:
        assert (await client.get("/viewing/parked")).status_code == 404


@pytest.mark.parametrize(("role", "status"), [("city_reviewer", 404), ("nobody", 401)])
async def test_whoever_is_no_operator_is_told_nothing(
    opened: Opened, role: str, status: int
) -> None:
    async with opened(ledger_view(), role=role) as client:
        body = {"view": "balances", "stream": "s", "version": 2, "reason": "源数据有误"}
        for answer in (
            await client.get("/viewing/parked"),
            await client.get("/viewing/discarded"),
            await client.get("/viewing/parked/fact?view=balances&stream=s&version=2"),
            await client.post("/viewing/parked/replay", json={"view": "balances"}),
            await client.post("/viewing/parked/discard", json=body),
        ):
            assert answer.status_code == status
            assert answer.headers["content-type"] == "application/problem+json"
            assert "balances" not in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "rows=201",
        "rows=0",
        "page=0",
        "reason=other",
        "since=yesterday",
        "since=2019-04-22T09:00:00",
        "view=" + quote("\0"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused_by_name(
    opened: Opened, query: str
) -> None:
    async with opened(ledger_view()) as client:
        answer = await client.get(f"/viewing/parked?{query}")
        assert answer.status_code == 422
        assert answer.json()["code"] == "unreadable_input"


async def test_an_act_on_what_is_not_there_is_refused(opened: Opened) -> None:
    async with opened(ledger_view()) as client:
        for path, body, status in (
            ("replay", {"view": "nowhere"}, 404),
            ("replay", {"view": "balances", "stream": "nobody"}, 404),
            ("replay", {"view": "balances", "stream": "a\0b"}, 422),
            ("replay", {"view": "balances", "other": 1}, 422),
            ("discard", {"view": "balances", "stream": "s", "version": 9, "reason": "无效"}, 404),
            ("discard", {"view": "balances", "stream": "s", "version": 2, "reason": ""}, 409),
            ("discard", {"view": "balances", "stream": "s", "version": 2}, 422),
        ):
            answer = await client.post(f"/viewing/parked/{path}", json=body)
            assert answer.status_code == status, (path, body, answer.text)

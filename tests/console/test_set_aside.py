"""搁置的事实: the operator sees what waits and why, not what it says; he alone, and he may act."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from contracts.intake import TOPIC
from services.console.views import four_pools, project_history
from shared.relay import headers_of
from shared.viewing import Record, Told, ViewStore
from tests.console.builders import Dossier
from tests.console.city import ACTORS, City
from tests.console.conftest import StandCity

SECRET = "不公开的项目内容"
VIEWS = (four_pools.VIEW, project_history.VIEW)
TELLING = Dossier(name="星禾陶瓷").drafted().submitted().passed_first()
STREAM = f"project-{TELLING.project_id}"


def recorded(told: Told, body: bytes | None = None, **headers: bytes) -> Record:
    envelope = told.envelope
    right = [*headers_of(envelope.model_dump(), told.position, bytes.fromhex(told.chain))]
    return Record(
        TOPIC,
        0,
        0,
        envelope.partitionkey.encode(),
        [(name, headers.get(name, value)) for name, value in right],
        told.payload if body is None else body,
    )


async def hear(city: City, *records: Record, views: Sequence[Any] = VIEWS) -> None:
    """Let the views hear records as their workers would."""
    for view in views:
        store = ViewStore(city.pool, view)
        stands = (await store.offsets([(TOPIC, 0)]))[TOPIC, 0]
        placed = [one._replace(offset=stands + n) for n, one in enumerate(records)]
        await store.apply([(TOPIC, 0, stands, stands + len(placed))], placed)


async def with_a_damaged_fact(city: City) -> None:
    """Drafted, then a report whose body is damaged, then what the city did about it."""
    first, second, third = TELLING.told
    spoilt = b'{"round": "' + SECRET.encode() + b'", "kind": "intake.review.submitted.v1"}'
    await hear(city, recorded(first), recorded(second, spoilt), recorded(third))


def page_of(view: str = "four_pools", stream: str = STREAM, version: int = 2) -> str:
    place = {"service": "console", "view": view, "stream": stream, "version": version}
    return f"/set-aside/fact?{urlencode(place)}"


def act(path: str) -> str:
    return path.replace("/fact?", "/discard?")


async def test_the_operator_sees_what_waits_how_long_and_why(stand_city: StandCity) -> None:
    city = await stand_city()
    await with_a_damaged_fact(city)
    async with city.browser("admin") as browser:
        page = (await browser.get("/set-aside")).text
        assert "4 件，2 条流" in page
        assert f"{STREAM[:20]}" in page
        for shown in ("four_pools", "project_history", "出错 2", "排队 2", "不到 1 分钟"):
            assert shown in page
        assert '<a href="/set-aside" aria-current="page">' in page


async def test_a_filter_counts_what_it_finds(stand_city: StandCity) -> None:
    city = await stand_city()
    await with_a_damaged_fact(city)
    async with city.browser("admin") as browser:
        page = (await browser.get("/set-aside?view=four_pools&reason=failed&hours=1")).text
        assert "1 件，1 条流" in page
        assert "project_history</td>" not in page
        await city.pool.execute("update viewing.waiting set since = now() - interval '2 hours'")
        page = (await browser.get("/set-aside?hours=1")).text
        assert "没有搁置的事实" in page
        assert "看全部" in page


async def test_a_list_longer_than_a_page_is_turned(stand_city: StandCity) -> None:
    city = await stand_city()
    told = [d.drafted().told[0] for d in (Dossier(name=f"示例 {n}") for n in range(25))]
    await hear(city, *(recorded(one, b"{") for one in told), views=(four_pools.VIEW,))
    async with city.browser("admin") as browser:
        page = (await browser.get("/set-aside")).text
        assert "25 件，25 条流" in page
        assert "第 1 页，共 2 页" in page
        assert page.count("set-aside/fact?") == 20
        second = (await browser.get("/set-aside?page=2")).text
        assert second.count("set-aside/fact?") == 5
        beyond = await browser.get("/set-aside?page=9")
        assert beyond.headers["location"] == "/set-aside?page=2"


async def test_a_fact_is_shown_by_its_outline_and_never_by_its_content(
    stand_city: StandCity,
) -> None:
    city = await stand_city()
    await with_a_damaged_fact(city)
    async with city.browser("admin") as browser:
        page = (await browser.get(page_of())).text
    assert SECRET not in page
    for shown in (
        "intake.review.submitted.v1",
        TELLING.told[1].envelope.id,
        f"文字，{len(SECRET)} 字",
        f"{TOPIC}，分区 0，位移 1",
        "后面排队</dt><dd>1 件",
        "ValidationError",
        "round",
    ):
        assert shown in page


async def test_what_no_text_can_hold_is_shown_as_bytes(stand_city: StandCity) -> None:
    city = await stand_city()
    first, second, _ = TELLING.told
    await hear(city, recorded(first), recorded(second, b"\xff\xfe", ce_id=b"\xff<b>\x00"))
    async with city.browser("admin") as browser:
        page = (await browser.get(page_of())).text
        assert "不是 UTF-8：ff 3c 62 3e 00" in page
        assert "第 1 个字节起不是 UTF-8" in page


async def test_a_retry_in_vain_says_what_is_still_wrong(stand_city: StandCity) -> None:
    city = await stand_city()
    await with_a_damaged_fact(city)
    asked = {"service": "console", "view": "four_pools", "stream": STREAM}
    async with city.browser("admin") as browser:
        answer = await browser.post("/set-aside/replay", data=asked)
        assert answer.headers["location"] == "/set-aside"
        page = (await browser.get("/set-aside")).text
        assert "1 条流仍不通，还搁置 2 件" in page
        assert "ValidationError" in page
        page = (await browser.get(page_of())).text
        assert "1 次" in page
        assert f"账号 {ACTORS['admin'].account}" in page


async def test_a_retry_that_helps_puts_the_project_where_it_belongs(
    stand_city: StandCity,
) -> None:
    city = await stand_city()
    await with_a_damaged_fact(city)
    # The damage is repaired where it lies: the body as the journal has it.
    await city.pool.execute(
        "update viewing.waiting set body = $1 where version = 2", TELLING.told[1].payload
    )
    async with city.browser("admin") as browser:
        for view in ("four_pools", "project_history"):
            await browser.post("/set-aside/replay", data={"service": "console", "view": view})
            page = (await browser.get("/set-aside")).text
            assert "已重试：1 条流都已接上，办理 2 件" in page
        assert "每一件都已办理" in (await browser.get("/set-aside")).text
        gone = {"service": "console", "view": "four_pools", "stream": STREAM}
        await browser.post("/set-aside/replay", data=gone)
        assert "可能已经办理" in (await browser.get("/set-aside")).text
    async with city.browser("city") as browser:
        assert "待省级审核" in (await browser.get(f"/projects/{TELLING.project_id}")).text


async def test_giving_up_asks_for_a_reason_and_a_confirmation(stand_city: StandCity) -> None:
    city = await stand_city()
    await with_a_damaged_fact(city)
    async with city.browser("admin") as browser:
        page = await browser.post(act(page_of()), data={"reason": "<i>源数据有误</i>"})
        assert page.status_code == 409
        assert "请勾选确认" in page.text
        assert "&lt;i&gt;源数据有误&lt;/i&gt;</textarea>" in page.text
        page = await browser.post(act(page_of()), data={"reason": " ", "confirmed": "yes"})
        assert page.status_code == 409
        assert "请写明放弃的原因" in page.text
        page = await browser.post(
            act(page_of(version=3)), data={"reason": "源数据有误", "confirmed": "yes"}
        )
        assert "前面出错的那件" in page.text
    assert await city.pool.fetchval("select count(*) from viewing.discarded") == 0
    assert await city.pool.fetchval("select count(*) from viewing.waiting") == 4


async def test_what_is_given_up_is_listed_with_who_and_why_and_the_stream_goes_on(
    stand_city: StandCity,
) -> None:
    city = await stand_city()
    await with_a_damaged_fact(city)
    given = {"reason": "源数据有误，已另行更正", "confirmed": "yes"}
    async with city.browser("admin") as browser:
        answer = await browser.post(act(page_of()), data=given)
        assert answer.headers["location"] == "/set-aside"
        page = (await browser.get("/set-aside")).text
        assert "排在后面的 1 件已依次办理" in page
        assert "源数据有误，已另行更正" in page
        assert ACTORS["admin"].account in page
        again = await browser.post(act(page_of()), data=given)
        assert again.status_code == 404
    row = await city.pool.fetchrow("select * from viewing.discarded")
    assert row is not None
    assert (row["by_account"], row["version"]) == (ACTORS["admin"].account, 2)
    version = await city.pool.fetchval(
        "select version from views.four_pools_streams where stream = $1", STREAM
    )
    assert version == 3


@pytest.mark.parametrize("user", [user for user in ACTORS if user != "admin"])
async def test_whoever_is_no_operator_finds_nothing_there(stand_city: StandCity, user: str) -> None:
    city = await stand_city()
    await with_a_damaged_fact(city)
    given = {"reason": "源数据有误", "confirmed": "yes"}
    asked = {"service": "console", "view": "four_pools"}
    token = {"Authorization": f"Bearer console:{user}"}
    place = {"view": "four_pools", "stream": STREAM, "version": 2}
    async with city.browser(user) as browser:
        assert (await browser.get("/set-aside")).status_code == 404
        assert (await browser.get(page_of())).status_code == 404
        assert (await browser.post(act(page_of()), data=given)).status_code == 404
        assert (await browser.post("/set-aside/replay", data=asked)).status_code == 404
        assert "/set-aside" not in (await browser.get("/help")).text
        for path in ("/viewing/parked", f"/viewing/parked/fact?{urlencode(place)}"):
            assert (await browser.get(path, headers=token)).status_code == 404
        for path, body in (
            ("/viewing/parked/replay", {"view": "four_pools"}),
            ("/viewing/parked/discard", {**place, "reason": "源数据有误"}),
        ):
            answer = await browser.post(path, json=body, headers=token)
            assert answer.status_code == 404
    assert await city.pool.fetchval("select max(attempts) from viewing.waiting") == 0
    assert await city.pool.fetchval("select count(*) from viewing.waiting") == 4


async def test_without_a_token_the_door_of_the_views_stays_shut(stand_city: StandCity) -> None:
    city = await stand_city()
    async with city.browser() as browser:
        answer = await browser.get("/viewing/parked")
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        signed_in = await browser.get("/set-aside")
        assert signed_in.headers["location"].startswith("/sign-in")


async def test_a_page_of_another_host_cannot_make_the_operator_give_something_up(
    stand_city: StandCity,
) -> None:
    city = await stand_city()
    await with_a_damaged_fact(city)
    given = {"reason": "源数据有误", "confirmed": "yes"}
    async with city.browser("admin") as browser:
        for headers in (
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "cross-site", "Authorization": "Bearer console:admin"},
            {"Sec-Fetch-Site": "", "Origin": "http://elsewhere.test"},
        ):
            refused = await browser.post(act(page_of()), data=given, headers=headers)
            assert refused.status_code == 403
    assert await city.pool.fetchval("select count(*) from viewing.discarded") == 0


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/set-aside?service=nowhere", 404),
        ("/set-aside?view=nowhere", 200),
        ("/set-aside?view=%00", 404),
        ("/set-aside?reason=other", 404),
        ("/set-aside?page=0", 404),
        (page_of(view="nowhere"), 404),
        (page_of(stream="nobody"), 404),
        (page_of(stream="a\0b"), 404),
        (page_of(version=2**40), 404),
        ("/set-aside/fact", 404),
    ],
)
async def test_an_address_that_leads_nowhere_is_a_page(
    stand_city: StandCity, path: str, status: int
) -> None:
    city = await stand_city()
    async with city.browser("admin") as browser:
        answer = await browser.get(path)
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("text/html")


async def test_a_service_that_does_not_answer_is_said_to_be_away(stand_city: StandCity) -> None:
    city = await stand_city()

    def silent(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("down")

    away = httpx.AsyncClient(transport=httpx.MockTransport(silent), base_url="http://console")
    city.services["console"] = away
    async with city.browser("admin") as browser:
        answer = await browser.get("/set-aside")
        assert answer.status_code == 503
        assert "暂时没有回应" in answer.text

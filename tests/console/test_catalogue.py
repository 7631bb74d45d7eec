"""The page of the catalogue: what an office may be held to, and what is only our own."""

from datetime import date
from html import unescape

import httpx
import orjson
import pytest

from services.approval_tracking.doors.catalogue import document_of
from services.approval_tracking.policies import catalogue_of
from tests.console.city import City
from tests.console.conftest import StandCity


@pytest.fixture
async def city(stand_city: StandCity) -> City:
    stood = await stand_city()
    told = orjson.dumps(document_of(catalogue_of(date(2019, 5, 6))))
    stood.approvals.answers["GET", "/catalogue"] = httpx.Response(200, content=told)
    return stood


async def test_every_account_reads_items_with_both_terms_and_their_sources(city: City) -> None:
    for user in ("zezhou", "admin"):
        async with city.browser(user) as browser:
            page = unescape((await browser.get("/catalogue")).text)
            assert "审批事项目录" in page
            assert "C06 施工许可证" in page
            assert "7 日（自然日）" in page
            assert "建筑法（2019年4月23日修正）第八条" in page
            assert "承诺时限和没有注明法规的为系统默认" in page
            assert "GF 必办、GX 必办" in page


async def test_one_flow_shows_its_own_items_and_what_they_depend_on(city: City) -> None:
    async with city.browser("zezhou") as browser:
        page = unescape((await browser.get("/catalogue?flow=CN&day=2019-05-06")).text)
    assert "企业承诺" in page
    assert "看：年综合能源消费量；年电力消费量" in page
    assert "限 8 个工作日" in page
    assert "A02 项目建议书审批" not in page
    assert city.approvals.asked[-1].url.params["day"] == "2019-05-06"


async def test_land_that_turns_the_order_round_is_said(city: City) -> None:
    async with city.browser("zezhou") as browser:
        page = unescape((await browser.get("/catalogue?flow=GF")).text)
    assert "A13（划拨供地）" in page
    assert "A12（出让供地）" in page


async def test_a_day_that_cannot_be_read_has_no_page(city: City) -> None:
    async with city.browser("zezhou") as browser:
        assert (await browser.get("/catalogue?day=yesterday")).status_code == 404
    assert city.approvals.asked == []

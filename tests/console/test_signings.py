"""招商签约 in the console: the funnel counts what its list shows, each within one's own sight."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from contracts.envelope import Fact
from contracts.intake import (
    TOPIC,
    ConstructionStarted,
    PromotionHeld,
    SigningEvent,
)
from services.console.views import (
    construction,
    project_history,
    promotions,
    signing_projects,
    signings,
)
from shared.tokens import Actor
from tests.console.builders import Dossier
from tests.console.city import ACTORS, City
from tests.console.conftest import StandCity
from tests.intake.signings import (
    YI,
    amended,
    contract,
    described,
    ended,
    framework,
    link_overdue,
    linked,
    negotiating,
    registered,
    transferred,
)
from tests.shared.reading import opened, record

APRIL, MAY = datetime(2019, 4, 20, 2, tzinfo=UTC), datetime(2019, 5, 20, 2, tzinfo=UTC)
VIEWS = (signings.VIEW, signing_projects.VIEW, project_history.VIEW)


@pytest.fixture(autouse=True)
def _office(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let somebody of 市招商局 and of 高平市 sign in, too."""
    office = Actor("account-qianyue", "招商局", "invest_office", "D-INV", "晋城市招商局")
    gaoping = Actor("account-gaoping", "高平市", "county_reporter", "JC-GP", "高平市人民政府")
    monkeypatch.setitem(ACTORS, "office", office)
    monkeypatch.setitem(ACTORS, "gaoping", gaoping)


async def hear(
    pool: asyncpg.Pool, views: Sequence[Any], stream: str, facts: Sequence[Fact], at: datetime
) -> None:
    """Let the console hear the facts of one stream."""
    for view in views:
        reading = await opened(pool, view)
        await reading.take(
            *(
                record(stream, version, fact, topic=TOPIC, recorded=at)
                for version, fact in enumerate(facts, start=1)
            )
        )


async def signed(pool: asyncpg.Pool, *facts: SigningEvent, at: datetime = APRIL) -> UUID:
    """Let the console hear a signing."""
    signing_id = uuid4()
    own = [fact.model_copy(update={"signing_id": signing_id}) for fact in facts]
    await hear(pool, VIEWS, f"signing-{signing_id}", own, at)
    return signing_id


async def a_year(city: City) -> dict[str, UUID]:
    """One signing at each step, and one project that was begun."""
    project = uuid4()
    started = ConstructionStarted(
        project_id=project, owner_org="JC-ZZ", started_on=date(2019, 4, 19)
    )
    found = {
        "线索事项": await signed(city.pool, registered(described(title="线索事项"))),
        "洽谈事项": await signed(city.pool, registered(described(title="洽谈事项")), negotiating()),
        "框架事项": await signed(city.pool, registered(described(title="框架事项")), framework()),
        "待关联事项": await signed(
            city.pool, registered(described(title="待关联事项")), contract(investment=2 * YI)
        ),
        "已开工事项": await signed(
            city.pool,
            registered(described(title="已开工事项")),
            contract(investment=3 * YI),
            linked(project),
        ),
        "往年事项": await signed(
            city.pool,
            registered(described(title="往年事项")),
            contract(on=date(2018, 12, 31), investment=9 * YI, link_due=date(2019, 1, 30)),
            link_overdue(date(2019, 1, 31)),
        ),
        "终止事项": await signed(city.pool, registered(described(title="终止事项")), ended()),
    }
    await hear(city.pool, [construction.VIEW], str(project), [started], APRIL)
    return found


def tiles(page: str) -> dict[str, int]:
    """Give the figures of the tiles by their names."""
    found = re.findall(r'aria-label="(\S+) (\d+) 件，看清单"', page)
    return {name: int(number) for name, number in found}


def listed(page: str) -> list[str]:
    """Give the titles of the list."""
    return re.findall(r'<th scope="row" class="pin two"><a href="[^"]+">([^<]+)</a>', page)


SHOWN = {
    "LEAD": ["线索事项"],
    "NEGOTIATION": ["洽谈事项"],
    "FRAMEWORK": ["框架事项"],
    "SIGNED": ["待关联事项", "已开工事项"],
    "LINKED": ["已开工事项"],
    "STARTED": ["已开工事项"],
    "UNLINKED": ["待关联事项", "往年事项"],
    "OVERDUE": ["往年事项"],
    "ENDED": ["终止事项"],
}


async def test_every_tile_counts_what_its_list_shows(stand_city: StandCity) -> None:
    city = await stand_city()
    await a_year(city)
    async with city.browser("zezhou") as browser:
        figures = tiles((await browser.get("/signings")).text)
        assert figures == {
            "线索": 1,
            "洽谈": 1,
            "框架协议": 1,
            "正式签约": 2,
            "已关联项目": 1,
            "已开工": 1,
            "待关联项目": 2,
            "已终止": 1,
        }
        for show, titles in SHOWN.items():
            page = (await browser.get(f"/signings?show={show}")).text
            assert sorted(listed(page)) == sorted(titles), show
            assert f"合计 {len(titles)} 件" in page


async def test_contracts_count_in_the_year_of_their_day(stand_city: StandCity) -> None:
    city = await stand_city()
    await a_year(city)
    async with city.browser("lead") as browser:
        this_year = (await browser.get("/signings?show=SIGNED")).text
        assert "合同额 5.00 亿元，2019 年" in this_year
        before = (await browser.get("/signings?show=SIGNED&year=2018")).text
        assert "合同额 9.00 亿元，2018 年" in before
        assert listed(before) == ["往年事项"]


async def test_an_amended_contract_counts_with_its_new_amount(stand_city: StandCity) -> None:
    city = await stand_city()
    await signed(city.pool, registered(), contract(investment=12 * YI), amended(11 * YI))
    async with city.browser("lead") as browser:
        assert "合同额 11.00 亿元" in (await browser.get("/signings")).text


async def test_each_sees_its_own_and_what_comes_to_its_ground(stand_city: StandCity) -> None:
    city = await stand_city()
    own = await signed(city.pool, registered(described(title="泽州的", region="140525")))
    here = await signed(
        city.pool,
        registered(described(title="市里引到泽州的"), owner_org="D-INV", owner_name="市招商局"),
    )
    away = await signed(
        city.pool,
        registered(
            described(title="高平的", region="140581"), owner_org="JC-GP", owner_name="高平市"
        ),
    )
    seen = {
        "zezhou": {own, here},
        "gaoping": {away},
        "office": {own, here, away},
        "city": {own, here, away},
        "lead": {own, here, away},
    }
    for user, visible in seen.items():
        async with city.browser(user) as browser:
            page = (await browser.get("/signings")).text
            for signing in (own, here, away):
                status = (await browser.get(f"/signings/{signing}")).status_code
                event = (await browser.get(f"/signings/{signing}/events/1")).status_code
                assert (status == 200) == (event == 200) == (signing in visible), (user, signing)
                assert (f"/signings/{signing}" in page) == (signing in visible)
    for user in ("jiaoyu", "admin"):
        async with city.browser(user) as browser:
            assert (await browser.get("/signings")).status_code == 403
            assert (await browser.get(f"/signings/{own}")).status_code == 404
            assert "招商签约" not in (await browser.get("/help")).text


async def test_who_answers_for_it_takes_it_on_and_others_look(stand_city: StandCity) -> None:
    city = await stand_city()
    own = await signed(city.pool, registered())
    here = await signed(
        city.pool,
        registered(described(title="市里的"), owner_org="D-INV", owner_name="市招商局"),
    )
    async with city.browser("zezhou") as county:
        assert 'action="/signings/' in (await county.get(f"/signings/{own}")).text
        assert 'action="/signings/' not in (await county.get(f"/signings/{here}")).text
    async with city.browser("office") as office:
        page = (await office.get(f"/signings/{own}")).text
        assert f'action="/signings/{own}/transfer#transfer"' in page
    async with city.browser("lead") as lead:
        assert 'action="/signings/' not in (await lead.get(f"/signings/{own}")).text


async def test_a_lead_goes_to_intake_and_the_page_about_it_follows(stand_city: StandCity) -> None:
    city, signing = await stand_city(), uuid4()
    city.intake.answers["POST", "/signings"] = httpx.Response(
        201,
        json={"signing_id": str(signing), "message": "已登记为线索，由泽州县负责。"},
        headers={"Siku-Wrote": f"signing-{signing}@1"},
    )
    typed = {
        "key": "key-00001",
        "title": "光机电产业园",
        "investor": "深圳市光启精密有限公司",
        "investor_place": "广东省深圳市",
        "intended_investment": "150,000",
        "region": "140525",
        "not_secret": "true",
    }
    async with city.browser("zezhou") as browser:
        answer = await browser.post("/signings/new", data=typed)
        place = f"/signings/{signing}?after=signing-{signing}@1"
        assert (answer.status_code, answer.headers["location"]) == (303, place)
        waiting = await browser.get(place)
        assert "处理中" in waiting.text
    (body,) = city.intake.bodies("POST", "/signings")
    assert body == {
        "title": "光机电产业园",
        "investor": "深圳市光启精密有限公司",
        "investor_place": "广东省深圳市",
        "intended_investment": "150000",
        "region": "140525",
        "not_secret": True,
    }


async def test_a_refused_lead_keeps_every_value_and_says_what_is_wrong(
    stand_city: StandCity,
) -> None:
    city = await stand_city()
    wrong = {
        "field": "investor_uscc",
        "label": "投资方统一社会信用代码",
        "message": "校验不通过。",
        "remedy": "请核对。",
    }
    city.intake.answers["POST", "/signings"] = httpx.Response(
        422, json={"title": "填报内容有误", "status": 422, "code": "x", "errors": [wrong]}
    )
    typed = {"title": "甲<b>", "investor": "乙", "investor_place": "丙", "investor_uscc": "91"}
    async with city.browser("zezhou") as browser:
        answer = await browser.post("/signings/new", data=typed)
    assert answer.status_code == 422
    assert "校验不通过。请核对。" in answer.text
    assert 'value="甲&lt;b&gt;"' in answer.text
    assert 'name="investor_uscc" aria-invalid="true"' in answer.text


async def test_an_act_goes_to_intake_on_the_version_that_was_seen(stand_city: StandCity) -> None:
    city = await stand_city()
    signing = await signed(city.pool, registered(), negotiating())
    path = f"/signings/{signing}"
    city.intake.answers["POST", f"{path}/contract"] = httpx.Response(
        200, json={"message": "已记正式签约。"}, headers={"Siku-Wrote": f"signing-{signing}@3"}
    )
    sent = {
        "key": "key-00002",
        "version": "2",
        "signed_on": "2019-04-20",
        "contract_number": "Z-3",
        "contract_investment": "120,000",
    }
    async with city.browser("zezhou") as browser:
        page = (await browser.get(path)).text
        assert 'name="version" value="2"' in page
        answer = await browser.post(f"{path}/contract", data=sent)
        assert answer.headers["location"] == f"{path}?after=signing-{signing}@3"
        assert (await browser.post(f"{path}/nothing", data=sent)).status_code == 404
    asked = city.intake.asked[-1]
    assert (asked.headers["If-Match"], asked.headers["Idempotency-Key"]) == ('"2"', "key-00002")
    assert city.intake.bodies("POST", f"{path}/contract") == [
        {"signed_on": "2019-04-20", "contract_number": "Z-3", "contract_investment": "120000"}
    ]


async def test_a_refused_act_stands_open_with_what_was_typed(stand_city: StandCity) -> None:
    city = await stand_city()
    signing = await signed(city.pool, registered())
    detail = "同一投资方、同一天、同一金额的合同已经登记过，一份合同只计一次。"
    city.intake.answers["POST", f"/signings/{signing}/contract"] = httpx.Response(
        409, json={"title": "已被占用", "status": 409, "code": "already_claimed", "detail": detail}
    )
    async with city.browser("zezhou") as browser:
        answer = await browser.post(
            f"/signings/{signing}/contract", data={"contract_investment": "777"}
        )
    assert answer.status_code == 409
    assert detail in answer.text
    assert '<details class="confirming" id="contract" open>' in answer.text
    assert 'value="777"' in answer.text


async def test_the_page_of_a_signing_tells_how_it_came(stand_city: StandCity) -> None:
    dossier = Dossier(name="光机电一期").drafted().submitted().passed_first().pooled()
    city = await stand_city(dossier)
    signing = await signed(
        city.pool,
        registered(),
        framework(),
        contract(),
        linked(UUID(str(dossier.project_id))),
        transferred(),
    )
    async with city.browser("lead") as browser:
        page = (await browser.get(f"/signings/{signing}")).text
        for words in ("登记线索", "签订框架协议", "正式签约", "关联项目", "变更责任单位"):
            assert words in page
        assert f'href="/projects/{dossier.project_id}"' in page
        event = (await browser.get(f"/signings/{signing}/events/3")).text
        assert "contract_investment" in event
        assert (await browser.get(f"/signings/{signing}/events/9")).status_code == 404


async def test_a_past_day_shows_what_stood_then(stand_city: StandCity) -> None:
    city = await stand_city(Dossier(name="甲").drafted(), now=datetime(2019, 6, 1, 4, tzinfo=UTC))
    signing = uuid4()
    stream = f"signing-{signing}"
    lead, paper = (f.model_copy(update={"signing_id": signing}) for f in (registered(), contract()))
    for view in VIEWS:
        reading = await opened(city.pool, view)
        await reading.take(
            record(stream, 1, lead, topic=TOPIC, recorded=datetime(2019, 4, 25, tzinfo=UTC)),
            record(stream, 2, paper, topic=TOPIC, recorded=MAY),
        )
    async with city.browser("lead") as browser:
        then = (await browser.get(f"/signings/{signing}?as_of=2019-05-01")).text
        assert "还没有正式签约" in then
        assert "历史时点" in then
        assert tiles((await browser.get("/signings?as_of=2019-05-01")).text)["正式签约"] == 0
        assert tiles((await browser.get("/signings")).text)["正式签约"] == 1
        before = await browser.get(f"/signings/{signing}?as_of=2019-04-23")
        assert before.status_code == 404


async def test_the_list_is_exported_with_the_filter_on_screen(stand_city: StandCity) -> None:
    city = await stand_city()
    await a_year(city)
    async with city.browser("zezhou") as browser:
        file = await browser.get("/signings?show=UNLINKED&export=csv")
    assert file.status_code == 200
    text = file.content.decode("utf-8-sig")
    assert "待关联事项" in text
    assert "往年事项" in text
    assert "线索事项" not in text


# 招商活动


async def held(pool: asyncpg.Pool, org: str, level: str, outside: bool, on: date) -> UUID:
    """Let the console hear of an event."""
    event = PromotionHeld.model_validate(
        {
            "promotion_id": uuid4(),
            "org": org,
            "org_name": org,
            "level": level,
            "title": f"{org}推介会",
            "place": "深圳",
            "outside_city": outside,
            "held_on": on,
        }
    )
    stream = f"promotion-{event.promotion_id}"
    await hear(pool, [promotions.VIEW, project_history.VIEW], stream, [event], APRIL)
    return event.promotion_id


async def test_events_outside_the_city_are_counted_by_level(stand_city: StandCity) -> None:
    city = await stand_city()
    april = date(2019, 4, 12)
    await held(city.pool, "JC-ZZ", "COUNTY", True, april)
    await held(city.pool, "JC-ZZ", "COUNTY", False, april)
    await held(city.pool, "JC-GP", "COUNTY", True, april)
    await held(city.pool, "D-INV", "CITY", True, april)
    await held(city.pool, "D-INV", "CITY", True, date(2018, 12, 31))
    async with city.browser("lead") as lead:
        page = (await lead.get("/promotions")).text
        assert "市级市外活动 1 次" in page
        assert "县级市外活动 2 次" in page
    async with city.browser("zezhou") as county:
        page = (await county.get("/promotions")).text
        assert "县级市外活动 1 次" in page
        assert "JC-GP推介会" not in page
        assert "登记一次活动" in page
    async with city.browser("jiaoyu") as department:
        assert (await department.get("/promotions")).status_code == 403


async def test_an_event_goes_to_intake_and_what_was_typed_is_kept(stand_city: StandCity) -> None:
    city = await stand_city()
    typed = {"title": "推介会", "place": "泽州县", "held_on": "2019-04-12", "outside_city": "true"}
    wrong = {"field": "outside_city", "message": "活动地点在市内。", "remedy": "请核对地点。"}
    city.intake.answers["POST", "/promotions"] = httpx.Response(
        422, json={"title": "填报内容有误", "status": 422, "code": "x", "errors": [wrong]}
    )
    async with city.browser("zezhou") as browser:
        refused = await browser.post("/promotions", data=typed)
        assert refused.status_code == 422
        assert "活动地点在市内。请核对地点。" in refused.text
        assert 'value="推介会"' in refused.text
        city.intake.answers["POST", "/promotions"] = httpx.Response(
            201, json={"message": "已登记。"}, headers={"Siku-Wrote": "promotion-1@1"}
        )
        done = await browser.post("/promotions", data=typed)
        assert done.headers["location"] == "/promotions?after=promotion-1@1"
    assert city.intake.bodies("POST", "/promotions")[-1] == {
        "title": "推介会",
        "place": "泽州县",
        "held_on": "2019-04-12",
        "outside_city": True,
        "evidence": [],
    }


async def test_whether_another_unit_s_signing_has_arrived_is_not_told(
    stand_city: StandCity,
) -> None:
    city = await stand_city()
    away = await signed(
        city.pool, registered(described(region="140581"), owner_org="JC-GP", owner_name="高平市")
    )
    async with city.browser("zezhou") as browser:
        for token in (f"signing-{away}@1", f"signing-{uuid4()}@1"):
            answer = await browser.get(f"/signings?after={token}")
            assert answer.headers.get("Siku-Stale", "") == "" or "处理中" in answer.text
            assert "处理中" in answer.text, token

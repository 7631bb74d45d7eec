"""The form: nothing typed is lost, each fault stands at its column, twice sent is once done."""

import re

import httpx

from tests.console.builders import Dossier
from tests.console.conftest import StandCity

TYPED = {
    "name": "白马塬光电显示模组基地",
    "content": "建设模组生产线 6 条，厂房 4.8 万平方米。",
    "category": "EMERGING",
    "track": "INDUSTRIAL_CHAIN",
    "lead_side": "MARKET",
    "industry": "39",
    "industry_code": "3974",
    "location.region": "140502",
    "location.address": "金匠街道示例地块",
    "location.zone_id": "Z-JC",
    "builder.name": "晋城示例光电有限公司",
    "total_investment": "100,000.50",
    "funding.SELF_RAISED": "60000.5",
    "funding.LOAN": "40，000",
    "planned_start": "2019-10",
    "contact.name": "秦示例",
    "contact.phone": "0356-2190000",
    "remarks": "第一行\r\n第二行 <b>",
    "key": "11111111-2222-4333-8444-555555555555",
    "not_secret": "true",
}
MADE = httpx.Response(
    201,
    json={"project_id": "p-1", "revision": 1, "receipt": "HZ-201904-0001"},
    headers={"Siku-Wrote": "project-p-1@2", "ETag": '"2"'},
)


def problem(status: int, code: str, **more: object) -> httpx.Response:
    """Give a problem document."""
    document = {"title": "没有办理", "status": status, "detail": "说明。", "code": code, **more}
    return httpx.Response(status, json=document)


def fault(field: str, rule: str, message: str, remedy: str = "请改。") -> dict[str, str]:
    """Give one entry of a problem document."""
    return {"field": field, "label": field, "rule": rule, "message": message, "remedy": remedy}


async def test_reporting_sends_the_columns_as_intake_reads_them(stand_city: StandCity) -> None:
    city = await stand_city()
    city.intake.answers["POST", "/projects"] = MADE
    async with city.browser("zezhou") as browser:
        answer = await browser.post("/projects/new", data={**TYPED, "act": "report"})
        assert answer.status_code == 303
        assert answer.headers["location"] == "/projects/p-1?after=project-p-1@2"
    (body,) = city.intake.bodies("POST", "/projects")
    assert body == {
        "name": "白马塬光电显示模组基地",
        "content": "建设模组生产线 6 条，厂房 4.8 万平方米。",
        "category": "EMERGING",
        "track": "INDUSTRIAL_CHAIN",
        "lead_side": "MARKET",
        "industry": "3974",
        "location": {"region": "140502", "address": "金匠街道示例地块", "zone_id": "Z-JC"},
        "builder": {"name": "晋城示例光电有限公司"},
        "total_investment": "100000.50",
        "funding": [
            {"source": "LOAN", "amount": "40000"},
            {"source": "SELF_RAISED", "amount": "60000.5"},
        ],
        "planned_start": "2019-10",
        "contact": {"name": "秦示例", "phone": "0356-2190000"},
        "remarks": "第一行\n第二行 <b>",
        "not_secret": True,
        "accepted_hints": [],
    }
    sent = city.intake.asked[-1]
    assert sent.url.query == b"report=true"
    assert sent.headers["Idempotency-Key"] == TYPED["key"]
    assert sent.headers["Authorization"] == "Bearer intake:zezhou"


async def test_after_reporting_the_page_says_what_to_whom_and_the_limit(
    stand_city: StandCity,
) -> None:
    city = await stand_city(Dossier(name="甲").drafted().submitted())
    city.intake.answers["POST", "/projects"] = MADE
    async with city.browser("zezhou") as browser:
        await browser.post("/projects/new", data={**TYPED, "act": "report"})
        page = (await browser.get("/projects")).text
        assert "已报送市发改委初审，限 3 个工作日。" in page
        assert "回执 HZ-201904-0001" in page
        assert "已报送" not in (await browser.get("/projects")).text, "said once"


async def test_sent_twice_it_carries_the_same_key(stand_city: StandCity) -> None:
    city = await stand_city()
    city.intake.answers["POST", "/projects"] = MADE
    async with city.browser("zezhou") as browser:
        for _ in range(2):
            await browser.post("/projects/new", data={**TYPED, "act": "draft"})
    keys = {asked.headers["Idempotency-Key"] for asked in city.intake.asked}
    assert keys == {TYPED["key"]}


async def test_faults_stand_at_their_columns_and_every_value_is_kept(
    stand_city: StandCity,
) -> None:
    city = await stand_city()
    city.intake.answers["POST", "/check"] = httpx.Response(
        200,
        json={
            "errors": [
                fault("content", "content_length", "建设内容应为 10–2000 字，现为 2 字。"),
                fault("location.region", "region_code", "县区不对。"),
                fault("funding.0.amount", "decimal_parsing", "金额不是数。"),
            ],
            "hints": [fault("planned_start", "start_within_years", "超过三年。")],
        },
    )
    async with city.browser("zezhou") as browser:
        answer = await browser.post("/projects/new", data={**TYPED, "act": "report"})
    assert answer.status_code == 422
    page = answer.text
    assert "没有报送：有 3 处要改。" in page
    for key, value in TYPED.items():
        if key in {"remarks", "not_secret", "category", "track", "lead_side"}:
            continue
        assert value in page, key
    assert "第二行 &lt;b&gt;" in page
    assert 'value="39" selected' in page
    for place in ("f-content", "f-location-region"):
        (tag,) = re.findall(rf'<(?:textarea|select)[^>]*id="{place}"[^>]*>', page)
        assert 'aria-invalid="true"' in tag
    (first,) = re.findall(r"<[^>]*autofocus[^>]*>", page)
    assert 'id="f-location-region"' in first, "the first wrong column in the order of the form"
    assert "金额不是数。请改。" in page
    assert 'name="accept" value="start_within_years"' in page
    assert city.intake.bodies("POST", "/projects") == []


async def test_a_hint_is_accepted_and_then_it_goes(stand_city: StandCity) -> None:
    city = await stand_city()
    hint = fault("funding", "funding_sum", "合计与总投资差 1 万元。")
    city.intake.answers["POST", "/check"] = httpx.Response(
        200, json={"errors": [], "hints": [hint]}
    )
    city.intake.answers["POST", "/projects"] = MADE
    async with city.browser("zezhou") as browser:
        first = await browser.post("/projects/new", data={**TYPED, "act": "report"})
        assert first.status_code == 422
        assert "有提示要确认" in first.text
        again = await browser.post(
            "/projects/new", data={**TYPED, "act": "report", "accept": "funding_sum"}
        )
        assert again.status_code == 303
    (body,) = city.intake.bodies("POST", "/projects")
    assert body["accepted_hints"] == ["funding_sum"]


async def test_without_the_confirmation_nothing_is_reported(stand_city: StandCity) -> None:
    city = await stand_city()
    data = {key: value for key, value in TYPED.items() if key != "not_secret"}
    async with city.browser("zezhou") as browser:
        answer = await browser.post("/projects/new", data={**data, "act": "report"})
    assert "还没有确认本项目不涉密" in answer.text
    assert city.intake.bodies("POST", "/projects") == []


async def test_a_refusal_by_a_rule_is_said_in_full(stand_city: StandCity) -> None:
    city = await stand_city()
    city.intake.answers["POST", "/projects"] = problem(
        409, "already_claimed", detail="你单位已有同名项目。"
    )
    async with city.browser("zezhou") as browser:
        answer = await browser.post("/projects/new", data={**TYPED, "act": "draft"})
    assert answer.status_code == 409
    assert "你单位已有同名项目。" in answer.text
    assert TYPED["key"] not in answer.text, "a changed form goes out under a new key"


async def test_when_intake_is_silent_the_text_and_the_key_are_kept(stand_city: StandCity) -> None:
    city = await stand_city()
    city.intake.silent = True
    async with city.browser("zezhou") as browser:
        answer = await browser.post("/projects/new", data={**TYPED, "act": "report"})
    assert answer.status_code == 503
    assert "申报服务暂时没有回应" in answer.text
    assert "看板、清单和项目页仍可查看" in answer.text
    assert TYPED["content"] in answer.text
    assert TYPED["key"] in answer.text


async def test_an_overtaken_form_shows_both_texts_and_the_new_version(
    stand_city: StandCity,
) -> None:
    mine = Dossier(name="甲").drafted()
    city = await stand_city(mine)
    path = f"/projects/{mine.project_id}"
    held = {**dict.fromkeys(("content",)), "name": "甲（改名）", "total_investment": "5.00"}
    city.intake.answers["PUT", path] = problem(412, "stale_version", title="这件已被改过")
    city.intake.answers["GET", path] = httpx.Response(200, json=held, headers={"ETag": '"7"'})
    async with city.browser("zezhou") as browser:
        answer = await browser.post(f"{path}/edit", data={**TYPED, "version": "1", "act": "draft"})
    assert answer.status_code == 412
    assert "这件已被改过" in answer.text
    assert "甲（改名）" in answer.text
    assert TYPED["content"] in answer.text
    assert '<input type="hidden" name="version" value="7">' in answer.text
    assert city.intake.asked[0].headers["If-Match"] == '"1"'


async def test_editing_begins_with_what_intake_holds(stand_city: StandCity) -> None:
    mine = Dossier(name="甲").drafted()
    city = await stand_city(mine)
    path = f"/projects/{mine.project_id}"
    city.intake.answers["GET", path] = httpx.Response(
        200,
        json={
            "name": "甲",
            "industry": "3073",
            "total_investment": "93500.00",
            "funding": [{"source": "LOAN", "amount": "93500.50"}],
            "location": {"region": "140525", "address": "巴公镇", "zone_id": None},
        },
        headers={"ETag": '"4"'},
    )
    async with city.browser("zezhou") as browser:
        page = (await browser.get(f"{path}/edit")).text
    assert 'value="93500"' in page
    assert 'value="93500.5"' in page
    assert 'value="3073"' in page
    assert 'value="30" selected' in page
    assert 'value="秦示例"' in page
    assert '<input type="hidden" name="version" value="4">' in page


async def test_only_reporting_roles_may_open_the_form(stand_city: StandCity) -> None:
    city = await stand_city()
    for user in ("city", "province", "lead", "admin"):
        async with city.browser(user) as browser:
            for answer in (
                await browser.get("/projects/new"),
                await browser.post("/projects/new", data={**TYPED, "act": "draft"}),
            ):
                assert answer.status_code == 403
                assert "没有这项权限" in answer.text
            assert 'href="/projects/new"' not in (await browser.get("/board")).text
    assert city.intake.asked == []

"""办理结果: what waits for somebody, why, and how he settles it; a sheet sent in."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.console.city import City
from tests.console.conftest import StandCity

R = UUID("00000000-0000-7000-8000-0000000000d1")
ASIDE = {
    "result_id": str(R),
    "version": 1,
    "state": "WAITING",
    "row": {
        "platform": "省在线平台",
        "project_code": "2019-140525-34-03-666666",
        "project_name": "邻市项目",
        "item": "A13",
        "step": "GRANTED",
        "step_name": "办结",
        "happened_on": "2019-04-19",
        "document_number": "地字第1号",
    },
    "why": "没有项目用代码 2019-140525-34-03-666666，或它还不在库中。",
    "came_on": "2019-04-22",
}
LISTED = {"counts": {"WAITING": 1, "MATCHED": 0, "DISMISSED": 0}, "rows": [ASIDE], "next": None}
PROBLEM = {
    "title": "没有办理",
    "status": 409,
    "code": "no_such_item",
    "detail": "这个项目的审批计划里没有事项“A13”。",
}


@pytest.fixture
async def city(stand_city: StandCity) -> City:
    return await stand_city()


def laid_out(city: City, method: str, path: str, body: Any, status: int = 200) -> None:
    city.approvals.answers[method, path] = httpx.Response(status, json=body)


def sheet(act: str) -> dict[str, Any]:
    return {"files": {"file": ("结果.xlsx", b"PK")}, "data": {"act": act}}


async def test_what_waits_is_listed_with_the_reason(city: City) -> None:
    laid_out(city, "GET", "/results", LISTED)
    async with city.browser("agent") as browser:
        page = (await browser.get("/results")).text
    assert "待匹配 1" in page
    assert "没有项目用代码 2019-140525-34-03-666666" in page
    assert f'href="/results/{R}"' in page


async def test_where_nothing_waits_the_page_says_so(city: City) -> None:
    laid_out(city, "GET", "/results", {**LISTED, "rows": []})
    async with city.browser("agent") as browser:
        assert "没有待匹配的结果" in (await browser.get("/results")).text


@pytest.mark.parametrize("user", ["zezhou", "province", "nrp", "lead", "admin"])
async def test_who_sends_no_results_in_sees_neither_menu_nor_page(city: City, user: str) -> None:
    async with city.browser(user) as browser:
        assert (await browser.get("/results")).status_code == 403
        assert 'href="/results"' not in (await browser.get("/calendar")).text
    assert city.approvals.asked == []


async def test_a_row_is_matched_to_the_project_and_item_that_was_typed(city: City) -> None:
    laid_out(city, "GET", f"/results/{R}", ASIDE)
    laid_out(city, "POST", f"/results/{R}/match", {**ASIDE, "state": "MATCHED"})
    body = {"project_code": "2019-140525-34-03-002187", "item": "A13"}
    async with city.browser("city") as browser:
        shown = (await browser.get(f"/results/{R}")).text
        answer = await browser.post(f"/results/{R}/match", data={**body, "key": "k"})
    assert 'value="2019-140525-34-03-666666"' in shown
    assert answer.headers["location"] == f"/results/{R}"
    assert city.approvals.bodies("POST", f"/results/{R}/match") == [body]


async def test_what_the_plan_refuses_is_said_and_what_was_typed_stays(city: City) -> None:
    laid_out(city, "GET", f"/results/{R}", ASIDE)
    laid_out(city, "POST", f"/results/{R}/match", PROBLEM, 409)
    body = {"project_code": "2019-140525-34-03-002187", "item": "A13"}
    async with city.browser("city") as browser:
        answer = await browser.post(f"/results/{R}/match", data=body)
    assert answer.status_code == 409
    assert "没有事项“A13”" in answer.text
    assert 'value="2019-140525-34-03-002187"' in answer.text


async def test_a_row_is_dismissed_with_its_reason(city: City) -> None:
    laid_out(city, "GET", f"/results/{R}", ASIDE)
    laid_out(city, "POST", f"/results/{R}/dismiss", {**ASIDE, "state": "DISMISSED"})
    async with city.browser("city") as browser:
        answer = await browser.post(f"/results/{R}/dismiss", data={"reason": "不是本市项目"})
    assert answer.status_code == 303
    assert city.approvals.bodies("POST", f"/results/{R}/dismiss") == [{"reason": "不是本市项目"}]


async def test_what_was_settled_offers_nothing_more_to_do(city: City) -> None:
    settled = {**ASIDE, "state": "DISMISSED", "reason": "不是本市项目", "settled_on": "2019-04-23"}
    laid_out(city, "GET", f"/results/{R}", settled)
    async with city.browser("agent") as browser:
        page = (await browser.get(f"/results/{R}")).text
    assert "不是本市项目" in page
    assert "匹配并记入" not in page


async def test_a_sheet_is_checked_before_anything_is_written(city: City) -> None:
    row = {"number": 2, "result": "WRONG", "item": "A13", "step": "办", "why": ""}
    error = {"field": "step", "label": "办理环节", "message": "办理环节不对。", "remedy": "请改。"}
    outcome = {"message": "有错 1 行。", "wrong": 1, "rows": [{**row, "errors": [error]}]}
    laid_out(city, "POST", "/results/workbook", outcome)
    async with city.browser("agent") as browser:
        page = (await browser.post("/results/import", **sheet("check"))).text
    assert "还没有写入任何内容" in page
    assert "办理环节不对。请改。" in page
    assert city.approvals.asked[-1].url.query == b"check=true"


async def test_a_sheet_is_taken_and_what_waits_is_linked(city: City) -> None:
    row = {
        "number": 2,
        "result": "SET_ASIDE",
        "item": "A13",
        "result_id": str(R),
        "why": "无此项目。",
    }
    outcome = {"message": "待匹配 1 行。", "set_aside": 1, "rows": [row]}
    laid_out(city, "POST", "/results/workbook", outcome)
    async with city.browser("agent") as browser:
        page = (await browser.post("/results/import", **sheet("take"))).text
    assert f'href="/results/{R}"' in page
    assert city.approvals.asked[-1].url.query == b""


async def test_a_sheet_comes_back_marked(city: City) -> None:
    city.approvals.answers["POST", "/results/workbook/marked"] = httpx.Response(
        200, content=b"PK marked", headers={"Content-Disposition": "attachment; filename=a.xlsx"}
    )
    async with city.browser("agent") as browser:
        answer = await browser.post("/results/import", **sheet("mark"))
    assert answer.content == b"PK marked"
    assert "attachment" in answer.headers["content-disposition"]


async def test_without_a_file_the_page_says_so(city: City) -> None:
    async with city.browser("agent") as browser:
        answer = await browser.post("/results/import", data={"act": "take"})
    assert answer.status_code == 422
    assert "还没有选文件" in answer.text


async def test_when_the_office_is_silent_nothing_is_lost(city: City) -> None:
    city.approvals.silent = True
    async with city.browser("agent") as browser:
        answer = await browser.post("/results/import", **sheet("take"))
    assert answer.status_code == 503
    assert "不会重复" in answer.text

"""审批台, 超期清单, 手续办理月: each figure is that of its list, each list is one's own."""

import re
from datetime import UTC, date, datetime

import httpx
import pytest
from openpyxl import load_workbook

from contracts.approval_tracking import PlanClosed
from contracts.intake import Location, Pool
from tests.console.builders import Dossier, facts
from tests.console.city import City
from tests.console.conftest import StandCity
from tests.console.items import Plan, hear_of_approvals

NOW = datetime(2019, 6, 12, 2, 20, tzinfo=UTC)
"""2019-06-12, a Wednesday after 端午."""
D = date


def project(name: str, region: str = "140525", zone: str | None = None) -> Dossier:
    place = Location(region=region, address="示例地块", zone_id=zone)
    return (
        Dossier(name=name)
        .drafted(facts(name, location=place))
        .submitted()
        .passed_first()
        .pooled(Pool.PREP)
    )


LATE, TODAY, NEAR, CALM, STOPPED = (
    project("白马塬光电显示模组基地", "140502", "Z-JC"),
    project("巴公园区铸造废砂再生利用"),
    project("星禾高性能陶瓷材料产业园"),
    project("凤台老城排水管网改造", "140502"),
    project("开发区创新孵化中心二期", "140502", "Z-JC"),
)
ALL = (LATE, TODAY, NEAR, CALM, STOPPED)


def seen(page: str) -> str:
    """Give what is read on a page, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def table(page: str, place: str) -> list[str]:
    """Give the rows of a table as they are read."""
    (found,) = re.findall(rf'aria-label="{place}".*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    return [seen(row) for row in re.findall(r"<tr.*?</tr>", found, re.DOTALL)]


async def at_work(stand_city: StandCity) -> City:
    """A city in which the office has something of everything."""
    city = await stand_city(*ALL, now=NOW)
    await hear_of_approvals(
        city.pool,
        # 7 working days from 05-29: due 06-10 after 端午.
        Plan(LATE)
        .drawn_up(D(2019, 5, 20))
        .accepted("A13", D(2019, 5, 21))
        .granted("A13", D(2019, 5, 27))
        .accepted("B05", D(2019, 5, 29))
        .taken("B05", "account-nrp", D(2019, 5, 30)),
        Plan(TODAY).drawn_up(D(2019, 5, 20)).accepted("A13", D(2019, 6, 4)),
        Plan(NEAR)
        .drawn_up(D(2019, 5, 20))
        .accepted("B07", D(2019, 6, 3))
        .accepted("B01", D(2019, 6, 3)),
        Plan(CALM).drawn_up(D(2019, 5, 20)).accepted("B07", D(2019, 6, 11)),
        Plan(STOPPED)
        .drawn_up(D(2019, 5, 20))
        .accepted("B07", D(2019, 6, 3))
        .paused("B07", D(2019, 6, 5)),
    )
    return city


async def test_the_desk_has_what_the_office_must_do_most_urgent_first(
    stand_city: StandCity,
) -> None:
    city = await at_work(stand_city)
    async with city.browser("nrp") as browser:
        page = (await browser.get("/approvals")).text
    rows = table(page, "在办事项表")
    assert [row.split(" ")[0] for row in rows] == [
        *("设计方案审查", "建设用地规划许可证"),
        *("建设工程规划许可证",) * 3,
    ]
    assert "超期 2 个工作日" in rows[0]
    assert "9/7" in rows[0]
    assert "我" in rows[0]
    assert "今日到期" in rows[1]
    assert "领取" in rows[1]
    assert "剩 1 个工作日" in rows[2]
    assert "剩 6 个工作日" in rows[3]
    assert "停表，剩 6 个工作日" in rows[4]
    assert "复表后定" in rows[4]


@pytest.mark.parametrize(
    ("show", "tile", "count"),
    [
        ("overdue", "超期", 1),
        ("today", "今日到期", 1),
        ("soon", "3 个工作日内", 1),
        ("paused", "停表", 1),
        ("", "在办", 5),
    ],
)
async def test_each_tile_counts_what_its_list_shows(
    stand_city: StandCity, show: str, tile: str, count: int
) -> None:
    city = await at_work(stand_city)
    async with city.browser("nrp") as browser:
        desk = (await browser.get("/approvals")).text
        listed = (await browser.get(f"/approvals?show={show}")).text
    if show:
        assert f'aria-label="{tile} {count} 项，看清单"' in desk
    assert f"{tile} {count} 项" in seen(listed)
    assert len(table(listed, f"{tile}事项表")) == count


async def test_the_rate_of_the_month_leads_to_what_it_counts(stand_city: StandCity) -> None:
    city = await stand_city(LATE, now=NOW)
    plan = Plan(LATE).drawn_up(D(2019, 5, 20))
    for item, accepted, granted in (
        ("A13", D(2019, 5, 30), D(2019, 6, 3)),
        ("B07", D(2019, 5, 30), D(2019, 6, 12)),
        # Of another month.
        ("B05", D(2019, 5, 21), D(2019, 5, 24)),
    ):
        plan = plan.accepted(item, accepted).granted(item, granted)
    await hear_of_approvals(city.pool, plan)
    async with city.browser("nrp") as browser:
        desk = seen((await browser.get("/approvals")).text)
        done = (await browser.get("/approvals?show=done&period=2019-06")).text
        late = (await browser.get("/approvals?show=late&period=2019-06")).text
        year = (await browser.get("/approvals?show=done&period=2019")).text
    # Two days used, and seven that were promised with one over.
    assert "50.0%" in desk
    assert "1 ÷ 2，平均 5.0 天，承诺 6.0 天" in desk
    assert len(table(done, "办结事项表")) == 2
    (row,) = table(late, "超期办结事项表")
    assert "超期 1 个工作日办结" in row
    assert "晋市审〔2019〕B07号" in row
    assert len(table(year, "办结事项表")) == 3


async def test_an_officer_sees_what_his_office_does_and_what_is_its_matter(
    stand_city: StandCity,
) -> None:
    city = await at_work(stand_city)
    async with city.browser("nrp") as browser:
        everything = (await browser.get("/approvals?office=all")).text
        others = (await browser.get("/approvals?office=D-EEB")).text
    assert "环境影响评价审批" not in everything
    assert "没有在办的事项" in seen(others)


async def test_who_sees_the_city_sees_all_offices_and_can_choose_one(
    stand_city: StandCity,
) -> None:
    city = await at_work(stand_city)
    async with city.browser("lead") as browser:
        page = (await browser.get("/approvals")).text
        one = (await browser.get("/approvals?office=D-EEB")).text
        placed = (await browser.get("/approvals?region=Z-JC")).text
    assert len(table(page, "在办事项表")) == 6
    assert "市规划和自然资源局（5）" in seen(page)
    assert len(table(one, "在办事项表")) == 1
    assert len(table(placed, "在办事项表")) == 2
    assert "/approvals/take" not in page


async def test_a_unit_sees_its_own_projects_alone(stand_city: StandCity) -> None:
    city = await at_work(stand_city)
    async with city.browser("jiaoyu") as browser:
        page = (await browser.get("/approvals")).text
    assert "没有在办的事项" in seen(page)


async def test_the_administrator_sees_no_items(stand_city: StandCity) -> None:
    city = await at_work(stand_city)
    async with city.browser("admin") as browser:
        for address in ("/approvals", "/approvals/overdue", "/approvals/months/2019-06"):
            assert (await browser.get(address)).status_code == 403


async def test_a_closed_plan_leaves_the_desk(stand_city: StandCity) -> None:
    city = await stand_city(CALM, now=NOW)
    plan = Plan(CALM).drawn_up(D(2019, 5, 20)).accepted("B07", D(2019, 6, 11))
    closed = PlanClosed(project_id=CALM.project_id, reason="项目终止。", closed_on=D(2019, 6, 12))
    await hear_of_approvals(city.pool, plan.also(closed, D(2019, 6, 12)))
    async with city.browser("nrp") as browser:
        assert "没有在办的事项" in seen((await browser.get("/approvals")).text)


async def test_an_item_is_taken_at_its_office_and_the_desk_comes_back(
    stand_city: StandCity,
) -> None:
    city = await at_work(stand_city)
    path = f"/plans/{TODAY.project_id}/items/A13/take"
    wrote = {"Siku-Wrote": f"approval-{TODAY.project_id}@2"}
    city.approvals.answers["POST", path] = httpx.Response(
        200, json={"message": "已领取。"}, headers=wrote
    )
    async with city.browser("nrp") as browser:
        sent = await browser.post(
            "/approvals/take",
            data={"one": f"{TODAY.project_id}|A13", "key": "k-1", "back": "/approvals?taken=free"},
        )
        page = await browser.get(sent.headers["location"])
    assert sent.status_code == 303
    assert sent.headers["location"].startswith("/approvals?taken=free&after=approval-")
    assert "已领取。" in seen(page.text)
    assert city.approvals.bodies("POST", path) == [{}]
    assert city.identity.exchanged[0] == "approval_tracking"


async def test_what_was_ticked_goes_to_a_colleague(stand_city: StandCity) -> None:
    city = await at_work(stand_city)
    told = {"done": 1, "message": "已把 1 项转给同事，1 项没有办成，原因见各项。"}
    refused = [
        {"project_id": str(NEAR.project_id), "item": "B07", "code": "x", "why": "已经办结。"}
    ]
    city.approvals.answers["POST", "/desk/hand-over"] = httpx.Response(
        200, json={**told, "refused": refused}
    )
    async with city.browser("nrp") as browser:
        sent = await browser.post(
            "/approvals/hand-over",
            data={
                "one": [f"{TODAY.project_id}|A13", f"{NEAR.project_id}|B07"],
                "to": "account-other",
                "reason": "请假",
                "key": "k-2",
            },
        )
        page = await browser.get(sent.headers["location"])
    (body,) = city.approvals.bodies("POST", "/desk/hand-over")
    assert body == {
        "items": [
            {"project_id": str(TODAY.project_id), "item": "A13"},
            {"project_id": str(NEAR.project_id), "item": "B07"},
        ],
        "officer": "account-other",
        "reason": "请假",
    }
    assert "1 项没有办成" in seen(page.text)
    assert "已经办结。" in seen(page.text)


async def test_a_whole_desk_is_handed_over(stand_city: StandCity) -> None:
    city = await at_work(stand_city)
    city.approvals.answers["POST", "/desk/hand-over"] = httpx.Response(
        200, json={"message": "已把 1 项放回本单位待办。"}
    )
    form = {"whose": "account-nrp", "office": "D-NRP", "to": "queue", "reason": "调离"}
    async with city.browser("nrp") as browser:
        await browser.post("/approvals/hand-over", data=form)
        nobody = await browser.post("/approvals/hand-over", data={**form, "whose": "account-x"})
        page = await browser.get(nobody.headers["location"])
    assert "手上没有在办的事项" in seen(page.text)
    (body,) = city.approvals.bodies("POST", "/desk/hand-over")
    assert body["items"] == [{"project_id": str(LATE.project_id), "item": "B05"}]
    assert body["officer"] is None


async def test_who_only_looks_takes_nothing(stand_city: StandCity) -> None:
    city = await at_work(stand_city)
    async with city.browser("lead") as browser:
        for address in ("/approvals/take", "/approvals/hand-over"):
            sent = await browser.post(address, data={"one": f"{TODAY.project_id}|A13"})
            assert sent.status_code == 403
    assert city.approvals.asked == []


async def test_a_form_leads_back_to_the_desk_and_nowhere_else(stand_city: StandCity) -> None:
    city = await at_work(stand_city)
    async with city.browser("nrp") as browser:
        for back in ("https://elsewhere.example/", "//elsewhere.example", "/approvalsX"):
            data = {"one": f"{TODAY.project_id}|A13", "back": back}
            sent = await browser.post("/approvals/take", data=data)
            assert sent.headers["location"] == "/approvals"


async def test_office_by_office_what_is_over_and_how_long_it_took(stand_city: StandCity) -> None:
    city = await at_work(stand_city)
    async with city.browser("lead") as browser:
        page = (await browser.get("/approvals/overdue?period=2019-05")).text
        file = await browser.get("/approvals/overdue?period=2019-05&export=xlsx")
    first, second, whole = table(page, "实施单位表")
    # 在办 超期 最长已超 停表, 受理 办结 超期办结 按期率, 平均用时 平均承诺 最长用时 最长超期.
    assert first == "市规划和自然资源局 5 1 2 1 2 1 0 100.0% 4.0 5.0 4 —"
    assert second.startswith("市生态环境局 1 0 — 0 0 0 0 — — —")
    assert whole.startswith("合计 6 1 2 1 2 1 0 100.0%")
    assert "/approvals?office=D-NRP&amp;show=overdue" in page
    assert "/approvals?office=D-NRP&amp;show=done&amp;period=2019-05" in page
    (over,) = table(page, "超期事项表")
    assert "白马塬光电显示模组基地" in over
    (tmp := city.home / "file.xlsx").write_bytes(file.content)
    rows = list(load_workbook(tmp).worksheets[0].iter_rows(values_only=True))
    assert any("市规划和自然资源局" in row for row in rows)


async def test_a_month_by_office_and_by_place(stand_city: StandCity) -> None:
    city = await at_work(stand_city)
    await hear_of_approvals(
        city.pool,
        Plan(NEAR)
        .drawn_up(D(2019, 5, 20))
        .accepted("B07", D(2019, 6, 3))
        .accepted("B01", D(2019, 6, 3))
        .ready(D(2019, 6, 11)),
        Plan(CALM)
        .drawn_up(D(2019, 5, 20))
        .accepted("B07", D(2019, 6, 11))
        .started_unready(D(2019, 6, 12)),
    )
    async with city.browser("lead") as browser:
        page = (await browser.get("/approvals/months/2019-06")).text
        ready = (await browser.get("/approvals/months/2019-06?show=ready")).text
        flagged = (await browser.get("/approvals/months/2019-06?show=flagged&region=140502")).text
        turned = await browser.get("/approvals/months")
    places = {row.split(" ")[0]: row for row in table(page, "分县区表")}
    # 在办 超期, 受理 办结 超期办结 按期率, 具备开工 未批先建.
    assert places["泽州县"] == "泽州县 3 0 3 0 0 — 1 0"
    assert places["城区"] == "城区 1 0 1 0 0 — 0 1"
    assert places["晋城经开区"] == "晋城经开区 2 1 1 0 0 — 0 0"
    (one,) = table(ready, "具备开工条件项目表")
    assert one.startswith("星禾高性能陶瓷材料产业园")
    (other,) = table(flagged, "未批先建线索项目表")
    assert other.startswith("凤台老城排水管网改造")
    assert "C06" in other
    assert turned.headers["location"] == "/approvals/months/2019-06"


@pytest.mark.parametrize("month", ["2019-13", "2019-07", "May", "20190-6"])
async def test_a_month_that_has_not_begun_or_is_none_cannot_be_looked_at(
    stand_city: StandCity, month: str
) -> None:
    city = await at_work(stand_city)
    async with city.browser("lead") as browser:
        assert (await browser.get(f"/approvals/months/{month}")).status_code == 422
        assert (await browser.get(f"/approvals?show=done&period={month}")).status_code == 422


async def test_a_list_is_exported_whole_in_its_order(stand_city: StandCity) -> None:
    city = await at_work(stand_city)
    async with city.browser("nrp") as browser:
        file = await browser.get("/approvals?export=csv")
    lines = file.content.decode("utf-8-sig").splitlines()
    rows = [line for line in lines if "晋城" in line or "B0" in line or "A13" in line]
    assert "设计方案审查" in rows[0]
    assert len(rows) >= 5


async def test_the_menu_says_how_much_waits_at_ones_office(stand_city: StandCity) -> None:
    city = await at_work(stand_city)
    async with city.browser("nrp") as browser:
        page = (await browser.get("/approvals")).text
    assert "审批台 ， 5 件待办" in seen(page)


async def test_my_work_says_what_waits_at_my_office_and_in_my_projects(
    stand_city: StandCity,
) -> None:
    city = await at_work(stand_city)
    async with city.browser("nrp") as browser:
        officer = seen((await browser.get("/work")).text)
    async with city.browser("zezhou") as browser:
        unit = seen((await browser.get("/work")).text)
        own = (await browser.get("/approvals?taken=own")).text
    assert "审批台在办 5 项： 超期 1 ， 今日到期 1 ， 3 个工作日内 1 ， 我领取的 1" in officer
    assert "本单位项目在办手续 6 项" in unit
    assert len(table(own, "在办事项表")) == 6


@pytest.mark.parametrize(
    ("permits", "names"),
    [
        ("ready", ["星禾高性能陶瓷材料产业园"]),
        ("unready", ["凤台老城排水管网改造"]),
        ("going", ["凤台老城排水管网改造", "白马塬光电显示模组基地"]),
    ],
)
async def test_the_list_of_projects_says_how_far_permits_are_and_filters_by_it(
    stand_city: StandCity, permits: str, names: list[str]
) -> None:
    city = await stand_city(*ALL, now=NOW)
    await hear_of_approvals(
        city.pool,
        Plan(LATE).drawn_up(D(2019, 5, 20)).accepted("A13", D(2019, 5, 21)),
        Plan(NEAR)
        .drawn_up(D(2019, 5, 20))
        .accepted("A13", D(2019, 5, 21))
        .granted("A13", D(2019, 5, 27))
        .ready(D(2019, 6, 11)),
        Plan(CALM).drawn_up(D(2019, 5, 20)).started_unready(D(2019, 6, 12)),
    )
    async with city.browser("lead") as browser:
        page = (await browser.get(f"/projects?permits={permits}&sort=name")).text
        board = seen((await browser.get("/board")).text)
    rows = table(page, "项目清单表")
    assert [row.split(" ")[0] for row in rows[:-1]] == names
    if permits == "ready":
        assert "1/5 可开工" in rows[0]
    if permits == "unready":
        assert "0/5 未批先建" in rows[0]
    assert "未批先建 1" in board

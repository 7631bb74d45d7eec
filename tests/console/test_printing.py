"""审核表: the dossier on paper, with every review in order, and nobody's telephone."""

from tests.console.builders import Dossier
from tests.console.conftest import StandCity

DONE = (
    Dossier(name="鹿鸣谷煤层气综合利用")
    .drafted()
    .submitted()
    .returned("请核对贷款额。")
    .revised(preparation="已批。")
    .submitted()
    .passed_first()
    .pooled()
)


async def test_the_paper_has_the_columns_and_every_step_the_oldest_first(
    stand_city: StandCity,
) -> None:
    city = await stand_city(DONE)
    async with city.browser("city") as reviewer:
        page = (await reviewer.get(f"/projects/{DONE.project_id}/paper")).text
    assert "项目申报审核表" in page
    assert "86,000 万元" in page
    steps = ("报送市级初审", "退回补正", "补正后重报", "市级初审通过", "省级审核通过", "进入谋划库")
    places = [page.index(f"<b>{step}") for step in steps]
    assert places == sorted(places)
    assert "请核对贷款额。" in page


async def test_no_telephone_is_on_it_and_opinions_are_for_whom_they_concern(
    stand_city: StandCity,
) -> None:
    city = await stand_city(DONE)
    for user, shown in {"city": True, "zezhou": True, "province": True, "lead": True}.items():
        async with city.browser(user) as browser:
            page = (await browser.get(f"/projects/{DONE.project_id}/paper")).text
            assert ("请核对贷款额。" in page) == shown, user
            assert "138****" not in page
    assert all("/contact" not in str(one.url) for one in city.intake.asked)


async def test_whoever_does_not_see_the_project_sees_no_paper(stand_city: StandCity) -> None:
    city = await stand_city(DONE)
    async with city.browser("chengqu") as browser:
        assert (await browser.get(f"/projects/{DONE.project_id}/paper")).status_code == 404

"""月度排队: two lists, each in its order, as things stood when the month's list was closed."""

import re
from datetime import UTC, datetime

from services.console.targets.ranking import Place, Reported, Size, ranked
from tests.console.builders import Dossier
from tests.console.conftest import StandCity

WAN = 10_000


def pooled(large: int, largest: int = 0, money: int = 0) -> Reported:
    return Reported(year_pooled=Size(large, large, largest, money))


def order(**found: Reported) -> list[tuple[int, str]]:
    return [(place.number, place.org) for place in ranked(list(found), found)]


def test_the_order_goes_by_large_then_largest_then_money() -> None:
    assert order(a=pooled(1, 1, 9), b=pooled(2), c=pooled(1, 1, 10), d=pooled(1, 0, 99)) == [
        (1, "b"),
        (2, "c"),
        (3, "a"),
        (4, "d"),
    ]


def test_equals_share_a_place_and_the_next_is_counted_on() -> None:
    assert order(a=pooled(1), b=pooled(2), c=pooled(1), d=pooled(0)) == [
        (1, "b"),
        (2, "a"),
        (2, "c"),
        (4, "d"),
    ]


def test_a_unit_without_anything_has_the_last_place() -> None:
    assert ranked(["a"], {}) == (Place(1, "a", Reported()),)


async def test_the_list_is_as_it_stood_when_it_was_closed(stand_city: StandCity) -> None:
    # BEGINNING is 2019-04-22; the list of May is closed on the 10th at 24:00.
    early = Dossier(org="JC-ZZ", name="早报的").drafted().submitted().passed_first().pooled()
    back = Dossier(org="JC-ZZ", name="退回的").drafted().submitted().returned()
    late = Dossier(org="JC-GP", name="晚入库的").drafted().submitted().passed_first()
    late = late.later(days=25).pooled()
    city = await stand_city(early, back, late, now=datetime(2019, 6, 3, 4, tzinfo=UTC))
    async with city.browser("lead") as browser:
        may = (await browser.get("/ranking/2019-05")).text
        june = (await browser.get("/ranking/2019-06")).text
    assert "5月10日 24:00 截止" in may
    assert "已截止" in may
    assert may.index("泽州县") < may.index("高平市")
    rows = {name: _row(may, name) for name in ("泽州县", "高平市")}
    assert rows["泽州县"][:2] == ["1", "1"], "first, with one in a pool"
    assert rows["泽州县"][5] == "1", "what was sent back and not reported again does not stand"
    assert rows["高平市"][1] == "—", "its project entered a pool after the list was closed"
    assert rows["高平市"][5] == "1"
    assert "还没截止" in june
    assert _row(june, "高平市")[1] == "1"


async def test_a_list_that_closed_before_anything_was_recorded_shows_what_stands_now(
    stand_city: StandCity,
) -> None:
    mine = Dossier(org="JC-ZZ", name="早报的").drafted().submitted().passed_first().pooled()
    city = await stand_city(mine, now=datetime(2019, 4, 24, 4, tzinfo=UTC))
    # In a home nobody has been heard of before its first day.
    await city.pool.execute("update views.units set told_at = '2019-04-22 01:00+00'")
    async with city.browser("lead") as browser:
        answer = await browser.get("/ranking", follow_redirects=True)
    assert answer.status_code == 200
    assert "截止时系统还没有记录，按现在排" in answer.text
    assert _row(answer.text, "泽州县")[:2] == ["1", "1"]


async def test_a_unit_is_shown_its_own_line_and_nothing_of_the_others(
    stand_city: StandCity,
) -> None:
    mine = Dossier(org="JC-ZZ", name="早报的").drafted().submitted().passed_first().pooled()
    city = await stand_city(mine, now=datetime(2019, 5, 20, 4, tzinfo=UTC))
    async with city.browser("zezhou") as browser:
        page = (await browser.get("/ranking/2019-05")).text
        assert "共 7 家" in page
        assert _row(page, "泽州县")[:2] == ["见通报", "1"]
        assert "高平市" not in page
        listed = (await browser.get("/ranking/2019-05?unit=JC-ZZ")).text
        assert "早报的" in listed[listed.index('id="list"') :]
        assert (await browser.get("/ranking/2019-05?unit=JC-GP")).status_code == 404


def _row(page: str, name: str) -> list[str]:
    """Give the cells of a unit's line: its place, then four numbers a column."""
    line = next(line for line in page.splitlines() if f'class="pin">{name}</th>' in line)
    cells = re.findall(r"<td[^>]*>(.*?)</td>", line)
    return [re.sub(r"<[^>]+>", "", cell) for cell in cells]

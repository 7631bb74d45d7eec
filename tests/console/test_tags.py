"""标签 in the console: a tag counts what its list shows; what the plan promised is kept or not."""

from datetime import UTC, date, datetime

import httpx
import pytest

from contracts.intake import (
    TOPIC,
    ConstructionStarted,
    Pool,
    ProjectTagged,
    ProjectUntagged,
)
from contracts.reference.tags import named_projects
from services.console.pages.tag_reading import Tagged
from services.console.pages.tag_words import kept, name_of
from services.console.views import construction, tagged
from tests.console.builders import Dossier
from tests.console.city import City
from tests.console.conftest import StandCity
from tests.shared.reading import opened, record

APRIL_22, END = date(2019, 4, 22), date(2019, 12, 31)


def a_project(name: str, org: str = "JC-ZZ", pool: Pool = Pool.PLAN) -> Dossier:
    return Dossier(org=org, name=name).drafted().submitted().passed_first().pooled(pool)


async def mark(city: City, dossier: Dossier, *facts: ProjectTagged | ProjectUntagged) -> None:
    """Let the console hear tags of a project, after all that it has heard of it."""
    reading = await opened(city.pool, tagged.VIEW)
    first = len(dossier.told)
    before = [record(str(dossier.project_id), n, topic=TOPIC) for n in range(1, first + 1)]
    own = [fact.model_copy(update={"project_id": dossier.project_id}) for fact in facts]
    told = [
        record(
            str(dossier.project_id),
            first + n,
            fact,
            topic=TOPIC,
            recorded=datetime(2019, 4, 22, 3, tzinfo=UTC),
        )
        for n, fact in enumerate(own, start=1)
    ]
    await reading.take(*before, *told)


def as_one(tag: str, item: str | None = None) -> ProjectTagged:
    return ProjectTagged(
        project_id="00000000-0000-7000-8000-000000000000",  # type: ignore[arg-type]
        tag=tag,
        item=item,
        from_on=APRIL_22,
    )


def no_more(tag: str, last: date = APRIL_22) -> ProjectUntagged:
    return ProjectUntagged(
        project_id="00000000-0000-7000-8000-000000000000",  # type: ignore[arg-type]
        tag=tag,
        until_on=last,
        reason="退出。",
    )


async def test_a_tag_counts_what_its_list_shows_within_the_scope(stand_city: StandCity) -> None:
    own, theirs = a_project("泽州的桥"), a_project("城区的桥", "JC-CQ")
    city = await stand_city(own, theirs)
    await mark(city, own, as_one("PPP"))
    await mark(
        city, theirs, as_one("PPP"), as_one("FOREIGN"), no_more("FOREIGN", date(2019, 4, 21))
    )
    async with city.browser("city") as reviewer:
        page = (await reviewer.get("/tags")).text
        assert "PPP 2 项，看清单" in page
        assert "利用外资 0 项，看清单" in page, "its last day is over"
        listed = (await reviewer.get("/tags/PPP")).text
        assert "合计 2 项" in listed
        assert "泽州的桥" in listed
        assert "城区的桥" in listed
        assert (await reviewer.get("/tags/NOTHING")).status_code == 404
    async with city.browser("zezhou") as county:
        assert "PPP 1 项，看清单" in (await county.get("/tags")).text
        assert "城区的桥" not in (await county.get("/tags/PPP")).text
    async with city.browser("admin") as admin:
        assert (await admin.get("/tags")).status_code == 403


async def test_a_reviewer_marks_a_project_of_a_pool_and_others_look(
    stand_city: StandCity,
) -> None:
    own = a_project("泽州的桥")
    city = await stand_city(own)
    await mark(city, own, as_one("NAMED", "YANGMANG"))
    place = f"/projects/{own.project_id}/tags"
    city.intake.answers["POST", place] = httpx.Response(
        200,
        json={"message": "已加标签“PPP”。"},
        headers={"Siku-Wrote": f"project-{own.project_id}@1"},
    )
    async with city.browser("zezhou") as county:
        page = (await county.get(place)).text
        assert "点名重大基础设施（阳蟒高速）" in page
        assert "加标签" not in page
        assert (await county.post(place, data={"tag": "PPP"})).status_code == 403
        assert (
            "点名重大基础设施（阳蟒高速）" in (await county.get(place.removesuffix("/tags"))).text
        )
    async with city.browser("city") as reviewer:
        assert "加标签" in (await reviewer.get(place)).text
        sent = {"tag": "IND41/NEW", "from_on": "2019-04-22", "key": "key-00001"}
        answer = await reviewer.post(place, data=sent)
        assert answer.status_code == 303
    assert city.intake.bodies("POST", place) == [
        {"tag": "IND41", "item": "NEW", "from_on": "2019-04-22"}
    ]


async def test_what_the_plan_promised_is_shown_with_its_project_and_the_day_it_began(
    stand_city: StandCity,
) -> None:
    road = a_project("陵川至长治一级公路", pool=Pool.BUILD)
    city = await stand_city(road)
    await mark(city, road, as_one("NAMED", "G207_LC"))
    async with city.browser("lead") as lead:
        assert "0 项已兑现" in (await lead.get("/tags/NAMED")).text
        started = ConstructionStarted(
            project_id=road.project_id, owner_org="JC-LC", started_on=date(2019, 4, 20)
        )
        reading = await opened(city.pool, construction.VIEW)
        before = [
            record(str(road.project_id), n, topic=TOPIC) for n in range(1, len(road.told) + 1)
        ]
        version = len(road.told) + 1
        await reading.take(*before, record(str(road.project_id), version, started, topic=TOPIC))
        page = (await lead.get("/tags/NAMED")).text
        assert "1 项已兑现" in page
        assert f"方案点名的 {len(named_projects())} 项" in page


def carrying(item: str, pool: str = "PLAN", started: date | None = None) -> Tagged:
    return Tagged(
        project_id="1",
        tag="NAMED",
        item=item,
        from_on=APRIL_22,
        until_on=None,
        name="某项目",
        owner_org="JC-ZZ",
        owner_name="泽州县",
        pool=pool,
        region=None,
        zone_id=None,
        total_investment=1,
        started_on=started,
    )


@pytest.mark.parametrize(
    ("project", "today", "said"),
    [
        (carrying("G207_LC", "BUILD"), APRIL_22, "推进中"),
        (carrying("G207_LC", "BUILD", APRIL_22), APRIL_22, "已兑现"),
        (carrying("YANGMANG", "BUILD", APRIL_22), END, "推进中"),
        (carrying("YANGMANG", "BUILD", APRIL_22), date(2020, 1, 1), "逾期 1 天"),
        (carrying("YANGMANG", "PROD"), date(2020, 1, 1), "已兑现"),
        (carrying("TAIJIAO", "PREP"), date(2020, 1, 1), "推进中"),
        (carrying("TAIJIAO", "BUILD"), APRIL_22, "已兑现"),
        (carrying("AIRPORT", "PLAN"), APRIL_22, "推进中"),
        (carrying("AIRPORT", "PREP"), APRIL_22, "已兑现"),
        (carrying("AIRPORT_AREA", "PLAN"), APRIL_22, "已兑现"),
    ],
)
def test_a_promise_is_kept_when_what_it_means_is_seen(
    project: Tagged, today: date, said: str
) -> None:
    (one,) = (line for line in kept([project], today) if line.named.code == project.item)
    assert one.said == said


def test_a_named_project_without_a_dossier_says_so() -> None:
    assert {line.said for line in kept([], APRIL_22)} == {"还没有对应项目"}
    late = {line.named.code for line in kept([], date(2020, 1, 1)) if line.light == "late"}
    assert late == {one.code for one in named_projects() if one.by}


def test_a_tag_is_named_with_which_of_its_list() -> None:
    assert name_of("IND41", "NEW") == "41项工业转型升级（新兴产业）"
    assert name_of("PPP") == "PPP"
    assert name_of("GONE") == "GONE"

"""What an account sees: lists, counts, sums and drop-downs hold the same rows, no others."""

import re
from datetime import date

import httpx
import pytest

from contracts.intake import Pool
from services.console.pages import frame
from services.console.pages.reading import Filter, Reading
from shared.scope import PROJECT_SCOPES
from shared.seeing import Reader
from tests.console.builders import (
    BEGINNING,
    Dossier,
    a_city_at_work,
    hear_of_months,
    said_nothing_new,
)
from tests.console.city import ACTORS
from tests.console.conftest import StandCity

GROUNDS = {"zezhou": "140525", "chengqu": "140502"}
MINE = Dossier(org="JC-ZZ", name="本县的草稿").drafted()
THEIRS = Dossier(org="JC-CQ", name="他县的草稿").drafted()
THEIRS_SENT = Dossier(org="JC-CQ", name="他县报送的").drafted().submitted()
AT_PROVINCE = Dossier(org="JC-GP", name="到省的").drafted().submitted().passed_first()
POOLED = Dossier(org="JC-YC", name="已入库的").drafted().submitted().passed_first().pooled()
ALL = (MINE, THEIRS, THEIRS_SENT, AT_PROVINCE, POOLED)
SEEN = {
    "zezhou": {MINE.name},
    "chengqu": {THEIRS.name, THEIRS_SENT.name},
    "jiaoyu": set(),
    "city": {THEIRS_SENT.name, AT_PROVINCE.name, POOLED.name},
    "province": {AT_PROVINCE.name, POOLED.name},
    "lead": {POOLED.name},
    "admin": set(),
}


@pytest.mark.parametrize("user", SEEN)
async def test_a_list_holds_what_the_role_may_see_and_nothing_else(
    stand_city: StandCity, user: str
) -> None:
    city = await stand_city(*ALL)
    async with city.browser(user) as browser:
        page = (await browser.get("/projects")).text
        shown = {dossier.name for dossier in ALL if dossier.name in page}
        assert shown == SEEN[user]
        if shown:
            assert f"合计 {len(shown)} 项" in page


@pytest.mark.parametrize("user", SEEN)
async def test_a_page_outside_the_scope_looks_like_one_that_is_not_there(
    stand_city: StandCity, user: str
) -> None:
    city = await stand_city(*ALL)
    async with city.browser(user) as browser:
        for dossier in ALL:
            for suffix in ("", "/events/1", "?revision=1"):
                answer = await browser.get(f"/projects/{dossier.project_id}{suffix}")
                allowed = dossier.name in SEEN[user]
                assert answer.status_code == (200 if allowed else 404), (dossier.name, suffix)
                assert allowed or dossier.name not in answer.text


@pytest.mark.parametrize("user", SEEN)
async def test_counts_sums_and_choices_come_from_the_same_rows(
    stand_city: StandCity, user: str
) -> None:
    city = await stand_city(*ALL)
    reading = Reading(lambda: city.pool)
    who = ACTORS[user]
    scope = PROJECT_SCOPES.seen_by(Reader(who.role, who.org, GROUNDS.get(user, "")))
    seen = [dossier for dossier in ALL if dossier.name in SEEN[user]]
    pooled = [dossier for dossier in seen if dossier is POOLED]
    listing = await reading.listing(scope, Filter(), "updated", 1)
    assert listing.count == len(seen)
    assert listing.money == sum(dossier.facts.total_investment or 0 for dossier in seen)
    tally = await reading.tally(scope, Filter(), date(2019, 4, 1))
    assert sum(head.count for head in tally.heads.values()) == len(pooled)
    assert sum(count for count, _ in tally.stages.values()) == len(seen) - len(pooled)
    assert (await reading.choices(scope)).orgs == {dossier.org for dossier in seen}


async def test_a_county_sees_what_others_brought_into_a_pool_on_its_ground(
    stand_city: StandCity,
) -> None:
    elsewhere = Dossier(org="D-EDU", name="部门报的学校").drafted()
    on_its_ground = elsewhere.revised(
        location=elsewhere.facts.location.model_copy(update={"region": "140525"})
    )
    city = await stand_city(on_its_ground.submitted().passed_first().pooled())
    async with city.browser("zezhou") as county, city.browser("chengqu") as other:
        assert "部门报的学校" in (await county.get("/projects")).text
        assert "部门报的学校" not in (await other.get("/projects")).text


async def test_what_is_written_to_one_another_in_review_is_for_those_whom_it_concerns(
    stand_city: StandCity,
) -> None:
    elsewhere = Dossier(org="D-EDU", name="部门报的学校").drafted()
    on_its_ground = elsewhere.revised(
        location=elsewhere.facts.location.model_copy(update={"region": "140525"})
    )
    dossier = on_its_ground.submitted().returned("贷款额不对。").submitted().passed_first().pooled()
    returned = next(n for n, one in enumerate(dossier.told, 1) if "returned" in one.envelope.type)
    city = await stand_city(dossier)
    page = f"/projects/{dossier.project_id}"
    for user, reads in {"jiaoyu": True, "city": True, "lead": True, "zezhou": False}.items():
        async with city.browser(user) as browser:
            history = (await browser.get(page)).text
            record = (await browser.get(f"{page}/events/{returned}")).text
        assert "退回补正" in history
        for text in (history, record):
            assert ("贷款额不对。" in text, "督查室查看" in text) == (reads, not reads), user


@pytest.mark.parametrize(
    ("user", "after", "arrived"),
    [
        ("zezhou", f"project-{MINE.project_id}@1", True),
        ("zezhou", f"project-{THEIRS.project_id}@1", False),
        ("zezhou", f"project-{THEIRS_SENT.project_id}@2", False),
        ("city", f"project-{THEIRS_SENT.project_id}@2", True),
        ("city", f"project-{THEIRS.project_id}@1", False),
        ("zezhou", "month-JC-ZZ-2019-04@1", True),
        ("zezhou", "month-JC-CQ-2019-04@1", False),
        ("city", "month-JC-CQ-2019-04@1", True),
    ],
)
async def test_nobody_learns_by_waiting_for_it_what_another_unit_has_written(
    stand_city: StandCity, monkeypatch: pytest.MonkeyPatch, user: str, after: str, arrived: bool
) -> None:
    monkeypatch.setattr(frame, "PATIENCE", 0.0)
    city = await stand_city(*ALL)
    said = [said_nothing_new(org, BEGINNING) for org in ("JC-ZZ", "JC-CQ")]
    await hear_of_months(city.pool, *said)
    page = "/months/2019-04" if after.startswith("month") else "/projects"
    async with city.browser(user) as browser:
        answer = await browser.get(f"{page}?after={after}")
    assert ("siku-stale" in answer.headers) == (not arrived)


async def test_a_draft_that_was_given_up_is_known_to_have_gone_to_its_own_unit_alone(
    stand_city: StandCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame, "PATIENCE", 0.0)
    gone = Dossier(org="JC-ZZ", name="撤销的草稿").drafted().discarded()
    city = await stand_city(gone)
    for user, arrived in {"zezhou": True, "chengqu": False, "city": False}.items():
        async with city.browser(user) as browser:
            answer = await browser.get(f"/projects?after=project-{gone.project_id}@2")
        assert ("siku-stale" in answer.headers) == (not arrived), user


@pytest.mark.parametrize(
    "path",
    [
        "/board",
        "/projects",
        "/projects/new",
        "/desk",
        "/basis",
        "/help",
        f"/policies/{'0' * 64}",
        "/",
    ],
)
async def test_without_a_session_every_page_leads_to_the_sign_in(
    stand_city: StandCity, path: str
) -> None:
    city = await stand_city()
    async with city.browser() as browser:
        answer = await browser.get(path)
        while answer.status_code == 303 and not answer.headers["location"].startswith("/sign-in"):
            answer = await browser.get(answer.headers["location"])
        assert answer.headers["location"].startswith("/sign-in")


async def test_a_board_adds_up_to_its_lists(stand_city: StandCity) -> None:
    city = await stand_city(*a_city_at_work())
    async with city.browser("city") as browser:
        board = (await browser.get("/board")).text
        for pool in Pool:
            (count,) = _figures(board, pool)
            listed = (await browser.get(f"/projects?pool={pool}")).text
            assert f"合计 {count} 项" in listed


def _figures(board: str, pool: Pool) -> list[str]:
    head = board.split(f'id="head-{pool}"')[1].split("</section>", maxsplit=1)[0]
    return re.findall(r">(\d+)</a><span class=\"u\">项", head)


async def test_the_filter_never_widens_the_scope(stand_city: StandCity) -> None:
    city = await stand_city(*ALL)
    async with city.browser("zezhou") as browser:
        for asked in ("org=JC-CQ", "region=140502", "stage=SUBMITTED", "name=他县"):
            answer: httpx.Response = await browser.get(f"/projects?{asked}")
            assert "他县的" not in answer.text
            assert THEIRS_SENT.name not in answer.text

"""The rules that the pages quote: the day decides which file counts, and each can be read."""

from datetime import date, timedelta
from hashlib import sha256
from html import unescape

import pytest

from services.console.pages.rules import RulesFile, Terms, rules_of
from services.console.views import policies
from tests.console.builders import (
    BEGINNING,
    POLICY,
    REVIEW_RULES,
    Dossier,
    catalogue_published,
    published,
    put_catalogue_in_force,
    put_in_force,
    read_to_the_end,
)
from tests.console.conftest import StandCity

STRICTER = REVIEW_RULES.replace("first_review_days = 3", "first_review_days = 2").replace(
    "2019-04-22", "2019-05-01"
)
SENT = Dossier(name="巴公园区固废资源化利用", timed=False).drafted().submitted()
NUMBERLESS = "限期以规则为准"


def policy(text: str, valid_from: date, hours: int = 0) -> RulesFile:
    """Give a file as the console keeps it."""
    digest = sha256(text.encode()).hexdigest()
    return RulesFile("review", valid_from, digest, text, BEGINNING + timedelta(hours=hours))


@pytest.mark.parametrize(
    ("day", "first_review"),
    [
        (date(2019, 1, 1), 3),
        (date(2019, 4, 22), 3),
        (date(2019, 4, 30), 3),
        (date(2019, 5, 1), 2),
        (date(2020, 5, 1), 2),
    ],
)
def test_the_newest_file_that_has_begun_counts(day: date, first_review: int) -> None:
    rules = rules_of([policy(STRICTER, date(2019, 5, 1)), policy(REVIEW_RULES, date(2019, 4, 22))])
    assert rules.on(day).first_review == first_review


def test_of_one_day_the_file_told_last_counts() -> None:
    corrected = REVIEW_RULES.replace("final_review_days = 5", "final_review_days = 7")
    first, then = (
        policy(text, date(2019, 4, 22), hours)
        for text, hours in ((REVIEW_RULES, 0), (corrected, 1))
    )
    assert rules_of([then, first]).on(date(2019, 4, 22)).final_review == 7


@pytest.mark.parametrize(
    "text", ["", "= broken", 'first_review_days = "3"', "first_review_days = true"]
)
def test_what_a_file_does_not_say_is_not_known(text: str) -> None:
    assert rules_of([policy(text, date(2019, 4, 22))]).on(date(2019, 4, 22)).first_review is None
    assert rules_of([]).on(date(2019, 4, 22)) == Terms()


def test_a_corrected_file_leaves_the_text_before_it_readable() -> None:
    (owner,) = policies.VIEW.owners
    told = [published(text, date(2019, 4, 22)) for text in (REVIEW_RULES, STRICTER)]
    assert len({owner.key(each) for each in told}) == 2
    again = published(REVIEW_RULES, date(2019, 4, 22), BEGINNING + timedelta(hours=1))
    assert owner.key(again) == owner.key(told[0])
    assert policies.fold(policies.fold(None, told[0]), again).told_at > BEGINNING


async def test_pages_quote_the_rules_and_no_number_without_them(stand_city: StandCity) -> None:
    city = await stand_city(SENT, rules=False)
    address = f"/projects/{SENT.project_id}"
    async with city.browser("zezhou") as county, city.browser("city") as reviewer:
        asked = ((county, address), (county, "/projects/new"), (county, "/help"))
        for browser, path in (*asked, (reviewer, f"/desk/{SENT.project_id}")):
            page = (await browser.get(path)).text
            assert NUMBERLESS in page
            assert "个工作日" not in page
        later = published(STRICTER, date(2019, 5, 1))
        await put_in_force(city.pool, published(REVIEW_RULES, date(2019, 4, 22)), later)
        for browser, path in (*asked, (reviewer, f"/desk/{SENT.project_id}")):
            page = (await browser.get(path)).text
            assert "限 3 个工作日" in page
            assert NUMBERLESS not in page


async def test_a_file_of_rules_is_shown_to_every_account_word_for_word(
    stand_city: StandCity,
) -> None:
    city = await stand_city()
    for user in ("zezhou", "admin", "province"):
        async with city.browser(user) as browser:
            page = unescape((await browser.get(f"/policies/{POLICY}")).text)
            assert f"\n{REVIEW_RULES}</pre>" in page
            assert POLICY in page
            assert (await browser.get(f"/policies/{'0' * 64}")).status_code == 404
            assert (await browser.get("/policies/nonsense")).status_code == 404


async def test_an_edition_of_the_catalogue_is_shown_word_for_word(stand_city: StandCity) -> None:
    text = "valid_from = 2019-04-23\namends = 2019-01-01\n"
    told = catalogue_published(text, date(2019, 4, 23))
    city = await stand_city()
    address = f"/policies/{sha256(text.encode()).hexdigest()}"
    async with city.browser("zezhou") as browser:
        assert (await browser.get(address)).status_code == 404
        await put_catalogue_in_force(city.pool, told)
        page = unescape((await browser.get(address)).text)
        assert "<h1>审批事项目录</h1>" in page
        assert f"\n{text}</pre>" in page


async def test_a_board_that_was_never_read_to_the_end_claims_no_time(stand_city: StandCity) -> None:
    empty = await stand_city()
    await empty.pool.execute("update viewing.offsets set current_at = null")
    async with empty.browser("city") as browser:
        answer = await browser.get("/board")
        assert "看板还在准备" in answer.text
        assert "siku-as-of" not in answer.headers


async def test_a_board_says_up_to_when_it_has_read(stand_city: StandCity) -> None:
    city = await stand_city(SENT)
    async with city.browser("city") as browser:
        answer = await browser.get("/board")
        assert f"截至 <span data-as-of>{answer.headers['siku-as-of']}</span>" in answer.text
        assert answer.headers["siku-as-of"][:13] == answer.headers["siku-clock"][:13]
        assert answer.headers["siku-as-of-late"] == "false"
        assert "data-as-of-late hidden" in answer.text


async def test_a_board_whose_views_stand_still_says_so_and_since_when(
    stand_city: StandCity,
) -> None:
    city = await stand_city(SENT)
    await read_to_the_end(city.pool, seconds_ago=7200)
    async with city.browser("city") as browser:
        answer = await browser.get("/board")
        assert answer.headers["siku-as-of-late"] == "true"
        assert answer.headers["siku-as-of"] < answer.headers["siku-clock"]
        assert "data-as-of-late>，之后的还没更新" in answer.text

"""Everybody signed in reads the calendar; the administrator keeps it, each command once."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson
import pytest

from contracts.reference import (
    CalendarYear,
    calendar_years,
    earlier_calendar_years,
    example_accounts,
)
from services.approval_tracking.beginning import tell_known_years
from tests.intake.doors.office import Office, key, problems


def body(year: int, **changes: Any) -> dict[str, Any]:
    """A year with one holiday, as a clerk sends it."""
    return {
        "notice": f"国办发明电〔{year - 1}〕7号",
        "holidays": [{"name": "元旦", "first": f"{year}-01-01", "last": f"{year}-01-01"}],
        **changes,
    }


async def facts(office: Office, year: int) -> list[tuple[dict[str, str], dict[str, Any]]]:
    rows = await office.pool.fetch(
        "select envelope, payload from journal.events where stream = $1 order by version",
        f"calendar-{year}",
    )
    return [(orjson.loads(row["envelope"]), orjson.loads(row["payload"])) for row in rows]


async def test_a_home_begins_with_the_years_that_are_known(office: Office) -> None:
    answer = await office.ask("zezhou", "GET", "/calendar/years")
    years = {row["year"]: row for row in answer.json()}
    assert set(years) >= {row.year for row in calendar_years()}
    assert years[2026]["state"] == "PUBLISHED"
    assert years[2028]["state"] == "ESTIMATED"
    assert years[2028]["notices"] == []


async def test_2019_begins_with_its_notice_and_the_revision_of_may(office: Office) -> None:
    published, revised = await facts(office, 2019)
    assert published[1]["notices"] == ["国办发明电〔2018〕15号"]
    assert revised[1]["notices"][-1] == "国办发明电〔2019〕3号"
    assert "2019-05-05" in revised[1]["make_up_days"]
    assert "2019-05-05" not in published[1]["make_up_days"]
    envelope = revised[0]
    assert (envelope["partitionkey"], envelope["actorrole"]) == ("calendar", "system")
    # Recorded in the business time of the home, which begins on this day.
    assert envelope["occurred"] == "2019-04-22"


async def test_starting_again_tells_nothing_anew_and_changes_nothing_that_people_entered(
    office: Office,
) -> None:
    answer = await office.ask(
        "admin", "POST", "/calendar/years/2028/publish", body(2028), Idempotency_Key=key()
    )
    assert answer.status_code == 200, answer.text
    count = await office.pool.fetchval("select count(*) from journal.events")
    await start_again(office, calendar_years())
    assert await office.pool.fetchval("select count(*) from journal.events") == count


async def test_a_newer_file_brings_the_notice_of_a_year_that_was_provisional(
    office: Office,
) -> None:
    first = next(row for row in calendar_years() if row.year == 2026)
    estimated = body(2036, notice="")
    del estimated["notice"]
    await office.ask(
        "admin", "POST", "/calendar/years/2036/estimate", estimated, Idempotency_Key=key()
    )
    moved = [
        replace(one, first=one.first.replace(year=2036), last=one.last.replace(year=2036))
        for one in first.holidays[:1]
    ]
    notice = ("国办发明电〔2035〕7号",)
    newer = replace(first, year=2036, notices=notice, holidays=tuple(moved), make_up_days=())
    await start_again(office, [newer])
    assert [one["kind"].split(".")[2] for _, one in await facts(office, 2036)] == [
        "year_estimated",
        "year_published",
    ]


async def test_a_newer_file_guesses_over_nothing_that_people_entered(office: Office) -> None:
    estimated = body(2037)
    del estimated["notice"]
    await office.ask(
        "admin", "POST", "/calendar/years/2037/estimate", estimated, Idempotency_Key=key()
    )
    guess = next(row for row in calendar_years() if row.year == 2027)
    moved = [
        replace(one, first=one.first.replace(year=2037), last=one.last.replace(year=2037))
        for one in guess.holidays
    ]
    await start_again(office, [replace(guess, year=2037, holidays=tuple(moved))])
    assert len(await facts(office, 2037)) == 1


async def start_again(office: Office, years: Sequence[CalendarYear]) -> None:
    runtime = office.app.state.runtime
    await tell_known_years(runtime.journal, runtime.clock.now(), years, earlier_calendar_years())


async def test_a_year_is_published_once_under_its_key(office: Office) -> None:
    asked = key()
    for _ in range(2):
        answer = await office.ask(
            "admin", "POST", "/calendar/years/2031/publish", body(2031), Idempotency_Key=asked
        )
        assert answer.status_code == 200
        assert answer.headers["Siku-Wrote"] == "calendar-2031@1"
    assert len(await facts(office, 2031)) == 1
    other = body(2031, notice="国办发明电〔2030〕8号")
    answer = await office.ask(
        "admin", "POST", "/calendar/years/2031/publish", other, Idempotency_Key=asked
    )
    assert answer.json()["code"] == "command_reused"


async def test_the_same_year_under_another_key_is_no_new_fact(office: Office) -> None:
    for _ in range(2):
        answer = await office.ask(
            "admin", "POST", "/calendar/years/2032/publish", body(2032), Idempotency_Key=key()
        )
        assert answer.headers["ETag"] == '"1"'
    assert len(await facts(office, 2032)) == 1


async def test_a_published_year_is_revised_and_not_published_over(office: Office) -> None:
    path = "/calendar/years/2033"
    await office.ask("admin", "POST", f"{path}/publish", body(2033), Idempotency_Key=key())
    more = {"name": "春节", "first": "2033-01-31", "last": "2033-02-06"}
    other = body(2033, holidays=[*body(2033)["holidays"], more])
    answer = await office.ask("admin", "POST", f"{path}/publish", other, Idempotency_Key=key())
    assert (answer.status_code, answer.json()["code"]) == (409, "must_be_revised")
    revision = {**other, "notice": "国办发明电[2033] 1号", "reason": "春节放假"}
    answer = await office.ask(
        "admin", "POST", f"{path}/revise", revision, Idempotency_Key=key(), If_Match='"1"'
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["notices"] == ["国办发明电〔2032〕7号", "国办发明电〔2033〕1号"]
    assert answer.json()["version"] == 2


async def test_who_saw_an_older_edition_is_told_so(office: Office) -> None:
    answer = await office.ask(
        "admin",
        "POST",
        "/calendar/years/2019/revise",
        body(2019, reason="x", notice="国办发明电〔2019〕9号"),
        Idempotency_Key=key(),
        If_Match='"1"',
    )
    assert answer.status_code == 412


async def test_an_estimate_never_takes_the_place_of_a_notice(office: Office) -> None:
    asked = {"holidays": body(2026)["holidays"]}
    answer = await office.ask(
        "admin", "POST", "/calendar/years/2026/estimate", asked, Idempotency_Key=key()
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "already_published")


async def test_what_is_wrong_is_said_with_field_rule_and_remedy(office: Office) -> None:
    asked = body(2034, notice="", make_up_days=["2034-01-02", "2034-01-01"])
    answer = await office.ask(
        "admin", "POST", "/calendar/years/2034/publish", asked, Idempotency_Key=key()
    )
    assert answer.status_code == 422
    assert problems(answer) == [
        ("notice", "required"),
        ("make_up_days.1", "weekday"),
        ("make_up_days.0", "day_off"),
    ]


@pytest.mark.parametrize(
    ("day", "rule"), [("2034-02-30", "date_from_datetime_parsing"), (True, "date_type")]
)
async def test_what_is_no_date_is_said_in_chinese(office: Office, day: object, rule: str) -> None:
    asked = body(2034, make_up_days=[day])
    answer = await office.ask(
        "admin", "POST", "/calendar/years/2034/publish", asked, Idempotency_Key=key()
    )
    assert problems(answer) == [("make_up_days.0", rule)]
    assert answer.json()["errors"][0]["message"] == "调休上班日不是日期。"


async def test_a_check_judges_and_writes_nothing(office: Office) -> None:
    path = "/calendar/years/2035/check"
    good = body(2035, act="publish")
    answer = await office.ask("admin", "POST", path, good)
    assert answer.json() == {"version": 0, "new": True}
    answer = await office.ask("admin", "POST", path, {**good, "act": "revise", "reason": "改"})
    assert answer.json()["code"] == "not_yet_published"
    answer = await office.ask("admin", "POST", path, {**good, "notice": "通知"})
    assert problems(answer) == [("notice", "notice_format")]
    answer = await office.ask("admin", "POST", path, {**good, "act": "estimate"})
    assert answer.json() == {"version": 0, "new": True}
    assert await facts(office, 2035) == []


async def test_a_sheet_that_was_fetched_and_sent_back_says_the_same_days(office: Office) -> None:
    fetched = await office.ask("admin", "GET", "/calendar/years/2019/sheet")
    assert fetched.status_code == 200
    read = await office.http.post(
        "/calendar/years/2019/sheet",
        files={"file": ("2019.xlsx", fetched.content)},
        headers={"Authorization": "Bearer admin"},
    )
    now = (await office.ask("admin", "GET", "/calendar/years/2019")).json()
    assert read.json() == {name: now[name] for name in ("holidays", "make_up_days")}


async def test_a_sheet_that_cannot_be_read_says_why(office: Office) -> None:
    read = await office.http.post(
        "/calendar/years/2019/sheet",
        files={"file": ("2019.csv", "类型,名称,首日\n放假,劳动节,五一\n".encode())},
        headers={"Authorization": "Bearer admin"},
    )
    assert read.status_code == 422
    assert problems(read) == [("row.2", "unreadable")]


KEEPERS_ONLY = [
    ("POST", "publish", {"notice": "x", "holidays": []}),
    ("POST", "revise", {"notice": "x", "reason": "y", "holidays": []}),
    ("POST", "estimate", {"holidays": []}),
    ("POST", "check", {"act": "estimate", "holidays": []}),
    ("GET", "sheet", None),
]


@pytest.mark.parametrize(("method", "act", "sent"), KEEPERS_ONLY)
async def test_nobody_but_the_administrator_keeps_the_calendar(
    office: Office, method: str, act: str, sent: dict[str, Any] | None
) -> None:
    roles = {account.role: account.username for account in example_accounts()}
    del roles["admin"]
    for username in roles.values():
        answer = await office.ask(username, method, f"/calendar/years/2019/{act}", sent)
        assert answer.status_code == 403, username
    assert (await office.ask(None, method, f"/calendar/years/2019/{act}", sent)).status_code == 401


async def test_everybody_signed_in_reads_a_year_and_nobody_else(office: Office) -> None:
    for account in example_accounts():
        answer = await office.ask(account.username, "GET", "/calendar/years/2019")
        assert answer.status_code == 200
    assert (await office.ask(None, "GET", "/calendar/years/2019")).status_code == 401
    assert (await office.ask(None, "GET", "/calendar/years")).status_code == 401


async def test_a_year_that_nobody_entered_is_not_there(office: Office) -> None:
    for year in (2003, 1889, 10**9):
        assert (await office.ask("zezhou", "GET", f"/calendar/years/{year}")).status_code == 404


async def test_a_year_that_did_not_change_is_not_sent_again(office: Office) -> None:
    first = await office.ask("zezhou", "GET", "/calendar/years/2019")
    again = await office.ask(
        "zezhou", "GET", "/calendar/years/2019", If_None_Match=first.headers["ETag"]
    )
    assert again.status_code == 304

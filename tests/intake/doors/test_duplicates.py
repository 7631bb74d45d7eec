"""查重 at the door: who sees what may be the same, who judges it, and what then passes."""

import itertools
from typing import Any

import httpx

from services.intake.views.comparable_projects import VIEW
from tests.intake.doors.hearing import hear
from tests.intake.doors.office import Office, key

_numbers = itertools.count(1)
PASS = {"verdict": "PASS", "on_revision": 1}
PLACE = {"region": "140525", "address": "巴公镇"}


def unlike() -> str:
    """Give a name that is like no other test's."""
    first = 0x4E00 + 20 * next(_numbers)
    return "".join(map(chr, range(first, first + 20)))


async def pair(office: Office, **changes: Any) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Let a bureau and a county report what looks the same; give both and the name."""
    name = unlike()
    bureaus = await office.begin("jiaoyu", report=True, name=f"{name}工程", location=PLACE)
    countys = await office.begin("zezhou", report=True, name=name, location=PLACE, **changes)
    await hear(office, VIEW, bureaus["project_id"], countys["project_id"])
    return bureaus, countys, name


def verdict(**changes: Any) -> dict[str, Any]:
    return {
        "on_revision": 1,
        "other_revision": 1,
        "same": False,
        "reason": "地块和主体都不同。",
        **changes,
    }


async def judge(
    office: Office, one: dict[str, Any], other: dict[str, Any], who: str = "shichushen", **said: Any
) -> httpx.Response:
    path = f"/projects/{one['project_id']}/duplicates"
    said["other_id"] = other["project_id"]
    return await office.ask(who, "POST", path, verdict(**said), Idempotency_Key=key())


async def first_review(office: Office, project: dict[str, Any]) -> httpx.Response:
    path = f"/projects/{project['project_id']}/first-review"
    return await office.ask("shichushen", "POST", path, PASS, Idempotency_Key=key())


async def test_the_city_sees_what_may_be_the_same_and_whose_would_stay(office: Office) -> None:
    bureaus, countys, name = await pair(office)
    path = f"/projects/{bureaus['project_id']}/duplicates"
    answer = (await office.ask("shichushen", "GET", path)).json()
    (suspect,) = answer["suspects"]
    assert suspect["project_id"] == suspect["stays"] == countys["project_id"]
    assert (suspect["name"], suspect["owner_name"]) == (name, "泽州县")
    assert (suspect["similarity"], suspect["verdict"]) == (100, None)
    waiting = (await office.ask("shichushen", "GET", "/duplicates")).json()["pairs"]
    both = {bureaus["project_id"], countys["project_id"]}
    shown = [one for one in waiting if {one["project_id"], one["other"]["project_id"]} == both]
    assert len(shown) == 2, "once from either side"


async def test_nothing_passes_before_the_verdict_and_the_countys_passes_after_it(
    office: Office,
) -> None:
    bureaus, countys, name = await pair(office)
    for project in (bureaus, countys):
        refused = await first_review(office, project)
        assert (refused.status_code, refused.json()["code"]) == (409, "duplicate_undecided")
        assert name not in refused.text
    assert (await judge(office, bureaus, countys, same=True)).status_code == 200
    refused = await first_review(office, bureaus)
    assert (refused.status_code, refused.json()["code"]) == (409, "duplicate_of_another")
    assert (await first_review(office, countys)).status_code == 200
    for project in (bureaus, countys):
        (told,) = [f for _, f in await office.facts(project["project_id"]) if "judged_on" in f]
        assert (told["verdict"], told["keeps"]) == ("DUPLICATE", countys["project_id"])


async def test_what_was_judged_apart_passes_and_is_not_asked_again(office: Office) -> None:
    bureaus, countys, _ = await pair(office)
    assert (await judge(office, countys, bureaus)).status_code == 200
    for project in (bureaus, countys):
        assert (await first_review(office, project)).status_code == 200
        path = f"/projects/{project['project_id']}/duplicates"
        (suspect,) = (await office.ask("shichushen", "GET", path)).json()["suspects"]
        assert suspect["verdict"]["verdict"] == "DISTINCT"


async def test_in_bulk_only_the_undecided_are_left(office: Office) -> None:
    bureaus, countys, _ = await pair(office)
    alone = await office.begin("gaoping", report=True)
    projects = [
        {"project_id": one["project_id"], "on_revision": 1} for one in (bureaus, countys, alone)
    ]
    many = {"projects": projects, "verdict": "PASS"}
    answer = await office.ask("shichushen", "POST", "/reviews/first", many, Idempotency_Key=key())
    assert answer.json()["done"] == 1
    assert {one["code"] for one in answer.json()["refused"]} == {"duplicate_undecided"}


async def test_the_province_lets_in_nothing_undecided(office: Office) -> None:
    # The second one was heard of only after the city had passed the first.
    first = await office.begin("zezhou", report=True, name=(name := unlike()))
    await office.carry_out("shichushen", first, "first-review", **PASS)
    later = await office.begin("jinmei", report=True, name=f"{name}项目")
    await hear(office, VIEW, first["project_id"], later["project_id"])
    path = f"/projects/{first['project_id']}/final-review"
    refused = await office.ask("shengshenhe", "POST", path, PASS, Idempotency_Key=key())
    assert (refused.status_code, refused.json()["code"]) == (409, "duplicate_undecided")
    assert (await judge(office, first, later)).status_code == 200
    passed = await office.ask("shengshenhe", "POST", path, PASS, Idempotency_Key=key())
    assert passed.status_code == 200


async def test_a_verdict_sent_twice_is_told_once(office: Office) -> None:
    bureaus, countys, _ = await pair(office)
    path = f"/projects/{bureaus['project_id']}/duplicates"
    body = verdict(other_id=countys["project_id"])
    again = key()
    answers = [
        await office.ask("shichushen", "POST", path, body, Idempotency_Key=again) for _ in range(2)
    ]
    assert answers[0].content == answers[1].content
    for project in (bureaus, countys):
        told = [f for _, f in await office.facts(project["project_id"]) if "judged_on" in f]
        assert len(told) == 1


async def test_of_an_edition_that_has_gone_neither_stream_is_told(office: Office) -> None:
    bureaus, countys, _ = await pair(office)
    refused = await judge(office, bureaus, countys, other_revision=2)
    assert (refused.status_code, refused.json()["code"]) == (409, "compared_old_edition")
    for project in (bureaus, countys):
        assert not [f for _, f in await office.facts(project["project_id"]) if "judged_on" in f]


async def test_only_the_city_compares(office: Office) -> None:
    bureaus, countys, _ = await pair(office)
    for who in ("jiaoyu", "zezhou", "shengshenhe", "lingdaozu", "admin"):
        assert (await judge(office, bureaus, countys, who)).status_code == 403, who
        for path in ("/duplicates", f"/projects/{bureaus['project_id']}/duplicates"):
            assert (await office.ask(who, "GET", path)).status_code == 403, who


async def test_a_draft_is_not_there_to_be_compared(office: Office) -> None:
    bureaus, _, _ = await pair(office)
    draft = await office.begin("zezhou")
    assert (await judge(office, bureaus, draft)).status_code == 404
    assert (await judge(office, draft, bureaus)).status_code == 404

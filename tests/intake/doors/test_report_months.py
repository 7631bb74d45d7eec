"""本月无新增 at the door: the body stands in the token, its projects in the journal."""

from typing import Any

import httpx
import orjson
import pytest

from tests.intake.doors.office import Office, key

MONTH = "2019-04"
PATH = f"/report-months/{MONTH}/nothing-new"


async def say(office: Office, who: str, path: str = PATH, **headers: str) -> httpx.Response:
    return await office.ask(who, "POST", path, {}, **{"Idempotency_Key": key(), **headers})


async def told(office: Office, org: str) -> list[tuple[dict[str, str], dict[str, Any]]]:
    rows = await office.pool.fetch(
        "select envelope, payload from journal.events where stream = $1 order by version",
        f"month-{org}-{MONTH}",
    )
    return [(orjson.loads(row["envelope"]), orjson.loads(row["payload"])) for row in rows]


async def test_a_body_says_so_and_takes_it_back(office: Office) -> None:
    first, again = await say(office, "minzheng"), await say(office, "minzheng")
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.headers["Siku-Wrote"] == again.headers["Siku-Wrote"] == f"month-D-CIV-{MONTH}@1"
    back = await say(office, "minzheng", f"{PATH}/withdraw")
    assert back.headers["Siku-Wrote"] == f"month-D-CIV-{MONTH}@2"
    (envelope, payload), (_, withdrawn) = await told(office, "D-CIV")
    assert payload == {
        "kind": "intake.report_month.nothing_new_reported.v1",
        "org": "D-CIV",
        "org_name": payload["org_name"],
        "month": MONTH,
        "reported_on": "2019-04-22",
    }
    assert withdrawn["withdrawn_on"] == "2019-04-22"
    assert envelope["partitionkey"] == f"month-D-CIV-{MONTH}"
    assert envelope["actoraccount"] == "account-minzheng"
    assert envelope["policy"]


async def test_the_same_key_gets_the_same_answer(office: Office) -> None:
    kept = {"Idempotency_Key": key()}
    answers = [await say(office, "tiyu", **kept) for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert len(await told(office, "D-SPO")) == 1


async def test_without_a_key_nothing_is_said(office: Office) -> None:
    answer = await office.ask("weijian", "POST", PATH, {})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")


async def test_who_has_reported_a_project_has_something_new_until_he_takes_it_back(
    office: Office,
) -> None:
    project = await office.begin("nengyuan", report=True)
    refused = await say(office, "nengyuan")
    assert (refused.status_code, refused.json()["code"]) == (409, "projects_reported")
    assert "已报送 1 个项目" in refused.json()["detail"]
    await office.carry_out("nengyuan", project, "withdraw", reason="投资额有变化")
    assert (await say(office, "nengyuan")).status_code == 200


async def test_a_draft_and_what_others_reported_stand_in_nobodys_way(office: Office) -> None:
    await office.begin("shuiwu")
    await office.begin("jiaotong", report=True)
    assert (await say(office, "shuiwu")).status_code == 200


async def test_a_project_may_be_reported_after_it_was_said(office: Office) -> None:
    assert (await say(office, "nongye")).status_code == 200
    await office.begin("nongye", report=True)
    assert len(await told(office, "D-AGR")) == 1


@pytest.mark.parametrize("month", ["2019-05", "2019-03"])
async def test_another_month_is_refused(office: Office, month: str) -> None:
    answer = await say(office, "guotou", f"/report-months/{month}/nothing-new")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_this_month")


@pytest.mark.parametrize("month", ["2019-13", "2019-5", "april", "2019-04x"])
async def test_a_month_that_cannot_be_read_is_named(office: Office, month: str) -> None:
    answer = await say(office, "guotou", f"/report-months/{month}/nothing-new")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["label"] == "报送月份"


async def test_more_than_the_door_asks_for_is_refused(office: Office) -> None:
    answer = await office.ask("guotou", "POST", PATH, {"org": "JC-ZZ"}, Idempotency_Key=key())
    assert answer.status_code == 422

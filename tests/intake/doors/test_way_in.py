"""The whole way through the door: draft, report, three levels, and what comes back each time."""

import re
from dataclasses import asdict
from typing import Any

import pytest

from services.intake.adapters.contacts import masked
from services.intake.main import SERVICE
from services.intake.policies import policies
from services.intake.project.rules import Contact
from tests.intake.doors.office import Office, form, fresh, key

PASS = {"verdict": "PASS", "on_revision": 1}


async def test_a_project_walks_from_the_county_into_the_pool(office: Office) -> None:
    begun = await office.begin()
    assert (begun["stage"], begun["pool"], begun["revision"]) == ("DRAFT", None, 1)
    assert begun["message"] == "草稿已保存，尚未报送。"

    reported = await office.carry_out("zezhou", begun, "report", not_secret=True)
    assert reported["stage"] == "SUBMITTED"
    assert reported["message"] == "已报送市发改委初审，限 3 个工作日，至4月25日（周四）。"

    passed = await office.carry_out("shichushen", begun, "first-review", **PASS)
    assert passed["stage"] == "CITY_PASSED"
    assert passed["message"] == "初审通过，已报省发改委审核，限 5 个工作日，至4月28日（周日）。"

    pooled = await office.carry_out("shengshenhe", begun, "final-review", **PASS)
    assert (pooled["stage"], pooled["pool"]) == ("APPROVED", "PLAN")
    assert pooled["message"] == "审核通过，项目已进入谋划库。"

    kinds = [payload["kind"] for _, payload in await office.facts(begun["project_id"])]
    assert kinds == [
        "intake.project.drafted.v1",
        "intake.review.submitted.v1",
        "intake.review.passed_first.v1",
        "intake.review.approved.v1",
        "intake.project.pooled.v1",
    ]


async def test_each_step_tells_its_term_and_the_reply_names_the_last_day(office: Office) -> None:
    project = await office.begin(report=True)
    assert project["term"] == {"due": "2019-04-25", "provisional": False}
    passed = await office.carry_out("shichushen", project, "first-review", **PASS)
    assert passed["term"] == {"due": "2019-04-28", "provisional": False}
    pooled = await office.carry_out("shengshenhe", project, "final-review", **PASS)
    assert pooled["term"] is None
    told = [payload.get("term") for _, payload in await office.facts(project["project_id"])]
    assert told == [
        None,
        {
            "start": "2019-04-22",
            "due": "2019-04-25",
            "yellow_from": "2019-04-25",
            "red_from": "2019-04-26",
            "provisional": False,
            "calendar": 0,
        },
        {
            "start": "2019-04-22",
            "due": "2019-04-28",
            "yellow_from": "2019-04-24",
            "red_from": "2019-04-29",
            "provisional": False,
            "calendar": 0,
        },
        None,
        None,
    ]


async def test_one_verdict_on_many_names_the_last_day_of_what_begins(office: Office) -> None:
    projects = [await office.begin(report=True) for _ in range(2)]
    chosen = [{"project_id": one["project_id"], "on_revision": 1} for one in projects]
    verdict = {"verdict": "PASS", "opinion": "同意。", "projects": chosen}
    for body, term in (
        (verdict, {"due": "2019-04-28", "provisional": False}),
        ({**verdict, "verdict": "RETURN"}, None),
    ):
        answer = await office.ask(
            "shichushen", "POST", "/reviews/first", body, Idempotency_Key=key()
        )
        assert answer.json()["term"] == term


async def test_departments_and_groups_report_straight_to_the_city(office: Office) -> None:
    for who in ("jiaoyu", "lanhua"):
        project = await office.begin(who, report=True)
        passed = await office.carry_out("shichushen", project, "first-review", **PASS)
        assert passed["stage"] == "CITY_PASSED"


async def test_the_reply_names_receipt_version_and_what_was_written(office: Office) -> None:
    answer = await office.ask("zezhou", "POST", "/projects", form(), Idempotency_Key=key())
    body = answer.json()
    stream = f"project-{body['project_id']}"
    assert answer.headers["Siku-Wrote"] == f"{stream}@1"
    assert answer.headers["ETag"] == '"1"'
    assert body["version"] == 1
    assert re.fullmatch(r"HZ-201904-[0-9A-F]{8}-1", body["receipt"])
    assert body["project_id"].replace("-", "").upper().startswith(body["receipt"][10:18])


async def test_every_fact_tells_who_when_and_under_which_policy(office: Office) -> None:
    project = await office.begin()
    answer = await office.ask(
        "zezhou",
        "POST",
        f"/projects/{project['project_id']}/report",
        {"not_secret": True},
        Idempotency_Key="report-it",
        X_Correlation_Id="trace-7",
    )
    assert answer.headers["X-Correlation-Id"] == "trace-7"
    (drafted, _), (reported, _) = await office.facts(project["project_id"])
    assert reported["subject"] == f"project-{project['project_id']}"
    assert reported["partitionkey"] == project["project_id"]
    assert (drafted["streamversion"], reported["streamversion"]) == ("1", "2")
    assert reported["actoraccount"] == "account-zezhou"
    assert (reported["actorrole"], reported["actororg"]) == ("county_reporter", "JC-ZZ")
    assert reported["correlationid"] == "trace-7"
    assert reported["causationid"] == "account-zezhou:report-it"
    assert reported["occurred"] == "2019-04-22"
    assert reported["time"].startswith("2019-04-22T01:")
    told = await office.pool.fetch(
        "select convert_from(payload, 'utf8')::json ->> 'sha256' as policy from journal.events"
        " where kind = 'intake.policy.published.v1'"
    )
    assert {drafted["policy"], reported["policy"]} <= {row["policy"] for row in told}


async def test_each_policy_is_told_once_however_often_the_service_starts(office: Office) -> None:
    started = SERVICE.started
    assert started is not None
    await started(office.app, office.app.state.runtime)
    told = await office.pool.fetchval(
        "select count(*) from journal.events where kind = 'intake.policy.published.v1'"
    )
    assert told == len(policies()) > 1


async def test_a_form_reads_back_as_it_was_written(office: Office) -> None:
    written = form(
        total_investment="１２０，０００．５",
        planned_start="２０２０－０３",
        funding=[{"source": "LOAN", "amount": 120000.5}],
        build_from="2020-03",
        remarks="  分两期建设  ",
        industry=" 34 ",
        needs="   ",
    )
    answer = await office.ask("zezhou", "POST", "/projects", written, Idempotency_Key=key())
    read = (await office.ask("zezhou", "GET", f"/projects/{answer.json()['project_id']}")).json()
    assert read["total_investment"] == "120000.50"
    assert read["funding"] == [{"source": "LOAN", "amount": "120000.50"}]
    assert (read["planned_start"], read["build_from"]) == ("2020-03", "2020-03")
    assert (read["remarks"], read["needs"], read["industry"]) == ("分两期建设", None, "34")
    assert read["contact"] == {"name": "张某某", "phone": "035****8345"}
    assert read["owner_name"] == "泽州县"
    assert "contact_id" not in read


async def test_a_form_that_is_not_changed_is_not_sent_again(office: Office) -> None:
    project = await office.begin()
    path = f"/projects/{project['project_id']}"
    first = await office.ask("zezhou", "GET", path)
    again = await office.ask("zezhou", "GET", path, If_None_Match=first.headers["ETag"])
    assert (first.headers["ETag"], again.status_code, again.content) == ('"1"', 304, b"")


async def test_a_check_writes_nothing(office: Office) -> None:
    name = fresh()
    body = form(name=name, industry="00", content="新建标准厂房及配套管网设施")
    checked = (await office.ask("zezhou", "POST", "/check", body)).json()
    assert [found["rule"] for found in checked["errors"]] == ["industry_code"]
    assert [found["rule"] for found in checked["hints"]] == ["content_scale"]
    assert await office.named(name) == 0


@pytest.mark.parametrize(
    ("changes", "version"),
    [({}, 1), ({"contact": {"name": "李四", "phone": "13835601234"}}, 2), ({"contact": None}, 2)],
    ids=["the same", "another officer", "no officer"],
)
async def test_only_what_changed_makes_a_new_edition(
    office: Office, changes: dict[str, Any], version: int
) -> None:
    body = form()
    begun = (await office.ask("zezhou", "POST", "/projects", body, Idempotency_Key=key())).json()
    path = f"/projects/{begun['project_id']}"
    revised = await office.ask("zezhou", "PUT", path, {**body, **changes}, Idempotency_Key=key())
    assert (revised.status_code, revised.json()["version"]) == (200, version)
    read = (await office.ask("zezhou", "GET", path)).json()
    contact = changes.get("contact", body["contact"])
    assert read["contact"] == (
        contact and asdict(masked(Contact(contact["name"], contact["phone"])))
    )


async def test_a_return_names_the_term_and_the_next_round_starts(office: Office) -> None:
    project = await office.begin(report=True)
    back = await office.carry_out(
        "shichushen",
        project,
        "first-review",
        verdict="RETURN",
        on_revision=1,
        opinion="请补充资金落实情况。",
        remarks=[{"field": "funding", "text": "贷款意向书未附"}],
    )
    assert back["message"] == "已退回报送单位补正，限 5 个工作日内重报，至4月28日（周日）。"
    path = f"/projects/{project['project_id']}"
    await office.ask("zezhou", "PUT", path, form(remarks="已补正"), Idempotency_Key=key())
    await office.carry_out("zezhou", project, "report", not_secret=True)
    *_, (_, again) = await office.facts(project["project_id"])
    assert (again["round"], again["revision"]) == (2, 2)


async def test_the_province_returns_to_the_city(office: Office) -> None:
    project = await office.begin(report=True)
    await office.carry_out("shichushen", project, "first-review", **PASS)
    back = await office.carry_out(
        "shengshenhe",
        project,
        "final-review",
        verdict="RETURN",
        on_revision=1,
        opinion="请市级核实用地。",
        to="CITY",
    )
    assert back["stage"] == "SUBMITTED"
    assert back["message"] == "已退回市发改委，限 3 个工作日重新初审，至4月25日（周四）。"


async def test_a_report_is_withdrawn_and_a_draft_given_up(office: Office) -> None:
    project = await office.begin(report=True)
    back = await office.carry_out("zezhou", project, "withdraw", reason="投资额有变化")
    assert back["stage"] == "DRAFT"
    gone = await office.carry_out("zezhou", project, "discard")
    assert (gone["message"], gone["revision"]) == ("草稿已撤销。", 0)
    assert (
        await office.ask("zezhou", "GET", f"/projects/{project['project_id']}")
    ).status_code == (404)


async def test_a_rejection_frees_the_name(office: Office) -> None:
    name = fresh()
    project = await office.begin(report=True, name=name)
    rejected = await office.carry_out(
        "shichushen", project, "first-review", verdict="REJECT", on_revision=1, opinion="重复谋划。"
    )
    assert rejected["message"] == "已作出不予入库的结论，报送单位能看到理由。"
    await office.begin(name=name)
    assert await office.named(name) == 2

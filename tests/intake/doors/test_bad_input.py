"""Bad input is answered in Chinese: which field, which rule, what to do about it."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.intake.doors.office import Office, form, fresh, key, problems

PHONE = "13835601234"
LONG = "字" * 2001


def place(**changes: Any) -> dict[str, Any]:
    return {"location": {"region": "140525", "address": "巴公镇", **changes}}


# Every rule of the form: what is typed -> (field, rule).
BROKEN_RULES: list[tuple[dict[str, Any], str, str]] = [
    ({"name": "甲"}, "name", "name_length"),
    ({"name": "甲" * 101}, "name", "name_length"),
    ({"name": f"产业园{PHONE}"}, "name", "personal_data"),
    ({"project_code": "2019-140525-00-03-002187"}, "project_code", "project_code_format"),
    ({"content": "1建设厂房及管网等"}, "content", "content_length"),
    ({"content": "1" + "建" * 2000}, "content", "content_length"),
    (place(region="140523"), "location.region", "region_code"),
    (place(region="140500"), "location.region", "region_code"),
    (place(zone_id="Z-XX"), "location.zone_id", "zone_id"),
    ({"builder": {"name": "某公司", "uscc": "91140500MA0T000119"}}, "builder.uscc", "uscc"),
    ({"funding": [{"source": "LOAN", "amount": "60000"}] * 2}, "funding", "funding_twice"),
    (
        {"funding": [{"source": "LOAN", "amount": 120000}, {"source": "OTHER", "amount": 0}]},
        "funding.amount",
        "funding_positive",
    ),
    ({"total_investment": "0", "funding": []}, "total_investment", "investment_positive"),
    ({"planned_start": "2022-05"}, "planned_start", "start_within_years"),
    ({"contact": {"name": "张" * 51, "phone": PHONE}}, "contact.name", "contact_name"),
    ({"contact": {"name": "张\0三", "phone": PHONE}}, "contact.name", "unprintable"),
    ({"contact": {"name": "张三", "phone": "2198345"}}, "contact.phone", "phone_format"),
    ({"industry": "00"}, "industry", "industry_code"),
    ({"industry": "98"}, "industry", "industry_code"),
    ({"industry": "9999"}, "industry", "industry_code"),
    ({"build_from": "2020-03", "build_until": "2020-02"}, "build_until", "build_years"),
    ({"remarks": LONG}, "remarks", "text_length"),
    ({"needs": f"请联系{PHONE}"}, "needs", "personal_data"),
    ({"annual_plan": "证号11010519491231002X"}, "annual_plan", "personal_data"),
    ({"preparation": "甲\0乙"}, "preparation", "unprintable"),
]

# What the door cannot read: what is typed -> (field, rule).
UNREADABLE: list[tuple[dict[str, Any], str, str]] = [
    ({"name": None}, "name", "string_type"),
    ({"name": ""}, "name", "string_too_short"),
    ({"name": 12}, "name", "string_type"),
    ({"name": "甲" * 501}, "name", "string_too_long"),
    ({"content": "字" * 5001}, "content", "string_too_long"),
    ({"content": ["一"]}, "content", "string_type"),
    ({"colour": "red"}, "colour", "extra_forbidden"),
    ({"owner_org": "JC-GP"}, "owner_org", "extra_forbidden"),
    (place(street="西大街"), "location.street", "extra_forbidden"),
    ({"location": "巴公镇"}, "location", "model_attributes_type"),
    ({"total_investment": "一亿"}, "total_investment", "decimal_parsing"),
    ({"total_investment": "1.005"}, "total_investment", "decimal_max_places"),
    ({"total_investment": -1}, "total_investment", "greater_than_equal"),
    ({"total_investment": "999999999999"}, "total_investment", "decimal_whole_digits"),
    ({"total_investment": "NaN"}, "total_investment", "finite_number"),
    ({"total_investment": {}}, "total_investment", "decimal_type"),
    ({"funding": {}}, "funding", "list_type"),
    ({"funding": [{"source": "LOTTERY", "amount": 1}]}, "funding.0.source", "enum"),
    ({"funding": [{"source": "LOAN"}]}, "funding.0.amount", "missing"),
    ({"funding": [{"source": "LOAN", "amount": 1}] * 13}, "funding", "too_long"),
    ({"planned_start": "2020-13"}, "planned_start", "month"),
    ({"planned_start": "2020年3月"}, "planned_start", "month"),
    ({"planned_start": "٢٠٢٠-03"}, "planned_start", "month"),
    ({"build_from": "2020"}, "build_from", "month"),
    ({"category": "SPACE"}, "category", "enum"),
    ({"track": "SPACE"}, "track", "enum"),
    ({"lead_side": "BOTH"}, "lead_side", "enum"),
    ({"industry": 34}, "industry", "string_type"),
    ({"not_secret": "maybe"}, "not_secret", "bool_parsing"),
    ({"accepted_hints": "all"}, "accepted_hints", "list_type"),
    ({"name": "\ud800"}, "name", "string_unicode"),
]


def assert_says_it_all(document: dict[str, Any]) -> None:
    """Expect of each problem the column's Chinese name, a sentence and a remedy."""
    assert document["detail"].endswith("。")
    assert document["errors"]
    for problem in document["errors"]:
        assert re.search(r"[\u4e00-\u9fff]", problem["message"]), problem
        assert problem["message"].startswith(problem["label"]), problem
        assert re.search(r"请.+。", problem["remedy"]), problem
        assert "{" not in problem["message"] + problem["remedy"], problem


@pytest.mark.parametrize("report", [False, True], ids=["draft", "report"])
@pytest.mark.parametrize(("changes", "field", "rule"), BROKEN_RULES)
async def test_each_rule_of_the_form_is_held_to(
    office: Office, changes: dict[str, Any], field: str, rule: str, *, report: bool
) -> None:
    body = form(**changes)
    path = "/projects?report=true" if report else "/projects"
    answer = await office.ask("zezhou", "POST", path, body, Idempotency_Key=key())
    assert (answer.status_code, answer.json()["code"]) == (422, "unreadable_input")
    assert problems(answer) == [(field, rule)]
    assert_says_it_all(answer.json())
    assert await office.named(body["name"]) == 0


@pytest.mark.parametrize(("changes", "field", "rule"), UNREADABLE)
async def test_what_cannot_be_read_is_named(
    office: Office, changes: dict[str, Any], field: str, rule: str
) -> None:
    # Names that UTF-8 cannot write come as JSON escapes.
    body = json.dumps(form(**changes)).encode()
    for method, path in (("POST", "/projects"), ("POST", "/check")):
        answer = await office.ask("zezhou", method, path, body, Idempotency_Key=key())
        assert (answer.status_code, answer.json()["code"]) == (422, "unreadable_input")
        assert problems(answer) == [(field, rule)]
        assert_says_it_all(answer.json())


REQUIRED = {
    "content": {"content": None},
    "location.region": place(region=""),
    "location.address": place(address=" "),
    "builder.name": {"builder": {}},
    "total_investment": {"total_investment": None},
    "funding": {"funding": []},
    "planned_start": {"planned_start": ""},
    "contact.name": {"contact": {"phone": PHONE}},
    "contact.phone": {"contact": {"name": "张三"}},
    "category": {"category": ""},
    "track": {"track": None},
    "lead_side": {"lead_side": None},
    "industry": {"industry": "  "},
}


@pytest.mark.parametrize("field", REQUIRED)
async def test_a_report_asks_for_each_required_column_and_a_draft_does_not(
    office: Office, field: str
) -> None:
    body = form(**REQUIRED[field])
    answer = await office.ask(
        "zezhou", "POST", "/projects?report=true", body, Idempotency_Key=key()
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "incomplete_facts")
    assert problems(answer) == [(field, "required")]
    assert_says_it_all(answer.json())
    assert await office.named(body["name"]) == 0
    draft = await office.ask("zezhou", "POST", "/projects", body, Idempotency_Key=key())
    assert draft.status_code == 201


async def test_a_name_is_the_least_a_draft_needs(office: Office) -> None:
    bare = await office.ask("zezhou", "POST", "/projects", {}, Idempotency_Key=key())
    assert problems(bare) == [("name", "missing")]
    named = await office.ask(
        "zezhou",
        "POST",
        "/projects",
        {"name": fresh(), "not_secret": True},
        Idempotency_Key=key(),
    )
    assert named.status_code == 201


HINTS: list[tuple[dict[str, Any], str, str]] = [
    ({"content": "新建标准厂房及配套管网设施"}, "content", "content_scale"),
    ({"total_investment": "120000.01"}, "funding", "funding_sum"),
    (
        {"planned_start": "2022-05", "remarks": "分期建设"},
        "planned_start",
        "start_within_years",
    ),
]


@pytest.mark.parametrize(("changes", "field", "rule"), HINTS)
async def test_a_hint_holds_the_report_until_it_is_confirmed(
    office: Office, changes: dict[str, Any], field: str, rule: str
) -> None:
    body, path = form(**changes), "/projects?report=true"
    answer = await office.ask("zezhou", "POST", path, body, Idempotency_Key=key())
    assert (answer.status_code, answer.json()["code"]) == (409, "hints_to_confirm")
    assert problems(answer) == [(field, rule)]
    assert "确认" in answer.json()["errors"][0]["remedy"]
    confirmed = {**body, "accepted_hints": [rule]}
    answer = await office.ask("zezhou", "POST", path, confirmed, Idempotency_Key=key())
    assert (answer.status_code, answer.json()["stage"]) == (201, "SUBMITTED")


async def test_a_start_three_years_ahead_to_the_month_needs_no_reason(office: Office) -> None:
    assert (await office.begin(report=True, planned_start="2022-04"))["stage"] == "SUBMITTED"


@pytest.mark.parametrize("report", ["true", "false"])
async def test_nothing_secret_is_taken_and_not_a_word_of_it_kept(
    office: Office, report: str
) -> None:
    body = form(not_secret=False)
    contacts = await office.pool.fetchval("select count(*) from contacts.contacts")
    answer = await office.ask(
        "zezhou", "POST", f"/projects?report={report}", body, Idempotency_Key=key()
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "secret_project")
    assert "按保密规定另行报送" in answer.json()["detail"]
    assert await office.named(body["name"]) == 0
    assert await office.pool.fetchval("select count(*) from contacts.contacts") == contacts


async def test_what_bears_a_mark_of_secrecy_is_refused_before_it_is_kept(office: Office) -> None:
    body = form(remarks="附图密级：机密★10年")
    answer = await office.ask("zezhou", "POST", "/projects", body, Idempotency_Key=key())
    assert problems(answer) == [("remarks", "marked_secret")]
    assert await office.named(body["name"]) == 0


@pytest.mark.parametrize("body", [b"{", b"", b"{'name': 1}", b'{"name": "\x01"}'])
async def test_broken_json_is_said_to_be_broken(office: Office, body: bytes) -> None:
    answer = await office.ask("zezhou", "POST", "/projects", body, Idempotency_Key=key())
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["rule"] in {"json_invalid", "missing"}
    assert_says_it_all(answer.json())


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"7", b"null"])
async def test_json_that_is_no_form_is_said_to_be_none(office: Office, body: bytes) -> None:
    answer = await office.ask("zezhou", "POST", "/projects", body, Idempotency_Key=key())
    assert answer.status_code == 422
    assert_says_it_all(answer.json())


@pytest.mark.parametrize(
    "body",
    [
        '{"name": "产业园"}'.encode("gb18030"),
        b"[" * 100_000,
        b'{"name": "x", "total_investment": ' + b"9" * 5000 + b"}",
    ],
    ids=["another encoding", "too deep", "too long a number"],
)
async def test_what_no_reader_takes_is_refused_in_words(office: Office, body: bytes) -> None:
    answer = await office.ask("zezhou", "POST", "/projects", body, Idempotency_Key=key())
    assert (answer.status_code, problems(answer)) == (422, [("body", "json_invalid")])
    assert_says_it_all(answer.json())


async def test_choices_are_listed_as_a_clerk_reads_them(office: Office) -> None:
    answer = await office.ask("zezhou", "POST", "/check", form(lead_side="BOTH"))
    assert answer.json()["errors"][0]["remedy"] == "请从 'GOVERNMENT'、'MARKET' 中选。"


@pytest.mark.parametrize("sent", ["", " ", "a\tb", "x" * 65, "id-7"])
async def test_a_correlation_id_that_is_none_is_replaced(office: Office, sent: str) -> None:
    answer = await office.ask(
        "zezhou", "POST", "/projects", form(), Idempotency_Key=key(), X_Correlation_Id=sent
    )
    assert answer.status_code == 201
    assert (answer.headers["X-Correlation-Id"] == sent) == (sent == "id-7")


@pytest.mark.parametrize(
    ("header", "value", "field"),
    [
        ("Idempotency-Key", "with blanks in it", "Idempotency-Key"),
        ("Idempotency-Key", "x" * 129, "Idempotency-Key"),
        ("If-Match", "latest", "If-Match"),
        ("If-Match", '"-1"', "If-Match"),
    ],
)
async def test_a_header_that_cannot_be_read_is_named(
    office: Office, header: str, value: str, field: str
) -> None:
    headers = {"Idempotency-Key": key(), header: value}
    answer = await office.ask("zezhou", "POST", "/projects", form(), **headers)
    assert answer.status_code == 422
    assert problems(answer) == [(field, "header")]
    assert_says_it_all(answer.json())


async def test_a_project_id_that_is_none_is_named(office: Office) -> None:
    answer = await office.ask("zezhou", "GET", "/projects/17")
    assert problems(answer) == [("project_id", "uuid_parsing")]
    assert "请核对地址中的编号" in answer.json()["errors"][0]["remedy"]


REVIEWS: list[tuple[dict[str, Any], int, list[tuple[str, str]]]] = [
    ({"on_revision": 1}, 422, [("verdict", "missing")]),
    ({"verdict": "MAYBE", "on_revision": 1}, 422, [("verdict", "enum")]),
    ({"verdict": "PASS", "on_revision": "first"}, 422, [("on_revision", "int_parsing")]),
    ({"verdict": "RETURN", "on_revision": 1, "opinion": " "}, 422, [("opinion", "required")]),
    ({"verdict": "REJECT", "on_revision": 1}, 422, [("opinion", "required")]),
    (
        {"verdict": "PASS", "on_revision": 1, "opinion": "字" * 501},
        422,
        [("opinion", "string_too_long")],
    ),
    (
        {"verdict": "PASS", "on_revision": 1, "opinion": f"问{PHONE}"},
        422,
        [("opinion", "personal_data")],
    ),
    (
        {
            "verdict": "RETURN",
            "on_revision": 1,
            "opinion": "请改",
            "remarks": [{"field": "name", "text": f"问{PHONE}"}],
        },
        422,
        [("remarks.0.text", "personal_data")],
    ),
    (
        {
            "verdict": "RETURN",
            "on_revision": 1,
            "opinion": "请改",
            "remarks": [{"field": "colour", "text": "红"}],
        },
        422,
        [("remarks", "unknown_field")],
    ),
    ({"verdict": "PASS", "on_revision": 2}, 409, []),
    ({"verdict": "PASS", "on_revision": 1, "to": "CITY"}, 422, [("to", "extra_forbidden")]),
]


@pytest.mark.parametrize(("body", "status", "expected"), REVIEWS)
async def test_a_review_is_held_to_its_own_form(
    office: Office, body: dict[str, Any], status: int, expected: list[tuple[str, str]]
) -> None:
    project = await office.begin(report=True)
    path = f"/projects/{project['project_id']}/first-review"
    answer = await office.ask("shichushen", "POST", path, body, Idempotency_Key=key())
    assert answer.status_code == status, answer.text
    assert problems(answer) == expected
    assert len(await office.facts(project["project_id"])) == 2


async def test_an_older_edition_is_named_with_the_present_one(office: Office) -> None:
    project = await office.begin(report=True)
    await office.carry_out("zezhou", project, "withdraw", reason="投资额有变化")
    path = f"/projects/{project['project_id']}"
    await office.ask("zezhou", "PUT", path, form(remarks="改"), Idempotency_Key=key())
    await office.carry_out("zezhou", project, "report", not_secret=True)
    answer = await office.ask(
        "shichushen",
        "POST",
        f"{path}/first-review",
        {"verdict": "PASS", "on_revision": 1},
        Idempotency_Key=key(),
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "decided_on_old_revision")
    assert answer.json()["present_revision"] == 2
    assert answer.json()["detail"].startswith("你看的是第 1 版，现在是第 2 版。")


async def test_a_withdrawal_without_a_reason_is_refused(office: Office) -> None:
    project = await office.begin(report=True)
    path = f"/projects/{project['project_id']}/withdraw"
    for body in ({}, {"reason": "  "}):
        answer = await office.ask("zezhou", "POST", path, body, Idempotency_Key=key())
        assert (answer.status_code, problems(answer)) == (422, [("reason", "required")])


async def test_what_is_under_review_is_not_edited(office: Office) -> None:
    project = await office.begin(report=True)
    path = f"/projects/{project['project_id']}"
    answer = await office.ask("zezhou", "PUT", path, form(), Idempotency_Key=key())
    assert (answer.status_code, answer.json()["code"]) == (409, "in_review")
    assert "请先撤回" in answer.json()["detail"]


async def test_a_body_that_is_too_large_is_not_even_read(office: Office) -> None:
    long = form(remarks="字" * 700_000)
    answer = await office.ask("zezhou", "POST", "/projects", long, Idempotency_Key=key())
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert "太大" in answer.json()["detail"]


async def test_a_body_without_a_length_that_does_not_end_is_cut_off(office: Office) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 65_536
            yield b" " * 65_536

    answer = await office.http.post(
        "/projects", content=endless(), headers={"Authorization": "Bearer zezhou"}
    )
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert sent < 2_000_000

"""Every field of free text of every route refuses telephones and identity numbers by its name."""

from typing import Any

import pytest

from tests.architecture.test_free_text import OF_ONE_ROUTE, SEARCHED, TELLING, TOLD, fields_of
from tests.intake.doors.office import Office, form, fresh, key, problems
from tests.intake.doors.test_signings import lead, registered, signed
from tests.intake.doors.test_workbooks import sheet, upload

SENT_BACK = {"verdict": "RETURN", "on_revision": 1, "opinion": "请补充。"}
_STARTED = {"what": "STARTED", "was_on": "2019-04-20"}
OF_PROGRESS: dict[str, dict[str, Any]] = {
    "{month}": {},
    "opening": {"as_of": "2019-03-31", "invested_in_all": "1", "invested_this_year": "1"},
    "works": {"what": "STARTED", "happened_on": "2019-04-20"},
    "rectify": {**_STARTED, "reason": "抄错"},
}
"""Sound bodies of months and works, by the last word of their address."""
_SPLIT = {"reason": "分期建设。"}
_ROWS: dict[str, dict[str, Any]] = {"evidence": {"sort": "photograph"}, "problems": {}}
TRIED = [
    (route, field)
    for route, field in fields_of("intake")
    if field in SEARCHED["intake"]
    and ("intake", route, field) not in OF_ONE_ROUTE
    # Whoever is erased is asked for first (tests/intake/doors/test_erasures.py), and a load refuses
    # row by row (tests/intake/doors/test_opening.py).
    and route not in {"post /erasures", "post /opening"}
]


async def standing(office: Office, route: str) -> tuple[str, str, dict[str, Any]]:
    """Give who asks, on which address, with which sound body."""
    path = route.split()[1]
    if path.startswith(("/signings", "/promotions")) or "/tags" in path:
        return await inviting(office, route)
    if "final-review" in path or path.endswith("/final"):
        project = await office.begin(report=True)
        judged = {"verdict": "PASS", "on_revision": 1}
        await office.carry_out("shichushen", project, "first-review", **judged)
        who, body = "shengshenhe", dict(SENT_BACK)
    elif "first" in path:
        project = await office.begin(report=True)
        who, body = "shichushen", dict(SENT_BACK)
    elif path.endswith("/hand-over"):
        project, who = await office.begin(report=True), "shichushen"
        body = {"handed_to": "colleague", "reason": "出差。"}
    elif path.endswith("/duplicates"):
        project, other = await office.begin(report=True), await office.begin(report=True)
        editions = {"on_revision": 1, "other_revision": 1}
        who = "shichushen"
        body = {"other_id": other["project_id"], **editions, "same": False, "reason": "地块不同。"}
    elif path.endswith("/withdraw"):
        project, who, body = await office.begin(report=True), "zezhou", {"reason": "有变化"}
    elif path.endswith("/contact"):
        project, who, body = (
            await office.begin(),
            "zezhou",
            {"name": "李四", "phone": "13835601234"},
        )
    elif (last := path.rpartition("/")[2]) in OF_PROGRESS:
        project, who, body = await office.pooled(), "zezhou", dict(OF_PROGRESS[last])
        path = path.replace("{month}", "2019-04")
    elif path.endswith("/corrections"):
        project, who = await office.pooled(), "zezhou"
        body = {**form(), "not_secret": True, "reason": "漏填。"}
        del body["contact"]
    elif path.endswith("/moves"):
        project, who, body = await office.pooled(), "zezhou", {"transition": "TX6", **_SPLIT}
    elif path.endswith("/report"):
        project, who = await office.begin(), "zezhou"
        body = {"not_secret": True, "transition": "T02"}
    else:
        project, who, body = await office.begin(), "zezhou", form()
    if path.startswith("/reviews/"):
        body["projects"] = [{"project_id": project["project_id"], "on_revision": 1}]
        del body["on_revision"]
    return who, path.replace("{project_id}", project["project_id"]), body


async def inviting(office: Office, route: str) -> tuple[str, str, dict[str, Any]]:
    """Give the same of signings, events and tags."""
    method, path = route.split()
    day, reason, money = "2019-04-20", {"reason": "分期。"}, {"contract_investment": "7"}
    who, words = "zezhou", path.strip("/").split("/")
    first, last = words[0], words[-1]
    match first, last:
        case "signings", "signings":
            return who, path, lead()
        case "promotions", "promotions":
            body = {"title": fresh(), "place": "深圳", "outside_city": True, "held_on": day}
            return who, path, body
        case "promotions", _:
            body = {"title": fresh(), "place": "深圳", "outside_city": True, "held_on": day}
            made = await office.ask(who, "POST", "/promotions", body, Idempotency_Key=key())
            return who, f"/promotions/{made.json()['promotion_id']}/withdraw", reason
        case "projects", _:
            place = f"/projects/{(await office.pooled())['project_id']}/tags"
            body = {"tag": "PPP", "from_on": "2019-04-22"}
            await office.ask("shichushen", "POST", place, body, Idempotency_Key=key())
            return "shichushen", f"{place}/PPP/end", {**reason, "until_on": "2019-04-22"}
    place = await (signed if last in {"amend", "unlink"} else registered)(office)
    if method == "put":
        return who, place, {**lead(), **reason}
    bodies: dict[str, dict[str, Any]] = {
        "negotiation": {"begun_on": day},
        "framework": {"signed_on": day, "intended_investment": "7"},
        "contract": {"signed_on": day, "contract_number": "1", **money},
        "amend": {"amended_on": day, **money, **reason},
        "transfer": {"to_org": "JC-GP", **reason},
        "end": {"ended_on": day, **reason},
    }
    if last == "unlink":
        link = {"project_id": (await office.pooled())["project_id"]}
        await office.ask(who, "POST", f"{place}/link", link, Idempotency_Key=key())
        return who, f"{place}/unlink", {**link, **reason}
    return "qianyue" if last == "transfer" else who, f"{place}/{last}", bodies[last]


def put(body: dict[str, Any], field: str, text: str) -> str:
    """Put a text into a field; give the field's name as a refusal says it."""
    if field == "remarks.text":
        body["remarks"] = [{"field": "name", "text": text}]
        return "remarks.0.text"
    if field == "document_number" and "opinion" in body:
        body["verdict"] = "PASS"
    top, _, part = field.partition(".")
    if top == "parts":
        body[top] = [form()]
        del body[top][0]["contact"]
        return f"parts.0.{put(body[top][0], part, text)}"
    if top in _ROWS:
        body[top] = [{**_ROWS[top], part: text}]
        return f"{top}.0.{part}"
    if part:
        body[top] = {**body[top], part: text}
    else:
        body[top] = text
    return field


@pytest.mark.parametrize(("route", "field"), TRIED, ids=str)
async def test_a_field_of_free_text_refuses_it_and_is_named(
    office: Office, route: str, field: str
) -> None:
    for text in TELLING:
        who, path, body = await standing(office, route)
        named = put(body, field, text)
        method = route.split(maxsplit=1)[0]
        answer = await office.ask(who, method, path, body, Idempotency_Key=key())
        if path == "/check":
            told = {(one["field"], one["rule"]) for one in answer.json()["errors"]}
        elif path.startswith("/reviews/"):
            (refused,) = answer.json()["refused"]
            assert refused["why"].startswith("审核意见里有"), refused
            continue
        else:
            told = set(problems(answer))
        named = f"contact.{named}" if path.endswith("/contact") else named
        assert {(named, rule) for rule in TOLD} & told, (text, answer.text)


async def test_the_name_of_a_file_refuses_it_too(office: Office) -> None:
    answer = await office.http.post(
        "/workbooks",
        data={"not_secret": "true"},
        files={"file": ("张三13903560088.xlsx", sheet({"name": "某项目"}))},
        headers={"Authorization": "Bearer zezhou"},
    )
    assert problems(answer) == [("file", "personal_data")]


async def test_a_cell_of_a_workbook_refuses_it_at_its_column(office: Office) -> None:
    report = (await upload(office, sheet({"name": fresh(), "remarks": "请拨 13903560088"}))).json()
    rows = (await office.ask("zezhou", "GET", f"/workbooks/{report['upload_id']}/rows")).json()
    assert [(one["key"], one["rule"]) for one in rows[0]["problems"]] == [
        ("remarks", "personal_data")
    ]

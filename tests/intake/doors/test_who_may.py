"""Who may ask what: no token 401, not for this role 403, out of sight 404, on every route."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.intake.main import SERVICE
from shared.service import web_app
from shared.settings import Settings
from tests.intake.doors.office import Office, form, key, problems

VERDICT = {"verdict": "PASS", "on_revision": 1}
MANY = {"projects": [{"project_id": str(uuid4()), "on_revision": 1}], "verdict": "PASS"}
SIGNING = {
    "title": "光机电产业园",
    "investor": "深圳市光启精密有限公司",
    "investor_place": "广东省深圳市",
    "not_secret": True,
}
OPENING_ROW = {**form(), "owner": "JC-ZZ", "pool": "PLAN", "entered_on": "2018-05-01"}
BODIES: dict[tuple[str, str], Any] = {
    ("post", "/projects"): form(),
    ("post", "/check"): form(),
    ("put", "/projects/{project_id}"): form(),
    ("post", "/projects/{project_id}/discard"): {},
    ("post", "/projects/{project_id}/report"): {"not_secret": True},
    ("get", "/projects/{project_id}/moves"): None,
    ("post", "/projects/{project_id}/moves"): {"transition": "TX1", "reason": "误报"},
    ("post", "/projects/{project_id}/withdraw"): {"reason": "投资额有变化"},
    ("post", "/projects/{project_id}/first-review"): VERDICT,
    ("post", "/projects/{project_id}/final-review"): VERDICT,
    ("get", "/projects/{project_id}"): None,
    ("get", "/projects/{project_id}/contact"): None,
    ("put", "/projects/{project_id}/contact"): {"name": "张三", "phone": "0356-2198345"},
    ("post", "/projects/{project_id}/contact/reading"): {"purpose": "REACH"},
    ("get", "/contact-reads"): None,
    ("get", "/erasures"): None,
    ("post", "/erasures/search"): {"name": "张三", "phone": "0356-2198345"},
    ("post", "/erasures"): {
        "name": "张三",
        "phone": "0356-2198345",
        "contacts": 1,
        "uploads": 0,
        "reason": "UNLAWFUL",
        "document_number": "1",
    },
    ("post", "/reviews/first"): MANY,
    ("post", "/reviews/final"): MANY,
    ("get", "/duplicates"): None,
    ("get", "/projects/{project_id}/duplicates"): None,
    ("post", "/projects/{project_id}/duplicates"): {
        "other_id": str(uuid4()),
        "on_revision": 1,
        "other_revision": 1,
        "same": False,
        "reason": "地块不同。",
    },
    ("post", "/projects/{project_id}/corrections"): {
        **{column: value for column, value in form().items() if column != "contact"},
        "not_secret": True,
        "reason": "填错",
    },
    ("post", "/projects/{project_id}/take"): {},
    ("post", "/projects/{project_id}/hand-over"): {"handed_to": "nobody", "reason": "出差"},
    ("get", "/recounts"): None,
    ("post", "/opening"): {"as_of": "2019-03-31", "not_secret": True, "rows": [OPENING_ROW]},
    ("post", "/report-months/{month}/nothing-new"): {},
    ("post", "/report-months/{month}/nothing-new/withdraw"): {},
    ("get", "/projects/{project_id}/progress"): None,
    ("get", "/projects/{project_id}/progress/{month}"): None,
    ("post", "/projects/{project_id}/progress/{month}"): {},
    ("post", "/projects/{project_id}/opening"): {
        "as_of": "2019-03-31",
        "invested_in_all": "1",
        "invested_this_year": "1",
    },
    ("post", "/projects/{project_id}/works"): {"what": "STARTED", "happened_on": "2019-04-20"},
    ("post", "/projects/{project_id}/works/rectify"): {
        "what": "STARTED",
        "was_on": "2019-04-20",
        "reason": "日期抄错",
    },
    ("get", "/progress/{month}/workbook"): None,
    ("post", "/progress/{month}/workbook"): b"no workbook",
    ("get", "/progress/{month}/workbook/{sha256}"): None,
    ("get", "/progress/{month}/workbook/{sha256}/marked"): None,
    ("post", "/progress/{month}/workbook/{sha256}/take"): {},
    ("post", "/files"): b"no file",
    ("get", "/projects/{project_id}/files/{sha256}"): None,
    ("post", "/projects/{project_id}/tags"): {"tag": "PPP", "from_on": "2019-04-22"},
    ("post", "/projects/{project_id}/tags/{tag}/end"): {
        "until_on": "2019-04-22",
        "reason": "退出",
    },
    ("post", "/signings"): SIGNING,
    ("get", "/signings/{signing_id}"): None,
    ("put", "/signings/{signing_id}"): {**SIGNING, "reason": "名称录错"},
    ("post", "/signings/{signing_id}/negotiation"): {"begun_on": "2019-04-22"},
    ("post", "/signings/{signing_id}/framework"): {
        "signed_on": "2019-04-22",
        "intended_investment": "1",
    },
    ("post", "/signings/{signing_id}/contract"): {
        "signed_on": "2019-04-22",
        "contract_number": "1",
        "contract_investment": "1",
    },
    ("post", "/signings/{signing_id}/amend"): {
        "amended_on": "2019-04-22",
        "contract_investment": "1",
        "reason": "分期",
    },
    ("post", "/signings/{signing_id}/link"): {"project_id": str(uuid4())},
    ("post", "/signings/{signing_id}/unlink"): {"project_id": str(uuid4()), "reason": "错了"},
    ("post", "/signings/{signing_id}/transfer"): {"to_org": "JC-GP", "reason": "落户高平"},
    ("post", "/signings/{signing_id}/end"): {"ended_on": "2019-04-22", "reason": "放弃"},
    ("get", "/signings/{signing_id}/files/{sha256}"): None,
    ("post", "/promotions"): {
        "title": "推介会",
        "place": "深圳",
        "outside_city": True,
        "held_on": "2019-04-22",
    },
    ("post", "/promotions/{promotion_id}/withdraw"): {"reason": "重复"},
    ("get", "/workbooks/template"): None,
    ("post", "/workbooks"): b"no workbook",
    ("get", "/workbooks"): None,
    ("get", "/workbooks/{upload_id}"): None,
    ("get", "/workbooks/{upload_id}/rows"): None,
    ("get", "/workbooks/{upload_id}/marked"): None,
    ("post", "/workbooks/{upload_id}/accept"): {"mode": "valid"},
}


async def ask(office: Office, who: str | None, route: tuple[str, str], **headers: str) -> Any:
    """Ask on a route with ids of nothing; an upload goes as a form with a file."""
    path = route[1]
    for name in ("{project_id}", "{upload_id}", "{signing_id}", "{promotion_id}"):
        path = path.replace(name, str(uuid4()))
    path = path.replace("{month}", "2018-12").replace("{sha256}", "0" * 64)
    path = path.replace("{tag}", "PPP")
    body = BODIES[route]
    if not isinstance(body, bytes):
        return await office.ask(who, route[0], path, body, **headers)
    bearer = {"Authorization": f"Bearer {who}"} if who else {}
    return await office.http.post(
        path,
        data={"not_secret": "true"},
        files={"file": ("附件1.xlsx", body)},
        headers={**bearer, **headers},
    )


def described() -> list[tuple[str, str]]:
    """Every route that the service describes; a new one fails here until it is thought of."""
    settings = Settings(home=Path("no home"))
    paths = web_app(SERVICE, settings).openapi()["paths"]
    return [(method, path) for path, methods in paths.items() for method in methods]


ROUTES = described()
OF_ONE_PROJECT = [route for route in ROUTES if "{project_id}" in route[1]]


def asked_by_its_own_role(route: tuple[str, str]) -> tuple[str, ...]:
    """Accounts that may do this act in general, but not with another unit's draft."""
    match route[1].rpartition("/")[2]:
        case "first-review" | "duplicates" | "tags" | "end":
            return ("shichushen",)
        case "take" | "hand-over":
            return ("shichushen", "shengshenhe")
        case "final-review":
            return ("shengshenhe",)
        case "moves" if route[0] == "post":
            return ("gaoping", "jiaoyu", "lanhua")
        case "contact" | "{project_id}" | "reading" | "moves" if route[0] != "put":
            return ("gaoping", "jiaoyu", "lanhua", "shichushen", "shengshenhe", "lingdaozu")
        case _:
            return ("gaoping", "jiaoyu", "lanhua")


def test_every_route_is_thought_of() -> None:
    assert sorted(ROUTES) == sorted(BODIES)


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
async def test_without_a_token_nothing_is_answered(office: Office, route: tuple[str, str]) -> None:
    for headers in ({}, {"Authorization": "Bearer nobody"}, {"Authorization": "Basic emV6aG91"}):
        answer = await ask(office, None, route, **headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("route", OF_ONE_PROJECT, ids=" ".join)
async def test_another_units_draft_looks_absent(office: Office, route: tuple[str, str]) -> None:
    there = (await office.begin())["project_id"]
    gone = await office.begin()
    await office.carry_out("zezhou", gone, "discard")
    nowhere = str(uuid4())
    for who in asked_by_its_own_role(route):
        for condition in ({}, {"If_Match": '"99"'}, {"If_Match": '"1"'}):
            answers = []
            for project_id in (nowhere, there, gone["project_id"]):
                path = route[1].replace("{project_id}", project_id).replace("{sha256}", "0" * 64)
                path = path.replace("{month}", "2019-04").replace("{tag}", "PPP")
                answer = await office.ask(
                    who, route[0], path, BODIES[route], Idempotency_Key=key(), **condition
                )
                document = {**answer.json(), "instance": ""}
                answers.append((answer.status_code, document))
            assert answers[0][0] == 404, (who, answers)
            assert answers == [answers[0]] * 3, who


# For whoever erases nothing these are not there: tests/intake/doors/test_erasures.py.
@pytest.mark.parametrize(
    "route",
    [r for r in ROUTES if r[0] != "get" and not r[1].startswith("/erasures")],
    ids=" ".join,
)
@pytest.mark.parametrize(
    "who",
    ["zezhou", "jiaoyu", "lanhua", "shichushen", "shengshenhe", "tongji", "lingdaozu", "admin"],
)
async def test_an_act_is_for_the_roles_whose_duty_it_is(
    office: Office, route: tuple[str, str], who: str
) -> None:
    duty = {
        "first-review": {"shichushen"},
        "duplicates": {"shichushen"},
        "tags": {"shichushen"},
        "end": {"shichushen"},
        "take": {"shichushen", "shengshenhe"},
        "hand-over": {"shichushen", "shengshenhe"},
        "first": {"shichushen"},
        "final-review": {"shengshenhe"},
        "final": {"shengshenhe"},
    }.get(route[1].rpartition("/")[2], {"zezhou", "jiaoyu", "lanhua"})
    if route[1].startswith("/progress"):
        duty = {"zezhou", "jiaoyu", "lanhua"}
    if route[1] == "/files":
        duty = {"zezhou", "jiaoyu", "lanhua", "shichushen", "shengshenhe"}
    if route[1].startswith(("/signings", "/promotions")):
        duty = {"zezhou"}
    if route[1] == "/opening":
        duty = {"shichushen", "admin"}
    if route[1].endswith("/reading"):
        # Who may read it depends on the dossier, which is not there.
        duty = {who}
    headers = {} if isinstance(BODIES[route], bytes) else {"Idempotency_Key": key()}
    answer = await ask(office, who, route, **headers)
    assert (answer.status_code == 403) == (who not in duty), answer.text
    if answer.status_code == 403:
        assert answer.json()["code"] == "not_allowed"
        assert "你的角色不能" in answer.json()["detail"]


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
@pytest.mark.parametrize("who", ["zezhou", "shichushen", "shengshenhe"])
async def test_a_machine_account_does_and_reads_nothing_that_it_was_not_given(
    office: Office, route: tuple[str, str], who: str
) -> None:
    everything_else = "report+first_review+final_review" if route[0] == "get" else "read"
    headers = {} if isinstance(BODIES[route], bytes) else {"Idempotency_Key": key()}
    answer = await ask(office, f"{who}+{everything_else}", route, **headers)
    # Before whom nothing is there, for whom the act is not; or there is no such project.
    absent = "erasures" in route[1] or route[1].endswith("/contact/reading")
    told = (404, "not_found") if absent and route[0] != "get" else (403, "not_allowed")
    assert (answer.status_code, answer.json()["code"]) == told


async def test_a_machine_account_is_told_whom_to_call_only_where_it_was_given_to_ask(
    office: Office,
) -> None:
    path = f"/projects/{(await office.begin())['project_id']}/contact/reading"
    for scopes, status in (("read+report", 403), ("read_personal_data", 200)):
        who = f"zezhou+{scopes}"
        answer = await office.ask(who, "POST", path, {"purpose": "REACH"}, Idempotency_Key=key())
        assert answer.status_code == status, answer.text


CLAIMED = {"org": "JC-GP", "owner_org": "JC-GP", "account": "account-gaoping", "role": "admin"}


async def test_who_acts_is_what_the_token_says_whatever_the_address_claims(office: Office) -> None:
    claims = "&".join(f"{name}={value}" for name, value in CLAIMED.items())
    headers = {f"X_{name.title()}": value for name, value in CLAIMED.items() if "_" not in name}
    answer = await office.ask(
        "zezhou", "POST", f"/projects?{claims}", form(), Idempotency_Key=key(), **headers
    )
    ((envelope, drafted), *_) = await office.facts(answer.json()["project_id"])
    told = (envelope["actoraccount"], envelope["actorrole"], envelope["actororg"])
    assert told == ("account-zezhou", "county_reporter", "JC-ZZ")
    assert drafted["owner_org"] == "JC-ZZ"


@pytest.mark.parametrize("name", [*CLAIMED, "actor", "on_behalf_of", "by"])
async def test_who_acts_is_not_said_in_a_body(office: Office, name: str) -> None:
    for route in ROUTES:
        body = BODIES[route]
        if not isinstance(body, dict):
            continue
        path = route[1].replace("{project_id}", str(uuid4())).replace("{month}", "2019-04")
        path = path.replace("{tag}", "PPP")
        path = path.replace("{upload_id}", str(uuid4()))
        claiming = {**body, name: "JC-GP"}
        # To everybody else it is not there.
        who = "admin" if path.startswith("/erasures") else "zezhou"
        answer = await office.ask(who, route[0], path, claiming, Idempotency_Key=key())
        assert answer.status_code == 422, (route, answer.text)
        assert (name, "extra_forbidden") in problems(answer), route


async def test_a_reported_project_is_seen_by_its_unit_and_the_city_alone(office: Office) -> None:
    project = await office.begin(report=True)
    path = f"/projects/{project['project_id']}"
    for who, status in {
        "zezhou": 200,
        "shichushen": 200,
        "gaoping": 404,
        "shengshenhe": 404,
        "jiaoyu": 404,
        "zhongdian": 404,
        "admin": 404,
    }.items():
        assert (await office.ask(who, "GET", path)).status_code == status, who


async def test_a_pooled_project_is_seen_by_the_offices_and_on_its_own_ground(
    office: Office,
) -> None:
    project = await office.pooled("jiaoyu")
    path = f"/projects/{project['project_id']}"
    for who, status in {
        "jiaoyu": 200,
        "zezhou": 200,
        "gaoping": 404,
        "keji": 404,
        "shengshenhe": 200,
        "zhongdian": 200,
        "lingdaozu": 200,
        "baolian": 404,
        "admin": 404,
    }.items():
        assert (await office.ask(who, "GET", path)).status_code == status, who


async def test_a_project_in_a_zone_is_seen_by_the_zone_once_it_is_pooled(office: Office) -> None:
    place = {"region": "140525", "address": "金匠园区", "zone_id": "Z-JC"}
    draft = await office.begin("zezhou", location=place)
    pooled = await office.pooled("zezhou", location=place)
    for project, status in ((draft, 404), (pooled, 200)):
        answer = await office.ask("kaifaqu", "GET", f"/projects/{project['project_id']}")
        assert answer.status_code == status


async def test_unknown_addresses_and_methods_are_refused_in_chinese(office: Office) -> None:
    nowhere = await office.ask("zezhou", "GET", "/nowhere")
    assert (nowhere.status_code, nowhere.json()["detail"]) == (404, "没有这个地址。")
    deleted = await office.ask("zezhou", "DELETE", f"/projects/{uuid4()}")
    assert (deleted.status_code, deleted.json()["detail"]) == (405, "这个地址不接受这种请求方式。")

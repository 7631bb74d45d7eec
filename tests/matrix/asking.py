"""How each route is asked: all the routes there are, and a body that each would take.

Whoever may carry a command out does so on a version long gone (``If-Match``), so that nothing
moves while the matrix is asked; who may not is told so before that.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast
from unittest.mock import Mock
from uuid import uuid4

from fastapi.routing import APIRoute
from pydantic import BaseModel

from contracts import writing
from services.console.doors.http import _PAGES
from services.console.pages.frame import Site
from shared.service import web_app
from shared.settings import Settings
from shared.viewing import door
from tests.intake.doors.office import form

NOWHERE = "00000000-0000-4000-8000-000000000000"
STALE = "99"


class Route(NamedTuple):
    """One way to ask a service, with the query parameters that it knows."""

    service: str
    method: str
    path: str
    queries: tuple[str, ...] = ()

    @property
    def is_page(self) -> bool:
        """True of what a browser asks for, with a cookie in place of a token."""
        return self.service == "console" and not self.path.startswith(door.PREFIX)

    def __str__(self) -> str:
        """Give the name by which the table knows it."""
        return " ".join(self[:3])


def routes() -> tuple[Route, ...]:
    """Give every route: from the documents, what stands in none from the services themselves."""
    return (*_described(), *_undescribed(), *_paged(), *_viewed())


def _described() -> Iterator[Route]:
    for service in writing.WITH_API:
        document = json.loads((writing.ROOT / "openapi" / f"{service}.json").read_text("utf-8"))
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                parameters = operation.get("parameters", ())
                queries = (one["name"] for one in parameters if one["in"] == "query")
                yield Route(service, method.upper(), path, tuple(queries))


def _undescribed() -> Iterator[Route]:
    """Give the pages of a service with a document; probes are the same in every process."""
    known = {str(route) for route in _described()}
    for service in writing.WITH_API:
        app = web_app(writing.services()[service], Settings(home=Path("no home")))
        for route in _routes_of(service, app.routes):
            if str(route) not in known and route.path not in {"/livez", "/readyz", "/metrics"}:
                yield route


def _paged() -> Iterator[Route]:
    # Only the addresses are read off; nothing behind them is touched.
    site = cast("Site", Mock())
    for page in _PAGES:
        yield from _routes_of("console", page.pages(site).routes)


def _viewed() -> Iterator[Route]:
    for service in ("console", "intake"):
        yield from _routes_of(service, door.routes(cast("door.Stores", Mock())).routes, door.PREFIX)


def _routes_of(service: str, found: Any, prefix: str = "") -> Iterator[Route]:
    for route in found:
        if isinstance(route, APIRoute):
            path, queries = prefix + route.path, tuple(_queries(route))
            yield from (Route(service, method, path, queries) for method in route.methods or ())


def _queries(route: APIRoute) -> Iterator[str]:
    """Name the query parameters; those of a model are its fields."""
    for parameter in route.dependant.query_params:
        kind = parameter.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from kind.model_fields
        else:
            yield parameter.name


_REASON = {"reason": "岗位调整"}
_POST = {"role": "dept_reporter", "organisation": "D-EDU"}
_SCOPES = {"scopes": ["read"]}
MACHINE = {**_POST, **_SCOPES, "name": "项目平台", "purpose": "推送项目"}
_DAY = {"valid_from": "2019-05-01"}
_YEAR: dict[str, Any] = {"holidays": [], "make_up_days": []}
_SIGNING = {
    "title": "光机电产业园",
    "investor": "深圳市光启精密有限公司",
    "investor_place": "广东省深圳市",
    "not_secret": True,
}
_CONTRACT = {"signed_on": "2019-04-22", "contract_number": "1", "contract_investment": "1"}
_VERDICT = {"verdict": "PASS", "on_revision": 9}
_FACT = {"view": "four_pools", "stream": "project-1", "version": 1}

_WHY = {**_REASON, "basis": "行政许可法第三十八条"}
_OF_ITEM = "approval_tracking POST /plans/{project_id}/items/{item}"

BODIES: Mapping[str, Any] = {
    "approval_tracking POST /plans/{project_id}/circumstances": {
        **_REASON,
        "management": "FILING",
        "flow": "SY",
        "land_mode": "GRANTED",
    },
    "approval_tracking POST /plans/{project_id}/agent": {"agent": "nobody", "agent_org": "D-ASP"},
    "approval_tracking POST /plans/{project_id}/agent/release": _REASON,
    f"{_OF_ITEM}/ask-corrections": {"corrections": ["缺附图"]},
    **dict.fromkeys(
        (f"{_OF_ITEM}/{act}" for act in ("decline", "refuse", "revoke", "waive")), _WHY
    ),
    f"{_OF_ITEM}/pause": {**_REASON, "procedure": "HEARING", "expected_days": 10},
    f"{_OF_ITEM}/extend": {**_REASON, "length": 10, "approver": "局长办公会"},
    f"{_OF_ITEM}/check-commitment": {"kept": True, "findings": "已兑现"},
    f"{_OF_ITEM}/withdraw": _REASON,
    f"{_OF_ITEM}/rectify": {**_REASON, "granted_on": "2019-04-22"},
    f"{_OF_ITEM}/hand-over": {**_REASON, "officer": "nobody"},
    f"{_OF_ITEM}/transfer": {**_REASON, "handling": "JC-GP"},
    "approval_tracking POST /desk/hand-over": {
        **_REASON,
        "items": [{"project_id": NOWHERE, "item": "A01"}],
    },
    "approval_tracking POST /calendar/years/{year}/check": {**_YEAR, "act": "publish"},
    "approval_tracking POST /calendar/years/{year}/estimate": _YEAR,
    "approval_tracking POST /calendar/years/{year}/publish": _YEAR,
    "approval_tracking POST /calendar/years/{year}/revise": _YEAR,
    # A row that says nothing is wrong in every column, and nothing comes of it.
    "approval_tracking POST /results": {"rows": [{}]},
    "approval_tracking POST /results/{result_id}/match": {
        "project_code": "2019-140525-34-03-777777",
        "item": "A01",
    },
    "approval_tracking POST /results/{result_id}/dismiss": _REASON,
    "identity POST /accounts": {**_POST, "username": "xinren", "name": "新来的"},
    "identity POST /accounts/{account}/assign": _POST,
    "identity POST /accounts/{account}/close": _REASON,
    "identity POST /accounts/{account}/disable": _REASON,
    "identity POST /accounts/{account}/substitutes": {
        **_DAY,
        "valid_to": "2019-05-02",
        "substitute": "zezhou",
    },
    "identity POST /machines": MACHINE,
    "identity POST /machines/{machine}/close": _REASON,
    "identity POST /machines/{machine}/disable": _REASON,
    "identity POST /machines/{machine}/scopes": _SCOPES,
    "identity POST /organisations": {
        **_DAY,
        "organisation_id": "D-NEW",
        "name": "新设局",
        "short_name": "新设局",
        "organisation_kind": "department",
        "path": "direct",
    },
    "identity POST /organisations/{organisation}/end": {"valid_to": "2019-05-02"},
    "identity POST /organisations/{organisation}/rename": {
        **_DAY,
        "name": "新名称",
        "short_name": "新名",
    },
    "identity POST /own/password": {"password": "不是密码", "new_password": "也不是密码"},
    "identity POST /token": {"grant_type": "session", "session": "nobodys", "audience": "intake"},
    "intake POST /projects/{project_id}/final-review": _VERDICT,
    "intake POST /projects/{project_id}/first-review": _VERDICT,
    "intake POST /projects/{project_id}/duplicates": {
        "other_id": NOWHERE,
        "on_revision": 9,
        "other_revision": 9,
        "same": False,
        "reason": "地块不同。",
    },
    "intake POST /projects/{project_id}/hand-over": {"handed_to": "nobody", "reason": "出差"},
    "intake POST /projects/{project_id}/report": {"not_secret": True},
    "intake POST /projects/{project_id}/corrections": {"name": "换一个名称", **_REASON},
    "intake POST /projects/{project_id}/moves": {"transition": "TX1", "reason": "误报"},
    "intake POST /projects/{project_id}/withdraw": {"reason": "投资额有变化"},
    "intake POST /workbooks/{upload_id}/accept": {"mode": "all"},
    "intake POST /projects/{project_id}/tags": {"tag": "PPP", "from_on": "2019-04-22"},
    "intake POST /projects/{project_id}/tags/{tag}/end": {**_REASON, "until_on": "2019-04-22"},
    "intake POST /signings": _SIGNING,
    "intake PUT /signings/{signing_id}": {**_SIGNING, **_REASON},
    "intake POST /signings/{signing_id}/negotiation": {"begun_on": "2019-04-22"},
    "intake POST /signings/{signing_id}/framework": {
        "signed_on": "2019-04-22",
        "intended_investment": "1",
    },
    "intake POST /signings/{signing_id}/contract": _CONTRACT,
    "intake POST /signings/{signing_id}/amend": {
        **_REASON,
        "amended_on": "2019-04-22",
        "contract_investment": "1",
    },
    "intake POST /signings/{signing_id}/link": {"project_id": NOWHERE},
    "intake POST /signings/{signing_id}/unlink": {**_REASON, "project_id": NOWHERE},
    "intake POST /signings/{signing_id}/transfer": {**_REASON, "to_org": "JC-GP"},
    "intake POST /signings/{signing_id}/end": {**_REASON, "ended_on": "2019-04-22"},
    "intake POST /promotions": {
        "title": "推介会",
        "place": "深圳",
        "outside_city": True,
        "held_on": "2019-04-22",
    },
    "intake POST /promotions/{promotion_id}/withdraw": _REASON,
    # Nobody has declared it not to be secret, which is told to openers alone.
    "intake POST /opening": {
        "as_of": "2019-03-31",
        "rows": [{"owner": "JC-ZZ", "name": "存量", "pool": "BUILD", "entered_on": "2018-05-01"}],
    },
    "intake POST /projects/{project_id}/opening": {
        "as_of": "2019-03-31",
        "invested_in_all": "1",
        "invested_this_year": "1",
    },
    "intake POST /projects/{project_id}/works": {"what": "STARTED", "happened_on": "2019-04-20"},
    "intake POST /projects/{project_id}/works/rectify": {
        "what": "STARTED",
        "was_on": "2019-04-20",
        "reason": "日期抄错",
    },
    "intake POST /projects/{project_id}/contact/reading": {"purpose": "REACH"},
    "intake POST /viewing/parked/replay": {"view": "open_terms"},
    "intake POST /viewing/parked/discard": {**_FACT, "view": "open_terms", "reason": "不再需要"},
    "console POST /viewing/parked/replay": {"view": "four_pools"},
    "console POST /viewing/parked/discard": {**_FACT, "reason": "不再需要"},
}
_PLACE = "stream=project-1&version=1"
QUERIES: Mapping[str, str] = {
    "console GET /set-aside/fact": f"?service=console&view=four_pools&{_PLACE}",
    "console POST /set-aside/discard": f"?service=console&view=four_pools&{_PLACE}",
    "console GET /viewing/parked/fact": f"?view=four_pools&{_PLACE}",
    **{
        f"console {asked}": "?year=2020"
        for asked in (
            *("GET /calendar/edit", "POST /calendar/edit", "GET /calendar/sheet"),
            "POST /calendar/edit/sheet",
        )
    },
    "intake GET /viewing/parked/fact": f"?view=open_terms&{_PLACE}",
}
_PLACES = {
    "project_id": NOWHERE,
    "upload_id": NOWHERE,
    # The county's own: what it thinks of the risk to the people of the place.
    "item": "A05",
    "signing_id": NOWHERE,
    "promotion_id": NOWHERE,
    "result_id": NOWHERE,
    "work_id": NOWHERE,
    "account": NOWHERE,
    "machine": NOWHERE,
    "substitute": NOWHERE,
    "organisation": "JC-ZZ",
    "unit": "JC-ZZ",
    "code": "K02",
    "tag": "PPP",
    "month": "2019-04",
    "year": "2019",
    "version": "1",
    "sha256": "0" * 64,
    "act": "sign-out",
}


def asked(route: Route, **places: str) -> tuple[str, dict[str, Any]]:
    """Give the address and what goes with it."""
    name, filled = str(route), {**_PLACES, **places}
    if route.path.endswith("/organisations/{unit}/{act}"):
        filled["act"] = "rename"
    if route.path.endswith("/machines/{machine}/{act}"):
        filled["act"] = "revoke"
    if route.path == "/tags/{code}":
        filled["code"] = "PPP"
    if route.path.endswith("/signings/{signing_id}/{act}"):
        filled["act"] = "end"
    if route.path.endswith("/approvals/{item}/{act}"):
        filled["act"] = "receive"
    path = route.path.format(**filled) + QUERIES.get(name, "")
    if route.method == "GET":
        return path, {}
    if route.is_page:
        typed = {"version": STALE, "key": str(uuid4()), "confirmed": "yes", "mode": "all"}
        named = {"name": "换一个名称"} if route.path.endswith(("/edit", "/correct")) else {}
        return path, {"data": {**typed, **named}}
    if name in {
        "intake POST /files",
        "intake POST /progress/{month}/workbook",
        "intake POST /workbooks",
        "approval_tracking POST /calendar/years/{year}/sheet",
        "approval_tracking POST /results/workbook",
        "approval_tracking POST /results/workbook/marked",
    }:
        sent = {"file": ("附件1.xlsx", b"no workbook")}
        return path, {"files": sent, "data": {"not_secret": "true"}}
    body = BODIES.get(name, {})
    if name in {"intake POST /projects", "intake POST /check", "intake PUT /projects/{project_id}"}:
        body = form()
    if name in {"intake POST /reviews/first", "intake POST /reviews/final"}:
        body = {"verdict": "PASS", "projects": [{"project_id": NOWHERE, "on_revision": 9}]}
    headers = {"Idempotency-Key": str(uuid4()), "If-Match": f'"{STALE}"'}
    return path, {"json": body, "headers": headers}

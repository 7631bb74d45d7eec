"""A county's reporter with the documents in hand learns nothing of other units, not even a count.

Whatever can be read is read twice: in a city at work, and in one in which the other units have done
nothing that the county may see. Nobody who asks could tell which of the two it is.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from itertools import chain
from pathlib import Path

import httpx
import pytest
from openpyxl import load_workbook

from deploy.embedded.launcher import Stack
from services.console.pages import frame
from tests.matrix.asking import NOWHERE, Route, asked, routes
from tests.matrix.town import Town, town

WHO = "county_reporter"
# The keys of an issuer are public and each home's own; a way in is drawn by lot.
_LOTS = frozenset({"identity GET /jwks", "console GET /sign-in"})
READ = tuple(one for one in routes() if one.method == "GET" and str(one) not in _LOTS)

# What is otherwise in every answer: ids, digests, the time of day, the nonce of a page.
_OTHERWISE = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{24,}"
    r"|HZ-\d{6}-[0-9A-F]{8}|\d{2}:\d{2}(:\d{2}(\.\d+)?)?|nonce=\"[^\"]+\""
)


def alone(relation: str, state: str) -> bool:
    """Tell what is there in a city in which nothing happened but what the county may see."""
    return relation == "own" or (relation, state) == ("superior", "pooled")


def values(town: Town) -> dict[str, tuple[str, ...]]:
    """Give what is tried for each query parameter: everything that names another unit's things."""
    others = [one for one in town.projects if not alone(one.relation, one.state)]
    words = chain.from_iterable((one.words["name"], one.words["code"]) for one in others)
    written = chain.from_iterable(
        (f"project-{one.project_id}@1", f"project-{one.project_id}@9") for one in others[:3]
    )
    orgs = ("JC-GP", "JC-YC", "D-EDU", "E-LH", "kind:county", "kind:department", "kind:group")
    return {
        "account": ("nobody",),
        "after": (*written, "month-JC-YC-2019-04@1", "month-JC-GP-2019-04@1"),
        "as_of": ("2019-04-22", "2019-04-21"),
        "category": ("EMERGING",),
        "check": ("true",),
        "contact": ("1",),
        "copy": ("1",),
        "export": ("csv", "xlsx", "provincial"),
        "flow": ("GF", "ZD"),
        "item": ("A01", "A05"),
        "least": ("50000",),
        "limit": ("1",),
        "level": ("city", "county", "others", "bodies"),
        "name": (*words, "工程", "sibling"),
        "office": ("all", "D-NRP", "D-ASP"),
        "org": orgs,
        "organisation": orgs,
        "page": ("2", "99"),
        "part": ("new", "stock", "converted", "months_due"),
        "period": ("2019", "2019-04"),
        "pool": ("PLAN", "PREP"),
        "project": tuple(one.project_id for one in others[:2]),
        "q": tuple(one.words["name"] for one in others[:2]),
        "region": ("140581", "140522", "140525", "Z-JC"),
        "reported": ("2019-04",),
        "revision": ("1", "2"),
        "seen": ("1",),
        "show": ("all", "missing", "reported", "wrong", "overdue", "done", "ready"),
        "sort": ("due", "investment", "updated"),
        "stage": ("DRAFT", "SUBMITTED", "CITY_PASSED", "APPROVED"),
        "standing": ("HELD", "ENDED"),
        "matter": ("MOVE", "ADMISSION"),
        "transition": ("T12", "TX5"),
        "state": ("open", "WAITING"),
        "taken": ("mine", "free"),
        "permits": ("going", "ready", "unready"),
        "token": ("0-0",),
        "unit": ("JC-GP", "JC-YC", "Z-GP", "140581", "D-EDU", "E-LH"),
        "view": ("units", "four_pools", "open_terms"),
        **dict.fromkeys(("year", "edition"), ("2019",)),
        # Who comes in and goes out is asked of nobody's projects.
        **dict.fromkeys(
            ("code", "error", "id_token_hint", "iss", "moved", "post_logout_redirect_uri"), ("1",)
        ),
        **dict.fromkeys(("day", "on", "since"), ("2019-04-22",)),
        **dict.fromkeys(
            ("hours", "next", "reason", "role", "rows", "service", "stream", "version", "what"),
            ("1",),
        ),
    }


def addresses(at_work: Town) -> list[tuple[Route, str]]:
    """Give every address that the reporter could think of, knowing the ids of others."""
    tried, found = values(at_work), []
    for route in READ:
        named = tuple(_places(route, at_work))
        for number, places in enumerate(named):
            path, _ = asked(route, **places)
            found.append((route, path))
            mark = "&" if "?" in path else "?"
            # One of another's and one's own are asked for in every way, the rest plainly.
            for query in route.queries if number in {0, len(named) - 1} else ():
                found += [(route, f"{path}{mark}{query}={value}") for value in tried[query]]
    return found


def _places(route: Route, at_work: Town) -> Iterator[dict[str, str]]:
    if "{project_id}" in route.path:
        yield from ({"project_id": one.project_id} for one in at_work.projects)
    elif "{upload_id}" in route.path:
        yield from (
            {"upload_id": one.upload_id} for one in at_work.uploads if one.relation != "own"
        )
        yield {"upload_id": "{own upload}"}
    elif "{month}" in route.path:
        yield from ({"month": month} for month in ("2019-04", "2019-03"))
    elif "{code}" in route.path:
        yield from ({"code": code} for code in ("G01", "G03", "G06", "K02", "K09"))
    elif "{account}" in route.path:
        yield {"account": NOWHERE}
    else:
        yield {}


async def ask(there: Town, browser: httpx.AsyncClient, route: Route, path: str) -> httpx.Response:
    """Ask, as the reporter, for an address."""
    (own,) = (one for one in there.uploads if one.relation == "own")
    path = path.replace("{own upload}", own.upload_id)
    if route.is_page:
        return await browser.get(path)
    token = f"console:{WHO}" if route.service == "console" else there.token(WHO)
    http = there.services.get(route.service, browser)
    return await http.get(path, headers={"Authorization": f"Bearer {token}"})


def told(answer: httpx.Response) -> tuple[int, str, str]:
    """Give what an answer says: status, where it leads, the body without what always differs."""
    stale, leads = answer.headers.get("siku-stale", ""), answer.headers.get("location", "")
    if answer.headers.get("content-type", "").startswith("application/vnd"):
        return answer.status_code, stale, _OTHERWISE.sub("…", _cells(answer.content))
    return answer.status_code, stale + leads, _OTHERWISE.sub("…", answer.text)


def _cells(workbook: bytes) -> str:
    return "\n".join(
        " ".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row)
        for sheet in load_workbook(BytesIO(workbook)).worksheets
    )


async def test_a_reporter_cannot_tell_whether_other_units_have_done_anything(
    servers: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame, "PATIENCE", 0.0)
    answers: list[list[tuple[int, str, str]]] = []
    tried: list[tuple[Route, str]] = []
    for name, there in (("at-work", lambda *_: True), ("alone", alone)):
        (tmp_path / name).mkdir()
        with pytest.MonkeyPatch.context() as patch:
            async with (
                town(servers, tmp_path / name, patch, there) as settled,
                settled.city.browser(WHO) as browser,
            ):
                tried = tried or addresses(settled)
                answers.append(
                    [told(await ask(settled, browser, route, path)) for route, path in tried]
                )
    at_work, by_itself = answers
    differ = [
        f"{route.service} {path}: {one[:2]} {other[:2]}\n{_first_difference(one[2], other[2])}"
        for (route, path), one, other in zip(tried, at_work, by_itself, strict=True)
        if one != other
    ]
    assert sum(status == 200 for status, *_ in at_work) > len(READ)
    assert differ == [], f"{len(differ)} of {len(tried)}"


def _first_difference(one: str, other: str) -> str:
    place = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    return (
        f"  {one[max(0, place - 60) : place + 80]!r}\n  {other[max(0, place - 60) : place + 80]!r}"
    )

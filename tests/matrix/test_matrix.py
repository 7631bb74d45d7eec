"""Every route x every role x every unit's projects: who is answered what, and never more."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.matrix.asking import Route, asked, routes
from tests.matrix.expecting import NOBODY, table
from tests.matrix.town import ROLES, Project, Town, Upload

ROUTES = routes()
WHO = (*ROLES, NOBODY)


@dataclass
class Tally:
    """What was asked and answered, for the line at the end."""

    asked: int = 0
    seen: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Askers:
    """Everybody with his token and his browser."""

    settled: Town
    tokens: dict[str, str]
    browsers: dict[str, httpx.AsyncClient]

    async def ask(self, role: str, route: Route, **places: str) -> httpx.Response:
        """Ask one route as somebody."""
        there = {"account": self.settled.accounts["approver"], "machine": self.settled.machine}
        path, what = asked(route, **{**there, **places})
        if route.is_page:
            return await self.browsers[role].request(route.method, path, **what)
        headers: dict[str, Any] = what.pop("headers", {})
        if role != NOBODY:
            token = f"console:{role}" if route.service == "console" else self.tokens[role]
            headers["Authorization"] = f"Bearer {token}"
        http = self.settled.services.get(route.service, self.browsers[NOBODY])
        return await http.request(route.method, path, headers=headers, **what)


@pytest.fixture(scope="module")
async def askers(settled: Town) -> AsyncIterator[Askers]:
    """Let everybody sign in."""
    async with AsyncExitStack() as stack:
        browsers = {
            role: await stack.enter_async_context(
                settled.city.browser("" if role == NOBODY else role)
            )
            for role in WHO
        }
        yield Askers(settled, {role: settled.token(role) for role in ROLES}, browsers)


def named(route: Route, settled: Town) -> Sequence[tuple[dict[str, str], Project | Upload | None]]:
    """Give what an address can name: every project, every upload, or nothing of the kind."""
    if "{project_id}" in route.path:
        return [({"project_id": one.project_id}, one) for one in settled.projects]
    if "{upload_id}" in route.path:
        return [({"upload_id": one.upload_id}, one) for one in settled.uploads]
    return [({}, None)]


def hidden_from(role: str, settled: Town) -> frozenset[str]:
    """Give every word that may stand in no body for this role."""
    everything: list[Project | Upload] = [*settled.projects, *settled.uploads]
    return frozenset(word for what in everything for word in table().hidden(role, what))


def test_every_route_is_in_the_table_and_the_table_names_no_other() -> None:
    known = set(table().routes)
    there = {str(route) for route in ROUTES}
    assert there - known == set(), "classify these in tests/matrix/expected.toml"
    assert known - there == set(), "these are gone: take them out of tests/matrix/expected.toml"


def test_every_kind_is_of_use_and_every_role_is_judged() -> None:
    assert {kind for kind, _ in table().routes.values()} == set(table().kinds)
    assert set(table().sees) == set(ROLES)


@pytest.mark.parametrize("role", ROLES)
async def test_lists_and_counts_hold_what_the_role_sees(askers: Askers, role: str) -> None:
    seen = [one for one in askers.settled.projects if table().seen(role, one)]
    listed = (await askers.browsers[role].get("/projects")).text
    assert [one for one in askers.settled.projects if one.words["name"] in listed] == seen
    if seen:
        assert f"合计 {len(seen)} 项" in listed
    board = (await askers.browsers[role].get("/board")).text
    pooled = sum(one.state == "pooled" for one in seen)
    assert board.count(f">{pooled}</a>") > 0 or not pooled


async def test_every_role_is_answered_as_the_table_says_and_told_nothing_else(
    askers: Askers, record_property: Any
) -> None:
    settled, tally = askers.settled, Tally()
    hidden = {role: hidden_from(role, settled) for role in WHO}
    # Whoever signs out is asked nothing more.
    for route in sorted(ROUTES, key=lambda route: "sign-out" in route.path):
        for role in WHO:
            things = named(route, settled)
            answers = await asyncio.gather(
                *(askers.ask(role, route, **places) for places, _ in things)
            )
            for (places, what), answer in zip(things, answers, strict=True):
                expected = table().status(route, role, what)
                about = f"{role}: {route} {what and (what.relation, getattr(what, 'state', ''))}"
                tally.asked += 1
                tally.seen += answer.is_success
                if answer.status_code != expected:
                    tally.wrong.append(f"{about} {answer.status_code}, not {expected}")
                # An address that was asked for stands in the answer, whatever lies behind it.
                words, text = hidden[role] - set(places.values()), answer.text
                words -= table().asked_for(route, role, what)
                if table().names_ids(route, role):
                    words -= {one.project_id for one in settled.projects}
                tally.wrong += [f"{about} tells {word!r}" for word in words if word in text]
    size = (
        f"{len(ROUTES)} routes x {len(WHO)} roles x {len(settled.projects)} projects and"
        f" {len(settled.uploads)} uploads: {tally.asked} requests, {tally.seen} answered with"
        f" content, {len(tally.wrong)} wrong"
    )
    record_property("matrix", size)
    assert tally.wrong == []

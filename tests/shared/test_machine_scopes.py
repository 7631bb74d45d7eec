"""A machine account does what its role may do and it was given; without a word for it, nothing."""

from pathlib import Path
from typing import Annotated, get_args

import httpx
import pytest
from fastapi import Depends, FastAPI

from contracts import reference
from shared.scope import Act, acts_of, may
from shared.service import Runtime, Service, web_app
from shared.settings import Settings
from shared.tokens import READ, Actor, actor_of
from tests.shared.test_tokens import Publisher, new_key, signed

ACTS: tuple[Act, ...] = get_args(Act)


def machine(*scopes: str, role: str = "county_reporter") -> Actor:
    return Actor("machine", "系统", role, "JC-ZZ", "泽州县", scopes=frozenset(scopes))


@pytest.mark.parametrize("role", [role.code for role in reference.roles()])
def test_an_act_needs_the_role_and_the_scope(role: str) -> None:
    for act in ACTS:
        assert may(machine(act, role=role), act) == (act in acts_of(role))
        assert not may(machine(READ, *(other for other in ACTS if other != act), role=role), act)
        assert may(Actor("person", "", role, "JC-ZZ", ""), act) == (act in acts_of(role))


@pytest.mark.parametrize(
    ("claim", "scopes"),
    [
        (None, None),
        ("report read", {"report", "read"}),
        ("", set()),
        (["report"], set()),
        (True, set()),
    ],
)
async def test_what_a_token_says_of_scopes_limits_and_nonsense_gives_none(
    claim: object, scopes: set[str] | None
) -> None:
    issuer = Publisher(new_key("one"))
    actor = await issuer.verifier().verify(signed(issuer.key, scope=claim))
    assert actor.scopes == (None if scopes is None else frozenset(scopes))


def doors(app: FastAPI, _: Runtime) -> None:
    @app.get("/rows")
    async def rows(actor: Annotated[Actor, Depends(actor_of)]) -> str:
        return actor.org

    @app.post("/rows")
    async def make(actor: Annotated[Actor, Depends(actor_of)]) -> bool:
        return may(actor, "report")


@pytest.mark.parametrize(
    ("scope", "reading", "reporting"),
    [(None, 200, "true"), ("report read", 200, "true"), ("read", 200, "false"),
     ("report", 403, "true"), ("", 403, "false"), ("READ", 403, "false")],
)  # fmt: skip
async def test_without_the_scope_to_read_nothing_is_read(
    tmp_path: Path, scope: str | None, reading: int, reporting: str
) -> None:
    issuer = Publisher(new_key("one"))
    app = web_app(Service("test", "试", doors), Settings(home=tmp_path))
    app.state.runtime.tokens = issuer.verifier()
    headers = {"Authorization": f"Bearer {signed(issuer.key, scope=scope)}"}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        for method in ("GET", "HEAD"):
            answer = await http.request(method, "/rows", headers=headers)
            assert answer.status_code in {reading, 405}, method
        assert (await http.get("/rows", headers=headers)).status_code == reading
        assert (await http.post("/rows", headers=headers)).text == reporting

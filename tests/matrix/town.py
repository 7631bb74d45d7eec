"""The services with a project of every relation in every state, and somebody of every role.

Everybody sits in the same county, so that what differs between two askers is their role alone.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import orjson
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from contracts import approval_tracking, intake, reference, writing
from contracts.envelope import Envelope
from deploy.embedded.launcher import Stack
from deploy.stack import role_of
from services.approval_tracking.views import planned_projects
from services.approval_tracking.wiring import VIEWS as APPROVAL_VIEWS
from services.console.views.units import UNITS
from services.console.wiring import VIEWS
from services.intake.views import permits
from shared.clock import DEMONSTRATION_START, open_home
from shared.journal import open_pool
from shared.migrating import migrate, trees_of
from shared.relay import headers_of
from shared.service import web_app
from shared.settings import Settings
from shared.tokens import Actor
from shared.viewing import Record, View, ViewStore
from tests.approval_tracking.doors.approvals import PUBLIC, drawn_up
from tests.console.builders import read_to_the_end
from tests.console.city import ACTORS, City, StandInOffice, StandInVerifier, sit_down, stand
from tests.intake.doors.office import form
from tests.intake.workbook.files import cells, sheet, table
from tests.matrix.asking import MACHINE
from tests.shared.reading import opened
from tests.shared.test_tokens import Publisher, new_key, signed
from tests.shared.told_units import SEEDS, hear_units, hear_what_it_stands_on

ORG = "JC-ZZ"
ROLES = tuple(role.code for role in reference.roles())
STATES = ("draft", "reported", "pooled")
OWNERS = {
    "sibling": ("JC-GP", "county_reporter", "140581"),
    # A bureau of the city, with its project on our ground.
    "superior": ("D-EDU", "dept_reporter", "140525"),
    "foreign": ("E-LH", "enterprise", "140522"),
    "own": ("JC-ZZ", "county_reporter", "140525"),
}
"""Whose a project is, seen from the county in which everybody sits: unit, reporter, place."""


There = Callable[[str, str], bool]
"""Tells whether something of a relation, in a state, is in the town."""


@dataclass(frozen=True)
class Project:
    """A project and the words by which it would be known in a body."""

    relation: str
    state: str
    project_id: str
    words: Mapping[str, str]
    wan: int

    @property
    def traces(self) -> frozenset[str]:
        """What must not occur where the project is not to be seen."""
        return frozenset({self.project_id, *self.words.values(), f"{self.wan:,}"})

    @property
    def fields(self) -> Mapping[str, frozenset[str]]:
        """What must not occur where the project is seen, but not this field of it."""
        return {
            "contact": frozenset({self.words["person"], self.words["phone"]}),
            "review_comments": frozenset({self.words["opinion"]}),
        }


@dataclass(frozen=True)
class Upload:
    """A workbook that a unit sent in; every row of it is wrong, so nothing is ever taken in."""

    relation: str
    upload_id: str
    receipt: str
    file_name: str

    @property
    def traces(self) -> frozenset[str]:
        """What must not occur where the upload is not to be seen."""
        return frozenset({self.upload_id, self.receipt, self.file_name.removesuffix(".xlsx")})


class Tokens:
    """Believes what a test issuer signed, and the stand-in tokens of the console's sessions."""

    def __init__(self, issuer: Publisher) -> None:
        """Bind to the issuer."""
        self._signed, self._stand_in = issuer.verifier(), StandInVerifier()
        self.issuer = self._signed.issuer

    async def verify(self, token: str) -> Actor:
        """Give the actor."""
        return await (self._stand_in if ":" in token else self._signed).verify(token)


@dataclass
class Town:
    """The services at work, and what they hold."""

    services: dict[str, httpx.AsyncClient]
    city: City
    issuer: Publisher
    projects: list[Project] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)
    accounts: dict[str, str] = field(default_factory=dict)
    machine: str = ""

    def token(self, role: str, org: str = ORG, account: str = "") -> str:
        """Sign a token as identity would."""
        who = {"sub": account or self.accounts[role], "role": role}
        return signed(self.issuer.key, None, **who, org=org, org_name=org)

    async def ask(self, service: str, method: str, path: str, **what: Any) -> httpx.Response:
        """Ask a service."""
        return await self.services[service].request(method, path, **what)

    async def carry_out(
        self, role: str, org: str, method: str, path: str, key: str = "", **what: Any
    ) -> Any:
        """Ask intake for something that it does not refuse, as an account of its own."""
        headers = {"Authorization": f"Bearer {self.token(role, org, f'{role}-{org}')}"}
        if key:
            headers["Idempotency-Key"] = key
        answer = await self.ask("intake", method, path, headers=headers, **what)
        assert answer.is_success, answer.text
        return answer.json()

    async def settle(self, there: There) -> None:
        """Let every unit have a project in every state, and an upload; not all may be there.

        Whatever is there is the same, ids and all, whether other things are there or not.
        """
        wan = 41_000
        for relation, (org, role, region) in OWNERS.items():
            for state in STATES:
                wan += 1_237
                if there(relation, state):
                    project = await self._project(relation, state, org, role, region, wan)
                    self.projects.append(project)
            if not there(relation, "upload"):
                continue
            name = f"上传自{relation}的表.xlsx"
            data = sheet(table(cells(name="", total_investment="很多")))
            shown = await self.carry_out(
                role,
                org,
                "POST",
                "/workbooks",
                data={"not_secret": "true"},
                files={"file": (name, data)},
            )
            self.uploads.append(Upload(relation, shown["upload_id"], shown["receipt"], name))
        if there("sibling", "nothing new"):
            path = "/report-months/2019-04/nothing-new"
            await self.carry_out("county_reporter", "JC-YC", "POST", path, "month", json={})

    async def _project(
        self, relation: str, state: str, org: str, role: str, region: str, wan: int
    ) -> Project:
        number = wan % 97
        words = {
            "name": f"{relation}{state}工程",
            "content": f"新建第{wan}号厂房",
            "code": f"2019-140525-45-03-{100_000 + number}",
            "builder": f"{relation}{state}开发公司",
            "phone": f"0356-2198{300 + number}",
            "person": "张王李赵陈刘黄周吴徐孙马"[wan // 1_237 % 12] + "例示",
            "opinion": f"对{wan}号的意见",
        }
        body = form(
            name=words["name"],
            content=words["content"],
            project_code=words["code"],
            builder={"name": words["builder"]},
            contact={"name": words["person"], "phone": words["phone"]},
            location={"region": region, "address": "示例地块"},
            total_investment=f"{wan}.00",
            funding=[{"source": "SELF_RAISED", "amount": f"{wan}.00"}],
        )
        if state != "draft":
            body |= {"accepted_hints": []}
        report = "?report=true" if state != "draft" else ""
        path, key = f"/projects{report}", f"{relation}-{state}"
        begun = await self.carry_out(role, org, "POST", path, key, json=body)
        project_id = begun["project_id"]
        if state == "pooled":
            judged = {"verdict": "PASS", "on_revision": 1, "opinion": words["opinion"]}
            for reviewer, unit, act in (
                ("city_reviewer", "D-DRC", "first-review"),
                ("prov_reviewer", "SX-DRC", "final-review"),
            ):
                path = f"/projects/{project_id}/{act}"
                await self.carry_out(reviewer, unit, "POST", path, f"{key}-{act}", json=judged)
        return Project(relation, state, project_id, words, wan)


@asynccontextmanager
async def town(
    servers: Stack, home: Path, patch: pytest.MonkeyPatch, there: There = lambda *_: True
) -> AsyncIterator[Town]:
    """Open the services on databases of their own, settle the town, and let the console hear."""
    issuer = Publisher(new_key("one"))
    async with AsyncExitStack() as open_doors:
        services, pools, apps = {}, {}, {}
        for name in (*writing.WITH_API, "console"):
            (home / name).mkdir()
        for name in writing.WITH_API:
            app = await open_doors.enter_async_context(_service(servers, home / name, name))
            app.state.runtime.tokens = Tokens(issuer)
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            services[name] = await open_doors.enter_async_context(
                httpx.AsyncClient(transport=transport, base_url=f"http://{name}")
            )
            pools[name], apps[name] = app.state.runtime.pool, app
            await hear_what_it_stands_on(pools[name], writing.services()[name].stands_on)
        pool = await open_pool(await _database(servers, "console"))
        open_doors.push_async_callback(pool.close)
        for view in VIEWS:
            await ViewStore(pool, view).open()
        accounts = await _accounts(pools["identity"])
        for role, account in accounts.items():
            patch.setitem(ACTORS, role, Actor(account, role, role, ORG, "泽州县人民政府"))
        await hear_units(pool, UNITS.view, *SEEDS, after=())
        await sit_down(pool)
        city = stand(pool, home / "console", DEMONSTRATION_START)
        for stand_in, name in (
            (city.intake, "intake"),
            (city.desk, "identity"),
            (city.approvals, "approval_tracking"),
        ):
            _connect(stand_in, services[name], patch)
        settled = Town(services, city, issuer, accounts=accounts)
        await settled.settle(there)
        settled.machine = await _machine(settled)
        told = await _told(pools["intake"], intake.TOPIC)
        await _hear(told, pools["approval_tracking"], (planned_projects.VIEW,))
        await _draw_up(apps["approval_tracking"], settled.projects)
        told |= await _told(pools["approval_tracking"], approval_tracking.TOPIC)
        await _hear(told, pools["approval_tracking"], APPROVAL_VIEWS)
        await _hear(told, pools["intake"], (permits.VIEW,))
        await _hear(told, pool, VIEWS)
        await read_to_the_end(pool)
        # However long asking takes, the views do not come to stand still meanwhile.
        await pool.execute("update viewing.offsets set current_at = now() + interval '1 hour'")
        yield settled


async def _database(servers: Stack, service: str) -> str:
    name = f"test_matrix_{service}_{uuid4().hex[:8]}"
    admin = await asyncpg.connect(servers.admin_database_url())
    await admin.execute(f"create database {name}")
    await admin.close()
    owner = await asyncpg.connect(servers.place.database_url(servers.place.admin, name))
    await migrate(owner, trees_of(service), role_of(service))
    await owner.close()
    return servers.place.database_url(role_of(service), name)


@asynccontextmanager
async def _service(servers: Stack, home: Path, service: str) -> AsyncIterator[FastAPI]:
    open_home(home, real=False)
    address = SecretStr(await _database(servers, service))
    app = web_app(
        writing.services()[service],
        Settings(home=home, database_url=address, reads_a_minute=0, writes_a_minute=0),
    )
    async with app.router.lifespan_context(app):
        yield app


async def _accounts(identity: asyncpg.Pool) -> dict[str, str]:
    """Give an account of every role, so that identity knows whoever asks."""
    rows = await identity.fetch("select username, account from identity.accounts")
    known = {row["username"]: str(row["account"]) for row in rows}
    return {one.role: known[one.username] for one in reference.example_accounts()}


async def _machine(settled: Town) -> str:
    """Open a machine account, so that there is one to ask about."""
    headers = {"Authorization": f"Bearer {settled.token('admin')}", "Idempotency-Key": "machine"}
    path = "/machines"
    answer = await settled.ask("identity", "POST", path, headers=headers, json=MACHINE)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["machine"])


def _connect(
    stand_in: StandInOffice, service: httpx.AsyncClient, patch: pytest.MonkeyPatch
) -> None:
    """Put the real service where the console's tests have somebody who stands in for it."""

    async def ask(request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(host=service.base_url.host)
        return await service.send(request)

    patch.setattr(stand_in, "otherwise", ask, raising=False)


async def _draw_up(app: FastAPI, projects: Sequence[Project]) -> None:
    """Draw a plan up for every project of a pool, with an item of the county on whose ground it is.

    In 谋划库 none would be yet; who sees what of it is the same in every pool.
    """
    runtime = app.state.runtime
    for one in projects:
        if one.state == "pooled":
            project_id = UUID(one.project_id)
            heard = await planned_projects.planned(runtime.pool, project_id)
            assert heard is not None
            await drawn_up(runtime, project_id, heard.project, PUBLIC)


Records = Sequence[tuple[Envelope, bytes]]


async def _told(journal: asyncpg.Pool, topic: str) -> dict[str, Records]:
    """Give what a service has told on its topic, in the order of its journal."""
    rows = await journal.fetch(
        "select envelope, payload from journal.events order by recorded, stream, version"
    )
    return {
        topic: [
            (Envelope.model_validate(orjson.loads(row["envelope"])), row["payload"]) for row in rows
        ]
    }


async def _hear(told: Mapping[str, Records], pool: asyncpg.Pool, views: Sequence[View]) -> None:
    """Let views hear what was told on their topics; what they have heard before they drop."""
    for view in views:
        reading = await opened(pool, view)
        for owner in view.owners:
            for position, (envelope, payload) in enumerate(told.get(owner.topic, ()), start=1):
                # A view that ignores a fact still follows its stream.
                if envelope.type in owner.kinds or envelope.type in owner.ignored:
                    headers = headers_of(envelope.model_dump(), position, b"\1" * 32)
                    key = envelope.partitionkey.encode()
                    await reading.take(Record(owner.topic, 0, 0, key, [*headers], payload))

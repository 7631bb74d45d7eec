"""Whom to call about a project: masked to all, whole on demand and noted; named by its unit."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import FastAPI, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.intake.adapters.contacts import Read, find_contact, masked, note_reads, unmasked
from services.intake.doors.forms import Body, ContactForm
from services.intake.doors.http import Asks, Door, Who, demand_act
from services.intake.dossier import row_of
from services.intake.policies import form_of
from services.intake.project import decider as project_room
from services.intake.project.commands import NameContact
from services.intake.project.rules import Contact
from shared.clock import SHANGHAI
from shared.commanding import Asking
from shared.deciding import new_id
from shared.journal import digest
from shared.refusals import NotAllowed, NotFound, Refusal
from shared.scope import PROJECT_SCOPES, may
from shared.service import Runtime
from shared.tokens import Actor

PAGE = 100


class ContactErased(Refusal):
    """Name and telephone were deleted because the person asked."""

    code = "contact_erased"
    status = 410
    title = "已按个人要求删除"


class ReadingForm(Body):
    """显示联系方式: what it is needed for, 联系负责人 or 核对填报."""

    purpose: Literal["REACH", "VERIFY"]


class AskedReads(BaseModel):
    """Which reads are looked for: by whom, from which unit, of which project, on which day."""

    model_config = ConfigDict(extra="forbid")

    account: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=50)] = []
    org: Annotated[str, Field(max_length=16)] = ""
    project: UUID | None = None
    day: date | None = None
    page: Annotated[int, Field(ge=1, le=10_000)] = 1


def contact_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add the routes of contacts."""
    door = _Contacts(runtime)

    @app.get("/projects/{project_id}/contact", tags=["contact"], summary="负责人和电话，隐去中段")
    async def contact(actor: Who, project_id: UUID) -> dict[str, Any]:
        return await door.shown(actor, project_id)

    @app.put("/projects/{project_id}/contact", tags=["contact"], summary="更换联系人")
    async def name(ask: Asks, project_id: UUID, body: ContactForm) -> Response:
        return await door.name(ask, project_id, body)

    @app.post(
        "/projects/{project_id}/contact/reading",
        tags=["contact"],
        summary="显示联系方式（留查阅记录）",
    )
    async def read(ask: Asks, project_id: UUID, body: ReadingForm) -> Response:
        return await door.read(ask, project_id, body)

    @app.get("/contact-reads", tags=["contact"], summary="查阅记录")
    async def reads(actor: Who, asked: Annotated[AskedReads, Query()]) -> Response:
        return await door.reads(actor, asked)


class _Contacts(Door):
    """What the routes of contacts share."""

    async def shown(self, actor: Actor, project_id: UUID) -> dict[str, Any]:
        """Give the contact masked, and whether this account may read it whole."""
        project, contact, may_read = await self._of(actor, project_id)
        if contact is None and not _gone(project):
            raise NotFound("这个项目没有填写负责人。")
        shown = masked(contact) if contact else Contact("", "")
        return {
            "name": shown.name,
            "phone": shown.phone,
            "erased": contact is None,
            "may_read": may_read and contact is not None,
        }

    async def read(self, ask: Asking, project_id: UUID, body: ReadingForm) -> Response:
        """Give the contact whole; who reads it is noted before."""
        project, contact, may_read = await self._of(ask.actor, project_id)
        if not may_read:
            raise NotAllowed("你的角色不能查看联系方式：只给填报单位，以及手上正在审核它的人看。")
        if contact is None:
            if _gone(project):
                raise ContactErased("联系人信息已按个人要求删除。请填报单位重新登记联系人。")
            raise NotFound("这个项目没有填写负责人。")
        read = Read(project.owner_org, body.purpose, project_id, project.facts.contact_id)
        await note_reads(self._runtime.pool, ask, [read])
        return _document({"name": contact.name, "phone": contact.phone})

    async def name(self, ask: Asking, project_id: UUID, body: ContactForm) -> Response:
        """Name another contact; left as it was shown it stays the same one."""
        demand_act(ask.actor, "report")
        _, dossier = await self.visible(ask.actor, project_id)
        who = await self.by(ask)
        project = project_room.owned(dossier.project, who)
        known = await find_contact(self._runtime.pool, project.facts.contact_id)
        contact = unmasked(Contact(body.name, body.phone), known) or Contact("", "")
        kept = project.facts.contact_id if contact == known else None
        contact_id = kept or new_id()
        command = NameContact(
            project_id=project_id,
            by=who,
            contact_id=contact_id,
            form=form_of(self._runtime.clock.today(), contact),
        )
        return await self.handle(
            # A body as short as this could be guessed from its hash, which is kept for good.
            ask.spelled(digest(f"contact {project_id} {masked(contact)}".encode())),
            project_id,
            [command],
            "project",
            also=None if kept else self.keeping(contact_id, contact, project_id, ask),
        )

    async def reads(self, actor: Actor, asked: AskedReads) -> Response:
        """Give who read what, the last first: all to the administrator, to a unit its own."""
        if not (may(actor, "administer") or may(actor, "report")):
            raise NotFound("没有这个地址。")
        first = None
        if asked.day is not None:
            first = datetime(asked.day.year, asked.day.month, asked.day.day, tzinfo=SHANGHAI)
        rows = await self._runtime.pool.fetch(
            "select * from contacts.reads"
            " where (cardinality($1::text[]) = 0 or owner_org = any($1))"
            " and (cardinality($2::text[]) = 0 or account = any($2)) and ($3 = '' or org = $3)"
            " and ($4::uuid is null or project_id = $4)"
            " and ($5::timestamptz is null or (at >= $5 and at < $6))"
            " order by at desc, account limit $7 offset $8",
            () if may(actor, "administer") else (await self.reader(actor)).own("org"),
            asked.account,
            asked.org,
            asked.project,
            first,
            first and first + timedelta(days=1),
            PAGE + 1,
            (asked.page - 1) * PAGE,
        )
        return _document({"rows": [_line(row) for row in rows[:PAGE]], "more": len(rows) > PAGE})

    async def _of(
        self, actor: Actor, project_id: UUID
    ) -> tuple[project_room.Dossier, Contact | None, bool]:
        _, dossier = await self.visible(actor, project_id)
        project = project_room.owned_by_anybody(dossier.project)
        contact = await find_contact(self._runtime.pool, project.facts.contact_id)
        whole, row = PROJECT_SCOPES.shown_to(await self.reader(actor), "contact"), row_of(dossier)
        may_read = may(actor, "read_personal_data") and row is not None and whole.holds(row)
        return project, contact, may_read


def _gone(project: project_room.Dossier) -> bool:
    """Tell whether somebody was named of whom nothing is kept any more."""
    return project.contact_erased or project.facts.contact_id is not None


def _line(row: Any) -> dict[str, Any]:
    at = row["at"].astimezone(SHANGHAI).isoformat(timespec="seconds")
    return {**row, "at": at}


def _document(body: dict[str, Any]) -> Response:
    """Answer with a document that nobody keeps."""
    return Response(
        orjson.dumps(body, default=str),
        media_type="application/json",
        headers={"Cache-Control": "no-store"},
    )

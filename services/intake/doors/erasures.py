"""个人信息删除: the administrator looks a person up, sees how much is kept, and has it erased."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID, uuid5

import orjson
from fastapi import Depends, FastAPI, Response
from pydantic import BeforeValidator, StringConstraints

from contracts.erasing import ErasureReason
from services.intake.adapters.contacts import Read, find_contact, note_reads
from services.intake.adapters.erasing import (
    CONTACT,
    UPLOAD,
    Kept,
    erase,
    find_kept,
    things,
)
from services.intake.doors.forms import Body, Code, Line
from services.intake.dossier import DOSSIER, stream_of
from services.intake.project import decider as project_room
from services.intake.project.rules import Contact, unfit_text
from shared.clock import SHANGHAI
from shared.commanding import Asking, asking, key_required
from shared.erasing import Erasure
from shared.refusals import NotFound, Problem, Refusal, UnreadableInput
from shared.scope import may
from shared.service import Runtime
from shared.tokens import Actor, actor_of

ERASURES = UUID("0d5b0c1e-5b0e-5f0a-8c55-7f1f7f0f2a31")
"""The name space in which a command's id names the erasure that it asks for."""

LISTED = 200


def eraser(actor: Annotated[Actor, Depends(actor_of)]) -> Actor:
    """FastAPI dependency: whoever erases personal data; for all others nothing is here.

    Raises:
        NotFound: the role erases nothing.
    """
    if not may(actor, "erase_personal_data"):
        raise NotFound("没有这个地址。")
    return actor


def ordering(
    asked: Annotated[Asking, Depends(asking)], _: Annotated[Actor, Depends(eraser)]
) -> Asking:
    """FastAPI dependency: a command of whoever erases."""
    return asked


Eraser = Annotated[Actor, Depends(eraser)]
Order = Annotated[Asking, Depends(ordering)]


class PersonForm(Body):
    """Whose: exact name and telephone, or one contact id that leads to both."""

    name: Line = ""
    phone: Code = ""
    contact_id: Annotated[UUID | None, BeforeValidator(lambda value: value or None)] = None


class ErasureForm(PersonForm):
    """删除: how much the administrator saw, why, and under which document."""

    contacts: int
    uploads: int
    reason: ErasureReason
    document_number: Annotated[
        str,
        StringConstraints(min_length=1, max_length=100, strip_whitespace=True),
    ]


class MoreWasFound(Refusal):
    """What is kept is not what was seen any more."""

    code = "more_was_found"
    title = "没有删除"


class RowsAreTakenIn(Refusal):
    """Rows that name the person are being taken in just now."""

    code = "rows_are_taken_in"
    title = "没有删除"


def erasure_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add the routes of erasing."""
    door = _Erasures(runtime)

    @app.post("/erasures/search", tags=["erasure"], summary="查找一个人的信息，不删除")
    async def search(ask: Order, body: PersonForm) -> Response:
        return await door.search(ask, body)

    @app.post("/erasures", tags=["erasure"], summary="按个人要求删除")
    async def erase_person(ask: Order, body: ErasureForm) -> Response:
        return await door.erase(ask, body)

    @app.get("/erasures", tags=["erasure"], summary="办过的删除")
    async def done(_: Eraser) -> Response:
        return await door.done()


class _Erasures:
    """What the routes share."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def search(self, ask: Asking, body: PersonForm) -> Response:
        """Say how much is kept; that somebody looked is noted."""
        kept = await find_kept(self._runtime, await self._person(body))
        await note_reads(self._runtime.pool, ask, await self._reads(kept))
        return _document(
            {
                "contacts": len(kept.contacts),
                "projects": len(kept.projects),
                "uploads": len(kept.uploads),
            }
        )

    async def erase(self, ask: Asking, body: ErasureForm) -> Response:
        """Put what is kept on the list, then erase by the list; once, however often it is sent."""
        erasure_id = uuid5(ERASURES, key_required(ask))
        erasure = await self._runtime.erasures.find(erasure_id)
        if erasure is None:
            erasure = await self._list(ask, body, erasure_id)
        await erase(self._runtime, erasure)
        return _document(
            {
                "erasure_id": str(erasure_id),
                "contacts": len(erasure.ids(CONTACT)),
                "uploads": len(erasure.ids(UPLOAD)),
            }
        )

    async def _list(self, ask: Asking, body: ErasureForm, erasure_id: UUID) -> Erasure:
        person = await self._person(body)
        _refuse_telling(body.document_number, person)
        kept = await find_kept(self._runtime, person)
        if kept.running:
            raise RowsAreTakenIn("有一份含此人的表格正在接收，请等它办完再删除。")
        if not kept.contacts and not kept.uploads:
            raise NotFound("没有查到此人的信息：姓名和电话要与登记的完全一致；也可能已经删除。")
        if (len(kept.contacts), len(kept.uploads)) != (body.contacts, body.uploads):
            raise MoreWasFound(
                f"现在查到 {len(kept.contacts)} 条联系人、{len(kept.uploads)} 份表格，"
                "与确认时看到的不同。请重新查找，看过再删除。"
            )
        erasure = Erasure(
            erasure_id=erasure_id,
            at=datetime.now(UTC),
            account=ask.actor.account,
            role=ask.actor.role,
            org=ask.actor.org,
            reason=body.reason.value,
            document_number=body.document_number,
            things=things(kept),
        )
        await self._runtime.erasures.add(erasure)
        return erasure

    async def done(self) -> Response:
        """Give the erasures that were carried out, the last first."""
        rows = await self._runtime.pool.fetch(
            "select * from contacts.erasures order by at desc limit $1", LISTED
        )
        return _document(
            {
                "rows": [
                    {**row, "at": row["at"].astimezone(SHANGHAI).isoformat(timespec="seconds")}
                    for row in rows
                ]
            }
        )

    async def _person(self, body: PersonForm) -> Contact:
        if body.contact_id is not None:
            found = await find_contact(self._runtime.pool, body.contact_id)
            if found is None:
                raise NotFound("没有这个联系人编号，或已经删除。")
            return found
        missing = [
            Problem(f"contact.{part}", label, "required", f"{label}没有填写。", "请照登记的填。")
            for part, label, value in (
                ("name", "姓名", body.name),
                ("phone", "电话", body.phone),
            )
            if not value
        ]
        if missing:
            raise UnreadableInput("请填姓名和电话，或只填联系人编号。", errors=missing)
        return Contact(body.name, body.phone)

    async def _reads(self, kept: Kept) -> list[Read]:
        histories = await self._runtime.journal.load_many(
            [stream_of(project) for project in kept.projects]
        )
        reads = []
        for contact, project in kept.contacts:
            dossier = DOSSIER.fold(histories[stream_of(project)].payloads).project
            owner = "" if isinstance(dossier, project_room.NotBegun) else dossier.owner_org
            reads.append(Read(owner, "ERASURE", project, contact))
        return reads


def _refuse_telling(document_number: str, person: Contact) -> None:
    """Refuse a document number that would keep what is to be erased."""
    problems = [finding.problem for finding in unfit_text("document_number", document_number)]
    if person.name in document_number:
        problems.append(
            Problem(
                *("document_number", "文号", "personal_data"),
                *("文号里有这个人的姓名。", "请只写文号，文号与删除记录一起长期保存。"),
            )
        )
    if problems:
        raise UnreadableInput("文号填写有误。", errors=problems)


def _document(body: dict[str, Any]) -> Response:
    """Answer with a document that nobody keeps."""
    return Response(
        orjson.dumps(body, default=str),
        media_type="application/json",
        headers={"Cache-Control": "no-store"},
    )

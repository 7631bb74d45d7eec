"""Erases what is kept about a person: contacts, and the uploaded workbooks that speak of him."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from contracts.erasing import ErasureReason
from services.intake.dossier import DOSSIER, Dossier, DossierCommand, DossierEvent, stream_of
from services.intake.project.commands import By, EraseContact
from services.intake.project.rules import Contact
from services.intake.workbook.mentioning import mentions
from shared.deciding import Ask, Cause, handle_many
from shared.erasing import Erasure, Thing
from shared.files import FileDamaged, FileExpired
from shared.journal import MOST_STREAMS
from shared.postgres import Connection
from shared.refusals import Refusal
from shared.service import Runtime

CONTACT, UPLOAD, FILE = "contact", "upload", "file"


@dataclass(frozen=True)
class Kept:
    """What is kept about a person: contact ids with their projects, uploads with their files."""

    contacts: tuple[tuple[UUID, UUID], ...] = ()
    uploads: tuple[tuple[UUID, tuple[str, ...]], ...] = ()
    running: bool = False

    @property
    def projects(self) -> frozenset[UUID]:
        """The projects whose contact he is, or was in an earlier edition."""
        return frozenset(project for _, project in self.contacts)


async def find_kept(runtime: Runtime, person: Contact) -> Kept:
    """Find everything that is kept about a person, by exact name and telephone.

    ``running`` says that rows of one of the uploads are being taken in just now.
    """
    digits = "".join(filter(str.isdigit, person.phone))
    rows = await runtime.pool.fetch(
        "select contact_id, project_id from contacts.contacts where name = $1"
        " and regexp_replace(phone, '[^0-9]', '', 'g') = $2 order by recorded, contact_id",
        person.name,
        digits,
    )
    uploads: dict[UUID, tuple[str, ...]] = {}
    running = False
    for row in await runtime.pool.fetch(
        "select upload_id, org, state, file_sha256, check_sha256, marked_sha256"
        " from workbook.uploads where not erased order by uploaded_at"
    ):
        if await _speaks_of(runtime, row, person):
            hashes = (row["file_sha256"], row["check_sha256"], row["marked_sha256"])
            uploads[row["upload_id"]] = tuple(filter(None, hashes))
            running = running or row["state"] == "accepting"
    return Kept(
        tuple((row["contact_id"], row["project_id"]) for row in rows),
        tuple(uploads.items()),
        running,
    )


async def _speaks_of(runtime: Runtime, row: asyncpg.Record, person: Contact) -> bool:
    for sha256 in (row["file_sha256"], row["check_sha256"]):
        try:
            data = await runtime.files.read(sha256, row["org"], runtime.clock.now())
        except (FileExpired, FileDamaged):
            continue
        if await asyncio.to_thread(mentions, data, person):
            return True
    return False


def things(kept: Kept) -> tuple[Thing, ...]:
    """Give what was found as it stands on the list of erasures."""
    return (
        *(Thing(what=CONTACT, id=str(one), of=str(project)) for one, project in kept.contacts),
        *(Thing(what=UPLOAD, id=str(upload)) for upload, _ in kept.uploads),
        *(Thing(what=FILE, id=sha256) for _, hashes in kept.uploads for sha256 in hashes),
    )


async def erase_listed(runtime: Runtime) -> None:
    """Erase whatever stands on the list; what is gone already is left in peace.

    Raises:
        ErasuresDamaged: the list cannot be read.
        Refusal: a project kept moving; asking again is safe.
    """
    for erasure in await runtime.erasures.all():
        await erase(runtime, erasure)


async def erase(runtime: Runtime, erasure: Erasure) -> None:
    """Erase what one request names, and tell it in the streams of the projects.

    Of each project the contacts go in the transaction of the fact. What is cut off here goes on
    with the next call.

    Raises:
        Refusal: a project kept moving; asking again is safe.
    """
    for sha256 in erasure.ids(FILE):
        await runtime.files.erase(sha256)
    await runtime.pool.execute(
        "update workbook.uploads set erased = true"
        " where upload_id = any($1::uuid[]) and not erased",
        erasure.ids(UPLOAD),
    )
    there = {
        str(row["contact_id"])
        for row in await runtime.pool.fetch(
            "select contact_id from contacts.contacts where contact_id = any($1::uuid[])",
            erasure.ids(CONTACT),
        )
    }
    by_project: dict[str, list[str]] = {}
    for thing in erasure.things:
        if thing.what == CONTACT:
            by_project.setdefault(thing.of, []).append(thing.id)
    asks = [_ask(erasure, UUID(project), ids, there) for project, ids in by_project.items()]
    for begin in range(0, len(asks), MOST_STREAMS):
        for outcome in await handle_many(
            runtime.journal, DOSSIER, asks[begin : begin + MOST_STREAMS], _cause(runtime, erasure)
        ):
            if isinstance(outcome, Refusal):
                raise outcome
    await _note(runtime.pool, erasure, len(by_project))


def _ask(
    erasure: Erasure, project_id: UUID, contact_ids: Sequence[str], there: set[str]
) -> Ask[Sequence[DossierCommand], Dossier, DossierEvent]:
    return Ask(
        stream_of(project_id),
        str(project_id),
        tuple(
            EraseContact(
                project_id=project_id,
                by=By(account=erasure.account, org=erasure.org),
                contact_id=UUID(contact_id),
                reason=ErasureReason(erasure.reason),
            )
            for contact_id in contact_ids
        ),
        lambda wrote: wrote.token.encode(),
        also=_deleting([one for one in contact_ids if one in there]),
    )


def _deleting(contact_ids: Sequence[str]) -> Callable[[Connection], Awaitable[None]] | None:
    if not contact_ids:
        return None

    async def delete(connection: Connection) -> None:
        await connection.execute(
            "delete from contacts.contacts where contact_id = any($1::uuid[])", contact_ids
        )

    return delete


def _cause(runtime: Runtime, erasure: Erasure) -> Cause:
    correlation = str(erasure.erasure_id)
    return Cause(
        account=erasure.account,
        role=erasure.role,
        org=erasure.org,
        now=runtime.clock.now(),
        correlation_id=correlation,
        causation_id=correlation,
    )


async def _note(pool: asyncpg.Pool, erasure: Erasure, projects: int) -> None:
    await pool.execute(
        "insert into contacts.erasures values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        " on conflict do nothing",
        erasure.erasure_id,
        erasure.at,
        erasure.account,
        erasure.role,
        erasure.org,
        erasure.reason,
        erasure.document_number,
        len(erasure.ids(CONTACT)),
        projects,
        len(erasure.ids(UPLOAD)),
    )

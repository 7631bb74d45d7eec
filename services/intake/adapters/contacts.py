"""The responsible officers' names and telephones, behind the contact ids that facts carry.

Everybody is shown them masked. Whoever may read one whole asks for it, and is noted.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import asyncpg

from services.intake.project.rules import Contact
from shared.commanding import Asking
from shared.postgres import Connection

Purpose = Literal["REACH", "VERIFY", "MARKED_FILE", "ERASURE"]


@dataclass(frozen=True)
class Read:
    """What of whose is read, and for what."""

    owner_org: str
    purpose: Purpose
    project_id: UUID | None = None
    contact_id: UUID | None = None
    upload_id: UUID | None = None


async def find_contact(pool: asyncpg.Pool, contact_id: UUID | None) -> Contact | None:
    """Give a contact, or None when there is none (any more)."""
    if contact_id is None:
        return None
    row = await pool.fetchrow(
        "select name, phone from contacts.contacts where contact_id = $1", contact_id
    )
    return None if row is None else Contact(row["name"], row["phone"])


async def find_contacts(
    pool: asyncpg.Pool, contact_ids: Iterable[UUID | None]
) -> dict[UUID, Contact]:
    """Give those of the contacts that are there."""
    wanted = [contact_id for contact_id in contact_ids if contact_id is not None]
    rows = await pool.fetch(
        "select contact_id, name, phone from contacts.contacts where contact_id = any($1)", wanted
    )
    return {row["contact_id"]: Contact(row["name"], row["phone"]) for row in rows}


async def note_reads(pool: asyncpg.Pool, asked: Asking, reads: Iterable[Read]) -> None:
    """Note for good who is about to read what; nothing is read before this has returned."""
    actor = asked.actor
    now = datetime.now(UTC)
    await pool.executemany(
        "insert into contacts.reads values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        [
            (
                now,
                actor.account,
                actor.on_behalf_of,
                actor.role,
                actor.org,
                read.owner_org,
                read.project_id,
                read.contact_id,
                read.upload_id,
                read.purpose,
                asked.cause.correlation_id,
            )
            for read in reads
        ],
    )


def keeping(
    contact_id: UUID, contact: Contact, project_id: UUID, recorded: datetime
) -> Callable[[Connection], Awaitable[None]]:
    """Give the write that keeps a contact, to run in the transaction of the append."""

    async def keep(connection: Connection) -> None:
        await connection.execute(
            "insert into contacts.contacts values ($1, $2, $3, $4, $5)",
            contact_id,
            contact.name,
            contact.phone,
            project_id,
            recorded,
        )

    return keep


def masked(contact: Contact) -> Contact:
    """Hide all of the telephone but its beginning and end, and all of the name but the surname."""
    return Contact(
        contact.name[:1] + "某" * max(0, len(contact.name) - 1), masked_phone(contact.phone)
    )


def masked_phone(phone: str) -> str:
    """Hide the middle of a telephone, or all of one that is short."""
    if not phone:
        return ""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "****"


def unmasked(typed: Contact | None, known: Contact | None) -> Contact | None:
    """Take back what was shown masked and left as it was for what is known.

    Whoever fills a form in again need not read the whole first.
    """
    if typed is None or known is None:
        return typed
    shown = masked(known)
    return Contact(
        known.name if typed.name == shown.name else typed.name,
        known.phone if typed.phone == shown.phone else typed.phone,
    )

"""The responsible officers' names and telephones, behind the contact ids that facts carry."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from uuid import UUID

import asyncpg

from services.intake.project.rules import Contact
from shared.postgres import Connection


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
    phone = contact.phone
    shown = f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "****"
    return Contact(contact.name[:1] + "某" * max(0, len(contact.name) - 1), shown)

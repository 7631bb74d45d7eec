"""Which contracts have no project yet, and until when must they name one?"""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import NamedTuple, assert_never
from uuid import UUID

import asyncpg

from contracts import intake
from contracts.intake import (
    ContractAmended,
    ContractSigned,
    FrameworkSigned,
    LeadRegistered,
    NegotiationBegun,
    SigningEnded,
    SigningEvent,
    SigningLinked,
    SigningLinkOverdue,
    SigningRectified,
    SigningTransferred,
    SigningUnlinked,
)
from shared.viewing import Owner, Told, View

NAME, VERSION = "open_contracts", 1


class OpenContractRow(NamedTuple):
    """One signing that goes on: its projects and, once there is a contract, their last day."""

    link_due: date | None
    projects: int
    overdue_told: bool


def fold(row: OpenContractRow | None, told: Told) -> OpenContractRow | None:
    """Fold a fact of a signing; after the end there is no row."""
    event: SigningEvent = told.fact  # type: ignore[assignment]
    match event:
        case LeadRegistered():
            return OpenContractRow(None, 0, overdue_told=False)
        case ContractSigned():
            return row and row._replace(link_due=event.link_due)
        case SigningLinked():
            return row and row._replace(projects=row.projects + 1)
        case SigningUnlinked():
            return row and row._replace(projects=row.projects - 1)
        case SigningLinkOverdue():
            return row and row._replace(overdue_told=True)
        case SigningEnded():
            return None
        case (
            SigningRectified()
            | NegotiationBegun()
            | FrameworkSigned()
            | ContractAmended()
            | SigningTransferred()
        ):
            return row
        case _:
            assert_never(event)


async def past_due(pool: asyncpg.Pool, today: date, most: int) -> AsyncIterator[Sequence[UUID]]:
    """Give the signings whose days are over without a project, oldest first, some at a time."""
    after: tuple[date, str] = (date.min, "")
    while True:
        rows = await pool.fetch(
            "select key, link_due from views.open_contracts where not overdue_told"
            " and projects <= 0 and link_due < $1 and (link_due, key) > ($2, $3)"
            " order by link_due, key limit $4",
            today,
            *after,
            most,
        )
        if not rows:
            return
        yield [signing_of(row["key"]) for row in rows]
        after = rows[-1]["link_due"], rows[-1]["key"]


def signing_of(stream: str) -> UUID:
    """Give the signing of a stream."""
    return UUID(stream.removeprefix("signing-"))


VIEW = View(
    name=NAME,
    version=VERSION,
    owners=(
        Owner(
            name=intake.SERVICE,
            topic=intake.TOPIC,
            row=OpenContractRow,
            kinds=intake.SIGNING_KINDS,
            ignored=intake.not_of_a(
                "a contract",
                intake.DOSSIER_KINDS,
                intake.PROGRESS_KINDS,
                intake.PROMOTION_KINDS,
                intake.UPLOAD_KINDS,
            ),
            fold=fold,
        ),
    ),
    indexes=("(link_due, key) where not overdue_told and projects <= 0",),
    gathers=True,
)

"""The log of exports: rows are added and read, never changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from uuid import UUID

import asyncpg

from shared.tokens import Actor


@dataclass(frozen=True)
class Taken:
    """One file that was given: which list, what of it, how much."""

    export_id: UUID
    list: str
    asked: str
    format: str
    rows: int
    sha256: str
    correlation: str


@dataclass(frozen=True)
class Noted:
    """A line of the log: what was taken, by whom, and when in real time."""

    taken: Taken
    at: datetime
    account: str
    on_behalf_of: str
    role: str
    org: str


class ExportLog:
    """Keeps who took what away."""

    def __init__(self, pool: Callable[[], asyncpg.Pool]) -> None:
        """Bind to the console's own database."""
        self._open = pool

    async def note(self, actor: Actor, taken: Taken) -> None:
        """Write down that a file was given; ask before it leaves."""
        await self._open().execute(
            "insert into console.exports (export_id, account, on_behalf_of, role, org, list,"
            " asked, format, rows, sha256, correlation)"
            " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            taken.export_id,
            actor.account,
            actor.on_behalf_of,
            actor.role,
            actor.org,
            taken.list,
            taken.asked,
            taken.format,
            taken.rows,
            taken.sha256,
            taken.correlation,
        )

    async def last(
        self, accounts: Sequence[str] | None, org: str, day: date | None, page: int, most: int
    ) -> tuple[Noted, ...]:
        """Give a page of ``most`` rows, newest first, and one more where there is one.

        Of these accounts, of all where it is None; of a unit and a day in Asia/Shanghai, if any.
        """
        rows = await self._open().fetch(
            "select export_id, list, asked, format, rows, sha256, correlation, at, account,"
            " on_behalf_of, role, org from console.exports"
            " where ($1::text[] is null or account = any($1)) and ($2 = '' or org = $2)"
            " and ($3::date is null or (at at time zone 'Asia/Shanghai')::date = $3)"
            " order by at desc, export_id limit $4 offset $5",
            accounts,
            org,
            day,
            most + 1,
            (page - 1) * most,
        )
        own = [one.name for one in fields(Taken)]
        return tuple(
            Noted(
                Taken(**{name: row[name] for name in own}),
                **{name: value for name, value in row.items() if name not in own},
            )
            for row in rows
        )

"""What the pages read of months and works, every project of it through the reader's scope."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from services.console.views import four_pools, progress_months
from shared.seeing import Scope
from shared.viewing import rows_at

PAGE_ROWS = 50

# Which lines a tile shows. `owed` says that the project is being built and has been since then.
SHOWS: Mapping[str, tuple[str, str]] = {
    "reported": ("已报", "edition > 0"),
    "missing": ("未报", "edition = 0 and owed"),
    "late": ("迟报和漏报", "late or missed_on is not null"),
    "corrected": ("更正过", "edition > 1"),
    "problems": ("有问题", "problems > 0"),
}


@dataclass(frozen=True)
class Line:
    """A project's month: who owes it, what was reported, and what it adds up to, in yuan."""

    project_id: str
    name: str
    owner_org: str
    owner_name: str
    pool: str
    total_investment: int | None
    owed: bool
    edition: int
    invested: int
    problems: int
    due: date | None
    first_reported_on: date | None
    reported_on: date | None
    late: bool
    missed_on: date | None
    this_year: int
    in_all: int


@dataclass(frozen=True)
class Counted:
    """What a month comes to over all projects that the reader sees."""

    lines: int
    owed: int
    invested: int
    this_year: int
    shows: Mapping[str, int]


class ProgressReading:
    """Queries over months and works, now or before an instant in the past."""

    def __init__(self, pool: Callable[[], asyncpg.Pool]) -> None:
        """Bind to the console's own database, whose pool opens with the application."""
        self._open = pool
        self._projects = four_pools.VIEW.table
        self._months = progress_months.VIEW.table

    def before(self, until: datetime) -> "ProgressReading":
        """Ask the same questions of what the system had recorded before an instant."""
        past = copy(self)
        # Our own clock's instant, never the asker's text.
        instant = f"'{until.isoformat()}'::timestamptz"
        past._projects = f"({rows_at(four_pools.VIEW, instant)}) as projects_before"
        past._months = f"({rows_at(progress_months.VIEW, instant)}) as months_before"
        return past

    async def counted(
        self, scope: Scope, owed_in: Sequence[str], month: str, end: date, org: str
    ) -> Counted:
        """Count a month: who owes it, how many have reported, what was invested."""
        lines, parameters = self._lines(scope, owed_in, month, end, org)
        counts = ", ".join(
            f"count(*) filter (where {condition}) as {show}"
            for show, (_, condition) in SHOWS.items()
        )
        (row,) = await self._open().fetch(
            f"select count(*) as lines, count(*) filter (where owed) as owed,"  # noqa: S608
            " coalesce(sum(invested), 0)::bigint as invested,"
            f" coalesce(sum(this_year), 0)::bigint as this_year, {counts} from ({lines}) as lines",
            *parameters,
        )
        return Counted(
            row["lines"],
            row["owed"],
            row["invested"],
            row["this_year"],
            {show: row[show] for show in SHOWS},
        )

    async def listed(
        self,
        scope: Scope,
        owed_in: Sequence[str],
        month: str,
        end: date,
        org: str,
        show: str,
        page: int | None,
    ) -> tuple[Line, ...]:
        """Give the projects of a month, those who owe most urgently first; all without a page."""
        lines, parameters = self._lines(scope, owed_in, month, end, org)
        condition = f"where {SHOWS[show][1]}" if show in SHOWS else ""
        limit = ""
        if page is not None:
            parameters += [PAGE_ROWS, (page - 1) * PAGE_ROWS]
            limit = f"limit ${len(parameters) - 1} offset ${len(parameters)}"
        rows = await self._open().fetch(
            f"select * from ({lines}) as lines {condition}"  # noqa: S608
            f" order by edition > 0, owner_org, name, project_id {limit}",
            *parameters,
        )
        return tuple(Line(**dict(row)) for row in rows)

    def _lines(
        self, scope: Scope, owed_in: Sequence[str], month: str, end: date, org: str
    ) -> tuple[str, list[object]]:
        """Write the lines of a month: whoever owes it, and whoever has told something of it."""
        seen, scoped = scope.where(6)
        sql = (
            "select p.key as project_id, p.name, p.owner_org, p.owner_name, p.pool,"  # noqa: S608
            " p.total_investment, p.owed, coalesce(m.edition, 0) as edition,"
            " coalesce(m.invested, 0) as invested, coalesce(m.problems, 0) as problems, m.due,"
            " m.first_reported_on, m.reported_on, coalesce(m.late, false) as late, m.missed_on,"
            " coalesce(s.this_year, 0)::bigint as this_year,"
            " coalesce(s.in_all, 0)::bigint as in_all"
            " from (select *, pool = any($2::text[]) and standing = 'ACTIVE' and pooled_on <= $3"
            f" as owed from {self._projects} where pool is not null and {seen}"
            " and ($4 = '' or owner_org = $4)) as p"
            f" left join (select * from {self._months} where month = $1) as m"
            " on m.project_id = p.key"
            " left join lateral (select sum(invested) as in_all,"
            " sum(case when month like $5 || '-%' then invested"
            " when opened_year = $5 then opened_this_year else 0 end) as this_year"
            f" from {self._months} where project_id = p.key and month <= $1) as s on true"
            " where p.owed or m.project_id is not null"
        )
        return sql, [month, list(owed_in), end, org, month[:4], *scoped]

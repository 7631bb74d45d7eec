"""What items come to, office by office and place by place, within what a reader sees."""

from asyncio import gather
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import asyncpg

from services.console.pages.item_reading import AT_WORK, FIXED, ITEMS, LISTS, Ask, where_of
from shared.deadline import Calendar
from shared.seeing import Scope

_LONGEST_TERM = 2 * 366
_PLANS = """(select a.key as project_id, a.owner_org, a.ready_on, a.flagged_start, a.flagged_on,
    a.flagged_missing, a.closed_on, p.name as project, p.owner_name, p.region, p.zone_id, p.pool,
    p.approving, p.approvals_done, p.approvals_total
    from views.approval_plans a join views.four_pools p on p.key = a.key) as plans"""
_READY = "ready_on between $3 and $4 and closed_on is null"
_FLAGGED = "flagged_start is not null and flagged_on <= $4"
Group = Literal["handling", "place"]
_GROUPS: Mapping[Group, str] = {"handling": "handling", "place": "coalesce(zone_id, region)"}


@dataclass(frozen=True)
class AtWork:
    """What of one office, or one place, is open now; ``oldest`` is the due day of what is over."""

    open: int = 0
    overdue: int = 0
    paused: int = 0
    oldest: date | None = None


@dataclass(frozen=True)
class Over:
    """What came of one office's, or one place's, items in a period; days are working days."""

    begun: int = 0
    done: int = 0
    late: int = 0
    used: int = 0
    promised: int = 0
    longest_used: int = 0
    longest_over: int = 0


@dataclass(frozen=True)
class Starting:
    """How many projects of a place were ready to start in a period, or started before."""

    ready: int = 0
    flagged: int = 0


@dataclass(frozen=True)
class Plan:
    """A project that is ready to start, or started before everything was there."""

    project_id: str
    owner_org: str
    owner_name: str
    project: str
    region: str | None
    zone_id: str | None
    ready_on: date | None
    flagged_start: date | None
    flagged_missing: str
    approvals_done: int
    approvals_total: int


class ItemFigures:
    """Sums over all items, and over all plans, that a reader sees."""

    def __init__(self, pool: Callable[[], asyncpg.Pool]) -> None:
        """Bind to the console's own database, whose pool opens with the application."""
        self._open = pool

    async def at_work(self, scope: Scope, ask: Ask, by: Group) -> Mapping[str, AtWork]:
        """Count what is open by office, or by place."""
        where, group = where_of(scope, ask), _GROUPS[by]
        where.conditions.append(AT_WORK)
        rows = await self._open().fetch(
            f"select {group} as of, count(*) as open,"  # noqa: S608
            " count(*) filter (where red_from <= $1) as overdue,"
            " count(*) filter (where state = 'PAUSED') as paused,"
            " min(due) filter (where red_from <= $1) as oldest"
            f" from {ITEMS} where {where.sql} group by 1",
            *where.parameters,
        )
        return {row["of"]: AtWork(**_rest(row)) for row in rows if row["of"]}

    async def over(
        self, scope: Scope, ask: Ask, by: Group, calendar: Calendar
    ) -> Mapping[str, Over]:
        """Count what was done in a period by office, or by place, and how long it took."""
        begun, done, late = await gather(
            self._summed(scope, ask, LISTS["begun"].condition, by, "count(*) as begun"),
            self._summed(
                scope,
                ask,
                LISTS["done"].condition,
                by,
                "count(*) as done, sum(promised_elapsed)::bigint as used,"
                " sum(promised_total)::bigint as promised, max(promised_elapsed) as longest",
            ),
            self._late(scope, ask, by, calendar),
        )
        return {
            of: _over(begun.get(of, {}), done.get(of, {}), late.get(of, {}))
            for of in {**begun, **done}
        }

    async def _late(
        self, scope: Scope, ask: Ask, by: Group, calendar: Calendar
    ) -> Mapping[str, Mapping[str, int]]:
        """Count how far late grants were over: a clock counts no day beyond its last one."""
        first = ask.since - timedelta(days=_LONGEST_TERM)
        days = [first + timedelta(days=n) for n in range((ask.until - first).days + 1)]
        worked = [calendar.working_days_between(first, day) for day in days]
        number = FIXED + 1
        at = f"unnest(${number}::date[], ${number + 1}::int[])"
        return await self._summed(
            scope,
            ask,
            LISTS["late"].condition,
            by,
            "count(*) as late, sum(at_done.n - at_due.n)::bigint as over,"
            " max(at_done.n - at_due.n) as longest_over,"
            " max(promised_elapsed + at_done.n - at_due.n) as longest",
            f"join {at} as at_due(day, n) on at_due.day = promised_due"
            f" join {at} as at_done(day, n) on at_done.day = done_on",
            days,
            worked,
        )

    async def _summed(
        self,
        scope: Scope,
        ask: Ask,
        condition: str,
        by: Group,
        columns: str,
        joined: str = "",
        *given: Sequence[object],
    ) -> Mapping[str, Mapping[str, int]]:
        where, group = where_of(scope, ask, *given), _GROUPS[by]
        where.conditions.append(condition)
        rows = await self._open().fetch(
            f"select {group} as of, {columns} from {ITEMS} {joined}"  # noqa: S608
            f" where {where.sql} group by 1",
            *where.parameters,
        )
        return {row["of"]: _rest(row) for row in rows if row["of"]}

    async def starting(self, scope: Scope, ask: Ask) -> Mapping[str, Starting]:
        """Count by place which projects were ready to start, and which started before."""
        where = where_of(scope, ask)
        rows = await self._open().fetch(
            f"select {_GROUPS['place']} as of,"  # noqa: S608
            f" count(*) filter (where {_READY}) as ready,"
            f" count(*) filter (where {_FLAGGED}) as flagged"
            f" from {_PLANS} where {where.sql} group by 1",
            *where.parameters,
        )
        return {row["of"]: Starting(**_rest(row)) for row in rows if row["of"]}

    async def plans(self, scope: Scope, ask: Ask, show: str) -> tuple[Plan, ...]:
        """Give the projects that were ready to start in a period, or started before."""
        where = where_of(scope, ask)
        where.conditions.append(_FLAGGED if show == "flagged" else _READY)
        rows = await self._open().fetch(
            "select project_id, owner_org, owner_name, project, region, zone_id,"  # noqa: S608
            " ready_on, flagged_start, flagged_missing, approvals_done, approvals_total"
            f" from {_PLANS} where {where.sql} order by ready_on desc nulls last, project_id",
            *where.parameters,
        )
        return tuple(Plan(**dict(row)) for row in rows)


def _rest(row: asyncpg.Record) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "of"}


def _over(begun: Mapping[str, int], done: Mapping[str, int], late: Mapping[str, int]) -> Over:
    return Over(
        begun=begun.get("begun", 0),
        done=done.get("done", 0),
        late=late.get("late", 0),
        used=done.get("used", 0) + late.get("over", 0),
        promised=done.get("promised", 0),
        longest_used=max(done.get("longest", 0), late.get("longest", 0)),
        longest_over=late.get("longest_over", 0),
    )

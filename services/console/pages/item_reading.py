"""What the pages read of items and plans across projects, each row through the reader's scope."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

import asyncpg

from services.console.views.approval_items import OPEN
from shared.deadline import Calendar
from shared.seeing import Scope

PAGE_ROWS = 50
NOBODY = "-"
"""Stands in a question for the account of what nobody has taken."""

# A plan is drawn up only for what is in a pool. Where nothing of plan or project is asked for,
# PostgreSQL leaves their tables alone: so the joins are outer ones.
_ITEMS = """(select i.key, i.project_id, i.owner_org, i.item, i.name, i.stage, i.competent,
    i.handling, i.state, i.officer, i.received_on, i.asked_on, i.accepted_on, i.done_on,
    i.document_number, i.procedure, i.running, i.due, i.red_from, i.promised_total,
    i.promised_elapsed, i.promised_due, i.statutory_due, i.late, i.clocks,
    i.edition = a.edition and a.closed_on is null as goes_on, coalesce(p.name, '') as project,
    coalesce(p.owner_name, '') as owner_name, p.region, p.zone_id, 'some' as pool
    from views.approval_items i
    left join views.approval_plans a on a.key = i.project_id
    left join views.four_pools p on p.key = i.project_id) as items"""
_ROW = """project_id, owner_org, item, name, stage, competent, handling, state, officer,
    received_on, asked_on, accepted_on, done_on, document_number, procedure, running,
    promised_due, statutory_due, late, clocks, project, owner_name, region, zone_id"""
_PLANS = """(select a.key as project_id, a.owner_org, a.ready_on, a.flagged_start, a.flagged_on,
    a.flagged_missing, a.closed_on, p.name as project, p.owner_name, p.region, p.zone_id, p.pool,
    p.approving, p.approvals_done, p.approvals_total
    from views.approval_plans a join views.four_pools p on p.key = a.key) as plans"""
# Today, the last day that is soon, the period: each has its type, whichever list asks for it.
_TYPED = "$1::date is not null and $2::date is not null and $3::date <= $4::date"
_AT_WORK = f"{OPEN} and goes_on"
# A rate is of what had a promised term.
_DONE = "done_on between $3 and $4 and promised_total is not null"
_LATE = "late like '%,PROMISED,%'"
_READY = "ready_on between $3 and $4 and closed_on is null"
_FLAGGED = "flagged_start is not null and flagged_on <= $4"

Group = Literal["handling", "place"]


@dataclass(frozen=True)
class List:
    """A list of items: its name, what is on it, and in which order."""

    name: str
    condition: str
    order: str = "due nulls last, key"
    of_period: bool = False


LISTS: Mapping[str, List] = {
    "": List("在办", _AT_WORK),
    "overdue": List("超期", f"{_AT_WORK} and red_from <= $1"),
    "today": List("今日到期", f"{_AT_WORK} and due = $1"),
    "soon": List("3 个工作日内", f"{_AT_WORK} and due > $1 and due <= $2"),
    "paused": List("停表", f"{_AT_WORK} and state = 'PAUSED'"),
    "correcting": List("待补正", f"{_AT_WORK} and state = 'CORRECTING'"),
    "received": List("待受理", f"{_AT_WORK} and state = 'RECEIVED'"),
    "done": List("办结", _DONE, "done_on desc, key", of_period=True),
    "in-time": List("按期办结", f"{_DONE} and not {_LATE}", "done_on desc, key", of_period=True),
    "late": List(
        "超期办结",
        f"{_DONE} and {_LATE}",
        "done_on - promised_due desc, key",
        of_period=True,
    ),
    "slowest": List("用时最长的办结", _DONE, "done_on - accepted_on desc, key", of_period=True),
    "begun": List(
        "受理",
        "accepted_on between $3 and $4",
        "accepted_on desc, key",
        of_period=True,
    ),
}
_WAITING = ("", "overdue", "today", "soon", "paused", "correcting", "received")
_GROUPS: Mapping[Group, str] = {"handling": "handling", "place": "coalesce(zone_id, region)"}


@dataclass(frozen=True)
class Ask:
    """Which items are asked for, on which day, over which period."""

    today: date
    soon: date
    since: date
    until: date
    office: str = ""
    region: str = ""
    officer: str = ""
    owners: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """One item of a project as a list shows it."""

    project_id: str
    owner_org: str
    item: str
    name: str
    stage: str
    competent: str
    handling: str
    state: str
    officer: str | None
    received_on: date | None
    asked_on: date | None
    accepted_on: date | None
    done_on: date | None
    document_number: str | None
    procedure: str | None
    running: str | None
    promised_due: date | None
    statutory_due: date | None
    late: str
    clocks: str
    project: str
    owner_name: str
    region: str | None
    zone_id: str | None


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


@dataclass
class _Where:
    parameters: list[object]
    conditions: list[str] = field(default_factory=lambda: [_TYPED])

    def add(self, condition: str, value: object) -> None:
        self.parameters.append(value)
        self.conditions.append(condition.replace("?", f"${len(self.parameters)}"))

    @property
    def sql(self) -> str:
        return " and ".join(f"({one})" for one in self.conditions)


class ItemReading:
    """Queries over all items, and over all plans, that a reader sees."""

    def __init__(self, pool: Callable[[], asyncpg.Pool]) -> None:
        """Bind to the console's own database, whose pool opens with the application."""
        self._open = pool

    async def counts(self, scope: Scope, ask: Ask) -> Mapping[str, int]:
        """Count what is open, list by list."""
        where = _where(scope, ask)
        where.conditions.append(_AT_WORK)
        columns = ", ".join(f"count(*) filter (where {LISTS[show].condition})" for show in _WAITING)
        row = await self._open().fetchrow(
            f"select {columns} from {_ITEMS} where {where.sql}",  # noqa: S608
            *where.parameters,
        )
        return dict(zip(_WAITING, row or (0,) * len(_WAITING), strict=True))

    async def count(self, scope: Scope, ask: Ask, show: str) -> int:
        """Count what is on a list."""
        where = _where(scope, ask)
        where.conditions.append(LISTS[show].condition)
        found: int = await self._open().fetchval(
            f"select count(*) from {_ITEMS} where {where.sql}",  # noqa: S608
            *where.parameters,
        )
        return found

    async def waiting(self, scope: Scope, office: str) -> int:
        """Count what is open at an office."""
        predicate, parameters = scope.where(2)
        found: int = await self._open().fetchval(
            f"select count(*) from {_ITEMS} where handling = $1"  # noqa: S608
            f" and {_AT_WORK} and {predicate}",
            office,
            *parameters,
        )
        return found

    async def listed(self, scope: Scope, ask: Ask, show: str, page: int | None) -> tuple[Item, ...]:
        """Give a page of a list in its order, or all of it."""
        where, order = _where(scope, ask), LISTS[show].order
        where.conditions.append(LISTS[show].condition)
        limits = "" if page is None else f"limit {PAGE_ROWS} offset {(page - 1) * PAGE_ROWS}"
        # Rows are wide: only those of the page are fetched.
        rows = await self._open().fetch(
            f"select {_ROW} from {_ITEMS} where key = any(array("  # noqa: S608
            f"select key from {_ITEMS} where {where.sql} order by {order} {limits}))"
            f" order by {order}",
            *where.parameters,
        )
        return tuple(Item(**dict(row)) for row in rows)

    async def at_work(self, scope: Scope, ask: Ask, by: Group) -> Mapping[str, AtWork]:
        """Count what is open by office, or by place."""
        where, group = _where(scope, ask), _GROUPS[by]
        where.conditions.append(_AT_WORK)
        rows = await self._open().fetch(
            f"select {group} as of, count(*) as open,"  # noqa: S608
            " count(*) filter (where red_from <= $1) as overdue,"
            " count(*) filter (where state = 'PAUSED') as paused,"
            " min(due) filter (where red_from <= $1) as oldest"
            f" from {_ITEMS} where {where.sql} group by 1",
            *where.parameters,
        )
        return {row["of"]: AtWork(**_rest(row)) for row in rows if row["of"]}

    async def over(
        self, scope: Scope, ask: Ask, by: Group, calendar: Calendar
    ) -> Mapping[str, Over]:
        """Count what was done in a period by office, or by place, and how long it took.

        A clock counts no day beyond its last one: how far a late grant was over is counted here.
        """
        where, group = _where(scope, ask), _GROUPS[by]
        where.conditions.append(_DONE)
        first = ask.since - timedelta(days=2 * 366)
        days = [first + timedelta(days=n) for n in range((ask.until - first).days + 1)]
        worked = [calendar.working_days_between(first, day) for day in days]
        where.parameters += [days, worked]
        at = f"unnest(${len(where.parameters) - 1}::date[], ${len(where.parameters)}::int[])"
        rows = await self._open().fetch(
            "select of, count(*) as done, count(*) filter (where late) as late,"  # noqa: S608
            " sum(elapsed + over)::bigint as used, sum(promised_total)::bigint as promised,"
            " max(elapsed + over) as longest_used, max(over) as longest_over from ("
            f" select {group} as of, {_LATE} as late, promised_total,"
            " promised_elapsed as elapsed, coalesce(at_done.n - at_due.n, 0) as over"
            f" from {_ITEMS}"
            f" left join {at} as at_due(day, n) on {_LATE} and at_due.day = promised_due"
            f" left join {at} as at_done(day, n) on {_LATE} and at_done.day = done_on"
            f" where {where.sql}) as done group by 1",
            *where.parameters,
        )
        begun = await self._begun(scope, ask, by)
        found = {row["of"]: Over(**_rest(row)) for row in rows if row["of"]}
        return {
            of: Over(begun=begun.get(of, 0), **_counted(found.get(of, Over())))
            for of in {**found, **begun}
        }

    async def _begun(self, scope: Scope, ask: Ask, by: Group) -> Mapping[str, int]:
        where, group = _where(scope, ask), _GROUPS[by]
        where.conditions.append(LISTS["begun"].condition)
        rows = await self._open().fetch(
            f"select {group} as of, count(*) as begun"  # noqa: S608
            f" from {_ITEMS} where {where.sql} group by 1",
            *where.parameters,
        )
        return {row["of"]: row["begun"] for row in rows if row["of"]}

    async def starting(self, scope: Scope, ask: Ask) -> Mapping[str, Starting]:
        """Count by place which projects were ready to start, and which started before."""
        where = _where(scope, ask)
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
        where = _where(scope, ask)
        where.conditions.append(_FLAGGED if show == "flagged" else _READY)
        rows = await self._open().fetch(
            "select project_id, owner_org, owner_name, project, region, zone_id,"  # noqa: S608
            " ready_on, flagged_start, flagged_missing, approvals_done, approvals_total"
            f" from {_PLANS} where {where.sql} order by ready_on desc nulls last, project_id",
            *where.parameters,
        )
        return tuple(Plan(**dict(row)) for row in rows)

    async def of_officer(self, scope: Scope, ask: Ask) -> Sequence[tuple[str, str]]:
        """Give project and item of everything open that the officer of the question has."""
        where = _where(scope, ask)
        where.conditions.append(_AT_WORK)
        rows = await self._open().fetch(
            f"select project_id, item from {_ITEMS} where {where.sql} order by 1, 2",  # noqa: S608
            *where.parameters,
        )
        return [(row["project_id"], row["item"]) for row in rows]

    async def officers(self, scope: Scope, ask: Ask) -> Mapping[str, int]:
        """Count what each officer of an office has on his desk; what nobody took is left out."""
        where = _where(scope, ask)
        where.conditions.append(f"{_AT_WORK} and officer is not null")
        rows = await self._open().fetch(
            f"select officer, count(*) as open from {_ITEMS} where {where.sql} group by 1",  # noqa: S608
            *where.parameters,
        )
        return {row["officer"]: row["open"] for row in rows}


def _where(scope: Scope, ask: Ask) -> _Where:
    where = _Where([ask.today, ask.soon, ask.since, ask.until])
    if ask.office:
        where.add("handling = ?", ask.office)
    if ask.region.startswith("Z-"):
        where.add("zone_id = ?", ask.region)
    elif ask.region:
        where.add("region = ? and zone_id is null", ask.region)
    if ask.owners:
        where.add("owner_org = any(?)", list(ask.owners))
    if ask.officer == NOBODY:
        where.conditions.append("officer is null")
    elif ask.officer:
        where.add("officer = ?", ask.officer)
    predicate, parameters = scope.where(len(where.parameters) + 1)
    where.conditions.append(predicate)
    where.parameters.extend(parameters)
    return where


def _rest(row: asyncpg.Record) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "of"}


def _counted(over: Over) -> dict[str, int]:
    return {name: value for name, value in vars(over).items() if name != "begun"}

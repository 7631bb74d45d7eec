"""What the pages list of items across projects, each row through the reader's scope."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import asyncpg

from services.console.views.approval_items import OPEN
from shared.seeing import Scope

PAGE_ROWS = 50
NOBODY = "-"
"""Stands in a question for the account of what nobody has taken."""

# A plan is drawn up only for what is in a pool. Where nothing of plan or project is asked for,
# PostgreSQL leaves their tables alone: so the joins are outer ones.
ITEMS = """(select i.key, i.project_id, i.owner_org, i.item, i.name, i.stage, i.competent,
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
# Today, the last day that is soon, the period: each has its type, whichever list asks for it.
FIXED = 4
_TYPED = "$1::date is not null and $2::date is not null and $3::date <= $4::date"
AT_WORK = f"{OPEN} and goes_on"
# A rate is of what had a promised term; what is begun and what is done are counted alike.
_BEGUN = "accepted_on between $3 and $4 and promised_total is not null"
_DONE = "done_on between $3 and $4 and promised_total is not null"
_LATE = "late like '%,PROMISED,%'"


@dataclass(frozen=True)
class List:
    """A list of items: its name, among which, what of them is on it, and in which order.

    What is among is looked up by an index of its own, which holds what ``only`` asks about.
    """

    name: str
    among: str
    only: str = "true"
    order: str = "due nulls last, key"
    of_period: bool = False

    @property
    def condition(self) -> str:
        """What is on it."""
        return f"{self.among} and {self.only}"


def _of_period(name: str, among: str, only: str = "true", order: str = "done_on desc") -> List:
    return List(name, among, only, f"{order}, key", of_period=True)


LISTS: Mapping[str, List] = {
    "": List("在办", AT_WORK),
    "overdue": List("超期", AT_WORK, "red_from <= $1"),
    "today": List("今日到期", AT_WORK, "due = $1"),
    "soon": List("3 个工作日内", AT_WORK, "due > $1 and due <= $2"),
    "paused": List("停表", AT_WORK, "state = 'PAUSED'"),
    "correcting": List("待补正", AT_WORK, "state = 'CORRECTING'"),
    "received": List("待受理", AT_WORK, "state = 'RECEIVED'"),
    "done": _of_period("办结", _DONE),
    "in-time": _of_period("按期办结", _DONE, f"not {_LATE}"),
    "late": _of_period("超期办结", _DONE, _LATE, "done_on - promised_due desc"),
    "slowest": _of_period("用时最长的办结", _DONE, order="done_on - accepted_on desc"),
    "begun": _of_period("受理", _BEGUN, order="accepted_on desc"),
}
_WAITING = ("", "overdue", "today", "soon", "paused", "correcting", "received")


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


@dataclass
class Where:
    """Conditions and their numbered parameters."""

    parameters: list[object]
    conditions: list[str] = field(default_factory=lambda: [_TYPED])

    def add(self, condition: str, value: object) -> None:
        """Add a condition on a value, which stands for its ``?``."""
        self.parameters.append(value)
        self.conditions.append(condition.replace("?", f"${len(self.parameters)}"))

    @property
    def sql(self) -> str:
        """The conditions, all of which must hold."""
        return " and ".join(f"({one})" for one in self.conditions)


class ItemReading:
    """Lists of all the items that a reader sees."""

    def __init__(self, pool: Callable[[], asyncpg.Pool]) -> None:
        """Bind to the console's own database, whose pool opens with the application."""
        self._open = pool

    async def counts(self, scope: Scope, ask: Ask) -> Mapping[str, int]:
        """Count what is open, list by list."""
        where = where_of(scope, ask)
        where.conditions.append(AT_WORK)
        columns = ", ".join(f"count(*) filter (where {LISTS[show].only})" for show in _WAITING)
        row = await self._open().fetchrow(
            f"select {columns} from {ITEMS} where {where.sql}",  # noqa: S608
            *where.parameters,
        )
        return dict(zip(_WAITING, row or (0,) * len(_WAITING), strict=True))

    async def count(self, scope: Scope, ask: Ask, show: str) -> int:
        """Count what is on a list."""
        where = where_of(scope, ask)
        where.conditions.append(LISTS[show].condition)
        found: int = await self._open().fetchval(
            f"select count(*) from {ITEMS} where {where.sql}",  # noqa: S608
            *where.parameters,
        )
        return found

    async def waiting(self, scope: Scope, office: str) -> int:
        """Count what is open at an office."""
        predicate, parameters = scope.where(2)
        found: int = await self._open().fetchval(
            f"select count(*) from {ITEMS} where handling = $1"  # noqa: S608
            f" and {AT_WORK} and {predicate}",
            office,
            *parameters,
        )
        return found

    async def listed(self, scope: Scope, ask: Ask, show: str, page: int | None) -> tuple[Item, ...]:
        """Give a page of a list in its order, or all of it."""
        where, order = where_of(scope, ask), LISTS[show].order
        where.conditions.append(LISTS[show].condition)
        limits = "" if page is None else f"limit {PAGE_ROWS} offset {(page - 1) * PAGE_ROWS}"
        # Rows are wide: only those of the page are fetched.
        rows = await self._open().fetch(
            f"select {_ROW} from {ITEMS} where key = any(array("  # noqa: S608
            f"select key from {ITEMS} where {where.sql} order by {order} {limits}))"
            f" order by {order}",
            *where.parameters,
        )
        return tuple(Item(**dict(row)) for row in rows)

    async def of_officer(self, scope: Scope, ask: Ask) -> Sequence[tuple[str, str]]:
        """Give project and item of everything open that the officer of the question has."""
        where = where_of(scope, ask)
        where.conditions.append(AT_WORK)
        rows = await self._open().fetch(
            f"select project_id, item from {ITEMS} where {where.sql} order by 1, 2",  # noqa: S608
            *where.parameters,
        )
        return [(row["project_id"], row["item"]) for row in rows]

    async def officers(self, scope: Scope, ask: Ask) -> Mapping[str, int]:
        """Count what each officer of an office has on his desk; what nobody took is left out."""
        where = where_of(scope, ask)
        where.conditions.append(f"{AT_WORK} and officer is not null")
        rows = await self._open().fetch(
            f"select officer, count(*) as open from {ITEMS} where {where.sql} group by 1",  # noqa: S608
            *where.parameters,
        )
        return {row["officer"]: row["open"] for row in rows}


def where_of(scope: Scope, ask: Ask, *given: object) -> Where:
    """Write what is asked for, within what a reader sees; what else is given comes after it."""
    where = Where([ask.today, ask.soon, ask.since, ask.until, *given])
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

"""What the pages of 招商签约 read: signings, their projects, events, within the reader's scope."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import asyncpg

from services.console.views import construction, four_pools, promotions, signing_projects, signings
from shared.seeing import Scope
from shared.viewing import rows_at

PAGE_ROWS = 20
MOST_CANDIDATES = 200

_GOES_ON = "ended_on is null"
_OF_YEAR = "stage = 'CONTRACT' and signed_on >= $1 and signed_on < $2"
_OPEN = f"{_GOES_ON} and stage = 'CONTRACT' and projects <= 0"
SHOWS: Mapping[str, str] = {
    "LEAD": f"{_GOES_ON} and stage = 'LEAD'",
    "NEGOTIATION": f"{_GOES_ON} and stage = 'NEGOTIATION'",
    "FRAMEWORK": f"{_GOES_ON} and stage = 'FRAMEWORK'",
    "SIGNED": _OF_YEAR,
    "LINKED": f"{_OF_YEAR} and projects > 0",
    "STARTED": f"{_OF_YEAR} and started_on >= $1 and started_on < $2",
    "UNLINKED": _OPEN,
    "OVERDUE": f"{_OPEN} and link_due < $3",
    "ENDED": "ended_on is not null",
}
"""What each tile counts and its list shows; $1 and $2 are this and the next year's first days."""


@dataclass(frozen=True)
class Signing:
    """One signing as the pages show it; ``started_on`` is the first start of its projects."""

    signing_id: str
    owner_org: str
    owner_name: str
    title: str
    investor: str
    investor_uscc: str | None
    investor_place: str
    region: str | None
    zone_id: str | None
    industry: str | None
    stage: str
    intended_investment: int | None
    registered_on: date
    begun_on: date | None
    framework_on: date | None
    contract_number: str | None
    contract_investment: int | None
    signed_on: date | None
    link_due: date | None
    overdue_told: bool
    projects: int
    ended_on: date | None
    version: int
    updated_at: datetime
    started_on: date | None

    @property
    def amount(self) -> int | None:
        """The contract's amount, before there is one what is intended."""
        return self.intended_investment if self.stage != "CONTRACT" else self.contract_investment


@dataclass(frozen=True)
class Sum:
    """How many a tile counts, and their money."""

    count: int
    money: int


@dataclass(frozen=True)
class Carrying:
    """One project that carries a signing out; what lies outside the reader's scope has no pool."""

    project_id: str
    name: str
    linked_on: date
    seen: bool
    pool: str | None
    started_on: date | None


@dataclass(frozen=True)
class Candidate:
    """A project that may still be linked."""

    project_id: str
    name: str
    owner_name: str


@dataclass(frozen=True)
class Promotion:
    """One event."""

    promotion_id: str
    org: str
    org_name: str
    level: str
    title: str
    place: str
    outside_city: bool
    held_on: date


@dataclass(frozen=True)
class Ask:
    """What is asked for: whose, where, which words, which year and day."""

    year: int
    today: date
    show: str = ""
    org: str = ""
    region: str = ""
    name: str = ""


@dataclass
class _Where:
    parameters: list[object] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)

    def add(self, condition: str, value: object) -> None:
        self.parameters.append(value)
        self.conditions.append(condition.replace("?", f"${len(self.parameters)}"))

    @property
    def sql(self) -> str:
        return " and ".join(f"({one})" for one in self.conditions)


class Signings:
    """Queries over signings and events, now or before an instant in the past."""

    def __init__(self, pool: Callable[[], asyncpg.Pool]) -> None:
        """Bind to the console's own database, whose pool opens with the application."""
        self._open = pool
        self._signings = signings.VIEW.table
        self._links = signing_projects.VIEW.table
        self._promotions = promotions.VIEW.table
        self._works = construction.VIEW.table
        self._projects = four_pools.VIEW.table

    def before(self, until: datetime) -> "Signings":
        """Ask the same of what the system had recorded before an instant."""
        past = copy(self)
        # Our own clock's instant, never the asker's text.
        instant = f"'{until.isoformat()}'::timestamptz"
        past._signings = f"({rows_at(signings.VIEW, instant)})"
        past._links = f"({rows_at(signing_projects.VIEW, instant)})"
        past._promotions = f"({rows_at(promotions.VIEW, instant)})"
        past._works = f"({rows_at(construction.VIEW, instant)})"
        past._projects = f"({rows_at(four_pools.VIEW, instant)})"
        return past

    async def sums(self, scope: Scope, ask: Ask) -> dict[str, Sum]:
        """Give what each tile shows."""
        where = _where(scope, ask)
        columns = ", ".join(
            f"count(*) filter (where {shown}),"
            f" coalesce(sum(case when stage = 'CONTRACT' then contract_investment"
            f" else intended_investment end) filter (where {shown}), 0)::bigint"
            for shown in SHOWS.values()
        )
        row = await self._open().fetchrow(
            f"select {columns} from {self._rows} where {where.sql}",  # noqa: S608
            *where.parameters,
        )
        figures = tuple(row) if row else (0, 0) * len(SHOWS)
        return {show: Sum(figures[2 * n], figures[2 * n + 1]) for n, show in enumerate(SHOWS)}

    async def listing(
        self, scope: Scope, ask: Ask, page: int | None
    ) -> tuple[Sequence[Signing], Sum]:
        """Give a page of the list, or all of it, with count and money of the whole."""
        where = _where(scope, ask)
        if ask.show:
            where.conditions.append(SHOWS[ask.show])
        total = await self._open().fetchrow(
            "select count(*), coalesce(sum(case when stage = 'CONTRACT'"  # noqa: S608
            " then contract_investment else intended_investment end), 0)::bigint"
            f" from {self._rows} where {where.sql}",
            *where.parameters,
        )
        limits = "" if page is None else f"limit {PAGE_ROWS} offset {(page - 1) * PAGE_ROWS}"
        rows = await self._open().fetch(
            f"select * from {self._rows} where {where.sql}"  # noqa: S608
            f" order by coalesce(signed_on, registered_on) desc, key {limits}",
            *where.parameters,
        )
        count, money = tuple(total) if total else (0, 0)
        return [_signing(row) for row in rows], Sum(count, money)

    async def one(self, scope: Scope, signing_id: str) -> Signing | None:
        """Give one signing, if the reader's scope holds it."""
        where = _Where()
        where.add("key = ?", f"signing-{signing_id}")
        _within(where, scope)
        row = await self._open().fetchrow(
            f"select * from {self._rows} where {where.sql}",  # noqa: S608
            *where.parameters,
        )
        return _signing(row) if row else None

    async def carrying(self, signing_id: str, seen: Scope) -> Sequence[Carrying]:
        """Give the projects of a signing; of those that the reader does not see the name alone."""
        predicate, parameters = seen.where(2)
        rows = await self._open().fetch(
            "select l.project_id, l.project_name as name, l.linked_on, p.key is not null as seen,"  # noqa: S608
            f" p.pool, w.started_on from {self._links} l left join"
            f" (select * from {self._projects} as all_projects where {predicate}) p"
            " on p.key = l.project_id"
            f" left join {self._works} w on w.key = l.project_id"
            " where l.signing_id = $1 order by l.linked_on, l.project_id",
            signing_id,
            *parameters,
        )
        return [Carrying(**dict(row)) for row in rows]

    async def signing_of(self, scope: Scope, project_id: str) -> Signing | None:
        """Give the signing that a project carries out, if the reader's scope holds it."""
        found = await self._open().fetchval(
            f"select signing_id from {self._links} l where project_id = $1",  # noqa: S608
            project_id,
        )
        return await self.one(scope, found) if found else None

    async def candidates(self, signing: Signing, seen: Scope) -> Sequence[Candidate]:
        """Give the projects of pools that the reader sees and that no signing has yet.

        Those of the unit that answers and those on the signing's ground, some at most.
        """
        predicate, parameters = seen.where(4)
        rows = await self._open().fetch(
            f"select key as project_id, name, owner_name from {self._projects} p"  # noqa: S608
            f" where pool is not null and {predicate}"
            " and (owner_org = $1 or region = $2 or zone_id = $3)"
            f" and not exists (select from {self._links} l where l.project_id = p.key)"
            f" order by name, key limit {MOST_CANDIDATES}",
            signing.owner_org,
            signing.region,
            signing.zone_id,
            *parameters,
        )
        return [Candidate(**dict(row)) for row in rows]

    async def promotions(self, scope: Scope, year: int) -> Sequence[Promotion]:
        """Give the events of a year, newest first."""
        predicate, parameters = scope.where(3)
        rows = await self._open().fetch(
            "select key, org, org_name, level, title, place, outside_city, held_on"  # noqa: S608
            f" from {self._promotions} p where held_on >= $1 and held_on < $2 and {predicate}"
            " order by held_on desc, key",
            date(year, 1, 1),
            date(year + 1, 1, 1),
            *parameters,
        )
        return [
            Promotion(promotion_id=row["key"].removeprefix("promotion-"), **_without_key(row))
            for row in rows
        ]

    async def owners(self, scope: Scope) -> frozenset[str]:
        """Give the units that answer for signings which the reader sees."""
        predicate, parameters = scope.where(1)
        rows = await self._open().fetch(
            f"select distinct owner_org from {self._signings} s where {predicate}",  # noqa: S608
            *parameters,
        )
        return frozenset(row["owner_org"] for row in rows)

    @property
    def _rows(self) -> str:
        """The signings, each with the first start of its projects."""
        return (
            f"(select s.*, (select min(w.started_on) from {self._links} l"  # noqa: S608
            f" join {self._works} w on w.key = l.project_id"
            f" where 'signing-' || l.signing_id = s.key) as started_on"
            f" from {self._signings} s) as signings"
        )


def _where(scope: Scope, ask: Ask) -> _Where:
    where = _Where(
        [date(ask.year, 1, 1), date(ask.year + 1, 1, 1), ask.today],
        # Each parameter has its type, whichever tile asks for it.
        ["$1::date is not null and $2::date is not null and $3::date is not null"],
    )
    if ask.org:
        where.add("owner_org = ?", ask.org)
    if ask.region.startswith("Z-"):
        where.add("zone_id = ?", ask.region)
    elif ask.region:
        where.add("region = ?", ask.region)
    if ask.name:
        escaped = ask.name.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
        where.add("title ilike ? or investor ilike ? or contract_number ilike ?", f"%{escaped}%")
    _within(where, scope)
    return where


def _within(where: _Where, scope: Scope) -> None:
    predicate, parameters = scope.where(len(where.parameters) + 1)
    where.conditions.append(predicate)
    where.parameters.extend(parameters)


def _without_key(row: asyncpg.Record) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "key"}


def _signing(row: asyncpg.Record) -> Signing:
    values = _without_key(row)
    del values["first_linked_on"]
    return Signing(signing_id=row["key"].removeprefix("signing-"), **values)

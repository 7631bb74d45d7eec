"""Sums and lists of the sets that figures are made of, now and of a day in the past."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, datetime

import asyncpg

from services.console.pages import words
from services.console.pages.sets import (
    ACCEPTED,
    SETS,
    SOME_POOL,
    Kind,
    Tables,
    among,
    condition,
    parameters_of,
    relation,
)
from services.console.targets.parts import Cell, Part, Sum
from services.console.views import construction, counted, promotions, signing_projects, signings
from shared.postgres import Connection
from shared.scope import PROJECT_SCOPES, PROMOTION_SCOPES, SIGNING_SCOPES
from shared.seeing import Reader, Resource, Scope
from shared.viewing import rows_at, rows_before

PAGE_ROWS = 20
_KEPT = 100


@dataclass(frozen=True)
class Place:
    """Whose a figure is: a unit's, a zone's, a county's ground outside zones, or everybody's."""

    org: str = ""
    zone: str = ""
    region: str = ""


EVERYWHERE = Place()


def by_place(cells: Iterable[Cell]) -> Mapping[Place, Sequence[Cell]]:
    """Put cells where they belong: to all, to their unit, and to their zone or their county."""
    found: dict[Place, list[Cell]] = {}
    for cell in cells:
        places = [EVERYWHERE, Place(org=cell.org)]
        if cell.zone_id:
            places.append(Place(zone=cell.zone_id))
        elif cell.region:
            places.append(Place(region=cell.region))
        for place in places:
            found.setdefault(place, []).append(cell)
    return found


_STANDINGS = {
    "HELD": "暂缓",
    "ENDED": "终止",
    "OUT": "调出",
    "MERGED": "已并入",
    "SPLIT": "已拆分",
}


@dataclass(frozen=True)
class Member:
    """One of a set, with the amount that it is counted with and the page that it lies on."""

    address: str
    name: str
    owner_org: str
    owner_name: str
    amount: int | None
    since: date | None
    note: str
    code: str | None = None
    region: str | None = None
    zone_id: str | None = None
    pool: str | None = None
    standing_words: str = ""


@dataclass(frozen=True)
class Members:
    """One page of a set; count and money are of all of it."""

    rows: tuple[Member, ...]
    sum: Sum


# In the order of their tables.
_VIEWS = (
    counted.VIEW,
    construction.VIEW,
    signings.VIEW,
    signing_projects.VIEW,
    promotions.VIEW,
)
# What the sums rest on: the rows' tables, what was heard for them, what waits.
_MARK = (
    "select array(select to_regclass(name)::oid from unnest($2::text[]) as names(name))::text,"
    " (select count(*) from viewing.waiting where view = any($1)),"
    " (select coalesce(sum(next_offset), 0) from viewing.offsets where view = any($1))"
)
_SCOPES: Mapping[Kind, Resource] = {
    Kind.PROJECT: PROJECT_SCOPES,
    Kind.SIGNING: SIGNING_SCOPES,
    Kind.PROMOTION: PROMOTION_SCOPES,
}


def scope_of(kind: Kind, reader: Reader) -> Scope:
    """Give which members of a kind a reader sees."""
    return _SCOPES[kind].seen_by(reader)


class Counting:
    """Sums and lists over the rows that count, now or before an instant in the past.

    Sums of everybody are kept as long as nothing was heard since, those of a day that is over and
    was heard to its end as long as nothing that was set aside is taken up. Each reader is given
    his own part of them.
    """

    def __init__(self, pool: Callable[[], asyncpg.Pool], turns: asyncio.Semaphore) -> None:
        """Bind to the console's own database; few look at the past at a time."""
        self._open, self._turns = pool, turns
        self._until: datetime | None = None
        self._settled = False
        self._tables = Tables(*(view.table for view in _VIEWS))
        self._kept: OrderedDict[tuple[object, ...], tuple[tuple[object, ...], tuple[Cell, ...]]] = (
            OrderedDict()
        )
        self._summing = asyncio.Lock()

    def before(self, until: datetime, *, settled: bool) -> "Counting":
        """Ask the same of what was recorded before an instant.

        ``settled`` says that everything recorded by then was heard.
        """
        past = copy(self)
        # Our own clock's instant, never the asker's text.
        instant = f"'{until.isoformat()}'::timestamptz"
        past._tables = Tables(*(f"({rows_at(view, instant)})" for view in _VIEWS))
        past._until, past._settled = until, settled
        return past

    @asynccontextmanager
    async def laid_out(self) -> AsyncIterator[tuple[asyncpg.Pool | Connection, Tables]]:
        """Look past rows up once for several questions; now, they lie there anyway.

        Ask nothing else of the database within: this holds one of its few connections.
        """
        if self._until is None:
            yield self._open(), self._tables
            return
        async with (
            self._turns,
            rows_before(self._open(), counted.VIEW, self._until) as (connection, rows),
        ):
            yield connection, replace(self._tables, counted=rows)

    async def cells(self, reader: Reader, parts: Sequence[Part], year: int) -> tuple[Cell, ...]:
        """Give the sums of parts by unit and ground, of what the reader sees."""
        scopes = {kind: scope_of(kind, reader) for kind in Kind}
        return tuple(
            cell
            for cell in await self.everybodys(parts, year)
            if scopes[Kind(cell.kind)].holds(
                {
                    "owner_org": cell.org,
                    "org": cell.org,
                    "region": cell.region,
                    "zone_id": cell.zone_id,
                    "pool": SOME_POOL,
                    "stage": ACCEPTED,
                    "approving": None,
                }
            )
        )

    async def everybodys(self, parts: Sequence[Part], year: int) -> tuple[Cell, ...]:
        """Give the sums of parts by unit and ground; whoever shows them says to whom."""
        key = (self._until, year, tuple(parts))
        async with self._summing:
            (*rests_on, heard), *_ = await self._open().fetch(
                _MARK, [view.name for view in _VIEWS], [view.table for view in _VIEWS]
            )
            mark = tuple(rests_on) if self._settled else (*rests_on, heard)
            kept = self._kept.pop(key, None)
            if kept is None or kept[0] != mark:
                kept = mark, await self._summed_up(parts, year)
            self._kept[key] = kept
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return kept[1]

    async def _summed_up(self, parts: Sequence[Part], year: int) -> tuple[Cell, ...]:
        known = [part for part in parts if part.what in SETS]
        found: dict[tuple[str, str, str | None, str | None], dict[Part, Sum]] = {}
        async with self.laid_out() as (connection, tables):
            questions: dict[tuple[Kind, str], list[Part]] = {}
            for part in known:
                question = SETS[part.what].kind, among(part, tables)
                questions.setdefault(question, []).append(part)
            for (kind, few), asked in questions.items():
                for place, sums in await _sums(
                    connection, relation(kind, tables), asked, few, year
                ):
                    found.setdefault((kind, *place), {}).update(sums)
        return tuple(Cell(*place, sums) for place, sums in found.items())

    async def members(
        self, reader: Reader, part: Part, place: Place, year: int, page: int = 0
    ) -> Members:
        """Give one page of a part, the largest amount first; all of it where no page is named."""
        kind, amount = SETS[part.what].kind, SETS[part.what].amount
        parameters = parameters_of(year)
        conditions = [condition(part, parameters)]
        for text, value in (
            ("owner_org = ?", place.org),
            ("zone_id = ?", place.zone),
            ("region = ? and zone_id is null", place.region),
        ):
            if value:
                parameters.append(value)
                conditions.append(text.replace("?", f"${len(parameters)}"))
        seen, scoped = scope_of(kind, reader).where(len(parameters) + 1)
        parameters += scoped
        async with self.laid_out() as (connection, tables):
            conditions += [among(part, tables), seen]
            rows_of = relation(kind, tables)
            where = " and ".join(f"({one})" for one in conditions)
            (total,) = await connection.fetch(
                f"select count(*) as count, coalesce(sum({amount}), 0)::bigint as money"  # noqa: S608
                f" from {rows_of} where {where}",
                *parameters,
            )
            # What stands beside a row is looked up for the rows of the page alone.
            rows = await connection.fetch(
                f"select *, coalesce({amount}, 0) as amount from {rows_of} where key = any(array("  # noqa: S608
                f"select key from {rows_of} where {where} order by coalesce({amount}, 0) desc, key"
                f" limit ${len(parameters) + 1} offset ${len(parameters) + 2}))"
                " order by amount desc, key",
                *parameters,
                PAGE_ROWS if page else None,
                (page - 1) * PAGE_ROWS if page else 0,
            )
        return Members(
            tuple(_MEMBERS[kind](row, year) for row in rows), Sum(total["count"], total["money"])
        )


async def _sums(
    connection: asyncpg.Pool | Connection,
    rows_of: str,
    parts: Sequence[Part],
    few: str,
    year: int,
) -> list[tuple[tuple[str, str | None, str | None], dict[Part, Sum]]]:
    parameters = parameters_of(year)
    amounts = [
        f"case when {condition(part, parameters)} then coalesce({SETS[part.what].amount}, 0) end"
        f" as a{number}"
        for number, part in enumerate(parts)
    ]
    sums = [f"count(a{n}), coalesce(sum(a{n}), 0)::bigint" for n in range(len(parts))]
    # Without the offset each condition would be looked at twice.
    rows = await connection.fetch(
        f"select owner_org, region, zone_id, {', '.join(sums)}"  # noqa: S608
        f" from (select owner_org, region, zone_id, {', '.join(amounts)}"
        f" from {rows_of} where {few} offset 0) as amounts group by owner_org, region, zone_id",
        *parameters,
    )
    found = []
    for org, region, zone_id, *numbers in rows:
        summed = {
            part: Sum(count, money)
            for part, count, money in zip(parts, numbers[::2], numbers[1::2], strict=True)
            if count
        }
        found.append(((org, region, zone_id), summed))
    return found


def _project(row: asyncpg.Record, year: int) -> Member:
    started_on, start = row["started_on"], row["start"]
    notes = [
        f"总投资 {words.yi(row['total_investment'])}"
        if row["total_investment"] != row["amount"]
        else "",
        f"年初在{words.POOL_BY_CODE[start].name}" if start else "",
        f"{started_on.isoformat()} 开工" if started_on and started_on.year == year else "",
    ]
    return Member(
        address=f"/projects/{row['key']}",
        name=row["name"],
        owner_org=row["owner_org"],
        owner_name=row["owner_name"],
        amount=row["amount"],
        since=row["entered_on"],
        note="，".join(filter(None, notes)),
        code=row["project_code"],
        region=row["region"],
        zone_id=row["zone_id"],
        pool=row["pool"],
        standing_words=_STANDINGS.get(row["standing"], ""),
    )


def _signing(row: asyncpg.Record, _: int) -> Member:
    notes = [
        f"{row['investor']}（{row['investor_place']}）",
        f"关联项目 {row['projects']} 个" if row["projects"] else "还没有关联项目",
        "当年开工" if row["started"] else "",
    ]
    return Member(
        address=f"/signings/{row['key']}",
        name=row["name"],
        owner_org=row["owner_org"],
        owner_name=row["owner_name"],
        amount=row["amount"],
        since=row["signed_on"],
        note="，".join(filter(None, notes)),
        code=row["contract_number"],
        region=row["region"],
        zone_id=row["zone_id"],
        standing_words="已终止" if row["ended_on"] else "正式签约",
    )


def _promotion(row: asyncpg.Record, _: int) -> Member:
    return Member(
        address="/promotions",
        name=row["name"],
        owner_org=row["owner_org"],
        owner_name=row["owner_name"],
        amount=None,
        since=row["held_on"],
        note=row["place"],
    )


_MEMBERS: Mapping[Kind, Callable[[asyncpg.Record, int], Member]] = {
    Kind.PROJECT: _project,
    Kind.SIGNING: _signing,
    Kind.PROMOTION: _promotion,
}

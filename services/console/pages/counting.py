"""What the figures count: which rows are in each set, said once for its sum and for its list."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from services.console.pages import words
from services.console.targets.parts import Cell, Part, Sum, What
from services.console.views import construction, counted
from shared.postgres import Connection
from shared.seeing import Scope
from shared.viewing import rows_at, rows_before

PAGE_ROWS = 20
_KEPT = 100
# What is seen of a project in a pool does not depend on which, nor on an application of it.
_SOME_POOL, _ACCEPTED = "PLAN", "APPROVED"

# $1 is the year, $2 its first day and $3 that of the next.
_YEAR = 3
STAYS = "standing not in ('OUT', 'MERGED', 'SPLIT')"
_ENTERED = "source in ('PLANNED', 'SPLIT') and entered_on >= $2 and entered_on < $3"
# Whatever entered directly (直接入库) is never converted and never taken back; what ended in an
# earlier year is no stock of this one.
_STOOD = "source <> 'DIRECT' and entered_on < $2 and (standing <> 'ENDED' or left_on >= $2)"
_STOCK = f"{_STOOD} and start in ('PLAN', 'PREP')"
_NEW_OR_STOCK = f"(({_ENTERED}) or ({_STOCK}))"
_BUILT = "pool in ('BUILD', 'PROD')"
_MERGED = "standing = 'MERGED' and not duplicate"

_IN: Mapping[What, str] = {
    What.PLANNED: f"{_ENTERED} and ({STAYS} or ({_MERGED}))",
    What.NEW: f"{STAYS} and {_ENTERED}",
    What.STOCK: f"{STAYS} and {_STOCK}",
    What.CONVERTED: f"{STAYS} and {_NEW_OR_STOCK} and {_BUILT}",
    What.NEW_CONVERTED: f"{STAYS} and {_ENTERED} and {_BUILT}",
    What.TAKEN_BACK: (
        f"{STAYS} and {_STOOD} and start in ('BUILD', 'PROD') and pool in ('PLAN', 'PREP')"
    ),
    What.CARRIED: f"{_MERGED} and {_NEW_OR_STOCK} and kept_counts",
    What.CARRIED_CONVERTED: f"{_MERGED} and {_NEW_OR_STOCK} and {_BUILT} and kept_counts",
    What.STARTED: STAYS,
    What.TAGGED: STAYS,
    What.TAGGED_STARTED: STAYS,
    What.NEGOTIATED: f"{_ENTERED} and standing <> 'MERGED'",
}
_TOTAL = "total_investment"
_AMOUNT: Mapping[What, str] = {
    # What a merger added stands in the amount of the one that was taken in.
    What.PLANNED: "total_investment - absorbed_investment",
    **dict.fromkeys((What.STOCK, What.CARRIED), "base"),
    What.NEW: "base",
    **dict.fromkeys(
        (What.CONVERTED, What.CARRIED_CONVERTED, What.NEW_CONVERTED, What.TAKEN_BACK),
        "converted_investment",
    ),
}
_IN_FAMILY: Mapping[What, str] = {
    What.STARTED: "started",
    What.TAGGED: "tagged",
    What.TAGGED_STARTED: "tagged_started",
}


@dataclass(frozen=True)
class Place:
    """Whose a figure is: a unit's, a zone's, a county's ground outside zones, or everybody's."""

    org: str = ""
    zone: str = ""
    region: str = ""

    def holds(self, cell: Cell) -> bool:
        """Tell whether what a cell sums up belongs here."""
        return (
            (not self.org or cell.org == self.org)
            and (not self.zone or cell.zone_id == self.zone)
            and (not self.region or (cell.region == self.region and cell.zone_id is None))
        )


EVERYWHERE = Place()


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
    amount: int
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


# What the sums rest on: the rows' tables, what was heard for them, what waits.
_MARK = (
    "select 'views.counted'::regclass::oid, 'views.construction'::regclass::oid,"
    " (select count(*) from viewing.waiting where view = any($1)),"
    " (select coalesce(sum(next_offset), 0) from viewing.offsets where view = any($1))"
)


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
        self._connection: asyncpg.Pool | Connection | None = None
        self._rows = counted.VIEW.table
        self._works = construction.VIEW.table
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
        past._rows = f"({rows_at(counted.VIEW, instant)})"
        past._works = f"({rows_at(construction.VIEW, instant)})"
        past._until, past._settled = until, settled
        return past

    @property
    def _pool(self) -> asyncpg.Pool | Connection:
        return self._connection or self._open()

    @asynccontextmanager
    async def laid_out(self) -> AsyncIterator[tuple[asyncpg.Pool | Connection, str]]:
        """Look past rows up once for several questions; now, they lie there anyway.

        Ask nothing else of the database within: this holds one of its few connections.
        """
        if self._until is None:
            yield self._open(), self._rows
            return
        async with (
            self._turns,
            rows_before(self._open(), counted.VIEW, self._until) as (connection, rows),
        ):
            yield connection, rows

    async def cells(self, scope: Scope, parts: Sequence[Part], year: int) -> tuple[Cell, ...]:
        """Give the sums of parts by unit and ground, of what the reader sees."""
        return tuple(
            cell
            for cell in await self.everybodys(parts, year)
            if scope.holds(
                {
                    "owner_org": cell.org,
                    "region": cell.region,
                    "zone_id": cell.zone_id,
                    "pool": _SOME_POOL,
                    "stage": _ACCEPTED,
                }
            )
        )

    async def everybodys(self, parts: Sequence[Part], year: int) -> tuple[Cell, ...]:
        """Give the sums of parts by unit and ground; whoever shows them says to whom."""
        key = (self._until, year, tuple(parts))
        async with self._summing:
            (*rests_on, heard), *_ = await self._pool.fetch(
                _MARK, [counted.NAME, construction.NAME]
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
        found: dict[tuple[str, str | None, str | None], dict[Part, Sum]] = {}
        laid = copy(self)
        async with self.laid_out() as (laid._connection, laid._rows):
            for family, where in self._families().items():
                asked = [part for part in parts if part.what in _IN and _family(part) == family]
                if asked:
                    for place, sums in await laid._sums(asked, year, where):
                        found.setdefault(place, {}).update(sums)
        return tuple(Cell(*place, sums) for place, sums in found.items())

    async def members(
        self, scope: Scope, part: Part, place: Place, year: int, page: int
    ) -> Members:
        """Give one page of the projects of a part, the largest amount first."""
        condition, parameters = _condition(part, _parameters(year))
        where = self._families()[_family(part)]
        for column, value in (("owner_org", place.org), ("zone_id", place.zone)):
            if value:
                parameters.append(value)
                condition += f" and {column} = ${len(parameters)}"
        if place.region:
            parameters.append(place.region)
            condition += f" and region = ${len(parameters)} and zone_id is null"
        seen, scoped = scope.where(len(parameters) + 1)
        parameters += scoped
        amount = _AMOUNT.get(part.what, _TOTAL)
        kept = f"from {self._of_year()} where ({where}) and ({condition}) and ({seen})"
        (total,) = await self._pool.fetch(
            f"select count(*) as count, coalesce(sum({amount}), 0)::bigint as money {kept}",
            *parameters,
        )
        rows = await self._pool.fetch(
            "select key as project_id, owner_org, owner_name, name, project_code, region, zone_id,"
            f" pool, standing, entered_on, start, coalesce({_TOTAL}, 0) as total_investment, coalesce({amount}, 0) as amount, started_on {kept}"
            f" order by amount desc, key limit {PAGE_ROWS} offset ${len(parameters) + 1}",
            *parameters,
            (page - 1) * PAGE_ROWS,
        )
        return Members(
            tuple(_project(row, year) for row in rows), Sum(total["count"], total["money"])
        )

    async def _sums(
        self, parts: Sequence[Part], year: int, where: str
    ) -> list[tuple[tuple[str, str | None, str | None], dict[Part, Sum]]]:
        parameters = _parameters(year)
        amounts = []
        for number, part in enumerate(parts):
            condition, parameters = _condition(part, parameters)
            amount = _AMOUNT.get(part.what, _TOTAL)
            amounts.append(f"case when {condition} then coalesce({amount}, 0) end as a{number}")
        sums = [f"count(a{n}), coalesce(sum(a{n}), 0)::bigint" for n in range(len(parts))]
        # Without the offset each condition would be looked at twice.
        rows = await self._pool.fetch(
            f"select owner_org, region, zone_id, {', '.join(sums)} from (select owner_org, region,"
            f" zone_id, {', '.join(amounts)} from {self._of_year()}"
            f" where {where} offset 0) as amounts group by owner_org, region, zone_id",
            *parameters,
        )
        found = []
        for row in rows:
            org, region, zone_id, *numbers = row
            summed = {
                part: Sum(count, money)
                for part, count, money in zip(parts, numbers[::2], numbers[1::2], strict=True)
                if count
            }
            found.append(((org, region, zone_id), summed))
        return found

    def _of_year(self) -> str:
        """Give the rows with how each stood when the year began, and whether it was merged away."""
        began = (
            "case when year = $1 then start_pool else pool end as start,"
            " case when year = $1 then start_investment else total_investment end as base"
        )
        kept = (
            f"exists (select from (select *, {began} from {self._rows} as into_which"
            f" where key = rows.merged_into) as kept where {STAYS} and {_NEW_OR_STOCK})"
        )
        works = f"(select started_on from {self._works} as works where works.key = rows.key)"
        return (
            f"(select rows.*, {began}, case when standing = 'MERGED' then {kept} end as kept_counts, {works} as started_on,"
            f" '{_ACCEPTED}' as stage from {self._rows} as rows"
            " where pool is not null and entered_on < $3) as counted"
        )

    def _families(self) -> Mapping[str, str]:
        """Give what keeps a question to few rows: those alone that have something beside them."""
        begun = (
            f"key in (select key from {self._works} as works where started_on >= $2 and started_on < $3)"
        )
        tagged = "tags <> ' '"
        return {
            "": "true",
            "started": begun,
            "tagged": tagged,
            "tagged_started": f"{tagged} and {begun}",
        }


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
        address=f"/projects/{row['project_id']}",
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


def _family(part: Part) -> str:
    return _IN_FAMILY.get(part.what, "")


def _parameters(year: int) -> list[object]:
    return [year, date(year, 1, 1), date(year + 1, 1, 1)]


def _condition(part: Part, parameters: list[object]) -> tuple[str, list[object]]:
    """Give the condition of a part; its amounts and tag travel as parameters."""
    condition, given = _IN[part.what], [*parameters]
    for narrowed, value in (
        (f"{_TOTAL} >= ?", part.least),
        (f"{_TOTAL} > ?", part.over),
        ("position(' ' || ? || ' ' in tags) > 0", part.tag),
    ):
        if value:
            given.append(value)
            condition += f" and {narrowed.replace('?', f'${len(given)}')}"
    return condition, given

"""How much each unit has reported and brought into the pools, in a month and in its year so far."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.console.pages.counting import Counting
from services.console.pages.sets import ACCEPTED, STAYS
from services.console.targets.ranking import Reported, Size
from shared.seeing import Scope

_YI = 100_000_000
_TENFOLD = 10 * _YI
# What was planned here: neither what entered directly nor what was there when all began.
_PLANNED = f"(pool is null or (source in ('PLANNED', 'SPLIT') and {STAYS}))"
_YEAR = "report_month >= $1 and report_month <= $2"


@dataclass(frozen=True)
class Entered:
    """One project that is in a pool, with the month in which it was reported."""

    project_id: str
    name: str
    report_month: str
    pool: str
    total_investment: int


async def reported(counting: Counting, month: str) -> Mapping[str, Reported]:
    """Give what stands reported for a month and for its year up to it, by unit."""
    sizes = [
        f"count(*) filter (where {which}),"
        f" count(*) filter (where {which} and total_investment >= {_YI}),"
        f" count(*) filter (where {which} and total_investment >= {_TENFOLD}),"
        f" coalesce(sum(total_investment) filter (where {which}), 0)::bigint"
        for which in (
            "reported and report_month = $2",
            "pool is not null and report_month = $2",
            "reported",
            "pool is not null",
        )
    ]
    async with counting.laid_out() as (connection, tables):
        found = await connection.fetch(
            f"select owner_org, {', '.join(sizes)} from {tables.counted} as counted"  # noqa: S608
            f" where {_PLANNED} and {_YEAR} group by owner_org",
            _first_of(month),
            month,
        )
    return {
        org: Reported(*(Size(*numbers[n : n + 4]) for n in range(0, len(numbers), 4)))
        for org, *numbers in found
    }


async def entered(counting: Counting, scope: Scope, org: str, month: str) -> tuple[Entered, ...]:
    """Give what of a unit's reports of the year up to a month is in a pool, largest first."""
    seen, parameters = scope.where(4)
    async with counting.laid_out() as (connection, tables):
        found = await connection.fetch(
            "select key as project_id, name, report_month, pool, total_investment"  # noqa: S608
            f" from (select *, '{ACCEPTED}' as stage, '' as approving"
            f" from {tables.counted} as rows) as counted"
            f" where {_PLANNED} and {_YEAR} and pool is not null and owner_org = $3 and {seen}"
            " order by total_investment desc, key",
            _first_of(month),
            month,
            org,
            *parameters,
        )
    return tuple(Entered(**dict(row)) for row in found)


def _first_of(month: str) -> str:
    return f"{month[:4]}-01"

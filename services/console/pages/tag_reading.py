"""What the pages of tags read: which projects that the reader sees carry which tag on a day."""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from services.console.views import construction, four_pools, tagged
from shared.seeing import Scope
from shared.viewing import rows_at


@dataclass(frozen=True)
class Tagged:
    """One project with one tag; ``until_on`` is its last day, None while it carries it."""

    project_id: str
    tag: str
    item: str | None
    from_on: date
    until_on: date | None
    name: str
    owner_org: str
    owner_name: str
    pool: str | None
    region: str | None
    zone_id: str | None
    total_investment: int | None
    started_on: date | None


class Tags:
    """Queries over tags, now or before an instant in the past."""

    def __init__(self, pool: Callable[[], asyncpg.Pool]) -> None:
        """Bind to the console's own database, whose pool opens with the application."""
        self._open = pool
        self._tagged = tagged.VIEW.table
        self._projects = four_pools.VIEW.table
        self._works = construction.VIEW.table

    def before(self, until: datetime) -> "Tags":
        """Ask the same of what the system had recorded before an instant."""
        past = copy(self)
        # Our own clock's instant, never the asker's text.
        instant = f"'{until.isoformat()}'::timestamptz"
        past._tagged = f"({rows_at(tagged.VIEW, instant)})"
        past._projects = f"({rows_at(four_pools.VIEW, instant)})"
        past._works = f"({rows_at(construction.VIEW, instant)})"
        return past

    async def carrying(
        self, scope: Scope, on: date, tag: str = "", project_id: str = ""
    ) -> Sequence[Tagged]:
        """Give what carries a tag on a day, or all tags, or all of one project, ended or not."""
        seen, parameters = scope.where(4)
        rows = await self._open().fetch(
            "select t.project_id, t.tag, t.item, t.from_on, t.until_on, p.name, p.owner_org,"  # noqa: S608
            " p.owner_name, p.pool, p.region, p.zone_id, p.total_investment, w.started_on"
            f" from {self._tagged} t"
            f" join (select * from {self._projects} as known where {seen}) p"
            " on p.key = t.project_id"
            f" left join {self._works} w on w.key = t.project_id"
            " where ($2 = '' or t.tag = $2) and ($3 = '' or t.project_id = $3)"
            " and ($3 <> '' or (t.from_on <= $1 and (t.until_on is null or t.until_on >= $1)))"
            " order by t.tag, p.total_investment desc nulls last, p.key",
            on,
            tag,
            project_id,
            *parameters,
        )
        return [Tagged(**dict(row)) for row in rows]

"""Holds a new generation against the live one, row by row, and names what differs."""

from collections.abc import Collection
from dataclasses import dataclass

from shared.postgres import Connection
from shared.viewing.view import View

MOST = 1_000


@dataclass(frozen=True)
class Difference:
    """One row that the two generations have differently: where, and what each of them says.

    ``key`` is that of the row, or the name of a stream.
    """

    table: str
    key: str
    live: str
    new: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.table} {self.key}：现有 {self.live}，重建 {self.new}"


def _keys(view: View) -> list[tuple[str, ...]]:
    return [("key",), ("stream",), *(("key", "recorded_from") for _ in view.histories)]


async def compare(
    connection: Connection, live: View, new: View, only: Collection[str] | None = None
) -> list[Difference]:
    """Give the rows that differ, at most a thousand a table; ``only`` looks at these keys alone."""
    found: list[Difference] = []
    for keys, ours, theirs in zip(_keys(live), live.tables, new.tables, strict=True):
        using = ", ".join(keys)
        among = "" if only is None else f"where {keys[0]} = any($1)"
        rows = await connection.fetch(
            f"select {keys[0]} as key, l::text as live, n::text as new "
            f"from (select * from {ours} {among}) as l "
            f"full join (select * from {theirs} {among}) as n using ({using}) "
            f"where row(l.*) is distinct from row(n.*) order by 1 limit {MOST}",
            *(() if only is None else (list(only),)),
        )
        name = ours.partition(".")[2]
        found += [
            Difference(name, row["key"], row["live"] or "没有这一行", row["new"] or "没有这一行")
            for row in rows
        ]
    return found
